//! JavaScript and TypeScript, ESM and CommonJS, with JSX: from oxc's tree to the neutral one.

mod declaration;
mod expression;
mod module;
mod operator;
mod pattern;
mod statement;

use super::model::{Builder, Language, NodeId, Source};
use crate::evidence::Blob;
use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::{GetSpan, SourceType};
use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

/// Deeper nesting of syntax is not followed: hand-written code stays below 100.
const MAX_DEPTH: usize = 400;

thread_local! {
    /// One arena a thread, emptied after each file.
    static ARENA: RefCell<Allocator> = RefCell::new(Allocator::default());
}

/// The tree of a file, or why there is none.
pub(super) fn lower(blob: &Arc<Blob>, language: Language) -> Result<Source, &'static str> {
    ARENA.with_borrow_mut(|arena| {
        let source = lower_with(arena, blob, language);
        arena.reset();
        source
    })
}

fn lower_with(arena: &Allocator, blob: &Arc<Blob>, language: Language) -> Result<Source, &'static str> {
    let options = ParseOptions { preserve_parens: false, ..ParseOptions::default() };
    let mut parsed = Parser::new(arena, blob.text(), source_type(blob.path(), language)).with_options(options).parse();
    if parsed.panicked && language == Language::JavaScript {
        // Files named `.js` may hold what only a script may say, or only a module.
        parsed = Parser::new(arena, blob.text(), SourceType::cjs().with_jsx(true)).with_options(options).parse();
    }
    if parsed.panicked {
        return Err("a syntax error");
    }
    let mut lower = Lower { builder: Builder::new(blob.clone(), language), depth: 0, too_deep: false };
    let mut top = Vec::new();
    for statement in &parsed.program.body {
        lower.statement(statement, &mut top);
    }
    if lower.too_deep || lower.builder.is_full() {
        return Err("nested too deeply or too large to be read");
    }
    Ok(lower.builder.finish(top))
}

fn source_type(path: &str, language: Language) -> SourceType {
    let guessed = SourceType::from_path(path).unwrap_or_default();
    match language {
        // JSX is common in `.js`; in `.ts` it would change what `<T>x` means.
        Language::JavaScript => guessed.with_jsx(true),
        _ => guessed,
    }
}

/// The work on one file.
struct Lower {
    builder: Builder,
    depth: usize,
    too_deep: bool,
}

impl Lower {
    /// Goes one level down; beyond the limit nothing is read and the file counts as unread.
    fn deeper(&mut self, go: impl FnOnce(&mut Self) -> NodeId) -> NodeId {
        if self.depth >= MAX_DEPTH {
            self.too_deep = true;
            return NodeId::NONE;
        }
        self.depth += 1;
        let node = go(self);
        self.depth -= 1;
        node
    }

    /// A part that must be there: nothing where it was too deep.
    fn present(&mut self, node: NodeId, range: Range<usize>) -> NodeId {
        if node == NodeId::NONE { self.builder.unknown(range, &[]) } else { node }
    }
}

fn range(of: &impl GetSpan) -> Range<usize> {
    let span = of.span();
    span.start as usize..span.end as usize
}

#[cfg(test)]
mod tests;
