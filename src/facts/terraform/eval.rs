//! Expressions and blocks, evaluated in the scope of one module.

use super::functions;
use super::value::{Block, Body, Kind, Value};
use crate::evidence::{Blob, Span};
use hcl_edit::Span as _;
use hcl_edit::expr::{
    BinaryOperator, Expression, ForExpr, Object, ObjectKey, Traversal, TraversalOperator, UnaryOperator,
};
use hcl_edit::structure::{Block as RawBlock, Body as RawBody, Structure};
use hcl_edit::template::{Element, Template};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Expressions deeper than this, counted through locals and modules, come to nothing known.
const MAX_DEPTH: usize = 80;
/// All evaluation of one module ends here: `for` in `for` multiplies.
const MAX_STEPS: usize = 200_000;
/// How many copies `for_each` and `dynamic` make at most.
const MAX_COPIES: usize = 200;

/// One file of a module, parsed.
pub struct File {
    pub blob: Arc<Blob>,
    pub body: RawBody,
}

/// What names mean in one module.
pub struct Scope<'a> {
    pub folder: String,
    pub variables: BTreeMap<String, Value>,
    pub locals: BTreeMap<String, (&'a Arc<Blob>, &'a Expression)>,
    known_locals: RefCell<BTreeMap<String, Value>>,
    steps: Cell<usize>,
    /// The text of a file of the repository, for `file` and `templatefile`.
    pub read: &'a dyn Fn(&str) -> Option<Arc<Blob>>,
}

/// Names that a loop binds, innermost last.
pub type Bound = Vec<(String, Value)>;

/// The place of an expression in its file.
#[derive(Clone, Copy)]
struct At<'b> {
    blob: &'b Arc<Blob>,
    depth: usize,
}

impl<'a> Scope<'a> {
    pub fn new(folder: &str, read: &'a dyn Fn(&str) -> Option<Arc<Blob>>) -> Self {
        Self {
            folder: folder.to_owned(),
            variables: BTreeMap::new(),
            locals: BTreeMap::new(),
            known_locals: RefCell::default(),
            steps: Cell::new(0),
            read,
        }
    }

    pub fn value(&self, blob: &Arc<Blob>, expression: &Expression, bound: &Bound) -> Value {
        self.eval(expression, At { blob, depth: 0 }, bound)
    }

    /// Evaluates a body with its nested and `dynamic` blocks.
    pub fn body(&self, blob: &Arc<Blob>, raw: &RawBody, bound: &Bound) -> Body {
        let mut body = Body::default();
        for structure in raw.iter() {
            match structure {
                Structure::Attribute(attribute) => {
                    let mut value = self.value(blob, &attribute.value, bound);
                    value.span = span(blob, attribute.span());
                    body.attributes.push((attribute.key.as_str().to_owned(), value));
                }
                Structure::Block(block) if block.ident.as_str() == "dynamic" => {
                    body.blocks.extend(self.dynamic(blob, block, bound))
                }
                Structure::Block(block) => body.blocks.push(self.block(blob, block, bound)),
            }
        }
        body
    }

    fn block(&self, blob: &Arc<Blob>, block: &RawBlock, bound: &Bound) -> Block {
        Block {
            name: block.ident.as_str().to_owned(),
            labels: block.labels.iter().map(|label| label.as_str().to_owned()).collect(),
            span: head(blob, block),
            body: self.body(blob, &block.body, bound),
        }
    }

    fn dynamic(&self, blob: &Arc<Blob>, block: &RawBlock, bound: &Bound) -> Vec<Block> {
        let Some(name) = block.labels.first().map(|label| label.as_str().to_owned()) else { return Vec::new() };
        let Some(content) = block.body.get_blocks("content").next() else { return Vec::new() };
        let iterator = block.body.get_attribute("iterator").map(|given| given.value.to_string().trim().to_owned());
        let iterator = iterator.unwrap_or_else(|| name.clone());
        let each = block.body.get_attribute("for_each").map(|each| self.value(blob, &each.value, bound));
        let copies = each.map_or(Vec::new(), |each| copies(&each));
        let make = |(key, value): (Value, Value)| {
            let mut bound = bound.clone();
            let kind = Kind::Map(vec![("key".to_owned(), key.clone()), ("value".to_owned(), value)]);
            bound.push((iterator.clone(), Value { kind, span: key.span }));
            Block {
                name: name.clone(),
                labels: Vec::new(),
                span: head(blob, block),
                body: self.body(blob, &content.body, &bound),
            }
        };
        copies.into_iter().map(make).collect()
    }

