//! `pom.xml`: dependencies with their properties resolved, modules, plugins.

use super::model::{Ecosystem, Package};
use crate::evidence::{Blob, Evidence};
use crate::facts::xml::{self, Element};
use std::sync::Arc;

/// Where dependencies are listed. A managed one is a version, not yet a use; it is listed all the same.
const LISTS: [&[&str]; 4] = [
    &["dependencies", "dependency"],
    &["dependencyManagement", "dependencies", "dependency"],
    &["build", "plugins", "plugin"],
    &["profiles", "profile", "dependencies", "dependency"],
];
/// Properties that say which Java is meant.
const JAVA: [&str; 4] = ["maven.compiler.release", "maven.compiler.target", "java.version", "jdk.version"];

pub fn read(blob: &Arc<Blob>) -> Result<Package, Evidence> {
    let project = xml::root(blob)?;
    let mut package = Package::new(Ecosystem::Jvm, blob);
    package.name = project.text_of("artifactId").map(str::to_owned);
    package.workspaces =
        project.all(&["modules", "module"]).iter().map(|module| module.text.trim().to_owned()).collect();
    for path in LISTS {
        for one in project.all(path) {
            add(&mut package, &project, one, blob, path[0] == "build");
        }
    }
    // A parent that is another project's brings its plugins and managed versions (Spring Boot, Quarkus).
    if let Some(parent) = project.child("parent") {
        add(&mut package, &project, parent, blob, false);
    }
    let properties = project.child("properties").map(|properties| &properties.children[..]).unwrap_or_default();
    for property in properties.iter().filter(|property| JAVA.contains(&property.name.as_str())) {
        package.run_with("java", &resolved(&project, &property.text), property.span(blob));
    }
    Ok(package)
}

fn add(package: &mut Package, project: &Element, one: &Element, blob: &Blob, is_plugin: bool) {
    let Some(artifact) = one.text_of("artifactId") else { return };
    let group = one.text_of("groupId").unwrap_or("org.apache.maven.plugins");
    let name = format!("{}:{}", resolved(project, group), resolved(project, artifact));
    let version = one.text_of("version").map(|version| resolved(project, version));
    let development = is_plugin || one.text_of("scope") == Some("test");
    package.require(&name, version.as_deref(), development, one.span(blob));
}

/// `${name}` by the properties of the same file; one step, which is what real files need.
fn resolved(project: &Element, text: &str) -> String {
    let text = text.trim();
    let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let value = match name {
        Some("project.version" | "pom.version") => project.text_of("version"),
        Some("project.groupId") => project.text_of("groupId"),
        Some(name) => project.child("properties").and_then(|properties| properties.text_of(name)),
        None => None,
    };
    value.unwrap_or(text).to_owned()
}
