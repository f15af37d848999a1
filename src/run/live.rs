//! A live run from end to end: what is asked for, the probes, the judgement, the exit code.

use super::outside::{KEY, Occasion, block_on, key, occasion, say, signals, world};
use crate::check::Area;
use crate::gather::live::{self, Plan, Requests, Withheld, api_url, duration, service_url};
use crate::outcome::Conclusion;
use crate::publish::order;
use crate::settings::Settings;
use crate::settings::live::OnOutage;
use crate::snapshot::Snapshot;
use crate::transcript::{Cause, PATH, Transcript};
use crate::verdict::{Decision, Verdict};
use anyhow::{Context as _, Result};
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// What `verify` can be told. The key comes from MAINTAINX_API_KEY or a file, never from an argument.
#[derive(Debug, Clone, Default, Args)]
pub struct Arguments {
    /// The health URL of the service.
    #[arg(long, value_name = "URL")]
    pub service_url: Option<String>,
    /// The metrics URL of the service.
    #[arg(long, value_name = "URL")]
    pub metrics_url: Option<String>,
    /// The address of the API; https, or http on this machine.
    #[arg(long, value_name = "URL", default_value = live::API)]
    pub api_url: String,
    /// The organization, for a key that belongs to several.
    #[arg(long, value_name = "ID")]
    pub organization: Option<u64>,
    /// How long a roll-out may take, such as 5m.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub wait: Option<Duration>,
    /// The version or commit that has to answer at the end of the roll-out.
    #[arg(long, value_name = "VERSION")]
    pub expect_version: Option<String>,
    /// A counter of API calls that has to be among the metrics and to move (repeatable).
    #[arg(long = "counter", value_name = "NAME")]
    pub counters: Vec<String>,
    /// What becomes of the run during an outage that the vendor admits.
    #[arg(long, value_enum)]
    pub on_outage: Option<OnOutage>,
    /// Probe services on private, loopback and link-local addresses, too.
    #[arg(long)]
    pub allow_private: bool,
    /// Show every request without sending one.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub api: ApiArguments,
}

/// What all live sub-commands can be told.
#[derive(Debug, Clone, Default, Args)]
pub struct ApiArguments {
    /// The file that holds the key.
    #[arg(long, value_name = "FILE")]
    pub api_key_file: Option<PathBuf>,
    /// More certificate authorities, as PEM.
    #[arg(long, value_name = "FILE")]
    pub ca_bundle: Option<PathBuf>,
    /// How long one request may take.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// The status page that is asked where the API fails.
    #[arg(long, value_name = "URL", default_value = live::STATUS_PAGE, hide = true)]
    pub status_url: String,
}

/// Runs the probes. Nothing is printed but progress, and a word on an order that may be left.
pub fn probe(arguments: &Arguments, settings: &Settings, is_quiet: bool) -> Result<Transcript> {
    let occasion = occasion();
    let mut plan = plan(arguments, settings, &occasion)?;
    let key = if plan.without_api.is_none() { key(arguments.api.api_key_file.as_deref())? } else { None };
    if key.is_none() && plan.without_api.is_none() {
        let reason = format!("there is no key: {KEY} is empty");
        plan.without_api = Some(occasion.keyless.unwrap_or(Withheld { cause: Cause::Missing, reason }));
    }
    let transcript = block_on(async { live::verify(plan, key, world(is_quiet), signals()?).await })?;
    if let Some(left) = left(&transcript) {
        say(&left);
    }
    let file = |name| std::env::var_os(name).map(PathBuf::from);
    order::tell(&transcript, file("GITHUB_OUTPUT").as_deref(), file("GITHUB_STEP_SUMMARY").as_deref());
    Ok(transcript)
}

/// Judges what was heard, and nothing else.
pub fn judge(transcript: &Transcript, settings: &Settings) -> Verdict {
    let mut snapshot = Snapshot::default();
    snapshot.insert_text(PATH, &transcript.to_text());
    crate::judge_live(&snapshot, settings, super::today())
}

/// The sentence on an order that may be left.
fn left(transcript: &Transcript) -> Option<String> {
    let order = transcript.order.as_ref()?;
    let removal = order.removal.as_ref()?;
    let id = order.id.map_or("of unknown number".to_owned(), |id| id.to_string());
    Some(format!(
        "ATTENTION: work order {id}, titled “{}”, may be left ({}). Remove it: {removal}",
        order.title,
        order.state.word()
    ))
}

/// 130 where a signal ended it, 1 where an order may be left; else the verdict's, with the say of the settings on outages.
pub fn exit_code(transcript: &Transcript, verdict: &Verdict, arguments: &Arguments, settings: &Settings) -> u8 {
    let on_outage = arguments.on_outage.unwrap_or(settings.live.on_outage);
    let mut unknown = verdict.rows.iter().filter(|row| row.outcome == Conclusion::Error);
    let decision = match verdict.verdict {
        // What is not known of the repository is not the vendor's fault.
        Decision::Unknown if unknown.any(|row| row.area != Area::Live) => {
            return decided(transcript, Decision::Unknown, OnOutage::Fail).max(2);
        }
        decision => decision,
    };
    decided(transcript, decision, on_outage)
}

fn decided(transcript: &Transcript, decision: Decision, on_outage: OnOutage) -> u8 {
    let is_cancelled = transcript.cut_short.as_deref().is_some_and(|by| by.starts_with("SIG"));
    let is_left = transcript.order.as_ref().is_some_and(|order| !order.state.is_settled());
    match decision {
        _ if is_cancelled => 130,
        _ if is_left => 1,
        Decision::Unknown if transcript.outage.is_some() && transcript.cut_short.is_none() => match on_outage {
            OnOutage::Fail => 1,
            OnOutage::Pass => 0,
        },
        other => other.exit_code(),
    }
}

