//! Whom a command runs as: the owner of the workspace, who is never root where the gate is root in a workflow.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// A user and a group; none where the gate itself is that user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// To change to.
    pub to: Option<(u32, u32)>,
}

impl Owner {
    /// The owner of a folder.
    pub fn of(folder: &Path) -> Result<Self, String> {
        let about = std::fs::metadata(folder).map_err(|error| error.to_string())?;
        let is_workflow = std::env::var_os("GITHUB_ACTIONS").is_some();
        // SAFETY: it reads a number of this process and cannot fail.
        let own = unsafe { libc::geteuid() };
        Self::decide(own, about.uid(), about.gid(), is_workflow)
    }

    fn decide(own: u32, owner: u32, group: u32, is_workflow: bool) -> Result<Self, String> {
        match (own, owner) {
            // As root a command could read the gate's memory and the Docker socket.
            (0, 0) if is_workflow => {
                Err("the workspace belongs to root, and no command of it is run as root".to_owned())
            }
            (0, 0) => Ok(Self { to: None }),
            (0, _) => Ok(Self { to: Some((owner, group)) }),
            _ => Ok(Self { to: None }),
        }
    }

    /// Makes a folder theirs.
    pub fn give(self, folder: &Path) -> Result<(), String> {
        let Some((user, group)) = self.to else { return Ok(()) };
        std::os::unix::fs::chown(folder, Some(user), Some(group)).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_run_as_root_in_a_workflow() {
        assert!(Owner::decide(0, 0, 0, true).is_err());
        assert_eq!(Owner::decide(0, 0, 0, false), Ok(Owner { to: None }));
        assert_eq!(Owner::decide(0, 1001, 118, true), Ok(Owner { to: Some((1001, 118)) }));
        assert_eq!(Owner::decide(1001, 0, 0, true), Ok(Owner { to: None }));
    }
}
