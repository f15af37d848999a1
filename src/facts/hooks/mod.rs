//! What looks for secrets when somebody commits, and what comes close to that.
//!
//! Every way to hook into git is read: pre-commit and prek, husky, lefthook, simple-git-hooks, overcommit, and hooks
//! that a script of the repository installs. A hook is followed through package scripts, make targets, script files
//! and lint-staged down to the scanner it runs.

mod git;
mod leaves;
mod lefthook;
mod node;
mod overcommit;
mod pre_commit;
pub mod scanner;
mod script;

use super::{Facet, Facts, Unread};
use crate::evidence::{Evidence, Span};
use script::Follower;

/// One run of a scanner, as a hook or beside one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// The name of the scanner.
    pub scanner: &'static str,
    /// The line of the hook.
    pub span: Span,
    /// The line that holds the command, where the hook leads to another file or line.
    pub via: Option<Span>,
    /// Why it does not stop a commit; none where it does.
    pub flaw: Option<Flaw>,
}

/// Why a scanner stops no commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// Only for those who ask for it (`stages: [manual]`).
    Manual,
    /// At another time: before a push, after a merge.
    Late,
    /// No script of the repository installs the hook.
    NotInstalled,
    /// The tool's settings name it, but no hook runs the tool.
    Unhooked,
    /// Switched off.
    Skipped,
    /// Its failure is not looked at.
    Toothless,
    /// The file lies where the tool does not look.
    Misplaced,
}

impl Flaw {
    /// What is to be seen there.
    pub fn note(self) -> &'static str {
        match self {
            Self::Manual => "at the manual stage, which no commit runs",
            Self::Late => "but not at the commit",
            Self::NotInstalled => "in a hook that nothing installs",
            Self::Unhooked => "but no hook leads here",
            Self::Skipped => "but is switched off",
            Self::Toothless => "but its failure does not stop the commit",
            Self::Misplaced => "in a file that is not read from here",
        }
    }
}

/// The hooks of the repository.
#[derive(Debug, Default)]
pub struct Hooks {
    scans: Vec<Scan>,
    /// The head of every file that configures hooks.
    configs: Vec<Span>,
    unread: Vec<Unread>,
}

impl Hooks {
    /// What scans at every commit and can stop it.
    pub fn at_commit(&self) -> impl Iterator<Item = &Scan> {
        self.scans.iter().filter(|scan| scan.flaw.is_none())
    }

    /// What scans, yet stops no commit.
    pub fn elsewhere(&self) -> impl Iterator<Item = (&Scan, Flaw)> {
        self.scans.iter().filter_map(|scan| Some((scan, scan.flaw?)))
    }

    /// The heads of the files that configure hooks.
    pub fn configs(&self) -> &[Span] {
        &self.configs
    }
}

/// When a hook of git runs, by its name: an error in one of these ends the commit.
fn is_at_commit(hook: &str) -> bool {
    matches!(hook, "pre-commit" | "commit-msg" | "prepare-commit-msg" | "commit")
}

/// The flaw of a hook that runs at that time.
fn flaw_of_stage(hook: &str) -> Option<Flaw> {
    match hook {
        "manual" => Some(Flaw::Manual),
        hook => (!is_at_commit(hook)).then_some(Flaw::Late),
    }
}

/// What one tool's reader found.
#[derive(Default)]
struct Found {
    scans: Vec<Scan>,
    configs: Vec<Span>,
    unread: Vec<Evidence>,
}

impl Facet for Hooks {
    fn read(facts: &Facts) -> Self {
        let follower = Follower::new(facts);
        let readers = [pre_commit::read, node::read, lefthook::read, overcommit::read, git::read];
        let mut hooks = Self::default();
        for found in readers.into_iter().map(|read| read(facts, &follower)) {
            hooks.scans.extend(found.scans);
            hooks.configs.extend(found.configs);
            hooks.unread.extend(found.unread.into_iter().map(Unread));
        }
        hooks.unread.extend(follower.unread.iter().cloned().map(Unread));
        hooks.configs.dedup();
        hooks
    }

    fn unread(&self) -> &[Unread] {
        &self.unread
    }
}
