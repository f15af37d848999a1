//! Methods of plain values: texts, lists, numbers, lengths of time, answers and their headers.

use super::expression::{holds, matched};
use super::machine::{MANY, Machine};
use super::member::{in_unit, unit};
use super::value::{Answer, Arguments, Failure, Step, Stop, Value, plain};
use crate::facts::code::{Call, Language};
use std::cell::RefCell;
use std::rc::Rc;

impl<'a> Machine<'a, '_> {
    pub fn method(&mut self, receiver: Value<'a>, name: &'a str, arguments: Arguments<'a>, call: Call<'a>) -> Step<'a> {
        match &receiver {
            Value::Answer(answer) => {
                let answer = answer.clone();
                self.asked_of_answer(&answer, name, &arguments, call)
            }
            Value::Headers(answer) => {
                let answer = answer.clone();
                self.asked_of_headers(&answer, name, &arguments, call)
            }
            Value::Failure(_) => match plain(name).as_str() {
                "iscanceled" | "istimeout" => Ok(Value::Bool(false)),
                "error" => Ok(Value::text(receiver.words())),
                "unwrap" => self.member(receiver, "cause", call.callee),
                _ => self.member(receiver, name, call.callee),
            },
            Value::List(list) => {
                let list = list.clone();
                self.of_list(&list, name, arguments, call)
            }
            Value::Text(text) => Ok(of_text(text, name, &arguments)),
            Value::Regex(_) => Ok(matched(&receiver, &arguments.get(0)).map_or(Value::Unknown, Value::Bool)),
            Value::Range(from, to) => match plain(name).as_str() {
                "each" | "foreach" | "map" | "step" => self.each_of(self.items(&Value::Range(*from, *to)), &arguments),
                _ => Ok(holds(&receiver, &arguments.get(0)).map_or(Value::Unknown, Value::Bool)),
            },
            Value::Number(number) => self.of_number(*number, name, &arguments, call),
            Value::Duration(seconds) => Ok(of_duration(*seconds, name, &arguments)),
            Value::Moment(at) => {
                Ok(of_moment(*at, name, &arguments).unwrap_or(self.member(receiver, name, call.callee)?))
            }
            Value::Status(number) => match plain(name).as_str() {
                "tostring" | "tos" | "string" => Ok(Value::text(number.to_string())),
                "between" if arguments.listed.len() == 2 => Ok(holds(
                    &Value::Range(arguments.get(0).number().unwrap_or(0.0), arguments.get(1).number().unwrap_or(0.0)),
                    &receiver,
                )
                .map_or(Value::Unknown, Value::Bool)),
                "equals" | "eql" => Ok(receiver.equals(&arguments.get(0)).map_or(Value::Unknown, Value::Bool)),
                "startswith" => Ok(Value::Bool(number.to_string().starts_with(&arguments.get(0).words()))),
                _ => self.member(receiver, name, call.callee),
            },
            Value::Map(_) => Ok(of_map(&receiver, name, &arguments)),
            Value::Proceed => match plain(name).as_str() {
                "proceed" | "execute" | "call" | "handle" | "intercept" | "exchange" | "next" | "send" => {
                    self.proceed(arguments, call)
                }
                _ => Ok(Value::Unknown),
            },
            Value::Part => {
                self.run_all(&arguments)?;
                Ok(Value::Part)
            }
            // Nothing is asked of what is not there: `null?.let { … }`, an empty Optional.
            Value::Null => match plain(name).as_str() {
                "orelse" | "getorelse" | "unwrapor" => Ok(arguments.get(0)),
                "orelseget" => match arguments.functions().first() {
                    Some(make) => self.invoke(make, Arguments::default()),
                    None => Ok(Value::Null),
                },
                "ispresent" | "any" | "isnotempty" => Ok(Value::Bool(false)),
                "isempty" | "isnull" | "nil" | "isnullorempty" | "blank" => Ok(Value::Bool(true)),
                "toi" | "tof" => Ok(Value::Number(0.0)),
                _ => Ok(Value::Null),
            },
            _ => self.unknown_call(arguments, call),
        }
    }

    fn run_all(&mut self, arguments: &Arguments<'a>) -> Result<(), Stop<'a>> {
        for closure in arguments.functions().iter().take(4) {
            self.invoke(closure, Arguments::default())?;
        }
        Ok(())
    }

    pub fn each_of(&mut self, items: Vec<Value<'a>>, arguments: &Arguments<'a>) -> Step<'a> {
        let Some(body) = arguments.functions().into_iter().next() else { return Ok(Value::Unknown) };
        for item in items {
            match self.invoke(&body, Arguments::of(vec![item])) {
                Err(Stop::Break) => break,
                Ok(_) | Err(Stop::Continue) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(Value::Null)
    }

    fn asked_of_answer(
        &mut self,
        answer: &Rc<Answer<'a>>,
        name: &'a str,
        arguments: &Arguments<'a>,
        call: Call<'a>,
    ) -> Step<'a> {
        let plain_name = plain(name);
        let first = arguments.get(0);
        let has_name = matches!(&first, Value::Text(_));
        match plain_name.as_str() {
            // It throws where it did not succeed.
            "raiseforstatus"
            | "ensuresuccessstatuscode"
            | "throw"
            | "throwforstatus"
            | "value"
            | "error"
            | "throwiffailed"
                if !answer.is_success()
                    && (plain_name != "error" || call.node.source().language() == Language::Ruby) =>
            {
                let class =
                    if plain_name == "ensuresuccessstatuscode" { "HttpRequestException" } else { "requests.HTTPError" };
                return Err(Stop::Throw(failed(class, answer)));
            }
            "raiseforstatus" | "ensuresuccessstatuscode" | "throw" => return Ok(Value::Answer(answer.clone())),
            "getcontent" | "toarray" if call.node.source().language() == Language::Php && !answer.is_success() => {
                return Err(Stop::Throw(failed("HttpExceptionInterface", answer)));
            }
            "header" | "getheader" | "getheaderline" | "getheaderfield" | "getfirstheader" | "headers"
            | "getheaders" | "headerfield"
                if has_name =>
            {
                return Ok(self.header(answer, &first.words(), call.node));
            }
            "proceed" | "execute" | "join" | "await" | "block" | "getawaiter" | "getresult" | "configureawait"
            | "send" | "result" | "then" | "unwrap" | "response" | "retrieve" | "clone" | "catch" | "pipe" | "get"
            | "close" | "use" | "also" | "let" | "asflow" | "withcontext"
                if arguments.functions().is_empty() =>
            {
                return Ok(Value::Answer(answer.clone()));
            }
            // `.use { response -> … }`, `.let { … }`, `.execute { … }`: the answer is handed on.
            "use" | "let" | "run" | "execute" | "also" | "onstatus" | "then" | "tap" | "thenapply" | "map"
            | "flatmap" => {
                let Some(body) = arguments.functions().into_iter().last() else {
                    return Ok(Value::Answer(answer.clone()));
                };
                let value = self.invoke(&body, Arguments::of(vec![Value::Answer(answer.clone())]))?;
                return Ok(if matches!(plain_name.as_str(), "also" | "tap") {
                    Value::Answer(answer.clone())
                } else {
                    value
                });
            }
            _ => {}
        }
        self.run_all(arguments)?;
        Ok(self.of_answer(answer, name, call.callee))
    }

    fn asked_of_headers(
        &mut self,
        answer: &Rc<Answer<'a>>,
        name: &'a str,
        arguments: &Arguments<'a>,
        call: Call<'a>,
    ) -> Step<'a> {
        let texts = arguments.listed.iter().filter(|value| matches!(value, Value::Text(_)));
        let Some(header) = texts.map(Value::words).next().or_else(|| constant_header(call)) else {
            return Ok(match arguments.listed.is_empty() {
                true => Value::Headers(answer.clone()),
                false => Value::Unknown,
            });
        };
        let value = self.header(answer, &header, call.node);
        let is_missing = matches!(value, Value::Null);
        Ok(match plain(name).as_str() {
            "has" | "contains" | "containskey" | "include" | "haskey" => Value::Bool(!is_missing),
            // C#'s `TryGetValues(name, out var values)`.
            "trygetvalues" | "trygetvalue" => {
                if let Some(out) = call.argument(1) {
                    let given = if is_missing { Value::Null } else { Value::list(vec![value]) };
                    self.set_out(out, given);
                }
                Value::Bool(!is_missing)
            }
            "getvalues" => Value::list(vec![value]),
            "firstvalueaslong" => value.number().map_or(Value::Null, Value::Number),
            "get" | "fetch" | "dig" | "getordefault" if is_missing && arguments.listed.len() > 1 => arguments.get(1),
            _ => value,
        })
    }

    /// A variable that a call fills in.
    pub fn set_out(&mut self, out: crate::facts::code::Node<'a>, value: Value<'a>) {
        let name = out.walk().filter(|node| !node.leaf().is_empty()).last().map(|node| node.leaf());
        let name = name.or_else(|| out.text().rsplit([' ', '&']).next());
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            self.set_here(name, value);
        }
    }

    fn of_list(
        &mut self,
        list: &Rc<RefCell<Vec<Value<'a>>>>,
        name: &'a str,
        arguments: Arguments<'a>,
        call: Call<'a>,
    ) -> Step<'a> {
        let value = Value::List(list.clone());
        match plain(name).as_str() {
            "includes" | "contains" | "has" | "include" | "member" | "exists" | "some" | "any"
                if arguments.functions().is_empty() =>
            {
                Ok(holds(&value, &arguments.get(0)).map_or(
                    if matches!(arguments.get(0), Value::Part) { Value::Part } else { Value::Unknown },
                    Value::Bool,
                ))
            }
            "push" | "append" | "add" | "unshift" | "offer" | "enqueue" | "addlast" => {
                self.note(call.node);
                list.borrow_mut().extend(arguments.listed);
                let length = list.borrow().len();
                Ok(Value::Number(length as f64))
            }
            "shift" | "popleft" | "poll" | "dequeue" | "removefirst" => {
                let is_empty = list.borrow().is_empty();
                Ok(if is_empty { Value::Null } else { list.borrow_mut().remove(0) })
            }
            "pop" | "removelast" => Ok(list.borrow_mut().pop().unwrap_or(Value::Null)),
            "peek" | "first" | "firstordefault" => Ok(list.borrow().first().cloned().unwrap_or(Value::Null)),
            "isempty" | "empty" => Ok(Value::Bool(list.borrow().is_empty())),
            "size" | "length" | "count" => Ok(Value::Number(list.borrow().len() as f64)),
            "entries" | "withindex" | "eachwithindex" => {
                let pairs = list
                    .borrow()
                    .iter()
                    .enumerate()
                    .map(|(at, item)| Value::list(vec![Value::Number(at as f64), item.clone()]))
                    .collect();
                Ok(Value::list(pairs))
            }
            "filter" => {
                let Some(test) = arguments.functions().into_iter().next() else { return Ok(value) };
                let mut kept = Vec::new();
                for item in list.borrow().clone() {
                    if self.invoke(&test, Arguments::of(vec![item.clone()]))?.truth() != Some(false) {
                        kept.push(item);
                    }
                }
                Ok(Value::list(kept))
            }
            "at" | "get" | "elementat" | "getorelse" | "getornull" => self.index(value, &arguments.get(0), call.node),
            "some" | "any" => {
                let Some(test) = arguments.functions().into_iter().next() else { return Ok(Value::Unknown) };
                let mut found = Some(false);
                for item in list.borrow().clone() {
                    match self.invoke(&test, Arguments::of(vec![item]))?.truth() {
                        Some(true) => return Ok(Value::Bool(true)),
                        Some(false) => {}
                        None => found = None,
                    }
                }
                Ok(found.map_or(Value::Unknown, Value::Bool))
            }
            "map" | "foreach" | "each" | "flatmap" => {
                let items = list.borrow().iter().take(MANY).cloned().collect();
                self.each_of(items, &arguments)
            }
            _ => {
                self.run_all(&arguments)?;
                Ok(Value::Unknown)
            }
        }
    }

    fn of_number(&mut self, number: f64, name: &'a str, arguments: &Arguments<'a>, call: Call<'a>) -> Step<'a> {
        if matches!(name, "times" | "upto") {
            let end = arguments.get(0).number().unwrap_or(number);
            let many = if name == "times" { Value::Number(number) } else { Value::Range(number, end) };
            return self.each_of(self.items(&many), arguments);
        }
        Ok(match plain(name).as_str() {
            "coerceatmost" => {
                arguments.get(0).number().map_or(Value::Number(number), |most| Value::Number(number.min(most)))
            }
            "coerceatleast" => {
                arguments.get(0).number().map_or(Value::Number(number), |least| Value::Number(number.max(least)))
            }
            "pow" => arguments.get(0).number().map_or(Value::Unknown, |power| Value::Number(number.powf(power))),
            "shl" => arguments.get(0).number().map_or(Value::Unknown, |by| Value::Number(number * 2_f64.powf(by))),
            "tostring" | "tos" | "tofixed" => Value::text(number.to_string()),
            "incrementandget" => Value::Number(number + 1.0),
            _ => unit(name).map_or(Value::Number(number), |unit| {
                let _ = call;
                Value::Duration(number * unit)
            }),
        })
    }
}

