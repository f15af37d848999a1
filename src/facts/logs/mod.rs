//! How production source logs: through which logger, in which form, and where it just prints.

mod files;
mod format;
mod vocabulary;

use super::code::{Call, Code, Kind, Language, Node, Source};
use super::{Facet, Facts};
use crate::evidence::Span;
use std::collections::HashSet;
use vocabulary::{LEVELS, PRINTS, TO_JSON, WRITES};

pub use vocabulary::Form;

/// Where the form of lines is decided.
#[derive(Debug, Clone)]
pub struct Setup {
    pub form: Form,
    pub span: Span,
    /// What is to be seen there.
    pub note: String,
}

/// A call that logs or prints.
#[derive(Debug, Clone)]
pub struct LogCall {
    pub span: Span,
    /// What is called, as written.
    pub callee: String,
    pub way: Way,
}

/// How a line gets out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Through a logger whose form a [`Setup`] decides.
    Logger,
    /// Printed, as one JSON object.
    Json,
    /// Printed as text.
    Print,
}

/// How many functions may lie between a level method and the print.
const WRAPPED: usize = 2;

/// The logging of the repository's production source.
#[derive(Debug, Default)]
pub struct Logs {
    pub setups: Vec<Setup>,
    pub calls: Vec<LogCall>,
}

impl Logs {
    pub fn setup(&self, form: Form) -> Option<&Setup> {
        self.setups.iter().find(|setup| setup.form == form)
    }

    pub fn of(&self, way: Way) -> impl Iterator<Item = &LogCall> {
        self.calls.iter().filter(move |call| call.way == way)
    }
}

impl Facet for Logs {
    fn read(facts: &Facts) -> Self {
        let mut logs = Self { setups: files::setups(facts), calls: Vec::new() };
        let code = facts.code();
        let sources: Vec<&Source> = code.sources().filter(|source| !is_shown(code, source)).collect();
        let mut writers: HashSet<&str> = sources.iter().flat_map(|source| json_writers(source)).collect();
        // A level method that hands on to the one that writes.
        for _ in 0..WRAPPED {
            let more: Vec<&str> = sources.iter().flat_map(|source| callers(source, &writers)).collect();
            writers.extend(more);
        }
        for source in sources {
            logs.setups.extend(format::setups(code, source));
            let calls = source.nodes().filter_map(Node::as_call);
            logs.calls.extend(calls.filter_map(|call| log_call(call, &writers)));
        }
        logs
    }
}

/// Code for a browser or another screen: its console is no production log.
fn is_shown(code: &Code, source: &Source) -> bool {
    let path = source.path();
    let folder = ["public/", "static/", "assets/", "frontend/", "client/src/", "web/src/", "wwwroot/", "ui/"];
    let by_folder = folder.iter().any(|part| path.starts_with(part) || path.contains(&format!("/{part}")));
    let by_library = ["react", "react-dom", "vue", "svelte", "@angular/core", "streamlit"];
    let is_page = path.ends_with(".tsx") || path.ends_with(".jsx");
    source.language().is_script() && (by_folder || is_page || by_library.iter().any(|name| code.imports(source, name)))
}

/// The names of functions that print their argument as one JSON object: wrappers that others log through.
fn json_writers(source: &Source) -> Vec<&str> {
    let calls = source.nodes().filter_map(Node::as_call);
    let writing = calls.filter(|call| (is_print(*call) || is_write(*call)) && writes_json(*call));
    writing
        .filter_map(|call| call.node.enclosing_function())
        .map(|function| function.known_as())
        .filter(|name| !name.is_empty())
        .collect()
}

/// The level methods of a class, and functions named like a logger, that call one of these.
fn callers<'a>(source: &'a Source, writers: &HashSet<&str>) -> Vec<&'a str> {
    let calls = source.nodes().filter_map(Node::as_call).filter(|call| writers.contains(call.method()) && !call.is_new);
    let around = calls.filter_map(|call| call.node.enclosing_function()).map(|function| function.known_as());
    around.filter(|name| LEVELS.contains(name) || name.to_ascii_lowercase().contains("log")).collect()
}

fn log_call(call: Call, writers: &HashSet<&str>) -> Option<LogCall> {
    let callee = call.path().unwrap_or_else(|| call.method().to_owned());
    let way = if is_print(call) {
        if writes_json(call) { Way::Json } else { Way::Print }
    } else if is_write(call) {
        if writes_json(call) { Way::Json } else { return None }
    } else if writers.contains(call.method()) && !call.is_new {
        Way::Json
    } else if is_logger(call) {
        Way::Logger
    } else {
        return None;
    };
    Some(LogCall { span: call.node.span(), callee, way })
}

fn is_print(call: Call) -> bool {
    is_of(call, PRINTS) && !is_other_log(call)
}

fn is_write(call: Call) -> bool {
    is_of(call, WRITES)
}

fn is_of(call: Call, table: &[(&[Language], &[&str])]) -> bool {
    let language = call.node.source().language();
    let Some(path) = call.path() else { return false };
    table.iter().any(|(languages, names)| languages.contains(&language) && names.contains(&path.as_str()))
}

/// Go's `log.Printf` where `log` is another library's logger under that name.
fn is_other_log(call: Call) -> bool {
    let source = call.node.source();
    source.language() == Language::Go
        && call.path().is_some_and(|path| path.starts_with("log."))
        && !source.nodes().any(|node| matches!(node.kind(), Kind::Import(import) if import.module == "log"))
}

/// Whether what is printed is made into JSON: in the call, or one assignment before it.
fn writes_json(call: Call) -> bool {
    call.arguments.iter().any(|argument| is_json(argument, 2))
}

fn is_json(node: Node, hops: usize) -> bool {
    let made = node.walk().filter_map(Node::as_call).any(|call| {
        let path = call.path().unwrap_or_else(|| call.method().to_owned());
        TO_JSON.iter().any(|name| path == *name || path.ends_with(&format!(".{name}")))
    });
    if made || hops == 0 {
        return made;
    }
    let Some(name) = node.as_name() else { return false };
    let Some(function) = node.enclosing_function() else { return false };
    function.node.walk().any(|inner| match inner.kind() {
        Kind::Let(declared) if names(declared.target, name) => {
            declared.value.is_some_and(|value| is_json(value, hops - 1))
        }
        Kind::Assign { target, value, .. } if names(target, name) => is_json(value, hops - 1),
        _ => false,
    })
}

/// Whether a target is that name, or a list that holds it.
fn names(target: Node, name: &str) -> bool {
    target.as_name() == Some(name)
        || matches!(target.kind(), Kind::List(items) if items.iter().any(|item| item.as_name() == Some(name)))
}

/// A level called on something that is named like a logger.
fn is_logger(call: Call) -> bool {
    let method = call.method();
    if !LEVELS.contains(&method) {
        return false;
    }
    let Some(receiver) = call.receiver() else { return false };
    let name = match receiver.kind() {
        // `logging.getLogger(__name__).info(…)`, `Rails.logger.info`, `zap.L().Info`.
        Kind::Call(inner) => inner.path().unwrap_or_else(|| inner.method().to_owned()),
        _ => receiver.path().unwrap_or_else(|| receiver.leaf().to_owned()),
    };
    let leaf = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_named =
        leaf.contains("log") && !leaf.contains("login") && !leaf.contains("dialog") && !leaf.contains("catalog");
    is_named || name == "zap.L" || name == "zap.S" || leaf == "slog"
}
