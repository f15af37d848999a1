//! Env files and private keys cannot be committed by accident.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
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

const ENV_FILES: [&str; 3] = [".env", ".env.local", ".env.production"];
const KEY_FILES: [&str; 1] = ["server.key"];

fn judge(facts: &Facts) -> Outcome {
    let (mut findings, mut evidence) = (Vec::new(), Vec::new());
    for (names, kind) in [(&ENV_FILES[..], "env files"), (&KEY_FILES[..], "private keys")] {
        for name in names {
            match facts.gitignore().ignoring(name) {
                Some(span) => evidence.push(Evidence::at(span, format!("ignores {name}"))),
                None => findings.push(Evidence::absent([".gitignore"], format!("no pattern ignores {name} ({kind})"))),
            }
        }
    }
    if findings.is_empty() { Outcome::pass(evidence) } else { Outcome::fail(findings).with_evidence(evidence) }
}
