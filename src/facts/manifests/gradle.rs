//! `build.gradle(.kts)` by its dependency lines, and version catalogs. Gradle files are programs: what is computed is not seen.

use super::model::{Ecosystem, Package};
use super::toml;
use crate::evidence::{Blob, Evidence};
use regex::Regex;
use std::sync::{Arc, LazyLock};

/// `implementation("g:a:1.0")`, `api 'g:a'`, `testImplementation platform("g:a:1")`.
static COORDINATES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^\s*(\w+)\s*[( ]\s*(?:\w+\s*\(\s*)?['"]([\w.\-]+):([\w.\-]+)(?::([^'"@]+))?"#).ok());
/// `implementation(libs.spring.boot)`: an alias of the catalog.
static ALIAS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*(\w+)\s*[( ]\s*(?:\w+\s*\(\s*)?libs\.([\w.]+)").ok());
/// `id("org.springframework.boot") version "3.3.0"`.
static PLUGIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^\s*id\s*\(?\s*['"]([\w.\-]+)['"]\s*\)?(?:\s+version\s+['"]([^'"]+)['"])?"#).ok());
/// `languageVersion = JavaLanguageVersion.of(21)`, `sourceCompatibility = JavaVersion.VERSION_17`.
static JAVA: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:JavaLanguageVersion\.of\(|JavaVersion\.VERSION_|jvmToolchain\(|sourceCompatibility\s*=\s*['"]?)([\d._]+)"#)
        .ok()
});

pub fn read(blob: &Arc<Blob>) -> Result<Package, Evidence> {
    let mut package = Package::new(Ecosystem::Jvm, blob);
    for (number, line) in blob.lines() {
        if line.trim_start().starts_with("//") {
            continue;
        }
        let captures = |pattern: &'static LazyLock<Option<Regex>>| pattern.as_ref()?.captures(line);
        if let Some(found) = captures(&COORDINATES) {
            let name = format!("{}:{}", &found[2], &found[3]);
            package.require(&name, found.get(4).map(|version| version.as_str()), is_test(&found[1]), blob.line(number));
        } else if let Some(found) = captures(&ALIAS) {
            package.require(&format!("libs.{}", &found[2]), None, is_test(&found[1]), blob.line(number));
        } else if let Some(found) = captures(&PLUGIN) {
            package.require(&found[1], found.get(2).map(|version| version.as_str()), true, blob.line(number));
        }
        if let Some(found) = captures(&JAVA) {
            package.run_with("java", &found[1], blob.line(number));
        }
    }
    Ok(package)
}

fn is_test(configuration: &str) -> bool {
    let configuration = configuration.to_ascii_lowercase();
    configuration.contains("test") || configuration == "kapt" || configuration == "annotationprocessor"
}

/// `gradle/libs.versions.toml`: every library with its coordinates and version.
pub fn read_catalog(blob: &Arc<Blob>) -> Result<Package, Evidence> {
    let document = toml::document(blob)?;
    let top = document.as_table();
    let mut package = Package::new(Ecosystem::Jvm, blob);
    // The catalog belongs to the build around its folder `gradle`.
    package.folder = package.folder.strip_suffix("gradle").unwrap_or(&package.folder).trim_end_matches('/').to_owned();
    let Some(libraries) = toml::table(top, &["libraries"]) else { return Ok(package) };
    for (key, item) in libraries.iter() {
        let span = toml::span(blob, libraries, key, item);
        if let Some((name, version)) = item.as_str().and_then(|text| text.rsplit_once(':')) {
            package.require(name, Some(version), false, span);
        } else if let Some(table) = item.as_table_like() {
            let text = |key: &str| table.get(key).and_then(|item| item.as_str());
            let joined = || Some(format!("{}:{}", text("group")?, text("name")?));
            let Some(name) = text("module").map(str::to_owned).or_else(joined) else { continue };
            let reference = toml::text(table, &["version", "ref"]);
            let version = text("version").or_else(|| toml::text(top, &["versions", reference?]));
            package.require(&name, version, false, span);
        }
    }
    Ok(package)
}
