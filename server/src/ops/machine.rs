//! What this process takes of its machine: memory, processors, open files, and the disk of the data folder.
//!
//! It refuses to guess: where the system does not tell, nothing is counted.

use std::fs;
use std::path::Path;

/// A disk's room in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Disk {
    pub(super) free: u64,
    pub(super) size: u64,
}

/// The process, as Linux tells in `/proc`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) resident_bytes: u64,
    pub(super) cpu_s: u64,
    pub(super) open_files: u64,
    pub(super) max_files: Option<u64>,
}

pub(super) fn disk(folder: &Path) -> Option<Disk> {
    let told = rustix::fs::statvfs(folder).ok()?;
    // What is kept for the administrator is not free for us.
    Some(Disk { free: told.f_bavail * told.f_frsize, size: told.f_blocks * told.f_frsize })
}

pub(super) fn process() -> Option<Process> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let pages = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = pages.split(' ').nth(1)?.parse().ok()?;
    Some(Process {
        resident_bytes: pages * rustix::param::page_size() as u64,
        cpu_s: ticks(&stat)? / rustix::param::clock_ticks_per_second().max(1),
        open_files: fs::read_dir("/proc/self/fd").ok()?.count() as u64,
        max_files: max_files(&limits),
    })
}

/// The share of the machine's memory, or of what the container may take, that is in use; in hundredths.
pub(super) fn memory_used_percent() -> Option<u64> {
    let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    // A container's own bound, where there is one (cgroup v2).
    if let (Some(used), Some(most)) =
        (number("/sys/fs/cgroup/memory.current"), number("/sys/fs/cgroup/memory.max"))
    {
        let reclaimable = cached(&fs::read_to_string("/sys/fs/cgroup/memory.stat").unwrap_or_default());
        return Some(used.saturating_sub(reclaimable) * 100 / most.max(1));
    }
    used_of(&fs::read_to_string("/proc/meminfo").ok()?)
}

/// Bytes of files that the system keeps in memory and gives up when somebody wants it.
fn cached(stat: &str) -> u64 {
    let line = stat.lines().find_map(|line| line.strip_prefix("inactive_file "));
    line.and_then(|bytes| bytes.trim().parse().ok()).unwrap_or(0)
}

fn used_of(meminfo: &str) -> Option<u64> {
    let of = |name: &str| {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().ok()
    };
    let (total, available) = (of("MemTotal:")?, of("MemAvailable:")?);
    Some(total.saturating_sub(available) * 100 / total.max(1))
}

/// Time in user and kernel mode: fields 14 and 15, counted behind the name, which may hold anything (proc(5)).
fn ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(user + system)
}

fn max_files(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_tells_is_read() {
        assert_eq!(ticks("7 (a (b) c) S 1 7 7 0 -1 4194560 1 0 0 0 120 34 0 0 20 0 9 0 1"), Some(154));
        assert_eq!(ticks("7 nonsense"), None);
        let limits = "Limit Soft Hard Units\nMax open files            1024                 4096                 files\n";
        assert_eq!(max_files(limits), Some(1024));
        assert_eq!(
            max_files("Max open files            unlimited            unlimited            files"),
            None
        );
        let meminfo = "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    250 kB\n";
        assert_eq!(used_of(meminfo), Some(75));
        assert_eq!(cached("anon 5\ninactive_file 4096\n"), 4096);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_very_process_has_memory_and_files() {
        let process = process().unwrap();
        assert!(process.resident_bytes > 1_000_000 && process.open_files >= 3, "{process:?}");
        let disk = disk(Path::new("/")).unwrap();
        assert!(disk.free <= disk.size && disk.size > 0, "{disk:?}");
    }
}
