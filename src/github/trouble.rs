//! What GitHub answered, and what is to be done about it.

use super::limits;
use serde_json::Value;
use std::error::Error as _;
use std::fmt;
use std::time::Duration;

/// So much of an answer's own words is told.
const WORDS: usize = 300;

/// Why there is no answer that is of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// 401, or 403 that is no limit: the token may not.
    Forbidden(String),
    /// 404 or 410.
    Missing(String),
    /// Another refusal: what was sent is not taken.
    Refused(u16, String),
    /// A limit that lasts longer than may be waited.
    Limited(String),
    /// The server failed, or nobody answered.
    Down(String),
    /// An answer of another shape.
    Odd(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forbidden(words) => write!(f, "not permitted: {words}"),
            Self::Missing(words) => write!(f, "not found: {words}"),
            Self::Refused(status, words) => write!(f, "refused with {status}: {words}"),
            Self::Limited(words) => write!(f, "a rate limit lasts longer than is waited: {words}"),
            Self::Down(words) => write!(f, "no answer of use: {words}"),
            Self::Odd(words) => write!(f, "an odd answer: {words}"),
        }
    }
}

/// The status of an answer, and how long it asks to wait.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    status: u16,
    retry_after: Option<u64>,
    remaining: Option<u64>,
    reset: Option<i64>,
}

pub(super) fn head(status: u16, header: impl Fn(&str) -> Option<String>) -> Head {
    let number = |name: &str| header(name)?.trim().parse::<u64>().ok();
    Head {
        status,
        retry_after: number("retry-after"),
        remaining: number("x-ratelimit-remaining"),
        reset: number("x-ratelimit-reset").and_then(|at| i64::try_from(at).ok()),
    }
}

/// An answer, or why there is none.
#[derive(Debug)]
pub(super) struct Answer {
    head: Head,
    body: String,
    silence: Option<String>,
}

/// What follows an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum After {
    Done,
    /// A limit: the request was not carried out.
    Wait(Duration),
    /// It may have been carried out.
    Unsure,
}

impl Answer {
    pub(super) fn new(head: Head, body: String) -> Self {
        Self { head, body, silence: None }
    }

    pub(super) fn silent(error: &octocrab::Error) -> Self {
        let mut cause = error.to_string();
        let mut next = error.source();
        while let Some(inner) = next {
            cause = inner.to_string();
            next = inner.source();
        }
        Self { head: Head::default(), body: String::new(), silence: Some(cause) }
    }

    pub(super) fn late(within: Duration) -> Self {
        Self { head: Head::default(), body: String::new(), silence: Some(format!("nothing within {within:?}")) }
    }

    pub(super) fn after(&self) -> After {
        match self.head.status {
            _ if self.silence.is_some() => After::Unsure,
            403 | 429 if self.is_limit() => After::Wait(self.wait()),
            500..=599 => After::Unsure,
            _ => After::Done,
        }
    }

    fn is_limit(&self) -> bool {
        let words = self.body.to_ascii_lowercase();
        self.head.status == 429
            || self.head.retry_after.is_some()
            || self.head.remaining == Some(0)
            || words.contains("rate limit")
            || words.contains("abuse detection")
    }

    fn wait(&self) -> Duration {
        let until = |at: i64| u64::try_from(at - jiff::Timestamp::now().as_second()).unwrap_or(0) + 1;
        let told =
            self.head.retry_after.or_else(|| self.head.reset.filter(|_| self.head.remaining == Some(0)).map(until));
        told.map_or(limits::SILENT_WAIT, Duration::from_secs)
    }

    /// The body, where the request succeeded.
    pub(super) fn value(&self) -> Result<Value, Trouble> {
        match self.head.status {
            204 => Ok(Value::Bool(true)),
            200..=299 if self.silence.is_none() => {
                serde_json::from_str(&self.body).map_err(|error| Trouble::Odd(format!("no JSON: {error}")))
            }
            _ => Err(self.trouble()),
        }
    }

    pub(super) fn trouble(&self) -> Trouble {
        let words = self.words();
        match self.head.status {
            _ if self.silence.is_some() => Trouble::Down(words),
            403 | 429 if self.is_limit() => Trouble::Limited(words),
            401 | 403 => Trouble::Forbidden(words),
            404 | 410 => Trouble::Missing(words),
            500..=599 => Trouble::Down(format!("{} {words}", self.head.status)),
            status => Trouble::Refused(status, words),
        }
    }

    /// What it says of itself, in one line.
    fn words(&self) -> String {
        if let Some(silence) = &self.silence {
            return silence.clone();
        }
        let json: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let message = json.get("message").and_then(Value::as_str).map(str::to_owned);
        let errors = json.get("errors").filter(|errors| !errors.is_null()).map(|errors| format!(" {errors}"));
        let words = match message {
            Some(message) => message + &errors.unwrap_or_default(),
            None if self.body.trim_start().starts_with('<') => "a page of HTML".to_owned(),
            None => self.body.clone(),
        };
        words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(WORDS).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let header = |name: &str| headers.iter().find(|(each, _)| *each == name).map(|(_, value)| (*value).to_owned());
        Answer::new(head(status, header), body.to_owned())
    }

    #[test]
    fn a_limit_is_waited_for_and_a_missing_permission_is_not() {
        let seconds = |answer: &Answer| match answer.after() {
            After::Wait(wait) => Some(wait.as_secs()),
            _ => None,
        };
        assert_eq!(seconds(&answer(429, &[("retry-after", "7")], "")), Some(7));
        assert_eq!(seconds(&answer(403, &[], r#"{"message":"You have exceeded a secondary rate limit"}"#)), Some(60));
        assert_eq!(seconds(&answer(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1")], "")), Some(1));
        let denied =
            answer(403, &[("x-ratelimit-remaining", "58")], r#"{"message":"Resource not accessible by integration"}"#);
        assert_eq!(denied.after(), After::Done);
        assert_eq!(denied.value(), Err(Trouble::Forbidden("Resource not accessible by integration".into())));
        let html = answer(502, &[], "<html><h1>Unicorn!</h1></html>");
        assert_eq!((html.after(), html.trouble()), (After::Unsure, Trouble::Down("502 a page of HTML".into())));
        assert!(matches!(answer(422, &[], "{}").value(), Err(Trouble::Refused(422, _))));
        assert_eq!(answer(204, &[], "").value(), Ok(Value::Bool(true)));
    }
}
