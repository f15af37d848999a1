//! Machines of one's own: Kamal, Nomad, systemd units.

use super::terraform::{bound, limit, source, span_of, variables};
use super::{Build, Deployment, Life, Limit, Platform, Probe, ProbeKind, Reach, Scaling, Source, Variable, Workload};
use super::{draft, parsed};
use crate::evidence::Blob;
use crate::facts::terraform::{Block, Body, Value, body_of};
use crate::facts::{Facts, Unread, secret_value};
use std::sync::Arc;

pub fn read(facts: &Facts, deployment: &mut Deployment) {
    for blob in facts.snapshot.blobs().filter(|blob| draft::is_own(blob.path())) {
        let path = blob.path();
        let name = path.rsplit('/').next().unwrap_or_default();
        if (name == "deploy.yml" || name.starts_with("deploy.") && name.ends_with(".yml")) && path.contains("config/") {
            match parsed::yaml(blob) {
                Ok(documents) => deployment.workloads.extend(documents.iter().flat_map(|root| kamal(blob, root))),
                Err(evidence) => deployment.unread.push(Unread(evidence)),
            }
        } else if name.ends_with(".nomad") || name.ends_with(".nomad.hcl") {
            match body_of(blob) {
                Ok(body) => deployment.workloads.extend(nomad(&body)),
                Err(evidence) => deployment.unread.push(Unread(evidence)),
            }
        } else if name.ends_with(".service") && blob.text().contains("ExecStart") {
            deployment.workloads.push(unit(blob));
        }
    }
}

fn kamal(blob: &Arc<Blob>, root: &Value) -> Vec<Workload> {
    let (Some(service), Some(servers)) = (root.get("service"), root.get("servers")) else { return Vec::new() };
    let name = service.text().unwrap_or_default();
    let image = root.get("image").and_then(Value::text);
    // A plain list of hosts is the role `web`.
    let web = [("web".to_owned(), servers.clone())];
    let roles = if servers.entries().is_empty() { &web[..] } else { servers.entries() };
    roles
        .iter()
        .map(|(role, settings)| {
            let mut workload =
                draft::workload(Platform::Kamal, Life::Service, &format!("{name}-{role}"), settings.span.clone());
            workload.listens = role == "web" || settings.get("proxy").is_some();
            let mut container = draft::container(role, image.clone(), settings.span.clone());
            let dockerfile = parsed::at(root, &["builder", "dockerfile"])
                .and_then(Value::text)
                .unwrap_or_else(|| "Dockerfile".to_owned());
            let context = parsed::at(root, &["builder", "context"]).and_then(Value::text).unwrap_or_default();
            let target = parsed::at(root, &["builder", "target"]).and_then(Value::text);
            container.build = Some(Build { context, dockerfile, target });
            let option = |keys: &[&str]| keys.iter().find_map(|key| parsed::at(settings, &["options", key]));
            container.cpu = limit(option(&["cpus", "cpu-quota"]));
            container.memory = limit(option(&["memory"]));
            container.user = draft::run_as(option(&["user"]).and_then(|user| Some((user.text()?, user.span.clone()))));
            for environment in [root.get("env"), settings.get("env")].into_iter().flatten() {
                let clear = environment.get("clear").unwrap_or(environment);
                container.environment.extend(
                    variables(Some(clear), false)
                        .into_iter()
                        .filter(|variable| !matches!(variable.name.as_str(), "secret" | "clear" | "tags")),
                );
                for secret in environment.get("secret").map(Value::items).unwrap_or_default() {
                    let name = secret.text().unwrap_or_default();
                    // `ALIAS:NAME` hands one over under another name.
                    let own = name.split(':').next().unwrap_or_default().to_owned();
                    container.environment.push(Variable {
                        name: own,
                        source: Source::Secret(name),
                        span: secret.span.clone(),
                    });
                }
            }
            let check = parsed::at(root, &["proxy", "healthcheck"]).or_else(|| root.get("healthcheck"));
            // Without any setting Kamal asks `/up` too, which the repository does not say.
            if let (true, Some(check)) = (workload.listens, check) {
                let path = check.get("path");
                let asked = path.and_then(Value::text).unwrap_or_else(|| "/up".to_owned());
                container.probes.push(Probe {
                    kind: ProbeKind::Health,
                    reach: Reach::Http,
                    path: Some(asked),
                    span: span_of(path, &check.span),
                });
            }
            workload.containers.push(container);
            let hosts = if settings.items().is_empty() {
                settings.get("hosts").map(Value::items).unwrap_or_default()
            } else {
                settings.items()
            };
            workload.scaling = Scaling::Fixed {
                copies: u32::try_from(hosts.len()).ok(),
                span: span_of(root.get("servers"), &blob.line(1)),
            };
            workload
        })
        .collect()
}

