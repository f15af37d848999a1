//! Agents that measure every outbound request of a process, as source starts them.

use super::vocabulary::{CSHARP, PYTHON, RUBY, SCRIPT};
use crate::evidence::Span;
use crate::facts::Facts;
use crate::facts::clients::Site;
use crate::facts::code::{Call, Code, Kind, Language, Node, Source};

/// What an agent measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Covers {
    Everything,
    /// The clients of those names, see the table of libraries.
    Clients(&'static [&'static str]),
}

/// One way to start an agent.
struct Start {
    languages: &'static [Language],
    /// The last name of what is called.
    method: &'static str,
    /// What the file has to name, so that it is this library's.
    of: &'static [&'static str],
    covers: Covers,
    /// It needs an exporter beside it.
    is_exported: bool,
}

const fn start(
    languages: &'static [Language],
    method: &'static str,
    of: &'static [&'static str],
    covers: Covers,
    is_exported: bool,
) -> Start {
    Start { languages, method, of, covers, is_exported }
}

use Covers::{Clients, Everything};

/// Clients that go through Node's own `http`; the built-in `fetch` does not.
const NODE_HTTP: &[&str] =
    &["axios", "got", "superagent", "needle", "request", "node:http", "Nest HttpService", "Stripe", "HubSpot"];
const NODE_FETCH: &[&str] = &["fetch", "ky", "ofetch", "wretch", "undici", "Notion"];
const URLLIB3: &[&str] = &["requests", "urllib3", "Jira", "Stripe"];

static STARTS: &[Start] = &[
    start(SCRIPT, "getNodeAutoInstrumentations", &["auto-instrumentations-node"], Everything, true),
    start(SCRIPT, "HttpInstrumentation", &["instrumentation-http"], Clients(NODE_HTTP), true),
    start(SCRIPT, "UndiciInstrumentation", &["instrumentation-undici"], Clients(NODE_FETCH), true),
    start(SCRIPT, "FetchInstrumentation", &["opentelemetry-instrumentation-fetch-node"], Clients(NODE_FETCH), true),
    start(SCRIPT, "registerOTel", &["@vercel/otel"], Clients(NODE_FETCH), false),
    start(SCRIPT, "instrument", &["@microlabs/otel-cf-workers"], Clients(NODE_FETCH), false),
    start(SCRIPT, "useAzureMonitor", &["@azure/monitor-opentelemetry"], Everything, false),
    start(
        SCRIPT,
        "start",
        &["elastic-apm-node", "applicationinsights", "@splunk/otel", "trace-agent", "HoneycombSDK"],
        Everything,
        false,
    ),
    start(SCRIPT, "init", &["dd-trace", "@sentry/"], Everything, false),
    start(SCRIPT, "captureHTTPsGlobal", &["aws-xray-sdk"], Clients(NODE_HTTP), false),
    start(SCRIPT, "Tracer", &["@aws-lambda-powertools/tracer"], Everything, false),
    start(PYTHON, "RequestsInstrumentor", &["opentelemetry"], Clients(URLLIB3), true),
    start(PYTHON, "URLLib3Instrumentor", &["opentelemetry"], Clients(URLLIB3), true),
    start(PYTHON, "URLLibInstrumentor", &["opentelemetry"], Clients(&["urllib"]), true),
    start(PYTHON, "HTTPXClientInstrumentor", &["opentelemetry"], Clients(&["httpx"]), true),
    start(PYTHON, "AioHttpClientInstrumentor", &["opentelemetry"], Clients(&["aiohttp"]), true),
    start(PYTHON, "instrument_httpx", &["logfire"], Clients(&["httpx"]), false),
    start(PYTHON, "instrument_requests", &["logfire"], Clients(URLLIB3), false),
    start(PYTHON, "instrument_aiohttp_client", &["logfire"], Clients(&["aiohttp"]), false),
    start(PYTHON, "patch_all", &["ddtrace", "aws_xray_sdk"], Everything, false),
    start(PYTHON, "patch", &["ddtrace", "aws_xray_sdk"], Everything, false),
    start(PYTHON, "initialize", &["newrelic"], Everything, false),
    start(PYTHON, "instrument", &["elasticapm"], Everything, false),
    start(PYTHON, "ElasticAPM", &["elasticapm"], Everything, false),
    start(PYTHON, "make_apm_client", &["elasticapm"], Everything, false),
    start(PYTHON, "init", &["sentry_sdk"], Everything, false),
    start(PYTHON, "configure_azure_monitor", &["azure.monitor"], Everything, false),
    start(PYTHON, "Tracer", &["aws_lambda_powertools"], Everything, false),
    start(CSHARP, "AddHttpClientInstrumentation", &[], Everything, true),
    start(CSHARP, "UseHttpClientMetrics", &[], Everything, false),
    start(CSHARP, "AddApplicationInsightsTelemetry", &[], Everything, false),
    start(CSHARP, "AddApplicationInsightsTelemetryWorkerService", &[], Everything, false),
    start(CSHARP, "UseAzureMonitor", &[], Everything, false),
    start(CSHARP, "AddElasticApm", &[], Everything, false),
    start(CSHARP, "UseAllElasticApm", &[], Everything, false),
    start(CSHARP, "AddAllElasticApm", &[], Everything, false),
    start(CSHARP, "UseSentry", &[], Everything, false),
    start(RUBY, "use_all", &["OpenTelemetry"], Everything, true),
    start(RUBY, "instrument", &["Datadog", "ddtrace"], Everything, false),
];
/// Modules whose import alone starts an agent.
const IMPORTS: [(&[Language], &str); 12] = [
    (SCRIPT, "newrelic"),
    (SCRIPT, "dd-trace/init"),
    (SCRIPT, "dd-trace/initialize.mjs"),
    (SCRIPT, "dd-trace/register"),
    (SCRIPT, "elastic-apm-node/start"),
    (SCRIPT, "elastic-apm-node/start.js"),
    (SCRIPT, "@opentelemetry/auto-instrumentations-node/register"),
    (SCRIPT, "@instana/collector"),
    (SCRIPT, "@google-cloud/trace-agent/start"),
    (PYTHON, "ddtrace.auto"),
    (PYTHON, "opentelemetry.instrumentation.auto_instrumentation"),
    (RUBY, "datadog/auto_instrument"),
];

