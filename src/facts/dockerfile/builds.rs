//! Who builds which Dockerfile: compose, workflows, scripts, bake files and platform manifests.

use crate::facts::tree::normal;
use crate::facts::{Facts, yaml};
use aho_corasick::AhoCorasick;
use regex::Regex;
use std::sync::LazyLock;

/// One place that builds a Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// The path of the Dockerfile.
    pub file: String,
    pub target: Option<String>,
    /// Built for a developer's machine or a test only.
    pub development: bool,
}

/// What a file must hold to be of interest.
pub const WORDS: &[&str] =
    &["docker", "containerfile", "podman", "nerdctl", "buildah", "az acr", "depot", "earthly", "kaniko", "img build"];
static SIGNS: LazyLock<AhoCorasick> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(WORDS).expect("fixed words"));

/// More references than these are not followed.
const MAX_BUILDS: usize = 2_000;

/// Every build that the repository's files name.
pub fn read(facts: &Facts) -> Vec<Build> {
    let mut builds = Vec::new();
    for blob in facts.snapshot.blobs() {
        let path = blob.path();
        let name = path.rsplit('/').next().unwrap_or_default();
        if !is_interesting(path) {
            continue;
        }
        if is_compose(name) {
            for document in yaml::documents(blob).unwrap_or_default() {
                compose(path, &document, &mut builds);
            }
        }
        if SIGNS.is_match(blob.text()) {
            text(path, blob.text(), &mut builds);
        }
        if builds.len() > MAX_BUILDS {
            break;
        }
    }
    builds
}

/// Whether a file may say who builds an image.
pub fn is_interesting(path: &str) -> bool {
    let lower = path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let by_end = [".yml", ".yaml", ".sh", ".bash", ".toml", ".hcl", ".mk", ".tf", ".ps1", ".ts", ".py", ".json"];
    let by_name = matches!(lower.as_str(), "makefile" | "justfile" | "jenkinsfile" | "taskfile" | "package.json");
    let is_lock = lower.contains("lock") || path.contains("node_modules/");
    !is_lock && (by_name || by_end.iter().any(|end| lower.ends_with(end)))
}

/// A compose file by its name.
pub fn is_compose(name: &str) -> bool {
    let lower = name.to_lowercase();
    let stem = lower.strip_suffix(".yml").or_else(|| lower.strip_suffix(".yaml"));
    stem.is_some_and(|stem| {
        stem.starts_with("compose")
            || stem.starts_with("docker-compose")
            || stem.ends_with("-compose")
            || stem.ends_with(".compose")
    })
}

/// Words in a file name, a folder or a target that say: not what goes live.
pub fn is_development_word(word: &str) -> bool {
    let words = [
        "dev",
        "devel",
        "develop",
        "development",
        "local",
        "test",
        "tests",
        "testing",
        "e2e",
        "ci",
        "lint",
        "debug",
        "devcontainer",
        "mock",
        "mocks",
        "playwright",
        "cypress",
        "bench",
        "benchmark",
        "benchmarks",
        "example",
        "examples",
        "sample",
        "samples",
        "demo",
        "demos",
        "docs",
        "doc",
        "fixture",
        "fixtures",
        "testdata",
        "override",
        "sandbox",
        "playground",
        "tilt",
        "storybook",
        "unittest",
        "integration-test",
        "watch",
        "hot",
        "preview",
    ];
    words.contains(&word.to_lowercase().as_str())
}

/// Folders too: a development word as a whole folder name, a vendored tree, a tool's own folder.
pub fn is_development_path(path: &str) -> bool {
    let mut parts: Vec<&str> = path.split('/').collect();
    let name = parts.pop().unwrap_or_default();
    let folders = [
        "__tests__",
        "vendor",
        "node_modules",
        "third_party",
        ".devcontainer",
        ".github",
        ".gitpod",
        ".tilt",
        "templates",
        "template",
        "spec",
    ];
    let by_folder = parts
        .iter()
        .any(|part| is_development_word(part) && *part != "ci" && *part != "local" || folders.contains(part));
    by_folder || name.split(['.', '-', '_']).any(is_development_word)
}

fn compose(path: &str, document: &yaml::Yaml, builds: &mut Vec<Build>) {
    let Some(services) = document.get("services") else { return };
    let by_name = is_development_path(path);
    for (_, service) in services.entries() {
        let Some(build) = service.get("build") else { continue };
        let context = build.text().map(str::to_owned).or_else(|| Some(build.get("context")?.text()?.to_owned()));
        let context = context.unwrap_or_else(|| ".".to_owned());
        let file = build.get("dockerfile").and_then(|file| file.text().map(str::to_owned));
        let target = build.get("target").and_then(|target| target.text().map(str::to_owned));
        let development = by_name || target.as_deref().is_some_and(is_development_word);
        builds.push(Build { file: joined(path, &context, file.as_deref()), target, development });
    }
}

/// The Dockerfile's path from the folder of the file that names it.
fn joined(from: &str, context: &str, file: Option<&str>) -> String {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    normal(&format!("{folder}/{context}/{}", file.unwrap_or("Dockerfile")))
}

