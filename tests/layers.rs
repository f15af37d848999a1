//! The architecture, held by tests: who may import whom, and how large and how named a module may be.
//!
//! The invariants of ARCHITECTURE.md and what holds each of them:
//!
//!  1. a check does no I/O: `clippy.toml` (denied in `src/lib.rs`), and `checks` may not import `gather` here
//!  2. a check cannot invent a line: the fields of `Span` are private, and only `Blob` makes one (below)
//!  3. what could not be read never passes: `rule` in `src/lib.rs`, tested in `tests/bad_input.rs`
//!  4. a check never looks at another check, nor at who asks: `checks` may not import `checks` (below)
//!  5. reports know only the verdict: the table below; the JSON report is the verdict serialised: `tests/reports.rs`
//!  6. time, randomness and environment are arguments: `clippy.toml`
//!  7. a secret is redacted where it is found: `src/verdict/excerpt.rs`, `tests/reports.rs`
//!  8. what came from the repository is escaped where it is printed: properties in `src/report/escape.rs` and
//!     `tests/reports.rs`, `tests/action.rs`
//! 11. no import circles, no file over 400 lines, no `utils`: below
//!
//! Numbers 9, 10 and 12 (pull requests, commands of the repository, probes) are held where those are built.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every module at the top, with the modules that it may import, in the order of the layers: none imports a later one.
const LAYERS: [(&str, &[&str]); 24] = [
    ("evidence", &[]),
    ("secret", &[]),
    ("coverage", &[]),
    ("tools", &[]),
    ("outcome", &["evidence"]),
    ("transcript", &["outcome", "evidence"]),
    ("snapshot", &["evidence", "secret"]),
    ("settings", &["evidence", "outcome", "snapshot", "tools"]),
    ("waiver", &["evidence", "outcome", "settings"]),
    ("facts", &["coverage", "evidence", "outcome", "secret", "settings", "snapshot", "tools", "transcript"]),
    ("check", &["evidence", "facts", "outcome"]),
    ("checks", &["check", "coverage", "evidence", "facts", "outcome", "settings", "tools", "transcript"]),
    ("proposal", &["evidence", "facts", "settings", "snapshot"]),
    ("verdict", &["check", "evidence", "outcome", "proposal", "settings", "snapshot", "transcript", "waiver"]),
    ("report", &["check", "outcome", "proposal", "settings", "transcript", "verdict", "waiver"]),
    ("github", &[]),
    ("gather", &["coverage", "evidence", "github", "secret", "settings", "snapshot", "tools", "transcript"]),
    ("lib", &["check", "checks", "evidence", "facts", "outcome", "settings", "snapshot", "transcript", "verdict"]),
    ("publish", &["github", "report", "transcript", "verdict"]),
    (
        "run",
        &[
            "check",
            "checks",
            "facts",
            "gather",
            "lib",
            "outcome",
            "proposal",
            "publish",
            "secret",
            "settings",
            "snapshot",
            "tools",
            "transcript",
            "verdict",
        ],
    ),
    (
        "action",
        &[
            "gather",
            "github",
            "lib",
            "publish",
            "report",
            "run",
            "settings",
            "snapshot",
            "tools",
            "transcript",
            "verdict",
        ],
    ),
    (
        "cli",
        &[
            "action",
            "check",
            "checks",
            "facts",
            "gather",
            "lib",
            "outcome",
            "publish",
            "report",
            "run",
            "secret",
            "settings",
            "snapshot",
            "tools",
            "transcript",
            "verdict",
            "waiver",
        ],
    ),
    ("main", &["cli"]),
    ("build", &[]),
];

/// Of `check`, a report takes the word of an area and nothing else.
const ONLY_WORDS: (&str, &str) = ("report", "crate::check::Area");

/// Tables of words and patterns, in which only data is written.
const DATA: [&str; 3] = ["words.rs", "tables.rs", "patterns.rs"];

/// Files that are too long today, to be split: none may be added.
const TO_BE_SPLIT: [&str; 3] = ["facts/secrets/name.rs", "facts/secrets/scan.rs", "facts/secrets/value.rs"];

/// Names that say nothing of what is inside.
const BANNED: [&str; 7] = ["utils", "util", "helpers", "common", "manager", "engine", "context"];

const LONGEST: usize = 400;

