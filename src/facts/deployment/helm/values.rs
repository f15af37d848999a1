//! The values of a release.

use crate::facts::yaml::Yaml;

/// What a chart's `.Values` are.
pub struct Values {
    root: Option<Yaml>,
    known: bool,
    chart: Option<Yaml>,
}

impl Values {
    pub fn new(root: Option<Yaml>) -> Self {
        Self { root, known: true, chart: None }
    }

    /// The values of a template that belongs to no chart: all of them unknown.
    pub fn none() -> Self {
        Self { root: None, known: false, chart: None }
    }

    pub fn of_chart(self, chart: Option<Yaml>) -> Self {
        Self { chart, ..self }
    }

    /// A field of `.Chart`: `Name` is `name` of `Chart.yaml`.
    pub fn chart(&self, field: &str) -> Option<Yaml> {
        let mut letters = field.chars();
        let first = letters.next()?.to_ascii_lowercase();
        self.chart.as_ref()?.get(&format!("{first}{}", letters.as_str()))
    }

    /// Whether a value that is not here is known to be missing.
    pub fn are_known(&self) -> bool {
        self.known
    }

    pub fn root(&self) -> Option<&Yaml> {
        self.root.as_ref()
    }
}
