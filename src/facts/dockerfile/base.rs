//! What is known of base images: who they run as, and how small they are.
//!
//! Sources: the images' own Dockerfiles and documentation (Docker official images, GoogleContainerTools/distroless,
//! Chainguard Academy, bitnami/containers, nginxinc/docker-nginx-unprivileged, dotnet/dotnet-docker).

use super::parse::Values;

/// Who a container of this image runs as when nothing else says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageUser {
    /// Not root, with what says so.
    NonRoot(String),
    Root,
    /// The image is not public, or not known here.
    Unknown,
}

/// An image reference without its registry's default parts.
struct Reference<'a> {
    /// The registry, where one is named.
    host: &'a str,
    /// The path below it, without `library/`.
    path: &'a str,
    tag: &'a str,
}

fn reference(image: &str) -> Reference<'_> {
    let image = image.split('@').next().unwrap_or_default();
    let (name, tag) = match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, ""),
    };
    let (host, path) = match name.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path),
        _ => ("", name),
    };
    let host = if matches!(host, "docker.io" | "index.docker.io" | "registry-1.docker.io" | "mirror.gcr.io") {
        ""
    } else {
        host
    };
    let (host, path) = match path.strip_prefix("docker/library/") {
        Some(path) if host == "public.ecr.aws" => ("", path),
        _ => (host, path),
    };
    let path = if host.is_empty() { path.strip_prefix("library/").unwrap_or(path) } else { path };
    Reference { host, path, tag }
}

/// Path of the image, or its beginning where it ends in `/`, with the reason why it does not run as root.
const NON_ROOT: &[(&str, &str, &str)] = &[
    ("", "nginxinc/nginx-unprivileged", "nginx-unprivileged runs as user 101"),
    ("", "bitnami/", "Bitnami images run as user 1001"),
    ("", "bitnamilegacy/", "Bitnami images run as user 1001"),
    ("", "bitnamisecure/", "Bitnami images run as user 1001"),
    ("public.ecr.aws", "bitnami/", "Bitnami images run as user 1001"),
    ("public.ecr.aws", "nginx/nginx-unprivileged", "nginx-unprivileged runs as user 101"),
    ("public.ecr.aws", "lambda/", "Lambda runs every image as an unprivileged user of its own"),
    ("ghcr.io", "nginxinc/nginx-unprivileged", "nginx-unprivileged runs as user 101"),
    ("ghcr.io", "nginx/nginx-unprivileged", "nginx-unprivileged runs as user 101"),
    ("ghcr.io", "puppeteer/puppeteer", "the image runs as pptruser"),
    ("ghcr.io", "home-operations/", "home-operations images run as user 65534"),
    ("cgr.dev", "", "Chainguard images run as nonroot"),
    ("dhi.io", "", "hardened images run as nonroot"),
    ("", "serversideup/php", "the image runs as www-data"),
    ("", "jenkins/", "the image runs as jenkins"),
    ("", "grafana/", "the image runs as grafana"),
    ("", "prom/", "the image runs as nobody"),
    ("", "n8nio/n8n", "the image runs as node"),
    ("", "nodered/node-red", "the image runs as node-red"),
    ("", "apache/airflow", "the image runs as airflow"),
    ("", "apache/spark", "the image runs as spark"),
    ("", "cimg/", "the image runs as circleci"),
    ("", "selenium/", "the image runs as seluser"),
    ("", "paketobuildpacks/", "the image runs as cnb"),
    ("", "odoo", "the image runs as odoo"),
    ("", "jetty", "the image runs as jetty"),
    ("", "haproxy", "the image runs as haproxy"),
    ("", "memcached", "the image runs as memcache"),
    ("", "varnish", "the image runs as varnish"),
    ("", "elasticsearch", "the image runs as user 1000"),
    ("", "kibana", "the image runs as kibana"),
    ("", "logstash", "the image runs as logstash"),
    ("", "solr", "the image runs as solr"),
    ("", "sonarqube", "the image runs as sonarqube"),
];

