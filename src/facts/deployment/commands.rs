//! Workloads that a command deploys with its flags: `gcloud run deploy`, in scripts, workflows and Cloud Build steps.

use super::draft;
use super::{Deployment, Life, Limit, Platform, Scaling, Source, Variable, Workload};
use crate::evidence::{Blob, Span};
use crate::facts::{Facts, secret_value};
use regex::Regex;
use std::sync::{Arc, LazyLock};

/// The command with its flags, over continued lines; a list of arguments in a Cloud Build step; the flags of the action.
static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?m)^[^#\n]*\bgcloud\s+(?:(?:beta|alpha)\s+)?run\s+(?:services\s+update|jobs\s+(?:deploy|create|update)|deploy)\b(?:\\\r?\n|[^\n])*";
    Regex::new(pattern).expect("a fixed pattern")
});
static STEP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?m)^\s*(?:-\s*)?args:\s*(?:\[[^\]]*\]|(?:\n\s*-\s*[^\n]+)+)"#).expect("a fixed pattern")
});
static ACTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^\s*(?:-\s*)?uses:\s*google-github-actions/deploy-cloudrun@[^\n]*(?:\n(?:\s*$|\s+[^\n-][^\n]*|\s+--[^\n]*))*").expect("a fixed pattern")
});
static FLAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"--(min-instances|min|max-instances|max|memory|cpu|image|set-env-vars|update-env-vars|set-secrets|update-secrets)(?:["']?\s*,\s*["']?|[=\s]+["']?|["']?\s*\n\s*-\s*["']?)([^\s"'\]]+)"#).expect("a fixed pattern")
});
static PAIR: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"([A-Za-z_]\w*)=([^,\s]*)").expect("a fixed pattern"));

pub fn read(facts: &Facts, deployment: &mut Deployment) {
    let ends = [".sh", ".bash", ".yml", ".yaml", ".ps1"];
    let names = ["Makefile", "justfile", "Justfile", "package.json", "Jenkinsfile"];
    for blob in facts.snapshot.blobs() {
        let path = blob.path();
        let name = path.rsplit('/').next().unwrap_or_default();
        let read = ends.iter().any(|end| path.ends_with(end)) || names.contains(&name);
        if !read
            || !draft::is_own(path)
            || blob.text().len() > 1 << 20
            || !["gcloud", "deploy-cloudrun", "cloud-sdk"].iter().any(|word| blob.text().contains(word))
        {
            continue;
        }
        let text = blob.text();
        let commands = COMMAND.find_iter(text);
        let steps = STEP.find_iter(text).filter(|step| is_run_deploy(step.as_str()));
        let actions = ACTION.find_iter(text);
        for found in commands.chain(steps).chain(actions) {
            let workload = cloud_run(blob, found.start(), found.as_str());
            deployment.workloads.extend(workload);
        }
    }
}

fn is_run_deploy(arguments: &str) -> bool {
    let words: Vec<&str> = arguments
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-')
        .filter(|word| !word.is_empty())
        .collect();
    words.windows(2).any(|pair| pair == ["run", "deploy"])
}

/// None where the command only changes the image of a service whose settings stand elsewhere.
fn cloud_run(blob: &Arc<Blob>, start: usize, text: &str) -> Option<Workload> {
    let lead = text.len() - text.trim_start().len();
    let head = blob.span(start + lead..start + lead + text.trim_start().find('\n').unwrap_or(text.trim().len()));
    let is_job = text.contains("jobs");
    let life = if is_job { Life::Job } else { Life::Service };
    let mut workload = draft::workload(Platform::CloudRun, life, &name_of(text), head.clone());
    workload.listens = !is_job;
    let mut container = draft::container(&workload.name, None, head.clone());
    let (mut minimum, mut maximum) = (None::<(Option<u32>, Span)>, None);
    for found in FLAG.captures_iter(text) {
        let (Some(all), Some(value)) = (found.get(0), found.get(2)) else { continue };
        let span = blob.span(start + all.start()..start + all.end());
        match &found[1] {
            "memory" => container.memory = Limit::Set(span),
            "cpu" => container.cpu = Limit::Set(span),
            "min-instances" | "min" => minimum = Some((value.as_str().parse().ok(), span)),
            "max-instances" | "max" => maximum = value.as_str().parse().ok(),
            "image" => container.image = Some(value.as_str().to_owned()),
            flag => {
                let secret = flag.ends_with("secrets");
                container.environment.extend(PAIR.captures_iter(value.as_str()).map(|pair| {
                    let source =
                        if secret { Source::Secret(pair[2].to_owned()) } else { secret_value::source(&pair[2]) };
                    Variable { name: pair[1].to_owned(), source, span: span.clone() }
                }));
            }
        }
    }
    let sets_size = container.cpu != Limit::Missing || container.memory != Limit::Missing;
    if text.contains("services") && text.contains("update") && !sets_size && minimum.is_none() {
        return None;
    }
    workload.containers.push(container);
    if !is_job {
        let (minimum, span) = minimum.unwrap_or((Some(0), head));
        workload.scaling = Scaling::Automatic { minimum, maximum, span };
    }
    Some(workload)
}

fn name_of(text: &str) -> String {
    let after = text.split_once("deploy").map_or("", |(_, rest)| rest);
    let word =
        after.split_whitespace().map(|word| word.trim_matches(['"', '\'', ',', '\\'])).find(|word| !word.is_empty());
    word.filter(|word| !word.starts_with('-')).unwrap_or("service").to_owned()
}
