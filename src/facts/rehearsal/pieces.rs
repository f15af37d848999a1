//! What a retrier is set up with, wherever that is written: options, named arguments, the calls of a builder.

use super::machine::Machine;
use super::retrier::{Pace, Spec, When};
use super::retriers::Retrier;
use super::value::{Closure, Value, plain};
use crate::facts::code::{Code, Kind, Node, Origin};
use std::rc::Rc;

/// As many names are read of one set-up.
const MAX_PIECES: usize = 200;

/// Names with their values; a call without arguments has none.
pub(super) struct Pieces<'a> {
    pub named: Vec<(String, Option<Node<'a>>)>,
}

impl<'a> Pieces<'a> {
    /// Everything that is said in an expression and in what it names.
    pub fn of(code: &'a Code, nodes: &[Node<'a>]) -> Self {
        let mut pieces = Self { named: Vec::new() };
        let mut seen = Vec::new();
        for node in nodes {
            pieces.read(code, *node, 0, &mut seen);
        }
        pieces
    }

    fn read(&mut self, code: &'a Code, node: Node<'a>, depth: usize, seen: &mut Vec<Node<'a>>) {
        if depth > 4 || seen.contains(&node) || self.named.len() > MAX_PIECES {
            return;
        }
        seen.push(node);
        // What a lambda does when it is asked is no setting; one that sets a builder up is.
        for inner in node.walk() {
            match inner.kind() {
                Kind::Named { name, value } => self.add(name, Some(value)),
                Kind::Pair { key, value } => self.add(key.leaf(), Some(value)),
                Kind::Assign { target, value, operator: None } => self.add(target.leaf(), Some(value)),
                Kind::Call(call) => {
                    self.add(call.method(), call.argument(0));
                    let functions = call.arguments.iter().skip(1).filter(|one| one.as_function().is_some());
                    functions.for_each(|function| self.add(call.method(), Some(function)));
                }
                Kind::Member { property, .. } => self.add(property, None),
                Kind::Name(name) => {
                    self.add(name, None);
                    let is_value = inner
                        .parent()
                        .is_none_or(|parent| !matches!(parent.kind(), Kind::Call(call) if call.callee == inner));
                    for origin in code.origins(inner).into_iter().filter(|_| is_value) {
                        match origin {
                            Origin::Library(_, Some(made)) if !node.contains(made.node) => {
                                self.read(code, made.node, depth + 1, seen)
                            }
                            Origin::Own(crate::facts::code::Value::Literal(literal)) if !node.contains(literal) => {
                                if matches!(literal.kind(), Kind::Object(_)) {
                                    self.read(code, literal, depth + 1, seen);
                                }
                            }
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, name: &str, value: Option<Node<'a>>) {
        if self.named.len() <= MAX_PIECES {
            self.named.push((plain(name), value));
        }
    }

    pub fn has(&self, words: &[&str]) -> bool {
        self.named.iter().any(|(name, _)| words.contains(&name.as_str()))
    }

    pub fn names_like(&self, words: &[&str]) -> bool {
        self.named.iter().any(|(name, _)| words.iter().any(|word| name.contains(word)))
    }

    pub fn value(&self, names: &[&str]) -> Option<Node<'a>> {
        // In the order of the wish list: the most telling name first.
        names.iter().find_map(|wanted| self.named.iter().find_map(|(name, value)| value.filter(|_| name == wanted)))
    }

    pub fn all(&self, names: &[&str]) -> Vec<Node<'a>> {
        self.named.iter().filter(|(name, _)| names.contains(&name.as_str())).filter_map(|(_, value)| *value).collect()
    }
}

/// Functions that say whether to repeat.
const ASKED: &[&str] = &[
    "retrycondition",
    "shouldretry",
    "retryon",
    "retryif",
    "retryonresult",
    "handleresultif",
    "handleif",
    "retryifresult",
    "retryifexception",
    "retryonexception",
    "orresult",
    "handleresult",
    "shouldhandle",
    "addretrycondition",
    "checkretry",
    "retry",
    "when",
    "filter",
    "retryif",
    "orinner",
    "or",
    "handle",
    "handlewhen",
    "retryonexceptionif",
    "retryonresultif",
    "ontransientfailure",
    "retryexceptionpredicate",
];
const REFUSED: &[&str] = &["giveup", "abortif", "abortwhen", "retryifnot"];
const STATUSES: &[&str] = &[
    "statuscodes",
    "statusforcelist",
    "retrystatuses",
    "statuses",
    "statuscodestoretry",
    "retryon",
    "retryonstatuses",
    "retrystatuscodes",
    "retryablestatuscodes",
    "httpcodes",
];
const DELAYS: &[&str] = &[
    "retrydelay",
    "calculatedelay",
    "sleepdurationprovider",
    "delaygenerator",
    "delaymillis",
    "delayfn",
    "intervalfunction",
    "backoff",
    "delay",
    "wait",
    "delaytype",
];
const GROWING: &[&str] =
    &["exponential", "expo", "withbackoff", "decorrelatedjitter", "jitterbackoff", "fibo", "doubling"];
const FLAT: &[&str] = &["fixed", "constant", "nodelay"];
const RISING: &[&str] = &["linear", "incrementing"];
const CEILINGS: &[&str] =
    &["maxdelay", "maxtimeout", "max", "maxinterval", "maxdelayms", "backofflimit", "retrywaitmax"];

impl<'a> Machine<'a, '_> {
    /// How a library repeats, by its row of the table and what it is set up with.
    pub fn spec(&mut self, row: &Retrier, place: Node<'a>, nodes: &[Node<'a>]) -> Spec<'a> {
        let pieces = Pieces::of(self.code, nodes);
        self.spec_of(row, place, &pieces)
    }

    pub fn spec_of(&mut self, row: &Retrier, place: Node<'a>, pieces: &Pieces<'a>) -> Spec<'a> {
        let number = |machine: &Self, names: &[&str]| pieces.value(names).and_then(|value| machine.code.number(value));
        let retries = number(self, row.retries);
        let attempts = number(self, row.attempts).map(|attempts| attempts - 1.0);
        let is_said = pieces.value(row.retries).or(pieces.value(row.attempts)).is_some();
        let most = match retries.or(attempts) {
            // A number below nothing, or no number at all, is no end in some libraries.
            Some(most) if most < 0.0 => None,
            Some(most) => Some(most),
            None if is_said => Some(super::machine::SOME),
            None if pieces.names_like(&["maxtime", "stopafterdelay", "maxelapsed", "maxduration", "totaltimeout"]) => {
                Some(10.0)
            }
            None => row.most,
        };
        let when = self.when(row, pieces);
        let pace = self.pace(row, pieces);
        Spec { place: place.span(), what: row.name.to_owned(), most, pace, when, is_told: row.is_told }
    }

    fn pace(&mut self, row: &Retrier, pieces: &Pieces<'a>) -> Pace<'a> {
        for node in pieces.all(DELAYS) {
            match self.quietly(node) {
                Value::Function(closure) => return Pace::Asked(closure, row.unit),
                Value::List(list) => {
                    let listed = list.borrow().iter().filter_map(|value| value.seconds(row.unit)).collect();
                    return Pace::Listed(listed);
                }
                _ => {}
            }
        }
        let unit = row.unit;
        let seconds = |machine: &mut Self, names: &[&str]| {
            pieces.value(names).and_then(|value| machine.quietly(value).seconds(unit))
        };
        let first = seconds(self, row.first);
        let factor = pieces.value(row.factor).and_then(|value| self.code.number(value));
        let most = seconds(self, CEILINGS).unwrap_or(f64::INFINITY);
        let first_or = |usual: f64| first.unwrap_or(usual);
        if pieces.names_like(RISING) {
            return Pace::Linear { first: first_or(1.0), step: first_or(1.0) };
        }
        if pieces.names_like(GROWING) || factor.is_some() {
            let usual = if row.factor_default > 1.0 { row.factor_default } else { 2.0 };
            return Pace::Growing {
                first: first_or(row.first_default.max(0.1)),
                factor: factor.unwrap_or(usual),
                most,
            };
        }
        if pieces.names_like(FLAT) {
            return Pace::fixed(first_or(row.first_default));
        }
        if row.factor_default > 1.0 {
            return Pace::Growing { first: first_or(row.first_default), factor: row.factor_default, most };
        }
        Pace::fixed(first_or(row.first_default))
    }

    fn when(&mut self, row: &Retrier, pieces: &Pieces<'a>) -> When<'a> {
        let mut when = When::default();
        for node in pieces.all(STATUSES) {
            if let Value::List(list) = self.quietly(node) {
                for value in list.borrow().iter() {
                    match value {
                        Value::Range(from, to) => when.statuses.push((*from, *to)),
                        other => when.statuses.extend(other.number().map(|status| (status, status))),
                    }
                }
            }
        }
        for node in pieces.all(ASKED) {
            if let Value::Function(closure) = self.quietly(node) {
                when.asked.push(closure);
            }
        }
        when.refused = self.functions(&pieces.all(REFUSED));
        if pieces.has(&["handletransienthttperror", "addtransienthttperrorpolicy"]) {
            when.statuses.extend([(500.0, 599.0), (408.0, 408.0)]);
        }
        if pieces.has(&["retryonservererrors", "retryonexceptionorservererrors"]) {
            when.statuses.push((500.0, 599.0));
        }
        if when.is_empty() {
            when.statuses = row.statuses.to_vec();
            when.any_error = row.any_error;
        }
        when.is_for_safe_methods = row.is_for_safe_methods && !pieces.has(&["allowedmethods", "methods", "retrypost"]);
        when
    }

    fn functions(&mut self, nodes: &[Node<'a>]) -> Vec<Rc<Closure<'a>>> {
        let values = nodes.iter().map(|node| self.quietly(*node));
        values.filter_map(|value| if let Value::Function(closure) = value { Some(closure) } else { None }).collect()
    }

    /// What an expression is worth; nothing is sent or waited for.
    pub fn quietly(&mut self, node: Node<'a>) -> Value<'a> {
        let (now, unsure) = (self.now, self.unsure);
        let value = match node.enclosing_function() {
            // In a function that runs, its variables are known.
            Some(_) if !self.frame.variables.borrow().is_empty() => {
                let attempts = self.seen.attempts.len();
                let value = self.eval(node).unwrap_or(Value::Unknown);
                self.seen.attempts.truncate(attempts);
                value
            }
            _ => self.alone(node).unwrap_or(Value::Unknown),
        };
        (self.now, self.unsure) = (now, unsure);
        value
    }
}
