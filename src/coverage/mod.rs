//! What reports of coverage say, in every format, read as a stream and kept in little memory.
//!
//! Both ends use it: what is gathered is read here where a report is too large to be kept as text, and the facts read
//! here what was kept. No path is looked up and nothing is judged.

mod clover;
mod cobertura;
mod coverage_py;
mod coverlet;
pub mod digest;
mod go;
mod istanbul;
mod jacoco;
mod json;
mod lcov;
mod llvm;
mod opencover;
mod simplecov;
mod source;
mod units;
mod xml;

use std::collections::HashMap;
use std::fmt;
use std::io::BufRead;

pub use units::{Unit, Units};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    Branches,
    Lines,
    Functions,
    Statements,
}

impl Metric {
    pub const ALL: [Self; 4] = [Self::Branches, Self::Lines, Self::Functions, Self::Statements];

    pub fn word(self) -> &'static str {
        match self {
            Self::Branches => "branches",
            Self::Lines => "lines",
            Self::Functions => "functions",
            Self::Statements => "statements",
        }
    }
}

/// How many of all were run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub hit: u64,
    pub all: u64,
}

impl Count {
    pub fn new(hit: u64, all: u64) -> Self {
        Self { hit, all }
    }

    /// None where there is nothing to count.
    pub fn percent(self) -> Option<f64> {
        (self.all > 0).then(|| self.hit as f64 * 100.0 / self.all as f64)
    }
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.hit = self.hit.saturating_add(other.hit);
        self.all = self.all.saturating_add(other.all);
    }
}

/// The formats, the one that says most of a run first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    IstanbulFinal,
    Lcov,
    CoveragePyJson,
    JaCoCo,
    OpenCover,
    Coverlet,
    SimpleCovResultset,
    LlvmJson,
    Cobertura,
    GoProfile,
    Clover,
    IstanbulSummary,
    SimpleCovLastRun,
}

impl Format {
    pub const ALL: [Self; 13] = [
        Self::IstanbulFinal,
        Self::Lcov,
        Self::CoveragePyJson,
        Self::JaCoCo,
        Self::OpenCover,
        Self::Coverlet,
        Self::SimpleCovResultset,
        Self::LlvmJson,
        Self::Cobertura,
        Self::GoProfile,
        Self::Clover,
        Self::IstanbulSummary,
        Self::SimpleCovLastRun,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::IstanbulFinal => "coverage-final.json",
            Self::Lcov => "lcov",
            Self::CoveragePyJson => "coverage.py JSON",
            Self::JaCoCo => "JaCoCo",
            Self::OpenCover => "OpenCover",
            Self::Coverlet => "coverlet JSON",
            Self::SimpleCovResultset => "SimpleCov resultset",
            Self::LlvmJson => "LLVM JSON",
            Self::Cobertura => "Cobertura",
            Self::GoProfile => "Go cover profile",
            Self::Clover => "Clover",
            Self::IstanbulSummary => "coverage-summary.json",
            Self::SimpleCovLastRun => "SimpleCov last run",
        }
    }

    /// What is judged where a report counts no branches: what its own tool calls coverage.
    pub fn without_branches(self) -> Metric {
        if self == Self::GoProfile { Metric::Statements } else { Metric::Lines }
    }
}

/// Why a report cannot be read, and at which of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    pub line: u64,
    pub message: String,
}

impl Flaw {
    pub fn new(line: u64, message: impl Into<String>) -> Self {
        Self { line: line.max(1), message: message.into() }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// One figure for each metric, where there is one.
pub type PerMetric<T> = [Option<T>; 4];

/// What one report says of one source file, under the path that the report gives it.
#[derive(Debug, Clone, Default)]
pub struct File {
    pub path: String,
    pub units: [Units; 4],
    /// Counts that the report states for the file.
    pub stated: PerMetric<Count>,
}

impl File {
    pub fn of(&self, metric: Metric) -> &Units {
        &self.units[metric as usize]
    }

    /// What is counted, or what is stated where nothing can be counted.
    pub fn count(&self, metric: Metric) -> Option<Count> {
        let units = self.of(metric);
        if units.is_empty() { self.stated[metric as usize] } else { Some(units.count()) }
    }

    /// Adds another measurement of the same file: what one of them has run, was run.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.units.iter_mut().zip(&other.units) {
            *mine = mine.union(theirs);
        }
        for (mine, theirs) in self.stated.iter_mut().zip(other.stated) {
            // Two figures without their lines have no union; the larger is sure.
            *mine = match (*mine, theirs) {
                (Some(a), Some(b)) => Some(Count::new(a.hit.max(b.hit), a.all.max(b.all))),
                (a, b) => a.or(b),
            };
        }
    }

    fn size(&self) -> usize {
        self.path.len() + self.units.iter().map(Units::size).sum::<usize>()
    }
}

/// What one report says.
#[derive(Debug, Clone)]
pub struct Report {
    pub format: Format,
    pub files: Vec<File>,
    /// Folders that the paths are said to start from.
    pub sources: Vec<String>,
    /// When it says it was made, in seconds since 1970.
    pub made: Option<i64>,
    /// Totals that it states over all files.
    pub stated: PerMetric<Count>,
    /// Percentages without counts or files.
    pub percent: PerMetric<f64>,
    /// Branches were left out of the measurement, as it says.
    pub is_without_branches: bool,
    /// The first place where its own figures do not agree.
    pub disagreement: Option<Flaw>,
}

