//! Limiters on the way out: how many requests they let through in a minute.

use super::Site;
use super::around::held_by;
use crate::evidence::Span;
use crate::facts::code::{Call, Code, Kind, Node, Origin, Unit};

/// What libraries' limiters are reached through, and the seconds that a plain number of theirs counts by itself, where one
/// number is a rate. Source: each project's documentation.
const LIMITERS: &[(&str, Unit, Option<f64>)] = &[
    ("bottleneck", Unit::Milliseconds, None),
    ("p-throttle", Unit::Milliseconds, None),
    ("p-queue", Unit::Milliseconds, None),
    ("limiter", Unit::Milliseconds, None),
    ("async-sema.RateLimit", Unit::Milliseconds, Some(1.0)),
    ("axios-rate-limit", Unit::Milliseconds, None),
    ("rate-limiter-flexible", Unit::Seconds, None),
    ("aiolimiter", Unit::Seconds, None),
    ("ratelimit", Unit::Seconds, None),
    ("pyrate_limiter", Unit::Milliseconds, None),
    ("requests_ratelimiter", Unit::Seconds, None),
    ("asyncio_throttle", Unit::Seconds, None),
    ("golang.org/x/time/rate", Unit::Nanoseconds, Some(1.0)),
    ("go.uber.org/ratelimit", Unit::Nanoseconds, Some(1.0)),
    ("com.google.common.util.concurrent.RateLimiter", Unit::Seconds, Some(1.0)),
    ("io.github.resilience4j.ratelimiter", Unit::Seconds, None),
    ("io.github.bucket4j", Unit::Seconds, None),
    ("Limiter", Unit::Seconds, None),
    ("RateLimiter", Unit::Seconds, Some(1.0)),
    ("TokenBucketRateLimiter", Unit::Seconds, None),
    ("FixedWindowRateLimiter", Unit::Seconds, None),
    ("SlidingWindowRateLimiter", Unit::Seconds, None),
];
/// These limit how many run at the same time, and say nothing of a rate.
const CONCURRENCY: &[&str] = &[
    "p-limit",
    "async-sema.Sema",
    "asyncio.Semaphore",
    "semaphore",
    "golang.org/x/sync/semaphore",
    "SemaphoreSlim",
    "throat",
];
const COUNTS: &[&str] = &[
    "intervalCap",
    "limit",
    "tokensPerInterval",
    "maxRequests",
    "reservoir",
    "reservoirRefreshAmount",
    "calls",
    "max_rate",
    "limitForPeriod",
    "PermitLimit",
    "TokensPerPeriod",
    "points",
    "per_minute",
    "per_second",
    "capacity",
    "maxRPS",
];
const SPANS: &[&str] = &[
    "interval",
    "reservoirRefreshInterval",
    "perMilliseconds",
    "period",
    "time_period",
    "limitRefreshPeriod",
    "Window",
    "ReplenishmentPeriod",
    "duration",
    "per",
];

/// How a request is kept within a rate.
#[derive(Debug, Clone, PartialEq)]
pub enum Pace {
    /// So many a minute where that is written down.
    Limited(Span, Option<f64>),
    /// Only how many run at the same time is limited.
    Concurrency(Span),
    None,
}

/// The limiter that a request goes through on every way to it.
pub fn pace_of(code: &Code, site: &Site) -> Pace {
    let Some(call) = site.call(code) else { return Pace::None };
    let limiter = |node: Node<'_>| found(code, node).map(|(span, _)| span);
    if let Some(span) = held_by(code, call.node, &limiter) {
        let rate = std::cell::Cell::new(None);
        held_by(code, call.node, &|node| {
            let (span, per_minute) = found(code, node)?;
            rate.set(rate.get().or(per_minute));
            Some(span)
        });
        return Pace::Limited(span, rate.get());
    }
    if let Some((span, per_minute)) = site.maker(code).and_then(|maker| found(code, maker.node)) {
        return Pace::Limited(span, per_minute);
    }
    let concurrency = |node: Node<'_>| match node.kind() {
        Kind::Call(one) => origins(code, one.callee)
            .any(|(path, _)| CONCURRENCY.iter().any(|name| path.starts_with(name)))
            .then(|| node.span()),
        _ => None,
    };
    held_by(code, call.node, &concurrency).map_or(Pace::None, Pace::Concurrency)
}

/// A call of a limiter around a node, a decorator of its function, or a wait for one before it in the same function.
fn found(code: &Code, node: Node<'_>) -> Option<(Span, Option<f64>)> {
    match node.kind() {
        Kind::Call(call) => of_call(code, call),
        // `async with limiter:`, whose block begins with the limiter itself.
        Kind::Block(items) => {
            let mut held = items.iter().filter(|item| matches!(item.kind(), Kind::Name(_) | Kind::Member { .. }));
            held.find_map(|item| of_value(code, item))
        }
        Kind::Function(function) => {
            let marks = function.decorators.iter().filter_map(Node::as_call);
            let waits = node.walk_own().filter_map(Node::as_call).filter(|call| is_wait(call.method()));
            let by_library = marks.chain(waits).find_map(|call| of_call(code, call));
            by_library.or_else(|| by_hand(code, node).map(|span| (span, None)))
        }
        _ => None,
    }
}

