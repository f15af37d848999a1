//! Reports in JSON: which tool wrote it, by the names in it, and ESLint's, Ruff's, pylint's and flake8's.

use super::{Found, Raw, Severity, json_more, sarif};
use crate::evidence::{Blob, Evidence};
use crate::facts::json::{Json, value};
use std::sync::Arc;

/// Reads a report by the names in it.
pub fn read(blob: &Arc<Blob>) -> Result<Found, Evidence> {
    let json = value(blob)?;
    let found = if json.is_table() { table(&json) } else { list(&json) };
    found.ok_or_else(|| Evidence::at(blob.line(1), "no format of a linter or type checker begins like this"))
}

fn list(json: &Json) -> Option<Found> {
    let items = json.items();
    let Some(first) = items.first() else { return Some(Found { tool: "the linter", ..Found::default() }) };
    let has = |name: &str| first.get(name).is_some();
    Some(if has("filePath") && has("messages") {
        eslint(&items)?
    } else if has("filename") && has("location") {
        Found { tool: "Ruff", raws: items.iter().filter_map(ruff).collect(), ..Found::default() }
    } else if has("message-id") || has("messageId") {
        Found { tool: "pylint", raws: items.iter().filter_map(pylint).collect(), ..Found::default() }
    } else if has("file") && has("errors") {
        json_more::ktlint(&items)
    } else {
        return None;
    })
}

fn table(json: &Json) -> Option<Found> {
    let has = |name: &str| json.get(name).is_some();
    Some(if has("runs") {
        sarif::read(json)
    } else if has("generalDiagnostics") {
        json_more::pyright(json)
    } else if has("Issues") {
        json_more::golangci(json)
    } else if has("totals") && has("files") {
        json_more::php(json)
    } else if has("files") && has("summary") {
        json_more::rubocop(json)
    } else if has("messages") && has("statistics") {
        let raws = json.get("messages")?.items().iter().filter_map(pylint).collect();
        Found { tool: "pylint", raws, ..Found::default() }
    } else {
        flake8(json)?
    })
}

/// The text of a name; empty where there is none.
pub fn text(json: &Json, name: &str) -> String {
    json.get(name).and_then(|value| value.text().map(str::to_owned)).unwrap_or_default()
}

/// The number of a name; 0 where there is none.
pub fn number(json: &Json, name: &str) -> u32 {
    json.get(name).and_then(|value| value.number()).map_or(0, |number| number.max(0.0) as u32)
}

/// The line of the report that a value begins on.
pub fn at(json: &Json) -> u32 {
    json.span().line()
}

fn eslint(items: &[Json]) -> Option<Found> {
    let mut found = Found { tool: "ESLint", ..Found::default() };
    let mut stated = 0;
    for file in items {
        let path = text(file, "filePath");
        stated += number(file, "errorCount") as usize;
        let messages = file.get("messages")?.items();
        if messages.is_empty() {
            found.files.push(path.clone());
        }
        found.raws.extend(messages.iter().map(|message| {
            let is_fatal = message.get("fatal").and_then(|fatal| fatal.truth()).unwrap_or(false);
            let severity =
                if is_fatal || number(message, "severity") >= 2 { Severity::Error } else { Severity::Warning };
            let rule = message.get("ruleId").and_then(|rule| rule.text().map(str::to_owned)).unwrap_or_default();
            let (line, column) = (number(message, "line"), number(message, "column"));
            Raw { path: path.clone(), line, column, severity, rule, message: text(message, "message"), at: at(message) }
        }));
    }
    found.stated_errors = Some(stated);
    Some(found)
}

fn ruff(item: &Json) -> Option<Raw> {
    let location = item.get("location")?;
    Some(Raw {
        path: text(item, "filename"),
        line: number(&location, "row"),
        column: number(&location, "column"),
        severity: if text(item, "severity") == "warning" { Severity::Warning } else { Severity::Error },
        rule: text(item, "code"),
        message: text(item, "message"),
        at: at(item),
    })
}

fn pylint(item: &Json) -> Option<Raw> {
    let severity = match text(item, "type").as_str() {
        "error" | "fatal" => Severity::Error,
        "warning" | "convention" | "refactor" => Severity::Warning,
        _ => Severity::Note,
    };
    let path = item.get("path").or(item.get("absolutePath"))?.text()?.to_owned();
    // It counts columns from 0.
    let column = number(item, "column") + 1;
    let (line, rule, message) = (number(item, "line"), text(item, "symbol"), text(item, "message"));
    Some(Raw { path, line, column, severity, rule, message, at: at(item) })
}

/// flake8-json: a list of findings by path.
fn flake8(json: &Json) -> Option<Found> {
    let mut found = Found { tool: "flake8", ..Found::default() };
    for (path, _, list) in json.entries() {
        let items = list.items();
        let is_list = !list.is_table() && list.text().is_none();
        if !is_list || !items.iter().all(|item| item.get("code").is_some() && item.get("line_number").is_some()) {
            return None;
        }
        if items.is_empty() {
            found.files.push(path.clone());
        }
        found.raws.extend(items.iter().map(|item| Raw {
            path: path.clone(),
            line: number(item, "line_number"),
            column: number(item, "column_number"),
            severity: Severity::Error,
            rule: text(item, "code"),
            message: text(item, "text"),
            at: at(item),
        }));
    }
    (!json.entries().is_empty()).then_some(found)
}
