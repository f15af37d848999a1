//! Retries that are registered for a client: .NET's handlers, Reactor's operators, Faraday's and PHP's middleware.

use super::between::is_for;
use super::machine::{Machine, SOME};
use super::pieces::Pieces;
use super::retrier::{Pace, Spec};
use super::rows;
use super::value::{Value, plain};
use crate::facts::code::{Call, Node, Unit};

impl<'a> Machine<'a, '_> {
    /// .NET: what is registered for the client.
    pub fn registered(&mut self, call: Call<'a>) -> Option<Spec<'a>> {
        let code = self.code;
        let registrations = code.calls().filter(|one| {
            matches!(
                one.method(),
                "AddStandardResilienceHandler"
                    | "AddStandardHedgingHandler"
                    | "AddResilienceHandler"
                    | "AddPolicyHandler"
                    | "AddTransientHttpErrorPolicy"
            ) && is_for(code, *one, call)
        });
        // Inner handlers come last; the first with retries decides.
        for one in registrations {
            let reached: Vec<Node<'a>> =
                code.reached_from(one.node).into_iter().map(|function| function.node).collect();
            let nodes: Vec<Node<'a>> = one.arguments.iter().chain(reached.iter().copied()).collect();
            match one.method() {
                "AddStandardResilienceHandler" | "AddStandardHedgingHandler" => {
                    let pieces = Pieces::of(code, &nodes);
                    let mut spec = self.spec_of(&rows::RESILIENCE_HANDLER, one.node, &pieces);
                    if pieces.has(&["linear"]) {
                        spec.pace = Pace::Linear { first: 2.0, step: 2.0 };
                    } else if pieces.has(&["constant"]) {
                        spec.pace = Pace::fixed(2.0);
                    }
                    return Some(spec);
                }
                "AddResilienceHandler" if has_retry(&nodes) => {
                    let mut spec = self.spec(&rows::RESILIENCE_HANDLER, one.node, &nodes);
                    // What the HTTP options handle by themselves, others do not.
                    if !nodes.iter().any(|node| node.text().contains("HttpRetryStrategyOptions")) {
                        spec.pace = if matches!(spec.pace, Pace::Growing { .. })
                            && !nodes.iter().any(|node| node.text().contains("Exponential"))
                        {
                            Pace::fixed(2.0)
                        } else {
                            spec.pace
                        };
                    }
                    return Some(spec);
                }
                _ if has_retry(&nodes) => {
                    let mut own = nodes.clone();
                    own.push(one.node);
                    let mut pieces = Pieces::of(code, &own);
                    if one.method() == "AddTransientHttpErrorPolicy" {
                        pieces.named.push((plain("HandleTransientHttpError"), None));
                    }
                    return Some(self.spec_of(&rows::POLLY, one.node, &pieces)).map(|mut spec| {
                        spec.pace = self.polly_pace(&own).unwrap_or(spec.pace);
                        spec
                    });
                }
                _ => {}
            }
        }
        None
    }

    /// The delays of `WaitAndRetryAsync(n, attempt => …)` or of a list.
    pub fn polly_pace(&mut self, nodes: &[Node<'a>]) -> Option<Pace<'a>> {
        let waits = nodes
            .iter()
            .flat_map(|node| node.walk())
            .filter_map(Node::as_call)
            .find(|one| one.method().starts_with("WaitAndRetry"))?;
        for argument in waits.arguments.iter() {
            match self.quietly(argument) {
                Value::Function(closure) if closure.function.parameters.len() <= 3 => {
                    return Some(Pace::Asked(closure, 1.0));
                }
                Value::List(list) => {
                    return Some(Pace::Listed(list.borrow().iter().filter_map(|value| value.seconds(1.0)).collect()));
                }
                _ => {}
            }
        }
        None
    }

    pub fn reactor(&mut self, call: Call<'a>) -> Option<Spec<'a>> {
        let chain = call.node.ancestors().take(24).filter_map(Node::as_call);
        let set = chain.into_iter().find(|one| {
            matches!(one.method(), "retryWhen" | "retry") && one.receiver().is_some_and(|on| on.contains(call.node))
        })?;
        let nodes: Vec<Node<'a>> = set.arguments.iter().collect();
        let mut spec = self.spec(&rows::REACTOR, set.node, &nodes);
        let text = set.node.text();
        let text = text.get(text.rfind("retryWhen").unwrap_or(0)..).unwrap_or(text);
        let delay = nodes
            .iter()
            .flat_map(|node| node.walk())
            .filter_map(Node::as_call)
            .find(|one| matches!(one.method(), "backoff" | "fixedDelay"));
        let first = delay
            .and_then(|one| one.argument(1))
            .and_then(|node| self.code.seconds(node, Unit::Seconds))
            .unwrap_or(1.0);
        spec.pace = if text.contains("backoff(") {
            Pace::growing(first, 2.0)
        } else {
            Pace::fixed(if set.method() == "retry" { 0.0 } else { first })
        };
        if set.method() == "retry" {
            spec.most = set.argument(0).and_then(|most| self.code.number(most));
        }
        Some(spec)
    }

    pub fn faraday(&mut self, set: Call<'a>) -> Option<Spec<'a>> {
        let settings: Vec<Node<'a>> = set.arguments.iter().skip(1).collect();
        let mut spec = self.spec(&rows::FARADAY, set.node, &settings);
        let pieces = Pieces::of(self.code, &settings);
        let interval = pieces.value(&["interval"]).and_then(|value| self.code.number(value)).unwrap_or(0.0);
        let factor = pieces.value(&["backofffactor"]).and_then(|value| self.code.number(value)).unwrap_or(1.0);
        spec.pace = Pace::growing(interval, factor);
        if let Some(methods) = pieces.value(&["methods"]) {
            let method = self.site.method.clone().unwrap_or_else(|| "GET".to_owned()).to_ascii_lowercase();
            spec.when.is_for_safe_methods = !methods.text().to_ascii_lowercase().contains(&method);
        }
        spec.is_told = true;
        Some(spec)
    }

    /// `Middleware::retry($decider, $delay)`.
    pub fn guzzle(&mut self, set: Call<'a>) -> Option<Spec<'a>> {
        let decider = set.argument(0).or_else(|| set.option("decider")).map(|node| self.quietly(node));
        let mut spec = self.spec(&rows::GUZZLE, set.node, &[]);
        if let Some(Value::Function(decider)) = decider {
            spec.when.asked.push(decider);
        }
        let delay = set.argument(1).or_else(|| set.option("delay")).map(|node| self.quietly(node));
        if let Some(Value::Function(delay)) = delay {
            spec.pace = Pace::Asked(delay, 1e-3);
        }
        Some(spec)
    }

    /// `Http::retry(3, 100, $when)`, `Http::retry([100, 200, 400])`.
    pub fn laravel(&mut self, set: Call<'a>) -> Option<Spec<'a>> {
        let mut spec = self.spec(&rows::LARAVEL, set.node, &[]);
        let first = set.argument(0).map(|node| self.quietly(node));
        match first {
            Some(Value::List(list)) => {
                let listed: Vec<f64> = list.borrow().iter().filter_map(|value| value.seconds(1e-3)).collect();
                spec.most = Some(listed.len() as f64);
                spec.pace = Pace::Listed(listed);
            }
            Some(value) => spec.most = value.number().map(|times| times - 1.0).or(Some(SOME)),
            None => {}
        }
        match set.argument(1).or_else(|| set.option("sleepMilliseconds")).map(|node| self.quietly(node)) {
            Some(Value::Function(closure)) => spec.pace = Pace::Asked(closure, 1e-3),
            Some(value) => spec.pace = value.seconds(1e-3).map_or(Pace::Unknown, Pace::fixed),
            None => {}
        }
        if let Some(Value::Function(when)) =
            set.argument(2).or_else(|| set.option("when")).map(|node| self.quietly(node))
        {
            spec.when.any_error = false;
            spec.when.asked.push(when);
        }
        Some(spec)
    }
}

fn has_retry(nodes: &[Node<'_>]) -> bool {
    nodes.iter().any(|node| {
        let text = node.text();
        text.contains("RetryAsync")
            || text.contains("WaitAndRetry")
            || text.contains("AddRetry")
            || text.contains(".Retry(")
    })
}
