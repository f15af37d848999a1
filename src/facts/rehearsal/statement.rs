//! Statements: conditions, loops, errors and who catches them.

use super::machine::{MANY, Machine};
use super::status;
use super::value::{Step, Stop, Value, plain};
use crate::facts::code::model::LoopKind;
use crate::facts::code::{Declared, Definition, Kind, Language, Loop, Node};

/// As many times does a loop run whose end is not reached otherwise.
const MAX_ROUNDS: usize = 400;
/// As many rounds does a loop over a known range run where delays are looked at for long.
const STRETCHED: f64 = 8.0;
/// Types that catch every error.
const EVERYTHING: [&str; 9] = [
    "exception",
    "error",
    "throwable",
    "standarderror",
    "baseexception",
    "runtimeexception",
    "runtimeerror",
    "systemexception",
    "applicationexception",
];

impl<'a> Machine<'a, '_> {
    pub fn statement(&mut self, node: Node<'a>) -> Step<'a> {
        match node.kind() {
            Kind::Let(declared) => {
                let value = match declared.value {
                    Some(value) => self.eval(value)?,
                    // Go's `var n int` is a zero; a type that is an error's is one that is filled in later.
                    None if declared.annotation.is_some_and(|kind| is_number(kind.text())) => Value::Number(0.0),
                    None => Value::Null,
                };
                self.bind(declared.target, value)?;
                Ok(Value::Null)
            }
            Kind::Block(nodes) => self.in_turn(nodes.iter()),
            Kind::Unknown(nodes) => {
                let mut last = Value::Unknown;
                for node in nodes.iter() {
                    last = self.eval(node)?;
                }
                Ok(if nodes.len() == 1 { last } else { Value::Unknown })
            }
            Kind::If { test, then, otherwise } => {
                let worth = self.eval(test)?;
                let usual = !leaves(then);
                if self.outcome(test, &worth, usual) {
                    self.eval(then)
                } else {
                    otherwise.map_or(Ok(Value::Null), |otherwise| self.eval(otherwise))
                }
            }
            Kind::Loop(repeat) => self.repeated(repeat),
            Kind::Try { body, catches, finally } => {
                let mut result = self.eval(body);
                if let Err(Stop::Throw(error)) = &result {
                    let error = error.clone();
                    if let Some(caught) = catches.iter().find(|caught| self.is_caught(*caught, &error)) {
                        result = self.handle(caught, error);
                    }
                }
                if let Some(finally) = finally
                    && !matches!(result, Err(Stop::End))
                {
                    self.eval(finally)?;
                }
                result
            }
            Kind::Switch { subject, cases } => self.switch(node, subject, cases.iter().collect()),
            Kind::Return(value) => {
                let value = value.map_or(Ok(Value::Null), |value| self.eval(value))?;
                // `return@repeat` goes on with the next round.
                Err(if node.text().starts_with("return@") { Stop::Continue } else { Stop::Return(value) })
            }
            Kind::Throw(value) => {
                let value = match value {
                    Some(value) => self.eval(value)?,
                    None => self.caught.last().cloned().unwrap_or(Value::Unknown),
                };
                Err(Stop::Throw(value))
            }
            Kind::Break => Err(Stop::Break),
            Kind::Continue => Err(Stop::Continue),
            _ => Ok(Value::Null),
        }
    }

    fn in_turn(&mut self, nodes: impl Iterator<Item = Node<'a>>) -> Step<'a> {
        let mut last = Value::Null;
        for node in nodes {
            last = self.eval(node)?;
        }
        Ok(last)
    }

    fn handle(&mut self, caught: Node<'a>, error: Value<'a>) -> Step<'a> {
        let Kind::Catch { binding, body, .. } = caught.kind() else { return Ok(Value::Null) };
        if let Some(binding) = binding {
            self.bind(binding, error.clone())?;
        }
        if !self.seen.attempts.is_empty() && !self.seen.handlers.contains(&caught) {
            self.seen.handlers.push(caught);
        }
        self.caught.push(error.clone());
        let result = self.eval(body);
        self.caught.pop();
        // C#'s `catch … when (…)` that does not hold catches nothing.
        if let (Kind::Block(nodes), Ok(_)) = (body.kind(), &result)
            && let (1, Some(Kind::If { test, otherwise: None, .. })) = (nodes.len(), nodes.first().map(Node::kind))
            && caught.source().language() == Language::CSharp
            && caught.text().contains(" when ")
        {
            let worth = self.eval(test)?;
            if worth.truth() == Some(false) {
                return Err(Stop::Throw(error));
            }
        }
        result
    }

    /// Whether a handler takes an error.
    fn is_caught(&mut self, caught: Node<'a>, error: &Value<'a>) -> bool {
        let Kind::Catch { types, .. } = caught.kind() else { return false };
        if types.is_empty() {
            return true;
        }
        types.iter().any(|kind| self.is_of(error, kind, leaf_of(kind)).unwrap_or(true))
    }

    /// `error instanceof X`.
    pub fn is_a(&mut self, value: &Value<'a>, kind: Node<'a>) -> Value<'a> {
        match self.is_of(value, kind, leaf_of(kind)) {
            Some(known) => Value::Bool(known),
            None => Value::Unknown,
        }
    }

    fn is_of(&mut self, value: &Value<'a>, at: Node<'a>, name: &'a str) -> Option<bool> {
        let everything = EVERYTHING.contains(&plain(name).as_str());
        match value {
            Value::Object(object) => {
                if everything || object.class.name == name {
                    return Some(true);
                }
                let mut open = vec![object.class];
                for _ in 0..12 {
                    let Some(class) = open.pop() else { break };
                    let is_base = |base: Node<'a>| leaf_of(base) == name;
                    if class.name == name || class.bases.iter().any(is_base) {
                        return Some(true);
                    }
                    open.extend(self.code.base_classes(class));
                }
                Some(false)
            }
            Value::Failure(failure) => {
                if everything {
                    return Some(true);
                }
                // An error that the code itself makes is caught by its own name and what it is derived from.
                let own = failure.class.rsplit(['.', ':', '\\']).next().unwrap_or_default();
                if own == name {
                    return Some(true);
                }
                let definitions = self.definitions(at, name);
                let is_class =
                    definitions.iter().any(|found| matches!(found, Definition::Declared(Declared::Class(_))));
                match &failure.answer {
                    Some(answer) if !is_class => Some(status::catches(name, &failure.class, answer.status)),
                    _ => Some(false),
                }
            }
            Value::Answer(answer) => {
                // Ruby's answers have classes of their own: `Net::HTTPServerError`.
                let wanted = plain(name);
                Some(match wanted.as_str() {
                    "httpsuccess" | "httpok" => answer.is_success(),
                    "httpservererror" => answer.status >= 500.0,
                    "httpclienterror" => (400.0..500.0).contains(&answer.status),
                    "httptoomanyrequests" => answer.status == 429.0,
                    _ => match status::named(name) {
                        Some(status) => status == answer.status,
                        None => wanted.contains("response"),
                    },
                })
            }
            Value::Null => Some(false),
            Value::Text(_) => Some(plain(name) == "string"),
            Value::Number(_) | Value::Status(_) => Some(matches!(plain(name).as_str(), "int" | "integer" | "number")),
            _ => None,
        }
    }

    fn switch(&mut self, node: Node<'a>, subject: Option<Node<'a>>, cases: Vec<Node<'a>>) -> Step<'a> {
        let worth = subject.map(|subject| self.eval(subject)).transpose()?;
        let falls = node.source().language().is_script()
            || matches!(node.source().language(), Language::Java | Language::CSharp | Language::Php);
        let (mut is_on, mut result) = (false, Ok(Value::Null));
        let default = cases.iter().position(|case| matches!(case.kind(), Kind::Case { tests, .. } if tests.is_empty()));
        let mut chosen = None;
        for (position, case) in cases.iter().enumerate() {
            let Kind::Case { tests, .. } = case.kind() else { continue };
            for test in tests.iter() {
                if self.is_case(test, worth.as_ref())? {
                    chosen = chosen.or(Some(position));
                }
            }
            if chosen.is_some() {
                break;
            }
        }
        let Some(first) = chosen.or(default) else { return Ok(Value::Null) };
        for case in cases.iter().skip(first) {
            let Kind::Case { body, .. } = case.kind() else { continue };
            let is_empty = matches!(body.kind(), Kind::Block(nodes) if nodes.is_empty());
            if is_on && !falls {
                break;
            }
            is_on = true;
            result = self.eval(body);
            let ends = !is_empty && !falls;
            if ends || result.is_err() || !matches!(body.kind(), Kind::Block(_)) {
                break;
            }
        }
        match result {
            Err(Stop::Break) if falls => Ok(Value::Null),
            other => other,
        }
    }

    fn is_case(&mut self, test: Node<'a>, subject: Option<&Value<'a>>) -> Result<bool, Stop<'a>> {
        let worth = self.eval(test)?;
        let Some(subject) = subject else { return Ok(worth.truth().unwrap_or(true)) };
        if let (Value::Status(_), false) = (subject, self.seen.tests.contains(&test)) {
            self.seen.tests.push(test);
        }
        Ok(match (&worth, subject) {
            (Value::Bool(known), Value::Bool(other)) => known == other,
            // Comparisons that stand for a pattern.
            (Value::Bool(known), _) => *known,
            (Value::Range(..) | Value::List(_), _) => super::expression::holds(&worth, subject).unwrap_or(false),
            (Value::Class(_) | Value::Library(_), Value::Answer(_) | Value::Failure(_) | Value::Object(_)) => {
                self.is_of(subject, test, test.leaf()).unwrap_or(false)
            }
            _ => worth.equals(subject).unwrap_or(false),
        })
    }

    fn repeated(&mut self, repeat: Loop<'a>) -> Step<'a> {
        if let Some(init) = repeat.init {
            self.eval(init)?;
        }
        if repeat.kind == LoopKind::ForEach {
            return self.each(repeat);
        }
        let ends_alone = is_until_it_works(repeat);
        for round in 0..MAX_ROUNDS {
            if (round > 0 || repeat.kind != LoopKind::DoWhile)
                && let Some(test) = repeat.test
            {
                let worth = self.eval(test)?;
                // An unknown condition lets one round pass.
                if !self.outcome(test, &worth, round == 0) {
                    return Ok(Value::Null);
                }
            }
            match self.eval(repeat.body) {
                Ok(value) if ends_alone => return Ok(value),
                Err(Stop::Break) => return Ok(Value::Null),
                Ok(_) | Err(Stop::Continue) => {}
                Err(other) => return Err(other),
            }
            if let Some(update) = repeat.update {
                self.eval(update)?;
            }
            // A loop that neither ends nor sends is another one's business.
            if round > MANY && self.seen.attempts.is_empty() {
                return Ok(Value::Null);
            }
        }
        Ok(Value::Null)
    }

    fn each(&mut self, repeat: Loop<'a>) -> Step<'a> {
        let (Some(target), Some(iterable)) = (repeat.target, repeat.iterable) else { return Ok(Value::Null) };
        let many = self.eval(iterable)?;
        for item in self.items(&many) {
            self.bind(target, item)?;
            match self.eval(repeat.body) {
                Err(Stop::Break) => break,
                Ok(_) | Err(Stop::Continue) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(Value::Null)
    }

    /// What a loop runs over; one unknown thing where that is not known.
    pub fn items(&self, many: &Value<'a>) -> Vec<Value<'a>> {
        let stretched = |count: f64| if self.world.is_stretched { count.max(STRETCHED) } else { count };
        match many {
            Value::List(list) => list.borrow().iter().take(MAX_ROUNDS).cloned().collect(),
            Value::Number(count) => {
                (0..stretched(*count) as usize).take(MAX_ROUNDS).map(|n| Value::Number(n as f64)).collect()
            }
            Value::Range(from, to) => {
                let last = stretched(to - from) + from;
                let count = (last - from).clamp(0.0, MAX_ROUNDS as f64) as usize;
                (0..=count).map(|n| Value::Number(from + n as f64)).collect()
            }
            Value::Null => Vec::new(),
            _ => vec![Value::Unknown],
        }
    }
}

fn leaf_of(kind: Node<'_>) -> &str {
    match kind.kind() {
        Kind::Type(text) => text.rsplit(['.', ':', '\\']).next().unwrap_or(text).trim_start_matches('*').trim(),
        Kind::Call(call) => call.callee.leaf(),
        // Java's and Kotlin's `X.class`, `X::class`.
        Kind::Member { object, property: "class" | "java" } => leaf_of(object),
        _ => match kind.leaf() {
            "" => {
                let text = kind.text().trim_end_matches(".class").trim_end_matches("::class");
                text.rsplit(['.', ':']).next().unwrap_or(text)
            }
            leaf => leaf,
        },
    }
}

fn is_number(kind: &str) -> bool {
    matches!(kind, "int" | "int64" | "uint" | "float64" | "number" | "long" | "double" | "time.Duration")
}

/// Whether a block ends what it stands in: a guard.
fn leaves(then: Node<'_>) -> bool {
    match then.kind() {
        Kind::Return(_) | Kind::Throw(_) | Kind::Break | Kind::Continue => true,
        Kind::Block(nodes) => nodes.last().is_some_and(leaves),
        _ => false,
    }
}

/// Ruby's `retry` runs a block again only where it is asked to.
fn is_until_it_works(repeat: Loop<'_>) -> bool {
    let Kind::Block(nodes) = repeat.body.kind() else { return false };
    repeat.node.source().language() == Language::Ruby
        && repeat.kind == LoopKind::Forever
        && nodes.len() == 1
        && nodes
            .first()
            .is_some_and(|only| matches!(only.kind(), Kind::Try { .. }) && only.range() == repeat.node.range())
}
