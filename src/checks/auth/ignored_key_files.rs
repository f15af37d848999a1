//! Env files and private keys cannot be committed by accident, and none has been.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::gitignore::Fate;
use crate::facts::tree::KeyFile;
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "ignored-key-files",
    title: "Env files and private keys cannot be committed",
    area: Area::Auth,
    priority: Priority::P0,
    reads: &[Store::Tree, Store::Gitignore],
    page: include_str!("ignored_key_files.md"),
    judge,
};

/// The files that a repository must be safe from, with the usual patterns against them.
const WANTED: [(&str, &str); 4] =
    [(".env", ".env"), (".env.local", ".env.*"), (".env.production", ".env.*"), ("server.key", "*.key")];

fn judge(facts: &Facts) -> Outcome {
    let mut seen = Seen::default();
    for part in facts.manifests().parts() {
        seen.look(facts, part);
    }
    let mut findings = committed(facts);
    findings.append(&mut seen.findings);
    if !findings.is_empty() {
        return Outcome::fail(findings).with_evidence(seen.evidence).with_advice(near_misses(facts, &seen.unmatched));
    }
    match facts.tree().untold() {
        Some(reason) => {
            Outcome::error(format!("it is not known which files git tracks: {reason}")).with_evidence(seen.evidence)
        }
        None => Outcome::pass(seen.evidence),
    }
}

/// Files of that kind that git tracks, whatever is ignored, and those that it would take up.
fn committed(facts: &Facts) -> Vec<Evidence> {
    let found = facts.tree().key_files().map(|(span, kind)| {
        let kind = match kind {
            KeyFile::Env => "an env file",
            KeyFile::PrivateKey => "a private key",
        };
        let state = if facts.tree().is_committed(span.path()) { "is tracked" } else { "is not ignored" };
        Evidence::at(span.clone(), format!("{kind} {state}"))
    });
    found.collect()
}

/// What the patterns do, folder by folder.
#[derive(Default)]
struct Seen {
    findings: Vec<Evidence>,
    evidence: Vec<Evidence>,
    /// The names that nothing ignores in the root.
    missing: Vec<&'static str>,
    /// Those of them that no line so much as matches.
    unmatched: Vec<&'static str>,
}

impl Seen {
    fn look(&mut self, facts: &Facts, folder: &str) {
        for (name, pattern) in WANTED {
            // What the root lacks, its parts lack for the same reason.
            if self.missing.contains(&name) {
                continue;
            }
            let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            match facts.gitignore().fate(&path) {
                Fate::Ignored(span) => self.add_evidence(Evidence::at(span, format!("ignores {path}")), folder),
                Fate::TakenBack(span) => {
                    self.findings.push(Evidence::at(span, format!("takes {path} back from what is ignored")));
                    self.lack(name, folder);
                }
                Fate::Unmatched => {
                    let note = format!("no pattern ignores {path}: {pattern} is missing");
                    self.findings.push(Evidence::absent(looked_in(folder), note));
                    self.lack(name, folder);
                    self.unmatched.extend(folder.is_empty().then_some(name));
                }
            }
        }
    }

    fn lack(&mut self, name: &'static str, folder: &str) {
        if folder.is_empty() {
            self.missing.push(name);
        }
    }

    /// A part that is covered by a line that was shown for the root needs no second one.
    fn add_evidence(&mut self, evidence: Evidence, folder: &str) {
        let is_shown = self.evidence.iter().any(|shown| shown.place == evidence.place);
        if folder.is_empty() || !is_shown {
            self.evidence.push(evidence);
        }
    }
}

/// Where a pattern for a folder may stand: beside it, or in the root.
fn looked_in(folder: &str) -> Vec<String> {
    let root = ".gitignore".to_owned();
    if folder.is_empty() { vec![root] } else { vec![format!("{folder}/.gitignore"), root] }
}

/// Lines that look as if they covered what they do not.
fn near_misses(facts: &Facts, unmatched: &[&str]) -> Vec<Evidence> {
    let env: Vec<&str> = unmatched.iter().copied().filter(|name| name.starts_with(".env")).collect();
    if env.is_empty() {
        return Vec::new();
    }
    let note = format!("does not match {}", env.join(" or "));
    facts.gitignore().lines_with(".env", "").into_iter().map(|span| Evidence::at(span, note.clone())).collect()
}
