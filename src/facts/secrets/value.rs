//! What a value says of itself: a stand-in, a reference to something elsewhere, or something that a machine made up.

use super::letters::{self, Makeup};
use super::vocabulary::{FILES, REFERENCES, STANDINS, VOCABULARY};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::sync::OnceLock;

/// Whether one of them is in a text.
fn has_reference(text: &str) -> bool {
    static SEARCH: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let search =
        SEARCH.get_or_init(|| AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(REFERENCES).ok());
    search.as_ref().is_some_and(|search| search.is_match(text))
}

/// Why a value cannot be a secret, in words for `explain`.
pub fn refusal(value: &[u8], quoted: bool, name: &[String]) -> Option<&'static str> {
    let Ok(text) = std::str::from_utf8(value) else { return Some("not text") };
    if text.len() < 3 {
        return Some("too short");
    }
    if !quoted && text.starts_with('.') {
        return Some("filled in or looked up elsewhere");
    }
    if is_reference(text) || !quoted && ends_in_variable(value) {
        return Some("filled in or looked up elsewhere");
    }
    if is_repetitive(value) {
        return Some("one character again and again, or a sequence");
    }
    let words = letters::words(value);
    if is_standin(&text.to_ascii_lowercase(), &words) {
        return Some("a stand-in");
    }
    let speaks = |word: &String| {
        letters::is_one_of(VOCABULARY, word) || is_compound(word) || name.contains(word) && word.len() > 2
    };
    let spoken = words.iter().filter(|word| word.bytes().any(|byte| byte.is_ascii_alphabetic()));
    if text.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.' | b' ' | b':' | b'#'))
        && spoken.clone().count() > 0
        && words.iter().all(speaks)
    {
        return Some("says what it is for");
    }
    if is_numbered_name(text, &words) {
        return Some("says what it is for");
    }
    None
}

fn is_reference(text: &str) -> bool {
    let bytes = text.as_bytes();
    let second = bytes.get(1).copied().unwrap_or(0);
    let last = bytes.last().copied().unwrap_or(0);
    let variable = |mark: u8| {
        bytes.first() == Some(&mark) && (second.is_ascii_alphabetic() || matches!(second, b'_' | b'{' | b'(' | b'$'))
    };
    let wrapped = matches!(
        (bytes.first(), last),
        (Some(b'<'), b'>') | (Some(b'{'), b'}') | (Some(b'['), b']') | (Some(b'%'), b'%') | (Some(b'('), b')')
    );
    let all_name = bytes.iter().skip(1).all(|b| {
        b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'[' | b']' | b'\'' | b'"' | b':' | b'-' | b'>')
    });
    (variable(b'$') && all_name)
        || (variable(b'@') && bytes.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'@' | b'_' | b'.' | b'/')))
        || variable(b'&') && all_name && !bytes.iter().any(u8::is_ascii_digit)
        || wrapped
        || text.starts_with("<<")
        || matches!(text, "%s" | "%d" | "%v" | "%@" | "%q")
        || text.contains("%s")
        || text.contains("%v")
        || (text.contains('<') && text.contains('>'))
        || (text.starts_with("__") && text.ends_with("__"))
        || text.starts_with("./")
        || text.starts_with("../")
        || text.starts_with("~/")
        || is_url(text)
        || text.starts_with("file:")
        || text.starts_with("@@")
        || is_variable_name(bytes)
        || (text.starts_with('/') && !bytes.iter().any(|b| matches!(b, b'+' | b'=')) && letters::surprise(bytes) < 6.6)
        || FILES.iter().any(|ending| text.ends_with(ending))
        || (text.contains('(') && text.contains(')') && letters::surprise(bytes) < 7.0)
        || has_reference(text)
}

/// An address; a password within it is looked for there.
fn is_url(text: &str) -> bool {
    let scheme = text.split("://").next().unwrap_or_default();
    scheme.len() < text.len().min(16)
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-'))
}

/// `E2E_ADMIN_PASSWORD`: the name of the variable that holds it.
fn is_variable_name(bytes: &[u8]) -> bool {
    const NOUNS: [&str; 8] = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "CREDENTIALS", "PASS"];
    let mut words = bytes.split(|&byte| byte == b'_');
    bytes.first().is_some_and(u8::is_ascii_uppercase)
        && bytes.contains(&b'_')
        && bytes.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
        && words.any(|word| NOUNS.iter().any(|noun| noun.as_bytes() == word))
}

