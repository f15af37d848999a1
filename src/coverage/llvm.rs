//! LLVM's `llvm-cov export`, as `cargo llvm-cov --json` and Swift write it.

use super::json::{Entries, Hits, Take, count, skip};
use super::{Draft, FileDraft, Metric, Unit};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Measured {
    filename: String,
    segments: Vec<Vec<Value>>,
    /// First line and column, last line and column, how often true, how often false, …
    branches: Vec<Vec<Value>>,
    summary: Summary,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Summary {
    lines: Option<Figure>,
    functions: Option<Figure>,
    regions: Option<Figure>,
    branches: Option<Figure>,
}

#[derive(Default, Clone, Copy, Deserialize)]
#[serde(default)]
struct Figure {
    count: Hits,
    covered: Hits,
}

impl Summary {
    fn figures(&self) -> [(Metric, Option<Figure>); 4] {
        [
            (Metric::Branches, self.branches),
            (Metric::Lines, self.lines),
            (Metric::Functions, self.functions),
            (Metric::Statements, self.regions),
        ]
    }
}

/// Where the count of a file changes.
struct Segment {
    line: u32,
    count: u64,
    has_count: bool,
    is_entry: bool,
    is_gap: bool,
}

impl Segment {
    fn read(fields: &[Value]) -> Option<Self> {
        let flag = |at: usize| fields.get(at).map(truth).unwrap_or_default();
        let line = u32::try_from(fields.first()?.as_u64()?).ok()?;
        let count = fields.get(2)?.as_u64()?;
        Some(Self { line, count, has_count: flag(3), is_entry: flag(4), is_gap: flag(5) })
    }

    fn begins_region(&self) -> bool {
        self.is_entry && self.has_count && !self.is_gap
    }
}

/// Old versions write 0 and 1.
fn truth(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| value.as_u64() == Some(1))
}

fn file(measured: Measured) -> Result<super::File, String> {
    let mut file = FileDraft::default();
    let segments: Option<Vec<Segment>> = measured.segments.iter().map(|fields| Segment::read(fields)).collect();
    let segments = segments.ok_or("a segment without line or count, or with a negative one")?;
    lines(&segments, &mut file)?;
    for fields in &measured.branches {
        let number = |at: usize| fields.get(at).and_then(Value::as_u64).ok_or("a branch without line or count");
        let (line, place) = (
            u32::try_from(number(0)?).unwrap_or(0),
            format!("{fields:.0?}", fields = (number(1)?, number(2)?, number(3)?)),
        );
        for (way, at) in [(1, 4), (2, 5)] {
            let key = super::key(&place).wrapping_mul(2).wrapping_add(way);
            file.add(Metric::Branches, Unit { line, key, weight: 1, hit: number(at)? > 0 });
        }
    }
    let mut file = file.finish(measured.filename);
    for (metric, figure) in measured.summary.figures() {
        let Some(figure) = figure else { continue };
        file.stated[metric as usize] =
            Some(count::<serde_json::Error>(figure.covered, figure.count).map_err(|error| error.to_string())?);
    }
    Ok(file)
}

/// A line counts where a region begins on it or reaches over it; it is run as often as the most frequent of them.
fn lines(segments: &[Segment], file: &mut FileDraft) -> Result<(), String> {
    const LONGEST: u32 = 2_000_000;
    let (Some(first), Some(last)) = (segments.first(), segments.last()) else { return Ok(()) };
    if last.line.saturating_sub(first.line) > LONGEST || !segments.is_sorted_by_key(|segment| segment.line) {
        return Err("segments that are in no file".to_owned());
    }
    let (mut rest, mut before): (&[Segment], Option<&Segment>) = (segments, None);
    for line in first.line..=last.line {
        let (here, later) = rest.split_at(rest.partition_point(|segment| segment.line <= line));
        let is_skipped = here.first().is_some_and(|segment| !segment.has_count && segment.is_entry);
        let reaches = before.filter(|segment| segment.has_count);
        let begins = here.iter().filter(|segment| segment.begins_region());
        let counts = begins.map(|segment| segment.count).chain(reaches.map(|segment| segment.count));
        if let (false, Some(most)) = (is_skipped, counts.max()) {
            file.line(line, most > 0);
        }
        (rest, before) = (later, here.last().or(before));
    }
    Ok(())
}

struct Top<'a>(&'a mut Draft);
struct Export<'a>(&'a mut Draft);
struct Exports<'a>(&'a mut Draft);
struct Files<'a>(&'a mut Draft);

impl<'de> Take<'de> for Top<'_> {
    fn take<A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        if name == "data" { map.next_value_seed(Exports(self.0)) } else { skip(map) }
    }
}

impl<'de> Take<'de> for Export<'_> {
    fn take<A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        match name.as_str() {
            "files" => map.next_value_seed(Files(self.0))?,
            "totals" => {
                let summary: Summary = map.next_value()?;
                for (metric, figure) in summary.figures() {
                    let Some(figure) = figure else { continue };
                    self.0.report.stated[metric as usize] = Some(count(figure.covered, figure.count)?);
                }
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// A list whose items are read one after the other.
macro_rules! list {
    ($kind:ident, $draft:ident, $seq:ident, $each:expr) => {
        impl<'de> DeserializeSeed<'de> for $kind<'_> {
            type Value = ();
            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.deserialize_seq(self)
            }
        }
        impl<'de> Visitor<'de> for $kind<'_> {
            type Value = ();
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut $seq: A) -> Result<(), A::Error> {
                let $draft = self.0;
                while $each.is_some() {}
                Ok(())
            }
        }
    };
}

list!(Exports, draft, seq, seq.next_element_seed(Entries(Export(draft)))?);
list!(Files, draft, seq, {
    let measured: Option<Measured> = seq.next_element()?;
    match measured {
        Some(measured) => Some(draft.add(file(measured).map_err(A::Error::custom)?).map_err(A::Error::custom)?),
        None => None,
    }
});

/// Reads an export.
pub fn read<'de, D: Deserializer<'de>>(json: D, draft: &mut Draft) -> Result<(), D::Error> {
    Entries(Top(draft)).deserialize(json).map(drop)
}
