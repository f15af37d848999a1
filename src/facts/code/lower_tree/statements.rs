//! Statements: conditions, loops, errors, and what a function answers.

use super::super::model::{LoopKind, LoopParts, NodeId, Operator, Shape};
use super::lower::Lowering;
use super::table::{Construct, Part, Rule, named};
use tree_sitter::Node;

impl<'s> Lowering<'s> {
    pub(super) fn statement(&mut self, node: Node, rule: &Rule) -> NodeId {
        match rule.construct {
            Construct::If => self.condition(node, rule),
            Construct::While => self.while_loop(node, rule, LoopKind::While),
            Construct::DoWhile => self.while_loop(node, rule, LoopKind::DoWhile),
            Construct::For => self.for_loop(node, rule),
            Construct::Each => self.each_loop(node, rule),
            Construct::Forever => self.while_loop(node, rule, LoopKind::Forever),
            Construct::Try => self.try_block(node, rule),
            Construct::Catch => self.catch(node, rule),
            Construct::Switch => self.switch(node, rule),
            Construct::Case => self.case(node, rule),
            Construct::With => self.with(node, rule),
            Construct::Return => {
                let value = self.answer(node, rule);
                self.push(node, Shape::Return(value))
            }
            Construct::Throw => {
                let value = self.part(node, rule, Part::Value);
                self.push(node, Shape::Throw(value))
            }
            Construct::Break => self.push(node, Shape::Break),
            Construct::Continue => self.push(node, Shape::Continue),
            Construct::Retry => {
                self.retried = true;
                self.push(node, Shape::Continue)
            }
            Construct::Function => self.function(node, rule),
            Construct::Class => self.class(node, rule),
            Construct::Embedded => self.embedded(node, rule),
            _ => NodeId::NONE,
        }
    }

    /// The value of a `return`; several values are a list.
    fn answer(&mut self, node: Node, rule: &Rule) -> NodeId {
        let values = self.parts(node, rule, Part::Value);
        match values[..] {
            [] => NodeId::NONE,
            [one] => one,
            _ => {
                let values = self.builder.children(&values);
                self.push(node, Shape::List(values))
            }
        }
    }

    /// A test, turned round for `unless` and `until`.
    fn test(&mut self, node: Node, rule: &Rule) -> NodeId {
        let test = self.part(node, rule, Part::Condition);
        if rule.option("not").is_none() || test == NodeId::NONE {
            return test;
        }
        self.push(node, Shape::Unary { operator: Operator::Not, operand: test })
    }

    fn condition(&mut self, node: Node, rule: &Rule) -> NodeId {
        let init = self.part(node, rule, Part::Init);
        let test = self.test(node, rule);
        let then = match self.part(node, rule, Part::Then) {
            NodeId::NONE => self.body(node, rule),
            then => then,
        };
        let mut otherwise = NodeId::NONE;
        // Python and PHP list their alternatives side by side: the last one is the innermost.
        for alternative in rule.all(node, Part::Otherwise).into_iter().rev() {
            let inner = self.table.rule(alternative).filter(|rule| rule.construct == Construct::If);
            otherwise = match (inner, otherwise) {
                (Some(rule), rest) if rest != NodeId::NONE => {
                    let test = self.test(alternative, rule);
                    let then = match self.part(alternative, rule, Part::Then) {
                        NodeId::NONE => self.body(alternative, rule),
                        then => then,
                    };
                    self.push(alternative, Shape::If { test, then, otherwise: rest })
                }
                _ => self.lower(alternative),
            };
        }
        let made = self.push(node, Shape::If { test, then, otherwise });
        self.after(node, init, made)
    }

    /// What stands before a statement in its head: Go's `if x := f(); x > 1`.
    fn after(&mut self, node: Node, init: NodeId, made: NodeId) -> NodeId {
        if init == NodeId::NONE { made } else { self.builder.block(node.byte_range(), &[init, made]) }
    }

