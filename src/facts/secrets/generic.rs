//! Judges a value by the name it is given, what it looks like, and the kind of file it is in.

use super::Confidence;
use super::assign::Tie;
use super::catalogue::Catalogue;
use super::checksum;
use super::files::Kind;
use super::letters::{self, Makeup};
use super::name::{Name, Strength};
use super::value::{is_noise, is_token_like, refusal};

/// A value with what is known about it.
#[derive(Debug)]
pub struct Claim<'a> {
    pub name: &'a Name,
    pub value: &'a [u8],
    pub quoted: bool,
    pub tie: Tie,
    pub kind: Kind,
}

/// A judgement, with what spoke for and against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub rule: &'static str,
    pub what: &'static str,
    pub confidence: Confidence,
    pub reasons: Vec<&'static str>,
}

/// What the claim is, or `None` when it is no secret.
pub fn judge(claim: &Claim) -> Option<Verdict> {
    if is_no_secret_by_form(claim) {
        return None;
    }
    if claim.value.len() > 1024 || refusal(claim.value, claim.quoted, &claim.name.words).is_some() {
        return None;
    }
    if !claim.quoted && reads_as_code(claim) {
        return None;
    }
    let verdict = match claim.name.strength {
        Strength::Password => password(claim),
        Strength::Secret | Strength::Key | Strength::Token => named(claim),
        Strength::Weak | Strength::None => unnamed(claim),
    }?;
    in_its_file(claim, of_its_provider(claim, verdict))
}

/// What a provider documents of its secrets, against a value that only its name speaks for.
fn of_its_provider(claim: &Claim, mut verdict: Verdict) -> Verdict {
    let has = |word: &str| claim.name.words.iter().any(|have| have == word);
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html: 40 characters of base64.
    let aws = has("aws") && has("secret") && (has("key") || has("access"));
    let is_aws =
        claim.value.len() == 40 && claim.value.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'+'));
    let short = has("secret") && has("access") && has("key") && claim.value.len() < 30;
    if aws && !is_aws || short || Catalogue::get().is_near_miss(claim.value) {
        verdict.confidence = Confidence::Low;
        verdict.reasons.push("its provider's secrets have another form");
    }
    verdict
}

/// What only looks made by a machine: public keys, tokens that speak for themselves, lists, labels, escaped text, digests.
fn is_no_secret_by_form(claim: &Claim) -> bool {
    let value = claim.value;
    let has = |byte: u8| memchr::memchr(byte, value).is_some();
    let is_password = claim.name.strength == Strength::Password;
    [&b"AAAAB3Nza"[..], b"AAAAC3Nza", b"AAAAE2Vj", b"ssh-", b"sha256", b"sha1-", b"sha512", b"md5", b"-----BEGIN"]
        .iter()
        .any(|mark| value.starts_with(mark))
        || value.starts_with(b"eyJ") && (has(b'.') || claim.name.strength < Strength::Token)
        || value.last() == Some(&b':')
        || value.last() == Some(&b'?') && !is_password
        || has(b'\\') && (claim.kind.code || !is_password) && letters::surprise(value) < 8.5
        || has(b'|') && (!claim.quoted || claim.name.strength < Strength::Token)
        || memchr::memmem::find(value, b"%2F20").is_some()
        || is_header(value)
        || holds_date(value) && !is_password
        || !is_password
            && letters::surprise(value) < 8.5
            && (has(b',') || has(b';') || has(b'<') || has(b'"') || has(b'\''))
        || claim.name.strength < Strength::Token && ends_in_digest(value)
}

/// The first part of a web token alone.
fn is_header(value: &[u8]) -> bool {
    value.starts_with(b"eyJ")
        && checksum::base64(value).is_some_and(|json| memchr::memmem::find(&json, b"\"alg\"").is_some())
}

/// `2026-06-16`.
fn holds_date(value: &[u8]) -> bool {
    value.windows(10).any(|ten| {
        ten.starts_with(b"20")
            && ten
                .iter()
                .enumerate()
                .all(|(at, byte)| if matches!(at, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() })
    })
}

/// Base64 of something readable: what it says decides.
fn is_encoded_word(value: &[u8]) -> bool {
    let padded = value.len().is_multiple_of(4) && value.len() >= 8;
    padded
        && checksum::base64(value).is_some_and(|text| {
            let readable = text.iter().all(|byte| (32..127).contains(byte)) && text.len() >= 5;
            let spoken = letters::surprise(&text) < 5.4 && !text.iter().any(u8::is_ascii_digit);
            readable && (spoken || refusal(&text, true, &[]) == Some("a stand-in"))
        })
}

