//! What the languages' own libraries do: waiting, reckoning, clocks, dice, conversions, errors, promises.

use super::conversion::formatted;
use super::machine::{Machine, START};
use super::reckoning::{gathered, length, reckoned, thrown_dice};
use super::value::{Arguments, Failure, Step, Stop, Value, plain};
use crate::facts::code::{Call, Language, Node};
use std::cell::RefCell;
use std::rc::Rc;

impl<'a> Machine<'a, '_> {
    pub fn of_a_library(&mut self, path: &str, arguments: Arguments<'a>, call: Call<'a>) -> Step<'a> {
        if let Some(answer) = self.by_retrier(path, &arguments, call) {
            return answer;
        }
        if let Some(waited) = self.waited_for(call, &arguments) {
            return Ok(waited);
        }
        let leaf = path.trim_end_matches("()").rsplit('.').next().unwrap_or(path);
        if let Some(value) = self.clock(path, leaf, &arguments, call) {
            return Ok(value);
        }
        if let Some(value) = reckoned(leaf, &arguments).or_else(|| thrown_dice(leaf, path, &arguments)) {
            return Ok(value);
        }
        if let Some(value) = self.converted(leaf, path, &arguments, call) {
            return value;
        }
        if let Some(value) = self.controlled(leaf, path, &arguments, call) {
            return value;
        }
        if let Some(value) = gathered(leaf, path, &arguments) {
            return Ok(value);
        }
        let is_error = leaf.ends_with("Error") || leaf.ends_with("Exception") || leaf == "Errorf";
        if is_error || path == "errors.New" {
            return Ok(error(path, &arguments));
        }
        match self.unknown_call(arguments, call)? {
            Value::Unknown => Ok(Value::library(&format!("{path}()"))),
            known => Ok(known),
        }
    }

    /// Whatever the language calls waiting.
    pub fn waited_for(&mut self, call: Call<'a>, arguments: &Arguments<'a>) -> Option<Value<'a>> {
        let method = plain(call.method());
        let language = call.node.source().language();
        let path = call.path().unwrap_or_default();
        if method == "settimeout" {
            return self.timer(call, arguments);
        }
        let is_sleep = matches!(
            method.as_str(),
            "sleep"
                | "delay"
                | "wait"
                | "pause"
                | "usleep"
                | "sleepms"
                | "asyncsleep"
                | "backoffsleep"
                | "waitfor"
                | "sleepasync"
        ) || (language == Language::Go && matches!(method.as_str(), "after" | "newtimer"))
            || (language == Language::CSharp && path == "Task.Delay")
            || (method == "scheduler.wait");
        if !is_sleep {
            return None;
        }
        let value = arguments.listed.first().or_else(|| arguments.named.values().next())?;
        let unit = match (language, method.as_str()) {
            (_, "usleep") => 1e-6,
            (Language::Python | Language::Ruby | Language::Php, _) => 1.0,
            (Language::Go, _) => 1e-9,
            // `TimeUnit.SECONDS.sleep(5)`.
            _ => call.receiver().and_then(|unit| self.code.seconds_of_unit(unit)).unwrap_or(1e-3),
        };
        let seconds = value.seconds(unit);
        // `wait` and `pause` are other things too, which take no time.
        if seconds.is_none() && matches!(method.as_str(), "wait" | "pause" | "waitfor") && !value.is_unknown() {
            return None;
        }
        self.sleep(seconds, call.node);
        Some(Value::Null)
    }

    fn timer(&mut self, call: Call<'a>, arguments: &Arguments<'a>) -> Option<Value<'a>> {
        let first = arguments.get(0);
        let is_callback = matches!(first, Value::Function(_) | Value::Resolve(_) | Value::Reject);
        let wait = if is_callback { arguments.get(1) } else { first.clone() };
        // What aborts a request by a timer does not wait for it.
        if let Value::Function(closure) = &first
            && closure.function.node.walk().any(|node| matches!(node.leaf(), "abort" | "destroy" | "reject" | "cancel"))
        {
            return Some(Value::Unknown);
        }
        self.sleep(wait.seconds(1e-3).or(matches!(wait, Value::Null).then_some(0.0)), call.node);
        if is_callback {
            let result = self.called(first, Arguments::default(), call);
            self.late = result.err().or(self.late.take());
        }
        Some(Value::Unknown)
    }

    fn clock(&mut self, path: &str, leaf: &str, arguments: &Arguments<'a>, call: Call<'a>) -> Option<Value<'a>> {
        let now = START + self.now;
        let first = arguments.get(0);
        Some(match (path, leaf) {
            ("Date.now", _) => Value::Number(now * 1_000.0),
            (_, "currentTimeMillis" | "TickCount64") => Value::Number(now * 1_000.0),
            ("performance.now" | "process.uptime", _) => Value::Number(self.now * 1_000.0),
            (_, "nanoTime" | "hrtime" | "bigint") => Value::Number(now * 1e9),
            ("time.time" | "time.monotonic" | "time.perf_counter" | "time" | "microtime" | "loop.time", _) => {
                Value::Number(now)
            }
            ("time.Now" | "Instant.now" | "Time.now" | "DateTime.now" | "Time.current" | "now", _) => {
                Value::Moment(now)
            }
            ("datetime.now" | "datetime.datetime.now" | "datetime.utcnow" | "datetime.datetime.utcnow", _) => {
                Value::Moment(now)
            }
            (_, "now") if path.contains("Instant") || path.contains("Time") => Value::Moment(now),
            ("Process.clock_gettime", _) => Value::Number(now),
            ("Date", _) if call.is_new => match first {
                Value::Null if arguments.listed.is_empty() => Value::Moment(now),
                Value::Number(number) | Value::Status(number) => Value::Moment(number / 1_000.0),
                Value::Moment(at) => Value::Moment(at),
                Value::Text(_) => Value::Moment(f64::NAN),
                other => other,
            },
            ("Date.parse", _) => match first {
                Value::Text(_) => Value::Number(f64::NAN),
                other => other,
            },
            (_, "ofEpochSecond" | "FromUnixTimeSeconds" | "fromtimestamp" | "utcfromtimestamp" | "at")
                if first.number().is_some() =>
            {
                Value::Moment(first.number()?)
            }
            ("time.Unix", _) => Value::Moment(first.number()?),
            (_, "ofEpochMilli" | "FromUnixTimeMilliseconds" | "UnixMilli") => Value::Moment(first.number()? / 1_000.0),
            ("time.Until", _) => match first {
                Value::Moment(at) => Value::Duration(at - now),
                _ => Value::Unknown,
            },
            ("time.Since", _) => match first {
                Value::Moment(at) => Value::Duration(now - at),
                _ => Value::Unknown,
            },
            (_, "between") if path.contains("Duration") || path.contains("ChronoUnit") => {
                match (&first, arguments.get(1)) {
                    (Value::Moment(from), Value::Moment(to)) => Value::Duration(to - from),
                    _ => Value::Unknown,
                }
            }
            _ => return length(leaf, path, arguments),
        })
    }

    /// Promises, tasks and the words that decide where a program goes on.
    fn controlled(&mut self, leaf: &str, path: &str, arguments: &Arguments<'a>, call: Call<'a>) -> Option<Step<'a>> {
        let first = arguments.get(0);
        Some(match (path, leaf) {
            ("Promise", _) if call.is_new => {
                let Value::Function(executor) = first else { return Some(Ok(Value::Unknown)) };
                let cell = Rc::new(RefCell::new(None));
                let handed = vec![Value::Resolve(cell.clone()), Value::Reject];
                if let Err(stop) = self.invoke(&executor, Arguments::of(handed)) {
                    return Some(Err(stop));
                }
                if let Some(stop) = self.late.take() {
                    return Some(Err(stop));
                }
                let value = cell.borrow().clone();
                Ok(value.unwrap_or(Value::Null))
            }
            (
                "Promise.resolve" | "Promise.race" | "Promise.any" | "asyncio.wait_for" | "asyncio.run"
                | "asyncio.shield",
                _,
            ) => match first {
                Value::List(list) => Ok(list.borrow().first().cloned().unwrap_or(Value::Null)),
                other => Ok(other),
            },
            ("Promise.reject", _) => Err(Stop::Throw(first)),
            (_, "failedFuture" | "FromException" | "bail") => Err(Stop::Throw(abort(first))),
            ("asyncio.to_thread" | "functools.partial", _) => {
                let mut rest = arguments.clone();
                rest.listed = rest.listed.split_off(1.min(rest.listed.len()));
                self.called(first, rest, call)
            }
            (_, "isAxiosError" | "isHTTPError" | "isErrorWithResponse") => Ok(Value::Bool(first.answer().is_some())),
            (_, "isinstance" | "is_a") => match call.argument(1) {
                Some(kind) => match kind.kind() {
                    crate::facts::code::Kind::List(kinds) => {
                        let found =
                            kinds.iter().map(|kind| self.is_a(&first, kind)).find(|found| found.truth() != Some(false));
                        Ok(found.unwrap_or(Value::Bool(false)))
                    }
                    _ => Ok(self.is_a(&first, kind)),
                },
                None => Ok(Value::Unknown),
            },
            ("errors.As", _) => Ok(self.as_error(&first, call)),
            ("errors.Is", _) => Ok(match (first.equals(&arguments.get(1)), &first) {
                (Some(true), _) => Value::Bool(true),
                (_, Value::Failure(failure)) => {
                    let cause = failure.cause.clone().unwrap_or(Value::Null);
                    cause.equals(&arguments.get(1)).map_or(Value::Bool(false), Value::Bool)
                }
                _ => Value::Bool(false),
            }),
            (_, "getattr") if arguments.listed.len() >= 2 => {
                let name = arguments.get(1).words();
                match self.member(first, &name, call.node) {
                    Ok(Value::Null | Value::Unknown | Value::Part) if arguments.listed.len() > 2 => {
                        Ok(arguments.get(2))
                    }
                    other => other,
                }
            }
            ("check" | "require" | "kotlin.check", _) if call.node.source().language() == Language::Kotlin => {
                match first.truth() {
                    Some(false) => Err(Stop::Throw(error("IllegalStateException", &Arguments::default()))),
                    _ => Ok(Value::Null),
                }
            }
            ("error", _) if call.node.source().language() == Language::Kotlin => {
                Err(Stop::Throw(error("IllegalStateException", arguments)))
            }
            (_, "checkNotNull" | "requireNotNull" | "Objects.requireNonNull") => Ok(first),
            ("repeat", _) => self.each_of(self.items(&first), arguments),
            (_, "next") if first.is_unknown() => Ok(Value::Unknown),
            (_, "curl_getinfo" | "curl_errno") => Ok(match (&self.last, leaf) {
                (Some(answer), "curl_getinfo") => Value::Status(answer.status),
                _ => Value::Number(0.0),
            }),
            (_, "isNetworkOrIdempotentRequestError" | "isRetryableError" | "isIdempotentRequestError") => {
                let is_safe =
                    leaf == "isRetryableError" || !matches!(self.site.method.as_deref(), Some("POST" | "PATCH"));
                Ok(Value::Bool(is_safe && first.answer().is_none_or(|answer| answer.status >= 500.0)))
            }
            (_, "exponentialDelay") => {
                Ok(first.number().map_or(Value::Unknown, |n| Value::Number(100.0 * 2_f64.powf(n))))
            }
            _ => return None,
        })
    }

    /// Go's `errors.As(err, &target)`: the target is the error where its type is the declared one.
    fn as_error(&mut self, error: &Value<'a>, call: Call<'a>) -> Value<'a> {
        let mut found = error.clone();
        for _ in 0..6 {
            match &found {
                Value::Object(_) => break,
                Value::Failure(failure) => match failure.cause.clone() {
                    Some(cause) => found = cause,
                    None => return Value::Bool(false),
                },
                _ => return Value::Bool(false),
            }
        }
        let Value::Object(object) = &found else { return Value::Bool(false) };
        let name = call.argument(1).and_then(|target| target.walk().find_map(Node::as_name));
        let Some(name) = name else { return Value::Unknown };
        let declared = call.node.enclosing_function().into_iter().flat_map(|function| function.node.walk());
        let kind =
            declared.filter_map(Node::as_let).find(|one| one.target.leaf() == name).and_then(|one| one.annotation);
        let matches = kind.is_none_or(|kind| kind.text().trim_start_matches('*').ends_with(object.class.name));
        if matches {
            self.set_here(name, found.clone());
        }
        Value::Bool(matches)
    }
}

/// An error with its message and what caused it.
pub(super) fn error<'a>(class: &str, arguments: &Arguments<'a>) -> Value<'a> {
    let all = || arguments.listed.iter().chain(arguments.named.values());
    let cause = all().find_map(|value| match value {
        Value::Failure(_) | Value::Object(_) => Some(value.clone()),
        Value::Map(map) => map.borrow().get("cause").cloned(),
        _ => None,
    });
    Value::Failure(Rc::new(Failure {
        class: class.to_owned(),
        message: formatted(arguments),
        answer: None,
        cause,
        fields: RefCell::default(),
    }))
}

/// An error that says not to try again.
pub(super) fn abort<'a>(cause: Value<'a>) -> Value<'a> {
    error("AbortError", &Arguments::of(vec![cause]))
}