static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?:docker|podman|nerdctl|buildah|az\s+acr|depot|earthly|img|kaniko\S*)\s+(?:image\s+|buildx\s+|builder\s+)?(?:build|bud)\b((?:\\\r?\n|[^\n;&|])*)";
    Regex::new(pattern).expect("a fixed pattern")
});
static FILE_FLAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:^|\s)(?:-f|--file|--dockerfile)[= ]\s*["']?([^\s"']+)"#).expect("a fixed pattern")
});
static TARGET_FLAG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(?:^|\s)--target[= ]\s*["']?([\w.-]+)"#).expect("a fixed pattern"));
static CONTEXT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"\s["']?(\.{0,2}[\w./-]*)["']?\s*$"#).expect("a fixed pattern"));
/// `file:`, `dockerfile =`, `dockerfilePath:`, `"Dockerfile": "x"` with a path whose name says Dockerfile.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"(?mi)^[^\n#]*?\b(?:file|docker_?file(?:_?path|Name)?|build-?file)["']?\s*[:=]\s*["']?([\w./ -]*(?:Dockerfile|Containerfile)[\w.-]*)"#;
    Regex::new(pattern).expect("a fixed pattern")
});
static NAMED_TARGET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?m)^[^\n#]*?\b(?:target|build-target|dockerBuildTarget|build_target)["']?\s*[:=]\s*["']?([\w.-]+)"#)
        .expect("a fixed pattern")
});

fn text(path: &str, text: &str, builds: &mut Vec<Build>) {
    let from_path = is_development_path(path) && !path.starts_with(".github/");
    for found in COMMAND.captures_iter(text) {
        let flags = found.get(1).map_or("", |flags| flags.as_str());
        let target = TARGET_FLAG.captures(flags).map(|name| name[1].to_owned());
        let context = CONTEXT.captures(flags.trim_end()).map_or(String::new(), |name| name[1].to_owned());
        let file = match FILE_FLAG.captures(flags) {
            Some(name) => normal(&name[1]),
            None => normal(&format!("{context}/Dockerfile")),
        };
        let development = from_path || target.as_deref().is_some_and(is_development_word);
        builds.push(Build { file, target, development });
    }
    if is_compose(path.rsplit('/').next().unwrap_or_default()) {
        return;
    }
    for found in NAMED.captures_iter(text) {
        let at = found.get(0).map_or(0, |found| found.start());
        let target = near_target(text, at);
        let development = from_path || target.as_deref().is_some_and(is_development_word);
        builds.push(Build { file: normal(found[1].trim()), target: target.clone(), development });
        // A manifest below the root may count from its own folder.
        builds.push(Build { file: joined(path, ".", Some(found[1].trim())), target, development });
    }
    if text.contains("docker/build-push-action") || text.contains("docker_image") {
        for found in NAMED_TARGET.captures_iter(text) {
            let target = found[1].to_owned();
            let development = is_development_word(&target);
            builds.push(Build { file: "Dockerfile".to_owned(), target: Some(target), development });
        }
    }
}

/// A target that is named within three lines of the file.
fn near_target(text: &str, at: usize) -> Option<String> {
    let before = text.get(..at)?.rmatch_indices('\n').nth(3).map_or(0, |(start, _)| start);
    let end = text.get(at..)?.match_indices('\n').nth(4).map_or(text.len(), |(end, _)| at + end);
    let near = text.get(before..end)?;
    NAMED_TARGET.captures(near).map(|name| name[1].to_owned()).filter(|name| !name.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_manifests_name_their_dockerfile() {
        let mut builds = Vec::new();
        text("ci.yml", "run: docker build -f docker/api.Dockerfile --target release -t x .\n", &mut builds);
        text("deploy.sh", "docker buildx build --platform linux/amd64 \\\n  -t x services/api\n", &mut builds);
        text("fly.toml", "[build]\n  dockerfile = \"deploy/Dockerfile\"\n  build-target = \"web\"\n", &mut builds);
        let named: Vec<_> = builds.iter().map(|build| (build.file.as_str(), build.target.as_deref())).collect();
        assert!(named.contains(&("docker/api.Dockerfile", Some("release"))));
        assert!(named.contains(&("services/api/Dockerfile", None)));
        assert!(named.contains(&("deploy/Dockerfile", Some("web"))));
    }

    #[test]
    fn names_tell_development_from_production() {
        for path in [
            "Dockerfile.dev",
            "test/Dockerfile",
            ".devcontainer/Dockerfile",
            "docker-compose.local.yml",
            "docker/dev.Dockerfile",
        ] {
            assert!(is_development_path(path), "{path}");
        }
        for path in [
            "Dockerfile",
            "build/Dockerfile",
            "apps/api/Dockerfile.prod",
            "deploy/docker-compose.yml",
            "device/Dockerfile",
        ] {
            assert!(!is_development_path(path), "{path}");
        }
    }
}
