//! Agents that a process is started under: by its command, its image, its manifest.

use super::agent::{Agent, Covers};
use super::vocabulary::{CSHARP, JVM, PHP, PYTHON, RUBY, SCRIPT};
use crate::facts::Facts;
use crate::facts::code::Language;
use crate::facts::tree::Role;
use std::sync::Arc;

/// What a line has to hold, all of it, for a process to be started under an agent.
const LAUNCHES: &[(&[Language], &[&str], &str)] = &[
    (PYTHON, &["opentelemetry-instrument"], "opentelemetry-instrument"),
    (PYTHON, &["ddtrace-run"], "ddtrace-run"),
    (PYTHON, &["newrelic-admin", "run-program"], "newrelic-admin"),
    (JVM, &["-javaagent:", "opentelemetry"], "the OpenTelemetry agent"),
    (JVM, &["-javaagent:", "otel"], "the OpenTelemetry agent"),
    (JVM, &["-javaagent:", "dd-java-agent"], "the Datadog agent"),
    (JVM, &["-javaagent:", "dd-agent"], "the Datadog agent"),
    (JVM, &["-javaagent:", "datadog"], "the Datadog agent"),
    (JVM, &["-javaagent:", "newrelic"], "the New Relic agent"),
    (JVM, &["-javaagent:", "elastic-apm"], "the Elastic agent"),
    (JVM, &["-javaagent:", "applicationinsights"], "the Application Insights agent"),
    (SCRIPT, &["auto-instrumentations-node/register"], "OpenTelemetry's automatic instrumentation"),
    (SCRIPT, &["dd-trace/init"], "dd-trace"),
    (SCRIPT, &["dd-trace/initialize.mjs"], "dd-trace"),
    (SCRIPT, &["-r", "newrelic"], "newrelic"),
    (SCRIPT, &["--require", "newrelic"], "newrelic"),
    (SCRIPT, &["newrelic/esm-loader"], "newrelic"),
    (SCRIPT, &["elastic-apm-node/start"], "elastic-apm-node"),
    (SCRIPT, &["@splunk/otel/instrument"], "@splunk/otel"),
    (SCRIPT, &["serverless-plugin-datadog"], "serverless-plugin-datadog"),
    (SCRIPT, &["AWS_LAMBDA_EXEC_WRAPPER", "/opt/"], "a tracing wrapper of Lambda"),
    (PYTHON, &["AWS_LAMBDA_EXEC_WRAPPER", "/opt/"], "a tracing wrapper of Lambda"),
    (JVM, &["AWS_LAMBDA_EXEC_WRAPPER", "/opt/"], "a tracing wrapper of Lambda"),
    (SCRIPT, &["inject-nodejs:"], "the agent that the operator injects"),
    (PYTHON, &["inject-python:"], "the agent that the operator injects"),
    (JVM, &["inject-java:"], "the agent that the operator injects"),
    (CSHARP, &["inject-dotnet:"], "the agent that the operator injects"),
    (SCRIPT, &["admission.datadoghq.com/js-lib.version"], "the library that Datadog injects"),
    (PYTHON, &["admission.datadoghq.com/python-lib.version"], "the library that Datadog injects"),
    (JVM, &["admission.datadoghq.com/java-lib.version"], "the library that Datadog injects"),
    (CSHARP, &["admission.datadoghq.com/dotnet-lib.version"], "the library that Datadog injects"),
    (CSHARP, &["CORECLR_ENABLE_PROFILING", "1"], "a profiler that traces"),
    (CSHARP, &["newrelic-dotnet-agent/run.sh"], "the New Relic agent"),
    (CSHARP, &["newrelic-netcore20-agent/run.sh"], "the New Relic agent"),
    (CSHARP, &["otel-dotnet-auto/instrument.sh"], "OpenTelemetry's automatic instrumentation"),
    (PHP, &["OTEL_PHP_AUTOLOAD_ENABLED", "rue"], "OpenTelemetry's automatic instrumentation"),
    (PHP, &["datadog-setup.php"], "the Datadog extension"),
    (PHP, &["newrelic-install"], "the New Relic extension"),
    (RUBY, &["-rdatadog/auto_instrument"], "datadog"),
];
/// Gems that measure from the moment that Bundler requires them.
const GEMS: [&str; 7] =
    ["newrelic_rpm", "appsignal", "scout_apm", "skylight", "elastic-apm", "yabeda-http_requests", "instana"];
