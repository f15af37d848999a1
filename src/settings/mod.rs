//! The project's own settings: `.mx-prod-gate.yml` in the root or in `.github/`.
//!
//! The types here are the only description of the file: the JSON Schema is made from them, and a file is held
//! against that schema before it is taken over, so that every mistake is told at once, with its line.

mod blocking;
mod choice;
pub mod difference;
pub mod live;
mod node;
pub mod parameters;
pub mod problem;
pub mod read;
pub mod schema;
pub mod tools;
mod validate;

pub use blocking::{Block, ManualPolicy};
pub use choice::{Choice, choose};

use crate::evidence::{Blob, Span};
use crate::outcome::Priority;
use globset::{GlobBuilder, GlobMatcher};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where a settings file may stand, relative to the root. Only one of them may exist.
pub const PATHS: [&str; 2] = [".mx-prod-gate.yml", ".github/.mx-prod-gate.yml"];

/// Settings of mx-prod-gate: what a project decides about its gate. Without a file the defaults apply.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// The lowest priority whose failing makes the repository not ready. Default: P0.
    pub fail_on: FailOn,
    /// What blocks: all that fails, or only what a change makes worse against its base. Default: all.
    pub block: Block,
    /// What becomes of a check that only a person can decide and nobody attested. Default: report.
    pub manual: ManualPolicy,
    /// What the repository integrates with. Default: found out from its code.
    pub integration: Option<IntegrationKind>,
    /// The parts of a monorepo to judge, with their shape. Default: every part that is found.
    pub parts: Vec<Part>,
    /// Globs of paths that are not judged.
    pub ignore: Vec<PathGlob>,
    /// A priority, `off` or parameters, by the name of the check.
    #[schemars(with = "BTreeMap<String, String>")]
    pub checks: BTreeMap<String, CheckSetting>,
    /// What the code does not say about how it reaches the remote API.
    pub client: ClientHints,
    /// What a live run probes.
    pub live: live::Live,
    /// Reports, commands and thresholds of the coverage, lint and types gates.
    pub tools: tools::Tools,
    /// Findings that are accepted for a while.
    pub waivers: Vec<Waiver>,
    /// What a person vouches for, where a repository cannot show it.
    pub attestations: Vec<Attestation>,
    /// The file, where there is one.
    #[serde(skip)]
    pub blob: Option<Arc<Blob>>,
    /// The checks that this run leaves out, whatever the file says.
    #[serde(skip)]
    pub left_out: BTreeSet<String>,
    /// They are those of the base branch, so that a proposal had no say in them.
    #[serde(skip)]
    pub is_of_base: bool,
}

/// The lowest priority whose failing blocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum FailOn {
    #[default]
    P0,
    P1,
    P2,
    /// Nothing blocks: the gate only reports.
    #[serde(rename = "never")]
    Never,
}

impl FailOn {
    pub const ALL: [Self; 4] = [Self::P0, Self::P1, Self::P2, Self::Never];

    /// Whether something of that priority blocks.
    pub fn blocks(self, priority: Priority) -> bool {
        match self {
            Self::P0 => priority <= Priority::P0,
            Self::P1 => priority <= Priority::P1,
            Self::P2 => priority <= Priority::P2,
            Self::Never => false,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::P0 => "P0",
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::Never => "never",
        }
    }
}

/// What a repository integrates with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum IntegrationKind {
    Maintainx,
    /// Another API: its calls take the place of the MaintainX calls.
    #[default]
    Generic,
}

impl IntegrationKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Maintainx => "maintainx",
            Self::Generic => "generic",
        }
    }
}

/// The shape of a part of the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// A long-running process that listens or loops.
    Service,
    /// Workers, Lambda, Supabase or Vercel functions.
    Serverless,
    /// Runs and ends: a script or a cron job.
    Job,
    /// An SDK or a package that others build on.
    Library,
    /// Browser, mobile, embedded, desktop, Home Assistant.
    ClientApp,
}

/// A part of a monorepo.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Part {
    /// Its folder, relative to the root.
    #[schemars(extend("minLength" = 1, "format" = "folder"))]
    pub path: String,
    /// Its shape. Default: found out.
    #[serde(default)]
    pub shape: Option<Shape>,
}

/// What one check is to do.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum CheckSetting {
    /// A priority, or `off`.
    Level(Level),
    /// A priority or `off`, and the check's own parameters.
    Detailed {
        priority: Option<Level>,
        #[serde(flatten)]
        parameters: BTreeMap<String, serde_json::Value>,
    },
}

/// A priority, or `off`: the check is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Level {
    P0,
    P1,
    P2,
    #[serde(rename = "off")]
    Off,
}

impl Level {
    pub const ALL: [Self; 4] = [Self::P0, Self::P1, Self::P2, Self::Off];

    pub fn word(self) -> &'static str {
        match self {
            Self::P0 => "P0",
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::Off => "off",
        }
    }
}

/// What the code does not say about how it reaches the remote API.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ClientHints {
    /// Host names of the remote API, such as a proxy of one's own.
    pub hosts: Vec<String>,
    /// Environment variables that hold its base URL or key.
    pub variables: Vec<String>,
    /// Globs of the source files that are its client.
    pub files: Vec<PathGlob>,
}

/// Findings that are accepted for a while. All five are needed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Waiver {
    /// The check.
    pub check: String,
    /// A glob of the paths whose findings are accepted (`**` for all, and for what is missing as a whole).
    pub path: PathGlob,
    /// Why that is right for now.
    #[schemars(extend("pattern" = "\\S"))]
    pub reason: String,
    /// Who answers for it.
    #[schemars(extend("pattern" = "\\S"))]
    pub owner: String,
    /// The last day on which it counts.
    #[schemars(with = "String", extend("format" = "date"))]
    pub expires: Date,
    /// Where it stands.
    #[serde(skip)]
    pub span: Option<Span>,
}

