//! Branch coverage is at least 80 %.

use crate::check::{Area, Check};
use crate::coverage::{Count, Metric};
use crate::evidence::Evidence;
use crate::facts::quality::Coverage;
use crate::facts::{Facts, Store, tree};
use crate::outcome::{Outcome, Priority};
use crate::settings::tools::CoverageGate;
use crate::tools::{Ended, Gate};

pub static CHECK: Check = Check {
    id: "coverage",
    title: "Branch coverage is at least 80 %",
    area: Area::Quality,
    priority: Priority::P0,
    reads: &[Store::Toolchain, Store::Quality],
    page: include_str!("coverage.md"),
    judge,
};

const DEFAULT_BRANCHES: f64 = 80.0;
/// So many of the worst files are named.
const WORST: usize = 10;

fn judge(facts: &Facts) -> Outcome {
    let found = &facts.quality().coverage;
    if found.reports.is_empty() && found.troubles.is_empty() {
        return unmeasured(facts);
    }
    if found.covers_nothing {
        return Outcome::error("the reports cover no file: were the tests run?").with_evidence(found.troubles.clone());
    }
    let demands = demands(found, &facts.settings().tools.coverage);
    let missed: Vec<&Demand> = demands.iter().filter(|demand| !demand.is_met()).collect();
    let shown = found.reports.iter().map(|(span, format)| Evidence::at(span.clone(), format!("a report of {}", format.word())));
    let remark = remark(found, &demands);
    if let Some(first) = missed.first() {
        let head = found.reports.first().map(|(span, _)| span);
        let told = missed.iter().filter_map(|demand| Some(Evidence::at(head?.clone(), demand.sentence())));
        let findings: Vec<Evidence> = told.chain(worst(found, first)).collect();
        return Outcome::fail(findings).with_evidence(shown).with_advice(found.troubles.clone()).with_remark(remark);
    }
    if !found.troubles.is_empty() {
        let reason = "what the coverage reports say cannot be believed";
        return Outcome::error(reason).with_evidence(found.troubles.clone());
    }
    let failed = facts.quality().record.runs.iter().filter(|run| run.gate == Gate::Coverage && run.ended != Ended::Code(0));
    let failed: Vec<Evidence> = failed
        .filter_map(|run| Some(Evidence::at(found.reports.first()?.0.clone(), format!("`{}` {}", run.command, run.ended))))
        .collect();
    if !failed.is_empty() {
        return Outcome::fail(failed).with_evidence(shown).with_remark(remark);
    }
    if demands.is_empty() {
        return Outcome::error("the coverage reports have no figure to judge").with_evidence(shown);
    }
    Outcome::pass(shown).with_remark(remark).with_advice(found.asides.clone())
}

/// One threshold, and what is held against it.
struct Demand {
    /// What it is asked of, as the sentence begins.
    subject: String,
    metric: Metric,
    least: f64,
    count: Option<Count>,
    percent: f64,
    /// The glob of the files.
    glob: Option<crate::settings::PathGlob>,
}

impl Demand {
    fn is_met(&self) -> bool {
        self.percent >= self.least
    }

    fn figure(&self) -> String {
        let of = self.count.map_or(String::new(), |count| format!(" ({} of {})", count.hit, count.all));
        format!("{}{} {}{of}", self.subject, self.metric.word(), percent(self.percent))
    }

    fn sentence(&self) -> String {
        format!("{}, below {} %", self.figure(), self.least)
    }
}

/// Cut, not rounded: what is below a threshold does not look as if it met it.
fn percent(percent: f64) -> String {
    format!("{:.2} %", (percent * 100.0 + 1e-9).floor() / 100.0)
}

/// Every threshold that the settings ask for, and that of the branches.
fn demands(found: &Coverage, gate: &CoverageGate) -> Vec<Demand> {
    let branches = gate.branches.unwrap_or(DEFAULT_BRANCHES);
    let asked = [
        (Metric::Branches, Some(branches)),
        (Metric::Lines, gate.lines),
        (Metric::Functions, gate.functions),
        (Metric::Statements, gate.statements),
    ];
    let whole = asked.into_iter().filter_map(|(metric, least)| demand(found, metric, least?, None));
    let of_paths = gate.paths.iter().flat_map(|path| {
        let asked = [
            (Metric::Branches, path.branches),
            (Metric::Lines, path.lines),
            (Metric::Functions, path.functions),
            (Metric::Statements, path.statements),
        ];
        asked.into_iter().filter_map(|(metric, least)| demand(found, metric, least?, Some(&path.path)))
    });
    whole.chain(of_paths).collect()
}

