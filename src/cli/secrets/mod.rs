//! `mx-prod-gate secrets`: the scan for secrets alone, over the tree, the index, a branch, the history or standard input.

mod baseline;
mod print;

use crate::facts::secrets::{Salt, Scanner};
use crate::gather::{history, tree};
use crate::secret::{Confidence, Hit};
use crate::snapshot::{Content, Sieve, Sifted};
use anyhow::{Context, Result};
use baseline::Baseline;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::collections::HashSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The most that is read of the standard input.
const LARGEST_INPUT: u64 = 256 << 20;

/// Find secrets in a repository.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The folder to scan; `-` scans the standard input.
    #[arg(default_value = ".")]
    path: PathBuf,
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
    /// Scan the lines that the next commit adds: for a commit hook.
    #[arg(long, conflicts_with_all = ["since", "history"])]
    staged: bool,
    /// Scan the lines that the last commit adds to what it has in common with REV: for a pull request.
    #[arg(long, value_name = "REV", conflicts_with = "history")]
    since: Option<String>,
    /// Scan all that was ever committed, each blob once.
    #[arg(long)]
    history: bool,
    /// Known findings: they are counted and fail nothing.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the findings to the baseline, and succeed.
    #[arg(long, requires = "baseline")]
    write_baseline: bool,
    /// Files that a hook names: accepted, and scanned by their place in the repository.
    #[arg(last = true, hide = true)]
    files: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Terminal,
    Json,
    Sarif,
}

/// A finding with its file, and with its commit where the history was scanned.
#[derive(Debug, Clone, Serialize)]
struct Finding {
    path: String,
    #[serde(flatten)]
    hit: Hit,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    /// It is in the work tree still.
    #[serde(skip_serializing_if = "Option::is_none")]
    stands: Option<bool>,
}

impl Finding {
    fn fails(&self) -> bool {
        self.hit.confidence > Confidence::Low && self.hit.allowed.is_none()
    }
}

/// What a scan came to.
#[derive(Debug, Default, Serialize)]
struct Report {
    findings: Vec<Finding>,
    /// Findings that the baseline knows.
    known: usize,
    /// Entries of the baseline that nothing matches any more.
    stale: usize,
    /// What a reader should know of the scan itself.
    notes: Vec<String>,
}

/// Runs the scan; the result is the exit code.
pub fn run(arguments: &Arguments) -> Result<u8> {
    let baseline =
        arguments.baseline.as_deref().map(|file| Baseline::read(file, arguments.write_baseline)).transpose()?;
    let salt = baseline.as_ref().map_or_else(Salt::default, |baseline| baseline.salt());
    let collector = Collector::new(salt);
    let mut notes = scan(arguments, &collector)?;
    let mut findings = collector.found.into_inner().unwrap_or_default();
    notes.extend(collector.notes.into_inner().unwrap_or_default());
    let order =
        |finding: &Finding| (finding.path.clone(), finding.hit.line, finding.hit.column, finding.commit.clone());
    findings.sort_by_cached_key(order);
    let mut report = Report { findings, notes, ..Report::default() };
    if let (Some(baseline), Some(file)) = (baseline, arguments.baseline.as_deref()) {
        if arguments.write_baseline {
            let kept = baseline.write(
                file,
                report
                    .findings
                    .iter()
                    .filter(|finding| finding.fails())
                    .map(|finding| finding.hit.fingerprint.as_str()),
            )?;
            eprintln!("{kept} findings are in {} now", file.display());
            return Ok(0);
        }
        let before = report.findings.len();
        let seen: HashSet<String> = report.findings.iter().map(|finding| finding.hit.fingerprint.clone()).collect();
        report.findings.retain(|finding| !baseline.knows(&finding.hit.fingerprint));
        report.known = before - report.findings.len();
        report.stale = baseline.stale(&seen);
    }
    let text = match arguments.format {
        Format::Json => serde_json::to_string(&report)?,
        Format::Sarif => print::sarif(&report)?,
        Format::Terminal => print::terminal(&report),
    };
    super::output::print(&format!("{}\n", text.trim_end()), anstream::ColorChoice::Auto)?;
    Ok(u8::from(report.findings.iter().any(Finding::fails)))
}

