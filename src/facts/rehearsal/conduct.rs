//! What a piece of code does when the server answers with an error, seen over several rehearsals of it.

use super::machine::{Known, MANY, Machine, Seen, World};
use crate::evidence::Span;
use crate::facts::clients::Site;
use crate::facts::code::{Code, Declared, Definition, Kind, Node, NodeKey};
use std::cell::Cell;
use std::collections::HashMap;

/// As many unknown conditions are turned round, one at a time.
const MAX_FLIPS: usize = 6;
/// What the header says in the rehearsals that have one, in seconds: no delay that anybody writes down.
const TOLD: f64 = 17.0;
/// Each delay is so many times the one before it where they grow exponentially.
const FACTOR: f64 = 1.5;

/// How the delays between attempts go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    Exponential,
    Linear,
    Fixed,
    /// It does not wait.
    Nothing,
    Unknown,
}

/// What follows an answer with an error.
#[derive(Debug, Clone)]
pub struct Reaction {
    pub repeats: bool,
    pub is_capped: bool,
    pub growth: Growth,
    /// The first delays, in seconds.
    pub delays: Vec<f64>,
    /// A header of the answer decides the delay.
    pub is_told: bool,
    pub wait: Wait,
    /// Where headers that say how long to wait are read, and what is made of them.
    pub headers: Vec<Span>,
    /// It hangs on something in the answer that nobody knows here.
    pub is_sure: bool,
    /// Where the delay is worked out, and where it is waited for.
    pub delay: Vec<Span>,
    /// Where the status is looked at.
    pub tests: Vec<Span>,
    /// The loop or function that repeats.
    pub around: Option<Span>,
    /// The library that repeats, where it is set up.
    pub retriers: Vec<(Span, String)>,
}

/// What becomes of the wait that the server asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    Kept,
    /// Its seconds are waited for as milliseconds.
    Milliseconds,
    /// Its milliseconds are taken for seconds, or the like: far longer.
    TooLong,
    /// The seconds that are left are taken for a point in time.
    Epoch,
    /// It is read, and something else decides.
    Ignored,
    /// No header is read.
    Unread,
}

/// What a function, or a file, does about a request.
#[derive(Debug, Clone)]
pub struct Conduct {
    pub rate_limited: Reaction,
    /// By the status of the answer.
    pub failing: Vec<(u16, Reaction)>,
}

impl Conduct {
    /// What it does at the first server error that it repeats after, or else at any.
    pub fn at_failure(&self) -> &Reaction {
        let repeating = self.failing.iter().map(|(_, reaction)| reaction);
        repeating
            .clone()
            .find(|reaction| reaction.repeats)
            .or(repeating.into_iter().next())
            .unwrap_or(&self.rate_limited)
    }

    pub fn repeats(&self) -> bool {
        self.rate_limited.repeats || self.at_failure().repeats
    }
}

/// What rehearsals are made of.
pub(super) struct Stage<'a> {
    pub code: &'a Code,
    pub site: &'a Site,
    pub sites: &'a HashMap<NodeKey, &'a Site>,
    pub known: Known<'a>,
    /// Steps that are left for the rehearsals of this request.
    pub left: Cell<usize>,
}

impl<'a> Stage<'a> {
    pub fn conduct(&self, start: Node<'a>) -> Option<Conduct> {
        let failing = self.reaction(start, 503.0);
        let rate_limited = self.reaction(start, 429.0);
        let (failing, rate_limited) = (failing?, rate_limited?);
        let mut all = vec![(503, failing)];
        if all[0].1.repeats || rate_limited.repeats {
            for status in [500, 502, 504] {
                all.extend(self.reaction(start, f64::from(status)).map(|reaction| (status, reaction)));
            }
        }
        Some(Conduct { rate_limited, failing: all })
    }

    /// None where the request is never sent.
    fn reaction(&self, start: Node<'a>, status: f64) -> Option<Reaction> {
        let world = World { status, ..World::default() };
        let (seen, flipped) = self.best(start, &world);
        if seen.attempts.is_empty() {
            return None;
        }
        let repeats = seen.attempts.len() > 1;
        let is_capped = seen.attempts.len() < MANY;
        let mut growth = Growth::Unknown;
        let (natural, is_known) = delays(&seen);
        if repeats {
            let stretched = World { is_stretched: true, flipped, ..world.clone() };
            let (long, is_known_long) = delays(&self.run(start, &stretched));
            growth = match (is_known_long && long.len() >= 4, is_known) {
                (true, _) => growth_of(&long),
                (false, true) => growth_of(&natural),
                (false, false) => Growth::Unknown,
            };
        }
        let (wait, headers) = self.wait(start, &world, flipped);
        let sleeps = seen.sleeps.iter().copied();
        let mut delay: Vec<Span> = sleeps.clone().flat_map(|sleep| self.formula(sleep)).collect();
        delay.dedup();
        Some(Reaction {
            repeats,
            is_capped,
            growth,
            delays: natural.into_iter().take(6).collect(),
            is_told: wait == Wait::Kept,
            wait,
            headers,
            is_sure: flipped.is_none() || !seen.hangs_on_answer,
            delay,
            tests: seen.tests.iter().map(|test| test.span()).collect(),
            around: self.around(start, &seen),
            retriers: seen.retriers.clone(),
        })
    }

