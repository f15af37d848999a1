//! Candidates that their name gives away, and those that stand behind a word such as `Bearer` or in a URL.

use super::assign::{self, Tie};
use super::generic::{Claim, Verdict, judge};
use super::letters::Makeup;
use super::name::{Name, Strength};
use super::scan::{Candidate, Page};
use super::value::{is_noise, is_repetitive, is_token_like, refusal};
use super::words::Call;
use super::{Confidence, commands, header, jwt, letters, pairs, pem, url};
use std::borrow::Cow;
use std::ops::Range;

/// Looks at what a word calls for.
pub fn follow(page: &Page, start: usize, end: usize, call: Call) -> Option<Candidate> {
    match call {
        Call::Name => by_name(page, start).or_else(|| login(page, start, end)),
        Call::Bearer => bearer(page, end),
        Call::Basic => basic(page, end),
        Call::Url => in_url(page, start),
        Call::Pem => private_key(page, start),
        Call::Putty => {
            let body = pem::putty(page.text, start)?;
            Some(certain(start..start + 14, body, "putty-private-key", "PuTTY private key"))
        }
        Call::Sql => commands::sql(page, end),
        Call::Hook => commands::hook(page, end),
        Call::Hash => hash(page, start),
        Call::Middle => middle(page, start, end),
        Call::Jwk => pairs::private_jwk(page, start),
        Call::Unseal => unseal(page, end),
        Call::Command => commands::command(page, end),
        Call::Argument => commands::argument(page, start, end),
        Call::MaintainX => {
            let run = page.run_at(start);
            // The constant alone is what a scanner looks for, not what a key is cut into.
            if run.len() < 24 {
                return None;
            }
            let mut found = certain(run.clone(), run, "maintainx-key", "REST API key");
            found.provider = Cow::Borrowed("MaintainX");
            Some(found)
        }
    }
}

pub fn certain(place: Range<usize>, value: Range<usize>, rule: &'static str, what: &'static str) -> Candidate {
    Candidate {
        place: place.start,
        value,
        rule,
        provider: Cow::Borrowed("generic"),
        what,
        confidence: Confidence::High,
        reasons: vec!["its form is that of nothing else"],
        specific: true,
    }
}

pub fn judged(value: Range<usize>, verdict: Verdict) -> Candidate {
    Candidate {
        place: value.start,
        value,
        rule: verdict.rule,
        provider: Cow::Borrowed("generic"),
        what: verdict.what,
        confidence: verdict.confidence,
        reasons: verdict.reasons,
        specific: false,
    }
}

