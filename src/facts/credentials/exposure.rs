//! Where source lets a credential out: literals, and what is written to a log.

use super::source::{SIGNS, code_lines, pattern};
use super::{Credentials, Fault, Name};
use crate::evidence::Blob;
use crate::facts::secret_value;
use base64::Engine;
use regex::Regex;
use std::sync::{Arc, LazyLock};

/// An address with a credential as one of its query's values, built from a variable.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)\b([A-Za-z_][\w.]*)\s*(?::\s*\w+\s*)?:?=\s*[^=].*[?&](?:\w*_?(?:api_?key|hapikey|access_?token|token|apikey)|key)=(?:\$?\{|["']\s*\+|%s|#\{)"#,
    )
});

/// A variable that holds an address with a credential in it, on the lines behind its assignment.
pub(super) struct Tainted {
    pub(super) name: String,
    lines: std::ops::RangeInclusive<u32>,
}

/// A variable of the same name that far below is another one: functions are shorter.
const REACH: u32 = 40;

pub(super) fn tainted(blob: &Arc<Blob>) -> Vec<Tainted> {
    let lines = code_lines(blob).filter(|(_, line)| line.contains('=') && SIGNS.is_match(*line));
    let starts: Vec<(String, u32)> =
        lines.filter_map(|(at, line)| Some((ADDRESS.captures(line)?[1].to_owned(), at))).collect();
    let end = |name: &str, start: u32| {
        let gives = |line: &str| {
            line.split_once('=').is_some_and(|(left, _)| left.trim_end_matches([':', ' ']).ends_with(name))
        };
        let near = code_lines(blob).filter(|(at, _)| *at > start && *at <= start + REACH);
        near.into_iter().find(|(_, line)| gives(line)).map_or(start + REACH, |(at, _)| at - 1)
    };
    starts.into_iter().map(|(name, start)| Tainted { lines: start..=end(&name, start), name }).collect()
}

impl Tainted {
    /// Whether a word of code on a line is this variable, or a part of it.
    fn is(&self, word: &str, number: u32) -> bool {
        let part = word.strip_prefix(self.name.as_str());
        self.lines.contains(&number) && part.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

static JWT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"eyJ[A-Za-z0-9_-]{8,}\.(eyJ[A-Za-z0-9_-]{8,})\.[A-Za-z0-9_-]{8,}"));
/// A name of a credential that is given a literal: `apiKey: "…"`, `API_KEY = '…'`, `process.env.X || "…"`.
static LITERAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"([A-Za-z_][\w.:-]*)["'\]\)]{0,3}\s*(?:[:=]{1,2}|:=|=>|\|\||\?\?|,|\bor\b)\s*["'`]([A-Za-z0-9_\-+/=.]{16,})["'`]"#,
    )
});
/// A literal behind `Bearer`.
static BEARER: LazyLock<Regex> = LazyLock::new(|| pattern(r#"["'`](?:Bearer|Token) ([A-Za-z0-9_\-+/=.]{20,})["'`]"#));

/// A class of settings for a developer's machine or for tests: `class Development(Config)`.
static DEVELOPMENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?:export\s+|public\s+)*class\s+\w*(?:Dev|Test|Local)(?:elopment|ing)?(?:[A-Z]\w*)?\b")
});
/// What shows readers of a schema how a value looks: `example: "Bearer …"`.
static EXAMPLE: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(?i)\bexamples?["']?\s*(?:[:=(]|=>)"#));

/// Whether the literals of a line are nobody's key, by what stands before it.
fn is_shown(blob: &Blob, number: u32, line: &str) -> bool {
    let before = blob.text().get(..blob.offset_of_line(number)).unwrap_or_default();
    let previous = before.lines().next_back().unwrap_or_default().trim_end();
    let leads = EXAMPLE.is_match(previous) && previous.ends_with([':', '=', '(', '>', '[']);
    // What begins at the margin is what the line stands in.
    let head =
        before.lines().rev().find(|line| !line.starts_with([' ', '\t', '}', ')', ']']) && !line.trim().is_empty());
    let is_inside = line.starts_with([' ', '\t']);
    EXAMPLE.is_match(line) || leads || is_inside && head.is_some_and(|head| DEVELOPMENT.is_match(head))
}

pub(super) fn literals(blob: &Arc<Blob>, number: u32, line: &str, into: &mut Credentials) {
    let named =
        LITERAL.captures_iter(line).any(|found| Name::new(&found[1]).is_api_credential() && looks_real(&found[2]));
    let bearer = BEARER.captures_iter(line).any(|found| looks_real(&found[1]));
    if (named || bearer || is_maintainx_key(line)) && !is_shown(blob, number, line) {
        into.faults
            .push(Fault { span: blob.line(number), note: "an API credential is a literal in the source".to_owned() });
    }
}

/// A JWT whose payload says that MaintainX made it for its API.
pub(super) fn is_maintainx_key(line: &str) -> bool {
    JWT.captures_iter(line).any(|found| {
        let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(found[1].trim_end_matches('='));
        payload.is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains("REST_API_AUTH"))
    })
}

