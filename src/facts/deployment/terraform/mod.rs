//! Workloads that Terraform and OpenTofu make.

mod amazon;
mod azure;
mod cloud_run;
mod cluster;

use super::{Deployment, Limit, Source, Variable};
use crate::evidence::Span;
use crate::facts::terraform::{Kind, Resource, Value};
use crate::facts::{Facts, secret_value};

pub fn read(facts: &Facts, deployment: &mut Deployment) {
    let terraform = facts.terraform();
    for resource in terraform.resources() {
        let made = match resource.kind.as_str() {
            "google_cloud_run_v2_service" | "google_cloud_run_v2_job" | "google_cloud_run_v2_worker_pool" => {
                Some(cloud_run::second(resource))
            }
            "google_cloud_run_service" => Some(cloud_run::first(resource)),
            "google_cloudfunctions2_function" | "google_cloudfunctions_function" => Some(cloud_run::function(resource)),
            "aws_ecs_task_definition" => Some(amazon::task(terraform, resource)),
            "aws_apprunner_service" => Some(amazon::app_runner(terraform, resource)),
            "aws_lambda_function" => Some(amazon::lambda(resource)),
            "azurerm_container_app" | "azurerm_container_app_job" => Some(azure::container_app(resource)),
            "azurerm_linux_web_app" | "azurerm_windows_web_app" | "azurerm_app_service" => {
                Some(azure::web_app(terraform, resource))
            }
            "azurerm_linux_function_app" | "azurerm_windows_function_app" | "azurerm_function_app" => {
                Some(azure::function_app(resource))
            }
            kind if kind.starts_with("kubernetes_") => {
                cluster::read(terraform, resource, deployment);
                None
            }
            _ => None,
        };
        deployment.workloads.extend(made);
    }
}

/// Kinds of resources that hold or fetch a secret.
const SECRETS: [&str; 12] = [
    "secretsmanager",
    "ssm_parameter",
    "secret_manager",
    "key_vault_secret",
    "vault_",
    "random_password",
    "onepassword_",
    "doppler_",
    "infisical_",
    "bitwarden_",
    "sops_file",
    "kubernetes_secret",
];

/// Where the value of a variable comes from.
pub(super) fn source(value: &Value) -> Source {
    match &value.kind {
        Kind::Reference(text) | Kind::Template(text) if SECRETS.iter().any(|kind| text.contains(kind)) => {
            Source::Secret(text.clone())
        }
        Kind::Reference(text) | Kind::Template(text) if text.starts_with("var.") || text.contains("${var.") => {
            Source::Substituted(text.clone())
        }
        Kind::Reference(text) | Kind::Template(text) => Source::Config(text.clone()),
        Kind::Text(text) => secret_value::source(text),
        Kind::Null => Source::Literal { placeholder: false, empty: true },
        Kind::Number(_) | Kind::Truth(_) => Source::Config(String::new()),
        _ => Source::Substituted(String::new()),
    }
}

/// The variables of a map, each from its value.
pub(super) fn variables(map: Option<&Value>, secret: bool) -> Vec<Variable> {
    let Some(map) = map else { return Vec::new() };
    if map.is_open() {
        return Vec::new();
    }
    let variable = |(name, value): &(String, Value)| {
        let source = if secret { Source::Secret(value.shown().unwrap_or_default()) } else { source(value) };
        Variable { name: name.clone(), source, span: value.span.clone() }
    };
    map.entries().iter().map(variable).collect()
}

/// A limit that an attribute sets; null sets none.
pub(super) fn limit(value: Option<&Value>) -> Limit {
    match value {
        Some(value) if value.is_null() => Limit::Missing,
        Some(value) if matches!(value.kind, Kind::Unknown) => Limit::Unknown(value.span.clone()),
        Some(value) => Limit::Set(value.span.clone()),
        None => Limit::Missing,
    }
}

/// A lower bound: its number, and none where only a plan could tell; the default where nothing is set.
pub(super) fn bound(value: Option<&Value>, default: u32) -> Option<u32> {
    match value {
        Some(value) => value.number().map(|number| number.max(0.0) as u32),
        None => Some(default),
    }
}

pub(super) fn span_of(value: Option<&Value>, otherwise: &Span) -> Span {
    value.map_or_else(|| otherwise.clone(), |value| value.span.clone())
}

/// The name that the resource gives, or its own.
fn name_of(resource: &Resource, attribute: &str) -> String {
    resource.body.get(attribute).and_then(Value::text).unwrap_or_else(|| resource.name.clone())
}
