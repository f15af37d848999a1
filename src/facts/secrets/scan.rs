//! The scanner: one pass for long runs, one for words, then judgement, order and redaction.

use super::assign::Tie;
use super::catalogue::{Catalogue, Pattern, Proof, Weight};
use super::checksum;
use super::files::Kind;
use super::generic::{Claim, judge};
use super::letters::{self, is_run};
use super::name::Name;
use super::redact::{self, Salt};
use super::{Allowance, Confidence, Hit, keys, runs, shape, value, words};
use std::borrow::Cow;
use std::ops::Range;

/// More finds in one file than anybody will read.
const MOST: usize = 1000;

/// A find on its way to becoming a hit. It knows ranges only, never the text.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub place: usize,
    pub value: Range<usize>,
    pub rule: &'static str,
    pub provider: Cow<'static, str>,
    pub what: &'static str,
    pub confidence: Confidence,
    pub reasons: Vec<&'static str>,
    /// By its own form rather than by its name.
    pub specific: bool,
}

/// The text that is scanned, with what is known about it.
#[derive(Debug)]
pub struct Page<'a> {
    pub text: &'a [u8],
    pub kind: Kind,
    /// Seconds since 1970.
    pub now: i64,
}

/// Finds secrets in files. It knows no clock: whoever makes it says what time it is.
#[derive(Debug, Clone, Default)]
pub struct Scanner {
    salt: Salt,
    now: i64,
}

impl Scanner {
    pub fn new(salt: Salt, now: i64) -> Self {
        Self { salt, now }
    }

    /// The secrets in a file, in the order of their places. Text in UTF-16 is read as such; other binary files are not.
    pub fn scan(&self, path: &str, bytes: &[u8]) -> Vec<Hit> {
        match as_text(bytes) {
            Some(text) => self.hits(path, &text),
            None => Vec::new(),
        }
    }

    /// The secrets in a part of a file whose first line has this number.
    pub fn part(&self, path: &str, bytes: &[u8], first_line: u32) -> Vec<Hit> {
        let mut hits = self.hits(path, bytes);
        for hit in &mut hits {
            hit.line = hit.line.saturating_add(first_line.saturating_sub(1));
        }
        hits
    }

    fn hits(&self, path: &str, text: &[u8]) -> Vec<Hit> {
        let page = Page { text, kind: Kind::of(path), now: self.now };
        let mut found = page.candidates();
        if found.is_empty() {
            return Vec::new();
        }
        found.sort_by_key(|candidate| {
            (candidate.value.start, !candidate.specific, std::cmp::Reverse(candidate.confidence))
        });
        let chosen = without_overlaps(found);
        let (mut line, mut line_start, mut seen) = (1u32, 0, 0);
        let mut hits: Vec<Hit> = Vec::with_capacity(chosen.len().min(MOST));
        for candidate in chosen.into_iter().take(MOST) {
            for newline in memchr::memchr_iter(b'\n', text.get(seen..candidate.place).unwrap_or_default()) {
                line += 1;
                line_start = seen + newline + 1;
            }
            seen = candidate.place.max(seen);
            let before = String::from_utf8_lossy(text.get(line_start..candidate.place).unwrap_or_default());
            let secret = text.get(candidate.value.clone()).unwrap_or_default();
            hits.push(Hit {
                line,
                column: before.chars().count() as u32 + 1,
                rule: candidate.rule,
                provider: candidate.provider,
                what: candidate.what,
                confidence: candidate.confidence,
                redacted: redact::redacted(secret),
                fingerprint: redact::fingerprint(&self.salt, candidate.rule, secret),
                reasons: candidate.reasons,
                allowed: page.allowance(candidate.place),
                range: candidate.place..candidate.value.end.max(candidate.place),
            });
        }
        hits
    }
}

/// The bytes as text: as they are, or out of UTF-16; `None` for a binary file.
fn as_text(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let decode =
        |encoding: &'static encoding_rs::Encoding| Some(Cow::Owned(encoding.decode(bytes).0.into_owned().into_bytes()));
    match bytes {
        [0xff, 0xfe, ..] => decode(encoding_rs::UTF_16LE),
        [0xfe, 0xff, ..] => decode(encoding_rs::UTF_16BE),
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => decode(encoding_rs::UTF_16LE),
        _ if memchr::memchr(0, bytes.get(..8192).unwrap_or(bytes)).is_some() => None,
        _ => Some(Cow::Borrowed(bytes)),
    }
}