/// Public images outside Docker's official ones that run as root.
const ROOT: &[(&str, &str)] = &[
    ("", "oven/bun"),
    ("", "denoland/deno"),
    ("", "nginx/unit"),
    ("", "tiangolo/"),
    ("", "phusion/"),
    ("", "amazon/"),
    ("", "alpine/"),
    ("", "linuxserver/"),
    ("", "continuumio/"),
    ("", "condaforge/"),
    ("", "mambaorg/miniforge"),
    ("", "dunglas/frankenphp"),
    ("", "hashicorp/"),
    ("", "rustlang/rust"),
    ("", "circleci/node"),
    ("", "webdevops/"),
    ("", "azul/zulu-openjdk"),
    ("", "azul/zulu-openjdk-alpine"),
    ("", "bellsoft/"),
    ("", "adoptopenjdk/"),
    ("", "sapmachine/"),
    ("", "nvidia/cuda"),
    ("", "pytorch/pytorch"),
    ("", "tensorflow/tensorflow"),
    ("", "lambci/"),
    ("", "arm64v8/"),
    ("", "arm32v7/"),
    ("", "amd64/"),
    ("", "i386/"),
    ("", "hexpm/"),
    ("", "rocker/"),
    ("", "redhat/ubi"),
    ("", "balenalib/"),
    ("", "jrottenberg/ffmpeg"),
    ("", "mongodb/"),
    ("", "timescale/"),
    ("", "postgis/"),
    ("", "pgvector/"),
    ("mcr.microsoft.com", ""),
    ("public.ecr.aws", "amazonlinux/"),
    ("public.ecr.aws", "docker/"),
    ("public.ecr.aws", "debian/"),
    ("public.ecr.aws", "ubuntu/"),
    ("public.ecr.aws", "amazoncorretto/"),
    ("public.ecr.aws", "nginx/"),
    ("ghcr.io", "astral-sh/"),
    ("ghcr.io", "graalvm/"),
    ("ghcr.io", "linuxserver/"),
    ("ghcr.io", "home-assistant/"),
    ("ghcr.io", "hassio-addons/"),
    ("gcr.io", "google-appengine/"),
    ("gcr.io", "google.com/cloudsdktool/"),
    ("gcr.io", "distroless/"),
    ("registry.access.redhat.com", "ubi8/"),
    ("registry.access.redhat.com", "ubi9/"),
    ("registry.access.redhat.com", "ubi10/"),
    ("registry.access.redhat.com", "ubi8-"),
    ("registry.access.redhat.com", "ubi8"),
    ("registry.access.redhat.com", "ubi9-"),
    ("registry.access.redhat.com", "ubi9"),
    ("quay.io", "centos/"),
    ("quay.io", "fedora/"),
    ("quay.io", "condaforge/"),
    ("quay.io", "pypa/"),
    ("container-registry.oracle.com", "graalvm/"),
    ("container-registry.oracle.com", "java/"),
    ("container-registry.oracle.com", "os/"),
    ("registry.fedoraproject.org", ""),
];

/// Who a container of the image runs as.
pub fn user(image: &str) -> ImageUser {
    let Reference { host, path, tag } = reference(image);
    if path == "scratch" {
        return ImageUser::Root;
    }
    let is_distroless = path.starts_with("distroless/") || path.contains("/distroless/");
    if is_distroless || path.contains("distroless") {
        let named = tag.split('-').any(|word| word == "nonroot");
        return if named {
            ImageUser::NonRoot(format!("the base image is tagged {tag}"))
        } else {
            root_or_unknown(host, path)
        };
    }
    if tag.split('-').any(|word| matches!(word, "nonroot" | "rootless" | "unprivileged")) {
        return ImageUser::NonRoot(format!("the base image is tagged {tag}"));
    }
    if host == "mcr.microsoft.com"
        && path.starts_with("dotnet/")
        && ["chiseled", "distroless"].iter().any(|word| tag.contains(word))
    {
        return ImageUser::NonRoot("chiselled .NET images run as app".to_owned());
    }
    if host == "cgr.dev" && is_chainguard_root(path) || host == "dhi.io" && tag.contains("dev") {
        return ImageUser::Root;
    }
    if host == "registry.access.redhat.com" && is_redhat_language(path) {
        return ImageUser::NonRoot("language images of UBI run as user 1001".to_owned());
    }
    let found = NON_ROOT.iter().find(|(own, name, _)| *own == host && matches_name(path, name));
    match found {
        Some((_, _, reason)) => ImageUser::NonRoot((*reason).to_owned()),
        None => root_or_unknown(host, path),
    }
}

fn root_or_unknown(host: &str, path: &str) -> ImageUser {
    // An image of Docker's own library has no organisation in its name.
    let official = host.is_empty() && !path.contains('/');
    let listed = ROOT.iter().any(|(own, name)| *own == host && matches_name(path, name));
    if official || listed { ImageUser::Root } else { ImageUser::Unknown }
}

fn matches_name(path: &str, name: &str) -> bool {
    if name.is_empty() || name.ends_with(['/', '-']) { path.starts_with(name) } else { path == name }
}

/// Chainguard images that are made to install packages in.
fn is_chainguard_root(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    matches!(name, "wolfi-base" | "chainguard-base" | "go" | "rust" | "gcc-glibc" | "sdk" | "apko" | "melange")
}

fn is_redhat_language(path: &str) -> bool {
    let languages = ["nodejs", "python", "openjdk", "ruby", "php", "go-toolset", "perl", "nginx", "httpd", "dotnet"];
    let name = path.rsplit('/').next().unwrap_or_default();
    languages.iter().any(|language| name.starts_with(language))
}

