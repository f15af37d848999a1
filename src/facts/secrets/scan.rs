//! The scanner: one pass for long runs, one for words, then judgement, order and redaction.

use super::catalogue::Catalogue;
use super::files::Kind;
use super::redact::{self, Salt};
use super::{Confidence, Hit};
use std::borrow::Cow;
use std::ops::Range;

/// More finds in one file than anybody will read.
pub const MOST: usize = 1000;

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
            let candidate = weighed(candidate, secret);
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

/// What everybody can read in a documentation is nobody's secret, whatever it looks like.
fn weighed(mut candidate: Candidate, secret: &[u8]) -> Candidate {
    if Catalogue::get().is_sample(secret) {
        candidate.confidence = Confidence::Low;
        candidate.reasons.push("everybody can read it in a documentation");
    }
    candidate
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
