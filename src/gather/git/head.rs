//! The commit that is checked out: `HEAD`, followed through loose and packed references.

use super::small_text;
use std::path::Path;

/// References may name references; git itself follows five.
const MAX_DEPTH: usize = 5;

pub fn commit(own: &Path, shared: &Path) -> Option<String> {
    let mut name = "HEAD".to_owned();
    for _ in 0..MAX_DEPTH {
        let value = loose(own, shared, &name).or_else(|| packed(shared, &name))?;
        match value.strip_prefix("ref:") {
            Some(next) => name = next.trim().to_owned(),
            None => return is_id(&value).then_some(value),
        }
    }
    None
}

fn loose(own: &Path, shared: &Path, name: &str) -> Option<String> {
    // A name comes from a file: it must not lead out of the git folder.
    let is_safe = !name.starts_with('/') && name.split('/').all(|part| !part.is_empty() && part != "..");
    let found = is_safe.then(|| small_text(&own.join(name)).or_else(|| small_text(&shared.join(name))))??;
    Some(found.lines().next()?.trim().to_owned())
}

fn packed(shared: &Path, name: &str) -> Option<String> {
    let text = small_text(&shared.join("packed-refs"))?;
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines.filter(|(_, packed)| packed.trim_end() == name).map(|(id, _)| id.to_owned()).next()
}

fn is_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
