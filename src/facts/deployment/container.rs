//! Whether the repository builds a container that runs in production.

use super::places::{file_name, is_own, named_environment};
use super::{Environment, Life, Platform, Workload};
use crate::evidence::Span;
use crate::facts::Facts;

/// Files (by the end of their path) and words in them that build an image without a Dockerfile.
const BUILDERS: &[(&str, &str)] = &[
    ("pom.xml", "jib-maven-plugin"),
    ("pom.xml", "build-image"),
    ("build.gradle", "com.google.cloud.tools.jib"),
    ("build.gradle.kts", "com.google.cloud.tools.jib"),
    ("build.gradle", "bootBuildImage"),
    ("build.gradle.kts", "bootBuildImage"),
    (".ko.yaml", ""),
    ("project.toml", "buildpacks"),
    ("heroku.yml", "docker"),
];

/// What shows that a container is built for production: an image's recipe, or a manifest that runs one of ours.
pub fn built_container(facts: &Facts) -> Option<Span> {
    let recipe = facts.snapshot.blobs().find(|blob| {
        let path = blob.path();
        is_own(path) && (is_recipe(path) || builds_without_recipe(path, blob.text()))
    });
    let run = || facts.deployment().production().find(|workload| runs_container(workload));
    recipe.map(|blob| blob.line(1)).or_else(|| run().map(|workload| workload.span.clone()))
}

/// A workload that runs an image of ours, rather than a function or another project's image.
pub fn runs_container(workload: &Workload) -> bool {
    let is_container_platform = !matches!(
        workload.platform,
        Platform::CloudFunctions
            | Platform::Workers
            | Platform::Vercel
            | Platform::Supabase
            | Platform::Systemd
            | Platform::Heroku
            | Platform::AppEngine
            | Platform::AppService
            | Platform::Lambda
            | Platform::Render
    );
    is_container_platform
        && workload.life != Life::Function
        && workload.containers.iter().any(|container| !container.foreign)
}

fn is_recipe(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let is_named_so = name == "dockerfile"
        || name == "containerfile"
        || name.starts_with("dockerfile.")
        || name.starts_with("containerfile.")
        || name.ends_with(".dockerfile");
    let is_for_development =
        named_environment(path) == Some(Environment::Development) || path.contains(".devcontainer/");
    is_named_so && !is_for_development && !name.ends_with(".dockerignore") && !name.ends_with(".example")
}

fn builds_without_recipe(path: &str, text: &str) -> bool {
    BUILDERS.iter().any(|(end, word)| file_name(path) == *end && text.contains(word))
}
