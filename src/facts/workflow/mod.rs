//! Pipelines: what starts them, their jobs in order, what each step does, and what can stop a job.
//!
//! GitHub's workflows are read in full; those of GitLab, CircleCI, Azure, Bitbucket and Jenkins as far as their
//! jobs, order and commands go. A check sees one model.

mod actions;
mod azure;
mod before;
mod circleci;
pub mod condition;
mod github;
mod gitlab;
mod jenkins;
mod parts;
mod resolve;

use super::recipe::{Act, Recipes};
use super::shell::role::Role;
use super::{Facet, Facts, Unread};
use crate::evidence::{Blob, Span};
use condition::Condition;

pub use before::{Before, Release};

/// Whose pipeline it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Provider {
    GitHub,
    GitLab,
    CircleCi,
    Azure,
    Bitbucket,
    Jenkins,
}

/// One pipeline.
#[derive(Debug, Clone)]
pub struct Workflow {
    pub provider: Provider,
    pub path: String,
    /// Its name, or its path where it has none.
    pub name: String,
    /// Its first line.
    pub span: Span,
    pub triggers: Vec<Trigger>,
    pub jobs: Vec<Job>,
}

/// What starts a pipeline.
#[derive(Debug, Clone)]
pub struct Trigger {
    /// The event, by GitHub's name: `push`, `pull_request`, `schedule`, `workflow_run`, `workflow_dispatch`, …
    pub event: String,
    pub span: Span,
    /// The cron expressions of a schedule.
    pub crons: Vec<(String, Span)>,
    /// The workflows that a `workflow_run` waits for.
    pub workflows: Vec<String>,
    /// The types of activity that are named.
    pub types: Vec<String>,
    /// The globs of paths that are named.
    pub paths: Vec<String>,
}

/// One job.
#[derive(Debug, Clone)]
pub struct Job {
    pub id: String,
    /// The name it shows, where it has one.
    pub name: Option<String>,
    /// The line of its head.
    pub span: Span,
    /// The jobs that must have ended before it starts.
    pub needs: Vec<String>,
    /// What must hold for it to run.
    pub condition: Option<Condition>,
    /// The environment it deploys to.
    pub environment: Option<(String, Span)>,
    /// Its failure does not fail the run.
    pub tolerated: bool,
    /// It waits until a person starts it.
    pub manual: bool,
    /// The reusable workflow that it is.
    pub calls: Option<(String, Span)>,
    pub steps: Vec<Step>,
    /// `permissions:` or the like, as `scope: access`.
    pub permissions: Vec<String>,
}

/// One step of a job; those of composite actions stand in place of the step that uses them.
#[derive(Debug, Clone)]
pub struct Step {
    pub name: Option<String>,
    /// The line that starts it in the workflow.
    pub span: Span,
    pub condition: Option<Condition>,
    /// Its failure does not fail the job.
    pub tolerated: bool,
    /// The action it uses, as it is written.
    pub uses: Option<String>,
    /// The inputs of that action.
    pub inputs: Vec<(String, String)>,
    /// Environment variables, those of the job and the workflow included.
    pub environment: Vec<(String, String, Span)>,
    /// What it does, in order.
    pub acts: Vec<Act>,
    /// It uses an action or workflow that is not in this repository and that no table knows.
    pub opaque: bool,
}

impl Trigger {
    /// A trigger with nothing but its event.
    fn of(event: &str, span: Span) -> Self {
        let (crons, workflows, types, paths) = Default::default();
        Self { event: event.to_owned(), span, crons, workflows, types, paths }
    }
}

impl Workflow {
    /// A pipeline that is a file of its own and runs whenever something is pushed.
    fn on_push(provider: Provider, blob: &Blob, span: Span, jobs: Vec<Job>) -> Self {
        let path = blob.path().to_owned();
        Self { provider, name: path.clone(), path, triggers: vec![Trigger::of("push", span.clone())], span, jobs }
    }

    pub fn job(&self, id: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id == id)
    }

    pub fn trigger(&self, event: &str) -> Option<&Trigger> {
        self.triggers.iter().find(|trigger| trigger.event == event)
    }

    /// It runs for proposed changes only, so what it deploys is a preview.
    pub fn is_preview(&self) -> bool {
        let proposes = |trigger: &Trigger| {
            let merged = trigger.types.iter().any(|kind| kind == "closed");
            matches!(trigger.event.as_str(), "pull_request" | "pull_request_target") && !merged
        };
        !self.triggers.is_empty() && self.triggers.iter().all(proposes)
    }

    /// Every act of every job, with its job and step.
    pub fn acts(&self) -> impl Iterator<Item = (&Job, &Step, &Act)> {
        let steps = self.jobs.iter().flat_map(|job| job.steps.iter().map(move |step| (job, step)));
        steps.flat_map(|(job, step)| step.acts.iter().map(move |act| (job, step, act)))
    }
}