/// `mypassword`: a word of the vocabulary and the noun itself, written as one.
fn is_compound(word: &str) -> bool {
    ["password", "passwd", "secret", "token", "pass"].iter().any(|noun| {
        let head = word.strip_suffix(noun).or_else(|| word.strip_prefix(noun));
        head.is_some_and(|head| letters::is_one_of(VOCABULARY, head) || letters::is_one_of(STANDINS, head))
    })
}

/// `v3-password`, `client_secret_2`: words of what it is for, and a number.
fn is_numbered_name(text: &str, words: &[String]) -> bool {
    let parted =
        text.contains(['-', '_']) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let spoken = |word: &String| {
        letters::is_one_of(VOCABULARY, word)
            || word.len() == 1
            || word.bytes().all(|b| b.is_ascii_digit())
            || word.len() >= 3 && letters::surprise(word.as_bytes()) < 5.6
    };
    let noun =
        |word: &String| matches!(word.as_str(), "password" | "passwd" | "pwd" | "pass" | "secret" | "token" | "key");
    parted && words.len() >= 2 && words.iter().any(noun) && words.iter().all(spoken)
}

/// `prefix$name`: filled in by the shell or the language.
fn ends_in_variable(bytes: &[u8]) -> bool {
    let Some(at) = memchr::memrchr(b'$', bytes) else { return false };
    let name = bytes.get(at + 1..).unwrap_or_default();
    let is_name = name.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_');
    at > 0 && name.len() >= 3 && is_name && letters::surprise(name) < 6.0
}

/// A run of five equal bytes, few different ones, or a counting sequence that makes up most of it.
pub fn is_repetitive(value: &[u8]) -> bool {
    let (mut equal, mut longest, mut steps, mut longest_steps) = (1, 1, 1, 1);
    for pair in value.windows(2) {
        if let [a, b] = pair {
            equal = if a == b { equal + 1 } else { 1 };
            steps = if a.wrapping_add(1) == *b && b.is_ascii_alphanumeric() { steps + 1 } else { 1 };
            longest = longest.max(equal);
            longest_steps = longest_steps.max(steps);
        }
    }
    let made = Makeup::of(value);
    let few = made.length >= 8 && made.distinct * 5 < made.length.min(40) && made.distinct <= 6;
    longest_steps >= 8
        || is_interleaved(value)
        || longest >= 5 && longest * 5 >= made.length.min(60)
        || longest >= 10
        || few
        || longest_steps >= 7 && longest_steps * 2 >= made.length
        || made.distinct <= 2
}

/// `a1b2c3d4`, `9a8b7c6d`: two sequences, one in the gaps of the other.
fn is_interleaved(value: &[u8]) -> bool {
    let steps = value
        .windows(3)
        .filter(|three| matches!(three, [a, _, c] if a.to_ascii_lowercase().abs_diff(c.to_ascii_lowercase()) == 1));
    value.len() >= 8 && steps.count() * 2 > value.len()
}

fn is_standin(lower: &str, words: &[String]) -> bool {
    let short = lower.len() <= 24 || letters::surprise(lower.as_bytes()) < 5.6;
    let weak = |word: &str| {
        letters::is_one_of(STANDINS, word)
            && (word.len() > 3 || words.len() <= 4 && letters::surprise(lower.as_bytes()) < 6.2)
    };
    words.iter().any(|word| weak(word)) && short
        || [
            "example",
            "your_",
            "your-",
            "changeme",
            "update_me",
            "change_me",
            "change-me",
            "placeholder",
            "redacted",
            "xxxx",
            "replace",
            "dummy",
            "1234567890abcdef",
            "deadbeef",
            "foobar",
            "abcdefgh",
            "12345678",
            "00000000",
        ]
        .iter()
        .any(|mark| lower.contains(mark) && (lower.len() <= 40 || mark.len() >= 10 || lower.starts_with(mark)))
}

