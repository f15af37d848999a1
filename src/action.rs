//! The GitHub Action: judges the workspace, and tells the runner in its log, annotations, summary and outputs.

mod desk;
mod live;
mod tools;

use crate::gather::base::Source;
use crate::gather::runner::Runner;
use crate::publish::runner as publish;
use crate::report::{self, Format, Terminal, annotations, escape};
use crate::run;
use crate::run::policy::{self, Policy, Surroundings};
use crate::run::ratchet;
use crate::settings::problem::Problems;
use crate::settings::{Block, FailOn};
use crate::snapshot::Snapshot;
use crate::verdict::{Row, Trend, Verdict};
use anyhow::{Context, Result, bail};
use desk::{Annotations, Desk};
use live::Mode;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use tokio::signal::unix::{SignalKind, signal};

/// The exit code of a step that was cancelled.
const CANCELLED: i32 = 130;
/// The inputs that name a report's file, and the format of each.
const REPORTS: [(&str, Format); 4] = [
    ("json-file", Format::Json),
    ("sarif-file", Format::Sarif),
    ("markdown-file", Format::Markdown),
    ("html-file", Format::Html),
];

/// Runs as the runner calls it; the result is the exit code.
pub fn run() -> Result<u8> {
    heed_signals()?;
    let runner = Runner::of_process();
    let mut desk = match Desk::open(&runner) {
        Ok(desk) => desk,
        Err(error) => return failed(&runner, &error, 2),
    };
    desk.start(&runner);
    // What a live run has shown weighs more than a report that cannot be written.
    let mut shown = 0;
    let told = judged(&runner, &desk).and_then(|(verdict, exit_code)| {
        shown = exit_code;
        tell(&runner, &mut desk, &verdict)
    });
    if let Err(error) = &told {
        desk.fail(&format!("{error:#}"));
    }
    for apology in desk.apologies() {
        say(&format!("::notice title=mx-prod-gate::{}", escape::command_data(&apology)));
    }
    match told {
        Ok(()) => Ok(shown),
        Err(error) => failed(&runner, &error, if shown == 0 { 2 } else { shown }),
    }
}

/// Runs as the step after the main one; whatever it finds is no failing.
pub fn run_after() -> Result<u8> {
    if let Err(error) = desk::close_left(&Runner::of_process()) {
        say(&format!("mx-prod-gate: {}", escape::without_commands(&format!("{error:#}"))));
    }
    Ok(0)
}

fn failed(runner: &Runner, error: &anyhow::Error, exit_code: u8) -> Result<u8> {
    say(&format!("::error title=mx-prod-gate::{}", escape::command_data(&format!("{error:#}"))));
    let written = runner.output.as_ref().map_or(Ok(()), |file| publish::output(file, "verdict", "unknown"));
    written.map(|()| exit_code).or(Ok(exit_code))
}

/// One line of the log, on the standard output, where the runner looks for commands. A log that is full loses it.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// The first process of a container ignores the signals of a cancelled job unless it asks for them: without this it
/// would live on after its job.
fn heed_signals() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate) = {
        let _guard = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    std::thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        });
        // A live run heeds its signals itself: it has an order to remove.
        if !live::HEEDS_SIGNALS.load(Ordering::SeqCst) {
            crate::gather::tools::run::cancel();
            say("mx-prod-gate was cancelled");
            desk::cancel();
            std::process::exit(CANCELLED);
        }
    });
    Ok(())
}

