//! Targets of makefiles and recipes of justfiles.

use super::{Recipe, Runner, folder_of};
use crate::evidence::Blob;
use crate::facts::shell::{Command, Strictness, commands};
use std::sync::Arc;

/// The targets of a makefile. Variables and conditionals of make are not evaluated.
pub(super) fn targets(blob: &Arc<Blob>) -> Vec<Recipe> {
    let mut found: Vec<Recipe> = Vec::new();
    let mut open = 0;
    for (number, line) in logical_lines(blob) {
        if line.starts_with('\t') {
            let first = found.len() - open;
            for recipe in &mut found[first..] {
                add_line(recipe, number, line.trim());
            }
        } else if let Some((names, needs)) = head(&line) {
            open = names.len();
            found.extend(names.into_iter().map(|name| recipe(blob, Runner::Make, name, needs.clone(), number)));
        } else if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
            open = 0;
        }
    }
    found
}

/// The recipes of a justfile.
pub(super) fn just(blob: &Arc<Blob>) -> Vec<Recipe> {
    let mut found: Vec<Recipe> = Vec::new();
    for (number, line) in logical_lines(blob) {
        if line.starts_with([' ', '\t']) {
            if let Some(recipe) = found.last_mut() {
                add_line(recipe, number, line.trim());
            }
        } else if let Some((names, needs)) = head(line.trim_start_matches('@')) {
            let needs =
                needs.into_iter().filter(|need| need != "&&").map(|need| need.trim_matches(['(', ')']).to_owned());
            // Behind the name stand the parameters.
            let name = names.into_iter().next().unwrap_or_default();
            found.push(recipe(blob, Runner::Just, name, needs.collect(), number));
        }
    }
    found
}

fn recipe(blob: &Arc<Blob>, runner: Runner, name: String, needs: Vec<String>, first_line: u32) -> Recipe {
    let folder = folder_of(blob.path());
    Recipe { runner, folder, package: None, name, needs, commands: Vec::new(), blob: blob.clone(), first_line }
}

/// Names and prerequisites of `a b: c d`; none for an assignment.
fn head(line: &str) -> Option<(Vec<String>, Vec<String>)> {
    if line.starts_with(['#', ' ', '\t', '[']) {
        return None;
    }
    let (names, rest) = line.split_once(':')?;
    let assigns = rest.starts_with('=') || rest.starts_with(":=") || names.contains('=') && !names.contains("='");
    if assigns || names.trim().is_empty() {
        return None;
    }
    let rest = rest.trim_start_matches(':').split('#').next().unwrap_or_default();
    let (needs, _) = rest.split_once(';').unwrap_or((rest, ""));
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    Some((words(names), words(needs)))
}

/// Each line of a recipe is a script of its own; `-` in front forgets its failure.
fn add_line(recipe: &mut Recipe, number: u32, line: &str) {
    let ignored = line.starts_with('-') || line.starts_with("@-");
    let script = line.trim_start_matches(['@', '-', '+']);
    let offset = number.saturating_sub(recipe.first_line);
    let added = commands(script, Strictness::LENIENT).into_iter();
    recipe.commands.extend(added.map(|command| Command { line: offset, stops: command.stops && !ignored, ..command }));
}

/// The lines of a file with continued ones joined, by the number of their first line.
fn logical_lines(blob: &Blob) -> Vec<(u32, String)> {
    let mut all: Vec<(u32, String)> = Vec::new();
    let mut continues = false;
    for (number, line) in blob.lines() {
        let body = line.strip_suffix('\\').unwrap_or(line);
        match all.last_mut().filter(|_| continues) {
            Some((_, open)) => {
                open.push(' ');
                open.push_str(body.trim());
            }
            None => all.push((number, body.to_owned())),
        }
        continues = line.ends_with('\\');
    }
    all
}
