//! `/health` answers, and reports whether the API can be reached.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::health::{Answer, HealthRoute};
use crate::facts::shape::Shape;
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "health-endpoint",
    title: "A health route answers, and reports whether the API can be reached",
    area: Area::Observability,
    priority: Priority::P0,
    reads: &[Store::Code, Store::Clients, Store::Shapes, Store::Health],
    page: include_str!("health_endpoint.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    let routes = &facts.health().routes;
    let shapes = facts.shapes();
    if !shapes.has(Shape::Service) {
        return Outcome::not_applicable("nothing here runs as a service");
    }
    let asked: Vec<Evidence> = routes.iter().flat_map(asks).collect();
    if !asked.is_empty() {
        let advice = routes.iter().filter_map(|route| same(route, "says nothing of the API"));
        return Outcome::pass(asked).with_advice(advice);
    }
    let unknown: Vec<Evidence> = routes.iter().filter_map(unknown).collect();
    if !unknown.is_empty() {
        return Outcome::manual("the code that answers the health route was not found", unknown);
    }
    let findings: Vec<Evidence> = routes.iter().filter_map(|route| same(route, "answers the same whether the API can be reached or not")).collect();
    if !findings.is_empty() {
        return Outcome::fail(findings);
    }
    let looked_in = shapes.found.iter().filter_map(|(_, shown)| shown.span()).map(|span| span.path().to_owned());
    Outcome::fail([Evidence::absent(looked_in, "no health route")])
}

fn asks(route: &HealthRoute) -> Vec<Evidence> {
    let Answer::Api(span) = &route.answer else { return Vec::new() };
    vec![
        Evidence::at(route.span.clone(), format!("{} reports on the API", route.path)),
        Evidence::at(span.clone(), "the answer depends on it"),
    ]
}

fn unknown(route: &HealthRoute) -> Option<Evidence> {
    matches!(route.answer, Answer::Unknown).then(|| Evidence::at(route.span.clone(), format!("{} is answered elsewhere", route.path)))
}

fn same(route: &HealthRoute, note: &str) -> Option<Evidence> {
    matches!(route.answer, Answer::Other).then(|| Evidence::at(route.span.clone(), format!("{} {note}", route.path)))
}
