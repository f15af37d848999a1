//! How the syntax tree is kept: 32 bytes a node, children before parents, names as slices of the file's text.
//!
//! Only the [`Builder`](super::Builder) writes these and only the [`Node`](super::Node) reads them.

/// The number of a node in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    /// Stands for a part that is not there: no `else`, no initial value.
    pub const NONE: Self = Self(u32::MAX);

    pub(super) fn some(self) -> Option<Self> {
        (self != Self::NONE).then_some(self)
    }
}

/// A run of nodes in the file's table of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Children {
    pub(super) start: u32,
    pub(super) len: u32,
}

/// A piece of the file's text, or of what the builder had to write itself (a string with its escapes undone).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Text {
    pub(super) start: u32,
    pub(super) len: u32,
}

/// Marks a [`Text`] that is not a slice of the file. Files are far smaller than 2 GiB.
pub(super) const WRITTEN: u32 = 1 << 31;

impl Text {
    pub const EMPTY: Self = Self { start: 0, len: 0 };
}

/// A number, split so that a node needs no more than four-byte alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bits(u32, u32);

impl From<f64> for Bits {
    fn from(number: f64) -> Self {
        let bits = number.to_bits();
        Self((bits >> 32) as u32, bits as u32)
    }
}

impl From<Bits> for f64 {
    fn from(bits: Bits) -> Self {
        f64::from_bits((u64::from(bits.0) << 32) | u64::from(bits.1))
    }
}

/// One node: its place, its parent and what it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Raw {
    pub start: u32,
    pub end: u32,
    pub parent: NodeId,
    pub shape: Shape,
}

/// What a node is. [`Kind`](super::Kind) is the same with its parts looked up, and says what each one means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Null,
    Bool(bool),
    Number(Bits),
    Str(Text),
    Regex(Text),
    Template(Children),
    Name(Text),
    This,
    Super,
    Member { object: NodeId, property: Text },
    Index { object: NodeId, index: NodeId },
    Call { callee: NodeId, arguments: Children, is_new: bool },
    Named { name: Text, value: NodeId },
    Spread(NodeId),
    Object(Children),
    Pair { key: NodeId, value: NodeId },
    List(Children),
    Function(u32),
    Class(u32),
    Binary { operator: Operator, left: NodeId, right: NodeId },
    Unary { operator: Operator, operand: NodeId },
    Assign { operator: Option<Operator>, target: NodeId, value: NodeId },
    Conditional { test: NodeId, then: NodeId, otherwise: NodeId },
    Await(NodeId),
    Yield(NodeId),
    Type(Text),
    Let { target: NodeId, annotation: NodeId, value: NodeId, is_static: bool },
    Block(Children),
    If { test: NodeId, then: NodeId, otherwise: NodeId },
    Loop(u32),
    Try { body: NodeId, catches: Children, finally: NodeId },
    Catch { binding: NodeId, types: Children, body: NodeId },
    Switch { subject: NodeId, cases: Children },
    Case { tests: Children, body: NodeId },
    Return(NodeId),
    Throw(NodeId),
    Break,
    Continue,
    Import(u32),
    Parameter(u32),
    Decorated { decorators: Children, item: NodeId },
    Unknown(Children),
}

/// An operator, the same for every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    /// `**`, and nothing else: `Math.pow` is a call.
    Power,
    ShiftLeft,
    ShiftRight,
    BitAnd,
    BitOr,
    BitXor,
    BitNot,
    /// Also `===`, `is` and `.equals` where the language has it as an operator.
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
    Not,
    /// `??`, Kotlin's `?:`, PHP's `?:`: the right side where the left is missing.
    Coalesce,
    In,
    NotIn,
    /// `instanceof`, C#'s and Kotlin's `is`.
    InstanceOf,
    /// `a..b`, `a until b`.
    Range,
    /// Ruby's `=~`.
    Match,
    /// Ruby's and PHP's `<=>`.
    Compare,
    Minus,
    Plus,
    TypeOf,
    Delete,
    /// Go's `go f()`.
    Spawn,
    /// Go's `defer f()`.
    Defer,
    /// Go's `<-channel`.
    Receive,
    Reference,
    Dereference,
    Other,
}

/// How a function was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FunctionMarks {
    pub is_async: bool,
    pub is_generator: bool,
    pub is_static: bool,
    pub is_constructor: bool,
    /// A property that is computed: JS getters, C# and Kotlin getters, Python's `@property` stays a decorator.
    pub is_getter: bool,
    /// Written as an expression: an arrow function, a lambda, a closure, a block.
    pub is_lambda: bool,
    /// Not to be seen outside its file or class.
    pub is_private: bool,
}

