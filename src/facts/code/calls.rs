//! Who calls whom.

use super::Code;
use super::index::Key;
use super::model::{Call, Class, ClassKind, Function, Kind, Language, Node, Parameter, ParameterKind, Source};
use super::module::directory;
use super::origin::{Origin, Value};
use super::scope::Declared;
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};

/// For each function, the calls of it and the places where it is handed over as a value.
#[derive(Debug, Default)]
pub(super) struct Graph {
    callers: HashMap<Key, Vec<Key>>,
    callees: HashMap<Key, Vec<Key>>,
    handed_over: HashMap<Key, Vec<Key>>,
    /// Tables of functions by the name of the variable that holds them: `const handlers = { sync: runSync }`.
    tables: HashMap<Box<str>, Vec<Key>>,
}

impl Code {
    /// The calls of a function, of a method through any object of its class, and of a class's constructor.
    pub fn callers_of<'a>(&'a self, function: Function<'a>) -> Vec<Call<'a>> {
        let keys = self.graph().callers.get(&key(function.node));
        keys.into_iter().flatten().filter_map(|key| self.at(*key)).filter_map(Node::as_call).collect()
    }

    /// The functions of the repository that a call may run.
    pub fn callees<'a>(&'a self, call: Call<'a>) -> Vec<Function<'a>> {
        let keys = self.graph().callees.get(&key(call.node));
        keys.into_iter().flatten().filter_map(|key| self.at(*key)).filter_map(Node::as_function).collect()
    }

    /// Where a function is used without being called: handed over, mounted, put into a table.
    pub fn uses_of<'a>(&'a self, function: Function<'a>) -> Vec<Node<'a>> {
        let keys = self.graph().handed_over.get(&key(function.node));
        keys.into_iter().flatten().filter_map(|key| self.at(*key)).collect()
    }

