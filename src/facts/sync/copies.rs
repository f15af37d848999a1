//! Where remote data is copied to, and whether copying it twice changes anything.

use super::keepers::{self, Keeper, touch};
use super::{is_read, is_within, names};
use crate::evidence::Span;
use crate::facts::Facts;
use crate::facts::clients::Site;
use crate::facts::code::{Call, Code, Node, NodeKey, Origin};
use regex::Regex;
use std::collections::HashSet;
use std::sync::LazyLock;

/// A place where data is written to another system or a store of one's own.
#[derive(Debug, Clone)]
pub struct Write {
    pub span: Span,
    pub what: String,
    /// Doing it twice leaves what doing it once leaves.
    pub is_repeatable: bool,
}

/// What some code copies.
#[derive(Debug, Default)]
pub struct Copied {
    pub writes: Vec<Write>,
    /// Where it looks up what was copied before.
    pub looked_up: Option<Span>,
}

/// Statements that a second run of changes nothing.
static UPSERT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)on conflict|on duplicate key|\bmerge\s+into\b|^\s*merge\b|insert\s+or\s+(?:replace|ignore)|insert\s+ignore|\breplace\s+into\b|\bupsert\b|^\s*update\b|^\s*delete\b|^\s*truncate\b").expect("a fixed pattern")
});
/// Methods that a second call of changes nothing, by how their name begins, in lower case without underscores.
const REPEATABLE: [&str; 34] = [
    "upsert",
    "bulkwrite",
    "updateorcreate",
    "replaceone",
    "findorcreate",
    "firstorcreate",
    "firstorcreate",
    "updateone",
    "update",
    "save",
    "saveall",
    "put",
    "set",
    "hset",
    "hmset",
    "merge",
    "replace",
    "insertorupdate",
    "insertall",
    "addorupdate",
    "bulkmerge",
    "bulkinsertorupdate",
    "findoneandupdate",
    "upload",
    "index",
    "delete",
    "doupdate",
    "onconflict",
    "write",
    "writefile",
    "touch",
    "dump",
    "getorcreate",
    "commit",
];
/// What hands data on to a system that no table of clients knows.
const HANDS_ON: [&str; 9] = [
    "append",
    "insertAll",
    "insert_rows_json",
    "load_table_from_json",
    "batchUpdate",
    "publish",
    "produce",
    "sendMessage",
    "send_message",
];
/// Hosts and words of messages to people: not a copy of data.
const MESSAGES: [&str; 12] = [
    "slack",
    "teams.microsoft",
    "office.com/webhook",
    "discord",
    "pagerduty",
    "sendgrid",
    "twilio",
    "mailgun",
    "telegram",
    "opsgenie",
    "postmark",
    "chat.googleapis",
];

