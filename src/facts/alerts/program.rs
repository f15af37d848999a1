//! Alarms that an infrastructure program makes: CDK and Pulumi, as far as their numbers are literal.

use super::{Alerts, Signal, Threshold, Unit, files};
use crate::facts::Facts;
use crate::facts::code::{Call, Kind, Node};

/// Names under which alarms are made, in the languages of the two tools.
const MAKERS: [&str; 6] = ["Alarm", "createAlarm", "create_alarm", "NewAlarm", "MetricAlarm", "NewMetricAlarm"];

pub(super) fn read(facts: &Facts, alerts: &mut Alerts) {
    let makes_alarms =
        |text: &str| text.contains("larm") && ["cdk", "CDK", "pulumi", "Pulumi"].iter().any(|tool| text.contains(tool));
    if !facts.snapshot.blobs().any(|blob| crate::facts::tree::is_source(blob.path()) && makes_alarms(blob.text())) {
        return;
    }
    for call in facts.code().calls().filter(|call| MAKERS.contains(&call.method())) {
        let source = call.node.source();
        if makes_alarms(source.blob().text()) && files::is_in_force(source.path()) {
            alarm(call).iter().for_each(|signal| alerts.add(signal));
        }
    }
}

fn alarm(call: Call<'_>) -> Option<Signal> {
    let limit = option(call, "threshold")?;
    let value = if let Kind::Number(number) = limit.kind() { Some(number) } else { None };
    let name = call.arguments.iter().find_map(Node::as_str).unwrap_or_default();
    // The metric is an argument, or what the alarm is made from.
    let metric = option(call, "metric").or_else(|| option(call, "metricName")).or_else(|| call.receiver())?;
    let statistic = option(call, "statistic").map(Node::text).unwrap_or_default();
    let expression = format!("{} {statistic}", metric.text());
    let operator = ["comparisonOperator", "comparison_operator"].iter().find_map(|name| option(call, name));
    let word = operator.map_or("GREATER_THAN_OR_EQUAL", |operator| operator.leaf()).replace('_', "");
    let mut threshold = Threshold::by_word(value, &word)?;
    if ["metricDuration", "metric_duration", "MetricDuration"].iter().any(|name| expression.contains(name)) {
        threshold.unit = Some(Unit::Milliseconds);
    }
    let mut signal = Signal::new(name, limit.span(), expression);
    signal.threshold = Some(threshold);
    Some(signal)
}

/// A named part of the call, as any of the languages spells it.
fn option<'a>(call: Call<'a>, name: &str) -> Option<Node<'a>> {
    let mut letters = name.chars();
    let capital: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    call.option(name).or_else(|| call.option(&capital))
}
