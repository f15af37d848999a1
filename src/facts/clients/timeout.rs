//! How long a request may take: its own limit, that of its client, or the library's.

use super::library::Library;
use super::option;
use crate::evidence::Span;
use crate::facts::code::{Call, Class, Code, Function, Kind, Language, Node, Origin, Unit, Value};

/// What limits a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeout {
    pub limit: Limit,
    /// Where the limit is set, or the client or call that has none.
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// Set to so many seconds.
    Set(f64),
    /// Set to something that cannot be worked out here.
    SetUnknown,
    /// Nothing is set, and the library limits it to so many seconds by itself.
    Default(f64),
    /// Nothing limits it.
    Nothing,
    /// Switched off: `0`, `None`.
    Off,
}

/// The limit of a request.
pub(super) fn of(code: &Code, call: Call<'_>, maker: Option<Call<'_>>, library: &Library) -> Timeout {
    let found = own(code, call, library)
        .or_else(|| around(code, call.node))
        .or_else(|| maker.and_then(|maker| of_client(code, call, maker, library)))
        .or_else(|| of_default(code, call, library))
        .or_else(|| registered(code, call, library));
    found.unwrap_or_else(|| {
        let place = maker.map_or(call.node, |maker| maker.node);
        let limit = library.default_timeout.map_or(Limit::Nothing, Limit::Default);
        Timeout { limit, span: place.span() }
    })
}

/// An option of the call itself or of the request that it sends.
fn own(code: &Code, call: Call<'_>, library: &Library) -> Option<Timeout> {
    let named = library.timeouts.iter().find_map(|name| Some((*name, option(code, call, name)?)));
    if let Some((name, value)) = named {
        return value_of(code, value, name, library);
    }
    // `http.send(request)` where the request was built with a limit, and `.timeout(…)` in the same chain.
    let built = call
        .arguments
        .iter()
        .flat_map(|argument| code.expressions(argument))
        .find_map(|made| in_chain(code, made, library));
    built.or_else(|| in_chain(code, call.node, library)).or_else(|| after(code, call.node, library))
}

/// A limit in the chain that a value was made by: `builder().timeout(…).build()`.
fn in_chain(code: &Code, node: Node<'_>, library: &Library) -> Option<Timeout> {
    let mut link = Some(node);
    let mut steps = 0;
    while let Some(call) = link.and_then(|node| node.unawaited().as_call()).filter(|_| steps < 40) {
        steps += 1;
        if library.timeouts.contains(&call.method())
            && call.receiver().is_some()
            && let Some(value) = call.argument(0)
        {
            let unit = call.argument(1).and_then(|unit| code.seconds_of_unit(unit));
            return timed(code, value, call.node, library.unit, unit);
        }
        link = call.receiver();
    }
    None
}

/// A limit further along the chain that the call begins: `.retrieve().bodyToMono(…).timeout(…)`.
fn after(code: &Code, node: Node<'_>, library: &Library) -> Option<Timeout> {
    let around = node
        .ancestors()
        .take(16)
        .take_while(|node| matches!(node.kind(), Kind::Member { .. } | Kind::Call(_) | Kind::Await(_)));
    around.filter_map(Node::as_call).find_map(|call| {
        let is_limit = library.timeouts.contains(&call.method())
            && call.receiver().is_some_and(|receiver| receiver.contains(node));
        if is_limit { timed(code, call.argument(0)?, call.node, library.unit, None) } else { None }
    })
}

fn value_of(code: &Code, value: Node<'_>, name: &str, library: &Library) -> Option<Timeout> {
    if name == "signal" {
        return signal(code, value, 0);
    }
    timed(code, value, value, library.unit, None)
}

/// A limit by its value: a number, a duration, a tuple, an object with parts.
fn timed(code: &Code, value: Node<'_>, place: Node<'_>, unit: Unit, factor: Option<f64>) -> Option<Timeout> {
    let span = place.span();
    let unit = if factor.is_some() { Unit::Seconds } else { unit };
    if let Some(seconds) = code.seconds(value, unit).map(|seconds| seconds * factor.unwrap_or(1.0)) {
        let limit = if seconds <= 0.0 { Limit::Off } else { Limit::Set(seconds) };
        return Some(Timeout { limit, span });
    }
    for made in code.expressions(value) {
        match made.kind() {
            Kind::Null | Kind::Bool(false) => return Some(Timeout { limit: Limit::Off, span }),
            Kind::List(parts) => {
                let all: Option<Vec<f64>> = parts.iter().map(|part| code.seconds(part, unit)).collect();
                let longest = all?.into_iter().fold(0.0, f64::max);
                return Some(Timeout { limit: Limit::Set(longest), span });
            }
            Kind::Call(call) => {
                let names = ["total", "timeout", "read", "sock_read", "request"];
                let inner = names.iter().find_map(|name| option(code, call, name)).or(call.argument(0));
                if let Some(found) =
                    inner.filter(|inner| *inner != value).and_then(|inner| timed(code, inner, place, unit, None))
                {
                    return Some(found);
                }
            }
            Kind::Object(_) => {
                let names = ["request", "response", "read", "total", "deadline", "socket"];
                let inner = names.iter().find_map(|name| made.get(name));
                return inner.and_then(|inner| timed(code, inner, place, unit, None)).or(None);
            }
            _ => {}
        }
    }
    Some(Timeout { limit: Limit::SetUnknown, span })
}