    fn while_loop(&mut self, node: Node, rule: &Rule, kind: LoopKind) -> NodeId {
        let test = self.test(node, rule);
        let body = self.body(node, rule);
        self.builder.repeat(node.byte_range(), LoopParts { test, ..LoopParts::new(kind, body) })
    }

    /// `for` in all its forms; Go has one word for every loop, whose clause says which it is.
    fn for_loop(&mut self, node: Node, rule: &Rule) -> NodeId {
        let clause = |part: Part| rule.one(node, part).and_then(|clause| Some((clause, self.table.rule(clause)?)));
        let ranged = clause(Part::Iterable).filter(|(_, rule)| rule.construct == Construct::Each);
        let counted = clause(Part::Init).filter(|(_, rule)| rule.construct == Construct::For);
        if let Some((clause, inner)) = ranged {
            let (target, iterable) = (self.part(clause, inner, Part::Target), self.part(clause, inner, Part::Iterable));
            let body = self.body(node, rule);
            let parts = LoopParts { target, iterable, ..LoopParts::new(LoopKind::ForEach, body) };
            return self.builder.repeat(node.byte_range(), parts);
        }
        let (head, inner) = counted.unwrap_or((node, rule));
        let init = self.part(head, inner, Part::Init);
        let test = self.part(head, inner, Part::Condition);
        let update = self.part(head, inner, Part::Update);
        let body = self.body(node, rule);
        let kind = match (counted.is_some() || init != NodeId::NONE || update != NodeId::NONE, test) {
            (true, _) => LoopKind::For,
            (false, NodeId::NONE) => LoopKind::Forever,
            (false, _) => LoopKind::While,
        };
        self.builder.repeat(node.byte_range(), LoopParts { init, test, update, ..LoopParts::new(kind, body) })
    }

    fn each_loop(&mut self, node: Node, rule: &Rule) -> NodeId {
        let target = self.part(node, rule, Part::Target);
        let iterable = self.part(node, rule, Part::Iterable);
        let body = self.body(node, rule);
        let parts = LoopParts { target, iterable, ..LoopParts::new(LoopKind::ForEach, body) };
        self.builder.repeat(node.byte_range(), parts)
    }

    fn try_block(&mut self, node: Node, rule: &Rule) -> NodeId {
        let resources = self.parts(node, rule, Part::Init);
        let mut body = self.body(node, rule);
        let otherwise = self.parts(node, rule, Part::Otherwise);
        if !resources.is_empty() || !otherwise.is_empty() {
            let all = resources.into_iter().chain([body]).chain(otherwise).collect::<Vec<_>>();
            body = self.builder.block(node.byte_range(), &all);
        }
        let outer = std::mem::replace(&mut self.retried, false);
        let catches = self.parts(node, rule, Part::Catches);
        let is_retried = std::mem::replace(&mut self.retried, outer);
        let finally = self.part(node, rule, Part::Finally);
        if catches.is_empty() && finally == NodeId::NONE {
            return body;
        }
        let catches = self.builder.children(&catches);
        let made = self.push(node, Shape::Try { body, catches, finally });
        if !is_retried {
            return made;
        }
        // A handler with Ruby's `retry` runs the whole again: a loop that ends when nothing is raised.
        let body = self.builder.block(node.byte_range(), &[made]);
        self.builder.repeat(node.byte_range(), LoopParts::new(LoopKind::Forever, body))
    }

    fn catch(&mut self, node: Node, rule: &Rule) -> NodeId {
        let body = self.body(node, rule);
        let (mut binding, mut types) = (self.part(node, rule, Part::Name), Vec::new());
        for caught in rule.all(node, Part::Type) {
            let inner = self.table.rule(caught);
            let parts = inner.filter(|rule| matches!(rule.construct, Construct::Let | Construct::Parameter));
            match parts {
                // The name and the types stand together: `(A | B e)`, `(A, B) as e`.
                Some(inner) => {
                    binding = self.part(caught, inner, Part::Target);
                    let part = if inner.construct == Construct::Let { Part::Value } else { Part::Type };
                    inner.all(caught, part).into_iter().for_each(|one| self.caught_types(one, &mut types));
                }
                None => self.caught_types(caught, &mut types),
            }
        }
        let filter = self.part(node, rule, Part::Condition);
        let body = if filter == NodeId::NONE {
            body
        } else {
            let held = self.push(node, Shape::If { test: filter, then: body, otherwise: NodeId::NONE });
            self.builder.block(node.byte_range(), &[held])
        };
        let types = self.builder.children(&types);
        self.push(node, Shape::Catch { binding, types, body })
    }

