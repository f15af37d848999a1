//! Metrics libraries, their recording calls, and what their words tell. Source: each project's documentation.

use crate::facts::code::Language;

/// How what is recorded leaves the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaves {
    /// It is sent by itself, or written where the platform reads it.
    Pushed,
    /// Something has to hand it out: one of these words stands in the source or the settings.
    Handed(&'static [&'static str]),
    /// An OpenTelemetry exporter or agent has to be set up.
    Exported,
    /// A registry of Micrometer has to be among the dependencies.
    Registered,
}

/// One line a library.
#[derive(Debug)]
pub(super) struct Instrument {
    languages: &'static [Language],
    /// How the paths of what it hands out begin; for languages that import classes, how they may go on.
    roots: &'static [&'static str],
    pub leaves: Leaves,
}

pub(super) const SCRIPT: &[Language] = &[Language::JavaScript, Language::TypeScript];
pub(super) const PYTHON: &[Language] = &[Language::Python];
pub(super) const GO: &[Language] = &[Language::Go];
pub(super) const JVM: &[Language] = &[Language::Java, Language::Kotlin];
pub(super) const CSHARP: &[Language] = &[Language::CSharp];
pub(super) const RUBY: &[Language] = &[Language::Ruby];
pub(super) const PHP: &[Language] = &[Language::Php];

const fn row(languages: &'static [Language], roots: &'static [&'static str], leaves: Leaves) -> Instrument {
    Instrument { languages, roots, leaves }
}

use Leaves::{Exported, Handed, Pushed, Registered};

const NODE_PROMETHEUS: &[&str] =
    &[".metrics()", "Pushgateway", "prom-bundle", "fastify-metrics", "PrometheusModule", "clusterMetrics"];
const PYTHON_PROMETHEUS: &[&str] = &[
    "generate_latest",
    "start_http_server",
    "start_wsgi_server",
    "make_asgi_app",
    "make_wsgi_app",
    "push_to_gateway",
    "pushadd_to_gateway",
    "MetricsHandler",
    "write_to_textfile",
    "Instrumentator(",
    "PrometheusMiddleware",
    "PrometheusMetrics(",
    "django_prometheus",
    "handle_metrics",
    "aioprometheus",
];
const GO_PROMETHEUS: &[&str] = &["promhttp.Handler", "push.New", "pushgateway", "WriteToTextfile"];
const JAVA_PROMETHEUS: &[&str] =
    &["HTTPServer", "MetricsServlet", "PushGateway", "TextFormat", "PrometheusMetricsServlet"];
const NET_PROMETHEUS: &[&str] =
    &["MapMetrics", "UseMetricServer", "MetricServer(", "MetricPusher", "CollectAndExportAsTextAsync"];
const RUBY_PROMETHEUS: &[&str] = &[
    "Middleware::Exporter",
    "PrometheusExporter",
    "Client::Push",
    "yabeda-prometheus",
    "Formats::Text",
    "prometheus_exporter",
];
const PHP_PROMETHEUS: &[&str] = &["RenderTextFormat", "PushGateway", "getMetricFamilySamples"];

pub(super) static INSTRUMENTS: &[Instrument] = &[
    row(SCRIPT, &["prom-client", "@willsoto/nestjs-prometheus"], Handed(NODE_PROMETHEUS)),
    row(SCRIPT, &["@opentelemetry/api", "@opentelemetry/sdk-metrics", "@opentelemetry/api-metrics"], Exported),
    row(
        SCRIPT,
        &[
            "hot-shots",
            "node-statsd",
            "statsd-client",
            "node-dogstatsd",
            "dogstatsd-ts",
            "lynx",
            "aws-embedded-metrics",
            "@aws-lambda-powertools/metrics",
            "datadog-metrics",
            "datadog-lambda-js",
            "dd-trace",
            "newrelic",
            "@google-cloud/monitoring",
            "applicationinsights",
            "@influxdata/influxdb-client",
            "@sentry/node",
            "@appsignal/nodejs",
        ],
        Pushed,
    ),
    row(PYTHON, &["prometheus_client", "aioprometheus"], Handed(PYTHON_PROMETHEUS)),
    row(PYTHON, &["opentelemetry.metrics", "opentelemetry.trace", "opentelemetry.sdk.metrics"], Exported),
    row(
        PYTHON,
        &[
            "statsd",
            "datadog",
            "datadog_lambda",
            "ddtrace",
            "aws_lambda_powertools",
            "aws_embedded_metrics",
            "newrelic",
            "sentry_sdk",
            "influxdb_client",
            "google.cloud.monitoring_v3",
            "aiodogstatsd",
        ],
        Pushed,
    ),
    row(GO, &["github.com/prometheus/client_golang"], Handed(GO_PROMETHEUS)),
    row(GO, &["github.com/VictoriaMetrics/metrics"], Handed(&["metrics.WritePrometheus", "metrics.InitPush"])),
    row(GO, &["go.opentelemetry.io/otel"], Exported),
    row(
        GO,
        &[
            "github.com/DataDog/datadog-go",
            "github.com/cactus/go-statsd-client",
            "github.com/smira/go-statsd",
            "gopkg.in/alexcesaro/statsd",
            "github.com/armon/go-metrics",
            "github.com/hashicorp/go-metrics",
            "github.com/uber-go/tally",
            "github.com/go-kit/kit/metrics",
            "github.com/prozz/aws-embedded-metrics-golang",
            "github.com/newrelic/go-agent",
        ],
        Pushed,
    ),
    row(JVM, &["io.micrometer", "MeterRegistry", "ObservationRegistry"], Registered),
    row(JVM, &["io.prometheus"], Handed(JAVA_PROMETHEUS)),
    row(JVM, &["io.opentelemetry"], Exported),
    row(
        JVM,
        &[
            "com.timgroup.statsd",
            "com.codahale.metrics",
            "io.dropwizard.metrics",
            "org.eclipse.microprofile.metrics",
            "software.amazon.cloudwatchlogs.emf",
            "software.amazon.lambda.powertools.metrics",
            "com.newrelic.api",
        ],
        Pushed,
    ),
    row(
        CSHARP,
        &[
            "StatsdClient",
            "DogStatsd",
            "DogStatsdService",
            "IDogStatsd",
            "IStatsDPublisher",
            "AWS.Lambda.Powertools",
            "TelemetryClient",
            "IMetricsRoot",
        ],
        Pushed,
    ),
    row(RUBY, &["Prometheus.Client", "Prometheus"], Handed(RUBY_PROMETHEUS)),
    row(RUBY, &["Yabeda"], Handed(&["yabeda-prometheus", "yabeda-statsd", "yabeda-datadog", "yabeda-cloudwatch"])),
    row(RUBY, &["OpenTelemetry"], Exported),
    row(RUBY, &["StatsD", "Datadog.Statsd", "Statsd", "NewRelic.Agent", "Appsignal", "Librato", "Metriks"], Pushed),
    row(PHP, &["Prometheus"], Handed(PHP_PROMETHEUS)),
    row(PHP, &["OpenTelemetry"], Exported),
    row(PHP, &["DataDog.DogStatsd", "DataDog.BatchedDogStatsd", "Domnikl.Statsd", "League.StatsD", "Liuggio"], Pushed),
];

/// .NET has two libraries whose instruments are called the same.
pub(super) static NET_METERS: Instrument = row(CSHARP, &[], Exported);
pub(super) static NET_COLLECTORS: Instrument = row(CSHARP, &[], Handed(NET_PROMETHEUS));

impl Instrument {
    pub(super) fn of(path: &str, language: Language) -> Option<&'static Self> {
        if language == Language::CSharp && net(path).is_some() {
            return net(path);
        }
        INSTRUMENTS
            .iter()
            .find(|own| own.languages.contains(&language) && own.roots.iter().any(|root| is_below(path, root)))
    }
}

