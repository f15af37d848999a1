//! Coverage: the reports that count, merged, with each file found in the repository.

use super::resolve::{Resolver, Whereabouts};
use crate::coverage::{self as reports, Count, File, Flaw, Format, Metric, PerMetric, Report, digest};
use crate::evidence::{Blob, Evidence, Span};
use crate::facts::Facts;
use crate::tools::{Filed, Gate, Origin, Record};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What the reports of coverage say together.
#[derive(Debug, Default)]
pub struct Coverage {
    /// Those that count, each with its first line.
    pub reports: Vec<(Span, Format)>,
    /// What keeps the figures from being believed.
    pub troubles: Vec<Evidence>,
    /// What is worth knowing of the reading.
    pub asides: Vec<Evidence>,
    pub files: Vec<Measured>,
    /// Percentages of a report that names no files.
    pub percent: PerMetric<f64>,
    /// There is a report, and none of them has run anything.
    pub covers_nothing: bool,
    /// A report says that it left branches out.
    pub is_without_branches: bool,
    has_run: bool,
}

/// One file of the repository, as all reports together measured it.
#[derive(Debug)]
pub struct Measured {
    pub path: String,
    file: File,
    blob: Option<Arc<Blob>>,
    report: Span,
}

impl Measured {
    pub fn count(&self, metric: Metric) -> Option<Count> {
        self.file.count(metric)
    }

    /// The first place of that metric that was not run, or the head of the file, or the report.
    pub fn first_missed(&self, metric: Metric) -> Span {
        let missed = self.file.of(metric).iter().find(|unit| !unit.hit).map_or(1, |unit| unit.line);
        self.blob.as_ref().map_or_else(|| self.report.clone(), |blob| blob.line(missed))
    }

    /// The place of a line of the file.
    pub fn line(&self, number: u32) -> Span {
        self.blob.as_ref().map_or_else(|| self.report.clone(), |blob| blob.line(number))
    }

    /// Of each of these lines, whether it was run; nothing of those that cannot be.
    pub fn lines(&self, wanted: impl Fn(u32) -> bool) -> Vec<(u32, bool)> {
        let lines = self.file.of(Metric::Lines).iter().filter(|unit| wanted(unit.line));
        lines.map(|unit| (unit.line, unit.hit)).collect()
    }
}

/// A report that could be read.
struct Readable<'a> {
    filed: &'a Filed,
    blob: &'a Arc<Blob>,
    report: Report,
    is_digest: bool,
}

/// A report younger than its sources by less than this is as old as they are, in seconds.
const TOLERANCE: f64 = 2.0;
/// More files than this are not named one by one.
const NAMED: usize = 10;

impl Coverage {
    pub(super) fn read(facts: &Facts, record: &Record) -> Self {
        let mut found = Self::default();
        for (gate, glob) in record.missing.iter().filter(|(gate, _)| *gate == Gate::Coverage) {
            found.troubles.push(Evidence::absent([glob], format!("no report of {gate} is there")));
        }
        let mut readable = Vec::new();
        for filed in record.of(Gate::Coverage) {
            readable.extend(found.open(facts, filed));
        }
        let readable = best_of_each_folder(readable);
        let index = Index::new(facts);
        let has = |path: &str| index.has(path);
        let resolver = Resolver::new(index.paths(), &has, &record.root, &record.elsewhere);
        let mut merged: BTreeMap<String, BTreeMap<Format, (File, Span)>> = BTreeMap::new();
        for one in readable {
            found.take(facts, record, one, &resolver, &mut merged);
        }
        found.covers_nothing = !found.reports.is_empty() && !found.has_run;
        found.files = merged.into_iter().filter_map(|(path, forms)| measured(facts, path, forms)).collect();
        found
    }

    /// Reads one report, or notes why it cannot be.
    fn open<'a>(&mut self, facts: &Facts<'a>, filed: &'a Filed) -> Option<Readable<'a>> {
        if let Some(trouble) = &filed.trouble {
            let note = format!("the coverage report cannot be read: {trouble}");
            self.troubles.push(Evidence::absent([&filed.path], note));
            return None;
        }
        let blob = facts.snapshot.blob(&filed.entry())?;
        let is_digest = blob.text().starts_with(digest::HEAD);
        let read = match is_digest {
            true => digest::read(blob.text()),
            false => reports::read(&filed.path, &mut blob.text().as_bytes()),
        };
        match read {
            Ok(report) => Some(Readable { filed, blob, report, is_digest }),
            Err(flaw) => {
                let evidence = at(blob, is_digest, &flaw, "the coverage report cannot be read: ");
                // What merely has the name of a report is none.
                let is_another = filed.origin == Origin::Found && flaw.message.starts_with("no format");
                if is_another {
                    self.asides.push(evidence)
                } else {
                    self.troubles.push(evidence)
                }
                None
            }
        }
    }

