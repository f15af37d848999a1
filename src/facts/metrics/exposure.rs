//! Whether what is recorded leaves the process: an endpoint, an exporter, a registry.

use super::vocabulary::Leaves;
use crate::facts::Facts;
use crate::facts::tree::Role;
use regex::Regex;
use std::sync::LazyLock;

/// Exporters of OpenTelemetry by the names of their classes and packages.
static EXPORTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(\w*)(?:Metric|Span|Trace|Monitor|Prometheus|Otlp|OTLP)\w*Exporter\b").expect("a fixed pattern")
});
/// What else exports, in source.
const EXPORTING: [&str; 17] = [
    "PrometheusMetricReader",
    "exporters/otlp",
    "exporters/prometheus",
    "exporters/googlecloud",
    "UseOtlpExporter",
    "UseAzureMonitor",
    "useAzureMonitor",
    "configure_azure_monitor",
    "registerOTel",
    "autoexport",
    "opentelemetry-exporter-",
    "@opentelemetry/auto-instrumentations-node/register",
    "opentelemetry-javaagent",
    "instrumentation.opentelemetry.io/inject-",
    "quarkus-opentelemetry",
    "ApplicationInsights",
    "/opt/otel-",
];
/// Settings that name an exporter, unless they switch it off.
const SETTINGS: [&str; 4] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_METRICS_EXPORTER",
    "OTEL_TRACES_EXPORTER",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
];
const COMMENTS: [&str; 6] = ["//", "#", "*", "/*", "<!--", "--"];

/// Whether anything hands out what is recorded in that way.
pub(super) fn leaves(facts: &Facts, way: Leaves) -> bool {
    match way {
        Leaves::Pushed => true,
        Leaves::Handed(words) => any_line(facts, |line| words.iter().any(|word| line.contains(word))),
        Leaves::Registered => any_line(facts, is_registry) || leaves(facts, Leaves::Exported),
        Leaves::Exported => !super::launch::agents(facts).is_empty() || any_line(facts, exports),
    }
}

fn is_registry(line: &str) -> bool {
    let is_real = |at: usize| !line.get(..at).unwrap_or_default().ends_with("Simple");
    line.contains("micrometer-registry-")
        || line.find("MeterRegistry(").is_some_and(is_real)
        || line.contains("MeterRegistry.builder")
}

fn exports(line: &str) -> bool {
    let by_class = EXPORTER.captures_iter(line).any(|found| {
        let before = found.get(0).map_or("", |name| name.as_str());
        !["Console", "InMemory", "Noop", "Logging"].iter().any(|idle| before.contains(idle))
    });
    let is_off = || line.contains("none") || line.contains("console");
    by_class
        || EXPORTING.iter().any(|word| line.contains(word))
        || SETTINGS.iter().any(|word| line.contains(word) && !is_off())
}

/// Whether a line of production source or of settings holds; comments aside.
fn any_line(facts: &Facts, holds: impl Fn(&str) -> bool) -> bool {
    let tree = facts.tree();
    let files = facts.snapshot.blobs().filter(|blob| {
        let path = blob.path();
        matches!(tree.role(path), Role::Production | Role::Config | Role::Script)
            && !path.ends_with(".md")
            && !is_list(path)
    });
    files.flat_map(|blob| blob.lines()).any(|(_, line)| {
        let bare = line.trim_start();
        line.len() < 2_000 && !COMMENTS.iter().any(|mark| bare.starts_with(mark)) && !is_import(bare) && holds(line)
    })
}

/// Lists of dependencies: what is listed is not used yet. Gems and Java libraries work from there.
fn is_list(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let names = [
        "package.json",
        "package-lock.json",
        "pnpm-lock.yaml",
        "pyproject.toml",
        "Pipfile",
        "go.sum",
        "go.mod",
        "composer.json",
    ];
    names.contains(&name) || name.ends_with(".lock") || name.starts_with("requirements") || name.starts_with("setup.")
}

/// An import alone hands nothing out; Go and Java name packages there that nothing else names.
fn is_import(line: &str) -> bool {
    (line.starts_with("import ") && (line.contains(" from ") || line.contains("{"))) || line.starts_with("from ")
}
