//! JaCoCo's XML: lines by source file with missed and covered instructions and branches, methods by class.

use super::xml::{Format, Tag};
use super::{Count, Draft, FileDraft, Format as Name, Metric, Report};
use std::collections::BTreeMap;

pub struct JaCoCo {
    draft: Draft,
    package: String,
    /// The source files of the package that is open, by name.
    files: BTreeMap<String, FileDraft>,
    source: Option<String>,
    class: Option<(String, String)>,
    method: Option<(String, u32)>,
}

impl Default for JaCoCo {
    fn default() -> Self {
        let draft = Draft::new(Name::JaCoCo);
        Self { draft, package: String::new(), files: BTreeMap::new(), source: None, class: None, method: None }
    }
}

impl Format for JaCoCo {
    fn open(&mut self, tag: &Tag) -> Result<(), String> {
        let named = |name: &str| tag.get(name).ok_or_else(|| format!("<{}> without {name}", tag.name));
        match tag.name {
            "sessioninfo" => {
                let dump = tag.count("dump")?.map(|found| (found / 1000) as i64);
                self.draft.report.made = self.draft.report.made.max(dump);
            }
            "package" => self.package = named("name")?.to_owned(),
            "class" => {
                let source = tag.get("sourcefilename").map(str::to_owned);
                self.class = source.map(|source| (source, named("name").unwrap_or_default().to_owned()));
            }
            "method" => {
                let name = ["name", "desc"].map(|name| tag.get(name).unwrap_or_default()).join("");
                self.method = Some((name, tag.count("line")?.unwrap_or(0).min(u64::from(u32::MAX)) as u32));
            }
            "sourcefile" => {
                let name = named("name")?.to_owned();
                self.files.entry(name.clone()).or_default();
                self.source = Some(name);
            }
            "line" => self.line(tag)?,
            "counter" => self.counter(tag)?,
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), String> {
        match name {
            "method" => self.method = None,
            "class" => self.class = None,
            "sourcefile" => self.source = None,
            "package" => {
                let package = std::mem::take(&mut self.package);
                for (name, file) in std::mem::take(&mut self.files) {
                    let path = if package.is_empty() { name } else { format!("{package}/{name}") };
                    // A file without a line that can be run, as an interface's, measures nothing.
                    if !file.is_empty() {
                        self.draft.add(file.finish(path))?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(self: Box<Self>, line: u64) -> Result<Report, String> {
        Ok(self.draft.finish(line))
    }
}

impl JaCoCo {
    fn line(&mut self, tag: &Tag) -> Result<(), String> {
        let Some(file) = self.source.as_ref().and_then(|source| self.files.get_mut(source)) else { return Ok(()) };
        let number = tag.line("nr")?;
        file.line(number, tag.needed("ci")? > 0);
        let (missed, hit) = (tag.count("mb")?.unwrap_or(0), tag.count("cb")?.unwrap_or(0));
        file.branches(number, Count::new(hit, missed.saturating_add(hit)))
    }

    fn counter(&mut self, tag: &Tag) -> Result<(), String> {
        let (missed, hit) = (tag.needed("missed")?, tag.needed("covered")?);
        match (tag.get("type"), &self.method, &self.class) {
            (Some("METHOD"), Some((method, line)), Some((source, class))) => {
                let file = self.files.entry(source.clone()).or_default();
                file.function(*line, &format!("{class}.{method}"), hit > 0);
            }
            (Some(kind), None, None) if self.package.is_empty() && self.source.is_none() => {
                let metric = match kind {
                    "BRANCH" => Metric::Branches,
                    "LINE" => Metric::Lines,
                    "METHOD" => Metric::Functions,
                    _ => return Ok(()),
                };
                // Of the groups of an aggregate come first the parts, then the whole: the last one counts.
                self.draft.report.stated[metric as usize] = Some(Count::new(hit, missed.saturating_add(hit)));
            }
            _ => {}
        }
        Ok(())
    }
}
