//! Objects of Kubernetes that Terraform makes through the kubernetes provider.

use super::{bound, limit, source, span_of};
use crate::facts::deployment::draft;
use crate::facts::deployment::{
    Container, Deployment, Life, Platform, Probe, ProbeKind, Reach, RunAs, Scaling, SecretKind, SecretObject, Source,
    Variable,
};
use crate::facts::terraform::{Block, Body, Resource, Terraform, Value};

pub fn read(terraform: &Terraform, resource: &Resource, deployment: &mut Deployment) {
    let kind = resource.kind.trim_start_matches("kubernetes_").trim_end_matches("_v1");
    let name = named(&resource.body).unwrap_or_else(|| resource.name.clone());
    if kind == "secret" {
        let literals = resource.body.get("data").map(Value::entries).unwrap_or_default();
        let real = literals
            .iter()
            .any(|(_, value)| matches!(source(value), Source::Literal { placeholder: false, empty: false }));
        if real {
            deployment.secrets.push(SecretObject {
                name,
                kind: SecretKind::Plain { placeholder: false },
                span: resource.span.clone(),
            });
        }
        return;
    }
    let (life, path): (Life, &[&str]) = match kind {
        "deployment" | "stateful_set" | "daemonset" | "daemon_set" => (Life::Service, &["spec", "template", "spec"]),
        "job" => (Life::Job, &["spec", "template", "spec"]),
        "cron_job" => (Life::Job, &["spec", "job_template", "spec", "template", "spec"]),
        _ => return,
    };
    let Some(pod) = resource.body.block_at(path) else { return };
    let mut workload = draft::workload(Platform::Kubernetes, life, &name, resource.span.clone());
    let user = pod.body.block("security_context").map(run_as);
    workload.containers = pod.body.blocks("container").map(|block| container(block, user.clone())).collect();
    workload.listens = workload.containers.iter().any(|container| !container.probes.is_empty())
        || pod.body.blocks("container").any(|block| block.body.block("port").is_some());
    if life == Life::Service {
        workload.scaling = scaling(terraform, resource, &name);
    }
    deployment.workloads.push(workload);
}

fn named(body: &Body) -> Option<String> {
    body.block("metadata")?.body.get("name")?.text()
}

fn scaling(terraform: &Terraform, resource: &Resource, name: &str) -> Scaling {
    let scaler = terraform
        .resources()
        .filter(|other| other.kind.starts_with("kubernetes_horizontal_pod_autoscaler"))
        .find(|other| {
            let target = other
                .body
                .block_at(&["spec", "scale_target_ref"])
                .and_then(|target| target.body.get("name"))
                .and_then(Value::shown);
            target.is_some_and(|target| target == name || target.contains(&resource.address()))
        });
    if let Some(spec) = scaler.and_then(|scaler| scaler.body.block("spec")) {
        let minimum = spec.body.get("min_replicas");
        let maximum = spec.body.get("max_replicas").and_then(|value| bound(Some(value), 1));
        return Scaling::Automatic { minimum: bound(minimum, 1), maximum, span: span_of(minimum, &spec.span) };
    }
    let copies = resource.body.block("spec").and_then(|spec| spec.body.get("replicas"));
    Scaling::Fixed { copies: bound(copies, 1), span: span_of(copies, &resource.span) }
}

fn container(block: &Block, pod: Option<RunAs>) -> Container {
    let body = &block.body;
    let name = body.get("name").and_then(Value::text).unwrap_or_default();
    let mut container = draft::container(&name, body.get("image").and_then(Value::shown), block.span.clone());
    let limits = body.block("resources").and_then(|resources| resources.body.get("limits"));
    container.cpu = limit(limits.and_then(|limits| if limits.is_open() { Some(limits) } else { limits.get("cpu") }));
    container.memory =
        limit(limits.and_then(|limits| if limits.is_open() { Some(limits) } else { limits.get("memory") }));
    let own = body.block("security_context").map(run_as).filter(|user| *user != RunAs::Image);
    container.user = own.or(pod).unwrap_or(RunAs::Image);
    for variable in body.blocks("env") {
        let value = variable.body.get("value");
        let secret = variable.body.block_at(&["value_from", "secret_key_ref"]);
        let source = match (secret, value) {
            (Some(secret), _) => Source::Secret(secret.body.get("name").and_then(Value::shown).unwrap_or_default()),
            (None, Some(value)) => source(value),
            (None, None) => Source::Config(String::new()),
        };
        let name = variable.body.get("name").and_then(Value::text).unwrap_or_default();
        let span = secret.map_or_else(|| span_of(value, &variable.span), |secret| secret.span.clone());
        container.environment.push(Variable { name, source, span });
    }
    for from in body.blocks("env_from") {
        let secret = from.body.block("secret_ref");
        let source = secret.map_or(Source::Config(String::new()), |secret| {
            Source::Secret(secret.body.get("name").and_then(Value::shown).unwrap_or_default())
        });
        container.environment.push(Variable { name: String::new(), source, span: from.span.clone() });
    }
    for (name, kind) in [
        ("readiness_probe", ProbeKind::Readiness),
        ("startup_probe", ProbeKind::Startup),
        ("liveness_probe", ProbeKind::Liveness),
    ] {
        container.probes.extend(body.blocks(name).map(|probe| {
            let http = probe.body.block("http_get");
            let path = http.and_then(|http| http.body.get("path")).and_then(Value::text);
            let reach = match (http.is_some(), probe.body.block("exec").is_some()) {
                (true, _) => Reach::Http,
                (false, true) => Reach::Command,
                (false, false) => Reach::Tcp,
            };
            Probe { kind, reach, path, span: probe.span.clone() }
        }));
    }
    container
}

fn run_as(block: &Block) -> RunAs {
    let user = block.body.get("run_as_user");
    let non_root = block.body.get("run_as_non_root");
    match (user.and_then(Value::number), non_root.and_then(Value::truth)) {
        (Some(0.0), _) => RunAs::Root(span_of(user, &block.span)),
        (Some(_), _) => RunAs::NonRoot(span_of(user, &block.span)),
        (None, Some(true)) => RunAs::NonRoot(span_of(non_root, &block.span)),
        _ => RunAs::Image,
    }
}
