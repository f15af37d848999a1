//! Clover's XML, as Clover, OpenClover, Istanbul and PHPUnit write it.

use super::xml::{Format, Tag};
use super::{Count, Draft, FileDraft, Format as Name, Metric, Report};

pub struct Clover {
    draft: Draft,
    file: Option<(String, FileDraft)>,
    is_of_tests: bool,
}

impl Default for Clover {
    fn default() -> Self {
        Self { draft: Draft::new(Name::Clover), file: None, is_of_tests: false }
    }
}

/// The attributes of `<metrics>`. What a condition line says differs from tool to tool; the metrics do not.
const METRICS: [(Metric, &str, &str); 3] = [
    (Metric::Branches, "coveredconditionals", "conditionals"),
    (Metric::Functions, "coveredmethods", "methods"),
    (Metric::Statements, "coveredstatements", "statements"),
];

impl Format for Clover {
    fn open(&mut self, tag: &Tag) -> Result<(), String> {
        match tag.name {
            "project" => {
                let stamp = tag.get("timestamp").and_then(|text| text.parse::<i64>().ok());
                self.draft.report.made = stamp.map(|found| if found > 100_000_000_000 { found / 1000 } else { found });
            }
            "testproject" => self.is_of_tests = true,
            "file" if !self.is_of_tests => {
                let path = tag.get("path").filter(|path| path.contains(['/', '\\'])).or(tag.get("name"));
                self.file = Some((path.ok_or("<file> without path")?.to_owned(), FileDraft::default()));
            }
            "metrics" => self.metrics(tag)?,
            "line" => {
                if let Some((_, file)) = &mut self.file {
                    let (number, hit) = (tag.line("num")?, tag.count("count")?.unwrap_or(0) > 0);
                    if tag.get("type") != Some("method") {
                        file.line(number, hit);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), String> {
        match name {
            "testproject" => self.is_of_tests = false,
            "file" => {
                if let Some((path, file)) = self.file.take() {
                    self.draft.add(file.finish(path))?;
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

impl Clover {
    /// Those of a file come inside it, after those of its classes: the last ones count. Those of the whole come outside.
    fn metrics(&mut self, tag: &Tag) -> Result<(), String> {
        if self.is_of_tests {
            return Ok(());
        }
        let is_whole = self.file.is_none() && tag.get("files").is_some();
        for (metric, hit, all) in METRICS {
            let Some((hit, all)) = tag.count(hit)?.zip(tag.count(all)?) else { continue };
            if hit > all {
                return Err(format!("more {} were run than there are", metric.word()));
            }
            let count = Some(Count::new(hit, all));
            match &mut self.file {
                Some((_, file)) => file.stated[metric as usize] = count,
                None if is_whole && self.draft.report.stated[metric as usize].is_none() => {
                    self.draft.report.stated[metric as usize] = count;
                }
                None => {}
            }
        }
        Ok(())
    }
}