/// An error about an answer.
pub(super) fn failed<'a>(class: &str, answer: &Rc<Answer<'a>>) -> Value<'a> {
    Value::Failure(Rc::new(Failure {
        class: class.to_owned(),
        message: format!("Request failed with status code {}", answer.status),
        answer: Some(answer.clone()),
        cause: None,
        fields: RefCell::default(),
    }))
}

/// `HttpHeaders.RETRY_AFTER`.
fn constant_header(call: Call<'_>) -> Option<String> {
    let leaf = call.arguments.iter().map(|argument| argument.leaf()).find(|leaf| !leaf.is_empty())?;
    (plain(leaf) == "retryafter").then(|| "retry-after".to_owned())
}

fn of_text<'a>(text: &Rc<str>, name: &str, arguments: &Arguments<'a>) -> Value<'a> {
    let first = arguments.get(0);
    let known = |test: fn(&str, &str) -> bool| match &first {
        Value::Text(_) | Value::Number(_) | Value::Status(_) => Value::Bool(test(text, &first.words())),
        _ => Value::Unknown,
    };
    match plain(name).as_str() {
        "includes" | "contains" | "include" => known(|text, inner| text.contains(inner)),
        "startswith" | "start" => known(|text, inner| text.starts_with(inner)),
        "endswith" => known(|text, inner| text.ends_with(inner)),
        "equals" | "equalsignorecase" => known(|text, inner| text.eq_ignore_ascii_case(inner)),
        "match" | "test" | "matches" => matched(&first, &Value::Text(text.clone())).map_or(Value::Unknown, Value::Bool),
        "isdigit" | "isnumeric" => Value::Bool(text.chars().all(|c| c.is_ascii_digit()) && !text.is_empty()),
        "isempty" | "empty" | "isblank" | "blank" => Value::Bool(text.is_empty()),
        "toi" | "tof" | "toint" | "tolong" | "tointornull" | "tolongornull" | "todouble" | "todoubleornull"
        | "intvalue" => text.trim().parse().map_or(Value::Null, Value::Number),
        _ => Value::Text(text.clone()),
    }
}

