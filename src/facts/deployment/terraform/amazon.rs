//! ECS tasks with their services and scalers, App Runner, Lambda.

use super::{bound, limit, name_of, source, span_of, variables};
use crate::facts::deployment::draft;
use crate::facts::deployment::{
    Container, Life, Limit, Platform, Probe, ProbeKind, Reach, Scaling, Source, Variable, Workload,
};
use crate::facts::terraform::{Kind, Resource, Terraform, Value, structured_text};

/// A task definition, with the service that runs it and what scales that.
pub fn task(terraform: &Terraform, resource: &Resource) -> Workload {
    let address = resource.address();
    let runs = |service: &&Resource| {
        let task = service.body.get("task_definition").and_then(Value::shown).unwrap_or_default();
        task.contains(&address) || task == resource.body.get("family").and_then(Value::text).unwrap_or_default()
    };
    let service = terraform.of_kind("aws_ecs_service").find(runs);
    let scheduled =
        terraform.of_kind("aws_cloudwatch_event_target").any(|target| target.body.block("ecs_target").is_some());
    let life = if service.is_none() && scheduled { Life::Job } else { Life::Service };
    let mut workload = draft::workload(Platform::Ecs, life, &name_of(resource, "family"), resource.span.clone());
    workload.listens = service.is_some_and(|service| service.body.block("load_balancer").is_some());
    let definitions = resource.body.get("container_definitions");
    let parsed = definitions.and_then(|value| match &value.kind {
        Kind::Text(text) | Kind::Template(text) => structured_text(text, &value.span),
        Kind::Map(_) => Some(Value { kind: Kind::List(vec![value.clone()]), span: value.span.clone() }),
        _ => Some(value.clone()),
    });
    let items = parsed.as_ref().map(Value::items).unwrap_or_default();
    workload.containers = items.iter().map(|item| container(resource, item)).collect();
    if workload.containers.is_empty() {
        let mut unknown = draft::container(&workload.name, None, resource.span.clone());
        (unknown.cpu, unknown.memory) = (limit(resource.body.get("cpu")), limit(resource.body.get("memory")));
        workload.containers.push(unknown);
    }
    workload.scaling = scaling(terraform, service, resource);
    workload
}

fn scaling(terraform: &Terraform, service: Option<&Resource>, task: &Resource) -> Scaling {
    let services = terraform.of_kind("aws_ecs_service").count();
    let target = terraform.of_kind("aws_appautoscaling_target").find(|target| {
        let id = target.body.get("resource_id").and_then(Value::shown).unwrap_or_default();
        let of_ecs =
            target.body.get("service_namespace").and_then(Value::text).is_none_or(|namespace| namespace == "ecs");
        let named = service.is_some_and(|service| {
            let name = service.body.get("name").and_then(Value::text).unwrap_or_default();
            id.contains(&service.address()) || !name.is_empty() && id.ends_with(&name)
        });
        of_ecs && (named || services <= 1)
    });
    if let Some(target) = target {
        let minimum = target.body.get("min_capacity");
        let maximum = target.body.get("max_capacity").and_then(|value| bound(Some(value), 1));
        return Scaling::Automatic { minimum: bound(minimum, 1), maximum, span: span_of(minimum, &target.span) };
    }
    let copies = service.and_then(|service| service.body.get("desired_count"));
    let span = span_of(copies, service.map_or(&task.span, |service| &service.span));
    Scaling::Fixed { copies: copies.and_then(|copies| bound(Some(copies), 1)), span }
}

