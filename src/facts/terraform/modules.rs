//! Folders as modules: variables, locals, calls of local modules, and which of them are roots.

use super::eval::{Bound, File, Scope, head};
use super::value::{Kind, Value};
use super::{Resource, Terraform};
use crate::evidence::{Blob, Evidence};
use crate::facts::tree::normal;
use crate::facts::{Facts, Unread};
use hcl_edit::structure::{Block as RawBlock, Body as RawBody};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many modules may call one another.
const MAX_CALLS: usize = 12;
/// More resources than these are not made.
const MAX_RESOURCES: usize = 20_000;

type Modules = BTreeMap<String, Vec<File>>;

pub(super) fn read(facts: &Facts) -> Terraform {
    let (modules, tfvars, unread) = parse(facts);
    let called: BTreeSet<String> = (modules.iter())
        .flat_map(|(folder, files)| blocks(files, "module").filter_map(move |(_, block)| local_source(folder, block)))
        .collect();
    let read_file = |path: &str| facts.snapshot.blob(path).cloned();
    let mut maker = Maker { modules: &modules, read: &read_file, made: Terraform { unread, ..Terraform::default() } };
    for folder in modules.keys().filter(|folder| !called.contains(*folder)) {
        let given = variable_files(folder, &tfvars);
        maker.make(folder, folder, given, 0);
    }
    maker.made
}

fn parse(facts: &Facts) -> (Modules, Vec<File>, Vec<Unread>) {
    let is_terraform = |path: &str| path.ends_with(".tf") || path.ends_with(".tofu") || path.ends_with(".tfvars");
    let is_left_out = |path: &str| {
        ["/tests/", "/test/", "/examples/", "/example/", ".terraform/", "node_modules/"]
            .iter()
            .any(|part| format!("/{path}").contains(part))
    };
    let blobs: Vec<_> =
        facts.snapshot.blobs().filter(|blob| is_terraform(blob.path()) && !is_left_out(blob.path())).collect();
    let parsed: Vec<_> = blobs.par_iter().map(|blob| (*blob, hcl_edit::parser::parse_body(blob.text()))).collect();
    let (mut modules, mut tfvars, mut unread) = (Modules::new(), Vec::new(), Vec::new());
    for (blob, body) in parsed {
        match body {
            Ok(body) if blob.path().ends_with(".tfvars") => tfvars.push(File { blob: blob.clone(), body }),
            Ok(body) => {
                modules.entry(folder(blob.path()).to_owned()).or_default().push(File { blob: blob.clone(), body })
            }
            Err(error) => {
                let line = blob.line(error.location().line() as u32);
                unread.push(Unread(Evidence::at(line, "no valid Terraform")));
            }
        }
    }
    (modules, tfvars, unread)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn blocks<'a>(files: &'a [File], name: &'a str) -> impl Iterator<Item = (&'a Arc<Blob>, &'a RawBlock)> {
    files.iter().flat_map(move |file| file.body.get_blocks(name).map(move |block| (&file.blob, block)))
}

fn label(block: &RawBlock, index: usize) -> Option<&str> {
    block.labels.get(index).map(|label| label.as_str())
}

/// The folder of a module that is called by a relative path.
fn local_source(from: &str, block: &RawBlock) -> Option<String> {
    let source = block.body.get_attribute("source")?.value.as_str()?.to_owned();
    source.starts_with('.').then(|| normal(&format!("{from}/{source}")))
}

/// Values of the production `.tfvars`, or of those that are read without being named.
fn variable_files(root: &str, tfvars: &[File]) -> BTreeMap<String, Value> {
    let below = |file: &&File| root.is_empty() || file.blob.path().starts_with(&format!("{root}/"));
    let weight = |file: &File| {
        let name = file.blob.path().to_lowercase();
        let is_production =
            name.split(['/', '.', '-', '_']).any(|word| matches!(word, "prod" | "production" | "prd" | "live"));
        let is_read_unnamed = name.ends_with("terraform.tfvars") || name.ends_with(".auto.tfvars");
        if is_production {
            Some(2)
        } else if is_read_unnamed {
            Some(1)
        } else {
            None
        }
    };
    let mut files: Vec<(u8, &File)> =
        tfvars.iter().filter(below).filter_map(|file| Some((weight(file)?, file))).collect();
    files.sort_by_key(|(weight, _)| *weight);
    let none = |_: &str| None;
    let mut values = BTreeMap::new();
    for (_, file) in files {
        let scope = Scope::new(root, &none);
        for attribute in file.body.attributes() {
            values.insert(attribute.key.as_str().to_owned(), scope.value(&file.blob, &attribute.value, &Bound::new()));
        }
    }
    values
}

struct Maker<'a> {
    modules: &'a Modules,
    read: &'a dyn Fn(&str) -> Option<Arc<Blob>>,
    made: Terraform,
}