fn scan(arguments: &Arguments, collector: &Collector) -> Result<Vec<String>> {
    let root = arguments.path.as_path();
    let visit = |origin: &history::Origin, bytes: &[u8]| collector.blob(origin, bytes);
    let mut notes = Vec::new();
    if root == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().take(LARGEST_INPUT).read_to_end(&mut bytes).context("the standard input cannot be read")?;
        collector.blob(&history::Origin { path: "-".to_owned(), ..history::Origin::default() }, &bytes);
    } else if arguments.staged {
        history::staged(root, &visit)?;
    } else if let Some(revision) = &arguments.since {
        history::since(root, revision, &visit)?;
    } else if arguments.history {
        let blobs = history::all(root, &visit)?;
        notes.push(format!("{blobs} blobs of the history were scanned"));
        if history::is_shallow(root) {
            notes.push("the clone is shallow: older commits were not there to be scanned".to_owned());
        }
        collector.tell_what_stands(root)?;
    } else {
        notes.extend(scan_tree(root, collector)?);
    }
    Ok(notes)
}

/// Scans the work tree; what could not be read is told.
fn scan_tree(root: &Path, collector: &Collector) -> Result<Vec<String>> {
    let snapshot = tree::gather(root, collector)?;
    let mut notes = snapshot.notes.clone();
    for (path, hits) in &snapshot.hits {
        collector.add(path, hits.clone(), &history::Origin::default());
    }
    notes.extend(snapshot.entries().filter_map(|(path, entry)| match &entry.content {
        Content::Unreadable(reason) => Some(format!("{path} was not scanned: {reason}")),
        _ => None,
    }));
    Ok(notes)
}

/// Scans each file as it is read, and keeps nothing but what was found.
struct Collector {
    scanner: Scanner,
    found: Mutex<Vec<Finding>>,
    notes: Mutex<Vec<String>>,
}

impl Collector {
    fn new(salt: Salt) -> Self {
        let scanner = Scanner::new(salt, jiff::Timestamp::now().as_second());
        Self { scanner, found: Mutex::default(), notes: Mutex::default() }
    }

    fn blob(&self, origin: &history::Origin, bytes: &[u8]) {
        let mut hits = self.scanner.scan(&origin.path, bytes);
        hits.retain(|hit| origin.counts(hit.line));
        self.add(&origin.path, hits, origin);
    }

    fn add(&self, path: &str, hits: Vec<Hit>, origin: &history::Origin) {
        if hits.is_empty() {
            return;
        }
        let findings = hits.into_iter().map(|hit| Finding {
            path: path.to_owned(),
            hit,
            commit: origin.commit.clone(),
            date: origin.date.clone(),
            stands: None,
        });
        self.found.lock().unwrap_or_else(|poison| poison.into_inner()).extend(findings);
    }

    /// Says of each find of the history whether the work tree has it still.
    fn tell_what_stands(&self, root: &Path) -> Result<()> {
        let now = Self { scanner: self.scanner.clone(), found: Mutex::default(), notes: Mutex::default() };
        scan_tree(root, &now)?;
        let now = now.found.into_inner().unwrap_or_default();
        let standing: HashSet<&str> = now.iter().map(|finding| finding.hit.fingerprint.as_str()).collect();
        let mut found = self.found.lock().unwrap_or_else(|poison| poison.into_inner());
        for finding in found.iter_mut() {
            finding.stands = Some(standing.contains(finding.hit.fingerprint.as_str()));
        }
        Ok(())
    }
}

impl Sieve for Collector {
    fn wants(&self, _path: &str) -> bool {
        true
    }

    fn sift(&self, path: &str, bytes: &[u8]) -> Sifted {
        self.add(path, self.scanner.scan(path, bytes), &history::Origin::default());
        Sifted::default()
    }

    fn part(&self, path: &str, bytes: &[u8], first_line: u32) -> Vec<Hit> {
        self.scanner.part(path, bytes, first_line)
    }
}
