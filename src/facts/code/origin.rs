//! Where a value comes from: through names, imports, fields, constructors, parameters and what functions answer.

use super::index::{is_plain_type, type_path};
use super::model::{Call, Class, Function, Kind, Language, Node, Operator, Parameter};
use super::scope::Declared;
use super::{Code, Definition};

/// How many steps a value is followed.
pub(super) const MAX_DEPTH: usize = 24;
/// As many steps in all for one question: what branches more than this is not followed further.
const MAX_STEPS: usize = 2_000;
/// As many origins of one value are told apart.
const MAX_ORIGINS: usize = 24;

/// A value of the repository itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// A literal, a template, an object or a list.
    Literal(Node<'a>),
    Function(Function<'a>),
    Class(Class<'a>),
    /// An object of a class of the repository, with the call that made it where that is known.
    Instance(Class<'a>, Option<Call<'a>>),
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin<'a> {
    Own(Value<'a>),
    /// Something of a library or of the language itself, as a path with `()` for each call on the way:
    /// `axios.create()`, `requests.Session().get`, `fetch`, `process.env.MX_TOKEN`. With the call that made it.
    Library(String, Option<Call<'a>>),
    /// A file or package as a whole.
    Module(Vec<u32>),
    /// It cannot be followed further than here.
    Unknown(Node<'a>),
}

impl Code {
    /// Where a value comes from: every possibility that can be followed.
    ///
    /// ```ignore
    /// // const http = axios.create({ timeout: 1000 }); … this.http = http; … await this.http.get(url)
    /// for origin in code.origins(call.callee) {
    ///     if let Origin::Library(path, maker) = origin { assert_eq!(path, "axios.create().get"); }
    /// }
    /// ```
    pub fn origins<'a>(&'a self, node: Node<'a>) -> Vec<Origin<'a>> {
        Tracer { code: self, steps: 0, with_callers: true, open: Vec::new(), types: Vec::new() }.trace(node)
    }

    /// Like [`origins`](Self::origins), but a parameter is what its type says and nothing else.
    pub(super) fn origins_without_callers<'a>(&'a self, node: Node<'a>) -> Vec<Origin<'a>> {
        Tracer { code: self, steps: 0, with_callers: false, open: Vec::new(), types: Vec::new() }.trace(node)
    }
}

pub(super) struct Tracer<'a> {
    pub(super) code: &'a Code,
    steps: usize,
    with_callers: bool,
    /// What is being followed, so that a circle ends.
    pub(super) open: Vec<Node<'a>>,
    /// The places of the type names among it.
    types: Vec<Node<'a>>,
}

pub(super) type Origins<'a> = Vec<Origin<'a>>;

impl<'a> Tracer<'a> {
    pub(super) fn trace(&mut self, node: Node<'a>) -> Origins<'a> {
        self.steps += 1;
        if self.open.len() >= MAX_DEPTH || self.steps > MAX_STEPS || self.open.contains(&node) {
            return vec![Origin::Unknown(node)];
        }
        self.open.push(node);
        let mut origins = self.trace_here(node);
        self.open.pop();
        origins.dedup();
        origins.truncate(MAX_ORIGINS);
        origins
    }

    pub(super) fn all(&mut self, nodes: impl IntoIterator<Item = Node<'a>>) -> Origins<'a> {
        nodes.into_iter().flat_map(|node| self.trace(node)).collect()
    }

    fn trace_here(&mut self, node: Node<'a>) -> Origins<'a> {
        match node.kind() {
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::Str(_)
            | Kind::Regex(_)
            | Kind::Template(_)
            | Kind::Object(_)
            | Kind::List(_) => vec![Origin::Own(Value::Literal(node))],
            Kind::Name(name) => self.called_or_named(node, name),
            Kind::Type(text) => self.of_type_name(node, text),
            Kind::This => match self.code.class_of(node) {
                Some(class) => vec![Origin::Own(Value::Instance(class, None))],
                None => vec![Origin::Unknown(node)],
            },
            Kind::Super => {
                let class = self.code.class_of(node);
                class.map(|class| self.bases(class)).unwrap_or_default()
            }
            Kind::Member { object, property } => {
                let objects = self.trace(object);
                let members = self.member_of(objects, property, node);
                self.constant_by_name(node, property, members)
            }
            Kind::Index { object, index } => match index.as_str() {
                Some(property) => {
                    let objects = self.trace(object);
                    self.member_of(objects, property, node)
                }
                None => vec![Origin::Unknown(node)],
            },
            Kind::Call(call) => self.call(call),
            Kind::Await(value) | Kind::Spread(value) | Kind::Named { value, .. } => self.trace(value),
            Kind::Assign { value, .. } => self.trace(value),
            Kind::Let(declared) => declared.value.map(|value| self.trace(value)).unwrap_or_default(),
            Kind::Conditional { then, otherwise, .. } => self.all([then, otherwise]),
            Kind::Binary { operator: Operator::Or | Operator::Coalesce, left, right } => self.all([left, right]),
            Kind::Binary { operator: Operator::And, right, .. } => self.trace(right),
            Kind::Unary { operator: Operator::Reference | Operator::Dereference, operand } => self.trace(operand),
            Kind::Function(function) => vec![Origin::Own(Value::Function(function))],
            Kind::Class(class) => vec![Origin::Own(Value::Class(class))],
            Kind::Decorated { item, .. } => self.trace(item),
            _ => vec![Origin::Unknown(node)],
        }
    }

    pub(super) fn name(&mut self, node: Node<'a>, name: &'a str) -> Origins<'a> {
        let definitions = self.code.define(node, name);
        if definitions.is_empty() {
            return vec![Origin::Library(name.to_owned(), None)];
        }
        definitions.into_iter().flat_map(|definition| self.definition(definition)).collect()
    }

    pub(super) fn definition(&mut self, definition: Definition<'a>) -> Origins<'a> {
        match definition {
            Definition::Library(path) => vec![Origin::Library(path, None)],
            Definition::Module(files) => vec![Origin::Module(files)],
            Definition::Value(node) => self.trace(node),
            Definition::Declared(declared) => self.declared(declared),
        }
    }

    pub(super) fn declared(&mut self, declared: Declared<'a>) -> Origins<'a> {
        match declared {
            Declared::Function(function) if is_property(function) => self.answer(function),
            Declared::Function(function) => vec![Origin::Own(Value::Function(function))],
            Declared::Class(class) => vec![Origin::Own(Value::Class(class))],
            Declared::Variable(leaf) => self.variable(leaf),
            Declared::Parameter(parameter, leaf) => self.parameter(parameter, leaf),
            Declared::Item(leaf, iterable) => {
                let lists = self.trace(iterable);
                let items = lists.into_iter().flat_map(|origin| match origin {
                    Origin::Own(Value::Literal(list)) => match list.kind() {
                        Kind::List(items) => items.iter().collect(),
                        _ => Vec::new(),
                    },
                    _ => Vec::new(),
                });
                let items: Vec<Node<'a>> = items.collect();
                if items.is_empty() { vec![Origin::Unknown(leaf)] } else { self.all(items) }
            }
            Declared::Caught(leaf) => vec![Origin::Unknown(leaf)],
            Declared::Imported(..) => Vec::new(),
        }
    }

    /// A variable: its first value, what is assigned to it later, or what its type says.
    fn variable(&mut self, leaf: Node<'a>) -> Origins<'a> {
        let mut origins = Vec::new();
        let owner =
            leaf.ancestors().find(|node| matches!(node.kind(), Kind::Let(_) | Kind::Assign { operator: None, .. }));
        let (target, value, annotation) = match owner.map(Node::kind) {
            Some(Kind::Let(declared)) => (declared.target, declared.value, declared.annotation),
            Some(Kind::Assign { target, value, .. }) => (target, Some(value), None),
            _ => return vec![Origin::Unknown(leaf)],
        };
        // C#'s `HttpClient http = new() { … }`: the type stands on the other side.
        let unnamed = value.and_then(Node::as_call).filter(|made| made.is_new && made.callee.as_name() == Some(""));
        if let (Some(made), Some(annotation)) = (unnamed, annotation) {
            let typed = self.of_type(annotation).into_iter().map(|origin| match origin {
                Origin::Library(path, _) => Origin::Library(path, Some(made)),
                Origin::Own(Value::Instance(class, _)) => Origin::Own(Value::Instance(class, Some(made))),
                other => other,
            });
            origins.extend(typed);
        } else if let Some(value) = value {
            origins.extend(self.through_pattern(target, leaf, value));
        }
        let writes = self.code.scopes(leaf.source()).writes(leaf);
        origins.extend(self.all(writes));
        // Kotlin and C# fields are written by their bare name or through `this`.
        if let Some(class) =
            owner.and_then(|owner| owner.parent()).map(Node::undecorated).and_then(Node::as_class).or_else(|| {
                owner
                    .and_then(|owner| owner.ancestors().find(|node| !matches!(node.kind(), Kind::Decorated { .. })))
                    .and_then(Node::as_class)
            })
        {
            let writes = self.code.field_writes(class, leaf.leaf());
            origins.extend(self.all(writes));
        }
        let says_nothing = origins.iter().all(|origin| match origin {
            Origin::Unknown(_) => true,
            Origin::Own(Value::Literal(node)) => matches!(node.kind(), Kind::Null),
            _ => false,
        });
        if let (true, Some(annotation)) = (says_nothing, annotation) {
            let typed = self.of_type(annotation);
            if !typed.is_empty() {
                return typed;
            }
        }
        if origins.is_empty() { vec![Origin::Unknown(leaf)] } else { origins }
    }

    /// The part of a value that a name in a pattern takes.
    fn through_pattern(&mut self, target: Node<'a>, leaf: Node<'a>, value: Node<'a>) -> Origins<'a> {
        if target == leaf {
            return self.trace(value);
        }
        match target.kind() {
            Kind::Object(pairs) => {
                let taken = pairs.iter().find(|pair| pair.contains(leaf));
                let Some(Kind::Pair { key, value: inner }) = taken.map(Node::kind) else {
                    return vec![Origin::Unknown(leaf)];
                };
                let objects = self.trace(value);
                let mut members = self.member_of(objects, key.leaf(), leaf);
                if let Kind::Assign { value: default, .. } = inner.kind() {
                    members.extend(self.trace(default));
                }
                members
            }
            // Go's `client, err := New()` takes the first of what the function answers with.
            Kind::List(items) => {
                let position = items.iter().position(|item| item.contains(leaf)).unwrap_or(0);
                let lists = self.trace(value);
                lists.into_iter().flat_map(|origin| self.item_of(origin, position, leaf)).collect()
            }
            _ => vec![Origin::Unknown(leaf)],
        }
    }

    fn item_of(&mut self, origin: Origin<'a>, position: usize, leaf: Node<'a>) -> Origins<'a> {
        match origin {
            Origin::Own(Value::Literal(list)) => match list.kind() {
                Kind::List(items) => items.get(position).map(|item| self.trace(item)).unwrap_or_default(),
                _ => vec![Origin::Unknown(leaf)],
            },
            Origin::Library(..) | Origin::Own(Value::Instance(..)) if position == 0 => vec![origin],
            _ => vec![Origin::Unknown(leaf)],
        }
    }

    /// A parameter: what callers hand over, its default, or what its type says.
    fn parameter(&mut self, parameter: Parameter<'a>, leaf: Node<'a>) -> Origins<'a> {
        let mut origins = Vec::new();
        let function = parameter.node.parent().and_then(Node::as_function);
        if let (true, Some(function)) = (self.with_callers, function) {
            let handed = self.code.arguments_for(function, parameter);
            for argument in handed {
                origins.extend(self.through_pattern(parameter.target, leaf, argument));
            }
        }
        if let Some(default) = parameter.default {
            origins.extend(self.through_pattern(parameter.target, leaf, default));
        }
        if let Kind::Assign { value, .. } = leaf.parent().map_or(Kind::Null, Node::kind) {
            origins.extend(self.trace(value));
        }
        // What its type says is surer than what a library may hand over: `app.MapGet("/x", (Client client) => …)`.
        if parameter.annotation.is_none() {
            origins.extend(function.and_then(|function| self.handed_by_library(function, parameter)));
        }
        let is_known = origins.iter().any(|origin| !matches!(origin, Origin::Unknown(_)));
        if let (false, Some(annotation), true) = (is_known, parameter.annotation, parameter.target == leaf) {
            let typed = self.of_type(annotation);
            if !typed.is_empty() {
                return typed;
            }
        }
        if origins.is_empty() { vec![Origin::Unknown(leaf)] } else { origins }
    }

    /// The first parameter of a block that a library is called with: `Net::HTTP.start(…) do |http|`.
    fn handed_by_library(&mut self, function: Function<'a>, parameter: Parameter<'a>) -> Option<Origin<'a>> {
        let call = function.node.parent()?.as_call().filter(|call| call.callee != function.node)?;
        if !function.marks.is_lambda || function.parameter(0)? != parameter {
            return None;
        }
        self.trace(call.callee).into_iter().find_map(|origin| match origin {
            Origin::Library(path, _) => Some(Origin::Library(format!("{path}()"), Some(call))),
            _ => None,
        })
    }

    /// An object of a type.
    fn of_type(&mut self, annotation: Node<'a>) -> Origins<'a> {
        let text = annotation.text();
        let named = self.of_type_name(annotation, text);
        let objects = named.into_iter().filter_map(|origin| match origin {
            Origin::Own(Value::Class(class)) => Some(Origin::Own(Value::Instance(class, None))),
            Origin::Library(path, _) if !is_plain_type(&path) => Some(Origin::Library(format!("{path}()"), None)),
            _ => None,
        });
        objects.collect()
    }

    /// The class that a type names.
    pub(super) fn of_type_name(&mut self, at: Node<'a>, text: &'a str) -> Origins<'a> {
        let mut parts = type_path(text).split(['.', '\\', ':']).filter(|part| !part.is_empty());
        let Some(first) = parts.next() else { return Vec::new() };
        // C#'s `Contact Contact { get; }`: the name leads to the field that it is the type of.
        if self.types.contains(&at) {
            return Vec::new();
        }
        self.types.push(at);
        // In Go what stands before a dot is a package, also where a field has its name: `http http.Client`.
        let is_package = at.source().language() == Language::Go && text.contains('.');
        let outside = at.source().root().parts().into_iter().next().filter(|_| is_package);
        let start = self.name(outside.unwrap_or(at), first);
        self.types.pop();
        parts.fold(start, |origins, part| self.member_of(origins, part, at))
    }

    fn call(&mut self, call: Call<'a>) -> Origins<'a> {
        let callees = self.trace(call.callee);
        let mut origins = Vec::new();
        for callee in callees {
            match callee {
                Origin::Library(path, maker) if is_same_object(&path) => {
                    origins.push(Origin::Library(path, maker));
                }
                Origin::Library(path, _) => origins.push(Origin::Library(format!("{path}()"), Some(call))),
                Origin::Own(Value::Class(class)) => origins.push(Origin::Own(Value::Instance(class, Some(call)))),
                Origin::Own(Value::Function(function)) => {
                    if function.marks.is_constructor {
                        let class = self.code.class_of(function.node);
                        origins.extend(class.map(|class| Origin::Own(Value::Instance(class, Some(call)))));
                        continue;
                    }
                    origins.extend(self.answer(function));
                }
                Origin::Own(Value::Instance(class, _)) => origins.extend(self.called_object(class)),
                _ => {}
            }
        }
        if origins.is_empty() { vec![Origin::Unknown(call.node)] } else { origins }
    }

    /// What a function answers with, or what its type says where it says nothing else.
    pub(super) fn answer(&mut self, function: Function<'a>) -> Origins<'a> {
        let returned = function.returned();
        let typed = function.returns.filter(|_| returned.is_empty());
        let mut origins = self.all(returned);
        origins.extend(typed.map(|returns| self.of_type(returns)).unwrap_or_default());
        origins
    }

    /// An object that is called as a function: Python's `__call__`, Kotlin's `invoke`.
    fn called_object(&mut self, class: Class<'a>) -> Origins<'a> {
        let methods: Vec<Function<'a>> =
            ["__call__", "invoke", "__invoke"].iter().filter_map(|name| class.method(name)).collect();
        methods.into_iter().flat_map(|method| self.all(method.returned())).collect()
    }
}

/// A function that is read like a field: a getter, Python's `@property`.
fn is_property(function: Function<'_>) -> bool {
    let mut marks = function.decorators.iter().map(Node::leaf);
    function.marks.is_getter || marks.any(|name| matches!(name, "property" | "cached_property"))
}

/// Calls that answer with what they are called on.
fn is_same_object(path: &str) -> bool {
    ["__aenter__", "__enter__", "bind"].iter().any(|name| path.ends_with(&format!(").{name}")))
}
