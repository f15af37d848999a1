//! Strings: their escapes undone, their holes kept as expressions.

use super::super::model::{Language, NodeId, Shape};
use super::lower::Lowering;
use super::table::{Part, Rule, named};
use std::ops::Range;
use tree_sitter::Node;

/// A piece of a string: text, or an expression.
enum Piece {
    Text(String, Range<usize>),
    Hole(NodeId),
}

impl<'s> Lowering<'s> {
    pub(super) fn string(&mut self, node: Node) -> NodeId {
        let mut pieces = Vec::new();
        self.pieces(node, &mut pieces);
        self.of_pieces(node, pieces)
    }

    /// A string whose text follows below the line: the next one after this node.
    pub(super) fn heredoc(&mut self, node: Node, rule: &Rule) -> NodeId {
        let kind = rule.option("kind").unwrap_or_default();
        let mut around = Some(node);
        while let Some(outer) = around {
            let mut next = outer.next_named_sibling();
            while let Some(sibling) = next {
                if sibling.kind() == kind {
                    return self.string(sibling);
                }
                next = sibling.next_named_sibling();
            }
            around = outer.parent();
        }
        self.builder.string(node.byte_range(), "")
    }

    /// Strings that stand beside each other and are one.
    pub(super) fn joined_strings(&mut self, node: Node, rule: &Rule) -> NodeId {
        let mut pieces = Vec::new();
        for part in rule.all(node, Part::Items) {
            self.pieces(part, &mut pieces);
        }
        self.of_pieces(node, pieces)
    }

    fn pieces(&mut self, node: Node, pieces: &mut Vec<Piece>) {
        let children = named(node);
        let is_raw = self.is_raw(node);
        if children.is_empty() {
            let text = unquoted(self.text(node));
            return pieces.push(Piece::Text(undo(text, is_raw), node.byte_range()));
        }
        for child in children {
            if self.table.has("string-marks", child.kind()) {
                continue;
            }
            if self.table.has("string-bodies", child.kind()) {
                self.pieces(child, pieces);
            } else if self.table.has("string-parts", child.kind()) {
                let text = self.text(child);
                let text = self.dollar_name(text, child, pieces);
                pieces.push(Piece::Text(undo(text, is_raw), child.byte_range()));
            } else {
                let hole = self.lower(child);
                pieces.push(Piece::Hole(hole));
            }
        }
    }

    /// Kotlin's `$name` comes as the text `$` and a text that begins with the name.
    fn dollar_name<'a>(&mut self, text: &'a str, node: Node, pieces: &mut Vec<Piece>) -> &'a str {
        let is_after_dollar = matches!(pieces.last(), Some(Piece::Text(before, _)) if before == "$");
        if self.language != Language::Kotlin || !is_after_dollar {
            return text;
        }
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() {
            return text;
        }
        pieces.pop();
        let hole = self.builder.name(node.start_byte()..node.start_byte() + end, name);
        pieces.push(Piece::Hole(hole));
        rest
    }

    fn of_pieces(&mut self, node: Node, pieces: Vec<Piece>) -> NodeId {
        if pieces.iter().all(|piece| matches!(piece, Piece::Text(..))) {
            let text: String =
                pieces.iter().map(|piece| if let Piece::Text(text, _) = piece { text } else { "" }).collect();
            return self.builder.string(node.byte_range(), &text);
        }
        let mut parts = Vec::new();
        for piece in pieces {
            parts.push(match piece {
                Piece::Text(text, range) => self.builder.string(range, &text),
                Piece::Hole(hole) => hole,
            });
        }
        let parts = self.builder.children(&parts);
        self.push(node, Shape::Template(parts))
    }

    /// A string in which a backslash is a backslash.
    fn is_raw(&self, node: Node) -> bool {
        let prefix = self.text(node).split(['"', '\'', '`']).next().unwrap_or_default();
        self.table.has("raw-strings", node.kind()) || prefix.contains(['r', 'R', '@'])
    }
}

/// Without its quotes, and without the letters before them.
fn unquoted(text: &str) -> &str {
    let text = text.trim_start_matches(|c: char| c.is_ascii_alphabetic() || matches!(c, '@' | '$' | ':' | '?'));
    text.trim_matches(['"', '\'', '`'])
}

/// A string's text with the escapes that all languages share undone.
fn undo(text: &str, is_raw: bool) -> String {
    if is_raw || !text.contains('\\') {
        return text.to_owned();
    }
    let mut undone = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            undone.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => undone.push('\n'),
            Some('t') => undone.push('\t'),
            Some('r') => undone.push('\r'),
            Some('0') => undone.push('\0'),
            Some('\n') | None => {}
            Some('u') => undone.extend(code_point(&mut letters)),
            Some(other) => undone.push(other),
        }
    }
    undone
}

/// The character of `\u0041` or `\u{41}`.
fn code_point(letters: &mut std::str::Chars) -> Option<char> {
    let rest = letters.as_str();
    let (digits, skip) = match rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
        Some((digits, _)) => (digits, digits.len() + 2),
        None => (rest.get(..4)?, 4),
    };
    let number = u32::from_str_radix(digits, 16).ok()?;
    *letters = rest.get(skip..)?.chars();
    char::from_u32(number)
}
