//! Passwords that a command, a call or a statement takes at a known place, and hooks whose address is their secret.

use super::assign::{self, Tie};
use super::generic::{Claim, Verdict, judge};
use super::keys::{certain, judged};
use super::name::{Name, Strength};
use super::scan::{Candidate, Page};
use super::value::{is_made_up, is_noise, is_repetitive, is_token_like};

pub fn sql(page: &Page, after: usize) -> Option<Candidate> {
    let rest = page.text.get(after..page.text.len().min(after + 24))?;
    let open = rest.iter().position(|byte| matches!(byte, b'\'' | b'"'))?;
    let found = assign::read_string(page.text, after + open)?;
    let value = page.text.get(found.clone())?;
    let name = Name { strength: Strength::Password, provider: false, ends_in_provider: false, words: Vec::new() };
    let claim = Claim { name: &name, value, quoted: true, tie: Tie::Sets, kind: page.kind };
    Some(judged(found, Verdict { rule: "sql-password", what: "database password", ..judge(&claim)? }))
}

/// `curl -u user:password`, `sshpass -p password`, `redis-cli -a password`, `docker login -u user -p password`, `psexec -p password`, `net use … /user:name password`.
pub fn command(page: &Page, after: usize) -> Option<Candidate> {
    let rest = page.text.get(after..page.text.len().min(after + 400))?;
    let ends = |&at: &usize| at == 0 || rest.get(at - 1) != Some(&b'\\');
    let line = rest.get(..memchr::memchr_iter(b'\n', rest).find(ends).unwrap_or(rest.len()))?;
    let mut words = line.split(|b| b.is_ascii_whitespace());
    let name = Name { strength: Strength::Password, provider: false, ends_in_provider: false, words: Vec::new() };
    while let Some(word) = words.next() {
        let value = match word {
            b"-u" | b"--user" | b"--proxy-user" => {
                words.next().and_then(|login| login.splitn(2, |&b| b == b':').nth(1))
            }
            b"-p" | b"-P" | b"-a" | b"--pass" => words.next(),
            _ if word.starts_with(b"-p") && !word.starts_with(b"-po") && word.len() > 5 => word.get(2..),
            _ if word.to_ascii_lowercase().starts_with(b"/user:") => words.next(),
            _ => None,
        };
        let Some(value) = value else { continue };
        let end = value.iter().rposition(|b| !matches!(b, b'`' | b',' | b';' | b')' | b'.')).map_or(0, |at| at + 1);
        let trimmed: &[u8] = value.get(..end).unwrap_or_default().trim_ascii();
        let trimmed = trimmed.strip_prefix(b"'").or(trimmed.strip_prefix(b"\"")).unwrap_or(trimmed);
        let trimmed = trimmed.strip_suffix(b"'").or(trimmed.strip_suffix(b"\"")).unwrap_or(trimmed);
        if trimmed.len() < 4
            || trimmed.iter().all(u8::is_ascii_digit)
            || trimmed.contains(&b'/') && !is_noise(trimmed, 10)
            || trimmed.contains(&b'=') && !trimmed.ends_with(b"=")
        {
            continue;
        }
        // The words are slices of the page, so their distance is an offset into it.
        let at = (trimmed.as_ptr() as usize).checked_sub(page.text.as_ptr() as usize)?;
        let claim = Claim { name: &name, value: trimmed, quoted: true, tie: Tie::Flag, kind: page.kind };
        let Some(verdict) = judge(&claim) else { continue };
        return Some(judged(
            at..at + trimmed.len(),
            Verdict { rule: "command-password", what: "password on a command line", ..verdict },
        ));
    }
    None
}

/// `NetworkCredential("user", "password")`, `connect("host", "user", "password")`, `ConvertTo-SecureString "password"`.
pub fn argument(page: &Page, start: usize, end: usize) -> Option<Candidate> {
    let word = page.text.get(start..end)?;
    let wanted = match word {
        b"connect(" => 3,
        b"SecureString" => 1,
        _ => 2,
    };
    let rest = page.text.get(end..page.text.len().min(end + 300))?;
    let line = rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len()))?;
    let mut at = end;
    for place in 1..=wanted {
        let gap = page.text.get(at..end + line.len())?;
        let open = gap.iter().position(|byte| matches!(byte, b'"' | b'\''))?;
        let between = gap.get(..open)?;
        let allowed = |b: &u8| {
            b.is_ascii_whitespace()
                || matches!(b, b'(' | b',' | b':' | b'n' | b'e' | b'w' | b']')
                || place == 1 && b.is_ascii_alphabetic()
                || *b == b'-'
        };
        if !between.iter().all(allowed) {
            return None;
        }
        let found = assign::read_string(page.text, at + open)?;
        if place == wanted {
            let name =
                Name { strength: Strength::Password, provider: false, ends_in_provider: false, words: Vec::new() };
            let claim = Claim {
                name: &name,
                value: page.text.get(found.clone())?,
                quoted: true,
                tie: Tie::Calls,
                kind: page.kind,
            };
            return Some(judged(found, judge(&claim)?));
        }
        at = found.end + 1;
    }
    None
}

/// The path of a hook with an unguessable part.
pub fn hook(page: &Page, after: usize) -> Option<Candidate> {
    let rest = page.text.get(after..page.text.len().min(after + 300))?;
    let length = rest
        .iter()
        .position(|b| {
            !(b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'@' | b'?' | b'=' | b'&' | b'%' | b'.'))
        })
        .unwrap_or(rest.len());
    let path = rest.get(..length)?;
    let secret = path.split(|&b| b == b'/').rfind(|part| {
        part.len() >= 16 && is_token_like(part, 16) || part.len() >= 6 && is_noise(part, 6) && path.len() > 20
    })?;
    if is_repetitive(secret) || is_made_up(secret) {
        return None;
    }
    Some(certain(after..after + 1, after..after + length, "webhook-url", "webhook address"))
}
