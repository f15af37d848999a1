//! The position of a sync survives a restart.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::sync::{Fate, Filter, Framework, Kept, Position, Run};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "sync-state",
    title: "The position of a sync survives a restart",
    area: Area::Data,
    priority: Priority::P0,
    reads: &[Store::Code, Store::Clients, Store::Schedules, Store::Sync],
    page: include_str!("sync_state.md"),
    judge,
};

/// What the runs come to.
#[derive(Default)]
struct Seen {
    shown: Vec<Evidence>,
    findings: Vec<Evidence>,
    unknown: Vec<Evidence>,
    advice: Vec<Evidence>,
}

fn judge(facts: &Facts) -> Outcome {
    let mut seen = Seen::default();
    for run in facts.sync().runs.iter().filter(|run| is_sync(run)) {
        if run.is_incremental() { positions(run, &mut seen) } else { complete(run, &mut seen) }
    }
    match (seen.findings.is_empty(), seen.unknown.is_empty(), seen.shown.is_empty()) {
        (false, ..) => Outcome::fail(seen.findings).with_evidence(seen.shown).with_advice(seen.advice),
        (true, false, _) => Outcome::manual("where a run goes on from cannot be told from the code", seen.unknown)
            .with_evidence(seen.shown)
            .with_advice(seen.advice),
        (true, true, false) => Outcome::pass(seen.shown).with_advice(seen.advice),
        (true, true, true) => Outcome::not_applicable("nothing copies remote data by a schedule or in a loop"),
    }
}

/// A run that copies what it reads, or that keeps a position.
fn is_sync(run: &Run) -> bool {
    let keeps = |position: &Position| !matches!(position.kept, Kept::Clock);
    !run.copied.writes.is_empty() || run.filters.iter().any(|filter| filter.positions.iter().any(keeps))
}

/// Each filter by which a run goes on.
fn positions(run: &Run, seen: &mut Seen) {
    let before = seen.shown.len() + seen.findings.len() + seen.unknown.len();
    run.filters.iter().for_each(|filter| filtered(filter, seen));
    if seen.shown.len() + seen.findings.len() + seen.unknown.len() > before {
        return;
    }
    let mut positions = run.filters.iter().flat_map(|filter| &filter.positions);
    if let Some(clock) = positions.find(|position| matches!(position.kept, Kept::Clock)) {
        let note = "each run goes back a fixed time from now: what an outage or a failed run leaves out is never read";
        return add(&mut seen.findings, Evidence::at(clock.span.clone(), note));
    }
    let first = run.filters.first().map(|filter| filter.span.clone());
    first.into_iter().for_each(|span| add(&mut seen.unknown, Evidence::at(span, "takes only what changed since a time that comes from elsewhere")));
}

/// What keeps the value of one filter. What lasts decides, then what does not.
fn filtered(filter: &Filter, seen: &mut Seen) {
    let lasts = |position: &&Position| matches!(position.kept, Kept::Lasting(_) | Kept::File(Fate::Kept(_) | Fate::OnHost));
    if let Some(lasting) = filter.positions.iter().find(lasts) {
        add(&mut seen.shown, Evidence::at(lasting.span.clone(), format!("the position is read from {}", place(&lasting.kept))));
        return lasting.writes.iter().take(1).for_each(|span| add(&mut seen.shown, Evidence::at(span.clone(), "and written back")));
    }
    for position in filter.positions.iter().filter(|position| !matches!(position.kept, Kept::Clock)) {
        let note = format!("the position is kept in {}", place(&position.kept));
        if matches!(position.kept, Kept::File(Fate::Unknown)) {
            add(&mut seen.unknown, Evidence::at(position.span.clone(), note));
            continue;
        }
        add(&mut seen.findings, Evidence::at(position.span.clone(), note));
        position.writes.iter().for_each(|span| add(&mut seen.findings, Evidence::at(span.clone(), format!("what is written here ends {}", end(&position.kept)))));
    }
}

/// Where a position is, in words.
fn place(kept: &Kept) -> String {
    match kept {
        Kept::Lasting(name) => (*name).to_owned(),
        Kept::File(Fate::Kept(_)) => "a file that outlives the process".to_owned(),
        Kept::File(Fate::OnHost) => "a file, and nothing says that it lies in a container".to_owned(),
        Kept::File(Fate::Lost(place)) => format!("a file in {place}"),
        Kept::File(Fate::Unknown) => "a file whose place is set elsewhere".to_owned(),
        Kept::Process(name) => format!("{name}, which ends with the process"),
        Kept::Cache(Framework::Rails) => "Rails.cache, which is in memory here".to_owned(),
        Kept::Cache(Framework::Django) => "Django's cache, which is in memory here".to_owned(),
        Kept::Cache(Framework::Laravel) => "Laravel's cache, which is in memory or in a file here".to_owned(),
        Kept::Held(name) => format!("{name}, in memory"),
        Kept::Clock => "the time of the run".to_owned(),
    }
}

/// When it ends.
fn end(kept: &Kept) -> &'static str {
    if matches!(kept, Kept::File(_)) { "with the instance" } else { "with the process" }
}

/// A run without a filter reads all: it has no position to lose where doing it again changes nothing.
fn complete(run: &Run, seen: &mut Seen) {
    let reads = run.reads.iter().take(3);
    let all = reads.map(|read| Evidence::at(read.span.clone(), format!("each run reads all: {}", read.title)));
    if let Some(write) = run.copied.blind() {
        all.for_each(|evidence| add(&mut seen.unknown, evidence));
        add(&mut seen.unknown, Evidence::at(write.span.clone(), format!("{}, and nothing shows that a second run does not add it again", write.what)));
        return;
    }
    all.for_each(|evidence| add(&mut seen.shown, evidence));
    let repeatable = run.copied.writes.iter().filter(|write| write.is_repeatable).take(3);
    repeatable.for_each(|write| add(&mut seen.shown, Evidence::at(write.span.clone(), format!("{}: a second run changes nothing", write.what))));
}

fn add(list: &mut Vec<Evidence>, evidence: Evidence) {
    if !list.contains(&evidence) {
        list.push(evidence);
    }
}
