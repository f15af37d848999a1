//! What the reports of the project's own tools say: coverage, and the findings of linters and type checkers.

pub mod coverage;
pub mod problems;
mod readers;
mod resolve;

use super::{Facet, Facts};
use crate::evidence::Evidence;
use crate::tools::{self, Record};
pub use coverage::Coverage;
pub use problems::{Problem, Problems};
pub use readers::Severity;

/// The reports, read.
#[derive(Debug, Default)]
pub struct Quality {
    pub record: Record,
    pub coverage: Coverage,
    pub lint: Problems,
    pub types: Problems,
}

impl Facet for Quality {
    fn read(facts: &Facts) -> Self {
        let (record, trouble) = record(facts);
        let mut coverage = Coverage::read(facts, &record);
        let mut lint = Problems::read(facts, &record, tools::Gate::Lint);
        let mut types = Problems::read(facts, &record, tools::Gate::Types);
        for troubles in [&mut coverage.troubles, &mut lint.troubles, &mut types.troubles] {
            troubles.extend(trouble.clone());
        }
        Self { record, coverage, lint, types }
    }
}

/// The record; without one, as in an example that has nothing but reports, every report counts as found.
fn record(facts: &Facts) -> (Record, Option<Evidence>) {
    let mut record = Record::default();
    let mut trouble = None;
    if let Some(blob) = facts.snapshot.blob(tools::PATH) {
        match Record::from_text(blob.text()) {
            Ok(read) => record = read,
            Err(reason) => trouble = Some(Evidence::at(blob.line(1), format!("the record cannot be read: {reason}"))),
        }
    }
    for gate in tools::Gate::ALL {
        for blob in facts.snapshot.outside(&gate.prefix()) {
            if !record.reports.iter().any(|filed| filed.entry() == blob.path()) {
                let path = blob.path().strip_prefix(&gate.prefix()).unwrap_or_default().to_owned();
                record.reports.push(tools::Filed::new(gate, path, tools::Origin::Found));
            }
        }
    }
    (record, trouble)
}
