//! The action's way to GitHub: what it may publish there, and what it says where it may not.

use crate::gather::event::Event;
use crate::gather::remote::{self, Remote};
use crate::gather::runner::Runner;
use crate::github::{Address, Client, Trouble};
use crate::publish::check_run::{self, CheckRun, Said, Subject};
use crate::publish::comment::{self, Mode, Outcome, Stamp};
use crate::publish::sarif;
use crate::report::{self, Format, Place, Terminal, review};
use crate::settings::FailOn;
use crate::verdict::{Changed, Decision, Verdict};
use anyhow::{Result, bail};
use std::sync::{Arc, Mutex};

/// The name of the check run. A job of the same name would make it unclear which of the two is required.
const NAME: &str = "mx-prod-gate report";
/// As many annotations as a page of changed files can bear.
const MOST_ANNOTATIONS: usize = 500;
/// Who writes with the token of a job.
const AUTHOR: &str = "github-actions[bot]";

/// The check run that is in progress, for the signal that may end it.
static OPEN: Mutex<Option<(Arc<Client>, CheckRun)>> = Mutex::new(None);

/// Tells that the run was cancelled, where something waits for its end.
pub(super) fn cancel() {
    let open = OPEN.lock().ok().and_then(|mut open| open.take());
    if let Some((client, run)) = open {
        check_run::cancel(&client, &run);
    }
}

/// Everything between one run and GitHub.
pub(super) struct Desk {
    client: Option<Arc<Client>>,
    pub(super) event: Event,
    check: Option<CheckRun>,
    /// What the token may not, in the words of `permissions:`.
    missing: Vec<&'static str>,
    /// What else could not be done, one sentence each.
    notes: Vec<String>,
    pub(super) outputs: Vec<(&'static str, String)>,
}

impl Desk {
    /// Nothing here fails the run but a pull request that is not the one it says it is.
    pub(super) fn open(runner: &Runner) -> Result<Self> {
        let event = runner.event();
        let mut desk = Self {
            client: None,
            event: event.clone(),
            check: None,
            missing: Vec::new(),
            notes: Vec::new(),
            outputs: Vec::new(),
        };
        let (api, repository) = (runner.said("API_URL"), runner.said("REPOSITORY"));
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._/:[]".contains(&byte));
        let is_named = repository.split('/').filter(|part| !part.is_empty()).count() == 2 && is_plain(repository);
        let Some(token) = runner.token.clone().filter(|_| !api.is_empty() && is_plain(api) && is_named) else {
            return Ok(desk);
        };
        let bundle = runner.input("ca-bundle");
        let authorities = (!bundle.is_empty()).then(|| std::fs::read(runner.workspace.join(bundle))).transpose()?;
        match Client::new(Address { api, repository, token: Some(token), authorities }) {
            Ok(client) => {
                match remote::completed(event, &client, repository) {
                    Ok(event) => desk.event = event,
                    Err(reason) if desk.event.name == "workflow_run" || desk.event.name.is_empty() => bail!(reason),
                    Err(reason) => desk.notes.push(reason),
                }
                desk.client = Some(Arc::new(client));
            }
            Err(error) => desk.notes.push(format!("{error:#}")),
        }
        Ok(desk)
    }

    /// The base branch as GitHub tells it.
    pub(super) fn remote(&self) -> Option<Remote<'_>> {
        self.client.as_deref().map(Remote::new)
    }

    /// The check run, in progress.
    pub(super) fn start(&mut self, runner: &Runner) {
        if runner.input("check-run") == "false" {
            return;
        }
        let (Some(client), Some(subject)) = (&self.client, subject(runner, &self.event)) else { return };
        match check_run::start(client, &subject) {
            Ok(run) => {
                if let Ok(mut open) = OPEN.lock() {
                    *open = Some((client.clone(), run.clone()));
                }
                self.outputs.push(("check-run-url", run.url.clone()));
                self.check = Some(run);
            }
            Err(trouble) => self.troubled("the check run", "checks: write", &trouble),
        }
    }

    /// The lines that the pull request changes, where GitHub tells them.
    pub(super) fn changed(&self) -> Option<Changed> {
        remote::changed(self.client.as_ref()?, self.event.number()?).ok()
    }

    /// Whether the annotations are GitHub's already, so that the log need not have them.
    pub(super) fn annotates(&self) -> bool {
        self.check.is_some()
    }

    /// The verdict, wherever it may go.
    pub(super) fn publish(&mut self, runner: &Runner, verdict: &Verdict) -> Result<()> {
        let run = run_page(runner);
        let files = runner.files.clone();
        let place = Place { files: files.as_deref(), run: run.as_deref() };
        self.complete(runner, verdict, place)?;
        self.comment(runner, verdict, place)?;
        self.upload(runner, verdict)
    }

