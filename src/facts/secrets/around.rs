//! What stands around a place in a text: its line, its name, the literals beside it, a mark that allows it.

use super::Allowance;
use super::assign::Assignment;
use super::letters::is_run;
use super::scan::Page;
use std::ops::Range;

impl Page<'_> {
    /// The bytes of the line before a place, at most so many.
    pub fn before(&self, place: usize, most: usize) -> &[u8] {
        let from = place.saturating_sub(most);
        let part = self.text.get(from..place).unwrap_or_default();
        memchr::memrchr(b'\n', part).map_or(part, |newline| part.get(newline + 1..).unwrap_or_default())
    }

    /// The line above a value that stands alone on its line: its caption.
    pub fn line_above(&self, from: usize, to: usize) -> Option<&[u8]> {
        let alone = matches!(self.byte(to), b'\n' | b'\r' | 0);
        let above = from.checked_sub(1).map(|newline| self.before(newline, 60))?;
        (alone && above.len() < 40 && !above.starts_with(b"--")).then_some(above.trim_ascii_end())
    }

    /// The words of the line that end at a place: a name, and up to a few words before it.
    pub fn phrase_before(&self, end: usize) -> &[u8] {
        let before = self.before(end, 60);
        let takes = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b' ' | b'\'');
        let length = before.iter().rev().take_while(|b| takes(b)).count();
        let phrase = before.get(before.len() - length..).unwrap_or_default();
        // Four words at most: beyond is prose.
        let blanks = phrase.iter().enumerate().rev().filter(|(_, b)| **b == b' ').map(|(at, _)| at);
        blanks.into_iter().nth(3).map_or(phrase, |at| phrase.get(at..).unwrap_or_default())
    }

    /// A user is named on the line or on the one before: what follows is that user's.
    pub fn is_beside_user(&self, place: usize) -> bool {
        let above = self.text.get(place.saturating_sub(120)..place).unwrap_or_default().to_ascii_lowercase();
        let lines =
            memchr::memrchr_iter(b'\n', &above).nth(1).map_or(&above[..], |at| above.get(at..).unwrap_or_default());
        [&b"user"[..], b"uid", b"login", b"account"].iter().any(|word| memchr::memmem::find(lines, word).is_some())
    }

    /// `password: see the notes`: a value without quotes that is the first word of several.
    pub fn begins_prose(&self, found: &Assignment) -> bool {
        let told = self.text.get(found.name.end..found.value.start).is_some_and(|tie| tie.trim_ascii() == b":");
        let after = self.text.get(found.value.end..self.text.len().min(found.value.end + 24)).unwrap_or_default();
        let line = after.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let next = line.strip_prefix(b" ").map(<[u8]>::trim_ascii_start).unwrap_or_default();
        told && next.first().is_some_and(u8::is_ascii_alphabetic)
    }

    /// What a shell or compose takes where a variable is not set: `${DB_PASSWORD:-word}`.
    pub fn is_fallback(&self, place: usize) -> bool {
        let line = self.before(place, 120);
        let Some(open) = memchr::memmem::rfind(line, b"${") else { return false };
        let inside = line.get(open + 2..).unwrap_or_default();
        let name = inside.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        // The sign before the word may have been taken for its first letter.
        name > 0 && matches!(inside.get(name..), Some(b":-" | b":=" | b"-" | b"=" | b":"))
    }

    /// A line as in `.netrc`, or of a router's settings.
    pub fn is_login_line(&self, place: usize) -> bool {
        let above = self.text.get(place.saturating_sub(120)..place).unwrap_or_default();
        if memchr::memmem::find(above, b"machine ").is_some() {
            return true;
        }
        let line = self.before(place, 160).to_ascii_lowercase();
        [&b"machine "[..], b"login ", b"enable ", b"username ", b"set ", b"requirepass", b"user "]
            .iter()
            .any(|word| memchr::memmem::find(&line, word).is_some())
    }

    /// The whole run around a place.
    pub fn run_at(&self, place: usize) -> Range<usize> {
        let (mut start, mut end) = (place, place);
        while start > 0 && place - start < 4096 && (is_run(self.byte(start - 1)) || self.byte(start - 1) == b'.') {
            start -= 1;
        }
        while end < self.text.len() && end - place < 4096 && (is_run(self.byte(end)) || self.byte(end) == b'.') {
            end += 1;
        }
        start..end
    }

    /// The token at a place, put together over neighbouring string literals; and where it ends.
    pub fn joined(&self, start: usize) -> (Vec<u8>, usize) {
        self.join(start, &[])
    }

    /// As [`Self::joined`], with a dot between the literals.
    pub fn joined_by_dots(&self, start: usize) -> (Vec<u8>, usize) {
        self.join(start, b".")
    }

    fn join(&self, start: usize, between: &[u8]) -> (Vec<u8>, usize) {
        let (mut token, mut i, mut end) = (Vec::new(), start, start);
        while token.len() < 4096 {
            let byte = self.byte(i);
            if is_run(byte) || byte == b'.' {
                token.push(byte);
                i += 1;
                end = i;
                continue;
            }
            let glue = self.glue(i);
            if glue == 0 {
                break;
            }
            token.extend_from_slice(between);
            i += glue;
        }
        (token, end)
    }

    /// The length of what ends one literal and begins the next, 0 where there is no next one.
    fn glue(&self, from: usize) -> usize {
        let is_quote = |b: u8| matches!(b, b'"' | b'\'' | b'`');
        if !is_quote(self.byte(from)) {
            return 0;
        }
        let mut i = from + 1;
        while i < from + 64
            && (self.byte(i).is_ascii_whitespace()
                || matches!(self.byte(i), b'+' | b'.' | b',' | b'\\' | b'&' | b'(' | b')'))
        {
            i += 1;
        }
        let joins = is_quote(self.byte(i)) && (is_run(self.byte(i + 1)) || self.byte(i + 1) == b'.') && i > from + 1;
        if joins { i + 1 - from } else { 0 }
    }

    /// A mark on the line (or the one before) that allows what is found there.
    pub fn allowance(&self, place: usize) -> Option<Allowance> {
        let start = memchr::memrchr(b'\n', self.text.get(..place)?).map_or(0, |at| at + 1);
        let from = memchr::memrchr(b'\n', self.text.get(..start.saturating_sub(1))?)
            .map_or(0, |at| at + 1)
            .max(start.saturating_sub(400));
        let rest = self.text.get(place..self.text.len().min(place + 4096))?;
        let end = place + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = self.text.get(start.max(place.saturating_sub(2000))..end)?;
        let own = |part: &[u8]| {
            let at = memchr::memmem::find(part, b"mx-prod-gate: allow(no-secrets)")? + 31;
            let reason = part.get(at..).unwrap_or_default();
            let reason = reason.get(..memchr::memchr(b'\n', reason).unwrap_or(reason.len())).unwrap_or_default();
            let reason = String::from_utf8_lossy(reason)
                .trim()
                .trim_end_matches("*/")
                .trim_end_matches("-->")
                .trim()
                .chars()
                .take(120)
                .collect();
            Some(Allowance { by: "mx-prod-gate", reason })
        };
        if let Some(allowance) = own(line).or_else(|| own(self.text.get(from..start)?)) {
            return Some(allowance);
        }
        const OTHERS: [(&str, &str); 6] = [
            ("gitleaks:allow", "gitleaks"),
            ("pragma: allowlist secret", "detect-secrets"),
            ("betterleaks:allow", "betterleaks"),
            ("trufflehog:ignore", "trufflehog"),
            ("kingfisher:ignore", "kingfisher"),
            ("nosecret", "ggshield"),
        ];
        OTHERS
            .iter()
            .find(|(mark, _)| memchr::memmem::find(line, mark.as_bytes()).is_some())
            .map(|(_, by)| Allowance { by, reason: String::new() })
    }
}
