//! The files through which a step speaks to the runner: outputs and the step summary.

use anyhow::{Context, Result, bail};
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

/// Appends one output. The delimiter is new each time, so that no value can end it early.
pub fn output(file: &Path, name: &str, value: &str) -> Result<()> {
    let delimiter = format!("ghadelimiter_{}", uuid::Uuid::new_v4());
    if name.contains(&delimiter) || value.contains(&delimiter) {
        bail!("the output {name} holds its own delimiter");
    }
    append(file, &format!("{name}<<{delimiter}\n{value}\n{delimiter}\n"))
}

/// Appends to a file of the runner, which others may have written to.
pub fn append(file: &Path, text: &str) -> Result<()> {
    let open = OpenOptions::new().append(true).create(true).open(file);
    let written = open.and_then(|mut file| file.write_all(text.as_bytes()));
    written.with_context(|| format!("{} cannot be written", file.display()))
}

/// Writes a report below the workspace, and gives it to the workspace's owner: a container runs as root, and later
/// steps do not.
pub fn report(workspace: &Path, file: &Path, text: &str) -> Result<()> {
    let target = workspace.join(file);
    let folder = target.parent().unwrap_or(workspace);
    let is_below = folder.canonicalize().ok().zip(workspace.canonicalize().ok());
    if !is_below.is_some_and(|(folder, workspace)| folder.starts_with(workspace)) {
        bail!("{} is no place below the workspace: name a file in a folder that exists", file.display());
    }
    if target.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
        bail!("{} is a symbolic link, which is not followed", file.display());
    }
    std::fs::write(&target, text).with_context(|| format!("{} cannot be written", file.display()))?;
    if let Ok(owner) = workspace.metadata() {
        // Where the process may not give files away, it is the owner already.
        let _ = chown(&target, Some(owner.uid()), Some(owner.gid()));
    }
    Ok(())
}
