//! CloudFormation and SAM templates, ECS task definitions as files, Copilot manifests, CDK programs as far as text tells.

use super::terraform::{bound, limit, span_of};
use super::{
    Container, Deployment, Life, Limit, Platform, Probe, ProbeKind, Reach, Scaling, Schedule, Source, Variable,
    Workload,
};
use super::{draft, parsed};
use crate::evidence::Blob;
use crate::facts::terraform::Value;
use crate::facts::{Facts, secret_value};
use regex::Regex;
use std::sync::{Arc, LazyLock};

pub fn read(facts: &Facts, deployment: &mut Deployment) {
    for blob in facts.snapshot.blobs().filter(|blob| draft::is_own(blob.path()) && blob.text().len() < 1 << 20) {
        let (path, text) = (blob.path(), blob.text());
        let is_yaml = path.ends_with(".yml") || path.ends_with(".yaml") || path.ends_with(".template");
        let is_json = path.ends_with(".json") || path.ends_with(".template.json");
        let is_program = [".ts", ".js", ".py", ".go", ".java", ".cs"].iter().any(|end| path.ends_with(end));
        if (is_yaml || is_json) && text.contains("AWS::") {
            for root in documents(blob, is_json) {
                deployment.workloads.extend(template(&root));
            }
        } else if is_json && text.contains("\"containerDefinitions\"") {
            deployment.workloads.extend(documents(blob, true).iter().map(|root| task_file(blob, root)));
        } else if is_yaml && path.contains("copilot/") && path.ends_with("manifest.yml") {
            deployment.workloads.extend(documents(blob, false).iter().map(|root| copilot(blob, root)));
        } else if is_program && ["aws-cdk", "aws_cdk", "Amazon.CDK", "awscdk"].iter().any(|word| text.contains(word)) {
            deployment.workloads.extend(program(blob));
        }
    }
}

/// A file that is no template after all is another reader's.
fn documents(blob: &Arc<Blob>, is_json: bool) -> Vec<Value> {
    if is_json { parsed::json(blob).into_iter().collect() } else { parsed::yaml(blob).unwrap_or_default() }
}

/// A template with its parameters.
struct Template<'a> {
    root: &'a Value,
}

impl Template<'_> {
    fn of_type<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let resources = self.root.get("Resources").map(Value::entries).unwrap_or_default();
        resources
            .iter()
            .filter(move |(_, resource)| resource.get("Type").and_then(Value::text).as_deref() == Some(kind))
            .map(|(name, resource)| (name.as_str(), resource))
    }

    /// The name that a value refers to: `{Ref: X}`, or the plain text that `!Ref X` is read as.
    fn reference(&self, value: &Value) -> Option<String> {
        let named = value.get("Ref").and_then(Value::text).or_else(|| value.shown());
        named.filter(|name| {
            ["Parameters", "Resources"].iter().any(|part| parsed::at(self.root, &[part, name]).is_some())
        })
    }

    /// A number, by itself or as the default of a parameter; none where only the deployment tells.
    fn number(&self, value: Option<&Value>, default: u32) -> Option<u32> {
        let Some(value) = value else { return Some(default) };
        match self.reference(value) {
            Some(name) => bound(parsed::at(self.root, &["Parameters", &name, "Default"]), default)
                .filter(|_| parsed::at(self.root, &["Parameters", &name, "Default"]).is_some()),
            None => bound(Some(value), default),
        }
    }

    fn source(&self, value: &Value) -> Source {
        let text = value.shown().or_else(|| value.get("Fn::Sub").and_then(Value::shown)).unwrap_or_default();
        if text.contains("{{resolve:secretsmanager") || text.contains("{{resolve:ssm-secure") {
            return Source::Secret(text);
        }
        match self.reference(value) {
            Some(name) => Source::Substituted(name),
            None if text.is_empty() || text.contains("${") => Source::Substituted(text),
            // `!GetAtt Queue.Arn` and `!ImportValue name` lose their tags: what looks like a path of names is no literal.
            None if text
                .split('.')
                .next()
                .is_some_and(|name| parsed::at(self.root, &["Resources", name]).is_some()) =>
            {
                Source::Config(text)
            }
            None => secret_value::source(&text),
        }
    }
}

fn template(root: &Value) -> Vec<Workload> {
    let template = Template { root };
    let mut workloads: Vec<Workload> =
        template.of_type("AWS::ECS::TaskDefinition").map(|(name, task)| ecs(&template, name, task)).collect();
    for kind in ["AWS::Serverless::Function", "AWS::Lambda::Function"] {
        workloads.extend(template.of_type(kind).map(|(name, function)| lambda(&template, name, function)));
    }
    workloads.extend(
        template.of_type("AWS::AppRunner::Service").map(|(name, service)| app_runner(&template, name, service)),
    );
    workloads
}

