//! The findings that are known: salted hashes, one a line and sorted, so that two branches merge without a conflict.

use crate::facts::secrets::Salt;
use anyhow::{Context, Result, bail};
use std::collections::{BTreeSet, HashSet};
use std::path::Path;

/// The first line of a baseline, before its salt.
const HEAD: &str = "mx-prod-gate secrets baseline 1 ";

/// What a baseline file says.
#[derive(Debug, PartialEq, Eq)]
pub struct Baseline {
    salt: String,
    known: BTreeSet<String>,
}

impl Baseline {
    /// Reads a baseline; where there is none and one is to be written, begins one with a salt of its own.
    pub fn read(file: &Path, begins: bool) -> Result<Self> {
        match std::fs::read_to_string(file) {
            Ok(text) => Self::parse(&text).with_context(|| format!("{} is no baseline", file.display())),
            Err(error) if begins && error.kind() == std::io::ErrorKind::NotFound => {
                Ok(Self { salt: uuid::Uuid::new_v4().simple().to_string(), known: BTreeSet::new() })
            }
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", file.display())),
        }
    }

    fn parse(text: &str) -> Result<Self> {
        let mut lines = text.lines();
        let Some(salt) = lines.next().and_then(|line| line.strip_prefix(HEAD)) else {
            bail!("its first line is not that of a baseline");
        };
        let mut known = BTreeSet::new();
        for line in lines.map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let fingerprint = line.split_whitespace().next().unwrap_or_default();
            if fingerprint.len() != 16 || !fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                bail!("a line is not a fingerprint of 16 hexadecimal digits");
            }
            known.insert(fingerprint.to_owned());
        }
        Ok(Self { salt: salt.trim().to_owned(), known })
    }

    pub fn salt(&self) -> Salt {
        Salt(self.salt.as_bytes().to_vec())
    }

    pub fn knows(&self, fingerprint: &str) -> bool {
        self.known.contains(fingerprint)
    }

    /// How many entries match nothing that was found.
    pub fn stale(&self, seen: &HashSet<String>) -> usize {
        self.known.iter().filter(|fingerprint| !seen.contains(*fingerprint)).count()
    }

    /// Writes the findings under the same salt, and says how many there are.
    pub fn write<'a>(&self, file: &Path, found: impl Iterator<Item = &'a str>) -> Result<usize> {
        let found: BTreeSet<&str> = found.collect();
        let mut text = format!("{HEAD}{}\n", self.salt);
        for fingerprint in &found {
            text.push_str(fingerprint);
            text.push('\n');
        }
        std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))?;
        Ok(found.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("known");
        let new = Baseline::read(&file, true).unwrap();
        assert_eq!(new.write(&file, ["00000000000000aa", "00000000000000aa"].into_iter()).unwrap(), 1);
        let read = Baseline::read(&file, false).unwrap();
        assert!(read.knows("00000000000000aa") && read.salt == new.salt);
        assert_eq!(read.stale(&HashSet::new()), 1);
        assert!(Baseline::parse("{}").is_err());
        assert!(Baseline::parse(&format!("{HEAD}s\nzz\n")).is_err());
    }
}
