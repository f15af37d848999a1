//! What a node is, with its parts looked up: the view of the tree that all analyses match on.

use super::*;

/// A list of nodes.
#[derive(Clone, Copy)]
pub struct Nodes<'a> {
    source: &'a Source,
    list: &'a [NodeId],
}

impl<'a> Nodes<'a> {
    pub(super) fn new(source: &'a Source, children: Children) -> Self {
        Self { source, list: source.listed(children) }
    }

    pub fn iter(self) -> impl DoubleEndedIterator<Item = Node<'a>> + ExactSizeIterator {
        self.list.iter().map(move |id| self.source.node(*id))
    }

    pub fn get(self, index: usize) -> Option<Node<'a>> {
        self.list.get(index).map(|id| self.source.node(*id))
    }

    pub fn first(self) -> Option<Node<'a>> {
        self.get(0)
    }

    pub fn last(self) -> Option<Node<'a>> {
        self.list.last().map(|id| self.source.node(*id))
    }

    pub fn len(self) -> usize {
        self.list.len()
    }

    pub fn is_empty(self) -> bool {
        self.list.is_empty()
    }
}

impl std::fmt::Debug for Nodes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// What a node is.
#[derive(Debug, Clone, Copy)]
pub enum Kind<'a> {
    /// `null`, `undefined`, `None`, `nil`.
    Null,
    Bool(bool),
    Number(f64),
    /// A string with its escapes undone.
    Str(&'a str),
    Regex(&'a str),
    /// A string with holes: its parts are [`Kind::Str`]s and the expressions between them.
    Template(Nodes<'a>),
    Name(&'a str),
    This,
    Super,
    /// `object.property`, also `object?.property`, `object::property`, `object->property`.
    Member {
        object: Node<'a>,
        property: &'a str,
    },
    Index {
        object: Node<'a>,
        index: Node<'a>,
    },
    /// Also `new X()`, see [`Call::is_new`].
    Call(Call<'a>),
    /// A named argument: `timeout=30`, `timeout: 30`.
    Named {
        name: &'a str,
        value: Node<'a>,
    },
    Spread(Node<'a>),
    /// An object, map or hash literal: [`Kind::Pair`]s and [`Kind::Spread`]s. Go and C# literals with a type are a
    /// [`Kind::Call`] with `is_new` whose last argument is this.
    Object(Nodes<'a>),
    /// The key is a [`Kind::Str`] where it is known when written.
    Pair {
        key: Node<'a>,
        value: Node<'a>,
    },
    /// An array, list, tuple or set.
    List(Nodes<'a>),
    /// A function, method, lambda or block of code that is handed over.
    Function(Function<'a>),
    Class(Class<'a>),
    Binary {
        operator: Operator,
        left: Node<'a>,
        right: Node<'a>,
    },
    Unary {
        operator: Operator,
        operand: Node<'a>,
    },
    /// `target = value`, or with an operator `target op= value`. In a pattern: a target with its default.
    Assign {
        operator: Option<Operator>,
        target: Node<'a>,
        value: Node<'a>,
    },
    Conditional {
        test: Node<'a>,
        then: Node<'a>,
        otherwise: Node<'a>,
    },
    Await(Node<'a>),
    Yield(Option<Node<'a>>),
    /// A type as written.
    Type(&'a str),
    /// A declared variable, constant or field.
    Let(Let<'a>),
    Block(Nodes<'a>),
    If {
        test: Node<'a>,
        then: Node<'a>,
        otherwise: Option<Node<'a>>,
    },
    Loop(Loop<'a>),
    Try {
        body: Node<'a>,
        catches: Nodes<'a>,
        finally: Option<Node<'a>>,
    },
    /// `types` is empty where everything is caught.
    Catch {
        binding: Option<Node<'a>>,
        types: Nodes<'a>,
        body: Node<'a>,
    },
    Switch {
        subject: Option<Node<'a>>,
        cases: Nodes<'a>,
    },
    /// `tests` is empty for the default case.
    Case {
        tests: Nodes<'a>,
        body: Node<'a>,
    },
    Return(Option<Node<'a>>),
    Throw(Option<Node<'a>>),
    Break,
    Continue,
    Import(Import<'a>),
    Parameter(Parameter<'a>),
    /// A field or statement with decorators, annotations or attributes; functions and classes keep their own.
    Decorated {
        decorators: Nodes<'a>,
        item: Node<'a>,
    },
    Unknown(Nodes<'a>),
}

impl<'a> Kind<'a> {
    pub(super) fn of(node: Node<'a>) -> Self {
        let source = node.source;
        let at = |id: NodeId| source.node(id);
        let opt = |id: NodeId| id.some().map(|id| source.node(id));
        let list = |children: Children| Nodes::new(source, children);
        let text = |text: Text| source.str(text);
        match node.shape() {
            Shape::Null => Self::Null,
            Shape::Bool(value) => Self::Bool(value),
            Shape::Number(bits) => Self::Number(bits.into()),
            Shape::Str(value) => Self::Str(text(value)),
            Shape::Regex(value) => Self::Regex(text(value)),
            Shape::Template(parts) => Self::Template(list(parts)),
            Shape::Name(name) => Self::Name(text(name)),
            Shape::This => Self::This,
            Shape::Super => Self::Super,
            Shape::Member { object, property } => Self::Member { object: at(object), property: text(property) },
            Shape::Index { object, index } => Self::Index { object: at(object), index: at(index) },
            Shape::Call { callee, arguments, is_new } => {
                Self::Call(Call { node, callee: at(callee), arguments: list(arguments), is_new })
            }
            Shape::Named { name, value } => Self::Named { name: text(name), value: at(value) },
            Shape::Spread(value) => Self::Spread(at(value)),
            Shape::Object(pairs) => Self::Object(list(pairs)),
            Shape::Pair { key, value } => Self::Pair { key: at(key), value: at(value) },
            Shape::List(items) => Self::List(list(items)),
            Shape::Function(index) => Function::of(node, index).map_or(Self::Null, Self::Function),
            Shape::Class(index) => Class::of(node, index).map_or(Self::Null, Self::Class),
            Shape::Binary { operator, left, right } => Self::Binary { operator, left: at(left), right: at(right) },
            Shape::Unary { operator, operand } => Self::Unary { operator, operand: at(operand) },
            Shape::Assign { operator, target, value } => {
                Self::Assign { operator, target: at(target), value: at(value) }
            }
            Shape::Conditional { test, then, otherwise } => {
                Self::Conditional { test: at(test), then: at(then), otherwise: at(otherwise) }
            }
            Shape::Await(value) => Self::Await(at(value)),
            Shape::Yield(value) => Self::Yield(opt(value)),
            Shape::Type(name) => Self::Type(text(name)),
            Shape::Let { target, annotation, value, is_static } => {
                let (annotation, value) = (opt(annotation), opt(value));
                Self::Let(Let { node, target: at(target), annotation, value, is_static })
            }
            Shape::Block(nodes) => Self::Block(list(nodes)),
            Shape::If { test, then, otherwise } => {
                Self::If { test: at(test), then: at(then), otherwise: opt(otherwise) }
            }
            Shape::Loop(index) => Loop::of(node, index).map_or(Self::Null, Self::Loop),
            Shape::Try { body, catches, finally } => {
                Self::Try { body: at(body), catches: list(catches), finally: opt(finally) }
            }
            Shape::Catch { binding, types, body } => {
                Self::Catch { binding: opt(binding), types: list(types), body: at(body) }
            }
            Shape::Switch { subject, cases } => Self::Switch { subject: opt(subject), cases: list(cases) },
            Shape::Case { tests, body } => Self::Case { tests: list(tests), body: at(body) },
            Shape::Return(value) => Self::Return(opt(value)),
            Shape::Throw(value) => Self::Throw(opt(value)),
            Shape::Break => Self::Break,
            Shape::Continue => Self::Continue,
            Shape::Import(index) => Import::of(node, index).map_or(Self::Null, Self::Import),
            Shape::Parameter(index) => Parameter::of(node, index).map_or(Self::Null, Self::Parameter),
            Shape::Decorated { decorators, item } => Self::Decorated { decorators: list(decorators), item: at(item) },
            Shape::Unknown(nodes) => Self::Unknown(list(nodes)),
        }
    }
}

impl Source {
    /// Hands over the parts of a shape, in the order of the text as far as the tree knows it.
    pub(super) fn parts(&self, shape: Shape, visit: &mut dyn FnMut(NodeId)) {
        let mut one = |id: NodeId| id.some().into_iter().for_each(&mut *visit);
        let list = |children: Children| self.listed(children).iter().copied();
        match shape {
            Shape::Null
            | Shape::Bool(_)
            | Shape::Number(_)
            | Shape::Str(_)
            | Shape::Regex(_)
            | Shape::Name(_)
            | Shape::This
            | Shape::Super
            | Shape::Type(_)
            | Shape::Break
            | Shape::Continue
            | Shape::Import(_) => {}
            Shape::Template(nodes)
            | Shape::Object(nodes)
            | Shape::List(nodes)
            | Shape::Block(nodes)
            | Shape::Unknown(nodes) => list(nodes).for_each(one),
            Shape::Spread(id)
            | Shape::Await(id)
            | Shape::Yield(id)
            | Shape::Return(id)
            | Shape::Throw(id)
            | Shape::Unary { operand: id, .. }
            | Shape::Member { object: id, .. }
            | Shape::Named { value: id, .. } => one(id),
            Shape::Index { object: a, index: b }
            | Shape::Pair { key: a, value: b }
            | Shape::Binary { left: a, right: b, .. }
            | Shape::Assign { target: a, value: b, .. } => [a, b].into_iter().for_each(one),
            Shape::Conditional { test: a, then: b, otherwise: c }
            | Shape::If { test: a, then: b, otherwise: c }
            | Shape::Let { target: a, annotation: b, value: c, .. } => [a, b, c].into_iter().for_each(one),
            Shape::Call { callee, arguments, .. } => std::iter::once(callee).chain(list(arguments)).for_each(one),
            Shape::Try { body, catches, finally } => {
                std::iter::once(body).chain(list(catches)).chain([finally]).for_each(one);
            }
            Shape::Catch { binding, types, body } => {
                std::iter::once(binding).chain(list(types)).chain([body]).for_each(one);
            }
            Shape::Switch { subject, cases } => std::iter::once(subject).chain(list(cases)).for_each(one),
            Shape::Case { tests, body } => list(tests).chain([body]).for_each(one),
            Shape::Decorated { decorators, item } => list(decorators).chain([item]).for_each(one),
            Shape::Function(index) => {
                let Some(f) = self.functions.get(index as usize) else { return };
                let decorators = list(f.decorators).chain([f.receiver]);
                decorators.chain(list(f.parameters)).chain([f.returns, f.body]).for_each(one);
            }
            Shape::Class(index) => {
                let Some(class) = self.classes.get(index as usize) else { return };
                list(class.decorators).chain(list(class.bases)).chain(list(class.members)).for_each(one);
            }
            Shape::Loop(index) => {
                let Some(l) = self.loops.get(index as usize) else { return };
                [l.init, l.target, l.iterable, l.test, l.update, l.body].into_iter().for_each(one);
            }
            Shape::Parameter(index) => {
                let Some(p) = self.parameters.get(index as usize) else { return };
                list(p.decorators).chain([p.target, p.annotation, p.default]).for_each(&mut one);
            }
        }
    }
}
