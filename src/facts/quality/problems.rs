//! What linters and type checkers found: every report of a gate, read, with each finding at its line.

use super::readers::{self, Found, Raw, Severity};
use super::resolve::{Resolver, Whereabouts};
use crate::evidence::{Blob, Evidence, Span};
use crate::facts::Facts;
use crate::tools::{Ended, Filed, Gate, Origin, Record};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What the reports of one gate say together.
#[derive(Debug, Default)]
pub struct Problems {
    /// Those that count, each with its first line and the name of its tool.
    pub reports: Vec<(Span, String)>,
    /// What keeps them from being believed.
    pub troubles: Vec<Evidence>,
    pub asides: Vec<Evidence>,
    /// In the order of paths and lines.
    pub problems: Vec<Problem>,
}

/// One finding of a tool.
#[derive(Debug)]
pub struct Problem {
    /// In the repository where the file is there, else in the report.
    pub span: Span,
    /// As the repository names the file, or as the report does.
    pub path: String,
    pub severity: Severity,
    /// The rule and what the tool says.
    pub note: String,
}

const TOLERANCE: f64 = 2.0;
const LONGEST_NOTE: usize = 300;

impl Problems {
    pub(super) fn read(facts: &Facts, record: &Record, gate: Gate) -> Self {
        let mut found = Self::default();
        for (_, glob) in record.missing.iter().filter(|(of, _)| *of == gate) {
            found.troubles.push(Evidence::absent([glob], format!("no report of {gate} is there")));
        }
        let tree = facts.tree();
        let has = |path: &str| tree.has(path);
        let resolver = Resolver::new(tree.files(), &has, &record.root, &record.elsewhere);
        for filed in record.of(gate) {
            match (&filed.trouble, facts.snapshot.blob(&filed.entry())) {
                (Some(trouble), _) => {
                    let note = format!("the report of {gate} cannot be read: {trouble}");
                    found.troubles.push(Evidence::absent([&filed.path], note));
                }
                (None, Some(blob)) => found.take(facts, record, filed, blob, &resolver),
                (None, None) => {}
            }
        }
        found.problems.sort_by(|a, b| (&a.path, a.span.line(), &a.note).cmp(&(&b.path, b.span.line(), &b.note)));
        found.problems.dedup_by(|a, b| (&a.span, &a.note) == (&b.span, &b.note));
        found
    }

    pub fn count(&self, severity: Severity) -> usize {
        self.problems.iter().filter(|problem| problem.severity == severity).count()
    }

    /// The files with most findings of that weight, and how many each has.
    pub fn worst(&self, severity: Severity) -> Vec<(&str, usize)> {
        let mut by_path: BTreeMap<&str, usize> = BTreeMap::new();
        let those = self.problems.iter().filter(|problem| problem.severity == severity);
        those.for_each(|problem| *by_path.entry(&problem.path).or_default() += 1);
        let mut worst: Vec<_> = by_path.into_iter().collect();
        worst.sort_by_key(|(path, count)| (std::cmp::Reverse(*count), *path));
        worst
    }

    fn take(&mut self, facts: &Facts, record: &Record, filed: &Filed, blob: &Arc<Blob>, resolver: &Resolver) {
        let head = blob.line(1);
        let read = match readers::read(blob, filed.ended.is_some()) {
            Ok(read) => read,
            Err(reason) => {
                let place = reason.span().cloned().unwrap_or_else(|| head.clone());
                let evidence =
                    Evidence::at(place, format!("the report of {} cannot be read: {}", filed.gate, reason.note));
                // What merely has the name of a report is none; what a command prints is judged by how it ended.
                match (filed.origin, &filed.ended) {
                    (_, Some(_)) => return self.by_its_end(filed, blob),
                    (Origin::Found, _) if reason.note.starts_with("no format") => self.asides.push(evidence),
                    _ => self.troubles.push(evidence),
                }
                return;
            }
        };
        if filed.tracked {
            let note = "the report was committed, so nothing says that it is about this commit";
            self.troubles.push(Evidence::at(head.clone(), note));
        }
        self.reports.push((head.clone(), read.tool.to_owned()));
        self.add(facts, record, filed, blob, resolver, read);
    }

