//! Retries by libraries, run as each library documents them.

use super::machine::Machine;
use super::value::{Answer, Arguments, Closure, Step, Stop, Value, plain};
use crate::evidence::Span;
use crate::facts::code::Node;
use std::collections::BTreeMap;
use std::rc::Rc;

/// As many retries are run where the growth of delays is looked for.
const STRETCHED: f64 = 7.0;

/// How a library repeats.
#[derive(Debug, Clone)]
pub(super) struct Spec<'a> {
    pub place: Span,
    pub what: String,
    /// Repetitions after the first attempt; without end where none.
    pub most: Option<f64>,
    pub pace: Pace<'a>,
    pub when: When<'a>,
    /// `Retry-After` decides the wait.
    pub is_told: bool,
}

/// How long it waits before each repetition, in seconds.
#[derive(Debug, Clone)]
pub(super) enum Pace<'a> {
    Growing {
        first: f64,
        factor: f64,
        most: f64,
    },
    Linear {
        first: f64,
        step: f64,
    },
    Listed(Vec<f64>),
    /// A function of the repository says; a plain number counts so many seconds.
    Asked(Rc<Closure<'a>>, f64),
    Unknown,
}

impl Pace<'_> {
    pub const NOTHING: Self = Self::Linear { first: 0.0, step: 0.0 };

    pub fn fixed(seconds: f64) -> Self {
        Self::Linear { first: seconds, step: 0.0 }
    }

    pub fn growing(first: f64, factor: f64) -> Self {
        Self::Growing { first, factor, most: f64::INFINITY }
    }
}

/// What it repeats after; any of these.
#[derive(Debug, Clone, Default)]
pub(super) struct When<'a> {
    pub statuses: Vec<(f64, f64)>,
    pub asked: Vec<Rc<Closure<'a>>>,
    /// Where one of these says so, it does not.
    pub refused: Vec<Rc<Closure<'a>>>,
    pub any_error: bool,
    pub errors: Vec<Node<'a>>,
    /// Only what is safe to repeat: neither `POST` nor `PATCH`.
    pub is_for_safe_methods: bool,
    /// Statuses at which a header that says how long to wait is reason enough.
    pub told: Vec<f64>,
}

impl When<'_> {
    pub fn statuses(list: &[f64]) -> Self {
        Self { statuses: list.iter().map(|status| (*status, *status)).collect(), ..Self::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.statuses.is_empty() && self.asked.is_empty() && !self.any_error && self.errors.is_empty()
    }
}

