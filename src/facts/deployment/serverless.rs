//! Functions and platforms that run them: serverless.yml, wrangler, Vercel, App Engine, Render, App Runner's own file.

use super::terraform::{bound, limit, span_of};
use super::{
    Build, Deployment, Life, Limit, Platform, Probe, ProbeKind, Reach, Scaling, Schedule, Source, Variable, Workload,
};
use super::{draft, parsed, places};
use crate::evidence::{Blob, Evidence};
use crate::facts::terraform::Value;
use crate::facts::{Facts, Unread, secret_value};
use std::sync::Arc;

pub fn read(facts: &Facts, deployment: &mut Deployment) {
    for blob in facts.snapshot.blobs().filter(|blob| draft::is_own(blob.path())) {
        let name = blob.path().rsplit('/').next().unwrap_or_default();
        let made = match name {
            "wrangler.toml" => parsed::toml(blob).map(|root| worker(blob, &root)),
            "wrangler.json" | "wrangler.jsonc" => parsed::json(blob).map(|root| worker(blob, &root)),
            "vercel.json" => parsed::json(blob).map(|root| vercel(blob, &root)),
            "serverless.yml" | "serverless.yaml" => first(blob).map(|root| serverless(blob, &root)),
            "render.yaml" | "render.yml" => first(blob).map(|root| render(blob, &root)),
            "app.yaml" | "app.yml" if blob.text().lines().any(|line| line.starts_with("runtime:")) => {
                first(blob).map(|root| app_engine(blob, &root))
            }
            "apprunner.yaml" | "apprunner.yml" => first(blob).map(|root| app_runner(blob, &root)),
            _ => continue,
        };
        match made {
            Ok(workloads) => deployment.workloads.extend(workloads),
            Err(evidence) => deployment.unread.push(Unread(evidence)),
        }
    }
}

fn first(blob: &Arc<Blob>) -> Result<Value, Evidence> {
    let documents = parsed::yaml(blob)?;
    documents.into_iter().next().ok_or_else(|| Evidence::at(blob.line(1), "an empty manifest"))
}

/// The variables of a map whose values follow the platform's own syntax.
fn variables(map: Option<&Value>, source: fn(&str) -> Source) -> Vec<Variable> {
    let entries = map.map(Value::entries).unwrap_or_default();
    let variable = |(name, value): &(String, Value)| {
        // A mapping is an intrinsic function: what it comes to is decided elsewhere.
        let source = value.shown().map_or(Source::Substituted(String::new()), |text| source(&text));
        Variable { name: name.clone(), source, span: value.span.clone() }
    };
    entries.iter().map(variable).collect()
}

fn worker(blob: &Arc<Blob>, root: &Value) -> Vec<Workload> {
    let name = root.get("name").and_then(Value::text).unwrap_or_else(|| "worker".to_owned());
    let mut workload =
        draft::workload(Platform::Workers, Life::Function, &name, span_of(root.get("name"), &blob.line(1)));
    workload.listens = true;
    let mut container = draft::container(&name, None, workload.span.clone());
    let inherent = || Limit::Inherent("every Worker has the size that its plan gives".to_owned());
    (container.cpu, container.memory) = (inherent(), inherent());
    container.environment = variables(root.get("vars"), secret_value::source);
    let environments = root.get("env").map(Value::entries).unwrap_or_default();
    for (environment, settings) in environments {
        if draft::environment(environment) == super::Environment::Production {
            container.environment.extend(variables(settings.get("vars"), secret_value::source));
        }
    }
    for binding in root.get("secrets_store_secrets").map(Value::items).unwrap_or_default() {
        let name = binding.get("binding").and_then(Value::text).unwrap_or_default();
        let secret = binding.get("secret_name").and_then(Value::text).unwrap_or_default();
        container.environment.push(Variable {
            name,
            source: Source::Secret(secret),
            span: span_of(binding.get("secret_name"), &binding.span),
        });
    }
    workload.containers.push(container);
    let cron = parsed::at(root, &["triggers", "crons"]).and_then(|crons| crons.items().first());
    workload.schedule = cron.and_then(|cron| Some(Schedule { expression: cron.text()?, span: cron.span.clone() }));
    vec![workload]
}

fn vercel(blob: &Arc<Blob>, root: &Value) -> Vec<Workload> {
    let mut workload = draft::workload(Platform::Vercel, Life::Function, "project", blob.line(1));
    workload.listens = true;
    let mut container = draft::container("project", None, workload.span.clone());
    let inherent = || Limit::Inherent("every function has the size that its plan gives".to_owned());
    (container.cpu, container.memory) = (inherent(), inherent());
    // `@name` names a secret of the account.
    let source = |text: &str| {
        text.strip_prefix('@').map_or_else(|| secret_value::source(text), |name| Source::Secret(name.to_owned()))
    };
    container.environment = variables(root.get("env"), source);
    container.environment.extend(variables(parsed::at(root, &["build", "env"]), source));
    workload.containers.push(container);
    vec![workload]
}

