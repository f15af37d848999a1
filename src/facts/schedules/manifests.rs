//! Schedules of the platform: cron jobs, rules of clouds, timers, crontabs, tables of job runners, pipelines.

use super::targets::Targets;
use super::{Schedule, interval};
use crate::evidence::Blob;
use crate::facts::Facts;
use crate::facts::code::{Code, Language, NodeKey};
use crate::facts::tree::Role;
use regex::Regex;
use std::sync::LazyLock;

/// What a time between two runs looks like in a file of any format.
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    let cron = r"(?:[\d*][\d*/,\-]*[ \t]+){2}[\d*?A-Za-z][\dA-Za-z*?/,\-]*[ \t]+[\d*?A-Za-z][\dA-Za-z*?/,\-]*[ \t]+[\d*?A-Za-z][\dA-Za-z*?#/,\-]*(?:[ \t]+[\d*?][\d*?/,\-]*){0,2}";
    let words = r"rate\([^)\n]{1,30}\)|cron\([^)\n]{1,60}\)|@(?:hourly|daily|midnight|weekly|monthly|every [\dhms]+)|\bevery \d* ?(?:second|minute|hour|day|week)s?\b";
    Regex::new(&format!("{cron}|{words}")).expect("a fixed pattern")
});
/// The timers of systemd.
static TIMER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\s*(OnCalendar|OnUnitActiveSec|OnUnitInactiveSec)\s*=\s*(\S.*?)\s*$").expect("a fixed pattern")
});
/// Words of a line, or of the line before, that is about a schedule.
const ABOUT: [&str; 6] = ["cron", "schedul", "rate", "every", "timer", "interval"];
/// Tools with schedules of their own, which run nothing of the program.
const OTHERS: [&str; 6] = ["renovate", "dependabot", "mergify", "codeql", "stale", "cloudbuild"];
/// Tables of jobs, which stand for nothing else.
const TABLES: [&str; 5] = ["config/recurring", "sidekiq", "config/schedule", "resque", "good_job"];
/// A larger file is no manifest.
const MAX_BYTES: usize = 1 << 20;
/// As many lines around a time are looked at.
const MAX_AROUND: usize = 120;

pub(super) fn read(facts: &Facts, code: &Code, targets: &Targets) -> Vec<Schedule> {
    let tree = facts.tree();
    let is_manifest = |blob: &&std::sync::Arc<Blob>| {
        let path = blob.path();
        let is_run = matches!(tree.role(path), Role::Production | Role::Config | Role::Script);
        is_run && Language::of(path).is_none() && is_format(path) && blob.text().len() < MAX_BYTES
    };
    facts.snapshot.blobs().filter(is_manifest).flat_map(|blob| in_file(facts, blob, code, targets)).collect()
}

fn is_format(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let ends = [
        ".yml",
        ".yaml",
        ".json",
        ".jsonc",
        ".toml",
        ".tf",
        ".hcl",
        ".sh",
        ".bash",
        ".timer",
        ".sql",
        ".cron",
        ".bicep",
        ".nomad",
        ".ps1",
        ".xml",
        ".properties",
        ".conf",
    ];
    let is_data = ["package-lock", "package.json", "tsconfig", "pnpm-lock", "composer.lock", "openapi", "swagger"];
    (ends.iter().any(|end| name.ends_with(end))
        || name.contains("crontab")
        || matches!(name.as_str(), "makefile" | "justfile" | "dockerfile" | "procfile"))
        && !is_data.iter().any(|start| name.starts_with(start))
        && !OTHERS.iter().any(|tool| path.to_ascii_lowercase().contains(tool))
}

fn in_file(facts: &Facts, blob: &Blob, code: &Code, targets: &Targets) -> Vec<Schedule> {
    let lines: Vec<&str> = blob.lines().map(|(_, line)| line).collect();
    let is_pipeline = blob.path().contains(".github/workflows/");
    let is_table = blob.path().to_ascii_lowercase().contains("cron");
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.len() < 2_000 && !is_comment(line)) {
        let Some((expression, start)) = time_in(line) else { continue };
        let nearby = lines.get(at.saturating_sub(2)..=at).unwrap_or_default().join("\n").to_ascii_lowercase();
        if !is_table && !ABOUT.iter().any(|word| nearby.contains(word)) {
            continue;
        }
        let Some(every) = interval::seconds(&expression) else { continue };
        let around = if is_pipeline { blob.text().to_owned() } else { block(&lines, at) };
        let around = if blob.path().contains("wrangler") { "scheduled".to_owned() } else { around };
        let named = targets.in_text(&around);
        // A pipeline's schedule is of the program where it runs the program, and a table of jobs names them.
        let names_jobs = is_pipeline || TABLES.iter().any(|name| blob.path().contains(name));
        if names_jobs && named.is_empty() {
            continue;
        }
        let is_whole = named.is_empty();
        let all = || code.sources().map(|source| source.root().key()).collect::<Vec<NodeKey>>();
        let runs = if is_whole { all() } else { named };
        let number = at as u32 + 1;
        let from = blob.offset_of_line(number) + start;
        let span = blob.span(from..from + expression.len().min(line.len() - start));
        found.push(Schedule {
            span,
            what: what(facts, blob.path(), &around),
            every: Some(every),
            targets: runs,
            is_whole,
        });
    }
    found
}

