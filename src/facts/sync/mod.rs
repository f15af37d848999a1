//! Data that is copied again and again: which runs do it, from where each goes on, and where that is kept.

mod copies;
mod files;
mod keepers;
mod names;
mod source;
mod vocabulary;

pub use copies::{Copied, Write};
pub use files::Fate;
pub use keepers::{Framework, Keeper, Touch, touch};

use super::clients::Site;
use super::code::{Call, Code, Kind, Node, NodeKey};
use super::schedules::Schedule;
use super::{Facet, Facts};
use crate::evidence::Span;
use source::{Follow, Root};
use std::collections::HashSet;

/// As many filters and positions of one run are told apart.
const MAX_FILTERS: usize = 40;
/// Words of addresses that are asked for access or a sign of life, not for data.
const NO_DATA: [&str; 10] =
    ["token", "oauth", "/auth", "login", "health", "ping", "/status.json", "session", "heartbeat", "webhook"];

/// Where a run takes its position from.
#[derive(Debug, Clone)]
pub struct Position {
    /// Where it is read.
    pub span: Span,
    pub kept: Kept,
    /// Where it is written, as far as that is seen.
    pub writes: Vec<Span>,
}

/// What keeps a position.
#[derive(Debug, Clone)]
pub enum Kept {
    /// It outlives the process: the name of what keeps it.
    Lasting(&'static str),
    File(Fate),
    /// A store that ends with the process.
    Process(&'static str),
    Cache(Framework),
    /// A variable or a field: its name.
    Held(String),
    /// The time of the run, whatever was done before.
    Clock,
}

/// A filter that takes only what changed since.
#[derive(Debug)]
pub struct Filter {
    pub span: Span,
    pub positions: Vec<Position>,
}

/// A read of remote data.
#[derive(Debug)]
pub struct Read {
    pub span: Span,
    pub title: String,
    pub is_maintainx: bool,
    /// A collection rather than one thing.
    pub is_list: bool,
}

/// Something that reads remote data again and again.
#[derive(Debug)]
pub struct Run {
    /// Where its time is set.
    pub span: Span,
    pub what: String,
    /// The longest time between two runs, in seconds.
    pub every: Option<f64>,
    pub reads: Vec<Read>,
    pub filters: Vec<Filter>,
    pub copied: Copied,
    /// The names of the functions that it may come to.
    pub functions: Vec<String>,
}

impl Run {
    /// It takes only what changed since some time.
    pub fn is_incremental(&self) -> bool {
        !self.filters.is_empty()
    }
}

/// All of it.
#[derive(Debug, Default)]
pub struct Sync {
    pub runs: Vec<Run>,
    /// What deliveries of events are copied into.
    pub by_event: Vec<Write>,
}

impl Sync {
    /// Where data is copied again and again, by a schedule or by events.
    pub fn synced(&self) -> Option<&Span> {
        let by_run = self.runs.iter().find(|run| !run.copied.writes.is_empty()).map(|run| &run.span);
        by_run.or_else(|| self.by_event.first().map(|write| &write.span))
    }
}

impl Facet for Sync {
    fn read(facts: &Facts) -> Self {
        let (code, clients, schedules) = (facts.code(), facts.clients(), facts.schedules());
        let (_, _, _) = (facts.webhooks(), facts.deployment(), facts.dockerfiles());
        let found = super::code::read::on_large_stacks(|| {
            let sites: Vec<&Site> = clients.sites.iter().chain(&clients.others).collect();
            let mut runs: Vec<(bool, Run)> = schedules
                .all
                .iter()
                .filter_map(|schedule| Some((schedule.is_whole, run(facts, code, &sites, schedule)?)))
                .collect();
            // What may be any part of the program tells nothing where others are known.
            if runs.iter().any(|(is_whole, _)| !is_whole) {
                runs.retain(|(is_whole, _)| !is_whole);
            }
            let by_event = copies::by_event(facts, code, &sites);
            Self { runs: runs.into_iter().map(|(_, run)| run).collect(), by_event }
        });
        found.unwrap_or_default()
    }
}

fn run(facts: &Facts, code: &Code, sites: &[&Site], schedule: &Schedule) -> Option<Run> {
    let reach = schedule.reach(code);
    let within: HashSet<NodeKey> = reach.iter().map(|node| node.key()).collect();
    let reached: Vec<&Site> = sites.iter().copied().filter(|site| is_within(code, site, &within)).collect();
    let reads: Vec<Read> = reached.iter().filter(|site| is_read(code, site)).map(|site| read_of(site)).collect();
    if reads.is_empty() {
        return None;
    }
    let nodes = own_nodes(&reach);
    let filters = filters(facts, code, &nodes);
    let copied = Copied::of(code, &nodes, &reached);
    let functions =
        reach.iter().filter_map(|node| node.as_function()).map(|function| function.known_as().to_owned()).collect();
    Some(Run {
        span: schedule.span.clone(),
        what: schedule.what.clone(),
        every: schedule.every,
        reads,
        filters,
        copied,
        functions,
    })
}

/// Every node of the reached code once.
fn own_nodes<'a>(reach: &[Node<'a>]) -> Vec<Node<'a>> {
    let mut seen = HashSet::new();
    reach.iter().flat_map(|start| start.walk()).filter(|node| seen.insert(node.key())).collect()
}