/// The requests of a run, as they would be sent.
pub fn dry_run(arguments: &Arguments, settings: &Settings) -> Result<String> {
    let plan = plan(arguments, settings, &occasion())?;
    let mut text = String::new();
    for request in Requests::new(&plan, "<run>").all() {
        text.push_str(&format!("{}\n", request.line()));
        if request.with_key {
            text.push_str("  authorization: Bearer [key]\n");
        }
        if let Some(organization) = request.organization {
            text.push_str(&format!("  x-organization-id: {organization}\n"));
        }
        if let Some(body) = &request.body {
            text.push_str(&format!("  {body}\n"));
        }
    }
    Ok(text)
}

/// Arguments before settings; and of a pull request's settings no address.
fn plan(arguments: &Arguments, settings: &Settings, occasion: &Occasion) -> Result<Plan> {
    let mut plan = Plan::new(api_url(&arguments.api_url)?);
    with_api_arguments(&mut plan, &arguments.api)?;
    let live = &settings.live;
    let is_trusted = !occasion.is_pull_request || settings.is_of_base;
    let of_settings = |url: &Option<String>| url.clone().filter(|_| is_trusted);
    let url = |given: &Option<String>, set: &Option<String>, flag: &str| {
        given
            .clone()
            .filter(|text| !text.trim().is_empty())
            .or_else(|| of_settings(set))
            .map(|text| service_url(&text, flag))
            .transpose()
    };
    plan.service_url = url(&arguments.service_url, &live.service_url, "--service-url")?;
    plan.metrics_url = url(&arguments.metrics_url, &live.metrics_url, "--metrics-url")?;
    let is_held_back = !is_trusted && (live.service_url.is_some() || live.metrics_url.is_some());
    if is_held_back && plan.service_url.is_none() && plan.metrics_url.is_none() {
        let reason = "on a pull request no address of its own settings is probed".to_owned();
        plan.without_service = Some(Withheld { cause: Cause::NotAllowed, reason });
    }
    plan.organization = arguments.organization.or(live.organization);
    plan.wait = match (arguments.wait, &live.wait) {
        (Some(wait), _) => wait,
        (None, Some(text)) => duration(text).map_err(anyhow::Error::msg).context("live.wait")?,
        (None, None) => Duration::ZERO,
    };
    plan.expected_version = arguments.expect_version.clone().filter(|version| !version.trim().is_empty());
    plan.counters = if arguments.counters.is_empty() { live.counters.clone() } else { arguments.counters.clone() };
    plan.allow_private = arguments.allow_private || (live.allow_private && is_trusted);
    if let Some(withheld) = &occasion.withheld {
        plan.without_api = Some(withheld.clone());
        plan.without_service = Some(withheld.clone());
    }
    Ok(plan)
}

pub fn with_api_arguments(plan: &mut Plan, arguments: &ApiArguments) -> Result<()> {
    plan.status_url = service_url(&arguments.status_url, "--status-url")?;
    if let Some(timeout) = arguments.timeout.filter(|timeout| !timeout.is_zero()) {
        plan.timing.request = timeout;
    }
    if let Some(file) = &arguments.ca_bundle {
        let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        plan.ca_bundle = Some(bytes);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::{Order, OrderState};

    #[test]
    fn the_exit_code_never_hides_an_order() {
        let order = |state| Some(Order { title: "t".into(), id: None, state, removal: Some("r".into()) });
        let told = |cut: Option<&str>, state, outage: bool| Transcript {
            cut_short: cut.map(str::to_owned),
            outage: outage.then(|| "API: downtime".to_owned()),
            order: order(state),
            ..Transcript::default()
        };
        let code = decided;
        let gone = told(None, OrderState::Gone, false);
        assert_eq!(code(&gone, Decision::Ready, OnOutage::Fail), 0);
        assert_eq!(code(&gone, Decision::Unknown, OnOutage::Pass), 2);
        let out = told(None, OrderState::NeverMade, true);
        assert_eq!(code(&out, Decision::Unknown, OnOutage::Fail), 1);
        assert_eq!(code(&out, Decision::Unknown, OnOutage::Pass), 0);
        assert_eq!(code(&out, Decision::NotReady, OnOutage::Pass), 1);
        let left = told(None, OrderState::Unknown, true);
        assert_eq!(code(&left, Decision::Unknown, OnOutage::Pass), 1);
        assert_eq!(code(&told(Some("SIGTERM"), OrderState::Gone, false), Decision::Unknown, OnOutage::Fail), 130);
        assert!(self::left(&left).unwrap().contains("Remove it"));
    }

    #[test]
    fn of_a_pull_requests_settings_no_address_is_taken() {
        let live = crate::settings::live::Live {
            service_url: Some("https://evil.example/health".into()),
            allow_private: true,
            ..Default::default()
        };
        let settings = Settings { live, ..Settings::default() };
        let arguments = Arguments {
            api_url: live::API.into(),
            api: ApiArguments { status_url: live::STATUS_PAGE.into(), ..Default::default() },
            ..Default::default()
        };
        let pull = Occasion { is_pull_request: true, ..Occasion::default() };
        let held = plan(&arguments, &settings, &pull).unwrap();
        assert!(held.service_url.is_none() && held.without_service.is_some() && !held.allow_private);
        let push = plan(&arguments, &settings, &Occasion::default()).unwrap();
        assert!(push.service_url.is_some() && push.allow_private);
        let flag = Arguments { service_url: Some("https://ours.example/health".into()), ..arguments };
        assert_eq!(plan(&flag, &settings, &pull).unwrap().service_url.unwrap().host_str(), Some("ours.example"));
    }
}