    fn add(
        &mut self,
        facts: &Facts,
        record: &Record,
        filed: &Filed,
        blob: &Arc<Blob>,
        resolver: &Resolver,
        read: Found,
    ) {
        let newer: HashMap<&str, f64> = record.newer.iter().map(|(path, time)| (path.as_str(), *time)).collect();
        let paths: Vec<&str> =
            read.raws.iter().map(|raw| raw.path.as_str()).chain(read.files.iter().map(String::as_str)).collect();
        let places = resolver.all(&filed.path, &[], &paths);
        let mut stale: Vec<&str> = Vec::new();
        let before = self.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
        for (index, place) in places.iter().enumerate() {
            let here = if let Whereabouts::Here(path) = place { Some(path.as_str()) } else { None };
            if let Some(path) =
                here.filter(|path| newer.get(path).is_some_and(|time| *time > filed.modified + TOLERANCE))
            {
                stale.push(path);
            }
            if let Some(raw) = read.raws.get(index) {
                self.problems.push(problem(facts, raw, here, blob));
            }
        }
        stale.sort_unstable();
        stale.dedup();
        for path in stale.iter().take(10) {
            self.troubles.push(Evidence::at(blob.line(1), format!("{path} was changed after the report was made")));
        }
        let errors = self.problems.iter().filter(|problem| problem.severity == Severity::Error).count() - before;
        if let Some(stated) = read.stated_errors.filter(|stated| *stated > errors) {
            let note =
                format!("the report disagrees with itself: {stated} errors are counted, and {errors} are listed");
            self.troubles.push(Evidence::at(blob.line(1), note));
        }
        if errors == 0 && filed.ended.as_ref().is_some_and(|ended| *ended != Ended::Code(0)) {
            self.by_its_end(filed, blob);
        }
    }

    /// A command whose output names no error: its end tells whether it was content.
    fn by_its_end(&mut self, filed: &Filed, blob: &Arc<Blob>) {
        let Some(ended) = &filed.ended else { return };
        let command = filed.command.as_deref().unwrap_or("the command");
        let head = blob.line(1);
        if *ended == Ended::Code(0) {
            return self.reports.push((head, format!("`{command}`")));
        }
        let last = blob.lines().filter(|(_, line)| !line.trim().is_empty()).last().map_or(1, |(number, _)| number);
        let note = format!("`{command}` {ended}");
        match ended {
            Ended::Code(_) => {
                self.reports.push((head, format!("`{command}`")));
                let (span, path) = (blob.line(last), filed.path.clone());
                self.problems.push(Problem { span, path, severity: Severity::Error, note });
            }
            _ => self.troubles.push(Evidence::at(blob.line(last), note)),
        }
    }
}

fn problem(facts: &Facts, raw: &Raw, here: Option<&str>, report: &Arc<Blob>) -> Problem {
    let what = if raw.rule.is_empty() { raw.message.clone() } else { format!("{}: {}", raw.rule, raw.message) };
    let what: String = what.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_NOTE).collect();
    match here.and_then(|path| Some((path, facts.snapshot.blob(path)?))) {
        Some((path, blob)) => {
            let span = place(blob, raw);
            Problem { span, path: path.to_owned(), severity: raw.severity, note: what }
        }
        None => {
            let note = if raw.path.is_empty() { what } else { format!("{}:{}: {what}", raw.path, raw.line) };
            Problem { span: report.line(raw.at), path: raw.path.clone(), severity: raw.severity, note }
        }
    }
}

/// The line, from the column on where there is one.
fn place(blob: &Blob, raw: &Raw) -> Span {
    let line = blob.line(raw.line.max(1));
    if raw.column < 2 || line.line() != raw.line {
        return line;
    }
    let start = blob.offset_of_line(raw.line);
    let text = blob.text().get(start..).unwrap_or_default().lines().next().unwrap_or_default();
    let at = text.char_indices().nth(raw.column as usize - 1).map(|(at, _)| at);
    at.map_or(line, |at| blob.span(start + at..start + text.len()))
}
