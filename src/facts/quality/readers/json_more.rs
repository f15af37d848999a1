//! Reports in JSON of golangci-lint, RuboCop, PHP_CodeSniffer, PHPStan, pyright and ktlint.

use super::json::{at, number, text};
use super::{Found, Raw, Severity};
use crate::facts::json::Json;

pub fn golangci(json: &Json) -> Found {
    let issues = json.get("Issues").map(|issues| issues.items()).unwrap_or_default();
    let raws = issues.iter().map(|issue| {
        let place = issue.get("Pos");
        let of_place = |name: &str| place.as_ref().map_or(0, |place| number(place, name));
        Raw {
            path: place.as_ref().map(|place| text(place, "Filename")).unwrap_or_default(),
            line: of_place("Line"),
            column: of_place("Column"),
            severity: if text(issue, "Severity") == "warning" { Severity::Warning } else { Severity::Error },
            rule: text(issue, "FromLinter"),
            message: text(issue, "Text"),
            at: at(issue),
        }
    });
    Found { tool: "golangci-lint", raws: raws.collect(), ..Found::default() }
}

pub fn rubocop(json: &Json) -> Found {
    let mut found = Found { tool: "RuboCop", ..Found::default() };
    for file in json.get("files").map(|files| files.items()).unwrap_or_default() {
        let path = text(&file, "path");
        let offenses = file.get("offenses").map(|list| list.items()).unwrap_or_default();
        if offenses.is_empty() {
            found.files.push(path.clone());
        }
        found.raws.extend(offenses.iter().map(|offense| {
            let place = offense.get("location");
            let of_place = |name: &str| place.as_ref().map_or(0, |place| number(place, name));
            Raw {
                path: path.clone(),
                line: of_place("line").max(of_place("start_line")),
                column: of_place("column").max(of_place("start_column")),
                // RuboCop itself fails for everything from `refactor` on.
                severity: if text(offense, "severity") == "info" { Severity::Note } else { Severity::Error },
                rule: text(offense, "cop_name"),
                message: text(offense, "message"),
                at: at(offense),
            }
        }));
    }
    found
}

/// PHP_CodeSniffer and PHPStan share their form: files by path, each with messages.
pub fn php(json: &Json) -> Found {
    let is_stan = json.at(&["totals", "file_errors"]).is_some();
    let mut found = Found { tool: if is_stan { "PHPStan" } else { "PHP_CodeSniffer" }, ..Found::default() };
    for (path, _, file) in json.get("files").map(|files| files.entries()).unwrap_or_default() {
        let messages = file.get("messages").map(|list| list.items()).unwrap_or_default();
        if messages.is_empty() {
            found.files.push(path.clone());
        }
        found.raws.extend(messages.iter().map(|message| Raw {
            path: path.clone(),
            line: number(message, "line"),
            column: number(message, "column"),
            severity: if text(message, "type") == "WARNING" { Severity::Warning } else { Severity::Error },
            rule: [text(message, "source"), text(message, "identifier")].concat(),
            message: text(message, "message"),
            at: at(message),
        }));
    }
    // Errors of the set-up stand in no file.
    for error in json.get("errors").map(|list| list.items()).unwrap_or_default() {
        let message = error.text().unwrap_or_default().to_owned();
        let (path, rule) = (String::new(), String::new());
        found.raws.push(Raw { path, line: 0, column: 0, severity: Severity::Error, rule, message, at: at(&error) });
    }
    let totals = json.get("totals");
    let of_totals = |name: &str| totals.as_ref().map_or(0, |totals| number(totals, name) as usize);
    found.stated_errors = Some(of_totals("errors") + of_totals("file_errors"));
    found
}

pub fn pyright(json: &Json) -> Found {
    let list = json.get("generalDiagnostics").map(|list| list.items()).unwrap_or_default();
    let raws = list.iter().map(|item| {
        let start = item.at(&["range", "start"]);
        // It counts lines and columns from 0.
        let of_start = |name: &str| start.as_ref().map_or(0, |start| number(start, name) + 1);
        Raw {
            path: text(item, "file"),
            line: of_start("line"),
            column: of_start("character"),
            severity: match text(item, "severity").as_str() {
                "error" => Severity::Error,
                "warning" => Severity::Warning,
                _ => Severity::Note,
            },
            rule: text(item, "rule"),
            message: text(item, "message"),
            at: at(item),
        }
    });
    let stated = json.at(&["summary", "errorCount"]).and_then(|count| count.number()).map(|count| count as usize);
    Found { tool: "pyright", raws: raws.collect(), files: Vec::new(), stated_errors: stated }
}

pub fn ktlint(items: &[Json]) -> Found {
    let raws = items.iter().flat_map(|file| {
        let path = text(file, "file");
        let errors = file.get("errors").map(|list| list.items()).unwrap_or_default();
        errors.into_iter().map(move |error| Raw {
            path: path.clone(),
            line: number(&error, "line"),
            column: number(&error, "column"),
            severity: Severity::Error,
            rule: text(&error, "rule"),
            message: text(&error, "message"),
            at: at(&error),
        })
    });
    Found { tool: "ktlint", raws: raws.collect(), ..Found::default() }
}
