//! GitLab's and Bitbucket's pipelines: stages or steps in order, with their scripts.

use super::resolve::{script_acts, step};
use super::{Job, Provider, Step, Workflow};
use crate::evidence::{Blob, Evidence};
use crate::facts::recipe::Recipes;
use crate::facts::shell::Strictness;
use crate::facts::yaml::{Yaml, documents};
use std::sync::Arc;

/// Top-level keys of `.gitlab-ci.yml` that are no jobs.
const KEYWORDS: &[&str] = &[
    "stages",
    "variables",
    "default",
    "include",
    "workflow",
    "image",
    "services",
    "before_script",
    "after_script",
    "cache",
    "types",
    "spec",
];
const DEFAULT_STAGES: &[&str] = &[".pre", "build", "test", "deploy", ".post"];

pub(super) fn workflow(blob: &Arc<Blob>, recipes: &Recipes) -> Result<Vec<Workflow>, Evidence> {
    let Some(root) = documents(blob)?.into_iter().rev().find(Yaml::is_mapping) else { return Ok(Vec::new()) };
    let stages: Vec<String> = match root.get("stages") {
        Some(list) => list.items().iter().filter_map(|item| item.text().map(str::to_owned)).collect(),
        None => DEFAULT_STAGES.iter().map(|stage| (*stage).to_owned()).collect(),
    };
    let jobs: Vec<(Yaml, Yaml)> = root.entries().into_iter().filter(|(key, value)| is_job(key, value)).collect();
    let staged: Vec<(String, usize)> = (jobs.iter())
        .map(|(key, job)| (key.text().unwrap_or_default().to_owned(), stage_of(&root, job, &stages)))
        .collect();
    let made = jobs
        .iter()
        .zip(&staged)
        .map(|((key, job), (id, stage))| gitlab_job(&root, key, job, id, *stage, &staged, recipes));
    Ok(vec![Workflow::on_push(Provider::GitLab, blob, root.span(), made.collect())])
}

fn is_job(key: &Yaml, value: &Yaml) -> bool {
    let name = key.text().unwrap_or_default();
    !name.starts_with('.') && !KEYWORDS.contains(&name) && value.is_mapping()
}

/// A key of a job, or of the template that it extends.
fn inherited(root: &Yaml, job: &Yaml, key: &str, hops: usize) -> Option<Yaml> {
    let own = job.get(key);
    if own.is_some() || hops > 10 {
        return own;
    }
    let templates = job.get("extends").map(|extends| extends.items_or_self()).unwrap_or_default();
    templates.iter().rev().find_map(|name| inherited(root, &root.get(name.text()?)?, key, hops + 1))
}

fn stage_of(root: &Yaml, job: &Yaml, stages: &[String]) -> usize {
    let named = inherited(root, job, "stage", 0).and_then(|stage| stage.text().map(str::to_owned));
    let name = named.unwrap_or_else(|| "test".to_owned());
    stages.iter().position(|stage| *stage == name).unwrap_or(0)
}

fn gitlab_job(
    root: &Yaml,
    key: &Yaml,
    job: &Yaml,
    id: &str,
    stage: usize,
    staged: &[(String, usize)],
    recipes: &Recipes,
) -> Job {
    let of = |name: &str| inherited(root, job, name, 0);
    let needs = of("needs").map(|needs| {
        let name = |item: &Yaml| item.text().map(str::to_owned).or_else(|| item.get("job")?.text().map(str::to_owned));
        needs.items_or_self().iter().filter_map(name).collect::<Vec<_>>()
    });
    let earlier = || staged.iter().filter(|(_, other)| *other < stage).map(|(id, _)| id.clone()).collect();
    let scripts =
        ["before_script", "script"].iter().filter_map(|name| of(name).or_else(|| root.at(&["default", name])));
    let lines = scripts.flat_map(|script| script.items_or_self());
    let always = of("when").is_some_and(|when| when.text() == Some("always"));
    let allowed = of("allow_failure").is_some_and(|value| value.truth() == Some(true) || value.is_mapping());
    let manual = of("when").is_some_and(|when| when.text() == Some("manual"));
    let environment = of("environment").and_then(|value| {
        let name = value.get("name").unwrap_or(value);
        Some((name.text()?.to_owned(), name.span()))
    });
    let calls = of("trigger").map(|trigger| (trigger.text().unwrap_or("a child pipeline").to_owned(), trigger.span()));
    Job {
        needs: if always { Vec::new() } else { needs.unwrap_or_else(earlier) },
        environment,
        tolerated: allowed,
        manual,
        calls: calls.filter(|_| false),
        ..Job::new(id, key.span(), lines.map(|line| script_step(&line, recipes)).collect())
    }
}

/// One entry of a list of shell lines.
pub(super) fn script_step(line: &Yaml, recipes: &Recipes) -> Step {
    let mut made = step(line.span());
    made.acts = script_acts(line, "", Strictness::STRICT, recipes);
    made
}

/// `bitbucket-pipelines.yml`: each list of steps is a chain of jobs.
pub(super) fn bitbucket(blob: &Arc<Blob>, recipes: &Recipes) -> Result<Vec<Workflow>, Evidence> {
    let Some(root) = documents(blob)?.into_iter().next().filter(Yaml::is_mapping) else { return Ok(Vec::new()) };
    let mut jobs: Vec<Job> = Vec::new();
    let sections = root.get("pipelines").map(|pipelines| pipelines.entries()).unwrap_or_default();
    for (name, section) in sections.iter().filter(|(name, _)| name.text() != Some("pull-requests")) {
        let chains = if section.is_mapping() {
            section.entries().into_iter().map(|(_, chain)| chain).collect()
        } else {
            vec![section.clone()]
        };
        for (number, chain) in chains.iter().enumerate() {
            let label = format!("{} {}", name.text().unwrap_or_default(), number + 1);
            jobs.extend(bitbucket_chain(chain, &label, recipes));
        }
    }
    Ok(vec![Workflow::on_push(Provider::Bitbucket, blob, root.span(), jobs)])
}

fn bitbucket_chain(chain: &Yaml, label: &str, recipes: &Recipes) -> Vec<Job> {
    let mut jobs: Vec<Job> = Vec::new();
    for item in chain.items() {
        let parallel = item.get("parallel").map(|list| list.get("steps").unwrap_or(list).items()).unwrap_or_default();
        let members = if parallel.is_empty() { vec![item] } else { parallel };
        let before: Vec<String> = jobs.iter().map(|job| job.id.clone()).collect();
        for (index, member) in members.iter().enumerate() {
            let Some(body) = member.get("step") else { continue };
            let lines = body.get("script").map(|script| script.items()).unwrap_or_default();
            let steps =
                lines.iter().filter(|line| line.text().is_some()).map(|line| script_step(line, recipes)).collect();
            let mut job = Job::new(&format!("{label} {} {index}", before.len()), member.span(), steps);
            job.name = body.get("name").and_then(|name| name.text().map(str::to_owned));
            job.needs.clone_from(&before);
            job.environment = body.get("deployment").and_then(|value| Some((value.text()?.to_owned(), value.span())));
            jobs.push(job);
        }
    }
    jobs
}
