//! Every container that runs in production has a CPU limit and a memory limit.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::deployment::{Container, Life, Limit, Workload, built_container};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "resource-limits",
    title: "CPU and memory are limited",
    area: Area::Deployment,
    priority: Priority::P1,
    reads: &[Store::Deployment],
    page: include_str!("resource_limits.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    let Some(built) = built_container(facts) else {
        return Outcome::not_applicable("no container is built for production");
    };
    let workloads: Vec<&Workload> = facts.deployment().production().filter(|it| it.life != Life::Function).collect();
    if workloads.is_empty() {
        let seen = Evidence::at(built, "builds the container");
        return Outcome::manual("no manifest in the repository says with what limits it runs", [seen]);
    }
    let (mut findings, mut hidden, mut evidence) = (Vec::new(), Vec::new(), Vec::new());
    for container in workloads.iter().flat_map(|workload| &workload.containers) {
        findings.extend(finding(container));
        for (limit, resource) in [(&container.cpu, "CPU"), (&container.memory, "memory")] {
            let note = format!("{resource} limit of {}", container.title());
            match limit {
                Limit::Set(span) => evidence.push(Evidence::at(span.clone(), note)),
                Limit::Inherent(reason) => {
                    evidence.push(Evidence::at(container.span.clone(), format!("{note}: {reason}")));
                }
                Limit::Unknown(span) => {
                    hidden.push(Evidence::at(span.clone(), format!("{note} shows only when it is rendered")));
                }
                Limit::Missing => {}
            }
        }
    }
    match (findings.is_empty(), hidden.is_empty()) {
        (false, _) => Outcome::fail(findings).with_evidence(evidence),
        (true, false) => Outcome::manual("only rendering the template shows the limits", hidden),
        (true, true) => Outcome::pass(evidence),
    }
}

/// What a container lacks.
fn finding(container: &Container) -> Option<Evidence> {
    let lacks = match (&container.cpu, &container.memory) {
        (Limit::Missing, Limit::Missing) => "neither a CPU nor a memory limit",
        (Limit::Missing, _) => "no CPU limit",
        (_, Limit::Missing) => "no memory limit",
        _ => return None,
    };
    Some(Evidence::at(container.span.clone(), format!("the container {} has {lacks}", container.title())))
}
