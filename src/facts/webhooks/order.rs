//! What has its turn first in a handler.

use crate::facts::code::{Code, Kind, Node, NodeKey};
use std::collections::HashMap;

/// As many calls of a handler are told apart.
const MAX_TURNS: usize = 200;

/// When the parts of what a handler runs have their turn: by the call in the handler from which they are reached.
pub(super) struct Order<'a> {
    turns: HashMap<NodeKey, usize>,
    calls: Vec<Node<'a>>,
}

impl<'a> Order<'a> {
    pub fn of(code: &'a Code, handler: Node<'a>, before: &[Node<'a>]) -> Self {
        let mut turns: HashMap<NodeKey, usize> = HashMap::new();
        for node in before {
            turns.entry(node.key()).or_insert(0);
            for function in code.reached_from(*node) {
                turns.entry(function.node.key()).or_insert(0);
            }
        }
        let mut calls = vec![handler];
        calls.extend(handler.walk_own().filter(|node| node.as_call().is_some()).take(MAX_TURNS));
        for (turn, call) in calls.iter().enumerate().skip(1) {
            turns.entry(call.key()).or_insert(turn);
            for function in code.reached_from(*call) {
                turns.entry(function.node.key()).or_insert(turn);
            }
        }
        Self { turns, calls }
    }

    fn turn(&self, node: Node<'_>) -> Option<usize> {
        std::iter::once(node).chain(node.ancestors()).find_map(|outer| self.turns.get(&outer.key()).copied())
    }

    /// Whether one surely comes before another on the same way.
    pub fn is_before(&self, first: Node<'a>, second: Node<'a>) -> bool {
        let function = |node: Node<'a>| node.enclosing_function().map(|function| function.node.key());
        if function(first) == function(second) {
            let is_earlier = std::ptr::eq(first.source(), second.source()) && start(first) < start(second);
            return is_earlier && !is_inside(first, second) && !are_apart(first, second);
        }
        let (Some(one), Some(other)) = (self.turn(first), self.turn(second)) else { return false };
        let apart = || match (self.calls.get(one), self.calls.get(other)) {
            (Some(one), Some(other)) => are_apart(*one, *other),
            _ => false,
        };
        one > 0 && one < other && !apart()
    }
}

/// A catch has its turn where its `try` begins.
fn start(node: Node<'_>) -> usize {
    match node.kind() {
        Kind::Catch { .. } => node.parent().map_or(node.range().start, |tried| tried.range().start),
        _ => node.range().start,
    }
}

fn is_inside(inner: Node<'_>, outer: Node<'_>) -> bool {
    let is_tried =
        matches!(outer.kind(), Kind::Catch { .. }) && outer.parent().is_some_and(|tried| tried.contains(inner));
    outer.contains(inner) || is_tried
}

/// Two arms of one condition: never both on the same way. What leaves the function is on no way further.
fn are_apart(first: Node<'_>, second: Node<'_>) -> bool {
    let outer = first.ancestors().find(|outer| outer.contains(second));
    let apart = match outer.map(Node::kind) {
        Some(Kind::If { then, otherwise, .. }) => {
            then.contains(first) && otherwise.is_some_and(|other| other.contains(second))
        }
        Some(Kind::Conditional { then, otherwise, .. }) => then.contains(first) && otherwise.contains(second),
        Some(Kind::Switch { cases, .. }) => cases.iter().any(|case| case.contains(first) && !case.contains(second)),
        _ => false,
    };
    // `if (a) { act(); return }`.
    let arms = first.ancestors().take_while(|node| Some(*node) != outer);
    let leaves = arms.into_iter().any(|arm| match arm.kind() {
        Kind::Block(statements) => {
            let is_arm =
                arm.parent().is_some_and(|parent| matches!(parent.kind(), Kind::If { .. } | Kind::Case { .. }));
            is_arm
                && statements.last().is_some_and(|last| {
                    matches!(last.kind(), Kind::Return(_) | Kind::Throw(_) | Kind::Break | Kind::Continue)
                })
        }
        _ => false,
    });
    apart || leaves
}
