//! What a check costs at small sizes, beside Stateright's. The numbers are discussed in docs/BENCHMARKS.md;
//! the sizes that matter take a process each and are measured by this package's binary.

use clap::ValueEnum;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use proofmark_benches::subjects::{Allocator, Checked, Contender, Subject};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn check(c: &mut Criterion) {
    for &subject in Subject::value_variants() {
        let mut group = c.benchmark_group(subject.name());
        group.sample_size(10);
        for participants in [5, 6] {
            let generated = subject.explore(Checked::Proofmark, participants, 1).generated;
            group.throughput(Throughput::Elements(generated));
            for &by in Checked::value_variants() {
                let contender = Contender { by, allocator: Allocator::Mimalloc };
                let id = BenchmarkId::new(contender.name(), participants);
                group.bench_function(id, |b| b.iter(|| subject.explore(by, participants, 2)));
            }
        }
        group.finish();
    }
}

criterion_group!(benches, check);
criterion_main!(benches);
