//! Circuit breakers around API calls: of libraries, by annotation, and written by hand.

use super::Site;
use super::around::held_by;
use crate::evidence::Span;
use crate::facts::code::{Call, Class, Code, Function, Kind, Language, Node, NodeKey, Operator, Origin};
use std::cell::RefCell;
use std::collections::HashMap;

/// What libraries' breakers are reached through. Source: each project's documentation.
const LIBRARIES: &[&str] = &[
    "opossum",
    "cockatiel",
    "brakes",
    "mollitia",
    "levee",
    "hystrixjs",
    "pybreaker",
    "circuitbreaker",
    "aiobreaker",
    "purgatory",
    "hyx.circuitbreaker",
    "github.com/sony/gobreaker",
    "github.com/afex/hystrix-go",
    "github.com/failsafe-go/failsafe-go/circuitbreaker",
    "github.com/mercari/go-circuitbreaker",
    "github.com/rubyist/circuitbreaker",
    "io.github.resilience4j.circuitbreaker",
    "dev.failsafe.CircuitBreaker",
    "arrow.resilience.CircuitBreaker",
    "Circuitbox",
    "Stoplight",
    "Semian",
];
/// Annotations and decorators that make a function go through a breaker.
const ANNOTATIONS: &[&str] = &["CircuitBreaker", "HystrixCommand", "SentinelResource", "circuit"];
/// Words that name what is counted, and what is asked before a call is let through.
const COUNTED: &[&str] = &["fail", "error", "strike"];
const STATE: &[&str] = &["open", "state", "until", "trip", "block", "allow", "circuit", "cool", "next", "closed"];
/// What tells the time, or calls later.
const CLOCKS: &[&str] = &[
    "Date.now",
    "performance.now",
    "time.time",
    "time.monotonic",
    "time.Now",
    "time.Since",
    "currentTimeMillis",
    "nanoTime",
    "Instant.now",
    "datetime.now",
    "datetime.utcnow",
    "DateTime.UtcNow",
    "DateTimeOffset.UtcNow",
    "Time.now",
    "microtime",
    "hrtime",
    "clock_gettime",
    "elapsedNow",
    "markNow",
    "setTimeout",
    "time.AfterFunc",
    "TickCount64",
    "new Date()",
];

/// What is known about the breaker of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breaker {
    /// It opens, refuses, and tries again after a time.
    Whole(Span),
    /// It opens and never closes by itself: the place where it opens.
    NeverCloses(Span),
    None,
}

/// Looks for the breakers of calls. It remembers what it has looked at: the ways to many calls lead through the same code.
pub struct Breakers<'a> {
    code: &'a Code,
    opened: RefCell<HashMap<NodeKey, Option<Opened>>>,
}

/// Code that opens at a threshold.
#[derive(Debug, Clone)]
struct Opened {
    span: Span,
    /// It knows the time, so that it can close again.
    is_timed: bool,
}

impl<'a> Breakers<'a> {
    pub fn new(code: &'a Code) -> Self {
        Self { code, opened: RefCell::default() }
    }

    /// The breaker that a call goes through on every way to it.
    pub fn of(&self, site: &Site) -> Breaker {
        let code = self.code;
        let Some(call) = site.call(code) else { return Breaker::None };
        let by_hand = |node: Node<'_>, timed: bool| {
            let mut opened = units(code, node, call.node).into_iter().filter_map(|unit| self.opened(unit));
            opened.find(|opened| opened.is_timed || !timed).map(|opened| opened.span)
        };
        let whole = held_by(code, call.node, &|node| library(code, node).or_else(|| by_hand(node, true)));
        if let Some(span) = whole.or_else(|| on_the_client(code, call.node)) {
            return Breaker::Whole(span);
        }
        held_by(code, call.node, &|node| by_hand(node, false)).map_or(Breaker::None, Breaker::NeverCloses)
    }

    fn opened(&self, unit: Node<'_>) -> Option<Opened> {
        if let Some(known) = self.opened.borrow().get(&unit.key()) {
            return known.clone();
        }
        let found = opens(self.code, unit);
        self.opened.borrow_mut().insert(unit.key(), found.clone());
        found
    }
}

fn library(code: &Code, node: Node<'_>) -> Option<Span> {
    match node.kind() {
        Kind::Call(call) => is_of_library(code, call.callee).then(|| node.span()),
        Kind::Function(function) => function.decorators.iter().find(|mark| is_mark(code, *mark)).map(Node::span),
        Kind::Class(class) => class.decorators.iter().find(|mark| is_mark(code, *mark)).map(Node::span),
        _ => None,
    }
}

fn is_of_library(code: &Code, node: Node<'_>) -> bool {
    code.origins(node).iter().any(|origin| match origin {
        Origin::Library(path, _) => LIBRARIES.iter().any(|library| {
            path.strip_prefix(library)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_'))
        }),
        _ => false,
    })
}