/// `linux-node-<40 hexadecimal digits>`, `path@<commit>`.
fn ends_in_digest(value: &[u8]) -> bool {
    let last =
        value.rsplit(|byte| matches!(byte, b'-' | b'_' | b'@' | b'/' | b':' | b'.' | b'#')).next().unwrap_or_default();
    last.len() < value.len() && last.len() >= 7 && Makeup::of(last).is_hex() && !letters::is_uuid(value)
}

/// A value without quotes that is an expression, a type or prose.
fn reads_as_code(claim: &Claim) -> bool {
    let token = is_token_like(claim.value, 16);
    let made = Makeup::of(claim.value);
    let bracket = claim.value.iter().any(|byte| matches!(byte, b'(' | b'{' | b'[' | b'\\'));
    let blank = claim.tie == Tie::Blank;
    bracket
        || claim.kind.code
            && !(is_token_like(claim.value, 20) && made.digits >= 2 && !claim.value.contains(&b'.')
                || claim.tie == Tie::Flag && is_noise(claim.value, 8))
        || (blank || claim.kind.prose) && !token && !(made.kinds() >= 3 && is_noise(claim.value, 8))
        || claim.tie == Tie::Compares && !token
}

fn password(claim: &Claim) -> Option<Verdict> {
    let made = Makeup::of(claim.value);
    if made.length < 4 || made.length > 128 || made.blanks > 0 || made.letters() == 0 && made.length < 6 {
        return None;
    }
    if claim.tie == Tie::Calls && letters::surprise(claim.value) < 6.6 && memchr::memchr(b'_', claim.value).is_some() {
        return None;
    }
    let noise = is_noise(claim.value, 6);
    let all_digits = made.digits == made.length && made.length >= 6;
    let mixed =
        made.kinds() >= 2 && (made.digits > 0 || made.marks > 0 && !is_words(claim.value)) && made.letters() > 0;
    let (confidence, reason) = if noise {
        (Confidence::Medium, "the value is no word")
    } else if mixed {
        let quiet = claim.kind.prose || claim.kind.test && !(made.kinds() >= 3 && made.length >= 8);
        (if quiet { Confidence::Low } else { Confidence::Medium }, "the value mixes letters with digits or marks")
    } else if all_digits && !claim.kind.test && !claim.kind.prose {
        (Confidence::Medium, "the value is a number of many digits")
    } else {
        (Confidence::Low, "the value is a word")
    };
    Some(verdict("generic-password", "password", confidence, &["the name says password", reason]))
}

/// Words joined by marks, such as a field's or a message's name.
fn is_words(value: &[u8]) -> bool {
    value.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.' | b':' | b' ' | b'/'))
        && letters::surprise(value) < 6.4
}

fn named(claim: &Claim) -> Option<Verdict> {
    let (rule, what) = match claim.name.strength {
        Strength::Secret => ("generic-secret", "secret"),
        Strength::Token => ("generic-token", "token"),
        _ => ("generic-api-key", "key"),
    };
    let made = Makeup::of(claim.value);
    let said = match claim.name.strength {
        Strength::Secret => "the name says secret",
        Strength::Token => "the name says token",
        _ => "the name says key",
    };
    let loose = matches!(claim.tie, Tie::Blank | Tie::Calls);
    if loose && !is_token_like(claim.value, 16) {
        return None;
    }
    if letters::is_uuid(claim.value) && claim.tie != Tie::Blank || is_token_like(claim.value, 10) {
        return Some(verdict(rule, what, Confidence::Medium, &[said, "the value looks made by a machine"]));
    }
    let mixed = made.digits > 0 && made.letters() > 2 && made.blanks == 0;
    if made.length >= 8
        && made.blanks == 0
        && (is_noise(claim.value, 8) || mixed && made.kinds() >= 3 && letters::surprise(claim.value) > 5.6)
    {
        return Some(verdict(rule, what, Confidence::Medium, &[said, "the value is no word"]));
    }
    let varied =
        claim.name.strength == Strength::Secret && claim.quoted && made.lower > 0 && made.upper > 0 && made.digits > 0;
    if made.length >= 6 && mixed && varied && !claim.kind.test && !claim.kind.prose {
        return Some(verdict(rule, what, Confidence::Medium, &[said, "the value mixes letters and digits"]));
    }
    if made.length >= 6 && mixed {
        return Some(verdict(rule, what, Confidence::Low, &[said, "the value mixes letters and digits"]));
    }
    None
}