fn is_within(code: &Code, site: &Site, within: &HashSet<NodeKey>) -> bool {
    let Some(call) = site.call(code) else { return false };
    std::iter::once(call.node).chain(call.node.ancestors()).any(|outer| within.contains(&outer.key()))
}

/// Whether a request asks for business data.
fn is_read(code: &Code, site: &Site) -> bool {
    let address = site.addresses.join(" ").to_ascii_lowercase();
    if NO_DATA.iter().any(|word| address.contains(word)) {
        return false;
    }
    match site.method.as_deref() {
        Some("GET") => true,
        Some("POST") => ["search", "query", "graphql", "/list", "jql"].iter().any(|word| address.contains(word)),
        Some(_) => false,
        None => {
            let method = site.call(code).map(|call| call.method().to_ascii_lowercase()).unwrap_or_default();
            let is_change = ["create", "update", "del", "send", "post", "put", "patch", "remove", "insert", "upsert"];
            !is_change.iter().any(|verb| method.starts_with(verb))
        }
    }
}

fn read_of(site: &Site) -> Read {
    let last = site.path().unwrap_or_default().trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    let is_list = last != "{}" && !last.is_empty();
    Read { span: site.span.clone(), title: site.title(), is_maintainx: site.is_maintainx, is_list }
}

