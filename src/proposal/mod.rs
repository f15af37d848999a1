//! What a change proposes about its own gate: settings, the workflows that run it, owners, and what would deceive it.
//!
//! None of it counts before the merge. All of it is told.

mod mimicry;
pub mod owners;
mod workflows;

use crate::settings::difference::{Difference, differences};
use crate::settings::{Choice, choose};
use crate::snapshot::{Content, Snapshot};
use schemars::JsonSchema;
use serde::Serialize;

pub use workflows::inputs;

/// One thing that a change would alter about the gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    pub kind: ChangeKind,
    pub path: String,
    /// What is altered, in words.
    pub what: String,
    #[serde(flatten)]
    pub difference: Difference,
}

/// What is altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// The settings, with waivers and attestations.
    Settings,
    /// A workflow that runs the gate.
    Workflow,
    /// Who has to approve.
    Owners,
    /// How git writes files into a checkout.
    Attributes,
    /// A file that looks like another one.
    Mimicry,
}

impl ChangeKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Workflow => "workflow",
            Self::Owners => "owners",
            Self::Attributes => "attributes",
            Self::Mimicry => "look-alike",
        }
    }
}

/// Two states of the files that bear on the gate.
#[derive(Clone, Copy)]
pub struct Sides<'a> {
    /// What counts.
    pub base: &'a Snapshot,
    /// What is proposed.
    pub head: &'a Snapshot,
    /// The folder that is judged, with a slash at its end; empty for all of the repository.
    pub below: &'a str,
    /// The settings file, where the run names one.
    pub config: Option<&'a str>,
    /// The action as `owner/name`, where the runner says it.
    pub action: &'a str,
}

/// Everything that the change would alter about its gate. `paths` are those of the tree that is proposed.
pub fn changes<'p>(sides: Sides, paths: impl Iterator<Item = &'p str>) -> Vec<Change> {
    let mut changes = settings(sides);
    changes.extend(workflows::changes(sides));
    changes.extend(texts(sides, ChangeKind::Owners, &OWNERS, "who has to approve a change of which path"));
    changes.extend(texts(sides, ChangeKind::Attributes, &[".gitattributes"], "how git writes files into a checkout"));
    changes.extend(mimicry::changes(sides, paths));
    changes
}

/// Where GitHub looks for the owners of paths, in its order.
pub const OWNERS: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

fn settings(sides: Sides) -> Vec<Change> {
    let choice = |side| choose(side, sides.below, sides.config);
    let (before, after) = (choice(sides.base), choice(sides.head));
    let path_of = |choice: &Choice| match choice {
        Choice::File(path, _) | Choice::Refused(path, _) => Some(path.clone()),
        Choice::None => None,
    };
    let path = path_of(&after).or_else(|| path_of(&before)).unwrap_or_default();
    let change = |what: &str, difference| Change {
        kind: ChangeKind::Settings,
        path: path.clone(),
        what: what.to_owned(),
        difference,
    };
    let text = |choice: &Choice| match choice {
        Choice::File(_, text) => text.clone(),
        Choice::None | Choice::Refused(..) => String::new(),
    };
    if let Choice::Refused(path, reason) = &after {
        if before == after {
            return Vec::new();
        }
        return vec![change("no settings could be read after the merge", whole(path, None, Some(reason)))];
    }
    let mut all = Vec::new();
    if let (Some(old), Choice::File(new, _)) = (path_of(&before), &after)
        && old != *new
    {
        all.push(change("another file holds the settings", whole("file", Some(&old), Some(new))));
    }
    match differences(&text(&before), &text(&after)) {
        Ok(list) => all.extend(list.into_iter().map(|one| change("the settings", one))),
        Err(reason) => {
            all.push(change("no settings could be read after the merge", whole("file", None, Some(&reason))))
        }
    }
    all
}

/// Files that are compared line by line: what is told is each line that is new or gone.
fn texts(sides: Sides, kind: ChangeKind, paths: &[&str], what: &str) -> Vec<Change> {
    let mut all = Vec::new();
    for path in paths {
        let (before, after) = (lines(sides.base, path), lines(sides.head, path));
        let new = after.iter().enumerate().filter(|(_, line)| !before.contains(line));
        let new = new.map(|(at, line)| Difference { line: at as u32 + 1, ..whole("line", None, Some(line)) });
        let gone = before.iter().filter(|line| !after.contains(line)).map(|line| whole("line", Some(line), None));
        let both =
            new.chain(gone).filter(|one| one.before.iter().chain(&one.after).any(|line| !line.trim().is_empty()));
        let both = both.take(MOST_LINES);
        all.extend(both.map(|difference| Change { kind, path: (*path).to_owned(), what: what.to_owned(), difference }));
    }
    all
}

/// So many lines of one file are told.
const MOST_LINES: usize = 20;

fn lines(side: &Snapshot, path: &str) -> Vec<String> {
    match side.get(path).map(|entry| &entry.content) {
        Some(Content::Text(blob)) => blob.lines().map(|(_, line)| line.to_owned()).collect(),
        Some(Content::Link(_)) => vec!["a symbolic link".to_owned()],
        _ => Vec::new(),
    }
}

fn whole(key: &str, before: Option<&str>, after: Option<&str>) -> Difference {
    Difference { key: key.to_owned(), line: 0, before: before.map(str::to_owned), after: after.map(str::to_owned) }
}