impl Copied {
    pub(super) fn of(code: &Code, nodes: &[Node<'_>], sites: &[&Site]) -> Self {
        let mut copied = Self::default();
        let read_from: HashSet<String> =
            sites.iter().filter(|site| is_read(code, site)).map(|site| system(site)).collect();
        copied.writes.extend(sites.iter().filter_map(|site| sent(code, site, &read_from)));
        let own: HashSet<NodeKey> =
            sites.iter().filter_map(|site| site.call(code)).map(|call| call.node.key()).collect();
        for call in nodes.iter().filter_map(|node| node.as_call()).filter(|call| !own.contains(&call.node.key())) {
            copied.writes.extend(written(code, call));
            if copied.looked_up.is_none() && looks_up(code, call) {
                copied.looked_up = Some(call.node.span());
            }
        }
        copied
    }

    pub fn first(&self) -> Option<&Write> {
        self.writes.first()
    }

    /// A write that adds what it is given once more at each run.
    pub fn blind(&self) -> Option<&Write> {
        if self.looked_up.is_some() || self.writes.iter().any(|write| write.is_repeatable) {
            return None;
        }
        self.first()
    }
}

/// What the deliveries of events are copied into.
pub(super) fn by_event(facts: &Facts, code: &Code, sites: &[&Site]) -> Vec<Write> {
    let mut found = Vec::new();
    for handler in &facts.webhooks().handlers {
        let Some(start) = handler.node(code) else { continue };
        let reach: Vec<Node<'_>> =
            std::iter::once(start).chain(code.reached_from(start).into_iter().map(|function| function.node)).collect();
        let within: HashSet<NodeKey> = reach.iter().map(|node| node.key()).collect();
        let reached: Vec<&Site> = sites.iter().copied().filter(|site| is_within(code, site, &within)).collect();
        let mut copied = Copied::of(code, &super::own_nodes(&reach), &reached);
        // The sender's own API is no other system.
        copied.writes.retain(|write| {
            !(handler.is_maintainx && reached.iter().any(|site| site.is_maintainx && site.span == write.span))
        });
        found.extend(copied.writes);
    }
    found
}

/// What any part of the program copies from one system to another.
pub(super) fn of_all(code: &Code, sites: &[&Site]) -> Vec<Write> {
    let read_from: HashSet<String> = sites.iter().filter(|site| is_read(code, site)).map(|site| system(site)).collect();
    if read_from.is_empty() {
        return Vec::new();
    }
    sites.iter().filter_map(|site| sent(code, site, &read_from)).collect()
}

/// The host that a request goes to or, where that is not known, the file that sends it.
fn system(site: &Site) -> String {
    if site.is_maintainx {
        return "MaintainX".to_owned();
    }
    let host = site
        .addresses
        .iter()
        .find_map(|address| address.split_once("://").and_then(|(_, rest)| rest.split('/').next()));
    host.filter(|host| !host.contains('{')).map_or_else(|| site.span.path().to_owned(), str::to_owned)
}

/// A request that changes another system than those that are read.
fn sent(code: &Code, site: &Site, read_from: &HashSet<String>) -> Option<Write> {
    let address = site.addresses.join(" ").to_ascii_lowercase();
    let verb = site.method.as_deref().unwrap_or_default();
    let is_change = matches!(verb, "POST" | "PUT" | "PATCH" | "DELETE") || (verb.is_empty() && !is_read(code, site));
    let is_message = MESSAGES.iter().chain(&super::NO_DATA).any(|word| address.contains(word));
    if !is_change
        || is_message
        || is_read(code, site)
        || read_from.iter().all(|system| *system == self::system(site)) && !read_from.is_empty()
    {
        return None;
    }
    Some(Write { span: site.span.clone(), what: site.title(), is_repeatable: matches!(verb, "PUT" | "PATCH") })
}

/// A call that puts data into a store or hands it on.
fn written(code: &Code, call: Call<'_>) -> Option<Write> {
    if HANDS_ON.contains(&call.method()) {
        let library = code.origins(call.callee).into_iter().find_map(|origin| match origin {
            Origin::Library(path, _)
                if path.contains('.')
                    && !path.starts_with("URLSearchParams")
                    && !path.starts_with("FormData")
                    && !path.contains("Headers") =>
            {
                Some(path)
            }
            _ => None,
        })?;
        return Some(Write {
            span: call.node.span(),
            what: format!("hands data on by {library}"),
            is_repeatable: false,
        });
    }
    let touch = touch(code, call).filter(|touch| touch.writes)?;
    let name = match touch.keeper {
        Keeper::Lasting(name) => name,
        Keeper::File => "a file",
        Keeper::Process(_) | Keeper::Cache(_) => return None,
    };
    let statement = keepers::statement(code, call);
    if is_position(code, call, statement.as_deref()) {
        return None;
    }
    let method = call.method().replace('_', "").to_ascii_lowercase();
    let is_repeatable = match &statement {
        Some(text) => UPSERT.is_match(text),
        None => REPEATABLE.iter().any(|name| method.starts_with(name)),
    };
    let is_data = statement.is_none()
        || !is_repeatable
        || !["delete", "truncate"].iter().any(|verb| {
            statement.as_deref().is_some_and(|text| text.trim_start().to_ascii_lowercase().starts_with(verb))
        });
    let is_bare =
        statement.is_none() && matches!(method.as_str(), "commit" | "flush" | "delete" | "execute" | "run" | "exec");
    (is_data && !is_bare).then(|| Write { span: call.node.span(), what: format!("writes to {name}"), is_repeatable })
}

/// Whether it is the position that is written, not the data.
fn is_position(code: &Code, call: Call<'_>, statement: Option<&str>) -> bool {
    if let Some(text) = statement {
        return table(text).is_some_and(|table| names::is_stored_position(&table));
    }
    let names_it = |node: Node<'_>| {
        node.as_str().is_some_and(|text| names::identifiers(text).any(names::is_stored_position))
            || names::is_position(node.leaf())
    };
    let function = call.node.enclosing_function().is_some_and(|function| names::is_position(function.known_as()));
    let key = call.argument(0).is_some_and(|first| {
        code.texts(first).iter().any(|text| names::identifiers(text).any(names::is_stored_position))
    });
    function || key || call.node.walk_own().any(names_it)
}

/// The table that a statement changes.
fn table(statement: &str) -> Option<String> {
    let mut words =
        statement.split(|letter: char| letter.is_whitespace() || letter == '(').filter(|word| !word.is_empty());
    let verb = words.next()?.to_ascii_lowercase();
    let table = match verb.as_str() {
        "update" | "truncate" => words.next()?,
        _ => {
            words.find(|word| matches!(word.to_ascii_lowercase().as_str(), "into" | "from"))?;
            words.next()?
        }
    };
    Some(table.trim_matches(['"', '`', '[', ']', ';']).to_owned())
}

/// Whether a store is asked for what was copied before.
fn looks_up(code: &Code, call: Call<'_>) -> bool {
    let Some(touch) = touch(code, call).filter(|touch| touch.reads && matches!(touch.keeper, Keeper::Lasting(_)))
    else {
        return false;
    };
    let statement = keepers::statement(code, touch.call);
    !is_position(code, call, statement.as_deref())
}
