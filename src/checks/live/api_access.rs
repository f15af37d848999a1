//! The key opens the API, is of the configured organization, and is not old.

use crate::check::{Area, Check};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};
use crate::transcript::{KeyFacts, Step};

pub static CHECK: Check = Check {
    id: "api-access",
    title: "The key opens the API",
    area: Area::Live,
    priority: Priority::P0,
    reads: &[Store::Live],
    page: include_str!("api_access.md"),
    judge,
};

/// A key is to be replaced at this age, and that takes planning.
const OLDEST: i64 = 90;
/// From this age on it is told.
const WARN_FROM: i64 = 75;

fn told(key: &KeyFacts) -> String {
    let age = key.age_days.map(|days| format!("; the key is {days} days old")).unwrap_or_default();
    let organization = key.organization.map(|id| format!(", of organization {id}")).unwrap_or_default();
    format!("200 with users{age}{organization}")
}

/// What is odd about a key that works.
fn doubts(key: &KeyFacts) -> Option<String> {
    match key.age_days {
        Some(days) if days > OLDEST => Some(format!("the key is {days} days old: beyond {OLDEST}")),
        Some(days) if days >= WARN_FROM => Some(format!("the key is {days} days old: {OLDEST} are reached in {}", OLDEST - days)),
        Some(days) if days < 0 => Some("the key says that it was made in the future".to_owned()),
        None if !key.recognised => Some("the key has not the form of a MaintainX key, so its age is not known".to_owned()),
        None => Some("the key does not say when it was made".to_owned()),
        _ => None,
    }
}

fn judge(facts: &Facts) -> Outcome {
    let live = facts.live();
    let said = match live.answer(CHECK.id, Step::ApiAccess) {
        Ok(said) => said,
        Err(unasked) => return unasked.outcome(),
    };
    let has_users = said.exchange.seen.get("users").is_some_and(|users| users == "array");
    if said.exchange.status != Some(200) || !has_users {
        return match said.inconclusive() {
            Some(reason) => Outcome::error(reason).with_evidence([said.evidence(said.meaning())]),
            None => Outcome::fail([said.evidence(said.meaning())]),
        };
    }
    let transcript = live.transcript();
    let key = transcript.and_then(|transcript| transcript.key.clone()).unwrap_or_default();
    let configured = transcript.and_then(|transcript| transcript.organization);
    if let (Some(configured), Some(own)) = (configured, key.organization)
        && configured != own
    {
        let note = format!("the key is of organization {own}, and {configured} is configured");
        return Outcome::fail(live.line_of("key", note)).with_evidence([said.evidence("200 with users")]);
    }
    let advice = doubts(&key).and_then(|doubt| live.line_of("key", doubt));
    Outcome::pass([said.evidence(told(&key))]).with_advice(advice)
}
