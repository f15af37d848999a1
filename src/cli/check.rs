//! `check`: gather, judge, report.

use super::CheckArgs;
use super::output;
use super::progress::Progress;
use crate::gather::runner::Runner;
use crate::report::{self, Format, Terminal};
use crate::run::policy::{self, Policy, Surroundings};
use crate::run::{gather, left_out, settings_or_problems, today, tools};
use crate::settings::Settings;
use crate::settings::problem::Problems;
use crate::verdict::Verdict;
use anstream::ColorChoice;
use anyhow::{Result, bail};
use std::io::IsTerminal;
use std::path::Path;

/// Judges and reports. The exit code is the verdict's, whatever the format.
pub fn run(arguments: &CheckArgs, colour: ColorChoice) -> Result<u8> {
    if arguments.tools.runs() {
        super::tools::heed_signals()?;
    }
    let verdict = {
        let _progress = Progress::start("reading the repository", !arguments.quiet);
        let policy = policy(&arguments.path, arguments.config.as_deref(), colour)?;
        let policy = policy.for_run(arguments.fail_on, left_out(&arguments.only, &arguments.skip)?);
        let (mut tree, today) = (gather(&arguments.path, &policy.settings)?, arguments.today.unwrap_or_else(today));
        if let Some(proposed) = &policy.proposed {
            proposed.hold_allowances(&mut tree, None);
        }
        tools::add(&arguments.path, &policy.settings, &arguments.tools.wish(), &mut tree)?;
        let verdict = crate::judge(&tree, &policy.settings, today);
        Verdict { proposal: policy.proposal(&tree, "", today), ..verdict }
    };
    for (format, file) in &arguments.reports {
        output::write(file, &report::render(&verdict, *format, Terminal::default()))?;
    }
    match &arguments.output {
        Some(file) => {
            let terminal = Terminal { quiet: arguments.quiet, ..Terminal::default() };
            output::write(file, &report::render(&verdict, arguments.format, terminal))?;
        }
        None => print(&verdict, arguments, colour)?,
    }
    Ok(verdict.verdict.exit_code())
}

/// Whose settings count for a folder: in a workflow on a proposal, the base branch's.
pub(super) fn policy(root: &Path, config: Option<&Path>, colour: ColorChoice) -> Result<Policy> {
    let runner = Runner::of_process();
    let event = runner.event();
    let is_here = runner.workspace.canonicalize().ok().zip(root.canonicalize().ok());
    let is_here = is_here.is_some_and(|(workspace, root)| root.starts_with(workspace));
    let event = Some(&event).filter(|_| is_here && runner.said("ACTIONS") == "true");
    let around = Surroundings { event, commit: runner.said("SHA"), ..Surroundings::default() };
    match policy::policy(root, config, around)? {
        Ok(policy) => Ok(policy),
        Err(problems) => mistaken(&problems, colour),
    }
}

/// The settings of a folder, or those of a file that was named. Mistakes are shown with their lines.
pub fn settings(root: &Path, config: Option<&Path>, colour: ColorChoice) -> Result<Settings> {
    match settings_or_problems(root, config)? {
        Ok(settings) => Ok(settings),
        Err(problems) => mistaken(&problems, colour),
    }
}

fn mistaken<T>(problems: &Problems, colour: ColorChoice) -> Result<T> {
    let coloured = match colour {
        ColorChoice::Never => false,
        ColorChoice::Auto => std::io::stderr().is_terminal(),
        _ => true,
    };
    eprintln!("{}\n", problems.render(coloured));
    let count = problems.list.len();
    bail!("{} has {count} mistake{}: nothing was judged", problems.blob.path(), if count == 1 { "" } else { "s" })
}

fn print(verdict: &Verdict, arguments: &CheckArgs, colour: ColorChoice) -> Result<()> {
    let width = terminal_size::terminal_size().map_or(Terminal::default().width, |(width, _)| usize::from(width.0));
    let text = report::render(verdict, arguments.format, Terminal { width, quiet: arguments.quiet });
    // Only the terminal's report is ours to colour: the others are read by programs.
    let colour = if arguments.format == Format::Terminal { colour } else { ColorChoice::Never };
    output::print(&text, colour).map(drop)
}
