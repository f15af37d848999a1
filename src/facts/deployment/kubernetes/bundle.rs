//! One bundle: the objects that are deployed together, read into workloads.

use super::pod::{containers, written};
use super::{kind, scaler};
use crate::evidence::Span;
use crate::facts::deployment::places::file_name;
use crate::facts::deployment::secret_objects::secret_object;
use crate::facts::deployment::{
    Container, Deployment, Environment, Life, Limit, Platform, RunAs, Scaling, Schedule, Workload,
};
use crate::facts::yaml::Yaml;

/// Objects that are deployed together.
pub struct Bundle {
    pub platform: Platform,
    pub environment: Environment,
    pub objects: Vec<Yaml>,
    /// Files that make something that runs, of which only rendering could tell more.
    pub hidden: Vec<Span>,
}

impl Bundle {
    pub fn new(platform: Platform, environment: Environment) -> Self {
        Self { platform, environment, objects: Vec::new(), hidden: Vec::new() }
    }

    /// Adds the workloads and secret objects of the bundle.
    pub fn read(&self, deployment: &mut Deployment) {
        for object in &self.objects {
            deployment.secrets.extend(secret_object(object));
            deployment.workloads.extend(self.workload(object));
        }
        deployment.workloads.extend(self.hidden.iter().map(|span| self.hidden_workload(span)));
    }

    fn hidden_workload(&self, span: &Span) -> Workload {
        let name = file_name(span.path()).to_owned();
        let container = Container {
            name: name.clone(),
            image: None,
            build: None,
            foreign: false,
            span: span.clone(),
            cpu: Limit::Unknown(span.clone()),
            memory: Limit::Unknown(span.clone()),
            user: RunAs::Image,
            environment: Vec::new(),
            probes: Vec::new(),
        };
        Workload {
            platform: self.platform,
            life: Life::Service,
            environment: self.environment,
            name,
            span: span.clone(),
            containers: vec![container],
            scaling: Scaling::Unknown(span.clone()),
            listens: true,
            schedule: None,
        }
    }

    fn workload(&self, object: &Yaml) -> Option<Workload> {
        let kind = kind(object)?;
        let version = object.get("apiVersion").map(|version| written(&version)).unwrap_or_default();
        let (template, life) = template(object, &kind, &version)?;
        let spec = template.get("spec").filter(Yaml::is_mapping).unwrap_or_else(|| template.clone());
        let mut containers = containers(&spec);
        if containers.is_empty() {
            return None;
        }
        self.apply_namespace_defaults(object, &mut containers);
        let is_serving = version.starts_with("serving.knative.dev");
        let name = name(object);
        let scaling = match (is_serving, life) {
            (true, _) => scaler::of_revision(object, &template),
            (false, Life::Service) => scaler::of_bundle(self, &kind, &name).unwrap_or_else(|| fixed(object, &kind)),
            (false, _) => Scaling::Inherent,
        };
        Some(Workload {
            platform: if is_serving || version.starts_with("run.googleapis.com") {
                Platform::CloudRun
            } else {
                self.platform
            },
            life,
            environment: self.environment,
            span: object.at(&["metadata", "name"]).unwrap_or_else(|| object.clone()).span(),
            listens: is_serving || life == Life::Service && self.is_reached(&template, &spec),
            name,
            scaling,
            schedule: schedule(object),
            containers,
        })
    }

    /// A port of a container, or a service whose selector fits the pod's labels.
    fn is_reached(&self, template: &Yaml, spec: &Yaml) -> bool {
        let has_port = spec.get("containers").iter().flat_map(Yaml::items).any(|container| {
            container.get("ports").is_some_and(|ports| !ports.items().is_empty() || ports.unknown().is_some())
        });
        let labels = template.at(&["metadata", "labels"]);
        has_port
            || self.objects.iter().filter(|object| kind(object).as_deref() == Some("Service")).any(|service| {
                let selector = service.at(&["spec", "selector"]).map(|selector| selector.entries()).unwrap_or_default();
                !selector.is_empty()
                    && selector.iter().all(|(key, value)| {
                        let label = key.text().and_then(|key| labels.as_ref()?.get(key));
                        label.is_some_and(|label| written(&label) == written(value))
                    })
            })
    }

    /// Fills in what a `LimitRange` of the same namespace gives every container that says nothing.
    fn apply_namespace_defaults(&self, object: &Yaml, containers: &mut [Container]) {
        let namespace = |object: &Yaml| object.at(&["metadata", "namespace"]).map(|name| written(&name));
        let ranges = self.objects.iter().filter(|range| kind(range).as_deref() == Some("LimitRange"));
        let own = namespace(object);
        for range in ranges.filter(|range| namespace(range) == own) {
            let default = |resource: &str| {
                let items = range.at(&["spec", "limits"])?.items();
                let of_container = |item: &&Yaml| item.get("type").as_ref().and_then(Yaml::text) == Some("Container");
                items.iter().find(of_container)?.at(&["default", resource])
            };
            for (resource, of) in [("cpu", true), ("memory", false)] {
                let Some(value) = default(resource) else { continue };
                for container in containers.iter_mut() {
                    let limit = if of { &mut container.cpu } else { &mut container.memory };
                    if *limit == Limit::Missing {
                        *limit = Limit::Set(value.span());
                    }
                }
            }
        }
    }
}

/// The name of an object; what the template says where it is rendered.
pub fn name(object: &Yaml) -> String {
    object.at(&["metadata", "name"]).map(|name| written(&name)).unwrap_or_default()
}

/// The pod (or revision) template of an object that runs something, and how it lives.
fn template(object: &Yaml, kind: &str, version: &str) -> Option<(Yaml, Life)> {
    let (path, life): (&[&str], Life) = match kind {
        "Deployment"
        | "StatefulSet"
        | "DaemonSet"
        | "ReplicaSet"
        | "ReplicationController"
        | "Rollout"
        | "DeploymentConfig" => (&["spec", "template"], Life::Service),
        "Service" if version.starts_with("serving.knative.dev") => (&["spec", "template"], Life::Service),
        "Configuration" if version.starts_with("serving.knative.dev") => (&["spec", "template"], Life::Service),
        "Job" if version.starts_with("run.googleapis.com") => (&["spec", "template", "spec", "template"], Life::Job),
        "Job" => (&["spec", "template"], Life::Job),
        "CronJob" => (&["spec", "jobTemplate", "spec", "template"], Life::Job),
        "ScaledJob" => (&["spec", "jobTargetRef", "template"], Life::Job),
        "Pod" => (&[], Life::Service),
        _ => return None,
    };
    Some((object.at(path)?, life))
}

fn schedule(object: &Yaml) -> Option<Schedule> {
    let schedule = object.at(&["spec", "schedule"])?;
    Some(Schedule { expression: written(&schedule), span: schedule.span() })
}

/// As many copies as the object says, which nothing changes.
fn fixed(object: &Yaml, kind: &str) -> Scaling {
    let replicas = object.at(&["spec", "replicas"]);
    match replicas {
        Some(replicas) => {
            let copies = replicas.number().map(|number| number.max(0.0) as u32);
            Scaling::Fixed { copies, span: replicas.span() }
        }
        None => {
            let span = object.at(&["metadata", "name"]).unwrap_or_else(|| object.clone()).span();
            Scaling::Fixed { copies: (kind != "DaemonSet").then_some(1), span }
        }
    }
}
