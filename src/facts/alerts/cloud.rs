//! Alarms of the clouds in their own templates: CloudWatch, Cloud Monitoring, Azure Monitor.

use super::{Signal, Threshold, Unit, clause};
use crate::evidence::Span;
use crate::facts::deployment::parsed;
use crate::facts::terraform::Value;

/// What an alarm of CloudWatch says, wherever it is written.
pub(super) struct Alarm {
    pub name: String,
    pub span: Span,
    /// The metrics and their statistics, and what is worked out of them.
    pub metrics: Vec<String>,
    pub expression: Option<String>,
    pub namespace: String,
    pub threshold: Option<f64>,
    pub comparison: String,
    pub unit: Option<String>,
    pub enabled: bool,
    pub notifies: bool,
}

impl Alarm {
    pub(super) fn signal(self) -> Option<Signal> {
        let metrics = self.metrics.join(" ");
        let expression = match &self.expression {
            Some(formula) => format!("{formula} {metrics}"),
            None => metrics.clone(),
        };
        let mut threshold = Threshold::by_word(self.threshold, &self.comparison)?;
        threshold.unit = self.unit.as_deref().and_then(unit).or_else(|| known_unit(&self.namespace, &metrics));
        // One metric worked out of several: whether it is a share shows in the formula alone.
        if self.expression.is_some() && threshold.unit == Some(Unit::Count) {
            threshold.unit = None;
        }
        let mut signal = Signal::new(&self.name, self.span, expression);
        signal.context = self.namespace;
        signal.threshold = Some(threshold);
        signal.enabled = self.enabled;
        signal.notifies = Some(self.notifies);
        Some(signal)
    }
}

fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "Milliseconds" => Unit::Milliseconds,
        "Seconds" => Unit::Seconds,
        "Percent" => Unit::Percent,
        "Count" => Unit::Count,
        _ => return None,
    })
}

/// The unit of the platform's own metrics, as its manual lists them.
fn known_unit(namespace: &str, metrics: &str) -> Option<Unit> {
    let has = |word: &str| metrics.contains(word);
    match namespace {
        "AWS/Lambda" if has("Duration") || has("IteratorAge") => Some(Unit::Milliseconds),
        "AWS/Kinesis" if has("IteratorAge") => Some(Unit::Milliseconds),
        "AWS/ApiGateway" | "AWS/ApiGatewayV2" if has("atency") => Some(Unit::Milliseconds),
        // The average of a metric that is 0 or 1 for each call is a share.
        "AWS/ApiGateway" if has("5XXError Average") || has("4XXError Average") => Some(Unit::Ratio),
        "AWS/AppRunner" if has("Latency") => Some(Unit::Milliseconds),
        "AWS/ApplicationELB" | "AWS/ELB" if has("Time") || has("Latency") => Some(Unit::Seconds),
        "AWS/SQS" if has("Age") => Some(Unit::Seconds),
        "AWS/CloudFront" if has("ErrorRate") => Some(Unit::Percent),
        "AWS/States" if has("Time") => Some(Unit::Milliseconds),
        _ => None,
    }
}

/// An alarm of CloudFormation, SAM or serverless.
pub(super) fn alarm(document: &Value, value: &Value) -> Option<Signal> {
    if value.get("Type").and_then(Value::text)? != "AWS::CloudWatch::Alarm" {
        return None;
    }
    let properties = value.get("Properties")?;
    let resolve = |value: &Value| resolved(document, value);
    let text = |key: &str| properties.get(key).and_then(Value::shown);
    let own = text("MetricName").map(|name| {
        let statistic = text("Statistic").or_else(|| text("ExtendedStatistic")).unwrap_or_default();
        format!("{name} {statistic}")
    });
    let queries = properties.get("Metrics").map(Value::items).unwrap_or_default();
    let metric = |query: &Value, key: &str| parsed::at(query, &["MetricStat", key]).cloned();
    let named = queries.iter().filter_map(|query| {
        let name = metric(query, "Metric")?.get("MetricName").and_then(Value::shown)?;
        Some(format!("{name} {}", metric(query, "Stat").and_then(|stat| stat.shown()).unwrap_or_default()))
    });
    let namespace = text("Namespace")
        .or_else(|| queries.iter().find_map(|query| metric(query, "Metric")?.get("Namespace").and_then(Value::shown)));
    let threshold = properties.get("Threshold");
    Alarm {
        name: text("AlarmName").or_else(|| text("AlarmDescription")).unwrap_or_default(),
        span: threshold.map_or(&value.span, |threshold| &threshold.span).clone(),
        metrics: own.into_iter().chain(named).collect(),
        expression: queries.iter().find_map(|query| query.get("Expression").and_then(Value::shown)),
        namespace: namespace.unwrap_or_default(),
        threshold: threshold.and_then(resolve),
        comparison: text("ComparisonOperator").unwrap_or_default(),
        unit: text("Unit"),
        enabled: properties.get("ActionsEnabled").and_then(Value::truth) != Some(false),
        notifies: properties.get("AlarmActions").is_some(),
    }
    .signal()
}

