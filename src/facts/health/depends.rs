//! Whether what a function answers depends on a call to the API, made now or a short while ago.

use crate::facts::clients::Clients;
use crate::facts::code::{Call, Code, Declared, Definition, Kind, Language, Node, NodeKey, Origin, Value};
use std::collections::HashSet;

/// As deep is the way of a value followed.
const MAX_DEPTH: usize = 8;
/// What writes to a log: the last name of the call, beside every call on something with `log` in its name.
const PRINTS: [&str; 10] = [
    "print",
    "println",
    "Println",
    "Printf",
    "printf",
    "puts",
    "error_log",
    "captureException",
    "WriteLine",
    "capture_exception",
];
/// What waits for several calls and hands their answers on.
const GATHERS: [&str; 7] = ["all", "allSettled", "race", "any", "gather", "wait_for", "withTimeout"];

/// What makes a failing out of an answer that says so.
const RAISES: [&str; 4] = ["EnsureSuccessStatusCode", "raise_for_status", "assertStatus", "throwIfError"];

/// State of the repository: the class or variable that holds it, and the name of the field.
type State = (NodeKey, String);

/// The calls to the API, and what is written down about them.
pub struct Probes<'a> {
    code: &'a Code,
    calls: HashSet<NodeKey>,
    kept: HashSet<State>,
}

impl<'a> Probes<'a> {
    pub fn new(code: &'a Code, clients: &'a Clients) -> Self {
        let sites: Vec<Call<'a>> = clients.sites.iter().filter_map(|site| site.call(code)).collect();
        let calls = sites.iter().map(|call| call.node.key()).collect();
        let mut probes = Self { code, calls, kept: HashSet::new() };
        for site in sites {
            probes.note_kept(site.node);
        }
        probes
    }

    /// What the functions around a call, those they call, and those that call them write down.
    fn note_kept(&mut self, site: Node<'a>) {
        for function in site.ancestors().filter_map(Node::as_function) {
            let reached = self.code.reached_from(function.node).into_iter().map(|inner| inner.node);
            let callers = self.code.callers_of(function).into_iter();
            let around = callers.filter_map(|call| call.node.enclosing_function()).map(|outer| outer.node);
            let places: Vec<Node<'a>> = reached.chain(around).chain([function.node]).collect();
            self.kept.extend(places.into_iter().flat_map(Node::walk).filter_map(|node| written(self.code, node)));
        }
    }

    /// The place where an answer of this code comes to depend on the API.
    pub fn found_in(&self, handler: Node<'a>) -> Option<Node<'a>> {
        self.asked(handler, &mut HashSet::new()).or_else(|| self.remembered(handler))
    }

    fn asked(&self, place: Node<'a>, seen: &mut HashSet<NodeKey>) -> Option<Node<'a>> {
        if !seen.insert(place.key()) {
            return None;
        }
        let calls = place.walk().filter_map(Node::as_call).filter(|call| matters(call.node, 0));
        for call in calls {
            if self.calls.contains(&call.node.key()) {
                return Some(call.node);
            }
            let callees = self.code.callees(call).into_iter().map(|function| function.node);
            let handed = call.arguments.iter().filter(|node| !matches!(node.kind(), Kind::Function(_)));
            let handed = handed.flat_map(|node| functions(self.code, node));
            if callees.chain(handed).any(|function| self.asked(function, seen).is_some()) {
                return Some(call.node);
            }
        }
        None
    }

    fn remembered(&self, handler: Node<'a>) -> Option<Node<'a>> {
        let reached = self.code.reached_from(handler).into_iter().map(|function| function.node);
        let reads = reached.chain([handler]).flat_map(Node::walk);
        let is_kept = |node: &Node<'a>| state(self.code, *node).is_some_and(|state| self.kept.contains(&state));
        reads.filter(is_kept).find(|node| written_at(*node).is_none() && matters(*node, 0))
    }
}

/// The functions that a value may be.
pub fn functions<'a>(code: &'a Code, node: Node<'a>) -> Vec<Node<'a>> {
    let origins = code.origins(node).into_iter();
    origins
        .filter_map(
            |origin| if let Origin::Own(Value::Function(function)) = origin { Some(function.node) } else { None },
        )
        .collect()
}

fn written<'a>(code: &'a Code, node: Node<'a>) -> Option<State> {
    match node.kind() {
        Kind::Assign { target, .. } => state(code, target),
        Kind::Call(call) if matches!(call.method(), "set" | "Set" | "store" | "Store") => state(code, call.receiver()?),
        _ => None,
    }
}

/// The assignment that a node is the target of.
fn written_at(node: Node<'_>) -> Option<Node<'_>> {
    node.parent()
        .filter(|parent| matches!(parent.kind(), Kind::Assign { target, operator: None, .. } if target == node))
}

fn state<'a>(code: &'a Code, node: Node<'a>) -> Option<State> {
    match node.kind() {
        Kind::Member { object, property } => Some((holder(code, object)?, property.to_owned())),
        Kind::Name(_) => Some((module_variable(code, node)?, String::new())),
        _ => None,
    }
}

fn holder<'a>(code: &'a Code, object: Node<'a>) -> Option<NodeKey> {
    let is_own = match object.kind() {
        Kind::This => true,
        Kind::Name(name) => name == "self" || object.source().language() == Language::Go,
        _ => return None,
    };
    let own = || is_own.then(|| code.class_of(object).map(|class| class.node.key())).flatten();
    module_variable(code, object).or_else(own)
}

/// The variable of a file, not of a function, that a name stands for.
fn module_variable<'a>(code: &'a Code, node: Node<'a>) -> Option<NodeKey> {
    let definitions = code.define(node, node.as_name()?);
    definitions.into_iter().find_map(|definition| match definition {
        Definition::Declared(Declared::Variable(name)) if name.enclosing_function().is_none() => Some(name.key()),
        _ => None,
    })
}

