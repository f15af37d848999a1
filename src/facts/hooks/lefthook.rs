//! The hooks of lefthook, in YAML, TOML or JSON.

use super::leaves::{Leaf, leaves};
use super::script::Follower;
use super::{Flaw, Found, Scan, flaw_of_stage};
use crate::facts::Facts;
use crate::facts::shell::Strictness;

const ENDS: [&str; 5] = ["yml", "yaml", "toml", "json", "jsonc"];

pub(super) fn read(facts: &Facts, follower: &Follower) -> Found {
    let mut found = Found::default();
    let mut files: Vec<String> = Vec::new();
    for blob in facts.snapshot.blobs().filter(|blob| is_named(blob.path())) {
        files.push(blob.path().to_owned());
    }
    let mut at = 0;
    // What a file extends is read after it, each once.
    while let Some(blob) = files.get(at).cloned().and_then(|path| facts.snapshot.blob(&path)) {
        at += 1;
        match leaves(blob) {
            Ok(leaves) => {
                found.configs.push(blob.line(1));
                let extends = leaves.iter().filter(|leaf| leaf.path.first().is_some_and(|key| key == "extends"));
                for path in extends.map(|leaf| leaf.text.trim_start_matches("./").to_owned()) {
                    if !files.contains(&path) && facts.snapshot.blob(&path).is_some() {
                        files.push(path);
                    }
                }
                found.scans.extend(leaves.iter().flat_map(|leaf| scans(facts, leaf, &leaves, follower)));
            }
            Err(place) => found.unread.push(place),
        }
    }
    found
}

/// `lefthook.yml`, `.lefthook.toml`, `.config/lefthook.json`; not `lefthook-local.yml`, which is nobody else's.
fn is_named(path: &str) -> bool {
    let name = path.strip_prefix(".config/").unwrap_or(path);
    let name = name.strip_prefix('.').unwrap_or(name);
    name.strip_prefix("lefthook.").is_some_and(|end| ENDS.contains(&end))
}

fn scans(facts: &Facts, leaf: &Leaf, all: &[Leaf], follower: &Follower) -> Vec<Scan> {
    let (Some(stage), Some(key)) = (leaf.path.first(), leaf.path.last()) else { return Vec::new() };
    let root = all.iter().find(|other| {
        other.path.last().is_some_and(|key| key == "root")
            && other.path.len() == leaf.path.len()
            && other.path[..other.path.len() - 1] == leaf.path[..leaf.path.len() - 1]
    });
    let folder = root.map_or("", |root| root.text.trim_matches('/'));
    let found = match key.as_str() {
        "run" => follower.scans(&leaf.text, Strictness::LENIENT, folder, |_| leaf.span.clone()),
        "runner" | "script" => {
            let name = if key == "script" { Some(&leaf.text) } else { leaf.path.iter().rev().nth(1) };
            let scripts = name
                .into_iter()
                .flat_map(|name| [format!(".lefthook/{stage}/{name}"), format!(".lefthook-local/{stage}/{name}")]);
            let blobs = scripts.filter_map(|path| facts.snapshot.blob(&path));
            blobs
                .flat_map(|blob| {
                    let scans = follower.scans(blob.text(), Strictness::LENIENT, "", |line| blob.line(line + 1));
                    scans.into_iter().map(|scan| Scan {
                        via: scan.via.or(Some(scan.span)),
                        span: leaf.span.clone(),
                        ..scan
                    })
                })
                .collect()
        }
        _ => Vec::new(),
    };
    let flaw = flaw_of_stage(stage).or(is_skipped(leaf, all).then_some(Flaw::Skipped));
    found.into_iter().map(|scan| Scan { flaw: flaw.or(scan.flaw), ..scan }).collect()
}

/// `skip: true` beside the command or above it.
fn is_skipped(leaf: &Leaf, all: &[Leaf]) -> bool {
    all.iter().any(|other| {
        let (Some(key), above) = (other.path.last(), other.path.len() - 1) else { return false };
        let switch = (key == "skip" && other.text == "true") || (key == "only" && other.text == "false");
        switch && leaf.path.len() > above && leaf.path[..above] == other.path[..above]
    })
}