fn nomad(body: &Body) -> Vec<Workload> {
    let mut workloads = Vec::new();
    for job in body.blocks("job") {
        let kind = job.body.get("type").and_then(Value::text).unwrap_or_else(|| "service".to_owned());
        let life = if kind == "batch" || kind == "sysbatch" { Life::Job } else { Life::Service };
        for group in job.body.blocks("group") {
            let name = group.labels.first().or(job.labels.first()).cloned().unwrap_or_default();
            let mut workload = draft::workload(Platform::Nomad, life, &name, group.span.clone());
            workload.listens = group.body.block("network").is_some();
            workload.containers = group.body.blocks("task").map(nomad_task).collect();
            let copies = group.body.get("count");
            workload.scaling = match group.body.block("scaling") {
                Some(scaling) => {
                    let minimum = scaling.body.get("min");
                    let maximum = scaling.body.get("max").and_then(|value| bound(Some(value), 1));
                    Scaling::Automatic {
                        minimum: bound(minimum.or(copies), 1),
                        maximum,
                        span: span_of(minimum, &scaling.span),
                    }
                }
                None => Scaling::Fixed { copies: bound(copies, 1), span: span_of(copies, &group.span) },
            };
            workloads.push(workload);
        }
    }
    workloads
}

fn nomad_task(task: &Block) -> super::Container {
    let name = task.labels.first().cloned().unwrap_or_default();
    let config = task.body.block("config");
    let image = config.and_then(|config| config.body.get("image")).and_then(Value::shown);
    let mut container = draft::container(&name, image, task.span.clone());
    let resources = task.body.block("resources");
    let get = |key: &str| resources.and_then(|resources| resources.body.get(key));
    (container.cpu, container.memory) = (limit(get("cpu").or(get("cores"))), limit(get("memory")));
    container.user = draft::run_as(task.body.get("user").and_then(|user| Some((user.text()?, user.span.clone()))));
    for block in task.body.blocks("env") {
        container.environment.extend(block.body.attributes.iter().map(|(name, value)| Variable {
            name: name.clone(),
            source: source(value),
            span: value.span.clone(),
        }));
    }
    for template in task.body.blocks("template") {
        let data = template.body.get("data").and_then(Value::shown).unwrap_or_default();
        let is_environment = template.body.get("env").and_then(Value::truth) == Some(true);
        let from_manager = data.contains("with secret") || data.contains("nomadVar") || data.contains("secret \"");
        if is_environment && from_manager {
            container.environment.push(Variable {
                name: String::new(),
                source: Source::Secret("vault".to_owned()),
                span: template.span.clone(),
            });
        }
    }
    container
}

/// A unit that starts a program of ours.
fn unit(blob: &Arc<Blob>) -> Workload {
    let name = blob.path().rsplit('/').next().unwrap_or_default().trim_end_matches(".service").to_owned();
    let mut workload = draft::workload(Platform::Systemd, Life::Service, &name, blob.line(1));
    let mut container = draft::container(&name, None, blob.line(1));
    (container.cpu, container.memory) = (Limit::Missing, Limit::Missing);
    for (number, line) in blob.lines() {
        let Some((key, value)) = line.split_once('=') else { continue };
        let (span, value) = (blob.line(number), value.trim());
        match key.trim() {
            "EnvironmentFile" => {
                let file = value.trim_start_matches('-').to_owned();
                container.environment.push(Variable { name: String::new(), source: Source::EnvFile(file), span });
            }
            "Environment" => {
                let pair = value.trim_matches('"').split_once('=');
                let variable = pair.map(|(name, value)| Variable {
                    name: name.to_owned(),
                    source: secret_value::source(value),
                    span,
                });
                container.environment.extend(variable);
            }
            "LoadCredential" | "LoadCredentialEncrypted" | "SetCredentialEncrypted" => {
                let name = value.split(':').next().unwrap_or_default().to_owned();
                container.environment.push(Variable { name: String::new(), source: Source::Secret(name), span });
            }
            "User" => container.user = draft::run_as(Some((value.to_owned(), span))),
            "MemoryMax" => container.memory = Limit::Set(span),
            "CPUQuota" => container.cpu = Limit::Set(span),
            _ => {}
        }
    }
    workload.containers.push(container);
    workload.scaling = Scaling::Fixed { copies: Some(1), span: blob.line(1) };
    workload
}
