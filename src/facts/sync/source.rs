//! Where the position of a sync comes from: followed from the filter of a request back to what kept it.

use super::keepers::{Touch, touch};
use crate::facts::code::{Call, Code, Declared, Definition, Kind, Language, Node, Operator};
use std::collections::HashSet;

/// As many steps back are followed.
const MAX_STEPS: usize = 600;
const MAX_DEPTH: usize = 28;
/// What tells the time of day.
const CLOCKS: [&str; 14] = [
    "Date.now",
    "Date",
    "datetime.now",
    "datetime.utcnow",
    "time.time",
    "time.Now",
    "Instant.now",
    "OffsetDateTime.now",
    "ZonedDateTime.now",
    "LocalDateTime.now",
    "Time.now",
    "Time.current",
    "Clock.System.now",
    "Carbon.now",
];
/// Properties that do.
const CLOCK_PROPERTIES: [&str; 4] = ["UtcNow", "Now", "current", "Today"];

/// Something that a position comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Root<'a> {
    /// It is read from what keeps it.
    Kept(Touch<'a>),
    /// A variable or field that lives on between two runs: its declaration.
    Held(Node<'a>),
    /// The time of day, as it is at the run.
    Clock(Node<'a>),
}

/// Follows one value.
pub(super) struct Follow<'a> {
    code: &'a Code,
    steps: usize,
    seen: HashSet<Node<'a>>,
    pub(super) roots: Vec<Root<'a>>,
}

impl<'a> Follow<'a> {
    pub(super) fn of(code: &'a Code, value: Node<'a>) -> Vec<Root<'a>> {
        let mut follow = Self { code, steps: 0, seen: HashSet::new(), roots: Vec::new() };
        follow.value(value, 0);
        follow.roots
    }

    fn value(&mut self, node: Node<'a>, depth: usize) {
        self.steps += 1;
        if depth > MAX_DEPTH || self.steps > MAX_STEPS || !self.seen.insert(node) {
            return;
        }
        let next = depth + 1;
        match node.kind() {
            Kind::Name(name) => self.name(node, name, next),
            Kind::Member { object, property } => self.member(node, object, property, next),
            Kind::Call(call) => self.call(call, next),
            Kind::Binary { operator: Operator::Or | Operator::Coalesce, left, right } => {
                self.value(left, next);
                // What stands in where nothing was kept yet.
                if self.roots.is_empty() {
                    self.value(right, next);
                }
            }
            Kind::Conditional { test, then, otherwise } => {
                self.value(then, next);
                self.value(otherwise, next);
                let _ = test;
            }
            Kind::Assign { value, .. } | Kind::Named { value, .. } | Kind::Pair { value, .. } => {
                self.value(value, next)
            }
            Kind::Let(declared) => declared.value.into_iter().for_each(|value| self.value(value, next)),
            Kind::Str(_) | Kind::Number(_) | Kind::Function(_) | Kind::Class(_) | Kind::Type(_) => {}
            Kind::Try { body, .. } => self.value(body, next),
            _ => node.parts().into_iter().for_each(|part| self.value(part, next)),
        }
    }

    fn name(&mut self, node: Node<'a>, name: &'a str, depth: usize) {
        if self.is_of_file(node, name) {
            self.roots.push(Root::Held(node));
        }
        for definition in self.code.define(node, name) {
            match definition {
                Definition::Declared(Declared::Variable(leaf)) => self.variable(node, leaf, depth),
                Definition::Declared(Declared::Parameter(parameter, _)) => {
                    let function = parameter.node.enclosing_function();
                    let handed =
                        function.map(|function| self.code.arguments_for(function, parameter)).unwrap_or_default();
                    handed.into_iter().for_each(|argument| self.value(argument, depth));
                    function.into_iter().for_each(|function| self.lambda(function.node, depth));
                }
                Definition::Declared(Declared::Item(_, iterable)) => self.value(iterable, depth),
                Definition::Declared(Declared::Function(function)) if node.source().language() == Language::Ruby => {
                    function.returned().into_iter().for_each(|value| self.value(value, depth));
                }
                Definition::Value(value) => self.value(value, depth),
                _ => {}
            }
        }
    }

    /// `global LAST` in Python makes a name that is assigned here one of the file.
    fn is_of_file(&self, node: Node<'a>, name: &str) -> bool {
        if node.source().language() != Language::Python {
            return false;
        }
        let declares = |function: Node<'a>| {
            let mut lines = function.text().lines().map(str::trim);
            lines.any(|line| {
                ["global ", "nonlocal "].iter().any(|word| {
                    line.strip_prefix(word).is_some_and(|rest| rest.split(',').any(|own| own.trim() == name))
                })
            })
        };
        let functions = node.source().nodes().filter(|node| node.as_function().is_some());
        let is_top = node.enclosing_function().is_none()
            || node
                .source()
                .root()
                .parts()
                .iter()
                .any(|part| part.as_let().is_some_and(|declared| declared.target.leaf() == name));
        is_top && functions.into_iter().any(declares)
    }

    /// What a block is handed by the call that it is an argument of: `redis.get(key).then((since) => …)`.
    fn lambda(&mut self, function: Node<'a>, depth: usize) {
        let call = function.parent().and_then(Node::as_call).filter(|call| call.callee != function);
        if let Some(receiver) = call.and_then(|call| call.receiver()) {
            self.value(receiver, depth);
        }
    }

    fn variable(&mut self, at: Node<'a>, leaf: Node<'a>, depth: usize) {
        let mut values = self.code.assigned(leaf);
        let declaration =
            leaf.ancestors().find(|node| matches!(node.kind(), Kind::Let(_) | Kind::Assign { operator: None, .. }));
        values.extend(declaration.and_then(|node| match node.kind() {
            Kind::Let(declared) => declared.value,
            Kind::Assign { value, .. } => Some(value),
            _ => None,
        }));
        let class = leaf.enclosing_class().filter(|_| leaf.enclosing_function().is_none());
        let written: Vec<Node<'a>> = class.map(|class| self.code.field_writes(class, leaf.leaf())).unwrap_or_default();
        values.extend(written);
        let is_changed = values
            .iter()
            .any(|value| value.enclosing_function().is_some_and(|function| !function.marks.is_constructor))
            || is_mutated(leaf);
        let is_long_lived = leaf.enclosing_function().is_none() || lives_round(at, leaf, &values);
        if is_long_lived && is_changed {
            self.roots.push(Root::Held(leaf));
        }
        values.iter().for_each(|value| self.value(*value, depth));
        self.filled(leaf, depth);
    }

    /// Go fills variables through a pointer: `row.Scan(&since)`, `json.Unmarshal(raw, &state)`.
    fn filled(&mut self, leaf: Node<'a>, depth: usize) {
        let Some(function) = leaf.enclosing_function().filter(|_| leaf.source().language() == Language::Go) else {
            return;
        };
        let is_reference = |node: Node<'a>| matches!(node.kind(), Kind::Unary { operator: Operator::Reference, operand } if operand.walk().any(|inner| inner.as_name() == Some(leaf.leaf())));
        let calls =
            function.node.walk().filter_map(Node::as_call).filter(|call| call.arguments.iter().any(is_reference));
        for call in calls.collect::<Vec<_>>() {
            self.call(call, depth);
        }
    }

    fn member(&mut self, node: Node<'a>, object: Node<'a>, property: &'a str, depth: usize) {
        if CLOCK_PROPERTIES.contains(&property) && object.leaf().contains("Date") {
            return self.roots.push(Root::Clock(node));
        }
        let is_own = matches!(object.kind(), Kind::This) || object.as_name() == Some("self");
        let class = if is_own { self.code.class_of(node) } else { None };
        if let Some(class) = class {
            let mut values = self.code.field_writes(class, property);
            values
                .extend(class.fields().filter(|field| field.target.leaf() == property).filter_map(|field| field.value));
            let is_changed = values.iter().any(|value| {
                value.enclosing_function().is_some_and(|function| {
                    !function.marks.is_constructor
                        && !matches!(function.name, "__init__" | "initialize" | "__construct")
                })
            });
            if is_changed {
                self.roots.push(Root::Held(node));
            }
            values.into_iter().for_each(|value| self.value(value, depth));
            // A getter or a method without brackets.
            let getter = class.method(property).map(|method| method.returned()).unwrap_or_default();
            getter.into_iter().for_each(|value| self.value(value, depth));
            return;
        }
        if object.as_name().is_some() {
            let statics = self.code.origins(object).into_iter().find_map(|origin| match origin {
                crate::facts::code::Origin::Own(crate::facts::code::Value::Class(class)) => Some(class),
                _ => None,
            });
            if statics.is_some_and(|class| class.fields().any(|field| field.target.leaf() == property)) {
                return self.roots.push(Root::Held(node));
            }
        }
        self.value(object, depth);
    }

    fn call(&mut self, call: Call<'a>, depth: usize) {
        if let Some(touch) = touch(self.code, call).filter(|touch| touch.reads) {
            return self.roots.push(Root::Kept(touch));
        }
        let path = call.path().unwrap_or_else(|| call.method().to_owned()).replace("::", ".");
        let is_bare = call.arguments.is_empty()
            || !call
                .arguments
                .iter()
                .any(|argument| matches!(argument.kind(), Kind::Name(_) | Kind::Member { .. } | Kind::Call(_)));
        let is_clock =
            |clock: &str| (path == clock || path.ends_with(&format!(".{clock}"))) && (is_bare || clock != "Date");
        if CLOCKS.iter().any(|clock| is_clock(clock)) {
            return self.roots.push(Root::Clock(call.node));
        }
        let callees = self.code.callees(call);
        for function in &callees {
            function.returned().into_iter().for_each(|value| self.value(value, depth));
        }
        if callees.is_empty() {
            call.receiver().into_iter().for_each(|receiver| self.value(receiver, depth));
            call.arguments
                .iter()
                .filter(|argument| argument.as_function().is_none())
                .for_each(|argument| self.value(argument, depth));
        }
    }
}

