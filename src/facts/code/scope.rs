//! Which declaration a name in a file means: scopes, as each language draws them.

use super::model::{Class, Function, Import, Kind, Language, Node, NodeId, Parameter, Source};
use std::collections::BTreeMap;

/// The declarations of one file, by the node that is their scope, and what is written to them later.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    /// Sorted by scope and name, in the order of the text within one.
    entries: Vec<Entry>,
    /// Assignments to a variable after its declaration: the declared name and the assigned value.
    writes: BTreeMap<NodeId, Vec<NodeId>>,
    /// Assignments to members: `this.x = …`, `client.timeout = …`.
    member_writes: Vec<NodeId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    scope: NodeId,
    name: u64,
    node: NodeId,
}

/// What a name stands for in its file.
#[derive(Debug, Clone, Copy)]
pub enum Declared<'a> {
    /// A variable, constant or field: its name in the declaration.
    Variable(Node<'a>),
    /// The name within the parameter, which is the parameter's target or a part of it.
    Parameter(Parameter<'a>, Node<'a>),
    /// What a loop runs over: the name and the loop's iterable.
    Item(Node<'a>, Node<'a>),
    /// What a catch block caught.
    Caught(Node<'a>),
    Function(Function<'a>),
    Class(Class<'a>),
    /// The import, and the name on the other side.
    Imported(Import<'a>, &'a str),
}

impl Scopes {
    pub(super) const NONE: Self = Self { entries: Vec::new(), writes: BTreeMap::new(), member_writes: Vec::new() };

    pub(super) fn of(source: &Source) -> Self {
        let mut scopes = Self::default();
        for node in source.nodes() {
            scopes.declare(node);
        }
        scopes.entries.sort_unstable();
        scopes.entries.dedup();
        for node in source.nodes() {
            scopes.write(node);
        }
        scopes
    }

    fn declare(&mut self, node: Node<'_>) {
        match node.kind() {
            Kind::Let(declared) => self.declare_pattern(declared.target, variable_scope(node)),
            // Python, Ruby and PHP declare by the first assignment.
            Kind::Assign { operator: None, target, .. } if declares_by_assignment(node.source().language()) => {
                self.declare_pattern(target, variable_scope(node));
            }
            Kind::Parameter(parameter) => {
                let function = node.ancestors().find(|around| around.as_function().is_some());
                self.declare_pattern(parameter.target, function);
            }
            Kind::Loop(repeat) => {
                let scope =
                    if declares_by_assignment(node.source().language()) { variable_scope(node) } else { Some(node) };
                if let Some(target) = repeat.target {
                    self.declare_pattern(target, scope);
                }
            }
            Kind::Catch { binding: Some(binding), .. } => self.declare_pattern(binding, Some(node)),
            Kind::Function(function) if !function.name.is_empty() => {
                self.add(enclosing_scope(node), function.name, node);
            }
            Kind::Class(class) if !class.name.is_empty() => self.add(enclosing_scope(node), class.name, node),
            Kind::Import(import) => {
                let scope = enclosing_scope(node);
                import.names().for_each(|(_, local)| self.add(scope, local, node));
            }
            _ => {}
        }
    }

    /// Every name of a pattern, itself where it is a name.
    fn declare_pattern(&mut self, target: Node<'_>, scope: Option<Node<'_>>) {
        pattern_names(target, &mut |leaf, name| self.add(scope, name, leaf));
    }

    fn add(&mut self, scope: Option<Node<'_>>, name: &str, node: Node<'_>) {
        if let (Some(scope), false) = (scope, name.is_empty()) {
            self.entries.push(Entry { scope: scope.id(), name: hash(name), node: node.id() });
        }
    }

    fn write(&mut self, node: Node<'_>) {
        let Kind::Assign { operator, target, value } = node.kind() else { return };
        match target.kind() {
            Kind::Name(name) if operator.is_none() => {
                for declaration in self.lookup_all(node, name) {
                    if declaration != target.id() {
                        self.writes.entry(declaration).or_default().push(value.id());
                    }
                }
            }
            Kind::Member { .. } | Kind::Index { .. } => self.member_writes.push(node.id()),
            _ => {}
        }
    }

    /// The values that are assigned to a declared name later.
    pub(super) fn writes<'a>(&self, declaration: Node<'a>) -> Vec<Node<'a>> {
        let values = self.writes.get(&declaration.id());
        values.into_iter().flatten().map(|id| declaration.source().node(*id)).collect()
    }

    /// Assignments whose target is a member or an index.
    pub(super) fn member_writes<'a>(&self, source: &'a Source) -> impl Iterator<Item = Node<'a>> {
        self.member_writes.iter().map(|id| source.node(*id))
    }

    /// What a name means at a place: the declarations of the innermost scope that has any. There are several where
    /// a language declares by assignment.
    pub(super) fn lookup<'a>(&self, at: Node<'a>, name: &str) -> Vec<Declared<'a>> {
        let found = self.lookup_all(at, name);
        found.into_iter().filter_map(|id| declared(at.source().node(id), name)).collect()
    }

    fn lookup_all(&self, at: Node<'_>, name: &str) -> Vec<NodeId> {
        let key = hash(name);
        let mut previous = at;
        for scope in at.ancestors() {
            if can_see(scope, previous) {
                let found: Vec<NodeId> =
                    self.in_scope(scope.id(), key).filter(|id| is_named(scope.source().node(*id), name)).collect();
                if !found.is_empty() {
                    return found;
                }
            }
            previous = scope;
        }
        Vec::new()
    }

    /// What a file declares at its top under a name.
    pub(super) fn at_top<'a>(&self, source: &'a Source, name: &str) -> Vec<Declared<'a>> {
        let found = self.in_scope(source.root().id(), hash(name));
        found.filter_map(|id| declared(source.node(id), name)).collect()
    }

    /// The members of a class under a name: methods, fields, nested classes.
    pub(super) fn in_class<'a>(&self, class: Class<'a>, name: &str) -> Vec<Declared<'a>> {
        let source = class.node.source();
        let found = self.in_scope(class.node.id(), hash(name)).map(|id| source.node(id));
        found.filter(|node| is_named(*node, name)).filter_map(|node| declared(node, name)).collect()
    }

    fn in_scope(&self, scope: NodeId, name: u64) -> impl Iterator<Item = NodeId> {
        let start = self.entries.partition_point(|entry| (entry.scope, entry.name) < (scope, name));
        let rest = self.entries.get(start..).unwrap_or_default().iter();
        rest.take_while(move |entry| (entry.scope, entry.name) == (scope, name)).map(|entry| entry.node)
    }
}

