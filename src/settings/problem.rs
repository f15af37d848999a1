//! A mistake in the settings: where, what is allowed, and what was probably meant.

use crate::evidence::Blob;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::ops::Range;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub at: Range<usize>,
    pub message: String,
    /// What is allowed there, or what was probably meant.
    pub help: Option<String>,
}

impl Problem {
    pub fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), help: None }
    }

    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Every mistake of one file.
#[derive(Debug)]
pub struct Problems {
    pub blob: Blob,
    pub list: Vec<Problem>,
}

impl Problems {
    /// All of them as text for a terminal, each with its line; coloured where asked.
    pub fn render(&self, coloured: bool) -> String {
        let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
        let shown: Vec<String> = self.list.iter().map(|problem| renderer.render(&[self.group(problem)])).collect();
        shown.join("\n\n")
    }

    fn group<'a>(&'a self, problem: &'a Problem) -> Group<'a> {
        let snippet = Snippet::source(self.blob.text())
            .path(self.blob.path())
            .fold(true)
            .annotation(AnnotationKind::Primary.span(problem.at.clone()));
        let group = Level::ERROR.primary_title(problem.message.as_str()).element(snippet);
        match &problem.help {
            Some(help) => group.element(Level::HELP.message(help.as_str())),
            None => group,
        }
    }
}

/// The known word that is nearest to another, where one is near enough to have been meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase().replace('_', "-");
    let scored = known.into_iter().map(|each| (strsim::jaro_winkler(&folded, &each.to_lowercase()), each));
    let best = scored.max_by(|one, other| one.0.total_cmp(&other.0))?;
    (best.0 >= 0.8).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_and_a_far_one_is_not() {
        let known = ["fail-on", "ignore", "waivers"];
        assert_eq!(nearest("fail_on", known), Some("fail-on"));
        assert_eq!(nearest("wavers", known), Some("waivers"));
        assert_eq!(nearest("zebra", known), None);
        assert_eq!(nearest("", []), None);
    }
}
