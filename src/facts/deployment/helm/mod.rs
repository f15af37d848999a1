//! Helm: charts read without rendering them. What values files settle is filled in; the rest stays unknown.

mod expression;
mod template;
mod values;

pub use template::read as read_template;
pub use values::Values;

use super::images::is_foreign;
use super::kubernetes::{Bundle, kind};
use super::places::{file_name, folder, is_own, named_environment};
use super::{Environment, Platform};
use crate::evidence::{Blob, Span};
use crate::facts::yaml::{self, Lists, Yaml};
use crate::facts::{Facts, Unread};
use std::sync::Arc;

/// More production values files of one chart than this are not told apart.
const MAX_RELEASES: usize = 8;
/// More templates of one chart than this are not read.
const MAX_TEMPLATES: usize = 500;

/// The charts of the repository.
pub struct Charts {
    roots: Vec<String>,
    pub bundles: Vec<Bundle>,
}

impl Charts {
    /// Whether a file belongs to a chart, which reads it its own way.
    pub fn owns(&self, path: &str) -> bool {
        self.roots.iter().any(|root| path.strip_prefix(root.as_str()).is_some_and(|rest| rest.starts_with('/')))
    }
}

/// Reads every chart once for each values file of production that it has.
pub fn charts(facts: &Facts, unread: &mut Vec<Unread>) -> Charts {
    let files: Vec<&Arc<Blob>> =
        facts.snapshot.blobs().filter(|blob| is_yaml(blob.path()) && is_own(blob.path())).collect();
    let mut charts = Charts { roots: Vec::new(), bundles: Vec::new() };
    for file in files.iter().filter(|file| matches!(file_name(file.path()), "Chart.yaml" | "Chart.yml")) {
        let root = folder(file.path());
        if root.is_empty() || is_library(file) {
            charts.roots.extend((!root.is_empty()).then(|| root.to_owned()));
            if root.is_empty() {
                // A chart in the root of the repository owns its templates only.
                charts.roots.extend(["templates".to_owned(), "charts".to_owned()]);
            } else {
                continue;
            }
        } else {
            charts.roots.push(root.to_owned());
        }
        for values in releases(root, &files, unread) {
            let chart = yaml::documents(file).ok().and_then(|documents| documents.into_iter().next());
            let mut bundle = bundle(root, &files, &values.of_chart(chart.clone()));
            if !bundle.objects.iter().any(is_workload) && bundle.hidden.is_empty() {
                bundle.hidden.extend(chart.as_ref().and_then(elsewhere));
            }
            charts.bundles.push(bundle);
        }
    }
    charts
}

fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}

fn is_library(chart: &Arc<Blob>) -> bool {
    let documents = yaml::documents(chart).unwrap_or_default();
    documents.first().and_then(|chart| chart.get("type")).is_some_and(|kind| kind.text() == Some("library"))
}

/// The values of each production release: the defaults, with each values file that names production laid over.
fn releases(root: &str, files: &[&Arc<Blob>], unread: &mut Vec<Unread>) -> Vec<Values> {
    let mut read = |blob: &Arc<Blob>| match yaml::documents(blob) {
        Ok(documents) => documents.into_iter().next(),
        Err(reason) => {
            unread.push(Unread(reason));
            None
        }
    };
    let below = |path: &str| path.strip_prefix(root).map(|rest| rest.trim_start_matches('/').to_owned());
    let mut defaults = files
        .iter()
        .filter(|file| below(file.path()).is_some_and(|rest| rest == "values.yaml" || rest == "values.yml"));
    let mut base = defaults.next_back().and_then(|file| read(file));
    if let Some((parent, name)) = root.rsplit_once("/charts/") {
        // A chart below another one takes its values from that one's entry of its name.
        let parent = files.iter().find(|file| file.path() == format!("{parent}/values.yaml"));
        let given = parent.and_then(|file| read(file)).and_then(|values| values.get(name));
        base = match (base, given) {
            (Some(base), Some(given)) => Some(base.overlaid(&given, Lists::Replace)),
            (base, given) => base.or(given),
        };
    }
    let is_override = |file: &&&Arc<Blob>| {
        let path = file.path();
        let is_values = file_name(path).contains("values") || path.contains("/values/") || path.contains("/env");
        let is_near = below(path).is_some_and(|rest| !rest.starts_with("templates/")) || is_values;
        is_values
            && is_near
            && named_environment(path.strip_prefix(root).unwrap_or(path)) == Some(Environment::Production)
    };
    let overrides: Vec<Yaml> =
        files.iter().filter(is_override).take(MAX_RELEASES).filter_map(|file| read(file)).collect();
    if overrides.is_empty() {
        return vec![Values::new(base)];
    }
    let overlaid = |over: Yaml| match &base {
        Some(base) => base.overlaid(&over, Lists::Replace),
        None => over,
    };
    overrides.into_iter().map(|over| Values::new(Some(overlaid(over)))).collect()
}

fn bundle(root: &str, files: &[&Arc<Blob>], values: &Values) -> Bundle {
    let mut bundle = Bundle::new(Platform::Helm, Environment::Production);
    let prefix = if root.is_empty() { "templates/".to_owned() } else { format!("{root}/templates/") };
    let templates = files.iter().filter(|file| {
        file.path().strip_prefix(&prefix).is_some_and(|rest| !rest.starts_with("tests/") && !rest.contains("/tests/"))
    });
    for file in templates.take(MAX_TEMPLATES) {
        let Some(documents) = template::read(file, values) else {
            bundle.hidden.extend(template::names_a_workload(file.text()).then(|| file.line(1)));
            continue;
        };
        bundle.hidden.extend(documents.iter().any(is_hidden).then(|| file.line(1)));
        bundle.objects.extend(documents.into_iter().filter(|object| kind(object).is_some()));
    }
    bundle
}

fn is_workload(object: &Yaml) -> bool {
    let kinds = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout", "CronJob", "Job", "Pod", "Service"];
    kind(object).is_some_and(|kind| kinds.contains(&kind.as_str()))
}

/// The first dependency of a chart that lies in a repository of charts and is no database or the like: what a chart
/// without templates of its own deploys is there.
fn elsewhere(chart: &Yaml) -> Option<Span> {
    let dependencies = chart.get("dependencies")?.items();
    let is_remote = |dependency: &&Yaml| {
        let text =
            |key: &str| dependency.get(key).and_then(|value| value.text().map(str::to_owned)).unwrap_or_default();
        ["http", "oci:", "@"].iter().any(|scheme| text("repository").starts_with(scheme)) && !is_foreign(&text("name"))
    };
    dependencies.iter().find(is_remote).map(Yaml::span)
}

/// A document of which nothing but a call of another template is to be seen.
fn is_hidden(document: &Yaml) -> bool {
    document
        .unknown()
        .is_some_and(|action| ["deploy", "workload", "app", "pod"].iter().any(|word| action.contains(word)))
}