/// The names that a pattern declares.
pub(super) fn pattern_names<'a>(target: Node<'a>, found: &mut dyn FnMut(Node<'a>, &'a str)) {
    match target.kind() {
        Kind::Name(name) => found(target, name),
        Kind::Object(parts) | Kind::List(parts) | Kind::Unknown(parts) => {
            parts.iter().for_each(|part| pattern_names(part, found));
        }
        Kind::Pair { value, .. } => pattern_names(value, found),
        Kind::Spread(inner) | Kind::Assign { target: inner, .. } => pattern_names(inner, found),
        _ => {}
    }
}

fn declares_by_assignment(language: Language) -> bool {
    matches!(language, Language::Python | Language::Ruby | Language::Php)
}

/// Where a declaration of a function or class is to be seen.
fn enclosing_scope(node: Node<'_>) -> Option<Node<'_>> {
    node.ancestors().find(|around| matches!(around.kind(), Kind::Block(_) | Kind::Class(_)))
}

/// Where a variable is to be seen: its block, or the whole function where the language has no blocks.
fn variable_scope(node: Node<'_>) -> Option<Node<'_>> {
    let by_function = declares_by_assignment(node.source().language());
    let is_ruby = node.source().language() == Language::Ruby;
    let mut last = None;
    for around in node.ancestors() {
        last = Some(around);
        match around.kind() {
            // A block of Ruby sees and sets the variables around it.
            Kind::Function(function) if by_function && !(is_ruby && function.marks.is_lambda) => {
                return last;
            }
            Kind::Function(_) | Kind::Class(_) | Kind::Loop(_)
                if (!by_function || matches!(around.kind(), Kind::Class(_))) =>
            {
                return last;
            }
            Kind::Block(_) if !by_function => return last,
            _ => {}
        }
    }
    last
}

/// Members are seen without `this` in some languages; elsewhere a class is no scope for what its methods name.
fn can_see(scope: Node<'_>, from: Node<'_>) -> bool {
    match scope.kind() {
        Kind::Class(_) => match scope.source().language() {
            Language::Java | Language::Kotlin | Language::CSharp | Language::Ruby => true,
            // Go's `store *store.Store` names the package, not the field.
            Language::Go | Language::Php | Language::JavaScript | Language::TypeScript => false,
            Language::Python => from.undecorated().as_function().is_none(),
        },
        _ => true,
    }
}

fn is_named(node: Node<'_>, name: &str) -> bool {
    match node.kind() {
        Kind::Function(function) => function.name == name,
        Kind::Class(class) => class.name == name,
        Kind::Import(import) => import.names().any(|(_, local)| local == name),
        _ => node.as_name() == Some(name),
    }
}

/// What a declaring node declares under a name.
pub(super) fn declared<'a>(node: Node<'a>, name: &str) -> Option<Declared<'a>> {
    Some(match node.kind() {
        Kind::Function(function) => Declared::Function(function),
        Kind::Class(class) => Declared::Class(class),
        Kind::Import(import) => {
            let (theirs, _) = import.names().find(|(_, local)| *local == name)?;
            Declared::Imported(import, theirs)
        }
        _ => {
            let owner = node.ancestors().find(|around| {
                let kind = around.kind();
                matches!(kind, Kind::Let(_) | Kind::Parameter(_) | Kind::Loop(_) | Kind::Catch { .. })
                    || matches!(kind, Kind::Assign { .. } if !is_default(*around))
            })?;
            match owner.kind() {
                Kind::Parameter(parameter) => Declared::Parameter(parameter, node),
                Kind::Loop(repeat) => Declared::Item(node, repeat.iterable?),
                Kind::Catch { .. } => Declared::Caught(node),
                _ => Declared::Variable(node),
            }
        }
    })
}

