//! JSON web tokens: what they say of themselves, and the keys of MaintainX among them.

use super::checksum::base64;
use super::{Confidence, letters};
use serde_json::Value;

/// What a token's own claims tell.
#[derive(Debug, PartialEq, Eq)]
pub struct Reading {
    pub rule: &'static str,
    pub provider: &'static str,
    pub what: &'static str,
    pub confidence: Confidence,
    pub reason: &'static str,
}

/// Reads a token of two or three parts; `None` when it is none.
pub fn read(token: &[u8], now: i64) -> Option<Reading> {
    let mut parts = token.split(|&byte| byte == b'.');
    let (header, payload) = (parts.next()?, parts.next()?);
    let signature = parts.next().unwrap_or_default();
    let header: Value = serde_json::from_slice(&base64(header)?).ok()?;
    let algorithm = header.get("alg").and_then(Value::as_str);
    if algorithm.is_none() && header.get("typ").is_none() && header.get("kid").is_none() {
        return None;
    }
    let claims: Option<Value> = base64(payload).and_then(|json| serde_json::from_slice(&json).ok());
    let reading = |confidence, reason| Reading {
        rule: "json-web-token",
        provider: "JWT",
        what: "JSON web token",
        confidence,
        reason,
    };
    if algorithm.is_some_and(|name| name.eq_ignore_ascii_case("none")) {
        return Some(reading(Confidence::Low, "it is not signed"));
    }
    if claims.is_none() && letters::surprise(payload) < 5.8 {
        return Some(reading(Confidence::Low, "its claims are made of words"));
    }
    let Some(claims) = claims else { return Some(reading(Confidence::Medium, "its header names an algorithm")) };
    let text = |claim: &str| claims.get(claim).and_then(Value::as_str).unwrap_or_default();
    if text("sub") == "REST_API_AUTH" {
        let (rule, provider, what) = ("maintainx-key", "MaintainX", "REST API key");
        return Some(Reading {
            rule,
            provider,
            what,
            confidence: Confidence::High,
            reason: "its subject is REST_API_AUTH",
        });
    }
    if text("role") == "service_role" {
        let (rule, provider, what) = ("supabase-service-role", "Supabase", "service role key");
        return Some(Reading {
            rule,
            provider,
            what,
            confidence: Confidence::High,
            reason: "its role is service_role",
        });
    }
    if text("role") == "anon" {
        return Some(reading(Confidence::Low, "its role is anon: made to be public"));
    }
    if text("sub") == "1234567890" || text("name") == "John Doe" || text("iss").contains("example") {
        return Some(reading(Confidence::Low, "it is a sample"));
    }
    let expiry = claims.get("exp").and_then(Value::as_i64);
    if expiry.is_some_and(|at| at < now) {
        return Some(reading(Confidence::Low, "it has expired"));
    }
    if signature.len() < 20 && !signature.is_empty()
        || (signature.is_empty() && expiry.is_none() && claims.as_object().is_some_and(|claims| claims.is_empty()))
    {
        return Some(reading(Confidence::Low, "its signature is cut"));
    }
    if !signature.is_empty() && letters::surprise(signature) < 5.6 {
        return Some(reading(Confidence::Low, "its signature is made of words"));
    }
    Some(reading(Confidence::Medium, "its claims can be read and have not expired"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::base64::Engine as _;
    use ::base64::engine::general_purpose::URL_SAFE_NO_PAD;

    fn token(claims: &str) -> Vec<u8> {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        format!("{header}.{}.{}", URL_SAFE_NO_PAD.encode(claims), "q7XkP2vLm9RtZ4wYb8NcJ1sHd6FgA3uEo5iTxK0zVyQ")
            .into_bytes()
    }

    #[test]
    fn claims_tell_whose_and_how_long() {
        let says = |claims: &str| read(&token(claims), 1_000).map(|reading| (reading.rule, reading.confidence));
        assert_eq!(says(r#"{"sub":"REST_API_AUTH","userId":1}"#), Some(("maintainx-key", Confidence::High)));
        assert_eq!(says(r#"{"role":"anon"}"#), Some(("json-web-token", Confidence::Low)));
        assert_eq!(says(r#"{"exp":999}"#), Some(("json-web-token", Confidence::Low)));
        assert_eq!(says(r#"{"exp":9999}"#), Some(("json-web-token", Confidence::Medium)));
        assert_eq!(read(b"eyJhYmMiOjF9.e30.x", 0), None);
    }

    #[test]
    fn the_subject_is_seen_in_every_alignment() {
        for pad in ["", "a", "ab"] {
            let encoded = URL_SAFE_NO_PAD.encode(format!("{pad}REST_API_AUTH\""));
            let mut seen = false;
            super::super::words::calls(encoded.as_bytes(), |_, _, call| {
                seen |= call == super::super::words::Call::MaintainX
            });
            assert!(seen, "{encoded}");
        }
    }
}
