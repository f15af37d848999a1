//! `mx-prod-gate secrets`: the scan for secrets alone.

use crate::facts::secrets::{Salt, Scanner};
use crate::gather::tree;
use crate::secret::{Confidence, Hit};
use crate::snapshot::{Sieve, Sifted};
use clap::{Parser, ValueEnum};
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;

/// Find secrets in a repository.
#[derive(Debug, Parser)]
#[command(name = "mx-prod-gate secrets")]
pub struct Arguments {
    /// The folder to scan.
    #[arg(default_value = ".")]
    path: PathBuf,
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Terminal,
    Json,
}

/// A finding with its file.
#[derive(Debug, Clone, Serialize)]
struct Finding {
    path: String,
    #[serde(flatten)]
    hit: Hit,
}

#[derive(Debug, Serialize)]
struct Report {
    findings: Vec<Finding>,
}

/// Runs the sub-command with its words, the first of which is its own name.
pub fn main(words: Vec<String>) -> ExitCode {
    let arguments = Arguments::parse_from(words);
    let now = jiff::Timestamp::now().as_second();
    let collector = Collector { scanner: Scanner::new(Salt::default(), now), found: Mutex::default() };
    if let Err(error) = tree::gather(&arguments.path, &collector) {
        eprintln!("error: {error:#}");
        return ExitCode::from(2);
    }
    let mut findings = collector.found.into_inner().unwrap_or_default();
    findings.sort_by(|a, b| (&a.path, a.hit.line, a.hit.column).cmp(&(&b.path, b.hit.line, b.hit.column)));
    let fails =
        findings.iter().any(|finding| finding.hit.confidence > Confidence::Low && finding.hit.allowed.is_none());
    match arguments.format {
        Format::Json => match serde_json::to_string(&Report { findings }) {
            Ok(text) => println!("{text}"),
            Err(_) => return ExitCode::from(2),
        },
        Format::Terminal => findings.iter().for_each(|Finding { path, hit }| {
            println!(
                "{path}:{}:{} {} {} {} {}",
                hit.line,
                hit.column,
                hit.confidence.word(),
                hit.rule,
                hit.redacted,
                hit.reasons.join(", ")
            );
        }),
    }
    if fails { ExitCode::from(1) } else { ExitCode::SUCCESS }
}

/// Scans each file as it is read, and keeps nothing but what was found.
struct Collector {
    scanner: Scanner,
    found: Mutex<Vec<Finding>>,
}

impl Sieve for Collector {
    fn wants(&self, _path: &str) -> bool {
        true
    }

    fn sift(&self, path: &str, bytes: &[u8]) -> Sifted {
        let hits = self.scanner.scan(path, bytes);
        if !hits.is_empty() {
            let findings = hits.into_iter().map(|hit| Finding { path: path.to_owned(), hit });
            self.found.lock().unwrap_or_else(|poison| poison.into_inner()).extend(findings);
        }
        Sifted::default()
    }
}
