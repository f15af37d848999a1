//! Writing: to the standard output, where a reader may leave early, and to files.

use anstream::ColorChoice;
use anyhow::{Context, Result};
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Prints a text whose colours are escape sequences: they are stripped where they are not wanted. A reader that has
/// gone (`| head`) is no error.
pub fn print(text: &str, colour: ColorChoice) -> Result<u8> {
    let mut out = anstream::AutoStream::new(std::io::stdout().lock(), colour);
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("the standard output cannot be written")
        }
        _ => Ok(0),
    }
}

/// Writes a file, without colours. `-` is the standard output.
pub fn write(path: &Path, text: &str) -> Result<()> {
    let plain = anstream::adapter::strip_str(text).to_string();
    if path == Path::new("-") {
        return print(&plain, ColorChoice::Never).map(drop);
    }
    std::fs::write(path, plain).with_context(|| format!("{} cannot be written", path.display()))
}
