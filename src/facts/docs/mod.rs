//! Documents: headings, the sections below them, and what stands in those: code, list items, paragraphs.

mod markdown;
mod plain;
mod procedure;

use super::tree::{Role, role_of_path};
use super::{Facet, Facts};
use crate::evidence::{Blob, Span};
use rayon::prelude::*;
use std::sync::Arc;

pub use procedure::Procedure;

/// One document.
#[derive(Debug, Clone)]
pub struct Document {
    pub path: String,
    /// In the order of the text. What stands before the first heading has an empty one of level 0.
    pub sections: Vec<Section>,
}

/// A heading with what stands below it, up to the next heading.
#[derive(Debug, Clone)]
pub struct Section {
    pub heading: String,
    /// 1 for a title; 7 for a line in bold that stands for a heading.
    pub level: u8,
    pub span: Span,
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone)]
pub struct Block {
    pub kind: Kind,
    pub text: String,
    /// The commands or names that are set as code inside the text.
    pub code: Vec<String>,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A block of code.
    Code,
    /// An item of a numbered list.
    Step,
    /// An item of another list.
    Item,
    Paragraph,
}

impl Document {
    /// The blocks of a section and of those below it.
    pub fn below(&self, index: usize) -> impl Iterator<Item = &Block> {
        let level = self.sections.get(index).map_or(0, |section| section.level);
        let rest = self.sections.iter().skip(index + 1).take_while(move |section| section.level > level);
        self.sections.get(index).into_iter().chain(rest).flat_map(|section| &section.blocks)
    }

    /// A section on taking a deployment back, by its heading; not on undoing a transaction or a migration.
    pub fn is_about_rollback(&self, index: usize) -> bool {
        let Some(section) = self.sections.get(index) else { return false };
        let lower = section.heading.to_lowercase();
        let words: Vec<&str> =
            lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let pair = |first: &[&str], second: &[&str]| {
            words.windows(2).any(|pair| first.contains(&pair[0]) && second.contains(&pair[1]))
        };
        let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
        let release = has(&[
            "release",
            "releases",
            "deploy",
            "deployment",
            "deployments",
            "version",
            "production",
            "change",
            "changes",
        ]);
        let names = has(&["rollback", "rollbacks"])
            || pair(&["roll", "rolling", "rolled", "back", "backing"], &["back", "out"])
            || (has(&["revert", "reverting", "undo", "undoing"]) && (release || words.len() == 1));
        let database =
            has(&["database", "db", "migration", "migrations", "schema", "transaction", "transactions", "sql", "saga"]);
        names && (!database || release)
    }

    /// It tells what changed from one release to the next.
    pub fn is_history(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        ["changelog", "changes", "history", "release_notes", "release-notes", "releases", "news"].iter().any(|stem| {
            name.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
        })
    }

    /// A form to be filled in: the templates of issues and pull requests.
    pub fn is_form(&self) -> bool {
        let lower = self.path.to_ascii_lowercase();
        lower.contains("issue_template") || lower.contains("pull_request_template") || lower.contains("/templates/")
    }
}

/// Every document of the repository that is its own.
#[derive(Debug, Default)]
pub struct Docs {
    documents: Vec<Document>,
}

impl Docs {
    pub fn all(&self) -> &[Document] {
        &self.documents
    }
}

/// Longer documents are not read.
const MAX_BYTES: usize = 4_000_000;

impl Facet for Docs {
    fn read(facts: &Facts) -> Self {
        let blobs: Vec<&Arc<Blob>> = facts.snapshot.blobs().filter(|blob| is_own(blob.path())).collect();
        let read = blobs.par_iter().filter(|blob| blob.text().len() <= MAX_BYTES).filter_map(|blob| {
            let (_, kind) = blob.path().rsplit_once('.')?;
            let sections = match kind.to_ascii_lowercase().as_str() {
                "md" | "markdown" | "mdx" => markdown::sections(blob),
                "rst" | "adoc" | "asciidoc" | "org" => plain::sections(blob),
                "txt" if blob.path().to_ascii_lowercase().contains("doc") => plain::sections(blob),
                _ => return None,
            };
            Some(Document { path: blob.path().to_owned(), sections })
        });
        Self { documents: read.collect() }
    }
}

/// Neither a committed dependency nor a tool's own folder (`.claude/…`, `.cursor/…`); `.github` is the project's.
fn is_own(path: &str) -> bool {
    let hidden = path.split('/').any(|part| part.starts_with('.') && part != ".github");
    !hidden && !matches!(role_of_path(path), Role::Vendored | Role::Build | Role::Fixture | Role::Test | Role::Example)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(path: &str, text: &str) -> Vec<String> {
        let blob = Blob::new(path, text);
        let sections = if path.ends_with(".md") { markdown::sections(&blob) } else { plain::sections(&blob) };
        let blocks = |section: &Section| {
            let all = section
                .blocks
                .iter()
                .map(|block| format!("{:?}@{} {} {:?}", block.kind, block.span.line(), block.text.trim(), block.code));
            all.collect::<Vec<_>>().join("; ")
        };
        sections
            .iter()
            .map(|section| {
                format!("{}#{}@{}: {}", section.level, section.heading, section.span.line(), blocks(section))
            })
            .collect()
    }

    #[test]
    fn markdown_has_sections_with_steps_and_code() {
        let text = "intro\n\n# Title\n\n## Roll back\n\n1. Run `helm rollback x`\n2. Wait\n\n```sh\nkubectl rollout undo\n```\n\n**Notes**\n\n- one `a b`\n";
        let expected = [
            "0#@1: Paragraph@1 intro []",
            "1#Title@3: ",
            "2#Roll back@5: Step@7 Run helm rollback x [\"helm rollback x\"]; Step@8 Wait []; Code@10 kubectl rollout undo []",
            "7#Notes@14: Item@16 one a b [\"a b\"]",
        ];
        assert_eq!(shown("a.md", text), expected);
    }

    #[test]
    fn plain_documents_have_sections_too() {
        let text = "Title\n=====\n\nRollback\n--------\n\n1. Do it\n\n::\n\n    helm rollback x\n";
        let expected = ["1#Title@1: ", "2#Rollback@4: Step@7 1. Do it []; Code@11 helm rollback x []"];
        assert_eq!(shown("a.rst", text), expected);
        assert_eq!(shown("a.adoc", "== Rollback\nText here\n")[0], "2#Rollback@1: Paragraph@2 Text here []");
    }
}
