//! Inbound webhook handlers: routes that a remote system calls with events, and the functions that serve them.

mod guard;
mod route;

pub use guard::{Guard, Sign};

use super::code::{Code, Function, Node, NodeKey};
use super::{Facet, Facts};
use crate::evidence::Span;

/// Headers that carry a signature. Source: the documentation of each sender.
const SIGNATURES: [&str; 12] = [
    "x-maintainx-",
    "x-hub-signature",
    "stripe-signature",
    "x-shopify-hmac",
    "x-zendesk-webhook-signature",
    "x-hubspot-signature",
    "x-slack-signature",
    "svix-signature",
    "webhook-signature",
    "x-twilio-signature",
    "x-signature",
    "x-webhook-signature",
];

/// A handler of deliveries.
#[derive(Debug)]
pub struct Handler {
    key: NodeKey,
    pub span: Span,
    pub name: String,
    /// What it does and runs to guard itself.
    pub guard: Guard,
    /// MaintainX is the sender.
    pub is_maintainx: bool,
}

impl Handler {
    /// The function that takes a delivery.
    pub fn node<'a>(&self, code: &'a Code) -> Option<Node<'a>> {
        code.node(self.key)
    }
}

/// A place where deliveries arrive, whether or not what handles them can be followed.
#[derive(Debug)]
pub struct Receiver {
    pub span: Span,
    pub name: String,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Webhooks {
    pub handlers: Vec<Handler>,
    /// Those of the handlers, and routes that lead to what is not here.
    pub receivers: Vec<Receiver>,
}

impl Facet for Webhooks {
    fn read(facts: &Facts) -> Self {
        let code = facts.code();
        code.prepare();
        let has_maintainx = code.names("maintainx");
        let mut handlers: Vec<Handler> = route::served(code)
            .into_iter()
            .filter_map(|served| {
                let mut nodes = reach(code, served.node);
                nodes.extend(served.before.iter().flat_map(|before| reach(code, *before)));
                let is_signed = nodes.iter().any(|node| reads_signature(*node, &SIGNATURES));
                (served.is_named || is_signed).then(|| {
                    // Another sender's header shows another sender.
                    let is_other = nodes.iter().any(|node| reads_signature(*node, &SIGNATURES[1..10]));
                    let is_maintainx = has_maintainx && !is_other;
                    Handler {
                        key: served.node.key(),
                        span: served.span,
                        name: served.name,
                        guard: Guard::of(&nodes),
                        is_maintainx,
                    }
                })
            })
            .collect();
        handlers.sort_by(|a, b| a.span.cmp(&b.span));
        handlers.dedup_by(|a, b| a.span == b.span);
        let own = handlers.iter().map(|handler| Receiver { span: handler.span.clone(), name: handler.name.clone() });
        let mut receivers: Vec<Receiver> =
            own.chain(code.nodes().filter_map(|node| route::receiver(code, node))).collect();
        receivers.sort_by(|a, b| a.span.cmp(&b.span));
        receivers.dedup_by(|a, b| a.span == b.span);
        Self { handlers, receivers }
    }
}

fn reach<'a>(code: &'a Code, node: Node<'a>) -> Vec<Node<'a>> {
    let inner = code.reached_from(node).into_iter().map(|function: Function<'a>| function.node);
    std::iter::once(node).chain(inner).collect()
}

fn reads_signature(node: Node<'_>, headers: &[&str]) -> bool {
    let is_header = |text: &str| {
        let folded = text.to_ascii_lowercase().replace('_', "-");
        headers.iter().any(|header| folded.trim_start_matches("http-").starts_with(header))
    };
    node.walk().filter_map(Node::as_str).any(is_header)
}
