//! Secrets that are known by what stands beside them: the private part of a JSON web key, Twilio's token beside its account.

use super::Confidence;
use super::keys::certain;
use super::letters::Makeup;
use super::scan::{Candidate, Page};
use super::value::{is_made_up, is_noise};
use std::borrow::Cow;
use std::ops::Range;

/// No key's object is longer.
const LONGEST_KEY: usize = 8 << 10;
/// How far after the account its token may stand.
const NEAR: usize = 240;

/// The member `d` (or `k` of a symmetric key) in the object around `kty`: <https://www.rfc-editor.org/rfc/rfc7518#section-6>.
pub fn private_jwk(page: &Page, kty: usize) -> Option<Candidate> {
    let from = kty.saturating_sub(LONGEST_KEY);
    let open = from + memchr::memrchr(b'{', page.text.get(from..kty)?)?;
    let rest = page.text.get(open..page.text.len().min(kty + LONGEST_KEY))?;
    let object = rest.get(..memchr::memchr(b'}', rest)?)?;
    let symmetric = memchr::memmem::find(object, b"oct").is_some();
    let value = member(object, b'd').or_else(|| symmetric.then(|| member(object, b'k')).flatten())?;
    let text = object.get(value.clone())?;
    if !is_noise(text, 20) || is_made_up(text) {
        return None;
    }
    let range = open + value.start..open + value.end;
    let mut found = certain(range.clone(), range, "private-jwk", "private part of a JSON web key");
    found.reasons = vec!["its object says kty"];
    if page.kind.test {
        found.confidence = Confidence::Medium;
        found.reasons.push("it is in a test or an example");
    }
    Some(found)
}

/// The text of a member with a name of one letter: `"d": "…"`, `d: '…'`.
fn member(object: &[u8], name: u8) -> Option<Range<usize>> {
    memchr::memchr_iter(name, object).find_map(|at| {
        let before = at.checked_sub(1).and_then(|i| object.get(i)).copied().unwrap_or(b' ');
        if before.is_ascii_alphanumeric() || matches!(before, b'_' | b'-') {
            return None;
        }
        let rest = object.get(at + 1..)?;
        let tie =
            rest.iter().take_while(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b':' | b'\\')).count();
        let signs = rest.get(..tie)?;
        let is_tied = signs.contains(&b':') && signs.last().is_some_and(|b| matches!(b, b'"' | b'\''));
        let value = rest.get(tie..)?;
        let length = value.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
        let start = at + 1 + tie;
        (is_tied && length >= 20).then_some(start..start + length)
    })
}

/// The 32 hexadecimal digits that follow an account's `AC…`: <https://www.twilio.com/docs/iam/api-keys>.
pub fn twilio(page: &Page, start: usize, end: usize) -> Option<Candidate> {
    let account = page.text.get(start..end).filter(|run| run.len() == 34)?.strip_prefix(b"AC")?;
    if !account.iter().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b)) {
        return None;
    }
    let rest = page.text.get(start + 34..page.text.len().min(start + 34 + NEAR))?;
    let mut at = 0;
    for run in rest.split(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))) {
        let made = Makeup::of(run);
        if run.len() == 32 && made.is_hex() && made.upper == 0 && is_noise(run, 32) && !is_made_up(run) {
            let range = start + 34 + at..start + 34 + at + 32;
            let is_low = page.kind.test || page.kind.recorded;
            return Some(Candidate {
                provider: Cow::Borrowed("Twilio"),
                confidence: if is_low { Confidence::Low } else { Confidence::Medium },
                reasons: vec!["it follows the id of an account"],
                ..certain(range.clone(), range, "twilio-auth-token", "auth token")
            });
        }
        at += run.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::{Salt, Scanner};

    fn rules(text: &str) -> Vec<&'static str> {
        Scanner::new(Salt::default(), 0).scan("a.conf", text.as_bytes()).iter().map(|hit| hit.rule).collect()
    }

    #[test]
    fn a_private_web_key_is_told_from_a_public_one() {
        let public = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}"#;
        let private = public.replace('}', r#","d":"qkZ7x2LvW9tRb4nYcJ1sHd6FgA3uEo5iTxK0zVyQm8P"}"#);
        assert_eq!(rules(public), Vec::<&str>::new());
        assert_eq!(rules(&private), ["private-jwk"]);
        let loose = "key = {\n  kty: 'oct',\n  k: 'qkZ7x2LvW9tRb4nYcJ1sHd6FgA3uEo5iTxK0zVyQm8P',\n}";
        assert_eq!(rules(loose), ["private-jwk"]);
    }

    #[test]
    fn the_token_beside_an_account_is_found() {
        let account = format!("AC{}", "4be1d07c93a2586fe0b1c4d7a8935f26");
        let text = format!("client({account:?}, \"{}\")", "c81f7a02e6b94d35f0a7182c6d3e9b54");
        assert!(rules(&text).contains(&"twilio-auth-token"));
        assert!(!rules(&format!("{account:?}")).contains(&"twilio-auth-token"));
    }
}
