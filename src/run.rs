//! What every way in has in common: the settings, the selection of checks, and the judgement of a folder.

pub mod live;
pub(crate) mod outside;
pub mod policy;
pub mod ratchet;
pub mod tools;

use crate::check::Check;
use crate::checks::{CHECKS, ids};
use crate::facts::Store;
use crate::facts::sieve::Wanted;
use crate::gather::{policy as file, tree};
use crate::settings::problem::{Problems, nearest};
use crate::settings::{Settings, read};
use crate::snapshot::Snapshot;
use anyhow::{Result, bail};
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::path::Path;

/// Reads a folder, as far as its settings ask for it.
pub fn gather(path: &Path, settings: &Settings) -> Result<Snapshot> {
    let looks_for_secrets = CHECKS
        .iter()
        .any(|check| check.reads.contains(&Store::Secrets) && crate::left_out_by(check, settings).is_none());
    // The scanner asks whether a token has run out, by the clock.
    let sieve = Wanted::new(jiff::Timestamp::now().as_second()).without_secrets(!looks_for_secrets);
    tree::gather(path, &sieve)
}

/// The settings, or what is wrong with them.
pub fn settings_or_problems(root: &Path, config: Option<&Path>) -> Result<Result<Settings, Problems>> {
    Ok(match file::find(root, config)? {
        Some((path, text)) => read::read(&path, &text, &ids()),
        None => Ok(Settings::default()),
    })
}

/// Today, at UTC: a waiver ends everywhere at the same moment.
pub fn today() -> Date {
    jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date()
}

/// The checks that `--only` and `--skip` leave out. Both take names of checks and of areas.
pub fn left_out(only: &[String], skip: &[String]) -> Result<BTreeSet<String>> {
    let (only, skip) = (named(only)?, named(skip)?);
    let out =
        CHECKS.iter().map(|check| check.id).filter(|id| (!only.is_empty() && !only.contains(id)) || skip.contains(id));
    Ok(out.map(str::to_owned).collect())
}

fn named(names: &[String]) -> Result<BTreeSet<&'static str>> {
    let mut found = BTreeSet::new();
    for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        let of_area: Vec<&str> =
            CHECKS.iter().filter(|check| check.area.word() == name).map(|check| check.id).collect();
        if of_area.is_empty() {
            found.insert(known(name)?.id);
        }
        found.extend(of_area);
    }
    Ok(found)
}

/// The check of that name, or an error that names the nearest.
pub fn known(name: &str) -> Result<&'static Check> {
    if let Some(check) = crate::checks::find(name) {
        return Ok(check);
    }
    let near = nearest(name, CHECKS.iter().map(|check| check.id));
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    bail!("there is no check `{name}`{near} (mx-prod-gate list shows all)")
}
