//! Whose settings count: on a proposal those of the base branch, elsewhere those of the work tree.
//!
//! Whoever needs to know what the project allows (which findings are accepted, which commands may be run) asks here
//! and nowhere else.

use super::settings_or_problems;
use crate::checks::ids;
use crate::gather::base::{self, Source};
use crate::gather::event::Event;
use crate::gather::git::objects::{Objects, hex, id};
use crate::gather::git::{Repository, TrackedKind};
use crate::proposal::{self, Change, OWNERS, Sides};
use crate::secret::Hit;
use crate::settings::problem::Problems;
use crate::settings::{Choice, FailOn, Settings, choose, read};
use crate::snapshot::Snapshot;
use crate::verdict::{Proposal, UnderIt};
use anyhow::{Result, bail};
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a run knows of where it happens.
#[derive(Clone, Copy, Default)]
pub struct Surroundings<'a> {
    pub event: Option<&'a Event>,
    /// `GITHUB_SHA`: of a pull request the merge that GitHub tries, whose first parent is the base.
    pub commit: &'a str,
    /// The action as `owner/name`, where the runner says it.
    pub action: &'a str,
    /// Where the base branch is read if the checkout does not have it.
    pub remote: Option<&'a dyn Source>,
}

/// The settings that count, and what a proposal would make of them.
#[derive(Debug, Default)]
pub struct Policy {
    pub settings: Settings,
    pub proposed: Option<Proposed>,
    /// What the run itself demands, whatever the settings say.
    fail_on: Option<FailOn>,
}

/// What a proposal says about its own gate.
#[derive(Debug)]
pub struct Proposed {
    /// The files of the base branch that bear on the gate.
    pub base: Snapshot,
    files: Snapshot,
    objects: Option<Objects>,
    below: String,
    config: Option<String>,
    /// The proposed settings, where they are others; or why there would be none.
    pub settings: Option<Result<Settings, Vec<String>>>,
    /// Who has to approve a change of the settings file.
    pub owners: Vec<String>,
}

/// The policy for a folder, or the mistakes of the file that decides. An error where it cannot be told, which never
/// means that less is asked.
pub fn policy(root: &Path, config: Option<&Path>, around: Surroundings) -> Result<Result<Policy, Problems>> {
    if !around.event.is_some_and(|event| event.is_proposal) {
        return Ok(settings_or_problems(root, config)?.map(Policy::of_work_tree));
    }
    let root = root.canonicalize()?;
    let repository = Repository::discover(&root);
    let top = repository.as_ref().map_or(root.as_path(), |repository| &repository.top);
    let below = root.strip_prefix(top).map(|below| below.to_string_lossy().into_owned()).unwrap_or_default();
    let below = if below.is_empty() { below } else { below + "/" };
    let config = match config.map(|file| named(file, top, repository.as_ref())) {
        Some(Named::Elsewhere(file)) => {
            return Ok(settings_or_problems(&root, Some(&file))?.map(Policy::of_work_tree));
        }
        Some(Named::Here(path)) => Some(path),
        None => None,
    };
    let base = base_files(around, repository.as_ref(), &below, config.as_deref())?;
    let files = base::files_of_work_tree(top, &below, config.as_deref());
    let settings = match settings(&base, &below, config.as_deref())? {
        Ok(settings) => Settings { is_of_base: true, ..settings },
        Err(problems) => return Ok(Err(problems)),
    };
    let proposed = proposed(&base, &files, &below, config.as_deref());
    let owners = owners(&base, &files, &below, config.as_deref());
    let objects = repository.as_ref().map(Repository::objects);
    let proposed = Proposed { base, files, objects, below, config, settings: proposed, owners };
    Ok(Ok(Policy { settings, proposed: Some(proposed), fail_on: None }))
}

/// What the base branch tells its gate in the job that runs: the inputs that decide what is judged and what blocks.
/// None where this is no proposal, or the base branch has no such job.
pub fn inputs(top: &Path, around: Surroundings, workflow: &str, job: &str) -> Result<Option<Vec<(String, String)>>> {
    if !around.event.is_some_and(|event| event.is_proposal) {
        return Ok(None);
    }
    let base = base_files(around, Repository::discover(top).as_ref(), "", None)?;
    Ok(proposal::inputs(&base, around.action, workflow, job))
}

