//! Builds whose own lifecycle tests and lints: Maven, Gradle, Rake.

use super::{Recipe, Runner, folder_of};
use crate::evidence::Blob;
use crate::facts::shell::{Strictness, commands};
use std::sync::Arc;

/// Plugins that make `verify` or `check` fail on style or on bug patterns.
const LINT_PLUGINS: &[&str] = &[
    "checkstyle",
    "spotbugs",
    "maven-pmd",
    "pmd",
    "ktlint",
    "detekt",
    "spotless",
    "errorprone",
    "error_prone",
    "kotlinter",
];

/// The folder of a build file that has such a plugin.
pub(super) fn linting(blob: &Blob) -> Option<String> {
    let name = blob.path().rsplit('/').next().unwrap_or_default();
    let is_build = matches!(name, "pom.xml" | "build.gradle" | "build.gradle.kts" | "libs.versions.toml");
    let lints = is_build && LINT_PLUGINS.iter().any(|plugin| blob.text().contains(plugin));
    lints.then(|| folder_of(blob.path()))
}

/// The default task of a Rakefile, by the names it lists.
pub(super) fn rake(blob: &Arc<Blob>) -> Vec<Recipe> {
    let heads = blob.lines().filter_map(|(number, line)| {
        let rest = line.trim().strip_prefix("task ")?;
        let (name, needs) = rest
            .split_once([':', '='])
            .filter(|(name, _)| !name.is_empty())
            .or_else(|| rest.strip_prefix(':')?.split_once("=>"))?;
        let needs: Vec<String> = needs
            .split(|letter: char| !(letter.is_alphanumeric() || "_:".contains(letter)))
            .map(|word| word.trim_matches(':').to_owned())
            .collect();
        Some((number, name.trim_matches([':', ' ']).to_owned(), needs))
    });
    let made = heads.map(|(first_line, name, needs)| {
        let script: Vec<String> = needs.iter().filter(|need| !need.is_empty()).map(|need| task(need)).collect();
        let commands = commands(&script.join(" && "), Strictness::ERREXIT);
        let (folder, blob) = (folder_of(blob.path()), blob.clone());
        Recipe { runner: Runner::Rake, folder, package: None, name, needs: Vec::new(), commands, blob, first_line }
    });
    made.collect()
}

/// The command that a well-known task of Rake stands for.
fn task(name: &str) -> String {
    match name {
        "rubocop" | "standard" | "reek" => "rubocop".to_owned(),
        "spec" => "rspec".to_owned(),
        name => format!("rake {name}"),
    }
}