    fn complete(&mut self, runner: &Runner, verdict: &Verdict, place: Place) -> Result<()> {
        let (Some(client), Some(run)) = (self.client.clone(), self.check.clone()) else { return Ok(()) };
        let said = said(verdict, place, annotations(runner)?, most(runner)?);
        let done = check_run::finish(&client, &run, &said);
        // From here on a signal has nothing to close.
        if let Ok(mut open) = OPEN.lock() {
            *open = None;
        }
        if let Err(trouble) = done {
            self.troubled("the check run", "checks: write", &trouble);
            let _ = check_run::close(&client, &run, said.conclusion, &said.title, &said.summary);
            // The log has what the check run lost.
            self.check = None;
        }
        Ok(())
    }

    /// The check run's end where there is no verdict.
    pub(super) fn fail(&mut self, reason: &str) {
        let (Some(client), Some(run)) = (self.client.clone(), self.check.take()) else { return };
        let summary = report::escape::markdown(reason);
        if let Err(trouble) = check_run::close(&client, &run, "failure", "could not tell", &summary) {
            self.troubled("the check run", "checks: write", &trouble);
        }
        if let Ok(mut open) = OPEN.lock() {
            *open = None;
        }
    }

    fn comment(&mut self, runner: &Runner, verdict: &Verdict, place: Place) -> Result<()> {
        let Some(mode) = Mode::of(runner.input("comment")) else {
            bail!(
                "the input comment is `{}`: allowed are always, on-failure, on-change, never",
                runner.input("comment")
            );
        };
        let (Some(client), Some(number), Some(commit)) = (&self.client, self.event.number(), self.event.head.clone())
        else {
            return Ok(());
        };
        if mode == Mode::Never {
            return Ok(());
        }
        let is_change = verdict.trend.as_ref().is_some_and(|trend| trend.new + trend.fixed > 0)
            || verdict.proposal.as_ref().is_some_and(|proposal| !proposal.changes.is_empty());
        let may_make = match mode {
            Mode::Always => true,
            Mode::OnFailure => verdict.verdict != Decision::Ready,
            Mode::OnChange => is_change,
            Mode::Never => false,
        };
        let author = Some(runner.input("comment-author")).filter(|author| !author.is_empty()).unwrap_or(AUTHOR);
        let key = Some(runner.input("comment-key")).filter(|key| !key.is_empty()).unwrap_or(runner.input("path"));
        let number_of = |name: &str| runner.said(name).parse().unwrap_or_default();
        let stamp = Stamp {
            key: key.trim_matches(['.', '/']).to_owned(),
            run: number_of("RUN_ID"),
            attempt: number_of("RUN_ATTEMPT"),
            commit,
            author: author.to_owned(),
        };
        let body = report::comment(verdict, place);
        match comment::publish(client, number, &stamp, &body, may_make) {
            Ok(Outcome::Written(url)) => self.outputs.push(("comment-url", url)),
            Ok(Outcome::Newer) => self.notes.push("a newer run has the comment".to_owned()),
            Ok(Outcome::NotWanted) => {}
            Err(trouble) => self.troubled("the comment", "pull-requests: write", &trouble),
        }
        Ok(())
    }

    fn upload(&mut self, runner: &Runner, verdict: &Verdict) -> Result<()> {
        let is_wanted = match runner.input("upload-sarif") {
            "" | "false" | "False" | "FALSE" => false,
            "true" | "True" | "TRUE" => true,
            other => bail!("the input upload-sarif is `{other}`: allowed are true, false"),
        };
        let Some(client) = self.client.as_ref().filter(|_| is_wanted) else { return Ok(()) };
        if self.event.is_fork() && self.event.name == "pull_request" {
            self.notes.push("code scanning takes no report of a pull request from a fork".to_owned());
            return Ok(());
        }
        let text = report::render(verdict, Format::Sarif, Terminal::default());
        let (commit, reference) = reference(runner, &self.event, verdict);
        match sarif::upload(client, &commit, &reference, &text) {
            Ok(id) => self.outputs.push(("sarif-id", id)),
            Err(trouble) => self.troubled("the upload to code scanning", "security-events: write", &trouble),
        }
        Ok(())
    }

    /// Notes what could not be done, and what it would need.
    fn troubled(&mut self, what: &str, permission: &'static str, trouble: &Trouble) {
        if matches!(trouble, Trouble::Forbidden(_)) {
            self.missing.push(permission);
        }
        self.notes.push(format!("{what} was not written, {trouble}; the log and the summary have all of it"));
    }