fn unnamed(claim: &Claim) -> Option<Verdict> {
    let made = Makeup::of(claim.value);
    let weak = claim.name.strength == Strength::Weak;
    let hash_like = made.is_hex() || letters::is_uuid(claim.value);
    let provider = claim.name.provider && (weak || claim.name.ends_in_provider);
    if provider
        && (is_token_like(claim.value, 16) || weak && letters::is_uuid(claim.value))
        && (weak || !hash_like || claim.value.len() == 32)
    {
        return Some(verdict(
            "provider-key",
            "key",
            Confidence::Medium,
            &["a provider is named beside it", "the value looks made by a machine"],
        ));
    }
    let whose = claim.name.words.iter().any(|word| {
        matches!(
            word.as_str(),
            "app" | "id" | "client" | "project" | "tenant" | "org" | "team" | "user" | "account" | "name" | "version"
        )
    });
    if provider && letters::is_uuid(claim.value) && claim.tie == Tie::Sets && claim.name.words.len() <= 2 && !whose {
        return Some(verdict(
            "provider-key",
            "key",
            Confidence::Medium,
            &["a provider is named beside it", "the value is a UUID"],
        ));
    }
    let keyed = weak
        && claim.tie == Tie::Sets
        && claim.name.words.len() >= 2
        && claim.name.words.last().is_some_and(|word| word == "key");
    if keyed && made.is_hex() && made.length >= 32 && is_token_like(claim.value, 32) && !claim.kind.test {
        return Some(verdict(
            "generic-api-key",
            "key",
            Confidence::Medium,
            &["the name says key", "the value looks made by a machine"],
        ));
    }
    if weak && claim.tie == Tie::Flag && is_token_like(claim.value, 24) && !claim.kind.test {
        let reasons = ["it follows a flag that may be that of a key", "the value looks made by a machine"];
        return Some(verdict("generic-api-key", "key", Confidence::Medium, &reasons));
    }
    let config = !claim.kind.code && !claim.kind.prose && !claim.kind.test && claim.tie == Tie::Sets;
    let least = if claim.quoted && made.lower > 0 && made.upper > 0 && made.digits > 0 { 16 } else { 20 };
    if weak
        && !hash_like
        && (claim.quoted || config)
        && is_token_like(claim.value, least)
        && letters::entropy(claim.value) >= 3.6
    {
        return Some(verdict(
            "generic-api-key",
            "key",
            Confidence::Medium,
            &["the name may be that of a key", "the value looks made by a machine"],
        ));
    }
    None
}

/// The same find says less in a test, and nothing in a list of digests.
fn in_its_file(claim: &Claim, mut verdict: Verdict) -> Option<Verdict> {
    let made = Makeup::of(claim.value);
    if claim.kind.recorded || claim.kind.digests || claim.kind.translation {
        return None;
    }
    if is_encoded_word(claim.value) {
        verdict.confidence = Confidence::Low;
        verdict.reasons.push("it is a word in base64");
    }
    let odd = claim.value.iter().any(|b| matches!(b, b'$' | b'!' | b'#' | b'@' | b'*' | b'(' | b' '));
    let plain = verdict.rule == "generic-password" || is_token_like(claim.value, 12) && !odd;
    if claim.kind.test && letters::is_uuid(claim.value) {
        verdict.confidence = Confidence::Low;
        verdict.reasons.push("it is an id in a test or an example");
    }
    if claim.kind.test && !plain {
        verdict.confidence = Confidence::Low;
        verdict.reasons.push("it is in a test or an example");
    }
    if claim.kind.test
        && !is_noise(claim.value, 6)
        && !(verdict.rule == "generic-password" && made.kinds() >= 3 && made.length >= 8)
    {
        verdict.confidence = Confidence::Low;
        verdict.reasons.push("it is in a test or an example");
    }
    Some(verdict)
}

fn verdict(rule: &'static str, what: &'static str, confidence: Confidence, reasons: &[&'static str]) -> Verdict {
    Verdict { rule, what, confidence, reasons: reasons.to_vec() }
}
