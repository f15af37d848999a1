//! Fly: `fly.toml`, and what is named after an environment beside it or in a folder of such files.

use super::terraform::{bound, limit, span_of, variables};
use super::{Build, Deployment, Life, Limit, Platform, Probe, ProbeKind, Reach, Scaling, Workload};
use super::{draft, parsed};
use crate::evidence::{Blob, Span};
use crate::facts::terraform::Value;
use crate::facts::{Facts, Unread};
use std::sync::Arc;

pub fn read(facts: &Facts, deployment: &mut Deployment) {
    for blob in facts.snapshot.blobs().filter(|blob| is_fly(blob.path()) && draft::is_own(blob.path())) {
        match parsed::toml(blob) {
            // In a folder of that name, what names no app is something else.
            Ok(root) if is_named(blob.path()) || root.get("app").is_some() => {
                deployment.workloads.push(workload(blob, &root));
            }
            Ok(_) => {}
            Err(evidence) => deployment.unread.push(Unread(evidence)),
        }
    }
}

fn is_fly(path: &str) -> bool {
    let folder = path.rsplit('/').nth(1).unwrap_or_default();
    is_named(path) || matches!(folder, "fly" | ".fly") && path.ends_with(".toml")
}

fn is_named(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name == "fly.toml" || ["fly.", "fly-"].iter().any(|start| name.starts_with(start)) && name.ends_with(".toml")
}

fn workload(blob: &Arc<Blob>, root: &Value) -> Workload {
    let name = root.get("app").and_then(Value::text).unwrap_or_else(|| "app".to_owned());
    let head = span_of(root.get("app"), &blob.line(1));
    let mut workload = draft::workload(Platform::Fly, Life::Service, &name, head.clone());
    let services: Vec<&Value> = root
        .get("http_service")
        .into_iter()
        .chain(root.get("services").map(Value::items).unwrap_or_default())
        .collect();
    workload.listens = !services.is_empty();
    let mut container = draft::container(&name, None, head.clone());
    let folder = blob.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    let dockerfile =
        parsed::at(root, &["build", "dockerfile"]).and_then(Value::text).unwrap_or_else(|| "Dockerfile".to_owned());
    let path = if folder.is_empty() { dockerfile } else { format!("{folder}/{dockerfile}") };
    let target = parsed::at(root, &["build", "build-target"]).and_then(Value::text);
    container.image = parsed::at(root, &["build", "image"]).and_then(Value::text);
    if container.image.is_none() {
        container.build = Some(Build { context: folder.to_owned(), dockerfile: path, target });
    }
    let machines = root
        .get("vm")
        .map(|vm| if vm.items().is_empty() { std::slice::from_ref(vm) } else { vm.items() })
        .unwrap_or_default();
    container.cpu = size(machines, &["cpus", "size"]);
    container.memory = size(machines, &["memory", "memory_mb", "size"]);
    container.environment = variables(root.get("env"), false);
    let checks =
        services.iter().flat_map(|service| ["checks", "http_checks"].into_iter().filter_map(|key| service.get(key)));
    let named = root.get("checks").map(Value::entries).unwrap_or_default().iter().map(|(_, check)| check);
    for check in checks.flat_map(Value::items).chain(named) {
        let path = check.get("path").and_then(Value::text);
        let reach = if path.is_some() { Reach::Http } else { Reach::Tcp };
        container.probes.push(Probe {
            kind: ProbeKind::Health,
            reach,
            path,
            span: span_of(check.get("path"), &check.span),
        });
    }
    workload.containers.push(container);
    workload.scaling = scaling(&services, &head);
    workload
}

/// What every machine sets by one of these keys.
fn size(machines: &[Value], keys: &[&str]) -> Limit {
    let set: Vec<Option<&Value>> =
        machines.iter().map(|machine| keys.iter().find_map(|key| machine.get(key))).collect();
    match (set.first(), set.iter().all(Option::is_some)) {
        (Some(first), true) => limit(*first),
        _ => Limit::Missing,
    }
}

/// Machines start and stop by load where the proxy may do so; else there are as many as were made.
fn scaling(services: &[&Value], head: &Span) -> Scaling {
    let on =
        |value: Option<&Value>| value.is_some_and(|value| !matches!(value.text().as_deref(), Some("off" | "false")));
    let scaled =
        services.iter().find(|service| on(service.get("auto_stop_machines")) || on(service.get("auto_start_machines")));
    match scaled {
        Some(service) => {
            let minimum = service.get("min_machines_running");
            let otherwise = span_of(service.get("auto_stop_machines"), &service.span);
            Scaling::Automatic { minimum: bound(minimum, 0), maximum: None, span: span_of(minimum, &otherwise) }
        }
        None => Scaling::Fixed { copies: None, span: services.first().map_or(head, |service| &service.span).clone() },
    }
}