/// The parts of a function.
#[derive(Debug, Clone, Copy)]
pub struct FunctionParts {
    /// Empty for a lambda.
    pub name: Text,
    /// [`Shape::Parameter`]s.
    pub parameters: Children,
    /// A [`Shape::Block`], an expression, or none where it is only declared.
    pub body: NodeId,
    /// A [`Shape::Type`] or none.
    pub returns: NodeId,
    pub decorators: Children,
    /// The type that a Go method or a Kotlin extension function belongs to, as a [`Shape::Type`].
    pub receiver: NodeId,
    pub marks: FunctionMarks,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClassKind {
    #[default]
    Class,
    Interface,
    /// A Go or C# struct, a record, a data class.
    Struct,
    Enum,
    /// A Kotlin `object`, a companion.
    Singleton,
    /// A Ruby module, a PHP trait.
    Module,
    /// A namespace with braces.
    Namespace,
}

/// The parts of a class or of something alike.
#[derive(Debug, Clone, Copy)]
pub struct ClassParts {
    pub name: Text,
    pub kind: ClassKind,
    /// Base classes, interfaces and mixins: expressions or [`Shape::Type`]s, the base class first.
    pub bases: Children,
    /// Functions, fields ([`Shape::Let`]), nested classes, and loose statements of a class body.
    pub members: Children,
    pub decorators: Children,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoopKind {
    While,
    /// The test comes after the body.
    DoWhile,
    /// `for (init; test; update)`.
    For,
    /// `for (target of iterable)`.
    ForEach,
    /// `loop { }`, `for { }`. `while (true)` stays a `While` with a `true` test.
    Forever,
}

/// The parts of a loop; those that its kind does not have are none.
#[derive(Debug, Clone, Copy)]
pub struct LoopParts {
    pub kind: LoopKind,
    pub init: NodeId,
    pub test: NodeId,
    pub update: NodeId,
    pub target: NodeId,
    pub iterable: NodeId,
    pub body: NodeId,
}

impl LoopParts {
    pub fn new(kind: LoopKind, body: NodeId) -> Self {
        let none = NodeId::NONE;
        Self { kind, init: none, test: none, update: none, target: none, iterable: none, body }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ParameterKind {
    #[default]
    Plain,
    /// `...rest`, `*args`, `params`.
    Rest,
    /// `**options`.
    NamedRest,
    /// `&block`.
    Block,
}

/// The parts of a parameter.
#[derive(Debug, Clone, Copy)]
pub struct ParameterParts {
    /// A name, or a pattern: [`Shape::Object`] or [`Shape::List`].
    pub target: NodeId,
    pub annotation: NodeId,
    pub default: NodeId,
    pub decorators: Children,
    pub kind: ParameterKind,
    /// It also makes a field of the class: TypeScript's `private readonly x`, Kotlin's `val x`, PHP's promotion,
    /// C#'s primary constructor.
    pub is_field: bool,
}

impl ParameterParts {
    pub fn new(target: NodeId) -> Self {
        let none = NodeId::NONE;
        let (decorators, kind) = (Children::default(), ParameterKind::Plain);
        Self { target, annotation: none, default: none, decorators, kind, is_field: false }
    }
}

/// One name that an import brings into the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// The name on the other side: `default`, `*` for the module itself (`import x`, `import * as x`), or
    /// [`Text::EMPTY`] with an empty `local` for everything (`from x import *`, `import a.b.*`, `using A.B`).
    pub name: Text,
    /// The name in this file.
    pub local: Text,
}

/// The parts of an import.
#[derive(Debug, Clone)]
pub struct ImportParts {
    /// As written: `./client`, `..session` (Python, with its dots), `net/http`, `java.net.http`.
    pub module: Text,
    pub names: Vec<Imported>,
    /// It brings types only.
    pub is_type: bool,
}

/// One name that a file hands out under another name or from another file (JavaScript only: elsewhere every
/// declaration at the top is handed out under its own name).
#[derive(Debug, Clone, Copy)]
pub struct ExportParts {
    /// `default`, a name, or `*` for everything of `module`.
    pub exported: Text,
    /// The name in this file or, with a module, there; empty where `node` is the value.
    pub local: Text,
    /// The other file, or empty.
    pub module: Text,
    /// The value itself where it is an expression, or the declaration.
    pub node: NodeId,
}
