//! One alert rule: raw as a file states it ([`Signal`]), and judged by its words and units ([`AlertRule`]).

use crate::evidence::Span;

/// An alert rule as its file states it. Readers fill this in; [`Signal::rules`] makes sense of it.
#[derive(Debug, Clone)]
pub struct Signal {
    pub name: String,
    /// Where the rule draws the line: its expression, or its threshold where that stands apart.
    pub span: Span,
    /// The query, or the names of the metrics and what is done with them.
    pub expression: String,
    /// What is asked where the expression itself does not tell: recorded expressions, titles of queries.
    pub context: String,
    /// A threshold that is written apart from the expression.
    pub threshold: Option<Threshold>,
    pub enabled: bool,
    /// Someone is told: false where the rule itself shows that nobody is; none where it cannot say.
    pub notifies: Option<bool>,
}

impl Signal {
    pub fn new(name: &str, span: Span, expression: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            span,
            expression: expression.into(),
            context: String::new(),
            threshold: None,
            enabled: true,
            notifies: None,
        }
    }
}

/// The number of a rule, with what the file says of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// None where only a plan or a rendering could tell.
    pub value: Option<f64>,
    pub comparator: Comparator,
    /// The number itself fires too: `>=`.
    pub inclusive: bool,
    /// The unit, where the file says it.
    pub unit: Option<Unit>,
}

impl Threshold {
    /// A threshold whose comparator is a word of its platform: `GreaterThanOrEqualToThreshold`, `COMPARISON_GT`,
    /// `gt`, `above`. None for a word that compares otherwise.
    pub fn by_word(value: Option<f64>, word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        let comparator = match word.trim_start_matches("comparison_") {
            word if word.starts_with("greater") || word.starts_with("gt") || word.starts_with("above") => {
                Comparator::Above
            }
            word if word.starts_with("less") || word.starts_with("lt") || word.starts_with("below") => {
                Comparator::Below
            }
            _ => return None,
        };
        let inclusive = word.contains("equal") || word.ends_with("gte") || word.ends_with("ge");
        Some(Self { value, comparator, inclusive, unit: None })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    Above,
    Below,
}

/// The unit of a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A share from 0 to 1.
    Ratio,
    Percent,
    Milliseconds,
    Seconds,
    Minutes,
    Hours,
    /// A plain number of errors or messages.
    Count,
}

impl Unit {
    /// How many seconds one of it is; none where it is no time.
    pub fn seconds(self) -> Option<f64> {
        match self {
            Self::Milliseconds => Some(0.001),
            Self::Seconds => Some(1.0),
            Self::Minutes => Some(60.0),
            Self::Hours => Some(3600.0),
            Self::Ratio | Self::Percent | Self::Count => None,
        }
    }
}

/// What a rule watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    Errors,
    Latency,
    Lag,
    Other,
}

/// An alert rule, understood.
#[derive(Debug, Clone)]
pub struct AlertRule {
    pub name: String,
    pub span: Span,
    pub topic: Topic,
    pub bound: Bound,
    pub enabled: bool,
    pub notifies: Option<bool>,
}

/// Where a rule draws the line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// A share of failing calls, from 0 to 1. A rule that the first failure fires has 0.
    Share(f64),
    Seconds(f64),
    /// A number of events that says nothing of a share or a time.
    Count(f64),
    /// It cannot be told from the text.
    Unknown,
}