impl Job {
    /// A job with nothing but its steps.
    fn new(id: &str, span: Span, steps: Vec<Step>) -> Self {
        Self {
            id: id.to_owned(),
            name: None,
            span,
            needs: Vec::new(),
            condition: None,
            environment: None,
            tolerated: false,
            manual: false,
            calls: None,
            steps,
            permissions: Vec::new(),
        }
    }

    /// The acts of this job that release something, with their steps. What is applied to a cluster that the job
    /// itself starts is a test.
    pub fn releases(&self) -> Vec<(usize, &Step, &Act)> {
        let own_cluster =
            self.steps.iter().flat_map(|step| &step.acts).any(|act| act.roles.contains(&Role::StartsCluster));
        let steps = self.steps.iter().enumerate().filter(|(_, step)| !step.never_runs());
        let acts = steps.flat_map(|(index, step)| step.acts.iter().map(move |act| (index, step, act)));
        acts.filter(|(_, _, act)| {
            act.roles.iter().any(|role| role.is_release() && !(own_cluster && role.is_deployment()))
        })
        .collect()
    }

    /// It deploys: changes a running environment rather than publishing something.
    pub fn deploys(&self) -> bool {
        self.releases().iter().any(|(_, _, act)| act.roles.iter().any(|role| role.is_deployment()))
    }

    /// A condition that can never hold.
    pub fn never_runs(&self) -> bool {
        self.condition.as_ref().is_some_and(Condition::is_never)
    }
}

impl Step {
    pub fn never_runs(&self) -> bool {
        self.condition.as_ref().is_some_and(Condition::is_never)
    }

    pub fn input(&self, name: &str) -> Option<&str> {
        self.inputs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The owner and name of the action, in lower case and without its version.
    pub fn action(&self) -> Option<String> {
        let uses = self.uses.as_deref()?;
        Some(uses.split('@').next().unwrap_or(uses).to_ascii_lowercase())
    }

    /// Its failure ends the job before the next step.
    pub fn stops(&self) -> bool {
        !self.tolerated && self.condition.as_ref().is_none_or(Condition::is_always_true_when_green)
    }
}

/// Every pipeline of the repository.
#[derive(Debug, Default)]
pub struct Workflows {
    workflows: Vec<Workflow>,
    /// Environments whose protection by reviewers is kept as code, with the line.
    reviewed: Vec<(String, Span)>,
    parts: parts::Parts,
    unread: Vec<Unread>,
}

impl Workflows {
    /// Each in the order of paths; reusable ones included.
    pub fn all(&self) -> &[Workflow] {
        &self.workflows
    }

    /// The workflow of that path.
    pub fn at(&self, path: &str) -> Option<&Workflow> {
        self.workflows.iter().find(|workflow| workflow.path == path)
    }

    /// Some pipeline tests, and some pipeline lints.
    pub fn tests_and_lints_somewhere(&self) -> bool {
        let runs = |role: Role| {
            let mut acts = self.workflows.iter().flat_map(Workflow::acts);
            acts.any(|(_, step, act)| act.stops && !step.tolerated && act.roles.contains(&role))
        };
        runs(Role::Tests) && runs(Role::Lints)
    }

    /// The line that makes people approve what goes to an environment, where that is kept as code.
    pub fn reviewers_of(&self, environment: &str) -> Option<&Span> {
        self.reviewed.iter().find(|(name, _)| name == environment).map(|(_, span)| span)
    }
}

impl Facet for Workflows {
    fn read(facts: &Facts) -> Self {
        let recipes: &Recipes = facts.recipes();
        let mut found = Self { parts: parts::Parts::read(facts), ..Self::default() };
        for blob in facts.snapshot.blobs() {
            let path = blob.path();
            let read = match path.rsplit('/').next().unwrap_or_default() {
                _ if github::is_workflow(path) => github::workflow(blob, facts.snapshot, recipes),
                ".gitlab-ci.yml" | ".gitlab-ci.yaml" if !path.contains('/') => gitlab::workflow(blob, recipes),
                "bitbucket-pipelines.yml" if !path.contains('/') => gitlab::bitbucket(blob, recipes),
                _ if path == ".circleci/config.yml" || path == ".circleci/config.yaml" => {
                    circleci::workflow(blob, recipes)
                }
                name if name.starts_with("azure-pipelines") && (name.ends_with(".yml") || name.ends_with(".yaml")) => {
                    azure::workflow(blob, recipes)
                }
                "Jenkinsfile" => Ok(jenkins::workflow(blob, recipes)),
                _ => continue,
            };
            match read {
                Ok(all) => found.workflows.extend(all),
                Err(place) => found.unread.push(Unread(place)),
            }
        }
        found.reviewed.extend(facts.snapshot.blobs().flat_map(resolve::reviewed));
        found
    }

    fn unread(&self) -> &[Unread] {
        &self.unread
    }
}

#[cfg(test)]
mod tests;