/// An agent that was found.
#[derive(Debug, Clone)]
pub struct Agent {
    pub span: Span,
    pub name: String,
    pub(super) covers: Covers,
    pub(super) languages: &'static [Language],
    pub(super) is_exported: bool,
    /// The file that starts it, where source does.
    pub(super) file: Option<String>,
}

impl Agent {
    pub(super) fn measures(&self, site: &Site, language: Language) -> bool {
        let is_near = self.languages.contains(&language);
        is_near
            && match self.covers {
                Covers::Everything => true,
                Covers::Clients(names) => names.contains(&site.library.name) || is_node_fetch(self.covers, site),
            }
    }
}

/// The package `node-fetch` goes through Node's `http`, unlike the `fetch` that it is named after.
fn is_node_fetch(covers: Covers, site: &Site) -> bool {
    covers == Covers::Clients(NODE_HTTP) && site.library.name == "fetch" && site.is_through("node-fetch")
}

pub(super) fn agents(facts: &Facts) -> Vec<Agent> {
    let code = facts.code();
    let mut found: Vec<Agent> = code.sources().flat_map(|source| of_source(code, source)).collect();
    found.retain(|agent| agent.file.as_deref().is_none_or(|file| is_loaded(facts, file)));
    found
}

fn of_source(code: &Code, source: &Source) -> Vec<Agent> {
    let language = source.language();
    let agent = |node: Node<'_>, name: &str, covers: Covers, languages: &'static [Language], is_exported: bool| Agent {
        span: node.span(),
        name: name.to_owned(),
        covers,
        languages,
        is_exported,
        file: Some(source.path().to_owned()),
    };
    let mut found = Vec::new();
    for node in source.nodes() {
        match node.kind() {
            Kind::Import(import) if !import.is_type => {
                let row =
                    IMPORTS.iter().find(|(languages, name)| languages.contains(&language) && *name == import.module);
                found.extend(row.map(|(languages, name)| agent(node, name, Covers::Everything, languages, false)));
            }
            Kind::Call(call) => {
                let text = source.blob().text();
                let row = STARTS.iter().find(|start| {
                    start.method == call.method()
                        && start.languages.contains(&language)
                        && (start.of.is_empty() || start.of.iter().any(|word| text.contains(word)))
                });
                let row = row.filter(|start| is_on(code, call, start, text));
                found.extend(
                    row.map(|start| agent(node, start.method, start.covers, start.languages, start.is_exported)),
                );
                found.extend(
                    built_in_meter(call)
                        .then(|| agent(node, "the meter of HttpClient", Covers::Everything, CSHARP, true)),
                );
                found.extend(
                    ruby_use(call)
                        .then(|| agent(node, "an instrumentation of OpenTelemetry", Covers::Everything, RUBY, true)),
                );
            }
            _ => {}
        }
    }
    found
}