/// Of candidates that share bytes the one with the surest form; `found` is in order of places.
fn without_overlaps(found: Vec<Candidate>) -> Vec<Candidate> {
    let mut chosen: Vec<Candidate> = Vec::with_capacity(found.len());
    for candidate in found {
        match chosen.last_mut() {
            Some(last) if candidate.value.start < last.value.end => {
                let better = (candidate.confidence, candidate.specific) > (last.confidence, last.specific);
                if better {
                    *last = candidate;
                }
            }
            _ => chosen.push(candidate),
        }
    }
    chosen
}

impl Page<'_> {
    fn candidates(&self) -> Vec<Candidate> {
        let mut found = Vec::new();
        runs::each(self.text, |start, end| self.run(start, end, &mut found));
        if !self.kind.digests {
            let mut past = 0;
            words::calls(self.text, |start, end, call| {
                if start < past || found.len() > 4 * MOST {
                    return;
                }
                if let Some(candidate) = keys::follow(self, start, end, call) {
                    past = candidate.value.end;
                    found.push(candidate);
                }
            });
        }
        found
    }

    fn byte(&self, index: usize) -> u8 {
        self.text.get(index).copied().unwrap_or(0)
    }

    /// What a long run of token characters is, if anything.
    fn run(&self, start: usize, end: usize, found: &mut Vec<Candidate>) {
        if found.len() > 4 * MOST {
            return;
        }
        let start = self.past_escape(start);
        if let Some(candidate) = self.with_prefix(start) {
            found.push(candidate);
            return;
        }
        let run = self.text.get(start..end).unwrap_or_default();
        if run.starts_with(b"eyJ") {
            if let Some(candidate) = keys::web_token(self, start) {
                found.push(candidate);
                return;
            }
        }
        if run.starts_with(b"LS0tLS1CRUdJTi") {
            found.extend(keys::encoded_key(self, start));
            return;
        }
        if run.len() < runs::LEAST || !run.iter().any(u8::is_ascii_digit) {
            return;
        }
        let head = run.get(..run.len().min(40)).unwrap_or(run);
        if letters::surprise(head) < 5.6 {
            return;
        }
        if let Some(candidate) = self.telegram(start, end).or_else(|| self.floating(start)) {
            found.push(candidate);
        } else if !self.kind.digests && !self.kind.recorded {
            found.extend(self.named_by_itself(start, end).or_else(|| self.beside_a_name(start, end)));
        }
    }

    /// `\n`, `%3D` and the like just before a token are not part of it.
    fn past_escape(&self, start: usize) -> usize {
        let before = start.checked_sub(1).map_or(0, |i| self.byte(i));
        match before {
            b'\\' if matches!(self.byte(start), b'n' | b't' | b'r') => start + 1,
            b'%' if self.byte(start).is_ascii_hexdigit() && self.byte(start + 1).is_ascii_hexdigit() => start + 2,
            _ => start,
        }
    }

    /// A token that begins with its provider's mark; marks may hold dots, colons and slashes.
    fn with_prefix(&self, start: usize) -> Option<Candidate> {
        let mut begin = start;
        loop {
            if let Some(candidate) = self.catalogued(begin) {
                return Some(candidate);
            }
            let before = begin.checked_sub(1).map(|i| self.byte(i))?;
            if !matches!(before, b'.' | b':' | b'~' | b'/' | b'+') || start - begin > 24 {
                return None;
            }
            begin -= 1;
            while begin > 0 && start - begin < 40 && is_run(self.byte(begin - 1)) {
                begin -= 1;
            }
        }
    }

    fn catalogued(&self, begin: usize) -> Option<Candidate> {
        let text = self.text.get(begin..)?;
        Catalogue::get().starting(text).find_map(|pattern| self.matched(pattern, begin))
    }

    fn floating(&self, begin: usize) -> Option<Candidate> {
        let catalogue = Catalogue::get();
        let patterns = catalogue.floating.iter().filter_map(|&index| catalogue.patterns.get(index));
        patterns.into_iter().find_map(|pattern| self.matched(pattern, begin))
    }

    fn matched(&self, pattern: &'static Pattern, begin: usize) -> Option<Candidate> {
        let rest = self.text.get(begin..)?;
        let length = shape::matched(pattern.shape, rest)?;
        let token = rest.get(..length)?;
        let prefix = shape::prefix(pattern.shape).len();
        let body = token.get(prefix..)?;
        if !pattern.holds.is_empty() && memchr::memmem::find(token, pattern.holds.as_bytes()).is_none() {
            return None;
        }
        let wordy = value::is_wordy(body);
        if value::is_made_up(body) || !pattern.near.is_empty() && !self.is_near(begin, &pattern.near) {
            return None;
        }
        if self.is_scope(begin, begin + length) {
            return None;
        }
        let mut reasons = vec!["its form is its provider's own"];
        let mut confidence = match pattern.weight {
            Weight::High => Confidence::High,
            Weight::Medium => Confidence::Medium,
            Weight::Low => Confidence::Low,
        };
        match checksum::proven(pattern.proof, prefix, token) {
            Some(true) => reasons.push("its checksum is right"),
            Some(false) => {
                reasons.push("its checksum is wrong: it looks invented");
                confidence = confidence.min(Confidence::Medium);
            }
            None => {}
        }
        if wordy {
            reasons.push("it is made of words");
            confidence = confidence.min(if pattern.floating || !shape::is_fixed(pattern.shape) {
                Confidence::Low
            } else {
                Confidence::Medium
            });
        }
        if self.kind.recorded && confidence < Confidence::High {
            confidence = Confidence::Low;
        }
        if self.kind.test {
            reasons.push("it is in a test or an example");
            let certain = pattern.proof == Proof::None || checksum::proven(pattern.proof, prefix, token) == Some(true);
            confidence = confidence.min(if certain { Confidence::Medium } else { Confidence::Low });
        }
        Some(Candidate {
            place: begin,
            value: begin..begin + length,
            rule: pattern.id,
            provider: Cow::Borrowed(pattern.provider.name),
            what: pattern.what,
            confidence,
            reasons,
            specific: true,
        })
    }

    /// The id in a signed URL (`X-Amz-Credential=AKIA…%2F20260720%2F…`) is told to everybody.
    fn is_scope(&self, begin: usize, end: usize) -> bool {
        let after = self.text.get(end..).unwrap_or_default();
        let before = self.before(begin, 12);
        before.ends_with(b"Credential=")
            || before.ends_with(b"AccessKeyId=")
            || after.starts_with(b"%2F20")
            || after.starts_with(b"/20")
    }

    /// One of these words stands on the line, before the place.
    fn is_near(&self, place: usize, words: &[&str]) -> bool {
        let line = self.before(place, 120).to_ascii_lowercase();
        words.iter().any(|word| memchr::memmem::find(&line, word.as_bytes()).is_some())
    }

    /// The bytes of the line before a place, at most so many.
    fn before(&self, place: usize, most: usize) -> &[u8] {
        let from = place.saturating_sub(most);
        let part = self.text.get(from..place).unwrap_or_default();
        memchr::memrchr(b'\n', part).map_or(part, |newline| part.get(newline + 1..).unwrap_or_default())
    }

    /// `123456789:AA…`: the token of a Telegram bot.
    fn telegram(&self, start: usize, end: usize) -> Option<Candidate> {
        let run = self.text.get(start..end)?;
        if !run.starts_with(b"AA") || !(34..=36).contains(&run.len()) || self.byte(start.checked_sub(1)?) != b':' {
            return None;
        }
        let digits = self.before(start - 1, 12).iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let from = (start - 1).checked_sub(digits)?;
        let edge = from.checked_sub(1).is_some_and(|i| self.byte(i).is_ascii_alphabetic())
            && !self.before(from, 4).ends_with(b"bot");
        ((8..=10).contains(&digits) && !edge).then(|| Candidate {
            place: from,
            value: from..end,
            rule: "telegram-bot-token",
            provider: Cow::Borrowed("Telegram"),
            what: "bot token",
            confidence: Confidence::High,
            reasons: vec!["its form is its provider's own"],
            specific: true,
        })
    }

    /// `provider-secret-…`: a run whose first parts are a name, and whose rest looks made by a machine.
    fn named_by_itself(&self, start: usize, end: usize) -> Option<Candidate> {
        const MARKS: [&str; 14] = [
            "sk",
            "live",
            "prod",
            "production",
            "sandbox",
            "staging",
            "secret",
            "token",
            "key",
            "apikey",
            "pat",
            "rk",
            "access",
            "private",
        ];
        let run = self.text.get(start..end)?;
        let parts = run.iter().enumerate().filter(|(_, b)| matches!(b, b'-' | b'_')).map(|(at, _)| at);
        for at in parts.take(4) {
            let (head, tail) = (run.get(..at)?, run.get(at + 1..)?);
            if tail.len() < 20 {
                return None;
            }
            let name = Name::read(head);
            let marked = name.words.last().is_some_and(|word| MARKS.contains(&word.as_str())) || name.provider;
            let whole = !tail.iter().any(|b| matches!(b, b'-' | b'_')) || letters::is_uuid(tail);
            if head.len() >= 2
                && marked
                && whole
                && (value::is_token_like(tail, 20)
                    || letters::is_uuid(tail)
                        && (name.strength >= super::name::Strength::Token
                            || name.ends_in_provider && name.words.len() == 1))
                && value::refusal(run, true, &[]).is_none()
            {
                let reasons = vec!["it begins with a name that says so", "the rest looks made by a machine"];
                let what = "token with a prefix";
                let kept = letters::surprise(head) > 6.6
                    || Catalogue::get().is_near_miss(run)
                    || name.words.iter().any(|word| {
                        matches!(word.as_str(), "public" | "pk" | "pub" | "publishable" | "sha" | "commit" | "id")
                    });
                return (!kept).then(|| Candidate {
                    place: start,
                    value: start..end,
                    rule: "prefixed-token",
                    provider: Cow::Borrowed("generic"),
                    what,
                    confidence: if self.kind.test { Confidence::Low } else { Confidence::Medium },
                    reasons,
                    specific: false,
                });
            }
        }
        None
    }

    /// A run that looks made by a machine, judged by the name or the provider before it.
    fn beside_a_name(&self, start: usize, end: usize) -> Option<Candidate> {
        let takes = |b: u8| is_run(b) || matches!(b, b'+' | b'/' | b'=' | b'.' | b'~');
        let (mut from, mut to) = (start, end);
        while from > 0 && start - from < 128 && takes(self.byte(from - 1)) && self.byte(from - 1) != b'=' {
            from -= 1;
        }
        while to < self.text.len() && to - end < 1024 && takes(self.byte(to)) {
            to += 1;
        }
        let text = self.text.get(from..to)?;
        if !value::is_token_like(text, runs::LEAST) || memchr::memmem::find(text, b"//").is_some() {
            return None;
        }
        let before = match self.before(from, 100) {
            [] => self.line_above(from, to).unwrap_or_default(),
            before => before,
        };
        let glue = before
            .iter()
            .rev()
            .take(16)
            .take_while(|&&b| !(b.is_ascii_alphanumeric() || matches!(b, b'#' | b'@' | b'/' | b'$' | b'%' | b'|')))
            .count();
        let quoted = before.last().is_some_and(|b| matches!(b, b'"' | b'\'' | b'`'))
            && matches!(self.byte(to), b'"' | b'\'' | b'`' | b'\\');
        let (quoted, phrase) = if self.before(from, 1).is_empty() {
            (false, before)
        } else if glue == 0 {
            return None;
        } else {
            (quoted, self.phrase_before(from - glue))
        };
        let name = Name::read(phrase);
        let claim = Claim { name: &name, value: text, quoted, tie: Tie::Sets, kind: self.kind };
        Some(keys::judged(from..to, judge(&claim)?))
    }

    /// The line above a value that stands alone on its line: its caption.
    fn line_above(&self, from: usize, to: usize) -> Option<&[u8]> {
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

    /// A line as in `.netrc`, or of a router's settings.
    pub fn is_login_line(&self, place: usize) -> bool {
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
    fn allowance(&self, place: usize) -> Option<Allowance> {
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
