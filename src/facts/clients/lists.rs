//! The calls that read a collection, with the size of their pages and how they go on after the first one.

use super::chain::{Chain, chains};
use super::paging;
use super::{Clients, Site, target};
use crate::evidence::Span;
use crate::facts::code::{Call, Code, Kind, Node, Origin};
use crate::facts::{Facet, Facts};
use rayon::prelude::*;

/// The last part of the paths that take a cursor. Source: the published API.
const COLLECTIONS: [&str; 27] = [
    "assets",
    "assetstatuses",
    "assetcriticalities",
    "assetcustomstatuses",
    "categories",
    "comments",
    "contacts",
    "conversations",
    "locations",
    "maintenanceplans",
    "manufacturers",
    "members",
    "meters",
    "metertriggers",
    "models",
    "organizations",
    "parts",
    "parttransferrequests",
    "proceduretemplates",
    "purchaseorders",
    "rootcauseanalysisreports",
    "subworkorders",
    "teams",
    "users",
    "vendors",
    "workorders",
    "workrequests",
];
/// What APIs call the size of a page.
const SIZES: [&str; 9] =
    ["limit", "per_page", "perPage", "page_size", "pageSize", "$top", "maxResults", "max_results", "Limit"];
/// Filters that leave one item at most.
const SINGLE: [&str; 5] = ["email", "title", "externalId", "external_id", "q"];
const SORTS: [&str; 6] = ["sort", "order", "orderBy", "order_by", "$orderby", "sort_by"];
/// Words that end like a plural and name none.
const NO_PLURALS: [&str; 12] = [
    "status",
    "address",
    "access",
    "process",
    "analytics",
    "news",
    "business",
    "series",
    "stats",
    "settings",
    "metrics",
    "details",
];

/// The size of a page that a call asks for.
#[derive(Debug, Clone)]
pub struct PageSize {
    /// None where it is not written down.
    pub value: Option<f64>,
    pub span: Span,
}

/// How a call goes on after the first page.
#[derive(Debug, Clone)]
pub enum Paging {
    /// It follows what the answer says; the place where that is read.
    Followed(Span),
    /// It goes on by something that the API does not answer with.
    Wrong(Span, String),
    /// One page is read.
    Single,
}

/// A call that reads a collection.
#[derive(Debug)]
pub struct ListCall {
    /// Where the collection is named.
    pub span: Span,
    /// `GET /workorders`.
    pub title: String,
    pub paging: Paging,
    pub size: Option<PageSize>,
    /// It asks for an order, so that the first page is one on purpose.
    pub is_sorted: bool,
    pub is_maintainx: bool,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Lists {
    pub calls: Vec<ListCall>,
}

impl Facet for Lists {
    fn read(facts: &Facts) -> Self {
        let (code, clients) = (facts.code(), facts.clients());
        code.prepare();
        let reading = clients.sites.par_iter().filter(|site| site.method.as_deref().is_none_or(|verb| verb == "GET"));
        let mut calls: Vec<ListCall> = reading.flat_map_iter(|site| of_site(code, site)).collect();
        calls.extend(paginators(code, clients));
        calls.sort_by(|a, b| a.span.cmp(&b.span));
        calls.dedup_by(|a, b| a.span == b.span);
        Self { calls }
    }
}

fn of_site(code: &Code, site: &Site) -> Vec<ListCall> {
    let Some(call) = site.call(code) else { return Vec::new() };
    let is_maintainx = site.is_maintainx;
    let ways = chains(code, call, &|text| collection(text, is_maintainx).is_some());
    ways.iter().filter_map(|chain| list_call(code, site, chain)).collect()
}

fn list_call(code: &Code, site: &Site, chain: &Chain<'_>) -> Option<ListCall> {
    let leaf = chain.leaf()?;
    if chain.calls.iter().any(|call| is_write(code, *call)) {
        return None;
    }
    let named = chain.texts.iter().find_map(|text| collection(text, site.is_maintainx));
    let paging = paging::of(code, chain, site.is_maintainx);
    let is_followed = matches!(paging, Paging::Followed(_));
    // The address is not written down anywhere: only what follows a cursor is a list for sure.
    let unknown = chain.texts.iter().all(|text| text.ends_with("{}") && !text.contains("/{}") && text.len() < 5);
    if named.is_none() && !(is_followed && unknown) {
        return None;
    }
    let given = Given::of(code, chain);
    let size = given.size(code);
    let is_probe = size.as_ref().is_some_and(|size| size.value == Some(1.0));
    if is_probe || (given.has(&SINGLE) && !is_followed) {
        return None;
    }
    // An unknown API may answer with everything at once, unless it is asked for pages.
    if !site.is_maintainx && size.is_none() && !is_followed {
        return None;
    }
    Some(ListCall {
        span: leaf.node.span(),
        title: named.map_or_else(|| "a list".to_owned(), |name| format!("GET /{name}")),
        paging,
        is_sorted: given.has(&SORTS) && size.is_some(),
        size,
        is_maintainx: site.is_maintainx,
    })
}

/// The collection that an address ends with.
fn collection(text: &str, is_maintainx: bool) -> Option<String> {
    let path = text.split(['?', '#']).next()?.trim_end_matches('/');
    let last = path.rsplit('/').next()?;
    // What follows without a slash is a query: `/workorders${query}`.
    let last = last.strip_suffix("{}").unwrap_or(last).trim_start_matches("{}").to_ascii_lowercase();
    let is_known = if is_maintainx {
        COLLECTIONS.contains(&last.as_str())
    } else {
        let is_word =
            last.len() > 3 && last.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_'));
        is_word && text.contains('/') && last.ends_with('s') && !NO_PLURALS.contains(&last.as_str())
    };
    is_known.then_some(last)
}

/// A wrapper that is told another method than `GET`.
fn is_write(code: &Code, call: Call<'_>) -> bool {
    let is_other = |text: &str| ["POST", "PUT", "PATCH", "DELETE"].contains(&text.to_ascii_uppercase().as_str());
    let words = call.arguments.iter().filter_map(Node::as_str);
    let method = call.option("method").and_then(|method| code.text(method));
    words.chain(method.as_deref()).any(is_other)
}

/// What a request is given beside its address.
struct Given<'a> {
    texts: Vec<String>,
    /// Names with their values, the nearest to the address first.
    pairs: Vec<(&'a str, Node<'a>)>,
}

