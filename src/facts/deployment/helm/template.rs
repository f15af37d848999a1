//! A template made readable: each action is replaced by a placeholder on its own line, so that the rest is YAML whose
//! every line keeps its number; then the placeholders are filled in with what the values say.

use super::expression::{Scope, Term, split};
use super::values::Values;
use crate::evidence::Blob;
use crate::facts::yaml::{self, Filling, Yaml};
use std::collections::HashMap;
use std::sync::Arc;

/// Templates longer than this are not read.
const MAX_BYTES: usize = 2_000_000;
/// Blocks inside blocks deeper than this end the reading.
const MAX_BLOCKS: usize = 100;

/// The documents of a template; none at all where what is left is no YAML.
pub fn read(blob: &Arc<Blob>, values: &Values) -> Option<Vec<Yaml>> {
    if blob.text().len() > MAX_BYTES {
        return None;
    }
    let mut reader =
        Reader { values, blocks: Vec::new(), variables: HashMap::new(), terms: Vec::new(), lines: Vec::new() };
    let joined = join_actions(blob.text());
    let source: Vec<&str> = joined.split('\n').collect();
    for (number, line) in source.iter().enumerate() {
        let following = source.get(number + 1..).unwrap_or_default();
        reader.take(line, following);
    }
    let documents = yaml::documents_of(blob, &reader.lines.join("\n")).ok()?;
    Some(documents.iter().map(|document| document.filled(&|text| reader.filling(text))).collect())
}

/// Whether a template says itself that it makes something that runs.
pub fn names_a_workload(text: &str) -> bool {
    ["kind: Deployment", "kind: StatefulSet", "kind: DaemonSet", "kind: CronJob", "kind: Rollout"]
        .iter()
        .any(|kind| text.contains(kind))
}

/// Stands for a line end inside an action.
const INNER_LINE: char = '\u{1}';

/// The text with each action on one line.
fn join_actions(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let end = rest[start..].find("}}").map_or(rest.len(), |end| start + end + 2);
        joined.push_str(&rest[..start]);
        joined.extend(rest[start..end].chars().map(|letter| if letter == '\n' { INNER_LINE } else { letter }));
        rest = &rest[end..];
    }
    joined.push_str(rest);
    joined
}

struct Reader<'a> {
    values: &'a Values,
    blocks: Vec<Block>,
    variables: HashMap<String, Term>,
    /// What each placeholder stands for, by its number.
    terms: Vec<Term>,
    lines: Vec<String>,
}

/// An `if`, `with`, `range` or `define` that is open.
struct Block {
    active: bool,
    /// One of its branches was taken.
    taken: bool,
    dot: Option<Term>,
}

