//! What a check can be told, as data: the schema, the reader and `explain` are driven by this one table.

/// One parameter of one check.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    pub check: &'static str,
    pub name: &'static str,
    pub kind: Kind,
    /// What it means, as a sentence.
    pub about: &'static str,
}

/// What a parameter may be.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Number {
        default: f64,
        least: f64,
        most: f64,
    },
    /// Beside what the check knows by itself.
    Words,
}

impl Parameter {
    pub fn number(&self) -> Option<f64> {
        match self.kind {
            Kind::Number { default, .. } => Some(default),
            Kind::Words => None,
        }
    }
}

/// Every parameter, by check.
pub const PARAMETERS: &[Parameter] = &[Parameter {
    check: "key-rotation",
    name: "days",
    kind: Kind::Number { default: 90.0, least: 1.0, most: 365.0 },
    about: "The longest time between two rotations, in days.",
}];

/// The parameter of that name.
pub fn find(check: &str, name: &str) -> Option<&'static Parameter> {
    PARAMETERS.iter().find(|parameter| parameter.check == check && parameter.name == name)
}

/// How long an attestation counts, in days, by check: what is done again and again has its own rhythm.
pub const ATTESTATION_DAYS: &[(&str, i64)] = &[
    ("key-rotation", 90), // a rotation every 90 days is what the check asks
    ("rollback", 180),    // a drill twice a year
    ("alerts", 180),      // rules kept in a vendor's console change without a commit
    ("secret-manager", 365),
    ("resource-limits", 365),
    ("autoscaling", 365),
    ("non-root-user", 365),
];

/// How long an attestation counts where the table does not name the check.
pub const ATTESTATION_DAYS_OTHERWISE: i64 = 180;

/// The longest age at which an attestation for that check counts, in days.
pub fn longest_age(check: &str) -> i64 {
    ATTESTATION_DAYS.iter().find(|(name, _)| *name == check).map_or(ATTESTATION_DAYS_OTHERWISE, |(_, days)| *days)
}
