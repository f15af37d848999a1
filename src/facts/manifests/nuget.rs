//! Project files of .NET, central package versions and `packages.config`.

use super::model::{Ecosystem, Package};
use crate::evidence::{Blob, Evidence};
use crate::facts::xml::{self, Element};
use std::sync::Arc;

pub fn read(blob: &Arc<Blob>) -> Result<Package, Evidence> {
    let project = xml::root(blob)?;
    let mut package = Package::new(Ecosystem::Nuget, blob);
    let name = blob.path().rsplit('/').next().and_then(|name| name.rsplit_once('.'));
    package.name = name.map(|(stem, _)| stem.to_owned());
    let sdk = project.attribute("Sdk").unwrap_or_default();
    if let Some(kind) = project.all(&["PropertyGroup", "OutputType"]).first() {
        package.entries.push(kind.text.trim().to_owned());
    }
    if sdk.ends_with(".Web") || sdk.ends_with(".Worker") {
        package.entries.push(sdk.to_owned());
    }
    for framework in ["TargetFramework", "TargetFrameworks", "TargetFrameworkVersion"] {
        for element in project.all(&["PropertyGroup", framework]) {
            package.run_with("dotnet", &element.text, element.span(blob));
        }
    }
    let is_test = project.all(&["PropertyGroup", "IsTestProject"]).iter().any(|flag| flag.text.trim() == "true");
    add_all(&mut package, &project, blob, is_test, 0);
    Ok(package)
}

/// References may stand in groups with conditions at any depth that real projects have.
fn add_all(package: &mut Package, element: &Element, blob: &Blob, development: bool, depth: usize) {
    for child in &element.children {
        let name = child.attribute("Include").or(child.attribute("Update")).or(child.attribute("id"));
        match (child.name.as_str(), name) {
            ("PackageReference" | "PackageVersion" | "package" | "FrameworkReference", Some(name)) => {
                let version = child.attribute("Version").or(child.text_of("Version"));
                package.require(name, version, development, child.span(blob));
            }
            _ if depth < 8 => add_all(package, child, blob, development, depth + 1),
            _ => {}
        }
    }
}
