//! `mx-prod-gate sweep`: the test orders that earlier runs have left.

use crate::gather::live::{self, Plan, Sweep, api_url, duration};
use crate::run::live::{ApiArguments, with_api_arguments};
use crate::run::outside::{KEY, block_on, key, say, signals, world};
use crate::transcript::{Step, Transcript};
use anyhow::{Result, bail};
use clap::Args;
use std::time::Duration;

/// What `sweep` can be told.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// Remove the test orders of at least this age.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "1h")]
    pub older_than: Duration,
    /// Remove this order, if its title shows that a run of mx-prod-gate made it.
    #[arg(long, value_name = "ID", conflicts_with = "older_than")]
    pub order: Option<u64>,
    /// The address of the API; https, or http on this machine.
    #[arg(long, value_name = "URL", default_value = live::API)]
    pub api_url: String,
    /// The organization, for a key that belongs to several.
    #[arg(long, value_name = "ID")]
    pub organization: Option<u64>,
    #[command(flatten)]
    pub api: ApiArguments,
}

/// Sweeps, and says what was removed.
pub fn run(arguments: &Arguments) -> Result<u8> {
    let mut plan = Plan::new(api_url(&arguments.api_url)?);
    with_api_arguments(&mut plan, &arguments.api)?;
    plan.organization = arguments.organization;
    plan.older_than = arguments.older_than;
    let Some(key) = key(arguments.api.api_key_file.as_deref())? else { bail!("there is no key: {KEY} is empty") };
    let what = arguments.order.map_or(Sweep::Old, Sweep::One);
    let transcript = block_on(async { live::sweep(plan, key, world(false), what, signals()?).await })?;
    for swept in &transcript.swept {
        let word = if swept.removed { "removed" } else { "NOT removed" };
        say(&format!("{word}: {} {}", swept.id, swept.title));
    }
    say(&format!("test orders found: {}", transcript.swept.len()));
    Ok(exit_code(&transcript))
}

/// 1 where an order that was found is still there, 2 where it could not be told whether there are any.
fn exit_code(transcript: &Transcript) -> u8 {
    let is_cancelled = transcript.cut_short.as_deref().is_some_and(|by| by.starts_with("SIG"));
    let looks = |step| transcript.exchanges.iter().rev().find(|exchange| exchange.step == step);
    let look = looks(Step::SweepList).or_else(|| looks(Step::OrderRead));
    match () {
        () if is_cancelled => 130,
        () if transcript.swept.iter().any(|swept| !swept.removed) => 1,
        () if look.is_none_or(|look| !look.is_success() && look.status != Some(404)) => 2,
        () => 0,
    }
}
