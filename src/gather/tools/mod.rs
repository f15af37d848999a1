//! Reports of the project's own tools: looked for where the tools put them or where they are named, and read in
//! bounded memory, although git ignores most of them.

mod conventions;
mod find;
mod mentioned;
mod read;

use crate::coverage::Report;
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::tools::{Filed, Gate, Origin, PATH, Record};
use find::Candidate;
use std::collections::HashSet;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// What a run says about reports, beside the settings: globs by gate.
#[derive(Debug, Clone, Default)]
pub struct Named(pub Vec<(Gate, String)>);

/// More files than this are not listed as newer than a report: the report is stale anyway.
const MOST_NEWER: usize = 2_000;

/// Finds and reads the reports below a folder, and adds them and their record to the snapshot.
pub fn gather(root: &Path, settings: &Settings, named: &Named, snapshot: &mut Snapshot) {
    let Ok(root) = root.canonicalize() else { return };
    let mut record = Record { root: root.to_string_lossy().into_owned(), ..Record::default() };
    for gate in Gate::ALL.into_iter().filter(|gate| !settings.left_out.contains(gate.word())) {
        let globs = named.of(gate, settings);
        let found = if globs.is_empty() {
            find::by_convention(&root, gate, snapshot)
        } else {
            find::by_globs(&root, gate, &globs, &mut record.missing)
        };
        for candidate in found {
            let filed = file(candidate, gate, &root, snapshot, &mut record);
            record.reports.push(filed);
        }
    }
    if !record.reports.is_empty() {
        record.newer = newer(&root, &record, snapshot);
    }
    mentioned::keep(&root, &record, snapshot);
    if !record.reports.is_empty() || !record.missing.is_empty() {
        snapshot.insert_outside(PATH, record.to_text());
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
