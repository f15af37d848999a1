//! Claims: calls that take a key once for all processes, and say whether it was free.

use super::guard::Sign;
use super::memory;
use super::vocabulary::{INSERTS, JOB_KEYS, OPTIONS, REFUSAL_NUMBERS, REFUSALS, SENDS, SET_IF_FREE, SETS};
use crate::facts::code::{Call, Code, Function, Kind, Language, Node, Operator, Origin, Unit};
use crate::facts::effects::{Effect, Target, statements_of};

/// A claim that ends before the sender gives up sending again, in seconds.
const SHORT: f64 = 300.0;

/// A claim, and what is wrong with it.
pub(super) struct Claim<'a> {
    pub node: Node<'a>,
    pub sign: Sign,
    /// It ends too early: where that is said.
    pub short: Option<Sign>,
    /// The table whose uniqueness it rests upon, where it has a name.
    pub table: Option<String>,
}

/// Whether an effect is what a claim consists of: the insert whose refusal is caught or tested.
pub(super) fn belongs(claim: &Claim<'_>, node: Node<'_>, effect: &Effect) -> bool {
    if claim.node.contains(node) {
        return !matches!(claim.node.kind(), Kind::Catch { .. } | Kind::If { .. } | Kind::Function(_));
    }
    if effect.target != Target::Database || !matches!(claim.node.kind(), Kind::Catch { .. } | Kind::If { .. }) {
        return false;
    }
    let function = |node: Node<'_>| node.enclosing_function().map(|function| function.node.key());
    function(node) == function(claim.node) && node.range().start < claim.node.range().end
}

pub(super) fn claim<'a>(code: &'a Code, node: Node<'a>) -> Option<Claim<'a>> {
    let made = |text: &str, table: Option<String>| {
        Some(Claim { node, sign: Sign { span: node.span(), text: text.to_owned() }, short: None, table })
    };
    match node.kind() {
        Kind::Call(call) => of_call(code, call),
        Kind::Catch { types, body, .. } => {
            let named = types.iter().flat_map(Node::walk).find(|part| is_refusal(*part));
            let tested = || body.walk().find(|part| is_refusal(*part));
            let sign = named.or_else(tested)?;
            let table = tried_table(code, node);
            Some(Claim {
                node,
                sign: Sign { span: sign.span(), text: "a row that is there is refused".to_owned() },
                short: None,
                table,
            })
        }
        Kind::If { test, .. } if test.walk().any(is_refusal) && !in_catch(node) => {
            made("a row that is there is refused", None)
        }
        Kind::Function(function) => {
            by_mark(code, function).and_then(|_| made("refuses what it was called with before", None))
        }
        _ => None,
    }
}

fn of_call<'a>(code: &'a Code, call: Call<'a>) -> Option<Claim<'a>> {
    let sign = |text: String| Sign { span: call.node.span(), text };
    if is_set_if_free(code, call) {
        let used = is_used(call.node);
        return used.then(|| Claim {
            node: call.node,
            sign: sign("takes the key only where it is free".to_owned()),
            short: short(code, call),
            table: None,
        });
    }
    if let Some(statement) = statements_of(code, call).into_iter().find(|statement| statement.claims) {
        let text = format!("inserts into {} only what is not there", statement.table);
        return (is_used(call.node) || is_declared(call)).then(|| Claim {
            node: call.node,
            sign: sign(text),
            short: None,
            table: Some(statement.table),
        });
    }
    if is_insert(code, call) && is_used(call.node) {
        let text = format!("{} leaves alone what is there", call.method());
        return Some(Claim { node: call.node, sign: sign(text), short: None, table: table_of(call) });
    }
    if let Some(key) = job_key(call) {
        return Some(Claim {
            node: call.node,
            sign: sign(format!("queued under {key}, which the queue takes once")),
            short: None,
            table: None,
        });
    }
    let is_conditional =
        call.node.walk_own().filter_map(Node::as_str).any(|text| text.contains("attribute_not_exists"));
    let is_outer = call.node.parent().and_then(Node::as_call).is_some();
    if is_conditional && !is_outer {
        return Some(Claim {
            node: call.node,
            sign: sign("writes on condition that nothing is there".to_owned()),
            short: None,
            table: None,
        });
    }
    None
}

