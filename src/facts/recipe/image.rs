//! What the building of an image runs: the `RUN` steps of the stages that end up in it.

use super::{Recipe, Recipes, Runner, folder_of};
use crate::facts::dockerfile::{Dockerfile, StepKind};
use crate::facts::shell::call::Call;
use crate::facts::shell::{Command, Strictness, commands, joined};
use std::sync::Arc;

impl Recipes {
    /// One recipe for each stage that can be asked for; the last one is what is built without a target.
    pub(super) fn image_recipes(file: &Dockerfile) -> Vec<Recipe> {
        let last = file.stages.len().saturating_sub(1);
        let named = file.stages.iter().enumerate().filter(|(index, stage)| *index == last || stage.name.is_some());
        named
            .map(|(index, stage)| recipe(file, index, (index != last).then_some(stage.name.as_deref()).flatten()))
            .collect()
    }

    /// The image that a command builds.
    pub(super) fn image_of(&self, call: Call, folder: &str) -> Option<&Recipe> {
        let words: Vec<&str> = call.positionals().collect();
        let builds = matches!(call.program, "docker" | "podman" | "buildah" | "nerdctl") && words.contains(&"build");
        let context = joined(folder, words.last().filter(|_| builds)?);
        let file = match call.option("-f").or(call.option("--file")) {
            Some(file) => joined(folder, file),
            None => joined(&context, "Dockerfile"),
        };
        let target = call.option("--target");
        let image = |recipe: &&Recipe| recipe.runner == Runner::Image && recipe.name == file;
        let named = || self.recipes.iter().filter(image).find(|recipe| recipe.package.as_deref() == target);
        named().or_else(|| self.recipes.iter().filter(image).find(|recipe| recipe.package.is_none()))
    }
}

fn recipe(file: &Dockerfile, stage: usize, target: Option<&str>) -> Recipe {
    let mut used = file.used_by(stage);
    used.sort_unstable();
    let steps = used.iter().filter_map(|index| file.stages.get(*index)).flat_map(|stage| &stage.steps);
    let runs = steps.filter_map(|step| match &step.kind {
        StepKind::Run(script) => Some((step.span.line() - 1, commands(script, Strictness::LENIENT))),
        _ => None,
    });
    // A step of an image starts in a folder of the image, which holds the build's context.
    let placed = runs
        .flat_map(|(line, all)| all.into_iter().map(move |command| Command { line, folder: String::new(), ..command }));
    Recipe {
        runner: Runner::Image,
        folder: folder_of(file.path()),
        package: target.map(str::to_owned),
        name: file.path().to_owned(),
        needs: Vec::new(),
        commands: placed.collect(),
        blob: Arc::clone(file.blob()),
        first_line: 1,
    }
}