/// Whether anything but a log line comes of a value, or of the failing of a call.
fn matters(start: Node<'_>, depth: usize) -> bool {
    let mut handed_on = false;
    let mut node = start;
    while let Some(parent) = node.parent() {
        match parent.kind() {
            Kind::Call(call) if call.callee != node && is_log(call) => return false,
            Kind::Call(call) if call.callee == node && RAISES.contains(&call.method()) => return true,
            Kind::Call(call) if call.callee != node => handed_on |= !GATHERS.contains(&call.method()),
            Kind::Return(_) | Kind::Throw(_) | Kind::Function(_) => return true,
            Kind::If { test, then, otherwise } if test == node => {
                return has_effect(then) || otherwise.is_some_and(has_effect);
            }
            Kind::Loop(_) | Kind::Switch { .. } => return true,
            Kind::Let(declared) => return depth < MAX_DEPTH && names_matter(declared.target, depth),
            Kind::Assign { target, .. } if target != node => {
                let is_local = matches!(target.kind(), Kind::Name(_) | Kind::List(_) | Kind::Object(_));
                return !is_local || (depth < MAX_DEPTH && names_matter(target, depth));
            }
            Kind::Block(_) | Kind::If { .. } | Kind::Try { .. } | Kind::Case { .. } | Kind::Catch { .. } => {
                return handed_on || failing_matters(start, node);
            }
            _ => {}
        }
        node = parent;
    }
    handed_on || failing_matters(start, node)
}

fn names_matter(target: Node<'_>, depth: usize) -> bool {
    let names: HashSet<&str> = target.walk().filter_map(Node::as_name).filter(|name| *name != "_").collect();
    let scope = target.enclosing_function().map_or(target.source().root(), |function| function.node);
    let mut uses = scope.walk().filter(|node| node.as_name().is_some_and(|name| names.contains(name)));
    uses.any(|node| !target.contains(node) && !is_target(node) && matters(node, depth + 1))
}

fn is_target(node: Node<'_>) -> bool {
    node.parent().is_some_and(|parent| match parent.kind() {
        Kind::Assign { target, .. } => target == node,
        Kind::Let(declared) => declared.target == node,
        _ => false,
    })
}

/// Whether it is noticed that a call fails whose value nobody uses.
fn failing_matters(start: Node<'_>, statement: Node<'_>) -> bool {
    if start.as_call().is_none() {
        return false;
    }
    let own = |node: &Node<'_>| !matches!(node.kind(), Kind::Function(_));
    for outer in statement.ancestors().take_while(own) {
        if let Kind::Try { body, catches, .. } = outer.kind()
            && body.contains(start)
            && !catches.is_empty()
        {
            let rest = body.parts().into_iter().filter(|part| !part.contains(start));
            return catches.iter().any(has_effect) || rest.into_iter().any(has_effect);
        }
    }
    match start.source().language() {
        Language::Go => false,
        Language::JavaScript | Language::TypeScript => {
            matches!(statement.kind(), Kind::Await(_))
                || statement.walk().any(|n| matches!(n.kind(), Kind::Await(v) if v.contains(start)))
        }
        _ => true,
    }
}

/// Whether code does anything beside writing to a log.
fn has_effect(node: Node<'_>) -> bool {
    match node.kind() {
        Kind::Call(call) => !is_log(call),
        Kind::Return(_) | Kind::Throw(_) | Kind::Assign { .. } => true,
        _ => node.parts().into_iter().any(has_effect),
    }
}

fn is_log(call: Call<'_>) -> bool {
    let receiver = call.receiver().map(|node| node.text().to_ascii_lowercase()).unwrap_or_default();
    PRINTS.contains(&call.method())
        || receiver.ends_with("log")
        || receiver.ends_with("logger")
        || receiver == "console"
        || receiver == "logging"
}
