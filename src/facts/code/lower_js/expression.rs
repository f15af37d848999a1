//! Expressions.

use super::{Lower, operator, range};
use crate::facts::code::model::{NodeId, Operator, Shape};
use oxc_ast::ast::{
    Argument, ArrayExpressionElement, AssignmentTarget, BinaryExpression, CallExpression, ChainElement, Expression,
    JSXAttributeItem, JSXAttributeValue, JSXChild, JSXExpression, MemberExpression, ObjectExpression,
    ObjectPropertyKind, PropertyKey, SimpleAssignmentTarget, TemplateLiteral,
};

impl Lower {
    pub(super) fn expression(&mut self, expression: &Expression<'_>) -> NodeId {
        let node = self.deeper(|lower| lower.expression_here(expression));
        self.present(node, range(expression))
    }

    pub(super) fn optional(&mut self, expression: Option<&Expression<'_>>) -> NodeId {
        expression.map_or(NodeId::NONE, |expression| self.expression(expression))
    }

    fn expression_here(&mut self, expression: &Expression<'_>) -> NodeId {
        let at = range(expression);
        match expression {
            Expression::BooleanLiteral(literal) => self.builder.push(at, Shape::Bool(literal.value)),
            Expression::NullLiteral(_) => self.builder.push(at, Shape::Null),
            Expression::NumericLiteral(literal) => self.builder.number(at, literal.value),
            Expression::BigIntLiteral(literal) => {
                self.builder.number(at, literal.value.as_str().parse().unwrap_or(f64::NAN))
            }
            Expression::RegExpLiteral(literal) => {
                let text = self.builder.text(literal.regex.pattern.text.as_str());
                self.builder.push(at, Shape::Regex(text))
            }
            Expression::StringLiteral(literal) => self.builder.string(at, literal.value.as_str()),
            Expression::TemplateLiteral(literal) => self.template(literal),
            Expression::Identifier(name) if name.name == "undefined" => self.builder.push(at, Shape::Null),
            Expression::Identifier(name) => self.builder.name(at, name.name.as_str()),
            Expression::Super(_) => self.builder.push(at, Shape::Super),
            Expression::ThisExpression(_) => self.builder.push(at, Shape::This),
            Expression::ArrayExpression(array) => {
                let items: Vec<NodeId> = array.elements.iter().map(|element| self.element(element)).collect();
                let items = self.builder.children(&items);
                self.builder.push(at, Shape::List(items))
            }
            Expression::ArrowFunctionExpression(function) => self.arrow(function),
            Expression::FunctionExpression(function) => self.function(function, true),
            Expression::ClassExpression(class) => self.class(class),
            Expression::AssignmentExpression(assignment) => {
                let target = self.assigned(&assignment.left);
                let value = self.expression(&assignment.right);
                let operator = operator::assignment(assignment.operator);
                self.builder.push(at, Shape::Assign { operator, target, value })
            }
            Expression::AwaitExpression(awaited) => {
                let value = self.expression(&awaited.argument);
                self.builder.push(at, Shape::Await(value))
            }
            Expression::BinaryExpression(binary) => self.binary(binary),
            Expression::LogicalExpression(logical) => {
                let (left, right) = (self.expression(&logical.left), self.expression(&logical.right));
                self.builder.push(at, Shape::Binary { operator: operator::logical(logical.operator), left, right })
            }
            Expression::CallExpression(call) => self.call(call),
            Expression::NewExpression(call) => {
                let callee = self.expression(&call.callee);
                let arguments: Vec<NodeId> = call.arguments.iter().map(|argument| self.argument(argument)).collect();
                let arguments = self.builder.children(&arguments);
                self.builder.push(at, Shape::Call { callee, arguments, is_new: true })
            }
            Expression::ChainExpression(chain) => match &chain.expression {
                ChainElement::CallExpression(call) => self.call(call),
                ChainElement::TSNonNullExpression(inner) => self.expression(&inner.expression),
                element => element.as_member_expression().map_or(NodeId::NONE, |member| self.member(member)),
            },
            Expression::ConditionalExpression(conditional) => {
                let test = self.expression(&conditional.test);
                let then = self.expression(&conditional.consequent);
                let otherwise = self.expression(&conditional.alternate);
                self.builder.push(at, Shape::Conditional { test, then, otherwise })
            }
            Expression::ObjectExpression(object) => self.object(object),
            Expression::SequenceExpression(sequence) => {
                let parts: Vec<NodeId> = sequence.expressions.iter().map(|part| self.expression(part)).collect();
                self.builder.unknown(at, &parts)
            }
            Expression::TaggedTemplateExpression(tagged) => {
                let (callee, quasi) = (self.expression(&tagged.tag), self.template(&tagged.quasi));
                let arguments = self.builder.children(&[quasi]);
                self.builder.push(at, Shape::Call { callee, arguments, is_new: false })
            }
            Expression::UnaryExpression(unary) => {
                let operand = self.expression(&unary.argument);
                self.builder.push(at, Shape::Unary { operator: operator::unary(unary.operator), operand })
            }
            Expression::UpdateExpression(update) => {
                let target = self.simple_target(&update.argument);
                let value = self.builder.number(at.clone(), 1.0);
                let is_more = update.operator == oxc_syntax::operator::UpdateOperator::Increment;
                let operator = Some(if is_more { Operator::Add } else { Operator::Subtract });
                self.builder.push(at, Shape::Assign { operator, target, value })
            }
            Expression::YieldExpression(yielded) => {
                let value = self.optional(yielded.argument.as_ref());
                self.builder.push(at, Shape::Yield(value))
            }
            Expression::ParenthesizedExpression(inner) => self.expression(&inner.expression),
            Expression::TSAsExpression(inner) => self.expression(&inner.expression),
            Expression::TSSatisfiesExpression(inner) => self.expression(&inner.expression),
            Expression::TSTypeAssertion(inner) => self.expression(&inner.expression),
            Expression::TSNonNullExpression(inner) => self.expression(&inner.expression),
            Expression::TSInstantiationExpression(inner) => self.expression(&inner.expression),
            Expression::ImportExpression(import) => {
                let callee = self.builder.name(at.start..at.start + 6, "import");
                let module = self.expression(&import.source);
                let arguments = self.builder.children(&[module]);
                self.builder.push(at, Shape::Call { callee, arguments, is_new: false })
            }
            Expression::ImportMeta(_) => self.builder.name(at, "import.meta"),
            Expression::JSXElement(element) => self.jsx(element),
            Expression::JSXFragment(fragment) => {
                let children = self.jsx_children(&fragment.children);
                self.builder.unknown(at, &children)
            }
            Expression::PrivateInExpression(inner) => self.expression(&inner.right),
            Expression::NewTarget(_) | Expression::V8IntrinsicExpression(_) => self.builder.unknown(at, &[]),
            Expression::ComputedMemberExpression(_)
            | Expression::StaticMemberExpression(_)
            | Expression::PrivateFieldExpression(_) => {
                expression.as_member_expression().map_or(NodeId::NONE, |member| self.member(member))
            }
        }
    }