fn container(task: &Resource, item: &Value) -> Container {
    let name = item.get("name").and_then(Value::shown).unwrap_or_else(|| task.name.clone());
    let mut container = draft::container(&name, item.get("image").and_then(Value::shown), item.span.clone());
    // On Fargate the task's size is the limit of all its containers together.
    container.cpu = first_limit([task.body.get("cpu"), item.get("cpu").filter(|cpu| cpu.number() != Some(0.0))]);
    container.memory = first_limit([task.body.get("memory"), item.get("memory")]);
    container.user = draft::run_as(item.get("user").and_then(|user| Some((user.text()?, user.span.clone()))));
    for pair in item.get("environment").map(Value::items).unwrap_or_default() {
        let value = pair.get("value");
        let name = pair.get("name").and_then(Value::shown).unwrap_or_default();
        let source = value.map_or(Source::Literal { placeholder: false, empty: true }, source);
        container.environment.push(Variable { name, source, span: span_of(value, &pair.span) });
    }
    for pair in item.get("secrets").map(Value::items).unwrap_or_default() {
        let from = pair.get("valueFrom");
        let name = pair.get("name").and_then(Value::shown).unwrap_or_default();
        container.environment.push(Variable {
            name,
            source: Source::Secret(from.and_then(Value::shown).unwrap_or_default()),
            span: span_of(from, &pair.span),
        });
    }
    if let Some(check) = item.get("healthCheck") {
        let command = check.get("command").map(Value::items).unwrap_or_default();
        let text: Vec<String> = command.iter().filter_map(Value::text).collect();
        let path = draft::asked_path(&text.join(" "));
        container.probes.push(Probe {
            kind: ProbeKind::Health,
            reach: Reach::Command,
            path,
            span: span_of(check.get("command"), &check.span),
        });
    }
    container
}

fn first_limit(values: [Option<&Value>; 2]) -> Limit {
    values.into_iter().flatten().next().map_or(Limit::Missing, |value| limit(Some(value)))
}

pub fn app_runner(terraform: &Terraform, resource: &Resource) -> Workload {
    let mut workload =
        draft::workload(Platform::AppRunner, Life::Service, &name_of(resource, "service_name"), resource.span.clone());
    workload.listens = true;
    let image = resource.body.block_at(&["source_configuration", "image_repository"]);
    let mut container = draft::container(
        &workload.name,
        image.and_then(|image| image.body.get("image_identifier")).and_then(Value::shown),
        resource.span.clone(),
    );
    let instance = resource.body.block("instance_configuration").map(|block| &block.body);
    let size = |name: &str| match instance.and_then(|body| body.get(name)) {
        Some(value) => limit(Some(value)),
        None => Limit::Inherent("App Runner gives every instance 1 vCPU and 2 GB".to_owned()),
    };
    (container.cpu, container.memory) = (size("cpu"), size("memory"));
    for configuration in resource
        .body
        .all_blocks("image_configuration")
        .into_iter()
        .chain(resource.body.all_blocks("code_configuration_values"))
    {
        container.environment.extend(variables(configuration.body.get("runtime_environment_variables"), false));
        container.environment.extend(variables(configuration.body.get("runtime_environment_secrets"), true));
    }
    if let Some(check) = resource.body.block("health_check_configuration") {
        let is_http = check.body.get("protocol").and_then(Value::text).is_some_and(|protocol| protocol == "HTTP");
        let path = check.body.get("path").and_then(Value::text);
        let reach = if is_http { Reach::Http } else { Reach::Tcp };
        container.probes.push(Probe {
            kind: ProbeKind::Health,
            reach,
            path: path.filter(|_| is_http),
            span: check.span.clone(),
        });
    }
    workload.containers.push(container);
    let reference = resource.body.get("auto_scaling_configuration_arn").and_then(Value::shown);
    let settings = reference.and_then(|text| terraform.referenced(&text));
    let minimum = settings.and_then(|settings| settings.body.get("min_size"));
    let maximum =
        settings.and_then(|settings| settings.body.get("max_size")).map_or(Some(25), |value| bound(Some(value), 25));
    let span = span_of(minimum, settings.map_or(&resource.span, |settings| &settings.span));
    workload.scaling = Scaling::Automatic { minimum: bound(minimum, 1), maximum, span };
    workload
}

pub fn lambda(resource: &Resource) -> Workload {
    let mut workload =
        draft::workload(Platform::Lambda, Life::Function, &name_of(resource, "function_name"), resource.span.clone());
    let mut container =
        draft::container(&workload.name, resource.body.get("image_uri").and_then(Value::shown), resource.span.clone());
    let memory = resource.body.get("memory_size");
    container.memory = memory
        .map_or(Limit::Inherent("a function has 128 MB where nothing else is said".to_owned()), |value| {
            limit(Some(value))
        });
    container.cpu = Limit::Inherent("a function's CPU follows from its memory".to_owned());
    container.environment =
        variables(resource.body.block("environment").and_then(|block| block.body.get("variables")), false);
    workload.containers.push(container);
    workload
}
