//! The one comment of a pull request: found by its marker and its author, updated in place, never by an older run.

use crate::github::{Client, Method, Trouble};
use serde_json::{Value, json};

/// Which comment, and which run speaks.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// Several gates on one pull request each have their own.
    pub key: String,
    pub run: u64,
    pub attempt: u64,
    /// The commit that was judged.
    pub commit: String,
    /// The login under which the token writes. A marker alone would let anyone plant a comment.
    pub author: String,
}

/// When there is a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Always,
    /// Made only where the repository is not ready; one that is there is kept up to date.
    OnFailure,
    /// Made only where the change alters something; one that is there is kept up to date.
    OnChange,
    Never,
}

impl Mode {
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "" | "always" => Self::Always,
            "on-failure" => Self::OnFailure,
            "on-change" => Self::OnChange,
            "never" => Self::Never,
            _ => return None,
        })
    }
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Written(String),
    /// A newer run has spoken.
    Newer,
    NotWanted,
}

/// Writes the comment; where there is none yet, only if it may be made.
pub fn publish(client: &Client, number: u64, stamp: &Stamp, body: &str, may_make: bool) -> Result<Outcome, Trouble> {
    if is_stale(client, number, stamp) {
        return Ok(Outcome::Newer);
    }
    let whole = format!("{}\n{body}", stamp.marker());
    match one_of(client, number, stamp)? {
        Some(comment) => update(client, stamp, &comment, &whole),
        None if !may_make => Ok(Outcome::NotWanted),
        None => make(client, number, stamp, &whole),
    }
}

/// Whether the pull request has moved on since.
fn is_stale(client: &Client, number: u64, stamp: &Stamp) -> bool {
    let pull = client.get(&format!("/pulls/{number}")).unwrap_or_default();
    let head = pull.pointer("/head/sha").and_then(Value::as_str);
    head.is_some_and(|head| is_commit(head) && head != stamp.commit)
}

fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Two runs that start at once both find no comment and both make one. Each looks again: the first comment stays,
/// the others go, and the newest run has the last word on it.
fn make(client: &Client, number: u64, stamp: &Stamp, whole: &str) -> Result<Outcome, Trouble> {
    let path = format!("/issues/{number}/comments");
    let own = || {
        let all = all_of(client, number, stamp).ok()?;
        Some(all.into_iter().find(|comment| comment["body"] == whole).unwrap_or_default())
    };
    let made = client.write(Method::Post, &path, &json!({ "body": whole }), own)?;
    match one_of(client, number, stamp)? {
        Some(first) if first["id"] != made["id"] => update(client, stamp, &first, whole),
        _ => Ok(Outcome::Written(url(&made))),
    }
}

/// The first of our comments. Any others, which only a race can have left, are removed.
fn one_of(client: &Client, number: u64, stamp: &Stamp) -> Result<Option<Value>, Trouble> {
    let mut all = all_of(client, number, stamp)?;
    all.sort_by_key(|comment| comment["id"].as_u64());
    let mut all = all.into_iter();
    let first = all.next();
    for extra in all {
        let path = format!("/issues/comments/{}", extra["id"]);
        // Both runs may do so: it is gone either way.
        let _ = client.write(Method::Delete, &path, &Value::Null, || Some(Value::Null));
    }
    Ok(first)
}

fn all_of(client: &Client, number: u64, stamp: &Stamp) -> Result<Vec<Value>, Trouble> {
    let mut all = client.list(&format!("/issues/{number}/comments"), None)?;
    all.retain(|comment| {
        let by = comment.pointer("/user/login").and_then(Value::as_str).unwrap_or_default();
        by.eq_ignore_ascii_case(&stamp.author) && comment["body"].as_str().is_some_and(|body| stamp.marks(body))
    });
    Ok(all)
}

fn update(client: &Client, stamp: &Stamp, comment: &Value, whole: &str) -> Result<Outcome, Trouble> {
    let before = comment["body"].as_str().unwrap_or_default();
    if spoken(before) > (stamp.run, stamp.attempt) {
        return Ok(Outcome::Newer);
    }
    if before == whole {
        return Ok(Outcome::Written(url(comment)));
    }
    let path = format!("/issues/comments/{}", comment["id"]);
    let look = || {
        let now = client.get(&path).ok()?;
        Some(if now["body"] == whole { now } else { Value::Null })
    };
    let written = client.write(Method::Patch, &path, &json!({ "body": whole }), look)?;
    Ok(Outcome::Written(url(&written)))
}

fn url(comment: &Value) -> String {
    comment["html_url"].as_str().unwrap_or_default().to_owned()
}

impl Stamp {
    fn head(&self) -> String {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
        let key: String = self.key.chars().filter(|letter| is_plain(*letter)).take(100).collect();
        // Two hyphens would end the comment in which the marker stands.
        let key = key.replace("--", "-");
        format!("<!-- mx-prod-gate:{} ", if key.is_empty() { "gate" } else { &key })
    }

    fn marker(&self) -> String {
        format!("{}run={} attempt={} sha={} -->", self.head(), self.run, self.attempt, self.commit)
    }

    fn marks(&self, body: &str) -> bool {
        body.starts_with(&self.head())
    }
}

/// The run and attempt that wrote a comment.
fn spoken(body: &str) -> (u64, u64) {
    let marker = body.split("-->").next().unwrap_or_default();
    let number = |key: &str| {
        let word = marker.split(' ').find_map(|word| word.strip_prefix(key));
        word.and_then(|word| word.parse().ok()).unwrap_or_default()
    };
    (number("run="), number("attempt="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_says_who_wrote_and_cannot_be_broken_out_of() {
        let stamp =
            Stamp { key: "app--><b>/x".into(), run: 12, attempt: 2, commit: "a".repeat(40), author: "x".into() };
        let marker = stamp.marker();
        assert!(
            marker.starts_with("<!-- mx-prod-gate:app-b/x run=12 attempt=2 ") && marker.matches("--").count() == 2,
            "{marker}"
        );
        assert_eq!(spoken(&format!("{marker}\nrun=99")), (12, 2));
        assert!(stamp.marks(&marker) && !stamp.marks(&format!("> {marker}")));
        assert_eq!(spoken("nothing"), (0, 0));
    }
}
