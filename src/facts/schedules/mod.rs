//! What runs again and again: by a schedule in the code, by a loop that sleeps, or by a schedule of the platform.

mod by_code;
pub mod interval;
mod loops;
mod manifests;
mod statement;
mod targets;

use super::code::{Code, Node, NodeKey};
use super::{Facet, Facts};
use crate::evidence::Span;
use std::collections::HashSet;
use targets::Targets;

/// More schedules than this tell nothing new.
const MAX_SCHEDULES: usize = 400;

/// Something that runs again and again.
#[derive(Debug)]
pub struct Schedule {
    /// Where the time between two runs is written.
    pub span: Span,
    /// What makes it run, as a report says it.
    pub what: String,
    /// The longest time between two runs, in seconds; none where it is set elsewhere.
    pub every: Option<f64>,
    /// The code that it runs.
    targets: Vec<NodeKey>,
    /// What it runs could not be told, so that it may be any part of the program.
    pub is_whole: bool,
}

impl Schedule {
    /// The code that it runs itself.
    pub fn starts<'a>(&self, code: &'a Code) -> Vec<Node<'a>> {
        self.targets.iter().filter_map(|key| code.node(*key)).collect()
    }

    /// That code, and every function that it may come to.
    pub fn reach<'a>(&self, code: &'a Code) -> Vec<Node<'a>> {
        let mut seen = HashSet::new();
        let starts = self.starts(code);
        let inner = starts.iter().flat_map(|start| code.reached_from(*start)).map(|function| function.node);
        let all: Vec<Node<'a>> = starts.iter().copied().chain(inner).collect();
        all.into_iter().filter(|node| seen.insert(node.key())).collect()
    }
}

/// All of them.
#[derive(Debug, Default)]
pub struct Schedules {
    pub all: Vec<Schedule>,
}

impl Facet for Schedules {
    fn read(facts: &Facts) -> Self {
        let code = facts.code();
        let all = super::code::read::on_large_stacks(|| {
            code.prepare();
            let targets = Targets::of(facts, code);
            let mut all = by_code::read(code, &targets);
            all.extend(loops::read(code));
            all.extend(manifests::read(facts, code, &targets));
            all
        });
        let mut all = all.unwrap_or_default();
        all.sort_by(|a, b| a.span.cmp(&b.span));
        all.dedup_by(|a, b| a.span == b.span);
        all.truncate(MAX_SCHEDULES);
        Self { all }
    }
}

#[cfg(test)]
mod tests;
