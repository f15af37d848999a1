//! What caches of libraries and caches written by hand look like, and whether what they keep ends.

use super::Lifetime;
use crate::facts::code::{Call, Code, Function, Kind, Node, Origin};
use regex::Regex;
use std::sync::LazyLock;

/// What happens to an entry for which no lifetime is set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Default {
    Ends,
    Stays,
}

/// Parts of the path of a cache, in lower case. Source: each project's documentation.
const LIBRARIES: [(&str, Default); 44] = [
    ("node-cache", Default::Stays),
    ("lru-cache", Default::Stays),
    ("ttlcache", Default::Ends),
    ("ttl_cache", Default::Ends),
    ("keyv", Default::Stays),
    ("cache-manager", Default::Stays),
    ("cacheable", Default::Stays),
    ("memoizee", Default::Stays),
    ("p-memoize", Default::Stays),
    ("quick-lru", Default::Stays),
    ("memory-cache", Default::Stays),
    ("axios-cache-interceptor", Default::Ends),
    ("unstable_cache", Default::Stays),
    ("caches.default", Default::Ends),
    ("ioredis", Default::Stays),
    ("redis", Default::Stays),
    ("jedis", Default::Stays),
    ("upstash", Default::Stays),
    ("vercel/kv", Default::Stays),
    ("cachetools", Default::Stays),
    ("lru_cache", Default::Stays),
    ("functools.cache", Default::Stays),
    ("async_lru", Default::Stays),
    ("aiocache", Default::Stays),
    ("django.core.cache", Default::Ends),
    ("flask_caching", Default::Ends),
    ("requests_cache", Default::Stays),
    ("diskcache", Default::Stays),
    ("cache_data", Default::Stays),
    ("go-cache", Default::Ends),
    ("ristretto", Default::Stays),
    ("golang-lru", Default::Stays),
    ("bigcache", Default::Ends),
    ("caffeine", Default::Stays),
    ("cachebuilder", Default::Stays),
    ("loadingcache", Default::Stays),
    ("memorycache", Default::Stays),
    ("distributedcache", Default::Stays),
    ("hybridcache", Default::Ends),
    ("fusioncache", Default::Ends),
    ("appcache", Default::Ends),
    ("rails.cache", Default::Stays),
    ("facades.cache", Default::Stays),
    ("contracts.cache", Default::Stays),
];
/// Marks on a function that keep its answers.
const MARKS: [(&str, Default); 11] = [
    ("lru_cache", Default::Stays),
    ("cache", Default::Stays),
    ("cached", Default::Stays),
    ("cached_property", Default::Stays),
    ("alru_cache", Default::Stays),
    ("ttl_cache", Default::Ends),
    ("memoize", Default::Stays),
    ("cache_data", Default::Stays),
    ("Cacheable", Default::Stays),
    ("CacheResult", Default::Stays),
    ("CacheTTL", Default::Ends),
];
/// Methods that ask a cache or put something into it.
const USES: [&str; 28] = [
    "get",
    "set",
    "fetch",
    "remember",
    "wrap",
    "getorset",
    "get_or_set",
    "getorcreateasync",
    "getorcreate",
    "getoraddasync",
    "getoradd",
    "getorsetasync",
    "put",
    "setex",
    "getifpresent",
    "computeifabsent",
    "has",
    "trygetvalue",
    "getasync",
    "setasync",
    "getstringasync",
    "setstringasync",
    "rememberforever",
    "match",
    "add",
    "setwithttl",
    "getorload",
    "memoize",
];
static ENDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)ttl|expir|max_?age|\btimeout\b|revalidate|time_?to_?live|time-to-live|\bex\b|["']px["']|\bpx\b|setex|duration|timespan|lifetime|evict_?after|\bminutes?\b|\bseconds?\b|\bhours?\b"#).expect("a fixed pattern")
});
/// Words for the moment at which something was kept, or will end.
static MOMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:fetched|cached|loaded|stored|refreshed|updated|created|expir\w*|valid|stale)_?(?:at|on|time|until|after)?\b|\bexpir|\bttl\b|max_?age|loaded_?at|_ttl|\bage\b").expect("a fixed pattern")
});
static CLOCK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"Date\.now|new Date\(\)|time\.time\(|time\.monotonic\(|datetime\.(?:now|utcnow)|time\.Now|time\.Since|Instant\.now|currentTimeMillis|nanoTime|UtcNow|DateTime\.Now|Time\.(?:now|current)|\btime\(\)|\bnow\(\)|performance\.now|markNow|elapsedNow|Stopwatch|isBefore|isAfter").expect("a fixed pattern")
});

