//! What a change proposes about its own gate, beside the verdict that its base branch gives it.

use super::{Decision, Verdict};
use crate::proposal::Change;
use schemars::JsonSchema;
use serde::Serialize;

/// What the change would alter about the gate. None of it counts before the merge.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Proposal {
    /// The commit of the base branch, whose settings count.
    pub base: String,
    pub changes: Vec<Change>,
    /// What the verdict would be under the proposed settings, where they are others.
    pub under_it: Option<UnderIt>,
    /// Why no settings could be read after the merge.
    pub mistakes: Vec<String>,
    /// Who has to approve a change of the settings, as the base branch says.
    pub owners: Vec<String>,
}

/// The verdict under the proposed settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnderIt {
    pub verdict: Decision,
    /// The checks that would block.
    pub blocking: Vec<&'static str>,
}

impl UnderIt {
    pub fn of(verdict: &Verdict) -> Self {
        let blocking = verdict.rows.iter().filter(|row| row.blocks).map(|row| row.check).collect();
        Self { verdict: verdict.verdict, blocking }
    }
}
