//! What the logging libraries of each language are called, and what makes them write structured lines.

use crate::facts::code::Language::{self, *};

/// A library or construct that decides in which form lines are written.
pub struct Format {
    pub languages: &'static [Language],
    /// The module that the file has to import; empty where the name alone tells.
    pub module: &'static str,
    /// The end of what is called.
    pub call: &'static str,
    /// What it writes when nothing in the call says otherwise.
    pub default: Form,
    /// Names inside the call that make it structured, or plain.
    pub structured: &'static [&'static str],
    pub plain: &'static [&'static str],
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON or logfmt.
    Structured,
    Plain,
    /// The call alone does not say.
    Open,
}
use Form::{Open, Plain, Structured};

const JS: &[Language] = &[JavaScript, TypeScript];
const PY: &[Language] = &[Python];
const GO: &[Language] = &[Go];
const JVM: &[Language] = &[Java, Kotlin];
const CS: &[Language] = &[CSharp];
const RB: &[Language] = &[Ruby];
const PHP: &[Language] = &[Php];
const JSON: &[&str] = &["json", "stringify", "logstash", "ecsFormat"];
const NONE: &[&str] = &[];

const fn format(
    languages: &'static [Language],
    module: &'static str,
    call: &'static str,
    default: Form,
    structured: &'static [&'static str],
    plain: &'static [&'static str],
) -> Format {
    Format { languages, module, call, default, structured, plain }
}

/// One line a library. Source: the library's own documentation of its default format.
pub const FORMATS: &[Format] = &[
    format(JS, "pino", "pino", Structured, NONE, &["pino-pretty"]),
    format(JS, "winston", "createLogger", Structured, JSON, &["printf", "simple", "prettyPrint", "cli"]),
    format(JS, "winston", "Logger", Structured, JSON, &["printf", "simple", "prettyPrint", "cli"]),
    format(JS, "bunyan", "createLogger", Structured, NONE, NONE),
    format(JS, "fastify", "fastify", Open, &["logger"], &["pino-pretty"]),
    format(JS, "fastify", "Fastify", Open, &["logger"], &["pino-pretty"]),
    format(JS, "tslog", "Logger", Plain, &["json"], NONE),
    format(JS, "roarr", "Roarr", Structured, NONE, NONE),
    format(JS, "log4js", "configure", Plain, JSON, NONE),
    format(JS, "consola", "createConsola", Plain, &["JSONReporter", "JsonReporter"], NONE),
    format(JS, "@google-cloud/logging", "Logging", Structured, NONE, NONE),
    format(JS, "@google-cloud/logging-winston", "LoggingWinston", Structured, NONE, NONE),
    format(JS, "@aws-lambda-powertools/logger", "Logger", Structured, NONE, NONE),
    format(JS, "nestjs-pino", "forRoot", Structured, NONE, &["pino-pretty"]),
    format(JS, "nestjs-pino", "forRootAsync", Structured, NONE, NONE),
    format(JS, "nest-winston", "createLogger", Open, JSON, &["nestLike", "printf", "simple"]),
    format(JS, "@nestjs/common", "ConsoleLogger", Plain, &["json"], NONE),
    format(JS, "hono/logger", "logger", Plain, NONE, NONE),
    format(
        PY,
        "structlog",
        "structlog.configure",
        Open,
        &["JSONRenderer", "LogfmtRenderer", "render_to_log_kwargs"],
        &["ConsoleRenderer", "KeyValueRenderer"],
    ),
    format(PY, "structlog", "ProcessorFormatter", Open, &["JSONRenderer", "LogfmtRenderer"], &["ConsoleRenderer"]),
    format(PY, "structlog", "JSONRenderer", Structured, NONE, NONE),
    format(PY, "", "JsonFormatter", Structured, NONE, NONE),
    format(PY, "", "JSONFormatter", Structured, NONE, NONE),
    format(PY, "", "StackdriverJsonFormatter", Structured, NONE, NONE),
    format(PY, "", "CustomJsonFormatter", Structured, NONE, NONE),
    format(PY, "ecs_logging", "StdlibFormatter", Structured, NONE, NONE),
    format(PY, "logfmter", "Logfmter", Structured, NONE, NONE),
    format(PY, "logging", "logging.basicConfig", Plain, NONE, NONE),
    format(PY, "logging", "logging.Formatter", Plain, NONE, NONE),
    format(PY, "loguru", "logger.add", Plain, &["serialize"], NONE),
    format(PY, "loguru", "logger.configure", Plain, &["serialize"], NONE),
    format(PY, "google.cloud", "setup_logging", Structured, NONE, NONE),
    format(PY, "aws_lambda_powertools", "Logger", Structured, NONE, NONE),
    format(PY, "logging", "dictConfig", Plain, &["json", "jsonformatter", "logfmt"], NONE),
    format(GO, "log/slog", "NewJSONHandler", Structured, NONE, NONE),
    format(GO, "log/slog", "NewTextHandler", Structured, NONE, NONE),
    format(GO, "go.uber.org/zap", "NewProduction", Structured, NONE, NONE),
    format(GO, "go.uber.org/zap", "NewProductionConfig", Structured, NONE, NONE),
    format(GO, "go.uber.org/zap", "NewJSONEncoder", Structured, NONE, NONE),
    format(GO, "go.uber.org/zap", "NewDevelopment", Plain, NONE, NONE),
    format(GO, "go.uber.org/zap", "NewConsoleEncoder", Plain, NONE, NONE),
    format(GO, "github.com/rs/zerolog", "zerolog.New", Structured, NONE, &["ConsoleWriter", "NewConsoleWriter"]),
    format(GO, "github.com/rs/zerolog", "log.Output", Structured, NONE, &["ConsoleWriter", "NewConsoleWriter"]),
    format(GO, "github.com/sirupsen/logrus", "JSONFormatter", Structured, NONE, NONE),
    format(GO, "github.com/sirupsen/logrus", "TextFormatter", Structured, NONE, NONE),
    format(GO, "github.com/go-kit/log", "NewJSONLogger", Structured, NONE, NONE),
    format(GO, "github.com/go-kit/log", "NewLogfmtLogger", Structured, NONE, NONE),
    format(GO, "github.com/hashicorp/go-hclog", "hclog.New", Plain, &["JSONFormat"], NONE),
    format(JVM, "", "LogstashEncoder", Structured, NONE, NONE),
    format(CS, "", "AddJsonConsole", Structured, NONE, NONE),
    format(CS, "", "CompactJsonFormatter", Structured, NONE, NONE),
    format(CS, "", "RenderedCompactJsonFormatter", Structured, NONE, NONE),
    format(CS, "", "JsonFormatter", Structured, NONE, NONE),
    format(CS, "", "EcsTextFormatter", Structured, NONE, NONE),
    format(CS, "", "ExpressionTemplate", Open, NONE, NONE),
    format(
        CS,
        "",
        "WriteTo.Console",
        Plain,
        &["CompactJsonFormatter", "RenderedCompactJsonFormatter", "JsonFormatter", "EcsTextFormatter"],
        NONE,
    ),
    format(CS, "", "AddSimpleConsole", Plain, NONE, NONE),
    format(CS, "", "AddSystemdConsole", Plain, NONE, NONE),
    format(RB, "", "Lograge::Formatters::Json.new", Structured, NONE, NONE),
    format(RB, "", "SemanticLogger.add_appender", Plain, &["json"], NONE),
    format(RB, "", "Ougai::Logger.new", Structured, NONE, NONE),
    format(RB, "", "JsonFormatter.new", Structured, NONE, NONE),
    format(RB, "", "TaggedLogging.new", Plain, &["Json", "JSON"], NONE),
    format(RB, "", "TaggedLogging.logger", Plain, &["Json", "JSON"], NONE),
    format(RB, "", "Logger.new", Plain, &["to_json", "generate"], NONE),
    format(PHP, "", "JsonFormatter", Structured, NONE, NONE),
    format(PHP, "", "LogstashFormatter", Structured, NONE, NONE),
    format(PHP, "", "GoogleCloudLoggingFormatter", Structured, NONE, NONE),
    format(PHP, "", "StreamHandler", Plain, NONE, NONE),
    format(PHP, "", "LineFormatter", Plain, NONE, NONE),
];

