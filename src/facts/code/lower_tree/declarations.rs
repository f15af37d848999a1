//! Functions, classes, variables and parameters.

use super::super::model::{
    Children, ClassKind, ClassParts, FunctionMarks, FunctionParts, NodeId, ParameterKind, ParameterParts, Shape, Text,
};
use super::lower::Lowering;
use super::table::{Construct, Part, Rule, named};
use tree_sitter::Node;

impl<'s> Lowering<'s> {
    pub(super) fn function(&mut self, node: Node, rule: &Rule) -> NodeId {
        let is_lambda = rule.construct == Construct::Lambda;
        let mut decorators = if is_lambda { Vec::new() } else { std::mem::take(&mut self.decorators) };
        decorators.extend(self.parts(node, rule, Part::Decorators));
        let receiver = rule.one(node, Part::Receiver);
        let (receiver_type, receiver_name) = receiver.map_or((NodeId::NONE, None), |node| self.receiver(node));
        self.receivers.extend(receiver_name);
        self.enter(is_lambda);
        let mut parameters = self.parameter_list(node, rule);
        let body_nodes = rule.all(node, Part::Body);
        let body = self.function_body(rule, &body_nodes);
        let implicit = rule.option("implicit").filter(|name| {
            self.text(node).split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == *name)
        });
        if let (true, Some(name)) = (parameters.is_empty(), implicit) {
            let target = self.builder.name(node.start_byte()..node.start_byte(), name);
            parameters.push(self.builder.parameter(node.start_byte()..node.start_byte(), ParameterParts::new(target)));
        }
        self.leave();
        if receiver_name.is_some() {
            self.receivers.pop();
        }
        let returns = rule.one(node, Part::Returns).map_or(NodeId::NONE, |returns| self.type_text(returns));
        let name = if is_lambda {
            Text::EMPTY
        } else {
            rule.one(node, Part::Name).map_or(Text::EMPTY, |name| self.keep(name))
        };
        let marks = self.marks(node, rule, is_lambda);
        let (parameters, decorators) = (self.builder.children(&parameters), self.builder.children(&decorators));
        let parts = FunctionParts { name, parameters, body, returns, decorators, receiver: receiver_type, marks };
        self.builder.function(node.byte_range(), parts)
    }

    fn function_body(&mut self, rule: &Rule, nodes: &[Node]) -> NodeId {
        let Some(first) = nodes.first() else { return NodeId::NONE };
        let lowered = self.lower_all(nodes);
        match lowered[..] {
            [one] if rule.option("unwraps").is_some() => self.builder.body_of(one).unwrap_or(one),
            [one] if rule.option("statements").is_none() => one,
            [] if nodes.len() == 1 => self.builder.block(first.byte_range(), &[]),
            _ => {
                self.builder.block(first.start_byte()..nodes.last().map_or(first.end_byte(), Node::end_byte), &lowered)
            }
        }
    }

    /// The type a Go method belongs to, and what the method calls its receiver.
    fn receiver(&mut self, node: Node) -> (NodeId, Option<&'s str>) {
        let parameter = named(node).into_iter().next();
        let typed = parameter.and_then(|parameter| parameter.child_by_field_name("type")).unwrap_or(node);
        let name = parameter.and_then(|parameter| parameter.child_by_field_name("name")).map(|name| self.text(name));
        let written = self.text(typed).trim_start_matches('*').split(['[', '<']).next().unwrap_or_default();
        let text = self.builder.text(written);
        (self.push(typed, Shape::Type(text)), name)
    }

    /// What the words before a function, and the tokens in its head, say of it.
    fn marks(&mut self, node: Node, rule: &Rule, is_lambda: bool) -> FunctionMarks {
        let name = rule.one(node, Part::Name).map(|name| self.text(name)).unwrap_or_default();
        let words = self.words_before(node, rule);
        let has = |word: &str| words.contains(&word);
        FunctionMarks {
            is_async: has("async") || has("suspend"),
            is_generator: false,
            is_static: has("static") || rule.option("static").is_some(),
            is_constructor: rule.option("constructor").is_some() || self.table.has("constructors", name),
            is_getter: rule.option("getter").is_some(),
            is_lambda,
            is_private: has("private"),
        }
    }

    /// Modifiers, as keywords of the node itself or in nodes of their own.
    fn words_before(&self, node: Node, rule: &Rule) -> Vec<&'s str> {
        let tokens = (0..node.child_count()).filter_map(|at| node.child(at)).filter(|child| !child.is_named());
        let mut words: Vec<&str> = tokens.map(|token| self.text(token)).collect();
        for modifiers in rule.all(node, Part::Modifiers) {
            words.extend(self.text(modifiers).split_whitespace());
        }
        words
    }

    fn parameter_list(&mut self, node: Node, rule: &Rule) -> Vec<NodeId> {
        let lowered = self.parts(node, rule, Part::Parameters);
        let mut parameters = Vec::new();
        for parameter in lowered {
            match self.builder.shape(parameter) {
                Shape::Parameter(_) => parameters.push(parameter),
                // The object itself, as Python and Ruby write it first.
                Shape::This => {}
                _ => {
                    let range = self.builder.range(parameter);
                    // Kotlin's grammar puts a default beside its parameter, which has it already.
                    let before = self.builder.blob().text().get(..range.start).unwrap_or_default();
                    if before.trim_end().ends_with('=') {
                        continue;
                    }
                    parameters.push(self.builder.parameter(range, ParameterParts::new(parameter)));
                }
            }
        }
        parameters
    }

    /// One parameter, or several names of one type.
    pub(super) fn parameters(&mut self, node: Node, rule: &Rule, out: &mut Vec<NodeId>) {
        let decorators = self.parts(node, rule, Part::Decorators);
        let decorators = self.builder.children(&decorators);
        let mut default = self.part(node, rule, Part::Value);
        let beside = node.next_sibling().filter(|sign| sign.kind() == "=").and_then(|sign| sign.next_named_sibling());
        if let (NodeId::NONE, Some(beside)) = (default, beside) {
            default = self.lower(beside);
        }
        let words = self.words_before(node, rule);
        let rest = match rule.option("rest") {
            Some("list") => ParameterKind::Rest,
            Some("named") => ParameterKind::NamedRest,
            Some("block") => ParameterKind::Block,
            _ if words.contains(&"vararg") || words.contains(&"params") => ParameterKind::Rest,
            _ => ParameterKind::Plain,
        };
        let is_field = rule.option("field").is_some() || words.contains(&"val") || words.contains(&"var");
        let targets = rule.all(node, Part::Target);
        for target in targets {
            let annotation = rule.one(node, Part::Type).map_or(NodeId::NONE, |typed| self.type_text(typed));
            let name = self.text(target).trim_start_matches('$');
            self.declares(name);
            let target = match self.lower(target) {
                lowered if lowered == NodeId::NONE => continue,
                lowered => match self.builder.shape(lowered) {
                    Shape::Let { target, .. } => target,
                    _ => lowered,
                },
            };
            let parts = ParameterParts { target, annotation, default, decorators, kind: rest, is_field };
            out.push(self.builder.parameter(node.byte_range(), parts));
        }
    }

    /// A declaration with its declarators: `private static final long a = 1, b = 2;`.
    pub(super) fn fields(&mut self, node: Node, rule: &Rule, out: &mut Vec<NodeId>) {
        let decorators = self.parts(node, rule, Part::Decorators);
        let words = self.words_before(node, rule);
        let is_static = ["static", "const"].iter().any(|word| words.contains(word));
        let annotation = rule.one(node, Part::Type).map_or(NodeId::NONE, |typed| self.type_text(typed));
        let outer = std::mem::replace(&mut self.declared, (annotation, is_static));
        let declared = self.parts(node, rule, Part::Items);
        self.declared = outer;
        for item in declared {
            out.push(self.decorated(node, &decorators, item));
        }
    }

    fn decorated(&mut self, node: Node, decorators: &[NodeId], item: NodeId) -> NodeId {
        if decorators.is_empty() {
            return item;
        }
        let decorators = self.builder.children(decorators);
        self.push(node, Shape::Decorated { decorators, item })
    }

    /// A declared variable, constant or field. Several names with as many values are as many declarations.
    pub(super) fn declare(&mut self, node: Node, rule: &Rule, out: &mut Vec<NodeId>) {
        let decorators = self.parts(node, rule, Part::Decorators);
        let value = self.part(node, rule, Part::Value);
        let targets = rule.all(node, Part::Target);
        let (outer, is_static) = self.declared;
        let words = self.words_before(node, rule);
        let is_static = is_static || ["static", "const"].iter().any(|word| words.contains(word));
        let annotation = match rule.one(node, Part::Type) {
            Some(typed) if self.is_embedded(typed) => self.lower(typed),
            Some(typed) => self.type_text(typed),
            None => outer,
        };
        let values = match (targets.len() > 1 && value != NodeId::NONE).then(|| self.builder.shape(value)) {
            Some(Shape::List(values)) => self.builder.listed(values),
            _ => vec![value],
        };
        for (index, target) in targets.iter().enumerate() {
            let name = self.text(*target).trim_start_matches('$');
            self.declares(name);
            let target = self.lower(*target);
            let value = values.get(index).copied().unwrap_or(NodeId::NONE);
            let made = self.push(node, Shape::Let { target, annotation, value, is_static });
            out.push(self.decorated(node, &decorators, made));
        }
        // Resources and caught values may have no name.
        if targets.is_empty() && value != NodeId::NONE {
            out.push(value);
        }
    }

    fn is_embedded(&self, node: Node) -> bool {
        self.table.rule(node).is_some_and(|rule| rule.construct == Construct::Embedded)
    }

    pub(super) fn class(&mut self, node: Node, rule: &Rule) -> NodeId {
        let mut decorators = std::mem::take(&mut self.decorators);
        decorators.extend(self.parts(node, rule, Part::Decorators));
        let mut bases = Vec::new();
        for base in rule.all(node, Part::Bases).into_iter().chain(rule.all(node, Part::Items)) {
            self.lower_into(base, &mut bases);
        }
        self.enter(false);
        let mut members = self.primary_constructor(node, rule);
        let (inner, kind) = self.class_body(node, rule);
        members.extend(inner);
        self.leave();
        let members = self.members(members);
        // Ruby's `class Orders::Place` is called `Place`.
        let own = rule.one(node, Part::Name).map(|name| match name.kind() {
            "scope_resolution" => name.child_by_field_name("name").unwrap_or(name),
            _ => name,
        });
        let name = own.map_or(Text::EMPTY, |name| self.keep(name));
        let kind = kind.unwrap_or_else(|| kind_of(rule.option("kind"), &self.words_before(node, rule)));
        let (decorators, bases) = (self.builder.children(&decorators), self.builder.children(&bases));
        let members = self.builder.children(&members);
        self.builder.class(node.byte_range(), ClassParts { name, kind, bases, members, decorators })
    }

    /// What is in a class; Go says only there what kind of type it is.
    fn class_body(&mut self, node: Node, rule: &Rule) -> (Vec<NodeId>, Option<ClassKind>) {
        let mut members = Vec::new();
        let mut kind = None;
        for body in rule.all(node, Part::Body) {
            match self.table.rule(body) {
                Some(inner) if inner.construct == Construct::Embedded => {
                    kind = Some(kind_of(inner.option("kind"), &[]));
                    let parts = if inner.all(body, Part::Body).is_empty() { Part::Items } else { Part::Body };
                    members.extend(self.parts(body, inner, parts));
                }
                Some(inner) if inner.construct == Construct::Typed || inner.construct == Construct::Type => {
                    kind = Some(ClassKind::Struct);
                }
                _ => self.lower_into(body, &mut members),
            }
        }
        // A body that is a block gives its statements.
        let blocks = members.iter().filter_map(|id| match self.builder.shape(*id) {
            Shape::Block(inner) => Some(self.builder.listed(inner)),
            _ => None,
        });
        if let (1, Some(inner)) = (members.len(), blocks.into_iter().next()) {
            return (inner, kind);
        }
        (members, kind)
    }

    /// An assignment straight in a class body declares a field.
    fn members(&mut self, members: Vec<NodeId>) -> Vec<NodeId> {
        let mut made = Vec::with_capacity(members.len());
        for id in members {
            made.push(match self.builder.shape(id) {
                Shape::Assign { operator: None, target, value } => {
                    let range = self.builder.range(id);
                    let annotation = NodeId::NONE;
                    self.builder.push(range, Shape::Let { target, annotation, value, is_static: true })
                }
                _ => id,
            });
        }
        made
    }

    /// A constructor in the head of a class: its parameters are fields too.
    fn primary_constructor(&mut self, node: Node, rule: &Rule) -> Vec<NodeId> {
        let head = rule.all(node, Part::Parameters);
        let Some(first) = head.first() else { return Vec::new() };
        let lowered = self.lower_all(&head);
        let mut parameters = Vec::new();
        for id in lowered {
            parameters.push(self.builder.as_field(id));
        }
        let body = self.builder.block(first.end_byte()..first.end_byte(), &[]);
        let name = rule.one(node, Part::Name).map_or(Text::EMPTY, |name| self.keep(name));
        let parameters = self.builder.children(&parameters);
        let marks = FunctionMarks { is_constructor: true, ..FunctionMarks::default() };
        let (none, decorators) = (NodeId::NONE, Children::default());
        let parts = FunctionParts { name, parameters, body, returns: none, decorators, receiver: none, marks };
        vec![self.builder.function(first.byte_range(), parts)]
    }

    pub(super) fn anonymous_class(&mut self, body: Node) -> NodeId {
        self.enter(true);
        let members = self.lower_all(&[body]);
        self.leave();
        let members = self.builder.children(&members);
        let (bases, decorators) = (Children::default(), Children::default());
        let parts = ClassParts { name: Text::EMPTY, kind: ClassKind::Class, bases, members, decorators };
        self.builder.class(body.byte_range(), parts)
    }

    /// A type that is written where it is used: Go's `var x struct { … }`.
    pub(super) fn embedded(&mut self, node: Node, rule: &Rule) -> NodeId {
        let parts = if rule.all(node, Part::Body).is_empty() { Part::Items } else { Part::Body };
        let members = self.parts(node, rule, parts);
        let members = self.builder.children(&members);
        let kind = kind_of(rule.option("kind"), &[]);
        let (bases, decorators) = (Children::default(), Children::default());
        self.builder.class(node.byte_range(), ClassParts { name: Text::EMPTY, kind, bases, members, decorators })
    }
}

fn kind_of(option: Option<&str>, words: &[&str]) -> ClassKind {
    match option {
        Some("interface") => ClassKind::Interface,
        Some("struct") => ClassKind::Struct,
        Some("enum") => ClassKind::Enum,
        Some("singleton") => ClassKind::Singleton,
        Some("module") => ClassKind::Module,
        Some("namespace") => ClassKind::Namespace,
        _ if words.contains(&"interface") => ClassKind::Interface,
        _ if words.contains(&"enum") => ClassKind::Enum,
        _ if words.contains(&"data") => ClassKind::Struct,
        _ => ClassKind::Class,
    }
}