    /// The loops that `count` and `for_each` make of a block; empty where it is not made at all.
    pub fn instances(&self, blob: &Arc<Blob>, raw: &RawBody) -> Vec<Bound> {
        let none = Bound::new();
        if let Some(count) = raw.get_attribute("count") {
            let value = self.value(blob, &count.value, &none);
            let is_none = value.number() == Some(0.0) || value.truth() == Some(false);
            return if is_none { Vec::new() } else { vec![none] };
        }
        let Some(each) = raw.get_attribute("for_each") else { return vec![none] };
        let value = self.value(blob, &each.value, &none);
        let bind = |(key, value): (Value, Value)| {
            let span = key.span.clone();
            vec![(
                "each".to_owned(),
                Value { kind: Kind::Map(vec![("key".to_owned(), key), ("value".to_owned(), value)]), span },
            )]
        };
        copies(&value).into_iter().map(bind).collect()
    }

    fn eval(&self, expression: &Expression, at: At, bound: &Bound) -> Value {
        let place = span(at.blob, expression.span());
        self.steps.set(self.steps.get() + 1);
        if at.depth > MAX_DEPTH || self.steps.get() > MAX_STEPS {
            return Value { kind: Kind::Unknown, span: place };
        }
        let at = At { depth: at.depth + 1, ..at };
        let kind = match expression {
            Expression::Null(_) => Kind::Null,
            Expression::Bool(truth) => Kind::Truth(*truth.value()),
            Expression::Number(number) => number.value().as_f64().map_or(Kind::Unknown, Kind::Number),
            Expression::String(text) => Kind::Text(text.value().clone()),
            Expression::StringTemplate(template) => self.template(template, at, bound),
            Expression::HeredocTemplate(heredoc) => self.template(&heredoc.template, at, bound),
            Expression::Array(items) => Kind::List(items.iter().map(|item| self.eval(item, at, bound)).collect()),
            Expression::Object(object) => self.object(object, at, bound),
            Expression::Parenthesis(inner) => return self.eval(inner.inner(), at, bound),
            Expression::Variable(name) => return self.name(name.as_str(), place, bound),
            Expression::Conditional(choice) => {
                let chosen = match self.eval(&choice.cond_expr, at, bound).truth() {
                    Some(true) => &choice.true_expr,
                    Some(false) => &choice.false_expr,
                    None => return Value { kind: Kind::Unknown, span: place },
                };
                self.eval(chosen, at, bound).kind
            }
            Expression::FuncCall(call) => {
                let arguments: Vec<Value> = call.args.iter().map(|argument| self.eval(argument, at, bound)).collect();
                functions::call(self, call.name.name.as_str(), arguments)
            }
            Expression::Traversal(traversal) => return self.traversal(traversal, at, bound, place),
            Expression::UnaryOp(operation) => {
                let value = self.eval(&operation.expr, at, bound);
                match (operation.operator.value(), value.number(), value.truth()) {
                    (UnaryOperator::Neg, Some(number), _) => Kind::Number(-number),
                    (UnaryOperator::Not, _, Some(truth)) => Kind::Truth(!truth),
                    _ => Kind::Unknown,
                }
            }
            Expression::BinaryOp(operation) => {
                let left = self.eval(&operation.lhs_expr, at, bound);
                let right = self.eval(&operation.rhs_expr, at, bound);
                binary(*operation.operator.value(), &left, &right)
            }
            Expression::ForExpr(each) => self.each(each, at, bound),
        };
        Value { kind, span: place }
    }

    fn template(&self, template: &Template, at: At, bound: &Bound) -> Kind {
        let (mut text, mut open) = (String::new(), false);
        for element in template.iter() {
            match element {
                Element::Literal(literal) => text.push_str(literal.value()),
                Element::Interpolation(inner) => {
                    let value = self.eval(&inner.expr, at, bound);
                    match (value.text(), value.shown()) {
                        (Some(known), _) => text.push_str(&known),
                        (None, shown) => {
                            open = true;
                            text.push_str(&format!("${{{}}}", shown.unwrap_or_default()));
                        }
                    }
                }
                Element::Directive(_) => open = true,
            }
        }
        if open { Kind::Template(text) } else { Kind::Text(text) }
    }

