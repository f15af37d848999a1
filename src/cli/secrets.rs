//! `mx-prod-gate secrets`: the scan for secrets alone.

use crate::facts::secrets::{Salt, Scanner};
use crate::gather::tree;
use crate::secret::{Confidence, Hit};
use crate::snapshot::{Sieve, Sifted};
use anyhow::Result;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Mutex;

/// Find secrets in a repository.
#[derive(Debug, Args)]
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

/// Runs the scan; the result is the exit code.
pub fn run(arguments: &Arguments) -> Result<u8> {
    let now = jiff::Timestamp::now().as_second();
    let collector = Collector { scanner: Scanner::new(Salt::default(), now), found: Mutex::default() };
    tree::gather(&arguments.path, &collector)?;
    let mut findings = collector.found.into_inner().unwrap_or_default();
    findings.sort_by(|a, b| (&a.path, a.hit.line, a.hit.column).cmp(&(&b.path, b.hit.line, b.hit.column)));
    let fails =
        findings.iter().any(|finding| finding.hit.confidence > Confidence::Low && finding.hit.allowed.is_none());
    match arguments.format {
        Format::Json => println!("{}", serde_json::to_string(&Report { findings })?),
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
    Ok(u8::from(fails))
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
