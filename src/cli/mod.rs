//! The command line: flags and sub-commands, and what each does.

mod check;
mod explain;
mod output;
mod progress;
pub mod secrets;
pub mod sweep;
pub mod tools;
pub mod verify;

use crate::outcome::Priority;
use crate::report::Format;
use crate::run;
use crate::settings::FailOn;
use crate::settings::problem::nearest;
use anyhow::Result;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use std::path::PathBuf;

/// A go-live gate for integrations with MaintainX.
///
/// Reads a repository and reports, check by check, what holds, what does not, and the line that shows it.
/// Runs nothing of the repository and needs no network; `verify` and `sweep` alone call out.
#[derive(Debug, Parser)]
#[command(name = "mx-prod-gate", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Colours: auto asks whether the output is a terminal, and NO_COLOR.
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    color: Colour,
}

const EXIT_CODES: &str =
    "Exit codes: 0 ready, 1 not ready, 2 could not tell or bad use, 130 cancelled (verify, sweep).";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
}

impl Colour {
    fn choice(self) -> anstream::ColorChoice {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge a repository.
    Check(Box<CheckArgs>),
    /// Show why a check asks what it asks, how to fix it, and examples; without a name, list all checks.
    Explain {
        /// The check.
        check: Option<String>,
    },
    /// List all checks.
    List {
        #[arg(long, value_enum, default_value_t = ListFormat::Table)]
        format: ListFormat,
    },
    /// Show which of the project's own commands `check --run-tools` would run, and why those.
    Tools {
        /// The folder of the repository.
        #[arg(default_value = ".")]
        path: PathBuf,
        /// The settings file. Default: .mx-prod-gate.yml in the folder or in its .github.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Find secrets in a repository.
    Secrets(secrets::Arguments),
    /// Verify a deploy: the service's health and metrics, and one real work order, made, read, closed and gone.
    Verify(Box<verify::VerifyArgs>),
    /// Remove the test work orders that earlier runs have left.
    Sweep(sweep::Arguments),
    /// Print the JSON Schema of the settings or of the JSON report.
    Schema {
        #[arg(value_enum, default_value_t = SchemaOf::Settings)]
        of: SchemaOf,
    },
    /// Print the completions of a shell.
    Completions {
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the man page.
    Man,
    /// Run as a GitHub Action: inputs and outputs come from the runner's environment.
    Action,
    /// Run as the step after the action: close what a killed main step has left in progress.
    #[command(hide = true)]
    ActionAfter,
}

/// What `check` can be told.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The folder of the repository.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The format of what is printed.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
    /// Write there instead of to the standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write another report as well (repeatable), such as sarif=gate.sarif.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report_file)]
    reports: Vec<(Format, PathBuf)>,
    /// The lowest priority whose failing blocks. Default: that of the settings, or P0.
    #[arg(long, value_name = "PRIORITY", value_parser = fail_on())]
    fail_on: Option<FailOn>,
    /// Judge only these checks or areas (repeatable, or separated by commas).
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    only: Vec<String>,
    /// Leave these checks or areas out (repeatable, or separated by commas).
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    skip: Vec<String>,
    /// The settings file. Default: .mx-prod-gate.yml in the folder or in its .github.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The day of the judgement, for waivers and attestations. Default: today (UTC).
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
    /// Print only the verdict and what blocks.
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    tools: tools::ToolArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    Table,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SchemaOf {
    Settings,
    Report,
}

fn fail_on() -> impl TypedValueParser<Value = FailOn> {
    let words = FailOn::ALL.map(FailOn::word);
    PossibleValuesParser::new(words)
        .map(|word| FailOn::ALL.into_iter().find(|each| each.word() == word).unwrap_or_default())
}

fn report_file(text: &str) -> Result<(Format, PathBuf), String> {
    let Some((format, file)) = text.split_once('=') else {
        return Err("a format and a file are needed, such as sarif=gate.sarif".to_owned());
    };
    let Some(format) = Format::ALL.into_iter().find(|each| each.word() == format) else {
        let words = Format::ALL.map(Format::word);
        let near = nearest(format, words).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        return Err(format!("there is no format `{format}`: {near}allowed: {}", words.join(", ")));
    };
    if file.is_empty() {
        return Err("the file is missing".to_owned());
    }
    Ok((format, PathBuf::from(file)))
}

/// Does what the command line asks for; the result is the exit code.
pub fn run(cli: &Cli) -> Result<u8> {
    let colour = cli.color.choice();
    match &cli.command {
        Command::Check(arguments) => check::run(arguments, colour),
        Command::Explain { check: Some(check) } => explain::explain(run::known(check)?, colour),
        Command::Explain { check: None } => list(ListFormat::Table, colour),
        Command::List { format } => list(*format, colour),
        Command::Tools { path, config } => {
            let policy = check::policy(path, config.as_deref(), colour)?;
            tools::list(path, &policy.settings, colour)
        }
        Command::Secrets(arguments) => secrets::run(arguments),
        Command::Verify(arguments) => verify::run(arguments, colour),
        Command::Sweep(arguments) => sweep::run(arguments),
        Command::Schema { of } => schema(*of, colour),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "mx-prod-gate", &mut script);
            output::print(&String::from_utf8_lossy(&script), colour)
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            output::print(&String::from_utf8_lossy(&page), colour)
        }
        Command::Action if is_after() => crate::action::run_after(),
        Command::Action => crate::action::run(),
        Command::ActionAfter => crate::action::run_after(),
    }
}

/// The step after the main one has the same arguments and another entrypoint: this program under another name.
fn is_after() -> bool {
    std::env::args_os().next().is_some_and(|name| name.as_encoded_bytes().ends_with(b"-after"))
}

fn list(format: ListFormat, colour: anstream::ColorChoice) -> Result<u8> {
    let text = match format {
        ListFormat::Table => explain::table(),
        ListFormat::Json => explain::json()?,
    };
    output::print(&text, colour)
}

fn schema(of: SchemaOf, colour: anstream::ColorChoice) -> Result<u8> {
    let schema = match of {
        SchemaOf::Settings => crate::settings::schema::schema(&crate::checks::ids()),
        SchemaOf::Report => crate::report::schema(),
    };
    output::print(&format!("{}\n", serde_json::to_string_pretty(&schema)?), colour)
}

/// The word of a priority, for the tables.
fn word(priority: Priority) -> &'static str {
    priority.word()
}
