//! Checkstyle's XML, which many linters write: files with errors, each with line and severity.

use super::{Found, Raw, Severity};
use crate::evidence::{Blob, Evidence};
use crate::facts::xml::root;
use std::sync::Arc;

pub fn read(blob: &Arc<Blob>) -> Result<Found, Evidence> {
    let top = root(blob)?;
    if top.name != "checkstyle" {
        return Err(Evidence::at(blob.line(1), format!("no format of a linter begins with <{}>", top.name)));
    }
    let mut found = Found { tool: "Checkstyle", ..Found::default() };
    for file in top.children("file") {
        let path = file.attribute("name").unwrap_or_default();
        let mut errors = file.children("error").peekable();
        if errors.peek().is_none() {
            found.files.push(path.to_owned());
        }
        found.raws.extend(errors.map(|error| {
            let text = |name: &str| unescaped(error.attribute(name).unwrap_or_default());
            let number = |name: &str| error.attribute(name).and_then(|text| text.parse().ok()).unwrap_or(0);
            let severity = match text("severity").as_str() {
                "warning" => Severity::Warning,
                "info" | "ignore" => Severity::Note,
                _ => Severity::Error,
            };
            Raw {
                path: unescaped(path),
                line: number("line"),
                column: number("column"),
                severity,
                rule: text("source"),
                message: text("message"),
                at: error.span(blob).line(),
            }
        }));
    }
    Ok(found)
}

fn unescaped(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), String::from)
}
