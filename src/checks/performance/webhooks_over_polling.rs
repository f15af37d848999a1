//! Changes arrive by webhook.

use crate::check::{Area, Check};
use crate::evidence::{Evidence, Span};
use crate::facts::sync::Run;
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};
use crate::settings::IntegrationKind;

pub static CHECK: Check = Check {
    id: "webhooks-over-polling",
    title: "Changes arrive by webhook",
    area: Area::Performance,
    priority: Priority::P1,
    reads: &[Store::Code, Store::Clients, Store::Schedules, Store::Sync, Store::Webhooks],
    page: include_str!("webhooks_over_polling.md"),
    judge,
};

/// More often than this is polling, in seconds.
const QUARTER: f64 = 900.0;
/// Less often than this is a batch, not a reaction.
const BATCH: f64 = 4.0 * 3_600.0;

fn judge(facts: &Facts) -> Outcome {
    let is_maintainx = facts.integration().kind == IntegrationKind::Maintainx;
    let receivers: Vec<Evidence> = receivers(facts, is_maintainx);
    let polls: Vec<&Run> = facts.sync().runs.iter().filter(|run| polls(run, is_maintainx)).collect();
    let seen: Vec<Evidence> = polls.iter().map(|run| told(run)).collect();
    if !receivers.is_empty() {
        return Outcome::pass(receivers).with_advice(seen);
    }
    let (often, seldom): (Vec<&Run>, Vec<&Run>) = polls.into_iter().partition(|run| run.every.is_none_or(|every| every <= QUARTER));
    if !often.is_empty() {
        return Outcome::fail(often.into_iter().flat_map(findings)).with_advice(seldom.into_iter().map(told));
    }
    let reacts: Vec<&Run> = seldom.into_iter().filter(|run| run.every.is_some_and(|every| every < BATCH)).collect();
    if reacts.is_empty() {
        return Outcome::not_applicable("nothing here reacts to changes: what is read is read on request or in a batch");
    }
    let advice = reacts.iter().map(|run| Evidence::at(run.span.clone(), "a webhook would tell at once what this asks for"));
    Outcome::pass(reacts.iter().map(|run| told(run))).with_advice(advice.collect::<Vec<_>>())
}

/// Where events of the remote system arrive, or are subscribed to.
fn receivers(facts: &Facts, is_maintainx: bool) -> Vec<Evidence> {
    // What MaintainX sends comes to a handler of its own, unless it cannot be told who sends.
    let is_other = |span: &Span| is_maintainx && facts.webhooks().handlers.iter().any(|handler| handler.span == *span && !handler.is_maintainx);
    let receivers = facts.webhooks().receivers.iter().filter(|receiver| !is_other(&receiver.span));
    let mut found: Vec<Evidence> =
        receivers.map(|receiver| Evidence::at(receiver.span.clone(), format!("receives events at {}", receiver.name))).collect();
    let sites = facts.clients().sites.iter().filter(|site| site.method.as_deref() == Some("POST"));
    let subscribes = sites.filter(|site| site.path().is_some_and(|path| path.to_ascii_lowercase().trim_end_matches('/').ends_with("/subscriptions")));
    for site in subscribes {
        let evidence = Evidence::at(site.span.clone(), "subscribes to events");
        if !found.contains(&evidence) {
            found.push(evidence);
        }
    }
    found
}

/// A run that asks again and again for what has changed, and does something with it.
fn polls(run: &Run, is_maintainx: bool) -> bool {
    let reads = run.reads.iter().any(|read| !is_maintainx || read.is_maintainx);
    reads && (run.is_incremental() || run.acts || !run.copied.writes.is_empty())
}

fn told(run: &Run) -> Evidence {
    let every = run.every.map_or("again and again".to_owned(), |every| format!("every {}", words(every)));
    Evidence::at(run.span.clone(), format!("polls {every}"))
}

/// The schedule, and what it asks for.
fn findings(run: &Run) -> Vec<Evidence> {
    let reads = run.reads.iter().take(3).map(|read| Evidence::at(read.span.clone(), format!("{} is polled, and no webhook tells of changes", read.title)));
    std::iter::once(told(run)).chain(reads).collect()
}

fn words(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 120.0 => format!("{seconds} s"),
        seconds if seconds < 7_200.0 => format!("{} min", (seconds / 60.0).round()),
        seconds => format!("{} h", (seconds / 3_600.0).round()),
    }
}
