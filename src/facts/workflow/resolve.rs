//! What is shared by the readers of all providers: scripts with their lines, and protection that is kept as code.

use super::Step;
use crate::evidence::{Blob, Span};
use crate::facts::recipe::{Act, Recipes};
use crate::facts::shell::{Strictness, commands};
use crate::facts::yaml::{Yaml, documents};
use std::sync::Arc;

/// The acts of a script that stands in YAML, each at its own line.
pub(super) fn script_acts(script: &Yaml, folder: &str, strictness: Strictness, recipes: &Recipes) -> Vec<Act> {
    let Some(text) = script.text() else { return Vec::new() };
    let first = first_line(script, text);
    let at = |line: u32| script.blob().line(first.saturating_add(line));
    commands(text, strictness).iter().flat_map(|command| recipes.expand(command, folder, &at(command.line))).collect()
}

/// The line at which a scalar's text begins: that of its first line of text, also below `|` and `>`.
fn first_line(yaml: &Yaml, text: &str) -> u32 {
    let first_words = text.lines().next().unwrap_or_default().trim();
    let from = yaml.line();
    let candidates = yaml.blob().lines().skip(from.saturating_sub(1) as usize).take(3);
    let mut found = candidates.filter(|(_, line)| !first_words.is_empty() && line.contains(first_words));
    found.next().map_or(from, |(number, _)| number)
}

/// A step with nothing in it yet.
pub(super) fn step(span: Span) -> Step {
    Step {
        name: None,
        span,
        condition: None,
        tolerated: false,
        uses: None,
        inputs: Vec::new(),
        environment: Vec::new(),
        acts: Vec::new(),
        opaque: false,
    }
}

/// Key and scalar value pairs of a mapping.
pub(super) fn pairs(yaml: Option<Yaml>) -> Vec<(String, String, Span)> {
    let entries = yaml.map(|yaml| yaml.entries()).unwrap_or_default();
    let pair = |(key, value): (Yaml, Yaml)| {
        Some((key.text()?.to_owned(), value.text().unwrap_or_default().to_owned(), key.span()))
    };
    entries.into_iter().filter_map(pair).collect()
}

/// Environments that people must approve, as Probot's settings file or Terraform's GitHub provider keeps them.
pub(super) fn reviewed(blob: &Arc<Blob>) -> Vec<(String, Span)> {
    match blob.path() {
        path if is_settings(path) => by_settings(blob).unwrap_or_default(),
        path if path.ends_with(".tf") && blob.text().contains("github_repository_environment") => by_terraform(blob),
        _ => Vec::new(),
    }
}

/// `.github/settings.yml`, or a file per repository or environment below `.github`; never a workflow.
fn is_settings(path: &str) -> bool {
    let yaml = path.ends_with(".yml") || path.ends_with(".yaml");
    yaml && path.starts_with(".github/") && !path.starts_with(".github/workflows/")
}

fn by_settings(blob: &Arc<Blob>) -> Option<Vec<(String, Span)>> {
    let environments = documents(blob).ok()?.first()?.get("environments")?;
    let listed = environments.items().into_iter().map(|environment| (environment.get("name"), environment));
    let keyed = environments.entries().into_iter().map(|(name, environment)| (Some(name), environment));
    let reviewed = listed.chain(keyed).filter_map(|(name, environment)| {
        let reviewers = environment.get("reviewers").filter(|list| !list.items().is_empty())?;
        Some((name?.text()?.to_owned(), reviewers.span()))
    });
    Some(reviewed.collect())
}

/// `resource "github_repository_environment" … { environment = "production"  reviewers { … } }`, by its lines.
fn by_terraform(blob: &Blob) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    let mut name: Option<String> = None;
    let mut inside = false;
    for (number, line) in blob.lines() {
        let bare = line.trim();
        if bare.starts_with("resource ") {
            inside = bare.contains("\"github_repository_environment\"");
            name = None;
        } else if inside && bare.starts_with("environment") && bare.contains('=') {
            name = bare.split('"').nth(1).map(str::to_owned);
        } else if inside && bare.starts_with("reviewers") {
            found.extend(name.clone().map(|name| (name, blob.line(number))));
        }
    }
    found
}