impl Report {
    /// The same without what was measured: the paths alone.
    pub fn outline(&self) -> Self {
        let files = self.files.iter().map(|file| File { path: file.path.clone(), ..File::default() }).collect();
        Self { files, sources: self.sources.clone(), disagreement: None, ..*self }
    }
}

/// More encoded units than this are no report of one repository.
const MOST_BYTES: usize = 64 << 20;
const MOST_FILES: usize = 1_000_000;

/// A report in the making.
struct Draft {
    report: Report,
    by_path: HashMap<String, usize>,
    size: usize,
}

impl Draft {
    fn new(format: Format) -> Self {
        let report = Report {
            format,
            files: Vec::new(),
            sources: Vec::new(),
            made: None,
            stated: [None; 4],
            percent: [None; 4],
            is_without_branches: false,
            disagreement: None,
        };
        Self { report, by_path: HashMap::new(), size: 0 }
    }

    /// Adds what is said of one file; a file that comes again is the union of both.
    fn add(&mut self, file: File) -> Result<(), String> {
        if file.path.is_empty() {
            return Err("a file without a path".to_owned());
        }
        self.size += file.size();
        match self.by_path.get(&file.path).and_then(|at| self.report.files.get_mut(*at)) {
            Some(known) => {
                let before = known.size();
                known.merge(&file);
                self.size = (self.size + known.size()).saturating_sub(before + file.size());
            }
            None => {
                self.by_path.insert(file.path.clone(), self.report.files.len());
                self.report.files.push(file);
            }
        }
        if self.size > MOST_BYTES || self.report.files.len() > MOST_FILES {
            return Err("it measures more than any repository holds".to_owned());
        }
        Ok(())
    }

    /// Notes the first disagreement between what is stated and what is counted.
    fn agree(&mut self, line: u64, what: &str, stated: Count, counted: Count) {
        if stated != counted && self.report.disagreement.is_none() {
            let said = format!("{what} are said to be {} of {}", stated.hit, stated.all);
            let message = format!("{said}, and {} of {} are listed", counted.hit, counted.all);
            self.report.disagreement = Some(Flaw::new(line, message));
        }
    }

    /// The report, its stated totals held against the sum of its files.
    fn finish(mut self, line: u64) -> Report {
        for metric in Metric::ALL {
            let Some(stated) = self.report.stated[metric as usize] else { continue };
            let mut sum = Count::default();
            self.report.files.iter().filter_map(|file| file.count(metric)).for_each(|count| sum += count);
            self.agree(line, &format!("{} in all", metric.word()), stated, sum);
        }
        self.report
    }
}

/// One source file in the making.
#[derive(Debug, Default)]
struct FileDraft {
    units: [Vec<Unit>; 4],
    stated: PerMetric<Count>,
}

impl FileDraft {
    fn add(&mut self, metric: Metric, unit: Unit) {
        self.units[metric as usize].push(unit);
    }

    fn line(&mut self, line: u32, hit: bool) {
        self.add(Metric::Lines, Unit { line, key: 0, weight: 1, hit });
    }

    fn branch(&mut self, line: u32, key: u32, hit: bool) {
        self.add(Metric::Branches, Unit { line, key, weight: 1, hit });
    }

    /// Branches of which only the number is known.
    fn branches(&mut self, line: u32, count: Count) -> Result<(), String> {
        const MOST: u64 = 65_536;
        if count.hit > count.all || count.all > MOST {
            return Err(format!("{} of {} branches on one line", count.hit, count.all));
        }
        (0..count.all).for_each(|number| self.branch(line, number as u32, number < count.hit));
        Ok(())
    }

    fn function(&mut self, line: u32, name: &str, hit: bool) {
        self.add(Metric::Functions, Unit { line, key: key(name), weight: 1, hit });
    }

    fn is_empty(&self) -> bool {
        self.units.iter().all(Vec::is_empty) && self.stated.iter().all(Option::is_none)
    }

    fn finish(self, path: String) -> File {
        File { path, units: self.units.map(Units::new), stated: self.stated }
    }
}

/// A number that stands for a name (FNV-1a).
fn key(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Reads a report of any format. The name of its file tells formats apart whose beginnings are alike.
pub fn read(name: &str, input: &mut dyn BufRead) -> Result<Report, Flaw> {
    let head = source::head(input)?;
    match format(name, &head) {
        Some(Kind::Lines(Format::GoProfile)) => go::read(input),
        Some(Kind::Lines(_)) => lcov::read(input),
        Some(Kind::Xml) => xml::read(input),
        Some(Kind::Json(format)) => json::read(format, input),
        None if head.iter().all(u8::is_ascii_whitespace) => Err(Flaw::new(1, "it is empty")),
        None => Err(Flaw::new(1, "no format of coverage begins like this")),
    }
}

enum Kind {
    Lines(Format),
    Xml,
    Json(Format),
}

fn format(name: &str, head: &[u8]) -> Option<Kind> {
    let head = String::from_utf8_lossy(head);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    match head.as_bytes().first()? {
        b'<' => Some(Kind::Xml),
        b'{' => json::format(name, head).map(Kind::Json),
        _ if head.starts_with("mode:") => Some(Kind::Lines(Format::GoProfile)),
        _ if ["TN:", "SF:", "VER:", "#"].iter().any(|mark| head.starts_with(mark)) => Some(Kind::Lines(Format::Lcov)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
