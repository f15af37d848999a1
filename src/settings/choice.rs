//! Which file holds the settings, among those of one state of the repository.

use super::PATHS;
use crate::snapshot::{Content, Snapshot};

/// What there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    None,
    /// The path, and the text.
    File(String, String),
    /// The path, and why it is not taken.
    Refused(String, String),
}

/// The settings of the folder that is judged (which ends with a slash, or is empty), or the file that the run names.
/// Two files are a mistake: nobody could say which one counts. A link is not followed.
pub fn choose(side: &Snapshot, below: &str, config: Option<&str>) -> Choice {
    if let Some(path) = config {
        return match side.get(path) {
            Some(_) => taken(side, path),
            None => Choice::Refused(path.to_owned(), "does not exist".to_owned()),
        };
    }
    let other = PATHS.map(|path| format!("{below}{}", path.replace(".yml", ".yaml")));
    if let Some(path) = other.iter().find(|path| side.get(path).is_some()) {
        return Choice::Refused(path.clone(), format!("is not read: name it {}", path.replace(".yaml", ".yml")));
    }
    let found: Vec<String> =
        PATHS.iter().map(|path| format!("{below}{path}")).filter(|path| side.get(path).is_some()).collect();
    match &found[..] {
        [] => Choice::None,
        [path] => taken(side, path),
        _ => Choice::Refused(
            found.last().cloned().unwrap_or_default(),
            format!("{} both exist: keep one of them", found.join(" and ")),
        ),
    }
}

fn taken(side: &Snapshot, path: &str) -> Choice {
    let refused = |reason: &str| Choice::Refused(path.to_owned(), reason.to_owned());
    match side.get(path).map(|entry| &entry.content) {
        Some(Content::Text(blob)) => Choice::File(path.to_owned(), blob.text().to_owned()),
        Some(Content::Link(_)) => refused("is a symbolic link, which is not followed"),
        Some(Content::TooLarge(size)) => refused(&format!("has {size} bytes, more than settings may have")),
        Some(Content::Unreadable(reason)) => refused(reason),
        Some(_) => refused("is no text"),
        None => Choice::None,
    }
}