    fn object(&self, object: &Object, at: At, bound: &Bound) -> Kind {
        let entries = object.iter().map(|(key, value)| {
            let name = match key {
                ObjectKey::Ident(name) => name.as_str().to_owned(),
                ObjectKey::Expression(Expression::Variable(name)) => name.as_str().to_owned(),
                ObjectKey::Expression(key) => self.eval(key, at, bound).shown().unwrap_or_default(),
            };
            (name, self.eval(value.expr(), at, bound))
        });
        Kind::Map(entries.collect())
    }

    fn each(&self, each: &ForExpr, at: At, bound: &Bound) -> Kind {
        let collection = self.eval(&each.intro.collection_expr, at, bound);
        if collection.is_open() {
            return Kind::Unknown;
        }
        let (mut list, mut map) = (Vec::new(), Vec::new());
        for (key, value) in copies(&collection) {
            let mut inner = bound.clone();
            if let Some(name) = &each.intro.key_var {
                inner.push((name.as_str().to_owned(), key));
            }
            inner.push((each.intro.value_var.as_str().to_owned(), value));
            let kept = each
                .cond
                .as_ref()
                .is_none_or(|condition| self.eval(&condition.expr, at, &inner).truth() != Some(false));
            if !kept {
                continue;
            }
            let value = self.eval(&each.value_expr, at, &inner);
            match &each.key_expr {
                Some(key) => map.push((self.eval(key, at, &inner).shown().unwrap_or_default(), value)),
                None => list.push(value),
            }
        }
        if each.key_expr.is_some() { Kind::Map(map) } else { Kind::List(list) }
    }

    fn name(&self, name: &str, place: Span, bound: &Bound) -> Value {
        let found = bound.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value.clone());
        found.unwrap_or(Value { kind: Kind::Reference(name.to_owned()), span: place })
    }

    fn traversal(&self, traversal: &Traversal, at: At, bound: &Bound, place: Span) -> Value {
        let mut steps = traversal.operators.iter().map(|operator| self.step(operator.value(), at, bound)).peekable();
        let Expression::Variable(root) = &traversal.expr else {
            let value = self.eval(&traversal.expr, at, bound);
            return follow(value, steps, String::new(), place);
        };
        let root = root.as_str();
        let start = match (root, steps.peek().cloned().flatten()) {
            ("var", Some(name)) => self.variables.get(&name).cloned().map(|value| (value, name)),
            ("local", Some(name)) => self.local(&name, at).map(|value| (value, name)),
            ("path", Some(name)) => Some((Value { kind: Kind::Text(self.folder.clone()), span: place.clone() }, name)),
            _ => {
                let bound = bound.iter().rev().find(|(own, _)| own == root);
                return match bound {
                    Some((_, value)) => follow(value.clone(), steps, root.to_owned(), place),
                    None => reference(root, steps, place),
                };
            }
        };
        match start {
            Some((value, name)) => {
                steps.next();
                follow(value, steps, format!("{root}.{name}"), place)
            }
            None => reference(root, steps, place),
        }
    }

    fn step(&self, operator: &TraversalOperator, at: At, bound: &Bound) -> Option<String> {
        match operator {
            TraversalOperator::GetAttr(name) => Some(name.as_str().to_owned()),
            TraversalOperator::Index(index) => self.eval(index, at, bound).text(),
            TraversalOperator::LegacyIndex(index) => Some(index.value().to_string()),
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => Some("*".to_owned()),
        }
    }

    fn local(&self, name: &str, at: At) -> Option<Value> {
        if let Some(known) = self.known_locals.borrow().get(name) {
            return Some(known.clone());
        }
        let (blob, expression) = self.locals.get(name)?;
        let value = self.eval(expression, At { blob, depth: at.depth + 1 }, &Bound::new());
        self.known_locals.borrow_mut().insert(name.to_owned(), value.clone());
        Some(value)
    }
}