    /// Every function that a piece of code may run: those that it holds, those that it calls, and so on.
    pub fn reached_from<'a>(&'a self, start: Node<'a>) -> Vec<Function<'a>> {
        let mut seen = HashSet::new();
        let mut reached = Vec::new();
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            for inner in node.walk() {
                if let Kind::Name(_) | Kind::Member { .. } = inner.kind() {
                    open.extend(self.table(inner).into_iter().filter(|table| seen.insert(key(*table))));
                }
                let found = match inner.kind() {
                    Kind::Call(call) => self.callees(call),
                    Kind::Name(_) | Kind::Member { .. } => self.named_function(inner).into_iter().collect(),
                    _ => continue,
                };
                for function in found.into_iter().filter(|function| seen.insert(key(function.node))) {
                    reached.push(function);
                    open.push(function.node);
                }
            }
        }
        reached
    }

    fn named_function<'a>(&'a self, node: Node<'a>) -> Option<Function<'a>> {
        let handed = self.graph().callees.get(&key(node))?;
        handed.first().and_then(|key| self.at(*key)).and_then(Node::as_function)
    }

    /// The table of functions that a name stands for, of its own file or of one that it is imported from.
    fn table<'a>(&'a self, node: Node<'a>) -> Option<Node<'a>> {
        let keys = self.graph().tables.get(node.leaf())?;
        let mut tables = keys.iter().filter_map(|key| self.at(*key));
        let (first, rest) = (tables.next()?, tables.next());
        let is_own = |table: &Node<'a>| std::ptr::eq(table.source(), node.source());
        if rest.is_none() || is_own(&first) {
            return Some(first);
        }
        keys.iter().filter_map(|key| self.at(*key)).find(is_own)
    }

    /// What callers hand over for a parameter.
    pub fn arguments_for<'a>(&'a self, function: Function<'a>, parameter: Parameter<'a>) -> Vec<Node<'a>> {
        let Some(position) = function.parameters.iter().position(|node| node == parameter.node) else {
            return Vec::new();
        };
        let calls = self.callers_of(function);
        calls.into_iter().filter_map(|call| argument(call, function, parameter, position)).collect()
    }

    pub(super) fn graph(&self) -> &Graph {
        self.graph.get_or_init(|| self.build_graph())
    }

    fn build_graph(&self) -> Graph {
        let edges: Vec<(Key, Key, bool)> =
            self.sources.par_iter().flat_map_iter(|source| source.nodes().flat_map(|node| self.edges(node))).collect();
        let mut graph = Graph::default();
        for (from, function, is_call) in edges {
            graph.callees.entry(from).or_default().push(function);
            let to = if is_call { &mut graph.callers } else { &mut graph.handed_over };
            to.entry(function).or_default().push(from);
        }
        for declared in self.sources.iter().flat_map(Source::nodes).filter_map(Node::as_let) {
            let table = declared.value.filter(|value| is_table(*value) && declared.node.enclosing_function().is_none());
            let holds = |node: Node<'_>| node.as_function().is_some() || graph.callees.contains_key(&key(node));
            if let Some(table) = table.filter(|table| table.parts().into_iter().any(|entry| entry.walk().any(holds))) {
                graph.tables.entry(declared.target.leaf().into()).or_default().push(key(table));
            }
        }
        graph
    }

    /// The functions that a node calls or names, with the node.
    fn edges<'a>(&'a self, node: Node<'a>) -> Vec<(Key, Key, bool)> {
        let (expression, is_call) = match node.kind() {
            Kind::Call(call) => (call.callee, true),
            Kind::Name(_) | Kind::Member { .. } if is_handed_over(node) => (node, false),
            _ => return Vec::new(),
        };
        let leaf = super::index::simple_name(expression);
        let is_this = matches!(expression.kind(), Kind::Super | Kind::Function(_) | Kind::Call(_));
        let is_known = self.index.functions(leaf).next().is_some() || self.index.classes(leaf).next().is_some();
        // An alias of a function is a variable: its name is not the function's.
        let may_be_alias = matches!(expression.kind(), Kind::Name(_)) || leaf == "new";
        if !is_this && !is_known && !may_be_alias {
            return Vec::new();
        }
        let mut targets = self.functions_of(self.origins_without_callers(expression));
        if targets.is_empty() && is_known {
            targets.extend(self.only_method_named(expression, leaf));
        }
        targets.into_iter().map(|target| (key(node), key(target.node), is_call)).collect()
    }

    fn functions_of<'a>(&'a self, origins: Vec<Origin<'a>>) -> Vec<Function<'a>> {
        let mut functions = Vec::new();
        for origin in origins {
            match origin {
                Origin::Own(Value::Function(function)) => {
                    functions.push(function);
                    functions.extend(self.overrides(function));
                }
                Origin::Own(Value::Class(class)) => functions.extend(self.constructor_of(class, 0)),
                // `super(…)`.
                Origin::Own(Value::Instance(class, _)) => functions.extend(class.constructor()),
                _ => {}
            }
        }
        functions
    }

    /// The implementations of a method that is only declared.
    fn overrides<'a>(&'a self, method: Function<'a>) -> Vec<Function<'a>> {
        let Some(class) =
            method.node.enclosing_class().filter(|_| method.body.is_none() || !method.decorators.is_empty())
        else {
            return Vec::new();
        };
        let derived = self.index.derived(class.name).filter_map(|key| self.at(key)).filter_map(Node::as_class);
        derived.filter_map(|class| class.method(method.name)).collect()
    }

    /// The constructor of a class or of the nearest base that has one.
    pub(super) fn constructor_of<'a>(&'a self, class: Class<'a>, hops: usize) -> Option<Function<'a>> {
        class.constructor().or_else(|| {
            let bases = if hops < 8 { self.base_classes(class) } else { Vec::new() };
            bases.into_iter().find_map(|base| self.constructor_of(base, hops + 1))
        })
    }

    /// `client.createWorkOrder(…)` on who knows what, where the repository has one method of that name.
    fn only_method_named<'a>(&'a self, expression: Node<'a>, name: &str) -> Option<Function<'a>> {
        let Kind::Member { .. } = expression.kind() else { return None };
        // Short names are everyone's: `get`, `send`, `push`.
        if name.len() < 7 && !name.contains('_') {
            return None;
        }
        let language = expression.source().language();
        let mut methods = self.index.functions(name).filter_map(|key| self.at(key)).filter(|node| {
            let own = node.source().language();
            own == language || (own.is_script() && language.is_script())
        });
        let only = methods.next()?.as_function()?;
        (methods.next().is_none() && self.class_of(only.node).is_some()).then_some(only)
    }

    /// The class that a node belongs to; for a Go method the type of its receiver.
    pub fn class_of<'a>(&'a self, node: Node<'a>) -> Option<Class<'a>> {
        if let Some(class) = node.enclosing_class() {
            return Some(class);
        }
        let mut around = std::iter::once(node).chain(node.ancestors()).filter_map(Node::as_function);
        let receiver = around.find_map(|function| function.receiver)?;
        let name = super::index::simple_type(receiver.text());
        let place = directory(node.source().path());
        let classes = self.index.classes(name).filter_map(|key| self.at(key)).filter_map(Node::as_class);
        let language = node.source().language();
        let mut classes =
            classes.filter(|class| language != Language::Go || directory(class.node.source().path()) == place);
        classes.next()
    }

    /// The classes of the repository that a class is derived from directly.
    pub fn base_classes<'a>(&'a self, class: Class<'a>) -> Vec<Class<'a>> {
        let mut found = Vec::new();
        for base in class.bases.iter() {
            let name = super::index::simple_name(base);
            if name == class.name {
                continue;
            }
            let classes = self.index.classes(name).filter_map(|key| self.at(key)).filter_map(Node::as_class);
            let near = classes.min_by_key(|other| !std::ptr::eq(other.node.source(), class.node.source()));
            found.extend(near);
        }
        found
    }

    /// The members of a class under a name, its own before those of its bases; implementations where it only
    /// declares them.
    pub(in crate::facts) fn class_members<'a>(&'a self, class: Class<'a>, name: &str) -> Vec<Declared<'a>> {
        let mut found = self.scopes(class.node.source()).in_class(class, name);
        if class.node.source().language() == Language::Go {
            let methods = self.index.functions(name).filter_map(|key| self.at(key)).filter_map(Node::as_function);
            let own = methods.filter(|method| {
                method.receiver.is_some() && self.class_of(method.node).is_some_and(|own| own.node == class.node)
            });
            found.extend(own.map(Declared::Function));
        }
        let is_declared_only = class.kind == ClassKind::Interface
            || found.iter().any(|member| matches!(member, Declared::Function(function) if function.body.is_none()));
        if is_declared_only {
            let derived = self.index.derived(class.name).filter_map(|key| self.at(key)).filter_map(Node::as_class);
            let real: Vec<Declared<'a>> =
                derived.flat_map(|class| self.scopes(class.node.source()).in_class(class, name)).collect();
            if !real.is_empty() {
                return real;
            }
        }
        if found.is_empty() {
            let constructor = class.constructor();
            let parameters =
                constructor.into_iter().flat_map(|function| function.parameters.iter().filter_map(Node::as_parameter));
            let field = parameters.filter(|parameter| parameter.is_field && parameter.name() == name);
            found.extend(field.map(|parameter| Declared::Parameter(parameter, parameter.target)));
        }
        found
    }

    /// What is assigned to a field anywhere in its class: `this.x = …`.
    pub fn field_writes<'a>(&'a self, class: Class<'a>, name: &str) -> Vec<Node<'a>> {
        let is_go = class.node.source().language() == Language::Go;
        let source = class.node.source();
        let mut values = Vec::new();
        for assign in self.scopes(source).member_writes(source) {
            let Kind::Assign { target, value, .. } = assign.kind() else { continue };
            let Kind::Member { object, property } = target.kind() else { continue };
            if property == name
                && matches!(object.kind(), Kind::This)
                && self.class_of(assign).is_some_and(|own| own.node == class.node)
            {
                values.push(value);
            }
        }
        if is_go {
            values.extend(self.go_literals(class, name));
        }
        values
    }

    /// Go makes objects by literals: `&Client{http: …}`.
    fn go_literals<'a>(&'a self, class: Class<'a>, name: &str) -> Vec<Node<'a>> {
        let place = directory(class.node.source().path());
        let beside =
            self.sources.iter().filter(|source| source.language() == Language::Go && directory(source.path()) == place);
        let calls = beside.flat_map(|source| source.nodes()).filter_map(Node::as_call).filter(|call| call.is_new);
        let made = calls.filter(|call| super::index::simple_name(call.callee) == class.name);
        made.filter_map(|call| call.option(name)).collect()
    }
}

