//! XML as a small tree with positions; depth and size are bounded, and external entities are never read.

use crate::evidence::{Blob, Evidence, Span};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::ops::Range;
use std::sync::Arc;

const MAX_DEPTH: usize = 200;
const MAX_ELEMENTS: usize = 500_000;

/// An element with its attributes, text and children. Names are without their namespace prefix.
#[derive(Debug, Default)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// The text between the tags, without that of the children.
    pub text: String,
    pub children: Vec<Element>,
    range: Range<usize>,
}

impl Element {
    pub fn child<'a>(&'a self, name: &'a str) -> Option<&'a Self> {
        self.children(name).next()
    }

    pub fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The elements at the end of a path of names.
    pub fn all<'a>(&'a self, path: &[&'a str]) -> Vec<&'a Self> {
        path.iter().fold(vec![self], |found, name| found.into_iter().flat_map(|one| one.children(name)).collect())
    }

    /// The trimmed text of a child.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.children.iter().find(|child| child.name == name).map(|child| child.text.trim())
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn span(&self, blob: &Blob) -> Span {
        blob.span(self.range.clone())
    }
}

/// The outermost element, or the place and reason why there is none.
pub fn root(blob: &Arc<Blob>) -> Result<Element, Evidence> {
    let mut reader = Reader::from_str(blob.text());
    let mut open: Vec<Element> = vec![Element::default()];
    let mut count = 0;
    loop {
        let start = reader.buffer_position() as usize;
        let event = reader.read_event().map_err(|error| unreadable(blob, start, &error.to_string()))?;
        let end = reader.buffer_position() as usize;
        match event {
            Event::Start(tag) => open.push(element(&tag, start..end)),
            Event::Empty(tag) => adopt(&mut open, element(&tag, start..end)),
            Event::End(_) => {
                if let Some(mut done) = open.pop() {
                    done.range.end = end;
                    adopt(&mut open, done);
                }
            }
            Event::Text(text) => add_text(&mut open, &text.xml10_content()),
            Event::CData(text) => add_text(&mut open, &text.xml10_content()),
            Event::Eof => break,
            _ => {}
        }
        count += 1;
        if open.len() > MAX_DEPTH || count > MAX_ELEMENTS {
            return Err(unreadable(blob, start, "deeper or larger than any real manifest"));
        }
    }
    let first = if open.len() == 1 { open.pop().and_then(|outer| outer.children.into_iter().next()) } else { None };
    first.ok_or_else(|| unreadable(blob, blob.text().len(), "an element is not closed, or there is none"))
}

fn unreadable(blob: &Blob, at: usize, reason: &str) -> Evidence {
    Evidence::at(blob.span(at..at), format!("no valid XML: {reason}"))
}

fn element(tag: &BytesStart, range: Range<usize>) -> Element {
    let mut attributes = Vec::new();
    for attribute in tag.attributes().with_checks(false).flatten() {
        attributes.push((attribute.key.local_name().as_ref().to_string(), attribute.value.to_string()));
    }
    Element { name: tag.local_name().as_ref().to_string(), attributes, range, ..Element::default() }
}

fn adopt(open: &mut [Element], child: Element) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(child);
    }
}

fn add_text(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Arc<Blob>, Element), Evidence> {
        let blob = Arc::new(Blob::new("pom.xml", text));
        root(&blob).map(|element| (blob, element))
    }

    #[test]
    fn elements_know_their_lines() {
        let (blob, project) = read("<?xml version=\"1.0\"?>\n<p:a x='1'>\n  <b>t</b>\n  <b/>\n</p:a>\n").unwrap();
        assert_eq!((project.name.as_str(), project.attribute("X")), ("a", Some("1")));
        let lines: Vec<_> = project.children("b").map(|b| b.span(&blob).line()).collect();
        assert_eq!((lines, project.text_of("b")), (vec![3, 4], Some("t")));
    }

    #[test]
    fn attacks_and_mistakes_end_in_a_message() {
        assert!(read(&"<a>".repeat(10_000)).is_err());
        assert!(read("<a><b></a>").is_err());
        assert!(read("").is_err());
        assert!(read("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>").unwrap().1.text.is_empty());
    }
}
