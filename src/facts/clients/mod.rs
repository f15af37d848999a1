//! API clients: which outbound calls go to MaintainX or, in a generic integration, to remote business APIs.

pub mod around;
mod breaker;
mod chain;
mod library;
mod lifetime;
mod limiter;
mod lists;
mod node_version;
mod paging;
mod pooling;
mod target;
mod timeout;

pub use breaker::{Breaker, Breakers};
pub use library::Library;
pub use limiter::{Pace, pace_of};
pub use lists::{ListCall, Lists, PageSize, Paging};
pub use node_version::{NodeVersion, node_version};
pub use pooling::{Pooling, pooling_of};
pub use timeout::{Limit, Timeout};

use super::code::{Call, Code, Kind, Language, Node, NodeKey, Origin};
use super::{Facet, Facts};
use crate::evidence::Span;
use rayon::prelude::*;

/// A call that sends a request to the API that the repository integrates with.
#[derive(Debug)]
pub struct Site {
    key: NodeKey,
    maker: Option<NodeKey>,
    pub library: &'static Library,
    pub span: Span,
    /// `GET`, `POST`, …, where it is known when written.
    pub method: Option<String>,
    /// The addresses that it may go to, with `{}` for what is not known; with the client's base where it has one.
    pub addresses: Vec<String>,
    pub timeout: Timeout,
    pub is_maintainx: bool,
    /// What is called, as a path from the library: `axios.create().get`.
    through: String,
}

impl Site {
    pub fn call<'a>(&self, code: &'a Code) -> Option<Call<'a>> {
        code.node(self.key)?.as_call()
    }

    /// The call that made the client, where it is one of its own: `axios.create({ … })`.
    pub fn maker<'a>(&self, code: &'a Code) -> Option<Call<'a>> {
        code.node(self.maker?)?.as_call()
    }

    /// Whether the library that is called is the one of that name: `node-fetch` among those called `fetch`.
    pub fn is_through(&self, name: &str) -> bool {
        self.through.starts_with(name)
    }

    /// What is called, as a path from the library: `requests.Session().get`.
    pub fn through(&self) -> &str {
        &self.through
    }

    /// What it does to whom, for a note: `GET /workorders/{}`.
    pub fn title(&self) -> String {
        let method = self.method.as_deref().unwrap_or("request");
        let path = self.path().unwrap_or_default();
        if path.is_empty() { format!("{method} by {}", self.library.name) } else { format!("{method} {path}") }
    }

    /// The path without host, version and query, where it is known: `/workorders/{}/status`.
    pub fn path(&self) -> Option<&str> {
        self.addresses.iter().find_map(|address| target::path(address))
    }
}

/// All API clients.
#[derive(Debug, Default)]
pub struct Clients {
    /// In the order of files and lines.
    pub sites: Vec<Site>,
    /// Outbound calls that are not judged: to clouds, telemetry, or other vendors beside MaintainX.
    pub others: Vec<Site>,
}

impl Facet for Clients {
    fn read(facts: &Facts) -> Self {
        let code = facts.code();
        let mut found = super::code::read::on_large_stacks(|| {
            code.prepare();
            let calls: Vec<Call<'_>> = code.calls().collect();
            calls.par_iter().filter_map(|call| site(code, *call)).collect::<Vec<Site>>()
        })
        .unwrap_or_default();
        found.retain(|site| !target::is_infrastructure(site));
        let has_maintainx = found.iter().any(|site| site.is_maintainx);
        let (sites, others) = found.into_iter().partition(|site| site.is_maintainx || !has_maintainx);
        Self { sites, others }
    }
}

/// The places where the address of a request is written down, with what it may be: the request itself, or the calls
/// of its wrappers.
pub fn ways<'a>(code: &'a Code, site: &Site) -> Vec<(Node<'a>, Vec<String>)> {
    let Some(call) = site.call(code) else { return Vec::new() };
    let found = chain::chains(code, call, &|text| text.contains('/') || text.len() > 3);
    found.into_iter().filter_map(|way| Some((way.leaf()?.node, way.texts))).collect()
}

