//! Loops that never end by themselves and wait between two rounds.

use super::Schedule;
use crate::facts::code::{Call, Code, Kind, Loop, Node, Operator, Unit};

/// What waits, with the position of how long and what a plain number counts.
const WAITS: [(&str, usize, Unit); 16] = [
    ("sleep", 0, Unit::Seconds),
    ("Sleep", 0, Unit::Milliseconds),
    ("usleep", 0, Unit::Milliseconds),
    ("delay", 0, Unit::Milliseconds),
    ("Delay", 0, Unit::Milliseconds),
    ("setTimeout", 1, Unit::Milliseconds),
    ("wait", 0, Unit::Seconds),
    ("wait_for", 1, Unit::Seconds),
    ("After", 0, Unit::Nanoseconds),
    ("WaitForNextTickAsync", 9, Unit::Seconds),
    ("run_pending", 9, Unit::Seconds),
    ("sleepUninterruptibly", 0, Unit::Seconds),
    ("parkNanos", 0, Unit::Nanoseconds),
    ("pause", 0, Unit::Milliseconds),
    ("scheduler.wait", 0, Unit::Milliseconds),
    ("setTimeoutAsync", 0, Unit::Milliseconds),
];
/// Words of what ends a process in order.
const ENDS: [&str; 14] = [
    "stop",
    "done",
    "cancel",
    "shutdown",
    "signal",
    "interrupt",
    "ctx",
    "exit",
    "quit",
    "abort",
    "running",
    "closed",
    "active",
    "kill",
];

pub(super) fn read(code: &Code) -> Vec<Schedule> {
    let loops = code.nodes().filter_map(|node| match node.kind() {
        Kind::Loop(found) => Some(found),
        _ => None,
    });
    loops.filter_map(|found| schedule(code, found)).collect()
}

fn schedule(code: &Code, found: Loop<'_>) -> Option<Schedule> {
    let own = found.node;
    let ticks = found.iterable.and_then(|iterable| ticker(code, iterable));
    let received = || own.walk_own().filter(|node| node.leaf() == "C").find_map(|node| ticker(code, node));
    // Of several waits the longest is the one between two rounds.
    let longest =
        |a: &(Node<'_>, Option<f64>), b: &(Node<'_>, Option<f64>)| a.1.unwrap_or(0.0).total_cmp(&b.1.unwrap_or(0.0));
    let waits = || own.walk().filter_map(Node::as_call).filter_map(|call| wait(code, call)).max_by(longest);
    if ticks.is_none() && (!is_endless(found) || ends_by_result(found)) {
        return None;
    }
    let (place, every) = ticks.or_else(received).or_else(waits)?;
    // A loop that only asks a scheduler for what is due is no schedule of its own.
    if own.walk_own().filter_map(Node::as_call).any(|call| matches!(call.method(), "run_pending" | "RunPending")) {
        return None;
    }
    let span = place.span();
    Some(Schedule {
        span,
        what: "a loop that waits".to_owned(),
        every,
        targets: vec![found.body.key()],
        is_whole: false,
    })
}

/// `for { … }`, `while True:`, `while (!token.IsCancellationRequested)`, `while (await timer.WaitForNextTickAsync())`.
fn is_endless(found: Loop<'_>) -> bool {
    if found.iterable.is_some() || found.init.is_some() && found.test.is_some() {
        return false;
    }
    let Some(test) = found.test else { return true };
    match test.kind() {
        Kind::Bool(is_true) => is_true,
        Kind::Number(number) => number != 0.0,
        _ => {
            let text = test.text().to_ascii_lowercase();
            let is_count = test.walk().any(|node| {
                matches!(
                    node.kind(),
                    Kind::Binary {
                        operator: Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual,
                        ..
                    }
                )
            });
            !is_count
                && (ENDS.iter().any(|word| text.contains(word))
                    || text.contains("waitfornexttick")
                    || text.contains(".wait("))
        }
    }
}

/// Whether it ends by what came out of it, as loops over pages and attempts do.
fn ends_by_result(found: Loop<'_>) -> bool {
    found.body.walk_own().any(|node| {
        let is_end = match node.kind() {
            Kind::Break => node
                .ancestors()
                .find(|outer| matches!(outer.kind(), Kind::Loop(_) | Kind::Switch { .. }))
                .is_some_and(|outer| outer == found.node),
            Kind::Return(_) => true,
            _ => false,
        };
        is_end && !is_ordered(node, found.node)
    })
}

/// Whether the way out is taken only when the process is to end.
fn is_ordered(end: Node<'_>, all: Node<'_>) -> bool {
    let around = end.ancestors().take_while(|outer| *outer != all);
    around.into_iter().any(|outer| {
        let text = match outer.kind() {
            Kind::If { test, .. } => test.text().to_owned(),
            Kind::Case { tests, .. } => tests.iter().map(Node::text).collect(),
            Kind::Catch { types, .. } => types.iter().map(Node::text).collect(),
            _ => return false,
        };
        let text = text.to_ascii_lowercase();
        ENDS.iter().any(|word| text.contains(word))
    })
}

/// `time.Tick(time.Minute)`, `ticker.C` of `time.NewTicker(time.Minute)`.
fn ticker<'a>(code: &'a Code, node: Node<'a>) -> Option<(Node<'a>, Option<f64>)> {
    let object = match node.kind() {
        Kind::Member { object, property: "C" } => object,
        _ => node,
    };
    let direct = object.as_call().into_iter();
    let made = code.origins(object).into_iter().filter_map(|origin| match origin {
        crate::facts::code::Origin::Library(_, maker) => maker,
        _ => None,
    });
    let maker = direct.chain(made).find(|call| matches!(call.method(), "NewTicker" | "Tick" | "NewTimer"))?;
    Some((maker.node, maker.argument(0).and_then(|length| code.seconds(length, Unit::Nanoseconds))))
}

fn wait<'a>(code: &'a Code, call: Call<'a>) -> Option<(Node<'a>, Option<f64>)> {
    let (_, position, unit) = WAITS.iter().find(|(name, ..)| *name == call.method())?;
    if call.method() == "WaitForNextTickAsync" {
        let timer = call.receiver().map(|timer| code.origins(timer)).unwrap_or_default();
        let maker = timer.into_iter().find_map(|origin| match origin {
            crate::facts::code::Origin::Library(_, maker) => maker,
            _ => None,
        });
        return Some((call.node, maker.and_then(|maker| code.seconds(maker.argument(0)?, Unit::Milliseconds))));
    }
    // `sleep` counts milliseconds where the language's own wait does.
    let is_script = call.node.source().language().is_script();
    let unit = if is_script || call.receiver().is_some_and(|receiver| receiver.leaf() == "Thread") {
        Unit::Milliseconds
    } else {
        *unit
    };
    let length = call.argument(*position);
    if call.method() == "wait" && length.is_none() {
        return None;
    }
    Some((call.node, length.and_then(|length| code.seconds(length, unit))))
}
