//! Destructuring, in declarations and in assignments.

use super::{Lower, range};
use crate::facts::code::model::{NodeId, Shape};
use oxc_ast::ast::{
    AssignmentTarget, AssignmentTargetMaybeDefault, AssignmentTargetProperty, BindingPattern, BindingRestElement,
};
use oxc_span::GetSpan;

impl Lower {
    pub(super) fn pattern(&mut self, pattern: &BindingPattern<'_>) -> NodeId {
        let node = self.deeper(|lower| lower.pattern_here(pattern));
        self.present(node, range(pattern))
    }

    fn pattern_here(&mut self, pattern: &BindingPattern<'_>) -> NodeId {
        let at = range(pattern);
        match pattern {
            BindingPattern::BindingIdentifier(name) => self.builder.name(at, name.name.as_str()),
            BindingPattern::ObjectPattern(object) => {
                let mut pairs = Vec::new();
                for property in &object.properties {
                    let (key, value) = (self.key(&property.key), self.pattern(&property.value));
                    pairs.push(self.builder.push(range(property), Shape::Pair { key, value }));
                }
                pairs.extend(object.rest.as_ref().map(|rest| self.rest(rest)));
                let pairs = self.builder.children(&pairs);
                self.builder.push(at, Shape::Object(pairs))
            }
            BindingPattern::ArrayPattern(array) => {
                let mut items = Vec::new();
                for element in &array.elements {
                    items.push(match element {
                        Some(element) => self.pattern(element),
                        None => self.builder.push(at.start..at.start, Shape::Null),
                    });
                }
                items.extend(array.rest.as_ref().map(|rest| self.rest(rest)));
                let items = self.builder.children(&items);
                self.builder.push(at, Shape::List(items))
            }
            BindingPattern::AssignmentPattern(assignment) => {
                let (target, value) = (self.pattern(&assignment.left), self.expression(&assignment.right));
                self.builder.push(at, Shape::Assign { operator: None, target, value })
            }
        }
    }

    pub(super) fn rest(&mut self, rest: &BindingRestElement<'_>) -> NodeId {
        let target = self.pattern(&rest.argument);
        self.builder.push(range(rest), Shape::Spread(target))
    }

    /// `[a, b] = …` and `({ a, b: c } = …)`.
    pub(super) fn assigned_pattern(&mut self, target: &AssignmentTarget<'_>) -> NodeId {
        let node = self.deeper(|lower| lower.assigned_pattern_here(target));
        self.present(node, range(target))
    }

    fn assigned_pattern_here(&mut self, target: &AssignmentTarget<'_>) -> NodeId {
        let at = range(target);
        match target {
            AssignmentTarget::ArrayAssignmentTarget(array) => {
                let mut items = Vec::new();
                for element in &array.elements {
                    items.push(match element {
                        Some(element) => self.maybe_default(element),
                        None => self.builder.push(at.start..at.start, Shape::Null),
                    });
                }
                let items = self.builder.children(&items);
                self.builder.push(at, Shape::List(items))
            }
            AssignmentTarget::ObjectAssignmentTarget(object) => {
                let mut pairs = Vec::new();
                for property in &object.properties {
                    let (key, value) = match property {
                        AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(property) => {
                            let name = property.binding.name.as_str();
                            let at = range(&property.binding);
                            (self.builder.string(at.clone(), name), self.builder.name(at, name))
                        }
                        AssignmentTargetProperty::AssignmentTargetPropertyProperty(property) => {
                            (self.key(&property.name), self.maybe_default(&property.binding))
                        }
                    };
                    pairs.push(self.builder.push(range(property), Shape::Pair { key, value }));
                }
                let pairs = self.builder.children(&pairs);
                self.builder.push(at, Shape::Object(pairs))
            }
            simple => match simple.as_simple_assignment_target() {
                Some(simple) => self.simple_target(simple),
                None => NodeId::NONE,
            },
        }
    }

    fn maybe_default(&mut self, element: &AssignmentTargetMaybeDefault<'_>) -> NodeId {
        match element {
            AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(with) => {
                let (target, value) = (self.assigned_pattern(&with.binding), self.expression(&with.init));
                self.builder.push(range(&**with), Shape::Assign { operator: None, target, value })
            }
            other => match other.as_assignment_target() {
                Some(target) => self.assigned_pattern(target),
                None => {
                    let span = other.span();
                    self.builder.unknown(span.start as usize..span.end as usize, &[])
                }
            },
        }
    }
}
