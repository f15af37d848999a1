//! Tools that make a production image without a Dockerfile: buildpacks, jib, ko, the .NET SDK.

use super::base::{self, ImageUser};
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
    /// Who the image runs as, by the tool's settings and its default.
    pub user: ImageUser,
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
            // The patterns are slow: they are for the few files that have the name.
            if !named || known {
                continue;
            }
            if let Some(place) = pattern.find(blob.text()) {
                let start = place.start() + place.as_str().len() - place.as_str().trim_start().len();
                let user = user(*kind, blob.text());
                found.push(Builder { kind: *kind, span: blob.span(start..place.end()), user });
            }
        }
    }
    found
}

fn is_candidate(path: &str) -> bool {
    path.starts_with(".github/workflows/") || !is_development_path(path)
}

/// The user that the tool's settings name, or that its default base has.
fn user(kind: Kind, text: &str) -> ImageUser {
    let first = |pattern: &Regex| {
        pattern
            .captures(text)
            .and_then(|found| found.iter().skip(1).flatten().next().map(|name| name.as_str().trim().to_owned()))
    };
    let named = match kind {
        Kind::Buildpacks => return ImageUser::NonRoot("buildpacks run the program as an unprivileged user".to_owned()),
        Kind::Jib => first(&JIB_USER),
        Kind::DotnetSdk => first(&DOTNET_USER),
        Kind::Ko => None,
    };
    match (named, first(&BASE), kind) {
        (Some(user), _, _) if super::shape::is_root(&user) => ImageUser::Root,
        (Some(user), _, _) => ImageUser::NonRoot(format!("the settings name user {user}")),
        (None, Some(base), _) => base::user(&base),
        (None, None, Kind::Ko) => ImageUser::NonRoot("ko's default base runs as nonroot".to_owned()),
        (None, None, Kind::DotnetSdk) if !OLD_DOTNET.is_match(text) => {
            ImageUser::NonRoot("images of the .NET SDK run as app".to_owned())
        }
        _ => ImageUser::Root,
    }
}

static JIB_USER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"container\s*\{[^}]*?\buser(?:\s*=|\.set\()\s*["']([^"']+)|<user>([^<]+)</user>"#)
        .expect("a fixed pattern")
});
static DOTNET_USER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"<ContainerUser>([^<]+)</ContainerUser>").expect("a fixed pattern"));
static OLD_DOTNET: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"<TargetFramework>net(?:core|[567]\.)").expect("a fixed pattern"));
static BASE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"from\s*\{[^}]*?image(?:\s*=|\.set\()\s*["']([^"']+)|<from>\s*<image>([^<]+)|<ContainerBaseImage>([^<]+)|(?m)^defaultBaseImage:\s*(\S+)"#;
    Regex::new(pattern).expect("a fixed pattern")
});
