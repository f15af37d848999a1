//! Rules of Prometheus and what reads the same form: Thanos, Mimir, Loki, VictoriaMetrics, the operator's objects.

use super::{Signal, files};
use crate::facts::terraform::Value;

/// Names of recording rules with what they record.
pub(super) type Recorded = Vec<(String, String)>;

/// The recording rules of a document.
pub(super) fn recorded(document: &Value) -> Recorded {
    let mut found = Vec::new();
    files::visit(document, 0, &mut |value| {
        let record = value.get("record").and_then(Value::text);
        found.extend(record.zip(value.get("expr").and_then(Value::shown)));
        true
    });
    found
}

/// A mapping with `alert` and `expr`.
pub(super) fn rule(value: &Value, recorded: &Recorded) -> Option<Signal> {
    let name = value.get("alert").and_then(Value::shown)?;
    let expression = value.get("expr")?;
    let text = expression.shown().unwrap_or_default();
    let used: Vec<&str> =
        recorded.iter().filter(|(name, _)| text.contains(name.as_str())).map(|(_, what)| what.as_str()).collect();
    let mut signal = Signal::new(&name, expression.span.clone(), text.clone());
    signal.context = used.join(" ");
    Some(signal)
}