/// The filters of requests in some code, each followed to where its value is kept.
fn filters(facts: &Facts, code: &Code, nodes: &[Node<'_>]) -> Vec<Filter> {
    let mut found: Vec<Filter> = Vec::new();
    let values = nodes.iter().flat_map(|node| filter_values(code, *node));
    for (at, value) in values.take(MAX_FILTERS * 4) {
        let roots = Follow::of(code, value);
        let positions = roots.into_iter().map(|root| position(facts, code, nodes, root)).collect();
        found.push(Filter { span: at.span(), positions });
    }
    // A position that nothing hands to a filter by a name that is known.
    if found.is_empty() {
        let held = nodes.iter().filter(|node| names::is_position(node.leaf()) && is_used(**node));
        for node in held.take(MAX_FILTERS) {
            let positions: Vec<Position> =
                Follow::of(code, *node).into_iter().map(|root| position(facts, code, nodes, root)).collect();
            let is_kept = positions.iter().any(|position| !matches!(position.kept, Kept::Clock));
            if is_kept {
                found.push(Filter { span: node.span(), positions });
            }
        }
    }
    found.dedup_by(|a, b| a.span == b.span);
    found.truncate(MAX_FILTERS);
    found
}

/// Names and members that are read as values.
fn is_used(node: Node<'_>) -> bool {
    let is_value = matches!(node.kind(), Kind::Name(_) | Kind::Member { .. });
    let is_target = node.parent().is_some_and(|parent| match parent.kind() {
        Kind::Assign { target, .. } => target == node,
        Kind::Let(declared) => declared.target == node,
        Kind::Parameter(_) | Kind::Function(_) => true,
        Kind::Call(call) => call.callee == node,
        Kind::Pair { key, .. } => key == node,
        Kind::Member { object, .. } => object != node,
        _ => false,
    });
    is_value && !is_target
}

/// The value that a request is filtered by, with the place of the filter.
fn filter_values<'a>(code: &'a Code, node: Node<'a>) -> Vec<(Node<'a>, Node<'a>)> {
    let is_filter = |name: &str| names::is_filter(name) || (names::is_window(name) && is_parameter(node));
    let named = |name: &str, value: Node<'a>| if is_filter(name) { vec![(node, value)] } else { Vec::new() };
    match node.kind() {
        Kind::Pair { key, value } => match key.as_str() {
            Some(name) => named(name, value),
            None => named(key.leaf(), value),
        },
        Kind::Named { name, value } => named(name, value),
        Kind::Assign { target, value, operator: None } => match target.kind() {
            Kind::Index { index, .. } => index.as_str().map(|name| named(name, value)).unwrap_or_default(),
            Kind::Member { property, .. } if names::is_filter(property) && !names::is_position(property) => {
                named(property, value)
            }
            _ => Vec::new(),
        },
        Kind::Call(call) => called_filter(code, call),
        Kind::Template(parts) => {
            let parts: Vec<Node<'a>> = parts.iter().collect();
            let in_address = parts.windows(2).filter_map(|pair| match pair {
                [text, hole] if text.as_str().is_some_and(names::ends_with_filter) => Some((node, *hole)),
                _ => None,
            });
            let is_condition =
                parts.iter().filter_map(|part| part.as_str()).any(names::is_condition) && !is_in_store(code, node);
            let holes = parts.iter().filter(|part| is_condition && part.as_str().is_none()).map(|hole| (node, *hole));
            in_address.chain(holes).collect()
        }
        Kind::Binary { left, right, .. } => {
            let is_address = left
                .walk()
                .last()
                .and_then(Node::as_str)
                .is_some_and(|text| names::ends_with_filter(text) || names::is_condition(text));
            if is_address { vec![(node, right)] } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

/// Whether a name with its value is among the parameters of a request.
fn is_parameter(node: Node<'_>) -> bool {
    node.ancestors().take(5).any(|outer| match outer.kind() {
        Kind::Pair { key, .. } => matches!(key.leaf(), "params" | "query" | "qs" | "searchParams"),
        Kind::Named { name, .. } => matches!(name, "params" | "query"),
        Kind::Call(call) => matches!(call.method(), "URLSearchParams" | "urlencode" | "stringify" | "parameters"),
        Kind::Let(declared) => matches!(declared.target.leaf(), "params" | "query" | "qs"),
        Kind::Assign { target, .. } => matches!(target.leaf(), "params" | "query" | "qs"),
        _ => false,
    })
}

/// `params.set("updatedAt[gte]", since)`, `"%s/workorders?updatedAt[gte]=%s" % (base, since)`, `String.format(…)`.
fn called_filter<'a>(code: &'a Code, call: Call<'a>) -> Vec<(Node<'a>, Node<'a>)> {
    let arguments: Vec<Node<'a>> = call.arguments.iter().collect();
    let by_name = arguments.windows(2).filter_map(|pair| match pair {
        [name, value] => name.as_str().is_some_and(names::is_filter).then_some((call.node, *value)),
        _ => None,
    });
    let mut found: Vec<(Node<'a>, Node<'a>)> = by_name.collect();
    let format = arguments.first().and_then(|first| first.as_str());
    let is_format = format.is_some_and(|text| {
        (text.contains('%') || text.contains("{}") || text.contains("{0}"))
            && text.split(['?', '&', '{', '%']).any(|part| part.split('=').next().is_some_and(names::is_filter))
    });
    if is_format && !is_in_store(code, call.node) {
        found.extend(arguments.iter().skip(1).map(|value| (call.node, *value)));
    }
    found
}

/// Whether a text is part of a question to a database of one's own.
fn is_in_store(code: &Code, node: Node<'_>) -> bool {
    node.ancestors().take(4).filter_map(Node::as_call).any(|call| touch(code, call).is_some())
}

fn position(facts: &Facts, code: &Code, nodes: &[Node<'_>], root: Root<'_>) -> Position {
    match root {
        Root::Kept(touch) => {
            let kept = match touch.keeper {
                Keeper::Lasting(name) => Kept::Lasting(name),
                Keeper::Process(name) => Kept::Process(name),
                Keeper::Cache(framework) => cached(facts, framework),
                Keeper::File => Kept::File(files::fate(facts, code, touch)),
            };
            Position { span: touch.call.node.span(), kept, writes: put_back(code, nodes, touch) }
        }
        Root::Held(node) => {
            Position { span: node.span(), kept: Kept::Held(node.leaf().to_owned()), writes: assigned(node) }
        }
        Root::Clock(node) => Position { span: node.span(), kept: Kept::Clock, writes: Vec::new() },
    }
}

/// Where what was read is written again: by the same means in the same class or file.
fn put_back(code: &Code, nodes: &[Node<'_>], read: Touch<'_>) -> Vec<Span> {
    let at = read.call.node;
    let is_near = |node: Node<'_>| std::ptr::eq(node.source(), at.source());
    let touches = nodes
        .iter()
        .filter(|node| is_near(**node))
        .filter_map(|node| node.as_call())
        .filter_map(|call| touch(code, call));
    touches
        .filter(|touch| touch.writes && touch.keeper == read.keeper)
        .map(|touch| touch.call.node.span())
        .take(3)
        .collect()
}

/// Where a variable or field is changed in a function of its file.
fn assigned(declared: Node<'_>) -> Vec<Span> {
    let name = declared.leaf();
    let changed = declared.source().nodes().filter(|node| {
        let target = match node.kind() {
            Kind::Assign { target, .. } => Some(target),
            // Python and Ruby declare what they assign.
            Kind::Let(assigned) if assigned.value.is_some() => Some(assigned.target),
            Kind::Call(call)
                if matches!(call.method(), "set" | "Set" | "put" | "Store" | "store" | "update" | "getAndSet") =>
            {
                call.receiver()
            }
            _ => None,
        };
        let is_it = target
            .is_some_and(|target| target.leaf() == name || target.walk_own().any(|part| part.as_name() == Some(name)));
        is_it && node.enclosing_function().is_some() && !node.contains(declared)
    });
    changed.map(|node| node.span()).take(3).collect()
}

/// Where a framework's cache is, as its settings say.
fn cached(facts: &Facts, framework: Framework) -> Kept {
    let settings = facts
        .snapshot
        .blobs()
        .filter(|blob| facts.tree().is_production(blob.path()) || blob.path().starts_with("config/"));
    let text: String = match framework {
        Framework::Rails => settings
            .filter(|blob| {
                blob.path().contains("environments/production") || blob.path().ends_with("config/application.rb")
            })
            .map(|blob| blob.text())
            .collect(),
        Framework::Django => settings.filter(|blob| blob.path().contains("settings")).map(|blob| blob.text()).collect(),
        Framework::Laravel => {
            facts.snapshot.blob("config/cache.php").map(|blob| blob.text().to_owned()).unwrap_or_default()
        }
    };
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with(['#'])).flat_map(|line| [line, "\n"]).collect();
    let lasts = match framework {
        Framework::Rails => ["redis_cache_store", "mem_cache_store", "solid_cache_store", "dalli"]
            .iter()
            .any(|store| code.contains(store)),
        Framework::Django => {
            ["redis", "Memcached", "DatabaseCache", "memcache"].iter().any(|store| code.contains(store))
        }
        // Laravel keeps its cache in a table or in Redis, unless it is told to do otherwise.
        Framework::Laravel => !["'array'),", "'file'),"].iter().any(|store| {
            code.contains(&format!("'CACHE_DRIVER', {store}")) || code.contains(&format!("'CACHE_STORE', {store}"))
        }),
    };
    if lasts { Kept::Lasting("the framework's shared cache") } else { Kept::Cache(framework) }
}

#[cfg(test)]
mod tests;
