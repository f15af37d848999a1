//! Istanbul's `coverage-final.json` and `coverage-summary.json`, as Jest, Vitest, nyc and c8 write them.

use super::json::{Entries, Hits, Take, count};
use super::{Draft, FileDraft, Metric, Unit};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess};
use std::collections::BTreeMap;

/// Of one file. Every map is keyed by the numbers that the instrumenter gave.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Measured {
    /// Old versions keep everything one level deeper.
    data: Option<Box<Measured>>,
    statement_map: BTreeMap<String, Range>,
    fn_map: BTreeMap<String, Function>,
    branch_map: BTreeMap<String, Branch>,
    s: BTreeMap<String, Hits>,
    f: BTreeMap<String, Hits>,
    b: BTreeMap<String, Vec<Hits>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Range {
    start: Place,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Place {
    line: Option<f64>,
}

impl Place {
    fn number(&self) -> u32 {
        self.line.unwrap_or(0.0) as u32
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Function {
    decl: Option<Range>,
    loc: Option<Range>,
    line: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Branch {
    loc: Option<Range>,
    line: Option<f64>,
    locations: Vec<Range>,
}

struct Files<'a>(&'a mut Draft);

impl<'de> Take<'de> for Files<'_> {
    fn take<A: MapAccess<'de>>(&mut self, path: String, map: &mut A) -> Result<(), A::Error> {
        let measured: Measured = map.next_value()?;
        let file = file(measured.data.as_deref().unwrap_or(&measured)).map_err(A::Error::custom)?;
        self.0.add(file.finish(path)).map_err(A::Error::custom)
    }
}

/// Reads `coverage-final.json`.
pub fn read<'de, D: Deserializer<'de>>(json: D, draft: &mut Draft) -> Result<(), D::Error> {
    Entries(Files(draft)).deserialize(json).map(drop)
}

fn file(measured: &Measured) -> Result<FileDraft, String> {
    let mut file = FileDraft::default();
    for (id, hits) in &measured.s {
        let range = measured.statement_map.get(id).ok_or_else(|| format!("statement {id} has no place"))?;
        let (line, hit) = (range.start.number(), hits.0 > 0);
        file.add(Metric::Statements, Unit { line, key: number(id), weight: 1, hit });
        // A line is run where one of the statements that begin on it is.
        file.line(line, hit);
    }
    for (id, hits) in &measured.f {
        let function = measured.fn_map.get(id).ok_or_else(|| format!("function {id} has no place"))?;
        let range = function.decl.as_ref().or(function.loc.as_ref());
        let line = range.map(|range| range.start.number()).or(function.line.map(|line| line as u32)).unwrap_or(0);
        file.add(Metric::Functions, Unit { line, key: number(id), weight: 1, hit: hits.0 > 0 });
    }
    for (id, ways) in &measured.b {
        let branch = measured.branch_map.get(id).ok_or_else(|| format!("branch {id} has no place"))?;
        let of_branch = branch.loc.as_ref().map(|range| range.start.number());
        let of_branch = of_branch.or(branch.line.map(|line| line as u32));
        for (way, hits) in ways.iter().enumerate() {
            let own = branch.locations.get(way).map(|range| range.start.number()).filter(|line| *line > 0);
            let key = number(id).wrapping_mul(4096).wrapping_add(way as u32);
            file.branch(own.or(of_branch).unwrap_or(0), key, hits.0 > 0);
        }
    }
    Ok(file)
}

/// The number of a statement, function or branch; from 1, so that it is never mistaken for a line.
fn number(id: &str) -> u32 {
    id.parse::<u32>().map_or_else(|_| super::key(id).max(1), |number| number.saturating_add(1))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Summary {
    lines: Figure,
    statements: Figure,
    functions: Figure,
    branches: Figure,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Figure {
    total: Hits,
    covered: Hits,
}

struct Summaries<'a>(&'a mut Draft);

impl<'de> Take<'de> for Summaries<'_> {
    fn take<A: MapAccess<'de>>(&mut self, path: String, map: &mut A) -> Result<(), A::Error> {
        let summary: Summary = map.next_value()?;
        let mut file = FileDraft::default();
        for (metric, figure) in [
            (Metric::Lines, summary.lines),
            (Metric::Statements, summary.statements),
            (Metric::Functions, summary.functions),
            (Metric::Branches, summary.branches),
        ] {
            file.stated[metric as usize] = Some(count(figure.covered, figure.total)?);
        }
        if path == "total" {
            self.0.report.stated = file.stated;
            return Ok(());
        }
        self.0.add(file.finish(path)).map_err(A::Error::custom)
    }
}

/// Reads `coverage-summary.json`.
pub fn read_summary<'de, D: Deserializer<'de>>(json: D, draft: &mut Draft) -> Result<(), D::Error> {
    Entries(Summaries(draft)).deserialize(json).map(drop)
}