fn ecs(template: &Template, name: &str, task: &Value) -> Workload {
    let mut workload = draft::workload(Platform::Ecs, Life::Service, name, task.span.clone());
    let Some(properties) = task.get("Properties") else { return workload };
    let items = properties.get("ContainerDefinitions").map(Value::items).unwrap_or_default();
    workload.containers = items
        .iter()
        .map(|item| container(&Keys::TEMPLATE, item, properties, &|value| template.source(value)))
        .collect();
    let service = template.of_type("AWS::ECS::Service").find(|(_, service)| {
        parsed::at(service, &["Properties", "TaskDefinition"])
            .and_then(|task| template.reference(task))
            .is_none_or(|task| task == name)
    });
    workload.listens =
        service.is_some_and(|(_, service)| parsed::at(service, &["Properties", "LoadBalancers"]).is_some());
    let target = template.of_type("AWS::ApplicationAutoScaling::ScalableTarget").next();
    workload.scaling = match (target, service) {
        (Some((_, target)), _) => {
            let minimum = parsed::at(target, &["Properties", "MinCapacity"]);
            let maximum = template.number(parsed::at(target, &["Properties", "MaxCapacity"]), 1);
            Scaling::Automatic { minimum: template.number(minimum, 1), maximum, span: span_of(minimum, &target.span) }
        }
        (None, Some((_, service))) => {
            let copies = parsed::at(service, &["Properties", "DesiredCount"]);
            Scaling::Fixed { copies: template.number(copies, 1), span: span_of(copies, &service.span) }
        }
        (None, None) => Scaling::Unknown(task.span.clone()),
    };
    workload
}

/// The keys of a container definition in a template and in a task file.
struct Keys {
    name: &'static str,
    image: &'static str,
    cpu: &'static str,
    memory: &'static str,
    user: &'static str,
    environment: &'static str,
    value: &'static str,
    secrets: &'static str,
    from: &'static str,
    check: &'static str,
    command: &'static str,
}

impl Keys {
    const TEMPLATE: Self = Self {
        name: "Name",
        image: "Image",
        cpu: "Cpu",
        memory: "Memory",
        user: "User",
        environment: "Environment",
        value: "Value",
        secrets: "Secrets",
        from: "ValueFrom",
        check: "HealthCheck",
        command: "Command",
    };
    const FILE: Self = Self {
        name: "name",
        image: "image",
        cpu: "cpu",
        memory: "memory",
        user: "user",
        environment: "environment",
        value: "value",
        secrets: "secrets",
        from: "valueFrom",
        check: "healthCheck",
        command: "command",
    };
}

fn container(keys: &Keys, item: &Value, task: &Value, source: &dyn Fn(&Value) -> Source) -> Container {
    let name = item.get(keys.name).and_then(Value::shown).unwrap_or_default();
    let mut container = draft::container(&name, item.get(keys.image).and_then(Value::shown), item.span.clone());
    // The task's own size bounds all its containers.
    container.cpu = limit(task.get(keys.cpu).or_else(|| item.get(keys.cpu).filter(|cpu| cpu.number() != Some(0.0))));
    container.memory = limit(task.get(keys.memory).or_else(|| item.get(keys.memory)));
    container.user = draft::run_as(item.get(keys.user).and_then(|user| Some((user.text()?, user.span.clone()))));
    for pair in item.get(keys.environment).map(Value::items).unwrap_or_default() {
        let value = pair.get(keys.value);
        let source = value.map_or(Source::Literal { placeholder: false, empty: true }, source);
        let name = pair.get(keys.name).and_then(Value::text).unwrap_or_default();
        container.environment.push(Variable { name, source, span: span_of(value, &pair.span) });
    }
    for pair in item.get(keys.secrets).map(Value::items).unwrap_or_default() {
        let from = pair.get(keys.from);
        let name = pair.get(keys.name).and_then(Value::text).unwrap_or_default();
        container.environment.push(Variable {
            name,
            source: Source::Secret(from.and_then(Value::shown).unwrap_or_default()),
            span: span_of(from, &pair.span),
        });
    }
    if let Some(check) = item.get(keys.check) {
        let words: Vec<String> =
            check.get(keys.command).map(Value::items).unwrap_or_default().iter().filter_map(Value::text).collect();
        container.probes.push(Probe {
            kind: ProbeKind::Health,
            reach: Reach::Command,
            path: draft::asked_path(&words.join(" ")),
            span: check.span.clone(),
        });
    }
    container
}

