//! Alert rules watch the errors, the latency and, where data is synced, the lag.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::alerts::{AlertRule, Bound, Topic};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "alerts",
    title: "Alerts watch errors, latency and lag",
    area: Area::Observability,
    priority: Priority::P1,
    reads: &[Store::Alerts, Store::Shapes, Store::Sync],
    page: include_str!("alerts.md"),
    judge,
};

/// The laxest bounds of the checklist, with a breath for floating-point numbers.
const SHARE: f64 = 0.05 + 1e-9;
const LATENCY_SECONDS: f64 = 5.0 + 1e-9;
const LAG_SECONDS: f64 = 900.0 + 1e-6;

fn judge(facts: &Facts) -> Outcome {
    if let Some(reason) = runs_elsewhere(facts) {
        return Outcome::not_applicable(reason);
    }
    let rules = &facts.alerts().rules;
    if rules.is_empty() {
        return Outcome::manual("no alert rules in the repository", []);
    }
    let synced = facts.sync().synced();
    let (mut findings, mut hidden, mut evidence, mut advice) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for topic in [Topic::Errors, Topic::Latency, Topic::Lag] {
        if topic == Topic::Lag && synced.is_none() {
            continue;
        }
        let watching: Vec<&AlertRule> = rules.iter().filter(|rule| rule.topic == topic).collect();
        let (enough, short): (Vec<&AlertRule>, Vec<&AlertRule>) =
            watching.into_iter().partition(|rule| shortfall(rule).is_none());
        evidence.extend(
            enough.iter().map(|rule| Evidence::at(rule.span.clone(), format!("{}: {}", rule.name, shown(rule)))),
        );
        let unheard = enough.iter().filter(|rule| rule.notifies == Some(false));
        advice.extend(
            unheard.map(|rule| Evidence::at(rule.span.clone(), format!("{} tells nobody when it fires", rule.name))),
        );
        if !enough.is_empty() {
            continue;
        }
        if short.is_empty() {
            findings.push(Evidence::absent(files(rules), format!("no rule watches {}", watched(topic))));
        }
        for rule in short {
            let seen =
                Evidence::at(rule.span.clone(), format!("{}: {}", rule.name, shortfall(rule).unwrap_or_default()));
            if rule.enabled && rule.bound == Bound::Unknown { hidden.push(seen) } else { findings.push(seen) }
        }
    }
    evidence.extend(synced.map(|span| Evidence::at(span.clone(), "data is synced, so its lag is to be watched")));
    match (findings.is_empty(), hidden.is_empty()) {
        (false, _) => Outcome::fail(findings).with_evidence(evidence).with_advice(hidden),
        (true, false) => {
            Outcome::manual("the files do not tell where these rules draw the line", hidden).with_evidence(evidence)
        }
        (true, true) => Outcome::pass(evidence).with_advice(advice),
    }
}

/// Why nobody here could be woken up, where that is so.
fn runs_elsewhere(facts: &Facts) -> Option<&'static str> {
    let shapes = facts.shapes();
    let is_known = !shapes.all().is_empty() && !shapes.runs_unattended();
    is_known.then_some("a library or a client app: it runs with other people")
}

/// What a rule lacks to cover its topic; none where it does.
fn shortfall(rule: &AlertRule) -> Option<String> {
    if !rule.enabled {
        return Some("the rule is turned off".to_owned());
    }
    let is_within = match (rule.topic, rule.bound) {
        (Topic::Errors, Bound::Share(share)) => (0.0..=SHARE).contains(&share),
        (Topic::Latency, Bound::Seconds(seconds)) => seconds <= LATENCY_SECONDS,
        (Topic::Lag, Bound::Seconds(seconds)) => seconds <= LAG_SECONDS,
        _ => false,
    };
    if is_within {
        return None;
    }
    let most = match rule.topic {
        Topic::Errors => "5 %",
        Topic::Latency => "5 s",
        _ => "15 min",
    };
    Some(match rule.bound {
        Bound::Unknown => "its threshold cannot be told from the files".to_owned(),
        Bound::Count(_) => format!("{}, which says nothing of {most}", shown(rule)),
        _ => format!("{}, and {most} is the most", shown(rule)),
    })
}

/// Where a rule draws the line, in words.
fn shown(rule: &AlertRule) -> String {
    let what = match rule.topic {
        Topic::Errors => "errors",
        Topic::Latency => "latency",
        Topic::Lag => "lag",
        Topic::Other => "something else",
    };
    match rule.bound {
        Bound::Share(0.0) => "fires at the first error".to_owned(),
        Bound::Share(share) => format!("{what} from {} %", rounded(share * 100.0)),
        Bound::Seconds(seconds) if rule.topic == Topic::Lag => format!("{what} from {} min", rounded(seconds / 60.0)),
        Bound::Seconds(seconds) => format!("{what} from {} s", rounded(seconds)),
        Bound::Count(count) => format!("{what} from a count of {}", rounded(count)),
        Bound::Unknown => format!("{what} from a threshold that is not told"),
    }
}

/// Three digits behind the point at most.
fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

fn watched(topic: Topic) -> &'static str {
    match topic {
        Topic::Errors => "the error rate",
        Topic::Latency => "the latency",
        _ => "the lag of the sync",
    }
}

/// The files that hold the rules.
fn files(rules: &[AlertRule]) -> Vec<String> {
    let paths: std::collections::BTreeSet<&str> = rules.iter().map(|rule| rule.span.path()).collect();
    paths.into_iter().map(str::to_owned).collect()
}
