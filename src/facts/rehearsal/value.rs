//! What an expression is worth while the code is rehearsed: as much as is known, and unknown otherwise.

use crate::facts::code::{Class, Function};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A value. What nobody can know without running the program is [`Value::Unknown`].
#[derive(Debug, Clone)]
pub(super) enum Value<'a> {
    Unknown,
    /// Unknown, and read out of the server's answer: what depends on it depends on the server.
    Part,
    Null,
    Bool(bool),
    Number(f64),
    /// The status of the answer, a number that is told apart.
    Status(f64),
    /// A length of time in seconds.
    Duration(f64),
    /// A point in time in seconds of the rehearsal's clock.
    Moment(f64),
    Text(Rc<str>),
    Regex(&'a str),
    List(Rc<RefCell<Vec<Value<'a>>>>),
    Map(Rc<RefCell<BTreeMap<String, Value<'a>>>>),
    Range(f64, f64),
    Function(Rc<Closure<'a>>),
    Class(Class<'a>),
    Object(Rc<Object<'a>>),
    Answer(Rc<Answer<'a>>),
    /// The headers of an answer; the name once one of them was asked for.
    Headers(Rc<Answer<'a>>),
    Failure(Rc<Failure<'a>>),
    /// Something of a library, by its path.
    Library(Rc<str>),
    /// What a promise's `resolve` is told.
    Resolve(Rc<RefCell<Option<Value<'a>>>>),
    Reject,
    /// Sends the request once more, below the interceptor that is handed it.
    Proceed,
}

/// A function with the variables that it sees and the object that it belongs to.
#[derive(Debug)]
pub(super) struct Closure<'a> {
    pub function: Function<'a>,
    pub frame: Option<Rc<Frame<'a>>>,
    pub this: Option<Value<'a>>,
    /// Without its decorators.
    pub is_bare: bool,
}

/// What a function is called with.
#[derive(Debug, Clone, Default)]
pub(super) struct Arguments<'a> {
    pub listed: Vec<Value<'a>>,
    pub named: BTreeMap<String, Value<'a>>,
}

impl<'a> Arguments<'a> {
    pub fn of(listed: Vec<Value<'a>>) -> Self {
        Self { listed, named: BTreeMap::new() }
    }

    pub fn get(&self, position: usize) -> Value<'a> {
        self.listed.get(position).cloned().unwrap_or(Value::Null)
    }

    /// The functions among them.
    pub fn functions(&self) -> Vec<Rc<Closure<'a>>> {
        let all = self.listed.iter().chain(self.named.values());
        all.filter_map(|value| if let Value::Function(closure) = value { Some(closure.clone()) } else { None })
            .collect()
    }
}

/// The variables of a running function.
#[derive(Debug, Default)]
pub(super) struct Frame<'a> {
    pub variables: RefCell<BTreeMap<String, Value<'a>>>,
    pub parent: Option<Rc<Frame<'a>>>,
    pub this: Option<Value<'a>>,
}

/// An object of a class of the repository.
#[derive(Debug)]
pub(super) struct Object<'a> {
    pub class: Class<'a>,
    pub fields: RefCell<BTreeMap<String, Value<'a>>>,
}

/// What the server answered.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    pub status: f64,
    /// Lower-case names.
    pub headers: Vec<(&'static str, String)>,
    /// What the request was sent with, the same object for every attempt.
    pub request: Value<'a>,
}

impl Answer<'_> {
    pub fn header(&self, name: &str) -> Option<&str> {
        let name = name.to_ascii_lowercase().replace('_', "-");
        let name = name.strip_prefix("http-").unwrap_or(&name);
        let name = name.replace("x-ratelimit", "x-rate-limit");
        self.headers.iter().find(|(own, _)| own.replace("x-ratelimit", "x-rate-limit") == name).map(|(_, v)| v.as_str())
    }

    pub fn is_success(&self) -> bool {
        (200.0..300.0).contains(&self.status)
    }
}

/// An error of a library or of the language.
#[derive(Debug)]
pub(super) struct Failure<'a> {
    pub class: String,
    pub message: String,
    /// The answer that it is about.
    pub answer: Option<Rc<Answer<'a>>>,
    pub cause: Option<Value<'a>>,
    pub fields: RefCell<BTreeMap<String, Value<'a>>>,
}

impl<'a> Value<'a> {
    pub fn text(text: impl Into<Rc<str>>) -> Self {
        Self::Text(text.into())
    }

    pub fn list(items: Vec<Value<'a>>) -> Self {
        Self::List(Rc::new(RefCell::new(items)))
    }

    pub fn map(entries: BTreeMap<String, Value<'a>>) -> Self {
        Self::Map(Rc::new(RefCell::new(entries)))
    }

    pub fn library(path: &str) -> Self {
        Self::Library(path.into())
    }

    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown | Self::Part | Self::Library(_))
    }

    /// The number that it is, through text.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) | Self::Status(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Bool(true) => Some(1.0),
            Self::Bool(false) => Some(0.0),
            _ => None,
        }
    }

    /// A length of time or a point in it, or else the number of such units.
    pub fn seconds(&self, unit: f64) -> Option<f64> {
        match self {
            Self::Duration(seconds) => Some(*seconds),
            Self::Number(number) => Some(number * unit),
            Self::Text(text) => text.trim().parse::<f64>().ok().map(|number| number * unit),
            _ => None,
        }
    }

    /// Whether a test on it succeeds; none where that is not known.
    pub fn truth(&self) -> Option<bool> {
        Some(match self {
            Self::Unknown | Self::Part | Self::Library(_) => return None,
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Number(number) | Self::Status(number) | Self::Duration(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
            // requests' answers are true where they succeeded, and nobody asks whether others are there at all.
            _ => true,
        })
    }

    pub fn words(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Number(number) | Self::Status(number) => number.to_string(),
            Self::Text(text) => text.to_string(),
            Self::Failure(failure) => format!("{}: {}", failure.class, failure.message),
            Self::Object(object) => {
                let fields = object.fields.borrow();
                let message = fields.get("message").map(Value::words).unwrap_or_default();
                format!("{}: {message}", object.class.name)
            }
            _ => "?".to_owned(),
        }
    }

    /// The answer behind an error or a part of one.
    pub fn answer(&self) -> Option<Rc<Answer<'a>>> {
        match self {
            Self::Answer(answer) | Self::Headers(answer) => Some(answer.clone()),
            Self::Failure(failure) => {
                failure.answer.clone().or_else(|| failure.cause.as_ref().and_then(|cause| cause.answer()))
            }
            _ => None,
        }
    }

    /// Whether two values are the same; none where that is not known.
    pub fn equals(&self, other: &Self) -> Option<bool> {
        if self.is_unknown() || other.is_unknown() {
            return None;
        }
        if let (Self::Text(a), Self::Text(b)) = (self, other) {
            return Some(a == b);
        }
        match (self, other) {
            (Self::Null, Self::Null) => return Some(true),
            (Self::Null, _) | (_, Self::Null) => return Some(false),
            (Self::Object(a), Self::Object(b)) => return Some(Rc::ptr_eq(a, b)),
            (Self::Failure(a), Self::Failure(b)) => return Some(Rc::ptr_eq(a, b)),
            (Self::Duration(a) | Self::Moment(a), Self::Duration(b) | Self::Moment(b)) => return Some(a == b),
            _ => {}
        }
        match (self.number(), other.number()) {
            (Some(a), Some(b)) => Some(a == b),
            _ => None,
        }
    }
}

/// How a statement ends that does not go on with the next one.
#[derive(Debug, Clone)]
pub(super) enum Stop<'a> {
    Return(Value<'a>),
    Throw(Value<'a>),
    Break,
    Continue,
    /// The rehearsal has seen enough.
    End,
}

pub(super) type Step<'a> = Result<Value<'a>, Stop<'a>>;

/// The text of a name in lower case, without what languages separate words by.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}