/// What a person vouches for, where a repository cannot show it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Attestation {
    /// The check.
    pub check: String,
    /// Who vouches for it.
    #[schemars(extend("pattern" = "\\S"))]
    pub by: String,
    /// The day on which it was done (a key rotated, a rollback drilled) or seen.
    #[schemars(with = "String", extend("format" = "date"))]
    pub on: Date,
    /// A link to what shows it: an address or a path in the repository, without blanks.
    #[schemars(extend("pattern" = "^\\S+$"))]
    pub evidence: String,
    /// Where it stands.
    #[serde(skip)]
    pub span: Option<Span>,
}

impl Attestation {
    /// How many days ago it was, at a given day; negative in the future.
    pub fn age(&self, today: Date) -> i64 {
        days_between(self.on, today)
    }
}

/// Whole days from one date to another.
pub fn days_between(from: Date, to: Date) -> i64 {
    let day = |date: Date| {
        // Days since the civil epoch (Howard Hinnant's algorithm): no span arithmetic that could fail.
        let (year, month) = (i64::from(date.year()), i64::from(date.month()));
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let of_era = year - era * 400;
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(date.day()) - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year
    };
    day(to) - day(from)
}

/// A glob over paths relative to the root: `*` stops at `/`, `**` does not.
#[derive(Debug, Clone)]
pub struct PathGlob {
    text: String,
    matcher: GlobMatcher,
}

impl PathGlob {
    /// The reason, where it is no glob.
    pub fn new(text: &str) -> Result<Self, String> {
        let glob = GlobBuilder::new(text.trim_end_matches('/')).literal_separator(true).build();
        match glob {
            Ok(glob) => Ok(Self { text: text.to_owned(), matcher: glob.compile_matcher() }),
            Err(error) => Err(error.kind().to_string()),
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Matches the path itself or a folder above it.
    pub fn matches(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| at);
        self.matcher.is_match(path) || ends.into_iter().any(|end| self.matcher.is_match(&path[..end]))
    }
}

impl<'de> Deserialize<'de> for PathGlob {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for PathGlob {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PathGlob".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "glob", "minLength": 1 })
    }
}

impl Settings {
    /// The priority that the settings give a check, where they do.
    pub fn priority_of(&self, check: &str) -> Option<Priority> {
        match self.level_of(check)? {
            Level::P0 => Some(Priority::P0),
            Level::P1 => Some(Priority::P1),
            Level::P2 => Some(Priority::P2),
            Level::Off => None,
        }
    }

    /// Whether the settings turn a check off.
    pub fn is_off(&self, check: &str) -> bool {
        self.level_of(check) == Some(Level::Off)
    }

    fn level_of(&self, check: &str) -> Option<Level> {
        match self.checks.get(check)? {
            CheckSetting::Level(level) => Some(*level),
            CheckSetting::Detailed { priority, .. } => *priority,
        }
    }

    /// A number that the settings give a check, or its default from the table of parameters.
    pub fn number(&self, check: &str, name: &str) -> f64 {
        let set = self.parameter(check, name).and_then(serde_json::Value::as_f64);
        set.or_else(|| parameters::find(check, name).and_then(|parameter| parameter.number())).unwrap_or_default()
    }

    /// The words that the settings give a check beside its own.
    pub fn words(&self, check: &str, name: &str) -> Vec<&str> {
        let list = self.parameter(check, name).and_then(serde_json::Value::as_array);
        list.into_iter().flatten().filter_map(serde_json::Value::as_str).collect()
    }

    fn parameter(&self, check: &str, name: &str) -> Option<&serde_json::Value> {
        match self.checks.get(check)? {
            CheckSetting::Level(_) => None,
            CheckSetting::Detailed { parameters, .. } => parameters.get(name),
        }
    }

    /// The newest attestation for a check that is not dated in the future, whatever its age.
    pub fn attestation(&self, check: &str, today: Date) -> Option<&Attestation> {
        let those = self.attestations.iter().filter(|each| each.check == check && each.on <= today);
        those.max_by_key(|each| each.on)
    }

    /// Whether a path is not to be judged.
    pub fn ignores(&self, path: &str) -> bool {
        self.ignore.iter().any(|glob| glob.matches(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_covers_what_is_below_it_and_stops_at_a_slash() {
        let matches = |glob: &str, path: &str| PathGlob::new(glob).unwrap().matches(path);
        assert!(matches("deploy/legacy", "deploy/legacy/a/b.yaml"));
        assert!(matches("deploy/legacy/", "deploy/legacy/a.yaml"));
        assert!(matches("**", "a/b"));
        assert!(matches("*.yaml", "a.yaml"));
        assert!(!matches("*.yaml", "k8s/a.yaml"));
        assert!(matches("**/*.yaml", "a.yaml"));
        assert!(PathGlob::new("a[").is_err());
    }

    #[test]
    fn days_are_counted_over_months_and_leap_years() {
        let between = |from: &str, to: &str| days_between(from.parse().unwrap(), to.parse().unwrap());
        assert_eq!(between("2026-10-01", "2026-10-01"), 0);
        assert_eq!(between("2024-02-28", "2024-03-01"), 2);
        assert_eq!(between("2025-12-31", "2026-01-01"), 1);
        assert_eq!(between("2026-11-24", "2026-11-01"), -23);
        assert_eq!(between("0001-01-01", "9999-12-31"), 3_652_058);
    }
}