/// A number, by itself or as the default of the parameter that it refers to.
fn resolved(document: &Value, value: &Value) -> Option<f64> {
    let name = value.get("Ref").and_then(Value::text).or_else(|| value.text())?;
    let default = parsed::at(document, &["Parameters", &name, "Default"]).and_then(Value::number);
    value.number().or(default)
}

/// The conditions of Cloud Monitoring and Azure Monitor that a mapping is.
pub(super) fn conditions(value: &Value) -> Vec<Signal> {
    google(value).into_iter().chain(azure(value)).collect()
}

fn google(value: &Value) -> Option<Signal> {
    let name = value.get("displayName").and_then(Value::shown).unwrap_or_default();
    if let Some(condition) = value.get("conditionThreshold") {
        let text = |key: &str| condition.get(key).and_then(Value::shown).unwrap_or_default();
        let limit = condition.get("thresholdValue");
        let span = limit.map_or(&condition.span, |limit| &limit.span).clone();
        let filters = (text("filter"), text("denominatorFilter"));
        // The platform leaves out a threshold of 0.
        let number = limit.map_or(Some(0.0), Value::number);
        return google_signal(&name, span, filters, number, &text("comparison"));
    }
    for key in ["conditionPrometheusQueryLanguage", "conditionMonitoringQueryLanguage"] {
        if let Some(query) = value.get(key).and_then(|condition| condition.get("query")) {
            return Some(Signal::new(&name, query.span.clone(), google_query(&query.shown().unwrap_or_default())));
        }
    }
    None
}

/// A threshold on a metric of Cloud Monitoring, or on the quotient of two.
pub(super) fn google_signal(
    name: &str,
    span: Span,
    (filter, denominator): (String, String),
    threshold: Option<f64>,
    comparison: &str,
) -> Option<Signal> {
    let quotient = if denominator.is_empty() { "" } else { " / denominator" };
    let mut signal = Signal::new(name, span, format!("{filter}{quotient}"));
    let mut threshold = Threshold::by_word(threshold, comparison)?;
    // The platform's own latencies are in milliseconds, its ages in seconds.
    let is_platform = filter.contains(".googleapis.com/") && !filter.contains("custom.googleapis.com");
    if is_platform && filter.contains("latenc") {
        threshold.unit = Some(Unit::Milliseconds);
    } else if is_platform && filter.contains("age") {
        threshold.unit = Some(Unit::Seconds);
    }
    signal.threshold = Some(threshold);
    Some(signal)
}

/// A query in MQL ends in `| condition val() > 0.05 '1'`: the comparison as a query of Prometheus has it.
pub(super) fn google_query(query: &str) -> String {
    let Some((metrics, condition)) = query.rsplit_once("condition") else { return query.to_owned() };
    let Some(sign) = condition.find(['>', '<']) else { return query.to_owned() };
    let comparison = condition.get(sign..).unwrap_or_default();
    // The unit stands in quotes behind the number.
    let number = comparison.split(['\'', '"']).next().unwrap_or_default();
    format!("({}) {number}", metrics.replace(['\'', '"', '(', ')', '|'], " "))
}

fn azure(value: &Value) -> Option<Signal> {
    let metric = value.get("metricName").and_then(Value::shown)?;
    let (limit, operator) = (value.get("threshold")?, value.get("operator").and_then(Value::text)?);
    let name = value.get("name").and_then(Value::shown).unwrap_or_default();
    azure_signal(&name, limit, &metric, &operator)
}

/// A threshold on a metric of Azure Monitor.
pub(super) fn azure_signal(name: &str, limit: &Value, metric: &str, operator: &str) -> Option<Signal> {
    let mut signal = Signal::new(name, limit.span.clone(), metric);
    let mut threshold = Threshold::by_word(limit.number(), operator)?;
    threshold.unit = match metric {
        "HttpResponseTime" | "AverageResponseTime" => Some(Unit::Seconds),
        "requests/duration" | "dependencies/duration" | "ResponseTime" | "Latency" => Some(Unit::Milliseconds),
        "availabilityResults/availabilityPercentage" => Some(Unit::Percent),
        _ => None,
    };
    signal.threshold = Some(threshold);
    Some(signal)
}

/// A query of another language with its comparison written apart.
pub(super) fn query_signal(name: &str, query: &Value, limit: Option<&Value>, operator: &str) -> Option<Signal> {
    let span = limit.map_or(&query.span, |limit| &limit.span).clone();
    let text = query.shown().unwrap_or_default();
    let mut signal = Signal::new(name, span, text.clone());
    match limit {
        Some(limit) => signal.threshold = Some(Threshold::by_word(limit.number(), operator)?),
        None => signal.threshold = clause::clauses(&text).pop().map(|clause| clause.threshold),
    }
    Some(signal)
}
