//! One alert rule: raw as a file states it ([`Signal`]), and judged by its words and units ([`AlertRule`]).

use crate::evidence::Span;

/// An alert rule as its file states it. Readers fill this in; [`Signal::rule`] makes sense of it.
#[derive(Debug, Clone)]
pub struct Signal {
    pub name: String,
    /// The head of the rule.
    pub span: Span,
    /// The query, or the names of the metrics and what is done with them, blank-separated.
    pub expression: String,
    /// Name, description and message in prose: asked only where the expression does not tell.
    pub prose: String,
    /// A threshold that is written apart from the expression.
    pub threshold: Option<f64>,
    pub comparator: Option<Comparator>,
    /// The unit of the threshold, where the file says it.
    pub unit: Option<Unit>,
    pub enabled: bool,
    /// Someone is told: false where the rule itself shows that nobody is; none where it cannot say.
    pub notifies: Option<bool>,
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
    /// A plain number of errors or messages.
    Count,
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
    /// A share of failing calls, from 0 to 1.
    Share(f64),
    Seconds(f64),
    /// A number of events that says nothing of a share or a time.
    Count(f64),
    /// It cannot be told from the text.
    Unknown,
}
