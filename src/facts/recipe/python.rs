//! Environments of tox, sessions of nox, and the script tables of `pyproject.toml`.

use super::{Recipe, Runner, folder_of};
use crate::evidence::Blob;
use crate::facts::shell::{Command, Strictness, commands};
use std::sync::Arc;

/// The environments of `tox.ini`: what is in `[testenv]` holds for those that do not say otherwise.
pub(super) fn tox(blob: &Arc<Blob>) -> Vec<Recipe> {
    let mut found: Vec<Recipe> = Vec::new();
    let mut reads_commands = false;
    let mut listed = Vec::new();
    for (number, line) in blob.lines() {
        let bare = line.trim();
        if let Some(section) = bare.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let name = section.strip_prefix("testenv:").or_else(|| (section == "testenv").then_some(""));
            found.extend(name.map(|name| recipe(blob, Runner::Tox, name, number)));
            reads_commands = false;
        } else if let Some(rest) = value_of(bare, &["envlist", "env_list"]) {
            listed.extend(rest.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()));
        } else if !line.starts_with([' ', '\t']) {
            let rest = value_of(bare, &["commands"]);
            reads_commands = rest.is_some();
            add(found.last_mut(), number, rest.unwrap_or_default());
        } else if reads_commands {
            add(found.last_mut(), number, bare);
        }
    }
    let bare = found.iter().find(|recipe| recipe.name.is_empty()).map(|recipe| recipe.commands.clone());
    for recipe in found.iter_mut().filter(|recipe| recipe.commands.is_empty()) {
        recipe.commands = bare.clone().unwrap_or_default();
    }
    // `tox` alone runs every listed environment: the bare one needs them.
    if let Some(recipe) = found.iter_mut().find(|recipe| recipe.name.is_empty()) {
        recipe.needs = listed;
    }
    found
}

fn value_of<'a>(line: &'a str, keys: &[&str]) -> Option<&'a str> {
    let (key, value) = line.split_once('=')?;
    keys.contains(&key.trim()).then(|| value.trim())
}

/// A line of `commands`, each a script of its own; `-` in front forgets its failure.
fn add(recipe: Option<&mut Recipe>, number: u32, line: &str) {
    let Some(recipe) = recipe else { return };
    let ignored = line.starts_with('-');
    let script = line.trim_start_matches(['-', '!']).trim_end_matches('\\');
    let offset = number.saturating_sub(recipe.first_line);
    let read = commands(script, Strictness::ERREXIT).into_iter();
    recipe.commands.extend(read.map(|command| Command { line: offset, stops: !ignored, ..command }));
}

fn recipe(blob: &Arc<Blob>, runner: Runner, name: &str, first_line: u32) -> Recipe {
    Recipe {
        runner,
        folder: folder_of(blob.path()),
        package: None,
        name: name.to_owned(),
        needs: Vec::new(),
        commands: Vec::new(),
        blob: blob.clone(),
        first_line,
    }
}

/// The sessions of `noxfile.py`, by their `def` lines and the literal words of `session.run(…)`.
pub(super) fn nox(blob: &Arc<Blob>) -> Vec<Recipe> {
    let mut found: Vec<Recipe> = Vec::new();
    let mut decorated = false;
    for (number, line) in blob.lines() {
        let bare = line.trim();
        if bare.starts_with("@nox.session") || bare.starts_with("@session") {
            decorated = true;
        } else if let Some(rest) = line.strip_prefix("def ") {
            if std::mem::take(&mut decorated) {
                found.push(recipe(blob, Runner::Nox, rest.split('(').next().unwrap_or_default(), number));
            }
        } else if let (Some(recipe), Some((_, args))) = (found.last_mut(), bare.split_once("session.run(")) {
            let words = args.split(['"', '\'']).skip(1).step_by(2).collect::<Vec<_>>().join(" ");
            add(Some(recipe), number, &words);
        }
    }
    found
}

/// Script tables of the tools that keep them in `pyproject.toml`.
const TABLES: &[&[&str]] = &[
    &["tool", "poe", "tasks"],
    &["tool", "pdm", "scripts"],
    &["tool", "rye", "scripts"],
    &["tool", "taskipy", "tasks"],
    &["tool", "hatch", "envs", "default", "scripts"],
    &["tool", "hatch", "envs", "test", "scripts"],
    &["tool", "hatch", "envs", "lint", "scripts"],
];

pub(super) fn pyproject(blob: &Arc<Blob>) -> Vec<Recipe> {
    let Ok(document) = blob.text().parse::<toml_edit::Document<String>>() else { return Vec::new() };
    let mut found = Vec::new();
    for path in TABLES {
        let table = path.iter().try_fold(document.as_item(), |item, key| item.get(key));
        for (name, value) in table.and_then(|table| table.as_table_like()).into_iter().flat_map(|table| table.iter()) {
            let line = value.span().map_or(1, |span| blob.span(span).line());
            let mut made = recipe(blob, Runner::Python, name, line);
            made.commands = script_of(value).map_or(Vec::new(), |script| commands(&script, Strictness::ERREXIT));
            made.commands.iter_mut().for_each(|command| command.line = 0);
            found.push(made);
        }
    }
    found
}

/// A string, a list of them, or a table with `cmd`, `shell` or `sequence`.
fn script_of(item: &toml_edit::Item) -> Option<String> {
    if let Some(text) = item.as_str() {
        return Some(text.to_owned());
    }
    if let Some(list) = item.as_array() {
        return Some(list.iter().filter_map(|value| value.as_str()).collect::<Vec<_>>().join(" && "));
    }
    ["cmd", "shell", "sequence", "composite"].iter().find_map(|key| item.get(key)).and_then(script_of)
}
