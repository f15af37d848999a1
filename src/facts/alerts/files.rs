//! Rule files in YAML and JSON, of every system that keeps its rules so: each mapping is looked at for what it is.

use super::{Alerts, cloud, datadog, grafana, prometheus};
use crate::evidence::{Blob, Evidence};
use crate::facts::deployment::{Environment, helm, parsed, places};
use crate::facts::terraform::{Kind, Value, of_yaml};
use crate::facts::{Facts, Unread, yaml};
use std::sync::Arc;

/// Larger files are exports of something else.
const MAX_BYTES: usize = 4 << 20;
/// Deeper mappings are not looked at.
const MAX_DEPTH: usize = 60;
/// Words (all of one group) without which a file holds no rule.
const MARKS: [&[&str]; 9] = [
    &["alert", "expr"],
    &["datasourceUid", "condition"],
    &["\"alert\"", "\"conditions\""],
    &["query", "alert", "type"],
    &["AWS::CloudWatch::"],
    &["conditionThreshold"],
    &["conditionPrometheusQueryLanguage"],
    &["conditionMonitoringQueryLanguage"],
    &["metricName", "threshold", "operator"],
];

pub(super) fn read(facts: &Facts, alerts: &mut Alerts) {
    for blob in facts.snapshot.blobs() {
        let (path, text) = (blob.path(), blob.text());
        let is_json = path.ends_with(".json");
        let is_data = is_json || [".yml", ".yaml", ".rules", ".template", ".tpl"].iter().any(|end| path.ends_with(end));
        if !is_data || text.len() > MAX_BYTES || !may_hold_rules(text) || !is_in_force(path) {
            continue;
        }
        match documents(facts, blob, is_json) {
            Ok(documents) => documents.iter().for_each(|document| look(blob, document, alerts)),
            Err(reason) if is_rule_file(text) => alerts.unread.push(Unread(reason)),
            Err(_) => {}
        }
    }
}

/// The project's own, and not for a place where nobody is woken up.
pub(super) fn is_in_force(path: &str) -> bool {
    places::is_own(path) && places::environment_of(path) == Environment::Production
}

fn may_hold_rules(text: &str) -> bool {
    MARKS.iter().any(|marks| marks.iter().all(|mark| text.contains(mark)))
}

/// What nobody would take for anything else.
fn is_rule_file(text: &str) -> bool {
    text.contains("alert:") && text.contains("expr:") || text.contains("AWS::CloudWatch::Alarm")
}

fn documents(facts: &Facts, blob: &Arc<Blob>, is_json: bool) -> Result<Vec<Value>, Evidence> {
    if is_json {
        return parsed::json(blob).map(|value| vec![value]);
    }
    match yaml::documents(blob) {
        Ok(documents) => Ok(documents.iter().map(of_yaml).collect()),
        // A template of Helm, or of something that writes its actions alike.
        Err(reason) => {
            let values = chart_values(facts, blob.path());
            let documents = if blob.text().contains("{{") { helm::read_template(blob, &values) } else { None };
            documents.map(|documents| documents.iter().map(of_yaml).collect()).ok_or(reason)
        }
    }
}

/// The values of the chart that a template belongs to.
fn chart_values(facts: &Facts, path: &str) -> helm::Values {
    let chart = path.split_once("templates/").map(|(chart, _)| chart);
    let values = chart.and_then(|chart| facts.snapshot.blob(&format!("{chart}values.yaml")));
    let root = values.and_then(|blob| yaml::documents(blob).ok()?.into_iter().next());
    root.map_or_else(helm::Values::none, |root| helm::Values::new(Some(root)))
}

/// Looks for rules in a document and adds them.
pub(super) fn look(blob: &Arc<Blob>, document: &Value, alerts: &mut Alerts) {
    let recorded = prometheus::recorded(document);
    visit(document, 0, &mut |value| {
        if let Some(text) = held_text(value) {
            embedded(blob, text, value, alerts);
            return true;
        }
        let found = prometheus::rule(value, &recorded)
            .or_else(|| grafana::rule(value))
            .or_else(|| grafana::panel(value))
            .or_else(|| datadog::monitor(value))
            .or_else(|| cloud::alarm(document, value));
        match found {
            Some(signal) => {
                alerts.add(&signal);
                false
            }
            None => {
                cloud::conditions(value).iter().for_each(|signal| alerts.add(signal));
                true
            }
        }
    });
}

/// Goes through a tree as long as the visitor wants to see what is inside.
pub(super) fn visit(value: &Value, depth: usize, see: &mut dyn FnMut(&Value) -> bool) {
    if depth > MAX_DEPTH || !see(value) {
        return;
    }
    value.items().iter().for_each(|item| visit(item, depth + 1, see));
    value.entries().iter().for_each(|(_, item)| visit(item, depth + 1, see));
}

/// A file that a config map holds as text.
fn held_text(value: &Value) -> Option<&str> {
    match &value.kind {
        Kind::Text(text) | Kind::Template(text) if text.contains('\n') && may_hold_rules(text) => Some(text),
        _ => None,
    }
}

/// The rules in such a text, each at its line in the file around it.
fn embedded(blob: &Arc<Blob>, text: &str, value: &Value, alerts: &mut Alerts) {
    let Some(first) = text.lines().find(|line| !line.trim().is_empty()) else { return };
    let is_first = |(number, line): &(u32, &str)| *number >= value.span.line() && line.trim() == first.trim();
    let before = text.lines().take_while(|line| line.trim().is_empty()).count();
    let Some((line, _)) = blob.lines().find(is_first) else { return };
    let offset = (line as usize).saturating_sub(1 + before);
    let inner = Arc::new(Blob::new(blob.path(), format!("{}{text}", "\n".repeat(offset))));
    for document in yaml::documents(&inner).unwrap_or_default() {
        let document = of_yaml(&document);
        let recorded = prometheus::recorded(&document);
        visit(&document, 0, &mut |value| {
            let found = prometheus::rule(value, &recorded).or_else(|| grafana::rule(value));
            found.iter().for_each(|signal| alerts.add(signal));
            found.is_none()
        });
    }
}
