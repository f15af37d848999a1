//! One report: kept as it is where it is small, as a digest where it is not.

use crate::coverage::{self, Report, digest};
use crate::tools::Gate;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// A larger report of coverage is kept as its digest; a larger one of another kind is not read.
const KEPT: u64 = 8 << 20;
const LARGEST: u64 = 16 << 20;
const BUFFER: usize = 1 << 18;

/// What was read.
pub struct Reading {
    pub text: String,
    /// In seconds since 1970.
    pub modified: f64,
    /// Of coverage that can be read, without its units where it was large.
    pub report: Option<Report>,
}

/// Reads a report, or says why not.
pub fn read(file: &Path, gate: Gate) -> Result<Reading, String> {
    // Neither a link is followed nor a pipe waited for.
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC;
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(file);
    let mut opened = opened.map_err(|error| match error.raw_os_error() {
        Some(libc::ELOOP) => "it is a symbolic link".to_owned(),
        _ => super::super::read::reason(&error),
    })?;
    let about = opened.metadata().map_err(|error| error.to_string())?;
    if !about.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let modified = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let modified = modified.map_or(0.0, |time| time.as_secs_f64());
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match (gate, about.len()) {
        (Gate::Coverage, size) if size > KEPT => Ok(digested(&name, opened, modified)),
        (_, size) if size > LARGEST => Err(format!("it has {size} bytes: at most {LARGEST} are read")),
        (_, size) => {
            let mut bytes = Vec::with_capacity(size as usize + 1);
            opened.by_ref().take(LARGEST).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
            let text = decoded(bytes);
            let report = if gate == Gate::Coverage { coverage::read(&name, &mut text.as_bytes()).ok() } else { None };
            Ok(Reading { text, modified, report })
        }
    }
}

/// PowerShell writes UTF-16 where a report is redirected into a file.
fn decoded(bytes: Vec<u8>) -> String {
    match encoding_rs::Encoding::for_bom(&bytes) {
        Some((encoding, _)) => encoding.decode(&bytes).0.into_owned(),
        None => String::from_utf8(bytes).unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned()),
    }
}

fn digested(name: &str, file: File, modified: f64) -> Reading {
    let read = coverage::read(name, &mut BufReader::with_capacity(BUFFER, file));
    let outline = read.as_ref().ok().map(Report::outline);
    Reading { text: digest::write(read), modified, report: outline }
}
