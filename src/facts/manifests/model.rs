//! One model for the packages of every ecosystem.

use crate::evidence::{Blob, Span};
use std::sync::Arc;

/// Whose registry the dependencies come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ecosystem {
    /// npm, pnpm, yarn, bun and Deno.
    Npm,
    Python,
    Go,
    /// Maven and Gradle.
    Jvm,
    Nuget,
    Ruby,
    Composer,
    Cargo,
}

/// One manifest.
#[derive(Debug, Clone)]
pub struct Package {
    pub ecosystem: Ecosystem,
    /// The manifest's folder; empty for the root.
    pub folder: String,
    pub path: Arc<str>,
    /// The head of the manifest.
    pub span: Span,
    pub name: Option<String>,
    pub dependencies: Vec<Dependency>,
    pub scripts: Vec<Script>,
    pub runtimes: Vec<Runtime>,
    /// Globs of the folders that it holds together, as written.
    pub workspaces: Vec<String>,
    /// It is one of a workspace's folders.
    pub is_member: bool,
    /// What others run or import: `main`, `bin`, console scripts, an entry assembly; as written.
    pub entries: Vec<String>,
    /// Published for others to use, as far as the manifest says.
    pub is_library: bool,
}

impl Package {
    pub fn new(ecosystem: Ecosystem, blob: &Blob) -> Self {
        Self {
            ecosystem,
            folder: super::parent(blob.path()).to_owned(),
            path: blob.shared_path().clone(),
            span: blob.line(1),
            name: None,
            dependencies: Vec::new(),
            scripts: Vec::new(),
            runtimes: Vec::new(),
            workspaces: Vec::new(),
            is_member: false,
            entries: Vec::new(),
            is_library: false,
        }
    }

    /// The dependency of that name, written as the ecosystem compares names.
    pub fn dependency(&self, name: &str) -> Option<&Dependency> {
        self.dependencies.iter().find(|dependency| is_same(self.ecosystem, &dependency.name, name))
    }

    pub fn script(&self, name: &str) -> Option<&Script> {
        self.scripts.iter().find(|script| script.name == name)
    }

    pub(super) fn require(&mut self, name: &str, requirement: Option<&str>, development: bool, span: Span) {
        let requirement = requirement.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        self.dependencies.push(Dependency { name: name.trim().to_owned(), requirement, development, span });
    }

    pub(super) fn run_with(&mut self, name: &'static str, requirement: &str, span: Span) {
        let folder = self.folder.clone();
        self.runtimes.push(Runtime { folder, name, requirement: requirement.trim().to_owned(), span });
    }
}

/// Python folds case and `-_.`; NuGet and Composer fold case.
fn is_same(ecosystem: Ecosystem, a: &str, b: &str) -> bool {
    let folded = |name: &str| name.to_ascii_lowercase().replace(['_', '.'], "-");
    match ecosystem {
        Ecosystem::Python => folded(a) == folded(b),
        Ecosystem::Nuget | Ecosystem::Composer => a.eq_ignore_ascii_case(b),
        _ => a == b,
    }
}

/// A dependency as the manifest lists it. A library that is listed proves nothing about its use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Of a Java library `group:artifact`.
    pub name: String,
    /// As written: a version, a range, a path.
    pub requirement: Option<String>,
    /// For development, test or build only.
    pub development: bool,
    pub span: Span,
}

impl Dependency {
    /// The first number of the requirement: the major version that it asks for.
    pub fn major(&self) -> Option<u32> {
        let text = self.requirement.as_deref()?;
        let digits = text.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        digits.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
    }
}

/// A named command of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    pub name: String,
    pub command: String,
    pub span: Span,
}

/// What the code is to be run with: `node`, `python`, `ruby`, `go`, `java`, `dotnet`, `php`, `rust`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtime {
    /// Where it applies.
    pub folder: String,
    pub name: &'static str,
    /// As written.
    pub requirement: String,
    pub span: Span,
}
