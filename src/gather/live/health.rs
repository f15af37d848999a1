//! The service's health: what its body says, in each of the forms that frameworks have, and the wait for a roll-out.

use super::heard::{Heard, is_html, text_of};
use super::session::Session;
use crate::transcript::{Cause, Exchange, Step, Transcript, is_healthy, is_version};
use serde_json::{Map, Value};
use tokio::time::Instant;

/// Where bodies name the version that answers: IETF health+json, Spring, and what people write by hand.
const VERSION_FIELDS: [&str; 18] = [
    "/version",
    "/releaseId",
    "/release",
    "/commit",
    "/commitSha",
    "/sha",
    "/gitSha",
    "/revision",
    "/build",
    "/build/version",
    "/build/commit",
    "/build/sha",
    "/git/commit/id",
    "/git/sha",
    "/info/version",
    "/app/version",
    "/service/version",
    "/details/version",
];

/// Where headers name it.
const VERSION_HEADERS: [&str; 11] = [
    "x-version",
    "x-app-version",
    "x-service-version",
    "x-release",
    "x-release-id",
    "x-commit",
    "x-commit-sha",
    "x-git-sha",
    "x-revision",
    "x-build-id",
    "x-deployment-id",
];

/// Longer bodies are no one-word answer.
const MAX_WORD: usize = 32;

/// Asks the service until it is healthy and, where it says so, the expected version; once, where no time is given.
pub(super) async fn probe(session: &Session) {
    if let Some(withheld) = &session.plan.without_service {
        return session.unasked("service-health", withheld.cause, &withheld.reason);
    }
    let Some(request) = session.requests().health() else {
        return session.unasked("service-health", Cause::NotConfigured, "no service URL is configured");
    };
    let until = Instant::now() + session.plan.wait;
    for look in 1_u32.. {
        let heard = session.ask(&request, |heard| judged(heard, look)).await;
        let is_last = Instant::now() + session.plan.timing.poll > until;
        if has_arrived(session) || is_last || is_final(&heard) {
            return;
        }
        session.note(&progress(session, until));
        session.pause(session.plan.timing.poll).await;
        forget_last(&mut session.transcript());
    }
}

/// A refusal of our own does not change by waiting.
fn is_final(heard: &Heard) -> bool {
    heard.trouble().is_some_and(|reason| reason.contains(super::addresses::REFUSED))
}

/// The last answer is a healthy one and, as far as it says so, of the expected version.
fn has_arrived(session: &Session) -> bool {
    let transcript = session.transcript();
    let last = transcript.exchanges.iter().rev().find(|exchange| exchange.step == Step::ServiceHealth);
    last.is_some_and(|last| {
        last.is_success()
            && last.trouble.is_none()
            && last.seen.get("status").is_none_or(is_healthy)
            && is_version(last, transcript.expected_version.as_deref()) != Some(false)
    })
}

fn progress(session: &Session, until: Instant) -> String {
    let left = until.saturating_duration_since(Instant::now()).as_secs();
    let transcript = session.transcript();
    let said =
        transcript.exchanges.last().map_or(String::new(), |last| said(last, transcript.expected_version.as_deref()));
    format!("waiting for the roll-out ({left} s left): {said}")
}

fn said(last: &Exchange, expected: Option<&str>) -> String {
    if let Some(trouble) = &last.trouble {
        return trouble.clone();
    }
    let status = last.status.map_or("no status".to_owned(), |status| status.to_string());
    let word = last.seen.get("status").and_then(Value::as_str).map(|word| format!(" {word}")).unwrap_or_default();
    let version = match is_version(last, expected) {
        Some(false) => format!(", not yet version {}", expected.unwrap_or_default()),
        _ => String::new(),
    };
    format!("{status}{word}{version}")
}

/// Of many looks only the last one is kept.
fn forget_last(transcript: &mut Transcript) {
    if transcript.exchanges.last().is_some_and(|last| last.step == Step::ServiceHealth) {
        transcript.exchanges.pop();
    }
}

