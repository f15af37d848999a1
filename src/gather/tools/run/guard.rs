//! The files through which a step speaks to the runner: as they were before a command ran, so they are after it.

use std::io::{Read as _, Seek as _, Write as _};
use std::path::PathBuf;

/// What the files hold. When it is dropped, they hold it again.
///
/// A command does not learn where they are, but they belong to its user, and a folder can be listed.
#[derive(Debug, Default)]
pub struct FileCommands {
    files: Vec<(PathBuf, Vec<u8>)>,
}

const NAMES: [&str; 6] =
    ["GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "GITHUB_ARTIFACTS"];
/// More than the runner reads.
const LARGEST: u64 = 4 << 20;

impl FileCommands {
    pub fn of_process() -> Self {
        let paths = NAMES.iter().filter_map(std::env::var_os).filter(|path| !path.is_empty()).map(PathBuf::from);
        Self::of(paths)
    }

    fn of(paths: impl Iterator<Item = PathBuf>) -> Self {
        let read = |path: PathBuf| Some((path.clone(), std::fs::read(&path).ok()?));
        Self { files: paths.filter_map(read).collect() }
    }

    fn restore(&self) {
        for (path, before) in &self.files {
            if !is_same(path, before) {
                // A link that was put in its place is not followed: it is taken away.
                let is_file = path.symlink_metadata().is_ok_and(|about| about.is_file());
                if !is_file {
                    let _ = std::fs::remove_file(path);
                }
                let _ = rewrite(path, before);
            }
        }
    }
}

fn is_same(path: &PathBuf, before: &[u8]) -> bool {
    let is_file = path.symlink_metadata().is_ok_and(|about| about.is_file() && about.len() <= LARGEST);
    is_file && std::fs::read(path).is_ok_and(|now| now == before)
}

fn rewrite(path: &PathBuf, before: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).custom_flags(libc::O_NOFOLLOW);
    let mut file = options.open(path)?;
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(before)?;
    let mut rest = Vec::new();
    file.read_to_end(&mut rest).map(drop)
}

impl Drop for FileCommands {
    fn drop(&mut self) {
        self.restore();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_wrote_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["output", "summary", "env"] {
            std::fs::write(at(name), "before").unwrap();
        }
        std::fs::write(at("other"), "other").unwrap();
        let guard = FileCommands::of(["output", "summary", "env"].into_iter().map(at));
        std::fs::write(at("output"), "verdict=ready").unwrap();
        std::fs::remove_file(at("summary")).unwrap();
        std::fs::remove_file(at("env")).unwrap();
        std::os::unix::fs::symlink(at("other"), at("env")).unwrap();
        drop(guard);
        for name in ["output", "summary", "env"] {
            assert_eq!(std::fs::read_to_string(at(name)).unwrap(), "before");
        }
        assert_eq!(std::fs::read_to_string(at("other")).unwrap(), "other");
    }
}
