//! The GitHub Action: judges the workspace, and tells the runner in its log, annotations, summary and outputs.

use crate::gather::runner::Runner;
use crate::publish::runner as publish;
use crate::report::{self, Format, Terminal, annotations, escape};
use crate::run;
use crate::settings::problem::Problems;
use crate::settings::{FailOn, Settings};
use crate::verdict::Verdict;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
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
    let told = judged(&runner).and_then(|verdict| tell(&runner, &verdict).map(|()| verdict.verdict));
    match told {
        Ok(verdict) => Ok(verdict.exit_code()),
        Err(error) => {
            println!("::error title=mx-prod-gate::{}", escape::command_data(&format!("{error:#}")));
            if let Some(file) = &runner.output {
                publish::output(file, "verdict", "unknown")?;
            }
            Ok(2)
        }
    }
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
        println!("mx-prod-gate was cancelled");
        std::process::exit(CANCELLED);
    });
    Ok(())
}

fn judged(runner: &Runner) -> Result<Verdict> {
    let (root, below) = root(runner)?;
    if root.read_dir().is_ok_and(|mut entries| entries.next().is_none()) {
        bail!("the workspace is empty: a step with actions/checkout has to come first");
    }
    let mut settings = settings(runner, &root)?;
    if let Some(fail_on) = fail_on(runner.input("fail-on"))? {
        settings.fail_on = fail_on;
    }
    settings.left_out = run::left_out(&words(runner.input("only")), &words(runner.input("skip")))?;
    let verdict = run::judge(&root, &settings, run::today())?;
    Ok(verdict.below(&below))
}

/// The folder to judge, and its path below the workspace with a slash at its end.
fn root(runner: &Runner) -> Result<(PathBuf, String)> {
    let workspace = runner.workspace.canonicalize();
    let workspace =
        workspace.with_context(|| format!("the workspace {} cannot be opened", runner.workspace.display()))?;
    let path = runner.input("path");
    let root = workspace.join(path).canonicalize().with_context(|| format!("the path {path} cannot be opened"))?;
    let Ok(below) = root.strip_prefix(&workspace) else { bail!("the path {path} leaves the workspace") };
    let below = below.to_string_lossy().into_owned();
    Ok((root.clone(), if below.is_empty() { below } else { below + "/" }))
}

fn settings(runner: &Runner, root: &Path) -> Result<Settings> {
    let config = runner.input("config");
    let config = (!config.is_empty()).then(|| runner.workspace.join(config));
    match run::settings_or_problems(root, config.as_deref())? {
        Ok(settings) => Ok(settings),
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

/// Names separated by commas, blanks or lines.
fn words(input: &str) -> Vec<String> {
    input.split([',', ' ', '\n', '\r', '\t']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn tell(runner: &Runner, verdict: &Verdict) -> Result<()> {
    println!("::group::mx-prod-gate: {}, {}", verdict.headline(), verdict.reason());
    // The report has no control characters of the repository's; its own colours are shown by the log.
    print!("{}", escape::without_commands(&report::render(verdict, Format::Terminal, Terminal::default())));
    println!("::endgroup::");
    if is_wanted(runner, "annotations")? {
        print!("{}", annotations::render(verdict));
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
    match &runner.output {
        Some(file) => outputs(runner, verdict).iter().try_for_each(|(name, value)| publish::output(file, name, value)),
        None => Ok(()),
    }
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
    outputs.extend(REPORTS.iter().map(|(name, _)| (*name, runner.input(name).to_owned())));
    outputs
}
