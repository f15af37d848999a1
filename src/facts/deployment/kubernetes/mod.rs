//! Kubernetes, Knative and Cloud Run manifests: what is deployed together (a folder of plain files, a Kustomize
//! build, a Helm chart) is read as one bundle, since a scaler or a namespace default belongs to what it stands with.

mod bundle;
pub mod pod;
mod scaler;

pub use bundle::Bundle;

use super::places::{environment_of, is_own};
use super::{Deployment, Environment, Platform, helm, kustomize};
use crate::facts::yaml::{self, Yaml};
use crate::facts::{Facts, Unread};
use std::collections::{BTreeMap, BTreeSet};

/// The documents of every YAML file that may hold an object of Kubernetes, by path.
#[derive(Default)]
pub struct Manifests {
    pub files: BTreeMap<String, Vec<Yaml>>,
}

/// Reads every bundle and adds its workloads.
pub fn read(facts: &Facts, deployment: &mut Deployment) {
    let charts = helm::charts(facts, &mut deployment.unread);
    let manifests = Manifests::gather(facts, |path| charts.owns(path), &mut deployment.unread);
    let (built, used) = kustomize::bundles(&manifests);
    deployment.secrets.extend(kustomize::secrets(&manifests));
    let mut bundles = charts.bundles;
    bundles.extend(built);
    bundles.extend(plain_bundles(&manifests, &used));
    for bundle in &bundles {
        bundle.read(deployment);
    }
    scaler::bind_across(&bundles, deployment);
}

impl Manifests {
    fn gather(facts: &Facts, is_of_chart: impl Fn(&str) -> bool, unread: &mut Vec<Unread>) -> Self {
        let mut files = BTreeMap::new();
        for blob in facts.snapshot.blobs() {
            let (path, text) = (blob.path(), blob.text());
            if !is_candidate(path, text) || !is_own(path) || is_of_chart(path) {
                continue;
            }
            match yaml::documents(blob) {
                Ok(documents) => {
                    files.insert(path.to_owned(), documents.iter().flat_map(flattened).collect());
                }
                // A template of some other tool (Ansible, envsubst, gomplate) is read as a chart's would be.
                Err(_) if text.contains("{{") => {
                    let documents = helm::read_template(blob, &helm::Values::none()).unwrap_or_default();
                    files.insert(path.to_owned(), documents.iter().flat_map(flattened).collect());
                }
                Err(reason) => unread.push(Unread(reason)),
            }
        }
        Self { files }
    }
}

/// YAML (or JSON, which is YAML too) that names a kind, or a patch or list of Kustomize.
fn is_candidate(path: &str, text: &str) -> bool {
    let is_yaml = [".yaml", ".yml"].iter().any(|end| path.ends_with(end));
    if is_yaml && kustomize::is_kustomization(path) {
        return true;
    }
    let names = |key: &str| text.contains(key);
    match is_yaml {
        true => names("kind:") && names("apiVersion:") || names("op:") && names("path:") && names("value"),
        false => path.ends_with(".json") && names("\"apiVersion\"") && names("\"kind\""),
    }
}

/// The objects of a document: itself, or the items of a list.
fn flattened(document: &Yaml) -> Vec<Yaml> {
    match document.get("items") {
        Some(items) if kind(document).is_some_and(|kind| kind.ends_with("List")) => items.items(),
        _ => vec![document.clone()],
    }
}

/// The kind of an object.
pub fn kind(object: &Yaml) -> Option<String> {
    object.get("kind")?.text().map(str::to_owned)
}

/// The files that no Kustomization uses, together by environment.
fn plain_bundles(manifests: &Manifests, used: &BTreeSet<String>) -> Vec<Bundle> {
    let mut by_environment: BTreeMap<u8, Bundle> = BTreeMap::new();
    for (path, documents) in manifests.files.iter().filter(|(path, _)| !used.contains(*path)) {
        let objects: Vec<Yaml> = documents.iter().filter(|object| object.get("kind").is_some()).cloned().collect();
        for object in objects {
            let environment = match object.at(&["metadata", "namespace"]).as_ref().and_then(Yaml::text) {
                Some(namespace) => environment_of(&format!("{path}/{namespace}")),
                None => environment_of(path),
            };
            let key = match environment {
                Environment::Production => 0,
                Environment::Other => 1,
                Environment::Development => 2,
            };
            let bundle = by_environment.entry(key).or_insert_with(|| Bundle::new(Platform::Kubernetes, environment));
            bundle.objects.push(object);
        }
    }
    by_environment.into_values().collect()
}
