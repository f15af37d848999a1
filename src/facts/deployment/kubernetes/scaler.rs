//! What changes the number of copies: HorizontalPodAutoscaler, KEDA, and the annotations of Knative and Cloud Run.

use super::bundle::{Bundle, name};
use super::kind;
use super::pod::written;
use crate::facts::deployment::{Deployment, Environment, Life, Platform, Scaling, StrayScaler};
use crate::facts::yaml::Yaml;

/// The scaler of a bundle that targets a workload, if any.
pub fn of_bundle(bundle: &Bundle, of_kind: &str, of_name: &str) -> Option<Scaling> {
    let scaler = bundle.objects.iter().find(|object| targets(object, of_kind, of_name))?;
    scaling(scaler)
}

/// Scalers whose workload stands in another bundle of the same environment are bound to it; those whose workload is
/// nowhere are kept as strays.
pub fn bind_across(bundles: &[Bundle], deployment: &mut Deployment) {
    let production = bundles.iter().filter(|bundle| bundle.environment == Environment::Production);
    for (bundle, object) in production.flat_map(|bundle| bundle.objects.iter().map(move |object| (bundle, object))) {
        let Some((target_kind, target)) = target(object) else { continue };
        if bundle.objects.iter().any(|other| is_of(other, &target_kind, &target)) {
            continue;
        }
        let elsewhere = deployment.workloads.iter_mut().find(|workload| {
            matches!(workload.platform, Platform::Kubernetes | Platform::Helm)
                && workload.life == Life::Service
                && workload.environment == Environment::Production
                && workload.name == target
        });
        match (elsewhere, scaling(object)) {
            (Some(workload), Some(scaling)) if matches!(workload.scaling, Scaling::Fixed { .. }) => {
                workload.scaling = scaling;
            }
            (None, Some(_)) => {
                let span = object.at(&["metadata", "name"]).unwrap_or_else(|| object.clone()).span();
                deployment.stray_scalers.push(StrayScaler { target, span });
            }
            _ => {}
        }
    }
}

fn targets(scaler: &Yaml, of_kind: &str, of_name: &str) -> bool {
    target(scaler).is_some_and(|(kind, name)| kind == of_kind && name == of_name)
}

fn is_of(object: &Yaml, of_kind: &str, of_name: &str) -> bool {
    kind(object).as_deref() == Some(of_kind) && name(object) == of_name
}

/// Kind and name of what a scaler scales.
fn target(object: &Yaml) -> Option<(String, String)> {
    let path = match kind(object)?.as_str() {
        "HorizontalPodAutoscaler" | "ScaledObject" | "HTTPScaledObject" | "MultidimPodAutoscaler" => {
            ["spec", "scaleTargetRef"]
        }
        _ => return None,
    };
    let reference = object.at(&path)?;
    let kind = reference.get("kind").map_or(String::from("Deployment"), |kind| written(&kind));
    let name = ["name", "deploymentName", "deployment"].iter().find_map(|key| reference.get(key))?;
    Some((kind, written(&name)))
}

/// The bounds of a scaler, with the platform's default where it says none.
fn scaling(scaler: &Yaml) -> Option<Scaling> {
    let spec = scaler.get("spec")?;
    let (low, high, default) = match kind(scaler)?.as_str() {
        "ScaledObject" => (lowest(&spec), spec.get("maxReplicaCount"), 0),
        "HTTPScaledObject" => (spec.at(&["replicas", "min"]), spec.at(&["replicas", "max"]), 0),
        _ => (spec.get("minReplicas"), spec.get("maxReplicas"), 1),
    };
    let span = low.as_ref().map_or_else(|| scaler_span(scaler), Yaml::span);
    let minimum = match &low {
        Some(low) if low.unknown().is_some() => return Some(Scaling::Unknown(span)),
        Some(low) => low.number().map(|number| number.max(0.0) as u32),
        None => Some(default),
    };
    let maximum = high.and_then(|high| high.number()).map(|number| number.max(0.0) as u32);
    Some(Scaling::Automatic { minimum, maximum, span })
}

/// KEDA goes down to `idleReplicaCount` while nothing happens, below `minReplicaCount`.
fn lowest(spec: &Yaml) -> Option<Yaml> {
    spec.get("idleReplicaCount").or_else(|| spec.get("minReplicaCount"))
}

fn scaler_span(scaler: &Yaml) -> crate::evidence::Span {
    scaler.at(&["metadata", "name"]).unwrap_or_else(|| scaler.clone()).span()
}

const MINIMUM: &[&str] = &["autoscaling.knative.dev/minScale", "autoscaling.knative.dev/min-scale"];
const MAXIMUM: &[&str] = &["autoscaling.knative.dev/maxScale", "autoscaling.knative.dev/max-scale"];
/// Cloud Run reads these on the service itself; the ones of Knative count on the revision template only.
const SERVICE_MINIMUM: &str = "run.googleapis.com/minScale";

/// The bounds that a Knative or Cloud Run service sets. Without any the platform goes down to zero.
pub fn of_revision(service: &Yaml, template: &Yaml) -> Scaling {
    let annotations = |object: &Yaml| object.at(&["metadata", "annotations"]);
    let of_template = |names: &[&str]| {
        let annotations = annotations(template)?;
        names.iter().find_map(|name| annotations.get(name))
    };
    let of_service = annotations(service).and_then(|notes| notes.get(SERVICE_MINIMUM));
    let count = |yaml: &Yaml| yaml.number().map(|number| number.max(0.0) as u32);
    let maximum = of_template(MAXIMUM).as_ref().and_then(count);
    // Of the two lower bounds the higher one counts.
    let candidates = [of_template(MINIMUM), of_service].into_iter().flatten();
    let low = candidates.max_by_key(|yaml| count(yaml).unwrap_or(u32::MAX));
    match low {
        Some(low) if count(&low).is_none() => Scaling::Unknown(low.span()),
        Some(low) => Scaling::Automatic { minimum: count(&low), maximum, span: low.span() },
        None => Scaling::Automatic { minimum: Some(0), maximum, span: scaler_span(service) },
    }
}
