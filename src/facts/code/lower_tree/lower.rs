//! The walk: each node of the grammar becomes what its language's table says, its parts before itself.

use super::super::model::{Builder, Language, NodeId, Shape, Source, Text};
use super::table::{Construct, Part, Rule, Table, named};
use crate::evidence::Blob;
use std::collections::HashSet;
use std::sync::Arc;
use tree_sitter::{Node, Tree};

/// Deeper nesting is taken for an attack; hand-written source stays below 100.
const MAX_DEPTH: usize = 1_500;

/// The making of one file's tree.
pub(super) struct Lowering<'s> {
    pub(super) builder: Builder,
    pub(super) table: &'s Table,
    pub(super) language: Language,
    text: &'s str,
    /// The names that are declared so far, a set for each function around.
    scopes: Vec<Scope<'s>>,
    /// What Go methods call their receiver, innermost last.
    pub(super) receivers: Vec<&'s str>,
    /// Decorators that the next function or class takes.
    pub(super) decorators: Vec<NodeId>,
    /// The type of the declarators that are read now, and whether they are static.
    pub(super) declared: (NodeId, bool),
    /// A `retry` was seen in the handler that is read now.
    pub(super) retried: bool,
    depth: usize,
    is_too_deep: bool,
}

struct Scope<'s> {
    names: HashSet<&'s str>,
    /// A closure or block also sees the names around it.
    is_open: bool,
}

impl<'s> Lowering<'s> {
    pub(super) fn new(blob: &'s Arc<Blob>, language: Language, table: &'s Table) -> Self {
        Self {
            builder: Builder::new(blob.clone(), language),
            table,
            language,
            text: blob.text(),
            scopes: vec![Scope { names: HashSet::new(), is_open: false }],
            receivers: Vec::new(),
            decorators: Vec::new(),
            declared: (NodeId::NONE, false),
            retried: false,
            depth: 0,
            is_too_deep: false,
        }
    }

