//! Alerts of Grafana: provisioned rules, and those that stand in a panel of a dashboard.

use super::{Comparator, Signal, Threshold};
use crate::facts::deployment::parsed;
use crate::facts::terraform::{Value, structured_text};

/// A provisioned rule: queries and conditions by letter, the last of which decides.
pub(super) fn rule(value: &Value) -> Option<Signal> {
    let steps = value.get("data").map(Value::items).filter(|steps| !steps.is_empty())?;
    value.get("condition")?;
    let title = value.get("title").or_else(|| value.get("name")).and_then(Value::shown).unwrap_or_default();
    let models: Vec<Value> = steps.iter().filter_map(model).collect();
    let mut signal = of_models(&title, value, &models)?;
    signal.enabled = !is_true(value, &["isPaused", "is_paused"]);
    Some(signal)
}

/// The model of a step, also where it is JSON in a text.
pub(super) fn model(step: &Value) -> Option<Value> {
    let model = step.get("model")?;
    match model.shown() {
        Some(text) => structured_text(&text, &model.span),
        None => Some(model.clone()),
    }
}

pub(super) fn of_models(title: &str, rule: &Value, models: &[Value]) -> Option<Signal> {
    let queries: Vec<String> = models.iter().filter_map(query).collect();
    let (threshold, span) = models.iter().rev().find_map(decision).unzip();
    let expression = queries.join(" ");
    if expression.is_empty() {
        return None;
    }
    let at = span.unwrap_or_else(|| rule.span.clone());
    let mut signal = Signal::new(title, at, expression);
    signal.threshold = threshold;
    Some(signal)
}

/// What a step asks its data source for.
fn query(model: &Value) -> Option<String> {
    let keys = ["expr", "query", "rawSql", "metricName", "target", "queryText"];
    let asked = keys.iter().filter_map(|key| model.get(key).and_then(Value::shown));
    // The unit may be changed on the way: `$A * 100`.
    let math = model.get("expression").and_then(Value::shown).filter(|text| text.contains('*') || text.contains('/'));
    let all: Vec<String> = asked.chain(math).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

/// The comparison of a step: of a threshold, a classic condition or a formula.
fn decision(model: &Value) -> Option<(Threshold, crate::evidence::Span)> {
    let condition = model.get("conditions").and_then(|conditions| conditions.items().first());
    if let Some(evaluator) = condition.and_then(|condition| condition.get("evaluator")) {
        let limit = evaluator.get("params").and_then(|params| params.items().first());
        let word = evaluator.get("type").and_then(Value::text)?;
        let span = limit.map_or(&evaluator.span, |limit| &limit.span).clone();
        return Some((Threshold::by_word(limit.and_then(Value::number), &word)?, span));
    }
    let formula = model.get("expression")?;
    let clause = super::clause::clauses(&formula.shown()?).into_iter().next()?;
    Some((clause.threshold, formula.span.clone()))
}

/// A panel of a dashboard with an alert of its own.
pub(super) fn panel(value: &Value) -> Option<Signal> {
    let alert = value.get("alert").filter(|alert| alert.get("conditions").is_some())?;
    let name = alert.get("name").or_else(|| value.get("title")).and_then(Value::shown).unwrap_or_default();
    let targets: Vec<Value> = value.get("targets").map(Value::items).unwrap_or_default().to_vec();
    let models: Vec<Value> = targets.into_iter().chain([alert.clone()]).collect();
    of_models(&name, alert, &models)
}

fn is_true(value: &Value, keys: &[&str]) -> bool {
    keys.iter().any(|key| parsed::at(value, &[key]).and_then(Value::truth) == Some(true))
}

impl Threshold {
    /// A plain `>` with a number.
    pub(super) fn above(value: Option<f64>) -> Self {
        Self { value, comparator: Comparator::Above, inclusive: false, unit: None }
    }
}