impl Policy {
    fn of_work_tree(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// The same with what the run itself says: the priority that blocks, and the checks that are left out.
    pub fn for_run(mut self, fail_on: Option<FailOn>, left_out: BTreeSet<String>) -> Self {
        self.fail_on = fail_on;
        self.settings.fail_on = fail_on.unwrap_or(self.settings.fail_on);
        self.settings.left_out = left_out;
        self
    }

    /// What a proposal would alter about its gate, and what the verdict on the same tree would be under that.
    pub fn proposal(&self, tree: &Snapshot, action: &str, today: Date) -> Option<Proposal> {
        let proposed = self.proposed.as_ref()?;
        let changes = proposed.changes(tree, action);
        let (mut under_it, mut mistakes) = (None, Vec::new());
        match &proposed.settings {
            Some(Ok(settings)) => {
                let fail_on = self.fail_on.unwrap_or(settings.fail_on);
                let settings = Settings { fail_on, left_out: self.settings.left_out.clone(), ..settings.clone() };
                under_it = Some(UnderIt::of(&crate::judge(tree, &settings, today)));
            }
            Some(Err(reasons)) => mistakes.clone_from(reasons),
            None => {}
        }
        let base = proposed.base_commit().to_owned();
        Some(Proposal { base, changes, under_it, mistakes, owners: proposed.owners.clone() })
    }
}

impl Proposed {
    /// Takes away the marks beside secrets (`allow(no-secrets)`) that the base branch does not have at that path:
    /// a proposal cannot excuse itself in a comment either.
    pub fn hold_allowances(&self, tree: &mut Snapshot, remote: Option<&dyn Source>) {
        let marked: Vec<Arc<str>> = tree
            .hits
            .iter()
            .filter(|(_, hits)| hits.iter().any(|hit| hit.allowed.is_some()))
            .map(|(path, _)| path.clone())
            .collect();
        for path in marked {
            let full = format!("{}{path}", self.below);
            let before = self.before(&full, remote);
            let text = tree.blob(&path).map(|blob| blob.text().to_owned()).unwrap_or_default();
            let around = |hit: &Hit| -> Vec<String> {
                // The mark may stand on the line or on the one before it.
                let first = (hit.line as usize).saturating_sub(2);
                text.lines().skip(first).take(2).map(str::to_owned).collect()
            };
            let stands = |hit: &Hit| {
                let lines = around(hit);
                before
                    .as_deref()
                    .is_some_and(|before| lines.iter().all(|line| before.lines().any(|other| other == line)))
            };
            for hit in tree.hits.get_mut(&path).into_iter().flatten().filter(|hit| hit.allowed.is_some()) {
                if !stands(hit) {
                    hit.allowed = None;
                }
            }
        }
    }

    /// A file of the base branch as text.
    fn before(&self, path: &str, remote: Option<&dyn Source>) -> Option<String> {
        let objects = self.objects.as_ref().map(|objects| objects as &dyn Source);
        let mut sources = [objects, remote].into_iter().flatten();
        sources.find_map(|source| base::text_at(source, self.base_commit(), path).ok()?)
    }

    /// Everything that the proposal would alter about its gate. The tree is the one that is judged.
    pub fn changes(&self, tree: &Snapshot, action: &str) -> Vec<Change> {
        let config = self.config.as_deref();
        let sides = Sides { base: &self.base, head: &self.files, below: &self.below, config, action };
        proposal::changes(sides, tree.paths())
    }