    /// `a + b + c + …` leans to the left: a loop, so that a long sum needs no depth.
    fn binary(&mut self, binary: &BinaryExpression<'_>) -> NodeId {
        let (mut chain, mut first) = (vec![binary], &binary.left);
        while let Expression::BinaryExpression(inner) = first {
            chain.push(inner);
            first = &inner.left;
        }
        let mut left = self.expression(first);
        for binary in chain.into_iter().rev() {
            let right = self.expression(&binary.right);
            let operator = operator::binary(binary.operator);
            left = self.builder.push(range(binary), Shape::Binary { operator, left, right });
        }
        left
    }

    fn call(&mut self, call: &CallExpression<'_>) -> NodeId {
        let callee = self.expression(&call.callee);
        let arguments: Vec<NodeId> = call.arguments.iter().map(|argument| self.argument(argument)).collect();
        let arguments = self.builder.children(&arguments);
        self.builder.push(range(call), Shape::Call { callee, arguments, is_new: false })
    }

    fn argument(&mut self, argument: &Argument<'_>) -> NodeId {
        match argument {
            Argument::SpreadElement(spread) => {
                let value = self.expression(&spread.argument);
                self.builder.push(range(&**spread), Shape::Spread(value))
            }
            other => self.optional(other.as_expression()),
        }
    }

    fn element(&mut self, element: &ArrayExpressionElement<'_>) -> NodeId {
        match element {
            ArrayExpressionElement::SpreadElement(spread) => {
                let value = self.expression(&spread.argument);
                self.builder.push(range(&**spread), Shape::Spread(value))
            }
            ArrayExpressionElement::Elision(hole) => self.builder.push(range(&**hole), Shape::Null),
            other => self.optional(other.as_expression()),
        }
    }

    pub(super) fn member(&mut self, member: &MemberExpression<'_>) -> NodeId {
        let at = range(member);
        let object = self.expression(member.object());
        match member {
            MemberExpression::ComputedMemberExpression(computed) => {
                let index = self.expression(&computed.expression);
                self.builder.push(at, Shape::Index { object, index })
            }
            MemberExpression::StaticMemberExpression(named) => {
                let property = self.builder.text(named.property.name.as_str());
                self.builder.push(at, Shape::Member { object, property })
            }
            MemberExpression::PrivateFieldExpression(private) => {
                let property = self.builder.text(private.field.name.as_str());
                self.builder.push(at, Shape::Member { object, property })
            }
        }
    }

