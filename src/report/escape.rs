//! What came from the repository, made harmless for the place where it is printed.
//!
//! Paths, notes and lines may hold anything: control characters that drive a terminal, marks that turn the reading
//! direction, Markdown, HTML, mentions of people, and lines that a workflow runner takes for commands.

use std::fmt::Write;

/// A zero-width space: breaks mentions, references and addresses without changing what is read.
const BREAK: char = '\u{200b}';

/// One line of visible characters: whatever drives a terminal or hides from the reader is written out.
pub fn line(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\t' => safe.push(' '),
            _ if is_unseen(letter) => {
                // Writing to a string cannot fail.
                let _ = write!(safe, "{}", letter.escape_default());
            }
            _ => safe.push(letter),
        }
    }
    safe
}

/// Control characters, marks of direction, invisible joints and tags.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Text inside Markdown, also inside a cell of a table: nothing in it is markup, a link or a mention.
pub fn markdown(text: &str) -> String {
    let text = line(text);
    let mut safe = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '@' | '#' => safe.extend([letter, BREAK]),
            ':' if letters.peek() == Some(&'/') => safe.extend([letter, BREAK]),
            '.' if safe.to_ascii_lowercase().ends_with("www") => safe.extend([BREAK, letter]),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '^' => safe.extend(['\\', letter]),
            _ => safe.push(letter),
        }
    }
    safe
}

/// A span of code inside Markdown, also inside a cell of a table.
pub fn code(text: &str) -> String {
    let text = line(text);
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    // A table is cut into cells before code is seen, and takes the backslash away again.
    format!("{fence}{pad}{}{pad}{fence}", text.replace('|', "\\|"))
}

/// Text and attribute values of HTML.
pub fn html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in line(text).chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(letter),
        }
    }
    safe
}

/// JSON as it was serialised, with what drives a terminal or hides from the reader written out.
pub fn json(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter == '\n' || !is_unseen(letter) {
            safe.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            let _ = write!(safe, "\\u{unit:04x}");
        }
    }
    safe
}

/// The message of a workflow command. Lines of our own stay lines.
pub fn command_data(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(line).collect();
    lines.join("\n").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A").replace("##[", "##\u{200b}[")
}

/// A property of a workflow command.
pub fn command_property(text: &str) -> String {
    command_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A path as the path of an address: each part percent-encoded.
pub fn url_path(path: &str) -> String {
    let mut safe = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            safe.push(char::from(byte));
        } else {
            let _ = write!(safe, "%{byte:02X}");
        }
    }
    safe
}

/// Lines of a log that a workflow runner reads: nothing in them is a command.
pub fn without_commands(text: &str) -> String {
    let text = text.replace("::", ":\u{200b}:").replace("##[", "##\u{200b}[");
    // Of three in a row the first pass leaves two.
    text.replace("::", ":\u{200b}:")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Strings made of what is dangerous somewhere, with ordinary letters between.
    fn nasty() -> impl Strategy<Value = String> {
        let pieces = [
            "a",
            " ",
            "\n",
            "\r",
            "\u{1b}[31m",
            "\u{202e}",
            "::error::",
            "##[group]",
            "%0A",
            "@user",
            "#12",
            "`",
            "``",
            "|",
            "<script>",
            "\"",
            "'",
            "&",
            "\\",
            "*",
            "_",
            "[x](y)",
            "https://x.y",
            "www.x.y",
            ",",
            ":",
            "\u{0}",
            "é",
            "\u{85}",
        ];
        prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn a_line_has_no_control_characters(text in nasty(), other in any::<String>()) {
            for text in [text, other] {
                prop_assert!(!line(&text).chars().any(is_unseen));
                prop_assert_eq!(line(&line(&text)), line(&text));
            }
        }

        #[test]
        fn html_opens_no_tag_and_closes_no_quote(text in nasty(), other in any::<String>()) {
            for text in [text, other] {
                prop_assert!(!html(&text).contains(['<', '>', '"', '\'', '\n']));
            }
        }

        #[test]
        fn markdown_holds_no_markup(text in nasty()) {
            let paragraph = format!("x {}", markdown(&text));
            for event in pulldown_cmark::Parser::new_ext(&paragraph, pulldown_cmark::Options::all()) {
                use pulldown_cmark::{Event, Tag, TagEnd};
                let is_text = matches!(event, Event::Text(_) | Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph));
                prop_assert!(is_text, "{:?} from {:?}", event, text);
            }
            prop_assert!(!markdown(&text).contains("@u"));
            prop_assert!(!markdown(&text).contains("://"));
        }

        #[test]
        fn code_is_one_span_in_one_cell(text in nasty()) {
            let table = format!("|a|b|\n|-|-|\n|x {}|y|\n", code(&text));
            let parser = pulldown_cmark::Parser::new_ext(&table, pulldown_cmark::Options::ENABLE_TABLES);
            let (mut cells, mut other) = (0, 0);
            for event in parser {
                use pulldown_cmark::{Event, Tag};
                match event {
                    Event::Start(Tag::TableCell) => cells += 1,
                    Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::Link { .. } | Tag::Emphasis) => other += 1,
                    _ => {}
                }
            }
            prop_assert_eq!((cells, other), (4, 0), "{}", table);
        }

        #[test]
        fn a_command_stays_one_line(text in nasty()) {
            prop_assert!(!command_data(&text).contains(['\n', '\r']));
            let property = command_property(&text);
            prop_assert!(!property.contains([':', ',', '\n', '\r']));
            let log = without_commands(&text);
            prop_assert!(!log.contains("::") && !log.contains("##["));
        }
    }
}
