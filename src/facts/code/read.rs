//! Reads every production file of a known language, in parallel, within bounds.

use super::index::Index;
use super::model::{Language, Source};
use super::module::Modules;
use super::scope::Scopes;
use super::{Code, Unread, lower_js, lower_tree};
use crate::evidence::{Blob, Evidence};
use crate::facts::Facts;
use crate::snapshot::{Content, Snapshot};
use rayon::prelude::*;
use std::sync::Arc;

/// A larger file is no hand-written source; the largest that people keep are below 1 MiB.
const MAX_BYTES: usize = 2 << 20;
/// The parser and the lowering call themselves once a level of nesting, within the limits of [`nesting`].
const STACK: usize = 256 << 20;
/// Deeper nesting is taken for an attack.
const MAX_BRACKETS: usize = 600;
/// As many operators that nest to the right, without a `;` or a bracket between them, are one too.
const MAX_CHAIN: usize = 4_000;

pub(super) fn read(facts: &Facts) -> Code {
    let tree = facts.tree();
    let files: Vec<(&Arc<Blob>, Language)> = facts
        .snapshot
        .blobs()
        .filter_map(|blob| Some((blob, Language::of(blob.path())?)))
        .filter(|(blob, _)| tree.is_production(blob.path()))
        .collect();
    let mut code = Code { unread: untold(facts), ..Code::default() };
    for result in in_parallel(&files) {
        match result {
            Ok(mut source) => {
                source.index = code.sources.len() as u32;
                code.sources.push(source);
            }
            Err(reason) => code.unread.push(Unread(reason)),
        }
    }
    code.scopes = code.sources.par_iter().map(Scopes::of).collect();
    code.modules = Modules::of(facts.snapshot, &code.sources);
    code.index = Index::of(&code.sources);
    code
}

/// The source that nobody could look into: too large to be kept, with zero bytes as no text has them, or locked. Whoever
/// wants a file not to be judged would make it such a one.
fn untold(facts: &Facts) -> Vec<Unread> {
    let tree = facts.tree();
    let is_source = |path: &str| Language::of(path).is_some() && tree.is_production(path);
    let told = facts.snapshot.entries().filter(|(path, _)| is_source(path)).filter_map(|(path, entry)| {
        let reason = match &entry.content {
            Content::TooLarge(bytes) => format!("it has {bytes} bytes"),
            Content::Binary if !is_video(path, facts.snapshot) => "it holds zero bytes".to_owned(),
            Content::Unreadable(reason) => reason.clone(),
            _ => return None,
        };
        Some(Unread(Evidence::absent([&**path], format!("source that could not be read: {reason}"))))
    });
    told.take(MOST_UNTOLD).collect()
}

/// So many files that could not be read are told.
const MOST_UNTOLD: usize = 50;

/// Pieces of a video are called `.ts` as well; their list lies beside them.
fn is_video(path: &str, snapshot: &Snapshot) -> bool {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let is_list =
        |other: &str| other.ends_with(".m3u8") && other.rsplit_once('/').map_or("", |(above, _)| above) == folder;
    path.ends_with(".ts") && snapshot.paths().any(is_list)
}

/// Runs what follows values through files on threads whose stack is large enough for it.
pub(in crate::facts) fn on_large_stacks<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK).build().ok()?;
    Some(pool.install(work))
}

/// Parsers call themselves: they run on threads whose stack is larger than that of the usual pool.
fn in_parallel(files: &[(&Arc<Blob>, Language)]) -> Vec<Result<Source, Evidence>> {
    let lower_all = || files.par_iter().map(|(blob, language)| source(blob, *language)).collect();
    match rayon::ThreadPoolBuilder::new().stack_size(STACK).build() {
        Ok(pool) => pool.install(lower_all),
        Err(_) => files.iter().map(|(blob, _)| Err(unread(blob, "no thread to read it on"))).collect(),
    }
}

/// One file's tree, or the reason why there is none.
pub(super) fn source(blob: &Arc<Blob>, language: Language) -> Result<Source, Evidence> {
    if blob.text().len() > MAX_BYTES {
        return Err(unread(blob, "larger than 2 MiB"));
    }
    if is_too_deep(blob.text()) {
        return Err(unread(blob, "nested too deeply to be read"));
    }
    let lowered =
        if language.is_script() { lower_js::lower(blob, language) } else { lower_tree::lower(blob, language) };
    lowered.map_err(|reason| unread(blob, reason))
}

fn unread(blob: &Blob, reason: &str) -> Evidence {
    Evidence::at(blob.line(1), format!("source that could not be read: {reason}"))
}

/// Whether reading it could exhaust the stack: every level of a parser's recursion costs an open bracket or an
/// operator that nests to the right. Strings and comments are counted too: no harm, since they nest nothing.
fn is_too_deep(text: &str) -> bool {
    let (mut open, mut chain) = (0_usize, 0_usize);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            b'!' | b'~' | b'?' | b'=' | b'-' | b'+' | b'<' => chain += 1,
            b';' => chain = 0,
            _ => {}
        }
        if matches!(byte, b'\n' | b'"' | b'\'' | b',') {
            chain = chain.saturating_sub(4);
        }
        if open > MAX_BRACKETS || chain > MAX_CHAIN {
            return true;
        }
    }
    false
}
