//! A pod template as containers: limits, user, variables and probes.

use crate::facts::deployment::images::is_foreign;
use crate::facts::deployment::values::{is_placeholder, substitution};
use crate::facts::deployment::{Container, Limit, Probe, ProbeKind, Reach, RunAs, Source, Variable, probe_path};
use crate::facts::yaml::Yaml;

/// More containers than this are not read from one pod.
const MAX_CONTAINERS: usize = 200;

/// The containers of a pod spec, init containers last.
pub fn containers(spec: &Yaml) -> Vec<Container> {
    let pod_user = spec.get("securityContext").map_or(RunAs::Image, |context| user(&context));
    let lists = ["containers", "initContainers"].into_iter().filter_map(|key| spec.get(key));
    let items = lists.flat_map(|list| list.items()).take(MAX_CONTAINERS);
    items.map(|item| container(&item, &pod_user)).collect()
}

fn container(item: &Yaml, pod_user: &RunAs) -> Container {
    let image = item.get("image").map(|image| written(&image));
    let name = item.get("name").map(|name| written(&name));
    let own_user = item.get("securityContext").map_or(RunAs::Image, |context| user(&context));
    let limits = |resource| limit(item, resource);
    Container {
        name: name.or_else(|| image.clone()).unwrap_or_default(),
        foreign: image.as_deref().is_some_and(is_foreign),
        image,
        build: None,
        span: item.span(),
        cpu: limits("cpu"),
        memory: limits("memory"),
        user: if own_user == RunAs::Image { pod_user.clone() } else { own_user },
        environment: variables(item),
        probes: probes(item),
    }
}

/// A scalar's text, or what the template says in its place.
pub fn written(yaml: &Yaml) -> String {
    match yaml.unknown() {
        Some(action) => format!("{{{{ {action} }}}}"),
        None => yaml.text().unwrap_or_default().to_owned(),
    }
}

/// The limit on a resource, wherever it is known to stop: a template may hide any level.
fn limit(container: &Yaml, resource: &str) -> Limit {
    let mut node = container.clone();
    for key in ["resources", "limits", resource] {
        if node.unknown().is_some() {
            return Limit::Unknown(node.span());
        }
        match (node.get(key), node.get("<unknown>")) {
            (Some(next), _) => node = next,
            (None, Some(hidden)) => return Limit::Unknown(hidden.span()),
            (None, None) => return Limit::Missing,
        }
    }
    match (node.unknown(), node.text()) {
        (Some(_), _) => Limit::Unknown(node.span()),
        (None, Some("0")) | (None, None) => Limit::Missing,
        (None, Some(_)) => Limit::Set(node.span()),
    }
}

fn user(context: &Yaml) -> RunAs {
    if let Some(id) = context.get("runAsUser") {
        return match id.number() {
            Some(0.0) => RunAs::Root(id.span()),
            Some(_) => RunAs::NonRoot(id.span()),
            None => RunAs::Image,
        };
    }
    match context.get("runAsNonRoot") {
        Some(flag) if flag.truth() == Some(true) => RunAs::NonRoot(flag.span()),
        _ => RunAs::Image,
    }
}

fn probes(container: &Yaml) -> Vec<Probe> {
    let kinds = [
        ("readinessProbe", ProbeKind::Readiness),
        ("startupProbe", ProbeKind::Startup),
        ("livenessProbe", ProbeKind::Liveness),
    ];
    let written = kinds.into_iter().filter_map(|(key, kind)| Some((container.get(key)?, container.key(key)?, kind)));
    written.filter_map(|(probe, key, kind)| Some(Probe { kind, span: key.span(), ..asked(&probe)? })).collect()
}

/// How a probe asks, and which path.
fn asked(probe: &Yaml) -> Option<Probe> {
    let made = |reach, path| Some(Probe { kind: ProbeKind::Health, reach, path, span: probe.span() });
    if let Some(get) = probe.get("httpGet") {
        let path = get.get("path").map_or(String::from("/"), |path| written(&path));
        return made(Reach::Http, Some(path));
    }
    if let Some(exec) = probe.at(&["exec", "command"]) {
        let words: Vec<String> = exec.items_or_self().iter().map(written).collect();
        return made(Reach::Command, probe_path(&words.join(" ")));
    }
    if probe.get("grpc").is_some() {
        return made(Reach::Grpc, None);
    }
    probe.get("tcpSocket").and_then(|_| made(Reach::Tcp, None))
}

fn variables(container: &Yaml) -> Vec<Variable> {
    let mut variables: Vec<Variable> =
        container.get("env").iter().flat_map(Yaml::items).filter_map(|item| variable(&item)).collect();
    for item in container.get("envFrom").iter().flat_map(Yaml::items) {
        let source = match (item.at(&["secretRef", "name"]), item.at(&["configMapRef", "name"])) {
            (Some(name), _) => Source::Secret(written(&name)),
            (None, Some(name)) => Source::Config(written(&name)),
            (None, None) => continue,
        };
        variables.push(Variable { name: String::new(), source, span: item.span() });
    }
    variables
}

fn variable(item: &Yaml) -> Option<Variable> {
    let name = written(&item.get("name")?);
    let source = match (item.get("value"), item.get("valueFrom")) {
        (Some(value), _) => literal(&value),
        (None, Some(from)) => reference(&from),
        (None, None) => Source::Literal { placeholder: false, empty: true },
    };
    Some(Variable { name, source, span: item.span() })
}

/// What a value in clear is; the value itself is not kept.
pub fn literal(value: &Yaml) -> Source {
    if let Some(action) = value.unknown() {
        return Source::Substituted(action.to_owned());
    }
    let text = value.text().unwrap_or_default();
    match substitution(text) {
        Some(name) => Source::Substituted(name),
        None => Source::Literal { placeholder: is_placeholder(text), empty: text.is_empty() },
    }
}

fn reference(from: &Yaml) -> Source {
    let named = |key: &str| {
        let holder = from.get(key)?;
        Some(holder.get("name").or_else(|| holder.get("key")).map(|name| written(&name)).unwrap_or_default())
    };
    match (named("secretKeyRef"), named("configMapKeyRef")) {
        (Some(name), _) => Source::Secret(name),
        (None, Some(name)) => Source::Config(name),
        (None, None) => Source::Config(String::new()),
    }
}
