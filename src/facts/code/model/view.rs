//! The larger kinds of node, with the questions that are often asked of them.

use super::*;

/// A call or the making of an object.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    pub node: Node<'a>,
    pub callee: Node<'a>,
    /// Expressions, [`Kind::Named`] and [`Kind::Spread`], in the order written.
    pub arguments: Nodes<'a>,
    /// `new X()`, a Go or C# literal with a type. In Python, Ruby's `X.new` and Kotlin a plain call makes objects.
    pub is_new: bool,
}

impl<'a> Call<'a> {
    /// The argument at a position; named ones and spreads have none.
    pub fn argument(self, position: usize) -> Option<Node<'a>> {
        let is_positional = |node: &Node<'a>| !matches!(node.kind(), Kind::Named { .. } | Kind::Spread(_));
        self.arguments.iter().filter(is_positional).nth(position)
    }

    /// The value of a named argument, or of that key in an object literal among the arguments.
    pub fn option(self, name: &str) -> Option<Node<'a>> {
        self.arguments.iter().find_map(|argument| match argument.kind() {
            Kind::Named { name: own, value } if own == name => Some(value),
            Kind::Object(_) | Kind::List(_) => argument.get(name),
            _ => None,
        })
    }

    /// The last name of what is called: `get` of `this.http.get`.
    pub fn method(self) -> &'a str {
        match self.callee.kind() {
            Kind::Member { property, .. } => property,
            Kind::Name(name) => name,
            _ => "",
        }
    }

    /// What the method is called on.
    pub fn receiver(self) -> Option<Node<'a>> {
        match self.callee.kind() {
            Kind::Member { object, .. } => Some(object),
            _ => None,
        }
    }

    /// The callee as written, where it is names and dots only: `this.http.get`.
    pub fn path(self) -> Option<String> {
        self.callee.path()
    }

    pub fn is_awaited(self) -> bool {
        self.node.parent().is_some_and(|parent| matches!(parent.kind(), Kind::Await(_)))
    }
}

/// A function of any kind.
#[derive(Debug, Clone, Copy)]
pub struct Function<'a> {
    pub node: Node<'a>,
    /// Empty for a lambda; see [`Function::known_as`].
    pub name: &'a str,
    /// [`Kind::Parameter`]s.
    pub parameters: Nodes<'a>,
    pub body: Option<Node<'a>>,
    pub returns: Option<Node<'a>>,
    pub decorators: Nodes<'a>,
    /// The type it belongs to, for a Go method or a Kotlin extension function.
    pub receiver: Option<Node<'a>>,
    pub marks: FunctionMarks,
}

impl<'a> Function<'a> {
    pub(super) fn of(node: Node<'a>, index: u32) -> Option<Self> {
        let source = node.source;
        let parts = source.functions.get(index as usize)?;
        let opt = |id: NodeId| id.some().map(|id| source.node(id));
        Some(Self {
            node,
            name: source.str(parts.name),
            parameters: Nodes::new(source, parts.parameters),
            body: opt(parts.body),
            returns: opt(parts.returns),
            decorators: Nodes::new(source, parts.decorators),
            receiver: opt(parts.receiver),
            marks: parts.marks,
        })
    }

    /// Its own name, or that of the variable, field or key which a lambda is the value of.
    pub fn known_as(self) -> &'a str {
        if !self.name.is_empty() {
            return self.name;
        }
        match self.node.parent().map(Node::kind) {
            Some(Kind::Let(declared)) if declared.value == Some(self.node) => declared.target.leaf(),
            Some(Kind::Assign { target, value, .. }) if value == self.node => target.leaf(),
            Some(Kind::Pair { key, value }) if value == self.node => key.leaf(),
            _ => "",
        }
    }

    pub fn parameter(self, position: usize) -> Option<Parameter<'a>> {
        self.parameters.iter().filter_map(Node::as_parameter).nth(position)
    }

    /// The expressions that it answers with, those of nested functions left out.
    pub fn returned(self) -> Vec<Node<'a>> {
        let Some(body) = self.body else { return Vec::new() };
        if !matches!(body.kind(), Kind::Block(_)) {
            return vec![body];
        }
        let mut returned: Vec<Node<'a>> = body
            .walk_own()
            .filter_map(|node| match node.kind() {
                Kind::Return(value) => value,
                _ => None,
            })
            .collect();
        // Ruby answers with its last expression, Kotlin's lambdas too.
        let answers_last = self.node.source.language == Language::Ruby
            || (self.node.source.language == Language::Kotlin && self.marks.is_lambda);
        if let (true, Kind::Block(statements)) = (answers_last, body.kind()) {
            let last = statements.last().filter(|last| !matches!(last.kind(), Kind::Return(_) | Kind::Throw(_)));
            returned.extend(last);
        }
        returned
    }
}

