//! Container Apps, App Service and Functions of Azure's provider.

use super::{bound, limit, name_of, source, span_of, variables};
use crate::facts::deployment::draft;
use crate::facts::deployment::{
    Container, Life, Limit, Platform, Probe, ProbeKind, Reach, Scaling, Source, Variable, Workload,
};
use crate::facts::terraform::{Block, Resource, Terraform, Value};

pub fn container_app(resource: &Resource) -> Workload {
    let is_job = resource.kind.ends_with("_job");
    let life = if is_job { Life::Job } else { Life::Service };
    let mut workload =
        draft::workload(Platform::ContainerApps, life, &name_of(resource, "name"), resource.span.clone());
    workload.listens = resource.body.block("ingress").is_some();
    let Some(template) = resource.body.block("template") else { return workload };
    let containers = template.body.blocks("container").map(|block| container(resource, block));
    workload.containers = containers.collect();
    if !is_job {
        let minimum = template.body.get("min_replicas");
        let maximum = template.body.get("max_replicas").map_or(Some(10), |value| bound(Some(value), 10));
        workload.scaling =
            Scaling::Automatic { minimum: bound(minimum, 0), maximum, span: span_of(minimum, &template.span) };
    }
    workload
}

fn container(app: &Resource, block: &Block) -> Container {
    let body = &block.body;
    let name = body.get("name").and_then(Value::text).unwrap_or_default();
    let mut container = draft::container(&name, body.get("image").and_then(Value::shown), block.span.clone());
    (container.cpu, container.memory) = (limit(body.get("cpu")), limit(body.get("memory")));
    for variable in body.blocks("env") {
        let (value, secret) = (variable.body.get("value"), variable.body.get("secret_name"));
        let source = match (secret, value) {
            (Some(secret), _) => secret_source(app, &secret.shown().unwrap_or_default()),
            (None, Some(value)) => source(value),
            (None, None) => Source::Literal { placeholder: false, empty: true },
        };
        let name = variable.body.get("name").and_then(Value::text).unwrap_or_default();
        container.environment.push(Variable { name, source, span: span_of(secret.or(value), &variable.span) });
    }
    for (name, kind) in [
        ("readiness_probe", ProbeKind::Readiness),
        ("startup_probe", ProbeKind::Startup),
        ("liveness_probe", ProbeKind::Liveness),
    ] {
        for probe in body.blocks(name) {
            let is_http = probe
                .body
                .get("transport")
                .and_then(Value::text)
                .is_some_and(|transport| transport.starts_with("HTTP"));
            let path = probe.body.get("path").and_then(Value::text).filter(|_| is_http);
            let reach = if is_http { Reach::Http } else { Reach::Tcp };
            container.probes.push(Probe { kind, reach, path, span: probe.span.clone() });
        }
    }
    container
}

/// A secret of the app: from Key Vault, or with a value of its own that may be a literal.
fn secret_source(app: &Resource, name: &str) -> Source {
    let own =
        app.body.blocks("secret").find(|secret| secret.body.get("name").and_then(Value::text).as_deref() == Some(name));
    let literal = own.and_then(|secret| secret.body.get("value")).map(source);
    match literal {
        Some(literal @ Source::Literal { placeholder: false, empty: false }) => literal,
        _ => Source::Secret(name.to_owned()),
    }
}

pub fn web_app(terraform: &Terraform, resource: &Resource) -> Workload {
    let mut workload =
        draft::workload(Platform::AppService, Life::Service, &name_of(resource, "name"), resource.span.clone());
    workload.listens = true;
    let mut container = settings(resource);
    let path = resource.body.block("site_config").and_then(|site| site.body.get("health_check_path"));
    container.probes.extend(path.map(|path| Probe {
        kind: ProbeKind::Health,
        reach: Reach::Http,
        path: path.text(),
        span: path.span.clone(),
    }));
    workload.containers.push(container);
    let scaler = terraform.of_kind("azurerm_monitor_autoscale_setting").next();
    let capacity = scaler.and_then(|scaler| scaler.body.block_at(&["profile", "capacity"]));
    let plan = terraform.of_kind("azurerm_service_plan").next();
    workload.scaling = match (capacity, plan) {
        (Some(capacity), _) => {
            let minimum = capacity.body.get("minimum");
            let maximum = capacity.body.get("maximum").and_then(|value| bound(Some(value), 1));
            Scaling::Automatic { minimum: bound(minimum, 1), maximum, span: span_of(minimum, &capacity.span) }
        }
        (None, Some(plan)) => {
            let elastic =
                plan.body.get("maximum_elastic_worker_count").and_then(Value::number).is_some_and(|most| most > 1.0);
            let copies = plan.body.get("worker_count");
            let span = span_of(copies, &plan.span);
            match elastic {
                true => Scaling::Automatic { minimum: Some(1), maximum: None, span },
                false => Scaling::Fixed { copies: bound(copies, 1), span },
            }
        }
        (None, None) => Scaling::Fixed { copies: None, span: resource.span.clone() },
    };
    workload
}

pub fn function_app(resource: &Resource) -> Workload {
    let mut workload =
        draft::workload(Platform::AppService, Life::Function, &name_of(resource, "name"), resource.span.clone());
    workload.containers.push(settings(resource));
    workload
}

/// The app settings as environment; a reference into Key Vault is a secret.
fn settings(resource: &Resource) -> Container {
    let mut container = draft::container(&resource.name, None, resource.span.clone());
    let inherent = || Limit::Inherent("the plan gives every instance its size".to_owned());
    (container.cpu, container.memory) = (inherent(), inherent());
    container.environment = variables(resource.body.get("app_settings"), false);
    let settings = resource.body.get("app_settings").map(Value::entries).unwrap_or_default();
    for (name, value) in settings {
        let from_vault = value.shown().is_some_and(|text| text.contains("@Microsoft.KeyVault"));
        let variable = container.environment.iter_mut().find(|variable| variable.name == *name);
        if let (true, Some(variable)) = (from_vault, variable) {
            variable.source = Source::Secret("Key Vault".to_owned());
        }
    }
    container
}