/// A wait that the quota's header decides, or that a limiter of the project's own makes before the request.
fn by_hand(code: &Code, function: Node<'_>) -> Option<Span> {
    let header = function.walk_own().find(|node| node.as_str().is_some_and(tells_what_is_left));
    let pause = header.and_then(|_| function.walk().filter_map(Node::as_call).find(|call| is_pause(call.method())));
    if let Some(pause) = pause {
        return Some(pause.node.span());
    }
    let paced = function.walk_own().filter_map(Node::as_call).find(|call| {
        let method = call.method().to_ascii_lowercase();
        let is_named_so = ["limit", "throttle", "acquire", "slot", "quota"].iter().any(|word| method.contains(word));
        is_named_so && code.callees(*call).into_iter().any(|own| pauses(own.node))
    });
    paced.map(|call| call.node.span())
}

/// `X-Rate-Limit-Remaining`, and how others write it.
fn tells_what_is_left(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.ends_with("rate-limit-remaining") || text.ends_with("ratelimit-remaining")
}

fn pauses(function: Node<'_>) -> bool {
    function.walk().filter_map(Node::as_call).any(|call| is_pause(call.method()))
}

fn is_pause(method: &str) -> bool {
    matches!(method, "sleep" | "Sleep" | "delay" | "Delay" | "setTimeout" | "pause" | "usleep" | "wait" | "After")
}

fn is_wait(method: &str) -> bool {
    matches!(
        method,
        "Wait"
            | "Take"
            | "acquire"
            | "removeTokens"
            | "AcquireAsync"
            | "consume"
            | "waitForPermission"
            | "AsyncLimiter"
            | "wait"
            | "try_acquire"
            | "__aenter__"
            | "acquirePermission"
            | "AttemptAcquire"
    ) || method.to_ascii_lowercase().contains("limit")
}

fn of_value(code: &Code, value: Node<'_>) -> Option<(Span, Option<f64>)> {
    let (path, made) = origins(code, value).find(|(path, _)| row(path).is_some())?;
    let (_, unit, single) = row(&path)?;
    let maker = made?;
    Some((maker.node.span(), rate(code, maker, *unit, *single)))
}

fn of_call(code: &Code, call: Call<'_>) -> Option<(Span, Option<f64>)> {
    let (path, made) = origins(code, call.callee).find(|(path, _)| row(path).is_some())?;
    let (_, unit, single) = row(&path)?;
    let maker = made.unwrap_or(call);
    let per_minute = rate(code, maker, *unit, *single).or_else(|| rate(code, call, *unit, *single));
    // Without an interval, p-queue and Bottleneck limit how many run at once.
    let needs_interval = path.starts_with("p-queue") || path.starts_with("bottleneck");
    if needs_interval
        && per_minute.is_none()
        && !["interval", "minTime", "reservoir"].iter().any(|name| maker.node.text().contains(name))
    {
        return None;
    }
    Some((maker.node.span(), per_minute))
}

fn origins<'a>(code: &'a Code, node: Node<'a>) -> impl Iterator<Item = (String, Option<Call<'a>>)> {
    code.origins(node).into_iter().filter_map(|origin| match origin {
        Origin::Library(path, made) => Some((path, made)),
        _ => None,
    })
}

fn row(path: &str) -> Option<&'static (&'static str, Unit, Option<f64>)> {
    LIMITERS.iter().find(|(name, ..)| {
        path.strip_prefix(name).is_some_and(|rest| {
            !rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '-' || letter == '_')
        })
    })
}

/// Requests a minute, where they are written down.
fn rate(code: &Code, maker: Call<'_>, unit: Unit, single: Option<f64>) -> Option<f64> {
    let named = |names: &[&str]| names.iter().find_map(|name| super::option(code, maker, name));
    if let Some(gap) = super::option(code, maker, "minTime").and_then(|gap| code.seconds(gap, unit)) {
        return (gap > 0.0).then(|| 60.0 / gap);
    }
    let count = named(COUNTS).and_then(|count| code.number(count));
    let span = named(SPANS).and_then(|span| match code.text(span).as_deref() {
        Some("second") => Some(1.0),
        Some("minute") => Some(60.0),
        Some("hour") => Some(3_600.0),
        _ => code.seconds(span, unit),
    });
    if let (Some(count), Some(span)) = (count, span.filter(|span| *span > 0.0)) {
        return Some(count * 60.0 / span);
    }
    let listed = |position: usize| maker.argument(position).and_then(|one| code.number(one));
    match (listed(0), listed(1), single) {
        (Some(per_second), _, Some(seconds)) => Some(per_second * 60.0 / seconds),
        (Some(count), Some(span), None) if span > 0.0 => Some(count * 60.0 / span),
        _ => None,
    }
}