fn time_in(line: &str) -> Option<(String, usize)> {
    if let Some(found) = TIMER.captures(line) {
        let (key, value) = (found.get(1)?.as_str().to_ascii_lowercase(), found.get(2)?);
        return Some((systemd(&key, value.as_str())?, value.start()));
    }
    let found = TIME.find_iter(line).find(|found| {
        let text = found.as_str().trim();
        interval::is_cron(text) || !text.starts_with(|first: char| first.is_ascii_digit() || first == '*')
    })?;
    Some((found.as_str().trim().to_owned(), found.start()))
}

/// A timer's words as a cron expression or a length: `hourly`, `*:0/15`, `*-*-* 03:00:00`, `15min`.
fn systemd(key: &str, value: &str) -> Option<String> {
    if key != "oncalendar" {
        return interval::length(value).map(|days| format!("every {} seconds", days * 86_400.0));
    }
    if interval::days(value).is_some() {
        return Some(value.to_owned());
    }
    let clock = value.split_whitespace().next_back()?;
    let mut parts = clock.split(':');
    let field = |part: Option<&str>| {
        part.map(|part| part.trim_start_matches('0').to_owned()).map(|part| match part.as_str() {
            "" => "0".to_owned(),
            step if step.starts_with('/') => format!("*{step}"),
            _ => part,
        })
    };
    let (hour, minute) = (field(parts.next())?, field(parts.next())?);
    let weekday = value
        .split_whitespace()
        .next()
        .filter(|day| day.starts_with(|first: char| first.is_ascii_alphabetic()))
        .unwrap_or("*");
    Some(format!("{minute} {hour} * * {}", weekday.to_ascii_lowercase()))
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('#') || line.starts_with("//") || line.starts_with("--") && !line.starts_with("--schedule")
}

/// What belongs to a line: a command with its continued lines; in nested formats its siblings and their parts, and
/// the head of them with what stands beside it.
fn block(lines: &[&str], at: usize) -> String {
    let line_at = |index: usize| lines.get(index).copied().unwrap_or_default();
    let continues = |index: usize| line_at(index).trim_end().ends_with('\\');
    if continues(at) || (at > 0 && continues(at - 1)) {
        let first = (0..at).rev().take_while(|index| continues(*index)).last().unwrap_or(at);
        let last = (at..lines.len()).find(|index| !continues(*index)).unwrap_or(at);
        return lines.get(first..=last).unwrap_or_default().join("\n");
    }
    let own = indent(line_at(at));
    if own == 0 {
        return line_at(at).to_owned();
    }
    let is_inside = |index: &usize| indent(line_at(*index)) >= own || line_at(*index).trim().is_empty();
    let first = (0..at).rev().take(MAX_AROUND).take_while(is_inside).last().unwrap_or(at);
    let last = (at..lines.len()).take(MAX_AROUND).take_while(is_inside).last().unwrap_or(at);
    let mut around: Vec<&str> = lines.get(first..=last).unwrap_or_default().to_vec();
    if let Some(head) = first.checked_sub(1) {
        around.push(line_at(head));
        let beside = indent(line_at(head));
        let is_beside = |index: &usize| indent(line_at(*index)) >= beside || line_at(*index).trim().is_empty();
        let says = |index: &usize| {
            let line = line_at(*index);
            indent(line) == beside && line.split_once(':').is_some_and(|(_, value)| !value.trim().is_empty())
        };
        around.extend((0..head).rev().take(MAX_AROUND).take_while(is_beside).filter(says).map(line_at));
        around.extend((last + 1..lines.len()).take(MAX_AROUND).take_while(is_beside).filter(says).map(line_at));
    }
    around.join("\n")
}

/// How far a line is moved in; the dash of a list item counts as space.
fn indent(line: &str) -> usize {
    line.chars().take_while(|letter| matches!(letter, ' ' | '\t' | '-')).count()
}

fn what(facts: &Facts, path: &str, around: &str) -> String {
    let lower = around.to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_kubernetes =
        facts.deployment().workloads.iter().any(|workload| workload.schedule.is_some() && workload.span.path() == path);
    let what = match () {
        () if path.contains(".github/") => "a scheduled workflow",
        () if name.ends_with(".timer") => "a timer of systemd",
        () if name.contains("crontab") => "a crontab",
        () if lower.contains("gcloud scheduler") || lower.contains("cloud_scheduler") => "Cloud Scheduler",
        () if name.starts_with("wrangler") => "a cron trigger",
        () if lower.contains("jobtemplate") => "a CronJob",
        () if lower.contains("class") => "a table of jobs",
        () if is_kubernetes => "a schedule of the platform",
        () => "a schedule",
    };
    what.to_owned()
}
