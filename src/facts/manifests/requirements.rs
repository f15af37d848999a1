//! `requirements*.txt`, and the requirement lines of Python wherever they are written.

use super::model::{Ecosystem, Package};
use crate::evidence::{Blob, Evidence};
use std::sync::Arc;

/// Words in a file's name or a group's that mean development.
const DEVELOPMENT: [&str; 10] = ["dev", "test", "tests", "testing", "lint", "docs", "doc", "typing", "ci", "local"];

/// `requirements.txt`, `requirements-dev.txt`, `dev-requirements.in`, `constraints.txt`.
pub fn is_named(name: &str) -> bool {
    let is_list = name.ends_with(".txt") || name.ends_with(".in");
    is_list && (name.contains("requirements") || name.starts_with("constraints"))
}

pub fn read(blob: &Arc<Blob>) -> Result<Package, Evidence> {
    let mut package = Package::new(Ecosystem::Python, blob);
    let name = blob.path().rsplit('/').next().unwrap_or_default();
    let development = is_for_development(name.trim_end_matches(".txt").trim_end_matches(".in"));
    for (number, line) in blob.lines() {
        if let Some((name, requirement)) = requirement(line) {
            package.require(name, requirement, development, blob.line(number));
        }
    }
    Ok(package)
}

/// Whether the name of a list or group says that it is for development.
pub fn is_for_development(name: &str) -> bool {
    name.split(['-', '_', '.']).any(|word| DEVELOPMENT.contains(&word.to_ascii_lowercase().as_str()))
}

/// The name and the version part of a line such as `httpx[http2]>=0.27 ; python_version > "3.8"`.
pub fn requirement(line: &str) -> Option<(&str, Option<&str>)> {
    let line = line.split(" #").next()?.split(';').next()?.trim();
    if line.starts_with(['#', '-', '/', '.']) {
        return None;
    }
    let end =
        line.find(|letter: char| !(letter.is_ascii_alphanumeric() || "-_.".contains(letter))).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    // `git+https://…` and paths name no package.
    if name.is_empty() || rest.starts_with([':', '+', '/']) {
        return None;
    }
    let rest = rest.trim_start();
    let version = match rest.strip_prefix('[') {
        Some(extras) => extras.split_once(']').map(|(_, version)| version),
        None => Some(rest),
    };
    Some((name, version.map(|version| version.trim().trim_matches(['(', ')']))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_name_packages_or_nothing() {
        for (line, expected) in [
            ("requests==2.32.3", Some(("requests", Some("==2.32.3")))),
            ("httpx[http2] >= 0.27 ; python_version > '3.8'", Some(("httpx", Some(">= 0.27")))),
            ("redis # the queue", Some(("redis", Some("")))),
            ("-r base.txt", None),
            ("git+https://example.org/x.git", None),
            ("  # comment", None),
            ("", None),
        ] {
            assert_eq!(requirement(line), expected, "{line}");
        }
        assert!(is_named("requirements-dev.txt") && is_named("dev-requirements.in") && !is_named("notes.txt"));
        assert!(is_for_development("requirements-dev") && !is_for_development("requirements"));
    }
}
