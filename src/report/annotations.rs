//! Workflow commands that annotate files in a pull request, within what the runner keeps.

use super::Standing;
use super::escape::{command_data, command_property};
use crate::verdict::{Row, Sighting, Spot, Verdict};

/// The runner keeps no more than this of each level in one step, and drops the rest without a word.
const PER_LEVEL: usize = 10;
/// The runner cuts messages at 4,096 characters.
const LONGEST: usize = 4_000;

/// The three levels, in the order in which a reader should see them.
const LEVELS: [&str; 3] = ["error", "warning", "notice"];

/// One command a line: what blocks as errors, what fails or could not be read as warnings.
pub fn render(verdict: &Verdict) -> String {
    let mut text = String::new();
    for level in LEVELS {
        let all = of_level(verdict, level);
        // One place is kept for the count of those that do not fit.
        let shown = if all.len() > PER_LEVEL { PER_LEVEL - 1 } else { all.len() };
        for line in all.iter().take(shown) {
            text.push_str(line);
        }
        if all.len() > shown {
            let more = format!("{} more are in the report", all.len() - shown);
            text.push_str(&format!("::{level} title=mx-prod-gate::{more}\n"));
        }
    }
    text
}

fn level(row: &Row) -> Option<&'static str> {
    match Standing::of(row) {
        Standing::Blocks => Some("error"),
        Standing::Fails | Standing::Error => Some("warning"),
        Standing::Manual | Standing::Waived | Standing::Attested | Standing::Passes | Standing::NotApplicable => None,
    }
}

fn of_level(verdict: &Verdict, wanted: &str) -> Vec<String> {
    let rows = verdict.open_rows().into_iter().filter(|row| level(row) == Some(wanted));
    let mut all: Vec<String> = rows.flat_map(|row| of_row(row, wanted)).collect();
    if wanted == "notice" {
        all.extend(super::proposal::commands(verdict));
        all.extend(verdict.notices.iter().map(|notice| {
            let place = format!(" file={},line={},", command_property(&notice.path), notice.line);
            let place = if notice.path.is_empty() { " ".to_owned() } else { place };
            format!(
                "::notice{place}title={}::{}\n",
                command_property(notice.kind.word()),
                command_data(&notice.message)
            )
        }));
    }
    all
}

fn of_row(row: &Row, level: &str) -> Vec<String> {
    let open: Vec<&Sighting> = row.findings.iter().filter(|finding| !finding.waived).collect();
    let seen = if open.is_empty() { row.evidence.iter().take(1).collect() } else { open };
    if seen.is_empty() {
        let message = row.remark.as_deref().unwrap_or(row.title);
        return vec![command(row, level, String::new(), message)];
    }
    seen.into_iter().map(|seen| command(row, level, place(&seen.place), &seen.note)).collect()
}

fn place(spot: &Spot) -> String {
    match spot {
        Spot::At { path, line, end_line, column } => {
            let file = command_property(path);
            // Columns are dropped by the runner where the lines differ.
            let column = if line == end_line { format!(",col={column}") } else { String::new() };
            format!("file={file},line={line},endLine={end_line}{column},")
        }
        Spot::Nowhere { .. } => String::new(),
    }
}

fn command(row: &Row, level: &str, place: String, message: &str) -> String {
    let title = command_property(&format!("{} {}", row.priority.word(), row.check));
    let fix = if row.fix.is_empty() { String::new() } else { format!("\n{}", row.fix) };
    let whole: String = format!("{message}{fix}").chars().take(LONGEST).collect();
    format!("::{level} {place}title={title}::{}\n", command_data(&whole))
}
