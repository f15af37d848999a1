//! Changes of the status of remote objects: where they are sent, with which values, and what is asked before.

mod guard;
mod present;
mod values;

use super::clients::{Site, ways_of};
use super::code::{Call, Code, Kind, Node};
use super::{Facet, Facts};
use crate::evidence::Span;

/// The values that a work order's status can be set to. Source: MaintainX's published API.
pub const KNOWN: [&str; 5] = ["OPEN", "IN_PROGRESS", "ON_HOLD", "DONE", "CANCELED"];
/// What APIs call the state of an object in the body of a change.
const KEYS: [&str; 7] = ["status", "state", "Status", "statusId", "status_id", "stateId", "custom_status_id"];
/// Libraries' calls that look the transition up by its name before they make it. Source: the `jira` package.
const NAMED: [&str; 2] = ["transition_issue", "transitionIssue"];

/// One change of a status.
#[derive(Debug)]
pub struct StatusChange {
    pub span: Span,
    /// `PATCH /workorders/{}/status`.
    pub title: String,
    /// Where the present state decides whether it is made.
    pub guard: Option<Span>,
    /// Values that the API does not know, with their places.
    pub unknown_values: Vec<(Span, String)>,
    /// The status is sent where the API takes none.
    pub is_misplaced: bool,
}

/// All of them, in the order of files and lines.
#[derive(Debug, Default)]
pub struct Statuses {
    pub changes: Vec<StatusChange>,
}

impl Facet for Statuses {
    fn read(facts: &Facts) -> Self {
        let (code, clients) = (facts.code(), facts.clients());
        code.prepare();
        let guards = guard::Guards::new(code, clients);
        let found = super::code::read::on_large_stacks(|| {
            let of_site = |site: &Site| -> Vec<StatusChange> {
                let ways = ways_of(code, site).into_iter();
                ways.filter_map(|(leaf, texts)| change(code, &guards, site, leaf, &texts)).collect()
            };
            let mut changes: Vec<StatusChange> = clients.sites.iter().flat_map(of_site).collect();
            changes.extend(code.calls().filter_map(|call| by_name(code, call)));
            changes
        });
        let mut changes = found.unwrap_or_default();
        changes.sort_by(|a, b| a.span.cmp(&b.span));
        changes.dedup_by(|a, b| a.span == b.span);
        Self { changes }
    }
}

/// The change that a request makes, if it makes one.
fn change<'a>(
    code: &'a Code,
    guards: &guard::Guards<'a>,
    site: &Site,
    leaf: Call<'a>,
    texts: &[String],
) -> Option<StatusChange> {
    let built = if texts.iter().all(|text| !text.contains('/')) { values::addresses(code, leaf) } else { Vec::new() };
    let texts = if built.is_empty() { texts } else { &built };
    let path = texts.iter().map(|text| text.split('?').next().unwrap_or(text).trim_end_matches('/')).next()?;
    let lower = path.to_ascii_lowercase();
    let method = method(code, site, leaf);
    if !matches!(method.as_deref(), Some("PATCH" | "PUT" | "POST")) {
        return None;
    }
    let last = lower.rsplit('/').next().unwrap_or_default();
    let is_order = lower.contains("workorders/") && last != "workorders";
    let written = values::written(code, leaf, &KEYS);
    let is_transition = last == "transitions" && method.as_deref() == Some("POST");
    let is_status_path = last == "status" && (lower.contains("workorder") || !site.is_maintainx);
    // A new object is given its first status: nothing changes.
    let is_object = lower.ends_with("{}") && method.as_deref() != Some("POST");
    let is_misplaced = site.is_maintainx && is_order && is_object && !written.is_empty();
    let is_generic = !site.is_maintainx && is_object && !written.is_empty();
    if !(is_transition && !site.is_maintainx || is_status_path || is_misplaced || is_generic) {
        return None;
    }
    let texts = values::texts(code, &written);
    let unknown = |(_, text): &(Span, String)| site.is_maintainx && !KNOWN.contains(&text.as_str());
    let shown = site.path().filter(|_| site.span == leaf.node.span()).unwrap_or_else(|| bare(path));
    Some(StatusChange {
        span: leaf.node.span(),
        title: format!("{} {shown}", method.unwrap_or_default()),
        guard: guards.of(leaf.node, &written),
        unknown_values: texts.into_iter().filter(unknown).collect(),
        is_misplaced,
    })
}

/// A path without the host before it.
fn bare(path: &str) -> &str {
    let rest =
        path.split_once("://").map_or(path, |(_, rest)| rest.find('/').and_then(|at| rest.get(at..)).unwrap_or(rest));
    rest.trim_start_matches("{}")
}

/// The method of a request, from itself or from the call that names the address.
fn method(code: &Code, site: &Site, leaf: Call<'_>) -> Option<String> {
    if let Some(method) = &site.method {
        return Some(method.clone());
    }
    let is_word = |text: &String| ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&text.as_str());
    let named = leaf.method().to_ascii_uppercase();
    let own = ["PATCH", "PUT", "POST", "GET", "DELETE"].iter().find(|word| named.starts_with(**word));
    if let Some(word) = own {
        return Some((*word).to_owned());
    }
    let nodes = leaf.node.walk_own().filter(|node| !matches!(node.kind(), Kind::Call(_) | Kind::Object(_)));
    let mut words = nodes.flat_map(|node| {
        // `http.MethodPatch`, `HttpMethod.Patch`.
        let leaf = node.leaf().trim_start_matches("Method").to_ascii_uppercase();
        let text = node.as_str().map(str::to_ascii_uppercase);
        std::iter::once(leaf).chain(text)
    });
    words.find(is_word).or_else(|| {
        // The request was built before: `http.NewRequest(http.MethodPatch, …)`, `new HttpRequestMessage(…)`.
        let made = leaf.arguments.iter().flat_map(|argument| code.expressions(argument));
        let inner = made.flat_map(|node| node.walk_own().collect::<Vec<Node<'_>>>());
        let mut words = inner.flat_map(|node| {
            let leaf = node.leaf().trim_start_matches("Method").to_ascii_uppercase();
            std::iter::once(leaf)
        });
        words.find(is_word)
    })
}

/// `jira.transition_issue(issue, "Done")`: the library asks for the transitions that are open.
fn by_name(code: &Code, call: Call<'_>) -> Option<StatusChange> {
    let is_known = NAMED.contains(&call.method()) && call.receiver().is_some() && code.callees(call).is_empty();
    let given = call.argument(1).filter(|_| is_known)?;
    // A number or a text of digits is taken as it is.
    let is_id = code.texts(given).iter().all(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
    Some(StatusChange {
        span: call.node.span(),
        title: call.path().unwrap_or_else(|| call.method().to_owned()),
        guard: (!is_id).then(|| call.node.span()),
        unknown_values: Vec::new(),
        is_misplaced: false,
    })
}