/// Letters and digits mixed as keys mix them, and none of the marks of an example, a name or an address.
fn looks_real(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let words = value
        .split(['-', '_', '.', '/'])
        .filter(|word| word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        .count();
    digits >= 3 && letters >= 4 && words < 3 && !secret_value::is_placeholder(value) && !value.starts_with('/')
}

static LOG: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:\bconsole\.\w+|\bprint|\bpprint|\b\w*[lL]og(?:ger|ging)?\.\w+|\blog\.\w+|fmt\.Print\w*|System\.out\.print\w*|\bputs|Console\.Write\w*|\bSlog\w*|\bdd|var_dump|print_r)\s*\((.*)$",
    )
});
static STRINGS: LazyLock<Regex> = LazyLock::new(|| pattern(r#""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"#));
static INTERPOLATED: LazyLock<Regex> = LazyLock::new(|| pattern(r"\$?\{([^{}]*)\}|#\{([^{}]*)\}"));
static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Za-z_][\w.]*"));
/// What shows that only a part or the presence of it is written.
static MASKED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)mask|redact|\.length|\blen\(|slice\(|substr|\[:?-?\d+:?-?\d*\]|!!|boolean\(|bool\(|\bis None|=== ?undefined|fingerprint|hash|\? ?['\x22]|if .* else|\.(?:id|kid|expires\w*|iat|exp|used\w*|usage|count|name|type|scope)\b",
    )
});

pub(super) fn logs(blob: &Arc<Blob>, number: u32, line: &str, tainted: &[Tainted], into: &mut Credentials) {
    let Some(arguments) = LOG.captures(line).map(|found| found[1].to_owned()) else { return };
    if MASKED.is_match(&arguments) {
        return;
    }
    // Words in a message are prose; what is put into it, or stands beside it, is written.
    let mut code: String = INTERPOLATED
        .captures_iter(&arguments)
        .flat_map(|found| found.iter().skip(1).flatten().map(|part| format!(" {} ", part.as_str())).collect::<Vec<_>>())
        .collect();
    let plain = STRINGS.replace_all(&arguments, " ");
    code.push_str(&plain.split('`').step_by(2).collect::<Vec<_>>().join(" "));
    let shown = WORD.find_iter(&code).any(|word| {
        let last = word.as_str().rsplit('.').next().unwrap_or_default();
        let name = Name::new(last);
        name.is_api_credential()
            && last.len() > 5
            && !matches!(last, "maintainx" | "credentials" | "Credentials" | "secret")
    });
    let address = WORD.find_iter(&code).any(|word| tainted.iter().any(|one| one.is(word.as_str(), number)));
    if address {
        into.faults.push(Fault {
            span: blob.line(number),
            note: "an address with an API credential in it is written to a log".to_owned(),
        });
    } else if shown {
        into.faults.push(Fault { span: blob.line(number), note: "an API credential is written to a log".to_owned() });
    }
}