fn is_set_if_free(code: &Code, call: Call<'_>) -> bool {
    let method = call.method();
    let Some(receiver) = call.receiver() else { return false };
    if memory::is_in_process(code, receiver) {
        return false;
    }
    if SET_IF_FREE.contains(&method) {
        return true;
    }
    if method == "putIfAbsent" || method == "putIfAbsentAsync" {
        return ["imap", "rmap", "hazelcast", "redisson", "infinispan"]
            .iter()
            .any(|word| typed_text(code, receiver).contains(word));
    }
    // `Cache::add`, Django's `cache.add`, memcached.
    if method == "add" && ["cache", "Cache", "memcached", "memcache"].contains(&receiver.leaf()) {
        return call.arguments.len() >= 2;
    }
    if SETS.contains(&method) && call.arguments.len() >= 2 {
        return call.arguments.iter().skip(1).any(says_only_if_free);
    }
    // `SADD` and `INCR` tell the first caller from the others.
    let counts = matches!(method, "sadd" | "sAdd" | "SAdd" | "incr" | "Incr" | "SetAddAsync" | "StringIncrementAsync");
    counts && is_compared(call.node)
}

/// `{ NX: true }`, `"NX"`, `nx=True`, `When.NotExists`, `SetParams().nx()`, `unless_exist: true`.
fn says_only_if_free(argument: Node<'_>) -> bool {
    let is_yes = |value: Node<'_>| !matches!(value.kind(), Kind::Bool(false) | Kind::Null);
    argument.walk().any(|node| match node.kind() {
        Kind::Str(text) => text.eq_ignore_ascii_case("nx"),
        Kind::Pair { key, value } => {
            let key = key.leaf();
            (key.eq_ignore_ascii_case("nx") || key == "unless_exist") && is_yes(value)
        }
        Kind::Named { name, value } => (name.eq_ignore_ascii_case("nx") || name == "unless_exist") && is_yes(value),
        Kind::Member { property, .. } => matches!(property, "NotExists" | "NX" | "nx" | "IfNotExists" | "onlyIfAbsent"),
        Kind::Name(name) => matches!(name, "NX" | "nx" | "ONLY_IF_ABSENT"),
        Kind::Call(inner) => matches!(inner.method(), "nx" | "NX"),
        _ => false,
    })
}

fn typed_text(code: &Code, node: Node<'_>) -> String {
    let paths = code.origins(node).into_iter().filter_map(|origin| match origin {
        Origin::Library(path, _) => Some(path),
        _ => None,
    });
    format!("{} {}", paths.collect::<Vec<_>>().join(" "), node.text()).to_ascii_lowercase()
}

fn is_insert(code: &Code, call: Call<'_>) -> bool {
    let method = call.method();
    // The repository's own functions of that name are followed into.
    if code.callees(call).iter().any(|function| function.body.is_some()) {
        return false;
    }
    let by_option = call.arguments.iter().flat_map(Node::walk_own).any(|node| match node.kind() {
        Kind::Pair { key, value } => OPTIONS.contains(&key.leaf()) && matches!(value.kind(), Kind::Bool(true)),
        Kind::Named { name, value } => OPTIONS.contains(&name) && matches!(value.kind(), Kind::Bool(true)),
        _ => false,
    });
    let is_library = method != "makeIdempotent" || call.node.source().blob().text().contains("powertools");
    (INSERTS.contains(&method)
        && is_library
        && (method != "ignore" || call.receiver().is_some_and(|on| on.text().contains("onConflict"))))
        || by_option
}

