//! Where requests come in: each route with the code that answers it and the code that runs before.

mod by_call;
mod by_class;
mod by_file;
mod by_mark;
pub mod vocabulary;

use super::code::{Class, Code, Function, Kind, Node, NodeKey, Origin, Value};
use super::{Facet, Facts};
use crate::evidence::Span;
use std::collections::HashSet;
pub use vocabulary::Verb;

/// More endpoints than this are not kept from one repository.
const MAX_ENDPOINTS: usize = 3_000;
/// Methods by which a framework asks a class that stands before a handler.
const ASKED: [&str; 14] = [
    "canActivate",
    "intercept",
    "transform",
    "process",
    "handle",
    "__invoke",
    "__call__",
    "use",
    "preHandle",
    "OnActionExecutionAsync",
    "OnActionExecuting",
    "InvokeAsync",
    "filter",
    "call",
];

/// A route and the code that answers it.
#[derive(Debug)]
pub struct Endpoint {
    handler: NodeKey,
    before: Vec<NodeKey>,
    /// Where it is registered or marked.
    pub span: Span,
    /// The path as written, or the file that stands for it.
    pub path: String,
    pub verb: Verb,
}

impl Endpoint {
    /// The function, or the piece of a file, that answers.
    pub fn handler<'a>(&self, code: &'a Code) -> Option<Node<'a>> {
        code.node(self.handler)
    }

    /// What runs before it on that route: middleware, guards, decorators, dependencies.
    pub fn before<'a>(&self, code: &'a Code) -> Vec<Node<'a>> {
        self.before.iter().filter_map(|key| code.node(*key)).collect()
    }

    /// Everything that a request may run: the handler, what is before it, and what they call.
    pub fn reach<'a>(&self, code: &'a Code) -> Vec<Node<'a>> {
        let starts: Vec<Node<'a>> = self.handler(code).into_iter().chain(self.before(code)).collect();
        let inner = starts.iter().flat_map(|start| code.reached_from(*start)).map(|function| function.node);
        let mut seen = HashSet::new();
        starts.iter().copied().chain(inner).filter(|node| seen.insert(node.key())).collect()
    }
}

/// All of them, in the order of files and lines.
#[derive(Debug, Default)]
pub struct Endpoints {
    pub all: Vec<Endpoint>,
}

/// One found, while the code is at hand.
struct Found<'a> {
    handler: Node<'a>,
    before: Vec<Node<'a>>,
    at: Node<'a>,
    path: String,
    verb: Verb,
}

impl Facet for Endpoints {
    fn read(facts: &Facts) -> Self {
        let code = facts.code();
        code.prepare();
        let mut found: Vec<Found<'_>> = code.calls().flat_map(|call| by_call::registered(code, call)).collect();
        for function in code.functions() {
            found.extend(by_mark::marked(code, function));
            found.extend(by_class::method(function));
        }
        found.extend(code.sources().flat_map(by_file::entries));
        // A handler that is registered by a call needs no second look by its class or file.
        let mut seen = HashSet::new();
        found.retain(|one| seen.insert((one.handler.key(), one.path.clone())));
        let is_weak = |one: &Found<'_>| one.at == one.handler;
        let mut taken: HashSet<NodeKey> =
            found.iter().filter(|one| !is_weak(one)).map(|one| one.handler.key()).collect();
        found.retain(|one| !is_weak(one) || taken.insert(one.handler.key()));
        found.sort_by_key(|one| one.at);
        found.truncate(MAX_ENDPOINTS);
        Self { all: found.into_iter().map(|one| endpoint(code, one)).collect() }
    }
}

fn endpoint(code: &Code, found: Found<'_>) -> Endpoint {
    let asked: Vec<Node<'_>> = found.before.iter().flat_map(|before| asked_of(code, *before)).collect();
    Endpoint {
        handler: found.handler.key(),
        before: found.before.iter().chain(&asked).map(|node| node.key()).collect(),
        span: found.at.span(),
        path: found.path,
        verb: found.verb,
    }
}

/// The methods of the classes that are named before a handler: guards, interceptors, filters.
fn asked_of<'a>(code: &'a Code, before: Node<'a>) -> Vec<Node<'a>> {
    let names = before.walk().filter(|node| matches!(node.kind(), Kind::Name(_) | Kind::Member { .. } | Kind::Type(_)));
    let mut classes: Vec<Class<'a>> = names.filter_map(|node| class_of(code, node)).collect();
    classes.dedup_by_key(|class| class.node);
    let methods = classes.into_iter().flat_map(|class| ASKED.iter().filter_map(move |name| class.method(name)));
    methods.map(|method| method.node).collect()
}

fn class_of<'a>(code: &'a Code, node: Node<'a>) -> Option<Class<'a>> {
    if !node.leaf().starts_with(char::is_uppercase) && !node.text().starts_with(char::is_uppercase) {
        return None;
    }
    code.origins(node).into_iter().find_map(|origin| match origin {
        Origin::Own(Value::Class(class) | Value::Instance(class, _)) => Some(class),
        _ => None,
    })
}

/// The functions that an expression stands for: its own, a named one, what a factory makes, what is wrapped.
fn functions<'a>(code: &'a Code, node: Node<'a>, depth: usize) -> Vec<Function<'a>> {
    if depth > 4 {
        return Vec::new();
    }
    match node.kind() {
        Kind::Function(function) => vec![function],
        Kind::Named { value, .. } | Kind::Await(value) | Kind::Spread(value) => functions(code, value, depth + 1),
        Kind::Name(_) | Kind::Member { .. } => code
            .origins(node)
            .into_iter()
            .filter_map(|origin| match origin {
                Origin::Own(Value::Function(function)) => Some(function),
                _ => None,
            })
            .take(1)
            .collect(),
        Kind::List(items) => {
            let own = by_class::action(code, node).into_iter();
            own.chain(items.iter().flat_map(|item| functions(code, item, depth + 1))).collect()
        }
        // `verify(handler)`, `http.HandlerFunc(s.receive)`, `receive(erp)`.
        Kind::Call(call) => {
            let mut found: Vec<Function<'a>> = code.callees(call);
            found.retain(|function| !function.marks.is_constructor);
            found.extend(call.arguments.iter().flat_map(|argument| functions(code, argument, depth + 1)));
            if let Some(receiver) = call.receiver() {
                found.extend(functions(code, receiver, depth + 1));
            }
            found
        }
        Kind::Object(_) => {
            let handler = ["handler", "fetch"].iter().find_map(|key| node.get(key));
            handler.map(|handler| functions(code, handler, depth + 1)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Whether a text can be a path of a route.
fn is_path(text: &str) -> bool {
    !text.contains("://") && !text.contains(char::is_whitespace) && text.len() < 200
}
