//! The libraries that repeat what they are handed, with what their documentation says of their defaults.

use super::machine::Machine;
use super::value::{Arguments, Closure, Step, Value};
use crate::facts::code::{Call, Kind, Node, Origin};
use std::rc::Rc;

/// One line a library.
#[derive(Debug)]
pub(super) struct Retrier {
    pub name: &'static str,
    /// Pieces of the path that is called, all of them, in their order.
    pub path: &'static [&'static str],
    /// Repetitions after the first attempt by default; none where nothing ends it.
    pub most: Option<f64>,
    /// Names that count repetitions, and those that count all attempts; plain.
    pub retries: &'static [&'static str],
    pub attempts: &'static [&'static str],
    /// What a plain number of a delay counts, in seconds.
    pub unit: f64,
    pub first: &'static [&'static str],
    pub first_default: f64,
    pub factor: &'static [&'static str],
    /// One where the delay stays the same.
    pub factor_default: f64,
    pub statuses: &'static [(f64, f64)],
    /// It repeats after any error that is thrown.
    pub any_error: bool,
    pub is_for_safe_methods: bool,
    pub is_told: bool,
}

const MS: f64 = 1e-3;
const S: f64 = 1.0;

/// A wrapper that repeats after every error.
const fn wrapper(
    name: &'static str,
    path: &'static [&'static str],
    most: Option<f64>,
    counts: [&'static [&'static str]; 2],
    unit: f64,
    first: (&'static [&'static str], f64),
    factor: (&'static [&'static str], f64),
) -> Retrier {
    Retrier {
        name,
        path,
        most,
        retries: counts[0],
        attempts: counts[1],
        unit,
        first: first.0,
        first_default: first.1,
        factor: factor.0,
        factor_default: factor.1,
        statuses: &[],
        any_error: true,
        is_for_safe_methods: false,
        is_told: false,
    }
}

/// Source: each project's README or reference.
#[rustfmt::skip]
pub(super) static WRAPPERS: &[Retrier] = &[
    wrapper("p-retry", &["p-retry"], Some(10.0), [&["retries"], &[]], MS, (&["mintimeout"], 1.0), (&["factor"], 2.0)),
    wrapper("async-retry", &["async-retry"], Some(10.0), [&["retries"], &[]], MS, (&["mintimeout"], 1.0), (&["factor"], 2.0)),
    wrapper("promise-retry", &["promise-retry"], Some(10.0), [&["retries"], &[]], MS, (&["mintimeout"], 1.0), (&["factor"], 2.0)),
    wrapper("exponential-backoff", &["exponential-backoff", "backOff"], Some(9.0), [&[], &["numofattempts"]], MS, (&["startingdelay"], 0.1), (&["timemultiple"], 2.0)),
    wrapper("ts-retry", &["ts-retry"], Some(9.0), [&[], &["maxtry"]], MS, (&["delay"], 0.25), (&[], 1.0)),
    wrapper("ts-retry-promise", &["ts-retry-promise"], Some(10.0), [&["retries"], &[]], MS, (&["delay"], 0.25), (&[], 1.0)),
    wrapper("attempt", &["@lifeomic/attempt"], Some(2.0), [&[], &["maxattempts"]], MS, (&["delay", "initialdelay"], 0.2), (&["factor"], 1.0)),
    wrapper("cockatiel", &["cockatiel.retry()", "execute"], Some(10.0), [&["maxattempts"], &[]], MS, (&["initialdelay", "constantbackoff"], 0.128), (&["exponent"], 1.0)),
    wrapper("tenacity", &["tenacity", "etry"], None, [&[], &["stopafterattempt"]], S, (&["multiplier", "initial", "waitfixed", "start", "increment"], 1.0), (&["expbase"], 1.0)),
    wrapper("backoff", &["backoff.on_exception"], None, [&[], &["maxtries"]], S, (&["factor", "interval"], 1.0), (&["base"], 1.0)),
    wrapper("backoff", &["backoff.on_predicate"], None, [&[], &["maxtries"]], S, (&["factor", "interval"], 1.0), (&["base"], 1.0)),
    wrapper("stamina", &["stamina.retry"], Some(9.0), [&[], &["attempts"]], S, (&["waitinitial"], 0.1), (&["waitexpbase"], 2.0)),
    wrapper("retrying", &["retrying.retry"], None, [&[], &["stopmaxattemptnumber"]], MS, (&["waitfixed", "waitexponentialmultiplier", "waitincrementingstart"], 0.0), (&[], 1.0)),
    wrapper("retry", &["retry.retry"], None, [&[], &["tries"]], S, (&["delay"], 0.0), (&["backoff"], 1.0)),
    wrapper("cenkalti/backoff", &["cenkalti/backoff", "Retry"], Some(14.0), [&["withmaxretries"], &["withmaxtries"]], 1e-9, (&["initialinterval", "newconstantbackoff"], 0.5), (&["multiplier"], 1.5)),
    wrapper("avast/retry-go", &["avast/retry-go", "Do"], Some(9.0), [&[], &["attempts"]], 1e-9, (&["delay"], 0.1), (&[], 2.0)),
    wrapper("sethvargo/go-retry", &["sethvargo/go-retry", "Do"], None, [&["withmaxretries"], &[]], 1e-9, (&["exponential", "constant", "newexponential", "newconstant"], 1.0), (&[], 1.0)),
    wrapper("failsafe-go", &["failsafe-go", "Get"], Some(2.0), [&["withmaxretries"], &["withmaxattempts"]], 1e-9, (&["withdelay", "withbackoff"], 0.0), (&[], 1.0)),
    wrapper("resilience4j", &["resilience4j.retry", "execute"], Some(2.0), [&[], &["maxattempts"]], MS, (&["waitduration", "ofexponentialbackoff", "ofexponentialrandombackoff", "initialinterval"], 0.5), (&[], 1.0)),
    wrapper("resilience4j", &["resilience4j.retry", "decorate"], Some(2.0), [&[], &["maxattempts"]], MS, (&["waitduration", "ofexponentialbackoff", "ofexponentialrandombackoff", "initialinterval"], 0.5), (&[], 1.0)),
    wrapper("Spring Retry", &["RetryTemplate", "execute"], Some(2.0), [&[], &["maxattempts", "simpleretrypolicy"]], MS, (&["exponentialbackoff", "fixedbackoff", "setinitialinterval", "initialinterval"], 1.0), (&["setmultiplier", "multiplier"], 1.0)),
    wrapper("Failsafe", &["Failsafe.with()"], Some(2.0), [&["withmaxretries"], &["withmaxattempts"]], S, (&["withbackoff", "withdelay"], 0.0), (&[], 1.0)),
    wrapper("Polly", &["WaitAndRetry", "Execute"], Some(3.0), [&["waitandretryasync", "waitandretry", "retrycount"], &[]], S, (&["mediandelay", "medianfirstretrydelay", "initialdelay"], 1.0), (&[], 1.0)),
    wrapper("Polly", &["RetryAsync", "Execute"], Some(1.0), [&["retryasync"], &[]], S, (&[], 0.0), (&[], 1.0)),
    wrapper("Polly", &["ResiliencePipelineBuilder", "Execute"], Some(3.0), [&["maxretryattempts"], &[]], S, (&["delay"], 2.0), (&[], 1.0)),
    wrapper("Retriable", &["Retriable.retriable"], Some(2.0), [&[], &["tries"]], S, (&["baseinterval"], 0.5), (&["multiplier"], 1.5)),
    wrapper("retryable", &["Retryable.retryable"], Some(1.0), [&[], &["tries"]], S, (&["sleep"], 1.0), (&[], 1.0)),
];