fn by_name(page: &Page, start: usize) -> Option<Candidate> {
    let name = assign::name_at(page.text, start);
    let direct = assign::read(page.text, start);
    let is_verb = direct.as_ref().is_some_and(|found| {
        found.tie == Tie::Blank && !found.quoted && matches!(page.text.get(found.value.clone()), Some(b"is" | b"to"))
    });
    let direct = direct.filter(|_| !is_verb);
    let mut found =
        direct.or_else(|| assign::paired(page.text, name.clone())).or_else(|| assign::told(page.text, name))?;
    let value = page.text.get(found.value.clone())?;
    let before = found.name.start.checked_sub(1).and_then(|at| page.text.get(at));
    let cut = page.text.get(found.value.end..).is_some_and(|after| after.starts_with(b"..."));
    let command =
        found.name.start.checked_sub(2).and_then(|at| page.text.get(at)).is_none_or(|b| b.is_ascii_whitespace());
    if before == Some(&b'/') && !command || cut {
        return None;
    }
    // The cheapest refusals first: most names are given a name, a call or nothing.
    if value.len() < 4 || page.kind.code && !found.quoted && value.len() < 16 && found.tie != Tie::Flag {
        return None;
    }
    if !found.quoted && found.tie == Tie::Flag && value.starts_with(b"-") {
        return None;
    }
    let mut name = Name::read(page.text.get(found.name.clone())?);
    if name.strength < Strength::Token {
        let wide = Name::read(page.phrase_before(found.name.end));
        if found.tie == Tie::Blank || wide.strength > name.strength || wide.provider {
            name =
                Name { provider: wide.provider || name.provider, strength: wide.strength.max(name.strength), ..wide };
        }
    }
    if found.tie == Tie::Blank && !found.quoted && page.is_login_line(start) {
        found.tie = Tie::Flag;
    }
    if is_docker_auth(&name, value) {
        let reasons = vec!["it decodes to a user and a password"];
        return Some(Candidate {
            confidence: Confidence::Medium,
            reasons,
            ..certain(found.value.clone(), found.value, "docker-auth", "registry login")
        });
    }
    let claim = Claim { name: &name, value, quoted: found.quoted, tie: found.tie, kind: page.kind };
    let mut verdict = judge(&claim)?;
    let plain = !page.kind.code && !page.kind.test && !page.kind.prose && !page.kind.translation;
    let is_word = verdict.reasons.last() == Some(&"the value is a word") && value.len() >= 6;
    // A word as the fallback of a variable is for a developer's machine: the real one is handed over.
    let is_fallback = page.is_fallback(found.value.start);
    if is_word
        && plain
        && !is_fallback
        && matches!(found.tie, Tie::Sets | Tie::Flag)
        && page.is_beside_user(found.name.start)
    {
        verdict.confidence = Confidence::Medium;
        verdict.reasons.push("a user is named beside it");
    }
    if verdict.rule == "generic-password" && !found.quoted && page.begins_prose(&found) {
        verdict.confidence = Confidence::Low;
        verdict.reasons.push("more words follow it");
    }
    if name.words.last().is_some_and(|word| word == "token")
        && letters::is_uuid(value)
        && is_bare_npm(page, &found.name)
    {
        verdict.confidence = Confidence::Low;
        verdict.reasons.push("npm reads it after //host/: only");
    }
    Some(judged(found.value, verdict))
}

/// `docker login -u me -p …`, `az login …`: a sub-command that takes a password.
fn login(page: &Page, start: usize, end: usize) -> Option<Candidate> {
    let is_login = page.text.get(start..end) == Some(b"login") && page.byte(end) == b' ';
    is_login.then(|| commands::command(page, end)).flatten()
}

/// `_authToken=` that does not stand behind `//registry.host/:`, as https://docs.npmjs.com/cli/configuring-npm/npmrc asks.
fn is_bare_npm(page: &Page, name: &Range<usize>) -> bool {
    let is_npm = page.text.get(name.clone()).is_some_and(|text| text == b"_authToken");
    let before = page.before(name.start, 120);
    let host = memchr::memmem::find(before, b"//").and_then(|at| before.get(at + 2));
    is_npm && !(before.ends_with(b"/:") && host.is_some_and(u8::is_ascii_alphanumeric))
}

/// `"auth": "<base64 of user:password>"`.
fn is_docker_auth(name: &Name, value: &[u8]) -> bool {
    matches!(name.words.last().map(String::as_str), Some("auth"))
        && value.len() >= 12
        && header::basic(value, 0)
            .is_some_and(|(_, password)| refusal(&password, true, &[]).is_none() && password.len() > 4)
}

fn bearer(page: &Page, after: usize) -> Option<Candidate> {
    let range = header::bearer(page.text, after)?;
    let value = page.text.get(range.clone())?;
    if refusal(value, true, &[]).is_some() || value.starts_with(b"eyJ") || page.kind.recorded {
        return None;
    }
    if !(is_token_like(value, 12) || is_noise(value, 10) || letters::is_uuid(value)) {
        return None;
    }
    let confidence = if page.kind.test && !is_token_like(value, 20) { Confidence::Low } else { Confidence::Medium };
    let reasons = vec!["it follows Bearer", "the value looks made by a machine"];
    Some(Candidate {
        confidence,
        reasons,
        specific: false,
        ..certain(range.clone(), range, "bearer-token", "bearer token")
    })
}