/// Calls that print a line as it is.
pub const PRINTS: &[(&[Language], &[&str])] = &[
    (
        JS,
        &[
            "console.log",
            "console.info",
            "console.warn",
            "console.error",
            "console.debug",
            "console.trace",
            "console.table",
            "console.dir",
        ],
    ),
    (PY, &["print", "pprint", "pprint.pprint", "sys.stdout.write", "sys.stderr.write"]),
    (
        GO,
        &[
            "fmt.Print",
            "fmt.Println",
            "fmt.Printf",
            "log.Print",
            "log.Println",
            "log.Printf",
            "log.Fatal",
            "log.Fatalf",
            "log.Fatalln",
            "log.Panicf",
            "println",
            "print",
        ],
    ),
    (
        JVM,
        &[
            "System.out.println",
            "System.out.print",
            "System.out.printf",
            "System.err.println",
            "System.err.print",
            "System.err.printf",
            "printStackTrace",
            "println",
            "print",
        ],
    ),
    (
        CS,
        &[
            "Console.WriteLine",
            "Console.Write",
            "Console.Error.WriteLine",
            "Console.Out.WriteLine",
            "Debug.WriteLine",
            "Trace.WriteLine",
        ],
    ),
    (RB, &["puts", "p", "pp", "print", "$stdout.puts", "STDOUT.puts", "$stderr.puts", "warn"]),
    (PHP, &["error_log", "var_dump", "print_r", "syslog"]),
];

/// Calls that write to standard output whatever they are handed: a line of JSON or not.
pub const WRITES: &[(&[Language], &[&str])] =
    &[(JS, &["process.stdout.write", "process.stderr.write"]), (PHP, &["fwrite", "echo", "file_put_contents"])];

/// Calls that make JSON of their argument.
pub const TO_JSON: [&str; 18] = [
    "JSON.stringify",
    "json.dumps",
    "orjson.dumps",
    "ujson.dumps",
    "to_json",
    "JSON.generate",
    "JSON.dump",
    "json_encode",
    "json.Marshal",
    "JsonSerializer.Serialize",
    "JsonConvert.SerializeObject",
    "writeValueAsString",
    "Json.encodeToString",
    "encodeToString",
    "toJson",
    "json.NewEncoder",
    "stringify",
    "safeStringify",
];

/// What a level is called, in any language.
pub const LEVELS: [&str; 37] = [
    "trace",
    "debug",
    "info",
    "notice",
    "warn",
    "warning",
    "error",
    "fatal",
    "critical",
    "exception",
    "log",
    "alert",
    "Trace",
    "Debug",
    "Info",
    "Warn",
    "Warning",
    "Error",
    "Fatal",
    "Debugf",
    "Infof",
    "Warnf",
    "Errorf",
    "Fatalf",
    "InfoContext",
    "WarnContext",
    "ErrorContext",
    "DebugContext",
    "LogInformation",
    "LogWarning",
    "LogError",
    "LogDebug",
    "LogCritical",
    "LogTrace",
    "Information",
    "Verbose",
    "atInfo",
];