    fn take(
        &mut self,
        facts: &Facts,
        record: &Record,
        one: Readable,
        resolver: &Resolver,
        merged: &mut BTreeMap<String, BTreeMap<Format, (File, Span)>>,
    ) {
        let Readable { filed, blob, report, is_digest } = one;
        let head = blob.line(1);
        if let Some(flaw) = &report.disagreement {
            self.troubles.push(at(blob, is_digest, flaw, "the report disagrees with itself: "));
        }
        let is_figure = report.percent.iter().any(Option::is_some);
        let has_run = report
            .files
            .iter()
            .any(|file| Metric::ALL.into_iter().filter_map(|metric| file.count(metric)).any(|count| count.hit > 0));
        self.has_run |= has_run || is_figure;
        if !has_run && !is_figure {
            self.troubles.push(Evidence::at(head.clone(), "the report covers no file"));
        }
        if filed.tracked {
            let note = "the report was committed, so nothing says that it measured this commit";
            self.troubles.push(Evidence::at(head.clone(), note));
        }
        self.reports.push((head.clone(), report.format));
        self.is_without_branches |= report.is_without_branches;
        for (mine, theirs) in self.percent.iter_mut().zip(report.percent) {
            *mine = mine.or(theirs);
        }
        let paths: Vec<&str> = report.files.iter().map(|file| file.path.as_str()).collect();
        let places = resolver.all(&filed.path, &report.sources, &paths);
        let (mut ghosts, mut stale, mut foreign) = (Vec::new(), Vec::new(), 0);
        let newer: HashMap<&str, f64> = record.newer.iter().map(|(path, time)| (path.as_str(), *time)).collect();
        for (file, place) in report.files.into_iter().zip(places) {
            let path = match place {
                Whereabouts::Here(path) => path,
                Whereabouts::Untracked => file.path.clone(),
                Whereabouts::Foreign => {
                    foreign += 1;
                    continue;
                }
                Whereabouts::Nowhere => {
                    ghosts.push(file.path);
                    continue;
                }
            };
            if newer.get(path.as_str()).is_some_and(|time| *time > filed.modified + TOLERANCE) {
                stale.push(format!("{path} was changed after the report was made"));
            }
            stale.extend(beyond(facts, &path, &file));
            let forms = merged.entry(path).or_default();
            match forms.get_mut(&report.format) {
                Some((known, _)) => known.merge(&file),
                None => drop(forms.insert(report.format, (file, head.clone()))),
            }
        }
        self.troubles.extend(listed(&head, stale));
        let ghosts =
            ghosts.into_iter().map(|path| format!("the report measures {path}, which is not in the repository"));
        self.troubles.extend(listed(&head, ghosts.collect()));
        if foreign > 0 {
            let note = format!("{foreign} files of dependencies or of the platform are left out");
            self.asides.push(Evidence::at(head, note));
        }
    }

    /// All files together, or those of which that holds.
    pub fn total(&self, metric: Metric, holds: impl Fn(&str) -> bool) -> Option<Count> {
        let counts = self.files.iter().filter(|file| holds(&file.path)).filter_map(|file| file.count(metric));
        counts.reduce(|mut sum, count| {
            sum += count;
            sum
        })
    }

    /// What is judged in the place of branches, where nothing counted them.
    pub fn without_branches(&self) -> Metric {
        self.reports.first().map_or(Metric::Lines, |(_, format)| format.without_branches())
    }
}

/// A flaw at its line, which a digest no longer has.
fn at(blob: &Blob, is_digest: bool, flaw: &Flaw, what: &str) -> Evidence {
    if is_digest {
        return Evidence::at(blob.line(1), format!("{what}{flaw}"));
    }
    Evidence::at(blob.line(u32::try_from(flaw.line).unwrap_or(u32::MAX)), format!("{what}{}", flaw.message))
}

/// One run writes several formats side by side: of those that lie where tools put them, the one that says most counts.
fn best_of_each_folder(mut readable: Vec<Readable>) -> Vec<Readable> {
    let mut best: HashMap<String, Format> = HashMap::new();
    for one in readable.iter().filter(|one| one.filed.origin == Origin::Found) {
        let format = best.entry(folder(&one.filed.path)).or_insert(one.report.format);
        *format = (*format).min(one.report.format);
    }
    readable.retain(|one| {
        one.filed.origin != Origin::Found || best.get(&folder(&one.filed.path)) == Some(&one.report.format)
    });
    readable
}

/// The package that a report is of: `coverage/` and `build/…` belong to the folder above.
fn folder(path: &str) -> String {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    folder.strip_suffix("coverage").unwrap_or(folder).trim_end_matches('/').to_owned()
}

/// A line that is measured and does not exist: the report is of another version of the file.
fn beyond(facts: &Facts, path: &str, file: &File) -> Option<String> {
    let blob = facts.snapshot.blob(path)?;
    let lines = blob.text().lines().count() as u64 + 1;
    let last =
        Metric::ALL.into_iter().filter_map(|metric| file.of(metric).iter().last()).map(|unit| unit.line).max()?;
    (u64::from(last) > lines)
        .then(|| format!("the report measures line {last} of {path}, which has {} lines", lines - 1))
}

/// Notes at one place, the first of them one by one.
fn listed(head: &Span, mut notes: Vec<String>) -> Vec<Evidence> {
    let rest = notes.len().saturating_sub(NAMED);
    notes.truncate(NAMED);
    if rest > 0 {
        notes.push(format!("so it is with {rest} more files"));
    }
    notes.into_iter().map(|note| Evidence::at(head.clone(), note)).collect()
}

fn measured(facts: &Facts, path: String, forms: BTreeMap<Format, (File, Span)>) -> Option<Measured> {
    let (file, report) = forms.into_values().next()?;
    let blob = facts.snapshot.blob(&path).cloned();
    Some(Measured { path, file, blob, report })
}

/// The paths of the tree.
struct Index<'a>(&'a crate::facts::tree::Tree);

impl<'a> Index<'a> {
    fn new(facts: &'a Facts) -> Self {
        Self(facts.tree())
    }

    fn has(&self, path: &str) -> bool {
        self.0.has(path)
    }

    fn paths(&self) -> impl Iterator<Item = &'a str> {
        self.0.files()
    }
}
