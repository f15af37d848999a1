//! Workloads and containers as readers begin them: nothing set, and what is known filled in.

use super::model::*;
use crate::evidence::Span;
use crate::facts::tree::{Role, role_of_path};

pub fn workload(platform: Platform, life: Life, name: &str, span: Span) -> Workload {
    let environment = environment(span.path());
    let name = name.to_owned();
    Workload {
        platform,
        life,
        environment,
        name,
        span,
        containers: Vec::new(),
        scaling: Scaling::Inherent,
        listens: false,
        schedule: None,
    }
}

pub fn container(name: &str, image: Option<String>, span: Span) -> Container {
    let foreign = image.as_deref().is_some_and(is_helper);
    Container {
        name: name.to_owned(),
        image,
        build: None,
        foreign,
        span,
        cpu: Limit::Missing,
        memory: Limit::Missing,
        user: RunAs::Image,
        environment: Vec::new(),
        probes: Vec::new(),
    }
}

/// Agents, proxies and stores that run beside the program.
fn is_helper(image: &str) -> bool {
    let name = image.split(['@', ':']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let helpers = [
        "otel",
        "opentelemetry",
        "datadog",
        "envoy",
        "fluent",
        "xray",
        "cloud-sql-proxy",
        "cloudsql",
        "redis",
        "postgres",
        "mysql",
        "mongo",
        "nginx",
        "statsd",
        "prometheus",
        "grafana",
        "vault",
        "rabbitmq",
        "cloudwatch",
        "newrelic",
        "collector",
        "agent",
        "pgbouncer",
    ];
    let public = !image.split('/').next().is_some_and(|host| {
        host.contains('.') && host != "docker.io" && host != "public.ecr.aws" && host != "gcr.io" && host != "ghcr.io"
    });
    public && helpers.iter().any(|helper| name.starts_with(helper) || name.ends_with(helper))
}

/// The environment that a path names; production where it names none.
pub fn environment(path: &str) -> Environment {
    let lower = path.to_lowercase();
    let mut words = lower.split(['/', '.', '-', '_']);
    let others = [
        "staging",
        "stage",
        "stg",
        "test",
        "tests",
        "qa",
        "uat",
        "sandbox",
        "preview",
        "dev",
        "develop",
        "development",
        "nonprod",
        "demo",
        "example",
        "examples",
    ];
    if words.clone().any(|word| word == "local") {
        Environment::Development
    } else if words.any(|word| others.contains(&word)) {
        Environment::Other
    } else {
        Environment::Production
    }
}

/// Root by number or name, another user, or nothing said.
pub fn run_as(user: Option<(String, Span)>) -> RunAs {
    match user {
        None => RunAs::Image,
        Some((name, _)) if name.contains('$') || name.is_empty() => RunAs::Image,
        Some((name, span))
            if name == "root"
                || name.split(':').next().is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte == b'0')) =>
        {
            RunAs::Root(span)
        }
        Some((_, span)) => RunAs::NonRoot(span),
    }
}

/// The path that a command such as `curl -f http://localhost:8080/health` asks.
pub fn asked_path(command: &str) -> Option<String> {
    let (_, rest) = command.split_once("://")?;
    let end = rest.find([' ', '"', '\'', ')', '|', ';']).unwrap_or(rest.len());
    let address = rest.get(..end)?;
    Some(address.find('/').and_then(|at| address.get(at..)).unwrap_or("/").to_owned())
}

/// Neither committed dependency, build output, test, example nor documentation.
pub fn is_own(path: &str) -> bool {
    !matches!(
        role_of_path(path),
        Role::Vendored | Role::Build | Role::Fixture | Role::Test | Role::Example | Role::Docs
    )
}
