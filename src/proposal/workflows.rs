//! The workflows that run the gate: what a change would alter about whether, when and how they do.

use super::{Change, ChangeKind, Sides, whole};
use crate::evidence::Blob;
use crate::facts::yaml::{Yaml, documents};
use crate::settings::difference::{Difference, differences};
use crate::snapshot::{Content, Snapshot};
use std::sync::Arc;

/// The name under which the action and its image are published.
const NAME: &str = "mx-prod-gate";
const FOLDER: &str = ".github/workflows/";

/// The inputs that decide what is judged and what blocks.
const POLICY_INPUTS: [&str; 8] = ["fail-on", "only", "skip", "config", "path", "mode", "block", "baseline"];

pub(super) fn changes(sides: Sides) -> Vec<Change> {
    let mut all = Vec::new();
    for (path, before) in gates(sides.base, sides.action) {
        let change = |what: &str, difference| Change {
            kind: ChangeKind::Workflow,
            path: path.clone(),
            what: what.to_owned(),
            difference,
        };
        let Some(after) = text(sides.head, &path) else {
            all.push(change("the workflow that runs the gate is gone", whole("file", Some(&path), None)));
            continue;
        };
        let list = match differences(before.blob.text(), after.text()) {
            Ok(list) => list,
            Err(reason) => {
                all.push(change("the workflow that runs the gate cannot be read", whole("file", None, Some(&reason))));
                continue;
            }
        };
        let renamed = renamed(&before, after, sides);
        all.extend(renamed.iter().map(|(old, new)| {
            let what = match new {
                Some(_) => "the job that runs the gate has another name, so a check that is required by the old one never reports",
                None => "the job that runs the gate is gone",
            };
            change(what, whole("jobs", Some(old), new.as_deref()))
        }));
        all.extend(list.into_iter().filter_map(|one| Some(change(meaning(&one, &before.jobs)?, one))));
    }
    all
}

/// What a difference means for the gate; none where it is about something else.
fn meaning(one: &Difference, jobs: &[String]) -> Option<&'static str> {
    let mut parts = one.key.splitn(3, '.');
    let (first, job, rest) = (parts.next()?, parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let last = one.key.rsplit('.').next().unwrap_or_default();
    match first {
        "on" => Some("other events start the workflow that runs the gate"),
        "env" | "defaults" | "permissions" => Some("what the steps around the gate are given"),
        "jobs" if jobs.iter().any(|each| each == job) => Some(match last {
            "if" => "a condition under which the gate is left out, and a job that is left out counts as passed",
            "continue-on-error" => "the gate would no longer stop anything",
            "name" if !rest.contains('.') => "a check that is required by the old name never reports",
            "uses" if one.after.as_deref().is_some_and(|uses| names_gate(uses, "") && !is_pinned(uses)) => {
                "another version of the gate, which is not pinned to a commit"
            }
            "uses" => "another version of an action in the job that runs the gate",
            _ => "the job that runs the gate",
        }),
        _ => None,
    }
}

/// A version by all the digits of its commit or image: no one can move it.
fn is_pinned(uses: &str) -> bool {
    let version = uses.rsplit('@').next().unwrap_or_default();
    let digits = version.strip_prefix("sha256:").unwrap_or(version);
    digits.len() >= 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The jobs of the gate that the new file has not under their names, and what is there in their place.
fn renamed(before: &Gate, after: &Arc<Blob>, sides: Sides) -> Vec<(String, Option<String>)> {
    let now = gate(after, sides.head, sides.action).map(|gate| gate.jobs).unwrap_or_default();
    let gone = before.jobs.iter().filter(|job| !now.contains(job));
    let mut new = now.iter().filter(|job| !before.jobs.contains(job));
    gone.map(|job| (job.clone(), new.next().cloned())).collect()
}

/// A workflow that runs the gate, and the jobs that do.
struct Gate {
    blob: Arc<Blob>,
    jobs: Vec<String>,
    /// The inputs of each step that is the gate: the job, and its pairs.
    steps: Vec<(String, Vec<(String, String)>)>,
}

fn gates(side: &Snapshot, action: &str) -> Vec<(String, Gate)> {
    let workflows = side.blobs().filter(|blob| blob.path().starts_with(FOLDER));
    workflows.filter_map(|blob| Some((blob.path().to_owned(), gate(blob, side, action)?))).collect()
}

fn gate(blob: &Arc<Blob>, side: &Snapshot, action: &str) -> Option<Gate> {
    let root = documents(blob).ok()?.into_iter().next()?;
    let is_own =
        text(side, "action.yml").is_some_and(|own| own.text().lines().any(|line| line.trim() == "name: mx-prod-gate"));
    let is_gate = |step: &Yaml| {
        let uses = step.get("uses").and_then(|uses| uses.text().map(str::to_owned)).unwrap_or_default();
        let run = step.get("run").and_then(|run| run.text().map(str::to_owned)).unwrap_or_default();
        names_gate(&uses, action) || (is_own && matches!(uses.as_str(), "./" | "." | "$/")) || run.contains(NAME)
    };
    let (mut jobs, mut steps) = (Vec::new(), Vec::new());
    for (name, job) in root.get("jobs").map(|jobs| jobs.entries()).unwrap_or_default() {
        let Some(name) = name.text() else { continue };
        for step in job.get("steps").map(|steps| steps.items()).unwrap_or_default().iter().filter(|step| is_gate(step))
        {
            let pairs = step.get("with").map(|with| with.entries()).unwrap_or_default();
            let pairs =
                pairs.iter().filter_map(|(key, value)| Some((key.text()?.to_owned(), value.text()?.to_owned())));
            steps.push((name.to_owned(), pairs.collect()));
            if !jobs.iter().any(|job| job == name) {
                jobs.push(name.to_owned());
            }
        }
    }
    (!jobs.is_empty()).then(|| Gate { blob: blob.clone(), jobs, steps })
}

/// `owner/mx-prod-gate@…`, an image of that name, or the action that is running.
fn names_gate(uses: &str, action: &str) -> bool {
    let name = uses.trim_start_matches("docker://").split('@').next().unwrap_or_default();
    let is_action = !action.is_empty() && name.eq_ignore_ascii_case(action);
    is_action || name.rsplit('/').next().is_some_and(|last| last.split(':').next() == Some(NAME)) && name.contains('/')
}

/// What the base branch tells its gate in the workflow and job that run: the inputs that are policy. None where the
/// base has no such step, or more than one, or leaves a value to an expression.
pub fn inputs(base: &Snapshot, action: &str, workflow: &str, job: &str) -> Option<Vec<(String, String)>> {
    let (_, gate) = gates(base, action).into_iter().find(|(path, _)| path == workflow)?;
    let mut of_job = gate.steps.iter().filter(|(name, _)| name == job);
    let only = match (of_job.next(), of_job.next()) {
        (Some(step), None) => step,
        (None, _) if gate.steps.len() == 1 => gate.steps.first()?,
        _ => return None,
    };
    let policy =
        |name: &&str| only.1.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone());
    let pairs: Vec<(String, String)> =
        POLICY_INPUTS.iter().map(|name| ((*name).to_owned(), policy(name).unwrap_or_default())).collect();
    (!pairs.iter().any(|(_, value)| value.contains("${{"))).then_some(pairs)
}

fn text<'a>(side: &'a Snapshot, path: &str) -> Option<&'a Arc<Blob>> {
    match &side.get(path)?.content {
        Content::Text(blob) => Some(blob),
        _ => None,
    }
}
