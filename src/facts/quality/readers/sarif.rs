//! SARIF 2.1.0, as ESLint, Ruff, detekt, ktlint, Roslyn and many others write it.

use super::json::{at, number, text};
use super::{Found, Raw, Severity};
use crate::facts::json::Json;
use std::collections::HashMap;

pub fn read(json: &Json) -> Found {
    let mut found = Found { tool: "SARIF", ..Found::default() };
    for run in json.get("runs").map(|runs| runs.items()).unwrap_or_default() {
        let levels = levels(&run);
        let results = run.get("results").map(|results| results.items()).unwrap_or_default();
        found.raws.extend(results.iter().filter_map(|result| raw(&run, result, &levels)));
        let artifacts = run.get("artifacts").map(|list| list.items()).unwrap_or_default();
        found.files.extend(artifacts.iter().filter_map(|one| Some(one.at(&["location", "uri"])?.text()?.to_owned())));
        found.raws.extend(failures(&run));
    }
    found
}

/// The level that a rule has where a result names none.
fn levels(run: &Json) -> HashMap<String, String> {
    let rules = run.at(&["tool", "driver", "rules"]).map(|rules| rules.items()).unwrap_or_default();
    let level = |rule: &Json| Some(rule.at(&["defaultConfiguration", "level"])?.text()?.to_owned());
    rules.iter().filter_map(|rule| Some((text(rule, "id"), level(rule)?))).collect()
}

fn raw(run: &Json, result: &Json, levels: &HashMap<String, String>) -> Option<Raw> {
    let is_suppressed = result.get("suppressions").is_some_and(|list| !list.items().is_empty());
    let is_finding = matches!(text(result, "kind").as_str(), "" | "fail");
    let is_old = matches!(text(result, "baselineState").as_str(), "absent");
    if is_suppressed || !is_finding || is_old {
        return None;
    }
    let rule = rule(result);
    let level = text(result, "level");
    let level = if level.is_empty() { levels.get(&rule).cloned().unwrap_or_default() } else { level };
    let place = result.get("locations").and_then(|list| list.items().into_iter().next());
    let place = place.and_then(|place| place.get("physicalLocation"));
    let region = place.as_ref().and_then(|place| place.get("region"));
    let of_region = |name: &str| region.as_ref().map_or(0, |region| number(region, name));
    Some(Raw {
        path: place.as_ref().map(|place| uri(run, place)).unwrap_or_default(),
        line: of_region("startLine"),
        column: of_region("startColumn"),
        severity: severity(&level),
        rule,
        message: result.get("message").map(|message| text(&message, "text")).unwrap_or_default(),
        at: at(result),
    })
}

fn severity(level: &str) -> Severity {
    match level {
        "error" => Severity::Error,
        "note" | "none" => Severity::Note,
        // What the standard takes for granted.
        _ => Severity::Warning,
    }
}

fn rule(result: &Json) -> String {
    let id = text(result, "ruleId");
    if !id.is_empty() { id } else { result.get("rule").map(|rule| text(&rule, "id")).unwrap_or_default() }
}

/// The path of a location, with `%20` and the like read.
fn uri(run: &Json, place: &Json) -> String {
    let Some(artifact) = place.get("artifactLocation") else { return String::new() };
    let mut path = text(&artifact, "uri");
    if path.is_empty() {
        let index = number(&artifact, "index") as usize;
        let artifacts = run.get("artifacts").map(|list| list.items()).unwrap_or_default();
        path =
            artifacts.get(index).and_then(|one| one.get("location")).map(|one| text(&one, "uri")).unwrap_or_default();
    }
    decoded(&path)
}

fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.filter(|_| *byte == b'%').and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(code) => {
                bytes.push(code);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A tool that could not do its work says so in its notifications.
fn failures(run: &Json) -> Vec<Raw> {
    let calls = run.get("invocations").map(|list| list.items()).unwrap_or_default();
    let notes = calls.iter().flat_map(|call| {
        let list = call.get("toolExecutionNotifications").map(|list| list.items()).unwrap_or_default();
        list.into_iter().filter(|note| text(note, "level") == "error").collect::<Vec<_>>()
    });
    notes
        .map(|note| Raw {
            path: String::new(),
            line: 0,
            column: 0,
            severity: Severity::Error,
            rule: String::new(),
            message: note.get("message").map(|message| text(&message, "text")).unwrap_or_default(),
            at: at(&note),
        })
        .collect()
}
