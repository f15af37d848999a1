//! What the live sub-commands take from outside: the key, the signals, the clock, the event; and what they show.

use crate::gather::event::Event as Occurrence;
use crate::gather::live::{Event, Key, Observer, Stop, Withheld, World, system_lookup};
use crate::gather::runner::Runner;
use crate::transcript::{Cause, Exchange};
use anyhow::{Context as _, Result};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use zeroize::Zeroizing;

/// The variable that holds the key. There is no flag for it: arguments are seen by every process of a machine.
pub(crate) const KEY: &str = "MAINTAINX_API_KEY";

/// The key, from a file or from the environment.
pub(crate) fn key(file: Option<&Path>) -> Result<Option<Key>> {
    match file {
        Some(file) => Key::from_file(file),
        None => Key::parse(Zeroizing::new(std::env::var(KEY).unwrap_or_default())).context(KEY),
    }
}

/// Everything that a run takes from its surroundings.
pub(crate) fn world(is_quiet: bool) -> World {
    World {
        now: Arc::new(jiff::Timestamp::now),
        random: uuid::Uuid::new_v4().as_u64_pair().0,
        lookup: system_lookup(),
        observer: Arc::new(Progress { is_quiet }),
    }
}

/// Runs to the end, or to a signal and the clean-up after it.
pub(crate) fn block_on<T>(run: impl Future<Output = Result<T>>) -> Result<T> {
    // A second run in one process finds it installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let done = runtime.block_on(run);
    // Nothing that still waits for an answer may hold the process.
    runtime.shutdown_background();
    done
}

/// The first signal ends the run; the later ones find the clean-up under way and change nothing.
pub(crate) fn signals() -> Result<Stop> {
    let (tell, told) = watch::channel(None);
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        loop {
            let by = tokio::select! {
                _ = interrupt.recv() => "SIGINT",
                _ = terminate.recv() => "SIGTERM",
                _ = hang_up.recv() => "SIGHUP",
            };
            say(&format!("{by}: cleaning up"));
            tell.send_if_modified(|known| known.is_none() && known.replace(by.to_owned()).is_none());
        }
    });
    Ok(told)
}

/// One line on the standard error. A full disk or a closed pipe must not end a clean-up: what cannot be said is lost.
pub(crate) fn say(line: &str) {
    // The old form of the runner's commands counts anywhere in a line.
    let _ = writeln!(std::io::stderr().lock(), "{}", line.replace("##[", "# #["));
}

/// Tells each step as it happens.
struct Progress {
    is_quiet: bool,
}

impl Observer for Progress {
    fn sees(&self, event: Event<'_>) {
        match event {
            // The title of the order is told before it is made: even a killed run has named it.
            Event::Note(text) => say(&format!("· {text}")),
            Event::After(exchange) if !self.is_quiet => say(&format!("· {}", line(exchange))),
            Event::Before(_) | Event::After(_) => {}
        }
    }
}

/// An exchange in one line.
pub(crate) fn line(exchange: &Exchange) -> String {
    let status = exchange.status.map_or("–".to_owned(), |status| status.to_string());
    let told = exchange.error.as_ref().or(exchange.trouble.as_ref());
    let told = told.map(|told| format!(" ({told})")).unwrap_or_default();
    format!("{} {} → {status} in {} ms{told}", exchange.step.word(), exchange.request, exchange.ms)
}

/// What the runner says about the event: where a run may not reach out, and where settings are not to be trusted.
#[derive(Debug, Default)]
pub(crate) struct Occasion {
    /// Nothing is probed.
    pub(crate) withheld: Option<Withheld>,
    /// The settings of the work tree are those of a pull request.
    pub(crate) is_pull_request: bool,
    /// No key is handed out here, and that is no mistake.
    pub(crate) keyless: Option<Withheld>,
}

/// Reads the event that the runner left in a file. Outside a workflow there is none.
pub(crate) fn occasion() -> Occasion {
    judged(&Runner::of_process().event())
}

fn judged(event: &Occurrence) -> Occasion {
    let withheld = |reason: &str| Withheld { cause: Cause::NotAllowed, reason: reason.to_owned() };
    let is_dependabot = event.pull_request.as_ref().is_some_and(|pull| pull.is_dependabot);
    Occasion {
        withheld: event.is_fork().then(|| withheld("the pull request comes from a fork")),
        is_pull_request: event.is_proposal,
        keyless: is_dependabot.then(|| withheld("Dependabot gets no secrets of the repository")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gather::event::Variables;
    use serde_json::{Value, json};

    #[test]
    fn a_fork_probes_nothing() {
        let read = |payload: Value, name, actor| {
            let said = Variables { name, repository: "o/r", actor, commit: "", reference: "", base_branch: "" };
            judged(&Occurrence::read(&payload, said))
        };
        let event = |head: Value| json!({"pull_request": {"head": {"repo": head}, "user": {"login": "x"}}});
        let own = read(event(json!({"full_name": "O/R"})), "pull_request", "x");
        assert!(own.withheld.is_none() && own.is_pull_request && own.keyless.is_none());
        assert!(read(event(json!({"full_name": "evil/r"})), "", "x").withheld.is_some());
        assert!(read(event(Value::Null), "pull_request", "x").withheld.is_some());
        assert!(read(event(json!({"full_name": "o/r"})), "", "dependabot[bot]").keyless.is_some());
        for event in [Value::Null, json!({}), json!([]), json!({"pull_request": null})] {
            assert!(!read(event.clone(), "push", "x").is_pull_request);
            assert!(read(event, "pull_request", "x").withheld.is_some(), "an event that says nothing is no trust");
        }
    }
}
