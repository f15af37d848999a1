//! Which Dockerfiles make the images that run in production, and which of their stages is deployed.

use super::builds::{self, Build, is_development_path, is_development_word};
use super::{Dockerfile, Dockerfiles, builders, parse};
use crate::evidence::Evidence;
use crate::facts::{Facts, Unread};
use crate::snapshot::Content;

/// More Dockerfiles than this are not read.
const MAX_FILES: usize = 2_000;

pub(super) fn read(facts: &Facts) -> Dockerfiles {
    let builds = builds::read(facts);
    let (mut files, mut unread) = (Vec::new(), Vec::new());
    for (path, entry) in facts.snapshot.entries().filter(|(path, _)| is_dockerfile(path)).take(MAX_FILES) {
        let read = match &entry.content {
            Content::Text(blob) => parse::parse(blob),
            Content::Unreadable(reason) => {
                Err(Evidence::absent([path.to_string()], format!("could not be read: {reason}")))
            }
            _ => continue,
        };
        match read {
            Ok(file) => files.push(file),
            // One that only tests need may be broken on purpose.
            Err(evidence) if !is_development_path(path) => unread.push(Unread(evidence)),
            Err(_) => {}
        }
    }
    let mut deployed = Vec::new();
    for (index, file) in files.iter().enumerate() {
        if is_production(file.path(), &files, &builds) {
            let listed = lists_development(facts, file.path());
            deployed.extend(targets(file, &builds).into_iter().map(|target| (index, target, listed)));
        }
    }
    let builders = if deployed.is_empty() { builders::read(facts) } else { Vec::new() };
    Dockerfiles { files, deployed, builders, unread }
}

/// A Dockerfile by its name; templates of one are none, since only rendering could tell what they say.
fn is_dockerfile(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let ends = [
        ".md",
        ".j2",
        ".jinja",
        ".jinja2",
        ".tmpl",
        ".tpl",
        ".template",
        ".erb",
        ".dockerignore",
        ".sh",
        ".py",
        ".js",
        ".ts",
        ".go",
        ".rs",
        ".bak",
        ".orig",
        ".rej",
        ".txt",
        ".json",
        ".yml",
        ".yaml",
        ".hbs",
        ".mustache",
        ".in",
        ".ejs",
    ];
    if ends.iter().any(|end| name.ends_with(end)) || path.contains("node_modules/") {
        return false;
    }
    ["dockerfile", "containerfile"].iter().any(|word| {
        name == *word
            || name.ends_with(&format!(".{word}"))
            || (name.strip_prefix(word)).is_some_and(|rest| rest.starts_with(['.', '-', '_']))
    })
}

fn is_production(path: &str, files: &[Dockerfile], builds: &[Build]) -> bool {
    if is_development_path(path) {
        return false;
    }
    let named: Vec<&Build> = builds.iter().filter(|build| build.file == path).collect();
    if !named.is_empty() && named.iter().all(|build| build.development) && is_only_for_developers(&named) {
        return false;
    }
    let beside = |other: &str| folder(other) == folder(path) && names_production(other);
    let superseded = !names_production(path) && files.iter().any(|file| beside(file.path()));
    !superseded || named.iter().any(|build| !build.development)
}

/// A target that is named may be one stage of a file whose others go live; a file built whole is what it is.
fn is_only_for_developers(builds: &[&Build]) -> bool {
    builds.iter().all(|build| build.target.is_none())
}

