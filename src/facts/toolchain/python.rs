//! Python: pytest with coverage, Ruff, flake8 or pylint, mypy or pyright, by what the manifests and settings name.

use super::{Base, Plan, any_file, has};
use crate::evidence::Span;
use crate::facts::Facts;
use crate::facts::manifests::Package;
use crate::tools::Gate;

/// How programs of the project's environment are run, by its lock file.
const RUNNERS: [(&str, &[&str]); 4] = [
    ("uv.lock", &["uv", "run", "--no-sync"]),
    ("poetry.lock", &["poetry", "run"]),
    ("pdm.lock", &["pdm", "run"]),
    ("Pipfile.lock", &["pipenv", "run"]),
];

/// The linters, what shows each, and how it writes a report that is read here.
const LINTERS: [(&str, &[&str], &[&str]); 3] = [
    ("ruff", &["ruff.toml", ".ruff.toml"], &["ruff", "check", "--output-format", "json", "."]),
    ("flake8", &[".flake8"], &["flake8", "."]),
    ("pylint", &[".pylintrc", "pylintrc"], &["pylint", "--output-format=json", "--recursive=y", "."]),
];

const CHECKERS: [(&str, &[&str], &[&str]); 3] = [
    ("mypy", &["mypy.ini", ".mypy.ini"], &["mypy", "--output", "json", "."]),
    ("pyright", &["pyrightconfig.json"], &["pyright", "--outputjson"]),
    ("basedpyright", &[], &["basedpyright", "--outputjson"]),
];

pub fn plan(facts: &Facts, package: &Package, gate: Gate) -> Option<Plan> {
    let base = Base { gate, package };
    let runner = RUNNERS.iter().find(|(lock, _)| has(facts, package, lock)).map_or(&[][..], |(_, words)| *words);
    match gate {
        Gate::Coverage => coverage(facts, &base, runner),
        Gate::Lint => tool(facts, &base, runner, &LINTERS),
        Gate::Types => tool(facts, &base, runner, &CHECKERS),
    }
}

fn coverage(facts: &Facts, base: &Base, runner: &[&str]) -> Option<Plan> {
    let named = |name: &str| named(facts, base.package, name, &[]);
    let report = Some("coverage.json");
    if let Some(span) = named("pytest-cov") {
        let words = ["pytest", "--cov", "--cov-branch", "--cov-report=json:coverage.json"];
        return Some(base.plan(&[&[runner, &words].concat()], report, "pytest-cov is a dependency", &span));
    }
    if let Some(span) = named("coverage") {
        let tests: &[&str] = if named("pytest").is_some() { &["pytest"] } else { &["unittest"] };
        let run = [runner, &["coverage", "run", "--branch", "-m"], tests].concat();
        let write = [runner, &["coverage", "json", "-o", "coverage.json"]].concat();
        return Some(base.plan(&[&run, &write], report, "coverage is a dependency", &span));
    }
    let span = named("pytest")?;
    let has_tests = any_file(facts, base.package, "_test.py")
        || facts.tree().files().any(|path| path.rsplit('/').next().is_some_and(|name| name.starts_with("test_")));
    has_tests.then(|| base.plan(&[&[runner, &["pytest"]].concat()], None, "pytest is a dependency", &span))
}

fn tool(facts: &Facts, base: &Base, runner: &[&str], table: &[(&str, &[&str], &[&str])]) -> Option<Plan> {
    table.iter().find_map(|(name, files, words)| {
        let span = named(facts, base.package, name, files)?;
        Some(base.plan(&[&[runner, *words].concat()], None, format!("{name} is set up here"), &span))
    })
}

/// Where a tool is named: as a dependency, by a file of its own, or by a section of `pyproject.toml` or `setup.cfg`.
fn named(facts: &Facts, package: &Package, name: &str, files: &[&str]) -> Option<Span> {
    if let Some(dependency) = package.dependency(name) {
        return Some(dependency.span.clone());
    }
    let path =
        |file: &str| if package.folder.is_empty() { file.to_owned() } else { format!("{}/{file}", package.folder) };
    if let Some(blob) = files.iter().find_map(|file| facts.snapshot.blob(&path(file))) {
        return Some(blob.line(1));
    }
    let sections = [format!("[tool.{name}"), format!("[{name}]"), format!("[{name}:")];
    ["pyproject.toml", "setup.cfg", "tox.ini"].iter().find_map(|file| {
        let blob = facts.snapshot.blob(&path(file))?;
        let starts = |line: &str| sections.iter().any(|section| line.trim_start().starts_with(section.as_str()));
        blob.lines().find(|(_, line)| starts(line)).map(|(number, _)| blob.line(number))
    })
}