fn of_duration<'a>(seconds: f64, name: &str, arguments: &Arguments<'a>) -> Value<'a> {
    let by = || arguments.get(0).number();
    let other = || arguments.get(0).seconds(1.0);
    let made = match plain(name).as_str() {
        "multipliedby" | "multiply" | "times" => by().map(|by| seconds * by),
        "dividedby" | "div" => by().map(|by| seconds / by),
        "plus" | "add" | "plusmillis" => other().map(|other| seconds + other),
        "minus" | "subtract" => other().map(|other| seconds - other),
        "coerceatmost" => other().map(|most| seconds.min(most)),
        "coerceatleast" => other().map(|least| seconds.max(least)),
        "compareto" => return other().map_or(Value::Unknown, |other| Value::Number((seconds - other).signum())),
        _ => return in_unit(name, seconds).unwrap_or(Value::Duration(seconds)),
    };
    made.map_or(Value::Unknown, Value::Duration)
}

fn of_moment<'a>(at: f64, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let argument = arguments.get(0);
    Some(match (plain(name).as_str(), &argument) {
        ("sub" | "subtract" | "minus", Value::Moment(other)) => Value::Duration(at - other),
        ("plus" | "add" | "plusseconds" | "addseconds", _) => Value::Moment(at + argument.seconds(1.0)?),
        ("plusmillis" | "addmilliseconds", _) => Value::Moment(at + argument.seconds(1e-3)?),
        ("sub" | "minus" | "minusseconds", _) => Value::Moment(at - argument.seconds(1.0)?),
        ("before" | "isbefore", Value::Moment(other)) => Value::Bool(at < *other),
        ("after" | "isafter", Value::Moment(other)) => Value::Bool(at > *other),
        _ => return None,
    })
}

fn of_map<'a>(map: &Value<'a>, name: &str, arguments: &Arguments<'a>) -> Value<'a> {
    let Value::Map(entries) = map else { return Value::Unknown };
    let key = arguments.get(0);
    match plain(name).as_str() {
        "get" | "fetch" | "getordefault" | "dig" => {
            let found = entries.borrow().get(&key.words()).cloned();
            found.unwrap_or(arguments.get(1))
        }
        "has" | "containskey" | "haskey" | "key" | "include" => holds(map, &key).map_or(Value::Unknown, Value::Bool),
        "set" | "put" | "store" => {
            entries.borrow_mut().insert(key.words(), arguments.get(1));
            Value::Null
        }
        "delete" | "remove" => {
            entries.borrow_mut().remove(&key.words());
            Value::Null
        }
        _ => Value::Unknown,
    }
}
