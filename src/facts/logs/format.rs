//! Where code decides in which form its lines are written.

use super::vocabulary::{FORMATS, Form, Format};
use super::{Setup, TO_JSON};
use crate::facts::code::{Call, Class, Code, Kind, Language, Node, Source};

/// Every decision of one file.
pub fn setups(code: &Code, source: &Source) -> Vec<Setup> {
    let mut setups: Vec<Setup> =
        source.nodes().filter_map(Node::as_call).filter_map(|call| decided_by(code, call)).collect();
    setups.extend(source.nodes().filter_map(Node::as_class).filter_map(own_formatter));
    setups.extend(source.nodes().filter_map(formatter_block));
    setups
}

fn decided_by(code: &Code, call: Call) -> Option<Setup> {
    let source = call.node.source();
    let path = call.path().unwrap_or_else(|| call.method().to_owned());
    let format = FORMATS.iter().find(|format| {
        format.languages.contains(&source.language())
            && ends_with(&path, format.call)
            && (format.module.is_empty() || code.imports(source, format.module))
    })?;
    let form = form_of(call, format);
    (form != Form::Open).then(|| {
        let word = if form == Form::Structured { "structured" } else { "plain text" };
        Setup { form, span: call.node.span(), note: format!("{path} writes {word}") }
    })
}

/// Whether what is called ends with these names; Ruby's `::` is a dot in the tree.
fn ends_with(path: &str, end: &str) -> bool {
    let end = end.replace("::", ".");
    path == end || path.strip_suffix(end.as_str()).is_some_and(|before| before.ends_with('.'))
}

fn form_of(call: Call, format: &Format) -> Form {
    let words = words_in(call);
    let has = |names: &[&str]| names.iter().any(|name| words.iter().any(|word| word.eq_ignore_ascii_case(name)));
    let turned_off = format
        .structured
        .iter()
        .any(|name| call.option(name).is_some_and(|value| matches!(value.kind(), Kind::Bool(false))));
    if has(format.structured) && !turned_off {
        return Form::Structured;
    }
    if has(format.plain) {
        return Form::Plain;
    }
    format.default
}

/// The names and short strings in a call's arguments, and in the variables of the file that they name.
fn words_in<'a>(call: Call<'a>) -> Vec<&'a str> {
    let mut words = Vec::new();
    for argument in call.arguments.iter() {
        collect(argument, &mut words, 2);
    }
    words
}

fn collect<'a>(node: Node<'a>, words: &mut Vec<&'a str>, hops: usize) {
    for inner in node.walk() {
        match inner.kind() {
            Kind::Name(name) => {
                words.push(name);
                if hops > 0 {
                    values_of(inner.source(), name).for_each(|value| collect(value, words, hops - 1));
                }
            }
            Kind::Member { property, .. } => words.push(property),
            Kind::Str(text) if text.len() < 80 => words.extend(text.split(['.', ' ', '/'])),
            Kind::Str(_) | Kind::Template(_) => {}
            Kind::Named { name, .. } => words.push(name),
            _ => {}
        }
    }
}

/// The values of the variables at the top of a file that have this name.
fn values_of<'a>(source: &'a Source, name: &'a str) -> impl Iterator<Item = Node<'a>> {
    source.nodes().filter_map(move |node| match node.kind() {
        Kind::Let(declared) if declared.target.as_name() == Some(name) => declared.value,
        _ => None,
    })
}

/// A class that formats records itself: structured where its `format` makes JSON.
fn own_formatter(class: Class) -> Option<Setup> {
    let is_formatter =
        class.bases.iter().any(|base| base.leaf().ends_with("Formatter") || base.text().ends_with("Formatter"));
    let format = class.method("format").or_else(|| class.method("call")).or_else(|| class.method("Format"))?;
    let named = class.name.ends_with("Formatter") || is_formatter;
    let makes_json = format.node.walk().filter_map(Node::as_call).any(is_json_call);
    (named && makes_json).then(|| Setup {
        form: Form::Structured,
        span: format.node.span(),
        note: format!("{} makes one JSON object of a record", class.name),
    })
}

/// Ruby's `logger.formatter = proc { … to_json }`, Go's `log.SetFormatter(&log.JSONFormatter{})`.
fn formatter_block(node: Node) -> Option<Setup> {
    let Kind::Assign { target, value, .. } = node.kind() else { return None };
    if node.source().language() != Language::Ruby || !target_leaf(target).ends_with("formatter") {
        return None;
    }
    let makes_json = value.walk().filter_map(Node::as_call).any(is_json_call)
        || value
            .walk()
            .any(|inner| inner.leaf().to_ascii_lowercase().contains("json") || inner.leaf().contains("Logstash"));
    let form = if makes_json { Form::Structured } else { Form::Plain };
    let word = if makes_json { "a formatter that writes JSON" } else { "a formatter that writes plain text" };
    Some(Setup { form, span: node.span(), note: word.to_owned() })
}

/// The last name of a target, which Ruby reads as a call.
fn target_leaf(target: Node) -> String {
    match target.kind() {
        Kind::Call(call) => call.method().to_owned(),
        _ => target.leaf().to_owned(),
    }
}

fn is_json_call(call: Call) -> bool {
    let path = call.path().unwrap_or_else(|| call.method().to_owned());
    TO_JSON.iter().any(|name| path == *name || path.ends_with(&format!(".{name}")) || call.method() == *name)
}
