//! The hooks of pre-commit and prek.

use super::leaves::{Leaf, leaves};
use super::script::Follower;
use super::{Flaw, Found, Scan, flaw_of_stage, is_at_commit, scanner};
use crate::evidence::{Blob, Span};
use crate::facts::Facts;
use crate::facts::shell::Strictness;
use std::sync::Arc;

/// Read from the root by both; prek looks for its own names first.
const NAMES: [&str; 3] = [".pre-commit-config.yaml", ".pre-commit-config.yml", "prek.toml"];

pub(super) fn read(facts: &Facts, follower: &Follower) -> Found {
    let mut found = Found::default();
    for blob in facts.snapshot.blobs() {
        let name = blob.path().rsplit('/').next().unwrap_or_default();
        if !NAMES.contains(&name) || facts.tree().role(blob.path()) < crate::facts::tree::Role::Config {
            continue;
        }
        let is_root = !blob.path().contains('/');
        match leaves(blob) {
            Ok(leaves) => {
                found.configs.push(blob.line(1));
                let misplaced = (!is_root).then_some(Flaw::Misplaced);
                let scans = config(blob, &leaves, follower).into_iter();
                found.scans.extend(scans.map(|scan| Scan { flaw: misplaced.or(scan.flaw), ..scan }));
            }
            Err(place) if is_root => found.unread.push(place),
            Err(_) => {}
        }
    }
    found
}

/// One hook: its leaves without the way to them.
struct Hook<'a> {
    leaves: Vec<(&'a [String], &'a Leaf)>,
    is_local: bool,
}

impl Hook<'_> {
    fn text(&self, key: &str) -> Option<&str> {
        self.leaf(key).map(|leaf| leaf.text.as_str())
    }

    fn leaf(&self, key: &str) -> Option<&Leaf> {
        self.leaves.iter().find(|(path, _)| path.len() == 1 && path[0] == key).map(|(_, leaf)| *leaf)
    }

    fn list(&self, key: &str) -> Vec<&str> {
        let holds = |path: &&[String]| path.first().is_some_and(|first| first == key);
        self.leaves.iter().filter(|(path, _)| holds(path)).map(|(_, leaf)| leaf.text.as_str()).collect()
    }
}

fn config(blob: &Arc<Blob>, leaves: &[Leaf], follower: &Follower) -> Vec<Scan> {
    let list = |key: &str| -> Vec<&str> {
        leaves
            .iter()
            .filter(|leaf| leaf.path.first().is_some_and(|first| first == key))
            .map(|leaf| leaf.text.as_str())
            .collect()
    };
    let (default_stages, installed) = (list("default_stages"), list("default_install_hook_types"));
    // `pre-commit install` installs these types; without the setting, the one of the commit.
    let is_installed = installed.is_empty() || installed.iter().any(|hook| is_at_commit(hook));
    let mut found = Vec::new();
    for hook in hooks(leaves) {
        let own = hook.list("stages");
        let stages = if own.is_empty() { &default_stages } else { &own };
        let at_commit = stages.is_empty() || stages.iter().any(|stage| is_at_commit(stage));
        let late = stages.iter().map(|stage| flaw_of_stage(stage)).max().flatten();
        let flaw = match (at_commit, is_installed) {
            (true, true) => by_id(hook.text("id").unwrap_or_default()),
            (true, false) => Some(Flaw::Late),
            (false, _) if stages.iter().all(|stage| *stage == "manual") => Some(Flaw::Manual),
            (false, _) => late.or(Some(Flaw::Late)),
        };
        found.extend(scans(blob, &hook, follower).into_iter().map(|scan| Scan { flaw: flaw.or(scan.flaw), ..scan }));
    }
    found
}

/// `talisman-push` and `ggshield-push` run before a push by their own manifests.
fn by_id(id: &str) -> Option<Flaw> {
    (id.ends_with("-push") || id.ends_with("-pre-receive") || id.ends_with("-ci")).then_some(Flaw::Late)
}

fn hooks(leaves: &[Leaf]) -> Vec<Hook<'_>> {
    let mut hooks: Vec<((&str, &str), Hook)> = Vec::new();
    for leaf in leaves {
        let [repos, repo, inner, index, rest @ ..] = leaf.path.as_slice() else { continue };
        if repos != "repos" || inner != "hooks" {
            continue;
        }
        let key = (repo.as_str(), index.as_str());
        if hooks.last().is_none_or(|(last, _)| *last != key) {
            let is_local = leaves.iter().any(|other| {
                matches!(other.path.as_slice(), [_, same, key] if same == repo && key == "repo")
                    && other.text == "local"
            });
            hooks.push((key, Hook { leaves: Vec::new(), is_local }));
        }
        if let Some((_, hook)) = hooks.last_mut() {
            hook.leaves.push((rest, leaf));
        }
    }
    hooks.into_iter().map(|(_, hook)| hook).collect()
}

/// The scanner that a hook runs: by the id of a published one, by the command of a local one.
fn scans(blob: &Arc<Blob>, hook: &Hook, follower: &Follower) -> Vec<Scan> {
    let Some(id) = hook.leaf("id") else { return Vec::new() };
    let place = |_: u32| -> Span { blob.line(id.span.line()) };
    let args = hook.list("args");
    let is_mild = args.windows(2).any(|pair| pair == ["--exit-code", "0"]) || args.contains(&"--exit-code=0");
    let flaw = is_mild.then_some(Flaw::Toothless);
    if let Some(entry) = hook.text("entry") {
        let image = hook.text("language").filter(|language| *language == "docker_image");
        let by_image = image.and_then(|_| entry.split_whitespace().find_map(scanner::image));
        let line = format!("{entry} {}", args.join(" "));
        let found = follower.scans(line.trim(), Strictness::ERREXIT, "", place);
        if by_image.is_none() && (hook.is_local || !found.is_empty()) {
            return found.into_iter().map(|scan| Scan { flaw: flaw.or(scan.flaw), ..scan }).collect();
        }
        if let Some(scanner) = by_image {
            return vec![Scan { scanner, span: place(0), via: None, flaw }];
        }
    }
    let set_up = || {
        hook.leaves.iter().find_map(|(path, _)| match path {
            [key, variable, ..] if key == "env" => scanner::setting(variable),
            _ => None,
        })
    };
    let scanner = if hook.is_local { None } else { scanner::hook(&id.text).or_else(set_up) };
    scanner.map(|scanner| Scan { scanner, span: place(0), via: None, flaw }).into_iter().collect()
}