/// .NET 8 measures `HttpClient` by itself, for whoever listens.
fn built_in_meter(call: Call<'_>) -> bool {
    call.method() == "AddMeter" && call.arguments.iter().any(|name| name.as_str() == Some("System.Net.Http"))
}

/// `c.use 'OpenTelemetry::Instrumentation::Faraday'`.
fn ruby_use(call: Call<'_>) -> bool {
    let clients = ["Faraday", "Net::HTTP", "HTTP", "HttpClient", "Excon", "HTTPX", "RestClient", "Ethon"];
    let name =
        call.argument(0).and_then(Node::as_str).and_then(|name| name.strip_prefix("OpenTelemetry::Instrumentation::"));
    call.method() == "use" && name.is_some_and(|name| clients.contains(&name))
}

/// Error trackers trace only where they are told a rate; instrumentations can be switched off.
fn is_on(code: &Code, call: Call<'_>, start: &Start, text: &str) -> bool {
    let is_sentry = matches!(start.method, "init" | "UseSentry")
        && text.to_ascii_lowercase().contains("sentry")
        && !text.contains("dd-trace");
    if is_sentry {
        let rate = ["tracesSampleRate", "traces_sample_rate"].iter().find_map(|name| call.option(name));
        let is_rated = rate.is_some_and(|rate| code.number(rate).is_none_or(|rate| rate > 0.0));
        let is_sampled = ["tracesSampler", "traces_sampler"].iter().any(|name| call.option(name).is_some());
        return is_rated || is_sampled || call.node.text().contains("TracesSampleRate");
    }
    match start.method {
        "start" => call.receiver().is_some_and(|receiver| {
            let origins = code.origins(receiver);
            origins.iter().any(|origin| matches!(origin, crate::facts::code::Origin::Library(path, _) if start.of.iter().any(|word| path.contains(word))))
        }),
        "init" => code.origins(call.callee).iter().any(|origin| matches!(origin, crate::facts::code::Origin::Library(path, _) if path.contains("dd-trace"))),
        "instrument" if start.languages == PYTHON => call.path().is_some_and(|path| path.starts_with("elasticapm")),
        "patch" => call.arguments.iter().any(|argument| matches!(argument.kind(), Kind::Named { .. } | Kind::List(_))),
        "getNodeAutoInstrumentations" => !is_switched_off(call),
        _ => true,
    }
}

fn is_switched_off(call: Call<'_>) -> bool {
    let names = ["@opentelemetry/instrumentation-http", "@opentelemetry/instrumentation-undici"];
    names.iter().any(|name| {
        let part = call.option(name).and_then(|part| part.get("enabled"));
        part.is_some_and(|value| matches!(value.kind(), Kind::Bool(false)))
    })
}

/// A file that starts an agent has to be loaded: by another file, by a command, or because it is where all begins.
fn is_loaded(facts: &Facts, file: &str) -> bool {
    let code = facts.code();
    let name = file.rsplit('/').next().unwrap_or(file);
    let stem = name.split('.').next().unwrap_or(name);
    let Some(source) = code.source(file) else { return false };
    // Only script and Python start an agent in a file of its own that something has to bring in.
    if !source.language().is_script() && source.language() != Language::Python {
        return true;
    }
    let is_entry = [
        "index",
        "main",
        "server",
        "app",
        "instrumentation",
        "handler",
        "manage",
        "wsgi",
        "asgi",
        "__init__",
        "__main__",
        "settings",
    ]
    .contains(&stem);
    let leads = |other: &Source| {
        other.path() != file
            && other.nodes().any(|node| match node.kind() {
                Kind::Import(import) => names_file(import.module, stem) || import.names().any(|(own, _)| own == stem),
                _ => false,
            })
    };
    let brings_in =
        source.nodes().any(|node| matches!(node.kind(), Kind::Import(import) if import.module.starts_with('.')));
    is_entry || brings_in || code.sources().any(leads) || super::launch::names(facts, stem)
}

fn names_file(module: &str, stem: &str) -> bool {
    let last = module.rsplit(['/', '.']).find(|part| !matches!(*part, "js" | "ts" | "mjs" | "cjs" | ""));
    last == Some(stem)
}