/// Whether a variable stands outside of the loop that uses and changes it.
fn lives_round<'a>(at: Node<'a>, leaf: Node<'a>, values: &[Node<'a>]) -> bool {
    let round =
        at.ancestors().find(|outer| matches!(outer.kind(), Kind::Loop(_)) && !outer.contains(leaf) && waits(*outer));
    let in_loop = round.is_some_and(|round| values.iter().any(|value| round.contains(*value)));
    // A function within the function that declares it: a closure that is called again and again.
    let closure = at.enclosing_function().is_some_and(|function| !function.node.contains(leaf));
    let changed_inside =
        values.iter().any(|value| value.enclosing_function().is_some_and(|function| !function.node.contains(leaf)));
    in_loop || (closure && changed_inside)
}

/// Whether a loop waits between its rounds, as loops over pages do not.
fn waits(round: Node<'_>) -> bool {
    let text = round.text();
    ["sleep", "Sleep", "delay(", "Delay(", "setTimeout", "ticker", "Tick", "wait(", "WaitForNextTick"]
        .iter()
        .any(|word| text.contains(word))
}

/// Whether something is put into a table or an object in a function: `state["since"] = x`, `last.set(x)`.
fn is_mutated(leaf: Node<'_>) -> bool {
    let name = leaf.leaf();
    let is_it = |node: Node<'_>| {
        let mut node = node;
        while let Kind::Member { object, .. } | Kind::Index { object, .. } = node.kind() {
            if node.leaf() == name && matches!(object.kind(), Kind::This) {
                return true;
            }
            node = object;
        }
        node.as_name() == Some(name)
    };
    leaf.source().nodes().any(|node| {
        let target = match node.kind() {
            Kind::Assign { target, .. } if !matches!(target.kind(), Kind::Name(_)) => Some(target),
            Kind::Call(call)
                if matches!(
                    call.method(),
                    "set" | "Set" | "put" | "Store" | "store" | "update" | "getAndSet" | "AddOrUpdate" | "TryUpdate"
                ) =>
            {
                call.receiver()
            }
            _ => None,
        };
        target.is_some_and(is_it) && node.enclosing_function().is_some()
    })
}
