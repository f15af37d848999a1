//! Data that is copied again and again: which runs do it, from where each goes on, and where that is kept.

mod copies;
mod files;
mod filters;
mod keepers;
mod names;
mod source;
mod vocabulary;

pub use copies::{Copied, Write};
pub use files::Fate;
pub use keepers::{Framework, Keeper, Touch, touch};

use super::clients::Site;
use super::code::{Code, Kind, Node, NodeKey};
use super::schedules::Schedule;
use super::{Facet, Facts};
use crate::evidence::Span;
use source::Root;
use std::collections::HashSet;

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
    /// Something of its address is known.
    pub has_address: bool,
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
    /// It sends something, to whomever.
    pub acts: bool,
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
    /// What is copied by a program that a schedule asks by an address which is set elsewhere.
    pub by_request: Vec<Write>,
}

impl Sync {
    /// Where data is copied again and again, by a schedule or by events.
    pub fn synced(&self) -> Option<&Span> {
        let by_run = self.runs.iter().find(|run| !run.copied.writes.is_empty()).map(|run| &run.span);
        by_run.or_else(|| self.by_event.iter().chain(&self.by_request).next().map(|write| &write.span))
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
            let runs: Vec<Run> = runs.into_iter().map(|(_, run)| run).collect();
            let by_request = if runs.iter().any(asks_elsewhere) { copies::of_all(code, &sites) } else { Vec::new() };
            Self { runs, by_event, by_request }
        });
        found.unwrap_or_default()
    }
}

/// A run that only asks an address which nobody here knows: maybe the program itself.
fn asks_elsewhere(run: &Run) -> bool {
    run.copied.writes.is_empty() && run.reads.iter().all(|read| !read.has_address)
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
    let filters = filters::of(facts, code, &nodes);
    let copied = Copied::of(code, &nodes, &reached);
    let acts =
        reached.iter().any(|site| !is_read(code, site) && site.method.as_deref().is_none_or(|verb| verb != "GET"));
    let functions =
        reach.iter().filter_map(|node| node.as_function()).map(|function| function.known_as().to_owned()).collect();
    Some(Run {
        span: schedule.span.clone(),
        what: schedule.what.clone(),
        every: schedule.every,
        reads,
        filters,
        copied,
        acts,
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
    Read {
        span: site.span.clone(),
        title: site.title(),
        is_maintainx: site.is_maintainx,
        has_address: site.path().is_some(),
        is_list,
    }
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
