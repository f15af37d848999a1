//! What a member of a value is: of a library's object, of a class and its bases, of an object literal.

use super::model::{Call, Class, Kind, Language, Node};
use super::origin::{MAX_DEPTH, Origin, Origins, Tracer, Value};

impl<'a> Tracer<'a> {
    pub(super) fn member_of(&mut self, objects: Origins<'a>, property: &'a str, at: Node<'a>) -> Origins<'a> {
        objects.into_iter().flat_map(|origin| self.member(origin, property, at)).collect()
    }

    fn member(&mut self, object: Origin<'a>, property: &'a str, at: Node<'a>) -> Origins<'a> {
        match object {
            Origin::Library(path, maker) => vec![Origin::Library(format!("{path}.{property}"), maker)],
            Origin::Module(files) => {
                let definitions = self.code.in_files(&files, property, 0);
                if definitions.is_empty() {
                    return vec![Origin::Unknown(at)];
                }
                definitions.into_iter().flat_map(|definition| self.definition(definition)).collect()
            }
            Origin::Own(Value::Literal(node)) => self.member_of_literal(node, property, at),
            Origin::Own(Value::Instance(class, maker)) => self.member_of_class(class, property, at, maker),
            Origin::Own(Value::Class(class)) if property == "new" && at.source().language() == Language::Ruby => {
                vec![Origin::Own(Value::Class(class))]
            }
            Origin::Own(Value::Class(class)) => self.member_of_class(class, property, at, None),
            // Ruby calls a method by its bare name: `connection.get`.
            Origin::Own(Value::Function(function)) if at.source().language() == Language::Ruby => {
                let answers = self.answer(function);
                self.member_of(answers, property, at)
            }
            Origin::Own(Value::Function(_)) | Origin::Unknown(_) => vec![Origin::Unknown(at)],
        }
    }

    fn member_of_literal(&mut self, node: Node<'a>, property: &'a str, at: Node<'a>) -> Origins<'a> {
        if let Some(value) = node.get(property) {
            return self.trace(value);
        }
        let Kind::Object(entries) = node.kind() else { return vec![Origin::Unknown(at)] };
        let spread = entries.iter().filter_map(|entry| match entry.kind() {
            Kind::Spread(value) => Some(value),
            _ => None,
        });
        let spread: Vec<Node<'a>> = spread.collect();
        let objects = self.all(spread);
        if objects.is_empty() { vec![Origin::Unknown(at)] } else { self.member_of(objects, property, at) }
    }

    fn member_of_class(
        &mut self,
        class: Class<'a>,
        property: &'a str,
        at: Node<'a>,
        maker: Option<Call<'a>>,
    ) -> Origins<'a> {
        let members = self.code.class_members(class, property);
        if !members.is_empty() {
            return members.into_iter().flat_map(|member| self.declared(member)).collect();
        }
        let writes = self.code.field_writes(class, property);
        if !writes.is_empty() {
            return self.all(writes);
        }
        // Two classes of one name may seem to be derived from each other.
        if self.open.contains(&class.node) || self.open.len() >= MAX_DEPTH {
            return vec![Origin::Unknown(at)];
        }
        let bases = self.bases(class);
        if bases.is_empty() {
            return vec![Origin::Unknown(at)];
        }
        let bases = bases.into_iter().map(|base| match base {
            // A method of the library's class on an object of ours: the maker is the one of our class.
            Origin::Library(path, None) => Origin::Library(path, maker),
            other => other,
        });
        let bases: Origins<'a> = bases.collect();
        self.open.push(class.node);
        let found = self.member_of(bases, property, at);
        self.open.pop();
        found
    }

    /// The bases of a class, as objects of them.
    pub(super) fn bases(&mut self, class: Class<'a>) -> Origins<'a> {
        let mut found = Vec::new();
        for base in class.bases.iter() {
            let named = match base.kind() {
                Kind::Type(text) => self.of_type_name(class.node, text),
                Kind::Call(call) => self.trace(call.callee),
                _ => self.trace(base),
            };
            found.extend(named.into_iter().filter_map(|origin| match origin {
                Origin::Own(Value::Class(base)) if base.node != class.node => {
                    Some(Origin::Own(Value::Instance(base, None)))
                }
                Origin::Library(path, maker) => Some(Origin::Library(format!("{path}()"), maker)),
                _ => None,
            }));
        }
        found
    }
}
