//! Where settings files decide in which form lines are written: logback, log4j2, Spring, Quarkus, NLog, Serilog,
//! Laravel, Python's `logging.conf`.

use super::{Form, Setup};
use crate::evidence::Blob;
use crate::facts::Facts;
use std::sync::Arc;

/// Class names of encoders and layouts that write JSON. Source: the libraries' documentation.
const JSON_ENCODERS: [&str; 14] = [
    "LogstashEncoder",
    "LoggingEventCompositeJsonEncoder",
    "JsonEncoder",
    "JsonLayout",
    "JSONLayout",
    "JsonTemplateLayout",
    "EcsEncoder",
    "EcsLayout",
    "GelfLayout",
    "GelfEncoder",
    "LogglyLayout",
    "StackdriverLayout",
    "StructuredLogEncoder",
    "CompactJsonFormatter",
];
/// Settings that turn structured lines on: the key's end, and what its value may not be.
const SWITCHES: [(&str, &str); 5] = [
    ("logging.structured.format.console", ""),
    ("quarkus.log.console.json", "false"),
    ("quarkus.log.console.json.enabled", "false"),
    ("quarkus.log.json.enabled", "false"),
    ("logging.structured.format.file", ""),
];

/// What the settings files of the tree decide.
pub fn setups(facts: &Facts) -> Vec<Setup> {
    let tree = facts.tree();
    let files = facts.snapshot.blobs().filter(|blob| {
        let role = tree.role(blob.path());
        matches!(role, crate::facts::tree::Role::Production | crate::facts::tree::Role::Config)
    });
    files.filter_map(setup).collect()
}

fn setup(blob: &Arc<Blob>) -> Option<Setup> {
    let name = blob.path().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let is_profile_test = name.contains("test");
    if is_profile_test {
        return None;
    }
    if (name.starts_with("logback") || name.starts_with("log4j2")) && name.ends_with(".xml") {
        return Some(appenders(blob));
    }
    if name.starts_with("application")
        && (name.ends_with(".properties") || name.ends_with(".yml") || name.ends_with(".yaml"))
    {
        return switch(blob);
    }
    if name.starts_with("appsettings") && name.ends_with(".json") || name.starts_with("nlog.") {
        return json_formatter(blob);
    }
    if matches!(name.as_str(), "logging.conf" | "logging.ini" | "logging.yaml" | "logging.yml" | "log_config.yaml") {
        return json_formatter(blob);
    }
    None
}

/// Logback and Log4j: the encoder of an appender that the root logger refers to.
fn appenders(blob: &Blob) -> Setup {
    let used: Vec<&str> = blob
        .lines()
        .filter(|(_, line)| line.contains("ef=\"") || line.contains("Ref ref="))
        .filter_map(|(_, line)| attribute(line, "ref"))
        .collect();
    let mut open = "";
    let mut plain = None;
    for (number, line) in blob.lines() {
        if let Some(name) = attribute(line, "name").filter(|_| {
            line.contains("<appender")
                || line.contains("<Console")
                || line.contains("<RollingFile")
                || line.contains("<File")
        }) {
            open = name;
        }
        let is_used = open.is_empty() || used.contains(&open);
        let is_json = JSON_ENCODERS.iter().any(|encoder| line.contains(encoder));
        if is_json && is_used && !line.trim_start().starts_with("<!--") {
            return Setup {
                form: Form::Structured,
                span: blob.line(number),
                note: "an encoder that writes JSON".into(),
            };
        }
        let is_pattern = line.contains("<pattern>") || line.contains("PatternLayout");
        if is_pattern && is_used && plain.is_none() {
            plain = Some(blob.line(number));
        }
    }
    let span = plain.unwrap_or_else(|| blob.line(1));
    Setup { form: Form::Plain, span, note: "a pattern of plain text".into() }
}

fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let marker = format!("{name}=\"");
    let at = line.find(&marker)? + marker.len();
    line.get(at..)?.split('"').next()
}

/// Spring and Quarkus, as properties or as nested YAML: the last part of the key is enough in YAML.
fn switch(blob: &Blob) -> Option<Setup> {
    for (number, line) in blob.lines() {
        let bare = line.split('#').next().unwrap_or_default().trim();
        for (key, unless) in SWITCHES {
            let value = bare.strip_prefix(key).map(|rest| rest.trim_start_matches([' ', '=', ':']).trim());
            if value.is_some_and(|value| !value.is_empty() && (unless.is_empty() || value != unless)) {
                return Some(Setup { form: Form::Structured, span: blob.line(number), note: format!("{key} is set") });
            }
        }
    }
    nested(blob)
}

/// `logging: structured: format: console: ecs` over several lines.
fn nested(blob: &Blob) -> Option<Setup> {
    let text = blob.text();
    let at = text.find("structured:")?;
    let below = text
        .get(at..)?
        .lines()
        .skip(1)
        .take(4)
        .any(|line| line.contains("console:") && !line.trim().ends_with("console:"));
    below.then(|| Setup {
        form: Form::Structured,
        span: blob.span(at..at + 1),
        note: "structured console lines are turned on".into(),
    })
}

fn json_formatter(blob: &Blob) -> Option<Setup> {
    let words = [
        "JsonFormatter",
        "JsonLayout",
        "CompactJsonFormatter",
        "jsonlogger",
        "FormatterName\": \"json\"",
        "JSONFormatter",
    ];
    let found = blob.lines().find(|(_, line)| words.iter().any(|word| line.contains(word)));
    found.map(|(number, _)| Setup {
        form: Form::Structured,
        span: blob.line(number),
        note: "a formatter that writes JSON".into(),
    })
}
