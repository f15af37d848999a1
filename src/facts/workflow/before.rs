//! What comes before a release and can stop it: tests, lint, this gate, people.

use super::condition::Condition;
use super::github::local;
use super::{Job, Provider, Step, Workflow, Workflows};
use crate::evidence::Span;
use crate::facts::recipe::Act;
use crate::facts::shell::role::Role;
use std::cell::RefCell;
use std::collections::HashMap;

/// A job that deploys or publishes, with what comes before it.
#[derive(Debug, Clone)]
pub struct Release {
    /// The name of the job and the line of its head; of the calling job for a reusable workflow.
    pub job: String,
    pub span: Span,
    /// What it does, and the line at which it first does it.
    pub role: Role,
    pub at: Span,
    pub before: Before,
    /// The environment it names, of which only GitHub's settings tell who must approve.
    pub environment: Option<(String, Span)>,
    /// The folder of the part it releases, where that is known.
    pub part: Option<String>,
}

/// What can stop a release, each with its line.
#[derive(Debug, Clone, Default)]
pub struct Before {
    pub tests: Option<Span>,
    pub lint: Option<Span>,
    pub gate: Option<Span>,
    /// People who must approve, as far as that is kept as code.
    pub reviewers: Option<Span>,
    /// It waits for another workflow's success here.
    pub waits: Option<Span>,
    /// Tests or lint that cannot stop it, with the reason.
    pub toothless: Vec<(Span, String)>,
    /// Reusable workflows and actions that are not in this repository.
    pub opaque: Vec<(Span, String)>,
}

impl Before {
    fn merge(&mut self, other: Self) {
        self.tests = self.tests.take().or(other.tests);
        self.lint = self.lint.take().or(other.lint);
        self.gate = self.gate.take().or(other.gate);
        self.reviewers = self.reviewers.take().or(other.reviewers);
        self.waits = self.waits.take().or(other.waits);
        merge(&mut self.toothless, other.toothless);
        merge(&mut self.opaque, other.opaque);
    }

    fn see(&mut self, act: &Act) {
        for role in &act.roles {
            let place = match role {
                Role::Tests => &mut self.tests,
                Role::Lints => &mut self.lint,
                Role::Gates => &mut self.gate,
                _ => continue,
            };
            place.get_or_insert_with(|| act.span.clone());
        }
    }

    fn lacks_teeth(&mut self, act: &Act, reason: &str) {
        let judging = act.roles.iter().find(|role| matches!(role, Role::Tests | Role::Lints | Role::Gates));
        let what = match judging {
            Some(Role::Tests) => "tests",
            Some(Role::Lints) => "lint",
            Some(_) => "the gate",
            None => return,
        };
        self.toothless.push((act.span.clone(), format!("{what} cannot stop it: {reason}")));
    }
}

/// How far jobs and workflows may lead to one another.
const MAX_HOPS: usize = 20;

/// A walk over jobs, each asked once whatever leads to it.
struct Walk<'a> {
    workflows: &'a Workflows,
    ended: RefCell<HashMap<(String, String), Before>>,
}

impl Workflows {
    /// Every job that deploys or publishes, each once; what a reusable workflow does counts for the job that calls it.
    pub fn releases(&self) -> Vec<Release> {
        let walk = Walk { workflows: self, ended: RefCell::default() };
        let mut found = Vec::new();
        for workflow in self.all().iter().filter(|workflow| !workflow.is_preview()) {
            if workflow.triggers.iter().all(|trigger| trigger.event == "workflow_call") && self.is_called(workflow) {
                continue;
            }
            for job in workflow.jobs.iter().filter(|job| !job.never_runs()) {
                found.extend(walk.release(workflow, job, 0));
            }
        }
        found
    }

    fn is_called(&self, workflow: &Workflow) -> bool {
        let jobs = self.all().iter().flat_map(|other| &other.jobs);
        jobs.filter_map(|job| local(&job.calls.as_ref()?.0)).any(|path| path == workflow.path)
    }

    fn called(&self, job: &Job) -> Option<&Workflow> {
        self.at(&local(&job.calls.as_ref()?.0)?)
    }
}

