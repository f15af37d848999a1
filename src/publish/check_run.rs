//! The check run: in progress from the start, annotated in batches, completed with the verdict.

use crate::github::{Client, Method, Trouble, limits};
use crate::report::review::Annotation;
use serde_json::{Value, json};
use std::time::Duration;

/// A cancelled job leaves a process ten seconds: this much for its last word.
const LAST_WORD: Duration = Duration::from_secs(4);

/// Who a check run is for.
#[derive(Debug, Clone)]
pub struct Subject {
    pub name: String,
    /// The head of the pull request, or the commit that was pushed; never a merge that GitHub only tries.
    pub commit: String,
    /// What tells it from that of another run.
    pub id: String,
    /// The run's own page.
    pub details: Option<String>,
}

/// A check run that is there.
#[derive(Debug, Clone)]
pub struct CheckRun {
    pub number: u64,
    pub url: String,
}

/// What it says at its end.
#[derive(Debug, Clone)]
pub struct Said {
    pub conclusion: &'static str,
    pub title: String,
    pub summary: String,
    pub text: String,
    pub annotations: Vec<Annotation>,
}

/// Makes it, in progress.
pub fn start(client: &Client, subject: &Subject) -> Result<CheckRun, Trouble> {
    let mut body = json!({
        "name": subject.name,
        "head_sha": subject.commit,
        "status": "in_progress",
        "external_id": subject.id,
        "output": { "title": "judging", "summary": "The repository is being judged." },
    });
    if let Some(details) = &subject.details {
        body["details_url"] = details.as_str().into();
    }
    let look = || Some(find(client, subject, false).ok()?.unwrap_or_default());
    made(&client.write(Method::Post, "/check-runs", &body, look)?)
}

fn made(answer: &Value) -> Result<CheckRun, Trouble> {
    let number = answer["id"].as_u64().ok_or_else(|| Trouble::Odd("a check run without a number".to_owned()))?;
    Ok(CheckRun { number, url: answer["html_url"].as_str().unwrap_or_default().to_owned() })
}

/// The check run of this subject, where there is one; of those that are not completed where only they are asked for.
fn find(client: &Client, subject: &Subject, only_open: bool) -> Result<Option<Value>, Trouble> {
    let path = format!("/commits/{}/check-runs", subject.commit);
    let runs = client.list(&path, Some("check_runs"))?;
    let mut own = runs
        .into_iter()
        .filter(|run| run["external_id"] == subject.id.as_str() && (!only_open || run["status"] != "completed"));
    Ok(own.next())
}

/// Adds the annotations in batches and completes it with the last.
pub fn finish(client: &Client, run: &CheckRun, said: &Said) -> Result<(), Trouble> {
    let path = format!("/check-runs/{}", run.number);
    let batches: Vec<&[Annotation]> = said.annotations.chunks(limits::ANNOTATIONS).collect();
    let last = batches.len().saturating_sub(1);
    for (number, batch) in batches.iter().enumerate().take(last) {
        let body = json!({ "output": output(said, batch) });
        let count = (number + 1) * limits::ANNOTATIONS;
        client.write(Method::Patch, &path, &body, || took(client, &path, |run| annotated(run) >= count))?;
    }
    let batch = batches.last().copied().unwrap_or_default();
    let body = json!({ "status": "completed", "conclusion": said.conclusion, "output": output(said, batch) });
    client.write(Method::Patch, &path, &body, || took(client, &path, |run| run["status"] == "completed"))?;
    Ok(())
}

/// Completes it in few words: where there is no verdict, or where a process that was killed has left it open.
pub fn close(client: &Client, run: &CheckRun, conclusion: &str, title: &str, summary: &str) -> Result<(), Trouble> {
    let path = format!("/check-runs/{}", run.number);
    let body = closing(conclusion, title, summary);
    client.write(Method::Patch, &path, &body, || took(client, &path, |run| run["status"] == "completed")).map(drop)
}

/// The same as the last word of a job that is cancelled.
pub fn cancel(client: &Client, run: &CheckRun) {
    let body = closing("cancelled", "cancelled", "The run was cancelled before there was a verdict.");
    let _ = client.last(Method::Patch, &format!("/check-runs/{}", run.number), &body, LAST_WORD);
}

/// Closes what a killed step of this run has left in progress.
pub fn close_left(client: &Client, subject: &Subject) -> Result<bool, Trouble> {
    let Some(left) = find(client, subject, true)? else { return Ok(false) };
    close(client, &made(&left)?, "cancelled", "cancelled", "The step ended before there was a verdict.")?;
    Ok(true)
}

fn closing(conclusion: &str, title: &str, summary: &str) -> Value {
    json!({ "status": "completed", "conclusion": conclusion, "output": { "title": title, "summary": summary } })
}

fn took(client: &Client, path: &str, is_done: impl Fn(&Value) -> bool) -> Option<Value> {
    let run = client.get(path).ok()?;
    Some(if is_done(&run) { run } else { Value::Null })
}

fn annotated(run: &Value) -> usize {
    run.pointer("/output/annotations_count").and_then(Value::as_u64).unwrap_or_default() as usize
}

fn output(said: &Said, batch: &[Annotation]) -> Value {
    let mut output = json!({
        "title": characters(&said.title, limits::TITLE),
        "summary": characters(&said.summary, limits::CHECK_TEXT),
        "annotations": batch.iter().map(annotation).collect::<Vec<_>>(),
    });
    if !said.text.is_empty() {
        output["text"] = characters(&said.text, limits::CHECK_TEXT).into();
    }
    output
}

fn annotation(one: &Annotation) -> Value {
    let mut value = json!({
        "path": one.path,
        "start_line": one.start_line,
        "end_line": one.end_line,
        "annotation_level": one.level,
        "title": characters(&one.title, limits::TITLE),
        "message": bytes(&one.message, limits::MESSAGE),
    });
    if let Some(column) = one.column {
        value["start_column"] = column.into();
        value["end_column"] = column.into();
    }
    value
}

fn characters(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn bytes(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}