/// What a model or table is called that a call writes to: `Delivery.objects.get_or_create`, `prisma.delivery.create`.
fn table_of(call: Call<'_>) -> Option<String> {
    let mut node = call.receiver()?;
    loop {
        match node.kind() {
            Kind::Member { object, property: "objects" | "prisma" } => node = object,
            Kind::Member { property, .. } => return Some(property.to_ascii_lowercase()),
            Kind::Name(name) => return Some(name.to_ascii_lowercase()),
            Kind::Call(inner) => match inner.argument(0).and_then(Node::as_str) {
                Some(name) if !name.contains(' ') => return Some(name.to_ascii_lowercase()),
                _ => match inner.argument(0).filter(|_| matches!(inner.method(), "insert" | "into")) {
                    Some(table) => return Some(table.leaf().to_ascii_lowercase()),
                    None => node = inner.receiver()?,
                },
            },
            _ => return None,
        }
    }
}

/// The table that the body of a `try` inserts into.
fn tried_table(code: &Code, catch: Node<'_>) -> Option<String> {
    let Kind::Try { body, .. } = catch.parent()?.kind() else { return None };
    let calls = body.walk().filter_map(Node::as_call);
    calls.filter_map(|call| statements_of(code, call).into_iter().next()).map(|statement| statement.table).next()
}

fn is_refusal(node: Node<'_>) -> bool {
    match node.kind() {
        Kind::Str(text) => REFUSALS.contains(&text),
        Kind::Number(number) => REFUSAL_NUMBERS.contains(&number),
        Kind::Name(name) => REFUSALS.contains(&name),
        Kind::Member { property, .. } => REFUSALS.contains(&property),
        // Oracle: `errorNum === 1`.
        Kind::Binary { operator: Operator::Equal, left, right } => {
            left.leaf() == "errorNum" && matches!(right.kind(), Kind::Number(1.0))
        }
        Kind::Type(text) => REFUSALS.iter().any(|name| text.ends_with(name)),
        _ => false,
    }
}

fn in_catch(node: Node<'_>) -> bool {
    let own = node.ancestors().take_while(|outer| outer.as_function().is_none());
    own.into_iter().any(|outer| matches!(outer.kind(), Kind::Catch { .. }))
}

/// `queue.add("x", data, { jobId })`: an argument of a call that hands work over.
fn job_key(call: Call<'_>) -> Option<&'static str> {
    if !SENDS.contains(&call.method()) {
        return None;
    }
    let owned = call.arguments.iter().flat_map(Node::walk_own);
    owned.into_iter().find_map(|node| {
        let key = match node.kind() {
            Kind::Pair { key, value } if !matches!(value.kind(), Kind::Null) => key.leaf(),
            Kind::Named { name, value } if !matches!(value.kind(), Kind::Null) => name,
            Kind::Call(inner) => inner.method(),
            _ => return None,
        };
        let is_task_name = key == "name" && call.method().to_ascii_lowercase().contains("task");
        if is_task_name {
            return Some("the name of the task");
        }
        // `ID` names a job only among the options of a workflow or of a Go queue.
        let is_loose = matches!(key, "ID" | "Unique" | "idempotencyKey" | "idempotency_key")
            && !matches!(call.method(), "ExecuteWorkflow" | "Enqueue" | "trigger" | "start" | "start_workflow");
        JOB_KEYS.iter().copied().find(|known| *known == key).filter(|_| !is_loose)
    })
}

/// AWS Lambda Powertools: `@idempotent(…)`, `@Idempotent`.
fn by_mark(code: &Code, function: Function<'_>) -> Option<()> {
    let is_known = |mark: Node<'_>| {
        let name = mark.as_call().map_or(mark, |call| call.callee);
        matches!(name.leaf(), "idempotent" | "idempotent_function" | "Idempotent" | "IdempotentReceiver")
            && typed_text(code, name).contains("powertools")
            || matches!(name.leaf(), "Idempotent") && function.node.source().blob().text().contains("powertools")
    };
    function.decorators.iter().any(is_known).then_some(())
}