fn judged(runner: &Runner, desk: &Desk) -> Result<(Verdict, u8)> {
    let event = &desk.event;
    let remote = desk.remote();
    let (commit, action) = (runner.said("SHA"), runner.said("ACTION_REPOSITORY"));
    let remote = remote.as_ref().map(|remote| remote as &dyn Source);
    let around = Surroundings { event: Some(event), commit, action, remote };
    let workspace = workspace(runner)?;
    let of_base = match policy::inputs(&workspace, around, runner.workflow(), runner.said("JOB")) {
        Ok(inputs) => inputs,
        // The live questions have strict defaults; where nothing else is asked, no settings are needed.
        Err(_) if live::mode(runner)? == Mode::Verify => None,
        Err(error) => return Err(error),
    };
    let runner = &runner.clone().with_inputs(&of_base.unwrap_or_default());
    let mode = live::mode(runner)?;
    let (root, below) = root(runner, &workspace)?;
    let fail_on = fail_on(runner.input("fail-on"))?;
    let left_out = run::left_out(&words(runner.input("only")), &words(runner.input("skip")))?;
    let policy = match settings(runner, &root, around) {
        Err(_) if mode == Mode::Verify && event.is_proposal => Policy::default(),
        read => read?,
    };
    let policy = policy.for_run(fail_on, left_out);
    let settings = &policy.settings;
    let mut snapshot =
        if mode == Mode::Verify { Snapshot::default() } else { tools::gathered(runner, &root, settings)? };
    if let Some(proposed) = &policy.proposed {
        proposed.hold_allowances(&mut snapshot, around.remote);
    }
    let heard = if mode == Mode::Check { None } else { Some(live::probed(runner, settings, &mut snapshot)?) };
    let verdict = match mode {
        Mode::Verify => crate::judge_live(&snapshot, settings, run::today()),
        Mode::Check | Mode::All => crate::judge(&snapshot, settings, run::today()),
    };
    let block = block(runner.input("block"))?.unwrap_or(settings.block);
    let verdict = match mode {
        Mode::Verify => verdict,
        Mode::Check | Mode::All => ratchet::held(verdict, &root, &policy, around, block),
    };
    let proposal = policy.proposal(&snapshot, action, run::today());
    let mut verdict = Verdict { proposal, ..verdict.below(&below) };
    if let Some(changed) = desk.changed() {
        verdict.mark_changed(&changed);
    }
    let exit_code = match &heard {
        Some(heard) => heard.exit_code(&verdict, settings),
        None => verdict.verdict.exit_code(),
    };
    Ok((verdict, exit_code))
}

fn workspace(runner: &Runner) -> Result<PathBuf> {
    let workspace = runner.workspace.canonicalize();
    let workspace =
        workspace.with_context(|| format!("the workspace {} cannot be opened", runner.workspace.display()))?;
    if workspace.read_dir().is_ok_and(|mut entries| entries.next().is_none()) {
        bail!("the workspace is empty: a step with actions/checkout has to come first");
    }
    Ok(workspace)
}

/// The folder to judge, and its path below the workspace with a slash at its end.
fn root(runner: &Runner, workspace: &Path) -> Result<(PathBuf, String)> {
    let path = runner.input("path");
    let root = workspace.join(path).canonicalize().with_context(|| format!("the path {path} cannot be opened"))?;
    let Ok(below) = root.strip_prefix(workspace) else { bail!("the path {path} leaves the workspace") };
    let below = below.to_string_lossy().into_owned();
    Ok((root.clone(), if below.is_empty() { below } else { below + "/" }))
}

fn settings(runner: &Runner, root: &Path, around: Surroundings) -> Result<Policy> {
    let config = runner.input("config");
    let config = (!config.is_empty()).then(|| workspace(runner).map(|workspace| workspace.join(config))).transpose()?;
    match policy::policy(root, config.as_deref(), around)? {
        Ok(policy) => Ok(policy),
        Err(problems) => {
            annotate(&problems);
            bail!("the settings have mistakes: nothing was judged")
        }
    }
}

fn annotate(problems: &Problems) {
    for problem in &problems.list {
        let span = problems.blob.span(problem.at.clone());
        let file = escape::command_property(span.path());
        let help = problem.help.as_deref().map(|help| format!("\n{help}")).unwrap_or_default();
        let message = escape::command_data(&format!("{}{help}", problem.message));
        println!("::error file={file},line={},col={},title=mx-prod-gate::{message}", span.line(), span.column());
    }
}

