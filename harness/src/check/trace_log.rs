//! The trace log: how each state was first reached, in two to three bytes a state.

/// An append-only log from which the shortest path to any state can be read back.
///
/// States are numbered in the order of the breadth-first search, and a state's children are numbered one
/// after the other when it is expanded. So no parent is stored: the log holds, for each expanded state in
/// order, how many children it has and by which of its actions (an index into what the model lists) each was
/// reached. The parent of a state is found by summing the counts from the last sample on.
#[derive(Default)]
pub(super) struct TraceLog {
    /// For each initial state that is distinct from those before it, its index among the model's.
    initial: Vec<usize>,
    records: Vec<u8>,
    samples: Vec<Sample>,
    /// How many states were expanded.
    parents: u64,
    /// The number that the next child gets.
    next_child: u64,
}

/// Where the record of a parent stands.
#[derive(Clone, Copy)]
struct Sample {
    parent: u64,
    first_child: u64,
    offset: usize,
}

/// The records of consecutive parents, made apart from the log and appended in order.
#[derive(Default)]
pub(super) struct Records {
    bytes: Vec<u8>,
    parents: u64,
    children: u64,
}

impl Records {
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.parents = 0;
        self.children = 0;
    }

    /// Records the next parent's children by the indices of their actions.
    pub(super) fn push(&mut self, actions: &[u32]) {
        self.children += actions.len() as u64;
        put(&mut self.bytes, actions.len() as u64);
        for &action in actions {
            put(&mut self.bytes, action.into());
        }
        self.parents += 1;
    }
}

impl TraceLog {
    /// Numbers the next initial state.
    pub(super) fn push_initial(&mut self, index: usize) {
        self.initial.push(index);
        self.next_child += 1;
    }

    /// Appends the records of the parents that follow those already there.
    pub(super) fn append(&mut self, records: &Records) {
        let due = self.samples.last().is_none_or(|last| self.records.len() - last.offset >= SAMPLE_BYTES);
        if due && records.parents > 0 {
            self.samples.push(Sample {
                parent: self.parents,
                first_child: self.next_child,
                offset: self.records.len(),
            });
        }
        self.records.extend_from_slice(&records.bytes);
        self.parents += records.parents;
        self.next_child += records.children;
    }

    /// The shortest path to the state of that number: the index of its initial state, then of each action.
    pub(super) fn path(&self, number: u64) -> (usize, Vec<usize>) {
        let (mut number, mut actions) = (number, Vec::new());
        while number >= self.initial.len() as u64 {
            let (parent, action) = self.parent(number);
            actions.push(action);
            number = parent;
        }
        actions.reverse();
        // Below the number of initial states, which is a `usize`.
        (self.initial[number as usize], actions)
    }

    fn parent(&self, number: u64) -> (u64, usize) {
        let sample = self.samples[self.samples.partition_point(|sample| sample.first_child <= number) - 1];
        let (mut parent, mut child) = (sample.parent, sample.first_child);
        let mut bytes = &self.records[sample.offset..];
        loop {
            let children = take(&mut bytes);
            for sibling in 0..children {
                let action = take(&mut bytes);
                if child + sibling == number {
                    // It was an index, so it is one again.
                    return (parent, action as usize);
                }
            }
            child += children;
            parent += 1;
        }
    }

    /// How many initial states there are.
    pub(super) fn initial_states(&self) -> usize {
        self.initial.len()
    }
}

/// Appends a number as seven bits a byte, the last byte below 128 (LEB128).
fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> u64 {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return number;
        }
        shift += 7;
    }
}

/// How far apart samples are: far enough to weigh nothing, near enough to be summed in microseconds.
const SAMPLE_BYTES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The log remembers what a list of parents would.
        #[test]
        fn remembers_every_parent(initial in 1..4_usize, families in prop::collection::vec(prop::collection::vec(0..300_u32, 0..5), 0..3000)) {
            let mut log = TraceLog::default();
            let mut parents = Vec::new();
            for index in 0..initial {
                log.push_initial(index * 2);
                parents.push(None);
            }
            for (parent, family) in families.iter().enumerate() {
                if parent >= parents.len() { break; }
                parents.extend(family.iter().map(|&action| Some((parent, action as usize))));
            }
            for piece in families[..families.len().min(parents.len())].chunks(7) {
                let mut records = Records::default();
                for family in piece {
                    records.push(family);
                }
                log.append(&records);
            }
            for number in (0..parents.len()).step_by(1 + parents.len() / 50) {
                let (mut at, mut actions) = (number, Vec::new());
                while let Some((parent, action)) = parents[at] {
                    actions.insert(0, action);
                    at = parent;
                }
                prop_assert_eq!(log.path(number as u64), (at * 2, actions));
            }
        }
    }
}
