//! What Ruby writes without saying more: methods called by a bare name, constants of modules elsewhere.

use super::model::{Class, Language, Node};
use super::origin::{Origin, Origins, Tracer, Value};

impl<'a> Tracer<'a> {
    /// Ruby calls a method without arguments by its bare name.
    pub(super) fn called_or_named(&mut self, node: Node<'a>, name: &'a str) -> Origins<'a> {
        let origins = self.name(node, name);
        let is_callee = node.parent().and_then(Node::as_call).is_some_and(|call| call.callee == node);
        if node.source().language() != Language::Ruby || is_callee {
            return origins;
        }
        let called = origins.into_iter().flat_map(|origin| match origin {
            Origin::Own(Value::Function(function)) if function.parameters.is_empty() && !function.marks.is_lambda => {
                self.all(function.returned())
            }
            other => vec![other],
        });
        called.collect()
    }

    /// Ruby's `Orders::Place`, which its file declares as `class Orders::Place` or inside a module.
    pub(super) fn constant_by_name(&mut self, node: Node<'a>, property: &'a str, members: Origins<'a>) -> Origins<'a> {
        let is_unknown = members.iter().all(|origin| matches!(origin, Origin::Library(_, None) | Origin::Unknown(_)));
        let is_constant = property.starts_with(char::is_uppercase) && property.chars().any(char::is_lowercase);
        if node.source().language() != Language::Ruby || !is_constant || !is_unknown {
            return members;
        }
        let classes = self.code.index.classes(property).filter_map(|key| self.code.at(key)).filter_map(Node::as_class);
        let own: Vec<Class<'a>> =
            classes.filter(|class| class.node.source().language() == Language::Ruby).take(2).collect();
        match own.as_slice() {
            [class] => vec![Origin::Own(Value::Class(*class))],
            _ => members,
        }
    }
}
