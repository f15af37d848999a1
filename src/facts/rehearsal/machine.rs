//! The machine that runs a piece of the repository against a server that always answers the same, on a clock of its own.

use super::conduct::Stage;
use super::value::{Answer, Arguments, Closure, Frame, Step, Stop, Value};
use crate::evidence::Span;
use crate::facts::clients::Site;
use crate::facts::code::model::ParameterKind;
use crate::facts::code::{Code, Definition, Function, Kind, Language, Node, NodeKey, Origin};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// As many expressions are run in one rehearsal.
const MAX_STEPS: usize = 8_000;
/// As many functions run inside one another.
const MAX_CALLS: usize = 90;
/// As deep are expressions nested, over all functions.
const MAX_DEPTH: usize = 1_500;
/// As many attempts show that nothing ends them.
pub(super) const MANY: usize = 30;
/// What the clock says at the beginning, in seconds.
pub(super) const START: f64 = 1_800_000_000.0;
/// What an unknown number is taken for where it is compared with a known one.
pub(super) const SOME: f64 = 4.0;
/// A comparison comes out as at first for so many times where the growth of delays is looked for.
const PATIENCE: usize = 7;

/// What the server does, and how the machine looks at it.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    pub status: f64,
    pub headers: Vec<(&'static str, String)>,
    /// Limits on attempts are stretched, so that the growth of delays shows.
    pub is_stretched: bool,
    /// An unknown condition that is to come out other than it would.
    pub flipped: Option<NodeKey>,
}

/// One time that the request went out.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    /// The clock, in seconds since the beginning.
    pub at: f64,
    /// Something was waited for before it whose length is not known.
    pub is_unsure: bool,
}

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Seen<'a> {
    pub attempts: Vec<Attempt>,
    /// Where something was waited for between attempts.
    pub sleeps: Vec<Node<'a>>,
    /// Where a library's retries are set up, or the client that has them by default.
    pub retriers: Vec<(Span, String)>,
    /// Conditions on the status.
    pub tests: Vec<Node<'a>>,
    /// Unknown conditions, in the order met.
    pub unknown: Vec<NodeKey>,
    /// An unknown condition hung on what the server answered.
    pub hangs_on_answer: bool,
    pub headers: Vec<(String, Node<'a>)>,
    /// Calls that were made once an attempt had failed.
    pub after: Vec<Node<'a>>,
    /// Code that handled an error once an attempt had failed.
    pub handlers: Vec<Node<'a>>,
    pub ran_out: bool,
}

/// What the facts about the code say, kept: they are asked for the same names again and again.
#[derive(Debug, Default)]
pub(super) struct Known<'a> {
    pub definitions: RefCell<HashMap<NodeKey, Rc<Vec<Definition<'a>>>>>,
    pub plain: RefCell<HashMap<NodeKey, Plain<'a>>>,
}

/// What can be told of an expression without running it.
#[derive(Debug, Clone)]
pub(super) enum Plain<'a> {
    Number(f64),
    Duration(f64),
    Text(Rc<str>),
    From(Rc<Vec<Origin<'a>>>),
}

pub(super) struct Machine<'a, 'w> {
    pub code: &'a Code,
    pub world: &'w World,
    pub site: &'a Site,
    pub sites: &'w HashMap<NodeKey, &'a Site>,
    /// What was told of names and values before, in other rehearsals too.
    pub known: &'w Known<'a>,
    pub seen: Seen<'a>,
    pub now: f64,
    pub unsure: bool,
    pub last: Option<Rc<Answer<'a>>>,
    /// The innermost frame.
    pub frame: Rc<Frame<'a>>,
    /// How what a timer called ended.
    pub late: Option<Stop<'a>>,
    /// Errors that are being handled, for a bare `throw`.
    pub caught: Vec<Value<'a>>,
    /// Clients whose interceptors are running.
    pub inside: Vec<&'static str>,
    /// What sends the request below the interceptor that runs, innermost last.
    pub below: usize,
    /// Library calls that are being retried, so that a policy is not entered twice.
    pub retried: HashSet<NodeKey>,
    pub steps: usize,
    calls: usize,
    depth: usize,
    pub globals: HashMap<NodeKey, Value<'a>>,
    pub objects: HashMap<NodeKey, Value<'a>>,
    pub constants: HashMap<NodeKey, Value<'a>>,
    repeated: HashMap<NodeKey, (bool, usize)>,
}

