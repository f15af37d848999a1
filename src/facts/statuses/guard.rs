//! Whether the present state of an object decides over a change of it, on every way to the change.

use super::present::STATE;
use crate::evidence::Span;
use crate::facts::clients::Clients;
use crate::facts::code::{Call, Code, Function, Kind, Node, NodeKey, Operator};
use std::collections::HashSet;

/// As many calls deep is looked.
const MAX_DEPTH: usize = 6;
/// Calls that look something up.
const LOOKUPS: [&str; 22] = [
    "includes",
    "has",
    "contains",
    "Contains",
    "ContainsKey",
    "containsKey",
    "get",
    "getOrDefault",
    "GetValueOrDefault",
    "TryGetValue",
    "include?",
    "in_array",
    "find",
    "some",
    "any",
    "any?",
    "isset",
    "exists",
    "indexOf",
    "key?",
    "array_key_exists",
    "Contains",
];
/// State machines of libraries. Source: their manuals.
const MACHINES: [&str; 14] = [
    "can",
    "CanFire",
    "canTransitionTo",
    "can_transition_to",
    "can_transition_to?",
    "Fire",
    "FireAsync",
    "may_fire_event?",
    "canFire",
    "sendEvent",
    "can_proceed",
    "canTransition",
    "can_transition",
    "transition_to!",
];

pub(super) struct Guards<'a> {
    pub(super) code: &'a Code,
    /// The requests that read.
    pub(super) reads: HashSet<NodeKey>,
}

impl<'a> Guards<'a> {
    pub fn new(code: &'a Code, clients: &Clients) -> Self {
        let sites = clients.sites.iter().filter(|site| site.method.as_deref().is_none_or(|method| method == "GET"));
        let reads = sites.filter_map(|site| site.call(code)).map(|call| call.node.key()).collect();
        Self { code, reads }
    }