/// What switches an agent off, both halves on one line.
const OFF: [(&str, &str); 5] = [
    ("OTEL_SDK_DISABLED", "true"),
    ("OTEL_JAVAAGENT_ENABLED", "false"),
    ("DD_TRACE_ENABLED", "false"),
    ("NEW_RELIC_ENABLED", "false"),
    ("ELASTIC_APM_ENABLED", "false"),
];
const COMMENTS: [&str; 4] = ["//", "#", "<!--", "REM "];

/// Every agent that something is started under.
pub(super) fn agents(facts: &Facts) -> Vec<Agent> {
    let mut found: Vec<Agent> = Vec::new();
    for blob in files(facts) {
        for (number, line) in lines(blob) {
            let launches = LAUNCHES.iter().filter(|(_, words, _)| holds(line, words));
            found.extend(launches.map(|(languages, _, name)| agent(blob.line(number), name, languages)));
        }
    }
    for package in facts.manifests().packages() {
        let gems = GEMS.iter().filter_map(|name| package.dependency(name)).filter(|gem| !gem.development);
        found.extend(gems.map(|gem| agent(gem.span.clone(), &gem.name, RUBY)));
    }
    found
}

/// Whether a line holds all words, the first one not as the beginning of a longer word: `opentelemetry-instrument` is
/// none of the packages called `opentelemetry-instrumentation-…`.
fn holds(line: &str, words: &[&str]) -> bool {
    let is_whole = |word: &str| {
        line.match_indices(word).any(|(at, _)| {
            let after = line.get(at + word.len()..).and_then(|rest| rest.chars().next());
            !word.ends_with(char::is_alphanumeric) || after.is_none_or(|letter| !letter.is_alphabetic())
        })
    };
    words.first().is_some_and(|word| is_whole(word)) && words.iter().all(|word| line.contains(word))
}

/// Whether a setting switches agents off.
pub(super) fn is_switched_off(facts: &Facts) -> bool {
    files(facts).any(|blob| {
        lines(blob).any(|(_, line)| OFF.iter().any(|(name, value)| line.contains(name) && line.contains(value)))
    })
}

/// Whether a command or a setting names a file, by its name without ending.
pub(super) fn names(facts: &Facts, stem: &str) -> bool {
    let is_word = |line: &str| {
        line.match_indices(stem).any(|(at, _)| {
            let before = line.get(..at).and_then(|text| text.chars().last());
            let after = line.get(at + stem.len()..).and_then(|text| text.chars().next());
            let is_edge = |letter: Option<char>| {
                letter.is_none_or(|letter| !letter.is_alphanumeric() && !matches!(letter, '-' | '_'))
            };
            is_edge(before) && is_edge(after)
        })
    };
    files(facts).any(|blob| lines(blob).any(|(_, line)| is_word(line)))
}

fn agent(span: crate::evidence::Span, name: &str, languages: &'static [Language]) -> Agent {
    Agent { span, name: name.to_owned(), covers: Covers::Everything, languages, is_exported: false, file: None }
}

/// Files that start things: images, manifests, package scripts, process lists, shell scripts.
fn files<'a>(facts: &'a Facts) -> impl Iterator<Item = &'a Arc<crate::evidence::Blob>> {
    let tree = facts.tree();
    facts.snapshot.blobs().filter(move |blob| {
        let path = blob.path();
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_start = name.contains("Dockerfile")
            || name.contains("Containerfile")
            || matches!(
                name,
                "Procfile"
                    | "package.json"
                    | "fly.toml"
                    | "app.json"
                    | "ecosystem.config.js"
                    | "build.gradle"
                    | "build.gradle.kts"
                    | "pom.xml"
                    | "Makefile"
                    | "supervisord.conf"
            )
            || [".yml", ".yaml", ".sh", ".tf", ".service", ".tpl", ".toml", ".env", ".bicep"]
                .iter()
                .any(|end| name.ends_with(end));
        is_start
            && matches!(tree.role(path), Role::Production | Role::Config | Role::Script)
            && !path.starts_with(".github/")
    })
}

/// The lines of a file that are no comments, without what is too long to be written by hand.
fn lines(blob: &crate::evidence::Blob) -> impl Iterator<Item = (u32, &str)> {
    blob.lines().filter(|(_, line)| {
        let bare = line.trim_start();
        line.len() < 2_000 && !COMMENTS.iter().any(|mark| bare.starts_with(mark))
    })
}
