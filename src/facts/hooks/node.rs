//! Hooks of the npm world: husky of every age, simple-git-hooks, yorkie, and the settings of lint-staged.

use super::leaves::{Leaf, leaves, of_json};
use super::script::Follower;
use super::{Flaw, Found, Scan, flaw_of_stage};
use crate::evidence::{Blob, Evidence, Span};
use crate::facts::Facts;
use crate::facts::json::{self, Json};
use crate::facts::shell::call::Call;
use crate::facts::shell::{Command, Strictness};
use crate::facts::tree::{Role, role_of_path};
use std::sync::Arc;

/// From this one on husky reads `.husky/` and no longer `package.json`.
const HUSKY_OF_FILES: u32 = 5;
/// Settings of lint-staged and nano-staged in a file of their own.
const STAGED_FILES: &[&str] = &[".lintstagedrc", "lint-staged.config.", ".nano-staged.", "nano-staged."];
const PROGRAM_ENDS: [&str; 5] = [".js", ".mjs", ".cjs", ".ts", ".mts"];

pub(super) fn read(facts: &Facts, follower: &Follower) -> Found {
    let mut found = Found::default();
    let is_installed = installs_husky(facts);
    for blob in own_files(facts) {
        let path = blob.path();
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        if folder == ".husky" || folder.ends_with("/.husky") {
            found.configs.push(blob.line(1));
            let top = folder.strip_suffix(".husky").unwrap_or_default().trim_end_matches('/');
            let scans = follower.scans(blob.text(), Strictness::ERREXIT, top, |line| blob.line(line + 1));
            let flaw = flaw_of_stage(name).or((!is_installed).then_some(Flaw::NotInstalled));
            found.scans.extend(flawed(scans, flaw));
        } else if name == "package.json" {
            let Ok(package) = json::value(blob) else { continue };
            for (keys, tool) in PACKAGE_KEYS {
                let Some(value) = package.at(keys) else { continue };
                found.configs.push(value.span());
                let flaw = not_installed(facts, *tool, folder);
                found.scans.extend(by_stage(&of_json(&value), folder, follower, flaw));
            }
        } else if let Some(tool) = settings_of(name) {
            let Ok(all) = leaves(blob) else { continue };
            found.configs.push(blob.line(1));
            let below = |leaf: &Leaf| if leaf.path.first().is_some_and(|key| key == "hooks") { 1 } else { 0 };
            let all: Vec<Leaf> =
                all.into_iter().map(|leaf| Leaf { path: leaf.path[below(&leaf)..].to_vec(), ..leaf }).collect();
            found.scans.extend(by_stage(&all, folder, follower, not_installed(facts, tool, folder)));
        }
    }
    found.scans.extend(unhooked(follower));
    found
}

/// Whose settings these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    OldHusky,
    Simple,
    Yorkie,
}

const PACKAGE_KEYS: &[(&[&str], Tool)] =
    &[(&["husky", "hooks"], Tool::OldHusky), (&["simple-git-hooks"], Tool::Simple), (&["gitHooks"], Tool::Yorkie)];

fn settings_of(name: &str) -> Option<Tool> {
    match name {
        ".huskyrc" | ".huskyrc.json" | ".huskyrc.yml" | ".huskyrc.yaml" => Some(Tool::OldHusky),
        ".simple-git-hooks.json" | "simple-git-hooks.json" => Some(Tool::Simple),
        _ => None,
    }
}

fn own_files<'a>(facts: &'a Facts) -> impl Iterator<Item = &'a Arc<Blob>> {
    facts.snapshot.blobs().filter(|blob| {
        !matches!(role_of_path(blob.path()), Role::Vendored | Role::Build | Role::Fixture | Role::Example | Role::Docs)
    })
}

/// `{"pre-commit": "…"}`: the stage is the first key.
fn by_stage(leaves: &[Leaf], folder: &str, follower: &Follower, flaw: Option<Flaw>) -> Vec<Scan> {
    let scans = leaves.iter().flat_map(|leaf| {
        let stage = leaf.path.first().map_or("", String::as_str);
        let scans = follower.scans(&leaf.text, Strictness::LENIENT, folder, |_| leaf.span.clone());
        flawed(scans, flaw_of_stage(stage).or(flaw))
    });
    scans.collect()
}

fn flawed(scans: Vec<Scan>, flaw: Option<Flaw>) -> Vec<Scan> {
    scans.into_iter().map(|scan| Scan { flaw: flaw.or(scan.flaw), ..scan }).collect()
}

