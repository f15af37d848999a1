//! What a name means to the machine: a variable that runs, a function, a class, or what can be told without running.

use super::machine::{Machine, Plain};
use super::status;
use super::value::{Arguments, Closure, Frame, Object, Step, Stop, Value};
use crate::facts::code::{Call, Class, Declared, Definition, Kind, Language, Node, Origin, Unit, Value as Traced};
use std::cell::RefCell;
use std::rc::Rc;

impl<'a> Machine<'a, '_> {
    pub fn set_here(&mut self, name: &str, value: Value<'a>) {
        self.frame.variables.borrow_mut().insert(name.to_owned(), value);
    }

    fn frame_of(&self, name: &str) -> Option<Rc<Frame<'a>>> {
        let mut frame = Some(self.frame.clone());
        while let Some(here) = frame {
            if here.variables.borrow().contains_key(name) {
                return Some(here);
            }
            frame = here.parent.clone();
        }
        None
    }

    /// Names of a pattern get their parts of a value.
    pub fn bind(&mut self, target: Node<'a>, value: Value<'a>) -> Result<(), Stop<'a>> {
        match target.kind() {
            Kind::Name(name) => self.set_here(name, value),
            Kind::Assign { target, value: default, .. } => {
                let value = if matches!(value, Value::Null) { self.eval(default)? } else { value };
                self.bind(target, value)?;
            }
            Kind::Object(pairs) => {
                for pair in pairs.iter() {
                    let Kind::Pair { key, value: inner } = pair.kind() else { continue };
                    let part = match &value {
                        Value::Unknown | Value::Null => match inner.kind() {
                            Kind::Assign { .. } => Value::Null,
                            _ => self.constant(inner),
                        },
                        known => self.member(known.clone(), key.leaf(), inner)?,
                    };
                    self.bind(inner, part)?;
                }
            }
            Kind::List(items) => {
                for (position, item) in items.iter().enumerate() {
                    let part = match &value {
                        Value::List(list) => list.borrow().get(position).cloned().unwrap_or(Value::Null),
                        Value::Answer(_) if position == 0 => value.clone(),
                        Value::Part => Value::Part,
                        _ => Value::Unknown,
                    };
                    self.bind(item, part)?;
                }
            }
            Kind::Member { .. } | Kind::Index { .. } => self.assign(target, value)?,
            Kind::Spread(inner) => self.bind(inner, Value::Unknown)?,
            _ => {}
        }
        Ok(())
    }

    pub fn assign(&mut self, target: Node<'a>, value: Value<'a>) -> Result<(), Stop<'a>> {
        match target.kind() {
            Kind::Name(name) => {
                if let Some(frame) = self.frame_of(name) {
                    frame.variables.borrow_mut().insert(name.to_owned(), value);
                    return Ok(());
                }
                if let Some(Value::Object(object)) = self.frame.this.clone()
                    && self.is_field(&object, name)
                {
                    object.fields.borrow_mut().insert(name.to_owned(), value);
                    return Ok(());
                }
                if let Some(Definition::Declared(Declared::Variable(leaf))) =
                    self.definitions(target, name).first().cloned()
                    && leaf.enclosing_function().is_none()
                {
                    self.globals.insert(leaf.key(), value);
                    return Ok(());
                }
                self.set_here(name, value);
            }
            Kind::Member { object, property } => {
                let object = self.eval(object)?;
                self.set_member(&object, property, value);
            }
            Kind::Index { object, index } => {
                let (object, index) = (self.eval(object)?, self.eval(index)?);
                match (&object, index.number()) {
                    (Value::List(list), Some(at)) if at >= 0.0 => {
                        if let Some(slot) = list.borrow_mut().get_mut(at as usize) {
                            *slot = value;
                        }
                    }
                    _ => self.set_member(&object, &index.words(), value),
                }
            }
            Kind::Object(_) | Kind::List(_) => self.bind(target, value)?,
            _ => {}
        }
        Ok(())
    }

    pub fn set_member(&mut self, object: &Value<'a>, property: &str, value: Value<'a>) {
        let property = property.to_owned();
        match object {
            Value::Object(object) => drop(object.fields.borrow_mut().insert(property, value)),
            Value::Map(map) => drop(map.borrow_mut().insert(property, value)),
            Value::Failure(failure) => drop(failure.fields.borrow_mut().insert(property, value)),
            _ => {}
        }
    }

    fn is_field(&self, object: &Object<'a>, name: &str) -> bool {
        object.fields.borrow().contains_key(name)
            || object.class.fields().any(|field| field.target.leaf() == name)
            || object.class.constructor().is_some_and(|made| {
                made.parameters.iter().filter_map(Node::as_parameter).any(|p| p.is_field && p.name() == name)
            })
    }

    /// What a name is worth here.
    pub fn name(&mut self, node: Node<'a>, name: &'a str) -> Step<'a> {
        if name == "raise" && node.source().language() == Language::Ruby {
            return Err(Stop::Throw(self.caught.last().cloned().unwrap_or(Value::Unknown)));
        }
        if let Some(frame) = self.frame_of(name) {
            let value = frame.variables.borrow().get(name).cloned().unwrap_or(Value::Unknown);
            return Ok(match value {
                Value::Unknown => self.constant(node),
                known => known,
            });
        }
        if let Some(Value::Object(object)) = self.frame.this.clone()
            && self.is_field(&object, name)
        {
            return self.member(Value::Object(object), name, node);
        }
        match self.definitions(node, name).first().cloned() {
            Some(Definition::Declared(Declared::Function(function))) => {
                let this = self.frame.this.clone().filter(|_| self.code.class_of(function.node).is_some());
                Ok(Value::Function(Rc::new(Closure { function, frame: None, this, is_bare: false })))
            }
            Some(Definition::Declared(Declared::Class(class))) => Ok(Value::Class(class)),
            Some(Definition::Declared(Declared::Variable(leaf))) => self.global(leaf, node),
            Some(Definition::Value(value)) => self.alone(value),
            Some(Definition::Library(path)) => Ok(self.of_library(&path, node)),
            Some(Definition::Module(_)) => Ok(Value::Unknown),
            Some(Definition::Declared(_)) => Ok(self.constant(node)),
            None => Ok(self.of_library(name, node)),
        }
    }

    fn of_library(&self, path: &str, _: Node<'a>) -> Value<'a> {
        let leaf = path.rsplit('.').next().unwrap_or(path);
        let is_constant = leaf.starts_with(|c: char| c.is_ascii_uppercase());
        match status::named(leaf).filter(|_| is_constant && leaf != "Ok") {
            Some(status) => Value::Number(status),
            None => Value::library(path),
        }
    }

    /// A variable outside of all functions, or one whose function has not run.
    fn global(&mut self, leaf: Node<'a>, at: Node<'a>) -> Step<'a> {
        if let Some(value) = self.globals.get(&leaf.key()) {
            return Ok(value.clone());
        }
        self.globals.insert(leaf.key(), Value::Unknown);
        let declared = leaf.ancestors().take(3).find(|node| matches!(node.kind(), Kind::Let(_) | Kind::Assign { .. }));
        let value = match declared.map(Node::kind) {
            Some(Kind::Let(declared)) if declared.target == leaf => declared.value,
            Some(Kind::Assign { target, value, .. }) if target == leaf => Some(value),
            _ => None,
        };
        let is_outside = leaf.enclosing_function().is_none();
        let mut known = match value.filter(|_| is_outside) {
            Some(value) => self.alone(value)?,
            None => Value::Unknown,
        };
        if matches!(known, Value::Unknown) {
            known = self.constant(at);
        }
        self.globals.insert(leaf.key(), known.clone());
        Ok(known)
    }

    /// Runs an expression that stands outside of what runs.
    pub fn alone(&mut self, node: Node<'a>) -> Step<'a> {
        let outer = std::mem::take(&mut self.frame);
        let attempts = self.seen.attempts.len();
        let value = self.eval(node);
        self.frame = outer;
        // Setting things up sends nothing.
        self.seen.attempts.truncate(attempts);
        match value {
            Err(Stop::End) => Err(Stop::End),
            Err(_) => Ok(Value::Unknown),
            known => known,
        }
    }

    /// What can be told of an expression without running it.
    pub fn constant(&mut self, node: Node<'a>) -> Value<'a> {
        if let Some(value) = self.constants.get(&node.key()) {
            return value.clone();
        }
        self.constants.insert(node.key(), Value::Unknown);
        let value = self.traced(node);
        // Objects change: they are told apart from what never does.
        self.constants.insert(node.key(), value.clone());
        value
    }

    /// What the facts about the code say of an expression.
    fn plain(&self, node: Node<'a>) -> Plain<'a> {
        if let Some(plain) = self.known.plain.borrow().get(&node.key()) {
            return plain.clone();
        }
        let code = self.code;
        let text = || code.text(node).filter(|text| !text.contains("{}"));
        let plain = if let Some(number) = code.number(node) {
            Plain::Number(number)
        } else if let Some(seconds) = code.seconds(node, Unit::Seconds) {
            Plain::Duration(seconds)
        } else if let Some(text) = text() {
            Plain::Text(text.into())
        } else {
            Plain::From(Rc::new(code.origins(node)))
        };
        self.known.plain.borrow_mut().insert(node.key(), plain.clone());
        plain
    }

    /// What a name stands for.
    pub fn definitions(&self, node: Node<'a>, name: &str) -> Rc<Vec<Definition<'a>>> {
        if let Some(known) = self.known.definitions.borrow().get(&node.key()) {
            return known.clone();
        }
        let found = Rc::new(self.code.define(node, name));
        self.known.definitions.borrow_mut().insert(node.key(), found.clone());
        found
    }

    fn traced(&mut self, node: Node<'a>) -> Value<'a> {
        let origins = match self.plain(node) {
            Plain::Number(number) => return Value::Number(number),
            Plain::Duration(seconds) => return Value::Duration(seconds),
            Plain::Text(text) => return Value::Text(text),
            Plain::From(origins) => origins,
        };
        for origin in origins.iter().cloned() {
            let value = match origin {
                Origin::Own(Traced::Function(function)) => {
                    let class = self.code.class_of(function.node).filter(|_| !function.marks.is_lambda);
                    let this = class.map(|class| self.instance(class, None));
                    Value::Function(Rc::new(Closure { function, frame: None, this, is_bare: false }))
                }
                Origin::Own(Traced::Class(class)) => Value::Class(class),
                Origin::Own(Traced::Instance(class, made)) => self.instance(class, made),
                Origin::Own(Traced::Literal(literal)) if literal != node => {
                    self.alone(literal).unwrap_or(Value::Unknown)
                }
                Origin::Library(path, _) => self.of_library(&path, node),
                _ => Value::Unknown,
            };
            if !matches!(value, Value::Unknown) {
                return value;
            }
        }
        Value::Unknown
    }

    /// The one object of a class, or that which a call made.
    pub fn instance(&mut self, class: Class<'a>, made: Option<Call<'a>>) -> Value<'a> {
        let key = made.map_or(class.node, |made| made.node).key();
        if let Some(object) = self.objects.get(&key) {
            return object.clone();
        }
        let object = Value::Object(Rc::new(Object { class, fields: RefCell::default() }));
        self.objects.insert(key, object.clone());
        let mut arguments = Arguments::default();
        for argument in made.iter().flat_map(|made| made.arguments.iter()) {
            match argument.kind() {
                Kind::Named { name, value } => {
                    let value = self.alone(value).unwrap_or(Value::Unknown);
                    arguments.named.insert(name.to_owned(), value);
                }
                _ => arguments.listed.push(self.alone(argument).unwrap_or(Value::Unknown)),
            }
        }
        // What an object is made of is not what is rehearsed.
        let _ = self.construct(&object, arguments);
        object
    }

    /// Runs the constructor of an object, its own or the nearest base's.
    pub fn construct(&mut self, object: &Value<'a>, arguments: Arguments<'a>) -> Result<(), Stop<'a>> {
        let Value::Object(inner) = object else { return Ok(()) };
        let mut class = Some(inner.class);
        for _ in 0..6 {
            let Some(here) = class else { break };
            if let Some(constructor) = here.constructor() {
                let this = Some(object.clone());
                let closure = Rc::new(Closure { function: constructor, frame: None, this, is_bare: false });
                if constructor.body.is_none() {
                    return self.fields_only(&closure, arguments);
                }
                return self.invoke(&closure, arguments).map(|_| ());
            }
            class = self.code.base_classes(here).into_iter().next();
        }
        self.literal_fields(inner, arguments);
        Ok(())
    }

    /// Errors of the language take a message, Go's literals name their fields.
    fn literal_fields(&mut self, object: &Rc<Object<'a>>, arguments: Arguments<'a>) {
        let mut fields = object.fields.borrow_mut();
        for (position, value) in arguments.listed.into_iter().enumerate() {
            match value {
                Value::Map(map) => fields.extend(map.borrow().clone()),
                value if position == 0 => drop(fields.insert("message".to_owned(), value)),
                _ => {}
            }
        }
        fields.extend(arguments.named);
    }

    fn fields_only(&mut self, closure: &Rc<Closure<'a>>, arguments: Arguments<'a>) -> Result<(), Stop<'a>> {
        let Some(Value::Object(object)) = &closure.this else { return Ok(()) };
        let mut listed = arguments.listed.into_iter();
        let mut named = arguments.named;
        for parameter in closure.function.parameters.iter().filter_map(Node::as_parameter) {
            let given = named.remove(parameter.name()).or_else(|| listed.next());
            let value = match (given, parameter.default) {
                (Some(value), _) => value,
                (None, Some(default)) => self.alone(default)?,
                (None, None) => self.constant(parameter.target),
            };
            object.fields.borrow_mut().insert(parameter.name().to_owned(), value);
        }
        Ok(())
    }
}
