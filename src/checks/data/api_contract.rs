//! Calls match the published MaintainX API.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::integration::IntegrationKind;
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};


pub static CHECK: Check = Check {
    id: "api-contract",
    title: "Calls match the published MaintainX API",
    area: Area::Data,
    priority: Priority::P1,
    reads: &[Store::Code, Store::Clients, Store::Contract],
    page: include_str!("api_contract.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    if facts.integration().kind != IntegrationKind::Maintainx {
        return Outcome::not_applicable("nothing here speaks with MaintainX");
    }
    let sites = facts.clients().sites.iter().filter(|site| site.is_maintainx);
    let mut seen = sites.map(|site| Evidence::at(site.span.clone(), format!("{}: nothing literal differs from the published API", site.title())));
    let Some(first) = seen.next() else {
        return Outcome::not_applicable("no production source calls the MaintainX API");
    };
    let contract = facts.contract();
    let agreeing = contract.agreeing.iter().map(|(span, call)| Evidence::at(span.clone(), format!("{call} is called as published")));
    let mut agreeing: Vec<Evidence> = agreeing.collect();
    agreeing.sort_by_key(|one| one.span().cloned());
    agreeing.dedup();
    if !contract.differences.is_empty() {
        let findings = contract.differences.iter().map(|one| Evidence::at(one.span.clone(), one.note.clone()));
        return Outcome::fail(findings).with_evidence(agreeing);
    }
    if agreeing.is_empty() {
        agreeing.push(first);
    }
    Outcome::pass(agreeing)
}
