//! The statement that sets a time, and what it runs.

use super::targets::Targets;
use super::{Schedule, interval};
use crate::facts::code::{Code, Kind, Language, Node, NodeKey};

/// Calls that may be handed a cron expression from elsewhere. Source: each project's documentation.
pub(super) const TAKE_CRON: [&str; 24] = [
    "schedule",
    "scheduleJob",
    "Cron",
    "CronJob",
    "AddFunc",
    "AddJob",
    "cronSchedule",
    "AddOrUpdate",
    "cron",
    "crontab",
    "from_crontab",
    "WithCronSchedule",
    "onSchedule",
    "Scheduled",
    "from",
    "CronTrigger",
    "timer",
    "TimerTrigger",
    "DAG",
    "upsertJobScheduler",
    "add",
    "create",
    "NewJob",
    "every",
];
/// As many levels of calls and literals around a time are one statement.
pub(super) const MAX_LEVELS: usize = 16;

pub(super) fn is_literal(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        Kind::Pair { .. } | Kind::Object(_) | Kind::List(_) | Kind::Named { .. } | Kind::Binary { .. }
    )
}

pub(super) fn is_mark(node: Node<'_>) -> bool {
    node.parent().is_some_and(|parent| match parent.kind() {
        Kind::Function(function) => function.decorators.iter().any(|mark| mark == node),
        Kind::Class(class) => class.decorators.iter().any(|mark| mark == node),
        Kind::Decorated { decorators, .. } => decorators.iter().any(|mark| mark == node),
        Kind::Parameter(parameter) => parameter.decorators.iter().any(|mark| mark == node),
        _ => false,
    })
}

/// The statement that a time belongs to.
pub(super) struct Place<'a> {
    pub(super) node: Node<'a>,
    /// A function or class that bears it as a mark.
    marked: Option<Node<'a>>,
}

impl<'a> Place<'a> {
    pub(super) fn of(start: Node<'a>) -> Self {
        let mut node = start;
        for _ in 0..MAX_LEVELS {
            let Some(parent) = node.parent() else { break };
            if is_mark(node) {
                let marked = match parent.kind() {
                    Kind::Parameter(_) => parent.enclosing_function().map(|function| function.node),
                    Kind::Decorated { item, .. } => Some(item),
                    _ => Some(parent),
                };
                return Self { node, marked };
            }
            // One entry of a table of jobs.
            if node.get("task").is_some() {
                break;
            }
            match parent.kind() {
                Kind::Call(_) | Kind::Member { .. } | Kind::Await(_) => node = parent,
                _ if is_literal(parent) => node = parent,
                _ => break,
            }
        }
        Self { node, marked: None }
    }

    pub(super) fn schedule(
        &self,
        code: &Code,
        at: Node<'_>,
        every: Option<f64>,
        targets: &Targets,
    ) -> Option<Schedule> {
        let mut runs: Vec<NodeKey> = self.marked.into_iter().chain([self.node]).map(Node::key).collect();
        if self.marked.is_none() {
            // Ruby's tables of jobs name them in the block: `every 1.day do runner "PartsSync.perform" end`.
            let in_block = self.node.source().language() == Language::Ruby;
            let all = if in_block { self.node.walk() } else { self.node.walk_own() };
            let words: Vec<&str> = all.filter_map(|node| word(node, self.node)).collect();
            runs.extend(targets.in_text(&words.join(" ")));
            runs.extend(targets.in_text(generics(self.node)));
        }
        let is_whole = self.marked.is_none() && runs.len() == 1 && code.reached_from(self.node).is_empty();
        if is_whole {
            // A time that nothing is run by: a limit, a setting of something else.
            let is_timer = self.node.walk_own().filter_map(Node::as_call).any(|call| is_scheduler(call.method()));
            if !is_timer {
                return None;
            }
            runs.extend(code.sources().map(|source| source.root().key()));
        }
        let around = || at.ancestors().take(MAX_LEVELS).find_map(Node::as_call);
        let what = match self.node.as_call().or_else(|| at.as_call()).or_else(around) {
            Some(call) => call.path().unwrap_or_else(|| call.method().to_owned()),
            None => "a table of jobs".to_owned(),
        };
        Some(Schedule { span: at.span(), what, every, targets: runs, is_whole })
    }
}

fn is_scheduler(method: &str) -> bool {
    let lower = method.to_ascii_lowercase();
    TAKE_CRON.contains(&method) && !matches!(method, "from" | "timer" | "add" | "create")
        || ["interval", "schedule", "cron", "recurring", "periodic", "repeat"].iter().any(|word| lower.contains(word))
}

/// What names a job among the arguments of a statement.
fn word<'a>(node: Node<'a>, statement: Node<'a>) -> Option<&'a str> {
    match node.kind() {
        Kind::Str(text) if !interval::is_cron(text) => Some(text),
        Kind::Type(text) => Some(text.trim_end_matches(".class").trim_end_matches("::class")),
        Kind::Name(name) | Kind::Member { property: name, .. }
            if name.starts_with(|first: char| first.is_ascii_uppercase()) =>
        {
            let is_callee = node.parent().is_some_and(|parent| match parent.kind() {
                Kind::Call(call) => call.callee == node && !call.is_new && parent == statement,
                Kind::Member { property, .. } => property != "class" && property != "java",
                _ => false,
            });
            (!is_callee).then_some(name)
        }
        _ => None,
    }
}

/// The type that a generic method is called with: `AddOrUpdate<PartsSync>(…)`.
fn generics(node: Node<'_>) -> &str {
    let text = node.text();
    let head = text.split('(').next().unwrap_or_default();
    head.split_once('<').and_then(|(_, rest)| rest.split('>').next()).unwrap_or_default()
}
