//! Rotation by commands: of the clouds' own tools, and scheduled workflows and jobs that run a rotation.

use super::{Rotation, is_another_secret};
use crate::facts::schedules::interval;
use crate::facts::{Facts, yaml};
use regex::Regex;
use std::sync::LazyLock;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
}

pub(super) fn read(facts: &Facts, all: &mut Vec<Rotation>) {
    workflows(facts, all);
    for blob in facts.snapshot.blobs() {
        let path = blob.path();
        let script = [".sh", ".bash", ".ps1", ".yml", ".yaml"].iter().any(|end| path.ends_with(end))
            || path.ends_with("Makefile")
            || path.ends_with("ustfile");
        if !script
            || blob.text().len() > 1 << 20
            || memchr::memmem::find(blob.text().as_bytes(), b"otat").is_none()
                && !blob.text().contains("AutomaticallyAfterDays")
        {
            continue;
        }
        for (number, line) in blob.lines().filter(|(_, line)| !line.trim_start().starts_with('#')) {
            let days = GCLOUD
                .captures(line)
                .map(|found| interval::length(&found[1]))
                .or_else(|| AWS.captures(line).map(|found| found[1].parse().ok()));
            if let Some(days) = days.filter(|_| !is_another_secret(line)) {
                all.push(Rotation { span: blob.line(number), days, what: "the cloud's own tool sets the rotation" });
            }
        }
        if path.ends_with("ml") && blob.text().contains("otat") {
            for document in yaml::documents(blob).unwrap_or_default() {
                cron_job(&document, all);
                serverless(&document, all);
            }
        }
    }
}

static GCLOUD: LazyLock<Regex> = LazyLock::new(|| pattern(r#"--rotation-period[= ]["']?(\d+s?)"#));
static AWS: LazyLock<Regex> = LazyLock::new(|| pattern(r"AutomaticallyAfterDays[=: ]+(\d+)"));
/// A command or script whose name says that it rotates a key.
static ROTATES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)rotat\w*[-_:/. ]*(?:the[-_ ])?(?:maintainx[-_]?|mx[-_]?)?(?:api[-_]?)?(?:keys?|secrets?|tokens?|credentials?)\b|(?:keys?|secrets?|tokens?|credentials?)[-_:/.]*rotat|rotate\.(?:sh|ts|js|py|rb|mjs)\b|\brotate-secret\b|\brotate-maintainx\b",
    )
});
/// Lines that only tell somebody to.
static TELLS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)gh\s+issue|\becho\b|slack|--title|\bmail\b|remind|notify|printf"));

fn rotates(text: &str) -> bool {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.into_iter().any(|line| ROTATES.is_match(line) && !TELLS.is_match(line) && !is_another_secret(line))
}

fn workflows(facts: &Facts, all: &mut Vec<Rotation>) {
    for workflow in facts.workflows().all() {
        let Some(schedule) = workflow.trigger("schedule") else { continue };
        let jobs = workflow.jobs.iter().filter(|job| !job.never_runs());
        let steps: Vec<_> = jobs.flat_map(|job| &job.steps).filter(|step| !step.never_runs()).collect();
        let runs = steps.iter().any(|step| {
            let acts = step.acts.iter().any(|act| rotates(&act.words.join(" ")));
            acts || step.uses.as_deref().is_some_and(rotates)
        });
        let runs = runs || scripts_of(facts, &workflow.path);
        if !runs {
            continue;
        }
        // Of several schedules the most frequent one decides.
        let best = schedule
            .crons
            .iter()
            .map(|(cron, span)| (interval::days(cron), span))
            .min_by(|a, b| a.0.unwrap_or(f64::MAX).total_cmp(&b.0.unwrap_or(f64::MAX)));
        if let Some((days, span)) = best {
            all.push(Rotation { span: span.clone(), days, what: "a scheduled workflow rotates it" });
        }
    }
}

/// The `run:` lines of a workflow file, where its acts were not understood.
fn scripts_of(facts: &Facts, path: &str) -> bool {
    let Some(blob) = facts.snapshot.blob(path) else { return false };
    let documents = yaml::documents(blob).unwrap_or_default();
    let jobs = documents.iter().filter_map(|document| document.get("jobs")).flat_map(|jobs| jobs.entries());
    let steps = jobs.filter_map(|(_, job)| job.get("steps")).flat_map(|steps| steps.items());
    steps.into_iter().filter_map(|step| step.get("run")).any(|run| run.text().is_some_and(rotates))
}

/// A CronJob of Kubernetes whose command rotates.
fn cron_job(document: &yaml::Yaml, all: &mut Vec<Rotation>) {
    if document.get("kind").and_then(|kind| kind.text().map(str::to_owned)).as_deref() != Some("CronJob") {
        return;
    }
    let Some(schedule) = document.at(&["spec", "schedule"]) else { return };
    let pod = document.at(&["spec", "jobTemplate", "spec", "template", "spec"]);
    let containers = pod.and_then(|pod| pod.get("containers")).map(|list| list.items()).unwrap_or_default();
    let words = containers.iter().flat_map(|container| {
        let lists =
            ["command", "args"].into_iter().filter_map(|key| container.get(key)).flat_map(|list| list.items_or_self());
        let image = container.get("image");
        lists.chain(image).filter_map(|word| word.text().map(str::to_owned)).collect::<Vec<_>>()
    });
    let name = document.at(&["metadata", "name"]).and_then(|name| name.text().map(str::to_owned)).unwrap_or_default();
    if rotates(&words.collect::<Vec<_>>().join(" ")) || rotates(&name) {
        let days = schedule.text().and_then(interval::days);
        all.push(Rotation { span: schedule.span(), days, what: "a CronJob rotates it" });
    }
}

/// A function of serverless.yml or SAM with a schedule and a name that says rotation.
fn serverless(document: &yaml::Yaml, all: &mut Vec<Rotation>) {
    let functions = document.get("functions").map(|functions| functions.entries()).unwrap_or_default();
    for (name, function) in functions {
        let handler = function.get("handler").and_then(|handler| handler.text().map(str::to_owned)).unwrap_or_default();
        if !rotates(&format!("{} {handler}", name.text().unwrap_or_default())) {
            continue;
        }
        for event in function.get("events").map(|events| events.items()).unwrap_or_default() {
            let Some(schedule) = event.get("schedule") else { continue };
            let rate = schedule
                .get("rate")
                .map_or(schedule.clone(), |rate| rate.items_or_self().into_iter().next().unwrap_or(rate));
            all.push(Rotation {
                span: rate.span(),
                days: rate.text().and_then(interval::days),
                what: "a scheduled function rotates it",
            });
        }
    }
}
