//! What an answer says: its JSON, its error in words, how long it asks to wait.

use super::client::{Answer, Silence};
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use serde_json::Value;

/// The window of the API's quota is 60 s: no honest answer asks for more.
const LONGEST_WAIT: u64 = 65;
/// Where a 429 says nothing, the whole window may have to pass.
const SILENT_WAIT: u64 = 60;
/// So much of a page is read for its words: far more than words and a key take.
const MAX_READ: usize = 65_536;
/// Longer error texts are cut.
const MAX_WORDS: usize = 200;

/// What came of one request.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) outcome: Result<Answer, Silence>,
    /// The body, where it is whole and JSON.
    pub(super) json: Option<Value>,
}

impl Heard {
    pub(super) fn new(outcome: Result<Answer, Silence>) -> Self {
        let json = match &outcome {
            Ok(Answer { body: Ok(body), .. }) => serde_json::from_slice(body).ok(),
            _ => None,
        };
        Self { outcome, json }
    }

    pub(super) fn status(&self) -> Option<u16> {
        self.outcome.as_ref().ok().map(|answer| answer.status)
    }

    pub(super) fn is_success(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// The request cannot have reached the server.
    pub(super) fn unsent(&self) -> bool {
        matches!(&self.outcome, Err(silence) if silence.unsent)
    }

    /// It may be another answer in a moment: none came, or the server failed, or the answer broke off.
    pub(super) fn is_passing(&self) -> bool {
        match &self.outcome {
            Err(_) => true,
            Ok(answer) => answer.status >= 500 || (self.is_success() && answer.body.is_err()),
        }
    }

    pub(super) fn headers(&self) -> Option<&HeaderMap> {
        self.outcome.as_ref().ok().map(|answer| &answer.headers)
    }

    /// Why there is no whole answer.
    pub(super) fn trouble(&self) -> Option<String> {
        match &self.outcome {
            Err(silence) => Some(silence.reason.clone()),
            Ok(answer) => answer.body.as_ref().err().cloned(),
        }
    }

    /// The error of an answer that is none of success, in the server's words. A text is made clean before any of it
    /// is cut away: a part of a key would no longer be known as one.
    pub(super) fn error(&self, clean: impl Fn(&str) -> String) -> Option<String> {
        let answer = self.outcome.as_ref().ok()?;
        if self.is_success() {
            return None;
        }
        if (300..400).contains(&answer.status) {
            let to = text_of(&answer.headers, LOCATION.as_str()).map_or("nowhere".to_owned(), origin);
            return Some(format!("a redirect to {to}, which is not followed"));
        }
        let words = self.json.as_ref().and_then(envelope).map(|words| clean(&words));
        words.or_else(|| plain(answer, clean)).map(|words| cut(&words))
    }
}

/// Scheme and host of a redirect: the rest may hold anything.
fn origin(location: &str) -> String {
    url::Url::parse(location).map_or("another path".to_owned(), |url| url.origin().ascii_serialization())
}

/// The two shapes of the API's errors.
fn envelope(json: &Value) -> Option<String> {
    if let Some(text) = json.get("error").and_then(Value::as_str) {
        return Some(text.to_owned());
    }
    let told = json.get("errors")?.as_array()?.iter().take(5).filter_map(|one| {
        let text = one.get("error")?.as_str()?;
        let field = one.get("fieldPath").and_then(Value::as_str);
        Some(field.map_or(text.to_owned(), |field| format!("{text} ({field})")))
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// An HTML page by its title, a plain text by its first line.
fn plain(answer: &Answer, clean: impl Fn(&str) -> String) -> Option<String> {
    let body = answer.body.as_ref().ok()?;
    let text = clean(&String::from_utf8_lossy(body.get(..MAX_READ).unwrap_or(body)));
    // What the cut of the body may have left of a key lies beyond this.
    let text = text.get(..text.floor_char_boundary(MAX_READ / 2)).unwrap_or_default();
    let low = text.to_ascii_lowercase();
    if is_html(answer) || low.trim_start().starts_with('<') {
        // Both texts have the same offsets: lower case ASCII is as long as upper case.
        let from = low.find("<title").and_then(|at| Some(at + low.get(at..)?.find('>')? + 1));
        let to = low.find("</title");
        let title =
            from.zip(to).and_then(|(from, to)| text.get(from..to)).map(str::trim).filter(|title| !title.is_empty());
        return Some(title.map_or("an HTML page".to_owned(), |title| format!("an HTML page titled “{title}”")));
    }
    text.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}

pub(super) fn is_html(answer: &Answer) -> bool {
    text_of(&answer.headers, CONTENT_TYPE.as_str()).is_some_and(|kind| kind.to_ascii_lowercase().contains("html"))
}

/// One line, without control characters, of bounded length.
pub(super) fn cut(text: &str) -> String {
    let flat: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let mut short: String = flat.trim().chars().take(MAX_WORDS).collect();
    if short.len() < flat.trim().len() {
        short.push('…');
    }
    short
}

pub(super) fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// How many seconds a 429 asks to wait. The reset header, in seconds left, is the stronger proof.
pub(super) fn wait_told(headers: &HeaderMap, now: Timestamp) -> u64 {
    let reset = text_of(headers, "x-rate-limit-reset").and_then(seconds);
    let told = reset.or_else(|| {
        let text = text_of(headers, "retry-after")?;
        seconds(text).or_else(|| until(text, now))
    });
    told.map_or(SILENT_WAIT + 1, |told| (told + 1).min(LONGEST_WAIT))
}

/// How many seconds the quota asks to wait before the next request: none while something of it is left.
pub(super) fn wait_for_quota(headers: &HeaderMap, needed: u64) -> Option<u64> {
    let remaining = seconds(text_of(headers, "x-rate-limit-remaining")?)?;
    let reset = seconds(text_of(headers, "x-rate-limit-reset")?)?;
    (remaining < needed).then(|| (reset + 1).min(LONGEST_WAIT))
}

/// A count of seconds; parts of one count as one.
fn seconds(text: &str) -> Option<u64> {
    let number: f64 = text.parse().ok()?;
    // What is too large for the window is cut later; what is negative or no number says nothing.
    (number >= 0.0).then(|| number.min(1e12).ceil() as u64)
}

/// The seconds until an HTTP date.
fn until(text: &str, now: Timestamp) -> Option<u64> {
    let moment = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(u64::try_from(moment.as_second() - now.as_second()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, kind: &str, body: &str) -> Heard {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, kind.parse().unwrap());
        headers.insert(LOCATION, "https://evil.example/take?key=1".parse().unwrap());
        Heard::new(Ok(Answer { status, headers, body: Ok(body.as_bytes().to_vec()) }))
    }

    #[test]
    fn every_shape_of_error_becomes_words() {
        let words = |status, kind, body| answer(status, kind, body).error(str::to_owned);
        assert_eq!(words(401, "application/json", r#"{"error":"Invalid token"}"#).as_deref(), Some("Invalid token"));
        let two = r#"{"errors":[{"error":"Invalid priority","fieldPath":"priority","fieldValue":1},{"error":"x"}]}"#;
        assert_eq!(words(400, "application/json", two).as_deref(), Some("Invalid priority (priority); x"));
        let html = "<html><head><TITLE>502 Bad Gateway</TITLE></head>";
        assert_eq!(words(502, "text/html", html).as_deref(), Some("an HTML page titled “502 Bad Gateway”"));
        assert_eq!(words(502, "text/html", "<html></title><title>").as_deref(), Some("an HTML page"));
        assert_eq!(words(502, "text/plain", "\n upstream \u{1b}[31mdown\nx").as_deref(), Some("upstream  [31mdown"));
        assert_eq!(words(500, "text/plain", ""), None);
        assert_eq!(words(200, "text/plain", "fine"), None);
        let moved = words(302, "text/html", "").unwrap();
        assert_eq!(moved, "a redirect to https://evil.example, which is not followed");
    }

    #[test]
    fn every_form_of_waiting_is_read_and_bounded() {
        let now: Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
        let wait = |pairs: &[(&'static str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            wait_told(&pairs.collect::<HeaderMap>(), now)
        };
        assert_eq!(wait(&[("x-rate-limit-reset", "12")]), 13);
        assert_eq!(wait(&[("X-Rate-Limit-Reset", "12"), ("retry-after", "40")]), 13);
        assert_eq!(wait(&[("retry-after", "3")]), 4);
        assert_eq!(wait(&[("retry-after", "Tue, 24 Nov 2026 00:00:30 GMT")]), 31);
        assert_eq!(wait(&[("retry-after", "Tue, 24 Nov 2020 00:00:30 GMT")]), 1);
        assert_eq!(wait(&[("x-rate-limit-reset", "1795478400")]), 65);
        assert_eq!(wait(&[("x-rate-limit-reset", "0.2")]), 2);
        assert_eq!(wait(&[("x-rate-limit-reset", "-5"), ("retry-after", "soon")]), 61);
        assert_eq!(wait(&[("x-rate-limit-reset", "NaN")]), 61);
        assert_eq!(wait(&[]), 61);
    }
}