    /// The commit of the base branch.
    pub fn base_commit(&self) -> &str {
        self.base.head.as_deref().unwrap_or_default()
    }
}

/// The settings of one side; defaults where there is no file, and an error where there is one that cannot be taken.
fn settings(base: &Snapshot, below: &str, config: Option<&str>) -> Result<Result<Settings, Problems>> {
    match choose(base, below, config) {
        Choice::None => Ok(Ok(Settings::default())),
        Choice::Refused(path, reason) => bail!("on the base branch, {path} {reason}"),
        Choice::File(path, text) => Ok(read::read(path.strip_prefix(below).unwrap_or(&path), &text, &ids())),
    }
}

fn proposed(
    base: &Snapshot,
    files: &Snapshot,
    below: &str,
    config: Option<&str>,
) -> Option<Result<Settings, Vec<String>>> {
    let (before, after) = (choose(base, below, config), choose(files, below, config));
    if before == after {
        return None;
    }
    Some(match after {
        Choice::None => Ok(Settings::default()),
        Choice::Refused(path, reason) => Err(vec![format!("{path} {reason}")]),
        Choice::File(path, text) => read::read(&path, &text, &ids()).map_err(|problems| {
            let told = |at| format!("{}: ", problems.blob.span(at));
            problems.list.iter().map(|problem| told(problem.at.clone()) + &problem.message).collect()
        }),
    })
}

/// Who owns the settings file, by the owners' file of the base branch: the last line that matches counts.
fn owners(base: &Snapshot, files: &Snapshot, below: &str, config: Option<&str>) -> Vec<String> {
    let both = (choose(base, below, config), choose(files, below, config));
    let ((Choice::File(path, _), _) | (_, Choice::File(path, _))) = both else {
        return Vec::new();
    };
    let Some(blob) = OWNERS.iter().find_map(|path| base.blob(path)) else { return Vec::new() };
    crate::proposal::owners::of(blob.text(), &path)
}

enum Named {
    /// In the repository that is judged: the base branch's counts.
    Here(String),
    /// Not of this repository, so no proposal can alter it.
    Elsewhere(PathBuf),
}

/// Where the settings file stands that the run names.
fn named(file: &Path, top: &Path, repository: Option<&Repository>) -> Named {
    let lexical = file.strip_prefix(top).map(|path| path.to_string_lossy().into_owned());
    let Ok(path) = lexical else {
        let real = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        return match real.strip_prefix(top) {
            Ok(path) => Named::Here(path.to_string_lossy().into_owned()),
            Err(_) => Named::Elsewhere(real),
        };
    };
    // Another repository that a step has checked out into this one, such as a policy that many share.
    let other = file.parent().and_then(Repository::discover).filter(|other| other.top != top);
    let is_submodule = |folder: &Path| {
        let tracked = repository.and_then(|repository| repository.tracked().ok()).unwrap_or_default();
        let folder = folder.strip_prefix(top).unwrap_or(folder).as_os_str().as_encoded_bytes().to_vec();
        tracked.iter().any(|each| each.path == folder && each.kind == TrackedKind::Submodule)
    };
    match other {
        Some(other) if other.top.starts_with(top) && !is_submodule(&other.top) => Named::Elsewhere(file.to_owned()),
        _ => Named::Here(path),
    }
}

/// The files of the base branch, from the objects of the checkout or from GitHub.
fn base_files(
    around: Surroundings,
    repository: Option<&Repository>,
    below: &str,
    config: Option<&str>,
) -> Result<Snapshot> {
    let objects = repository.map(Repository::objects);
    let Some(commit) = base_commit(around, objects.as_ref()) else {
        bail!("it is not known to which commit of the base branch this proposal goes: {MEND}");
    };
    let sources = [objects.as_ref().map(|objects| objects as &dyn Source), around.remote];
    let mut reasons = Vec::new();
    for source in sources.into_iter().flatten() {
        match base::files(source, &commit, below, config) {
            Ok(Some(files)) => return Ok(files),
            Ok(None) => reasons.push(format!("the commit {commit} is not there")),
            Err(reason) => reasons.push(reason),
        }
    }
    bail!("the settings of the base branch cannot be read ({}): {MEND}", reasons.join("; "))
}

/// What a user can do where the base branch cannot be read.
const MEND: &str = "give the step the job's token (contents: read), or the checkout a fetch-depth of 2";

/// The commit whose settings count. What GitHub has merged for the run is held against the event, and is newer.
pub fn base_commit(around: Surroundings, objects: Option<&Objects>) -> Option<String> {
    let event = around.event?;
    let merge = objects.zip(id(around.commit)).and_then(|(objects, id)| objects.commit(&id).ok()?);
    let parents: Vec<String> = merge.map(|merge| merge.parents.iter().map(hex).collect()).unwrap_or_default();
    let of_event = event.base.as_ref().and_then(|base| base.commit.clone());
    match (&parents[..], &event.head) {
        ([base, head], Some(of_event)) if event.name == "pull_request" && head == of_event => Some(base.clone()),
        ([base, _], None) if event.name == "pull_request" => Some(base.clone()),
        _ => of_event,
    }
}
