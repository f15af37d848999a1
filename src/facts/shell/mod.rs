//! The commands of a shell script, each with its words, its folder and whether its failure ends the script.

pub mod call;
mod parser;
mod programs;
pub mod role;
mod tokens;

pub use parser::commands;

/// One simple command of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program and its arguments, without quotes; redirections are left out.
    pub words: Vec<String>,
    /// Variables set for this command alone or just before it (`A=b cmd`).
    pub variables: Vec<(String, String)>,
    /// The line of the script it begins on, from 0.
    pub line: u32,
    /// When it fails, what follows is not run.
    pub stops: bool,
    /// The folder that `cd` went to before it, relative to where the script starts; empty for that folder itself.
    pub folder: String,
}

/// What the shell does about a command that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strictness {
    /// The script ends (`set -e`).
    pub errexit: bool,
    /// A pipeline fails with any of its commands (`set -o pipefail`).
    pub pipefail: bool,
}

impl Strictness {
    /// `sh -c`, as package scripts and make recipes are run.
    pub const LENIENT: Self = Self { errexit: false, pipefail: false };
    /// `bash -e`, as GitHub runs a step without a shell.
    pub const ERREXIT: Self = Self { errexit: true, pipefail: false };
    /// `bash -eo pipefail`.
    pub const STRICT: Self = Self { errexit: true, pipefail: true };
}

/// A folder below another one, with `.` and `..` resolved; a path that leaves the repository ends at its root.
pub fn joined(base: &str, path: &str) -> String {
    let mut parts: Vec<&str> = if path.starts_with('/') { Vec::new() } else { split(base).collect() };
    for part in split(path) {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn split(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".")
}

#[cfg(test)]
mod tests;
