//! `explain` and `list`: the pages of the checks, nicely at a terminal and raw in a pipe.

use super::{output, word};
use crate::check::Check;
use crate::checks::CHECKS;
use crate::report::page;
use crate::settings::parameters::{Kind, PARAMETERS, longest_age};
use anstream::ColorChoice;
use anyhow::Result;
use std::fmt::Write;
use std::io::IsTerminal;

/// Prints the page of a check.
pub fn explain(check: &Check, colour: ColorChoice) -> Result<u8> {
    let page = whole(check);
    let is_seen = std::io::stdout().is_terminal() || matches!(colour, ColorChoice::Always | ColorChoice::AlwaysAnsi);
    if !is_seen || colour == ColorChoice::Never {
        return output::print(&page, ColorChoice::Never);
    }
    let width = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
    output::print(&page::render(&page, width), colour)
}

/// The page, with what the registry and the settings know of the check.
fn whole(check: &Check) -> String {
    let (head, rest) = check.page.split_once('\n').unwrap_or((check.page, ""));
    let mut text = format!("{head}\n\n{} · {} · {}.\n{rest}", word(check.priority), check.area.word(), check.title);
    let _ = write!(
        text,
        "\n## Settings\n\n- `checks.{}`: P0, P1, P2 or off (default {})\n",
        check.id,
        word(check.priority)
    );
    for parameter in PARAMETERS.iter().filter(|parameter| parameter.check == check.id) {
        let default = match parameter.kind {
            Kind::Number { default, .. } => format!(" Default: {default}."),
            Kind::Words => String::new(),
        };
        let _ = writeln!(text, "- `checks.{}.{}`: {}{default}", check.id, parameter.name, parameter.about);
    }
    let _ = writeln!(text, "- an attestation counts for {} days", longest_age(check.id));
    text
}

/// Every check in one line.
pub fn table() -> String {
    let widest = CHECKS.iter().map(|check| check.id.len()).max().unwrap_or_default();
    let mut text = String::new();
    for check in CHECKS {
        let (area, priority) = (check.area.word(), word(check.priority));
        let _ = writeln!(text, "{:widest$}  {priority}  {area:13}  {}", check.id, check.title);
    }
    text
}

/// Every check, for programs.
pub fn json() -> Result<String> {
    let list: Vec<serde_json::Value> = CHECKS
        .iter()
        .map(|check| {
            serde_json::json!({
                "check": check.id,
                "area": check.area,
                "priority": check.priority,
                "title": check.title,
                "why": check.section("Why"),
                "fix": check.section("Fix"),
            })
        })
        .collect();
    Ok(serde_json::to_string_pretty(&list)? + "\n")
}
