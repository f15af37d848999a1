//! The orchestrator can tell when the service is ready.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::deployment::{Container, Life, Limit, Probe, ProbeKind, Reach, Workload, built_container, runs_container};
use crate::facts::dockerfile::StepKind;
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "readiness-endpoint",
    title: "A route or probe tells when the service is ready",
    area: Area::Observability,
    priority: Priority::P1,
    reads: &[Store::Deployment, Store::Dockerfiles],
    page: include_str!("readiness_endpoint.md"),
    judge,
};

/// What the probes come to.
#[derive(Default)]
struct Seen {
    shown: Vec<Evidence>,
    findings: Vec<Evidence>,
    hidden: Vec<Evidence>,
    near: Vec<Evidence>,
}

fn judge(facts: &Facts) -> Outcome {
    let Some(built) = built_container(facts) else {
        return Outcome::not_applicable("it is not deployed by containers or an orchestrator");
    };
    let production: Vec<&Workload> = facts.deployment().production().filter(|it| runs_container(it)).collect();
    let services: Vec<&Workload> = production.iter().copied().filter(|it| it.life == Life::Service).collect();
    let listens = facts.routes().exposed.is_some() || !facts.routes().all.is_empty();
    if services.is_empty() && !(production.is_empty() && listens) {
        return Outcome::not_applicable("what runs in a container listens to nothing: it runs and ends");
    }
    let mut seen = Seen::default();
    facts.deployment().balancers.iter().for_each(|probe| asked(facts, probe, &mut seen));
    // A load balancer asks for the services behind it; and beside services that requests are sent to, one that nothing
    // is sent to needs no probe.
    let is_asked = !seen.shown.is_empty();
    let any_listens = services.iter().any(|service| service.listens);
    for service in &services {
        containers(facts, service, !is_asked && (service.listens || !any_listens), &mut seen);
    }
    seen.near.extend(image_checks(facts));
    let routes = facts.routes().readiness();
    let routes: Vec<Evidence> =
        routes.map(|route| Evidence::at(route.span.clone(), format!("serves {}", route.path))).collect();
    let is_served = !routes.is_empty();
    seen.shown.extend(routes);
    match (seen.shown.is_empty(), seen.findings.is_empty()) {
        // A probe speaks for its own service; a route of the program for all that runs it.
        (false, false) if !is_served => {
            return Outcome::fail(seen.findings).with_evidence(seen.shown).with_advice(seen.near);
        }
        (false, _) => return Outcome::pass(seen.shown).with_advice(seen.near),
        (true, _) => {}
    }
    if !seen.hidden.is_empty() {
        return Outcome::manual("only rendering the template shows which route is asked", seen.hidden)
            .with_advice(seen.near);
    }
    if seen.findings.is_empty() {
        let note = "no readiness route in the code, and no manifest with a probe that asks one";
        seen.findings.push(Evidence::absent([built.path()], note));
    }
    Outcome::fail(seen.findings).with_advice(seen.near)
}

/// The probes of a service's own containers, and those that lack one where it needs one.
fn containers(facts: &Facts, service: &Workload, needs_probe: bool, seen: &mut Seen) {
    for container in service.containers.iter().filter(|container| !container.foreign) {
        if is_rendered_elsewhere(container) {
            let note = format!("what asks {} shows only when it is rendered", container.title());
            seen.hidden.push(Evidence::at(container.span.clone(), note));
            continue;
        }
        let before = seen.shown.len() + seen.hidden.len() + seen.findings.len();
        container.probes.iter().for_each(|probe| asked(facts, probe, seen));
        if needs_probe && seen.shown.len() + seen.hidden.len() + seen.findings.len() == before {
            let note =
                format!("no probe tells when {} is ready, and the code serves no readiness route", container.title());
            seen.findings.push(Evidence::at(container.span.clone(), note));
        }
    }
}

/// A template of which nothing but its being there is known.
fn is_rendered_elsewhere(container: &Container) -> bool {
    container.image.is_none() && container.build.is_none() && matches!(container.cpu, Limit::Unknown(_))
}

/// A probe that decides who gets requests, and whether what it asks is there.
fn asked(facts: &Facts, probe: &Probe, seen: &mut Seen) {
    if probe.kind == ProbeKind::Liveness {
        let note = "a liveness probe restarts what hangs, and does not hold requests back";
        return seen.near.push(Evidence::at(probe.span.clone(), note));
    }
    let Some(path) = &probe.path else {
        let note = match probe.reach {
            Reach::Tcp => "the probe asks for an open port only, not for a route",
            Reach::Grpc => "the probe asks over gRPC, not for a route",
            Reach::Http | Reach::Command => "the probe runs a command that names no route",
        };
        return seen.near.push(Evidence::at(probe.span.clone(), note));
    };
    if path.contains("{{") || path.contains('$') {
        return seen.hidden.push(Evidence::at(probe.span.clone(), "the probe asks a route that is filled in later"));
    }
    match facts.routes().serving(path) {
        Some(route) => {
            seen.shown.push(Evidence::at(probe.span.clone(), format!("the probe asks {path}")));
            seen.shown.push(Evidence::at(route.span.clone(), format!("serves {}", route.path)));
        }
        None => {
            seen.findings.push(Evidence::at(probe.span.clone(), format!("the probe asks {path}, which no code serves")))
        }
    }
}

/// Health checks of the image itself, which an orchestrator does not ask.
fn image_checks(facts: &Facts) -> Vec<Evidence> {
    let images = facts.dockerfiles().production();
    let steps = images.flat_map(|image| image.chain()).flat_map(|stage| &stage.steps);
    let checks = steps.filter(|step| matches!(step.kind, StepKind::Healthcheck));
    checks
        .map(|step| {
            Evidence::at(step.span.clone(), "the image checks itself, which no orchestrator asks for readiness")
        })
        .collect()
}
