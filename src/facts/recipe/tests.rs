use super::*;
use crate::facts::shell::role::Role;
use crate::settings::Settings;
use crate::snapshot::Snapshot;

/// What a line does in a repository, each act as `roles words`, `~` where its failure is forgotten.
fn done(tree: &str, line: &str) -> Vec<String> {
    let snapshot = Snapshot::from_text(tree);
    let settings = Settings::default();
    let facts = Facts::new(&snapshot, &settings, jiff::civil::date(2026, 11, 1));
    let recipes = facts.recipes();
    let blob = Arc::new(Blob::new("w.yml", line));
    let acts =
        commands(line, Strictness::ERREXIT).into_iter().flat_map(|command| recipes.expand(&command, "", &blob.line(1)));
    acts.filter(|act| !act.roles.is_empty())
        .map(|act| format!("{}{:?}", if act.stops { "" } else { "~" }, act.roles))
        .collect()
}

#[test]
fn package_scripts_lead_to_what_they_run() {
    let tree = "-- package.json --\n{\n \"scripts\": {\n  \"check\": \"eslint . && npm run unit\",\n  \"unit\": \"vitest run\",\n  \
                \"test\": \"echo \\\"Error: no test specified\\\" && exit 1\",\n  \"soft\": \"eslint . || true\",\n  \
                \"prepublishOnly\": \"npm run check\",\n  \"e2e\": \"node run-all.mjs\"\n }\n}\n";
    assert_eq!(done(tree, "npm run check"), ["[Lints]", "[Tests]"]);
    assert_eq!(done(tree, "npm test"), [""; 0], "a stub tests nothing");
    assert_eq!(done(tree, "npm run soft"), ["~[Lints]"]);
    assert_eq!(done(tree, "npm publish"), ["[Lints]", "[Tests]", "[PublishesPackage]"]);
    assert_eq!(done(tree, "npm run e2e"), ["[Tests]"], "its name says it");
    assert_eq!(done(tree, "npm run lint"), [""; 0], "there is no such script");
    assert_eq!(done(tree, "yarn eslint ."), ["[Lints]"]);
}

#[test]
fn make_just_and_tox_lead_to_what_they_run() {
    let tree = "-- Makefile --\nPY := python\nall: lint test\nlint:\n\truff check .\n\t-mypy app\ntest: lint\n\tpytest \\\n\t  -q\n\
                -- justfile --\ncheck *args: lint\n    go test ./...\nlint:\n    golangci-lint run\n\
                -- tox.ini --\n[tox]\nenvlist = py310,precom\n[testenv]\ncommands =\n    pytest -s\n[testenv:precom]\n\
                commands =\n    pre-commit run --all-files\n\
                -- .pre-commit-config.yaml --\nrepos:\n  - repo: x\n    hooks:\n      - id: ruff\n      - id: black\n";
    assert_eq!(done(tree, "make"), ["[Lints]", "~[Types]", "[Lints]", "~[Types]", "[Tests]"]);
    assert_eq!(done(tree, "make test | cat"), ["~[Lints]", "~[Types]", "~[Tests]"]);
    assert_eq!(done(tree, "just check"), ["[Lints]", "[Tests]"]);
    assert_eq!(done(tree, "tox -e precom"), ["[Lints]"]);
    assert_eq!(done(tree, "tox"), ["[Lints]", "[Tests]"]);
}

#[test]
fn scripts_workspaces_and_builds() {
    let tree = "-- scripts/ci.sh --\n#!/bin/sh\nset -e\ncd web\nnpm run lint\n./mvnw verify\n-- web/package.json --\n\
                {\"name\":\"web\",\"scripts\":{\"lint\":\"oxlint\",\"deploy\":\"vendor-cli up\"}}\n-- pom.xml --\n<artifactId>maven-checkstyle-plugin</artifactId>\n";
    assert_eq!(done(tree, "bash scripts/ci.sh"), ["[Lints]", "[Tests, Lints]"]);
    assert_eq!(done(tree, "npx turbo run lint test"), ["[Lints]"]);
    assert_eq!(done(tree, "npm run deploy -w web"), ["[Deploys]"]);
    assert_eq!(done(tree, "bash -c 'cd web && npm run lint'"), ["[Lints]"]);
    assert_eq!(done("-- a --\n", "python scripts/deploy.py"), ["[Deploys]"]);
    assert!(!format!("{:?}", [Role::Tests]).is_empty());
}
