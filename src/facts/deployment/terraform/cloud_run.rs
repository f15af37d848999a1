//! Cloud Run services, jobs and functions of Google's provider.

use super::{bound, limit, name_of, source, span_of, variables};
use crate::facts::deployment::draft;
use crate::facts::deployment::{
    Container, Life, Limit, Platform, Probe, ProbeKind, Reach, Scaling, Source, Variable, Workload,
};
use crate::facts::terraform::{Block, Body, Resource, Value};

/// The second version: `google_cloud_run_v2_service` and its job.
pub fn second(resource: &Resource) -> Workload {
    let is_job = resource.kind.ends_with("_job");
    let life = if is_job { Life::Job } else { Life::Service };
    let mut workload = draft::workload(Platform::CloudRun, life, &name_of(resource, "name"), resource.span.clone());
    workload.listens = resource.kind.ends_with("_service");
    let template = resource.body.block("template").map(|block| &block.body);
    let inner =
        if is_job { template.and_then(|body| body.block("template")).map(|block| &block.body) } else { template };
    workload.containers = inner.map_or(Vec::new(), |body| body.blocks("containers").map(container).collect());
    if !is_job {
        workload.scaling = scaling(resource, template);
    }
    workload
}

fn scaling(resource: &Resource, template: Option<&Body>) -> Scaling {
    let own = resource.body.block("scaling");
    let revision = template.and_then(|body| body.block("scaling"));
    if let Some(copies) = own.and_then(|block| block.body.get("manual_instance_count")) {
        return Scaling::Fixed { copies: bound(Some(copies), 0), span: copies.span.clone() };
    }
    let get = |name: &str| {
        own.and_then(|block| block.body.get(name)).or_else(|| revision.and_then(|block| block.body.get(name)))
    };
    // Of the service's own minimum and the revision's, the larger one is kept running.
    let both = [own, revision].map(|block| block.and_then(|block| block.body.get("min_instance_count")));
    let minimum =
        both.into_iter().flatten().max_by(|a, b| a.number().unwrap_or(-1.0).total_cmp(&b.number().unwrap_or(-1.0)));
    let block = revision.or(own).map_or(&resource.span, |block| &block.span);
    let maximum = get("max_instance_count").and_then(|value| bound(Some(value), 100));
    Scaling::Automatic { minimum: bound(minimum, 0), maximum, span: span_of(minimum, block) }
}

fn container(block: &Block) -> Container {
    let body = &block.body;
    let name = body.get("name").and_then(Value::text).unwrap_or_else(|| "container".to_owned());
    let mut container = draft::container(&name, body.get("image").and_then(Value::shown), block.span.clone());
    let limits = body.block("resources").and_then(|block| block.body.get("limits"));
    container.cpu = limit(limits.and_then(|limits| open_or(limits, "cpu")));
    container.memory = limit(limits.and_then(|limits| open_or(limits, "memory")));
    container.environment = body.blocks("env").map(variable).collect();
    container.environment.extend(body.blocks("env_from").map(|block| Variable {
        name: String::new(),
        source: if block.body.block("secret_ref").is_some() {
            Source::Secret(String::new())
        } else {
            Source::Config(String::new())
        },
        span: block.span.clone(),
    }));
    container.probes = ["startup_probe", "liveness_probe", "readiness_probe"]
        .iter()
        .flat_map(|name| body.blocks(name))
        .map(probe)
        .collect();
    container
}

/// A key of a map, or the map itself where only a plan could tell what is in it.
fn open_or<'a>(map: &'a Value, key: &str) -> Option<&'a Value> {
    if map.is_open() { Some(map) } else { map.get(key) }
}

fn variable(block: &Block) -> Variable {
    let body = &block.body;
    let reference =
        body.block_at(&["value_source", "secret_key_ref"]).or_else(|| body.block_at(&["value_from", "secret_key_ref"]));
    let source = match (reference, body.get("value")) {
        (Some(secret), _) => {
            let name = secret.body.get("secret").or_else(|| secret.body.get("name"));
            Source::Secret(name.and_then(Value::shown).unwrap_or_default())
        }
        (None, Some(value)) => source(value),
        (None, None) => Source::Literal { placeholder: false, empty: true },
    };
    let span = reference.map_or_else(|| span_of(body.get("value"), &block.span), |secret| secret.span.clone());
    Variable { name: body.get("name").and_then(Value::text).unwrap_or_default(), source, span }
}

fn probe(block: &Block) -> Probe {
    let http = block.body.block("http_get");
    let kind = match block.name.as_str() {
        "startup_probe" => ProbeKind::Startup,
        "readiness_probe" => ProbeKind::Readiness,
        _ => ProbeKind::Liveness,
    };
    let reach = if http.is_some() {
        Reach::Http
    } else if block.body.block("grpc").is_some() {
        Reach::Grpc
    } else {
        Reach::Tcp
    };
    let path = http.map(|http| http.body.get("path").and_then(Value::text).unwrap_or_else(|| "/".to_owned()));
    let span = http.and_then(|http| http.body.get("path")).map_or_else(|| block.span.clone(), |path| path.span.clone());
    Probe { kind, reach, path, span }
}

/// The first version: a Knative service in blocks.
pub fn first(resource: &Resource) -> Workload {
    let mut workload =
        draft::workload(Platform::CloudRun, Life::Service, &name_of(resource, "name"), resource.span.clone());
    workload.listens = true;
    let template = resource.body.block("template").map(|block| &block.body);
    let spec = template.and_then(|body| body.block("spec")).map(|block| &block.body);
    workload.containers = spec.map_or(Vec::new(), |body| body.blocks("containers").map(container).collect());
    let annotations = template.and_then(|body| body.block("metadata")).and_then(|block| block.body.get("annotations"));
    let get = |name: &str| annotations.and_then(|map| map.get(&format!("autoscaling.knative.dev/{name}")));
    let maximum = get("maxScale").and_then(|value| bound(Some(value), 100));
    let span = span_of(get("minScale"), annotations.map_or(&resource.span, |map| &map.span));
    workload.scaling = Scaling::Automatic { minimum: bound(get("minScale"), 0), maximum, span };
    workload
}

/// A function of the first or second generation.
pub fn function(resource: &Resource) -> Workload {
    let mut workload =
        draft::workload(Platform::CloudFunctions, Life::Function, &name_of(resource, "name"), resource.span.clone());
    let config = resource.body.block("service_config").map_or(&resource.body, |block| &block.body);
    let mut container = draft::container(&workload.name, None, resource.span.clone());
    container.cpu = Limit::Inherent("the size of the function gives it its share".to_owned());
    container.memory = Limit::Inherent("the function has the size it is given".to_owned());
    container.environment = variables(config.get("environment_variables"), false);
    container.environment.extend(config.blocks("secret_environment_variables").map(|block| Variable {
        name: block.body.get("key").and_then(Value::text).unwrap_or_default(),
        source: Source::Secret(block.body.get("secret").and_then(Value::shown).unwrap_or_default()),
        span: block.span.clone(),
    }));
    workload.containers.push(container);
    workload
}
