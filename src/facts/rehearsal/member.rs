//! What the members of a value are: fields of objects, statuses and headers of answers, causes of errors.

use super::machine::{Machine, START};
use super::status;
use super::value::{Answer, Closure, Object, Step, Value, plain};
use crate::facts::code::{Class, Code, Declared, Function, Node};
use std::rc::Rc;

/// Units that Kotlin, Ruby and Go write after a number or as a constant.
const UNITS: [(&str, f64); 14] = [
    ("milliseconds", 1e-3),
    ("millisecond", 1e-3),
    ("microseconds", 1e-6),
    ("microsecond", 1e-6),
    ("nanosecond", 1e-9),
    ("nanoseconds", 1e-9),
    ("second", 1.0),
    ("seconds", 1.0),
    ("minute", 60.0),
    ("minutes", 60.0),
    ("hour", 3_600.0),
    ("hours", 3_600.0),
    ("day", 86_400.0),
    ("days", 86_400.0),
];

impl<'a> Machine<'a, '_> {
    pub fn member(&mut self, object: Value<'a>, property: &str, node: Node<'a>) -> Step<'a> {
        match &object {
            Value::Object(own) => return self.of_object(own, property, node),
            Value::Map(map) => {
                if let Some(value) = map.borrow().get(property) {
                    return Ok(value.clone());
                }
                return Ok(match property {
                    "length" | "size" => Value::Number(map.borrow().len() as f64),
                    _ => Value::Null,
                });
            }
            Value::Class(class) => return self.of_class(*class, property, node),
            Value::Null => return Ok(Value::Null),
            Value::Unknown => return Ok(self.constant(node)),
            _ => {}
        }
        Ok(match object {
            Value::Answer(answer) => self.of_answer(&answer, property, node),
            Value::Headers(answer) => self.header(&answer, property, node),
            Value::Failure(failure) => {
                if let Some(value) = failure.fields.borrow().get(property) {
                    return Ok(value.clone());
                }
                match (plain(property).as_str(), &failure.answer) {
                    ("message" | "getmessage" | "errormessage" | "msg", _) => Value::text(failure.message.clone()),
                    ("name" | "constructor", _) => Value::text(failure.class.clone()),
                    ("cause" | "getcause" | "innerexception" | "original" | "originalerror", _) => {
                        failure.cause.clone().unwrap_or(Value::Null)
                    }
                    ("response" | "getresponse" | "res", Some(answer)) => Value::Answer(answer.clone()),
                    ("response", None) => Value::Null,
                    ("config" | "request" | "options", Some(answer)) => answer.request.clone(),
                    ("isaxioserror", Some(_)) => Value::Bool(true),
                    ("isaxioserror", None) => Value::Bool(false),
                    // axios says in `code` what kind of error it is, and that is no status.
                    ("code", Some(_)) if failure.class == "AxiosError" => Value::text("ERR_BAD_RESPONSE"),
                    (_, Some(answer)) => self.of_answer(answer, property, node),
                    _ => Value::Null,
                }
            }
            Value::Status(number) => {
                if status::is_status(property) {
                    return Ok(Value::Status(number));
                }
                self.seen_test(node);
                status::asked(property, number).map_or(Value::Status(number), Value::Bool)
            }
            Value::Number(number) => {
                unit(property).map_or(Value::Number(number), |unit| Value::Duration(number * unit))
            }
            Value::Duration(_) if property == "HasValue" => Value::Bool(true),
            Value::Duration(seconds) => in_unit(property, seconds).unwrap_or(Value::Duration(seconds)),
            Value::Moment(at) => moment(property, at),
            Value::List(list) => {
                let list = list.borrow();
                match plain(property).as_str() {
                    "length" | "size" | "count" => Value::Number(list.len() as f64),
                    "first" => list.first().cloned().unwrap_or(Value::Null),
                    "last" => list.last().cloned().unwrap_or(Value::Null),
                    "lastindex" => Value::Number(list.len() as f64 - 1.0),
                    _ => Value::Unknown,
                }
            }
            Value::Text(text) if property == "length" => Value::Number(text.len() as f64),
            // .NET's `RetryAfter?.Delta`.
            Value::Text(text) if property == "Delta" => text.parse().map_or(Value::Null, Value::Duration),
            Value::Text(_) if property == "Date" => Value::Null,
            Value::Text(_) if property == "HasValue" => Value::Bool(true),
            Value::Text(_) if plain(property) == "value" => object,
            Value::Library(path) => self.of_path(&path, property),
            Value::Part => Value::Part,
            _ => Value::Unknown,
        })
    }

    fn seen_test(&mut self, node: Node<'a>) {
        if !self.seen.tests.contains(&node) {
            self.seen.tests.push(node);
        }
    }

    /// A member of a library: units of time, else a longer path.
    fn of_path(&mut self, path: &str, property: &str) -> Value<'a> {
        if path.ends_with("time")
            && let Some(unit) = unit(property)
        {
            return Value::Duration(unit);
        }
        match (path.rsplit('.').next().unwrap_or(path), property) {
            ("DateTime" | "DateTimeOffset", "UtcNow" | "Now") => Value::Moment(START + self.now),
            ("Environment", "TickCount64" | "TickCount") => Value::Number((START + self.now) * 1_000.0),
            ("TimeSpan", "Zero") => Value::Duration(0.0),
            ("Duration", "ZERO") => Value::Duration(0.0),
            ("math", "inf") | ("Number", "POSITIVE_INFINITY") => Value::Number(f64::INFINITY),
            ("Integer" | "Int" | "int" | "Long", "MAX_VALUE" | "MaxValue") => Value::Number(2e9),
            _ => Value::library(&format!("{path}.{property}")),
        }
    }

    fn of_object(&mut self, object: &Rc<Object<'a>>, property: &str, node: Node<'a>) -> Step<'a> {
        if let Some(value) = object.fields.borrow().get(property) {
            return Ok(value.clone());
        }
        let value = self.of_members(object, property, node)?;
        if let Value::Unknown | Value::Library(_) = value {
            return Ok(if matches!(value, Value::Unknown) { self.constant(node) } else { value });
        }
        Ok(value)
    }

    fn of_members(&mut self, object: &Rc<Object<'a>>, property: &str, node: Node<'a>) -> Step<'a> {
        let mut class = Some(object.class);
        for _ in 0..6 {
            let Some(here) = class else { break };
            let this = Value::Object(object.clone());
            if let Some(method) = method_of(self.code, here, property) {
                let closure = Rc::new(Closure { function: method, frame: None, this: Some(this), is_bare: false });
                if method.marks.is_getter || is_property(method) {
                    return self.invoke(&closure, super::value::Arguments::default());
                }
                return Ok(Value::Function(closure));
            }
            let field = here.fields().find(|field| field.target.leaf() == property);
            if let Some(value) = field.and_then(|field| field.value) {
                // A field may be made of those before it.
                object.fields.borrow_mut().insert(property.to_owned(), Value::Unknown);
                let known = self.within(this, value)?;
                object.fields.borrow_mut().insert(property.to_owned(), known.clone());
                return Ok(known);
            }
            // A variable that is only declared holds nothing yet, unless something else writes it.
            if field.is_some_and(|field| field.annotation.is_some_and(|kind| is_number(kind.text()))) {
                let known = self.constant(node);
                return Ok(if matches!(known, Value::Unknown) { Value::Number(0.0) } else { known });
            }
            class = self.code.base_classes(here).into_iter().next();
        }
        Ok(Value::Unknown)
    }

    /// Runs an expression as the object would.
    fn within(&mut self, this: Value<'a>, node: Node<'a>) -> Step<'a> {
        let frame = super::value::Frame { this: Some(this), ..Default::default() };
        let outer = std::mem::replace(&mut self.frame, Rc::new(frame));
        let value = self.eval(node);
        self.frame = outer;
        value
    }

    fn of_class(&mut self, class: Class<'a>, property: &str, node: Node<'a>) -> Step<'a> {
        let this = Some(Value::Class(class));
        if let Some(function) = method_of(self.code, class, property) {
            return Ok(Value::Function(Rc::new(Closure { function, frame: None, this, is_bare: false })));
        }
        if property == "new" {
            return Ok(Value::Class(class));
        }
        let field = class.fields().find(|field| field.target.leaf() == property);
        match field.and_then(|field| field.value) {
            Some(value) => {
                if let Some(known) = self.globals.get(&value.key()) {
                    return Ok(known.clone());
                }
                let known = self.alone(value)?;
                self.globals.insert(value.key(), known.clone());
                Ok(known)
            }
            None => Ok(self.constant(node)),
        }
    }

    pub fn of_answer(&mut self, answer: &Rc<Answer<'a>>, property: &str, node: Node<'a>) -> Value<'a> {
        let name = plain(property);
        match name.as_str() {
            "headers" | "header" | "getheaders" | "responseheaders" | "rawheaders" => {
                return Value::Headers(answer.clone());
            }
            "retryafter" => return self.header(answer, "retry-after", node),
            "config" | "request" => return answer.request.clone(),
            "response" | "res" | "getresponse" => return Value::Answer(answer.clone()),
            "data" | "body" | "text" | "content" | "parsedbody" | "json" | "statustext" | "reasonphrase"
            | "message" => {
                return Value::Part;
            }
            _ => {}
        }
        if let Some(known) = status::asked(property, answer.status) {
            self.seen_test(node);
            return Value::Bool(known);
        }
        if status::is_status(property) { Value::Status(answer.status) } else { Value::Part }
    }

    /// What a header says; nothing where it was not sent.
    pub fn header(&mut self, answer: &Rc<Answer<'a>>, name: &str, node: Node<'a>) -> Value<'a> {
        let plain = plain(name);
        if !plain.contains("retry") && !plain.contains("rate") {
            return Value::Unknown;
        }
        if !self.seen.headers.iter().any(|(_, known)| *known == node) {
            self.seen.headers.push((plain.clone(), node));
        }
        let name = if plain == "retryafter" { "retry-after" } else { name };
        answer.header(name).map_or(Value::Null, Value::text)
    }

    pub fn index(&mut self, object: Value<'a>, index: &Value<'a>, node: Node<'a>) -> Step<'a> {
        match &object {
            Value::List(list) => {
                let list = list.borrow();
                return Ok(match index.number() {
                    Some(at) if at < 0.0 => {
                        list.len().checked_sub(-at as usize).and_then(|at| list.get(at)).cloned().unwrap_or(Value::Null)
                    }
                    Some(at) => list.get(at as usize).cloned().unwrap_or(Value::Null),
                    None => Value::Unknown,
                });
            }
            // Ruby's and PHP's answers are indexed by the names of headers.
            Value::Answer(answer) => {
                let name = index.words();
                let is_header = plain(&name).contains("retry") || plain(&name).contains("rate");
                return Ok(match is_header {
                    true => self.header(answer, &name, node),
                    false => self.of_answer(answer, &name, node),
                });
            }
            Value::Null | Value::Unknown | Value::Part => return Ok(object),
            // `[0]` of a header that libraries give as a list.
            Value::Text(_) if index.number().is_some() => return Ok(object),
            _ => {}
        }
        let name = index.words();
        self.member(object, &name, node)
    }
}