    /// What could not be done, and how it could be.
    pub(super) fn apologies(&self) -> Vec<String> {
        let mut told = self.notes.clone();
        if self.missing.is_empty() {
            return told;
        }
        if self.event.is_fork() || self.event.pull_request.as_ref().is_some_and(|pull| pull.is_dependabot) {
            told.push(
                "the token of a pull request from a fork or of Dependabot may only read: a second workflow on workflow_run \
                 can publish the result (docs/github.md)"
                    .to_owned(),
            );
            return told;
        }
        let mut lines = vec!["permissions:".to_owned(), "  contents: read".to_owned()];
        lines.extend(self.missing.iter().map(|permission| format!("  {permission}")));
        told.push(format!("the job lacks permissions; it needs\n{}", lines.join("\n")));
        told
    }
}

/// Closes what a killed main step has left in progress; for the step that the runner runs after it.
pub(super) fn close_left(runner: &Runner) -> Result<()> {
    let desk = Desk::open(runner)?;
    if let (Some(client), Some(subject)) = (&desk.client, subject(runner, &desk.event))
        && let Ok(true) = check_run::close_left(client, &subject)
    {
        super::say("mx-prod-gate has closed the check run that was left in progress");
    }
    Ok(())
}

fn subject(runner: &Runner, event: &Event) -> Option<Subject> {
    let name = Some(runner.input("check-name")).filter(|name| !name.is_empty()).unwrap_or(NAME);
    // The job's own check has the job's name.
    let name = if name == runner.said("JOB") { format!("{name} report") } else { name.to_owned() };
    let words = ["RUN_ID", "RUN_ATTEMPT", "JOB", "ACTION"].map(|word| runner.said(word));
    Some(Subject { name, commit: event.head.clone()?, id: words.join("/"), details: run_page(runner) })
}

/// The page of the run, which has the summary.
fn run_page(runner: &Runner) -> Option<String> {
    let [server, repository, run] = ["SERVER_URL", "REPOSITORY", "RUN_ID"].map(|word| runner.said(word));
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._/:".contains(&byte));
    let is_sound = server.starts_with("http") && is_plain(server) && is_plain(repository) && !repository.is_empty();
    let is_number = !run.is_empty() && run.bytes().all(|byte| byte.is_ascii_digit());
    (is_sound && is_number).then(|| format!("{server}/{repository}/actions/runs/{run}"))
}

/// The commit and reference that code scanning is to hang the report on: those whose tree was judged.
fn reference(runner: &Runner, event: &Event, verdict: &Verdict) -> (String, String) {
    match (event.number(), &event.head, &verdict.commit) {
        (Some(number), Some(head), Some(judged)) if head == judged => {
            (head.clone(), format!("refs/pull/{number}/head"))
        }
        _ => (runner.said("SHA").to_owned(), runner.said("REF").to_owned()),
    }
}

fn said(verdict: &Verdict, place: Place, annotations: Annotations, most: usize) -> Said {
    let all = match annotations {
        Annotations::None => Vec::new(),
        Annotations::All => review::annotations(verdict, false),
        Annotations::Changed => review::annotations(verdict, true),
    };
    let (mut summary, text) = report::check_run(verdict, place);
    if all.len() > most {
        summary.push_str(&format!("\n{} more findings are in the text below.\n", all.len() - most));
    }
    let fails = verdict.counts.fail > verdict.counts.waived;
    let conclusion = match verdict.verdict {
        Decision::Ready if verdict.fail_on == FailOn::Never && fails => "neutral",
        Decision::Ready => "success",
        // What could not be told must not let anything through.
        Decision::NotReady | Decision::Unknown => "failure",
    };
    let title = format!("{}: {}", verdict.headline(), verdict.reason());
    Said { conclusion, title, summary, text, annotations: all.into_iter().take(most).collect() }
}

/// Which findings are shown beside the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Annotations {
    All,
    /// Those in lines that the change touches.
    Changed,
    None,
}

pub(super) fn annotations(runner: &Runner) -> Result<Annotations> {
    Ok(match runner.input("annotations") {
        "" | "true" | "True" | "TRUE" | "all" => Annotations::All,
        "changed" => Annotations::Changed,
        "false" | "False" | "FALSE" | "none" => Annotations::None,
        other => bail!("the input annotations is `{other}`: allowed are all, changed, none"),
    })
}

fn most(runner: &Runner) -> Result<usize> {
    match runner.input("max-annotations") {
        "" => Ok(MOST_ANNOTATIONS),
        text => text.parse().map_err(|_| anyhow::anyhow!("the input max-annotations is `{text}`: a number is needed")),
    }
}
