//! The parts of a repository that have their own manifest, and which of them have a linter.

use super::{Workflow, Workflows};
use crate::facts::Facts;
use crate::facts::shell::role::Role;
use crate::facts::tree::{Role as FileRole, role_of_path};

/// Files that make their folder a part.
const MANIFESTS: &[&str] = &[
    "package.json",
    "pyproject.toml",
    "requirements.txt",
    "setup.py",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "Cargo.toml",
    "Gemfile",
    "composer.json",
    "deno.json",
    "deno.jsonc",
    "mix.exs",
    "Pipfile",
];

/// Heads of the names of linters' own configuration files.
const LINT_FILES: &[&str] = &[
    ".eslintrc",
    "eslint.config.",
    "biome.json",
    ".oxlintrc",
    "oxlint.",
    "ruff.toml",
    ".ruff.toml",
    ".flake8",
    ".pylintrc",
    "pylintrc",
    ".golangci.",
    ".rubocop.yml",
    ".standard.yml",
    "phpcs.xml",
    ".phpcs.xml",
    "phpstan.neon",
    "checkstyle.xml",
    "detekt.yml",
    ".swiftlint.yml",
    "tslint.json",
    ".stylecop",
    "stylecop.json",
    ".credo.exs",
    "clippy.toml",
];

/// Linters by the names under which manifests list them.
const LINTERS: &[&str] = &[
    "eslint",
    "oxlint",
    "@biomejs/biome",
    "\"xo\"",
    "\"standard\"",
    "tslint",
    "ruff",
    "flake8",
    "pylint",
    "rubocop",
    "standardrb",
    "php_codesniffer",
    "phpstan",
    "friendsofphp/php-cs-fixer",
    "checkstyle",
    "spotbugs",
    "ktlint",
    "detekt",
    "spotless",
    "credo",
    "StyleCop",
];

/// Folders, the root as an empty one.
#[derive(Debug, Default)]
pub(super) struct Parts {
    all: Vec<String>,
    linted: Vec<String>,
}

impl Parts {
    pub(super) fn read(facts: &Facts) -> Self {
        let mut parts = Self::default();
        for path in facts.tree().files() {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            if matches!(
                role_of_path(path),
                FileRole::Vendored | FileRole::Build | FileRole::Fixture | FileRole::Example
            ) {
                continue;
            }
            let manifest = MANIFESTS.contains(&name);
            let text = || facts.snapshot.blob(path).map_or("", |blob| blob.text());
            if manifest {
                parts.all.push(folder.to_owned());
            }
            if LINT_FILES.iter().any(|head| name.starts_with(head))
                || (manifest && LINTERS.iter().any(|tool| text().contains(tool)))
            {
                parts.linted.push(folder.to_owned());
            }
        }
        let recipes = facts.recipes().all().iter().filter(|recipe| {
            recipe.commands.iter().any(|command| {
                let call = crate::facts::shell::call::Call::of(&command.words);
                call.is_some_and(|call| crate::facts::shell::role::roles(call).contains(&Role::Lints))
            })
        });
        parts.linted.extend(recipes.map(|recipe| recipe.folder.clone()));
        parts
    }
}

impl Workflows {
    /// The part that a job works in: the folder of its commands, or the one its trigger's paths share.
    pub(super) fn part_of(&self, workflow: &Workflow, folders: &[&str]) -> Option<String> {
        let by_folder = folders.iter().copied().filter(|folder| !folder.is_empty());
        let mut triggered =
            workflow.triggers.iter().flat_map(|trigger| &trigger.paths).filter(|path| !path.starts_with(".github"));
        let first = triggered.next().and_then(|path| path.split_once("/**").map(|(folder, _)| folder.to_owned()));
        let shared = first.filter(|first| triggered.all(|path| path.starts_with(first.as_str())));
        let candidates = by_folder.map(str::to_owned).chain(shared);
        let mut known = candidates.filter(|folder| self.parts.all.iter().any(|part| part == folder));
        known.next()
    }

    /// A part below the root that has no linter, in a repository that has one elsewhere.
    pub fn is_part_without_linter(&self, part: &str) -> bool {
        let above = |linted: &String| linted.is_empty() || *linted == part || part.starts_with(&format!("{linted}/"));
        let below = |linted: &String| linted.starts_with(&format!("{part}/"));
        !part.is_empty()
            && !self.parts.linted.is_empty()
            && !self.parts.linted.iter().any(|linted| above(linted) || below(linted))
    }
}
