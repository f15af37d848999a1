//! The line that a report shows beside a place: short, and without anything that could be a secret.
//!
//! A check that points at a key must not make the report the place where it leaks. So whatever looks like a
//! credential is cut, at the price of a commit hash now and then.

use crate::evidence::Span;
use crate::snapshot::Snapshot;
use regex::{Captures, Regex};
use std::ops::Range;
use std::sync::LazyLock;

/// Longer lines are cut.
const WIDTH: usize = 160;
/// Of a longer line not more than this is looked at.
const LOOKED_AT: usize = 4096;

/// The values of names that speak of secrets, in the ways that files and command lines write an assignment.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let word =
        "secret|token|passw(?:or)?d|pwd|passphrase|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization";
    let assigned = r#"[\w.-]*["'`\])]*\s*(?::=|=>|[=:])\s*"#;
    let flag = r"(?:-[\w-]*)?\s+";
    let value = r#"["'`]?(?:bearer |basic )?["'`]?)([^\s"'`,;}{$)(<]{4,})"#;
    Regex::new(&format!(r"(?i)((?:\b[\w.-]*(?:{word}){assigned}|--[\w-]*(?:{word}){flag}){value}")).ok()
});
/// How an expression begins that fetches a value from elsewhere, and so is none itself.
const FETCHES: [&str; 20] = [
    "process.", "os.", "env", "ENV[", "config", "settings", "self.", "this.", "System.", "std::", "import.", "Deno.",
    "secrets.", "data.", "var.", "local.", "module.", "aws_", "google_", "azurerm_",
];
/// Long runs in which letters and digits mix, as keys, hashes and encoded bytes have them; and logins in addresses.
static MIXED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/_=-]{20,}").ok());
static LOGIN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(://[^\s:/@]*:)([^\s@/]+)@").ok());

/// The first line of a place, where its file was kept.
pub fn of(span: &Span, snapshot: &Snapshot) -> Option<String> {
    let blob = snapshot.blob(span.path())?;
    let start = blob.offset_of_line(span.line());
    let end = blob.offset_of_line(span.line() + 1);
    let hits = snapshot.hits.get(span.path()).map(Vec::as_slice).unwrap_or_default();
    let known = hits.iter().map(|hit| hit.range.clone()).filter(|hit| hit.start < end && hit.end > start);
    let line = mask(blob.text().get(start..end)?, known.map(|hit| hit.start.max(start) - start..hit.end - start));
    let line = redacted(line.trim());
    (!line.is_empty()).then(|| cut(&line))
}

/// The line without the ranges that the scanner took for secrets.
fn mask(line: &str, known: impl Iterator<Item = Range<usize>>) -> String {
    let mut text = line.to_owned();
    let mut ranges: Vec<Range<usize>> = known.collect();
    ranges.sort_by_key(|range| std::cmp::Reverse(range.start));
    for range in ranges {
        let start = text.floor_char_boundary(range.start.min(text.len()));
        let end = text.ceil_char_boundary(range.end.min(text.len())).max(start);
        text.replace_range(start..end, "…");
    }
    text
}

fn redacted(line: &str) -> String {
    let line = &line[..line.floor_char_boundary(LOOKED_AT)];
    let mut text = line.to_owned();
    if let Some(login) = &*LOGIN {
        text = login.replace_all(&text, "$1…@").into_owned();
    }
    if let Some(named) = &*NAMED {
        text = named.replace_all(&text, |found: &Captures| format!("{}{}", &found[1], hidden(&found[2]))).into_owned();
    }
    if let Some(mixed) = &*MIXED {
        text = mixed.replace_all(&text, |found: &Captures| shortened(&found[0])).into_owned();
    }
    text
}

/// The value of a name that speaks of secrets: nothing of it, unless it is an expression that fetches one.
fn hidden(value: &str) -> &str {
    if FETCHES.iter().any(|start| value.starts_with(start)) { value } else { "…" }
}

/// A word that could be a credential, cut to its first letters; a word that could not, as it is.
fn shortened(word: &str) -> String {
    let has = |test: fn(&char) -> bool| word.chars().any(|letter| test(&letter));
    let is_mixed = has(char::is_ascii_digit) && has(char::is_ascii_alphabetic);
    if !is_mixed && word.len() < 32 {
        return word.to_owned();
    }
    let kept: String = word.chars().take(4).collect();
    format!("{kept}…")
}

fn cut(line: &str) -> String {
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    let kept: String = line.chars().take(WIDTH - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> String {
        let snapshot = Snapshot::from_text(&format!("-- a --\n{text}\n"));
        let span = snapshot.blob("a").map(|blob| blob.line(1)).unwrap();
        of(&span, &snapshot).unwrap_or_default()
    }

    #[test]
    fn what_could_be_a_credential_is_cut() {
        let secrets = [
            "MAINTAINX_API_KEY=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJSRVNUX0FQSV9BVVRIIn0.abc",
            "  password: hunter2hunter2",
            "const token = 'k3yk3yk3y';",
            "headers: { Authorization: `Bearer s3cr3tvalue` }",
            "url: postgres://app:s3cr3t@db/app",
            "x = \"AKIA2E0A8F3B244C9986\"",
            "login --api-key s3cr3t --user x",
            "\"clientSecret\": \"s3cr3t-word\",",
        ];
        for text in secrets {
            let shown = line(text);
            assert!(shown.contains('…'), "{text} → {shown}");
            for part in ["hunter2h", "yk3y", "s3cr3t", "E0A8F3", "OiJIUzI1"] {
                assert!(!shown.contains(part), "{text} → {shown}");
            }
        }
    }

    #[test]
    fn ordinary_lines_stay_as_they_are() {
        for text in [
            "USER root",
            "FROM node:22-alpine AS build",
            "  token: ${{ secrets.GITHUB_TOKEN }}",
            "replicas: 3",
            "token = os.environ[\"MAINTAINX_API_KEY\"]",
            "the secret manager holds the token of the service",
            "secretKeyRef: { name: maintainx, key: api-key }",
        ] {
            assert_eq!(line(text), text.trim());
        }
        assert_eq!(
            line("secretKeyRef: { name: maintainx, key: api-key }"),
            "secretKeyRef: { name: maintainx, key: api-key }"
        );
        assert_eq!(line(&"word ".repeat(100)).chars().count(), WIDTH);
        assert_eq!(line(" "), "");
    }
}
