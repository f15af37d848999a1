//! Tasks of a Taskfile, and the hooks of pre-commit as one piece of work.

use super::{Recipe, Runner, folder_of};
use crate::evidence::Blob;
use crate::facts::shell::{Command, Strictness, commands};
use crate::facts::yaml::{Yaml, documents};
use std::sync::Arc;

pub(super) fn tasks(blob: &Arc<Blob>) -> Vec<Recipe> {
    let tasks = documents(blob).ok().and_then(|all| all.first()?.get("tasks"));
    let entries = tasks.map(|tasks| tasks.entries()).unwrap_or_default();
    entries.into_iter().filter_map(|(key, task)| Some(recipe(blob, key.text()?, key.line(), &task))).collect()
}

fn recipe(blob: &Arc<Blob>, name: &str, first_line: u32, task: &Yaml) -> Recipe {
    let listed = task.get("cmds").map(|list| list.items()).unwrap_or_default();
    let steps =
        if task.is_mapping() { task.get("cmd").into_iter().chain(listed).collect() } else { task.items_or_self() };
    let needs = task.get("deps").map(|deps| deps.items()).unwrap_or_default();
    let called = |yaml: &Yaml| yaml.text().map(str::to_owned).or_else(|| yaml.get("task")?.text().map(str::to_owned));
    let mut all: Vec<Command> = Vec::new();
    for step in steps {
        let ignored = step.get("ignore_error").and_then(|value| value.truth()) == Some(true);
        let script = match step.get("task") {
            Some(task) => format!("task {}", task.text().unwrap_or_default()),
            None => step
                .text()
                .map(str::to_owned)
                .or_else(|| step.get("cmd")?.text().map(str::to_owned))
                .unwrap_or_default(),
        };
        let line = step.line().saturating_sub(first_line);
        let read = commands(&script, Strictness::ERREXIT).into_iter();
        all.extend(read.map(|command| Command { line, stops: command.stops && !ignored, ..command }));
    }
    Recipe {
        runner: Runner::Task,
        folder: folder_of(blob.path()),
        package: None,
        name: name.to_owned(),
        needs: needs.iter().filter_map(called).collect(),
        commands: all,
        blob: blob.clone(),
        first_line,
    }
}

/// All hooks that `pre-commit run` would run, each as a command of its name.
pub(super) fn hooks(blob: &Arc<Blob>) -> Vec<Recipe> {
    let Some(config) = documents(blob).ok().and_then(|all| all.into_iter().next()) else { return Vec::new() };
    let repos = config.get("repos").map(|repos| repos.items()).unwrap_or_default();
    let hooks = repos.iter().filter_map(|repo| repo.get("hooks")).flat_map(|hooks| hooks.items());
    let runs = hooks.filter_map(|hook| {
        let id = hook.get("id")?.text()?.to_owned();
        let entry = hook.get("entry").and_then(|entry| entry.text().map(str::to_owned));
        let manual =
            hook.get("stages").is_some_and(|stages| stages.items().iter().all(|stage| stage.text() == Some("manual")));
        let script = entry.unwrap_or_else(|| command_of(&id));
        let line = hook.line().saturating_sub(1);
        let read = commands(&script, Strictness::ERREXIT).into_iter();
        (!manual).then(|| read.map(move |command| Command { line, stops: true, ..command }).collect::<Vec<_>>())
    });
    let commands = runs.flatten().collect();
    let folder = folder_of(blob.path());
    let (needs, blob) = (Vec::new(), blob.clone());
    vec![Recipe {
        runner: Runner::Hooks,
        folder,
        package: None,
        name: String::new(),
        needs,
        commands,
        blob,
        first_line: 1,
    }]
}

/// The command that a published hook stands for, by its id: `ruff`, `golangci-lint-full`, `eslint`, `pylint`.
fn command_of(id: &str) -> String {
    match id {
        "ruff" | "ruff-check" => "ruff check".to_owned(),
        "biome-check" | "biome-lint" | "biome-ci" => "biome check".to_owned(),
        "golangci-lint" | "golangci-lint-full" | "golangci-lint-mod" => "golangci-lint run".to_owned(),
        "go-vet" | "go-vet-mod" | "go-vet-repo-mod" => "go vet".to_owned(),
        "clippy" => "cargo clippy".to_owned(),
        "dotnet-format" => "dotnet format".to_owned(),
        id => id.to_owned(),
    }
}
