//! Cobertura's XML, as coverage.py, coverlet, PHPUnit, Istanbul and others write it.

use super::xml::{Format, Tag};
use super::{Count, Draft, FileDraft, Format as Name, Metric, Report};

pub struct Cobertura {
    draft: Draft,
    class: Option<(String, FileDraft)>,
    /// The lines of its methods, which count where it lists none of its own.
    of_methods: FileDraft,
    method: Option<Method>,
    is_in_source: bool,
    source: String,
}

struct Method {
    name: String,
    line: u32,
    hit: bool,
    is_measured: bool,
}

impl Default for Cobertura {
    fn default() -> Self {
        let draft = Draft::new(Name::Cobertura);
        Self {
            draft,
            class: None,
            of_methods: FileDraft::default(),
            method: None,
            is_in_source: false,
            source: String::new(),
        }
    }
}

impl Format for Cobertura {
    fn open(&mut self, tag: &Tag) -> Result<(), String> {
        match tag.name {
            "coverage" => {
                let stamp = tag.get("timestamp").and_then(|text| text.parse::<f64>().ok()).filter(|found| *found > 0.0);
                // Seconds or milliseconds.
                self.draft.report.made = stamp.map(|found| (if found > 1e11 { found / 1000.0 } else { found }) as i64);
                for (metric, hit, all) in [
                    (Metric::Lines, "lines-covered", "lines-valid"),
                    (Metric::Branches, "branches-covered", "branches-valid"),
                ] {
                    let count = tag.count(hit)?.zip(tag.count(all)?).map(|(hit, all)| Count::new(hit, all));
                    // Tools that do not count write zeros.
                    self.draft.report.stated[metric as usize] = count.filter(|count| count.all > 0);
                }
            }
            "source" => self.is_in_source = true,
            "class" => {
                let path = tag.get("filename").ok_or("<class> without filename")?;
                self.class = Some((path.to_owned(), FileDraft::default()));
            }
            "method" => {
                let name = ["name", "signature"].map(|name| tag.get(name).unwrap_or_default()).join(" ");
                self.method = Some(Method { name, line: 0, hit: false, is_measured: false });
            }
            "line" => self.line(tag)?,
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), String> {
        match name {
            "source" => {
                self.is_in_source = false;
                let source = std::mem::take(&mut self.source).trim().to_owned();
                if !source.is_empty() && self.draft.report.sources.len() < 1000 {
                    self.draft.report.sources.push(source);
                }
            }
            "method" => {
                if let (Some(method), Some((_, file))) = (self.method.take(), &mut self.class)
                    && method.is_measured
                {
                    file.function(method.line, &method.name, method.hit);
                }
            }
            "class" => {
                let of_methods = std::mem::take(&mut self.of_methods);
                if let Some((path, mut file)) = self.class.take() {
                    for metric in [Metric::Branches, Metric::Lines] {
                        if file.units[Metric::Lines as usize].is_empty() {
                            file.units[metric as usize] = of_methods.units[metric as usize].clone();
                        }
                    }
                    self.draft.add(file.finish(path))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if self.is_in_source && self.source.len() < 4096 {
            self.source.push_str(text);
        }
    }

    fn finish(self: Box<Self>, line: u64) -> Result<Report, String> {
        let mut draft = self.draft;
        // Every tool counts classes and methods in its own way; what matters is that no total claims too much.
        for metric in [Metric::Lines, Metric::Branches] {
            let Some(stated) = draft.report.stated[metric as usize].take() else { continue };
            let mut sum = Count::default();
            draft.report.files.iter().filter_map(|file| file.count(metric)).for_each(|count| sum += count);
            // Istanbul lists no branch of a line without a statement, and counts it: the listed ones are judged.
            if stated.percent().unwrap_or(0.0) > sum.percent().unwrap_or(0.0) + 5.0 {
                draft.agree(line, &format!("{} in all", metric.word()), stated, sum);
            }
        }
        Ok(draft.finish(line))
    }
}

impl Cobertura {
    fn line(&mut self, tag: &Tag) -> Result<(), String> {
        let Some((_, file)) = &mut self.class else { return Ok(()) };
        let (number, hit) = (tag.line("number")?, tag.needed("hits")? > 0);
        let file = if self.method.is_some() { &mut self.of_methods } else { file };
        file.line(number, hit);
        if let Some(count) = tag.get("condition-coverage").and_then(conditions) {
            file.branches(number, count)?;
        }
        if let Some(method) = &mut self.method {
            method.line = if method.is_measured { method.line.min(number) } else { number };
            (method.is_measured, method.hit) = (true, method.hit || hit);
        }
        Ok(())
    }
}

/// `50% (1/2)`
fn conditions(text: &str) -> Option<Count> {
    let (_, rest) = text.split_once('(')?;
    let (hit, all) = rest.split_once(')')?.0.split_once('/')?;
    Some(Count::new(hit.trim().parse().ok()?, all.trim().parse().ok()?))
}
