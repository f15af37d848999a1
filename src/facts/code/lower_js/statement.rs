//! Statements.

use super::{Lower, range};
use crate::facts::code::model::{LoopKind, LoopParts, NodeId, Shape};
use oxc_ast::ast::{ForStatementInit, ForStatementLeft, Statement, SwitchStatement, TryStatement};
use std::ops::Range;

impl Lower {
    /// Adds what a statement becomes: usually one node, for a declaration of several names several.
    pub(super) fn statement(&mut self, statement: &Statement<'_>, into: &mut Vec<NodeId>) {
        if let Some(declaration) = statement.as_declaration() {
            return self.declaration(declaration, into);
        }
        if let Some(module) = statement.as_module_declaration() {
            return self.module_declaration(module, into);
        }
        let node = self.deeper(|lower| lower.statement_here(statement));
        if node != NodeId::NONE {
            into.push(node);
        }
    }

    fn statement_here(&mut self, statement: &Statement<'_>) -> NodeId {
        let at = range(statement);
        match statement {
            Statement::BlockStatement(block) => self.statements(at, &block.body),
            Statement::ExpressionStatement(inner) => {
                let node = self.expression(&inner.expression);
                self.exports_of_assignment(node);
                node
            }
            Statement::IfStatement(branch) => {
                let (test, then) = (self.expression(&branch.test), self.body(&branch.consequent));
                let otherwise = branch.alternate.as_ref().map_or(NodeId::NONE, |alternate| self.body(alternate));
                self.builder.push(at, Shape::If { test, then, otherwise })
            }
            Statement::WhileStatement(inner) => {
                let test = self.expression(&inner.test);
                let body = self.body(&inner.body);
                self.builder.repeat(at, LoopParts { test, ..LoopParts::new(LoopKind::While, body) })
            }
            Statement::DoWhileStatement(inner) => {
                let body = self.body(&inner.body);
                let test = self.expression(&inner.test);
                self.builder.repeat(at, LoopParts { test, ..LoopParts::new(LoopKind::DoWhile, body) })
            }
            Statement::ForStatement(inner) => {
                let init = inner.init.as_ref().map_or(NodeId::NONE, |init| self.init(init));
                let test = self.optional(inner.test.as_ref());
                let update = self.optional(inner.update.as_ref());
                let body = self.body(&inner.body);
                let is_endless = init == NodeId::NONE && test == NodeId::NONE && update == NodeId::NONE;
                let kind = if is_endless { LoopKind::Forever } else { LoopKind::For };
                self.builder.repeat(at, LoopParts { init, test, update, ..LoopParts::new(kind, body) })
            }
            Statement::ForInStatement(inner) => {
                let (target, iterable) = (self.left(&inner.left), self.expression(&inner.right));
                let body = self.body(&inner.body);
                self.builder.repeat(at, LoopParts { target, iterable, ..LoopParts::new(LoopKind::ForEach, body) })
            }
            Statement::ForOfStatement(inner) => {
                let (target, iterable) = (self.left(&inner.left), self.expression(&inner.right));
                let body = self.body(&inner.body);
                self.builder.repeat(at, LoopParts { target, iterable, ..LoopParts::new(LoopKind::ForEach, body) })
            }
            Statement::ReturnStatement(inner) => {
                let value = self.optional(inner.argument.as_ref());
                self.builder.push(at, Shape::Return(value))
            }
            Statement::ThrowStatement(inner) => {
                let value = self.expression(&inner.argument);
                self.builder.push(at, Shape::Throw(value))
            }
            Statement::BreakStatement(_) => self.builder.push(at, Shape::Break),
            Statement::ContinueStatement(_) => self.builder.push(at, Shape::Continue),
            Statement::LabeledStatement(inner) => self.body(&inner.body),
            Statement::SwitchStatement(inner) => self.switch(inner),
            Statement::TryStatement(inner) => self.attempt(inner),
            Statement::WithStatement(inner) => {
                let (object, body) = (self.expression(&inner.object), self.body(&inner.body));
                self.builder.unknown(at, &[object, body])
            }
            _ => NodeId::NONE,
        }
    }

    pub(super) fn statements(&mut self, at: Range<usize>, statements: &[Statement<'_>]) -> NodeId {
        let mut nodes = Vec::with_capacity(statements.len());
        statements.iter().for_each(|statement| self.statement(statement, &mut nodes));
        self.builder.block(at, &nodes)
    }

    /// A statement where one is expected, as a block.
    fn body(&mut self, statement: &Statement<'_>) -> NodeId {
        let mut nodes = Vec::new();
        self.statement(statement, &mut nodes);
        match (statement, nodes.as_slice()) {
            (Statement::BlockStatement(_) | Statement::IfStatement(_), [only]) => *only,
            _ => self.builder.block(range(statement), &nodes),
        }
    }

    fn init(&mut self, init: &ForStatementInit<'_>) -> NodeId {
        match init {
            ForStatementInit::VariableDeclaration(variables) => {
                let mut nodes = Vec::new();
                self.variables(variables, &mut nodes);
                match nodes.as_slice() {
                    [only] => *only,
                    _ => self.builder.block(range(&**variables), &nodes),
                }
            }
            other => self.optional(other.as_expression()),
        }
    }

    fn left(&mut self, left: &ForStatementLeft<'_>) -> NodeId {
        match left {
            ForStatementLeft::VariableDeclaration(variables) => match variables.declarations.first() {
                Some(declared) => self.pattern(&declared.id),
                None => NodeId::NONE,
            },
            other => other.as_assignment_target().map_or(NodeId::NONE, |target| self.assigned_pattern(target)),
        }
    }

    fn switch(&mut self, switch: &SwitchStatement<'_>) -> NodeId {
        let subject = self.expression(&switch.discriminant);
        let mut cases = Vec::new();
        for case in &switch.cases {
            let test = self.optional(case.test.as_ref());
            let tests = self.builder.children(&[test]);
            let body = self.statements(range(case), &case.consequent);
            cases.push(self.builder.push(range(case), Shape::Case { tests, body }));
        }
        let cases = self.builder.children(&cases);
        self.builder.push(range(switch), Shape::Switch { subject, cases })
    }

    fn attempt(&mut self, attempt: &TryStatement<'_>) -> NodeId {
        let body = self.statements(range(&*attempt.block), &attempt.block.body);
        let mut catches = Vec::new();
        if let Some(handler) = &attempt.handler {
            let binding = handler.param.as_ref().map_or(NodeId::NONE, |param| self.pattern(&param.pattern));
            let body = self.statements(range(&*handler.body), &handler.body.body);
            let types = self.builder.children(&[]);
            catches.push(self.builder.push(range(&**handler), Shape::Catch { binding, types, body }));
        }
        let catches = self.builder.children(&catches);
        let finally = match &attempt.finalizer {
            Some(block) => self.statements(range(&**block), &block.body),
            None => NodeId::NONE,
        };
        self.builder.push(range(attempt), Shape::Try { body, catches, finally })
    }
}
