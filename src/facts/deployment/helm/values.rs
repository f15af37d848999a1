//! The values of a release.

use crate::facts::yaml::Yaml;

/// What a chart's `.Values` are.
pub struct Values {
    root: Option<Yaml>,
    known: bool,
}

impl Values {
    pub fn new(root: Option<Yaml>) -> Self {
        Self { root, known: true }
    }

    /// The values of a template that belongs to no chart: all of them unknown.
    pub fn none() -> Self {
        Self { root: None, known: false }
    }

    /// Whether a value that is not here is known to be missing.
    pub fn are_known(&self) -> bool {
        self.known
    }

    pub fn root(&self) -> Option<&Yaml> {
        self.root.as_ref()
    }
}
