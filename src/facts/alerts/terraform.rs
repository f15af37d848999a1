//! Alert rules that Terraform and OpenTofu make, of every provider.

use super::{Alerts, Signal, Threshold, Unit, cloud, datadog, files, grafana};
use crate::facts::Facts;
use crate::facts::terraform::{Block, Body, Resource, Value, structured_text};

pub(super) fn read(facts: &Facts, alerts: &mut Alerts) {
    let terraform = facts.terraform();
    let modules = terraform.remote_modules().iter().filter(|module| module.kind.contains("metric-alarm"));
    let resources = terraform.resources().chain(modules);
    for resource in resources.filter(|resource| files::is_in_force(resource.span.path())) {
        for signal in signals(resource) {
            alerts.add(&signal);
        }
        held(facts, resource, alerts);
    }
}

fn signals(resource: &Resource) -> Vec<Signal> {
    match resource.kind.as_str() {
        "datadog_monitor" => monitor(resource).into_iter().collect(),
        "google_monitoring_alert_policy" => policy(resource),
        "azurerm_monitor_metric_alert" => metric_alert(resource),
        "azurerm_monitor_scheduled_query_rules_alert_v2" | "azurerm_monitor_scheduled_query_rules_alert" => {
            query_alert(resource).into_iter().collect()
        }
        "newrelic_nrql_alert_condition" | "newrelic_alert_condition" => new_relic(resource).into_iter().collect(),
        "grafana_rule_group" => resource.body.blocks("rule").filter_map(grafana_rule).collect(),
        kind if kind == "aws_cloudwatch_metric_alarm" || kind.contains("metric-alarm") => {
            alarm(resource).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Objects of the cluster and monitors in JSON, which are read as their files are.
fn held(facts: &Facts, resource: &Resource, alerts: &mut Alerts) {
    let (attribute, is_text) = match resource.kind.as_str() {
        "kubernetes_manifest" => ("manifest", false),
        "kubectl_manifest" => ("yaml_body", true),
        "datadog_monitor_json" => ("monitor", true),
        _ => return,
    };
    let Some(value) = resource.body.get(attribute) else { return };
    let held = if is_text { value.shown().and_then(|text| structured_text(&text, &value.span)) } else { None };
    if let Some(blob) = facts.snapshot.blob(resource.span.path()) {
        files::look(blob, held.as_ref().unwrap_or(value), alerts);
    }
}

fn text(body: &Body, name: &str) -> String {
    body.get(name).and_then(Value::shown).unwrap_or_default()
}

fn truth(body: &Body, name: &str) -> Option<bool> {
    body.get(name).and_then(Value::truth)
}

fn title(resource: &Resource) -> String {
    let names = ["name", "display_name", "alarm_name"];
    names
        .iter()
        .find_map(|name| resource.body.get(name).and_then(Value::shown))
        .unwrap_or_else(|| resource.name.clone())
}

fn monitor(resource: &Resource) -> Option<Signal> {
    let body = &resource.body;
    let critical = body.block("monitor_thresholds").and_then(|block| block.body.get("critical"));
    let message = body.get("message").and_then(Value::shown);
    Some(datadog::signal(&title(resource), body.get("query")?, critical, message.as_deref()))
}

fn alarm(resource: &Resource) -> Option<Signal> {
    let body = &resource.body;
    let metric = |body: &Body, statistics: &[&str]| {
        let name = body.get("metric_name").and_then(Value::shown)?;
        let statistic = statistics.iter().find_map(|key| body.get(key).and_then(Value::shown)).unwrap_or_default();
        Some(format!("{name} {statistic}"))
    };
    let queries: Vec<&Block> = body.blocks("metric_query").collect();
    let inner: Vec<&Block> = queries.iter().filter_map(|query| query.body.block("metric")).collect();
    let own = metric(body, &["statistic", "extended_statistic"]);
    let namespaces = std::iter::once(body).chain(inner.iter().map(|block| &block.body));
    let threshold = body.get("threshold");
    cloud::Alarm {
        name: title(resource),
        span: threshold.map_or(&resource.span, |threshold| &threshold.span).clone(),
        metrics: own.into_iter().chain(inner.iter().filter_map(|block| metric(&block.body, &["stat"]))).collect(),
        expression: queries.iter().find_map(|query| query.body.get("expression").and_then(Value::shown)),
        namespace: namespaces.map(|body| text(body, "namespace")).find(|name| !name.is_empty()).unwrap_or_default(),
        threshold: threshold.and_then(Value::number),
        comparison: text(body, "comparison_operator"),
        unit: body.get("unit").and_then(Value::text),
        enabled: truth(body, "actions_enabled") != Some(false),
        notifies: body.get("alarm_actions").is_some_and(|actions| actions.is_open() || !actions.items().is_empty()),
    }
    .signal()
}

fn policy(resource: &Resource) -> Vec<Signal> {
    let enabled = truth(&resource.body, "enabled") != Some(false);
    let notifies = resource.body.get("notification_channels").is_some();
    let conditions = resource.body.blocks("conditions");
    let signals = conditions.filter_map(|condition| {
        let name = condition.body.get("display_name").and_then(Value::shown).unwrap_or_else(|| title(resource));
        if let Some(threshold) = condition.body.block("condition_threshold") {
            let limit = threshold.body.get("threshold_value");
            let span = limit.map_or(&threshold.span, |limit| &limit.span).clone();
            let filters = (text(&threshold.body, "filter"), text(&threshold.body, "denominator_filter"));
            let number = limit.map_or(Some(0.0), Value::number);
            return cloud::google_signal(&name, span, filters, number, &text(&threshold.body, "comparison"));
        }
        let kinds = ["condition_prometheus_query_language", "condition_monitoring_query_language"];
        let query = kinds.iter().find_map(|kind| condition.body.block(kind)?.body.get("query"))?;
        Some(Signal::new(&name, query.span.clone(), cloud::google_query(&query.shown().unwrap_or_default())))
    });
    signals.map(|signal| Signal { enabled, notifies: Some(notifies), ..signal }).collect()
}

fn metric_alert(resource: &Resource) -> Vec<Signal> {
    let enabled = truth(&resource.body, "enabled") != Some(false);
    let notifies = resource.body.block("action").is_some();
    let criteria = resource.body.blocks("criteria").filter_map(|criteria| {
        let limit = criteria.body.get("threshold")?;
        cloud::azure_signal(
            &title(resource),
            limit,
            &text(&criteria.body, "metric_name"),
            &text(&criteria.body, "operator"),
        )
    });
    criteria.map(|signal| Signal { enabled, notifies: Some(notifies), ..signal }).collect()
}

fn query_alert(resource: &Resource) -> Option<Signal> {
    let body = resource.body.block("criteria").map_or(&resource.body, |criteria| &criteria.body);
    let trigger = resource.body.block("trigger").map_or(body, |trigger| &trigger.body);
    let signal = cloud::query_signal(
        &title(resource),
        body.get("query")?,
        trigger.get("threshold"),
        &text(trigger, "operator"),
    )?;
    Some(Signal { enabled: truth(&resource.body, "enabled") != Some(false), ..signal })
}

fn new_relic(resource: &Resource) -> Option<Signal> {
    let body = &resource.body;
    let query = body.block("nrql").and_then(|nrql| nrql.body.get("query")).or_else(|| body.get("metric"))?;
    let terms: Vec<&Block> = body.blocks("critical").chain(body.blocks("term")).collect();
    let is_critical = |term: &&&Block| text(&term.body, "priority") != "warning";
    let term = terms.iter().find(is_critical).or_else(|| terms.first())?;
    let limit = term.body.get("threshold")?;
    let asked = query.shown().unwrap_or_default();
    let mut threshold = Threshold::by_word(limit.number(), &text(&term.body, "operator"))?;
    // `percentage(…)` and the agent's own share of errors are of 100; the agent's durations are in seconds.
    let lower = asked.to_lowercase();
    if lower.contains("percentage(") || lower == "error_percentage" {
        threshold.unit = Some(Unit::Percent);
    } else if lower.starts_with("response_time") || (lower.contains("duration") && !lower.contains("duration.ms")) {
        threshold.unit = Some(Unit::Seconds);
    }
    let mut signal = Signal::new(&title(resource), limit.span.clone(), asked);
    signal.threshold = Some(threshold);
    signal.enabled = truth(body, "enabled") != Some(false);
    Some(signal)
}

fn grafana_rule(rule: &Block) -> Option<Signal> {
    let models: Vec<Value> = rule
        .body
        .blocks("data")
        .filter_map(|data| data.body.get("model"))
        .filter_map(|model| match model.shown() {
            Some(text) => structured_text(&text, &model.span),
            None => Some(model.clone()),
        })
        .collect();
    let whole = Value { kind: crate::facts::terraform::Kind::Null, span: rule.span.clone() };
    let mut signal = grafana::of_models(&text(&rule.body, "name"), &whole, &models)?;
    signal.enabled = truth(&rule.body, "is_paused") != Some(true);
    Some(signal)
}
