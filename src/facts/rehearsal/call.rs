//! Calls: of functions of the repository, of what libraries bring, and of who knows what.

use super::machine::Machine;
use super::member::method_of;
use super::value::{Answer, Arguments, Closure, Object, Step, Stop, Value};
use crate::facts::code::{Call, Class, Function, Kind, Language, Node};
use std::cell::RefCell;
use std::rc::Rc;

/// As many calls after a failed attempt are noted.
const MAX_NOTED: usize = 200;

impl<'a> Machine<'a, '_> {
    pub fn call(&mut self, call: Call<'a>) -> Step<'a> {
        if self.sites.contains_key(&call.node.key()) {
            return self.sent_from(call);
        }
        if let Some(chained) = self.chained(call) {
            return chained;
        }
        if let Some(answer) = self.of_base(call) {
            return answer;
        }
        if let Kind::Member { object, property } = call.callee.kind() {
            let receiver = self.eval(object)?;
            return self.on(receiver, property, call);
        }
        let callee = self.eval(call.callee)?;
        let arguments = self.arguments(call)?;
        self.called(callee, arguments, call)
    }

    pub fn arguments(&mut self, call: Call<'a>) -> Result<Arguments<'a>, Stop<'a>> {
        let mut arguments = Arguments::default();
        for argument in call.arguments.iter() {
            match argument.kind() {
                Kind::Named { name, value } => {
                    let value = self.eval(value)?;
                    arguments.named.insert(name.to_owned(), value);
                }
                Kind::Spread(value) => match self.eval(value)? {
                    Value::List(list) => arguments.listed.extend(list.borrow().iter().cloned()),
                    Value::Map(map) => arguments.named.extend(map.borrow().clone()),
                    _ => {}
                },
                _ => arguments.listed.push(self.eval(argument)?),
            }
        }
        Ok(arguments)
    }

    /// A method of a value.
    fn on(&mut self, receiver: Value<'a>, property: &'a str, call: Call<'a>) -> Step<'a> {
        match &receiver {
            Value::Object(_) | Value::Class(_) | Value::Map(_) => {
                let is_map = matches!(receiver, Value::Map(_));
                let member = self.member(receiver.clone(), property, call.callee)?;
                let arguments = self.arguments(call)?;
                match member {
                    Value::Null | Value::Unknown if is_map => self.method(receiver, property, arguments, call),
                    member => self.called(member, arguments, call),
                }
            }
            Value::Library(path) => {
                let path = format!("{path}.{property}");
                let arguments = self.arguments(call)?;
                self.called(Value::library(&path), arguments, call)
            }
            Value::Unknown => {
                let known = self.constant(call.callee);
                let arguments = self.arguments(call)?;
                self.called(known, arguments, call)
            }
            Value::Function(closure)
                if matches!(
                    property,
                    "call" | "apply" | "bind" | "invoke" | "Invoke" | "run" | "get" | "execute" | "accept"
                ) =>
            {
                let closure = closure.clone();
                let mut arguments = self.arguments(call)?;
                if property == "bind" {
                    return Ok(receiver);
                }
                if call.node.source().language().is_script() && !arguments.listed.is_empty() {
                    arguments.listed.remove(0);
                    if let (true, Some(Value::List(list))) = (property == "apply", arguments.listed.first().cloned()) {
                        arguments.listed = list.borrow().clone();
                    }
                }
                self.invoke(&closure, arguments)
            }
            _ => {
                let arguments = self.arguments(call)?;
                self.method(receiver, property, arguments, call)
            }
        }
    }

    /// Calls what a callee is worth.
    pub fn called(&mut self, callee: Value<'a>, arguments: Arguments<'a>, call: Call<'a>) -> Step<'a> {
        match callee {
            Value::Function(closure) => {
                self.note(call.node);
                let is_generator = closure.function.marks.is_generator;
                let value = self.invoke(&closure, arguments)?;
                Ok(if is_generator { Value::Unknown } else { value })
            }
            Value::Class(class) => self.made(class, arguments),
            Value::Resolve(cell) => {
                *cell.borrow_mut() = Some(arguments.get(0));
                Ok(Value::Null)
            }
            Value::Reject => Err(Stop::Throw(arguments.get(0))),
            Value::Proceed => self.proceed(arguments, call),
            Value::Object(object) => {
                let name = ["__call__", "invoke", "__invoke", "call"]
                    .into_iter()
                    .find_map(|name| method_of(self.code, object.class, name));
                match name {
                    Some(function) => self.invoke(&bound(function, Value::Object(object)), arguments),
                    None => Ok(Value::Unknown),
                }
            }
            Value::Library(path) => {
                self.note(call.node);
                self.of_a_library(&path, arguments, call)
            }
            _ => {
                self.note(call.node);
                self.unknown_call(arguments, call)
            }
        }
    }

    fn made(&mut self, class: Class<'a>, arguments: Arguments<'a>) -> Step<'a> {
        let object = Value::Object(Rc::new(Object { class, fields: RefCell::default() }));
        self.construct(&object, arguments)?;
        Ok(object)
    }

    /// What was called after an attempt had failed.
    pub fn note(&mut self, node: Node<'a>) {
        if !self.seen.attempts.is_empty() && self.seen.after.len() < MAX_NOTED && !self.seen.after.contains(&node) {
            self.seen.after.push(node);
        }
    }

    /// By the graph of calls where the value of the callee is not known; else what is handed over runs once.
    pub fn unknown_call(&mut self, arguments: Arguments<'a>, call: Call<'a>) -> Step<'a> {
        if let Some(function) = self.code.callees(call).into_iter().next() {
            let class = self.code.class_of(function.node).filter(|_| !function.marks.is_static);
            if function.marks.is_constructor {
                return class.map_or(Ok(Value::Unknown), |class| self.made(class, arguments));
            }
            let closure = match class {
                Some(class) => {
                    let this = self.instance(class, None);
                    bound(function, this)
                }
                None => Rc::new(Closure { function, frame: None, this: None, is_bare: false }),
            };
            return self.called(Value::Function(closure), arguments, call);
        }
        if let Some(waited) = self.waited_for(call, &arguments) {
            return Ok(waited);
        }
        // What an interceptor calls on whatever it was given goes on with the request.
        let goes_on =
            ["RoundTrip", "call", "handle_request", "handle_async_request", "SendAsync", "execute", "exchange"];
        if self.below > 0 && goes_on.contains(&call.method()) && call.receiver().is_some() {
            return self.proceed_with(call);
        }
        let functions = arguments.functions();
        let mut last = Value::Unknown;
        for closure in functions.iter().take(6) {
            last = self.invoke(closure, Arguments::default())?;
        }
        Ok(if functions.len() == 1 { last } else { Value::Unknown })
    }

    /// `promise.then(f, g)`, `promise.catch(g)`, `promise.finally(f)`.
    fn chained(&mut self, call: Call<'a>) -> Option<Step<'a>> {
        let method = call.method();
        let is_chain =
            matches!(method, "then" | "catch" | "finally" | "handle" | "exceptionally" | "thenCompose" | "thenApply");
        let receiver = call.receiver().filter(|_| is_chain && !call.arguments.is_empty())?;
        if !matches!(receiver.kind(), Kind::Call(_) | Kind::Name(_) | Kind::Member { .. } | Kind::Await(_)) {
            return None;
        }
        let result = self.eval(receiver);
        Some(self.goes_on(call, method, result))
    }

    fn goes_on(&mut self, call: Call<'a>, method: &str, result: Step<'a>) -> Step<'a> {
        if let Err(Stop::End) = result {
            return result;
        }
        let arguments = self.arguments(call)?;
        let handlers = arguments.functions();
        let at = |position: usize| match arguments.get(position) {
            Value::Function(closure) => Some(closure),
            _ => None,
        };
        match (method, result) {
            ("finally", result) => {
                if let Some(handler) = handlers.first() {
                    self.invoke(handler, Arguments::default())?;
                }
                result
            }
            ("catch" | "exceptionally", Err(Stop::Throw(error))) => match at(0) {
                Some(handler) => {
                    if !self.seen.attempts.is_empty() {
                        self.seen.handlers.push(handler.function.node);
                    }
                    self.invoke(&handler, Arguments::of(vec![error]))
                }
                None => Ok(Value::Unknown),
            },
            ("then", Err(Stop::Throw(error))) => match at(1) {
                Some(handler) => self.invoke(&handler, Arguments::of(vec![error])),
                None => Err(Stop::Throw(error)),
            },
            ("handle", result) => match (at(0), result) {
                (Some(handler), Ok(value)) => self.invoke(&handler, Arguments::of(vec![value, Value::Null])),
                (Some(handler), Err(Stop::Throw(error))) => {
                    self.invoke(&handler, Arguments::of(vec![Value::Null, error]))
                }
                (_, other) => other,
            },
            ("then" | "thenCompose" | "thenApply", Ok(value)) => match arguments.get(0) {
                Value::Null => Ok(value),
                handler => self.called(handler, Arguments::of(vec![value]), call),
            },
            (_, result) => result,
        }
    }

    /// `super(…)`, `super.m(…)`, `super().m(…)`, `base.m(…)`.
    fn of_base(&mut self, call: Call<'a>) -> Option<Step<'a>> {
        let is_super = |node: Node<'a>| match node.kind() {
            Kind::Super => true,
            Kind::Name(name) => name == "base" && node.source().language() == Language::CSharp,
            Kind::Call(inner) => matches!(inner.callee.kind(), Kind::Super) || inner.callee.as_name() == Some("super"),
            _ => false,
        };
        let (name, is_constructor) = match call.callee.kind() {
            Kind::Member { object, property } if is_super(object) => {
                (property, matches!(property, "__init__" | "initialize" | "__construct"))
            }
            Kind::Super => {
                let around = call.node.enclosing_function().map(|function| function.name).unwrap_or_default();
                (around, call.node.enclosing_function().is_some_and(|function| function.marks.is_constructor))
            }
            _ => return None,
        };
        Some(self.of_base_named(call, name, is_constructor))
    }

    fn of_base_named(&mut self, call: Call<'a>, name: &'a str, is_constructor: bool) -> Step<'a> {
        let arguments = self.arguments(call)?;
        let this = self.frame.this.clone();
        let class = self.code.class_of(call.node);
        let base = class.and_then(|class| self.code.base_classes(class).into_iter().next());
        if let (Some(base), Some(this)) = (base, this.clone()) {
            let method = if is_constructor { base.constructor() } else { method_of(self.code, base, name) };
            if let Some(method) = method {
                return self.invoke(&bound(method, this), arguments);
            }
        }
        if is_constructor {
            if let Some(this) = this {
                let message = arguments.get(0);
                self.set_member(&this, "message", message);
            }
            return Ok(Value::Null);
        }
        self.proceed(arguments, call)
    }

    /// A call of another client succeeds; one of the client that is rehearsed sends.
    fn sent_from(&mut self, call: Call<'a>) -> Step<'a> {
        let Some(site) = self.sites.get(&call.node.key()).copied() else { return Ok(Value::Unknown) };
        let is_rehearsed = self.site.call(self.code) == Some(call) || self.is_inside(site);
        let arguments = self.arguments(call)?;
        if is_rehearsed {
            return self.send(call, site, arguments);
        }
        let answer = Value::Answer(Rc::new(Answer { status: 200.0, headers: Vec::new(), request: Value::Unknown }));
        Ok(in_language(call, answer))
    }
}

/// A method with the object that it belongs to.
pub(super) fn bound<'a>(function: Function<'a>, this: Value<'a>) -> Rc<Closure<'a>> {
    Rc::new(Closure { function, frame: None, this: Some(this), is_bare: false })
}

/// Go answers with an error beside.
pub(super) fn in_language<'a>(call: Call<'a>, answer: Value<'a>) -> Value<'a> {
    match call.node.source().language() {
        Language::Go => Value::list(vec![answer, Value::Null]),
        _ => answer,
    }
}
