//! Scripts of `package.json` and `composer.json`, tasks of `deno.json`.

use super::{Recipe, Runner, folder_of};
use crate::evidence::Blob;
use crate::facts::shell::{Strictness, commands};
use serde_json::Value;
use std::sync::Arc;

/// The scripts of a manifest; none where it is no JSON, which the store of manifests reports.
pub(super) fn scripts(blob: &Arc<Blob>, runner: Runner) -> Vec<Recipe> {
    let options = jsonc_parser::ParseOptions::default();
    let parsed: Option<Value> = jsonc_parser::parse_to_serde_value(blob.text(), &options).ok();
    let Some(manifest) = parsed else { return Vec::new() };
    let section = if runner == Runner::Deno { "tasks" } else { "scripts" };
    let package = manifest.get("name").and_then(Value::as_str).map(str::to_owned);
    let Some(entries) = manifest.get(section).and_then(Value::as_object) else { return Vec::new() };
    let found = entries.iter().filter_map(|(name, value)| {
        let script = text(value)?;
        let first_line = line_of(blob, section, name);
        let mut commands = commands(&script, Strictness::LENIENT);
        // The script is one line of the manifest whatever it holds.
        commands.iter_mut().for_each(|command| command.line = 0);
        let (package, folder) = (package.clone(), folder_of(blob.path()));
        let needs = Vec::new();
        Some(Recipe { runner, folder, package, name: name.clone(), needs, commands, blob: blob.clone(), first_line })
    });
    found.collect()
}

/// A script, a list of them (Composer) or an object with a command (Deno).
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(script) => Some(script.clone()),
        Value::Array(list) => Some(list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" && ")),
        Value::Object(object) => object.get("command").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    }
}

/// The line of a key below a section; the first line where it is not found.
fn line_of(blob: &Blob, section: &str, name: &str) -> u32 {
    let (head, key) = (format!("\"{section}\""), format!("\"{name}\""));
    let mut lines = blob.lines().skip_while(|(_, line)| !line.contains(&head));
    let found =
        lines.find(|(_, line)| line.split_once(&key).is_some_and(|(_, rest)| rest.trim_start().starts_with(':')));
    found.map_or(1, |(number, _)| number)
}