impl Maker<'_> {
    /// Makes what a module makes with the values it is given.
    fn make(&mut self, root: &str, folder: &str, given: BTreeMap<String, Value>, depth: usize) {
        let Some(files) = self.modules.get(folder) else { return };
        let mut scope = Scope::new(folder, self.read);
        scope.variables = given;
        for (blob, block) in blocks(files, "variable") {
            let (Some(name), Some(default)) = (label(block, 0), block.body.get_attribute("default")) else { continue };
            if !scope.variables.contains_key(name) {
                let value = scope.value(blob, &default.value, &Bound::new());
                if !value.is_null() {
                    scope.variables.insert(name.to_owned(), value);
                }
            }
        }
        for (blob, block) in blocks(files, "locals") {
            for attribute in block.body.attributes() {
                scope.locals.insert(attribute.key.as_str().to_owned(), (blob, &attribute.value));
            }
        }
        for (kind, is_data) in [("resource", false), ("data", true)] {
            for (blob, block) in blocks(files, kind) {
                let made = resources(&scope, root, blob, block, is_data);
                self.made
                    .resources
                    .extend(made.into_iter().take(MAX_RESOURCES.saturating_sub(self.made.resources.len())));
            }
        }
        let mut calls = Vec::new();
        for (blob, block) in blocks(files, "module") {
            for bound in scope.instances(blob, &block.body) {
                let body = scope.body(blob, &block.body, &bound);
                match local_source(folder, block) {
                    Some(source) => calls.push((source, given_values(&block.body, body.attributes))),
                    None => self.made.remote_modules.push(Resource {
                        kind: body.get("source").and_then(Value::text).unwrap_or_default(),
                        name: label(block, 0).unwrap_or_default().to_owned(),
                        is_data: false,
                        root: root.to_owned(),
                        span: head(blob, block),
                        body,
                    }),
                }
            }
        }
        if depth < MAX_CALLS && self.made.resources.len() < MAX_RESOURCES {
            for (source, given) in calls {
                self.make(root, &source, given, depth + 1);
            }
        }
    }
}

fn given_values(raw: &RawBody, attributes: Vec<(String, Value)>) -> BTreeMap<String, Value> {
    let is_meta = |name: &str| matches!(name, "source" | "version" | "count" | "for_each" | "depends_on" | "providers");
    let names = attributes
        .into_iter()
        .filter(|(name, value)| !is_meta(name) && raw.has_attribute(name) && !matches!(value.kind, Kind::Unknown));
    names.collect()
}

fn resources(scope: &Scope, root: &str, blob: &Arc<Blob>, block: &RawBlock, is_data: bool) -> Vec<Resource> {
    let (Some(kind), Some(name)) = (label(block, 0), label(block, 1)) else { return Vec::new() };
    let instances = scope.instances(blob, &block.body);
    let make = |bound: Bound| Resource {
        kind: kind.to_owned(),
        name: name.to_owned(),
        is_data,
        root: root.to_owned(),
        span: head(blob, block),
        body: scope.body(blob, &block.body, &bound),
    };
    instances.into_iter().map(make).collect()
}

#[cfg(test)]
mod tests {
    use crate::facts::Facts;
    use crate::settings::Settings;
    use crate::snapshot::Snapshot;

    fn shown(text: &str, kind: &str, attribute: &str) -> Vec<String> {
        let (snapshot, settings) = (Snapshot::from_text(text), Settings::default());
        let facts = Facts::new(&snapshot, &settings, "2026-11-01".parse().unwrap());
        let found = facts.terraform().of_kind(kind);
        found
            .filter_map(|resource| {
                let value = resource.body.get(attribute)?;
                Some(format!("{}@{}", value.shown().unwrap_or_else(|| format!("{:?}", value.kind)), value.span))
            })
            .collect()
    }

    #[test]
    fn locals_variables_and_functions_are_followed() {
        let text = "-- a.tf --\nvariable \"days\" { default = 30 }\nlocals {\n  period = \"${var.days * 24 * 3600}s\"\n}\nresource \"x\" \"y\" {\n  p = local.period\n  q = max(var.days, 90)\n  r = var.unset\n  s = var.days > 20 ? \"long\" : \"short\"\n}\n";
        assert_eq!(shown(text, "x", "p"), ["2592000s@a.tf:6"]);
        assert_eq!(shown(text, "x", "q"), ["90@a.tf:7"]);
        assert_eq!(shown(text, "x", "r"), ["var.unset@a.tf:8"]);
        assert_eq!(shown(text, "x", "s"), ["long@a.tf:9"]);
    }

    #[test]
    fn modules_take_what_their_callers_give_and_count_drops() {
        let text = "-- live/main.tf --\nmodule \"a\" {\n  source = \"../modules/a\"\n  minimum = 2\n}\n-- modules/a/main.tf --\nvariable \"minimum\" { default = 0 }\nresource \"x\" \"y\" {\n  n = var.minimum\n}\nresource \"z\" \"z\" {\n  count = 0\n  n = 1\n}\nresource \"w\" \"w\" {\n  for_each = toset([\"a\", \"b\"])\n  n = each.value\n}\n";
        assert_eq!(shown(text, "x", "n"), ["2@modules/a/main.tf:3"]);
        assert!(shown(text, "z", "n").is_empty());
        assert_eq!(shown(text, "w", "n"), ["a@modules/a/main.tf:11", "b@modules/a/main.tf:11"]);
    }

    #[test]
    fn production_values_win_and_circles_end() {
        let text = "-- main.tf --\nvariable \"n\" { default = 0 }\nlocals {\n  a = local.b\n  b = local.a\n}\nresource \"x\" \"y\" {\n  n = var.n\n  c = local.a\n}\nmodule \"m\" { source = \"./m\" }\n-- m/main.tf --\nmodule \"m\" { source = \"../m\" }\n-- prod.tfvars --\nn = 3\n-- dev.tfvars --\nn = 1\n";
        assert_eq!(shown(text, "x", "n"), ["3@main.tf:7"]);
        assert_eq!(shown(text, "x", "c").len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(resource|local|var|for|in|[ -~\n\\$\\{\\}=\"\\[\\]])*") {
            shown(&format!("-- a.tf --\nresource \"x\" \"y\" {{\n  a = {text}\n}}\n"), "x", "a");
        }
    }
}
