//! Every process that a command has started, wherever it went: found through `/proc`, ended, and waited for.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The processes below this one, apart from those that are said to be known.
pub fn all(known: &[i32]) -> Vec<i32> {
    let parents = parents();
    let own = std::process::id() as i32;
    let is_below = |mut process: i32| {
        // No chain is longer than there are processes.
        for _ in 0..=parents.len() {
            match parents.get(&process) {
                Some(parent) if *parent == own => return !known.contains(&process),
                Some(parent) => process = *parent,
                None => return false,
            }
        }
        false
    };
    parents.keys().copied().filter(|process| is_below(*process)).collect()
}

/// The children that this process has for reasons of its own.
pub fn own() -> Vec<i32> {
    let own = std::process::id() as i32;
    parents().into_iter().filter(|(_, parent)| *parent == own).map(|(process, _)| process).collect()
}

/// The parent of every process that can be seen.
fn parents() -> HashMap<i32, i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let of = |name: &str| {
        let process: i32 = name.parse().ok()?;
        let stat = std::fs::read(format!("/proc/{process}/stat")).ok()?;
        // The name of the program stands in brackets and may hold anything.
        let stat = String::from_utf8_lossy(&stat).into_owned();
        let (_, rest) = stat.rsplit_once(')')?;
        let parent = rest.split_ascii_whitespace().nth(1)?.parse().ok()?;
        Some((process, parent))
    };
    entries.filter_map(|entry| of(entry.file_name().to_str()?)).collect()
}

/// Ends them all. A process that forks as it is looked for is stopped first, so that at last none is left.
pub fn end(known: &[i32], patience: Duration) -> bool {
    let until = Instant::now() + patience;
    loop {
        let found = all(known);
        if found.is_empty() {
            return true;
        }
        for signal in [libc::SIGSTOP, libc::SIGKILL] {
            for process in &found {
                // SAFETY: a number and a signal; a process that is gone is an error that changes nothing.
                unsafe { libc::kill(*process, signal) };
            }
        }
        reap(&found);
        if Instant::now() > until {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Takes notice of the dead, so that they leave the list of processes.
fn reap(processes: &[i32]) {
    for process in processes {
        let mut status = 0;
        // SAFETY: the status is a number of ours, and nothing is waited for.
        unsafe { libc::waitpid(*process, &mut status, libc::WNOHANG) };
    }
}
