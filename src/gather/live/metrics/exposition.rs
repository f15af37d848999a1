//! Prometheus and OpenMetrics text, read strictly: every line has to be one of the format's.
//!
//! Own code, since of the crates one skips every line that it does not understand (an HTML page would pass) and the
//! other is under the LGPL, which a static binary under MIT cannot take in.

use std::collections::{BTreeMap, BTreeSet};

/// What an exposition holds.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Exposition {
    pub(super) is_openmetrics: bool,
    pub(super) samples: u64,
    pub(super) families: u64,
    /// The sums of the counters that were asked for, over all their labels.
    pub(super) counters: BTreeMap<String, f64>,
}

/// The suffixes under which one metric has several names.
const SUFFIXES: [&str; 7] = ["_total", "_count", "_sum", "_bucket", "_created", "_info", "_max"];

impl Exposition {
    /// The exposition, or the line that is none and why.
    pub(super) fn read(body: &[u8], must_end: bool, wanted: &[String]) -> Result<Self, String> {
        let text = std::str::from_utf8(body).map_err(|_| "it is no UTF-8 text".to_owned())?;
        let (mut told, mut families, mut has_ended) = (Self::default(), BTreeSet::new(), false);
        if !text.is_empty() && !text.ends_with('\n') && !text.ends_with("# EOF") {
            return Err("the last line is not ended: the text is cut off".to_owned());
        }
        for (index, line) in text.lines().enumerate() {
            let at = |reason: &str| format!("line {}: {reason}", index + 1);
            if has_ended {
                return Err(at("there is more after # EOF"));
            }
            let line = line.trim_matches([' ', '\t']);
            if line == "# EOF" {
                has_ended = true;
            } else if line.starts_with('#') {
                comment(line).map_err(|reason| at(&reason))?;
            } else if !line.is_empty() {
                let (name, value) = sample(line).map_err(|reason| at(&reason))?;
                told.samples += 1;
                told.count(&name, value, wanted);
                families.insert(family(&name).to_owned());
            }
        }
        if must_end && !has_ended {
            return Err("there is no # EOF, which OpenMetrics demands".to_owned());
        }
        told.is_openmetrics = has_ended;
        told.families = families.len() as u64;
        Ok(told)
    }

    fn count(&mut self, name: &str, value: f64, wanted: &[String]) {
        let is_same = |wanted: &str| {
            name == wanted || name.strip_prefix(wanted).is_some_and(|rest| matches!(rest, "_total" | "_count"))
        };
        for counter in wanted.iter().filter(|counter| is_same(counter)) {
            *self.counters.entry(counter.clone()).or_default() += if value.is_finite() { value } else { 0.0 };
        }
    }
}

fn family(name: &str) -> &str {
    SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name)
}

/// `# HELP name text`, `# TYPE name kind`, `# UNIT name unit`; any other comment is free.
fn comment(line: &str) -> Result<(), String> {
    let mut words = line.split_whitespace().skip(1);
    let (keyword, name, kind) = (words.next(), words.next(), words.next());
    match (keyword, name, kind) {
        (Some("TYPE"), Some(_), Some(kind)) => {
            let is_known = matches!(
                kind,
                "counter"
                    | "gauge"
                    | "histogram"
                    | "summary"
                    | "untyped"
                    | "unknown"
                    | "info"
                    | "stateset"
                    | "gaugehistogram"
            );
            if is_known { Ok(()) } else { Err("TYPE names no kind of metric".to_owned()) }
        }
        (Some("TYPE" | "HELP" | "UNIT"), None, _) | (Some("TYPE"), ..) => Err("a comment without a name".to_owned()),
        _ => Ok(()),
    }
}

/// `name{label="value",…} value [timestamp] [# exemplar]`; the name may stand quoted within the braces.
fn sample(line: &str) -> Result<(String, f64), String> {
    let end = line.find(|letter: char| letter == '{' || letter.is_whitespace()).ok_or("a name without a value")?;
    let (name, rest) = line.split_at(end);
    let mut name = name.to_owned();
    if !name.is_empty() && !is_name(&name, true) {
        return Err("that is no name of a metric".to_owned());
    }
    let mut rest = rest.trim_start();
    if let Some(inner) = rest.strip_prefix('{') {
        let (quoted, after) = labels(inner)?;
        rest = after.trim_start();
        if let Some(quoted) = quoted.filter(|_| name.is_empty()) {
            name = quoted;
        }
    }
    if name.is_empty() {
        return Err("a value without a name".to_owned());
    }
    let numbers = rest.split_once(" # ").map_or(rest, |(numbers, _)| numbers);
    let mut words = numbers.split_whitespace();
    let value = words.next().and_then(number).ok_or("the value is no number")?;
    let is_timed = words.next().is_none_or(|stamp| number(stamp).is_some());
    if is_timed && words.next().is_none() { Ok((name, value)) } else { Err("there is more after the value".to_owned()) }
}

