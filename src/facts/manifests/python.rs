//! `pyproject.toml` (PEP 621, PEP 735, Poetry, PDM, uv), `Pipfile`, `setup.cfg` and the literal lists of `setup.py`.

use super::model::{Ecosystem, Package, Script};
use super::requirements::{is_for_development, requirement};
use super::toml;
use crate::evidence::{Blob, Evidence, Span};
use regex::Regex;
use std::sync::{Arc, LazyLock};
use toml_edit::{Item, TableLike};

pub fn read_pyproject(blob: &Arc<Blob>) -> Result<Package, Evidence> {
    let document = toml::document(blob)?;
    let top = document.as_table();
    let mut package = Package::new(Ecosystem::Python, blob);
    package.name =
        toml::text(top, &["project", "name"]).or(toml::text(top, &["tool", "poetry", "name"])).map(str::to_owned);
    if let Some(project) = toml::table(top, &["project"]) {
        add_list(&mut package, blob, project.get("dependencies"), false);
        add_groups(&mut package, blob, toml::table(project, &["optional-dependencies"]), |group| {
            is_for_development(group)
        });
        if let Some((item, version)) = project.get("requires-python").and_then(|item| Some((item, item.as_str()?))) {
            package.run_with("python", version, toml::span(blob, project, "requires-python", item));
        }
        add_scripts(&mut package, blob, project.get("scripts"));
    }
    add_groups(&mut package, blob, toml::table(top, &["dependency-groups"]), |_| true);
    add_groups(&mut package, blob, toml::table(top, &["tool", "pdm", "dev-dependencies"]), |_| true);
    if let Some(uv) = toml::table(top, &["tool", "uv"]) {
        add_list(&mut package, blob, uv.get("dev-dependencies"), true);
    }
    if let Some(poetry) = toml::table(top, &["tool", "poetry"]) {
        add_poetry(&mut package, blob, poetry);
    }
    // What is built to be installed by others has a build system and no program of its own.
    package.is_library = toml::table(top, &["build-system"]).is_some() && package.entries.is_empty();
    Ok(package)
}

fn add_list(package: &mut Package, blob: &Blob, list: Option<&Item>, development: bool) {
    for (line, span) in toml::texts(blob, list) {
        if let Some((name, version)) = requirement(line) {
            package.require(name, version, development, span);
        }
    }
}

fn add_groups(package: &mut Package, blob: &Blob, groups: Option<&dyn TableLike>, development: fn(&str) -> bool) {
    for (name, list) in groups.into_iter().flat_map(TableLike::iter) {
        add_list(package, blob, Some(list), development(name));
    }
}

fn add_scripts(package: &mut Package, blob: &Blob, scripts: Option<&Item>) {
    let Some(scripts) = scripts.and_then(Item::as_table_like) else { return };
    for (name, target) in scripts.iter() {
        let command = target.as_str().unwrap_or_default().to_owned();
        package.entries.push(command.clone());
        package.scripts.push(Script { name: name.to_owned(), command, span: toml::span(blob, scripts, name, target) });
    }
}

fn add_poetry(package: &mut Package, blob: &Blob, poetry: &dyn TableLike) {
    let mut tables = vec![(toml::table(poetry, &["dependencies"]), false)];
    tables.push((toml::table(poetry, &["dev-dependencies"]), true));
    for (name, group) in toml::table(poetry, &["group"]).into_iter().flat_map(TableLike::iter) {
        let list = group.as_table_like().and_then(|group| group.get("dependencies")?.as_table_like());
        tables.push((list, is_for_development(name)));
    }
    for (table, development) in tables {
        add_table(package, blob, table, development);
    }
    add_scripts(package, blob, poetry.get("scripts"));
}

/// `name = "^1.0"` or `name = { version = "^1.0" }`.
fn add_table(package: &mut Package, blob: &Blob, table: Option<&dyn TableLike>, development: bool) {
    let Some(table) = table else { return };
    for (name, item) in table.iter() {
        let version = item.as_str().or_else(|| item.as_table_like()?.get("version")?.as_str());
        let span = toml::span(blob, table, name, item);
        match name {
            "python" => package.run_with("python", version.unwrap_or_default(), span),
            _ => package.require(name, version, development, span),
        }
    }
}

pub fn read_pipfile(blob: &Arc<Blob>) -> Result<Package, Evidence> {
    let document = toml::document(blob)?;
    let top = document.as_table();
    let mut package = Package::new(Ecosystem::Python, blob);
    add_table(&mut package, blob, toml::table(top, &["packages"]), false);
    add_table(&mut package, blob, toml::table(top, &["dev-packages"]), true);
    for key in ["python_version", "python_full_version"] {
        let Some(requires) = toml::table(top, &["requires"]) else { break };
        if let Some((item, version)) = requires.get(key).and_then(|item| Some((item, item.as_str()?))) {
            package.run_with("python", version, toml::span(blob, requires, key, item));
        }
    }
    Ok(package)
}

/// The sections of `setup.cfg` that list requirements, one a line below a key.
pub fn read_setup_cfg(blob: &Arc<Blob>) -> Result<Package, Evidence> {
    let mut package = Package::new(Ecosystem::Python, blob);
    let (mut section, mut key) = ("", "");
    for (number, line) in blob.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            (section, key) = (name, "");
            continue;
        }
        let is_continued = line.starts_with([' ', '\t']);
        let value = if is_continued {
            line.trim()
        } else {
            let Some((name, value)) = line.split_once('=') else { continue };
            key = name.trim();
            value.trim()
        };
        add_setting(&mut package, (section, key), value, blob.line(number));
    }
    Ok(package)
}

fn add_setting(package: &mut Package, (section, key): (&str, &str), value: &str, span: Span) {
    let development = match (section, key) {
        ("options", "install_requires") => false,
        ("options", "tests_require") => true,
        ("options", "python_requires") => return package.run_with("python", value, span),
        ("metadata", "name") => return package.name = Some(value.to_owned()),
        ("options.extras_require", extra) => is_for_development(extra),
        _ => return,
    };
    if let Some((name, version)) = requirement(value) {
        package.require(name, version, development, span);
    }
}

static REQUIRES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?s)\b(install_requires|tests_require)\s*=\s*\[(.*?)\]").ok());
static LITERAL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"['"]([^'"\n]+)['"]"#).ok());

/// `setup.py` is a program: only its literal lists are read.
pub fn read_setup_py(blob: &Arc<Blob>) -> Result<Package, Evidence> {
    let mut package = Package::new(Ecosystem::Python, blob);
    let (Some(requires), Some(literal)) = (REQUIRES.as_ref(), LITERAL.as_ref()) else { return Ok(package) };
    for found in requires.captures_iter(blob.text()) {
        let (Some(key), Some(list)) = (found.get(1), found.get(2)) else { continue };
        for item in literal.captures_iter(list.as_str()).filter_map(|item| item.get(1)) {
            if let Some((name, version)) = requirement(item.as_str()) {
                let span = blob.span(list.start() + item.start()..list.start() + item.end());
                package.require(name, version, key.as_str() == "tests_require", span);
            }
        }
    }
    package.is_library = true;
    Ok(package)
}