fn basic(page: &Page, after: usize) -> Option<Candidate> {
    let (range, password) = header::basic(page.text, after)?;
    if page.kind.recorded || refusal(&password, true, &[]).is_some() && password.len() < 12 {
        return None;
    }
    let confidence = if page.kind.test && !is_noise(&password, 8) { Confidence::Low } else { Confidence::Medium };
    let reasons = vec!["it follows Basic", "it decodes to a user and a password"];
    Some(Candidate { confidence, reasons, ..certain(range.clone(), range, "basic-auth", "basic authentication") })
}

fn in_url(page: &Page, start: usize) -> Option<Candidate> {
    let Some(login) = url::login(page.text, start) else { return token_in_url(page, start) };
    let part = |range: &Range<usize>| page.text.get(range.clone()).unwrap_or_default();
    let (user, password, host) = (part(&login.user), part(&login.password), part(&login.host));
    if password.len() < 3 || password.len() > 256 || page.kind.recorded || is_repetitive(password) {
        return None;
    }
    let foreign = |text: &[u8]| {
        text.iter().any(|byte| matches!(byte, b'$' | b'{' | b'<' | b'>' | b'[' | b']' | b'(' | b' ' | b'*' | b'|'))
    };
    if foreign(user)
        || password.starts_with(b"$")
        || password.iter().any(|b| matches!(b, b'{' | b'<' | b'(' | b'*' | b','))
        || host.is_empty()
        || foreign(host) && !host.starts_with(b"[")
    {
        return None;
    }
    let mut words = letters::words(user);
    words.extend(letters::words(part(&login.scheme)));
    let near = [
        "localhost",
        "127.0.0.1",
        "example",
        "host",
        "0.0.0.0",
        "server",
        "domain",
        "db",
        "postgres",
        "mysql",
        "redis",
        "mongo",
    ];
    let near =
        near.iter().any(|mark| host.starts_with(mark.as_bytes())) || memchr::memmem::find(host, b"example").is_some();
    let (confidence, reason) = match refusal(password, true, &words) {
        Some(why) if why.starts_with("filled") || why.starts_with("one") => return None,
        Some(why) => (Confidence::Low, why),
        None if page.kind.test && !is_noise(password, 8) => (Confidence::Low, "it is in a test or an example"),
        None if user == password => (Confidence::Low, "the password is the user"),
        None if password.len() < 4 => (Confidence::Low, "the password has three letters"),
        None if near && !is_noise(password, 6) && !is_mixed(password) => {
            (Confidence::Low, "the host is a stand-in and the password a word")
        }
        None => (Confidence::Medium, "the password is no stand-in"),
    };
    let reasons = vec!["a URL with a user and a password", reason];
    Some(Candidate {
        confidence,
        reasons,
        ..certain(login.password.clone(), login.password, "url-password", "password in a URL")
    })
}

/// Long, of capitals, small letters and digits: more than a word for a developer's machine.
fn is_mixed(password: &[u8]) -> bool {
    let made = Makeup::of(password);
    made.length >= 8 && made.lower > 0 && made.upper > 0 && made.digits > 0
}

/// `https://token@host`: a user without a password that is a token.
fn token_in_url(page: &Page, start: usize) -> Option<Candidate> {
    let (token, host) = url::token(page.text, start)?;
    let value = page.text.get(token.clone())?;
    let shown = page.text.get(host)?;
    let public = memchr::memmem::find(shown, b"sentry").is_some() || memchr::memmem::find(shown, b"ingest").is_some();
    if !is_token_like(value, 20)
        || refusal(value, true, &[]).is_some()
        || public
        || page.kind.recorded
        || page.kind.test
    {
        return None;
    }
    let reasons = vec!["a URL with a user that looks made by a machine"];
    Some(Candidate {
        confidence: Confidence::Medium,
        reasons,
        ..certain(token.clone(), token, "url-token", "token in a URL")
    })
}

fn private_key(page: &Page, start: usize) -> Option<Candidate> {
    let (head, body) = pem::private_key(page.text, start)?;
    let mut found = certain(head, body, "private-key", "private key");
    if page.kind.test {
        found.confidence = Confidence::Medium;
        found.reasons.push("it is in a test or an example");
    }
    Some(found)
}

