//! What a cycle of lock and unlock costs one thread that is alone, beside the peers. The numbers are discussed in
//! docs/BENCHMARKS.md; crowds are measured by this package's binary.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use proofmark_benches::locks::contender::{Calls, Contender};
use proofmark_benches::locks::keys::Keys;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn cycle(c: &mut Criterion) {
    let mut group = c.benchmark_group("lock-table/cycle");
    group.throughput(Throughput::Elements(1));
    group.sample_size(20).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(500));
    for (name, keys) in [("uniform", Keys::Uniform), ("one", Keys::One)] {
        let keys = keys.draw(0);
        for contender in Contender::all() {
            let suffix = if contender.calls == Calls::Async { ", async" } else { "" };
            let id = BenchmarkId::new(format!("{}{suffix}", contender.name), name);
            let table = contender.table();
            group.bench_function(id, |b| {
                b.iter_custom(|cycles| table.alone(&keys, usize::try_from(cycles).unwrap_or(usize::MAX)));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, cycle);
criterion_main!(benches);
