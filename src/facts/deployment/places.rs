//! Which environment a manifest is for, and whether it is the project's own, by its path.

use super::Environment;
use crate::facts::tree::{Role, role_of_path};

/// Words of a path that say production.
const PRODUCTION: &[&str] = &["prod", "production", "prd", "live", "release"];
/// Words that say another environment that is deployed to.
const OTHER: &[&str] = &[
    "staging",
    "stage",
    "stg",
    "uat",
    "qa",
    "preview",
    "preprod",
    "nonprod",
    "sandbox",
    "canary",
    "demo",
    "loadtest",
    "perf",
    "int",
    "integration",
    "acceptance",
    "review",
];
/// Words that say a developer's machine or a test run.
const DEVELOPMENT: &[&str] = &[
    "dev",
    "devel",
    "development",
    "local",
    "localhost",
    "minikube",
    "kind",
    "k3d",
    "tilt",
    "skaffold",
    "devcontainer",
    "debug",
    "test",
    "tests",
    "testing",
    "ci",
    "e2e",
    "playground",
];
/// The environment that a path names; the most specific word wins, which is the last one of the path.
pub fn named_environment(path: &str) -> Option<Environment> {
    let lower = path.to_ascii_lowercase();
    let joined = lower.replace("pre-prod", "preprod").replace("non-prod", "nonprod");
    let words = joined.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.filter_map(environment_of_word).next_back()
}

/// The environment that one word names.
fn environment_of_word(word: &str) -> Option<Environment> {
    let word = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
    [(PRODUCTION, Environment::Production), (OTHER, Environment::Other), (DEVELOPMENT, Environment::Development)]
        .into_iter()
        .find_map(|(words, environment)| words.contains(&word).then_some(environment))
}

/// The environment of a path that stands alone: production where nothing says otherwise.
pub fn environment_of(path: &str) -> Environment {
    named_environment(path).unwrap_or(Environment::Production)
}

/// A manifest that this repository deploys: not a test's, an example's, a document's or a dependency's.
pub fn is_own(path: &str) -> bool {
    !matches!(
        role_of_path(path),
        Role::Vendored | Role::Build | Role::Fixture | Role::Test | Role::Example | Role::Docs
    )
}

/// The folder of a path, without the slash at its end; empty for the root.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part of a path.
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A relative path seen from a folder, with its `.` and `..` taken out; none where it leaves the repository or is
/// no path of it.
pub fn resolve(folder: &str, relative: &str) -> Option<String> {
    if relative.contains("://") || relative.starts_with('/') || relative.contains('$') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_their_environment() {
        assert_eq!(environment_of("k8s/deployment.yaml"), Environment::Production);
        assert_eq!(named_environment("overlays/staging/kustomization.yaml"), Some(Environment::Other));
        assert_eq!(named_environment("dev/overlays/prod/a.yaml"), Some(Environment::Production));
        assert_eq!(named_environment("docker-compose.dev.yml"), Some(Environment::Development));
        assert_eq!(named_environment("k8s/pre-prod/a.yaml"), Some(Environment::Other));
        assert_eq!(named_environment("eu1-prod2/values.yaml"), Some(Environment::Production));
        assert_eq!(named_environment("deploy/delivery.yaml"), None);
        assert!(!is_own("tests/fixtures/k8s/a.yaml") && is_own("k8s/base/a.yaml"));
    }

    #[test]
    fn relative_paths_stay_inside() {
        assert_eq!(resolve("k8s/prod", "../base/").as_deref(), Some("k8s/base"));
        assert_eq!(resolve("", "../x"), None);
        assert_eq!(resolve("a", "https://x.test/y"), None);
    }
}
