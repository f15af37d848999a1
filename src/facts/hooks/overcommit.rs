//! The hooks of overcommit.

use super::leaves::{Leaf, leaves};
use super::script::Follower;
use super::{Flaw, Found, Scan, scanner};
use crate::evidence::Blob;
use crate::facts::Facts;
use crate::facts::shell::Strictness;
use std::sync::Arc;

pub(super) fn read(facts: &Facts, follower: &Follower) -> Found {
    let mut found = Found::default();
    let Some(blob) = facts.snapshot.blob(".overcommit.yml") else { return found };
    match leaves(blob) {
        Ok(leaves) => {
            found.configs.push(blob.line(1));
            found.scans = hooks(blob, &leaves, follower);
        }
        Err(place) => found.unread.push(place),
    }
    found
}

fn hooks(blob: &Arc<Blob>, leaves: &[Leaf], follower: &Follower) -> Vec<Scan> {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for leaf in leaves {
        if let [stage, hook, _, ..] = leaf.path.as_slice()
            && !seen.contains(&(stage, hook))
        {
            seen.push((stage, hook));
        }
    }
    seen.into_iter().flat_map(|(stage, hook)| scans(blob, leaves, (stage, hook), follower)).collect()
}

fn scans(blob: &Arc<Blob>, leaves: &[Leaf], (stage, hook): (&str, &str), follower: &Follower) -> Vec<Scan> {
    let of_hook = |leaf: &&Leaf| matches!(leaf.path.as_slice(), [a, b, ..] if a == stage && b == hook);
    let own: Vec<&Leaf> = leaves.iter().filter(of_hook).collect();
    let texts = |key: &str| -> Vec<&str> {
        own.iter()
            .filter(|leaf| leaf.path.get(2).is_some_and(|name| name == key))
            .map(|leaf| leaf.text.as_str())
            .collect()
    };
    let Some(first) = own.first() else { return Vec::new() };
    // The key of the hook stands on the line before its first setting.
    let head = blob.lines().find(|(_, line)| line.trim().strip_suffix(':') == Some(hook)).map(|(number, _)| number);
    let span = blob.line(head.unwrap_or(first.span.line()));
    let mut words = texts("command");
    if words.is_empty() {
        words = texts("required_executable");
    }
    words.extend(texts("flags"));
    let mut found = follower.scans(&words.join(" "), Strictness::LENIENT, "", |_| span.clone());
    if found.is_empty() {
        let named = scanner::spelled(hook);
        found.extend(named.map(|scanner| Scan { scanner, span: span.clone(), via: None, flaw: None }));
    }
    let flaw = match (texts("enabled").first(), stage) {
        (Some(&"false"), _) => Some(Flaw::Skipped),
        (_, "PreCommit" | "CommitMsg" | "PrepareCommitMsg") => None,
        _ => Some(Flaw::Late),
    };
    found.into_iter().map(|scan| Scan { flaw: flaw.or(scan.flaw), ..scan }).collect()
}
