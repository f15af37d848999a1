//! Calls, the making of objects, and the literals that hold many values.

use super::super::model::{LoopKind, LoopParts, NodeId, Shape};
use super::lower::Lowering;
use super::table::{Construct, Part, Rule, named};
use tree_sitter::Node;

impl<'s> Lowering<'s> {
    pub(super) fn call(&mut self, node: Node, rule: &Rule) -> NodeId {
        let callee = self.callee(node, rule);
        let mut arguments = self.arguments(node, rule);
        let block = self.part(node, rule, Part::Block);
        if let Some(special) = self.special_call(node, rule, &arguments, block) {
            return special;
        }
        if block != NodeId::NONE {
            // Kotlin's `f(x) { … }` is a call of a call in its grammar.
            if let (true, Shape::Call { callee, arguments: inner, is_new }) =
                (arguments.is_empty(), self.builder.shape(callee))
                && rule.option("merges").is_some()
            {
                let mut all = self.builder.listed(inner);
                all.push(block);
                let arguments = self.builder.children(&all);
                return self.push(node, Shape::Call { callee, arguments, is_new });
            }
            arguments.push(block);
        }
        let arguments = self.builder.children(&arguments);
        self.push(node, Shape::Call { callee, arguments, is_new: false })
    }

    /// What is called: an expression, or a name on an object.
    fn callee(&mut self, node: Node, rule: &Rule) -> NodeId {
        let callee = self.part(node, rule, Part::Callee);
        if callee != NodeId::NONE {
            return callee;
        }
        if let Some(word) = rule.option("word") {
            return self.builder.name(node.start_byte()..node.start_byte() + word.len(), word);
        }
        let object = self.part(node, rule, Part::Object);
        let Some(name) = rule.one(node, Part::Name) else { return object };
        if object == NodeId::NONE {
            return self.lower(name);
        }
        let text = self.text(name).trim_start_matches('$');
        let property = self.builder.text(text);
        let start = rule.one(node, Part::Object).map_or(node.start_byte(), |object| object.start_byte());
        self.builder.push(start..name.end_byte(), Shape::Member { object, property })
    }

    /// The arguments; Ruby's `a: 1` among them is a named one.
    pub(super) fn arguments(&mut self, node: Node, rule: &Rule) -> Vec<NodeId> {
        let lowered = self.parts(node, rule, Part::Arguments);
        let (mut arguments, mut pairs) = (Vec::new(), Vec::new());
        for argument in lowered {
            match self.builder.shape(argument) {
                Shape::Pair { .. } => match self.as_named(argument) {
                    Some(named) => arguments.push(named),
                    None => pairs.push(argument),
                },
                _ => arguments.push(argument),
            }
        }
        if !pairs.is_empty() {
            let children = self.builder.children(&pairs);
            arguments.push(self.push(node, Shape::Object(children)));
        }
        arguments
    }

    fn as_named(&mut self, pair: NodeId) -> Option<NodeId> {
        let Shape::Pair { key, value } = self.builder.shape(pair) else { return None };
        let Shape::Str(name) = self.builder.shape(key) else { return None };
        let range = self.builder.range(key);
        let is_quoted = self.builder.blob().text().get(range).is_some_and(|key| key.starts_with(['"', '\'']));
        if is_quoted || !self.table.has("symbol-arguments", "yes") {
            return None;
        }
        let range = self.builder.range(pair);
        Some(self.builder.push(range, Shape::Named { name, value }))
    }

