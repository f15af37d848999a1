//! What stands around a call: the code that it is written in, and what calls that code, up to the entry points.

use crate::evidence::Span;
use crate::facts::code::{Code, Kind, Node};

/// As many calls deep is looked.
const MAX_DEPTH: usize = 12;

/// What holds a call on every way that leads to it. `holds` is asked about the call itself, the calls that it is
/// handed over to, and the functions and classes that it is written in.
pub fn held_by<'a>(code: &'a Code, start: Node<'a>, holds: &dyn Fn(Node<'a>) -> Option<Span>) -> Option<Span> {
    Ways { code, holds, open: Vec::new() }.held(start)
}

struct Ways<'a, 'h> {
    code: &'a Code,
    holds: &'h dyn Fn(Node<'a>) -> Option<Span>,
    open: Vec<Node<'a>>,
}

impl<'a> Ways<'a, '_> {
    fn held(&mut self, start: Node<'a>) -> Option<Span> {
        for node in std::iter::once(start).chain(start.ancestors()) {
            if let Some(span) = (self.holds)(node) {
                return Some(span);
            }
            if let Some(held) = self.by_users(node) {
                return Some(held);
            }
            let Kind::Function(function) = node.kind() else { continue };
            if !function.marks.is_lambda && !self.users(node).is_empty() {
                return None;
            }
        }
        None
    }

    /// Where every use of a function is held, so is what it does.
    fn by_users(&mut self, node: Node<'a>) -> Option<Span> {
        if self.open.len() >= MAX_DEPTH || self.open.contains(&node) {
            return None;
        }
        let users = self.users(node);
        self.open.push(node);
        let held: Option<Vec<Span>> = users.into_iter().map(|user| self.held(user)).collect();
        self.open.pop();
        held?.into_iter().next()
    }

    fn users(&self, node: Node<'a>) -> Vec<Node<'a>> {
        let Kind::Function(function) = node.kind() else { return Vec::new() };
        let calls = self.code.callers_of(function).into_iter().map(|call| call.node);
        let mut users: Vec<Node<'a>> = calls.chain(self.code.uses_of(function)).collect();
        users.retain(|user| !node.contains(*user));
        users
    }
}
