//! The reports of the project's own tools: found, or made by running its commands where that was asked for.

use crate::facts::Facts;
use crate::facts::toolchain::Plan;
use crate::gather::live::duration;
use crate::gather::tools::run::{Errand, Limits, Yard, is_cancelled};
use crate::gather::tools::{Gathering, Named};
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::tools::{Ended, Filed, Gate, Origin, Run};
use anyhow::{Context as _, Result, bail};
use std::path::Path;
use std::time::SystemTime;

/// What a run asks of the project's own tools.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Reports by gate.
    pub named: Named,
    /// The gates whose commands are run.
    pub run: Vec<Gate>,
}

/// A monorepo of more packages has one command for all of them.
const MOST_COMMANDS: usize = 20;

/// Adds the reports to the snapshot, which has been read before any command could change what it holds. The settings
/// are those that count: on a proposal the base branch's, which say which commands may be run.
pub fn add(path: &Path, settings: &Settings, wish: &Wish, snapshot: &mut Snapshot) -> Result<()> {
    let Some(mut gathering) = Gathering::new(path, settings, &wish.named) else { return Ok(()) };
    let gates: Vec<Gate> = Gate::ALL.into_iter().filter(|gate| !settings.left_out.contains(gate.word())).collect();
    let is_run = |gate: &&Gate| wish.run.contains(gate);
    // What is there is read first: a command of one gate makes no report of another.
    for gate in gates.iter().filter(|gate| !is_run(gate)) {
        gathering.read(*gate, snapshot);
    }
    let run: Vec<Gate> = gates.iter().filter(is_run).copied().collect();
    if !run.is_empty() {
        run_all(&mut gathering, &run, settings, snapshot)?;
    }
    gathering.finish(snapshot);
    Ok(())
}

/// What would be run for a gate.
pub fn plans(snapshot: &Snapshot, settings: &Settings, gate: Gate) -> Vec<Plan> {
    let facts = Facts::new(snapshot, settings, super::today());
    facts.toolchain().plans(gate).take(MOST_COMMANDS).cloned().collect()
}

fn run_all(gathering: &mut Gathering, gates: &[Gate], settings: &Settings, snapshot: &mut Snapshot) -> Result<()> {
    let mut limits = Limits::default();
    if let Some(text) = &settings.tools.timeout {
        limits.time = duration(text).map_err(anyhow::Error::msg).context("tools.timeout")?;
    }
    let plans: Vec<Plan> = gates.iter().flat_map(|gate| plans(snapshot, settings, *gate)).collect();
    let yard = match Yard::new(gathering.root(), limits) {
        Ok(yard) => yard,
        Err(reason) => {
            plans.iter().for_each(|plan| gathering.ran(told(plan, Ended::Failed(reason.clone()), 0.0)));
            return Ok(());
        }
    };
    let begun = SystemTime::now();
    for (number, plan) in plans.iter().enumerate() {
        let errand = Errand { folder: plan.folder.clone(), steps: plan.steps.clone(), command: plan.command() };
        let done = yard.run(&errand);
        if is_cancelled() {
            bail!("cancelled");
        }
        gathering.ran(told(plan, done.ended.clone(), done.seconds));
        if plan.gate != Gate::Coverage && done.ended != Ended::NotFound {
            let filed = Filed::new(plan.gate, format!("run-{}.txt", number + 1), Origin::Ran);
            let filed = Filed { command: Some(plan.command()), ended: Some(done.ended), ..filed };
            gathering.add(filed, done.report.unwrap_or(done.output), snapshot);
        }
    }
    if gates.contains(&Gate::Coverage) {
        // Nothing that the commands started lives any more: what is read now stays as it is.
        gathering.read_since(Gate::Coverage, begun, snapshot);
    }
    Ok(())
}

fn told(plan: &Plan, ended: Ended, seconds: f64) -> Run {
    Run { gate: plan.gate, command: plan.command(), folder: plan.folder.clone(), ended, seconds }
}
