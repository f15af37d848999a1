//! Follows the script of a hook down to the scanners it runs.

use super::node::staged;
use super::scanner::scanner_of;
use super::{Flaw, Scan};
use crate::evidence::{Evidence, Span};
use crate::facts::Facts;
use crate::facts::recipe::Act;
use crate::facts::shell::call::Call;
use crate::facts::shell::{Strictness, commands};

/// What a hook's script can lead to.
pub struct Follower<'a> {
    facts: &'a Facts<'a>,
    /// The commands that lint-staged runs, with their places.
    staged: Vec<(String, Span)>,
    pub unread: Vec<Evidence>,
}

/// Programs that run the commands of their own settings on the files to be committed.
pub const STAGED_RUNNERS: [&str; 2] = ["lint-staged", "nano-staged"];

impl<'a> Follower<'a> {
    pub fn new(facts: &'a Facts<'a>) -> Self {
        let (staged, unread) = staged(facts);
        Self { facts, staged, unread }
    }

    /// What the settings of lint-staged name.
    pub fn staged(&self) -> &[(String, Span)] {
        &self.staged
    }

    /// The scanners that a script runs. `place` tells where its lines, counted from 0, stand.
    pub fn scans(&self, script: &str, how: Strictness, folder: &str, place: impl Fn(u32) -> Span) -> Vec<Scan> {
        let mut found = Vec::new();
        for command in commands(script, how) {
            let span = place(command.line);
            for act in self.facts.recipes().expand(&command, folder, &span) {
                self.see(&act, script, command.line, folder, &mut found);
            }
        }
        found
    }

    fn see(&self, act: &Act, script: &str, line: u32, folder: &str, found: &mut Vec<Scan>) {
        let line = script.lines().nth(line as usize).unwrap_or_default();
        let flaw = (!act.stops && self.is_forgiven(act, script, line)).then_some(Flaw::Toothless);
        if let Some(scanner) = scanner_of(&act.words) {
            found.push(Scan { scanner, span: act.span.clone(), via: act.via.clone(), flaw });
        }
        let runs_staged = Call::of(&act.words).is_some_and(runs_staged);
        for (command, via) in self.staged.iter().filter(|_| runs_staged) {
            for inner in commands(command, Strictness::ERREXIT) {
                let acts = self.facts.recipes().expand(&inner, folder, via);
                let scans = acts.iter().filter_map(|act| scanner_of(&act.words));
                found.extend(scans.map(|scanner| Scan {
                    scanner,
                    span: act.span.clone(),
                    via: Some(via.clone()),
                    flaw,
                }));
            }
        }
    }

    /// Whether the failure is dropped: on its own line, or in a script that never ends early.
    fn is_forgiven(&self, act: &Act, script: &str, line: &str) -> bool {
        let text = act.via.as_ref().and_then(|via| self.facts.snapshot.blob(via.path()));
        let Some((via, blob)) = act.via.as_ref().zip(text) else { return forgives(line) || never_ends(script) };
        let line = blob.lines().nth(via.line() as usize - 1).map_or("", |(_, line)| line);
        let is_script = line.len() < blob.text().len() && blob.text().starts_with("#!");
        forgives(line) || (is_script && never_ends(blob.text()))
    }
}

/// lint-staged and its like; Husky.Net with the tasks of its `task-runner.json`.
fn runs_staged(call: Call) -> bool {
    let is_net =
        call.args.first().is_some_and(|word| word == "husky") && call.args.get(1).is_some_and(|word| word == "run");
    STAGED_RUNNERS.contains(&call.program) || (call.program == "dotnet" && is_net)
}

/// `… || true` and the like.
fn forgives(line: &str) -> bool {
    line.split("||").skip(1).any(|rest| {
        let rest = rest.trim_start();
        ["true", ":", "echo", "printf", "exit 0"].iter().any(|word| rest.starts_with(word)) && !rest.contains("exit 1")
    })
}

/// Nothing in it could end the script because of an earlier failure.
fn never_ends(script: &str) -> bool {
    let code = |line: &&str| !line.trim_start().starts_with('#');
    !script.lines().filter(code).any(|line| line.contains("exit") || line.contains("return") || line.contains("set -e"))
}
