//! Named pieces of work that others call: package scripts, make and just targets, tox environments, script files.

mod build;
mod calls;
mod expand;
mod image;
mod make;
mod package;
mod python;
mod task;

use super::shell::{Command, Strictness, commands};
use super::tree::{Role as FileRole, role_of_path};
use super::{Facet, Facts};
use crate::evidence::Blob;
use std::sync::Arc;

pub use expand::{Act, role_of_name};

/// Who runs a recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Runner {
    /// `npm run`, `yarn`, `pnpm`, `bun run`.
    Package,
    Composer,
    Deno,
    Make,
    Just,
    /// `task`, with a Taskfile.
    Task,
    Tox,
    Nox,
    /// `poe`, `pdm run`, `hatch run`, `taskipy`.
    Python,
    Rake,
    /// `pre-commit run`: one recipe of all hooks.
    Hooks,
    /// A shell script, by its path.
    Script,
    /// The building of an image, by the path of its Dockerfile; its target stands for the package.
    Image,
}

/// One piece of work.
#[derive(Debug, Clone)]
pub struct Recipe {
    pub runner: Runner,
    /// The folder of its file, which is where its commands start.
    pub folder: String,
    /// The name of the package it belongs to, where there is one.
    pub package: Option<String>,
    pub name: String,
    /// Recipes of the same runner and folder that run before it.
    pub needs: Vec<String>,
    pub commands: Vec<Command>,
    blob: Arc<Blob>,
    /// The line of its file, from 1, at which line 0 of its commands stands.
    first_line: u32,
}

impl Recipe {
    /// The place of its head.
    pub fn span(&self) -> crate::evidence::Span {
        self.blob.line(self.first_line)
    }

    /// The place of one of its commands.
    pub fn span_of(&self, command: &Command) -> crate::evidence::Span {
        self.blob.line(self.first_line.saturating_add(command.line))
    }
}

/// Every recipe of the repository, in the order of paths.
#[derive(Debug, Default)]
pub struct Recipes {
    recipes: Vec<Recipe>,
    /// Folders of Maven and Gradle builds whose own lifecycle runs a linter.
    linting_builds: Vec<String>,
}

impl Recipes {
    pub fn all(&self) -> &[Recipe] {
        &self.recipes
    }
}

impl Facet for Recipes {
    fn read(facts: &Facts) -> Self {
        // The store of Dockerfiles asks for none that is made of recipes.
        let images = facts.dockerfiles().all().flat_map(Self::image_recipes);
        let mut found = Self { recipes: images.collect(), ..Self::default() };
        for blob in facts.snapshot.blobs() {
            if matches!(role_of_path(blob.path()), FileRole::Vendored | FileRole::Build) {
                continue;
            }
            found.recipes.extend(recipes_of(blob));
            found.linting_builds.extend(build::linting(blob));
        }
        found
    }
}

fn recipes_of(blob: &Arc<Blob>) -> Vec<Recipe> {
    let name = blob.path().rsplit('/').next().unwrap_or_default();
    match name {
        "package.json" => package::scripts(blob, Runner::Package),
        "composer.json" => package::scripts(blob, Runner::Composer),
        "deno.json" | "deno.jsonc" => package::scripts(blob, Runner::Deno),
        "Makefile" | "makefile" | "GNUmakefile" => make::targets(blob),
        "justfile" | "Justfile" | ".justfile" => make::just(blob),
        "Taskfile.yml" | "Taskfile.yaml" | "taskfile.yml" | "taskfile.yaml" => task::tasks(blob),
        ".pre-commit-config.yaml" | ".pre-commit-config.yml" | "prek.yaml" => task::hooks(blob),
        "tox.ini" | "setup.cfg" => python::tox(blob),
        "noxfile.py" => python::nox(blob),
        "pyproject.toml" => python::pyproject(blob),
        "Rakefile" => build::rake(blob),
        _ if is_shell_script(blob, name) => vec![script(blob)],
        _ => Vec::new(),
    }
}

fn is_shell_script(blob: &Blob, name: &str) -> bool {
    let by_name = [".sh", ".bash", ".zsh", ".ksh"].iter().any(|suffix| name.ends_with(suffix));
    by_name
        || !name.contains('.') && {
            let first = blob.text().lines().next().unwrap_or_default();
            first.starts_with("#!") && ["/sh", "bash", "zsh", "dash"].iter().any(|shell| first.contains(shell))
        }
}

fn script(blob: &Arc<Blob>) -> Recipe {
    Recipe {
        runner: Runner::Script,
        folder: String::new(),
        package: None,
        name: blob.path().to_owned(),
        needs: Vec::new(),
        commands: commands(blob.text(), Strictness::LENIENT),
        blob: blob.clone(),
        first_line: 1,
    }
}

/// The folder of a path, empty for the root.
fn folder_of(path: &str) -> String {
    path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())
}

#[cfg(test)]
mod tests;
