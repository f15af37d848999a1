//! What a service says about its health, and whether it asks the API before.

mod depends;
mod routes;

use super::{Facet, Facts};
use crate::evidence::Span;
use depends::Probes;

/// A route that answers whether the service is well.
#[derive(Debug)]
pub struct HealthRoute {
    pub path: String,
    pub span: Span,
    pub answer: Answer,
}

/// What the answer depends on.
#[derive(Debug)]
pub enum Answer {
    /// A call to the API, or what was noted of one: where it is asked.
    Api(Span),
    /// The code was read, and nothing of the API decides.
    Other,
    /// The code that answers was not found.
    Unknown,
}

/// All health routes, in the order of files and lines.
#[derive(Debug, Default)]
pub struct Health {
    pub routes: Vec<HealthRoute>,
}

impl Facet for Health {
    fn read(facts: &Facts) -> Self {
        let code = facts.code();
        let probes = Probes::new(code, facts.clients());
        let read = |route: routes::Route<'_>| {
            let asked = route.handlers.iter().find_map(|handler| probes.found_in(*handler));
            let answer = match asked {
                Some(node) => Answer::Api(node.span()),
                None if route.handlers.is_empty() => Answer::Unknown,
                None => Answer::Other,
            };
            HealthRoute { path: route.path, span: route.span, answer }
        };
        Self { routes: routes::routes(code).into_iter().map(read).collect() }
    }
}
