//! What a check run shows beside the lines: one annotation a finding, those that block first.

use super::Standing;
use super::escape::line;
use crate::verdict::{Row, Sighting, Spot, Verdict};

/// One annotation, in the words of GitHub's API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    pub path: String,
    pub start_line: u32,
    pub end_line: u32,
    pub column: Option<u32>,
    /// `failure`, `warning` or `notice`.
    pub level: &'static str,
    pub title: String,
    pub message: String,
}

/// Every annotation of a verdict: those that block, then those that fail; of each first those in changed lines.
pub fn annotations(verdict: &Verdict, only_changed: bool) -> Vec<Annotation> {
    let mut all: Vec<(u8, bool, Annotation)> = Vec::new();
    for row in verdict.open_rows() {
        let level = if Standing::of(row) == Standing::Blocks { "failure" } else { "warning" };
        let open = row.findings.iter().filter(|finding| !finding.waived && (finding.changed || !only_changed));
        all.extend(open.filter_map(|finding| {
            // What is known from before the change does not block, and is no more than a hint.
            let level = if finding.known { "notice" } else { level };
            let rank = ["failure", "warning", "notice"].iter().position(|each| *each == level).unwrap_or(2) as u8;
            Some((rank, !finding.changed, annotation(row, finding, level)?))
        }));
    }
    for change in
        verdict.proposal.iter().flat_map(|proposal| &proposal.changes).filter(|change| change.difference.line > 0)
    {
        let told = Annotation {
            path: change.path.clone(),
            start_line: change.difference.line,
            end_line: change.difference.line,
            column: None,
            level: "notice",
            title: format!("proposes: {}", change.kind.word()),
            message: shown(&super::proposal::sentence(change)),
        };
        all.push((2, false, told));
    }
    all.sort_by_key(|(rank, is_elsewhere, _)| (*rank, *is_elsewhere));
    all.into_iter().map(|(_, _, annotation)| annotation).collect()
}

fn annotation(row: &Row, finding: &Sighting, level: &'static str) -> Option<Annotation> {
    let Spot::At { path, line, end_line, column } = &finding.place else { return None };
    if path.starts_with('@') {
        return None;
    }
    let fix = if row.fix.is_empty() { String::new() } else { format!("\n\nFix: {}", row.fix) };
    Some(Annotation {
        path: path.clone(),
        start_line: (*line).max(1),
        end_line: (*end_line).max(*line).max(1),
        // Columns count only within one line.
        column: (line == end_line).then_some((*column).max(1)),
        level,
        title: format!("{} {}", row.priority.word(), row.check),
        message: format!("{}{fix}", shown(&finding.note)),
    })
}

/// One line without what hides, and without a mention: annotations are shown as text, and mailed as Markdown.
fn shown(text: &str) -> String {
    line(text).replace('@', "@\u{200b}")
}
