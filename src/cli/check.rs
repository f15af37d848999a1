//! `check`: gather, judge, report.

use super::output;
use super::progress::Progress;
use super::{CheckArgs, known};
use crate::checks::{CHECKS, ids};
use crate::facts::sieve::Wanted;
use crate::gather::{policy, tree};
use crate::report::{self, Format, Terminal};
use crate::settings::{Settings, read};
use crate::verdict::Verdict;
use anstream::ColorChoice;
use anyhow::{Result, bail};
use jiff::civil::Date;
use std::collections::BTreeSet;
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

/// Reads and judges a folder.
pub fn judge(path: &Path, settings: &Settings, today: Date) -> Result<Verdict> {
    // The scanner asks whether a token has run out, by the clock.
    let snapshot = tree::gather(path, &Wanted::new(jiff::Timestamp::now().as_second()))?;
    Ok(crate::judge(&snapshot, settings, today))
}

/// The settings of a folder, or those of a file that was named. Mistakes are shown with their lines.
pub fn settings(root: &Path, config: Option<&Path>, colour: ColorChoice) -> Result<Settings> {
    let Some((path, text)) = policy::find(root, config)? else { return Ok(Settings::default()) };
    match read::read(&path, &text, &ids()) {
        Ok(settings) => Ok(settings),
        Err(problems) => {
            let coloured = match colour {
                ColorChoice::Never => false,
                ColorChoice::Auto => std::io::stderr().is_terminal(),
                _ => true,
            };
            eprintln!("{}\n", problems.render(coloured));
            let count = problems.list.len();
            bail!("{path} has {count} mistake{}: nothing was judged", if count == 1 { "" } else { "s" })
        }
    }
}

/// Today, at UTC: a waiver ends everywhere at the same moment.
pub fn today() -> Date {
    jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date()
}

/// The checks that `--only` and `--skip` leave out. Both take names of checks and of areas.
pub fn left_out(only: &[String], skip: &[String]) -> Result<BTreeSet<String>> {
    let (only, skip) = (named(only)?, named(skip)?);
    let out =
        CHECKS.iter().map(|check| check.id).filter(|id| (!only.is_empty() && !only.contains(id)) || skip.contains(id));
    Ok(out.map(str::to_owned).collect())
}

fn named(names: &[String]) -> Result<BTreeSet<&'static str>> {
    let mut found = BTreeSet::new();
    for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        let of_area: Vec<&str> =
            CHECKS.iter().filter(|check| check.area.word() == name).map(|check| check.id).collect();
        if of_area.is_empty() {
            found.insert(known(name)?.id);
        }
        found.extend(of_area);
    }
    Ok(found)
}

fn print(verdict: &Verdict, arguments: &CheckArgs, colour: ColorChoice) -> Result<()> {
    let width = terminal_size::terminal_size().map_or(Terminal::default().width, |(width, _)| usize::from(width.0));
    let text = report::render(verdict, arguments.format, Terminal { width, quiet: arguments.quiet });
    // Only the terminal's report is ours to colour: the others are read by programs.
    let colour = if arguments.format == Format::Terminal { colour } else { ColorChoice::Never };
    output::print(&text, colour).map(drop)
}