fn fail_on(input: &str) -> Result<Option<FailOn>> {
    if input.is_empty() {
        return Ok(None);
    }
    match FailOn::ALL.into_iter().find(|each| each.word().eq_ignore_ascii_case(input)) {
        Some(fail_on) => Ok(Some(fail_on)),
        None => bail!("the input fail-on is `{input}`: allowed are {}", FailOn::ALL.map(FailOn::word).join(", ")),
    }
}

fn block(input: &str) -> Result<Option<Block>> {
    Ok(match input {
        "" => None,
        "all" => Some(Block::All),
        "new" => Some(Block::New),
        other => bail!("the input block is `{other}`: allowed are all, new"),
    })
}

/// Names separated by commas, blanks or lines.
fn words(input: &str) -> Vec<String> {
    input.split([',', ' ', '\n', '\r', '\t']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn tell(runner: &Runner, desk: &mut Desk, verdict: &Verdict) -> Result<()> {
    println!("::group::mx-prod-gate: {}, {}", verdict.headline(), verdict.reason());
    // The report has no control characters of the repository's; its own colours are shown by the log.
    print!("{}", escape::without_commands(&report::render(verdict, Format::Terminal, Terminal::default())));
    println!("::endgroup::");
    let shown = desk::annotations(runner)?;
    let published = desk.publish(runner, verdict);
    if shown != Annotations::None && !desk.annotates() {
        let only_changed = shown == Annotations::Changed;
        print!("{}", annotations::render(&if only_changed { verdict.only_changed() } else { verdict.clone() }));
    }
    if let (Some(file), true) = (&runner.summary, is_wanted(runner, "summary")?) {
        publish::append(file, &report::summary(verdict, runner.files.as_deref()))?;
    }
    for (input, format) in REPORTS {
        let file = runner.input(input);
        if !file.is_empty() {
            let text = report::render(verdict, format, Terminal::default());
            publish::report(&runner.workspace, Path::new(file), &text)?;
        }
    }
    if let Some(file) = &runner.output {
        let outputs = outputs(runner, verdict).into_iter().chain(desk.outputs.clone());
        outputs.into_iter().try_for_each(|(name, value)| publish::output(file, name, &value))?;
    }
    published
}

/// A flag as YAML writes it; what is not set is wanted.
fn is_wanted(runner: &Runner, input: &str) -> Result<bool> {
    match runner.input(input) {
        "" | "true" | "True" | "TRUE" => Ok(true),
        "false" | "False" | "FALSE" => Ok(false),
        other => bail!("the input {input} is `{other}`: allowed are true, false"),
    }
}

fn outputs(runner: &Runner, verdict: &Verdict) -> Vec<(&'static str, String)> {
    let blocking: Vec<&str> = verdict.rows.iter().filter(|row| row.blocks).map(|row| row.check).collect();
    let counts = &verdict.counts;
    let mut outputs = vec![
        ("verdict", verdict.verdict.word().to_owned()),
        ("blocking", blocking.join(",")),
        ("passed", counts.pass.to_string()),
        ("failed", counts.fail.to_string()),
        ("manual", counts.manual.to_string()),
        ("not-applicable", counts.not_applicable.to_string()),
        ("errors", counts.error.to_string()),
    ];
    let trend = verdict.trend.clone().unwrap_or_default();
    let row = |row: &Row| serde_json::json!({ "outcome": row.outcome, "priority": row.priority, "blocks": row.blocks });
    let checks: serde_json::Map<_, _> = verdict.rows.iter().map(|each| (each.check.to_owned(), row(each))).collect();
    outputs.extend([
        ("fixed", trend.fixed.to_string()),
        ("new", trend.new.to_string()),
        ("trend", verdict.trend.as_ref().map(Trend::sentence).unwrap_or_default()),
        ("checks", serde_json::Value::Object(checks).to_string()),
    ]);
    outputs.extend(REPORTS.iter().map(|(name, _)| (*name, runner.input(name).to_owned())));
    outputs
}
