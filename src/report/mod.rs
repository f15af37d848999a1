//! The verdict as text, one module a format. Reports know nothing but the verdict.

pub mod annotations;
pub mod escape;
mod html;
mod live;
mod markdown;
pub mod page;
mod proposal;
pub mod review;
mod sarif;
mod standing;
mod terminal;

pub use markdown::{Place, check_run, comment, summary};
pub use standing::Standing;
pub use terminal::Terminal;

use crate::verdict::Verdict;
use clap::ValueEnum;

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, at a terminal.
    Terminal,
    /// The verdict itself, for programs.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// For a step summary or a comment.
    Markdown,
    /// One page without scripts.
    Html,
    /// Workflow commands that annotate files.
    Annotations,
}

impl Format {
    pub const ALL: [Self; 6] = [Self::Terminal, Self::Json, Self::Sarif, Self::Markdown, Self::Html, Self::Annotations];

    pub fn word(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Annotations => "annotations",
        }
    }
}

/// The report in one format. Only the terminal's has colours, as escape sequences that whoever prints it may strip.
pub fn render(verdict: &Verdict, format: Format, terminal: Terminal) -> String {
    match format {
        Format::Terminal => terminal::render(verdict, terminal),
        Format::Json => json(verdict),
        Format::Sarif => sarif::render(verdict),
        Format::Markdown => markdown::summary(verdict, None),
        Format::Html => html::render(verdict),
        Format::Annotations => annotations::render(verdict),
    }
}

/// The JSON report is the verdict.
fn json(verdict: &Verdict) -> String {
    // Strings, numbers and lists only: there is nothing in a verdict that JSON cannot say.
    serde_json::to_string_pretty(verdict).map(|text| escape::json(&text) + "\n").unwrap_or_default()
}

/// The JSON Schema of the JSON report, made from its types.
pub fn schema() -> serde_json::Value {
    let generator = schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<Verdict>().to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("$id".to_owned(), SCHEMA_ID.into());
        root.insert("title".to_owned(), "Report of mx-prod-gate".into());
    }
    schema
}

/// The address under which the schema is published.
const SCHEMA_ID: &str = "https://raw.githubusercontent.com/mx-prod-gate/mx-prod-gate/main/schemas/report.json";

/// "1 check", "2 checks".
fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}