impl<'a, 'w> Machine<'a, 'w> {
    pub fn new(stage: &'w Stage<'a>, world: &'w World) -> Self {
        Self {
            code: stage.code,
            world,
            site: stage.site,
            sites: stage.sites,
            known: &stage.known,
            seen: Seen::default(),
            now: 0.0,
            unsure: false,
            last: None,
            frame: Rc::default(),
            late: None,
            caught: Vec::new(),
            inside: Vec::new(),
            below: 0,
            retried: HashSet::new(),
            steps: 0,
            calls: 0,
            depth: 0,
            globals: HashMap::new(),
            objects: HashMap::new(),
            constants: HashMap::new(),
            repeated: HashMap::new(),
        }
    }

    /// Runs a function with arguments that nobody knows, or the statements of a file.
    pub fn start(&mut self, start: Node<'a>) -> Step<'a> {
        let Some(function) = start.as_function() else { return self.eval(start) };
        let class = self.code.class_of(function.node).filter(|_| !function.marks.is_static);
        let this = class.map(|class| self.instance(class, None));
        let closure = Closure { function, frame: None, this, is_bare: false };
        self.invoke(&Rc::new(closure), Arguments::default())
    }

    /// Counts one step; the end once there were too many.
    pub fn tick(&mut self) -> Result<(), Stop<'a>> {
        self.steps += 1;
        if self.steps > MAX_STEPS || self.depth > MAX_DEPTH {
            self.seen.ran_out = true;
            return Err(Stop::End);
        }
        Ok(())
    }

    pub fn eval(&mut self, node: Node<'a>) -> Step<'a> {
        self.tick()?;
        self.depth += 1;
        let value = self.eval_here(node);
        self.depth -= 1;
        value
    }

    /// Waits, on the machine's clock.
    pub fn sleep(&mut self, seconds: Option<f64>, at: Node<'a>) {
        match seconds {
            Some(seconds) if seconds.is_finite() => self.now += seconds.max(0.0),
            // `setTimeout(f, NaN)` fires at once.
            Some(seconds) if seconds.is_nan() => {}
            _ => self.unsure = true,
        }
        if !self.seen.attempts.is_empty() && !self.seen.sleeps.contains(&at) {
            self.seen.sleeps.push(at);
        }
    }

    /// One attempt: the server answers.
    pub fn attempt(&mut self, request: Value<'a>) -> Result<Rc<Answer<'a>>, Stop<'a>> {
        self.seen.attempts.push(Attempt { at: self.now, is_unsure: std::mem::take(&mut self.unsure) });
        if self.seen.attempts.len() >= MANY {
            return Err(Stop::End);
        }
        let (status, headers) = (self.world.status, self.world.headers.clone());
        let answer = Rc::new(Answer { status, headers, request });
        self.last = Some(answer.clone());
        Ok(answer)
    }

    /// How an unknown condition comes out in this rehearsal.
    pub fn decide(&mut self, node: Node<'a>, usual: bool, value: &Value<'a>) -> bool {
        if matches!(value, Value::Part) {
            self.seen.hangs_on_answer = true;
        }
        let key = node.key();
        if !self.seen.unknown.contains(&key) {
            self.seen.unknown.push(key);
        }
        if self.world.flipped == Some(key) { !usual } else { usual }
    }

    /// A comparison of numbers; stretched, it comes out as at first for a while.
    pub fn compared(&mut self, node: Node<'a>, a: f64, b: f64, result: bool) -> bool {
        if !self.world.is_stretched || a.abs().max(b.abs()) < 2.0 {
            // One that began small is no limit on attempts.
            if !self.repeated.contains_key(&node.key()) {
                return result;
            }
        }
        if !self.world.is_stretched {
            return result;
        }
        let entry = self.repeated.entry(node.key()).or_insert((result, 0));
        entry.1 += 1;
        if entry.1 <= PATIENCE { entry.0 } else { result }
    }

    pub fn invoke(&mut self, closure: &Rc<Closure<'a>>, arguments: Arguments<'a>) -> Step<'a> {
        let function = closure.function;
        let Some(body) = function.body else { return Ok(Value::Unknown) };
        if self.calls >= MAX_CALLS {
            self.seen.ran_out = true;
            return Err(Stop::End);
        }
        if let Some(repeated) = self.decorated(closure, &arguments) {
            return repeated;
        }
        let this = closure.this.clone().or_else(|| closure.frame.as_ref().and_then(|frame| frame.this.clone()));
        let frame = Rc::new(Frame { variables: RefCell::default(), parent: closure.frame.clone(), this });
        let outer = std::mem::replace(&mut self.frame, frame);
        self.calls += 1;
        let result = self.bind_all(function, arguments).and_then(|()| self.run_body(function, body));
        self.calls -= 1;
        self.frame = outer;
        let is_inline = function.marks.is_lambda && function.node.source().language() == Language::Kotlin;
        match result {
            // Kotlin's bare `return` leaves the function that the lambda is written in.
            Err(Stop::Return(value)) if is_inline => Err(Stop::Return(value)),
            Err(Stop::Return(value)) => Ok(value),
            Err(Stop::Break | Stop::Continue) => Ok(Value::Null),
            other => other,
        }
    }

