//! What the code that a delivery runs does against a delivery that comes twice.

use super::claim::{self, Claim};
use super::consumers;
use super::guard::Sign;
use super::memory::{Memory, memory};
use super::order::Order;
use super::tables::Tables;
use crate::facts::code::{Call, Code, Kind, Node, NodeKey, Operator};
use crate::facts::effects::{Again, Effect, Effects, Target};
use std::collections::HashSet;

/// Headers and fields that name a delivery elsewhere. Source: MaintainX's published API, which has none of them.
const DELIVERY_WORDS: [&str; 10] = [
    "event-id",
    "delivery-id",
    "webhook-id",
    "x-delivery",
    "message-id",
    "request-id",
    "idempotency-key",
    "x-maintainx-delivery",
    "event-uuid",
    "x-maintainx-event",
];
const DELIVERY_FIELDS: [&str; 10] = [
    "eventId",
    "event_id",
    "deliveryId",
    "delivery_id",
    "webhookId",
    "webhook_id",
    "messageId",
    "eventUuid",
    "EventId",
    "DeliveryId",
];
/// What asks a shared store for a key, to set it later.
const ASKS: [&str; 16] = [
    "get",
    "exists",
    "Get",
    "Exists",
    "hasKey",
    "KeyExistsAsync",
    "StringGetAsync",
    "sismember",
    "sIsMember",
    "SIsMember",
    "hexists",
    "EXISTS",
    "existsById",
    "has",
    "fetch",
    "StringGet",
];
const STORES: [&str; 12] = [
    "redis",
    "kv",
    "cache",
    "rdb",
    "store",
    "valkey",
    "upstash",
    "memcached",
    "dedupe",
    "opsforvalue",
    "dedup",
    "idempotency",
];

/// The signs of one handler.
#[derive(Debug, Clone, Default)]
pub struct Repeat {
    pub claims: Vec<Claimed>,
    pub effects: Vec<Change>,
    pub memory: Option<Memory>,
    /// A key is asked for and set in two steps.
    pub two_steps: Option<Sign>,
    /// A key that MaintainX does not deliver.
    pub unknown_key: Option<Sign>,
}

/// A claim, and what keeps it from counting.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub sign: Sign,
    pub flaw: Option<Sign>,
}

/// An effect, and whether a second delivery repeats it.
#[derive(Debug, Clone)]
pub struct Change {
    pub sign: Sign,
    pub repeats: bool,
}

pub(super) struct Look<'a> {
    pub code: &'a Code,
    pub effects: &'a Effects,
    pub tables: &'a Tables,
}

impl<'a> Look<'a> {
    /// The signs in what a handler runs; `handler` itself is the first of the nodes.
    pub fn repeat(&self, handler: Node<'a>, before: &[Node<'a>], reach: &[Node<'a>]) -> Repeat {
        let mut repeat = Repeat::default();
        let reach = self.with_consumers(reach);
        let nodes = self.outermost(&reach);
        let mut claims: Vec<Claim<'a>> = Vec::new();
        let mut effects: Vec<&Effect> = Vec::new();
        for node in nodes.iter().flat_map(|node| node.walk()) {
            claims.extend(claim::claim(self.code, node));
            effects.extend(node.as_call().and_then(|call| self.effects.of(call)));
            repeat.memory = repeat.memory.or_else(|| memory(self.code, node));
            repeat.two_steps = repeat.two_steps.or_else(|| two_steps(node));
            repeat.unknown_key = repeat.unknown_key.or_else(|| unknown_key(node));
        }
        let order = Order::of(self.code, handler, before);
        let keyed: HashSet<NodeKey> =
            claims.iter().flat_map(|claim| claim.node.walk()).map(|node| node.key()).collect();
        let is_claiming = |effect: &Effect| {
            effect.node(self.code).is_some_and(|node| {
                keyed.contains(&node.key()) || claims.iter().any(|claim| claim::belongs(claim, node, effect))
            })
        };
        let changes: Vec<&Effect> = effects.into_iter().filter(|effect| !is_claiming(effect)).collect();
        repeat.claims = claims.iter().map(|claim| self.claimed(claim, &changes, &order)).collect();
        repeat.effects = changes.iter().map(|effect| self.change(effect)).collect();
        repeat
    }

