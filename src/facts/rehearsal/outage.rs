//! What is left when the API is down: something kept for later, something older served, or nothing.

use super::conduct::Stage;
use super::machine::{Machine, Seen, World};
use super::value::{Step, Stop, Value};
use crate::evidence::Span;
use crate::facts::code::{Class, Code, Function, Kind, Node};

/// As many unknown conditions are turned round, one at a time.
const MAX_FLIPS: usize = 6;
/// As many calls deep is looked for who keeps something.
const MAX_DEPTH: usize = 6;
const MAX_STARTS: usize = 16;
/// Words that name what holds work or answers for later, in the names and texts of code that handles an error.
const KEEPS: [&str; 24] = [
    "outbox",
    "queue",
    "deadletter",
    "dead_letter",
    "dlq",
    "pending",
    "backlog",
    "buffer",
    "spool",
    "batchitemfailures",
    "requeue",
    "nack",
    "next_attempt",
    "nextattempt",
    "retry_at",
    "retryat",
    "retry_later",
    "failed_jobs",
    "parked",
    "abandonmessage",
    "changemessagevisibility",
    "redeliver",
    "save_for_later",
    "unsent",
];
/// Words that name an older answer, or a state that says that something is missing.
const SERVES: [&str; 14] = [
    "cache",
    "stale",
    "fallback",
    "lastknown",
    "last_known",
    "lastgood",
    "last_good",
    "lastseen",
    "snapshot",
    "degraded",
    "unavailable",
    "partial",
    "previous",
    "mirror",
];
/// Job queues that repeat what failed and keep what fails for good. Source: each project's documentation.
const JOBS: [&str; 13] = [
    "autoretry_for",
    "ServiceBusTrigger",
    "QueueTrigger",
    "RabbitListener",
    "SqsListener",
    "KafkaListener",
    "JmsListener",
    "AutomaticRetry",
    "dramatiq.actor",
    "RetryableTopic",
    "db_task",
    "huey",
    "celery",
];
const JOB_BASES: [&str; 6] = ["ApplicationJob", "ActiveJob", "Sidekiq", "ShouldQueue", "IConsumer", "GoodJob"];
const WORKERS: [&str; 5] = ["Worker", "process", "work", "createWorker", "consume"];

/// What becomes of a request's purpose in an outage.
#[derive(Debug, Clone)]
pub enum Outage {
    /// Where something is kept, or an older answer served.
    Kept(Vec<Span>),
    /// An outage looks like an empty answer.
    NoData(Vec<Span>),
    /// Nothing is left; the code that handles the error, if any.
    Lost(Vec<Span>),
}

/// Looks from the request outwards for code that keeps something.
pub(super) fn of<'a>(stage: &Stage<'a>) -> Outage {
    let Some(call) = stage.site.call(stage.code) else { return Outage::Lost(Vec::new()) };
    let mut search = Search { stage, starts: Vec::new(), worst: Outage::Lost(Vec::new()) };
    match search.around(call.node, 0) {
        Some(spans) => Outage::Kept(spans),
        None => search.worst,
    }
}

struct Search<'a, 's> {
    stage: &'s Stage<'a>,
    starts: Vec<Node<'a>>,
    worst: Outage,
}