fn lambda(template: &Template, name: &str, function: &Value) -> Workload {
    let mut workload = draft::workload(Platform::Lambda, Life::Function, name, function.span.clone());
    let globals = parsed::at(template.root, &["Globals", "Function"]);
    let get =
        |path: &[&str]| parsed::at(function, &[&["Properties"], path].concat()).or_else(|| parsed::at(globals?, path));
    let mut container = draft::container(name, get(&["ImageUri"]).and_then(Value::shown), function.span.clone());
    container.memory = get(&["MemorySize"])
        .map_or(Limit::Inherent("a function has 128 MB where nothing else is said".to_owned()), |value| {
            limit(Some(value))
        });
    container.cpu = Limit::Inherent("a function's CPU follows from its memory".to_owned());
    let maps = [
        globals.and_then(|globals| parsed::at(globals, &["Environment", "Variables"])),
        parsed::at(function, &["Properties", "Environment", "Variables"]),
    ];
    for (name, value) in maps.into_iter().flatten().flat_map(Value::entries) {
        container.environment.push(Variable {
            name: name.clone(),
            source: template.source(value),
            span: value.span.clone(),
        });
    }
    workload.containers.push(container);
    let events = parsed::at(function, &["Properties", "Events"]).map(Value::entries).unwrap_or_default();
    workload.listens = events.iter().any(|(_, event)| {
        matches!(event.get("Type").and_then(Value::text).as_deref(), Some("Api" | "HttpApi" | "FunctionUrl"))
    });
    let schedule = events.iter().find_map(|(_, event)| {
        parsed::at(event, &["Properties", "Schedule"])
            .or_else(|| parsed::at(event, &["Properties", "ScheduleExpression"]))
    });
    workload.schedule =
        schedule.and_then(|schedule| Some(Schedule { expression: schedule.text()?, span: schedule.span.clone() }));
    workload
}

fn app_runner(template: &Template, name: &str, service: &Value) -> Workload {
    let mut workload = draft::workload(Platform::AppRunner, Life::Service, name, service.span.clone());
    workload.listens = true;
    let mut container = draft::container(name, None, service.span.clone());
    let size = |key: &str| match parsed::at(service, &["Properties", "InstanceConfiguration", key]) {
        Some(value) => limit(Some(value)),
        None => Limit::Inherent("App Runner gives every instance 1 vCPU and 2 GB".to_owned()),
    };
    (container.cpu, container.memory) = (size("Cpu"), size("Memory"));
    let image = parsed::at(service, &["Properties", "SourceConfiguration", "ImageRepository", "ImageConfiguration"]);
    for (key, secret) in [("RuntimeEnvironmentVariables", false), ("RuntimeEnvironmentSecrets", true)] {
        for pair in image.and_then(|image| image.get(key)).map(Value::items).unwrap_or_default() {
            let Some(value) = pair.get("Value") else { continue };
            let name = pair.get("Name").and_then(Value::text).unwrap_or_default();
            let source =
                if secret { Source::Secret(value.shown().unwrap_or_default()) } else { template.source(value) };
            container.environment.push(Variable { name, source, span: value.span.clone() });
        }
    }
    workload.containers.push(container);
    let settings = template.of_type("AWS::AppRunner::AutoScalingConfiguration").next().map(|(_, settings)| settings);
    let minimum = settings.and_then(|settings| parsed::at(settings, &["Properties", "MinSize"]));
    workload.scaling = Scaling::Automatic {
        minimum: template.number(minimum, 1),
        maximum: None,
        span: span_of(minimum.or(settings), &service.span),
    };
    workload
}

/// A task definition that a workflow registers; the service that runs it is made elsewhere.
fn task_file(blob: &Arc<Blob>, root: &Value) -> Workload {
    let name = root.get("family").and_then(Value::text).unwrap_or_else(|| "task".to_owned());
    let mut workload = draft::workload(Platform::Ecs, Life::Service, &name, span_of(root.get("family"), &blob.line(1)));
    let items = root.get("containerDefinitions").map(Value::items).unwrap_or_default();
    let source = |value: &Value| secret_value::source(&value.shown().unwrap_or_default());
    workload.containers = items.iter().map(|item| container(&Keys::FILE, item, root, &source)).collect();
    workload.listens = true;
    workload.scaling = Scaling::Unknown(workload.span.clone());
    workload
}

