//! Alert rules as code, of every monitoring system: what each watches and where it draws the line.

mod rule;

pub use rule::*;

use super::{Facet, Facts, Unread};

/// Reads one family of rule files and adds what it finds.
type Reader = fn(&Facts, &mut Alerts);

/// The monitoring systems, one reader each.
const READERS: &[Reader] = &[];

/// All alert rules, and the rule files that could not be read.
#[derive(Debug, Default)]
pub struct Alerts {
    pub rules: Vec<AlertRule>,
    pub unread: Vec<Unread>,
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