/// How a function keeps what a call in it answers.
pub(super) fn in_function(code: &Code, function: Function<'_>, at: Node<'_>) -> Lifetime {
    for mark in function.decorators.iter() {
        let name = match mark.kind() {
            Kind::Call(call) => call.method(),
            _ => mark.leaf(),
        };
        if let Some((_, default)) = MARKS.iter().find(|(own, _)| *own == name) {
            return told(
                mark,
                name,
                *default == Default::Ends || ENDS.is_match(mark.text()) || is_ended_elsewhere(code, name),
            );
        }
    }
    let calls = function.node.walk().filter_map(Node::as_call).filter(|call| call.node != at);
    let mut endless = Lifetime::None;
    for call in calls {
        match used(code, call) {
            Lifetime::None => {}
            Lifetime::Endless(span, name) => endless = Lifetime::Endless(span, name),
            bounded => return bounded,
        }
    }
    if endless != Lifetime::None { endless } else { by_hand(code, function) }
}

/// `unstable_cache(loadUsers, …)`, `pMemoize(loadUsers, { cache })`: a function that is handed to a cache.
pub(super) fn wrapping(code: &Code, user: Node<'_>) -> Lifetime {
    let around = user.ancestors().take(3).filter_map(Node::as_call);
    around.map(|call| by_path(code, call)).find(|kept| *kept != Lifetime::None).unwrap_or(Lifetime::None)
}

fn used(code: &Code, call: Call<'_>) -> Lifetime {
    let lower = call.method().to_ascii_lowercase();
    // `fetch(url, { next: { revalidate: 300 } })`, `fetch(url, { cf: { cacheTtl: 300 } })`.
    if lower == "fetch" && (call.node.text().contains("revalidate:") || call.node.text().contains("cacheTtl")) {
        return told(call.node, "the platform's cache", true);
    }
    if USES.contains(&lower.as_str()) { by_path(code, call) } else { Lifetime::None }
}

/// What a call does with a cache of a library, by the path of what is called.
fn by_path(code: &Code, call: Call<'_>) -> Lifetime {
    for origin in code.origins(call.callee) {
        let Origin::Library(path, maker) = origin else { continue };
        let lower = path.to_ascii_lowercase().replace("::", ".");
        let Some((name, default)) = LIBRARIES.iter().find(|(part, _)| lower.contains(part)) else { continue };
        let made = maker.is_some_and(|maker| {
            // The chain that makes it: `Caffeine.newBuilder().expireAfterWrite(…).build()`.
            ENDS.is_match(maker.node.text())
                || maker
                    .node
                    .ancestors()
                    .take(8)
                    .take_while(|outer| outer.as_call().is_some() || matches!(outer.kind(), Kind::Member { .. }))
                    .any(|outer| ENDS.is_match(outer.text()))
        });
        let plain =
            call.arguments.iter().skip(1).any(|argument| code.number(argument).is_some_and(|number| number > 0.0));
        let own = ENDS.is_match(call.node.text()) || is_set_to_end(code, call);
        let never = call.method().eq_ignore_ascii_case("rememberForever");
        return told(call.node, name, !never && (*default == Default::Ends || made || plain || own));
    }
    Lifetime::None
}

/// The same cache is filled with a lifetime in the same file: `redis.set(key, value, "EX", 300)` beside a `get`.
fn is_set_to_end(_code: &Code, call: Call<'_>) -> bool {
    let receiver = call.receiver().map(Node::text);
    let calls = call.node.source().nodes().filter_map(Node::as_call);
    let mut others = calls.filter(|other| other.node != call.node && other.receiver().map(Node::text) == receiver);
    others.any(|other| {
        let lower = other.method().to_ascii_lowercase();
        let fills = ["set", "put", "expire", "add"].iter().any(|verb| lower.starts_with(verb)) || lower.contains("set");
        let plain = other
            .arguments
            .iter()
            .skip(2)
            .any(|argument| matches!(argument.kind(), Kind::Number(_) | Kind::Binary { .. } | Kind::Name(_)));
        fills && (ENDS.is_match(other.node.text()) || plain)
    })
}