/// The labels up to the closing brace: the metric's name, where it stands among them, and what follows.
fn labels(text: &str) -> Result<(Option<String>, &str), String> {
    let (mut rest, mut name) = (text.trim_start(), None);
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return Ok((name, after));
        }
        let after = if rest.starts_with('"') {
            let (quoted, after) = quoted(rest)?;
            match after.trim_start().strip_prefix('=') {
                Some(value) => self::quoted(value.trim_start())?.1,
                None => {
                    name = Some(quoted);
                    after
                }
            }
        } else {
            let (label, value) = rest.split_once('=').ok_or("a label without a value")?;
            if !is_name(label.trim(), false) {
                return Err("that is no name of a label".to_owned());
            }
            quoted(value.trim_start())?.1
        };
        rest = after.trim_start();
        match rest.strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None if rest.starts_with('}') => {}
            None => return Err("the labels are not closed".to_owned()),
        }
    }
}

/// A quoted text with its escapes, and what follows.
fn quoted(text: &str) -> Result<(String, &str), String> {
    let inner = text.strip_prefix('"').ok_or("the value of a label is not quoted")?;
    let (mut value, mut is_escaped) = (String::new(), false);
    for (at, letter) in inner.char_indices() {
        match letter {
            _ if is_escaped => {
                value.push(letter);
                is_escaped = false;
            }
            '\\' => is_escaped = true,
            '"' => return Ok((value, &inner[at + 1..])),
            _ => value.push(letter),
        }
    }
    Err("the value of a label is not closed".to_owned())
}

fn is_name(text: &str, with_colon: bool) -> bool {
    let is_start = |letter: char| letter.is_ascii_alphabetic() || letter == '_' || (with_colon && letter == ':');
    text.chars().next().is_some_and(is_start) && text.chars().all(|letter| is_start(letter) || letter.is_ascii_digit())
}

/// A number of the format: Go's floats, and its words for the infinite.
fn number(text: &str) -> Option<f64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let is_word =
        matches!(text.trim_start_matches(['+', '-']).to_ascii_lowercase().as_str(), "inf" | "infinity" | "nan");
    if is_plain || is_word { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Exposition, String> {
        Exposition::read(text.as_bytes(), false, &["calls".to_owned()])
    }

    #[test]
    fn both_formats_are_read() {
        let text = "# HELP calls All of them.\n# TYPE calls counter\ncalls_total{code=\"200\",p=\"a\\\"},{\"} 3\ncalls_total{code=\"500\"} 1 1395066363000\n\n# a remark\nlatency_bucket{le=\"+Inf\"} 4 # {trace_id=\"x\"} 0.67\nlatency_sum 1.5e-3\nup NaN\n{\"my.metric\",x=\"1\"} -Inf\n";
        let told = read(text).unwrap();
        assert_eq!((told.samples, told.families, told.counters["calls"]), (6, 4, 4.0));
        assert!(!told.is_openmetrics);
        assert!(read("a 1\n# EOF\n").unwrap().is_openmetrics && read("a 1\n# EOF").is_ok());
    }

    #[test]
    fn what_is_no_exposition_is_none() {
        let bad = [
            "<!DOCTYPE html>\n<html></html>\n",
            "{\"status\":\"ok\"}\n",
            "ok\n",
            "a\n",
            "a b\n",
            "1a 1\n",
            "a{b} 1\n",
            "a{b=c} 1\n",
            "a{b=\"c} 1\n",
            "a{b=\"c\" 1\n",
            "a 1 2 3\n",
            "a 1\n# EOF\nb 2\n",
            "a 1",
            "# TYPE a nonsense\n",
            "# TYPE\n",
            "{} 1\n",
            "a 0x10\n",
        ];
        for text in bad {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(Exposition::read(b"a 1\n", true, &[]).is_err());
        assert!(Exposition::read(b"\xff\n", false, &[]).is_err());
        assert_eq!(read("").unwrap().samples, 0);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,80}\n") {
            let _ = read(&text);
        }

        #[test]
        fn no_broken_sample_makes_it_panic(text in "[a{}=\",\\\\# 1\\.]{0,40}\n") {
            let _ = read(&text);
        }
    }
}
