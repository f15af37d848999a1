//! Which commands test this project with coverage, lint it and check its types, and why those: what would be run.

mod compiled;
mod node;
mod python;
mod scripted;

use super::manifests::{Ecosystem, Package};
use super::shell::role::Role;
use super::{Facet, Facts};
use crate::evidence::Span;
use crate::tools::Gate;

/// One thing to run for one gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub gate: Gate,
    /// Where it runs, from the root of the repository.
    pub folder: String,
    /// Programs with their arguments, one after the other; the last one's exit code is not asked where a report is made.
    pub steps: Vec<Vec<String>>,
    /// The report that it leaves, relative to the folder; none where what is printed is the report, or there is none.
    pub report: Option<String>,
    /// Why this command.
    pub why: String,
    /// The line that shows it.
    pub span: Span,
}

impl Plan {
    /// The steps as a person would type them.
    pub fn command(&self) -> String {
        let step = |words: &Vec<String>| words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
        self.steps.iter().map(step).collect::<Vec<_>>().join(" && ")
    }
}

fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@,+%".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// The plans of all gates, and what else shows that there are such commands.
#[derive(Debug, Default)]
pub struct Toolchain {
    plans: Vec<Plan>,
    /// Commands of scripts and pipelines that test, lint or check types, by gate.
    commands: Vec<(Gate, String, Span)>,
}

impl Toolchain {
    pub fn plans(&self, gate: Gate) -> impl Iterator<Item = &Plan> {
        self.plans.iter().filter(move |plan| plan.gate == gate)
    }

    /// Commands of the project's own scripts and pipelines for this gate.
    pub fn commands(&self, gate: Gate) -> impl Iterator<Item = (&str, &Span)> {
        self.commands.iter().filter(move |(of, _, _)| *of == gate).map(|(_, words, span)| (words.as_str(), span))
    }
}

impl Facet for Toolchain {
    fn read(facts: &Facts) -> Self {
        let mut found = Self::default();
        for gate in Gate::ALL {
            match facts.settings().tools.command(gate) {
                Some(command) => found.plans.extend(of_settings(facts, gate, command)),
                None => found.plans.extend(found_out(facts, gate)),
            }
        }
        found.commands = commands(facts);
        found
    }
}

/// The command that the settings name, which a shell reads.
fn of_settings(facts: &Facts, gate: Gate, command: &str) -> Option<Plan> {
    let blob = facts.settings().blob.as_ref()?;
    let at = blob.text().find(command).unwrap_or(0);
    let steps = vec![["sh", "-c", command].map(str::to_owned).to_vec()];
    let why = "the settings name it".to_owned();
    let report = Some("the report that the settings name".to_owned());
    Some(Plan { gate, folder: String::new(), steps, report, why, span: blob.span(at..at + command.len()) })
}

fn found_out(facts: &Facts, gate: Gate) -> Vec<Plan> {
    let packages = facts.manifests().packages();
    let mut plans: Vec<Plan> = Vec::new();
    for package in packages {
        let plan = match package.ecosystem {
            Ecosystem::Npm => node::plan(facts, package, gate),
            Ecosystem::Python => python::plan(facts, package, gate),
            Ecosystem::Go | Ecosystem::Jvm | Ecosystem::Nuget | Ecosystem::Cargo => {
                compiled::plan(facts, package, gate)
            }
            Ecosystem::Ruby | Ecosystem::Composer => scripted::plan(facts, package, gate),
        };
        // What one manifest of a folder or of a build above it says, the next one says again.
        let is_new =
            |plan: &Plan| !plans.iter().any(|have| have.steps == plan.steps && covers(&have.folder, &plan.folder));
        plans.extend(plan.filter(is_new));
    }
    plans
}

/// Whether a command that runs in one folder does the work of the other as well.
fn covers(folder: &str, other: &str) -> bool {
    folder.is_empty() || folder == other || other.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// What the scripts and pipelines of the repository run themselves.
fn commands(facts: &Facts) -> Vec<(Gate, String, Span)> {
    let gate = |role: &Role| match role {
        Role::Tests => Some(Gate::Coverage),
        Role::Lints => Some(Gate::Lint),
        Role::Types => Some(Gate::Types),
        _ => None,
    };
    let mut found = Vec::new();
    for act in facts.workflows().all().iter().flat_map(|workflow| workflow.acts().map(|(_, _, act)| act)) {
        let gates = act.roles.iter().filter_map(gate);
        found.extend(gates.map(|gate| (gate, act.words.join(" "), act.span.clone())));
    }
    for recipe in facts.recipes().all() {
        for command in &recipe.commands {
            let span = recipe.span_of(command);
            for act in facts.recipes().expand(command, &recipe.folder, &span) {
                let gates = act.roles.iter().filter_map(gate);
                found.extend(gates.map(|gate| (gate, act.words.join(" "), span.clone())));
            }
        }
    }
    found
}

/// The start of a plan.
struct Base<'a> {
    gate: Gate,
    package: &'a Package,
}

impl Base<'_> {
    fn plan(&self, steps: &[&[&str]], report: Option<&str>, why: impl Into<String>, span: &Span) -> Plan {
        let words = |step: &&[&str]| step.iter().map(|word| (*word).to_owned()).collect();
        Plan {
            gate: self.gate,
            folder: self.package.folder.clone(),
            steps: steps.iter().map(words).collect(),
            report: report.map(str::to_owned),
            why: why.into(),
            span: span.clone(),
        }
    }
}

/// Whether the tree has a file of that name in the folder of a package.
fn has(facts: &Facts, package: &Package, name: &str) -> bool {
    let path = if package.folder.is_empty() { name.to_owned() } else { format!("{}/{name}", package.folder) };
    facts.tree().has(&path)
}

/// Whether some file below the folder of a package has that ending.
fn any_file(facts: &Facts, package: &Package, ending: &str) -> bool {
    facts.tree().files().any(|path| path.ends_with(ending) && covers(&package.folder, path))
}

#[cfg(test)]
mod tests;