/// .NET's own meters and prometheus-net, told apart by what makes their instruments.
fn net(path: &str) -> Option<&'static Instrument> {
    let has = |words: &[&str]| words.iter().any(|word| path.contains(word));
    if has(&["Metrics.Create", "Prometheus.", "IHistogram", "ICounter", "ISummary", "WithLabels", "MetricFactory"]) {
        return Some(&NET_COLLECTORS);
    }
    let is_meter = has(&[".CreateHistogram", ".CreateCounter", "Histogram()", "Counter()", "ActivitySource", "Meter("]);
    is_meter.then_some(&NET_METERS)
}

fn is_below(path: &str, root: &str) -> bool {
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(['.', '(', '/']);
    let after_package = || path.find(&format!(".{root}")).and_then(|at| path.get(at + 1 + root.len()..));
    let is_class = root.starts_with(char::is_uppercase);
    path.strip_prefix(root).is_some_and(ends) || (is_class && after_package().is_some_and(ends))
}

/// Ready-made instrumentation of a client: handing it over counts, times and tells failures.
pub(super) const READY_MADE: &[(&[Language], &[&str], Leaves)] = &[
    (GO, &["go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp", "github.com/dubonzi/otelresty"], Exported),
    (
        GO,
        &[
            "gopkg.in/DataDog/dd-trace-go.v1/contrib/net/http",
            "github.com/DataDog/dd-trace-go/contrib/net/http",
            "github.com/newrelic/go-agent/v3/newrelic.NewRoundTripper",
            "github.com/newrelic/go-agent/v3/newrelic.StartExternalSegment",
            "go.elastic.co/apm/module/apmhttp",
            "github.com/aws/aws-xray-sdk-go/xray.Client",
            "github.com/aws/aws-xray-sdk-go/v2/xray.Client",
            "github.com/getsentry/sentry-go/httpclient",
            "go.opencensus.io/plugin/ochttp",
        ],
        Pushed,
    ),
    (
        JVM,
        &[
            "OkHttpMetricsEventListener",
            "OkHttpObservationInterceptor",
            "MicrometerHttpClient",
            "MicrometerCapability",
            "MicrometerObservationCapability",
            "MicrometerHttpRequestExecutor",
            "ObservationExecChainHandler",
            "MetricsClientHttpRequestInterceptor",
            "Timed",
            "Observed",
        ],
        Registered,
    ),
    (
        JVM,
        &[
            "OkHttpTelemetry",
            "JavaHttpClientTelemetry",
            "KtorClientTelemetry",
            "KtorClientTracing",
            "ApacheHttpClientTelemetry",
            "SpringWebTelemetry",
            "WithSpan",
        ],
        Exported,
    ),
    (JVM, &["InstrumentedHttpClients", "InstrumentedOkHttpClients", "com.newrelic.api.agent.Trace"], Pushed),
    (
        PYTHON,
        &[
            "opentelemetry.instrumentation.httpx.SyncOpenTelemetryTransport",
            "opentelemetry.instrumentation.httpx.AsyncOpenTelemetryTransport",
        ],
        Exported,
    ),
];

/// The way out of what a ready-made instrumentation measures, where a path is one.
pub(super) fn ready_made(path: &str, language: Language) -> Option<Leaves> {
    let rows = READY_MADE.iter().filter(|(languages, ..)| languages.contains(&language));
    rows.filter(|(_, roots, _)| roots.iter().any(|root| is_below(path, root))).map(|(.., leaves)| *leaves).next()
}
