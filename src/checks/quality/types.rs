//! The type checker is clean.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::quality::{Problems, Severity};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};
use crate::tools::{Ended, Gate};

pub static CHECK: Check = Check {
    id: "types",
    title: "The type checker is clean",
    area: Area::Quality,
    priority: Priority::P0,
    reads: &[Store::Toolchain, Store::Quality],
    page: include_str!("types.md"),
    judge,
};

/// So many findings are told one by one.
const TOLD: usize = 200;
const SHOWN: usize = 10;
/// Sources that mean nothing without their types.
const TYPED: [&str; 4] = [".ts", ".tsx", ".mts", ".cts"];

fn judge(facts: &Facts) -> Outcome {
    let found = &facts.quality().types;
    if !found.reports.is_empty() || !found.troubles.is_empty() {
        return judged(found);
    }
    if let Some(run) = facts.quality().record.runs.iter().find(|run| run.gate == Gate::Types) {
        // What could be started has left its output, which is judged above.
        let seen = facts.toolchain().plans(Gate::Types).map(|plan| Evidence::at(plan.span.clone(), plan.why.clone()));
        let reason = match run.ended {
            Ended::NotFound => format!("no report, and no tool here: run `{}` in an earlier step and name its report as types-report", run.command),
            _ => return Outcome::error(format!("`{}` {}", run.command, run.ended)),
        };
        return Outcome::manual(reason, seen.collect::<Vec<_>>());
    }
    let chain = facts.toolchain();
    let plans = chain.plans(Gate::Types).map(|plan| (plan.command(), &plan.span));
    let own = chain.commands(Gate::Types).map(|(words, span)| (words.to_owned(), span));
    let mut seen: Vec<Evidence> = Vec::new();
    for (words, span) in plans.chain(own) {
        if seen.len() < SHOWN && !seen.iter().any(|have| have.span().is_some_and(|have| have.line() == span.line() && have.path() == span.path())) {
            seen.push(Evidence::at(span.clone(), format!("`{words}` checks the types")));
        }
    }
    if !seen.is_empty() {
        return Outcome::manual("no report of a type checker is here, and nothing was run to make one", seen);
    }
    let tree = facts.tree();
    let is_typed = |path: &&str| TYPED.iter().any(|ending| path.ends_with(ending)) && tree.is_production(path);
    let typed = tree.files().find(is_typed).filter(|path| !path.ends_with(".d.ts"));
    let looked_in = ["tsconfig.json", "package.json", "pyproject.toml", "mypy.ini", "pyrightconfig.json", ".github/workflows/"];
    let missing = |note: String| Outcome::fail([Evidence::absent(looked_in, note)]);
    match typed {
        Some(path) => missing(format!("{path} has types, and nothing checks them")),
        None if facts.settings().tools.types.required == Some(true) => missing("no type checker is set up".to_owned()),
        None => Outcome::not_applicable("the code has no types that a checker would check"),
    }
}

fn judged(found: &Problems) -> Outcome {
    let of = |severity: Severity| found.problems.iter().filter(move |problem| problem.severity == severity);
    let told = |severity: Severity| of(severity).map(|problem| Evidence::at(problem.span.clone(), problem.note.clone()));
    let errors: Vec<Evidence> = told(Severity::Error).take(TOLD).collect();
    let shown = found.reports.iter().map(|(span, tool)| Evidence::at(span.clone(), format!("what {tool} says")));
    if !errors.is_empty() {
        let advice = found.troubles.iter().cloned().chain(told(Severity::Warning).take(SHOWN));
        return Outcome::fail(errors).with_evidence(shown).with_advice(advice).with_remark(remark(found));
    }
    if !found.troubles.is_empty() {
        return Outcome::error("what the reports say cannot be believed").with_evidence(found.troubles.clone());
    }
    let advice = told(Severity::Warning).take(TOLD).chain(found.asides.iter().cloned());
    Outcome::pass(shown).with_advice(advice).with_remark(remark(found))
}

/// How many errors and warnings, and where most of the errors are.
fn remark(found: &Problems) -> String {
    let count = |severity: Severity, word: &str| {
        let count = found.count(severity);
        format!("{count} {word}{}", if count == 1 { "" } else { "s" })
    };
    let worst = found.worst(Severity::Error);
    let files: Vec<String> = worst.iter().take(SHOWN).map(|(path, count)| format!("{path} ({count})")).collect();
    let most = if files.is_empty() { String::new() } else { format!("; most in {}", files.join(", ")) };
    format!("{}, {}{most}", count(Severity::Error, "error"), count(Severity::Warning, "warning"))
}
