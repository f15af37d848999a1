//! Reports in lines: tsc, mypy, flake8, pylint, Sorbet, `go vet`, `dotnet build`, by the few forms that they share.

use super::json::{number, text};
use super::{Found, Raw, Severity};
use crate::evidence::{Blob, Evidence};
use crate::facts::json::value;
use regex::Regex;
use std::sync::{Arc, LazyLock};

/// `path(line,column): error CODE: message`: tsc, and the compilers of .NET.
static PARENTHESES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\s*(?P<path>[^\s(][^(]*)\((?P<line>\d+),(?P<column>\d+)\): (?P<kind>error|warning|info) (?P<rule>\w+): (?P<message>.*)$").ok()
});
/// `path:line:column - error CODE: message`: tsc for people.
static DASH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(?P<path>\S[^:]*):(?P<line>\d+):(?P<column>\d+) - (?P<kind>error|warning) (?P<rule>TS\d+): (?P<message>.*)$",
    )
    .ok()
});
/// `path:line:column: kind: message`: mypy, gcc, javac and many more.
static COLONS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:vet: |\[ERROR\] )?(?P<path>(?:[A-Za-z]:)?[^\s:][^:]*\.\w+):(?P<line>\d+):(?:(?P<column>\d+):)? (?:(?P<kind>error|warning|note|fatal error|information): ?)?(?P<message>.+)$").ok()
});
/// The code at the beginning of a message: `E501 line too long`, `C0114: Missing module docstring`.
static CODE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?P<rule>[A-Z]{1,4}\d{2,4}):? (?P<message>.*)$").ok());
/// The sentence at the end that counts.
static FOUND: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:Found |Errors: )(?P<count>\d+)(?: errors?\b|$)").ok());
static COLOURS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\x1b\[[0-9;]*[A-Za-z]").ok());

/// Sentences of tools that have found nothing.
const CONTENT: [&str; 5] =
    ["Success: no issues found", "No errors! Great job", "0 errors, 0 warnings", "Found 0 errors", "0 Error(s)"];

pub fn read(blob: &Arc<Blob>, is_output: bool) -> Result<Found, Evidence> {
    let mut found = Found { tool: "the type checker", ..Found::default() };
    let mut is_content = false;
    for (number, line) in blob.lines() {
        let line = plain(line);
        is_content |= CONTENT.iter().any(|sentence| line.contains(sentence));
        if let Some(count) = captured(&FOUND, &line).and_then(|found| found.name("count")?.as_str().parse().ok()) {
            found.stated_errors = Some(count);
        }
        if let Some(raw) = raw(&line, number) {
            found.tool = tool(&raw, &line).unwrap_or(found.tool);
            found.raws.push(raw);
        }
    }
    if found.raws.is_empty() && !is_content {
        let what = if is_output {
            "no format: nothing in it is a finding"
        } else {
            "no format: neither a finding nor a sentence of success is in it"
        };
        return Err(Evidence::at(blob.line(1), what));
    }
    Ok(found)
}

fn plain(line: &str) -> std::borrow::Cow<'_, str> {
    match COLOURS.as_ref() {
        Some(colours) if line.contains('\u{1b}') => colours.replace_all(line, ""),
        _ => line.into(),
    }
}

fn captured<'t>(form: &LazyLock<Option<Regex>>, line: &'t str) -> Option<regex::Captures<'t>> {
    form.as_ref()?.captures(line)
}

fn raw(line: &str, at: u32) -> Option<Raw> {
    // Cheaper than the forms, and true of every finding.
    if !line.contains(':') || line.len() > 4_000 {
        return None;
    }
    let found = [&PARENTHESES, &DASH, &COLONS].into_iter().find_map(|form| captured(form, line))?;
    let of = |name: &str| found.name(name).map(|found| found.as_str());
    let number = |name: &str| of(name).and_then(|digits| digits.parse().ok()).unwrap_or(0);
    let severity = match of("kind") {
        Some("warning") => Severity::Warning,
        Some("note" | "info" | "information") => Severity::Note,
        _ => Severity::Error,
    };
    let message = of("message")?.trim();
    let code = captured(&CODE, message).filter(|_| of("rule").is_none() && of("kind").is_none());
    let (rule, message) = match &code {
        Some(code) => (code.name("rule").map(|rule| rule.as_str()), code.name("message")?.as_str()),
        None => (of("rule"), message),
    };
    let (rule, message) = (rule.unwrap_or_default().to_owned(), message.to_owned());
    Some(Raw {
        path: of("path")?.to_owned(),
        line: number("line"),
        column: number("column"),
        severity,
        rule,
        message,
        at,
    })
}

fn tool(raw: &Raw, line: &str) -> Option<&'static str> {
    Some(match raw.rule.as_str() {
        rule if rule.starts_with("TS") => "tsc",
        rule if rule.starts_with("CS") => "dotnet build",
        _ if line.contains("https://srb.help/") => "Sorbet",
        _ if raw.path.ends_with(".go") => "go vet",
        "" if raw.path.ends_with(".py") || raw.path.ends_with(".pyi") => "mypy",
        _ if raw.path.ends_with(".py") => "flake8",
        _ => return None,
    })
}

/// `mypy --output json` writes one object a line.
pub fn is_lines_of_json(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default().trim_end();
    first.starts_with('{') && first.ends_with('}') && first.contains("\"severity\"") && first.contains("\"hint\"")
}

pub fn mypy_lines(blob: &Arc<Blob>) -> Result<Found, Evidence> {
    let mut found = Found { tool: "mypy", ..Found::default() };
    for (line_number, line) in blob.lines().filter(|(_, line)| line.starts_with('{')) {
        let one = Arc::new(Blob::new(blob.path(), line));
        let json = value(&one).map_err(|bad| Evidence::at(blob.line(line_number), bad.note))?;
        let severity = match text(&json, "severity").as_str() {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            _ => Severity::Note,
        };
        found.raws.push(Raw {
            path: text(&json, "file"),
            line: number(&json, "line"),
            // It counts columns from 0.
            column: number(&json, "column") + 1,
            severity,
            rule: text(&json, "code"),
            message: text(&json, "message"),
            at: line_number,
        });
    }
    Ok(found)
}
