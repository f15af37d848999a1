//! The expressions inside `{{ … }}`, as far as values settle them.

use super::values::Values;
use crate::facts::yaml::Yaml;
use std::collections::HashMap;

/// Calls inside calls deeper than this are not followed.
const MAX_DEPTH: usize = 20;

/// What an expression comes to.
#[derive(Debug, Clone)]
pub enum Term {
    Node(Yaml),
    Text(String),
    Truth(bool),
    /// Only rendering could tell: what the template says.
    Unknown(String),
    /// Known to be nothing.
    Nothing,
}

impl Term {
    /// Whether `if` would take it; none where only rendering could tell.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Node(yaml) if yaml.unknown().is_some() => None,
            Self::Node(yaml) if yaml.is_mapping() => Some(!yaml.entries().is_empty()),
            Self::Node(yaml) if yaml.is_sequence() => Some(!yaml.items().is_empty()),
            Self::Node(yaml) => Some(!matches!(yaml.text(), None | Some("" | "false" | "0"))),
            Self::Text(text) => Some(!matches!(text.as_str(), "" | "0")),
            Self::Truth(truth) => Some(*truth),
            Self::Unknown(_) => None,
            Self::Nothing => Some(false),
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Node(yaml) => yaml.text(),
            Self::Text(text) => Some(text),
            Self::Truth(true) => Some("true"),
            Self::Truth(false) => Some("false"),
            _ => None,
        }
    }
}

/// What an expression is evaluated with.
pub struct Scope<'a> {
    pub values: &'a Values,
    /// What `.` is; none at the root.
    pub dot: Option<Term>,
    pub variables: &'a HashMap<String, Term>,
}

impl Scope<'_> {
    /// The value of a pipeline.
    pub fn evaluate(&self, source: &str) -> Term {
        self.pipeline(source, 0)
    }

    fn pipeline(&self, source: &str, depth: usize) -> Term {
        if depth > MAX_DEPTH {
            return unknown(source);
        }
        let mut stages = split(source, '|').into_iter();
        let Some(first) = stages.next() else { return Term::Nothing };
        let first = self.call(first, None, depth);
        stages.fold(first, |piped, stage| self.call(stage, Some(piped), depth))
    }

    /// One stage: a function with its arguments, the piped value last; or a single operand.
    fn call(&self, stage: &str, piped: Option<Term>, depth: usize) -> Term {
        let words = split(stage, ' ');
        let Some((name, rest)) = words.split_first() else { return piped.unwrap_or(Term::Nothing) };
        if rest.is_empty() && piped.is_none() && !matches!(*name, "list" | "dict") {
            return self.operand(name, depth);
        }
        let mut arguments: Vec<Term> = rest.iter().map(|word| self.operand(word, depth)).collect();
        arguments.extend(piped);
        apply(name, arguments).unwrap_or_else(|| unknown(stage))
    }

    fn operand(&self, word: &str, depth: usize) -> Term {
        if let Some(inner) = word.strip_prefix('(') {
            // `(…).field` is followed no further than to its parenthesis.
            return match inner.strip_suffix(')') {
                Some(inner) => self.pipeline(inner, depth + 1),
                None => unknown(word),
            };
        }
        let quoted = |mark: char| word.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
        if let Some(text) = quoted('"').or_else(|| quoted('`')) {
            return Term::Text(text.to_owned());
        }
        match word {
            "true" => return Term::Truth(true),
            "false" => return Term::Truth(false),
            "nil" => return Term::Nothing,
            "." => return self.dot.clone().unwrap_or_else(|| unknown(word)),
            _ if word.parse::<f64>().is_ok() => return Term::Text(word.to_owned()),
            _ => {}
        }
        let path = word.strip_prefix("$.").or_else(|| word.strip_prefix('.'));
        if let Some(path) = path {
            return self.field(word, path);
        }
        let (name, path) = word.split_once('.').unwrap_or((word, ""));
        match self.variables.get(name) {
            Some(term) => steps(term.clone(), path, word),
            None => unknown(word),
        }
    }

    fn field(&self, word: &str, path: &str) -> Term {
        if let Some(path) = path.strip_prefix("Values").filter(|rest| rest.is_empty() || rest.starts_with('.')) {
            let missing = if self.values.are_known() { Term::Nothing } else { unknown(word) };
            let Some(root) = self.values.root() else { return missing };
            return steps(Term::Node(root.clone()), path.trim_start_matches('.'), word);
        }
        if let Some(field) = path.strip_prefix("Chart.") {
            return self.values.chart(field).map_or_else(|| unknown(word), Term::Node);
        }
        match &self.dot {
            Some(dot) if !word.starts_with('$') => steps(dot.clone(), path, word),
            _ => unknown(word),
        }
    }
}