/// Goes down into a known value; what is not known becomes a reference by its path.
fn follow(value: Value, steps: impl Iterator<Item = Option<String>>, mut path: String, place: Span) -> Value {
    let mut value = value;
    for step in steps {
        let name = step.unwrap_or_else(|| "?".to_owned());
        path = format!("{path}.{name}");
        let next = match &value.kind {
            Kind::Map(_) => value.get(&name).cloned(),
            Kind::List(items) => name.parse::<usize>().ok().and_then(|index| items.get(index)).cloned(),
            _ => None,
        };
        let open = match &value.kind {
            Kind::Reference(own) => Kind::Reference(format!("{own}.{name}")),
            Kind::Map(_) | Kind::List(_) => Kind::Null,
            _ => Kind::Reference(path.clone()),
        };
        value = next.unwrap_or(Value { kind: open, span: place.clone() });
    }
    // A scalar is judged where it is used, a list where its items stand.
    if value.items().is_empty() && value.entries().is_empty() { Value { span: place, ..value } } else { value }
}

fn reference(root: &str, steps: impl Iterator<Item = Option<String>>, place: Span) -> Value {
    let path = steps.fold(root.to_owned(), |path, step| format!("{path}.{}", step.unwrap_or_else(|| "?".to_owned())));
    Value { kind: Kind::Reference(path), span: place }
}

/// Keys with values of a collection; one unknown pair where the collection is not known.
fn copies(value: &Value) -> Vec<(Value, Value)> {
    let at = |kind: Kind| Value { kind, span: value.span.clone() };
    match &value.kind {
        Kind::Map(entries) => {
            entries.iter().take(MAX_COPIES).map(|(key, value)| (at(Kind::Text(key.clone())), value.clone())).collect()
        }
        Kind::List(items) => items.iter().take(MAX_COPIES).map(|item| (item.clone(), item.clone())).collect(),
        Kind::Null => Vec::new(),
        _ => vec![(at(Kind::Unknown), at(Kind::Unknown))],
    }
}

fn binary(operator: BinaryOperator, left: &Value, right: &Value) -> Kind {
    use BinaryOperator as Op;
    let texts = left.text().zip(right.text());
    let numbers = left.number().zip(right.number());
    let truths = (left.truth(), right.truth());
    match (operator, numbers) {
        (Op::Eq, _) => texts.map_or(Kind::Unknown, |(left, right)| Kind::Truth(left == right)),
        (Op::NotEq, _) => texts.map_or(Kind::Unknown, |(left, right)| Kind::Truth(left != right)),
        (Op::And, _) if truths.0 == Some(false) || truths.1 == Some(false) => Kind::Truth(false),
        (Op::Or, _) if truths.0 == Some(true) || truths.1 == Some(true) => Kind::Truth(true),
        (Op::And | Op::Or, _) => truths.0.zip(truths.1).map_or(Kind::Unknown, |(left, _)| Kind::Truth(left)),
        (Op::Plus, Some((left, right))) => Kind::Number(left + right),
        (Op::Minus, Some((left, right))) => Kind::Number(left - right),
        (Op::Mul, Some((left, right))) => Kind::Number(left * right),
        (Op::Div, Some((left, right))) if right != 0.0 => Kind::Number(left / right),
        (Op::Mod, Some((left, right))) if right != 0.0 => Kind::Number(left % right),
        (Op::Less, Some((left, right))) => Kind::Truth(left < right),
        (Op::LessEq, Some((left, right))) => Kind::Truth(left <= right),
        (Op::Greater, Some((left, right))) => Kind::Truth(left > right),
        (Op::GreaterEq, Some((left, right))) => Kind::Truth(left >= right),
        _ => Kind::Unknown,
    }
}

pub fn span(blob: &Arc<Blob>, range: Option<std::ops::Range<usize>>) -> Span {
    blob.span(range.unwrap_or(0..0))
}

/// The line that opens a block.
pub fn head(blob: &Arc<Blob>, block: &RawBlock) -> Span {
    let start = block.ident.span().or_else(|| block.span()).map_or(0, |range| range.start);
    let end = blob.text().get(start..).and_then(|rest| rest.find('\n')).map_or(blob.text().len(), |end| start + end);
    blob.span(start..end)
}
