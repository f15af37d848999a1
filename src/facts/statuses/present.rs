//! Whether an expression is the state that an object is in, as the API answered it.

use super::guard::Guards;
use crate::facts::code::{Call, Declared, Definition, Kind, Node, Operator};

/// Names of what holds the state before a change.
const PRESENT: [&str; 14] = [
    "current",
    "currentStatus",
    "current_status",
    "currentState",
    "current_state",
    "from",
    "source",
    "oldStatus",
    "old_status",
    "previous",
    "present",
    "fromStatus",
    "from_status",
    "before",
];
/// Members that are the state of an object.
pub(super) const STATE: [&str; 6] = ["status", "state", "Status", "State", "getStatus", "statusId"];

impl<'a> Guards<'a> {
    /// Whether an expression is the state that an object is in: a member of what the API answered, or named so.
    pub(super) fn is_present(&self, node: Node<'a>, written: &[Node<'a>], depth: usize) -> bool {
        if depth > 4 || written.iter().any(|value| value.text() == node.text()) {
            return false;
        }
        match node.kind() {
            Kind::Member { object, property } if STATE.contains(&property) || PRESENT.contains(&property) => {
                PRESENT.contains(&property) && property != "from" && property != "source"
                    || self.comes_from_answer(object, 0)
            }
            Kind::Index { object, index } => {
                let is_state = index.as_str().is_some_and(|key| STATE.contains(&key));
                is_state && self.comes_from_answer(object, 0) || self.is_present(index, written, depth + 1)
            }
            Kind::Call(call) => match call.method() {
                // `order.getStatus()`, `answer.path("status").asText()`, `dig("workOrder", "status")`.
                "getStatus" | "status" | "getState" => {
                    call.receiver().is_some_and(|object| self.comes_from_answer(object, 0))
                }
                "path" | "get" | "dig" | "getOrDefault" | "GetValueOrDefault" | "getValue" | "getString"
                | "GetProperty" | "fetch" => {
                    let names =
                        call.arguments.iter().last().and_then(Node::as_str).is_some_and(|key| STATE.contains(&key));
                    let of_answer = names && call.receiver().is_some_and(|object| self.comes_from_answer(object, 0));
                    // What a table says of the present state: `NEXT.get(current)`.
                    of_answer || call.argument(0).is_some_and(|key| self.is_present(key, written, depth + 1))
                }
                "asText" | "GetString" | "to_s" | "toString" | "upper" | "toUpperCase" | "name" | "textValue" => {
                    call.receiver().is_some_and(|inner| self.is_present(inner, written, depth + 1))
                }
                _ => {
                    PRESENT.contains(&call.method())
                        || call.method().to_ascii_lowercase().ends_with("status") && self.reads(call)
                }
            },
            Kind::Await(inner) | Kind::Named { value: inner, .. } => self.is_present(inner, written, depth + 1),
            Kind::Binary { operator: Operator::Coalesce | Operator::Or, left, right } => {
                [left, right].into_iter().any(|side| self.is_present(side, written, depth + 1))
            }
            Kind::Name(name) => {
                let values = self.values_of(node, name);
                let is_state = values.iter().any(|value| {
                    *value != node && (self.is_present(*value, written, depth + 1) || self.is_call_for_state(*value))
                });
                let taken = STATE.contains(&name) && self.comes_from_answer(node, 0);
                is_state
                    || taken
                    || PRESENT.contains(&name)
                        && (values.is_empty() || values.iter().any(|value| self.comes_from_answer(*value, 0)))
            }
            _ => false,
        }
    }

    /// A function of the repository that reads the state: `const s = await mx.statusOf(id)`.
    fn is_call_for_state(&self, value: Node<'a>) -> bool {
        let call = value.unawaited().as_call();
        call.is_some_and(|call| {
            let lower = call.method().to_ascii_lowercase();
            (lower.contains("status") || lower.contains("state")) && self.reads(call)
        })
    }

    /// Whether a value is made of what a request answered.
    fn comes_from_answer(&self, node: Node<'a>, depth: usize) -> bool {
        if depth > 5 {
            return false;
        }
        let parts: Vec<Node<'a>> = node.walk_own().collect();
        if parts.iter().filter_map(|part| part.as_call()).any(|call| self.reads(call)) {
            return true;
        }
        let root = root_of(node);
        let Some(name) = root.as_name() else { return false };
        self.values_of(root, name).into_iter().any(|value| value != node && self.comes_from_answer(value, depth + 1))
    }

    /// What a name is given: its declaration's value, later writes, and what callers hand over.
    fn values_of(&self, node: Node<'a>, name: &str) -> Vec<Node<'a>> {
        let mut values = Vec::new();
        for definition in self.code.define(node, name).into_iter().take(6) {
            match definition {
                Definition::Declared(Declared::Variable(leaf)) => {
                    let owner = leaf.ancestors().find_map(|outer| match outer.kind() {
                        Kind::Let(declared) => Some(declared.value),
                        Kind::Assign { value, .. } => Some(Some(value)),
                        Kind::Block(_) | Kind::Function(_) => Some(None),
                        _ => None,
                    });
                    values.extend(owner.flatten());
                    let scope = leaf.enclosing_function().map(|function| function.node);
                    for part in scope.into_iter().flat_map(Node::walk_own) {
                        match part.kind() {
                            Kind::Assign { target, value, operator: None } if target.as_name() == Some(name) => {
                                values.push(value);
                            }
                            // Go: `json.NewDecoder(res.Body).Decode(&out)`, `json.Unmarshal(raw, &out)`.
                            Kind::Call(call) if matches!(call.method(), "Decode" | "Unmarshal") => {
                                let names: Vec<Node<'a>> =
                                    part.walk_own().filter(|inner| inner.as_name().is_some()).collect();
                                if names.iter().any(|inner| inner.as_name() == Some(name)) {
                                    values.extend(
                                        names.into_iter().filter(|inner| inner.as_name() != Some(name)).take(4),
                                    );
                                }
                            }
                            _ => {}
                        }
                    }
                }
                Definition::Declared(Declared::Parameter(parameter, _)) => {
                    let function = parameter.node.parent().and_then(Node::as_function);
                    values.extend(
                        function.into_iter().flat_map(|function| self.code.arguments_for(function, parameter)).take(12),
                    );
                }
                Definition::Declared(Declared::Item(_, iterable)) => values.push(iterable),
                _ => {}
            }
        }
        values
    }

    /// A call that reads from the API, itself or by what it runs.
    fn reads(&self, call: Call<'a>) -> bool {
        let callees = || self.code.callees(call).into_iter();
        self.reads.contains(&call.node.key())
            || callees().any(|function| {
                let reached = self.code.reached_from(function.node).into_iter().map(|inner| inner.node);
                reached.chain([function.node]).flat_map(Node::walk).any(|node| self.reads.contains(&node.key()))
            })
    }

    /// A transition that was looked for among those that are open.
    pub(super) fn is_found(&self, node: Node<'a>) -> bool {
        let Some(name) = node.as_name() else { return false };
        self.values_of(node, name).into_iter().any(|value| {
            let text = value.text().to_ascii_lowercase();
            let finds = value.walk().filter_map(Node::as_call).any(|call| {
                matches!(
                    call.method(),
                    "find"
                        | "next"
                        | "FirstOrDefault"
                        | "SingleOrDefault"
                        | "firstOrNull"
                        | "detect"
                        | "filter"
                        | "first"
                        | "findFirst"
                )
            });
            let is_comprehension = text.contains(" for ") || finds;
            is_comprehension && text.contains("transition") && self.comes_from_answer(root_in(value), 0)
        })
    }
}

/// The first name of the collection that is searched.
fn root_in(value: Node<'_>) -> Node<'_> {
    let named =
        value.walk().find(|node| node.as_name().is_some_and(|name| name.to_ascii_lowercase().contains("transition")));
    named.unwrap_or(value)
}

fn root_of(node: Node<'_>) -> Node<'_> {
    match node.kind() {
        Kind::Member { object, .. } | Kind::Index { object, .. } => root_of(object),
        Kind::Call(call) => call.receiver().map_or(node, root_of),
        Kind::Await(inner) => root_of(inner),
        Kind::Unary { operand, .. } => root_of(operand),
        _ => node,
    }
}
