//! A page of Markdown for a terminal: headings, lists, code and emphasis, wrapped to its width.

use anstyle::{AnsiColor, Style};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use unicode_width::UnicodeWidthStr;

const HEADING: Style = Style::new().bold().underline();
const STRONG: Style = Style::new().bold();
const CODE: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan)));
const FAINT: Style = Style::new().dimmed();
const WIDEST: usize = 100;

/// The page with colours as escape sequences.
pub fn render(markdown: &str, width: usize) -> String {
    let mut writer =
        Writer { text: String::new(), column: 0, indent: 0, width: width.clamp(30, WIDEST), style: Style::new() };
    let mut in_block = false;
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_block = true,
            Event::End(TagEnd::CodeBlock) => {
                in_block = false;
                writer.gap();
            }
            Event::Text(text) if in_block => writer.verbatim(&text),
            event => writer.event(event),
        }
    }
    writer.text.trim_end().to_owned() + "\n"
}

struct Writer {
    text: String,
    column: usize,
    indent: usize,
    width: usize,
    style: Style,
}

impl Writer {
    fn event(&mut self, event: Event) {
        match event {
            Event::Start(Tag::Heading { .. }) => self.style = HEADING,
            Event::Start(Tag::Strong | Tag::Emphasis) => self.style = STRONG,
            Event::Start(Tag::Item) => {
                self.fresh();
                self.word("-", Style::new());
                self.indent += 2;
            }
            Event::End(TagEnd::Item) => {
                self.indent = self.indent.saturating_sub(2);
                self.fresh();
            }
            Event::End(TagEnd::Heading(_)) => {
                self.style = Style::new();
                self.gap();
            }
            Event::End(TagEnd::Strong | TagEnd::Emphasis) => self.style = Style::new(),
            Event::End(TagEnd::Paragraph | TagEnd::List(_)) => self.gap(),
            Event::Text(text) => self.words(&text, self.style),
            Event::Code(text) => self.words(&text, CODE),
            Event::SoftBreak | Event::HardBreak => self.blank(),
            _ => {}
        }
    }

    fn words(&mut self, text: &str, style: Style) {
        if text.starts_with(char::is_whitespace) {
            self.blank();
        }
        for (number, word) in text.split_whitespace().enumerate() {
            if number > 0 {
                self.blank();
            }
            self.word(word, style);
        }
        if text.ends_with(char::is_whitespace) {
            self.blank();
        }
    }

    fn word(&mut self, word: &str, style: Style) {
        if self.column > self.indent && self.column + word.width() > self.width {
            self.fresh();
        }
        if self.column == 0 {
            self.text.push_str(&" ".repeat(self.indent));
            self.column = self.indent;
        }
        self.text.push_str(&format!("{style}{word}{style:#}"));
        self.column += word.width();
    }

    fn blank(&mut self) {
        if self.column > 0 && !self.text.ends_with(' ') {
            self.text.push(' ');
            self.column += 1;
        }
    }

    fn verbatim(&mut self, text: &str) {
        self.fresh();
        for line in text.lines() {
            self.text.push_str(&format!("  {FAINT}{line}{FAINT:#}\n"));
        }
    }

    fn fresh(&mut self) {
        if self.column > 0 {
            let kept = self.text.trim_end_matches(' ').len();
            self.text.truncate(kept);
            self.text.push('\n');
            self.column = 0;
        }
    }

    fn gap(&mut self) {
        self.fresh();
        if !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }
}
