//! Finds the value that belongs to a name: `name = "value"`, `name: value`, `<name>value</name>`, `--name value`, and the like.

use std::ops::Range;

/// How name and value are tied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    /// `=`, `:`, `=>`, `:=`.
    Sets,
    /// `==`, `!=`.
    Compares,
    /// `name("value")` or `("name", "value")`.
    Calls,
    /// An XML element or attribute.
    Marks,
    /// `--name value`.
    Flag,
    /// Only blanks between.
    Blank,
}

/// A name with its value, as byte ranges of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub name: Range<usize>,
    pub value: Range<usize>,
    pub quoted: bool,
    pub tie: Tie,
}

const LONGEST_NAME: usize = 80;
const LONGEST_VALUE: usize = 2048;

pub const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$')
}

fn at(text: &[u8], index: usize) -> u8 {
    text.get(index).copied().unwrap_or(0)
}

fn skip_blanks(text: &[u8], mut index: usize) -> usize {
    while matches!(at(text, index), b' ' | b'\t') {
        index += 1;
    }
    index
}

const fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// The whole name around a position.
pub fn name_at(text: &[u8], position: usize) -> Range<usize> {
    let mut start = position;
    while start > 0 && position - start < LONGEST_NAME && is_name(at(text, start - 1)) {
        start -= 1;
    }
    let mut end = position;
    while end < text.len() && end - position < LONGEST_NAME && is_name(at(text, end)) {
        end += 1;
    }
    // `\nTOKEN` within a string: the letter belongs to the escape.
    if start > 0 && at(text, start - 1) == b'\\' && matches!(at(text, start), b'n' | b't' | b'r') {
        start += 1;
    }
    start..end.max(start)
}

/// The assignment whose name covers a position, if there is one.
pub fn read(text: &[u8], position: usize) -> Option<Assignment> {
    let name = name_at(text, position);
    let mut i = name.end;
    let name_quoted = name.start > 0 && is_quote(at(text, name.start - 1));
    let mut closed = false;
    while matches!(at(text, i), b'"' | b'\'' | b'`' | b']' | b'\\' | b'?' | b'!') || at(text, i) == b')' && closed {
        if at(text, i) == b'!' && at(text, i + 1) == b'=' {
            break;
        }
        closed = true;
        i += 1;
        if i > name.end + 4 {
            return None;
        }
    }
    let after_name = i;
    i = skip_blanks(text, i);
    let flag = name.start > 0 && at(text, name.start) == b'-';
    match at(text, i) {
        b'=' | b':' | b'!' | b'+' | b'|' | b'?' => sets(text, name, i),
        b'-' if at(text, i + 1) == b'>' => None,
        b'<' if at(text, i + 1) == b'-' => value(text, name, i + 2, Tie::Sets),
        b'>' if opens_element(text, &name) => element(text, name, i + 1),
        b',' if name_quoted || closed => quoted(text, name, i + 1, Tie::Calls),
        b'(' if i == after_name => quoted(text, name, i + 1, Tie::Calls),
        _ if i == after_name => None,
        _ if name_quoted && closed => attribute(text, name, i),
        _ if flag => value(text, name, i, Tie::Flag),
        _ => value(text, name, i, Tie::Blank),
    }
}

fn sets(text: &[u8], name: Range<usize>, start: usize) -> Option<Assignment> {
    let mut i = start;
    while i < start + 4 && matches!(at(text, i), b'=' | b':' | b'!' | b'+' | b'|' | b'?' | b'>') {
        i += 1;
    }
    let operator = text.get(start..i)?;
    let tie = match operator {
        b"=" | b":" | b":=" | b"=>" | b"?=" | b"||=" | b"+=" | b"::" => Tie::Sets,
        b"==" | b"!=" | b"===" | b"!==" => Tie::Compares,
        b"?:" => Tie::Sets,
        _ => return None,
    };
    if matches!(operator, b":" | b"?:")
        && let Some(after) = after_type(text, i)
    {
        return value(text, name, after, Tie::Sets);
    }
    value(text, name, i, tie)
}

