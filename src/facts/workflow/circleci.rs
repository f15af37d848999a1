//! CircleCI: the jobs of `.circleci/config.yml`, in the order that its workflows require.

use super::gitlab::script_step;
use super::resolve::step;
use super::{Job, Provider, Step, Trigger, Workflow, actions};
use crate::evidence::{Blob, Evidence};
use crate::facts::recipe::{Act, Recipes};
use crate::facts::yaml::{Yaml, documents};
use std::sync::Arc;

pub(super) fn workflow(blob: &Arc<Blob>, recipes: &Recipes) -> Result<Vec<Workflow>, Evidence> {
    let Some(root) = documents(blob)?.into_iter().next().filter(Yaml::is_mapping) else { return Ok(Vec::new()) };
    let flows = root.get("workflows").map(|flows| flows.entries()).unwrap_or_default();
    let made = flows.iter().filter(|(_, flow)| flow.is_mapping()).map(|(name, flow)| {
        let listed = flow.get("jobs").map(|jobs| jobs.items()).unwrap_or_default();
        let event = if flow.get("triggers").is_some() { "schedule" } else { "push" };
        let trigger = Trigger::of(event, name.span());
        Workflow {
            provider: Provider::CircleCi,
            path: blob.path().to_owned(),
            name: name.text().unwrap_or_default().to_owned(),
            span: name.span(),
            triggers: vec![trigger],
            jobs: listed.iter().filter_map(|entry| job(&root, entry, recipes)).collect(),
        }
    });
    Ok(made.collect())
}

/// `- test` or `- deploy: { requires: [test] }`.
fn job(root: &Yaml, entry: &Yaml, recipes: &Recipes) -> Option<Job> {
    let (key, settings) = match entry.text() {
        Some(_) => (entry.clone(), None),
        None => entry.entries().into_iter().next().map(|(key, value)| (key, Some(value)))?,
    };
    let name = key.text()?.to_owned();
    let requires =
        settings.as_ref().and_then(|settings| settings.get("requires")).map(|list| list.items()).unwrap_or_default();
    let approval =
        settings.as_ref().and_then(|settings| settings.get("type")).is_some_and(|kind| kind.text() == Some("approval"));
    let defined = root.at(&["jobs", &name]);
    let written = defined.as_ref().and_then(|job| job.get("steps")).map(|steps| steps.items()).unwrap_or_default();
    let head = root.get("jobs").and_then(|jobs| jobs.key(&name)).unwrap_or(key);
    let mut made = Job::new(&name, head.span(), Vec::new());
    made.steps = written.iter().flat_map(|step| steps(root, step, recipes, 0)).collect();
    made.needs = requires.iter().filter_map(|item| item.text().map(str::to_owned)).collect();
    made.manual = approval;
    if defined.is_none() && !approval {
        // A job of an orb: its name is all that is known.
        made.steps = vec![orb(&head, &name)];
    }
    if let Some(alias) = settings.and_then(|settings| settings.get("name")?.text().map(str::to_owned)) {
        made.id = alias;
    }
    Some(made)
}

fn steps(root: &Yaml, step: &Yaml, recipes: &Recipes, depth: usize) -> Vec<Step> {
    if let Some(name) = step.text() {
        return command_steps(root, step, name, recipes, depth);
    }
    let Some((key, value)) = step.entries().into_iter().next() else { return Vec::new() };
    match key.text().unwrap_or_default() {
        "run" => {
            let script = value.get("command").unwrap_or(value.clone());
            let mut made = script_step(&script, recipes);
            made.name = value.get("name").and_then(|name| name.text().map(str::to_owned));
            let always = value.get("when").is_some_and(|when| matches!(when.text(), Some("always" | "on_fail")));
            made.condition = always.then(|| super::condition::Condition::read("always()"));
            vec![made]
        }
        "when" | "unless" => {
            let inner = value.get("steps").map(|steps| steps.items()).unwrap_or_default();
            inner.iter().flat_map(|inner| steps(root, inner, recipes, depth + 1)).collect()
        }
        name => command_steps(root, &key, name, recipes, depth),
    }
}

/// A command of this file, or of an orb.
fn command_steps(root: &Yaml, at: &Yaml, name: &str, recipes: &Recipes, depth: usize) -> Vec<Step> {
    let inner = root.at(&["commands", name, "steps"]).map(|steps| steps.items());
    match inner.filter(|_| depth < 8) {
        Some(inner) => inner.iter().flat_map(|step| steps(root, step, recipes, depth + 1)).collect(),
        None => vec![orb(at, name)],
    }
}

fn orb(at: &Yaml, name: &str) -> Step {
    let mut made = step(at.span());
    made.uses = Some(name.to_owned());
    let roles = actions::roles(&name.to_ascii_lowercase(), &|_| None);
    made.opaque = roles.is_empty() && name.contains('/');
    if !roles.is_empty() {
        made.acts.push(Act {
            roles,
            stops: true,
            words: vec![name.to_owned()],
            variables: Vec::new(),
            folder: String::new(),
            span: at.span(),
            via: None,
        });
    }
    made
}