    /// Each type that is caught, by its name.
    fn caught_types(&mut self, node: Node, types: &mut Vec<NodeId>) {
        let is_list = self.table.has("type-lists", node.kind());
        if is_list {
            return named(node).into_iter().for_each(|one| self.caught_types(one, types));
        }
        types.push(self.type_path(node));
    }

    fn switch(&mut self, node: Node, rule: &Rule) -> NodeId {
        let init = self.part(node, rule, Part::Init);
        let subject = self.part(node, rule, Part::Value);
        let mut cases = self.parts(node, rule, Part::Cases);
        // A block around the cases is theirs alone.
        if let [one] = cases[..]
            && let Shape::Block(inner) = self.builder.shape(one)
        {
            cases = self.builder.listed(inner);
        }
        if let Some(otherwise) = rule.one(node, Part::Otherwise) {
            let body = self.lower(otherwise);
            let tests = self.builder.children(&[]);
            cases.push(self.push(otherwise, Shape::Case { tests, body }));
        }
        let cases = self.builder.children(&cases);
        let made = self.push(node, Shape::Switch { subject, cases });
        self.after(node, init, made)
    }

    fn case(&mut self, node: Node, rule: &Rule) -> NodeId {
        let mut tests = Vec::new();
        for test in rule.all(node, Part::Condition) {
            match self.subject_of(node).filter(|_| test.kind().ends_with("_pattern")) {
                Some(subject) if test.kind() != "case_pattern" && test.kind() != "union_pattern" => {
                    tests.push(self.case_test(subject, test));
                }
                _ => self.lower_into(test, &mut tests),
            }
        }
        // Go lists the values of one case as one list.
        let tests = match tests[..] {
            [one] => match self.builder.shape(one) {
                Shape::List(inner) => self.builder.listed(inner),
                _ => tests,
            },
            _ => tests,
        };
        let body = self.body(node, rule);
        let is_default =
            |test: &NodeId| matches!(self.builder.shape(*test), Shape::Name(_)) && self.builder.written(*test) == "_";
        let tests: Vec<NodeId> = tests.into_iter().filter(|test| !is_default(test)).collect();
        let tests = self.builder.children(&tests);
        self.push(node, Shape::Case { tests, body })
    }

    /// What a case is compared with.
    fn subject_of<'t>(&self, case: Node<'t>) -> Option<Node<'t>> {
        let around = std::iter::successors(case.parent(), |node| node.parent()).take(3);
        around
            .filter_map(|node| self.table.rule(node).map(|rule| (node, rule)))
            .find(|(_, rule)| rule.construct == Construct::Switch)
            .and_then(|(node, rule)| rule.one(node, Part::Value))
    }

    /// A plain value stays one, as in other languages; any other pattern is the comparison that it stands for.
    fn case_test(&mut self, subject: Node, pattern: Node) -> NodeId {
        if pattern.kind() == "constant_pattern" { self.lower(pattern) } else { self.against(subject, pattern) }
    }

    /// Resources that live as long as a block: declared at its beginning.
    fn with(&mut self, node: Node, rule: &Rule) -> NodeId {
        let mut nodes = self.parts(node, rule, Part::Items);
        let body = self.body(node, rule);
        match self.builder.shape(body) {
            Shape::Block(inner) => nodes.extend(self.builder.listed(inner)),
            _ => nodes.push(body),
        }
        self.builder.block(node.byte_range(), &nodes)
    }
}