/// `AbortSignal.timeout(ms)`, `AbortSignal.any([…])`, and a controller that a timer aborts.
fn signal(code: &Code, value: Node<'_>, depth: usize) -> Option<Timeout> {
    let mut made = code.expressions(value);
    made.push(value);
    for node in made {
        let Some(call) = node.as_call() else { continue };
        match call.method() {
            "timeout" => return timed(code, call.argument(0)?, call.node, Unit::Milliseconds, None),
            "any" if depth < 3 => {
                let Some(Kind::List(parts)) = call.argument(0).map(Node::kind) else { continue };
                return parts.iter().find_map(|part| signal(code, part, depth + 1));
            }
            _ => {}
        }
    }
    let function = value.enclosing_function()?;
    aborting_timer(code, function)
}

/// `setTimeout(() => controller.abort(), ms)` in a function.
fn aborting_timer(code: &Code, function: Function<'_>) -> Option<Timeout> {
    let timers = function.node.walk().filter_map(Node::as_call).filter(|call| call.method() == "setTimeout");
    timers.into_iter().find_map(|call| {
        let aborts = call.argument(0)?.walk().any(|node| node.leaf() == "abort");
        if aborts { timed(code, call.argument(1)?, call.node, Unit::Milliseconds, None) } else { None }
    })
}

/// A limit that the code around a call sets: a context, a cancellation, a deadline of the event loop.
fn around(code: &Code, node: Node<'_>) -> Option<Timeout> {
    let function = node.enclosing_function()?;
    let top = function.node.ancestors().filter_map(Node::as_function).last().unwrap_or(function);
    top.node.walk().filter_map(Node::as_call).find_map(|call| {
        let path = call.path().unwrap_or_default();
        match (path.as_str(), node.source().language()) {
            ("context.WithTimeout", Language::Go) => timed(code, call.argument(1)?, call.node, Unit::Nanoseconds, None),
            (
                "asyncio.wait_for" | "asyncio.timeout" | "anyio.fail_after" | "async_timeout.timeout",
                Language::Python,
            ) => {
                let value = call.option("timeout").or(call.argument(usize::from(call.method() == "wait_for")))?;
                timed(code, value, call.node, Unit::Seconds, None)
            }
            ("CancellationTokenSource", Language::CSharp) if call.is_new => {
                timed(code, call.argument(0)?, call.node, Unit::Milliseconds, None)
            }
            ("withTimeout" | "withTimeoutOrNull", Language::Kotlin) => {
                timed(code, call.argument(0)?, call.node, Unit::Milliseconds, None)
            }
            ("Timeout.timeout", Language::Ruby) => timed(code, call.argument(0)?, call.node, Unit::Seconds, None),
            _ => None,
        }
    })
}

/// The limit that a client was made with or was given later.
fn of_client(code: &Code, call: Call<'_>, maker: Call<'_>, library: &Library) -> Option<Timeout> {
    let named = library.timeouts.iter().filter(|name| **name != "signal").find_map(|name| option(code, maker, name));
    if let Some(value) = named {
        return timed(code, value, value, library.unit, None);
    }
    in_chain(code, maker.node, library)
        .or_else(|| in_block(code, maker.node, library))
        .or_else(|| assigned(code, call, maker, library))
        .or_else(|| of_class(code, maker, library))
        .or_else(|| mounted(code, maker, library))
}

/// Set in the block or lambda that the client is made with.
fn in_block(code: &Code, node: Node<'_>, library: &Library) -> Option<Timeout> {
    node.walk().find_map(|inner| match inner.kind() {
        Kind::Assign { target, value, .. } if library.timeouts.contains(&target.leaf()) => {
            timed(code, value, inner, library.unit, None)
        }
        Kind::Pair { key, value } if library.timeouts.contains(&key.leaf()) => {
            timed(code, value, inner, library.unit, None)
        }
        Kind::Call(call) if library.timeouts.contains(&call.method()) && inner != node => {
            let unit = call.argument(1).and_then(|unit| code.seconds_of_unit(unit));
            timed(code, call.argument(0)?, inner, library.unit, unit)
        }
        _ => None,
    })
}