    /// Calls that are keywords elsewhere: Ruby's `raise`, `loop` and `private def`, imports.
    fn special_call(&mut self, node: Node, rule: &Rule, arguments: &[NodeId], block: NodeId) -> Option<NodeId> {
        if !rule.all(node, Part::Object).is_empty() {
            return None;
        }
        let name = rule.one(node, Part::Name).or_else(|| rule.one(node, Part::Callee)).map(|name| self.text(name))?;
        if self.table.has("throws", name) {
            let value = self.thrown(node, arguments);
            return Some(self.push(node, Shape::Throw(value)));
        }
        if self.table.has("loops", name) && block != NodeId::NONE {
            let body = self.builder.body_of(block).unwrap_or(block);
            return Some(self.builder.repeat(node.byte_range(), LoopParts::new(LoopKind::Forever, body)));
        }
        if self.table.has("modifiers", name) {
            let is_function = |argument: &&NodeId| matches!(self.builder.shape(**argument), Shape::Function(_));
            return arguments.iter().find(is_function).copied();
        }
        if self.table.has("requires", name) {
            return self.required(node, name, arguments);
        }
        None
    }

    /// `raise Error, "text"` makes an object like `raise Error.new("text")`.
    fn thrown(&mut self, node: Node, arguments: &[NodeId]) -> NodeId {
        match arguments {
            [] => NodeId::NONE,
            [one] => *one,
            [callee, rest @ ..] => {
                let arguments = self.builder.children(rest);
                self.push(node, Shape::Call { callee: *callee, arguments, is_new: true })
            }
        }
    }

    pub(super) fn new_object(&mut self, node: Node, rule: &Rule) -> NodeId {
        let callee = match rule.one(node, Part::Type) {
            Some(made) => self.type_path(made),
            None => NodeId::NONE,
        };
        let callee =
            if callee == NodeId::NONE { self.builder.name(node.start_byte()..node.start_byte(), "") } else { callee };
        let mut arguments = self.arguments(node, rule);
        arguments.extend(self.parts(node, rule, Part::Init));
        // An anonymous class is what the object is made of.
        if let Some(body) = rule.one(node, Part::Block) {
            arguments.push(self.anonymous_class(body));
        }
        let arguments = self.builder.children(&arguments);
        self.push(node, Shape::Call { callee, arguments, is_new: true })
    }

    /// Go's `http.Client{…}`; a slice or map literal is just that.
    pub(super) fn typed_literal(&mut self, node: Node, rule: &Rule) -> NodeId {
        let body = self.part(node, rule, Part::Body);
        match rule.one(node, Part::Type) {
            Some(made) if !self.table.has("plain-literals", made.kind()) => {
                let callee = self.type_path(made);
                let arguments = self.builder.children(&[body]);
                self.push(node, Shape::Call { callee, arguments, is_new: true })
            }
            _ => body,
        }
    }

    /// `f(name: value)` where the name is a child of the argument; otherwise just the value.
    pub(super) fn argument(&mut self, node: Node, rule: &Rule) -> NodeId {
        let children = named(node);
        let Some(value) = children.last() else { return NodeId::NONE };
        let is_named = children.len() > 1
            && (0..node.child_count()).filter_map(|at| node.child(at)).any(|c| matches!(c.kind(), "=" | ":"));
        let name = rule.one(node, Part::Name).or_else(|| children.first().copied().filter(|_| is_named));
        let lowered = self.lower(*value);
        let sign = self.text(node);
        if sign.starts_with('*') || sign.starts_with("...") {
            return self.push(node, Shape::Spread(lowered));
        }
        match name.filter(|name| name.id() != value.id()) {
            Some(name) => {
                let text = self.text(name).trim_end_matches([':', ' ']);
                let name = self.builder.text(text);
                self.push(node, Shape::Named { name, value: lowered })
            }
            None => lowered,
        }
    }

    pub(super) fn named_argument(&mut self, node: Node, rule: &Rule) -> NodeId {
        let value = self.part(node, rule, Part::Value);
        let Some(name) = rule.one(node, Part::Name) else { return value };
        let name = self.keep(name);
        self.push(node, Shape::Named { name, value })
    }

    pub(super) fn object(&mut self, node: Node, rule: &Rule) -> NodeId {
        let items = self.parts(node, rule, Part::Items);
        let items = self.builder.children(&items);
        self.push(node, Shape::Object(items))
    }