/// The value at the end of a path of fields.
fn steps(from: Term, path: &str, word: &str) -> Term {
    path.split('.').filter(|step| !step.is_empty()).fold(from, |term, step| match term {
        Term::Node(yaml) => match yaml.get(step) {
            Some(next) if next.is_null() => Term::Nothing,
            Some(next) => Term::Node(next),
            None if yaml.unknown().is_some() => unknown(word),
            None => Term::Nothing,
        },
        Term::Unknown(_) => unknown(word),
        _ => Term::Nothing,
    })
}

fn unknown(source: &str) -> Term {
    Term::Unknown(source.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The functions that are followed; none for any other.
fn apply(name: &str, mut arguments: Vec<Term>) -> Option<Term> {
    let truths = || arguments.iter().map(Term::truth).collect::<Vec<_>>();
    let told = |truth: Option<bool>| Some(truth.map_or_else(|| unknown(name), Term::Truth));
    match name {
        "toYaml" | "quote" | "squote" | "toString" | "int" | "int64" | "float64" | "tpl" | "nindent" | "indent"
        | "required" | "trim" | "toRawJson" | "toJson" | "fromYaml" | "deepCopy" => {
            let value = if name == "tpl" { arguments.into_iter().next() } else { arguments.pop() };
            Some(value.unwrap_or(Term::Nothing))
        }
        "default" => {
            let value = arguments.pop()?;
            let fallback = arguments.pop()?;
            Some(match value.truth() {
                Some(false) => fallback,
                _ => value,
            })
        }
        "coalesce" | "or" => {
            let chosen = arguments.iter().position(|term| term.truth() != Some(false));
            let at = chosen.unwrap_or(arguments.len().checked_sub(1)?);
            Some(arguments.swap_remove(at))
        }
        "and" => match truths().iter().position(|truth| *truth != Some(true)) {
            Some(at) => Some(arguments.swap_remove(at)),
            None => arguments.pop(),
        },
        "not" | "empty" => told(truths().first().copied().flatten().map(|truth| !truth)),
        "eq" | "ne" => {
            let texts: Option<Vec<&str>> = arguments.iter().map(Term::text).collect();
            let same = texts.map(|texts| texts.windows(2).all(|pair| pair.first() == pair.last()));
            told(same.map(|same| same == (name == "eq")))
        }
        "gt" | "lt" | "ge" | "le" => {
            let number = |at: usize| arguments.get(at).and_then(Term::text)?.parse::<f64>().ok();
            let (left, right) = (number(0), number(1));
            told(left.zip(right).map(|(left, right)| match name {
                "gt" => left > right,
                "lt" => left < right,
                "ge" => left >= right,
                _ => left <= right,
            }))
        }
        "ternary" => {
            let truth = arguments.pop()?.truth()?;
            let (yes, no) = (arguments.first()?.clone(), arguments.get(1)?.clone());
            Some(if truth { yes } else { no })
        }
        "hasKey" => match (arguments.first()?, arguments.get(1)?) {
            (Term::Node(map), Term::Text(key)) => Some(Term::Truth(map.get(key).is_some())),
            _ => None,
        },
        _ => None,
    }
}

/// Splits at a mark that is outside quotes and parentheses; blanks of any kind count as one.
pub fn split(source: &str, mark: char) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0usize, None);
    for (at, letter) in source.char_indices() {
        let is_mark = letter == mark || (mark == ' ' && letter.is_whitespace());
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '`') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, _) if is_mark && depth == 0 => {
                parts.push(source[start..at].trim());
                start = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(source[start..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}