fn is_property(method: Function<'_>) -> bool {
    method.decorators.iter().any(|mark| matches!(mark.leaf(), "property" | "cached_property"))
}

fn is_number(kind: &str) -> bool {
    matches!(kind.trim(), "int" | "int64" | "uint" | "float64" | "number" | "long" | "double" | "float")
}

pub(super) fn unit(name: &str) -> Option<f64> {
    let plain = plain(name);
    UNITS.iter().find(|(own, _)| *own == plain).map(|(_, unit)| *unit)
}

/// A length of time as a number of something.
pub(super) fn in_unit<'a>(name: &str, seconds: f64) -> Option<Value<'a>> {
    Some(match plain(name).as_str() {
        "tomillis" | "totalmilliseconds" | "inwholemilliseconds" | "milliseconds" | "inmilliseconds" => {
            Value::Number(seconds * 1_000.0)
        }
        "tonanos" | "inwholenanoseconds" | "nanoseconds" => Value::Number(seconds * 1e9),
        "getseconds" | "toseconds" | "totalseconds" | "inwholeseconds" | "seconds" | "inseconds" => {
            Value::Number(seconds)
        }
        _ => return None,
    })
}

fn moment<'a>(property: &str, at: f64) -> Value<'a> {
    match plain(property).as_str() {
        "gettime" | "toepochmilli" | "tounixtimemilliseconds" | "valueof" => Value::Number(at * 1_000.0),
        "epochsecond" | "getepochsecond" | "tounixtimeseconds" | "unix" | "timestamp" | "toi" | "tof" => {
            Value::Number(at)
        }
        _ => Value::Moment(at),
    }
}

/// A method of a class, wherever the language lets it be written.
pub(super) fn method_of<'a>(code: &'a Code, class: Class<'a>, name: &str) -> Option<Function<'a>> {
    class.method(name).or_else(|| {
        code.class_members(class, name).into_iter().find_map(|found| match found {
            Declared::Function(function) => Some(function),
            _ => None,
        })
    })
}