#[test]
fn no_module_imports_a_later_layer() {
    let place: BTreeMap<&str, usize> = LAYERS.iter().enumerate().map(|(number, (name, _))| (*name, number)).collect();
    for (number, (name, allowed)) in LAYERS.iter().enumerate() {
        for other in *allowed {
            assert!(place[other] < number, "{name} may not come before {other}: the layers would be a circle");
        }
    }
    let mut wrong = Vec::new();
    for file in sources() {
        let module = module(&file);
        let allowed = LAYERS.iter().find(|(name, _)| *name == module).map(|(_, allowed)| *allowed);
        let Some(allowed) = allowed else {
            wrong.push(format!("{}: the module {module} has no layer", file.display()));
            continue;
        };
        let imports = imports(&text(&file));
        let bad = imports.iter().filter(|other| **other != module && !allowed.contains(&other.as_str()));
        wrong.extend(bad.map(|other| format!("{}: {module} may not import {other}", file.display())));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_check_looks_at_no_other_check() {
    for file in sources().into_iter().filter(|file| module(file) == "checks" && !file.ends_with("checks/mod.rs")) {
        let text = text(&file);
        assert!(!text.contains("crate::checks"), "{}", file.display());
        assert!(!text.contains("super::super"), "{}", file.display());
    }
}

#[test]
fn a_report_takes_words_of_a_check_and_nothing_else() {
    let (module_name, only) = ONLY_WORDS;
    for file in sources().into_iter().filter(|file| module(file) == module_name) {
        let rest = text(&file).replace(only, "");
        assert!(!rest.contains("crate::check::"), "{}", file.display());
    }
}

#[test]
fn only_a_blob_makes_a_span() {
    for file in sources().into_iter().filter(|file| module(file) != "evidence") {
        let text = text(&file);
        assert!(!text.contains("Span { path"), "{} makes a span", file.display());
    }
}

#[test]
fn files_are_short_and_begin_with_a_sentence() {
    let mut wrong = Vec::new();
    for file in sources() {
        let text = text(&file);
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let lines = text.lines().count();
        if lines > LONGEST && !DATA.contains(&name) && !TO_BE_SPLIT.iter().any(|known| file.ends_with(known)) {
            wrong.push(format!("{}: {lines} lines", file.display()));
        }
        if !text.starts_with("//! ") && name != "tests.rs" {
            wrong.push(format!("{}: no sentence at the top", file.display()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn names_say_what_is_inside() {
    // A check is named after what must hold: `secret-manager`.
    for file in sources().into_iter().filter(|file| module(file) != "checks") {
        for part in file.strip_prefix(root()).unwrap().components() {
            let name = part.as_os_str().to_string_lossy();
            let name = name.trim_end_matches(".rs");
            assert!(!name.split('_').any(|word| BANNED.contains(&word)), "{}", file.display());
        }
    }
}

#[test]
fn only_the_ends_may_do_what_the_core_may_not() {
    let ends = ["action", "cli", "gather", "github", "publish", "run"];
    let lib = text(&root().join("src/lib.rs"));
    let pairs =
        lib.lines().zip(lib.lines().skip(1)).filter(|(first, _)| first.contains("clippy::disallowed_methods, reason"));
    let allowed: Vec<&str> =
        pairs.map(|(_, second)| second.trim_start_matches("pub mod ").trim_end_matches(';')).collect();
    assert_eq!(allowed, ends);
    assert!(lib.contains("#![deny(clippy::disallowed_methods)]"));
    for file in sources().into_iter().filter(|file| !ends.contains(&module(file).as_str()) && module(file) != "lib") {
        assert!(!text(&file).contains("clippy::disallowed_methods"), "{}", file.display());
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}

fn sources() -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![root().join("src")]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|extension| extension.to_str()) {
                _ if path.is_dir() => open.push(path),
                Some("rs") => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// The module at the top to which a file belongs.
fn module(file: &Path) -> String {
    let below = file.strip_prefix(root().join("src")).unwrap();
    let first = below.components().next().unwrap().as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The modules at the top that a file names. Its tests may use whatever they need.
fn imports(text: &str) -> Vec<String> {
    let code = text.split("\n#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut found = Vec::new();
    for line in lines {
        for (at, mark) in line.match_indices("crate::").chain(line.match_indices("mx_prod_gate::")) {
            if line[..at].ends_with('$') {
                continue;
            }
            let rest = &line[at + mark.len()..];
            let name: String = rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
            let is_module = LAYERS.iter().any(|(module, _)| *module == name);
            // What is not a module stands in the root itself: `judge`.
            found.push(if is_module { name } else { "lib".to_owned() });
        }
    }
    found.sort();
    found.dedup();
    found
}