/// A class, interface, struct, enum, module or namespace.
#[derive(Debug, Clone, Copy)]
pub struct Class<'a> {
    pub node: Node<'a>,
    pub name: &'a str,
    pub kind: ClassKind,
    pub bases: Nodes<'a>,
    pub members: Nodes<'a>,
    pub decorators: Nodes<'a>,
}

impl<'a> Class<'a> {
    pub(super) fn of(node: Node<'a>, index: u32) -> Option<Self> {
        let source = node.source;
        let parts = source.classes.get(index as usize)?;
        Some(Self {
            node,
            name: source.str(parts.name),
            kind: parts.kind,
            bases: Nodes::new(source, parts.bases),
            members: Nodes::new(source, parts.members),
            decorators: Nodes::new(source, parts.decorators),
        })
    }

    /// Its own methods.
    pub fn methods(self) -> impl Iterator<Item = Function<'a>> {
        self.members.iter().filter_map(|member| member.undecorated().as_function())
    }

    /// Its own method of that name.
    pub fn method(self, name: &str) -> Option<Function<'a>> {
        self.methods().find(|method| method.name == name)
    }

    /// Its own declared fields.
    pub fn fields(self) -> impl Iterator<Item = Let<'a>> {
        self.members.iter().filter_map(|member| member.undecorated().as_let())
    }

    pub fn constructor(self) -> Option<Function<'a>> {
        self.methods().find(|method| method.marks.is_constructor)
    }
}

/// A declared variable, constant or field.
#[derive(Debug, Clone, Copy)]
pub struct Let<'a> {
    pub node: Node<'a>,
    /// A name, or a pattern: an object or a list of targets.
    pub target: Node<'a>,
    pub annotation: Option<Node<'a>>,
    pub value: Option<Node<'a>>,
    pub is_static: bool,
}

/// A loop. What its kind does not have is none.
#[derive(Debug, Clone, Copy)]
pub struct Loop<'a> {
    pub node: Node<'a>,
    pub kind: LoopKind,
    pub init: Option<Node<'a>>,
    pub test: Option<Node<'a>>,
    pub update: Option<Node<'a>>,
    pub target: Option<Node<'a>>,
    pub iterable: Option<Node<'a>>,
    pub body: Node<'a>,
}

impl<'a> Loop<'a> {
    pub(super) fn of(node: Node<'a>, index: u32) -> Option<Self> {
        let source = node.source;
        let parts = source.loops.get(index as usize)?;
        let opt = |id: NodeId| id.some().map(|id| source.node(id));
        Some(Self {
            node,
            kind: parts.kind,
            init: opt(parts.init),
            test: opt(parts.test),
            update: opt(parts.update),
            target: opt(parts.target),
            iterable: opt(parts.iterable),
            body: source.node(parts.body),
        })
    }
}

/// A parameter of a function.
#[derive(Debug, Clone, Copy)]
pub struct Parameter<'a> {
    pub node: Node<'a>,
    pub target: Node<'a>,
    pub annotation: Option<Node<'a>>,
    pub default: Option<Node<'a>>,
    pub decorators: Nodes<'a>,
    pub kind: ParameterKind,
    /// It also makes a field of the class.
    pub is_field: bool,
}

impl<'a> Parameter<'a> {
    pub(super) fn of(node: Node<'a>, index: u32) -> Option<Self> {
        let source = node.source;
        let parts = source.parameters.get(index as usize)?;
        let opt = |id: NodeId| id.some().map(|id| source.node(id));
        Some(Self {
            node,
            target: source.node(parts.target),
            annotation: opt(parts.annotation),
            default: opt(parts.default),
            decorators: Nodes::new(source, parts.decorators),
            kind: parts.kind,
            is_field: parts.is_field,
        })
    }