/// After `: string =`, the place behind the `=`.
fn after_type(text: &[u8], start: usize) -> Option<usize> {
    let mut i = skip_blanks(text, start);
    let first = i;
    while i < first + 40
        && (at(text, i).is_ascii_alphanumeric()
            || matches!(at(text, i), b'&' | b'\'' | b'<' | b'>' | b'[' | b']' | b'|' | b' ' | b'_' | b'.' | b'?'))
    {
        i += 1;
    }
    (i > first
        && at(text, i) == b'='
        && !matches!(at(text, i + 1), b'=' | b'>')
        && at(text, i.saturating_sub(1)) == b' ')
        .then_some(i + 1)
}

fn opens_element(text: &[u8], name: &Range<usize>) -> bool {
    name.start > 0 && at(text, name.start - 1) == b'<'
}

fn element(text: &[u8], name: Range<usize>, start: usize) -> Option<Assignment> {
    let rest = text.get(start..text.len().min(start + LONGEST_VALUE))?;
    let end = memchr::memchr2(b'<', b'\n', rest)?;
    (rest.get(end) == Some(&b'<') && end > 0).then(|| Assignment {
        name,
        value: start..start + end,
        quoted: true,
        tie: Tie::Marks,
    })
}

/// `key="password" value="…"`.
fn attribute(text: &[u8], name: Range<usize>, start: usize) -> Option<Assignment> {
    let rest = text.get(start..)?;
    let word = rest.get(..5)?;
    let matches_word = word.eq_ignore_ascii_case(b"value");
    if !matches_word {
        return None;
    }
    let i = skip_blanks(text, start + 5);
    if !matches!(at(text, i), b'=' | b':') {
        return None;
    }
    quoted(text, name, i + 1, Tie::Marks)
}

fn quoted(text: &[u8], name: Range<usize>, start: usize, tie: Tie) -> Option<Assignment> {
    value(text, name, start, tie).filter(|assignment| assignment.quoted)
}

/// The value that begins at or after a position.
fn value(text: &[u8], name: Range<usize>, start: usize, tie: Tie) -> Option<Assignment> {
    let mut i = skip_blanks(text, start);
    // `name:` with the string on the next line.
    if tie == Tie::Sets && matches!(at(text, i), b'\n' | b'\r') {
        let mut next = i;
        while next < i + 60 && at(text, next).is_ascii_whitespace() {
            next += 1;
        }
        if !is_quote(at(text, next)) {
            return None;
        }
        i = next;
    }
    if let Some(open) = opening(text, i) {
        if tie == Tie::Blank && at(text, open) == b'`' {
            return None;
        }
        if tie == Tie::Sets && closes(text, &name, at(text, open)) {
            return None;
        }
        return string(text, name, open, tie);
    }
    let rest = text.get(i..text.len().min(i + LONGEST_VALUE))?;
    let ends = |byte: &u8| {
        byte.is_ascii_whitespace()
            || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>')
            || (*byte == b',' || *byte == b';' || *byte == b'&')
    };
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    let mut end = i + length;
    while end > i && matches!(at(text, end - 1), b'.' | b',' | b')' | b']' | b'}' | b'\\') {
        end -= 1;
    }
    (end > i).then_some(Assignment { name, value: i..end, quoted: false, tie })
}

/// Whether a quote after `name = ` ends a string that began before the name, as in `"password = " + value`.
fn closes(text: &[u8], name: &Range<usize>, quote: u8) -> bool {
    let from = name.start.saturating_sub(200);
    let before = text.get(from..name.start).unwrap_or_default();
    let line = memchr::memrchr(b'\n', before).map_or(before, |newline| before.get(newline + 1..).unwrap_or_default());
    let opens = line.iter().filter(|&&byte| byte == quote).count();
    let next = at(text, name.end);
    opens % 2 == 1 && next != quote && next != b'\\' && line.last() != Some(&b'\\')
}

/// Where a string begins, past a prefix such as `b`, `@` or a backslash.
fn opening(text: &[u8], start: usize) -> Option<usize> {
    let mut i = start;
    while i < start + 3 && matches!(at(text, i), b'b' | b'B' | b'r' | b'R' | b'u' | b'@' | b'L' | b'\\' | b'(' | b'[') {
        i += 1;
    }
    is_quote(at(text, i)).then_some(i)
}

