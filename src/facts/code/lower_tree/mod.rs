//! Reads every language but JavaScript: parsed by tree-sitter, made into the common tree by the language's table.
//!
//! One walk serves all languages; what differs is data (`languages/<language>/nodes.toml`, see [`table`]). Adding a
//! language is such a folder, its grammar's crate and a line in [`GRAMMARS`].

mod calls;
mod declarations;
mod expressions;
mod imports;
mod lower;
mod operators;
mod statements;
mod strings;
mod table;

use super::model::{Language, Source};
use crate::evidence::Blob;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};
use table::Table;
use tree_sitter::{ParseOptions, ParseState, Parser, Tree};
use tree_sitter_language::LanguageFn;

/// A grammar that took more than this many looks at its progress is given up: the file is an attack or no source.
/// The parser looks about once in 100 operations, so this is some seconds of work.
const MAX_PROGRESS: usize = 4_000_000;

struct Grammar {
    language: Language,
    grammar: LanguageFn,
    nodes: &'static str,
    table: OnceLock<Option<Table>>,
}

const fn grammar(language: Language, grammar: LanguageFn, nodes: &'static str) -> Grammar {
    Grammar { language, grammar, nodes, table: OnceLock::new() }
}

static GRAMMARS: [Grammar; 7] = [
    grammar(Language::Python, tree_sitter_python::LANGUAGE, include_str!("../languages/python/nodes.toml")),
    grammar(Language::Go, tree_sitter_go::LANGUAGE, include_str!("../languages/go/nodes.toml")),
    grammar(Language::Java, tree_sitter_java::LANGUAGE, include_str!("../languages/java/nodes.toml")),
    grammar(Language::Kotlin, tree_sitter_kotlin_ng::LANGUAGE, include_str!("../languages/kotlin/nodes.toml")),
    grammar(Language::CSharp, tree_sitter_c_sharp::LANGUAGE, include_str!("../languages/csharp/nodes.toml")),
    grammar(Language::Ruby, tree_sitter_ruby::LANGUAGE, include_str!("../languages/ruby/nodes.toml")),
    grammar(Language::Php, tree_sitter_php::LANGUAGE_PHP, include_str!("../languages/php/nodes.toml")),
];

/// One file's tree, or the reason why there is none.
pub(super) fn lower(blob: &Arc<Blob>, language: Language) -> Result<Source, &'static str> {
    let grammar = GRAMMARS.iter().find(|grammar| grammar.language == language).ok_or("no grammar for its language")?;
    let table = grammar.table.get_or_init(|| Table::new(grammar.nodes, &grammar.grammar.into()).ok());
    let table = table.as_ref().ok_or("the table of its language is broken")?;
    let tree = parse(blob.text(), grammar)?;
    lower::Lowering::new(blob, language, table).finish(&tree)
}

fn parse(text: &str, grammar: &Grammar) -> Result<Tree, &'static str> {
    let mut parser = Parser::new();
    parser.set_language(&grammar.grammar.into()).map_err(|_| "its grammar is of another version")?;
    let mut looks = 0_usize;
    let mut progress = |_: &ParseState| {
        looks += 1;
        if looks > MAX_PROGRESS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    let bytes = text.as_bytes();
    let mut input = |at: usize, _| bytes.get(at..).unwrap_or_default();
    parser.parse_with_options(&mut input, None, Some(options)).ok_or("it took too long to parse")
}

#[cfg(test)]
mod tests;
