//! Tools that make a production image without a Dockerfile: buildpacks, jib, ko, the .NET SDK.

use super::builds::is_development_path;
use crate::evidence::Span;
use crate::facts::Facts;
use regex::Regex;
use std::sync::LazyLock;

/// A tool that makes an image, and the line that says so.
#[derive(Debug, Clone)]
pub struct Builder {
    pub kind: Kind,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Buildpacks,
    Jib,
    Ko,
    DotnetSdk,
}

impl Kind {
    /// The tool's name as a report says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Buildpacks => "buildpacks",
            Self::Jib => "jib",
            Self::Ko => "ko",
            Self::DotnetSdk => "the .NET SDK",
        }
    }
}

/// Name of the file (or its end), what must stand in it, and the tool.
static SIGNS: LazyLock<Vec<(&[&str], Regex, Kind)>> = LazyLock::new(|| {
    let sign = |names: &'static [&'static str], pattern: &str, kind| {
        (names, Regex::new(pattern).expect("a fixed pattern"), kind)
    };
    let scripts: &[&str] = &[".yml", ".yaml", ".sh", "Makefile", "justfile", "Justfile", "package.json", "Jenkinsfile"];
    vec![
        sign(
            &["project.toml"],
            r"(?m)^\s*\[\s*(?:_|project|io\.buildpacks|build|\[?\s*io\.buildpacks\.)",
            Kind::Buildpacks,
        ),
        sign(scripts, r"(?m)^[^#\n]*\bpack\s+build\s+\S", Kind::Buildpacks),
        sign(
            scripts,
            r"(?m)^[^#\n]*\bgcloud\s+(?:beta\s+)?run\s+deploy\b(?:\\\r?\n|[^\n])*--source\b",
            Kind::Buildpacks,
        ),
        sign(
            scripts,
            r"(?m)^[^#\n]*\bbuildpacks/(?:github-actions|pack)\b|(?m)^[^#\n]*spring-boot:build-image|(?m)^[^#\n]*\bbootBuildImage\b",
            Kind::Buildpacks,
        ),
        sign(&["fly.toml"], r"(?m)^\s*(?:builder|buildpacks)\s*=", Kind::Buildpacks),
        sign(
            &[".yml", ".yaml"],
            r"(?m)^\s*(?:kind:\s*ClusterBuilder|buildpacks:\s*$|image:\s*gcr\.io/k8s-skaffold/pack)",
            Kind::Buildpacks,
        ),
        sign(
            &["build.gradle", "build.gradle.kts"],
            r#"(?m)^[^/\n]*(?:com\.google\.cloud\.tools\.jib|^\s*jib\s*\{)"#,
            Kind::Jib,
        ),
        sign(&["pom.xml"], r"<artifactId>\s*jib-maven-plugin", Kind::Jib),
        sign(&["pom.xml"], r"<goal>\s*build-image", Kind::Buildpacks),
        sign(&[".ko.yaml", ".ko.yml"], r"\S", Kind::Ko),
        sign(scripts, r"(?m)^[^#\n]*(?:^|[\s;&|])ko\s+(?:build|publish|apply|resolve)\s", Kind::Ko),
        sign(
            &[".csproj", ".props"],
            r"<(?:ContainerRepository|ContainerImageName|EnableSdkContainerSupport|ContainerBaseImage)>",
            Kind::DotnetSdk,
        ),
        sign(scripts, r"(?m)^[^#\n]*dotnet\s+publish\b[^\n]*(?:PublishContainer|DefaultContainer)", Kind::DotnetSdk),
    ]
});

/// Every tool that makes an image of this repository, at its first sign.
pub fn read(facts: &Facts) -> Vec<Builder> {
    let mut found: Vec<Builder> = Vec::new();
    for blob in facts.snapshot.blobs().filter(|blob| is_candidate(blob.path())) {
        let name = blob.path().rsplit('/').next().unwrap_or_default();
        for (names, pattern, kind) in SIGNS.iter() {
            let named = names.iter().any(|end| name == *end || end.starts_with('.') && name.ends_with(end));
            let known = found.iter().any(|builder| builder.kind == *kind);
            if let (true, false, Some(place)) = (named, known, pattern.find(blob.text())) {
                let start = place.start() + place.as_str().len() - place.as_str().trim_start().len();
                found.push(Builder { kind: *kind, span: blob.span(start..place.end()) });
            }
        }
    }
    found
}

fn is_candidate(path: &str) -> bool {
    path.starts_with(".github/workflows/") || !is_development_path(path)
}
