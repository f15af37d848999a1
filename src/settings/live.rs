//! What a project decides about its live runs. The host that gets the key is not among it: only whoever starts a run
//! names that, by a flag or an input.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The live run: what is probed after a deploy.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Live {
    /// The health URL of the service. On a pull request the one of the base branch counts.
    pub service_url: Option<String>,
    /// The metrics URL of the service. On a pull request the one of the base branch counts.
    pub metrics_url: Option<String>,
    /// The organization, for a key that belongs to several.
    pub organization: Option<u64>,
    /// Counters of API calls that have to be among the metrics and to move.
    pub counters: Vec<String>,
    /// How long a roll-out may take, such as 5m. Default: no wait.
    pub wait: Option<String>,
    /// What becomes of a run during an outage that the vendor admits. Default: fail.
    pub on_outage: OnOutage,
    /// Services on private, loopback and link-local addresses may be probed. Default: false.
    pub allow_private: bool,
}

/// What becomes of a run during an outage that the vendor admits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum OnOutage {
    /// Nothing was shown, so the run does not succeed.
    #[default]
    Fail,
    /// It is not this deploy's fault, so the run does.
    Pass,
}