fn string(text: &[u8], name: Range<usize>, open: usize, tie: Tie) -> Option<Assignment> {
    let quote = at(text, open);
    let escaped = open > 0 && at(text, open - 1) == b'\\';
    let mut start = open + 1;
    while at(text, start) == quote && at(text, open + 1) == quote && start < open + 3 && at(text, open + 2) == quote {
        start += 1;
    }
    let rest = text.get(start..text.len().min(start + LONGEST_VALUE))?;
    let mut i = 0;
    loop {
        let step = memchr::memchr3(quote, b'\n', b'\\', rest.get(i..)?)?;
        i += step;
        match rest.get(i).copied()? {
            b'\n' => return None,
            b'\\' if escaped && rest.get(i + 1) == Some(&quote) => break,
            b'\\' => i += 2,
            _ => break,
        }
    }
    (i > 0).then(|| Assignment { name, value: start..start + i, quoted: true, tie })
}

/// The value of a pair that is told in two fields: `name: DB_PASSWORD` and then `value: …`, or `variable "password" { default = "…" }`.
pub fn paired(text: &[u8], name: Range<usize>) -> Option<Assignment> {
    let mut i = name.end;
    while i < name.end + 40
        && (at(text, i).is_ascii_whitespace()
            || matches!(at(text, i), b'"' | b'\'' | b',' | b'{' | b'-' | b'}' | b'\\'))
    {
        i += 1;
    }
    if i < name.end + 2 {
        return None;
    }
    let field = name_at(text, i);
    let word = text.get(field.clone())?;
    let is_value =
        [&b"value"[..], b"default", b"password", b"pass"].iter().any(|known| word.eq_ignore_ascii_case(known));
    let found = is_value.then(|| read(text, i)).flatten()?;
    Some(Assignment { name, ..found })
}

/// `the password is "…"`, `the password for user "me" is "…"`.
pub fn told(text: &[u8], name: Range<usize>) -> Option<Assignment> {
    let rest = text.get(name.end..text.len().min(name.end + 64))?;
    let line = rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len()))?;
    let is = memchr::memmem::find(line, b" is ")
        .map(|at| at + 4)
        .or_else(|| memchr::memmem::find(line, b" to ").map(|at| at + 4))?;
    let open = name.end + is;
    (is_quote(at(text, open)) && at(text, open) != b'`').then(|| string(text, name, open, Tie::Blank)).flatten()
}

/// The range of the string whose opening quote stands at a position.
pub fn read_string(text: &[u8], open: usize) -> Option<Range<usize>> {
    string(text, open..open, open, Tie::Sets).map(|found| found.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, word: &str) -> Option<(String, String)> {
        let position = text.find(word).unwrap();
        let read = read(text.as_bytes(), position)?;
        Some((text[read.name].to_owned(), text[read.value].to_owned()))
    }

    #[test]
    fn every_way_to_give_a_value_a_name() {
        for text in [
            "password = \"v4lue\"",
            "\"password\": \"v4lue\",",
            "password: v4lue",
            "password=>'v4lue'",
            "const password: string = 'v4lue';",
            "<password>v4lue</password>",
            "password('v4lue')",
            "x[\"password\"] = 'v4lue'",
            "set(\"password\", \"v4lue\")",
            "cmd --password v4lue",
            "password 'v4lue'",
            "password := `v4lue`",
            "\\\"password\\\": \\\"v4lue\\\"",
            "<add key=\"password\" value=\"v4lue\"/>",
            "if password == \"v4lue\"",
            "password: b'v4lue'",
            "password:\n    'v4lue'",
        ] {
            let (name, value) = found(text, "password").unwrap_or_else(|| panic!("{text}"));
            assert!(name.trim_start_matches('-') == "password" && value == "v4lue", "{text}: {name} {value}");
        }
        for text in ["password", "password = ''", "function password(a) {", "if (password)"] {
            assert_eq!(found(text, "password"), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in ".{0,80}", position in 0usize..80) {
            let _ = read(text.as_bytes(), position.min(text.len()));
        }
    }
}