    fn run_body(&mut self, function: Function<'a>, body: Node<'a>) -> Step<'a> {
        let value = self.eval(body)?;
        let is_expression = !matches!(body.kind(), Kind::Block(_));
        let language = function.node.source().language();
        let answers_last = language == Language::Ruby || (function.marks.is_lambda && language == Language::Kotlin);
        Ok(if is_expression || answers_last { value } else { Value::Null })
    }

    fn bind_all(&mut self, function: Function<'a>, arguments: Arguments<'a>) -> Result<(), Stop<'a>> {
        let Arguments { listed, mut named } = arguments;
        let mut listed = listed.into_iter();
        let mut parameters: Vec<_> = function.parameters.iter().filter_map(Node::as_parameter).collect();
        let is_self = |name: &str| matches!(name, "self" | "cls");
        if parameters.first().is_some_and(|first| is_self(first.name()) || matches!(first.target.kind(), Kind::This)) {
            parameters.remove(0);
        }
        if function.marks.is_lambda && parameters.is_empty() {
            // Kotlin's lambdas call their only parameter `it`.
            let first = listed.next();
            first.into_iter().for_each(|first| self.set_here("it", first));
            return Ok(());
        }
        // Kotlin's trailing lambda is the last parameter, whatever is left out before it.
        let last_name = parameters.last().map(|last| last.name()).unwrap_or_default();
        let is_kotlin = function.node.source().language() == Language::Kotlin;
        if is_kotlin && listed.len() < parameters.len() && matches!(listed.as_slice().last(), Some(Value::Function(_)))
        {
            let trailing = listed.next_back();
            trailing.into_iter().for_each(|trailing| drop(named.insert(last_name.to_owned(), trailing)));
        }
        for parameter in parameters {
            let given = match parameter.kind {
                ParameterKind::Rest => Some(Value::list(listed.by_ref().collect())),
                ParameterKind::NamedRest => Some(Value::map(std::mem::take(&mut named))),
                _ => named.remove(parameter.name()).or_else(|| listed.next()),
            };
            let is_script = parameter.node.source().language().is_script();
            let value = match (given, parameter.default) {
                (Some(Value::Null), Some(default)) if is_script => self.eval(default)?,
                (Some(value), _) => value,
                (None, Some(default)) => self.eval(default)?,
                (None, None) => Value::Unknown,
            };
            if let (true, Some(Value::Object(object))) = (parameter.is_field, self.frame.this.clone()) {
                object.fields.borrow_mut().insert(parameter.name().to_owned(), value.clone());
            }
            self.bind(parameter.target, value)?;
        }
        Ok(())
    }
}
