//! Kustomize: each Kustomization that no other one uses is a build of its own, made of bases, components and patches.

use super::kubernetes::{Bundle, Manifests, kind};
use super::places::{file_name, folder, named_environment, resolve};
use super::{Environment, Platform, SecretKind, SecretObject, Source};
use crate::facts::secret_value;
use crate::facts::yaml::{self, Lists, Yaml};
use std::collections::BTreeSet;

/// Bases on bases deeper than this are not followed, and more objects than that are not built.
const MAX_DEPTH: usize = 12;
const MAX_OBJECTS: usize = 2_000;

/// Whether a file is one that Kustomize begins with.
pub fn is_kustomization(path: &str) -> bool {
    matches!(file_name(path), "kustomization.yaml" | "kustomization.yml" | "Kustomization")
}

/// The bundles that Kustomize would build, and the files that they are made of.
pub fn bundles(manifests: &Manifests) -> (Vec<Bundle>, BTreeSet<String>) {
    let mut builder = Builder { manifests, used: BTreeSet::new(), folders: BTreeSet::new() };
    let all: Vec<&String> = manifests.files.keys().filter(|path| is_kustomization(path)).collect();
    let mut built: Vec<(&str, Bundle)> = Vec::new();
    for path in all {
        let folder = folder(path);
        let mut bundle = Bundle::new(Platform::Kubernetes, environment(manifests, folder));
        builder.apply(folder, &mut bundle.objects, 0);
        builder.used.insert(path.clone());
        built.push((folder, bundle));
    }
    // What another one builds upon is judged there, with that one's patches.
    built.retain(|(folder, _)| !builder.folders.contains(*folder) && !is_component(manifests, folder));
    (built.into_iter().map(|(_, bundle)| bundle).collect(), builder.used)
}

/// The secrets that Kustomizations make out of literals, but for those of a developer's machine.
pub fn secrets(manifests: &Manifests) -> Vec<SecretObject> {
    let folders = manifests.files.keys().filter(|path| is_kustomization(path)).map(|path| folder(path));
    let deployed = folders.filter(|folder| environment(manifests, folder) != Environment::Development);
    let roots = deployed.filter_map(|folder| kustomization(manifests, folder));
    roots
        .flat_map(|root| root.get("secretGenerator"))
        .flat_map(|list| list.items())
        .filter_map(|it| made(&it))
        .collect()
}

fn made(generator: &Yaml) -> Option<SecretObject> {
    let literals = generator.get("literals")?.items();
    let value = |literal: &Yaml| Some(literal.text()?.split_once('=')?.1.to_owned());
    let is_real = |literal: &&Yaml| {
        value(literal).is_some_and(|value| {
            matches!(secret_value::source(&value), Source::Literal { placeholder: false, empty: false })
        })
    };
    let real = literals.iter().find(is_real);
    let name = generator.get("name").and_then(|name| name.text().map(str::to_owned)).unwrap_or_default();
    let kind = SecretKind::Plain { placeholder: real.is_none() };
    Some(SecretObject { name, kind, span: real.or(literals.first())?.span() })
}

fn kustomization<'a>(manifests: &'a Manifests, folder: &str) -> Option<&'a Yaml> {
    let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    let path = |name: &&str| if folder.is_empty() { (*name).to_owned() } else { format!("{folder}/{name}") };
    names.iter().find_map(|name| manifests.files.get(&path(name)))?.first()
}

fn is_component(manifests: &Manifests, folder: &str) -> bool {
    kustomization(manifests, folder).and_then(kind).as_deref() == Some("Component")
}

/// By the folder's name, or by the namespace or name affixes that the Kustomization sets.
fn environment(manifests: &Manifests, folder: &str) -> Environment {
    let set = || {
        let root = kustomization(manifests, folder)?;
        let keys = ["namespace", "namePrefix", "nameSuffix"];
        keys.iter().find_map(|key| named_environment(root.get(key)?.text()?))
    };
    named_environment(folder).or_else(set).unwrap_or(Environment::Production)
}

struct Builder<'a> {
    manifests: &'a Manifests,
    /// Files that some build uses.
    used: BTreeSet<String>,
    /// Folders that some other build uses.
    folders: BTreeSet<String>,
}