/// `client.Timeout = …` on the same client.
fn assigned(code: &Code, call: Call<'_>, maker: Call<'_>, library: &Library) -> Option<Timeout> {
    let sources = [call.node.source(), maker.node.source()];
    sources.into_iter().flat_map(|source| code.member_writes(source)).find_map(|assign| {
        let Kind::Assign { target, value, .. } = assign.kind() else { return None };
        let Kind::Member { object, property } = target.kind() else { return None };
        if !library.timeouts.contains(&property) {
            return None;
        }
        let root = root_of(object);
        let is_same =
            code.origins(root).iter().any(|origin| matches!(origin, Origin::Library(_, Some(made)) if *made == maker));
        if is_same { timed(code, value, assign, library.unit, None) } else { None }
    })
}

/// The object that a chain of members begins with: `http` of `http.options.timeout`.
fn root_of(node: Node<'_>) -> Node<'_> {
    match node.kind() {
        Kind::Member { object, property: "options" | "defaults" } => root_of(object),
        _ => node,
    }
}

/// A class of the repository that is derived from the library's and sets the limit in its methods.
fn of_class(code: &Code, maker: Call<'_>, library: &Library) -> Option<Timeout> {
    let class = code.origins(maker.node).into_iter().find_map(|origin| match origin {
        Origin::Own(Value::Instance(class, _)) => Some(class),
        _ => None,
    })?;
    in_class(code, class, library)
}

fn in_class(code: &Code, class: Class<'_>, library: &Library) -> Option<Timeout> {
    class.node.walk().find_map(|node| match node.kind() {
        Kind::Call(call) if call.method() == "setdefault" => {
            let key = call.argument(0)?.as_str()?;
            if library.timeouts.contains(&key) {
                timed(code, call.argument(1)?, node, library.unit, None)
            } else {
                None
            }
        }
        Kind::Named { name, value } if library.timeouts.contains(&name) => timed(code, value, node, library.unit, None),
        Kind::Assign { target, value, .. } => match target.kind() {
            Kind::Index { index, .. } if index.as_str().is_some_and(|key| library.timeouts.contains(&key)) => {
                timed(code, value, node, library.unit, None)
            }
            _ => None,
        },
        _ => None,
    })
}

/// An adapter of the repository that is mounted on the session and sets the limit.
fn mounted(code: &Code, maker: Call<'_>, library: &Library) -> Option<Timeout> {
    let function = maker.node.enclosing_function().map_or(maker.node.source().root(), |function| function.node);
    let mounts = function.walk().filter_map(Node::as_call).filter(|call| call.method() == "mount");
    mounts.into_iter().find_map(|mount| {
        let adapter = mount.argument(1)?;
        code.origins(adapter).into_iter().find_map(|origin| match origin {
            Origin::Own(Value::Instance(class, made)) => {
                let handed = made.and_then(|made| option(code, made, "timeout"));
                let handed = handed.and_then(|value| timed(code, value, value, library.unit, None));
                handed.or_else(|| in_class(code, class, library))
            }
            _ => None,
        })
    })
}

/// `axios.defaults.timeout = …`, for calls of the library itself or of clients made after it.
fn of_default(code: &Code, call: Call<'_>, library: &Library) -> Option<Timeout> {
    let is_axios = library.name == "axios" && call.node.source().language().is_script();
    let sources = code.sources().filter(|_| is_axios);
    sources.flat_map(|source| code.member_writes(source)).find_map(|assign| {
        let Kind::Assign { target, value, .. } = assign.kind() else { return None };
        let is_default = target.path().is_some_and(|path| path.ends_with("axios.defaults.timeout"));
        if is_default { timed(code, value, assign, library.unit, None) } else { None }
    })
}

/// .NET: the limit of the client that the container hands to a class, or that the factory makes under a name.
fn registered(code: &Code, call: Call<'_>, library: &Library) -> Option<Timeout> {
    if call.node.source().language() != Language::CSharp {
        return None;
    }
    let class = call.node.enclosing_class().map(|class| class.name).filter(|name| !name.is_empty());
    let calls: Vec<Call<'_>> = code.calls().filter(|call| call.method() == "AddHttpClient").collect();
    let is_of_class = |added: &&Call<'_>| {
        class.is_some_and(|class| {
            let text = added.callee.source().blob().text().get(added.node.range()).unwrap_or_default();
            let types =
                text.split_once("AddHttpClient<").and_then(|(_, rest)| rest.split_once('>')).map(|(types, _)| types);
            types.is_some_and(|types| types.split(',').any(|name| name.trim() == class))
        })
    };
    let added = calls.iter().find(is_of_class).or(if let [only] = calls.as_slice() { Some(only) } else { None })?;
    let chain = added.node.ancestors().take_while(|node| matches!(node.kind(), Kind::Member { .. } | Kind::Call(_)));
    in_block(code, chain.last().unwrap_or(added.node), library)
}
