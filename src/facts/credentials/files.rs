//! Env files and settings files that are tracked, with credentials in them.

use super::{Credentials, Fault, Name, exposure};
use crate::evidence::Blob;
use crate::facts::deployment::Source;
use crate::facts::{Facts, secret_value};
use regex::Regex;
use std::sync::{Arc, LazyLock};

pub(super) fn read(facts: &Facts, into: &mut Credentials) {
    let tree = facts.tree();
    let tracked = tree.tracked().filter(|path| is_env_file(path) || is_settings(path));
    for path in tracked {
        let Some(blob) = facts.snapshot.blob(path) else { continue };
        if is_env_file(path) || tree.is_production(path) || path.contains("config") {
            values(blob, into);
        }
    }
}

/// `.env`, `.env.production`, `prod.env`; templates and those of tests hold nothing real.
fn is_env_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let is_env = name == ".env"
        || name.starts_with(".env.")
        || name.ends_with(".env")
        || name == ".envrc"
        || name == ".dev.vars";
    is_env && !is_template(path)
}

fn is_template(path: &str) -> bool {
    let lower = path.to_lowercase();
    let name = lower.rsplit('/').next().unwrap_or_default();
    let words =
        ["example", "sample", "template", "dist", "defaults", "default", "test", "tests", "testing", "ci", "e2e"];
    let folders = ["test/", "tests/", "__tests__/", "fixtures/", "testdata/", "examples/", "spec/"];
    name.split(['.', '-', '_']).any(|word| words.contains(&word))
        || folders.iter().any(|folder| lower.starts_with(folder) || lower.contains(&format!("/{folder}")))
}

/// Settings that a program loads as they are.
fn is_settings(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let starts = ["appsettings", "application", "config", "settings", "secrets", "local.settings"];
    let ends = [".json", ".yml", ".yaml", ".properties", ".toml", ".ini"];
    starts.iter().any(|start| name.starts_with(start))
        && ends.iter().any(|end| name.ends_with(end))
        && !is_template(path)
}

/// `NAME=value`, `"ApiKey": "value"`, `api-key: value`.
static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^\s*(?:export\s+)?["']?([A-Za-z_][\w.:-]*?)["']?\s*[:=]\s*(.*?)\s*,?\s*$"#).expect("a fixed pattern")
});

fn values(blob: &Arc<Blob>, into: &mut Credentials) {
    for (number, line) in blob.lines().filter(|(_, line)| !line.trim_start().starts_with(['#', '/', ';'])) {
        let Some(pair) = PAIR.captures(line) else { continue };
        let real = matches!(secret_value::source(&pair[2]), Source::Literal { placeholder: false, empty: false });
        let long = pair[2].trim_matches(['"', '\'']).len() >= 12 && !pair[2].contains("://");
        if exposure::is_maintainx_key(line) || Name::new(&pair[1]).is_api_credential() && real && long {
            into.faults
                .push(Fault { span: blob.line(number), note: format!("{} has its value in a tracked file", &pair[1]) });
        }
    }
}
