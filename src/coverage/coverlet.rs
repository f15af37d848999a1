//! coverlet's own JSON: modules, documents, classes, methods, and their lines and branches.

use super::json::{Entries, Hits, Take, skip};
use super::{Draft, FileDraft};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess};
use std::collections::BTreeMap;

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Branch {
    line: u32,
    offset: i64,
    path: i64,
    ordinal: i64,
    hits: Hits,
}

#[derive(Default)]
struct Method {
    lines: BTreeMap<u32, Hits>,
    branches: Vec<Branch>,
}

impl<'de> Take<'de> for Method {
    fn take<A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        match name.as_str() {
            "Lines" => {
                let lines: BTreeMap<String, Hits> = map.next_value()?;
                for (line, hits) in lines {
                    let line = line.parse().map_err(|_| A::Error::custom(format!("no line number: {line}")))?;
                    self.lines.insert(line, hits);
                }
            }
            "Branches" => self.branches = map.next_value()?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

struct Modules<'a>(&'a mut Draft);
struct Documents<'a>(&'a mut Draft);
struct Classes<'a>(&'a mut FileDraft);
struct Methods<'a>(&'a mut FileDraft);

impl<'de> Take<'de> for Modules<'_> {
    fn take<A: MapAccess<'de>>(&mut self, _module: String, map: &mut A) -> Result<(), A::Error> {
        map.next_value_seed(Entries(Documents(self.0))).map(drop)
    }
}

impl<'de> Take<'de> for Documents<'_> {
    fn take<A: MapAccess<'de>>(&mut self, path: String, map: &mut A) -> Result<(), A::Error> {
        let mut file = FileDraft::default();
        map.next_value_seed(Entries(Classes(&mut file)))?;
        self.0.add(file.finish(path)).map_err(A::Error::custom)
    }
}

impl<'de> Take<'de> for Classes<'_> {
    fn take<A: MapAccess<'de>>(&mut self, _class: String, map: &mut A) -> Result<(), A::Error> {
        map.next_value_seed(Entries(Methods(self.0))).map(drop)
    }
}

impl<'de> Take<'de> for Methods<'_> {
    fn take<A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        let method = map.next_value_seed(Entries(Method::default()))?;
        if let Some(first) = method.lines.keys().next() {
            self.0.function(*first, &name, method.lines.values().any(|hits| hits.0 > 0));
        }
        method.lines.iter().for_each(|(line, hits)| self.0.line(*line, hits.0 > 0));
        for branch in &method.branches {
            // The offsets start anew in every method.
            let key = super::key(&format!("{name} {} {} {}", branch.offset, branch.ordinal, branch.path)).max(1);
            self.0.branch(branch.line, key, branch.hits.0 > 0);
        }
        Ok(())
    }
}

/// Reads a report.
pub fn read<'de, D: Deserializer<'de>>(json: D, draft: &mut Draft) -> Result<(), D::Error> {
    Entries(Modules(draft)).deserialize(json).map(drop)
}
