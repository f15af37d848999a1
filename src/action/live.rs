//! The action's live run: its inputs, and the transcript that joins the snapshot.

use crate::gather::live::{API, STATUS_PAGE, duration};
use crate::gather::runner::Runner;
use crate::run::live::{self, ApiArguments, Arguments};
use crate::settings::Settings;
use crate::settings::live::OnOutage;
use crate::snapshot::Snapshot;
use crate::transcript::{PATH, Transcript};
use crate::verdict::Verdict;
use anyhow::{Context as _, Result, bail};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// A live run is under way, or over: signals are its own.
pub(super) static HEEDS_SIGNALS: AtomicBool = AtomicBool::new(false);

/// What the action is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Check,
    Verify,
    All,
}

pub(super) fn mode(runner: &Runner) -> Result<Mode> {
    match runner.input("mode") {
        "" | "check" => Ok(Mode::Check),
        "verify" => Ok(Mode::Verify),
        "all" => Ok(Mode::All),
        other => bail!("the input mode is `{other}`: allowed are check, verify, all"),
    }
}

/// What a live run has heard, and what it was told.
pub(super) struct Heard {
    transcript: Transcript,
    arguments: Arguments,
}

impl Heard {
    pub(super) fn exit_code(&self, verdict: &Verdict, settings: &Settings) -> u8 {
        live::exit_code(&self.transcript, verdict, &self.arguments, settings)
    }
}

/// Runs the probes as the inputs say, and puts what they heard into the snapshot.
pub(super) fn probed(runner: &Runner, settings: &Settings, snapshot: &mut Snapshot) -> Result<Heard> {
    let arguments = arguments(runner)?;
    HEEDS_SIGNALS.store(true, Ordering::SeqCst);
    let transcript = live::probe(&arguments, settings, false)?;
    snapshot.insert_text(PATH, &transcript.to_text());
    Ok(Heard { transcript, arguments })
}

fn arguments(runner: &Runner) -> Result<Arguments> {
    let given = |name: &str| Some(runner.input(name)).filter(|text| !text.is_empty()).map(str::to_owned);
    let organization = given("organization").map(|text| text.parse().context("the input organization is no number"));
    let wait = given("wait").map(|text| duration(&text).map_err(|error| anyhow::anyhow!("the input wait: {error}")));
    let on_outage = match runner.input("on-outage") {
        "" => None,
        "fail" => Some(OnOutage::Fail),
        "pass" => Some(OnOutage::Pass),
        other => bail!("the input on-outage is `{other}`: allowed are fail, pass"),
    };
    let counters = runner.input("counters").split([',', ' ', '\n', '\r', '\t']).filter(|name| !name.is_empty());
    let ca_bundle = given("ca-bundle").map(|file| runner.workspace.join(PathBuf::from(file)));
    Ok(Arguments {
        service_url: given("service-url"),
        metrics_url: given("metrics-url"),
        api_url: given("api-url").unwrap_or_else(|| API.to_owned()),
        organization: organization.transpose()?,
        wait: wait.transpose()?,
        expect_version: given("expect-version"),
        counters: counters.map(str::to_owned).collect(),
        on_outage,
        allow_private: is_set(runner, "allow-private")?,
        dry_run: false,
        api: ApiArguments { ca_bundle, status_url: STATUS_PAGE.to_owned(), ..ApiArguments::default() },
    })
}

/// A flag as YAML writes it; what is not set is not wanted.
fn is_set(runner: &Runner, input: &str) -> Result<bool> {
    match runner.input(input) {
        "" | "false" | "False" | "FALSE" => Ok(false),
        "true" | "True" | "TRUE" => Ok(true),
        other => bail!("the input {input} is `{other}`: allowed are true, false"),
    }
}