fn demand(found: &Coverage, metric: Metric, least: f64, glob: Option<&crate::settings::PathGlob>) -> Option<Demand> {
    let holds = |path: &str| glob.is_none_or(|glob| glob.matches(path));
    let judged = [metric, found.without_branches()].into_iter().find_map(|metric| {
        let count = found.total(metric, holds).filter(|count| count.all > 0);
        let stated = found.percent[metric as usize].filter(|_| glob.is_none());
        let figure = count.and_then(Count::percent).or(stated)?;
        Some((metric, count, figure))
    });
    let (metric, count, percent) = judged?;
    let subject = glob.map_or(String::new(), |glob| format!("{}: ", glob.text()));
    Some(Demand { subject, metric, least, count, percent, glob: glob.cloned() })
}

/// The files that miss most of what a threshold asks for, each at the first place that was not run.
fn worst(found: &Coverage, demand: &Demand) -> Vec<Evidence> {
    let is_asked = |path: &str| demand.glob.as_ref().is_none_or(|glob| glob.matches(path));
    let mut files: Vec<_> = found
        .files
        .iter()
        .filter(|file| is_asked(&file.path))
        .filter_map(|file| Some((file, file.count(demand.metric)?)))
        .filter(|(_, count)| count.percent().is_some_and(|percent| percent < demand.least))
        .collect();
    files.sort_by_key(|(file, count)| (std::cmp::Reverse(count.all - count.hit.min(count.all)), &file.path));
    let named = files.iter().take(WORST).map(|(file, count)| {
        let figure = percent(count.percent().unwrap_or_default());
        let note = format!("{} {figure} ({} of {})", demand.metric.word(), count.hit, count.all);
        Evidence::at(file.first_missed(demand.metric), note)
    });
    named.collect()
}

/// All figures that there are, and what they are judged by.
fn remark(found: &Coverage, demands: &[Demand]) -> String {
    let figures = Metric::ALL.into_iter().filter_map(|metric| {
        let count = found.total(metric, |_| true).and_then(Count::percent);
        let figure = count.or(found.percent[metric as usize])?;
        Some(format!("{} {}", metric.word(), percent(figure)))
    });
    let said = figures.collect::<Vec<_>>().join(", ");
    match demands.first() {
        Some(demand) if demand.metric != Metric::Branches => {
            let why = if found.is_without_branches { "branches were left out of the measurement" } else { "no branches were counted" };
            format!("{said}; {why}, so {} are judged", demand.metric.word())
        }
        _ => said,
    }
}

/// No report: there may be a command that makes one.
fn unmeasured(facts: &Facts) -> Outcome {
    let tree = facts.tree();
    if !tree.files().any(|path| tree::is_source(path) && tree.is_production(path)) {
        return Outcome::not_applicable("there is no source whose coverage could be measured");
    }
    let chain = facts.toolchain();
    let runs: Vec<_> = facts.quality().record.runs.iter().filter(|run| run.gate == Gate::Coverage).collect();
    if let Some(run) = runs.iter().find(|run| run.ended != Ended::NotFound) {
        return Outcome::error(format!("`{}` {}, and left no report of coverage", run.command, run.ended));
    }
    let makers: Vec<Evidence> = chain
        .plans(Gate::Coverage)
        .filter(|plan| plan.report.is_some())
        .map(|plan| Evidence::at(plan.span.clone(), format!("`{}` would measure it: {}", plan.command(), plan.why)))
        .collect();
    let measures = |words: &str| words.contains("cov") || words.contains("jacoco") || words.contains("kover");
    let own = chain.commands(Gate::Coverage).filter(|(words, _)| measures(words));
    let own = own.map(|(words, span)| Evidence::at(span.clone(), format!("`{words}` measures it")));
    let seen: Vec<Evidence> = makers.into_iter().chain(own).take(WORST).collect();
    if let Some(run) = runs.first() {
        let reason = format!("no report, and no tool here: run `{}` in an earlier step and name its report as coverage-report", run.command);
        return Outcome::manual(reason, seen);
    }
    if !seen.is_empty() {
        return Outcome::manual("no report of coverage is here, and nothing was run to make one", seen);
    }
    let tests = chain.plans(Gate::Coverage).map(|plan| (plan.command(), &plan.span));
    let tests = tests.chain(chain.commands(Gate::Coverage).map(|(words, span)| (words.to_owned(), span)));
    let mut near: Vec<Evidence> = Vec::new();
    for (words, span) in tests {
        if near.len() < WORST && !near.iter().any(|have| have.span().is_some_and(|have| have.line() == span.line() && have.path() == span.path())) {
            near.push(Evidence::at(span.clone(), format!("`{words}` tests without measuring")));
        }
    }
    let looked_in = ["coverage/", "coverage.xml", "lcov.info", "target/site/jacoco/", "package.json", "pyproject.toml"];
    Outcome::fail([Evidence::absent(looked_in, "no report of coverage, and no command that makes one")]).with_advice(near)
}