impl<'a> Given<'a> {
    fn of(code: &'a Code, chain: &Chain<'a>) -> Self {
        let mut pairs = Vec::new();
        for call in chain.calls.iter().rev() {
            for argument in call.arguments.iter() {
                for expression in std::iter::once(argument).chain(code.expressions(argument)) {
                    pairs.extend(expression.walk().filter_map(pair));
                }
            }
        }
        // What is put together before the call: `params.set("limit", "100")`.
        for call in chain.calls.iter().rev() {
            let around = call.node.enclosing_function();
            pairs.extend(around.into_iter().flat_map(|function| function.node.walk_own()).filter_map(pair));
        }
        Self { texts: chain.texts.clone(), pairs }
    }

    fn has(&self, names: &[&str]) -> bool {
        let in_text = |name: &&str| self.texts.iter().any(|text| query(text, name).is_some());
        names.iter().any(in_text) || self.pairs.iter().any(|(own, _)| names.contains(own))
    }

    fn size(&self, code: &Code) -> Option<PageSize> {
        let (_, node) = self.pairs.iter().find(|(name, _)| SIZES.contains(name)).or_else(|| {
            let is_text = |node: &Node<'_>| SIZES.iter().any(|name| query(node.text(), name).is_some());
            self.pairs.iter().find(|(name, node)| name.is_empty() && is_text(node))
        })?;
        let written = SIZES.iter().find_map(|name| query(node.text(), name).and_then(|digits| digits.parse().ok()));
        let text = || code.text(*node).and_then(|text| text.parse().ok());
        Some(PageSize { value: written.or_else(|| code.number(*node)).or_else(text), span: node.span() })
    }
}

/// A name with its value, in whatever way it is handed over; a text with a query has no name.
fn pair(node: Node<'_>) -> Option<(&str, Node<'_>)> {
    match node.kind() {
        Kind::Pair { key, value } => Some((key.as_str().unwrap_or(key.leaf()), value)),
        Kind::Named { name, value } => Some((name, value)),
        Kind::Call(call) => Some((call.argument(0)?.as_str()?, call.argument(1)?)),
        Kind::Assign { target, value, .. } => match target.kind() {
            Kind::Index { index, .. } => Some((index.as_str()?, value)),
            _ => None,
        },
        Kind::Str(text) if text.contains('=') => Some(("", node)),
        _ => None,
    }
}

/// The value of a name in the query of an address.
fn query<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.split(['?', '&', '"', '\'', '`']).find_map(|part| {
        let (own, value) = part.split_once('=')?;
        (own == name).then(|| value.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or(value))
    })
}

/// Calls of helpers that go through all pages by themselves: `got.paginate`, `octokit.paginate`.
fn paginators(code: &Code, clients: &Clients) -> Vec<ListCall> {
    let mut found = Vec::new();
    let has_maintainx = clients.sites.iter().any(|site| site.is_maintainx) || code.names("getmaintainx.com");
    let named = code.calls().filter(|call| call.path().is_some_and(|path| path.contains(".paginate")));
    for call in named {
        let origins = code.origins(call.callee);
        let Some(maker) = origins.into_iter().find_map(|origin| match origin {
            Origin::Library(path, maker) if path.contains(".paginate") => Some(maker),
            _ => None,
        }) else {
            continue;
        };
        let is_maintainx = has_maintainx && target::is_maintainx(code, call, maker, &[]);
        if has_maintainx && !is_maintainx {
            continue;
        }
        let next = paging::reads_next(call.node);
        let paging = match next {
            Some(node) => Paging::Followed(node.span()),
            None if is_maintainx => Paging::Wrong(call.node.span(), "a helper that knows other answers".to_owned()),
            None => Paging::Followed(call.node.span()),
        };
        let chain = Chain { calls: vec![call], texts: Vec::new() };
        let size = Given::of(code, &chain).size(code);
        let title = format!("{} by its helper for pages", call.argument(0).map_or("a list", |first| first.text()));
        found.push(ListCall { span: call.node.span(), title, paging, size, is_sorted: false, is_maintainx });
    }
    found
}
