//! The four formats in XML: one reader of tags, and the format by the outermost of them.

use super::source::Counted;
use super::{Flaw, Report, clover, cobertura, jacoco, opencover};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::io::BufRead;

/// What a format makes of the tags as they pass by.
pub trait Format {
    fn open(&mut self, tag: &Tag) -> Result<(), String>;
    fn close(&mut self, _name: &str) -> Result<(), String> {
        Ok(())
    }
    fn text(&mut self, _text: &str) {}
    fn finish(self: Box<Self>, line: u64) -> Result<Report, String>;
}

/// An opening tag.
pub struct Tag<'a> {
    pub name: &'a str,
    attributes: &'a [(String, String)],
}

impl Tag<'_> {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// A number that is a count; a negative one is a lie or a counter that ran over.
    pub fn count(&self, name: &str) -> Result<Option<u64>, String> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let text = text.trim();
        match text.parse::<u64>() {
            Ok(found) => Ok(Some(found)),
            Err(_) if text.starts_with('-') => Err(format!("a negative count: {name}=\"{}\"", text.escape_debug())),
            // Larger than can be counted is still more than once.
            Err(_) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Some(u64::MAX)),
            Err(_) => Err(format!("no count: {name}=\"{}\"", text.escape_debug())),
        }
    }

    /// A count that has to be there.
    pub fn needed(&self, name: &str) -> Result<u64, String> {
        self.count(name)?.ok_or_else(|| format!("<{}> without {name}", self.name))
    }

    /// The number of a line.
    pub fn line(&self, name: &str) -> Result<u32, String> {
        let found = self.needed(name)?;
        u32::try_from(found).map_err(|_| format!("no line number: {found}"))
    }
}

/// Reads a report in XML.
pub fn read(input: &mut dyn BufRead) -> Result<Report, Flaw> {
    let (input, line) = Counted::new(input, b'<');
    let mut reader = Reader::from_reader(input);
    let (mut format, mut open, mut buffer): (Option<Box<dyn Format>>, Vec<String>, Vec<u8>) = (None, vec![], vec![]);
    let mut attributes = Vec::new();
    loop {
        buffer.clear();
        let at = line.get();
        let event = reader.read_event_into(&mut buffer).map_err(|error| Flaw::new(line.get(), error.to_string()))?;
        let (start, is_empty) = match &event {
            Event::Start(start) => (Some(start), false),
            Event::Empty(start) => (Some(start), true),
            _ => (None, false),
        };
        let taken = match (start, &event) {
            (Some(start), _) => {
                let name = start.local_name().as_ref().to_owned();
                read_attributes(start, &mut attributes);
                let tag = Tag { name: &name, attributes: &attributes };
                let taken = opened(&mut format, open.len(), &tag);
                let closed = match (is_empty, format.as_mut()) {
                    (true, Some(format)) => format.close(&name),
                    _ => Ok(()),
                };
                if !is_empty {
                    open.push(name);
                }
                taken.and(closed)
            }
            (None, Event::End(_)) => match (open.pop(), format.as_mut()) {
                (Some(name), Some(format)) => format.close(&name),
                _ => Ok(()),
            },
            (None, Event::Text(text)) => {
                if let Some(format) = &mut format {
                    format.text(&text.xml10_content());
                }
                Ok(())
            }
            (None, Event::Eof) => break,
            _ => Ok(()),
        };
        taken.map_err(|message| Flaw::new(at, message))?;
        if open.len() > 100 {
            return Err(Flaw::new(at, "deeper than any report"));
        }
    }
    if let Some(open) = open.last() {
        return Err(Flaw::new(line.get(), format!("it is cut off: <{open}> is not closed")));
    }
    let format = format.ok_or_else(|| Flaw::new(line.get(), "there is no element in it"))?;
    format.finish(line.get()).map_err(|message| Flaw::new(line.get(), message))
}

fn read_attributes(start: &BytesStart, into: &mut Vec<(String, String)>) {
    into.clear();
    for attribute in start.attributes().with_checks(false).flatten() {
        let value =
            quick_xml::escape::unescape(&attribute.value).map_or_else(|_| attribute.value.to_string(), String::from);
        into.push((attribute.key.local_name().as_ref().to_owned(), value));
    }
}

/// Hands a tag to the format, which the first or, where two formats share it, the second one decides.
fn opened(format: &mut Option<Box<dyn Format>>, depth: usize, tag: &Tag) -> Result<(), String> {
    if format.is_none() {
        *format = match (tag.name, depth) {
            ("report", 0) => Some(Box::new(jacoco::JaCoCo::default())),
            ("CoverageSession", 0) => Some(Box::new(opencover::OpenCover::default())),
            ("coverage", 0) if tag.get("line-rate").is_some() => Some(Box::new(cobertura::Cobertura::default())),
            ("coverage", 0) => return Ok(()),
            ("project" | "testproject", 1) => Some(Box::new(clover::Clover::default())),
            ("sources" | "packages", 1) => Some(Box::new(cobertura::Cobertura::default())),
            _ => return Err(format!("no format of coverage begins with <{}>", tag.name)),
        };
    }
    match format {
        Some(format) => format.open(tag),
        None => Ok(()),
    }
}
