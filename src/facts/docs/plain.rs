//! reStructuredText, AsciiDoc, Org and plain text: headings by their marks, indented lines as code.

use super::{Block, Kind, Section};
use crate::evidence::Blob;

pub(super) fn sections(blob: &Blob) -> Vec<Section> {
    let lines: Vec<(u32, &str)> = blob.lines().collect();
    let mut all: Vec<Section> = Vec::new();
    let mut marks: Vec<char> = Vec::new();
    let mut fenced = false;
    for (index, (number, line)) in lines.iter().enumerate() {
        let next = lines.get(index + 1).map_or("", |(_, line)| *line);
        if is_rule(line) || line.trim() == "::" {
            fenced = fenced != (line.trim() == "----");
            continue;
        }
        if let Some((level, heading)) = marked(line).or_else(|| underlined(line, next, &mut marks)) {
            all.push(Section { heading: heading.to_owned(), level, span: blob.line(*number), blocks: Vec::new() });
            continue;
        }
        if line.trim().is_empty() {
            continue;
        }
        if all.is_empty() {
            all.push(Section { heading: String::new(), level: 0, span: blob.line(1), blocks: Vec::new() });
        }
        let indented = line.starts_with("    ") || line.starts_with('\t') || fenced;
        let code = line.split('`').skip(1).step_by(2).filter(|code| !code.is_empty()).map(str::to_owned).collect();
        let block = Block {
            kind: kind_of(line.trim(), indented),
            text: line.trim().to_owned(),
            code,
            span: blob.line(*number),
        };
        if let Some(section) = all.last_mut() {
            section.blocks.push(block);
        }
    }
    all
}

fn kind_of(line: &str, indented: bool) -> Kind {
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    if digits > 0 && line[digits..].starts_with(['.', ')']) || line.starts_with("#. ") {
        Kind::Step
    } else if line.starts_with("- ") || line.starts_with("* ") {
        Kind::Item
    } else if indented || line.starts_with("$ ") {
        Kind::Code
    } else {
        Kind::Paragraph
    }
}

/// `== Heading` of AsciiDoc.
fn marked(line: &str) -> Option<(u8, &str)> {
    let level = line.chars().take_while(|letter| *letter == '=').count();
    let heading = line[level..].strip_prefix(' ')?.trim();
    ((1..=6).contains(&level) && !heading.is_empty()).then_some((level as u8, heading))
}

/// A heading of reStructuredText: its level is the order in which its underline first came.
fn underlined<'a>(line: &'a str, next: &str, marks: &mut Vec<char>) -> Option<(u8, &'a str)> {
    let heading = line.trim();
    if heading.is_empty() || !is_rule(next) || next.trim().len() + 1 < heading.len() {
        return None;
    }
    let mark = next.trim().chars().next()?;
    let level = marks.iter().position(|known| *known == mark).unwrap_or_else(|| {
        marks.push(mark);
        marks.len() - 1
    });
    Some((level.min(5) as u8 + 1, heading))
}

fn is_rule(line: &str) -> bool {
    let bare = line.trim();
    let mut letters = bare.chars();
    let Some(first) = letters.next() else { return false };
    "=-~^\"'*+#`:.".contains(first) && bare.len() >= 3 && letters.all(|letter| letter == first)
}