fn copilot(blob: &Arc<Blob>, root: &Value) -> Workload {
    let name = root.get("name").and_then(Value::text).unwrap_or_default();
    let kind = root.get("type").and_then(Value::text).unwrap_or_default();
    let life = if kind.contains("Job") { Life::Job } else { Life::Service };
    let mut workload = draft::workload(Platform::Ecs, life, &name, blob.line(1));
    workload.listens = kind.contains("Web");
    let mut container = draft::container(&name, None, blob.line(1));
    (container.cpu, container.memory) = (limit(root.get("cpu")), limit(root.get("memory")));
    for (name, value) in root.get("variables").map(Value::entries).unwrap_or_default() {
        container.environment.push(Variable {
            name: name.clone(),
            source: secret_value::source(&value.shown().unwrap_or_default()),
            span: value.span.clone(),
        });
    }
    for (name, value) in root.get("secrets").map(Value::entries).unwrap_or_default() {
        container.environment.push(Variable {
            name: name.clone(),
            source: Source::Secret(value.shown().unwrap_or_default()),
            span: value.span.clone(),
        });
    }
    workload.containers.push(container);
    let count = root.get("count");
    let range = count.and_then(|count| count.get("range"));
    workload.scaling = match (range.and_then(Value::text), count) {
        (Some(text), _) => {
            let ends: Vec<Option<u32>> = text.split('-').map(|end| end.trim().parse().ok()).collect();
            Scaling::Automatic {
                minimum: ends.first().copied().flatten(),
                maximum: ends.get(1).copied().flatten(),
                span: span_of(range, &blob.line(1)),
            }
        }
        (None, Some(count)) if range.is_some() => {
            let minimum = range.and_then(|range| range.get("min"));
            Scaling::Automatic { minimum: bound(minimum, 1), maximum: None, span: span_of(minimum, &count.span) }
        }
        _ => Scaling::Fixed { copies: bound(count, 1), span: span_of(count, &blob.line(1)) },
    };
    workload
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
}

static TASK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:new\s+)?(?:ecs\.|ecs_patterns\.|ecsPatterns\.|ecsp\.|aws_ecs\.)?(?:FargateTaskDefinition|Ec2TaskDefinition|ApplicationLoadBalancedFargateService|QueueProcessingFargateService|NetworkLoadBalancedFargateService|ScheduledFargateTask|NewFargateTaskDefinition)\s*\(",
    )
});
static CPU: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bcpu\s*[=:]"));
static MEMORY: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bmemory_?[lL]imit_?Mi[bB]\s*[=:]|\bmemory_limit_mib\s*="));
static SCALES: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bauto_?[sS]cale_?[tT]ask_?[cC]ount\s*\("));
static LOWEST: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bmin_?[cC]apacity\s*[=:]\s*(\d+)"));
static DESIRED: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bdesired_?[cC]ount\s*[=:]\s*(\d+)"));

/// A CDK program that makes Fargate tasks: their size and scaling where they are literal.
fn program(blob: &Arc<Blob>) -> Vec<Workload> {
    let text = blob.text();
    let tasks: Vec<_> = TASK.find_iter(text).collect();
    let mut workloads = Vec::new();
    for (at, task) in tasks.iter().enumerate() {
        let end = tasks.get(at + 1).map_or(text.len(), |next| next.start());
        let part = text.get(task.start()..end).unwrap_or_default();
        let line = |found: regex::Match| blob.span(task.start() + found.start()..task.start() + found.end());
        let span = blob.span(task.range());
        let life = if task.as_str().contains("Scheduled") { Life::Job } else { Life::Service };
        let mut workload = draft::workload(Platform::Ecs, life, "task", span.clone());
        workload.listens = part.contains("LoadBalanced") || part.contains("port");
        let mut container = draft::container("task", None, span.clone());
        // A Fargate task has a size whatever is said: 256 units and 512 MiB.
        let inherent =
            || Limit::Inherent("a Fargate task has 0.25 vCPU and 512 MiB where nothing else is said".to_owned());
        container.cpu = CPU.find(part).map_or_else(inherent, |found| Limit::Set(line(found)));
        container.memory = MEMORY.find(part).map_or_else(inherent, |found| Limit::Set(line(found)));
        workload.containers.push(container);
        workload.scaling = match (SCALES.find(part), LOWEST.captures(part), DESIRED.captures(part)) {
            (Some(scales), lowest, _) => {
                let minimum = lowest.as_ref().and_then(|found| found[1].parse().ok()).or(Some(1));
                let place = lowest.and_then(|found| found.get(0)).unwrap_or(scales);
                Scaling::Automatic { minimum, maximum: None, span: line(place) }
            }
            (None, _, Some(found)) => {
                Scaling::Fixed { copies: found[1].parse().ok(), span: found.get(0).map_or(span, line) }
            }
            (None, _, None) => Scaling::Fixed { copies: None, span },
        };
        workloads.push(workload);
    }
    workloads
}
