//! Effects: what production source changes outside itself, in remote systems, databases, queues and inboxes.

mod statement;
mod words;
mod writes;

pub use statement::{Statement, statement, statements_of};
pub use words::is_database;

use super::clients::{Clients, Site};
use super::code::{Call, Code, Node, NodeKey};
use super::{Facet, Facts};
use crate::evidence::Span;
use std::collections::HashMap;

/// What kind of thing is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A remote system, by a request.
    Remote,
    Database,
    Queue,
    /// Mail, chat, comments: somebody reads it.
    Message,
}

/// What a second time does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Again {
    /// It happens again: a second order, a second row, a second message.
    Repeats,
    /// It ends in the same state.
    Same,
}

/// One change.
#[derive(Debug, Clone)]
pub struct Effect {
    key: NodeKey,
    pub span: Span,
    /// For a note: `POST /purchase-orders`, `insert into orders`, `sendMail`.
    pub title: String,
    pub target: Target,
    pub again: Again,
}

impl Effect {
    pub fn node<'a>(&self, code: &'a Code) -> Option<Node<'a>> {
        code.node(self.key)
    }
}

/// All of them, in the order of files and lines.
#[derive(Debug, Default)]
pub struct Effects {
    pub all: Vec<Effect>,
    by_node: HashMap<NodeKey, usize>,
}

impl Facet for Effects {
    fn read(facts: &Facts) -> Self {
        let (code, clients) = (facts.code(), facts.clients());
        let remote = remote(code, clients);
        let found = super::code::read::on_large_stacks(|| {
            let own = |call: Call<'_>| {
                let key = call.node.key();
                remote.get(&key).cloned().or_else(|| writes::effect(code, call)).filter(|effect| effect.key == key)
            };
            code.calls().filter_map(own).collect::<Vec<Effect>>()
        });
        let mut all = found.unwrap_or_default();
        all.sort_by(|a, b| a.span.cmp(&b.span));
        let by_node = all.iter().enumerate().map(|(at, effect)| (effect.key, at)).collect();
        Self { all, by_node }
    }
}

impl Effects {
    /// The effect of a call, if it has one by itself.
    pub fn of(&self, call: Call<'_>) -> Option<&Effect> {
        self.by_node.get(&call.node.key()).and_then(|at| self.all.get(*at))
    }

    /// The effects that stand in a piece of code, nested functions included.
    pub fn within<'a>(&'a self, node: Node<'a>) -> impl Iterator<Item = &'a Effect> {
        node.walk().filter_map(Node::as_call).filter_map(|call| self.of(call))
    }
}

/// The requests that change something, by their calls.
fn remote(code: &Code, clients: &Clients) -> HashMap<NodeKey, Effect> {
    let sites = clients.sites.iter().chain(&clients.others);
    let effects = sites.filter_map(|site| {
        let call = site.call(code)?;
        let again = of_site(code, site, call)?;
        let key = call.node.key();
        Some((key, Effect { key, span: site.span.clone(), title: site.title(), target: Target::Remote, again }))
    });
    effects.collect()
}

/// What a request does a second time; none where it only reads.
fn of_site(code: &Code, site: &Site, call: Call<'_>) -> Option<Again> {
    let path = site.path().unwrap_or_default().to_ascii_lowercase();
    let last = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
    if words::READING_PATHS.contains(&last) || site.addresses.iter().any(|address| address.contains("oauth")) {
        return None;
    }
    if site.library.is_sdk {
        return writes::of_sdk(call.method());
    }
    let methods: Vec<String> = match &site.method {
        Some(method) => vec![method.clone()],
        None => words_of_method(code, call),
    };
    // Where nothing names the method, a request that hands over a body changes something.
    if methods.is_empty() {
        let has_body = call.node.walk().any(|node| words::BODIES.contains(&node.leaf()));
        return has_body.then_some(Again::Repeats);
    }
    let again = methods.iter().filter_map(|method| match method.as_str() {
        "POST" => Some(Again::Repeats),
        "PUT" | "DELETE" | "PATCH" => Some(Again::Same),
        _ => None,
    });
    again.min()
}

/// The methods that a request may be sent with, where callers of a wrapper name them.
fn words_of_method(code: &Code, call: Call<'_>) -> Vec<String> {
    let given = call.option("method").or_else(|| call.argument(0)).or_else(|| call.arguments.first());
    let requests = call.arguments.iter().flat_map(|argument| code.expressions(argument));
    let inside = requests.filter_map(Node::as_call).flat_map(|made| made.arguments.iter().collect::<Vec<_>>());
    let texts = given.into_iter().chain(inside).take(12).flat_map(|node| {
        // `http.MethodPost`, `HttpMethod.Post`.
        let leaf = node.leaf().trim_start_matches("Method").to_ascii_uppercase();
        code.texts(node).into_iter().chain([leaf])
    });
    let words = texts.map(|text| text.to_ascii_uppercase());
    words.filter(|word| matches!(word.as_str(), "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD")).collect()
}
