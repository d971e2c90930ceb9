//! The words of a hash table, on huge pages once they are many.

use memmap2::MmapMut;

/// Words that start as zero.
///
/// A large table is read at random, and on pages of 4 KiB nearly every read also misses the processor's cache of
/// page addresses; so a large one asks the kernel for pages of 2 MiB. Where it has none, or is no Linux, the
/// words are the same and slower.
pub(super) enum Slots {
    Small(Vec<u64>),
    Mapped(MmapMut),
}

impl Slots {
    pub(super) fn zeroed(count: usize) -> Self {
        let bytes = count * size_of::<u64>();
        if bytes < HUGE_PAGE {
            return Self::Small(vec![0; count]);
        }
        let Ok(map) = MmapMut::map_anon(bytes) else { return Self::Small(vec![0; count]) };
        // A kernel without huge pages refuses the advice, and nothing else changes.
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        Self::Mapped(map)
    }

    #[inline]
    pub(super) fn words(&self) -> &[u64] {
        match self {
            Slots::Small(words) => words,
            Slots::Mapped(map) => bytemuck::cast_slice(map),
        }
    }

    #[inline]
    pub(super) fn words_mut(&mut self) -> &mut [u64] {
        match self {
            Slots::Small(words) => words,
            Slots::Mapped(map) => bytemuck::cast_slice_mut(map),
        }
    }
}

const HUGE_PAGE: usize = 2 << 20;
