//! The service scales with its load, and never to zero where webhooks arrive.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::deployment::{Life, Scaling, Workload, built_container, runs_container};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "autoscaling",
    title: "It scales, and never to zero where webhooks arrive",
    area: Area::Deployment,
    priority: Priority::P1,
    reads: &[Store::Deployment, Store::Webhooks],
    page: include_str!("autoscaling.md"),
    judge,
};

/// What the scaling of one workload comes to.
enum Verdict {
    Scales(Evidence),
    Falls(Evidence),
    Fixed(Evidence),
    Hidden(Evidence),
}

fn judge(facts: &Facts) -> Outcome {
    let Some(built) = built_container(facts) else {
        return Outcome::not_applicable("no container is built for production");
    };
    let production: Vec<&Workload> = facts.deployment().production().filter(|it| runs_container(it)).collect();
    if production.is_empty() {
        let seen = Evidence::at(built, "builds the container");
        return Outcome::manual("no manifest in the repository says how many copies run", [seen]);
    }
    let services: Vec<&Workload> = production.into_iter().filter(|it| it.life == Life::Service).collect();
    if services.is_empty() {
        return Outcome::not_applicable("only jobs run, which nothing scales");
    }
    let has_webhook = !facts.webhooks().receivers.is_empty();
    let (mut scales, mut falls, mut fixed, mut hidden) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for service in &services {
        // What nothing sends requests to may rest, as long as something else receives the webhooks.
        let receives = has_webhook && (service.listens || services.iter().all(|other| !other.listens));
        match verdict(service, receives) {
            Verdict::Scales(seen) => scales.push(seen),
            Verdict::Falls(seen) => falls.push(seen),
            Verdict::Fixed(seen) => fixed.push(seen),
            Verdict::Hidden(seen) => hidden.push(seen),
        }
    }
    let strays = facts.deployment().stray_scalers.iter().map(|stray| {
        Evidence::at(stray.span.clone(), format!("scales {}, which no manifest deploys", stray.target))
    });
    match (falls.is_empty(), scales.is_empty(), hidden.is_empty()) {
        (false, ..) => Outcome::fail(falls).with_evidence(scales).with_advice(strays),
        (true, false, _) => Outcome::pass(scales).with_advice(fixed).with_advice(strays),
        (true, true, false) => Outcome::manual("only rendering the template shows how it scales", hidden),
        (true, true, true) => Outcome::fail(fixed).with_advice(strays),
    }
}

fn verdict(service: &Workload, receives_webhooks: bool) -> Verdict {
    let name = service.title();
    match &service.scaling {
        Scaling::Automatic { minimum: Some(low), maximum: Some(high), span } if high <= low && *high > 0 => {
            Verdict::Fixed(Evidence::at(span.clone(), format!("{name} has {low} as its lowest and {high} as its highest number of copies")))
        }
        Scaling::Automatic { minimum: Some(0), span, .. } if receives_webhooks => {
            Verdict::Falls(Evidence::at(span.clone(), format!("{name} scales to zero, and webhooks arrive here")))
        }
        Scaling::Automatic { minimum: Some(low), span, .. } => {
            Verdict::Scales(Evidence::at(span.clone(), format!("{name} scales with {low} as its lowest number of copies")))
        }
        Scaling::Automatic { minimum: None, span, .. } | Scaling::Unknown(span) => {
            Verdict::Hidden(Evidence::at(span.clone(), format!("how {name} scales shows only when it is rendered")))
        }
        Scaling::Fixed { copies, span } => {
            let number = copies.map_or(String::from("a fixed number of copies"), |copies| match copies {
                1 => String::from("one copy"),
                _ => format!("{copies} copies"),
            });
            Verdict::Fixed(Evidence::at(span.clone(), format!("{name} runs as {number}, whatever the load")))
        }
        Scaling::Inherent => Verdict::Scales(Evidence::at(service.span.clone(), format!("the platform scales {name} by itself"))),
    }
}