/// The tools of this kind install their hooks as they are installed themselves, if they are.
fn not_installed(facts: &Facts, tool: Tool, folder: &str) -> Option<Flaw> {
    let dependency = |name: &str| facts.manifests().in_folder(folder).find_map(|package| package.dependency(name));
    let is_installed = match tool {
        Tool::OldHusky => {
            dependency("husky").and_then(|husky| husky.major()).is_some_and(|major| major < HUSKY_OF_FILES)
        }
        Tool::Simple => {
            dependency("simple-git-hooks").is_some() || runs(facts, |call| call.program == "simple-git-hooks")
        }
        Tool::Yorkie => dependency("yorkie").is_some(),
    };
    (!is_installed).then_some(Flaw::NotInstalled)
}

/// Whether some script installs husky: `prepare`, a make target, a build file of .NET.
fn installs_husky(facts: &Facts) -> bool {
    let by_script = runs(facts, |call| {
        let installs = call.args.first().is_none_or(|word| word == "install" || word.ends_with(".husky"));
        (call.program == "husky" && installs)
            || (call.program == "dotnet" && call.args.starts_with(&["husky".to_owned(), "install".to_owned()]))
            || call.args.iter().any(|word| word.contains(".husky/install"))
    });
    let builds = [".csproj", ".props", ".targets", "build.gradle", "build.gradle.kts"];
    by_script
        || facts
            .snapshot
            .blobs()
            .any(|blob| builds.iter().any(|end| blob.path().ends_with(end)) && blob.text().contains("husky install"))
}

fn runs(facts: &Facts, is_it: impl Fn(Call) -> bool) -> bool {
    let all = facts.recipes().all().iter().flat_map(|recipe| &recipe.commands);
    let is_it = |command: &Command| Call::of(&command.words).is_some_and(&is_it);
    all.into_iter().any(is_it)
}

/// The commands that lint-staged and nano-staged run, with their places.
pub(super) fn staged(facts: &Facts) -> (Vec<(String, Span)>, Vec<Evidence>) {
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    for blob in own_files(facts) {
        let name = blob.path().rsplit('/').next().unwrap_or_default();
        if name == "package.json" {
            let Ok(package) = json::value(blob) else { continue };
            let tables = ["lint-staged", "nano-staged"].into_iter().filter_map(|key| package.get(key));
            found.extend(tables.flat_map(|table| of_json(&table)).map(|leaf| (leaf.text, leaf.span)));
        } else if blob.path().ends_with(".husky/task-runner.json") {
            found.extend(json::value(blob).map(|settings| net_tasks(&settings)).unwrap_or_default());
        } else if STAGED_FILES.iter().any(|start| name.starts_with(start)) {
            if PROGRAM_ENDS.iter().any(|end| name.ends_with(end)) {
                found.extend(quoted(blob));
                continue;
            }
            match leaves(blob) {
                Ok(all) => found.extend(all.into_iter().map(|leaf| (leaf.text, leaf.span))),
                Err(place) => unread.push(place),
            }
        }
    }
    (found, unread)
}

/// The commands of Husky.Net's tasks, each with its arguments.
fn net_tasks(settings: &Json) -> Vec<(String, Span)> {
    let tasks = settings.get("tasks").map(|tasks| tasks.items()).unwrap_or_default();
    let commands = tasks.iter().filter_map(|task| {
        let command = task.get("command")?;
        let args = task.get("args").map(|args| args.items()).unwrap_or_default();
        let words: Vec<&str> = [&command].into_iter().chain(&args).filter_map(|word| word.text()).collect();
        Some((words.join(" "), command.span()))
    });
    commands.collect()
}

/// Every quoted text of a program, comments aside, line by line.
fn quoted(blob: &Blob) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    for (number, line) in blob.lines().filter(|(_, line)| !line.trim_start().starts_with(['/', '*'])) {
        let mut rest = line;
        while let Some(at) = rest.find(['"', '\'', '`']) {
            let quote = &rest[at..at + 1];
            let Some((text, after)) = rest[at + 1..].split_once(quote) else { break };
            found.push((text.to_owned(), blob.line(number)));
            rest = after;
        }
    }
    found
}

/// Scanners that lint-staged would run, if a hook ran it.
fn unhooked(follower: &Follower) -> Vec<Scan> {
    let scans = follower
        .staged()
        .iter()
        .flat_map(|(command, span)| follower.scans(command, Strictness::ERREXIT, "", |_| span.clone()));
    scans.map(|scan| Scan { flaw: Some(Flaw::Unhooked), ..scan }).collect()
}