/// Annotations of the JVM and decorators of TypeScript.
#[rustfmt::skip]
static ANNOTATIONS: &[Retrier] = &[
    wrapper("@Retryable", &["Retryable"], Some(2.0), [&["maxretries"], &["maxattempts"]], MS, (&["delay"], 1.0), (&["multiplier"], 1.0)),
    wrapper("@Retry", &["Retry"], Some(2.0), [&["maxretries"], &["maxattempts"]], MS, (&["delay", "waitduration"], 0.5), (&["multiplier", "factor"], 1.0)),
];

impl<'a> Machine<'a, '_> {
    /// A call of a library that repeats the function which it is handed.
    pub fn by_retrier(&mut self, path: &str, arguments: &Arguments<'a>, call: Call<'a>) -> Option<Step<'a>> {
        let row = WRAPPERS.iter().find(|row| is_along(path, row.path))?;
        let closure = arguments.functions().into_iter().next()?;
        // What is retried is handed over first or last; the others are settings.
        let nodes = self.set_up(call);
        if self.retried.contains(&call.node.key()) {
            return None;
        }
        let mut spec = self.spec(row, call.node, &nodes);
        spec.when.asked.retain(|asked| asked.function.node != closure.function.node);
        if spec.when.is_empty() {
            spec.when.any_error = true;
        }
        self.retried.insert(call.node.key());
        let result = self.repeat(&spec, &mut |machine| {
            let handed = Arguments::of(vec![Value::library("bail"), Value::Unknown]);
            machine.invoke(&closure, if row.name == "async-retry" { handed } else { Arguments::default() })
        });
        self.retried.remove(&call.node.key());
        Some(result)
    }

    /// Where the settings of a call of a retrier stand: beside the function, and where the object was made.
    fn set_up(&self, call: Call<'a>) -> Vec<Node<'a>> {
        let mut nodes: Vec<Node<'a>> =
            call.arguments.iter().filter(|argument| !matches!(argument.kind(), Kind::Function(_))).collect();
        if let Some(receiver) = call.receiver() {
            nodes.push(receiver);
            nodes.extend(self.code.origins(receiver).into_iter().filter_map(|origin| match origin {
                Origin::Library(_, Some(made)) => Some(made.node),
                _ => None,
            }));
        }
        nodes
    }

    /// A function whose decorators repeat it.
    pub fn decorated(&mut self, closure: &Rc<Closure<'a>>, arguments: &Arguments<'a>) -> Option<Step<'a>> {
        let function = closure.function;
        let class = self.code.class_of(function.node);
        let marks = function.decorators.iter().chain(class.into_iter().flat_map(|class| class.decorators.iter()));
        let marks: Vec<Node<'a>> = marks.collect();
        if marks.is_empty() || closure.is_bare {
            return None;
        }
        let bare =
            Rc::new(Closure { function, frame: closure.frame.clone(), this: closure.this.clone(), is_bare: true });
        for mark in marks {
            let name = mark.as_call().map_or(mark, |call| call.callee);
            let paths: Vec<String> = self
                .code
                .origins(name)
                .into_iter()
                .filter_map(|origin| if let Origin::Library(path, _) = origin { Some(path) } else { None })
                .collect();
            let by_path = paths.iter().find_map(|path| WRAPPERS.iter().find(|row| is_along(path, row.path)));
            let by_name = || ANNOTATIONS.iter().find(|row| row.path.contains(&name.leaf()) && !paths.is_empty());
            if let Some(row) = by_path.or_else(by_name) {
                let spec = self.spec_of_mark(row, mark);
                return Some(self.repeat(&spec, &mut |machine| machine.invoke(&bare, arguments.clone())));
            }
            if let Some(wrapped) = self.wrapped_by_own(mark, &bare) {
                return Some(self.invoke(&wrapped, arguments.clone()));
            }
        }
        None
    }

    fn spec_of_mark(&mut self, row: &Retrier, mark: Node<'a>) -> super::retrier::Spec<'a> {
        let mut spec = self.spec(row, mark, &[mark]);
        let call = mark.as_call();
        if row.name == "backoff" {
            let kinds = call.and_then(|call| call.argument(1));
            let predicate = call.and_then(|call| call.argument(1)).map(|node| self.quietly(node));
            match (row.path[0].ends_with("predicate"), predicate) {
                (true, Some(Value::Function(asked))) => {
                    spec.when.any_error = false;
                    spec.when.asked.push(asked);
                }
                _ => spec.when.errors.extend(kinds.into_iter().flat_map(listed)),
            }
            spec.when.any_error = spec.when.any_error && spec.when.errors.is_empty();
        }
        let kinds = ["retry_if_exception_type", "on", "exceptions", "retryFor", "include", "value", "retryOn"];
        for inner in mark.walk() {
            match inner.kind() {
                Kind::Call(call) if kinds.contains(&call.method()) => {
                    spec.when.errors.extend(call.arguments.iter().flat_map(listed));
                }
                Kind::Named { name, value } if kinds.contains(&name) => spec.when.errors.extend(listed(value)),
                Kind::Pair { key, value } if kinds.contains(&key.leaf()) => spec.when.errors.extend(listed(value)),
                _ => {}
            }
        }
        if !spec.when.errors.is_empty() {
            spec.when.any_error = false;
        } else if spec.when.asked.is_empty() && spec.when.statuses.is_empty() {
            spec.when.any_error = true;
        }
        spec
    }

    /// A decorator of the repository: what it answers with is called in the function's place.
    fn wrapped_by_own(&mut self, mark: Node<'a>, bare: &Rc<Closure<'a>>) -> Option<Rc<Closure<'a>>> {
        if !matches!(mark.source().language(), crate::facts::code::Language::Python) {
            return None;
        }
        let value = self.alone(mark).ok()?;
        let Value::Function(decorator) = value else { return None };
        match self.invoke(&decorator, Arguments::of(vec![Value::Function(bare.clone())])).ok()? {
            Value::Function(wrapped) if wrapped.function.node != bare.function.node => Some(wrapped),
            _ => None,
        }
    }
}

fn listed(node: Node<'_>) -> Vec<Node<'_>> {
    match node.kind() {
        Kind::List(items) => items.iter().collect(),
        Kind::Call(call) if matches!(call.method(), "arrayOf" | "of") => call.arguments.iter().collect(),
        _ => vec![node],
    }
}

/// Whether all pieces stand in a path, in their order.
pub(super) fn is_along(path: &str, pieces: &[&str]) -> bool {
    let mut rest = path;
    for (position, piece) in pieces.iter().enumerate() {
        let Some(at) = rest.find(piece) else { return false };
        if position == 0 && pieces.len() == 1 && at != 0 {
            return false;
        }
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    true
}
