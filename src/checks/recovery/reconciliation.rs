//! Drift between both sides is found at least daily.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::code::Function;
use crate::facts::sync::{Keeper, Run, touch};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "reconciliation",
    title: "Drift between both sides is found at least daily",
    area: Area::Recovery,
    priority: Priority::P2,
    reads: &[Store::Code, Store::Clients, Store::Schedules, Store::Sync],
    page: include_str!("reconciliation.md"),
    judge,
};

/// The longest time between two runs, in seconds, with a breath for floating-point numbers.
const DAY: f64 = 86_400.0 + 1.0;
/// How names of jobs begin or go on that compare both sides, without case and underscores.
const NAMES: [&str; 12] = [
    "reconcil", "finddrift", "detectdrift", "checkdrift", "driftcheck", "fullsync", "fullresync", "resyncall", "syncall", "verifysync", "comparesides", "repairdrift",
];

/// What was seen of jobs that compare or copy everything.
#[derive(Default)]
struct Seen {
    shown: Vec<Evidence>,
    rare: Vec<Evidence>,
    unknown: Vec<Evidence>,
    near: Vec<Evidence>,
}

fn judge(facts: &Facts) -> Outcome {
    let Some(synced) = facts.sync().synced() else {
        return Outcome::not_applicable("no data is synced");
    };
    let mut seen = Seen::default();
    let mut scheduled: Vec<Function<'_>> = Vec::new();
    for schedule in facts.schedules().all.iter().filter(|schedule| !schedule.is_whole) {
        let run = facts.sync().runs.iter().find(|run| run.span == schedule.span);
        let reach = schedule.reach(facts.code());
        let named = reach.iter().filter_map(|node| node.as_function()).find(|function| is_named(function) && works(facts, *function));
        scheduled.extend(reach.iter().filter_map(|node| node.as_function()));
        let is_full = run.is_some_and(copies_all);
        let is_window = run.is_some_and(Run::is_incremental);
        match named.filter(|_| !is_window) {
            Some(function) => sorted(&mut seen, schedule.every, Evidence::at(schedule.span.clone(), format!("runs {}", function.known_as()))),
            None if is_full => sorted(&mut seen, schedule.every, Evidence::at(schedule.span.clone(), "reads everything and brings the other side in line")),
            None if run.is_some() => seen.near.push(Evidence::at(schedule.span.clone(), "takes only what changed, and does not see what was missed")),
            None => {}
        }
    }
    for run in facts.sync().runs.iter().filter(|run| copies_all(run)) {
        if !facts.schedules().all.iter().any(|schedule| schedule.span == run.span && !schedule.is_whole) {
            sorted(&mut seen, run.every, Evidence::at(run.span.clone(), "reads everything and brings the other side in line"));
        }
    }
    let idle = facts.code().functions().filter(|function| is_named(function) && works(facts, *function) && !scheduled.contains(function));
    seen.near.extend(idle.take(3).map(|function| Evidence::at(function.node.span(), format!("{} is run by no schedule", function.known_as()))));
    concluded(seen, Evidence::at(synced.clone(), "data is synced here, and no schedule compares both sides"))
}

fn concluded(seen: Seen, missing: Evidence) -> Outcome {
    match (seen.shown.is_empty(), seen.unknown.is_empty(), seen.rare.is_empty()) {
        (false, ..) => Outcome::pass(seen.shown).with_advice(seen.near),
        (true, false, _) => Outcome::manual("how often both sides are compared is set elsewhere", seen.unknown).with_advice(seen.near),
        (true, true, false) => Outcome::fail(seen.rare).with_advice(seen.near),
        (true, true, true) => Outcome::fail([missing]).with_advice(seen.near),
    }
}

fn sorted(seen: &mut Seen, every: Option<f64>, evidence: Evidence) {
    match every {
        Some(every) if every <= DAY => seen.shown.push(evidence),
        Some(every) => seen.rare.push(Evidence { note: format!("{}, every {} days only", evidence.note, (every / 86_400.0).round()), ..evidence }),
        None => seen.unknown.push(evidence),
    }
}

/// A run that reads collections as a whole and writes them elsewhere so that doing it twice changes nothing.
fn copies_all(run: &Run) -> bool {
    !run.is_incremental() && run.reads.iter().any(|read| read.is_list) && !run.copied.writes.is_empty() && run.copied.blind().is_none()
}

fn is_named(function: &Function<'_>) -> bool {
    let name: String = function.known_as().chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    NAMES.iter().any(|word| name.contains(word))
}

/// Whether it comes to a store or to the API, and is no empty stub.
fn works(facts: &Facts, function: Function<'_>) -> bool {
    let code = facts.code();
    let reached = code.reached_from(function.node).into_iter().map(|inner| inner.node);
    let nodes: Vec<_> = std::iter::once(function.node).chain(reached).collect();
    let sites = facts.clients().sites.iter().chain(&facts.clients().others);
    let asks = sites.filter_map(|site| site.call(code)).any(|call| nodes.iter().any(|node| node.contains(call.node)));
    let is_store = |keeper: Keeper| matches!(keeper, Keeper::Lasting(_) | Keeper::File);
    asks || nodes.iter().flat_map(|node| node.walk()).filter_map(|node| node.as_call()).any(|call| touch(code, call).is_some_and(|touch| is_store(touch.keeper)))
}
