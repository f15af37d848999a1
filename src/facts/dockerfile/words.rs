//! The words of an instruction: `ENV` and `ARG` pairs, and commands joined over their lines.

use std::ops::Range;

/// One name of `ENV` or `ARG`, with the bytes it stands at.
#[derive(Debug, PartialEq, Eq)]
pub struct Pair {
    pub name: String,
    pub value: Option<String>,
    pub range: Range<usize>,
}

/// The pairs of an instruction's arguments. `legacy` allows the old form `ENV NAME the rest of the line`.
pub fn pairs(text: &str, escape: char, legacy: bool) -> Vec<Pair> {
    let words = split(text, escape);
    let is_legacy = legacy && words.first().is_some_and(|(word, _)| !word.contains('='));
    if let (true, Some((name, range))) = (is_legacy, words.first()) {
        let value = text.get(range.end..).unwrap_or_default().trim();
        return vec![Pair { name: name.clone(), value: Some(value.to_owned()), range: range.start..text.len() }];
    }
    let pair = |(word, range): (String, Range<usize>)| match word.split_once('=') {
        Some((name, value)) => Pair { name: name.to_owned(), value: Some(value.to_owned()), range },
        None => Pair { name: word, value: None, range },
    };
    words.into_iter().map(pair).collect()
}

/// Words by blanks, with quotes taken off; the escape character joins lines, comment lines within are skipped.
fn split(text: &str, escape: char) -> Vec<(String, Range<usize>)> {
    let mut words: Vec<(String, Range<usize>)> = Vec::new();
    let (mut word, mut start, mut quote) = (String::new(), None, None::<char>);
    let (mut line_start, mut comment) = (false, false);
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == '\n' {
            (line_start, comment) = (true, false);
        }
        if comment {
            continue;
        }
        if line_start && letter == '#' && quote.is_none() && start.is_none() {
            comment = true;
            continue;
        }
        let next = letters.peek().map(|(_, next)| *next);
        let joins = letter == escape
            && next.is_some_and(|next| matches!(next, '\n' | '\r' | ' ' | '\t'))
            && ends_line(text, at + letter.len_utf8());
        match quote {
            _ if joins => {
                if let (None, Some(from)) = (quote, start.take()) {
                    words.push((std::mem::take(&mut word), from..at));
                }
            }
            Some(mark) if letter == mark => quote = None,
            None if matches!(letter, '"' | '\'') => {
                start.get_or_insert(at);
                quote = Some(letter);
            }
            None if letter.is_whitespace() => {
                if let Some(from) = start.take() {
                    words.push((std::mem::take(&mut word), from..at));
                }
            }
            _ if letter == escape && quote != Some('\'') => {
                start.get_or_insert(at);
                if let Some((_, next)) = letters.next() {
                    word.push(next);
                }
            }
            _ => {
                start.get_or_insert(at);
                word.push(letter);
            }
        }
        if !letter.is_whitespace() {
            line_start = false;
        }
    }
    if let Some(from) = start {
        words.push((word, from..text.len()));
    }
    words
}

fn ends_line(text: &str, from: usize) -> bool {
    let rest = text.get(from..).unwrap_or_default();
    rest.split('\n').next().is_some_and(|line| line.trim().is_empty()) && rest.contains('\n')
}

/// A command with its continued lines joined and its comment lines dropped; other line ends stay.
pub fn joined(text: &str, escape: char) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let line = line.trim();
        match line.strip_suffix(escape) {
            Some(open) => {
                out.push_str(open);
                out.push(' ');
            }
            None => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}