impl<'a> Machine<'a, '_> {
    /// Repeats something as a library would.
    pub fn repeat(&mut self, spec: &Spec<'a>, once: &mut dyn FnMut(&mut Self) -> Step<'a>) -> Step<'a> {
        let shown = (spec.place.clone(), spec.what.clone());
        if !self.seen.retriers.contains(&shown) {
            self.seen.retriers.push(shown);
        }
        let mut count = 0.0;
        loop {
            let before = self.seen.attempts.len();
            let result = once(self);
            if matches!(result, Err(Stop::End)) || self.seen.attempts.len() == before {
                return result;
            }
            count += 1.0;
            let most =
                spec.most.map(|most| if self.world.is_stretched && most > 0.0 { most.max(STRETCHED) } else { most });
            if most.is_some_and(|most| count > most) || !self.wants(spec, count, &result)? {
                return result;
            }
            self.pause(spec, count, &result)?;
        }
    }

    fn pause(&mut self, spec: &Spec<'a>, count: f64, result: &Step<'a>) -> Result<(), Stop<'a>> {
        if let (true, Some(told)) = (spec.is_told, told(&outcome(result))) {
            self.now += told;
            return Ok(());
        }
        let seconds = match &spec.pace {
            Pace::Growing { first, factor, most } => Some((first * factor.powf(count - 1.0)).min(*most)),
            Pace::Linear { first, step } => Some(first + step * (count - 1.0)),
            Pace::Listed(list) => list.get(count as usize - 1).or(list.last()).copied().or(Some(0.0)),
            Pace::Asked(closure, unit) => {
                let said = closure.function.body.unwrap_or(closure.function.node);
                if !self.seen.sleeps.contains(&said) {
                    self.seen.sleeps.push(said);
                }
                let given = self.asked_with(closure, count, result);
                self.invoke(closure, given)?.seconds(*unit)
            }
            Pace::Unknown => None,
        };
        match seconds {
            Some(seconds) if seconds.is_finite() => self.now += seconds.max(0.0),
            _ => self.unsure = true,
        }
        Ok(())
    }

    fn wants(&mut self, spec: &Spec<'a>, count: f64, result: &Step<'a>) -> Result<bool, Stop<'a>> {
        let when = &spec.when;
        let about = outcome(result);
        if is_final(&about) {
            return Ok(false);
        }
        if when.is_for_safe_methods && matches!(self.site.method.as_deref(), Some("POST" | "PATCH")) {
            return Ok(false);
        }
        for closure in &when.refused {
            let given = self.asked_with(closure, count, result);
            if self.invoke(closure, given)?.truth() == Some(true) {
                return Ok(false);
            }
        }
        let status = about.answer().map(|answer| answer.status);
        if let Some(status) = status {
            if when.statuses.iter().any(|(from, to)| (*from..=*to).contains(&status)) {
                return Ok(true);
            }
            if when.told.contains(&status) && told(&about).is_some() {
                return Ok(true);
            }
        }
        for closure in &when.asked {
            let given = self.asked_with(closure, count, result);
            let worth = self.invoke(closure, given)?;
            let body = closure.function.body.unwrap_or(closure.function.node);
            // avast's and Go's conditions answer with an error beside.
            let worth = match &worth {
                Value::List(list) => list.borrow().first().cloned().unwrap_or(Value::Unknown),
                _ => worth,
            };
            if self.outcome(body, &worth, false) {
                return Ok(true);
            }
        }
        let is_error = is_error(result);
        let is_named = when.errors.iter().any(|kind| match self.is_a(&about, *kind) {
            Value::Bool(known) => known,
            _ => false,
        });
        Ok(is_error && (when.any_error || is_named))
    }

    /// The arguments of a function that a library asks, by the names that it gives them.
    fn asked_with(&self, closure: &Rc<Closure<'a>>, count: f64, result: &Step<'a>) -> Arguments<'a> {
        let about = outcome(result);
        let parameters: Vec<_> = closure.function.parameters.iter().filter_map(Node::as_parameter).collect();
        let answer = about.answer().map_or(Value::Null, Value::Answer);
        let error = if is_error(result) { about.clone() } else { Value::Null };
        let parts: BTreeMap<String, Value<'a>> = [
            ("error", error.clone()),
            ("response", answer.clone()),
            ("attemptNumber", Value::Number(count)),
            ("attemptCount", Value::Number(count)),
            ("AttemptNumber", Value::Number(count - 1.0)),
            ("attempt_number", Value::Number(count)),
            ("retryCount", Value::Number(count)),
            ("retriesLeft", Value::Number(9.0)),
            ("computedValue", Value::Number(1.0)),
            ("Result", answer.clone()),
            ("Exception", error.clone()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        let mut whole = parts.clone();
        whole.insert("Outcome".to_owned(), Value::map(parts.clone()));
        whole.insert("outcome".to_owned(), Value::map(parts));
        let is_many = parameters.len() > 1;
        let given = parameters.iter().map(|parameter| {
            let name = plain(parameter.name());
            let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
            if name.is_empty() || has(&["args", "context", "ctx", "outcome", "state", "options"]) {
                return Value::map(whole.clone());
            }
            if has(&["attempt", "retr", "count", "tries", "number"]) || matches!(name.as_str(), "n" | "i" | "k") {
                return Value::Number(count);
            }
            if has(&["err", "exc", "fail", "throw", "cause", "reason"]) || matches!(name.as_str(), "e" | "ex" | "t") {
                return if is_many { error.clone() } else { about.clone() };
            }
            if has(&["res", "answer", "msg", "message", "reply"]) || matches!(name.as_str(), "r" | "m" | "it") {
                return if is_many { answer.clone() } else { about.clone() };
            }
            if is_many { Value::Unknown } else { about.clone() }
        });
        let mut listed: Vec<Value<'a>> = given.collect();
        if listed.is_empty() {
            listed.push(about);
        }
        Arguments::of(listed)
    }
}

/// What came of it: the answer, or the error.
fn outcome<'a>(result: &Step<'a>) -> Value<'a> {
    match result {
        Ok(Value::List(list)) => {
            let list = list.borrow();
            let error = list.last().filter(|last| matches!(last, Value::Failure(_) | Value::Object(_)));
            error.or(list.first()).cloned().unwrap_or(Value::Null)
        }
        Ok(value) | Err(Stop::Throw(value)) => value.clone(),
        Err(_) => Value::Null,
    }
}

fn is_error(result: &Step<'_>) -> bool {
    matches!(result, Err(Stop::Throw(_))) || matches!(outcome(result), Value::Failure(_))
}

/// How long a header of the answer says to wait.
fn told(about: &Value<'_>) -> Option<f64> {
    about.answer().and_then(|answer: Rc<Answer<'_>>| answer.header("retry-after")?.parse().ok())
}

/// Errors by which the code says that trying again is of no use.
fn is_final(about: &Value<'_>) -> bool {
    let class = match about {
        Value::Failure(failure) => failure.class.as_str(),
        Value::Object(object) => object.class.name,
        _ => return false,
    };
    let class = class.rsplit('.').next().unwrap_or(class);
    matches!(
        class,
        "AbortError" | "Permanent" | "Unrecoverable" | "UnrecoverableError" | "NonRetryableError" | "TryAgainLater"
    ) && !class.is_empty()
}