    /// Its name, or an empty text for a pattern.
    pub fn name(self) -> &'a str {
        self.target.as_name().unwrap_or_default()
    }
}

/// An import, a require, a using.
#[derive(Debug, Clone, Copy)]
pub struct Import<'a> {
    pub node: Node<'a>,
    /// As written: `./client`, `..session`, `net/http`.
    pub module: &'a str,
    pub is_type: bool,
    names: &'a [Imported],
}

impl<'a> Import<'a> {
    pub(super) fn of(node: Node<'a>, index: u32) -> Option<Self> {
        let parts = node.source.imports.get(index as usize)?;
        Some(Self { node, module: node.source.str(parts.module), is_type: parts.is_type, names: &parts.names })
    }

    /// Pairs of the name there and the name here; `*` is the module itself, two empty texts are everything in it.
    pub fn names(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let source = self.node.source;
        self.names.iter().map(move |imported| (source.str(imported.name), source.str(imported.local)))
    }
}

impl<'a> Node<'a> {
    pub fn as_call(self) -> Option<Call<'a>> {
        if let Kind::Call(call) = self.kind() { Some(call) } else { None }
    }

    pub fn as_function(self) -> Option<Function<'a>> {
        if let Kind::Function(function) = self.kind() { Some(function) } else { None }
    }

    pub fn as_class(self) -> Option<Class<'a>> {
        if let Kind::Class(class) = self.kind() { Some(class) } else { None }
    }

    pub fn as_let(self) -> Option<Let<'a>> {
        if let Kind::Let(declared) = self.kind() { Some(declared) } else { None }
    }

    pub fn as_parameter(self) -> Option<Parameter<'a>> {
        if let Kind::Parameter(parameter) = self.kind() { Some(parameter) } else { None }
    }

    pub fn as_name(self) -> Option<&'a str> {
        if let Kind::Name(name) = self.kind() { Some(name) } else { None }
    }

    pub fn as_str(self) -> Option<&'a str> {
        if let Kind::Str(text) = self.kind() { Some(text) } else { None }
    }

    /// Without the decorators around it.
    pub fn undecorated(self) -> Node<'a> {
        if let Kind::Decorated { item, .. } = self.kind() { item } else { self }
    }

    /// Without `await` around it.
    pub fn unawaited(self) -> Node<'a> {
        if let Kind::Await(value) = self.kind() { value } else { self }
    }

    /// The value of a key in an object literal, or in a list of pairs; the last one counts.
    pub fn get(self, key: &str) -> Option<Node<'a>> {
        let (Kind::Object(entries) | Kind::List(entries)) = self.kind() else { return None };
        entries.iter().rev().find_map(|entry| match entry.kind() {
            Kind::Pair { key: own, value } if own.as_str() == Some(key) => Some(value),
            _ => None,
        })
    }

    /// The last name of a name, member or key.
    pub fn leaf(self) -> &'a str {
        match self.kind() {
            Kind::Name(name) | Kind::Str(name) | Kind::Member { property: name, .. } => name,
            _ => "",
        }
    }

    /// Names and dots as one text, calls and indexes excluded: `this.http.get`.
    pub fn path(self) -> Option<String> {
        let mut names = Vec::new();
        let mut node = self;
        loop {
            match node.kind() {
                Kind::Member { object, property } => {
                    names.push(property);
                    node = object;
                }
                Kind::Name(name) => break names.push(name),
                Kind::This => break names.push("this"),
                Kind::Super => break names.push("super"),
                _ => return None,
            }
        }
        names.reverse();
        Some(names.join("."))
    }
}

macro_rules! same_by_node {
    ($($view:ident)*) => {$(
        /// Two views are the same where their nodes are.
        impl PartialEq for $view<'_> {
            fn eq(&self, other: &Self) -> bool {
                self.node == other.node
            }
        }

        impl Eq for $view<'_> {}
    )*};
}

same_by_node! { Call Function Class Let Loop Parameter Import }