    pub(super) fn finish(mut self, tree: &Tree) -> Result<Source, &'static str> {
        let top = self.lower_all(&named(tree.root_node()));
        if self.is_too_deep {
            return Err("nested too deeply to be read");
        }
        if self.builder.is_full() {
            return Err("larger than can be read");
        }
        Ok(self.builder.finish(top))
    }

    /// The text of a node.
    pub(super) fn text(&self, node: Node) -> &'s str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    pub(super) fn keep(&mut self, node: Node) -> Text {
        let text = self.text(node);
        self.builder.text(text)
    }

    pub(super) fn push(&mut self, node: Node, shape: Shape) -> NodeId {
        self.builder.push(node.byte_range(), shape)
    }

    /// The nodes in order; one that is a mere container gives what is in it.
    pub(super) fn lower_all(&mut self, nodes: &[Node]) -> Vec<NodeId> {
        let mut out = Vec::new();
        for node in nodes {
            self.lower_into(*node, &mut out);
        }
        out
    }

    /// One node; a block where it stands for several.
    pub(super) fn lower(&mut self, node: Node) -> NodeId {
        let nodes = self.lower_all(&[node]);
        self.joined(node, nodes)
    }

    fn joined(&mut self, node: Node, nodes: Vec<NodeId>) -> NodeId {
        match nodes[..] {
            [] => NodeId::NONE,
            [one] => one,
            _ => self.builder.block(node.byte_range(), &nodes),
        }
    }

    /// A part of a node, or none.
    pub(super) fn part(&mut self, node: Node, rule: &Rule, part: Part) -> NodeId {
        let nodes = rule.all(node, part);
        let Some(first) = nodes.first() else { return NodeId::NONE };
        let lowered = self.lower_all(&nodes);
        self.joined(*first, lowered)
    }

    /// A part that is a body: a block, whatever it holds.
    pub(super) fn body(&mut self, node: Node, rule: &Rule) -> NodeId {
        let nodes = rule.all(node, Part::Body);
        let lowered = self.lower_all(&nodes);
        match (&lowered[..], nodes.first(), nodes.last()) {
            ([one], _, _) if matches!(self.builder.shape(*one), Shape::Block(_)) => *one,
            (_, Some(first), Some(last)) => self.builder.block(first.start_byte()..last.end_byte(), &lowered),
            _ => self.builder.block(node.end_byte()..node.end_byte(), &[]),
        }
    }

    pub(super) fn parts(&mut self, node: Node, rule: &Rule, part: Part) -> Vec<NodeId> {
        let nodes = rule.all(node, part);
        self.lower_all(&nodes)
    }

    pub(super) fn lower_into(&mut self, node: Node, out: &mut Vec<NodeId>) {
        if self.depth >= MAX_DEPTH || self.builder.is_full() {
            self.is_too_deep |= self.depth >= MAX_DEPTH;
            return;
        }
        self.depth += 1;
        match self.table.rule(node) {
            Some(rule) => self.construct(node, rule, out),
            // What could not be parsed is still looked through: a call in it is a call.
            None if node.is_error() => named(node).into_iter().for_each(|child| self.lower_into(child, out)),
            None if node.is_named() => {
                let children = self.lower_all(&named(node));
                if !children.is_empty() {
                    let unknown = self.builder.unknown(node.byte_range(), &children);
                    out.push(unknown);
                }
            }
            None => {}
        }
        self.depth -= 1;
    }

    fn construct(&mut self, node: Node, rule: &Rule, out: &mut Vec<NodeId>) {
        let made = match rule.construct {
            Construct::Skip => return,
            Construct::Group => {
                let nodes =
                    if rule.all(node, Part::Items).is_empty() { named(node) } else { rule.all(node, Part::Items) };
                return nodes.into_iter().for_each(|child| self.lower_into(child, out));
            }
            Construct::Inside => {
                return rule.all(node, Part::Value).into_iter().for_each(|child| self.lower_into(child, out));
            }
            Construct::Decorated => {
                let decorators = self.parts(node, rule, Part::Decorators);
                self.decorators.extend(decorators);
                return rule.all(node, Part::Value).into_iter().for_each(|child| self.lower_into(child, out));
            }
            Construct::Fields => return self.fields(node, rule, out),
            Construct::Parameter => return self.parameters(node, rule, out),
            Construct::Import => return self.import(node, rule, out),
            Construct::Package => return self.package(node, rule, out),
            Construct::Let => return self.declare(node, rule, out),
            Construct::Block => {
                let nodes = self.parts(node, rule, Part::Items);
                self.builder.block(node.byte_range(), &nodes)
            }
            construct if construct.is_statement() => self.statement(node, rule),
            _ => self.expression(node, rule),
        };
        if made != NodeId::NONE {
            out.push(made);
        }
    }

    /// Enters a function: names declared in it are its own.
    pub(super) fn enter(&mut self, is_open: bool) {
        self.scopes.push(Scope { names: HashSet::new(), is_open });
    }

    pub(super) fn leave(&mut self) {
        self.scopes.pop();
    }

    /// Declares a name in the innermost function; true where it was not known there.
    pub(super) fn declares(&mut self, name: &'s str) -> bool {
        for scope in self.scopes.iter().rev() {
            if scope.names.contains(name) {
                return false;
            }
            if !scope.is_open {
                break;
            }
        }
        self.scopes.last_mut().is_some_and(|scope| scope.names.insert(name))
    }
}

impl Construct {
    fn is_statement(self) -> bool {
        use Construct::*;
        matches!(
            self,
            Break
                | Case
                | Catch
                | Class
                | Continue
                | DoWhile
                | Each
                | Embedded
                | For
                | Forever
                | Function
                | If
                | Retry
                | Return
                | Switch
                | Throw
                | Try
                | While
                | With
        )
    }
}