/// A hash as crypt writes it: `$id$…$…`.
fn hash(page: &Page, start: usize) -> Option<Candidate> {
    let rest = page.text.get(start..page.text.len().min(start + 300))?;
    let length = rest
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'$' | b'.' | b'/' | b'=' | b',' | b'+')))
        .unwrap_or(rest.len());
    let whole = rest.get(..length)?;
    let last = whole.rsplit(|&b| b == b'$').next()?;
    let parts = whole.iter().filter(|&&b| b == b'$').count();
    if parts < 3 || last.len() < 22 || letters::surprise(last) < 5.8 || page.kind.recorded {
        return None;
    }
    let confidence = if page.kind.test || page.kind.prose { Confidence::Low } else { Confidence::Medium };
    let reasons = vec!["a password hash: weak passwords can be guessed from it"];
    Some(Candidate {
        confidence,
        reasons,
        ..certain(start..start + length, start..start + length, "password-hash", "password hash")
    })
}

/// `vault operator unseal KEY`: one of the shares of HashiCorp Vault's root key, in base64 or hexadecimal.
fn unseal(page: &Page, end: usize) -> Option<Candidate> {
    let range = header::bearer(page.text, end)?;
    let value = page.text.get(range.clone())?;
    let is_share = value.len() >= 40 && is_token_like(value, 40) && refusal(value, true, &[]).is_none();
    is_share.then(|| Candidate {
        provider: Cow::Borrowed("HashiCorp"),
        confidence: if page.kind.test { Confidence::Low } else { Confidence::Medium },
        reasons: vec!["it follows unseal", "the value looks made by a machine"],
        ..certain(range.clone(), range, "vault-unseal-key", "unseal key")
    })
}

pub fn middle(page: &Page, start: usize, end: usize) -> Option<Candidate> {
    let terraform = page.text.get(start..end)? == b".atlasv1.";
    let takes = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-') || !terraform && matches!(b, b'~' | b'.');
    let (before, after) = if terraform { (14, 60..=80) } else { (4, 31..=34) };
    let from = start.checked_sub(before)?;
    let head = page.text.get(from..start)?;
    let tail = page.text.get(end..page.text.len().min(end + 90))?.iter().take_while(|&&b| takes(b)).count();
    let edge = from.checked_sub(1).and_then(|i| page.text.get(i)).is_some_and(|&b| takes(b));
    let digit = terraform || head.last().is_some_and(u8::is_ascii_digit);
    if edge || !digit || !after.contains(&tail) || !head.iter().all(|&b| takes(b)) {
        return None;
    }
    let range = from..end + tail;
    let (rule, provider, what) = if terraform {
        ("terraform-cloud-token", "HashiCorp", "Terraform Cloud token")
    } else {
        ("azure-ad-secret", "Microsoft Azure", "client secret")
    };
    Some(Candidate { provider: Cow::Borrowed(provider), ..certain(range.clone(), range, rule, what) })
}

/// A private key that was written in base64 once more.
pub fn encoded_key(page: &Page, start: usize) -> Option<Candidate> {
    let range = pem::encoded(page.text, start)?;
    Some(certain(range.clone(), range, "private-key", "private key in base64"))
}

/// A token of three parts, also when it is split over neighbouring strings.
pub fn web_token(page: &Page, start: usize) -> Option<Candidate> {
    let (joined, end) = page.joined(start);
    let reading = jwt::read(&joined, page.now).or_else(|| jwt::read(&page.joined_by_dots(start).0, page.now))?;
    let mut found = certain(start..end, start..end, reading.rule, reading.what);
    found.provider = Cow::Borrowed(reading.provider);
    found.confidence = reading.confidence;
    found.reasons = vec![reading.reason];
    if found.confidence == Confidence::Medium && (page.kind.recorded || page.kind.test) {
        found.confidence = Confidence::Low;
        found.reasons.push("it is in a test or a recording");
    }
    Some(found)
}
