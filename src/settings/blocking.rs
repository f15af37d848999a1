//! What keeps a repository from being ready, beside the priority.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What blocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Block {
    #[default]
    All,
    /// Only what a change makes worse against its base.
    New,
}

/// What becomes of a check that only a person can decide and nobody attested.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ManualPolicy {
    #[default]
    Report,
    /// It blocks as a failing of its priority would.
    Block,
}
