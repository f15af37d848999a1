//! Calls that record a metric: what they count or time, and whether they tell failures apart.

use super::vocabulary::{Instrument, Leaves, ready_made};
use super::words::{API, CLOUD_VERBS, COUNTERS, ENDINGS, SPANS, TIMES, VERBS};
use crate::facts::code::{Call, Code, Kind, Language, Node, Origin};

/// As many letters of a definition are looked at.
const SEEN: usize = 1_500;

/// Something that is recorded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub node: Node<'a>,
    pub leaves: Leaves,
    pub times: bool,
    pub tells_failures: bool,
    /// It is named after an API, not after the service's own doings.
    pub is_of_api: bool,
}

/// What a node records, if it does. `may_be_ready` says that its file names a ready-made instrumentation.
pub(super) fn record<'a>(code: &'a Code, node: Node<'a>, may_be_ready: bool) -> Option<Record<'a>> {
    match node.kind() {
        Kind::Call(call) => of_call(code, call, may_be_ready),
        // One line of CloudWatch's embedded metric format, written by hand.
        Kind::Pair { key, .. } if key.as_str() == Some("_aws") => {
            let line = node.parent()?;
            Some(named(line, Leaves::Pushed, &start_of(line), false))
        }
        _ => None,
    }
}

fn of_call<'a>(code: &'a Code, call: Call<'a>, may_be_ready: bool) -> Option<Record<'a>> {
    let method = call.method();
    if CLOUD_VERBS.contains(&method) {
        let text = with_definitions(code, call);
        return Some(Record { is_of_api: true, ..named(call.node, Leaves::Pushed, &text, false) });
    }
    let lower = method.to_ascii_lowercase();
    let is_verb = VERBS.contains(&lower.as_str());
    let is_span = SPANS.contains(&method);
    let language = call.node.source().language();
    if !is_verb && !is_span && !may_be_ready {
        return None;
    }
    let paths = paths(code, call);
    if let Some(leaves) = paths.iter().filter(|_| may_be_ready).find_map(|path| ready_made(path, language)) {
        return Some(Record { node: call.node, leaves, times: true, tells_failures: true, is_of_api: true });
    }
    if !is_verb && !is_span {
        return None;
    }
    let path = paths.iter().find(|path| Instrument::of(path, language).is_some())?;
    let leaves = Instrument::of(path, language)?.leaves;
    if is_span && !is_verb {
        let is_tracer = leaves == Leaves::Exported || path.contains("race") || method != "Start";
        let record = Record { node: call.node, leaves, times: true, tells_failures: true, is_of_api: true };
        return is_tracer.then_some(record);
    }
    let is_counter = COUNTERS.contains(&lower.as_str())
        || path.contains("ounter(")
        || path.contains("CounterVec(")
        || path.contains("Gauge")
        || path.contains("gauge(");
    // `timers.stop()` and `list.add(x)` of such a library record nothing.
    if lower == "stop" && !path.contains("imer") && !path.contains("Sample") {
        return None;
    }
    let text = format!("{path} {} {}", with_definitions(code, call), ends(call.node).unwrap_or_default());
    Some(named(call.node, leaves, &text, is_counter))
}

fn named<'a>(node: Node<'a>, leaves: Leaves, text: &str, is_counter: bool) -> Record<'a> {
    let text = text.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let in_catch = node.ancestors().any(|around| matches!(around.kind(), Kind::Catch { .. }));
    Record {
        node,
        leaves,
        times: !is_counter && has(TIMES),
        tells_failures: in_catch || has(ENDINGS),
        is_of_api: has(API),
    }
}

/// Where what is called comes from, decorators without parentheses included.
fn paths<'a>(code: &'a Code, call: Call<'a>) -> Vec<String> {
    let origins = code.origins(call.callee);
    let mut paths: Vec<String> = origins
        .into_iter()
        .filter_map(|origin| match origin {
            Origin::Library(path, _) => Some(path),
            _ => None,
        })
        .collect();
    // .NET's `Duration.Record(…)` where the field's type alone is known.
    if call.node.source().language() == Language::CSharp && paths.is_empty() {
        paths.extend(call.path());
    }
    paths
}

/// The call as written, with how the instruments that it names were defined.
fn with_definitions(code: &Code, call: Call<'_>) -> String {
    let mut text = start_of(call.node);
    let mut named: Vec<Node<'_>> = call.arguments.iter().collect();
    let mut root = call.callee;
    for _ in 0..12 {
        match root.kind() {
            Kind::Member { object, .. } => root = object,
            Kind::Call(inner) => root = inner.callee,
            Kind::Index { object, .. } => root = object,
            _ => break,
        }
        named.push(root);
    }
    for node in named {
        if !matches!(node.kind(), Kind::Name(_) | Kind::Member { .. }) {
            continue;
        }
        for origin in code.origins(node) {
            if let Origin::Library(_, Some(made)) = origin {
                text.push(' ');
                text.push_str(&start_of(made.node));
            }
        }
    }
    text
}

/// What the timer that a call starts is stopped with: `const end = latency.startTimer(); … end({ status });`.
fn ends(node: Node<'_>) -> Option<String> {
    let name = match node.parent()?.kind() {
        Kind::Let(declared) => declared.target.as_name()?,
        _ => return None,
    };
    let calls = node.enclosing_function()?.node.walk().filter_map(Node::as_call);
    let stops = calls
        .filter(|call| call.callee.as_name() == Some(name) || call.receiver().and_then(Node::as_name) == Some(name));
    Some(stops.map(|call| start_of(call.node)).collect::<Vec<_>>().join(" "))
}

fn start_of(node: Node<'_>) -> String {
    node.text().chars().take(SEEN).collect()
}
