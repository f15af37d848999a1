//! The comparisons in a query: `errors / calls > 0.05 and calls > 10` is two of them, each with its number.

use super::{Comparator, Threshold, Unit};

/// Deeper brackets around a comparison are not taken off.
const MAX_DEPTH: usize = 20;
/// A query with more comparisons than this is no alert rule.
const MAX_CLAUSES: usize = 50;

/// One comparison: what is compared, and with which number.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    pub text: String,
    pub threshold: Threshold,
}

/// The comparisons of a query that all or any must hold; none where it compares nothing with a number.
pub fn clauses(query: &str) -> Vec<Clause> {
    let mut found = Vec::new();
    let query: String = query.lines().map(without_comment).collect::<Vec<_>>().join(" ");
    collect(&query, 0, &mut found);
    found
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') { "" } else { line }
}

fn collect(query: &str, depth: usize, found: &mut Vec<Clause>) {
    let query = query.trim();
    if depth > MAX_DEPTH || found.len() >= MAX_CLAUSES {
        return;
    }
    let parts = split_by_words(query);
    if parts.len() > 1 {
        parts.iter().for_each(|part| collect(part, depth + 1, found));
    } else if let Some(clause) = comparison(query) {
        found.push(clause);
    } else if let Some(inner) = query.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        collect(inner, depth + 1, found);
    }
}

/// Each byte that stands outside of brackets, quotes and label matchers, with its place.
fn outer(query: &str) -> Vec<(usize, u8)> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None::<u8>, false);
    let mut found = Vec::new();
    for (at, byte) in query.bytes().enumerate() {
        if let Some(mark) = quote {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                _ if byte == mark => quote = None,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' | b'\'' | b'`' => quote = Some(byte),
            b'(' | b'{' | b'[' => depth += 1,
            b')' | b'}' | b']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => found.push((at, byte)),
            _ => {}
        }
    }
    found
}

/// The parts between `and`, `or` and `&&`; what follows `unless` takes away and compares nothing.
fn split_by_words(query: &str) -> Vec<&str> {
    let outer = outer(query);
    let (mut parts, mut start) = (Vec::new(), 0);
    let is_outer = |at: usize| outer.binary_search_by_key(&at, |(place, _)| *place).is_ok();
    for word in [" unless ", " UNLESS "] {
        if let Some((at, _)) = query.match_indices(word).find(|(at, _)| is_outer(*at)) {
            return split_by_words(query.get(..at).unwrap_or_default());
        }
    }
    let words = [" and ", " or ", " AND ", " OR ", "&&", "||"];
    let mut cuts: Vec<(usize, usize)> = words
        .iter()
        .flat_map(|word| query.match_indices(word).map(|(at, word)| (at, word.len())))
        .filter(|(at, _)| is_outer(*at))
        .collect();
    cuts.sort_unstable();
    for (at, length) in cuts {
        parts.extend(query.get(start..at));
        start = at + length;
    }
    parts.extend(query.get(start..));
    parts
}

/// The comparison that a text is, with the number on either side.
fn comparison(query: &str) -> Option<Clause> {
    let outer = outer(query);
    let (at, sign) = outer.iter().rev().find(|(_, byte)| matches!(byte, b'>' | b'<')).copied()?;
    let inclusive = query.as_bytes().get(at + 1) == Some(&b'=');
    let left = query.get(..at)?.trim();
    let right = query.get(at + 1 + usize::from(inclusive)..)?.trim();
    let right = right.strip_prefix("bool ").unwrap_or(right);
    let above = sign == b'>';
    let (text, number, above) = match (number(left), number(right)) {
        (Some(number), None) => (right, Some(number), !above),
        (_, number) => (left, number, above),
    };
    let comparator = if above { Comparator::Above } else { Comparator::Below };
    let (value, unit) = number.map_or((None, None), |(value, unit)| (Some(value), unit));
    Some(Clause { text: text.to_owned(), threshold: Threshold { value, comparator, inclusive, unit } })
}

/// A number or a product or quotient of numbers, with the unit that it ends in: `0.05`, `15 * 60`, `5%`, `15m`.
pub fn number(text: &str) -> Option<(f64, Option<Unit>)> {
    let mut text = text.trim();
    while let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        text = inner.trim();
    }
    if let Some((left, right)) = text.split_once('*') {
        let ((left, unit), (right, other)) = (number(left)?, number(right)?);
        return Some((left * right, unit.or(other)));
    }
    if let Some((left, right)) = text.split_once('/') {
        let ((left, unit), (right, _)) = (number(left)?, number(right)?);
        return (right != 0.0).then_some((left / right, unit));
    }
    let text = text.trim_matches(['\'', '"']);
    let ends = text.find(|letter: char| letter.is_ascii_alphabetic() && !matches!(letter, 'e' | 'E') || letter == '%');
    let (digits, unit) = text.split_at(ends.unwrap_or(text.len()));
    let unit = match unit.trim() {
        "" => None,
        "%" => Some(Unit::Percent),
        "ms" => Some(Unit::Milliseconds),
        "s" | "sec" => Some(Unit::Seconds),
        "m" | "min" => Some(Unit::Minutes),
        "h" => Some(Unit::Hours),
        _ => return None,
    };
    let value: f64 = digits.trim().replace('_', "").parse().ok()?;
    value.is_finite().then_some((value, unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(query: &str) -> (String, Option<f64>, bool) {
        let clause = clauses(query).into_iter().next().unwrap();
        (clause.text, clause.threshold.value, clause.threshold.comparator == Comparator::Above)
    }

    #[test]
    fn comparisons_are_found_outside_of_brackets_and_labels() {
        assert_eq!(one("sum(a{x=~\">5\"}) / b > 0.05"), ("sum(a{x=~\">5\"}) / b".to_owned(), Some(0.05), true));
        assert_eq!(one("(time() - last > 15 * 60)"), ("time() - last".to_owned(), Some(900.0), true));
        assert_eq!(one("0.05 < a / b"), ("a / b".to_owned(), Some(0.05), true));
        assert_eq!(one("ok / all < 0.95"), ("ok / all".to_owned(), Some(0.95), false));
        assert_eq!(one("a > b"), ("a".to_owned(), None, true));
        assert_eq!(clauses("(a / b > 0.05) and (c > 10) unless d > 1").len(), 2);
        assert!(clauses("absent(up == 1)").is_empty());
    }

    #[test]
    fn numbers_are_worked_out() {
        assert_eq!(number("14.4 * 0.001").map(|(value, _)| value), Some(14.4 * 0.001));
        assert_eq!(number("5%"), Some((5.0, Some(Unit::Percent))));
        assert_eq!(number("9e2"), Some((900.0, None)));
        assert_eq!(number("15m"), Some((15.0, Some(Unit::Minutes))));
        assert_eq!(number("rate"), None);
        assert_eq!(number("1 / 0"), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(query in "[a-z(){}\\[\\]\"'<>=*/ .0-9é&|]{0,200}") {
            clauses(&query);
        }
    }
}
