//! Inbound webhook handlers: routes that a remote system calls with events, and the functions that serve them.

mod claim;
mod consumers;
mod guard;
mod memory;
mod order;
mod receiver;
mod repeat;
mod tables;
mod vocabulary;

pub use guard::{Guard, Sign};
pub use memory::Memory;
pub use repeat::{Change, Claimed, Repeat};

use super::code::{Code, Node, NodeKey};
use super::endpoints::{Endpoint, Verb};
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
/// Fields that only MaintainX's deliveries have, as a set. Source: the published API.
const DELIVERED: [&str; 4] = ["occurredAt", "newStatus", "oldStatus", "orgId"];

/// A handler of deliveries.
#[derive(Debug)]
pub struct Handler {
    key: NodeKey,
    pub span: Span,
    pub name: String,
    /// What it does and runs to guard itself.
    pub guard: Guard,
    /// What it changes, and what it does against a second delivery.
    pub repeat: Repeat,
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
        let has_maintainx = code.names("maintainx");
        let taking = facts.endpoints().all.iter().filter_map(|endpoint| Delivery::of(code, endpoint, has_maintainx));
        let taking: Vec<Delivery<'_>> = taking.collect();
        // Nothing is read for their sake where no delivery arrives.
        let tables = if taking.is_empty() { tables::Tables::default() } else { tables::Tables::of(facts) };
        let look = repeat::Look { code, effects: facts.effects(), tables: &tables };
        let handler = |delivery: Delivery<'_>| Handler {
            key: delivery.handler.key(),
            span: delivery.endpoint.span.clone(),
            name: delivery.endpoint.path.chars().take(60).collect(),
            guard: Guard::of(&delivery.reach),
            repeat: look.repeat(delivery.handler, &delivery.endpoint.before(code), &delivery.reach),
            is_maintainx: delivery.is_maintainx,
        };
        let mut handlers: Vec<Handler> = taking.into_iter().map(handler).collect();
        handlers.sort_by(|a, b| a.span.cmp(&b.span));
        handlers.dedup_by(|a, b| a.span == b.span);
        let own = handlers.iter().map(|handler| Receiver { span: handler.span.clone(), name: handler.name.clone() });
        let mut receivers: Vec<Receiver> =
            own.chain(code.nodes().filter_map(|node| receiver::receiver(code, node))).collect();
        receivers.sort_by(|a, b| a.span.cmp(&b.span));
        receivers.dedup_by(|a, b| a.span == b.span);
        Self { handlers, receivers }
    }
}

/// An endpoint that takes deliveries, while the code is at hand.
struct Delivery<'a> {
    endpoint: &'a Endpoint,
    handler: Node<'a>,
    reach: Vec<Node<'a>>,
    is_maintainx: bool,
}

impl<'a> Delivery<'a> {
    fn of(code: &'a Code, endpoint: &'a Endpoint, has_maintainx: bool) -> Option<Self> {
        let handler = endpoint.handler(code).filter(|_| endpoint.verb != Verb::Read)?;
        let reach = endpoint.reach(code);
        let reads = |headers: &[&str]| reach.iter().any(|node| reads_signature(*node, headers));
        let takes = is_named(endpoint, handler) || has_maintainx && is_delivered(handler) || reads(&SIGNATURES);
        if !takes {
            return None;
        }
        // Another sender's header shows another sender.
        let is_maintainx = has_maintainx && !reads(&SIGNATURES[1..10]);
        Some(Self { endpoint, handler, reach, is_maintainx })
    }
}

/// Its path, its function, its class or its file is called after webhooks.
fn is_named(endpoint: &Endpoint, handler: Node<'_>) -> bool {
    let name = handler.as_function().map(|function| function.known_as()).unwrap_or_default();
    let class = handler.enclosing_class().map(|class| class.name).unwrap_or_default();
    [endpoint.path.as_str(), name, class, handler.source().path()].iter().any(|text| is_hook(text))
}

fn is_hook(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("webhook") || lower.contains("/hooks") || lower.contains("/hook/") || lower.starts_with("hooks/")
}

/// It reads what only a delivery of MaintainX has.
fn is_delivered(handler: Node<'_>) -> bool {
    let names: std::collections::BTreeSet<&str> =
        handler.walk().map(Node::leaf).filter(|leaf| DELIVERED.contains(leaf)).collect();
    names.len() >= 2
}

fn reads_signature(node: Node<'_>, headers: &[&str]) -> bool {
    let is_header = |text: &str| {
        let folded = text.to_ascii_lowercase().replace('_', "-");
        headers.iter().any(|header| folded.trim_start_matches("http-").starts_with(header))
    };
    node.walk().filter_map(Node::as_str).any(is_header)
}
