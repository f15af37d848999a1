//! What the code does when the API fails: each request is rehearsed against a server that answers with errors.
//!
//! No pattern over text tells a delay that doubles from one that only says so. So a small machine runs the code from
//! the function that sends a request outwards, on the common tree, on a clock of its own, and notes when the request
//! goes out again. It knows no side effects; what nobody can know without running the program is unknown.

mod between;
mod call;
mod client;
mod conduct;
mod conversion;
mod expression;
mod library;
mod machine;
mod member;
mod method;
mod names;
mod outage;
mod pieces;
mod policies;
mod reckoning;
mod registered;
mod retrier;
mod retriers;
mod rows;
mod statement;
mod status;
mod value;

pub use conduct::{Conduct, Growth, Reaction, Wait};
pub use outage::Outage;

use super::clients::Site;
use super::code::{Function, Node, NodeKey};
use super::{Facet, Facts};
use conduct::Stage;
use machine::Known;
use rayon::prelude::*;
use std::cell::Cell;
use std::collections::HashMap;

/// As many calls deep is looked for who repeats a request.
const MAX_DEPTH: usize = 6;
/// As many functions around one request are rehearsed.
const MAX_STARTS: usize = 24;
/// As many steps are run for one request in all.
const MAX_STEPS: usize = 100_000;

/// What is done about each request, on every way to it.
#[derive(Debug, Default)]
pub struct Rehearsals {
    /// In the order of the sites of the clients. Where several ways lead to a site, the worst of them.
    pub sites: Vec<Rehearsal>,
    /// What is left of each when the API is down, in the same order.
    pub outages: Vec<Outage>,
}

/// What was seen of one request.
#[derive(Debug, Clone)]
pub enum Rehearsal {
    Seen(Box<Conduct>),
    /// No way to it was found.
    Unseen,
    /// It stands in an interceptor, and sends again what others have sent.
    Resent,
}

impl Rehearsal {
    pub fn conduct(&self) -> Option<&Conduct> {
        if let Self::Seen(conduct) = self { Some(conduct) } else { None }
    }
}

impl Facet for Rehearsals {
    fn read(facts: &Facts) -> Self {
        let (code, clients) = (facts.code(), facts.clients());
        let all = clients.sites.iter().chain(&clients.others);
        let keyed: HashMap<NodeKey, &Site> = all.filter_map(|site| Some((site.call(code)?.node.key(), site))).collect();
        let sites: Option<(Vec<Rehearsal>, Vec<Outage>)> = super::code::read::on_large_stacks(|| {
            code.prepare();
            let one = |site| {
                let left = Cell::new(MAX_STEPS);
                let stage = Stage { code, site, sites: &keyed, known: Known::default(), left };
                let rehearsal = Rehearsing { stage: &stage, starts: Vec::new() }.rehearsal();
                stage.left.set(MAX_STEPS);
                (rehearsal, outage::of(&stage))
            };
            clients.sites.par_iter().map(one).unzip()
        });
        let (sites, outages) = sites.unwrap_or_default();
        Self { sites, outages }
    }
}

/// The search for who repeats a request.
struct Rehearsing<'a, 's> {
    stage: &'s Stage<'a>,
    /// The functions that were looked at.
    starts: Vec<Node<'a>>,
}

impl<'a> Rehearsing<'a, '_> {
    fn rehearsal(mut self) -> Rehearsal {
        let Some(call) = self.stage.site.call(self.stage.code) else { return Rehearsal::Unseen };
        if between::is_in_interceptor(self.stage.code, call.node) {
            return Rehearsal::Resent;
        }
        self.around(call.node, 0).map_or(Rehearsal::Unseen, |conduct| Rehearsal::Seen(Box::new(conduct)))
    }

    /// The best conduct of the functions around a node; outside of them, the worst of those that call them.
    fn around(&mut self, node: Node<'a>, depth: usize) -> Option<Conduct> {
        let stage = self.stage;
        let mut best: Option<Conduct> = None;
        for start in node.ancestors().filter(|outer| outer.as_function().is_some() || outer.parent().is_none()) {
            if self.starts.contains(&start) || self.starts.len() >= MAX_STARTS {
                continue;
            }
            self.starts.push(start);
            if let Some(conduct) = stage.conduct(start) {
                if merit(&conduct) == FULL {
                    return Some(conduct);
                }
                best = better(best, conduct);
            }
            let Some(function) = start.as_function() else { continue };
            let users = self.users(function);
            if !users.is_empty() && depth < MAX_DEPTH {
                let outer: Vec<Option<Conduct>> = users.into_iter().map(|user| self.around(user, depth + 1)).collect();
                // Every way has to be a good one; ways that circle back say nothing.
                let worst = outer.into_iter().flatten().min_by_key(merit);
                best = match worst {
                    Some(worst) => better(best, worst),
                    None => best,
                };
            }
            // What a named function is declared in does not run it.
            if !function.marks.is_lambda || !function.known_as().is_empty() {
                return best;
            }
        }
        best
    }

    fn users(&self, function: Function<'a>) -> Vec<Node<'a>> {
        let calls = self.stage.code.callers_of(function).into_iter().map(|call| call.node);
        let mut users: Vec<Node<'a>> = calls.chain(self.stage.code.uses_of(function)).collect();
        users.retain(|user| !function.node.contains(*user));
        users
    }
}

/// All that can be asked for.
const FULL: u32 = 8;

/// How much of what is asked for a conduct shows.
fn merit(conduct: &Conduct) -> u32 {
    let of = |reaction: &Reaction| {
        let is_growing =
            reaction.growth == Growth::Exponential || (reaction.is_told && reaction.growth != Growth::Nothing);
        u32::from(reaction.repeats)
            + u32::from(reaction.repeats && reaction.is_capped)
            + 2 * u32::from(reaction.repeats && is_growing && reaction.is_capped)
    };
    of(&conduct.rate_limited) + of(conduct.at_failure())
}

fn better(known: Option<Conduct>, other: Conduct) -> Option<Conduct> {
    match known {
        Some(known) if merit(&known) >= merit(&other) => Some(known),
        _ => Some(other),
    }
}

#[cfg(test)]
mod tests;
