//! Reference data of an API (users, locations, teams): where it is read, and whether its answers are kept for a while.

mod lifetime;

use super::clients::Site;
use super::code::{Code, Function, Node, NodeKey};
use super::{Facet, Facts};
use crate::evidence::Span;
use lifetime::in_function;
use std::collections::HashSet;

/// What changes rarely and is asked for often. Source: the published API.
const REFERENCE: [&str; 6] = ["users", "locations", "teams", "user", "location", "team"];
/// As many callers up is looked.
const MAX_DEPTH: usize = 5;

/// How long an answer is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lifetime {
    /// For a bounded time: the place, and what keeps it.
    Bounded(Span, String),
    /// Until the process ends, or for ever.
    Endless(Span, String),
    /// In a table of its own, which a run fills.
    Synced(Span),
    /// It is read afresh each time.
    None,
}

/// A read of reference data.
#[derive(Debug)]
pub struct ReferenceRead {
    pub span: Span,
    pub title: String,
    pub lifetime: Lifetime,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Caches {
    pub reads: Vec<ReferenceRead>,
}

impl Facet for Caches {
    fn read(facts: &Facts) -> Self {
        let (code, clients, sync) = (facts.code(), facts.clients(), facts.sync());
        let found = super::code::read::on_large_stacks(|| {
            code.prepare();
            let sites = clients.sites.iter().filter_map(|site| Some((site, named(code, site)?)));
            let mut reads: Vec<ReferenceRead> = sites
                .flat_map(|(site, places)| places.into_iter().map(move |place| (site, place)))
                .map(|(site, place)| {
                    let synced = sync.runs.iter().find(|run| {
                        let reads_it = run.reads.iter().any(|read| read.span == site.span);
                        reads_it && !run.copied.writes.is_empty() && runs_it(run, place.node)
                    });
                    let lifetime = kept(code, place.node);
                    let lifetime = match (lifetime, synced) {
                        (Lifetime::None, Some(run)) => {
                            run.copied.first().map_or(Lifetime::None, |write| Lifetime::Synced(write.span.clone()))
                        }
                        (lifetime, _) => lifetime,
                    };
                    ReferenceRead { span: place.node.span(), title: format!("GET {}", place.path), lifetime }
                })
                .collect();
            reads.sort_by(|a, b| a.span.cmp(&b.span));
            reads.dedup_by(|a, b| a.span == b.span);
            Self { reads }
        });
        found.unwrap_or_default()
    }
}

/// A place where the address of such data is written down.
struct Place<'a> {
    node: Node<'a>,
    path: String,
}

/// Whether a run of a sync comes to the function that reads.
fn runs_it(run: &super::sync::Run, node: Node<'_>) -> bool {
    node.enclosing_function().is_none_or(|function| run.functions.iter().any(|name| name == function.known_as()))
}

/// The places that name such data on the way to a request, or none.
fn named<'a>(code: &'a Code, site: &'a Site) -> Option<Vec<Place<'a>>> {
    if site.method.as_deref().is_some_and(|verb| verb != "GET") {
        return None;
    }
    let call = site.call(code)?;
    let ways = super::clients::ways(code, site);
    let mut places: Vec<Place<'a>> = Vec::new();
    for (node, texts) in ways {
        let path = texts.iter().find_map(|text| reference(text));
        if let Some(path) = path.filter(|_| !is_probe(code, node)) {
            places.push(Place { node, path });
        }
    }
    if places.is_empty() {
        let path =
            site.addresses.iter().find_map(|address| reference(address)).filter(|_| !is_probe(code, call.node))?;
        places.push(Place { node: call.node, path });
    }
    Some(places)
}

/// The path of reference data that an address ends with: `/users`, `/locations/{}`.
fn reference(address: &str) -> Option<String> {
    let path = address.split(['?', '#']).next()?.trim_end_matches('/');
    let mut parts = path.rsplit('/').filter(|part| !part.is_empty());
    let last = parts.next()?.trim_end_matches("{}").to_ascii_lowercase();
    let is_named = |part: &str| REFERENCE.contains(&part);
    if is_named(&last) && path.contains('/') {
        return Some(format!("/{last}"));
    }
    let before = parts.next()?.to_ascii_lowercase();
    let is_one = last.is_empty() || last.starts_with(['{', ':']) || last.bytes().all(|byte| byte.is_ascii_digit());
    (is_one && is_named(&before)).then(|| format!("/{before}/{{}}"))
}

/// `limit=1` asks for a sign of life.
fn is_probe(code: &Code, node: Node<'_>) -> bool {
    let Some(call) = node.as_call() else { return false };
    let text = call.node.text();
    let is_one = text.contains("limit=1\"")
        || text.contains("limit=1'")
        || text.contains("limit=1`")
        || text.contains("limit: 1 ")
        || text.contains("limit: 1,")
        || text.contains("\"limit\": 1}")
        || text.contains("limit: 1}");
    let function =
        call.node.enclosing_function().map(|function| function.known_as().to_ascii_lowercase()).unwrap_or_default();
    let _ = code;
    is_one || ["health", "ping", "probe", "ready"].iter().any(|word| function.contains(word))
}

/// How long the answer of a call is kept, by the code around it.
fn kept(code: &Code, start: Node<'_>) -> Lifetime {
    let mut seen = HashSet::new();
    let around = start.ancestors().filter_map(Node::as_function);
    // The innermost named function, with the blocks inside it that hold the call.
    let mut last = None;
    for function in around {
        last = Some(function);
        if !function.known_as().is_empty() && !function.marks.is_lambda {
            break;
        }
    }
    last.map_or(Lifetime::None, |function| by_function(code, function, start, &mut seen, 0))
}

fn by_function(
    code: &Code,
    function: Function<'_>,
    at: Node<'_>,
    seen: &mut HashSet<NodeKey>,
    depth: usize,
) -> Lifetime {
    if depth > MAX_DEPTH || !seen.insert(function.node.key()) {
        return Lifetime::None;
    }
    let own = in_function(code, function, at);
    if own != Lifetime::None {
        return own;
    }
    let calls = code.callers_of(function).into_iter().map(|call| call.node);
    let users: Vec<Node<'_>> =
        calls.chain(code.uses_of(function)).filter(|user| !function.node.contains(*user)).collect();
    let mut kept = Vec::new();
    for user in users {
        let wrapped = lifetime::wrapping(code, user);
        let outer = user
            .ancestors()
            .filter_map(Node::as_function)
            .find(|outer| !outer.known_as().is_empty() || outer.node.enclosing_function().is_none());
        let way = match (wrapped, outer) {
            (Lifetime::None, Some(outer)) => by_function(code, outer, user, seen, depth + 1),
            (Lifetime::None, None) => Lifetime::None,
            (wrapped, _) => wrapped,
        };
        kept.push(way);
    }
    // Every way counts: one that goes round the cache reads afresh.
    if kept.is_empty() || kept.contains(&Lifetime::None) {
        return Lifetime::None;
    }
    let endless = kept.iter().find(|way| matches!(way, Lifetime::Endless(..))).cloned();
    endless.or_else(|| kept.into_iter().next()).unwrap_or(Lifetime::None)
}
