//! Holds a verdict against that on the base, judged in the same run under the same settings.

use super::policy::{Policy, Surroundings};
use super::today;
use crate::facts::sieve::Wanted;
use crate::gather::tree_of;
use crate::settings::Block;
use crate::verdict::Verdict;
use std::path::Path;

/// The verdict with its trend. Where the base cannot be judged, everything counts as new, and the report says so.
pub fn held(mut verdict: Verdict, root: &Path, policy: &Policy, around: Surroundings, block: Block) -> Verdict {
    let of_event = around.event.and_then(|event| event.base.as_ref()?.commit.clone());
    let base = policy.proposed.as_ref().map(|proposed| proposed.base_commit().to_owned()).or(of_event);
    let Some(base) = base else {
        if block == Block::New {
            verdict.limits.push("there is no change to hold the findings against, so all of them count".to_owned());
        }
        return verdict;
    };
    match tree_of::gather(root, &base, &Wanted::new(jiff::Timestamp::now().as_second())) {
        Ok(Some(tree)) => {
            let before = crate::judge(&tree, &policy.settings, today());
            verdict.against(&before, block)
        }
        Ok(None) if block == Block::New => {
            let told = "the base is not in the checkout (fetch-depth: 2 or 0), so every finding counts as new";
            verdict.limits.push(told.to_owned());
            verdict
        }
        Ok(None) => verdict,
        Err(reason) => {
            verdict.limits.push(format!("the base cannot be judged, so every finding counts as new: {reason}"));
            verdict
        }
    }
}