/// The variables of the Serverless Framework: `${ssm:…}`, `${env:…}`, `{{resolve:secretsmanager:…}}`.
fn framework_source(text: &str) -> Source {
    let secret = [
        "${ssm:",
        "${secretsmanager",
        "${secretsManager",
        "{{resolve:secretsmanager",
        "{{resolve:ssm-secure",
        "reference/secretsmanager",
        "${vault:",
        "${aws:ssm",
        "${doppler:",
    ];
    if secret.iter().any(|start| text.contains(start)) {
        Source::Secret(text.to_owned())
    } else {
        secret_value::source(text)
    }
}

fn serverless(blob: &Arc<Blob>, root: &Value) -> Vec<Workload> {
    let shared = variables(parsed::at(root, &["provider", "environment"]), framework_source);
    let shared: Vec<Variable> = shared.into_iter().map(|variable| followed(root, variable)).collect();
    let functions = root.get("functions").map(Value::entries).unwrap_or_default();
    let mut workloads = Vec::new();
    for (name, function) in functions {
        let mut workload = draft::workload(Platform::Lambda, Life::Function, name, function.span.clone());
        let mut container = draft::container(name, None, function.span.clone());
        let memory = function.get("memorySize").or_else(|| parsed::at(root, &["provider", "memorySize"]));
        container.memory = memory
            .map_or(Limit::Inherent("a function has 1024 MB where nothing else is said".to_owned()), |value| {
                limit(Some(value))
            });
        container.cpu = Limit::Inherent("a function's CPU follows from its memory".to_owned());
        let own = variables(function.get("environment"), framework_source);
        container.environment =
            shared.iter().cloned().chain(own.into_iter().map(|variable| followed(root, variable))).collect();
        workload.containers.push(container);
        let events = function.get("events").map(Value::items).unwrap_or_default();
        workload.listens = events.iter().any(|event| event.get("http").or_else(|| event.get("httpApi")).is_some());
        let schedule = events.iter().find_map(|event| event.get("schedule"));
        let rate = schedule.map(|schedule| schedule.get("rate").unwrap_or(schedule));
        workload.schedule = rate.and_then(|rate| Some(Schedule { expression: rate.shown()?, span: rate.span.clone() }));
        workloads.push(workload);
    }
    if workloads.is_empty() && !shared.is_empty() {
        let mut workload = draft::workload(Platform::Lambda, Life::Function, "service", blob.line(1));
        let mut container = draft::container("service", None, blob.line(1));
        container.environment = shared;
        workload.containers.push(container);
        workloads.push(workload);
    }
    workloads
}

/// `${self:custom.key}` and `${self:provider.x}` as what stands there.
fn followed(root: &Value, variable: Variable) -> Variable {
    let path = match &variable.source {
        Source::Substituted(text) => {
            text.strip_prefix("self:").map(|path| path.split([',', '}']).next().unwrap_or(path).trim().to_owned())
        }
        _ => None,
    };
    let target = path.and_then(|path| parsed::at(root, &path.split('.').collect::<Vec<_>>()).and_then(Value::shown));
    Variable { source: target.map_or(variable.source, |text| framework_source(&text)), ..variable }
}

fn render(blob: &Blob, root: &Value) -> Vec<Workload> {
    let services = root.get("services").map(Value::items).unwrap_or_default();
    services.iter().map(|service| render_service(blob, service)).collect()
}

/// The Dockerfile that a platform builds: the one beside its manifest, or the one that it names.
fn build_of(blob: &Blob, named: Option<&Value>) -> Build {
    let context = places::folder(blob.path()).to_owned();
    let file = named.and_then(Value::text).unwrap_or_else(|| "Dockerfile".to_owned());
    let file = file.trim_start_matches("./");
    let dockerfile = if context.is_empty() { file.to_owned() } else { format!("{context}/{file}") };
    Build { context, dockerfile, target: None }
}