/// Spring's caches end by what sets them up.
fn is_ended_elsewhere(code: &Code, name: &str) -> bool {
    matches!(name, "Cacheable" | "CacheResult")
        && code.calls().any(|call| {
            matches!(
                call.method(),
                "expireAfterWrite" | "expireAfterAccess" | "entryTtl" | "expireAfter" | "timeToLiveExpiration"
            )
        })
}

/// A map or a field that is looked into before the request.
fn by_hand(code: &Code, function: Function<'_>) -> Lifetime {
    let own = function.node;
    let tests: Vec<Node<'_>> = own
        .walk()
        .filter_map(|node| match node.kind() {
            Kind::If { test, .. } | Kind::Conditional { test, .. } => Some(test),
            Kind::Assign {
                operator: Some(crate::facts::code::Operator::Coalesce | crate::facts::code::Operator::Or),
                target,
                ..
            } => Some(target),
            Kind::Binary {
                operator: crate::facts::code::Operator::Coalesce | crate::facts::code::Operator::Or,
                left,
                ..
            } => Some(left),
            _ => None,
        })
        .collect();
    let keeps = |test: &Node<'_>| test.walk().chain(values(own, *test)).any(|node| is_kept(code, own, node));
    let Some(kept) = tests.iter().find(|test| keeps(test)) else { return Lifetime::None };
    let is_timed = tests.iter().any(|test| {
        let text = test.text();
        (MOMENT.is_match(text) && (CLOCK.is_match(text) || CLOCK.is_match(own.text())))
            || (CLOCK.is_match(text) && text.contains(['<', '>']))
    });
    // A helper that asks the clock: `if (entry && !isStale(entry)) return entry`.
    let helped = tests
        .iter()
        .flat_map(|test| test.walk())
        .filter_map(Node::as_call)
        .any(|call| code.callees(call).into_iter().any(|helper| CLOCK.is_match(helper.node.text())));
    told(*kept, "a variable", is_timed || helped)
}

/// The values of the local names in a condition.
fn values<'a>(own: Node<'a>, test: Node<'a>) -> Vec<Node<'a>> {
    let names: Vec<&str> = test.walk().filter_map(Node::as_name).collect();
    let declared = own
        .walk()
        .filter_map(Node::as_let)
        .filter(|declared| declared.target.walk().filter_map(Node::as_name).any(|name| names.contains(&name)));
    declared.filter_map(|declared| declared.value).flat_map(Node::walk).collect()
}

/// Whether a name stands for something that lives on and that the function itself fills.
fn is_kept(code: &Code, own: Node<'_>, node: Node<'_>) -> bool {
    use crate::facts::code::Declared;
    let name = node.leaf();
    let lives = match node.kind() {
        Kind::Name(name) => code.define(node, name).into_iter().any(|definition| match definition {
            crate::facts::code::Definition::Declared(Declared::Variable(leaf)) => leaf.enclosing_function().is_none(),
            _ => false,
        }),
        Kind::Member { object, .. } => matches!(object.kind(), Kind::This) || object.as_name() == Some("self"),
        _ => false,
    };
    lives
        && own.walk().any(|inner| match inner.kind() {
            Kind::Assign { target, .. } => target.walk().any(|part| part.leaf() == name),
            Kind::Let(declared) => declared.target.leaf() == name && declared.node != node,
            Kind::Call(call) => {
                matches!(call.method(), "set" | "put" | "Store" | "store" | "computeIfAbsent" | "GetOrAdd" | "update")
                    && call.receiver().is_some_and(|receiver| receiver.leaf() == name)
            }
            _ => false,
        })
}

fn told(node: Node<'_>, name: &str, ends: bool) -> Lifetime {
    let (span, name) = (node.span(), name.to_owned());
    if ends { Lifetime::Bounded(span, name) } else { Lifetime::Endless(span, name) }
}