impl<'a> Search<'a, '_> {
    fn around(&mut self, node: Node<'a>, depth: usize) -> Option<Vec<Span>> {
        let code = self.stage.code;
        for start in node.ancestors().filter(|outer| outer.as_function().is_some() || outer.parent().is_none()) {
            if self.starts.contains(&start) || self.starts.len() >= MAX_STARTS {
                continue;
            }
            self.starts.push(start);
            if let Some(spans) = is_job(code, start).map(|span| vec![span]).or_else(|| self.rehearsed(start)) {
                return Some(spans);
            }
            let Some(function) = start.as_function() else { continue };
            let calls = code.callers_of(function).into_iter().map(|call| call.node);
            let users: Vec<Node<'a>> = calls.chain(code.uses_of(function)).collect();
            for user in users.into_iter().filter(|user| !start.contains(*user) && depth < MAX_DEPTH) {
                if let Some(spans) = self.around(user, depth + 1) {
                    return Some(spans);
                }
            }
            if !function.marks.is_lambda || !function.known_as().is_empty() {
                return None;
            }
        }
        None
    }

    fn rehearsed(&mut self, start: Node<'a>) -> Option<Vec<Span>> {
        let mut world = World { status: 503.0, ..World::default() };
        let (first, result) = self.run(start, &world);
        if first.attempts.is_empty() {
            return None;
        }
        if let Some(spans) = kept(&first, &result) {
            return Some(spans);
        }
        for key in first.unknown.iter().take(MAX_FLIPS) {
            world.flipped = Some(*key);
            let (seen, result) = self.run(start, &world);
            if let Some(spans) = kept(&seen, &result) {
                return Some(spans);
            }
        }
        self.note(&first, &result);
        None
    }

    fn run(&self, start: Node<'a>, world: &World) -> (Seen<'a>, Step<'a>) {
        if self.stage.left.get() == 0 {
            return (Seen::default(), Ok(Value::Unknown));
        }
        let mut machine = Machine::new(self.stage, world);
        let result = machine.start(start);
        self.stage.left.set(self.stage.left.get().saturating_sub(machine.steps));
        (machine.seen, result)
    }

    /// What was seen instead, the outermost handler last.
    fn note(&mut self, seen: &Seen<'a>, result: &Step<'a>) {
        let handlers = seen.handlers.iter().copied();
        let lines: Vec<Span> = handlers
            .clone()
            .flat_map(|handler| [handler].into_iter().chain(ends_of(handler)))
            .map(Node::span)
            .collect();
        let empty: Vec<Span> =
            handlers.flat_map(|handler| handler.walk()).filter(|node| is_empty_answer(*node)).map(Node::span).collect();
        if result.is_ok() && !empty.is_empty() {
            self.worst = Outage::NoData(empty);
        } else if let (Outage::Lost(known), false) = (&mut self.worst, lines.is_empty()) {
            known.extend(lines);
        }
    }
}

/// Where something is kept once a request has failed, or an older answer stands in for it.
fn kept<'a>(seen: &Seen<'a>, result: &Step<'a>) -> Option<Vec<Span>> {
    let mut spans: Vec<Span> =
        seen.after.iter().filter(|call| !is_log(**call) && says(**call, &KEEPS)).map(|call| call.span()).collect();
    if !matches!(result, Err(Stop::Throw(_))) {
        let inner = seen.handlers.iter().flat_map(|handler| handler.walk());
        let telling = inner.filter(|node| is_telling(*node) && !is_in_log(*node));
        spans.extend(telling.filter(|node| says_here(*node, &SERVES)).map(Node::span));
    }
    (!spans.is_empty()).then_some(spans)
}

/// Names, keys and short texts, which code acts on.
fn is_telling(node: Node<'_>) -> bool {
    match node.kind() {
        Kind::Name(_) | Kind::Member { .. } => true,
        Kind::Str(text) => text.len() < 40 && !text.contains(' '),
        _ => false,
    }
}

fn says_here(node: Node<'_>, words: &[&str]) -> bool {
    let text = node.leaf().to_ascii_lowercase();
    words.iter().any(|word| text.contains(word))
}

/// Whether a call names such a thing: in what it calls, or in the command that it hands to a database.
fn says(node: Node<'_>, words: &[&str]) -> bool {
    let Some(call) = node.as_call() else { return false };
    let callee = call.callee.text().to_ascii_lowercase();
    let writes = |text: &str| ["insert", "update", "xadd", "lpush", "rpush"].iter().any(|word| text.contains(word));
    let commands = call.arguments.iter().filter(|argument| argument.as_function().is_none());
    let texts: Vec<String> = commands.map(|argument| argument.text().to_ascii_lowercase()).collect();
    let is_sending = [
        "push", "add", "send", "publish", "enqueue", "insert", "save", "put", "write", "append", "store", "create",
        "requeue", "nack", "dispatch", "later", "perform",
    ]
    .iter()
    .any(|verb| callee.contains(verb));
    words.iter().any(|word| {
        (callee.contains(word) && is_sending)
            || texts.iter().any(|text| text.contains(word) && (writes(text) || is_sending))
    })
}

