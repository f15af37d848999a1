//! Whether calls to APIs are counted and timed: by an agent, by what their client was set up with, or by hand.

mod agent;
mod around;
mod exposure;
mod launch;
mod record;
mod spring;
mod vocabulary;
mod words;

use super::code::{Code, NodeKey};
use super::{Facet, Facts};
use crate::evidence::Span;
use around::{Around, Records};
use record::Record;
use std::collections::HashMap;
use vocabulary::{Leaves, READY_MADE};

/// As many places are shown for one call.
const SHOWN: usize = 4;

/// What is known of one call to an API.
#[derive(Debug, Clone)]
pub enum Measured {
    /// Count, duration and failures reach a metrics system; the places that show it.
    Whole(Vec<(Span, String)>),
    /// It is counted, and nothing times it.
    CountedOnly(Span),
    /// It is timed, and nothing tells failures.
    FailuresUntold(Span),
    /// It is recorded, and nothing hands that out.
    Kept(Span),
    Nothing,
}

/// The metrics of the repository.
#[derive(Debug, Default)]
pub struct Metrics {
    /// For each API call, in the order of [`super::clients::Clients::sites`].
    pub sites: Vec<Measured>,
    /// What measures the requests that come in: a near miss.
    pub inbound: Option<Span>,
}

/// What measures inbound requests. Source: each project's README.
const INBOUND: [&str; 12] = [
    "express-prom-bundle",
    "promBundle(",
    "fastify-metrics",
    "Instrumentator(",
    "PrometheusMiddleware",
    "UseHttpMetrics",
    "AddAspNetCoreInstrumentation",
    "InstrumentHandler",
    "otelhttp.NewHandler",
    "FastAPIInstrumentor",
    "collectDefaultMetrics",
    "Middleware::Collector",
];

impl Facet for Metrics {
    fn read(facts: &Facts) -> Self {
        let (code, clients) = (facts.code(), facts.clients());
        if clients.sites.is_empty() {
            return Self::default();
        }
        let records = Records { all: records(code) };
        let agents = Agents::of(facts);
        let around = Around { code, records: &records };
        let mut ways = HashMap::new();
        let mut leaves = |way: Leaves| {
            let key = format!("{way:?}");
            *ways.entry(key).or_insert_with(|| exposure::leaves(facts, way))
        };
        let spring = spring::observed(facts);
        let sites = clients.sites.iter().map(|site| {
            let language = site.call(code).map(|call| call.node.source().language());
            let agent = language.and_then(|language| agents.found.iter().find(|agent| agent.measures(site, language)));
            if let Some(agent) = agent {
                return match agent.is_exported && !leaves(Leaves::Exported) {
                    true => Measured::Kept(agent.span.clone()),
                    false => Measured::Whole(vec![(
                        agent.span.clone(),
                        format!("{} measures every request that goes out", agent.name),
                    )]),
                };
            }
            if let Some(span) = spring.of(code, site) {
                return Measured::Whole(vec![(
                    span,
                    "a client of Spring's builder, which Micrometer observes".to_owned(),
                )]);
            }
            judged(&around.of(site), &mut leaves)
        });
        let sites = sites.collect();
        Self { sites, inbound: inbound(code) }
    }
}

/// The agents that are not switched off.
struct Agents {
    found: Vec<agent::Agent>,
}

impl Agents {
    fn of(facts: &Facts) -> Self {
        if launch::is_switched_off(facts) {
            return Self { found: Vec::new() };
        }
        let mut found = agent::agents(facts);
        found.extend(launch::agents(facts));
        found.sort_by_key(|agent| agent.is_exported);
        Self { found }
    }
}

/// What the records around a call come to.
fn judged(records: &[Record<'_>], leaves: &mut dyn FnMut(Leaves) -> bool) -> Measured {
    let Some(first) = records.first() else { return Measured::Nothing };
    let (out, kept): (Vec<&Record<'_>>, Vec<&Record<'_>>) = records.iter().partition(|record| leaves(record.leaves));
    let times = |list: &[&Record<'_>]| list.iter().any(|record| record.times);
    let tells = |list: &[&Record<'_>]| list.iter().any(|record| record.tells_failures);
    if times(&out) && tells(&out) {
        let spans = out.iter().map(|record| (record.node.span(), "records the call".to_owned()));
        return Measured::Whole(spans.take(SHOWN).collect());
    }
    if let Some(kept) = kept.first().filter(|_| !times(&out)) {
        return Measured::Kept(kept.node.span());
    }
    let place = out.first().map_or(first.node.span(), |record| record.node.span());
    if times(&out) { Measured::FailuresUntold(place) } else { Measured::CountedOnly(place) }
}

fn records(code: &Code) -> HashMap<NodeKey, Record<'_>> {
    let mut found = HashMap::new();
    for source in code.sources() {
        let text = source.blob().text();
        let names = READY_MADE.iter().filter(|(languages, ..)| languages.contains(&source.language()));
        let mut roots = names.flat_map(|(_, roots, _)| roots.iter());
        let may_be_ready = roots.any(|root| text.contains(root.rsplit(['/', '.']).next().unwrap_or(root)));
        let nodes = source.nodes().filter_map(|node| Some((node.key(), record::record(code, node, may_be_ready)?)));
        found.extend(nodes);
    }
    found
}

fn inbound(code: &Code) -> Option<Span> {
    code.sources().find_map(|source| {
        let lines = source.blob().lines().filter(|(_, line)| !line.trim_start().starts_with(['/', '#', '*']));
        let mut lines = lines.filter(|(_, line)| INBOUND.iter().any(|word| line.contains(word)));
        lines.next().map(|(number, _)| source.blob().line(number))
    })
}
