//! A secret is stopped before it becomes a commit.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::hooks::{Scan, scanner};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "secret-commit-hook",
    title: "A commit hook stops secrets",
    area: Area::Auth,
    priority: Priority::P1,
    reads: &[Store::Hooks],
    page: include_str!("secret_commit_hook.md"),
    judge,
};

/// Where hooks are looked for, as far as a report has room.
const LOOKED_IN: [&str; 8] = [
    ".pre-commit-config.yaml",
    "prek.toml",
    ".husky/pre-commit",
    "lefthook.yml",
    "package.json",
    ".overcommit.yml",
    ".githooks/pre-commit",
    "scripts that write to .git/hooks",
];

fn judge(facts: &Facts) -> Outcome {
    let hooks = facts.hooks();
    let shown: Vec<Evidence> = hooks.at_commit().flat_map(shown).collect();
    if !shown.is_empty() {
        return Outcome::pass(unique(shown));
    }
    let mut advice: Vec<Evidence> = Vec::new();
    for (scan, flaw) in hooks.elsewhere() {
        let place = scan.via.as_ref().unwrap_or(&scan.span);
        advice.push(Evidence::at(place.clone(), format!("runs {}, {}", scan.scanner, flaw.note())));
    }
    advice.extend(in_pipelines(facts));
    let unread: Vec<Evidence> = facts.unread(Store::Hooks).iter().map(|unread| unread.0.clone()).collect();
    if !unread.is_empty() {
        return Outcome::error("a file that sets up hooks could not be read").with_evidence(unread).with_advice(advice);
    }
    let configs = hooks.configs().iter().map(|span| Evidence::at(span.clone(), "sets up hooks, none of which stops secrets"));
    let mut findings = unique(configs.collect());
    if findings.is_empty() {
        findings.push(Evidence::absent(LOOKED_IN, "no commit hook runs a secret scanner"));
    }
    Outcome::fail(findings).with_advice(unique(advice))
}

/// The hook, and the line behind it that names the scanner.
fn shown(scan: &Scan) -> Vec<Evidence> {
    let note = format!("runs {} at every commit", scan.scanner);
    match &scan.via {
        Some(via) if *via != scan.span => {
            vec![Evidence::at(scan.span.clone(), note), Evidence::at(via.clone(), format!("{} is run here", scan.scanner))]
        }
        _ => vec![Evidence::at(scan.span.clone(), note)],
    }
}

/// Scanners that only see what was committed and pushed already.
fn in_pipelines(facts: &Facts) -> Vec<Evidence> {
    let jobs = facts.workflows().all().iter().flat_map(|workflow| &workflow.jobs);
    let found = jobs.flat_map(|job| &job.steps).flat_map(|step| {
        let by_action = step.action().and_then(|action| scanner::action(&action)).map(|name| (name, &step.span));
        let by_act = step.acts.iter().filter_map(|act| Some((scanner::scanner_of(&act.words)?, &act.span)));
        by_action.into_iter().chain(by_act).collect::<Vec<_>>()
    });
    found.map(|(name, span)| Evidence::at(span.clone(), format!("runs {name} in a pipeline, after the commit"))).collect()
}

fn unique(all: Vec<Evidence>) -> Vec<Evidence> {
    let mut kept: Vec<Evidence> = Vec::new();
    for evidence in all {
        if !kept.contains(&evidence) {
            kept.push(evidence);
        }
    }
    kept
}
