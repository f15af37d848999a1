//! There is a rollback procedure.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::docs::{Document, Procedure};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "rollback",
    title: "There is a rollback procedure",
    area: Area::Recovery,
    priority: Priority::P2,
    reads: &[Store::Workflows, Store::Deployment, Store::Deploys],
    page: include_str!("rollback.md"),
    judge,
};

/// How many places are shown of each kind.
const SHOWN: usize = 3;

fn judge(facts: &Facts) -> Outcome {
    let deploys = facts.deploys();
    let Some(sign) = deploys.signs().first() else {
        return match deploys.publishes() {
            Some(span) => Outcome::not_applicable("the repository publishes something, but deploys nothing")
                .with_evidence([Evidence::at(span.clone(), "publishes, which changes no running environment")]),
            None => Outcome::not_applicable("the repository deploys nothing"),
        };
    };
    let deploying = Evidence::at(sign.span.clone(), sign.note.clone());
    let (mut proof, mut near) = (Vec::new(), Vec::new());
    for document in facts.docs().all().iter().filter(|document| !document.is_form() && !document.is_history()) {
        sections(document, &mut proof, &mut near);
    }
    let automatic = deploys.rollbacks().iter().map(|sign| Evidence::at(sign.span.clone(), sign.note.clone()));
    proof.extend(automatic.take(SHOWN));
    if proof.is_empty() {
        let looked_in = ["**/*.md", ".github/workflows/", "scripts and manifests"];
        let finding = Evidence::absent(looked_in, "no section on rolling back with concrete steps, and nothing that rolls back by itself");
        return Outcome::fail([finding]).with_evidence([deploying]).with_advice(near);
    }
    let untried = facts.settings().attestation("rollback", facts.today()).is_none();
    let advice = untried.then(|| Evidence::absent([".mx-prod-gate.yml"], "no attestation says when a rollback was last tried"));
    Outcome::pass(proof).with_evidence([deploying]).with_advice(advice)
}

/// Sections on rolling back: those with steps are proof, the others near misses.
fn sections(document: &Document, proof: &mut Vec<Evidence>, near: &mut Vec<Evidence>) {
    for (index, section) in document.sections.iter().enumerate() {
        if !document.is_about_rollback(index) {
            continue;
        }
        let at = |note: &str| Evidence::at(section.span.clone(), note);
        match document.procedure(index) {
            Procedure::Steps(_) if proof.len() < SHOWN => proof.push(at("a rollback section with steps")),
            Procedure::Steps(_) => {}
            Procedure::DatabaseOnly => near.push(at("a rollback section on the database alone")),
            Procedure::Words => near.push(at("a rollback section without a concrete step")),
        }
    }
}
