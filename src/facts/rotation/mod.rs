//! Schedules in the repository that rotate API keys, with the days between two rotations.

mod commands;
mod infrastructure;

use super::{Facet, Facts};
use crate::evidence::Span;

/// A schedule by which a secret is rotated.
#[derive(Debug, Clone)]
pub struct Rotation {
    /// The line that sets the time between.
    pub span: Span,
    /// None where only a plan or another file could tell.
    pub days: Option<f64>,
    /// What rotates, as a report says it.
    pub what: &'static str,
}

/// Every rotation that the repository schedules.
#[derive(Debug, Default)]
pub struct Rotations {
    pub all: Vec<Rotation>,
}

impl Facet for Rotations {
    fn read(facts: &Facts) -> Self {
        let mut all = Vec::new();
        infrastructure::read(facts, &mut all);
        commands::read(facts, &mut all);
        Self { all }
    }
}

/// Names of secrets that open a database or serve the program itself: their rotation is not that of an API key.
pub(in crate::facts) fn is_another_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let others = [
        "database",
        "postgres",
        "mysql",
        "aurora",
        "rds",
        "redis",
        "mongo",
        "db_",
        "_db",
        "db-",
        "-db",
        ".db",
        "tls",
        "certificate",
        "jwt",
        "session",
        "kms",
        "signing",
        "ssh",
    ];
    let api = ["api", "maintainx", "mx_", "mx-", "token"];
    others.iter().any(|word| name.contains(word)) && !api.iter().any(|word| name.contains(word))
}