    pub fn run(&self, start: Node<'a>, world: &World) -> Seen<'a> {
        if self.left.get() == 0 {
            return Seen::default();
        }
        let mut machine = Machine::new(self, world);
        let _ = machine.start(start);
        self.left.set(self.left.get().saturating_sub(machine.steps));
        machine.seen
    }

    /// The rehearsal that repeats the request, as it is or with one unknown condition turned round.
    fn best(&self, start: Node<'a>, world: &World) -> (Seen<'a>, Option<NodeKey>) {
        let first = self.run(start, world);
        if first.attempts.len() > 1 {
            return (first, None);
        }
        let mut best: Option<(Seen<'a>, Option<NodeKey>)> = None;
        for key in first.unknown.iter().take(MAX_FLIPS) {
            let world = World { flipped: Some(*key), ..world.clone() };
            let seen = self.run(start, &world);
            if seen.attempts.len() > 1 {
                return (seen, Some(*key));
            }
            if best.is_none() && first.attempts.is_empty() && !seen.attempts.is_empty() {
                best = Some((seen, Some(*key)));
            }
        }
        best.unwrap_or((first, None))
    }

    /// What becomes of the wait that a header asks for, and where headers are read.
    fn wait(&self, start: Node<'a>, world: &World, flipped: Option<NodeKey>) -> (Wait, Vec<Span>) {
        let (told, epoch) = (format!("{TOLD}"), format!("{}", super::machine::START + TOLD));
        let mut worlds = vec![("retry-after", told.clone()), ("x-rate-limit-reset", told)];
        worlds.extend((!self.site.is_maintainx).then(|| ("x-rate-limit-reset", epoch.clone())));
        let (mut headers, mut found) = (Vec::new(), Wait::Unread);
        for header in worlds {
            let world = World { headers: vec![header], flipped, ..world.clone() };
            let (first, seen) = self.first_delay(start, &world);
            for (_, node) in &seen.headers {
                headers.extend(self.uses_of_header(*node));
            }
            headers.extend(seen.retriers.iter().map(|(span, _)| span.clone()).filter(|_| seen.headers.is_empty()));
            if first.is_some_and(|first| (TOLD - 0.5..=TOLD * 1.5).contains(&first)) {
                headers.extend(seen.sleeps.iter().map(|sleep| sleep.span()));
                return (Wait::Kept, deduped(headers));
            }
            if seen.headers.is_empty() {
                continue;
            }
            found = match first {
                Some(first) if (TOLD * 0.9e-3..=TOLD * 1.1e-3).contains(&first) => Wait::Milliseconds,
                Some(first) if first > TOLD * 500.0 => Wait::TooLong,
                _ if found == Wait::Unread => Wait::Ignored,
                _ => found,
            };
        }
        if found == Wait::Ignored {
            let world = World { headers: vec![("x-rate-limit-reset", epoch)], flipped, ..world.clone() };
            let (first, _) = self.first_delay(start, &world);
            if first.is_some_and(|first| (TOLD - 1.5..=TOLD * 1.5).contains(&first)) {
                found = Wait::Epoch;
            }
        }
        (found, deduped(headers))
    }

    /// How long after the first attempt the next one goes out, in the same call or in the one after it.
    fn first_delay(&self, start: Node<'a>, world: &World) -> (Option<f64>, Seen<'a>) {
        if self.left.get() == 0 {
            return (None, Seen::default());
        }
        let mut machine = Machine::new(self, world);
        for _ in 0..2 {
            let _ = machine.start(start);
            if machine.seen.attempts.len() > 1 {
                break;
            }
        }
        self.left.set(self.left.get().saturating_sub(machine.steps));
        let seen = machine.seen;
        (delays(&seen).0.first().copied(), seen)
    }

    /// The place where a header is read, and the lines that use it under a name.
    fn uses_of_header(&self, node: Node<'a>) -> Vec<Span> {
        let mut spans = vec![node.span()];
        let declared = node.ancestors().take(8).find_map(Node::as_let).map(|declared| declared.target.leaf());
        let name = declared.filter(|name| !name.is_empty());
        let function = node.enclosing_function().filter(|_| name.is_some());
        let uses = function.into_iter().flat_map(|function| function.node.walk());
        spans.extend(uses.filter(|inner| inner.as_name() == name).map(Node::span));
        spans
    }

    /// Where a delay is worked out, and where it is waited for.
    fn formula(&self, sleep: Node<'a>) -> Vec<Span> {
        let mut spans = Vec::new();
        if let Some(call) = sleep.as_call() {
            for argument in call.arguments.iter().filter(|argument| argument.as_function().is_none()) {
                self.origin_of(argument, 0, &mut spans);
            }
        }
        spans.push(sleep.span());
        spans
    }

    fn origin_of(&self, node: Node<'a>, depth: usize, spans: &mut Vec<Span>) {
        let names = node.walk().filter_map(|inner| inner.as_name().map(|name| (inner, name)));
        for (inner, name) in names.take(6).collect::<Vec<_>>() {
            for definition in self.code.define(inner, name) {
                match definition {
                    Definition::Declared(Declared::Variable(leaf)) if leaf.enclosing_function().is_some() => {
                        spans.push(leaf.span());
                        let writes = leaf.enclosing_function().into_iter().flat_map(|function| function.node.walk());
                        spans.extend(writes.filter(|write| is_write(*write, name)).map(Node::span));
                    }
                    Definition::Declared(Declared::Parameter(parameter, _)) if depth < 3 => {
                        let Some(function) = parameter.node.enclosing_function() else { continue };
                        for handed in self.code.arguments_for(function, parameter).into_iter().take(4) {
                            spans.push(handed.span());
                            self.origin_of(handed, depth + 1, spans);
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    fn around(&self, start: Node<'a>, seen: &Seen<'a>) -> Option<Span> {
        let is_loop = |node: &Node<'a>| matches!(node.kind(), Kind::Loop(_));
        let mut near = seen.sleeps.iter().copied().chain(self.site.call(self.code).map(|call| call.node));
        let own = near.find_map(|node| node.ancestors().find(is_loop));
        let in_function = || {
            let tests = seen.tests.iter().find_map(|test| test.ancestors().find(is_loop));
            tests.or_else(|| start.walk().find(is_loop))
        };
        own.or_else(in_function).map(|found| found.span())
    }
}

fn deduped(mut spans: Vec<Span>) -> Vec<Span> {
    let mut lines = Vec::new();
    spans.retain(|span| {
        let line = (span.path().to_owned(), span.line());
        let is_new = !lines.contains(&line);
        lines.push(line);
        is_new
    });
    spans
}

fn is_write(node: Node<'_>, name: &str) -> bool {
    matches!(node.kind(), Kind::Assign { target, .. } if target.as_name() == Some(name))
}

/// The delays between attempts, and whether all of them are known.
fn delays(seen: &Seen<'_>) -> (Vec<f64>, bool) {
    let pairs = seen.attempts.windows(2);
    let delays = pairs.map(|pair| pair[1].at - pair[0].at).collect();
    (delays, !seen.attempts.iter().skip(1).any(|attempt| attempt.is_unsure))
}

/// How delays go on: by a factor each time until a ceiling, by a step, or not at all.
fn growth_of(delays: &[f64]) -> Growth {
    let longest = delays.iter().copied().fold(0.0, f64::max);
    if longest < 1e-3 {
        return Growth::Nothing;
    }
    let start = delays.iter().position(|delay| *delay > longest / 1e6).unwrap_or(0);
    let delays = delays.get(start..).unwrap_or_default();
    let near = |a: f64, b: f64| (a - b).abs() <= 0.02 * longest.max(1e-9).min(a.abs().max(b.abs()).max(1e-9) * 5.0);
    // What follows the ceiling says nothing.
    let ceiling = delays.windows(2).position(|pair| near(pair[0], pair[1])).unwrap_or(delays.len());
    let rising = delays.get(..(ceiling + 1).min(delays.len())).unwrap_or_default();
    if rising.len() < 2 {
        // A single delay is neither.
        return Growth::Fixed;
    }
    let steps: Vec<f64> = rising.windows(2).map(|pair| pair[1] - pair[0]).collect();
    if steps.iter().any(|step| *step < 0.0) {
        return Growth::Fixed;
    }
    let is_even = steps.len() >= 2 && steps.windows(2).take(3).all(|pair| near(pair[0], pair[1]));
    if is_even {
        return Growth::Linear;
    }
    // The last step may be cut short by the ceiling.
    let last = if ceiling < delays.len() { rising.len().saturating_sub(2) } else { rising.len() };
    let ratios = rising.windows(2).take(last.max(1)).map(|pair| pair[1] / pair[0]);
    if ratios.into_iter().all(|ratio| ratio >= FACTOR - 0.05) { Growth::Exponential } else { Growth::Linear }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_told_from_the_delays() {
        assert_eq!(growth_of(&[1.0, 2.0, 4.0, 8.0, 16.0]), Growth::Exponential);
        assert_eq!(growth_of(&[1.0, 2.0, 3.0, 4.0, 5.0]), Growth::Linear);
        assert_eq!(growth_of(&[1.0, 2.0, 4.0, 5.0, 5.0, 5.0]), Growth::Exponential);
        assert_eq!(growth_of(&[1.0, 1.0, 1.0]), Growth::Fixed);
        assert_eq!(growth_of(&[0.0, 0.0]), Growth::Nothing);
        assert_eq!(growth_of(&[0.0, 1.0, 2.0, 4.0]), Growth::Exponential);
        assert_eq!(growth_of(&[0.5]), Growth::Fixed);
    }
}