fn site(code: &Code, call: Call<'_>) -> Option<Site> {
    let language = call.node.source().language();
    // A call that hands over a whole function is no request: `app.get("/", handler)`.
    let origins = code.origins(call.callee);
    let (path, maker) = origins.into_iter().find_map(|origin| match origin {
        Origin::Library(path, maker) if library::sending(&path, language).is_some() => Some((path, maker)),
        _ => None,
    })?;
    let (library, verb) = library::sending(&path, language)?;
    let maker = maker.filter(|maker| maker.node != call.node).map(|maker| client_maker(code, maker));
    // Faraday's `f.request :retry` within the block sets the client up.
    let sets_up = library.name == "Faraday" && maker.is_some_and(|maker| maker.node.contains(call.node));
    if sets_up {
        return None;
    }
    let addresses = target::addresses(code, call, maker, verb);
    let is_maintainx = target::is_maintainx(code, call, maker, &addresses);
    Some(Site {
        key: call.node.key(),
        maker: maker.map(|maker| maker.node.key()),
        library,
        span: call.node.span(),
        method: target::method(code, call, verb),
        timeout: timeout::of(code, call, maker, library),
        addresses,
        is_maintainx,
        through: path.clone(),
    })
}

/// The call that made the client, where a chain builds a request on a client that is kept elsewhere, as it does on
/// the JVM: `http.method(…).uri(…)` of `val http = builder.build()`.
fn client_maker<'a>(code: &'a Code, maker: Call<'a>) -> Call<'a> {
    let mut found = maker;
    for _ in 0..6 {
        if !matches!(found.node.source().language(), Language::Java | Language::Kotlin) {
            break;
        }
        let mut root = found.callee;
        while let Kind::Member { object: inner, .. } | Kind::Call(Call { callee: inner, .. }) = root.kind() {
            // A field of the object itself is a variable like any other.
            if matches!(inner.kind(), Kind::This) {
                break;
            }
            root = inner;
        }
        let made = code.origins(root).into_iter().find_map(|origin| match origin {
            Origin::Library(_, made) => made,
            _ => None,
        });
        match made.filter(|made| made.node != found.node) {
            Some(made) => found = made,
            None => break,
        }
    }
    found
}

/// Every way to a request: the call that names the address, and what the address may be there.
pub fn ways_of<'a>(code: &'a Code, site: &Site) -> Vec<(Call<'a>, Vec<String>)> {
    let Some(call) = site.call(code) else { return Vec::new() };
    let is_address = |text: &str| text.contains('/') && !text.contains(' ');
    let ways = chain::chains(code, call, &is_address);
    ways.into_iter()
        .filter_map(|way| {
            let leaf = way.leaf()?;
            let is_own = leaf.node == call.node && !site.addresses.is_empty();
            Some((leaf, if is_own { site.addresses.clone() } else { way.texts }))
        })
        .collect()
}

/// The value of an option among the arguments of a call, through variables and spreads.
pub(in crate::facts) fn option<'a>(code: &'a Code, call: Call<'a>, name: &str) -> Option<Node<'a>> {
    call.option(name).or_else(|| {
        // What a named argument holds is that argument's: `headers={"timeout": …}` limits nothing.
        let plain = call.arguments.iter().filter(|argument| !matches!(argument.kind(), Kind::Named { .. }));
        let objects = plain.flat_map(|argument| code.expressions(argument));
        objects.into_iter().find_map(|object| in_object(code, object, name, 0))
    })
}

fn in_object<'a>(code: &'a Code, object: Node<'a>, name: &str, depth: usize) -> Option<Node<'a>> {
    let Kind::Object(entries) = object.kind() else { return None };
    object.get(name).or_else(|| {
        let spread = entries.iter().filter_map(|entry| match entry.kind() {
            Kind::Spread(value) if depth < 4 => Some(value),
            _ => None,
        });
        spread.flat_map(|value| code.expressions(value)).find_map(|inner| in_object(code, inner, name, depth + 1))
    })
}

#[cfg(test)]
mod tests;