fn render_service(blob: &Blob, service: &Value) -> Workload {
    let text = |key: &str| service.get(key).and_then(Value::text).unwrap_or_default();
    let kind = text("type");
    let life = if kind == "cron" { Life::Job } else { Life::Service };
    let mut workload = draft::workload(Platform::Render, life, &text("name"), service.span.clone());
    workload.listens = matches!(kind.as_str(), "web" | "pserv");
    let mut container = draft::container(&text("name"), None, service.span.clone());
    match service.get("runtime").or_else(|| service.get("env")).and_then(Value::text).as_deref() {
        Some("docker") => container.build = Some(build_of(blob, service.get("dockerfilePath"))),
        Some("image") => container.image = parsed::at(service, &["image", "url"]).and_then(Value::text),
        _ => {}
    }
    let plan = || match service.get("plan") {
        Some(plan) => Limit::Set(plan.span.clone()),
        None => Limit::Inherent("the plan gives every instance its size".to_owned()),
    };
    (container.cpu, container.memory) = (plan(), plan());
    for variable in service.get("envVars").map(Value::items).unwrap_or_default() {
        let name = variable.get("key").and_then(Value::text).unwrap_or_default();
        let source = match variable.get("value") {
            Some(value) => secret_value::source(&value.shown().unwrap_or_default()),
            None => Source::Substituted(name.clone()),
        };
        container.environment.push(Variable { name, source, span: span_of(variable.get("value"), &variable.span) });
    }
    if let Some(path) = service.get("healthCheckPath") {
        container.probes.push(Probe {
            kind: ProbeKind::Health,
            reach: Reach::Http,
            path: path.text(),
            span: path.span.clone(),
        });
    }
    workload.containers.push(container);
    let minimum = parsed::at(service, &["scaling", "minInstances"]);
    let copies = service.get("numInstances");
    workload.scaling = match service.get("scaling") {
        Some(scaling) => {
            let maximum = scaling.get("maxInstances").and_then(|value| bound(Some(value), 1));
            Scaling::Automatic { minimum: bound(minimum, 1), maximum, span: span_of(minimum, &scaling.span) }
        }
        None => Scaling::Fixed { copies: bound(copies, 1), span: span_of(copies, &service.span) },
    };
    workload
}

fn app_engine(blob: &Arc<Blob>, root: &Value) -> Vec<Workload> {
    let (Some(runtime), false) = (root.get("runtime"), root.get("apiVersion").is_some()) else { return Vec::new() };
    let name = root.get("service").and_then(Value::text).unwrap_or_else(|| "default".to_owned());
    let mut workload = draft::workload(Platform::AppEngine, Life::Service, &name, runtime.span.clone());
    workload.listens = true;
    let mut container = draft::container(&name, None, blob.line(1));
    let size = |key: &str| match parsed::at(root, &["resources", key]) {
        Some(value) => limit(Some(value)),
        None => Limit::Inherent("the instance class gives the size".to_owned()),
    };
    (container.cpu, container.memory) = (size("cpu"), size("memory_gb"));
    container.environment = variables(root.get("env_variables"), secret_value::source);
    if runtime.text().as_deref() == Some("custom") {
        container.build = Some(build_of(blob, None));
    }
    for (key, kind) in [("readiness_check", ProbeKind::Readiness), ("liveness_check", ProbeKind::Liveness)] {
        let path = parsed::at(root, &[key, "path"]);
        container.probes.extend(path.map(|path| Probe {
            kind,
            reach: Reach::Http,
            path: path.text(),
            span: path.span.clone(),
        }));
    }
    workload.containers.push(container);
    let automatic = root.get("automatic_scaling");
    let minimum =
        automatic.and_then(|scaling| scaling.get("min_instances").or_else(|| scaling.get("min_num_instances")));
    workload.scaling = match root.get("manual_scaling").or_else(|| root.get("basic_scaling")) {
        Some(fixed) => Scaling::Fixed { copies: bound(fixed.get("instances"), 1), span: fixed.span.clone() },
        None => Scaling::Automatic {
            minimum: bound(minimum, 0),
            maximum: None,
            span: span_of(minimum.or(automatic), &runtime.span),
        },
    };
    vec![workload]
}

/// App Runner's file in the repository: variables and secrets only, the service itself is made elsewhere.
fn app_runner(blob: &Arc<Blob>, root: &Value) -> Vec<Workload> {
    let mut workload = draft::workload(Platform::AppRunner, Life::Service, "service", blob.line(1));
    workload.listens = true;
    let mut container = draft::container("service", None, blob.line(1));
    let inherent = || Limit::Inherent("App Runner gives every instance 1 vCPU and 2 GB".to_owned());
    (container.cpu, container.memory) = (inherent(), inherent());
    for pair in parsed::at(root, &["run", "env"]).map(Value::items).unwrap_or_default() {
        let name = pair.get("name").and_then(Value::text).unwrap_or_default();
        let source = secret_value::source(&pair.get("value").and_then(Value::shown).unwrap_or_default());
        container.environment.push(Variable { name, source, span: span_of(pair.get("value"), &pair.span) });
    }
    for pair in parsed::at(root, &["run", "secrets"]).map(Value::items).unwrap_or_default() {
        let name = pair.get("name").and_then(Value::text).unwrap_or_default();
        let from = pair.get("value-from");
        container.environment.push(Variable {
            name,
            source: Source::Secret(from.and_then(Value::shown).unwrap_or_default()),
            span: span_of(from, &pair.span),
        });
    }
    workload.containers.push(container);
    workload.scaling = Scaling::Automatic { minimum: Some(1), maximum: Some(25), span: blob.line(1) };
    vec![workload]
}
