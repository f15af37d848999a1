//! coverage.py's JSON.

use super::json::{Entries, Hits, Take, count, skip};
use super::{Draft, FileDraft, Metric};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Measured {
    executed_lines: Vec<u32>,
    missing_lines: Vec<u32>,
    /// From line to line; a negative line is the way out of a function.
    executed_branches: Vec<(i64, i64)>,
    missing_branches: Vec<(i64, i64)>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta {
    branch_coverage: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Totals {
    covered_lines: Hits,
    num_statements: Hits,
    num_branches: Option<Hits>,
    covered_branches: Option<Hits>,
}

struct Top<'a>(&'a mut Draft);

impl<'de> Take<'de> for Top<'_> {
    fn take<A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        match name.as_str() {
            "meta" => {
                let meta: Meta = map.next_value()?;
                self.0.report.is_without_branches = meta.branch_coverage == Some(false);
            }
            "files" => map.next_value_seed(Entries(Files(self.0))).map(drop)?,
            "totals" => {
                let totals: Totals = map.next_value()?;
                let stated = &mut self.0.report.stated;
                stated[Metric::Lines as usize] = Some(count(totals.covered_lines, totals.num_statements)?);
                if let Some((hit, all)) = totals.covered_branches.zip(totals.num_branches) {
                    stated[Metric::Branches as usize] = Some(count(hit, all)?);
                }
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

struct Files<'a>(&'a mut Draft);

impl<'de> Take<'de> for Files<'_> {
    fn take<A: MapAccess<'de>>(&mut self, path: String, map: &mut A) -> Result<(), A::Error> {
        let measured: Measured = map.next_value()?;
        let mut file = FileDraft::default();
        for (lines, hit) in [(measured.executed_lines, true), (measured.missing_lines, false)] {
            lines.into_iter().for_each(|line| file.line(line, hit));
        }
        for (branches, hit) in [(measured.executed_branches, true), (measured.missing_branches, false)] {
            for (from, to) in branches {
                let line = u32::try_from(from.unsigned_abs()).unwrap_or(0);
                file.branch(line, super::key(&format!("{from} {to}")).max(1), hit);
            }
        }
        self.0.add(file.finish(path)).map_err(A::Error::custom)
    }
}

/// Reads a report.
pub fn read<'de, D: Deserializer<'de>>(json: D, draft: &mut Draft) -> Result<(), D::Error> {
    Entries(Top(draft)).deserialize(json).map(drop)
}