    /// What decides, where something does on every way.
    pub fn of(&self, change: Node<'a>, written: &[Node<'a>]) -> Option<Span> {
        self.guarded(change, written, &mut Vec::new())
    }

    fn guarded(&self, node: Node<'a>, written: &[Node<'a>], open: &mut Vec<Node<'a>>) -> Option<Span> {
        let mut inner = node;
        loop {
            let Some(function) = inner.enclosing_function() else {
                let root = inner.source().root();
                return self.before(root, node, written);
            };
            if let Some(span) = self.before(function.node, inner, written) {
                return Some(span);
            }
            let users: Vec<Node<'a>> = self.code.callers_of(function).into_iter().map(|call| call.node).collect();
            if !users.is_empty() {
                if open.len() >= MAX_DEPTH || open.contains(&function.node) {
                    return None;
                }
                open.push(function.node);
                let held: Option<Vec<Span>> = users.into_iter().map(|user| self.guarded(user, written, open)).collect();
                open.pop();
                return held?.into_iter().next();
            }
            if !function.marks.is_lambda {
                return None;
            }
            inner = function.node;
        }
    }

    /// What decides in a function before a place in it.
    fn before(&self, scope: Node<'a>, place: Node<'a>, written: &[Node<'a>]) -> Option<Span> {
        let start = place.range().start;
        scope.walk().filter(|node| node.range().start <= start).find_map(|node| match node.kind() {
            Kind::If { test, then, otherwise } => {
                let holds = node.contains(place) && !test.contains(place);
                let leaves = leaves(then) || otherwise.is_some_and(leaves);
                ((holds || leaves) && self.decides(test, written)).then(|| test.span())
            }
            Kind::Conditional { test, .. } => {
                (node.contains(place) && self.decides(test, written)).then(|| test.span())
            }
            Kind::Switch { subject: Some(subject), .. } => {
                (self.is_present(subject, written, 0)).then(|| subject.span())
            }
            Kind::Function(function) if function.marks.is_lambda && !node.contains(place) => {
                self.filters(function, written)
            }
            Kind::Call(call)
                if matches!(
                    call.method(),
                    "check" | "require" | "assert" | "checkState" | "checkArgument" | "invariant"
                ) && call.argument(0).is_some_and(|test| self.decides(test, written)) =>
            {
                Some(node.span())
            }
            Kind::Call(call) if !call.node.contains(place) => self.checks(call, written).then(|| node.span()),
            _ => None,
        })
    }

    /// A condition that asks for the present state, and for more than whether it is the new one already.
    fn decides(&self, test: Node<'a>, written: &[Node<'a>]) -> bool {
        let texts: Vec<&str> = written.iter().map(|value| value.text()).collect();
        test.walk().any(|node| match node.kind() {
            Kind::Binary { operator: Operator::Equal | Operator::NotEqual, left, right } => {
                [(left, right), (right, left)].into_iter().any(|(own, other)| {
                    let is_new = texts.contains(&other.text()) && other.as_str().is_none();
                    let is_number = matches!(other.kind(), Kind::Number(_) | Kind::Null | Kind::Bool(_));
                    !is_new && !is_number && is_constant(other) && self.is_present(own, written, 0)
                })
            }
            Kind::Binary { operator: Operator::In | Operator::NotIn, left, right } => {
                self.is_present(left, written, 0) || right.walk().any(|part| self.is_present(part, written, 0))
            }
            Kind::Index { object, index } => is_table(self.code, object) && self.is_present(index, written, 0),
            Kind::Call(call) => self.looks_up(call, written),
            // What was found among the transitions that are open: `if (!match)`.
            Kind::Name(_) => self.is_found(node),
            _ => false,
        })
    }

    fn looks_up(&self, call: Call<'a>, written: &[Node<'a>]) -> bool {
        let own = call.arguments.iter().chain(call.receiver());
        let mut own = own;
        let asks = own.any(|part| part.walk_own().any(|inner| self.is_present(inner, written, 0)));
        let is_known = LOOKUPS.contains(&call.method()) || MACHINES.contains(&call.method());
        let is_own = self.code.callees(call).iter().any(|function| function.body.is_some_and(|body| self.judges(body)));
        asks && (is_known || is_own) || MACHINES.contains(&call.method()) && call.method() != "can"
    }

    /// A function that looks its arguments up, or compares them.
    fn judges(&self, body: Node<'a>) -> bool {
        body.walk().any(|node| match node.kind() {
            Kind::Binary {
                operator: Operator::In | Operator::NotIn | Operator::Equal | Operator::NotEqual, ..
            }
            | Kind::Switch { .. }
            | Kind::Index { .. } => true,
            Kind::Call(call) => LOOKUPS.contains(&call.method()),
            _ => false,
        })
    }

    /// A call for its refusal: `require(current, target)` which throws, or answers with an error.
    fn checks(&self, call: Call<'a>, written: &[Node<'a>]) -> bool {
        if MACHINES.contains(&call.method())
            && !matches!(
                call.method(),
                "can" | "canTransition" | "can_transition" | "canTransitionTo" | "can_transition_to"
            )
            && self.code.callees(call).is_empty()
        {
            return true;
        }
        let parts = call.arguments.iter().chain(call.receiver());
        let asks = parts.into_iter().any(|part| self.is_present(part, written, 0));
        let refuses = |function: &Function<'a>| {
            let body = function.body.filter(|body| self.judges(*body));
            body.is_some_and(|body| {
                body.walk().any(|node| match node.kind() {
                    Kind::Throw(_) => true,
                    Kind::Call(inner) => {
                        matches!(inner.method(), "Errorf" | "New" | "raise" | "fail" | "require" | "check" | "error")
                    }
                    _ => false,
                })
            })
        };
        asks && self.code.callees(call).iter().any(refuses)
    }

    /// `orders.filter(order => order.status === "OPEN")`.
    fn filters(&self, function: Function<'a>, written: &[Node<'a>]) -> Option<Span> {
        let call = function
            .node
            .parent()?
            .as_call()
            .filter(|call| matches!(call.method(), "filter" | "find" | "select" | "Where" | "reject"))?;
        let body = function.body?;
        let compares = body.walk().any(|node| match node.kind() {
            Kind::Binary { operator: Operator::Equal, left, right } => {
                let is_state =
                    |side: Node<'a>| matches!(side.kind(), Kind::Member { property, .. } if STATE.contains(&property));
                is_state(left) && right.as_str().is_some() || is_state(right) && left.as_str().is_some()
            }
            _ => false,
        });
        let _ = written;
        compares.then(|| call.node.span())
    }
}

/// A status that is written down: a text, or a member of an enumeration.
fn is_constant(node: Node<'_>) -> bool {
    match node.kind() {
        Kind::Str(_) => true,
        Kind::Member { property, .. } => property.starts_with(char::is_uppercase),
        Kind::Name(name) => name.len() > 1 && name.starts_with(char::is_uppercase),
        _ => false,
    }
}

fn is_table(code: &Code, node: Node<'_>) -> bool {
    use crate::facts::code::{Origin, Value};
    let is_literal = |origin: &Origin<'_>| matches!(origin, Origin::Own(Value::Literal(_)));
    node.text().to_ascii_lowercase().contains("transition") || code.origins(node).iter().any(is_literal)
}

/// Whether a branch ends the way.
fn leaves(branch: Node<'_>) -> bool {
    branch.walk_own().any(|node| match node.kind() {
        Kind::Return(_) | Kind::Throw(_) | Kind::Continue | Kind::Break => true,
        Kind::Call(call) => matches!(call.method(), "abort" | "halt" | "fail" | "raise" | "exit" | "error"),
        _ => false,
    })
}