impl Builder<'_> {
    /// Adds what a Kustomization builds to the objects, and changes those that are there as it says.
    fn apply(&mut self, folder: &str, objects: &mut Vec<Yaml>, depth: usize) {
        let Some(root) = kustomization(self.manifests, folder).cloned() else { return };
        if depth > MAX_DEPTH || objects.len() > MAX_OBJECTS {
            return;
        }
        for key in ["resources", "bases"] {
            for entry in root.get(key).iter().flat_map(Yaml::items) {
                let Some(path) = entry.text().and_then(|entry| resolve(folder, entry)) else { continue };
                match self.manifests.files.get(&path) {
                    Some(documents) => {
                        objects.extend(documents.iter().take(MAX_OBJECTS).cloned());
                        self.used.insert(path);
                    }
                    None => {
                        let mut inner = Vec::new();
                        self.apply(&path, &mut inner, depth + 1);
                        objects.extend(inner);
                        self.folders.insert(path);
                    }
                }
            }
        }
        for entry in root.get("components").iter().flat_map(Yaml::items) {
            let Some(path) = entry.text().and_then(|entry| resolve(folder, entry)) else { continue };
            self.apply(&path, objects, depth + 1);
            self.folders.insert(path);
        }
        self.patch(&root, folder, objects);
        set_replicas(&root, objects);
        set_namespace(&root, objects);
    }

    fn patch(&mut self, root: &Yaml, folder: &str, objects: &mut Vec<Yaml>) {
        for key in ["patchesStrategicMerge", "patches", "patchesJson6902"] {
            for entry in root.get(key).iter().flat_map(Yaml::items) {
                let target = entry.get("target");
                let patches = match (entry.is_mapping(), entry.get("path"), entry.key("patch")) {
                    (true, Some(path), _) => self.patch_file(folder, &path),
                    (true, None, Some(key)) => entry.get("patch").map(|text| inline(&key, &text)).unwrap_or_default(),
                    (true, None, None) => continue,
                    (false, ..) => match self.patch_file(folder, &entry) {
                        found if found.is_empty() => inline(&entry, &entry),
                        found => found,
                    },
                };
                patches.iter().for_each(|patch| change(objects, patch, target.as_ref()));
            }
        }
    }

    fn patch_file(&mut self, folder: &str, path: &Yaml) -> Vec<Yaml> {
        let Some(path) = path.text().and_then(|path| resolve(folder, path)) else { return Vec::new() };
        let documents = self.manifests.files.get(&path).cloned().unwrap_or_default();
        self.used.insert(path);
        documents
    }
}

/// A patch that is written in the Kustomization itself, with the lines of that file.
fn inline(key: &Yaml, text: &Yaml) -> Vec<Yaml> {
    let body = text.text().unwrap_or_default();
    // A block scalar begins on the line below its key.
    let above = if body.contains('\n') { key.line() } else { key.line().saturating_sub(1) };
    let padded = "\n".repeat(above as usize) + body;
    yaml::documents_of(key.blob(), &padded).unwrap_or_default()
}

/// Changes every object that a patch is for.
fn change(objects: &mut Vec<Yaml>, patch: &Yaml, target: Option<&Yaml>) {
    let is_deletion = patch.get("$patch").is_some_and(|word| word.text() == Some("delete"));
    let fits = |object: &Yaml| match target {
        Some(target) => is_selected(object, target),
        None => {
            kind(patch).is_some()
                && kind(object) == kind(patch)
                && text_at(object, &["metadata", "name"]) == text_at(patch, &["metadata", "name"])
        }
    };
    if is_deletion {
        objects.retain(|object| !fits(object));
        return;
    }
    for object in objects.iter_mut().filter(|object| fits(object)) {
        *object = match patch.is_sequence() {
            true => patch.items().iter().fold(object.clone(), |object, operation| {
                let word = |key| operation.get(key).as_ref().and_then(Yaml::text).map(str::to_owned);
                let (Some(op), Some(path)) = (word("op"), word("path")) else { return object };
                object.edited(&op, &path, operation.get("value").as_ref())
            }),
            false => object.overlaid(patch, Lists::ByName),
        };
    }
}

fn text_at(object: &Yaml, path: &[&str]) -> Option<String> {
    object.at(path)?.text().map(str::to_owned)
}

/// A target names kind and name by anchored regular expressions, and labels; what it does not name fits all.
fn is_selected(object: &Yaml, target: &Yaml) -> bool {
    let fits = |key: &str, own: Option<String>| match target.get(key).as_ref().and_then(Yaml::text) {
        None => true,
        Some(wanted) => own.is_some_and(|own| matches(wanted, &own)),
    };
    let by_label = match target.get("labelSelector").as_ref().and_then(Yaml::text) {
        Some(selector) => selector.split(',').all(|term| {
            let Some((key, value)) = term.split_once('=') else { return false };
            text_at(object, &["metadata", "labels", key.trim()]).as_deref()
                == Some(value.trim_start_matches('=').trim())
        }),
        None => true,
    };
    by_label && fits("kind", kind(object)) && fits("name", text_at(object, &["metadata", "name"]))
}

fn matches(pattern: &str, text: &str) -> bool {
    pattern == text || regex::Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|regex| regex.is_match(text))
}

fn set_replicas(root: &Yaml, objects: &mut [Yaml]) {
    for entry in root.get("replicas").iter().flat_map(Yaml::items) {
        let (Some(name), Some(count)) = (entry.get("name"), entry.get("count")) else { continue };
        for object in objects.iter_mut() {
            let is_scaled = matches!(kind(object).as_deref(), Some("Deployment" | "StatefulSet" | "ReplicaSet"));
            if is_scaled && text_at(object, &["metadata", "name"]).as_deref() == name.text() {
                *object = object.edited("add", "/spec/replicas", Some(&count));
            }
        }
    }
}

fn set_namespace(root: &Yaml, objects: &mut [Yaml]) {
    if let Some(namespace) = root.get("namespace") {
        for object in objects.iter_mut() {
            *object = object.edited("add", "/metadata/namespace", Some(&namespace));
        }
    }
}
