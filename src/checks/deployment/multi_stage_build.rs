//! The image is built in stages: what runs is not what built it.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::dockerfile::{Image, Shape};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "multi-stage-build",
    title: "The image is built in stages",
    area: Area::Deployment,
    priority: Priority::P1,
    reads: &[Store::Dockerfiles],
    page: include_str!("multi_stage_build.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    let dockerfiles = facts.dockerfiles();
    if !dockerfiles.builds_production_container() {
        return Outcome::not_applicable("the repository builds no container that runs in production");
    }
    let (mut findings, mut evidence, mut advice) = (Vec::new(), Vec::new(), Vec::new());
    for image in dockerfiles.production() {
        let shape = image.shape();
        let broken = broken(&image, &shape);
        if broken.is_empty() {
            evidence.extend(shown(&image, &shape));
            advice.extend(weak_spots(&image, &shape));
        }
        findings.extend(broken);
    }
    for builder in dockerfiles.builders() {
        evidence.push(Evidence::at(builder.span.clone(), format!("{} makes the image", builder.kind.word())));
    }
    let outcome = if findings.is_empty() { Outcome::pass(evidence) } else { Outcome::fail(findings).with_evidence(evidence) };
    outcome.with_advice(advice)
}

/// What keeps the image from being built in stages.
fn broken(image: &Image, shape: &Shape) -> Vec<Evidence> {
    let Some(from) = image.from() else { return Vec::new() };
    let base = image.base().unwrap_or("a build argument");
    if let Some(stage) = &shape.from_builder {
        return vec![Evidence::at(from.clone(), format!("the deployed stage starts from {stage}, which builds the program"))];
    }
    if let Some(span) = &shape.copies_everything {
        return vec![Evidence::at(span.clone(), "the whole file system of the build stage is copied")];
    }
    if let Some(span) = &shape.builds {
        return vec![Evidence::at(span.clone(), "the deployed stage builds the program itself")];
    }
    if !shape.copies.is_empty() || shape.bare {
        return Vec::new();
    }
    let mut found = Vec::new();
    if !shape.interpreted {
        found.push(Evidence::at(from.clone(), format!("one stage on {base}, and no language that runs from its source")));
    } else if !shape.slim {
        found.push(Evidence::at(from.clone(), format!("one stage on {base}, which is no slim base")));
    }
    let rest = [
        (&shape.development, "dependencies of development are installed in the only stage"),
        (&shape.compiler, "a compiler is installed in the only stage"),
        (&shape.prebuilt, "the output of a build outside the image is copied into the only stage"),
    ];
    found.extend(rest.into_iter().filter_map(|(span, note)| Some(Evidence::at(span.clone()?, note))));
    found
}

/// What shows that it is well made.
fn shown(image: &Image, shape: &Shape) -> Vec<Evidence> {
    let Some(from) = image.from() else { return Vec::new() };
    if shape.copies.is_empty() {
        let what = if shape.bare { "a bare image holds only what is copied in" } else { "a slim base, no build step, production dependencies only" };
        return vec![Evidence::at(from.clone(), what)];
    }
    let copies = shape.copies.iter().map(|(span, stage)| Evidence::at(span.clone(), format!("copies from stage {stage}")));
    std::iter::once(Evidence::at(from.clone(), "the deployed stage")).chain(copies).collect()
}

/// What a passing image could still do better.
fn weak_spots(image: &Image, shape: &Shape) -> Vec<Evidence> {
    let mut advice = Vec::new();
    if shape.copies.is_empty() && !shape.bare {
        advice.extend(image.from().map(|from| Evidence::at(from.clone(), "one stage: there is nothing to leave behind as yet")));
    }
    let rest = [
        (&shape.development, "dependencies of development are installed in the deployed stage"),
        (&shape.compiler, "a compiler is installed in the deployed stage"),
    ];
    let rest = rest.into_iter().filter(|_| !shape.copies.is_empty());
    advice.extend(rest.filter_map(|(span, note)| Some(Evidence::at(span.clone()?, note))));
    advice
}