/// How long a claim lasts, where that is too short.
fn short(code: &Code, call: Call<'_>) -> Option<Sign> {
    let words: Vec<Node<'_>> = call.arguments.iter().collect();
    let after = |word: &str| {
        let at = words.iter().position(|node| node.as_str().is_some_and(|text| text.eq_ignore_ascii_case(word)))?;
        words.get(at + 1).copied()
    };
    let named = call.arguments.iter().flat_map(Node::walk).find_map(|node| match node.kind() {
        Kind::Pair { key, value } if matches!(key.leaf(), "EX" | "ex") => Some((value, Unit::Seconds)),
        Kind::Pair { key, value } if matches!(key.leaf(), "PX" | "px") => Some((value, Unit::Milliseconds)),
        Kind::Named { name: "ex" | "expires_in", value } => Some((value, Unit::Seconds)),
        Kind::Named { name: "px", value } => Some((value, Unit::Milliseconds)),
        _ => None,
    });
    let last = || {
        let is_go = call.node.source().language() == Language::Go;
        words.last().copied().filter(|_| is_go && words.len() >= 4).map(|value| (value, Unit::Nanoseconds))
    };
    let placed = after("EX")
        .map(|value| (value, Unit::Seconds))
        .or_else(|| after("PX").map(|value| (value, Unit::Milliseconds)));
    // `setnx` and then `expire`: the second command says how long.
    let scope = call.node.enclosing_function().map(|function| function.node);
    let second = || {
        let calls = scope.into_iter().flat_map(Node::walk).filter_map(Node::as_call);
        let expiring = calls.filter(|other| {
            other.method().eq_ignore_ascii_case("expire")
                && other.receiver().map(Node::text) == call.receiver().map(Node::text)
        });
        expiring.filter_map(|other| other.argument(1)).map(|value| (value, Unit::Seconds)).next()
    };
    let (value, unit) = named.or(placed).or_else(last).or_else(second)?;
    let life = code.seconds(value, unit)?;
    (life > 0.0 && life < SHORT).then(|| Sign { span: value.span(), text: format!("{life}") })
}

/// Whether anybody looks at what a call answers.
pub(super) fn is_used(node: Node<'_>) -> bool {
    let mut inner = node;
    while let Some(outer) = inner.parent() {
        match outer.kind() {
            Kind::Await(_) | Kind::Member { .. } | Kind::Named { .. } => {}
            // The next call of the chain: `…run()`, `…Result()`.
            Kind::Call(call) if call.callee == inner => {}
            Kind::Block(statements) => {
                let answers_last = matches!(node.source().language(), Language::Ruby | Language::Kotlin)
                    && statements.last() == Some(inner);
                return answers_last;
            }
            Kind::Let(declared) => {
                return declared.target.walk().filter_map(Node::as_name).any(|name| is_read_later(outer, name));
            }
            Kind::Assign { target, .. } => {
                return target.walk().filter_map(Node::as_name).any(|name| is_read_later(outer, name))
                    || matches!(target.kind(), Kind::Member { .. });
            }
            _ => return true,
        }
        inner = outer;
    }
    false
}

fn is_read_later(declaration: Node<'_>, name: &str) -> bool {
    let scope = declaration.enclosing_function().map_or(declaration.source().root(), |function| function.node);
    let after = declaration.range().end;
    // `if ok, err := claim(); !ok {`: the rest of the condition stands behind it, too.
    scope.walk().any(|node| node.as_name() == Some(name) && node.range().start >= after)
}

/// It is compared with something or tested.
fn is_compared(node: Node<'_>) -> bool {
    let tested = |outer: Node<'_>| {
        matches!(
            outer.kind(),
            Kind::Binary { .. } | Kind::Unary { .. } | Kind::If { .. } | Kind::Conditional { .. } | Kind::Return(_)
        )
    };
    let near: Vec<Node<'_>> = node.ancestors().take_while(|outer| !matches!(outer.kind(), Kind::Block(_))).collect();
    near.into_iter().any(tested) || is_used(node)
}

/// A statement that stands in an annotation or makes a constant is run elsewhere.
fn is_declared(call: Call<'_>) -> bool {
    let is_prepared = call.method().to_ascii_lowercase().starts_with("prepare");
    is_prepared || call.node.parent().is_some_and(|owner| matches!(owner.kind(), Kind::Function(_)))
}