    fn template(&mut self, literal: &TemplateLiteral<'_>) -> NodeId {
        let mut parts = Vec::with_capacity(literal.quasis.len() * 2);
        for (index, quasi) in literal.quasis.iter().enumerate() {
            let text = quasi.value.cooked.as_ref().unwrap_or(&quasi.value.raw).as_str();
            if !text.is_empty() {
                parts.push(self.builder.string(range(quasi), text));
            }
            if let Some(expression) = literal.expressions.get(index) {
                parts.push(self.expression(expression));
            }
        }
        if literal.expressions.is_empty() {
            // A template without holes is a string.
            let text = literal
                .quasis
                .first()
                .map_or("", |quasi| quasi.value.cooked.as_ref().unwrap_or(&quasi.value.raw).as_str());
            return self.builder.string(range(literal), text);
        }
        let parts = self.builder.children(&parts);
        self.builder.push(range(literal), Shape::Template(parts))
    }

    fn object(&mut self, object: &ObjectExpression<'_>) -> NodeId {
        let mut pairs = Vec::with_capacity(object.properties.len());
        for property in &object.properties {
            pairs.push(match property {
                ObjectPropertyKind::ObjectProperty(property) => {
                    let key = self.key(&property.key);
                    let value = self.expression(&property.value);
                    self.builder.push(range(&**property), Shape::Pair { key, value })
                }
                ObjectPropertyKind::SpreadProperty(spread) => {
                    let value = self.expression(&spread.argument);
                    self.builder.push(range(&**spread), Shape::Spread(value))
                }
            });
        }
        let pairs = self.builder.children(&pairs);
        self.builder.push(range(object), Shape::Object(pairs))
    }

    /// A key is a string where it is known when written.
    pub(super) fn key(&mut self, key: &PropertyKey<'_>) -> NodeId {
        match key.static_name() {
            Some(name) => self.builder.string(range(key), &name),
            None => match key {
                PropertyKey::PrivateIdentifier(name) => self.builder.string(range(&**name), name.name.as_str()),
                other => {
                    let computed = self.optional(other.as_expression());
                    self.present(computed, range(key))
                }
            },
        }
    }

    fn assigned(&mut self, target: &AssignmentTarget<'_>) -> NodeId {
        match target.as_simple_assignment_target() {
            Some(simple) => self.simple_target(simple),
            None => self.assigned_pattern(target),
        }
    }

    pub(super) fn simple_target(&mut self, target: &SimpleAssignmentTarget<'_>) -> NodeId {
        let node = match target {
            SimpleAssignmentTarget::AssignmentTargetIdentifier(name) => {
                return self.builder.name(range(&**name), name.name.as_str());
            }
            other => match (other.as_member_expression(), other.get_expression()) {
                (Some(member), _) => self.deeper(|lower| lower.member(member)),
                (None, inner) => self.optional(inner),
            },
        };
        self.present(node, range(target))
    }

    /// An element calls its component; what its attributes and children do is kept.
    fn jsx(&mut self, element: &oxc_ast::ast::JSXElement<'_>) -> NodeId {
        let mut parts = Vec::new();
        for attribute in &element.opening_element.attributes {
            match attribute {
                JSXAttributeItem::SpreadAttribute(spread) => parts.push(self.expression(&spread.argument)),
                JSXAttributeItem::Attribute(attribute) => {
                    if let Some(JSXAttributeValue::ExpressionContainer(container)) = &attribute.value {
                        parts.push(self.jsx_expression(&container.expression));
                    }
                }
            }
        }
        parts.extend(self.jsx_children(&element.children));
        self.builder.unknown(range(element), &parts)
    }

    fn jsx_children(&mut self, children: &[JSXChild<'_>]) -> Vec<NodeId> {
        let mut parts = Vec::new();
        for child in children {
            let part = match child {
                JSXChild::Element(element) => self.deeper(|lower| lower.jsx(element)),
                JSXChild::Fragment(fragment) => self.deeper(|lower| {
                    let children = lower.jsx_children(&fragment.children);
                    lower.builder.unknown(range(&**fragment), &children)
                }),
                JSXChild::ExpressionContainer(container) => self.jsx_expression(&container.expression),
                JSXChild::Spread(spread) => self.expression(&spread.expression),
                JSXChild::Text(_) => NodeId::NONE,
            };
            parts.push(part);
        }
        parts
    }

    fn jsx_expression(&mut self, expression: &JSXExpression<'_>) -> NodeId {
        self.optional(expression.as_expression())
    }
}