fn key(node: Node<'_>) -> Key {
    (node.source().index, node.id())
}

/// An object, list or map of values, as functions are looked up in.
fn is_table(node: Node<'_>) -> bool {
    match node.kind() {
        Kind::Object(_) | Kind::List(_) => true,
        Kind::Call(call) => {
            matches!(call.method(), "Map" | "mapOf" | "of" | "Dictionary")
                || (call.is_new && call.arguments.last().is_some_and(|last| matches!(last.kind(), Kind::Object(_))))
        }
        _ => false,
    }
}

/// A name that is a value: an argument, an element, the value of a key or of a variable.
fn is_handed_over(node: Node<'_>) -> bool {
    let Some(parent) = node.parent() else { return false };
    match parent.kind() {
        Kind::Call(call) => call.callee != node,
        Kind::Named { .. } | Kind::List(_) | Kind::Return(_) => true,
        Kind::Pair { value, .. } => value == node,
        Kind::Let(declared) => declared.value == Some(node),
        Kind::Assign { value, .. } => value == node,
        // `@idempotent` wraps what it stands before.
        Kind::Function(function) => function.decorators.iter().any(|mark| mark == node),
        _ => false,
    }
}

/// The argument of a call for a parameter, by name, in an object, or by position.
fn argument<'a>(call: Call<'a>, function: Function<'a>, parameter: Parameter<'a>, position: usize) -> Option<Node<'a>> {
    let by_name = call.arguments.iter().find_map(|argument| match argument.kind() {
        Kind::Named { name, value } if name == parameter.name() && !name.is_empty() => Some(value),
        _ => None,
    });
    if by_name.is_some() || parameter.kind != ParameterKind::Plain {
        return by_name;
    }
    // Python names `self` as a parameter; its calls do not hand it over.
    let first = function.parameter(0).map(|first| first.target.kind());
    let has_self = matches!(first, Some(Kind::This))
        || function.parameter(0).is_some_and(|first| matches!(first.name(), "self" | "cls"));
    let position = if has_self { position.checked_sub(1)? } else { position };
    call.argument(position)
}
