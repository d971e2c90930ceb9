//! How much memory the process occupies, and how much it may.

use sysinfo::{MemoryRefreshKind, Pid, ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System};

/// Bytes that the process occupies now; 0 where the platform does not tell.
pub fn resident() -> u64 {
    #[cfg(target_os = "linux")]
    if let Ok(pages) = procfs::process::Process::myself().and_then(|process| process.statm()) {
        return pages.resident * procfs::page_size();
    }
    resident_by_sysinfo()
}

/// The most bytes that the process ever occupied; where the platform does not tell, what it occupies now.
pub fn high_water() -> u64 {
    #[cfg(target_os = "linux")]
    if let Ok(status) = procfs::process::Process::myself().and_then(|process| process.status())
        && let Some(kilobytes) = status.vmhwm
    {
        return kilobytes * 1024;
    }
    resident_by_sysinfo()
}

/// Bytes that the process may occupy at the least before the system's memory, or its control group's, is
/// exhausted: what it has and what is available. `None` where the platform does not tell.
pub fn attainable() -> Option<u64> {
    let what = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(what).ok()?;
    let available = system.cgroup_limits().map_or(u64::MAX, |group| group.free_memory);
    Some(resident() + available.min(system.available_memory()))
}

/// The default of `--memory`: so much that the kernel's killer never acts before the search ends as
/// *incomplete*.
pub fn safe_share() -> Option<u64> {
    Some(attainable()? / 100 * SAFE_PERCENT)
}

fn resident_by_sysinfo() -> u64 {
    let me = Pid::from_u32(std::process::id());
    let Ok(mut system) = System::new() else { return 0 };
    let what = ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[me]), false, what);
    system.process(me).map_or(0, sysinfo::Process::memory)
}

const SAFE_PERCENT: u64 = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_occupies_something_and_no_more_than_it_may() {
        let (now, most) = (resident(), high_water());
        assert!(now > 0 && most > 0, "{now} {most}");
        assert!(Some(now) < attainable() && safe_share() < attainable());
    }
}
