//! Finds the candidates of a text: what long runs are, and what words call for.

use super::assign::Tie;
use super::catalogue::{Catalogue, Pattern, Proof, Weight};
use super::generic::{Claim, judge};
use super::letters::{self, is_run};
use super::name::{Name, Strength};
use super::scan::{Candidate, MOST, Page};
use super::{Confidence, checksum, keys, pairs, runs, shape, value, words};
use std::borrow::Cow;

impl Page<'_> {
    pub fn candidates(&self) -> Vec<Candidate> {
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

    pub fn byte(&self, index: usize) -> u8 {
        self.text.get(index).copied().unwrap_or(0)
    }

    /// What a long run of token characters is, if anything.
    fn run(&self, start: usize, end: usize, found: &mut Vec<Candidate>) {
        if found.len() > 4 * MOST {
            return;
        }
        let start = self.past_escape(start);
        found.extend(pairs::twilio(self, start, end));
        if let Some(candidate) = self.with_prefix(start) {
            found.push(candidate);
            return;
        }
        let run = self.text.get(start..end).unwrap_or_default();
        if run.starts_with(b"eyJ")
            && let Some(candidate) = keys::web_token(self, start)
        {
            found.push(candidate);
            return;
        }
        if run.starts_with(b"LS0tLS1CRUdJTi") {
            found.extend(keys::encoded_key(self, start));
            return;
        }
        if run.len() < runs::LEAST || !run.iter().any(u8::is_ascii_digit) {
            return;
        }
        let (head, tail) = (run.get(..run.len().min(40)), run.get(run.len().saturating_sub(40)..));
        let is_spoken = |part: Option<&[u8]>| letters::surprise(part.unwrap_or(run)) < 5.6;
        if is_spoken(head) && (run.len() <= 40 || is_spoken(tail)) {
            return;
        }
        if self.before(start, 2) == b"Q~" {
            found.extend(keys::middle(self, start - 2, start));
            return;
        }
        if let Some(candidate) = self.telegram(start, end).or_else(|| self.floating(start, end - start)) {
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
            if !matches!(before, b'.' | b':' | b'~' | b'/' | b'+' | b'!') || start - begin > 24 {
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

    fn floating(&self, begin: usize, length: usize) -> Option<Candidate> {
        if length < 22 {
            return None;
        }
        let catalogue = Catalogue::get();
        let patterns = catalogue.floating.iter().filter_map(|&index| catalogue.patterns.get(index));
        patterns.into_iter().find_map(|pattern| self.matched(pattern, begin))
    }

    fn matched(&self, pattern: &'static Pattern, begin: usize) -> Option<Candidate> {
        let rest = self.text.get(begin..)?;
        let length = shape::matched(&pattern.parts, rest)?;
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
            confidence = confidence.min(if pattern.floating || !shape::is_fixed(&pattern.parts) {
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

    /// `123456789:AA…`: the token of a Telegram bot.
    fn telegram(&self, start: usize, end: usize) -> Option<Candidate> {
        let run = self.text.get(start..end)?;
        if !run.starts_with(b"AA") || !(34..=36).contains(&run.len()) || self.byte(start.checked_sub(1)?) != b':' {
            return None;
        }
        let digits = self.before(start - 1, 12).iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let from = (start - 1).checked_sub(digits)?;
        let edge = from.checked_sub(1).is_some_and(|i| self.byte(i).is_ascii_alphabetic())
            && !self.before(from, 4).ends_with(b"/bot");
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
            let marked = name.words.last().is_some_and(|word| MARKS.contains(&word.as_str()))
                || name.provider
                || name.strength >= Strength::Token;
            let whole = !tail.iter().any(|b| matches!(b, b'-' | b'_')) || letters::is_uuid(tail);
            if head.len() >= 2
                && marked
                && whole
                && (value::is_token_like(tail, 20)
                    || letters::is_uuid(tail)
                        && (name.strength >= Strength::Token || name.ends_in_provider && name.words.len() == 1))
                && value::refusal(run, true, &[]).is_none()
            {
                let reasons = vec!["it begins with a name that says so", "the rest looks made by a machine"];
                let what = "token with a prefix";
                let kept = letters::surprise(head) > 6.6
                    || Catalogue::get().is_near_miss(run)
                    || name.words.iter().any(|word| {
                        matches!(word.as_str(), "public" | "pk" | "pub" | "publishable" | "sha" | "commit" | "id")
                    });
                return (!kept).then_some(Candidate {
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
        // `%2F`, `%s`: only a part of the value, unless what follows is its padding.
        let after = self.text.get(to..).unwrap_or_default();
        if after.starts_with(b"%") && !after.starts_with(b"%3D") && !after.starts_with(b"%3d") {
            return None;
        }
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
        let tied = before.iter().rev().take(glue).any(|b| matches!(b, b'=' | b':' | b'"' | b'\'' | b'>' | b'(' | b'`'));
        let tie = if tied { Tie::Sets } else { Tie::Blank };
        if letters::is_uuid(text) && phrase.ends_with(b"_authToken") {
            return None;
        }
        let claim = Claim { name: &name, value: text, quoted, tie, kind: self.kind };
        Some(keys::judged(from..to, judge(&claim)?))
    }
}
