//! Lock files: which versions a build really gets. Read line by line, since they are large and made by programs.

use super::model::Ecosystem;
use crate::evidence::{Blob, Span};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

const NAMES: [(&str, Ecosystem); 16] = [
    ("package-lock.json", Ecosystem::Npm),
    ("npm-shrinkwrap.json", Ecosystem::Npm),
    ("yarn.lock", Ecosystem::Npm),
    ("pnpm-lock.yaml", Ecosystem::Npm),
    ("bun.lock", Ecosystem::Npm),
    ("bun.lockb", Ecosystem::Npm),
    ("deno.lock", Ecosystem::Npm),
    ("poetry.lock", Ecosystem::Python),
    ("uv.lock", Ecosystem::Python),
    ("pdm.lock", Ecosystem::Python),
    ("Pipfile.lock", Ecosystem::Python),
    ("go.sum", Ecosystem::Go),
    ("Gemfile.lock", Ecosystem::Ruby),
    ("composer.lock", Ecosystem::Composer),
    ("Cargo.lock", Ecosystem::Cargo),
    ("packages.lock.json", Ecosystem::Nuget),
];

pub fn is_named(name: &str) -> bool {
    ecosystem(name).is_some()
}

fn ecosystem(name: &str) -> Option<Ecosystem> {
    NAMES.iter().find(|(file, _)| *file == name).map(|(_, ecosystem)| *ecosystem)
}

/// One lock file.
#[derive(Debug)]
pub struct Lock {
    pub ecosystem: Ecosystem,
    pub path: Arc<str>,
    blob: Option<Arc<Blob>>,
    versions: OnceLock<HashMap<String, String>>,
}

impl Lock {
    pub(super) fn read(blob: &Arc<Blob>) -> Option<Self> {
        Some(Self { blob: Some(blob.clone()), ..Self::unread(blob.path())? })
    }

    /// A lock file that is there, with its text not kept.
    pub(super) fn unread(path: &str) -> Option<Self> {
        let ecosystem = ecosystem(path.rsplit('/').next()?)?;
        Some(Self { ecosystem, path: path.into(), blob: None, versions: OnceLock::new() })
    }

    pub fn folder(&self) -> &str {
        super::parent(&self.path)
    }

    /// Its head, where its text was kept.
    pub fn span(&self) -> Option<Span> {
        self.blob.as_ref().map(|blob| blob.line(1))
    }

    /// The version of a package; of several versions the first that the file names.
    pub fn version(&self, name: &str) -> Option<&str> {
        self.versions
            .get_or_init(|| self.blob.as_deref().map(versions).unwrap_or_default())
            .get(name)
            .map(String::as_str)
    }
}

fn versions(blob: &Blob) -> HashMap<String, String> {
    let mut found = HashMap::new();
    let mut open: Option<String> = None;
    let reader = reader(blob.path().rsplit('/').next().unwrap_or_default());
    for (_, line) in blob.lines() {
        match reader(line) {
            Line::Name(name) => open = Some(name.to_owned()),
            Line::Version(version) => {
                if let Some(name) = open.take() {
                    found.entry(name).or_insert_with(|| version.to_owned());
                }
            }
            Line::Both(name, version) => {
                found.entry(name.to_owned()).or_insert_with(|| version.to_owned());
            }
            Line::Other => {}
        }
    }
    found
}

/// What one line of a lock file says.
enum Line<'a> {
    Name(&'a str),
    Version(&'a str),
    Both(&'a str, &'a str),
    Other,
}

fn reader(name: &str) -> fn(&str) -> Line<'_> {
    match name {
        "package-lock.json" | "npm-shrinkwrap.json" => npm_line,
        "yarn.lock" => yarn_line,
        "pnpm-lock.yaml" => pnpm_line,
        "Gemfile.lock" => gem_line,
        "go.sum" => go_line,
        "poetry.lock" | "uv.lock" | "pdm.lock" | "Cargo.lock" => toml_line,
        "composer.lock" => composer_line,
        _ => |_| Line::Other,
    }
}

/// `"node_modules/axios": {` and then `"version": "1.7.7",`.
fn npm_line(line: &str) -> Line<'_> {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix("\"node_modules/") {
        let path = rest.split('"').next().unwrap_or_default();
        // What is nested below another package is not what the project's own code gets.
        return if path.contains("/node_modules/") { Line::Other } else { Line::Name(path) };
    }
    quoted_version(line)
}

fn quoted_version(line: &str) -> Line<'_> {
    match line.strip_prefix("\"version\": \"").and_then(|rest| rest.split('"').next()) {
        Some(version) => Line::Version(version),
        None => Line::Other,
    }
}

/// `axios@^1.7.0:` or `"axios@npm:^1.7.0":`, and then `version "1.7.7"` or `version: 1.7.7`.
fn yarn_line(line: &str) -> Line<'_> {
    if let Some(version) = line.strip_prefix("  version") {
        return Line::Version(version.trim_matches([':', ' ', '"']));
    }
    let is_head = line.ends_with(':') && !line.starts_with([' ', '#', '_']);
    let head = line.trim_start_matches('"');
    let at = head.char_indices().skip(1).find(|(_, letter)| *letter == '@').map(|(at, _)| at);
    match at.filter(|_| is_head) {
        Some(at) => Line::Name(&head[..at]),
        None => Line::Other,
    }
}

/// `  axios@1.7.7:` or `  /axios@1.7.7:` or `  '@scope/name@1.0.0':`.
fn pnpm_line(line: &str) -> Line<'_> {
    let Some(key) = line.strip_prefix("  ").and_then(|rest| rest.strip_suffix(':')) else { return Line::Other };
    let key = key.trim_matches('\'').trim_start_matches('/');
    match key.char_indices().skip(1).find(|(_, letter)| *letter == '@') {
        Some((at, _)) if !key.starts_with(' ') => {
            Line::Both(&key[..at], key[at + 1..].split('(').next().unwrap_or_default())
        }
        _ => Line::Other,
    }
}

/// `    faraday (2.12.0)`.
fn gem_line(line: &str) -> Line<'_> {
    let Some(rest) = line.strip_prefix("    ").filter(|rest| !rest.starts_with(' ')) else { return Line::Other };
    match rest.split_once(" (") {
        Some((name, version)) => Line::Both(name, version.trim_end_matches(')')),
        None => Line::Other,
    }
}

/// `example.org/x v1.2.3 h1:…`.
fn go_line(line: &str) -> Line<'_> {
    let mut words = line.split(' ');
    match (words.next(), words.next()) {
        (Some(name), Some(version)) if !version.ends_with("/go.mod") => Line::Both(name, version),
        _ => Line::Other,
    }
}

/// `name = "httpx"` and then `version = "0.27.2"`.
fn toml_line(line: &str) -> Line<'_> {
    let value = |key: &str| line.strip_prefix(key).map(|rest| rest.trim_matches('"'));
    match (value("name = "), value("version = ")) {
        (Some(name), _) => Line::Name(name),
        (_, Some(version)) => Line::Version(version),
        _ => Line::Other,
    }
}

/// `"name": "guzzlehttp/guzzle",` and then `"version": "7.9.2",`.
fn composer_line(line: &str) -> Line<'_> {
    let line = line.trim();
    match line.strip_prefix("\"name\": \"").and_then(|rest| rest.split('"').next()) {
        Some(name) => Line::Name(name),
        None => quoted_version(line),
    }
}
