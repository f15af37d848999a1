//! Markdown, by the events of its parser.

use super::{Block, Kind, Section};
use crate::evidence::Blob;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::ops::Range;

pub(super) fn sections(blob: &Blob) -> Vec<Section> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut reader = Reader {
        blob,
        sections: Vec::new(),
        open: Vec::new(),
        heading: None,
        numbered: Vec::new(),
        bold: None,
        meta: false,
    };
    for (event, range) in Parser::new_ext(blob.text(), options).into_offset_iter() {
        reader.take(event, range);
    }
    reader.sections
}

struct Reader<'a> {
    blob: &'a Blob,
    sections: Vec<Section>,
    /// The blocks that are being read: an item may hold paragraphs and items.
    open: Vec<Block>,
    heading: Option<(u8, String, Range<usize>)>,
    /// For each open list, whether it is numbered.
    numbered: Vec<bool>,
    /// The text in bold with which the open paragraph begins.
    bold: Option<String>,
    meta: bool,
}

impl Reader<'_> {
    fn take(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => {
                self.text(&text);
                if let Some(block) = self.open.last_mut() {
                    block.code.push(text.into_string());
                }
            }
            Event::SoftBreak | Event::HardBreak => self.text(" "),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Heading { level, .. } => self.heading = Some((number(level), String::new(), range)),
            Tag::MetadataBlock(_) => self.meta = true,
            Tag::List(first) => self.numbered.push(first.is_some()),
            Tag::Item => {
                let kind = if self.numbered.last() == Some(&true) { Kind::Step } else { Kind::Item };
                self.open_block(kind, range);
            }
            Tag::CodeBlock(_) => self.open_block(Kind::Code, range),
            Tag::Paragraph | Tag::TableRow if self.open.is_empty() => self.open_block(Kind::Paragraph, range),
            Tag::Strong
                if self.open.last().is_some_and(|block| block.text.is_empty() && block.kind == Kind::Paragraph) =>
            {
                self.bold = Some(String::new());
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                if let Some((level, heading, range)) = self.heading.take() {
                    self.section(level, heading, range);
                }
            }
            TagEnd::MetadataBlock(_) => self.meta = false,
            TagEnd::List(_) => drop(self.numbered.pop()),
            TagEnd::Item | TagEnd::CodeBlock => self.close(),
            TagEnd::Paragraph | TagEnd::TableRow if self.open.len() == 1 && self.open[0].kind == Kind::Paragraph => {
                let bold = self.bold.take().unwrap_or_default();
                let is_heading = !bold.is_empty()
                    && self.open[0].text.trim().trim_end_matches(':') == bold.trim().trim_end_matches(':');
                if is_heading {
                    let Some(block) = self.open.pop() else { return };
                    let line = self.blob.offset_of_line(block.span.line());
                    self.section(7, bold.trim().trim_end_matches(':').to_owned(), line..line + 1);
                } else {
                    self.close();
                }
            }
            TagEnd::Strong => {
                // What follows the bold words makes it an ordinary paragraph: the end of it compares.
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.meta {
            return;
        }
        if let Some((_, heading, _)) = &mut self.heading {
            heading.push_str(text);
            return;
        }
        if let Some(block) = self.open.last_mut() {
            block.text.push_str(text);
        }
        if let (Some(bold), true) = (&mut self.bold, self.open.len() == 1) {
            bold.push_str(text);
        }
    }

    fn open_block(&mut self, kind: Kind, range: Range<usize>) {
        let span = self.blob.span(range);
        self.open.push(Block { kind, text: String::new(), code: Vec::new(), span });
    }

    fn close(&mut self) {
        let Some(block) = self.open.pop() else { return };
        self.bold = None;
        if self.sections.is_empty() {
            self.section(0, String::new(), 0..0);
        }
        if let Some(section) = self.sections.last_mut() {
            section.blocks.push(block);
        }
    }

    fn section(&mut self, level: u8, heading: String, range: Range<usize>) {
        let span = self.blob.span(range);
        self.sections.push(Section { heading, level, span, blocks: Vec::new() });
    }
}

fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}
