//! `check`: gather, judge, report.

use super::CheckArgs;
use super::output;
use super::progress::Progress;
use crate::report::{self, Format, Terminal};
use crate::run::{judge, left_out, settings_or_problems, today};
use crate::settings::Settings;
use crate::verdict::Verdict;
use anstream::ColorChoice;
use anyhow::{Result, bail};
use std::io::IsTerminal;
use std::path::Path;

/// Judges and reports. The exit code is the verdict's, whatever the format.
pub fn run(arguments: &CheckArgs, colour: ColorChoice) -> Result<u8> {
    let verdict = {
        let _progress = Progress::start("reading the repository", !arguments.quiet);
        let mut settings = settings(&arguments.path, arguments.config.as_deref(), colour)?;
        settings.fail_on = arguments.fail_on.unwrap_or(settings.fail_on);
        settings.left_out = left_out(&arguments.only, &arguments.skip)?;
        judge(&arguments.path, &settings, arguments.today.unwrap_or_else(today))?
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

/// The settings of a folder, or those of a file that was named. Mistakes are shown with their lines.
pub fn settings(root: &Path, config: Option<&Path>, colour: ColorChoice) -> Result<Settings> {
    let problems = match settings_or_problems(root, config)? {
        Ok(settings) => return Ok(settings),
        Err(problems) => problems,
    };
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