    /// C#'s `new { a = 1, b.C }`, whose grammar leaves the pairs to be put together.
    pub(super) fn loose_object(&mut self, node: Node) -> NodeId {
        let mut items = Vec::new();
        let mut key: Option<Node> = None;
        for at in 0..node.child_count() {
            let Some(child) = node.child(at) else { continue };
            let is_key = child.next_sibling().is_some_and(|next| next.kind() == "=");
            if !child.is_named() || child.is_extra() {
                continue;
            }
            if is_key {
                key = Some(child);
                continue;
            }
            let value = self.lower(child);
            let name = match key.take() {
                Some(key) => self.text(key),
                None => self.text(child).rsplit('.').next().unwrap_or_default(),
            };
            let key = self.builder.string(child.byte_range(), name);
            items.push(self.builder.push(child.byte_range(), Shape::Pair { key, value }));
        }
        let items = self.builder.children(&items);
        self.push(node, Shape::Object(items))
    }

    pub(super) fn pair(&mut self, node: Node, rule: &Rule) -> NodeId {
        let mut key = self.part(node, rule, Part::Key);
        if let (Some(_), Shape::Name(name)) = (rule.option("literal-keys"), self.builder.shape(key)) {
            key = self.builder.push(self.builder.range(key), Shape::Str(name));
        }
        let value = match self.part(node, rule, Part::Value) {
            // Ruby's `{ c: }` is `{ c: c }`.
            NodeId::NONE => match self.builder.shape(key) {
                Shape::Str(name) => self.push(node, Shape::Name(name)),
                _ => key,
            },
            value => value,
        };
        self.push(node, Shape::Pair { key, value })
    }

    pub(super) fn list(&mut self, node: Node, rule: &Rule) -> NodeId {
        let items = self.parts(node, rule, Part::Items);
        if let (Some(_), [one]) = (rule.option("single"), &items[..]) {
            return *one;
        }
        let items = self.builder.children(&items);
        self.push(node, Shape::List(items))
    }

    /// PHP's array: an object where its elements have keys.
    pub(super) fn array(&mut self, node: Node, rule: &Rule) -> NodeId {
        let mut items = Vec::new();
        for element in rule.all(node, Part::Items) {
            match named(element)[..] {
                [key, value] if element.kind() != "variadic_unpacking" => {
                    let (key, value) = (self.lower(key), self.lower(value));
                    items.push(self.builder.push(element.byte_range(), Shape::Pair { key, value }));
                }
                _ => self.lower_into(element, &mut items),
            }
        }
        self.object_or_list(node, items)
    }

    /// `{ a = 1, ["b"] = 2, { "c", 3 }, 4 }`: pairs where there are keys.
    pub(super) fn initializer(&mut self, node: Node, rule: &Rule) -> NodeId {
        let mut items = Vec::new();
        for item in rule.all(node, Part::Items) {
            let is_initializer = self.table.rule(item).is_some_and(|rule| rule.construct == Construct::Initializer);
            if let ([key, value], true) = (&named(item)[..], is_initializer) {
                let (key, value) = (self.lower(*key), self.lower(*value));
                items.push(self.builder.push(item.byte_range(), Shape::Pair { key, value }));
                continue;
            }
            let lowered = self.lower(item);
            items.push(match self.builder.shape(lowered) {
                Shape::Assign { operator: None, target, value } => {
                    let key = match self.builder.shape(target) {
                        Shape::Name(name) => self.builder.push(self.builder.range(target), Shape::Str(name)),
                        _ => target,
                    };
                    self.builder.push(item.byte_range(), Shape::Pair { key, value })
                }
                _ => lowered,
            });
        }
        self.object_or_list(node, items)
    }

    fn object_or_list(&mut self, node: Node, items: Vec<NodeId>) -> NodeId {
        let has_pairs =
            items.iter().any(|item| *item != NodeId::NONE && matches!(self.builder.shape(*item), Shape::Pair { .. }));
        let items = self.builder.children(&items);
        self.push(node, if has_pairs { Shape::Object(items) } else { Shape::List(items) })
    }
}