impl Reader<'_> {
    fn is_active(&self) -> bool {
        self.blocks.len() < MAX_BLOCKS && self.blocks.iter().all(|block| block.active)
    }

    /// Reads one line of the template and writes one of YAML, and an empty one for each line inside an action.
    fn take(&mut self, line: &str, following: &[&str]) {
        let inner_lines = line.matches(INNER_LINE).count();
        let pieces = pieces(line);
        let is_bare = pieces.iter().all(|piece| matches!(piece, Piece::Action(_)) || piece.is_blank());
        let mut out = String::new();
        for (at, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Text(text) if self.is_active() => out.push_str(text),
                Piece::Text(_) => {}
                Piece::Action(action) => {
                    let Some(term) = self.act(action) else { continue };
                    let ends = pieces[at + 1..].iter().all(Piece::is_blank);
                    match is_bare {
                        true => out = self.own_line(action, term, line, following),
                        false => self.inline(&mut out, term, ends),
                    }
                }
            }
        }
        self.lines.push(if out.trim().is_empty() { String::new() } else { out });
        self.lines.extend(std::iter::repeat_n(String::new(), inner_lines));
    }

    /// Follows a control action, or gives the value of one that prints.
    fn act(&mut self, action: &str) -> Option<Term> {
        let words = split(action, ' ');
        let first = words.first().copied().unwrap_or_default();
        let rest = action.strip_prefix(first).unwrap_or_default().trim();
        match first {
            "if" | "with" | "range" | "define" | "block" => self.open(first, rest),
            "else" => self.turn(rest),
            "end" => {
                self.blocks.pop();
            }
            _ if first.is_empty() || first.starts_with("/*") || matches!(first, "break" | "continue" | "template") => {}
            _ if !self.is_active() => {}
            _ => {
                if let Some((name, value)) = action.split_once(":=").or_else(|| assignment(action)) {
                    let term = self.scope().evaluate(value);
                    self.variables.insert(name.trim().to_owned(), term);
                    return None;
                }
                return Some(self.scope().evaluate(action));
            }
        }
        None
    }

    fn scope(&self) -> Scope<'_> {
        let dot = self.blocks.iter().rev().find_map(|block| block.dot.clone());
        Scope { values: self.values, dot, variables: &self.variables }
    }

    fn open(&mut self, word: &str, condition: &str) {
        if matches!(word, "define" | "block") || !self.is_active() {
            self.blocks.push(Block { active: false, taken: true, dot: None });
            return;
        }
        let (names, source) = condition.split_once(":=").map_or(("", condition), |(names, source)| (names, source));
        let term = self.scope().evaluate(source);
        let active = term.truth().unwrap_or(true);
        let dot = match (word, &term) {
            ("with", _) => Some(term.clone()),
            ("range", Term::Node(list)) => {
                let first = list.items().into_iter().next();
                let entry = list.entries().into_iter().next().map(|(_, value)| value);
                first.or(entry).map(Term::Node)
            }
            ("range", _) => Some(Term::Unknown(source.trim().to_owned())),
            _ => None,
        };
        for name in names.split(',').map(str::trim).filter(|name| name.starts_with('$')) {
            let value = if word == "range" { Term::Unknown(name.to_owned()) } else { term.clone() };
            self.variables.insert(name.to_owned(), value);
        }
        self.blocks.push(Block { active, taken: active, dot });
    }

    /// `else`, `else if …`, `else with …`.
    fn turn(&mut self, rest: &str) {
        let Some(mut block) = self.blocks.pop() else { return };
        let condition = rest.strip_prefix("if").or_else(|| rest.strip_prefix("with")).map(str::trim);
        block.active = !block.taken
            && self.is_active()
            && condition.is_none_or(|source| self.scope().evaluate(source).truth().unwrap_or(true));
        block.taken |= block.active;
        block.dot = None;
        self.blocks.push(block);
    }

    fn placeholder(&mut self, term: Term) -> String {
        self.terms.push(term);
        format!("{MARK}{}{MARK}", self.terms.len() - 1)
    }

    fn inline(&mut self, out: &mut String, term: Term, ends: bool) {
        if out.trim_end().ends_with(':') && !out.ends_with(' ') && ends {
            out.push(' ');
        }
        let placeholder = self.placeholder(term);
        out.push_str(&placeholder);
    }

    /// An action alone on its line prints entries of a mapping or items of a list: which of them, the lines around
    /// it show.
    fn own_line(&mut self, action: &str, term: Term, line: &str, following: &[&str]) -> String {
        if matches!(term, Term::Nothing) {
            return String::new();
        }
        let width = indentation_of(action).unwrap_or_else(|| line.chars().take_while(|letter| *letter == ' ').count());
        let is_list = matches!(&term, Term::Node(yaml) if yaml.is_sequence());
        let above = self.lines.iter().rev().find(|line| !line.is_empty() && indent(line) <= width);
        let below = following.iter().find(|line| !line.trim().is_empty() && !line.trim_start().starts_with("{{"));
        let is_item = |line: &str| indent(line) == width && line.trim_start().starts_with('-');
        let between_items = above.is_some_and(|line| is_item(line))
            || above.is_some_and(|line| indent(line) < width) && below.is_some_and(|line| is_item(line))
            || is_list && above.is_some_and(|line| indent(line) == width && line.trim_end().ends_with(':'));
        let blanks = " ".repeat(width.min(MAX_BLOCKS));
        let placeholder = self.placeholder(term);
        match between_items {
            true => format!("{blanks}- {placeholder}"),
            false => format!("{blanks}{placeholder}: {placeholder}"),
        }
    }

    /// What stands for a scalar of the neutral text.
    fn filling(&self, text: &str) -> Option<Filling> {
        let mut parts = text.split(MARK);
        let before = parts.next()?;
        let first: usize = parts.next()?.parse().ok()?;
        let rest: Vec<&str> = parts.collect();
        if before.is_empty() && rest.iter().all(|part| part.is_empty()) {
            return Some(match self.terms.get(first)? {
                Term::Node(yaml) => Filling::Node(yaml.clone()),
                Term::Text(text) => Filling::Text(text.clone()),
                Term::Truth(truth) => Filling::Text(truth.to_string()),
                Term::Unknown(action) => Filling::Unknown(action.clone()),
                Term::Nothing => Filling::Nothing,
            });
        }
        let written = text.split(MARK).enumerate().map(|(at, part)| match at % 2 {
            0 => part.to_owned(),
            _ => part.parse().ok().and_then(|number: usize| self.terms.get(number)).map_or(String::new(), as_text),
        });
        Some(Filling::Text(written.collect()))
    }
}

/// Marks a placeholder; no manifest holds it.
const MARK: &str = "__mx__";

fn as_text(term: &Term) -> String {
    match term {
        Term::Node(yaml) => yaml.text().unwrap_or_default().to_owned(),
        Term::Text(text) => text.clone(),
        Term::Truth(truth) => truth.to_string(),
        Term::Unknown(action) => format!("{{{{ {action} }}}}"),
        Term::Nothing => String::new(),
    }
}

enum Piece<'a> {
    Text(&'a str),
    Action(String),
}

impl Piece<'_> {
    fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}

/// A line as text and actions, without braces and trim marks.
fn pieces(line: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), line);
    while let Some(start) = rest.find("{{") {
        let (text, after) = rest.split_at(start);
        pieces.extend((!text.is_empty()).then_some(Piece::Text(text)));
        let end = after.find("}}").unwrap_or(after.len());
        let inner = after.get(2..end).unwrap_or_default().replace(INNER_LINE, " ");
        let inner = inner.strip_prefix('-').unwrap_or(&inner).trim();
        let inner = inner.strip_suffix('-').unwrap_or(inner).trim();
        pieces.push(Piece::Action(inner.to_owned()));
        rest = after.get(end + 2..).unwrap_or_default();
    }
    pieces.extend((!rest.is_empty()).then_some(Piece::Text(rest)));
    pieces
}

/// `$name = value`.
fn assignment(action: &str) -> Option<(&str, &str)> {
    let (name, value) = action.split_once('=')?;
    (name.starts_with('$') && !name.contains(['(', '"', '|']) && !value.starts_with('=')).then_some((name, value))
}

/// The width that `nindent` or `indent` gives.
fn indentation_of(action: &str) -> Option<usize> {
    let stage = split(action, '|').into_iter().rev().find(|stage| stage.contains("indent "))?;
    stage.split_whitespace().nth(1)?.parse().ok()
}

fn indent(line: &str) -> usize {
    line.bytes().take_while(|byte| *byte == b' ').count()
}
