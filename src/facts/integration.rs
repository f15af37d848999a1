//! What the repository integrates with: MaintainX, or something else that takes its place.

use super::{Facet, Facts};
use crate::evidence::{Blob, Evidence};
pub use crate::settings::IntegrationKind;
use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use rayon::prelude::*;
use std::sync::Arc;

/// The traces that production source leaves when it talks to MaintainX, and what each is.
/// Source: the published API (host, webhook headers) and the names that integrations give their settings.
const TRACES: [(&str, &str); 5] = [
    ("getmaintainx.com", "names the host of the MaintainX API"),
    ("x-maintainx-", "reads a header of MaintainX webhooks"),
    ("maintainx_", "reads a setting named after MaintainX"),
    ("mx_api_", "reads a setting named after MaintainX"),
    ("maintainx", "names MaintainX"),
];
/// More traces than this tell nothing new.
const SHOWN: usize = 5;
/// How a line of comment begins, in the languages that are read.
const COMMENTS: [&str; 7] = ["//", "#", "*", "/*", "<!--", "--", "\"\"\""];

/// What the repository integrates with, and what shows it.
#[derive(Debug)]
pub struct Integration {
    pub kind: IntegrationKind,
    pub traces: Vec<Evidence>,
}

impl Facet for Integration {
    fn read(facts: &Facts) -> Self {
        let traces = traces(facts);
        let found = if traces.is_empty() { IntegrationKind::Generic } else { IntegrationKind::Maintainx };
        Self { kind: facts.settings().integration.unwrap_or(found), traces }
    }
}

fn traces(facts: &Facts) -> Vec<Evidence> {
    let words = TRACES.map(|(word, _)| word);
    let Ok(automaton) = AhoCorasickBuilder::new().ascii_case_insensitive(true).build(words) else { return Vec::new() };
    let tree = facts.tree();
    let production = facts.snapshot.blobs().filter(|blob| is_source(blob.path()) && tree.is_production(blob.path()));
    let production: Vec<&Arc<Blob>> = production.collect();
    let mut traces: Vec<Evidence> = production.par_iter().filter_map(|blob| trace(blob, &automaton)).collect();
    traces.truncate(SHOWN);
    traces
}

/// The first trace in a file that is no comment.
fn trace(blob: &Arc<Blob>, automaton: &AhoCorasick) -> Option<Evidence> {
    automaton.find_iter(blob.text()).find_map(|found| {
        let span = blob.span(found.range());
        let start = blob.offset_of_line(span.line());
        let line = blob.text().get(start..)?.trim_start();
        let is_comment = COMMENTS.iter().any(|mark| line.starts_with(mark));
        (!is_comment).then(|| Evidence::at(span, TRACES[found.pattern().as_usize()].1))
    })
}

/// Source and what sets it up: prose proves nothing about code.
fn is_source(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let prose = [".md", ".mdx", ".rst", ".txt", ".adoc", ".lock", "package-lock.json", ".csv", ".html", ".svg"];
    !prose.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use crate::snapshot::Snapshot;

    fn kind(text: &str) -> (IntegrationKind, usize) {
        let snapshot = Snapshot::from_text(text);
        let settings = Settings::default();
        let facts = Facts::new(&snapshot, &settings, jiff::civil::date(2026, 11, 1));
        (facts.integration().kind, facts.integration().traces.len())
    }

    #[test]
    fn production_source_tells_and_prose_and_tests_do_not() {
        let host = "-- src/client.ts --\nconst base = 'https://api.getmaintainx.com/v1';\n";
        assert_eq!(kind(host), (IntegrationKind::Maintainx, 1));
        let elsewhere = "-- README.md --\nfor MaintainX\n-- src/a.ts --\n// like maintainx\nfetch(url)\n";
        assert_eq!(kind(elsewhere), (IntegrationKind::Generic, 0));
    }
}
