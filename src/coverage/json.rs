//! The formats in JSON: which one it is, and what their readers share.

use super::source::Counted;
use super::{Draft, Flaw, Format, Report, coverage_py, coverlet, istanbul, llvm, simplecov};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt;
use std::io::BufRead;

/// The format by the name of the file and its first letters.
pub fn format(name: &str, head: &str) -> Option<Format> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let bare: String = head.chars().filter(|letter| !letter.is_whitespace()).collect();
    Some(match name {
        "coverage-final.json" => Format::IstanbulFinal,
        "coverage-summary.json" => Format::IstanbulSummary,
        ".resultset.json" => Format::SimpleCovResultset,
        ".last_run.json" => Format::SimpleCovLastRun,
        _ if bare.starts_with("{\"data\":[") => Format::LlvmJson,
        _ if bare.starts_with("{\"meta\":") => Format::CoveragePyJson,
        _ if bare.starts_with("{\"total\":{") => Format::IstanbulSummary,
        _ if bare.starts_with("{\"result\":") => Format::SimpleCovLastRun,
        _ if bare.contains("\"statementMap\":") => Format::IstanbulFinal,
        _ if bare.contains(":{\"coverage\":{") => Format::SimpleCovResultset,
        _ if bare.contains(".dll\":{") || bare.contains(".exe\":{") => Format::Coverlet,
        _ if bare == "{}" => Format::IstanbulFinal,
        _ => return None,
    })
}

/// Reads a report of a known format.
pub fn read(format: Format, input: &mut dyn BufRead) -> Result<Report, Flaw> {
    let (input, line) = Counted::new(input, b'"');
    let mut draft = Draft::new(format);
    let mut json = serde_json::Deserializer::from_reader(input);
    let taken = match format {
        Format::IstanbulFinal => istanbul::read(&mut json, &mut draft),
        Format::IstanbulSummary => istanbul::read_summary(&mut json, &mut draft),
        Format::CoveragePyJson => coverage_py::read(&mut json, &mut draft),
        Format::LlvmJson => llvm::read(&mut json, &mut draft),
        Format::SimpleCovResultset => simplecov::read(&mut json, &mut draft),
        Format::SimpleCovLastRun => simplecov::read_last_run(&mut json, &mut draft),
        _ => coverlet::read(&mut json, &mut draft),
    };
    let taken = taken.and_then(|()| json.end());
    match taken {
        Ok(()) => Ok(draft.finish(line.get())),
        Err(error) => Err(Flaw::new(error.line() as u64, said(&error))),
    }
}

/// What an error says, without its place.
fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    if error.is_eof() { format!("it is cut off: {text}") } else { text.to_owned() }
}

/// Hands every entry of an object to a function, one after the other.
pub struct Entries<F>(pub F);

/// Takes the value of one name; false where the name is of no interest.
pub trait Take<'de> {
    fn take<A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error>;
}

impl<'de, F: Take<'de>> DeserializeSeed<'de> for Entries<F> {
    type Value = F;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<F, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, F: Take<'de>> Visitor<'de> for Entries<F> {
    type Value = F;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<F, A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            self.0.take(name, &mut map)?;
        }
        Ok(self.0)
    }
}

/// Passes over the value of a name.
pub fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(drop)
}

/// How often something was run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hits(pub u64);

impl<'de> serde::Deserialize<'de> for Hits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfNumber;
        impl Visitor<'_> for OfNumber {
            type Value = Hits;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a count")
            }
            fn visit_u64<E: serde::de::Error>(self, found: u64) -> Result<Hits, E> {
                Ok(Hits(found))
            }
            fn visit_i64<E: serde::de::Error>(self, found: i64) -> Result<Hits, E> {
                u64::try_from(found).map(Hits).map_err(|_| E::custom(format!("a negative count: {found}")))
            }
            fn visit_f64<E: serde::de::Error>(self, found: f64) -> Result<Hits, E> {
                if found < 0.0 {
                    return Err(E::custom(format!("a negative count: {found}")));
                }
                Ok(Hits(found.ceil() as u64))
            }
        }
        deserializer.deserialize_any(OfNumber)
    }
}

/// A pair of numbers of a summary: how many of how many.
pub fn count<E: serde::de::Error>(hit: Hits, all: Hits) -> Result<super::Count, E> {
    if hit.0 > all.0 {
        return Err(E::custom(format!("{} of {} were run", hit.0, all.0)));
    }
    Ok(super::Count::new(hit.0, all.0))
}
