//! The GitHub Action: inputs and outputs of the runner's environment.

use anyhow::Result;

/// Runs as the runner calls it.
pub fn run() -> Result<u8> {
    anyhow::bail!("not built yet")
}