    /// With what takes the work from the queues that it is handed to.
    fn with_consumers(&self, reach: &[Node<'a>]) -> Vec<Node<'a>> {
        let mut nodes = reach.to_vec();
        for node in reach {
            let sends = self.effects.within(*node).filter(|effect| effect.target == Target::Queue);
            let calls: Vec<Call<'a>> = sends.filter_map(|effect| effect.node(self.code)?.as_call()).collect();
            let consumers = calls.into_iter().flat_map(|call| consumers::of(self.code, call));
            for consumer in consumers.take(20) {
                nodes.push(consumer);
                nodes.extend(self.code.reached_from(consumer).into_iter().map(|function| function.node));
            }
        }
        let mut seen = HashSet::new();
        nodes.retain(|node| seen.insert(node.key()));
        nodes
    }

    /// The nodes that no other of them holds.
    fn outermost(&self, reach: &[Node<'a>]) -> Vec<Node<'a>> {
        let keys: HashSet<NodeKey> = reach.iter().map(|node| node.key()).collect();
        reach.iter().copied().filter(|node| !node.ancestors().any(|outer| keys.contains(&outer.key()))).collect()
    }

    fn claimed(&self, claim: &Claim<'a>, effects: &[&Effect], order: &Order<'a>) -> Claimed {
        let late = effects
            .iter()
            .filter(|effect| {
                effect.again == Again::Repeats && matches!(effect.target, Target::Remote | Target::Message)
            })
            .find(|effect| effect.node(self.code).is_some_and(|node| order.is_before(node, claim.node)));
        let flaw = late
            .map(|effect| Sign {
                span: effect.span.clone(),
                text: format!("{} comes before the key is taken", effect.title),
            })
            .or_else(|| {
                claim.short.as_ref().map(|life| Sign {
                    span: life.span.clone(),
                    text: format!("the key is free again after {} s", life.text),
                })
            })
            .or_else(|| claim.table.as_ref().and_then(|table| self.tables.without_key(table)));
        Claimed { sign: claim.sign.clone(), flaw }
    }

    fn change(&self, effect: &Effect) -> Change {
        let moves = effect.target == Target::Remote
            && effect.again == Again::Same
            && effect.node(self.code).is_some_and(|node| counts_from_now(node) && !effect.title.starts_with("DELETE"));
        let text = if moves { format!("{} with a time counted from now", effect.title) } else { effect.title.clone() };
        Change { sign: Sign { span: effect.span.clone(), text }, repeats: moves || effect.again == Again::Repeats }
    }
}

/// A change whose values are counted from the clock moves what it changed before.
fn counts_from_now(node: Node<'_>) -> bool {
    let unit = node.enclosing_class().map_or(node.source().root(), |class| class.node);
    let is_clock = |call: Call<'_>| {
        let text = call.callee.text();
        let is_now = [
            "Date.now",
            "time.time",
            "time.Now",
            "Time.now",
            "Time.current",
            "Instant.now",
            "LocalDateTime.now",
            "OffsetDateTime.now",
            "ZonedDateTime.now",
            "datetime.now",
            "datetime.utcnow",
            "Carbon.now",
            "DateTime.now",
            "Clock.System.now",
        ];
        is_now.iter().any(|name| text.ends_with(name))
            || matches!(call.method(), "from_now" | "moment" | "dayjs") && call.arguments.is_empty()
            || text == "Date" && call.is_new && call.arguments.is_empty()
            || text == "now" && call.arguments.is_empty()
    };
    let checks = unit.text().contains("hmac") || unit.text().contains("Hmac") || unit.text().contains("expires");
    // A sum or a call on the clock's answer: `now + 7 days`, `now.plusDays(7)`.
    let counted = |call: Call<'_>| {
        let mut up =
            call.node.ancestors().take_while(|outer| !matches!(outer.kind(), Kind::Block(_) | Kind::Function(_)));
        up.any(|outer| match outer.kind() {
            Kind::Binary { operator: Operator::Add, .. } => true,
            Kind::Call(outer) => {
                ["plus", "add", "Add", "advance", "since"].iter().any(|word| outer.method().starts_with(word))
            }
            Kind::Let(_) | Kind::Assign { .. } => true,
            _ => false,
        }) || call.method() == "from_now"
    };
    !checks && unit.walk().filter_map(Node::as_call).any(|call| is_clock(call) && counted(call))
}

/// A key in a shared store that is asked for, and no claim.
fn two_steps(node: Node<'_>) -> Option<Sign> {
    let call = node.as_call().filter(|call| ASKS.contains(&call.method()) && !call.arguments.is_empty())?;
    let receiver = call.receiver()?.text().to_ascii_lowercase();
    let is_store = STORES.iter().any(|word| receiver.ends_with(word) || receiver.ends_with(&format!("{word}()")));
    let is_row = call.method() == "existsById";
    (is_store || is_row)
        .then(|| Sign { span: node.span(), text: call.path().unwrap_or_else(|| call.method().to_owned()) })
}

/// A header or a field of the body that would name the delivery, if it were there.
fn unknown_key(node: Node<'_>) -> Option<Sign> {
    let text = match node.kind() {
        Kind::Str(text) => {
            let header = text.to_ascii_lowercase().replace('_', "-");
            let header = header.trim_start_matches("http-");
            let is_header = header.len() < 60
                && !header.contains(' ')
                && (header.starts_with("x-")
                    || header.starts_with("webhook-")
                    || header.starts_with("maintainx-")
                    || header == "idempotency-key");
            (is_header && DELIVERY_WORDS.iter().any(|word| header.ends_with(word)) && is_read(node))
                .then(|| format!("the header {header}"))
        }
        Kind::Member { object, property } if DELIVERY_FIELDS.contains(&property) => {
            ["body", "payload", "event", "data", "json", "delivery", "evt"]
                .contains(&object.leaf())
                .then(|| format!("the field {property}"))
        }
        Kind::Index { object, index } => {
            let key = index.as_str().filter(|key| DELIVERY_FIELDS.contains(key))?;
            ["body", "payload", "event", "data", "json"].contains(&object.leaf()).then(|| format!("the field {key}"))
        }
        _ => None,
    }?;
    Some(Sign { span: node.span(), text })
}

/// A header that is read, and not one that is sent along with a request.
fn is_read(node: Node<'_>) -> bool {
    match node.parent().map(Node::kind) {
        Some(Kind::Pair { key, .. }) => key != node,
        Some(Kind::Call(call)) => {
            !matches!(call.method(), "setHeader" | "set" | "Set" | "header" | "append") || call.arguments.len() == 1
        }
        _ => true,
    }
}
