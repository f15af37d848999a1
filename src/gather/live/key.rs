//! The key: read once, never shown, wiped after use. Its claims are decoded without a network.

use crate::transcript::KeyFacts;
use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use jiff::Timestamp;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::path::Path;
use zeroize::Zeroizing;

/// Keys are about 300 characters; a file far above that is another file.
const MAX_KEY: usize = 8192;
/// Shorter parts say nothing, and taking them out of texts would make those unreadable.
const SHORTEST_PART: usize = 8;

/// A MaintainX key. `Debug` shows nothing of it, and its memory is wiped when it is dropped.
#[derive(Debug, Clone)]
pub struct Key(SecretString);

impl Key {
    /// A key from the text of a variable or a file; none where that is empty.
    pub fn parse(text: Zeroizing<String>) -> anyhow::Result<Option<Self>> {
        let bare = text.trim();
        if bare.is_empty() {
            return Ok(None);
        }
        if bare.len() > MAX_KEY {
            bail!("the key is longer than {MAX_KEY} characters: is it another file?");
        }
        if bare.to_ascii_lowercase().starts_with("bearer") {
            bail!("the key begins with `Bearer`: give the token alone");
        }
        // No position, no character: even those would be a part of the key.
        if !bare.bytes().all(|byte| byte.is_ascii_graphic()) {
            bail!("the key holds a blank, a line break or a character that no key has");
        }
        Ok(Some(Self(SecretString::from(bare))))
    }

    /// The key in a file.
    pub fn from_file(path: &Path) -> anyhow::Result<Option<Self>> {
        let failed = || format!("cannot read the key file {}", path.display());
        let bytes = Zeroizing::new(std::fs::read(path).with_context(failed)?);
        let text = std::str::from_utf8(&bytes).with_context(failed)?;
        Self::parse(Zeroizing::new(text.to_owned()))
    }

    /// The value of the `Authorization` header: marked as sensitive, and wiped with its last copy.
    pub(super) fn header(&self) -> anyhow::Result<HeaderValue> {
        let text = Zeroizing::new(format!("Bearer {}", self.0.expose_secret()).into_bytes());
        // The error would quote nothing of the value, but is replaced all the same.
        let made = HeaderValue::from_maybe_shared(Bytes::from_owner(text));
        let mut value = made.map_err(|_| anyhow::anyhow!("the key is no value for a header"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// What the key says about itself. Every claim is optional.
    pub fn facts(&self, now: Timestamp) -> KeyFacts {
        let Some(claims) = self.claims() else { return KeyFacts::default() };
        let made = claims.get("iat").and_then(Value::as_i64).and_then(|second| Timestamp::from_second(second).ok());
        KeyFacts {
            recognised: claims.get("sub").and_then(Value::as_str) == Some("REST_API_AUTH"),
            made_on: made.map(|moment| moment.strftime("%Y-%m-%d").to_string()),
            age_days: made.map(|moment| (now.as_second() - moment.as_second()).div_euclid(86_400)),
            organization: claims.get("organizationId").and_then(number),
        }
    }

    fn claims(&self) -> Option<Value> {
        let mut parts = self.0.expose_secret().split('.');
        let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?);
        serde_json::from_slice(&bytes).ok()
    }

    /// The text without the key and without any of its parts, wherever they came from.
    pub(super) fn out_of(&self, text: &str) -> String {
        let key = self.0.expose_secret();
        let mut clean = text.replace(key, "[key]");
        for part in key.split('.').filter(|part| part.len() >= SHORTEST_PART) {
            clean = clean.replace(part, "[key]");
        }
        clean
    }
}

/// A claim that is a number or a number in quotes.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(payload: &str) -> Key {
        let text = format!("aGVhZGVyaGVhZGVy.{}.c2lnbmF0dXJlc2ln", URL_SAFE_NO_PAD.encode(payload));
        Key::parse(Zeroizing::new(text)).unwrap().unwrap()
    }

    fn facts(payload: &str) -> KeyFacts {
        key(payload).facts("2026-11-24T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn claims_tell_age_and_organisation() {
        let told = facts(r#"{"userId":7,"organizationId":42,"iat":1756382400,"sub":"REST_API_AUTH","jti":"x"}"#);
        assert_eq!((told.recognised, told.organization, told.age_days), (true, Some(42), Some(453)));
        assert_eq!(told.made_on.as_deref(), Some("2025-08-28"));
        assert_eq!(facts(r#"{"organizationId":"42"}"#).organization, Some(42));
        assert_eq!(facts("{}"), KeyFacts::default());
        assert_eq!(facts("no json"), KeyFacts::default());
        assert_eq!(facts(r#"{"iat":9e99,"organizationId":-1}"#), KeyFacts::default());
    }

    #[test]
    fn what_is_no_key_is_told_without_showing_it() {
        let said = |text: &str| Key::parse(Zeroizing::new(text.to_owned())).err().map(|error| format!("{error:#}"));
        assert!(Key::parse(Zeroizing::new(" \n".into())).unwrap().is_none());
        for bad in ["Bearer sekretsekret", "sekret sekret", "sekret\u{e9}", "sekret\nsekret", &"x".repeat(MAX_KEY + 1)]
        {
            let message = said(bad).expect("refused");
            assert!(!message.contains("sekret"), "{message}");
        }
        assert!(Key::parse(Zeroizing::new("plain-key\n".into())).unwrap().is_some());
    }

    #[test]
    fn neither_the_key_nor_a_part_of_it_survives_in_a_text() {
        let key = key("{}");
        let whole = key.0.expose_secret().to_owned();
        let text = format!("bad token {whole}; head aGVhZGVyaGVhZGVy, tail c2lnbmF0dXJlc2ln");
        assert_eq!(key.out_of(&text), "bad token [key]; head [key], tail [key]");
        assert!(!format!("{key:?}").contains("aGVh"));
        assert!(!format!("{:?}", key.header().unwrap()).contains("aGVh"));
    }
}