fn names_production(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
    name.split(['.', '-', '_']).any(|word| matches!(word, "prod" | "production" | "release" | "deploy"))
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The deployed stages: those that builds name, or the last one that is not for development.
fn targets(file: &Dockerfile, builds: &[Build]) -> Vec<usize> {
    let position =
        |name: &str| file.stages.iter().rposition(|stage| stage.name.as_deref() == Some(&name.to_lowercase()));
    let of_file: Vec<&Build> = builds.iter().filter(|build| build.file == file.path() && !build.development).collect();
    let mut targets: Vec<usize> = of_file.iter().filter_map(|build| position(build.target.as_deref()?)).collect();
    let whole = of_file.iter().any(|build| build.target.is_none());
    if targets.is_empty() || whole && !has_production_stage(file, &targets) {
        targets.extend(default_target(file));
    }
    targets.sort_unstable();
    targets.dedup();
    // A stage that another deployed stage starts from is no image of its own.
    let inner: Vec<usize> = targets
        .iter()
        .copied()
        .filter(|target| targets.iter().any(|other| other != target && file.used_by(*other).contains(target)))
        .collect();
    targets.retain(|target| !inner.contains(target));
    targets
}

/// A build without a target beside one with it: often the same command, split over lines that were not understood.
fn has_production_stage(file: &Dockerfile, targets: &[usize]) -> bool {
    let last = file.stages.len().saturating_sub(1);
    targets.contains(&last)
        || file.stages.get(last).is_some_and(|stage| stage.name.as_deref().is_some_and(is_development_word))
}

/// Docker builds the last stage; one that is named for development gives way to a production stage before it.
fn default_target(file: &Dockerfile) -> Option<usize> {
    let last = file.stages.len().checked_sub(1)?;
    let is_development = |index: usize| {
        file.stages
            .get(index)
            .and_then(|stage| stage.name.as_deref())
            .is_some_and(|name| name.split(['-', '_']).any(is_development_word))
    };
    if !is_development(last) {
        return Some(last);
    }
    let words = ["prod", "production", "runtime", "runner", "release", "final", "app", "deploy", "server"];
    let named = |name: &str| name.split(['-', '_']).any(|word| words.contains(&word));
    let production = file.stages.iter().rposition(|stage| stage.name.as_deref().is_some_and(named));
    Some(production.or_else(|| (0..last).rev().find(|index| !is_development(*index))).unwrap_or(last))
}

/// The manifest nearest to the Dockerfile lists dependencies of development, or there is none to tell.
fn lists_development(facts: &Facts, path: &str) -> bool {
    let near = |name: &str| {
        let mut at = folder(path);
        loop {
            let file = if at.is_empty() { name.to_owned() } else { format!("{at}/{name}") };
            if let Some(blob) = facts.snapshot.blob(&file) {
                return Some(blob.text());
            }
            if at.is_empty() {
                return None;
            }
            at = folder(at);
        }
    };
    let signs: [(&str, &[&str]); 5] = [
        ("package.json", &["\"devDependencies\""]),
        ("Gemfile", &[":development", ":test"]),
        ("composer.json", &["\"require-dev\""]),
        ("pyproject.toml", &["[dependency-groups]", "dev-dependencies", "[tool.poetry.group."]),
        ("Pipfile", &["[dev-packages]"]),
    ];
    let found: Vec<bool> = signs
        .iter()
        .filter_map(|(name, words)| near(name).map(|text| words.iter().any(|word| text.contains(word))))
        .collect();
    found.is_empty() || found.contains(&true)
}

#[cfg(test)]
mod tests {
    use crate::facts::Facts;
    use crate::settings::Settings;
    use crate::snapshot::Snapshot;

    fn deployed(text: &str) -> Vec<(String, usize)> {
        let (snapshot, settings) = (Snapshot::from_text(text), Settings::default());
        let facts = Facts::new(&snapshot, &settings, "2026-11-01".parse().unwrap());
        facts.dockerfiles().production().map(|image| (image.file.path().to_owned(), image.target)).collect()
    }

    #[test]
    fn only_what_goes_live_is_production() {
        assert_eq!(
            deployed(
                "-- Dockerfile.dev --\nFROM a\n-- .devcontainer/Dockerfile --\nFROM a\n-- tests/Dockerfile --\nFROM a\n"
            ),
            []
        );
        assert_eq!(
            deployed("-- Dockerfile --\nFROM a\n-- Dockerfile.prod --\nFROM a\n"),
            [("Dockerfile.prod".to_owned(), 0)]
        );
        let local = "-- Dockerfile --\nFROM a\n-- docker-compose.dev.yml --\nservices:\n  a:\n    build: .\n";
        assert_eq!(deployed(local), []);
        let both = "-- Dockerfile --\nFROM a AS dev\nFROM a AS prod\n-- docker-compose.yml --\nservices:\n  a:\n    build:\n      context: .\n      target: dev\n";
        assert_eq!(deployed(both), [("Dockerfile".to_owned(), 1)]);
    }

    #[test]
    fn the_deployed_stage_is_the_one_that_is_built() {
        let named = "-- Dockerfile --\nFROM a AS build\nFROM b AS web\nFROM c AS worker\n-- compose.prod.yml --\nservices:\n  a:\n    build: {context: ., target: web}\n  b:\n    build: {context: ., target: worker}\n";
        assert_eq!(deployed(named), [("Dockerfile".to_owned(), 1), ("Dockerfile".to_owned(), 2)]);
        assert_eq!(
            deployed("-- Dockerfile --\nFROM a AS production\nFROM a AS test\n"),
            [("Dockerfile".to_owned(), 0)]
        );
    }
}