fn is_log(node: Node<'_>) -> bool {
    let Some(call) = node.as_call() else { return false };
    let callee = call.callee.text().to_ascii_lowercase();
    ["log", "console.", "print", "sentry", "puts", "capture"].iter().any(|word| callee.contains(word))
}

fn is_in_log(node: Node<'_>) -> bool {
    node.ancestors().take(8).any(is_log)
}

/// How a handler ends: what it throws, answers with or calls.
fn ends_of(handler: Node<'_>) -> Vec<Node<'_>> {
    let is_end = |node: &Node<'_>| {
        matches!(node.kind(), Kind::Return(_) | Kind::Throw(_)) || (node.as_call().is_some() && !is_log(*node))
    };
    handler.walk_own().filter(is_end).take(6).collect()
}

/// `return []`, `return null`, `return {}`.
fn is_empty_answer(node: Node<'_>) -> bool {
    let Kind::Return(value) = node.kind() else { return false };
    match value.map(Node::kind) {
        None | Some(Kind::Null) => true,
        Some(Kind::List(items) | Kind::Object(items)) => items.is_empty(),
        Some(Kind::Call(call)) => {
            matches!(call.method(), "emptyList" | "emptyMap" | "of" | "Empty") && call.arguments.is_empty()
        }
        _ => false,
    }
}

/// A function that a job queue runs again when it fails.
fn is_job<'a>(code: &'a Code, start: Node<'a>) -> Option<Span> {
    let function = start.as_function()?;
    let class = code.class_of(start);
    let marks =
        function.decorators.iter().chain(function.parameters.iter()).find(|mark| has(*mark, &JOBS) && repeats(*mark));
    let by_base = class.filter(|class| is_job_class(*class)).map(|class| class.node.span());
    marks.map(Node::span).or(by_base).or_else(|| by_worker(code, function))
}

/// Celery repeats only where it is told to; a trigger's platform does so by itself.
fn repeats(mark: Node<'_>) -> bool {
    let text = mark.text();
    !text.contains("celery") || text.contains("autoretry_for") || text.contains("retry")
}

fn has(node: Node<'_>, words: &[&str]) -> bool {
    words.iter().any(|word| node.text().contains(word))
}

fn is_job_class(class: Class<'_>) -> bool {
    let head = class.bases.iter().any(|base| has(base, &JOB_BASES));
    let text = class.node.text();
    let includes = text.contains("include Sidekiq::") || (head && text.contains("Sidekiq"));
    let asks = text.contains("retry_on")
        || text.contains("$tries")
        || text.contains("$backoff")
        || text.contains("sidekiq_options");
    includes || (head && (asks || text.contains("IConsumer")))
}

/// The function that a queue's worker is made with, where jobs are given more than one attempt.
fn by_worker(code: &Code, function: Function<'_>) -> Option<Span> {
    if !function.node.source().language().is_script() {
        return None;
    }
    let handed = code.uses_of(function).into_iter().chain([function.node]);
    let workers =
        handed.filter_map(|node| node.parent().and_then(Node::as_call)).filter(|call| WORKERS.contains(&call.method()));
    let is_queue =
        |module: &str| ["bullmq", "bull", "pg-boss", "graphile-worker", "bee-queue", "agenda"].contains(&module);
    let is_known = |node: Node<'_>| {
        node.source()
            .root()
            .walk_own()
            .any(|inner| matches!(inner.kind(), Kind::Import(import) if is_queue(import.module)))
    };
    let gives_more = || {
        code.nodes().any(|node| matches!(node.kind(), Kind::Pair { key, value } if matches!(key.leaf(), "attempts" | "retryLimit" | "maxAttempts") && code.number(value).is_none_or(|count| count > 1.0)))
    };
    workers.into_iter().find(|call| is_known(call.node) && gives_more()).map(|call| call.node.span())
}
