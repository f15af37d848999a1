//! Reports of the project's own tools: looked for where the tools put them or where they are named, and read in
//! bounded memory, although git ignores most of them.

mod conventions;
mod find;
mod mentioned;
mod read;
pub mod run;

use crate::coverage::Report;
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::tools::{Filed, Gate, Origin, PATH, Record, Run};
use find::Candidate;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What a run says about reports, beside the settings: globs by gate.
#[derive(Debug, Clone, Default)]
pub struct Named(pub Vec<(Gate, String)>);

/// More files than this are not listed as newer than a report: the report is stale anyway.
const MOST_NEWER: usize = 2_000;

/// Reports as they are gathered: those that are there, and those that commands make.
pub struct Gathering<'a> {
    root: PathBuf,
    settings: &'a Settings,
    named: &'a Named,
    record: Record,
}

impl<'a> Gathering<'a> {
    /// None where the folder cannot be opened, which whoever reads the tree tells.
    pub fn new(root: &Path, settings: &'a Settings, named: &'a Named) -> Option<Self> {
        let root = root.canonicalize().ok()?;
        let record = Record { root: root.to_string_lossy().into_owned(), ..Record::default() };
        Some(Self { root, settings, named, record })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Finds and reads the reports of a gate that are there. Named ones that are not are missed.
    pub fn read(&mut self, gate: Gate, snapshot: &mut Snapshot) {
        let mut missing = Vec::new();
        for candidate in self.candidates(gate, snapshot, &mut missing) {
            let filed = file(candidate, gate, &self.root, snapshot, &mut self.record);
            self.record.reports.push(filed);
        }
        self.record.missing.extend(missing);
    }

    /// Reads those reports of a gate that were written since a moment, which a command of this run has made.
    pub fn read_since(&mut self, gate: Gate, since: SystemTime, snapshot: &mut Snapshot) {
        for candidate in self.candidates(gate, snapshot, &mut Vec::new()) {
            let written = candidate.file.symlink_metadata().and_then(|about| about.modified());
            // The clock of a file system is coarser than that of the machine.
            if written.is_ok_and(|written| written + Duration::from_millis(20) >= since) {
                // What a command writes is its user's, wherever it is named: no link is followed.
                let candidate = Candidate { origin: Origin::Ran, ..candidate };
                let filed = file(candidate, gate, &self.root, snapshot, &mut self.record);
                self.record.reports.push(Filed { tracked: false, ..filed });
            }
        }
    }

    /// Adds what a command has printed or written as a report of its own.
    pub fn add(&mut self, filed: Filed, text: String, snapshot: &mut Snapshot) {
        snapshot.insert_outside(&filed.entry(), text);
        self.record.reports.push(filed);
    }

    /// Notes that a command was run.
    pub fn ran(&mut self, run: Run) {
        self.record.runs.push(run);
    }

    fn candidates(&self, gate: Gate, snapshot: &Snapshot, missing: &mut Vec<(Gate, String)>) -> Vec<Candidate> {
        let globs = self.named.of(gate, self.settings);
        if globs.is_empty() {
            return find::by_convention(&self.root, gate, snapshot);
        }
        find::by_globs(&self.root, gate, &globs, missing)
    }

    /// Adds the record to the snapshot, where there is something to record.
    pub fn finish(mut self, snapshot: &mut Snapshot) {
        let record = &mut self.record;
        if !record.reports.is_empty() {
            record.newer = newer(&self.root, record, snapshot);
            mentioned::keep(&self.root, record, snapshot);
        }
        if !record.reports.is_empty() || !record.missing.is_empty() || !record.runs.is_empty() {
            snapshot.insert_outside(PATH, record.to_text());
        }
    }
}

impl Named {
    /// What a flag names comes before what the settings name.
    fn of(&self, gate: Gate, settings: &Settings) -> Vec<String> {
        let flags: Vec<String> = self.0.iter().filter(|(of, _)| *of == gate).map(|(_, glob)| glob.clone()).collect();
        if !flags.is_empty() {
            return flags;
        }
        settings.tools.reports(gate).to_vec()
    }
}

/// Reads one report into the snapshot.
fn file(candidate: Candidate, gate: Gate, root: &Path, snapshot: &mut Snapshot, record: &mut Record) -> Filed {
    let Candidate { file, path, origin } = candidate;
    let is_tracked = snapshot.is_repository && snapshot.get(&path).is_some_and(|entry| entry.tracked);
    let mut filed = Filed { tracked: is_tracked, ..Filed::new(gate, path, origin) };
    let is_inside = origin == Origin::Named || find::is_below(&file, root);
    let read =
        if is_inside { read::read(&file, gate) } else { Err("a symbolic link leads out of the folder".to_owned()) };
    match read {
        Ok(read) => {
            filed.modified = read.modified;
            if let Some(report) = &read.report {
                elsewhere(report, root, snapshot, record);
            }
            snapshot.insert_outside(&filed.entry(), read.text);
        }
        Err(reason) => filed.trouble = Some(reason),
    }
    filed
}

/// Notes which of the measured files are there although the snapshot has none of them: generated, or of the
/// repository around the folder.
fn elsewhere(report: &Report, root: &Path, snapshot: &Snapshot, record: &mut Record) {
    let known: HashSet<String> = record.elsewhere.iter().cloned().collect();
    let folders = root.ancestors().take(if root.join(".git").exists() { 1 } else { 8 });
    let folders: Vec<&Path> = folders.take_while(|folder| folder.parent().is_some()).collect();
    let unknown = report.files.iter().filter(|file| snapshot.get(&file.path).is_none() && !known.contains(&file.path));
    for file in unknown.take(5_000) {
        let there = folders.iter().map(|folder| folder.join(&file.path)).any(|path| path.is_file());
        // What lies elsewhere on this machine is no part of the repository.
        let is_of_root = !Path::new(&file.path).is_absolute() || file.path.starts_with(&record.root);
        if there && is_of_root && !file.path.contains("..") {
            record.elsewhere.push(file.path.clone());
        }
    }
}

/// The files of the tree that were changed after the oldest report was written.
fn newer(root: &Path, record: &Record, snapshot: &Snapshot) -> Vec<(String, f64)> {
    let oldest = record.reports.iter().filter(|filed| filed.trouble.is_none()).map(|filed| filed.modified);
    let oldest = oldest.fold(f64::INFINITY, f64::min);
    let changed = snapshot.paths().filter_map(|path| {
        let found = root.join(path).symlink_metadata().ok()?.modified().ok()?;
        let time = found.duration_since(UNIX_EPOCH).ok()?.as_secs_f64();
        (time > oldest).then(|| (path.to_owned(), time))
    });
    changed.take(MOST_NEWER).collect()
}
