//! SimpleCov's `.resultset.json` and `.last_run.json`.

use super::json::{Entries, Hits, Take, skip};
use super::{Draft, FileDraft, Metric};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess};
use std::collections::BTreeMap;

/// Of each line how often it was run; null where it cannot be, a word where it is left out.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Run(Hits),
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Measured {
    /// Until 0.18.
    Lines(Vec<Line>),
    Full {
        #[serde(default)]
        lines: Vec<Line>,
        #[serde(default)]
        branches: Option<BTreeMap<String, BTreeMap<String, Hits>>>,
    },
}

/// The results by the name of the command: `RSpec`, `Minitest`, one for each process.
struct Commands<'a>(&'a mut Draft);
struct Command<'a>(&'a mut Draft);
struct Files<'a>(&'a mut Draft);

impl<'de> Take<'de> for Commands<'_> {
    fn take<A: MapAccess<'de>>(&mut self, _command: String, map: &mut A) -> Result<(), A::Error> {
        map.next_value_seed(Entries(Command(self.0))).map(drop)
    }
}

impl<'de> Take<'de> for Command<'_> {
    fn take<A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        match name.as_str() {
            "coverage" => map.next_value_seed(Entries(Files(self.0))).map(drop)?,
            "timestamp" => {
                let made: f64 = map.next_value()?;
                // The oldest of several commands counts.
                let made = made as i64;
                self.0.report.made = Some(self.0.report.made.map_or(made, |have| have.min(made)));
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Take<'de> for Files<'_> {
    fn take<A: MapAccess<'de>>(&mut self, path: String, map: &mut A) -> Result<(), A::Error> {
        let (lines, branches) = match map.next_value::<Measured>()? {
            Measured::Lines(lines) => (lines, None),
            Measured::Full { lines, branches } => (lines, branches),
        };
        let mut file = FileDraft::default();
        for (index, line) in lines.iter().enumerate() {
            match line {
                Line::Run(hits) => file.line(index as u32 + 1, hits.0 > 0),
                Line::Other(_) => {}
            }
        }
        for (condition, ways) in branches.into_iter().flatten() {
            for (way, hits) in ways {
                let key = super::key(&format!("{condition} {way}")).max(1);
                file.branch(line_of(&way).or(line_of(&condition)).unwrap_or(0), key, hits.0 > 0);
            }
        }
        self.0.add(file.finish(path)).map_err(A::Error::custom)
    }
}

/// `[:then, 4, 6, 6, 6, 20]`: kind, number, line, column, last line, last column.
fn line_of(name: &str) -> Option<u32> {
    name.trim_matches(['[', ']']).split(',').nth(2)?.trim().parse().ok()
}

/// Reads `.resultset.json`.
pub fn read<'de, D: Deserializer<'de>>(json: D, draft: &mut Draft) -> Result<(), D::Error> {
    Entries(Commands(draft)).deserialize(json).map(drop)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LastRun {
    result: Percentages,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Percentages {
    line: Option<f64>,
    branch: Option<f64>,
    covered_percent: Option<f64>,
}

/// Reads `.last_run.json`, which has percentages and nothing else.
pub fn read_last_run<'de, D: Deserializer<'de>>(json: D, draft: &mut Draft) -> Result<(), D::Error> {
    let result = LastRun::deserialize(json)?.result;
    let percent = |found: Option<f64>| match found {
        Some(found) if !(0.0..=100.0).contains(&found) => Err(D::Error::custom(format!("{found} % were run"))),
        found => Ok(found),
    };
    draft.report.percent[Metric::Lines as usize] = percent(result.line.or(result.covered_percent))?;
    draft.report.percent[Metric::Branches as usize] = percent(result.branch)?;
    Ok(())
}