impl Walk<'_> {
    fn release(&self, workflow: &Workflow, job: &Job, hops: usize) -> Option<Release> {
        if hops > MAX_HOPS {
            return None;
        }
        let name = job.name.clone().filter(|name| !name.contains("${{")).unwrap_or_else(|| job.id.clone());
        if let Some(called) = self.workflows.called(job) {
            let outer = self.before_job(workflow, job, hops);
            // Of several inside, the one that is guarded least decides.
            let inner = called.jobs.iter().filter(|inner| !inner.never_runs());
            let inner = inner.filter_map(|inner| self.release(called, inner, hops + 1));
            let mut least = inner.min_by_key(|release| guards(&release.before))?;
            least.before.merge(outer);
            let environment = job.environment.clone().or(least.environment);
            return Some(Release { job: name, span: job.span.clone(), environment, ..least });
        }
        if let Some((uses, at)) = &job.calls {
            return self.remote(workflow, job, &name, uses, at, hops);
        }
        let releases = job.releases();
        let (index, step, act) = releases.first()?;
        let role = *act.roles.iter().find(|role| role.is_release())?;
        let mut before = self.before_job(workflow, job, hops);
        before.merge(before_step(job, *index, step, act));
        let at = act.span.clone();
        let part = self
            .workflows
            .part_of(workflow, &releases.iter().map(|(_, _, act)| act.folder.as_str()).collect::<Vec<_>>());
        Some(Release {
            job: name,
            span: job.span.clone(),
            role,
            at,
            before,
            environment: job.environment.clone(),
            part,
        })
    }

    /// A reusable workflow of another repository: its name is all that is known.
    fn remote(
        &self,
        workflow: &Workflow,
        job: &Job,
        name: &str,
        uses: &str,
        at: &Span,
        hops: usize,
    ) -> Option<Release> {
        let file = uses.split('@').next().unwrap_or(uses).rsplit('/').next()?;
        let role = crate::facts::recipe::role_of_name(file).filter(|role| role.is_release())?;
        let mut before = self.before_job(workflow, job, hops);
        before.opaque.push((at.clone(), format!("what {uses} does is not in this repository")));
        Some(Release {
            job: name.to_owned(),
            span: job.span.clone(),
            role,
            at: at.clone(),
            before,
            environment: None,
            part: None,
        })
    }

    /// What must have succeeded before a job starts.
    fn before_job(&self, workflow: &Workflow, job: &Job, hops: usize) -> Before {
        let mut before = Before::default();
        if let Some((name, span)) = &job.environment {
            before.reviewers = self.workflows.reviewers_of(name).map(|_| span.clone());
        }
        for id in &job.needs {
            let Some(needed) = workflow.job(id) else { continue };
            let ended = self.ended(workflow, needed, hops + 1);
            if waits_for(job, needed) {
                before.merge(ended);
            } else {
                let seen = [ended.tests, ended.lint, ended.gate].into_iter().flatten();
                let reason = "the job that deploys starts even when they failed";
                merge(&mut before.toothless, seen.map(|span| (span, reason.to_owned())).collect());
            }
        }
        before.merge(self.upstream(workflow, job, hops + 1));
        before
    }

    /// What the workflow that this one waits for has shown, where only its success starts the job.
    fn upstream(&self, workflow: &Workflow, job: &Job, hops: usize) -> Before {
        let mut before = Before::default();
        let Some(trigger) = workflow.trigger("workflow_run").filter(|_| hops < MAX_HOPS) else { return before };
        let demands = |step: &Step| step.condition.as_ref().is_some_and(Condition::demands_conclusion);
        let releases = job.releases();
        let demands = job.condition.as_ref().is_some_and(Condition::demands_conclusion)
            || (!releases.is_empty() && releases.iter().all(|(_, step, _)| demands(step)))
            || job.steps.first().is_some_and(refuses_other_conclusions);
        let others = self
            .workflows
            .all()
            .iter()
            .filter(|other| other.provider == Provider::GitHub && trigger.workflows.contains(&other.name));
        for other in others {
            let mut shown = Before::default();
            other
                .jobs
                .iter()
                .filter(|job| !job.never_runs())
                .for_each(|job| shown.merge(self.ended(other, job, hops + 1)));
            if demands {
                shown.waits = Some(trigger.span.clone());
                before.merge(shown);
            } else if shown.tests.is_some() || shown.lint.is_some() {
                let reason = "workflow_run starts it whatever the other workflow concluded";
                before.toothless.push((trigger.span.clone(), reason.to_owned()));
            }
        }
        before
    }

    /// What is known once a job has succeeded.
    fn ended(&self, workflow: &Workflow, job: &Job, hops: usize) -> Before {
        let key = (workflow.path.clone() + "#" + &workflow.name, job.id.clone());
        if let Some(known) = self.ended.borrow().get(&key) {
            return known.clone();
        }
        // A job that leads back to itself has shown nothing yet.
        self.ended.borrow_mut().insert(key.clone(), Before::default());
        let before = self.ended_afresh(workflow, job, hops);
        self.ended.borrow_mut().insert(key, before.clone());
        before
    }

    fn ended_afresh(&self, workflow: &Workflow, job: &Job, hops: usize) -> Before {
        let mut before = Before::default();
        if hops > MAX_HOPS || job.never_runs() {
            return before;
        }
        before.merge(self.before_job(workflow, job, hops));
        if let Some((uses, at)) = &job.calls {
            match self.workflows.called(job) {
                Some(called) => called.jobs.iter().for_each(|inner| before.merge(self.ended(called, inner, hops + 1))),
                None => before.opaque.push((at.clone(), format!("what {uses} does is not in this repository"))),
            }
        }
        let mut own = Before::default();
        for step in &job.steps {
            see_step(&mut own, step, &[job.condition.as_ref()]);
        }
        let optional = job.manual && workflow.provider == Provider::GitLab;
        if job.tolerated || optional {
            let reason =
                if job.tolerated { "its job may fail (continue-on-error)" } else { "its job is started by hand" };
            let seen = [own.tests, own.lint, own.gate].into_iter().flatten();
            own = Before {
                toothless: seen.map(|span| (span, format!("it cannot stop the deploy: {reason}"))).collect(),
                ..Before::default()
            };
        }
        before.merge(own);
        before
    }
}

