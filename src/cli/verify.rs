//! `mx-prod-gate verify`: the live run and its reports.

use super::{check, output, report_file};
use crate::report::{self, Format, Terminal};
use crate::run::live::{self, Arguments};
use crate::run::outside::say;
use anstream::ColorChoice;
use anyhow::Result;
use clap::Args;
use std::path::{Path, PathBuf};

/// `verify` and its reports.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    arguments: Arguments,
    /// The format of what is printed.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
    /// Write another report as well (repeatable), such as json=live.json.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report_file)]
    reports: Vec<(Format, PathBuf)>,
    /// The settings file. Default: .mx-prod-gate.yml in this folder or in its .github.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Tell no steps, and print only the verdict and what blocks.
    #[arg(long, short)]
    quiet: bool,
}

/// Verifies and reports.
pub fn run(all: &VerifyArgs, colour: ColorChoice) -> Result<u8> {
    let settings = check::settings(Path::new("."), all.config.as_deref(), colour)?;
    if all.arguments.dry_run {
        return output::print(&live::dry_run(&all.arguments, &settings)?, ColorChoice::Never);
    }
    let transcript = live::probe(&all.arguments, &settings, all.quiet)?;
    let verdict = live::judge(&transcript, &settings);
    let exit_code = live::exit_code(&transcript, &verdict, &all.arguments, &settings);
    let terminal = Terminal { quiet: all.quiet, ..Terminal::default() };
    let is_coloured = all.format == Format::Terminal;
    let printed = output::print(
        &report::render(&verdict, all.format, terminal),
        if is_coloured { colour } else { ColorChoice::Never },
    );
    let written = all
        .reports
        .iter()
        .map(|(format, file)| output::write(file, &report::render(&verdict, *format, Terminal::default())));
    let failed = [printed.map(drop)].into_iter().chain(written).filter_map(Result::err);
    let failed = failed.inspect(|error| say(&format!("error: {error:#}"))).count();
    // What the run has shown weighs more than a report that is missing.
    Ok(if failed > 0 && exit_code == 0 { 2 } else { exit_code })
}
