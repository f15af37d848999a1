//! Hooks that git itself runs, and the scripts that put them in place.

use super::script::Follower;
use super::{Flaw, Found, Scan, flaw_of_stage};
use crate::evidence::{Blob, Span};
use crate::facts::Facts;
use crate::facts::shell::call::Call;
use crate::facts::shell::{Strictness, joined};
use crate::facts::tree::{Role, role_of_path};
use std::sync::Arc;

/// Names of hooks that git looks for.
const HOOKS: [&str; 5] = ["pre-commit", "commit-msg", "prepare-commit-msg", "pre-push", "post-commit"];
/// Folders that other tools keep.
const FOREIGN: [&str; 3] = [".husky", ".lefthook", "_"];
/// Programs that put a file in its place.
const COPIERS: [&str; 10] =
    ["cp", "ln", "install", "mv", "rsync", "copy", "Copy-Item", "symlink", "copyFile", "copyFileSync"];

pub(super) fn read(facts: &Facts, follower: &Follower) -> Found {
    let mut found = Found::default();
    let mut installed: Vec<(String, Option<&'static str>)> = Vec::new();
    for blob in facts.snapshot.blobs().filter(|blob| is_script(blob)) {
        for (number, line) in blob.lines().filter(|(_, line)| !is_comment(line)) {
            installed.extend(installs(facts, blob, line));
            found.scans.extend(written(blob, number, line, follower));
        }
    }
    found.scans.extend(self_installed(facts));
    for blob in facts.snapshot.blobs() {
        found.scans.extend(hook_file(blob, &installed, follower, &mut found.configs));
    }
    found
}

/// Whether a script may install hooks: those who only tell of it do not count.
fn is_script(blob: &Blob) -> bool {
    let role = role_of_path(blob.path());
    let says = |word: &str| memchr::memmem::find(blob.text().as_bytes(), word.as_bytes()).is_some();
    !matches!(role, Role::Vendored | Role::Docs | Role::Test | Role::Fixture | Role::Build | Role::Example)
        && !blob.path().starts_with(".github/")
        && !blob.path().ends_with(".gitconfig")
        && (says("hooks/") || says("/hooks") || says("ooksPath") || says("ookspath"))
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('#') || line.starts_with("//") || line.starts_with("echo ") && !line.contains('>')
}

/// The files and folders that a line puts in place, with the hook where the line names it.
fn installs(facts: &Facts, blob: &Blob, line: &str) -> Vec<(String, Option<&'static str>)> {
    if let Some(folder) = hooks_path(line) {
        return vec![(folder, None)];
    }
    let words: Vec<&str> =
        line.split([' ', '\t', '"', '\'', ',', '(', ')', ';']).filter(|word| !word.is_empty()).collect();
    let copies = words
        .iter()
        .any(|word| COPIERS.contains(&word.trim_start_matches('@').rsplit(['.', '/']).next().unwrap_or(word)));
    let target = words.iter().rev().find(|word| is_target(word));
    let Some(target) = target.filter(|_| copies) else { return Vec::new() };
    let hook = HOOKS.into_iter().find(|hook| target.ends_with(&format!("/{hook}")));
    let own = blob.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    let sources = words.iter().filter(|word| !is_target(word)).flat_map(|word| {
        let plain = plain(word);
        [joined(own, &plain), plain]
    });
    let known: Vec<(String, Option<&'static str>)> =
        sources.filter(|path| exists(facts, path)).map(|path| (path, hook)).collect();
    if known.is_empty() { looped(facts, blob, own) } else { known }
}

/// A file or folder of the tree.
fn exists(facts: &Facts, path: &str) -> bool {
    let is_folder =
        || facts.tree().files().any(|file| file.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')));
    !path.is_empty() && (facts.tree().has(path) || is_folder())
}

/// Where a loop puts its variable in place: every folder of hooks that the script speaks of, or that it lies in.
fn looped(facts: &Facts, blob: &Blob, own: &str) -> Vec<(String, Option<&'static str>)> {
    let folders = facts.tree().files().filter_map(|file| {
        let (folder, name) = file.rsplit_once('/')?;
        HOOKS.contains(&name).then_some(folder)
    });
    folders
        .filter(|folder| *folder == own || blob.text().contains(folder))
        .map(|folder| (folder.to_owned(), None))
        .collect()
}

/// `.git/hooks`, `$(git rev-parse --git-dir)/hooks/pre-commit`.
fn is_target(word: &str) -> bool {
    let bare = word.trim_end_matches('/');
    let ends = bare.ends_with("/hooks") || HOOKS.iter().any(|hook| word.ends_with(&format!("/hooks/{hook}")));
    let by_variable = word.starts_with('$') && bare.to_ascii_lowercase().contains("hook");
    by_variable || (ends && (word.contains(".git/") || word.starts_with(['$', '/'])))
}

/// The folder that a line makes git take its hooks from.
fn hooks_path(line: &str) -> Option<String> {
    let at = line.to_ascii_lowercase().find("hookspath")?;
    if line.contains("--unset") || line.contains("--get") {
        return None;
    }
    let rest = line.get(at + "hookspath".len()..)?.trim_start_matches(['"', '\'', ',', '=', ':', ' ', '\t', '>', ']']);
    // `"$(git rev-parse --show-toplevel)/.githooks"` holds blanks inside its substitution.
    let rest = rest.split_once(")/").map_or(rest, |(_, below)| below);
    let word = rest.split([' ', '\t', '"', '\'', ',', ')', ';', '&', '<', '|']).next()?;
    Some(plain(word)).filter(|folder| !folder.is_empty())
}

/// A path of the repository without what leads to its root, and without a pattern at its end.
fn plain(word: &str) -> String {
    let word = word.trim_end_matches(['*', '/', '`', '\\']);
    let word = match word.strip_prefix('$').and_then(|rest| rest.split_once('/')) {
        Some((_, below)) => below,
        None => word,
    };
    joined("", word)
}

/// A hook that a script writes itself: a heredoc, or `echo … > .git/hooks/pre-commit`.
fn written(blob: &Arc<Blob>, number: u32, line: &str, follower: &Follower) -> Vec<Scan> {
    let hook = HOOKS.into_iter().find(|hook| line.contains(&format!("hooks/{hook}")));
    let by_variable =
        line.contains('$') && line.to_ascii_lowercase().contains("hook") && blob.text().contains("hooks/pre-commit");
    let Some(hook) = hook.or(by_variable.then_some("pre-commit")) else { return Vec::new() };
    let scans = match heredoc_end(line) {
        Some(end) => {
            let rest = blob.text().get(blob.offset_of_line(number + 1)..).unwrap_or_default();
            let body: Vec<&str> = rest.lines().take_while(|line| line.trim() != end).collect();
            follower.scans(&body.join("\n"), Strictness::LENIENT, "", |line| blob.line(number + 1 + line))
        }
        None if line.contains('>') => {
            let script: Vec<&str> = line.split(['"', '\'']).skip(1).step_by(2).collect();
            let script = script.join("\n").replace("\\n", "\n");
            follower.scans(&script, Strictness::LENIENT, "", |_| blob.line(number))
        }
        None => Vec::new(),
    };
    let flaw = flaw_of_stage(hook);
    scans.into_iter().map(|scan| Scan { flaw: flaw.or(scan.flaw), ..scan }).collect()
}

/// The word that ends the heredoc which a line opens.
fn heredoc_end(line: &str) -> Option<&str> {
    let rest = line.split_once("<<")?.1.trim_start_matches(['-', '~', ' ', '\\', '"', '\'']);
    let end = rest.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).next()?;
    (!end.is_empty() && !rest.starts_with('<')).then_some(end)
}

/// Scanners that install a hook of their own: `git secrets --install`, `ggshield install --mode local`.
fn self_installed(facts: &Facts) -> Vec<Scan> {
    let mut found = Vec::new();
    for recipe in facts.recipes().all() {
        for command in &recipe.commands {
            let Some(call) = Call::of(&command.words) else { continue };
            let has = |word: &str| call.args.iter().any(|arg| arg == word);
            let scanner = match call.program {
                "git" if has("secrets") && has("--install") => "git-secrets",
                "git-secrets" if has("--install") => "git-secrets",
                "ggshield" if has("install") && !has("pre-push") => "ggshield",
                _ => continue,
            };
            found.push(Scan { scanner, span: recipe.span_of(command), via: None, flaw: None });
        }
    }
    found
}

/// A file that is named after a hook of git, or that a script puts in the place of one.
fn hook_file(
    blob: &Arc<Blob>,
    installed: &[(String, Option<&'static str>)],
    follower: &Follower,
    configs: &mut Vec<Span>,
) -> Vec<Scan> {
    let (folder, name) = blob.path().rsplit_once('/').unwrap_or(("", blob.path()));
    if FOREIGN.iter().any(|foreign| folder == *foreign || folder.ends_with(&format!("/{foreign}")))
        && !installed.iter().any(|(path, _)| path == folder)
    {
        return Vec::new();
    }
    let stem = [".sh", ".bash", ".py"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let placed = installed.iter().find(|(path, _)| path == blob.path() || path == folder);
    let by_name = HOOKS.into_iter().find(|hook| *hook == stem);
    let by_line = placed.filter(|(path, _)| path == blob.path()).and_then(|(_, hook)| *hook);
    let Some(hook) = by_line.or(by_name) else { return Vec::new() };
    if !follows(blob) {
        return Vec::new();
    }
    configs.push(blob.line(1));
    let scans = follower.scans(blob.text(), Strictness::LENIENT, "", |line| blob.line(line + 1));
    let flaw = flaw_of_stage(hook).or(placed.is_none().then_some(Flaw::NotInstalled));
    scans.into_iter().map(|scan| Scan { flaw: flaw.or(scan.flaw), ..scan }).collect()
}

fn follows(blob: &Blob) -> bool {
    !matches!(role_of_path(blob.path()), Role::Vendored | Role::Fixture | Role::Docs | Role::Test | Role::Build)
}