fn is_mark(code: &Code, mark: Node<'_>) -> bool {
    let name = mark.as_call().map_or(mark, |call| call.callee);
    ANNOTATIONS.contains(&name.leaf()) || is_of_library(code, name)
}

/// .NET: handlers that are registered for the client stand around every call.
fn on_the_client(code: &Code, site: Node<'_>) -> Option<Span> {
    if site.source().language() != Language::CSharp {
        return None;
    }
    let breaks = |call: &Call<'_>| match call.method() {
        "AddStandardResilienceHandler" => true,
        "AddPolicyHandler" | "AddResilienceHandler" | "AddTransientHttpErrorPolicy" => {
            let reached = code.reached_from(call.node).into_iter().map(|function| function.node);
            reached.chain([call.node]).any(|node| node.text().contains("CircuitBreaker"))
        }
        _ => false,
    };
    code.calls().find(breaks).map(|call| call.node.span())
}

/// The classes and functions of the repository that a node may go through as a breaker.
fn units<'a>(code: &'a Code, node: Node<'a>, site: Node<'a>) -> Vec<Node<'a>> {
    match node.kind() {
        Kind::Call(call) => code.callees(call).into_iter().map(|function| unit(code, function)).collect(),
        Kind::Function(function) => {
            let inner = node.walk().filter_map(Node::as_call).filter(|call| call.node != site);
            let asked = inner.flat_map(|call| code.callees(call)).filter_map(|callee| class_of(code, callee));
            std::iter::once(unit(code, function)).chain(asked.map(|class| class.node)).collect()
        }
        _ => Vec::new(),
    }
}

fn unit<'a>(code: &'a Code, function: Function<'a>) -> Node<'a> {
    let outermost = function.node.ancestors().filter(|node| node.as_function().is_some()).last();
    class_of(code, function).map_or(outermost.unwrap_or(function.node), |class| class.node)
}

fn class_of<'a>(code: &'a Code, function: Function<'a>) -> Option<Class<'a>> {
    code.class_of(function.node)
}

/// Where failures are counted against a threshold, by code that refuses calls for it.
fn opens(code: &Code, unit: Node<'_>) -> Option<Opened> {
    let parts = parts(code, unit);
    let all = || parts.iter().flat_map(|part| part.walk());
    let threshold = all().find(|node| is_threshold(*node))?;
    let opens = all().any(counts) && all().any(refuses);
    opens.then(|| Opened { span: threshold.span(), is_timed: parts.iter().any(|part| tells_time(*part)) })
}

/// The code of a unit: Go writes the methods of a type beside it.
fn parts<'a>(code: &'a Code, unit: Node<'a>) -> Vec<Node<'a>> {
    let Some(class) = unit.as_class().filter(|_| unit.source().language() == Language::Go) else { return vec![unit] };
    let methods = code.functions().filter(|function| function.receiver.is_some());
    methods.filter(|method| code.class_of(method.node) == Some(class)).map(|method| method.node).collect()
}

fn is_threshold(node: Node<'_>) -> bool {
    use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    let Kind::Binary { operator, left, right } = node.kind() else { return false };
    let ordered = matches!(operator, Greater | GreaterOrEqual | Less | LessOrEqual | Equal);
    ordered && [left, right].into_iter().any(|side| names(side, COUNTED)) && !tells_time(node)
}

fn counts(node: Node<'_>) -> bool {
    match node.kind() {
        Kind::Assign { operator: Some(Operator::Add), target, .. } => names(target, COUNTED),
        Kind::Assign { target, value, .. } => {
            names(target, COUNTED) && matches!(value.kind(), Kind::Binary { operator: Operator::Add, .. })
        }
        Kind::Call(call) => {
            matches!(
                call.method(),
                "incrementAndGet"
                    | "getAndIncrement"
                    | "Increment"
                    | "AddInt32"
                    | "AddInt64"
                    | "AddUint32"
                    | "Add"
                    | "push"
                    | "append"
            ) && names(node, COUNTED)
        }
        Kind::Unary { operand, .. } => names(operand, COUNTED) && node.text().contains("++"),
        _ => false,
    }
}

fn refuses(node: Node<'_>) -> bool {
    let Kind::If { test, then, .. } = node.kind() else { return false };
    let asks_state = names(test, STATE) && !is_threshold(test);
    asks_state && then.walk().any(|inner| matches!(inner.kind(), Kind::Throw(_) | Kind::Return(_)))
}

fn tells_time(node: Node<'_>) -> bool {
    let text = node.text();
    CLOCKS.iter().any(|clock| text.contains(clock))
}

fn names(node: Node<'_>, words: &[&str]) -> bool {
    let text = node.text().to_ascii_lowercase();
    words.iter().any(|word| text.contains(word))
}
