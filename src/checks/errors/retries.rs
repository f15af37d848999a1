//! Failed calls are retried with exponential backoff.

use crate::check::{Area, Check};
use crate::evidence::{Evidence, Span};
use crate::facts::clients::Site;
use crate::facts::rehearsal::{Conduct, Growth, Reaction, Rehearsal};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "retries",
    title: "Failed calls are retried with exponential backoff",
    area: Area::Errors,
    priority: Priority::P0,
    reads: &[Store::Code, Store::Clients],
    page: include_str!("retries.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    let sites = &facts.clients().sites;
    if sites.is_empty() {
        return Outcome::not_applicable("no production source calls an API");
    }
    let mut told = Told::default();
    for (site, rehearsal) in sites.iter().zip(&facts.rehearsals().sites) {
        match rehearsal {
            Rehearsal::Seen(conduct) if conduct.repeats() => told.repeated(site, conduct),
            Rehearsal::Resent => {}
            _ => told.finding(site.span.clone(), format!("{} is not retried", site.title())),
        }
    }
    told.outcome()
}

/// What is to be told, each thing once.
#[derive(Default)]
struct Told {
    findings: Vec<Evidence>,
    evidence: Vec<Evidence>,
    unsure: Vec<Evidence>,
    advice: Vec<Evidence>,
}

impl Told {
    fn repeated(&mut self, site: &Site, conduct: &Conduct) {
        let (limited, failing) = (&conduct.rate_limited, conduct.at_failure());
        let wrong = wrong_with(conduct);
        let place = |reaction: &Reaction| mechanism(reaction).unwrap_or_else(|| site.span.clone());
        let shown = if limited.repeats { limited } else { failing };
        if wrong.is_empty() {
            let note = "retried on 429 and 5xx, with growing delays and an end";
            for span in shows(shown) {
                self.evidence(span, note);
            }
            self.evidence(site.span.clone(), &format!("{} is retried", site.title()));
            if !limited.is_sure || !failing.is_sure {
                add(&mut self.unsure, Evidence::at(place(shown), "whether it is retried hangs on what the answer holds"));
            }
            if matches!(site.method.as_deref(), Some("POST")) {
                let note = format!("{} is repeated: one that went through unheard is made twice", site.title());
                add(&mut self.advice, Evidence::at(site.span.clone(), note));
            }
            return;
        }
        for (span, note) in wrong {
            self.finding(span.unwrap_or_else(|| place(shown)), note);
        }
        self.evidence(site.span.clone(), &format!("{} is retried so", site.title()));
        for span in shows(shown) {
            self.evidence(span, "how it is retried");
        }
    }

    fn finding(&mut self, span: Span, note: String) {
        add(&mut self.findings, Evidence::at(span, note));
    }

    fn evidence(&mut self, span: Span, note: &str) {
        let line = |span: &Span| (span.path().to_owned(), span.line());
        let known = self.evidence.iter().chain(&self.findings).filter_map(Evidence::span);
        if !known.into_iter().any(|known| line(known) == line(&span)) {
            self.evidence.push(Evidence::at(span, note));
        }
    }

    fn outcome(self) -> Outcome {
        let outcome = match (self.findings.is_empty(), self.unsure.is_empty()) {
            (false, _) => Outcome::fail(self.findings).with_evidence(self.unsure),
            (true, false) => Outcome::manual("what is retried hangs on answers that the code does not tell", self.unsure),
            (true, true) => Outcome::pass([]),
        };
        outcome.with_evidence(self.evidence).with_advice(self.advice)
    }
}

/// What a retry lacks, with the line that shows it.
fn wrong_with(conduct: &Conduct) -> Vec<(Option<Span>, String)> {
    let (limited, failing) = (&conduct.rate_limited, conduct.at_failure());
    let mut wrong = Vec::new();
    let repeated = conduct.failing.iter().filter(|(_, reaction)| reaction.repeats);
    let statuses: Vec<String> = repeated.map(|(status, _)| status.to_string()).collect();
    match (limited.repeats, statuses.len()) {
        (true, 0) => wrong.push((condition(limited), "429 is retried, 5xx is not".to_owned())),
        // A list that leaves out all but one of them leaves most outages out.
        (true, 1) => {
            wrong.push((condition(failing), format!("of the 5xx only {} is retried", statuses.concat())));
        }
        (false, _) => wrong.push((condition(failing), "5xx is retried, 429 is not".to_owned())),
        _ => {}
    }
    for (reaction, name) in [(failing, "5xx"), (limited, "429")].into_iter().filter(|(reaction, _)| reaction.repeats) {
        if !reaction.is_capped {
            let span = reaction.around.clone().or_else(|| mechanism(reaction));
            wrong.push((span, format!("{name} is retried for ever: nothing limits the attempts")));
        }
        let is_told = name == "429" && reaction.is_told;
        let note = match reaction.growth {
            Growth::Exponential => continue,
            Growth::Linear => format!("the delay grows linearly on {name}, not exponentially{}", words(reaction)),
            Growth::Fixed if !is_told => format!("the delay does not grow on {name}{}", words(reaction)),
            Growth::Nothing if !is_told => format!("{name} is retried without any delay"),
            Growth::Unknown if !is_told => continue,
            _ => continue,
        };
        let is_repeated = wrong.iter().any(|(_, known)| known.replace("5xx", "429") == note);
        if !is_repeated {
            wrong.push((reaction.delay.first().cloned(), note));
        }
    }
    wrong
}

/// `: 1 s, 2 s, 3 s`, as far as the delays are known.
fn words(reaction: &Reaction) -> String {
    let round = |seconds: &f64| format!("{} s", (seconds * 100.0).round() / 100.0);
    let known: Vec<String> = reaction.delays.iter().take(4).map(round).collect();
    if known.is_empty() { String::new() } else { format!(": {}", known.join(", ")) }
}

fn condition(reaction: &Reaction) -> Option<Span> {
    reaction.tests.first().cloned().or_else(|| mechanism(reaction))
}

/// The line that shows best what repeats.
fn mechanism(reaction: &Reaction) -> Option<Span> {
    let library = reaction.retriers.first().map(|(span, _)| span.clone());
    library.or_else(|| reaction.delay.first().cloned()).or_else(|| reaction.around.clone())
}

/// Every line that shows how it repeats.
fn shows(reaction: &Reaction) -> Vec<Span> {
    let libraries = reaction.retriers.iter().map(|(span, _)| span.clone());
    let own = reaction.around.iter().chain(&reaction.tests).chain(&reaction.delay).cloned();
    libraries.chain(own).collect()
}

fn add(list: &mut Vec<Evidence>, evidence: Evidence) {
    if !list.contains(&evidence) {
        list.push(evidence);
    }
}