/// More places than this are not shown for one release.
const MAX_PLACES: usize = 20;

fn merge(all: &mut Vec<(Span, String)>, more: Vec<(Span, String)>) {
    for place in more {
        if all.len() < MAX_PLACES && !all.contains(&place) {
            all.push(place);
        }
    }
}

/// How much guards a release: the fewer, the sooner it fails.
fn guards(before: &Before) -> usize {
    if before.gate.is_some() { 3 } else { usize::from(before.tests.is_some()) + usize::from(before.lint.is_some()) }
}

/// A job starts only when a needed one succeeded.
fn waits_for(job: &Job, needed: &Job) -> bool {
    job.condition.as_ref().is_none_or(|condition| {
        condition.demands_success_of(&needed.id)
            || (needed.condition.is_none() && condition.demands_no_failure_of(&needed.id))
    })
}

/// A first step that ends the job unless the other workflow succeeded.
fn refuses_other_conclusions(step: &Step) -> bool {
    let wanted = Condition::read("github.event.workflow_run.conclusion != 'success'");
    let exits = step.acts.iter().any(|act| {
        act.words.first().is_some_and(|word| word == "exit") && act.words.get(1).is_some_and(|code| code != "0")
    });
    step.condition.as_ref() == Some(&wanted) && exits
}

/// The earlier steps of the job itself, and what stands before it in the same step.
fn before_step(job: &Job, index: usize, release: &Step, act: &Act) -> Before {
    let mut before = Before::default();
    let guarded = release.condition.as_ref().is_none_or(Condition::demands_success);
    let conditions = [job.condition.as_ref(), release.condition.as_ref()];
    for step in &job.steps[..index] {
        see_step(&mut before, step, &conditions);
    }
    if !guarded {
        let seen = [before.tests.take(), before.lint.take(), before.gate.take()].into_iter().flatten();
        let reason = "the step that deploys runs even when earlier ones failed";
        merge(&mut before.toothless, seen.map(|span| (span, reason.to_owned())).collect());
    }
    for earlier in release.acts.iter().take_while(|earlier| !std::ptr::eq(*earlier, act)) {
        if earlier.stops { before.see(earlier) } else { before.lacks_teeth(earlier, "its failure is ignored") }
    }
    before.acts_of_same_command(act);
    before
}

impl Before {
    /// `mvn deploy` tests on its way.
    fn acts_of_same_command(&mut self, act: &Act) {
        if act.roles.iter().any(|role| role.is_release()) {
            self.see(act);
        }
    }
}

fn see_step(before: &mut Before, step: &Step, release: &[Option<&Condition>]) {
    if step.never_runs() {
        step.acts.iter().for_each(|act| before.lacks_teeth(act, "its step never runs"));
        return;
    }
    let runs = step.condition.as_ref().is_none_or(|condition| condition.holds_whenever(release));
    for act in &step.acts {
        match (step.tolerated, runs, act.stops) {
            (true, _, _) => before.lacks_teeth(act, "continue-on-error"),
            (_, false, _) => before.lacks_teeth(act, "its step may be skipped"),
            (_, _, false) => before.lacks_teeth(act, "its failure is ignored"),
            _ => before.see(act),
        }
    }
    let is_check = step.uses.as_deref().is_some_and(|uses| uses.starts_with("./") || uses.starts_with("$/"));
    if step.opaque && is_check {
        before.opaque.push((step.span.clone(), "the action it uses is not in this repository".to_owned()));
    }
}