/// An assignment inside a pattern: a default.
fn is_default(assign: Node<'_>) -> bool {
    assign.parent().is_some_and(|parent| match parent.kind() {
        Kind::Pair { value, .. } => value == assign && parent.parent().is_some_and(is_pattern),
        _ => is_pattern(parent),
    })
}

/// An object or list that stands where a declaration has its target.
fn is_pattern(node: Node<'_>) -> bool {
    if !matches!(node.kind(), Kind::Object(_) | Kind::List(_)) {
        return false;
    }
    let mut child = node;
    for around in node.ancestors() {
        match around.kind() {
            Kind::Object(_) | Kind::List(_) | Kind::Pair { .. } => child = around,
            Kind::Let(declared) => return declared.target == child,
            Kind::Parameter(parameter) => return parameter.target == child,
            Kind::Loop(repeat) => return repeat.target == Some(child),
            Kind::Catch { binding, .. } => return binding == Some(child),
            Kind::Assign { target, .. } if target == child => child = around,
            _ => return false,
        }
    }
    false
}

/// FNV-1a: names are compared themselves where a hash is found.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Blob;
    use std::sync::Arc;

    fn meaning(text: &str, mark: &str) -> String {
        let source = super::super::read::source(&Arc::new(Blob::new("a.ts", text)), Language::TypeScript).unwrap();
        let scopes = Scopes::of(&source);
        let at = text.find(mark).unwrap();
        let node = source.nodes().find(|node| node.range().start == at && node.as_name().is_some()).unwrap();
        match scopes.lookup(node, node.as_name().unwrap()).first() {
            Some(Declared::Variable(leaf)) => format!("variable {}", leaf.range().start),
            Some(Declared::Parameter(_, leaf)) => format!("parameter {}", leaf.range().start),
            Some(Declared::Item(leaf, _)) => format!("item {}", leaf.range().start),
            Some(Declared::Caught(leaf)) => format!("caught {}", leaf.range().start),
            Some(Declared::Function(function)) => format!("function {}", function.node.range().start),
            Some(Declared::Class(class)) => format!("class {}", class.node.range().start),
            Some(Declared::Imported(import, name)) => format!("{} of {}", name, import.module),
            None => "nothing".to_owned(),
        }
    }

    #[test]
    fn the_innermost_declaration_counts() {
        assert_eq!(meaning("const x = 1; function f(x) { return x }", "x }"), "parameter 24");
        assert_eq!(meaning("const x = 1; { const x = 2; } x;", "x;"), "variable 6");
        assert_eq!(meaning("import { y as x } from 'm'; (x)", "x)"), "y of m");
    }

    #[test]
    fn patterns_loops_and_catches_declare() {
        assert_eq!(meaning("const { a: [b = 1], ...c } = d; [b]", "b]"), "variable 12");
        assert_eq!(meaning("for (const o of os) { g(o) }", "o) }"), "item 11");
        assert_eq!(meaning("try {} catch (e) { g(e) }", "e) }"), "caught 14");
        assert_eq!(meaning("h(); function h() {}", "h()"), "function 5");
    }
}
