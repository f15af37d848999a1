//! Monitors of Datadog: exported JSON, the operator's objects, and resources of CloudFormation.

use super::{Signal, Threshold, clause};
use crate::facts::terraform::Value;

/// A mapping with a query and the type of a monitor.
pub(super) fn monitor(value: &Value) -> Option<Signal> {
    let get = |key: &str, other: &str| value.get(key).or_else(|| value.get(other));
    let query = get("query", "Query")?;
    let kind = get("type", "Type").and_then(Value::text)?;
    if !kind.ends_with("alert") {
        return None;
    }
    let name = get("name", "Name").and_then(Value::shown).unwrap_or_default();
    let critical = value.get("options").and_then(|options| options.get("thresholds")?.get("critical"));
    let message = get("message", "Message").and_then(Value::shown);
    Some(signal(&name, query, critical, message.as_deref()))
}

/// A monitor by its parts; the number in the query is the one that counts.
pub(super) fn signal(name: &str, query: &Value, critical: Option<&Value>, message: Option<&str>) -> Signal {
    let text = query.shown().unwrap_or_default();
    let mut signal = Signal::new(name, query.span.clone(), text.clone());
    let is_told = clause::clauses(&text).iter().any(|clause| clause.threshold.value.is_some());
    if let (false, Some(critical)) = (is_told, critical.and_then(Value::number)) {
        // `… > ${var.limit}`: what is compared is in front of the sign.
        let compared = text.rsplit_once('>').map_or(text.as_str(), |(compared, _)| compared);
        signal.expression = compared.to_owned();
        signal.threshold = Some(Threshold::above(Some(critical)));
    }
    signal.notifies = message.map(|message| message.contains('@'));
    signal
}