/// Small enough to ship: slim, alpine, distroless and their like.
pub fn is_slim(image: &str) -> bool {
    let Reference { host, path, tag } = reference(image);
    let small_tag = ["slim", "alpine", "distroless", "chiseled", "minimal", "micro", "wolfi", "scratch"];
    let small_path = [
        "alpine",
        "distroless",
        "busybox",
        "ubi-minimal",
        "ubi-micro",
        "minideb",
        "scratch",
        "-slim",
        "-minimal",
        "-micro",
        "wolfi",
        "hardened",
    ];
    let by_host = matches!(host, "cgr.dev" | "dhi.io") && !tag.contains("dev");
    by_host || small_tag.iter().any(|word| tag.contains(word)) || small_path.iter().any(|word| path.contains(word))
}

/// Holds nothing but what is copied into it: no shell, no package manager.
pub fn is_bare(image: &str) -> bool {
    let Reference { host, path, tag } = reference(image);
    let chainguard =
        host == "cgr.dev" && ["static", "glibc-dynamic", "cc-dynamic"].iter().any(|name| path.ends_with(name));
    path == "scratch"
        || path.contains("distroless")
        || tag.contains("distroless")
        || tag.contains("chiseled")
        || chainguard
}

/// A language whose programs run from their source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interpreted {
    JavaScript,
    Python,
    Ruby,
    Php,
    /// Files as they are: a web server, a shell.
    Plain,
}

/// The language that an image brings along, where its programs need no build.
pub fn interpreted(image: &str) -> Option<Interpreted> {
    let Reference { path, .. } = reference(image);
    let name = path.rsplit('/').next().unwrap_or_default();
    let starts = |words: &[&str]| words.iter().any(|word| name.starts_with(word) || path.contains(&format!("/{word}")));
    if starts(&["node", "bun", "deno"]) {
        Some(Interpreted::JavaScript)
    } else if starts(&["python", "pypy", "uv", "miniconda", "micromamba", "uvicorn"]) {
        Some(Interpreted::Python)
    } else if starts(&["ruby", "jruby"]) {
        Some(Interpreted::Ruby)
    } else if starts(&["php", "composer", "frankenphp"]) {
        Some(Interpreted::Php)
    } else if starts(&["nginx", "httpd", "caddy", "alpine", "debian", "busybox", "bash", "ubuntu", "wolfi", "ubi"]) {
        Some(Interpreted::Plain)
    } else {
        None
    }
}

/// Environment that well-known images set and Dockerfiles use in `USER`.
pub fn environment(image: &str) -> Values {
    let Reference { host, path, .. } = reference(image);
    let mut values = Values::new();
    if host == "mcr.microsoft.com" && path.starts_with("dotnet/") {
        values.insert("APP_UID".to_owned(), "1654".to_owned());
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_bases_say_who_they_run_as() {
        let root = [
            "node:22-alpine",
            "docker.io/library/ruby:3.4-slim",
            "scratch",
            "gcr.io/distroless/static-debian12",
            "mcr.microsoft.com/dotnet/aspnet:8.0",
            "cgr.dev/chainguard/wolfi-base",
            "public.ecr.aws/docker/library/node:20",
            "registry.access.redhat.com/ubi9/ubi-minimal:9.4",
            "nginx",
            "eclipse-temurin:21-jre",
            "oven/bun:1",
        ];
        for image in root {
            assert_eq!(user(image), ImageUser::Root, "{image}");
        }
        let other = [
            "gcr.io/distroless/static-debian12:nonroot",
            "gcr.io/distroless/nodejs22-debian12:debug-nonroot",
            "nginxinc/nginx-unprivileged:1.27-alpine",
            "bitnami/node:22",
            "cgr.dev/chainguard/static:latest",
            "mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled",
            "registry.access.redhat.com/ubi9/nodejs-20",
        ];
        for image in other {
            assert!(matches!(user(image), ImageUser::NonRoot(_)), "{image}");
        }
        for image in [
            "registry.acme.internal/base/node:20",
            "ghcr.io/acme/base:1",
            "acme/base",
            "1.dkr.ecr.eu-west-1.amazonaws.com/b",
        ] {
            assert_eq!(user(image), ImageUser::Unknown, "{image}");
        }
    }

    #[test]
    fn small_images_are_known_by_tag_or_name() {
        for image in
            ["node:22-slim", "python:3.12-slim-bookworm", "alpine:3.20", "gcr.io/distroless/python3", "scratch"]
        {
            assert!(is_slim(image), "{image}");
        }
        for image in ["node:22", "ubuntu:22.04", "python:3.12-bookworm"] {
            assert!(!is_slim(image), "{image}");
        }
        assert!(is_bare("scratch") && is_bare("gcr.io/distroless/static:nonroot") && !is_bare("alpine"));
    }
}
