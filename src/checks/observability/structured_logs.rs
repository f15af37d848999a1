//! Production logs are structured JSON.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::logs::{Form, LogCall, Way};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "structured-logs",
    title: "Production logs are structured JSON",
    area: Area::Observability,
    priority: Priority::P0,
    reads: &[Store::Shapes, Store::Logs, Store::Code],
    page: include_str!("structured_logs.md"),
    judge,
};

/// Of ten log calls one may be a stray print.
const STRAY: usize = 10;
/// More lines than this tell nothing new.
const SHOWN: usize = 20;

fn judge(facts: &Facts) -> Outcome {
    if !facts.shapes().runs_unattended() {
        return Outcome::not_applicable("nothing here runs unattended: no service, function or job was found");
    }
    let logs = facts.logs();
    let printed: Vec<&LogCall> = logs.of(Way::Print).collect();
    let (json, logged) = (logs.of(Way::Json).count(), logs.of(Way::Logger).count());
    let structured = logs.setup(Form::Structured);
    let proper = json + if structured.is_some() { logged } else { 0 };
    let total = json + logged + printed.len();
    let seen = structured.map(|setup| Evidence::at(setup.span.clone(), setup.note.clone()));
    let seen = seen.or_else(|| logs.of(Way::Json).next().map(|call| Evidence::at(call.span.clone(), "prints one JSON object a line")));
    if total == 0 && structured.is_none() {
        let looked_in = ["production source", "settings of loggers"];
        return Outcome::fail([Evidence::absent(looked_in, "no logger and no log call")]);
    }
    let prints = printed.iter().take(SHOWN).map(|call| at(call, "prints plain text"));
    let strays = printed.len() * STRAY <= total;
    match seen {
        Some(seen) if strays && proper * STRAY >= (total - printed.len()) * (STRAY - 1) => {
            Outcome::pass([seen]).with_advice(prints)
        }
        seen => {
            let plain = logs.setup(Form::Plain).map(|setup| Evidence::at(setup.span.clone(), setup.note.clone()));
            let unformatted = logs.of(Way::Logger).next().filter(|_| structured.is_none() && plain.is_none());
            let unformatted = unformatted.map(|call| at(call, "logs through a logger that nothing makes structured"));
            let findings: Vec<Evidence> = plain.filter(|_| structured.is_none()).into_iter().chain(unformatted).chain(prints).collect();
            let told = format!("{} of {total} log calls print plain text", total - proper);
            Outcome::fail(findings).with_advice(seen).with_remark(told)
        }
    }
}

fn at(call: &LogCall, note: &str) -> Evidence {
    Evidence::at(call.span.clone(), format!("{} {note}", call.callee))
}