fn judged(heard: &Heard, look: u32) -> Map<String, Value> {
    let mut seen = Map::new();
    let Ok(answer) = &heard.outcome else { return seen };
    if look > 1 {
        seen.insert("look".to_owned(), Value::from(look));
    }
    let body = answer.body.as_deref().unwrap_or_default();
    let kind = text_of(&answer.headers, "content-type").unwrap_or_default().to_ascii_lowercase();
    let kind = match form(heard, body) {
        // With `application/json`, `application/health+json` and their like.
        "text" if kind.split(';').next().is_some_and(|kind| kind.ends_with("json")) => "broken json",
        _ if is_html(answer) => "html",
        form => form,
    };
    seen.insert("body".to_owned(), Value::from(kind));
    if let Some(status) = heard.json.as_ref().map_or_else(|| word(body), status) {
        seen.insert("status".to_owned(), status);
    }
    let told = heard.json.iter().flat_map(|json| VERSION_FIELDS.iter().filter_map(|path| json.pointer(path)));
    let told = told.filter_map(|value| value.as_str().map(str::to_owned).or(value.as_number().map(|n| n.to_string())));
    let headers = VERSION_HEADERS.iter().filter_map(|name| text_of(&answer.headers, name)).map(str::to_owned);
    let versions: Vec<Value> = told.chain(headers).filter(|text| !text.is_empty()).map(Value::from).collect();
    if !versions.is_empty() {
        seen.insert("versions".to_owned(), Value::from(versions));
    }
    seen
}

fn form(heard: &Heard, body: &[u8]) -> &'static str {
    match &heard.json {
        Some(_) => "json",
        None if body.is_empty() => "empty",
        None => "text",
    }
}

/// The status that a JSON body gives: a field of an object, or the whole body.
fn status(json: &Value) -> Option<Value> {
    match json {
        Value::Object(fields) => {
            let found = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("status")).map(|(_, value)| value);
            // Spring's own form nests nothing; some wrap it as {"status": {"code": "UP"}}.
            let inner = found.and_then(|value| value.get("code").or_else(|| value.get("status")));
            inner.or(found).filter(|value| !value.is_object() && !value.is_array() && !value.is_null()).cloned()
        }
        Value::String(text) if text.len() <= MAX_WORD => Some(Value::from(text.as_str())),
        _ => None,
    }
}

/// A plain body that is one known word: ASP.NET answers `Healthy`, `Degraded` or `Unhealthy`.
fn word(body: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let is_known = ["healthy", "degraded", "unhealthy", "ok", "up", "pass", "warn", "fail", "down", "error"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word));
    is_known.then(|| Value::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_frameworks_body_gives_its_status() {
        let of = |text: &str| match serde_json::from_str::<Value>(text) {
            Ok(json) => status(&json),
            Err(_) => word(text.as_bytes()),
        };
        let text = |word: &str| Some(Value::from(word));
        assert_eq!(of(r#"{"status":"UP","components":{"db":{"status":"DOWN"}}}"#), text("UP"));
        assert_eq!(of(r#"{"status":"ok","info":{},"error":{},"details":{}}"#), text("ok"));
        assert_eq!(of(r#"{"status":"Healthy","totalDuration":"0","entries":{}}"#), text("Healthy"));
        assert_eq!(of(r#"{"status":"pass","version":"1","releaseId":"1.2.2"}"#), text("pass"));
        assert_eq!(of(r#"{"Status":"Unhealthy"}"#), text("Unhealthy"));
        assert_eq!(of(r#"{"status":{"code":"UP"}}"#), text("UP"));
        assert_eq!(of(r#"{"status":false}"#), Some(Value::from(false)));
        assert_eq!(of(r#""ok""#), text("ok"));
        assert_eq!(of("Degraded\n"), text("Degraded"));
        for none in ["I am fine", "{}", "[]", r#"{"status":null}"#, r#"{"status":[1]}"#, "", "12"] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