/// What the body of a token with a provider's own prefix must not be.
pub fn is_made_up(body: &[u8]) -> bool {
    let lower = String::from_utf8_lossy(body).to_ascii_lowercase();
    let marks = [
        "example",
        "xxxxx",
        "your",
        "placeholder",
        "redacted",
        "dummy",
        "changeme",
        "replace",
        "sample",
        "insert",
        "fake",
    ];
    is_repetitive(body) && (!has_long_token(body) || counts(body) >= 12)
        || marks.iter().any(|mark| lower.contains(mark)) && letters::surprise(body) < 7.6
}

/// The length of the longest counting sequence.
fn counts(body: &[u8]) -> usize {
    let (mut longest, mut steps) = (1, 1);
    for pair in body.windows(2) {
        let next = matches!(pair, [a, b] if a.to_ascii_lowercase().wrapping_add(1) == b.to_ascii_lowercase());
        steps = if next { steps + 1 } else { 1 };
        longest = longest.max(steps);
    }
    longest
}

/// A sequence in a part of the body only: the rest looks made by a machine.
fn has_long_token(body: &[u8]) -> bool {
    let made = Makeup::of(body);
    made.distinct >= 12 && !is_interleaved(body) && letters::surprise(body) > 6.4
}

/// The body of a token that reads as words do.
pub fn is_wordy(body: &[u8]) -> bool {
    body.len() >= 12 && letters::surprise(body) < 5.4
}

/// Something that a machine made up: no word, no name, no number, no path.
pub fn is_noise(value: &[u8], least: usize) -> bool {
    let made = Makeup::of(value);
    if made.length < least || made.blanks > 0 || made.letters() < 2 || made.distinct < 6.min(least) {
        return false;
    }
    let surprise = letters::surprise(value);
    if made.is_hex() {
        return made.digits >= 2 && made.lower + made.upper >= 2 && surprise > 5.6;
    }
    let floor = match made.length {
        0..=7 => 6.6,
        8..=11 => 6.2,
        12..=19 => 6.0,
        _ => 5.8,
    };
    surprise > floor && (made.kinds() >= 2 || surprise > 7.2)
}

/// Noise with more than one alphabet in it: what keys and tokens are made of, and identifiers are not.
pub fn is_token_like(value: &[u8], least: usize) -> bool {
    let made = Makeup::of(value);
    let mixed = made.digits >= 2 && made.letters() >= 4 || made.lower >= 4 && made.upper >= 4;
    is_noise(value, least)
        && mixed
        && !is_label(value)
        && letters::entropy(value) >= if made.is_hex() { 2.9 } else { 3.2 }
}

/// `oracle-vm-16cpu-64gb-x86-64`: many short parts, as in the names of machines and releases.
fn is_label(value: &[u8]) -> bool {
    let parts = value.split(|byte| matches!(byte, b'-' | b'_' | b'.'));
    let (count, longest) = parts.fold((0, 0), |(count, longest), part| (count + 1, longest.max(part.len())));
    count >= 4 && longest <= 6 && value.iter().all(|byte| !byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_and_references_are_refused() {
        for value in [
            "your-api-key",
            "${TOKEN}",
            "<token>",
            "changeme",
            "xxxxxxxxxxxx",
            "process.env.TOKEN",
            "%s",
            "{{ secret }}",
            "access_token",
            "1234567890",
            "$DB_PASSWORD",
            "./key.pem",
            "[REDACTED]",
            "AKIAIOSFODNN7EXAMPLE",
            "my-secret-token",
            "********",
        ] {
            assert!(refusal(value.as_bytes(), true, &[]).is_some(), "{value}");
        }
        for value in ["s3cretPa55", "hunter2", "Tr0ub4dor&3", "qkzrwvbp", "2Tm6cdsRVBTL9hRCmR6MRDTpMLFS4I", "1qay@WXS"]
        {
            assert_eq!(refusal(value.as_bytes(), true, &[]), None, "{value}");
        }
    }

    #[test]
    fn noise_is_told_from_names() {
        for value in ["QfsfCM0HdHH9x5ZlhsGzeignSk4pCeBw", "216fdaeeb975729fae923d5a4fd12aab"] {
            assert!(is_token_like(value.as_bytes(), 16), "{value}");
        }
        for value in ["createUserFromRequestBody2", "com.example.app.Main2Activity", "refresh-token-rotation-v2"] {
            assert!(!is_token_like(value.as_bytes(), 16), "{value}");
        }
    }
}
