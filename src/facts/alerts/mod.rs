//! Alert rules as code, of every monitoring system: what each watches and where it draws the line.

mod clause;
mod cloud;
mod datadog;
mod files;
mod grafana;
mod meaning;
mod program;
mod prometheus;
mod rule;
mod terraform;

#[cfg(test)]
mod tests;

pub use rule::*;

use super::{Facet, Facts, Unread};

/// Reads one family of rule files and adds what it finds.
type Reader = fn(&Facts, &mut Alerts);

/// The ways in which rules are written down, one reader each.
const READERS: &[Reader] = &[files::read, terraform::read, program::read];

/// All alert rules, and the rule files that could not be read.
#[derive(Debug, Default)]
pub struct Alerts {
    pub rules: Vec<AlertRule>,
    pub unread: Vec<Unread>,
}

impl Alerts {
    /// Adds what a rule says, once it is understood.
    fn add(&mut self, signal: &Signal) {
        self.rules.extend(signal.rules());
    }
}

impl Facet for Alerts {
    fn read(facts: &Facts) -> Self {
        let mut alerts = Self::default();
        for reader in READERS {
            reader(facts, &mut alerts);
        }
        alerts
    }

    fn unread(&self) -> &[Unread] {
        &self.unread
    }
}
