//! JavaScript's modules: relative paths, `tsconfig` paths, and the packages of a monorepo.

use super::directory;
use crate::facts::tree::joined;
use crate::snapshot::Snapshot;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// Tried in this order; what is written with `.js` may be a `.ts`.
const EXTENSIONS: [&str; 8] = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];
/// Where builds go, so that an entry below one of them has its source below `src` or in the package itself.
const BUILT: [&str; 6] = ["dist", "lib", "build", "out", "esm", "cjs"];

/// What the manifests and compiler settings say about names.
#[derive(Debug, Default)]
pub(super) struct Paths {
    packages: Vec<Package>,
    /// The nearest ones first.
    aliases: Vec<Aliases>,
}

#[derive(Debug)]
struct Package {
    name: String,
    directory: String,
    entries: Vec<String>,
    /// Sub-paths with what they export: `./client` and its files.
    exports: Vec<(String, Vec<String>)>,
    /// `#x` with its files.
    imports: Vec<(String, Vec<String>)>,
}

/// `compilerOptions.paths` and `baseUrl`, or the `imports` of a Deno configuration.
#[derive(Debug)]
struct Aliases {
    /// The files below it are meant.
    scope: String,
    base: String,
    has_base_url: bool,
    patterns: Vec<(String, Vec<String>)>,
}

impl Paths {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let mut paths = Self::default();
        for blob in snapshot.blobs().filter(|blob| !blob.path().contains("node_modules/")) {
            let path = blob.path();
            let name = path.rsplit('/').next().unwrap_or(path);
            let is_compiler = (name.starts_with("tsconfig") || name.starts_with("jsconfig")) && name.ends_with(".json");
            let is_deno = matches!(name, "deno.json" | "deno.jsonc" | "import_map.json");
            if name == "package.json" {
                paths.packages.extend(read(blob.text()).and_then(|json| package(directory(path), &json)));
            } else if is_compiler {
                paths.aliases.extend(read(blob.text()).and_then(|json| compiler_aliases(directory(path), &json)));
            } else if is_deno {
                paths.aliases.extend(read(blob.text()).and_then(|json| deno_aliases(directory(path), &json)));
            }
        }
        paths.aliases.sort_by_key(|aliases| std::cmp::Reverse(aliases.scope.len()));
        paths
    }

    pub(super) fn resolve(&self, from: &str, module: &str, files: &HashMap<Arc<str>, u32>) -> Option<u32> {
        if module.starts_with('.') {
            return file(&joined(directory(from), module), files);
        }
        if let Some(absolute) = module.strip_prefix('/') {
            return file(absolute, files);
        }
        let aliased = self.aliases.iter().filter(|aliases| is_below(from, &aliases.scope));
        aliased
            .flat_map(|aliases| aliases.candidates(module))
            .find_map(|candidate| file(&candidate, files))
            .or_else(|| self.packages.iter().find_map(|package| package.resolve(from, module, files)))
            .or_else(|| conventional(from, module, files))
    }
}

impl Aliases {
    fn candidates(&self, module: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (pattern, targets) in &self.patterns {
            let rest = match pattern.split_once('*') {
                Some((before, after)) => module.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)),
                None if pattern.ends_with('/') => module.strip_prefix(pattern.as_str()),
                None => (module == pattern).then_some(""),
            };
            if let Some(rest) = rest {
                let whole = |target: &String| {
                    if target.ends_with('/') { format!("{target}{rest}") } else { target.replacen('*', rest, 1) }
                };
                found.extend(targets.iter().map(|target| joined(&self.base, &whole(target))));
            }
        }
        if self.has_base_url {
            found.push(joined(&self.base, module));
        }
        found
    }
}

impl Package {
    fn resolve(&self, from: &str, module: &str, files: &HashMap<Arc<str>, u32>) -> Option<u32> {
        if module.starts_with('#') && is_below(from, &self.directory) {
            let (_, targets) = self.imports.iter().find(|(name, _)| name == module)?;
            return targets.iter().find_map(|target| self.entry(target, files));
        }
        let rest = module.strip_prefix(self.name.as_str())?;
        if rest.is_empty() {
            let usual = ["src/index", "index", "src/main", "lib/index", "mod"];
            return self
                .entries
                .iter()
                .find_map(|entry| self.entry(entry, files))
                .or_else(|| usual.iter().find_map(|entry| file(&joined(&self.directory, entry), files)));
        }
        let below = rest.strip_prefix('/')?;
        let exported = self.exports.iter().filter(|(name, _)| name.trim_start_matches("./") == below);
        exported.flat_map(|(_, targets)| targets).find_map(|target| self.entry(target, files)).or_else(|| {
            let places = [below.to_owned(), format!("src/{below}")];
            places.iter().find_map(|place| file(&joined(&self.directory, place), files))
        })
    }

    /// The source of an entry, which may name what a build makes of it.
    fn entry(&self, entry: &str, files: &HashMap<Arc<str>, u32>) -> Option<u32> {
        let entry = entry.trim_start_matches("./");
        let found = file(&joined(&self.directory, entry), files);
        let (first, rest) = entry.split_once('/').unwrap_or(("", entry));
        if found.is_some() || !BUILT.contains(&first) {
            return found;
        }
        let stem = strip_extension(rest);
        // `dist/src/x`, `dist/esm/x`.
        let inner = stem.split_once('/').filter(|(next, _)| BUILT.contains(next)).map_or(stem, |(_, rest)| rest);
        let places = [format!("src/{inner}"), inner.to_owned(), format!("src/{stem}")];
        places.iter().find_map(|place| file(&joined(&self.directory, place), files))
    }
}

/// The file at a path that may lack its extension, name a directory, or end as its build does.
fn file(path: &str, files: &HashMap<Arc<str>, u32>) -> Option<u32> {
    let with =
        |stem: &str| EXTENSIONS.iter().find_map(|extension| files.get(format!("{stem}{extension}").as_str()).copied());
    let index = if path.is_empty() { "index".to_owned() } else { format!("{path}/index") };
    let stem = strip_extension(path);
    let rewritten = if stem.len() < path.len() { with(stem) } else { None };
    files.get(path).copied().or_else(|| with(path)).or(rewritten).or_else(|| with(&index))
}

fn strip_extension(path: &str) -> &str {
    let path = path.strip_suffix(".d.ts").unwrap_or(path);
    EXTENSIONS.iter().find_map(|extension| path.strip_suffix(extension)).unwrap_or(path)
}

/// `@/x` and `~/x` where nothing says what they mean: the nearest `src`, or the root.
fn conventional(from: &str, module: &str, files: &HashMap<Arc<str>, u32>) -> Option<u32> {
    let rest = ["@/", "~/", "src/"].iter().find_map(|prefix| module.strip_prefix(prefix))?;
    let mut directory = directory(from);
    loop {
        let found =
            file(&joined(directory, &format!("src/{rest}")), files).or_else(|| file(&joined(directory, rest), files));
        if found.is_some() || directory.is_empty() {
            return found;
        }
        directory = super::directory(directory);
    }
}

fn is_below(path: &str, directory: &str) -> bool {
    directory.is_empty() || path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}

fn read(text: &str) -> Option<Value> {
    jsonc_parser::parse_to_serde_value(text, &Default::default()).ok().flatten()
}

fn package(directory: &str, json: &Value) -> Option<Package> {
    let name = json.get("name")?.as_str()?.to_owned();
    let mut entries = Vec::new();
    for field in ["source", "module", "main", "types", "typings"] {
        entries.extend(json.get(field).and_then(Value::as_str).map(str::to_owned));
    }
    let mut exports = Vec::new();
    match json.get("exports") {
        Some(Value::Object(map)) if map.keys().any(|key| key.starts_with('.')) => {
            for (key, value) in map {
                let mut targets = Vec::new();
                strings(value, &mut targets, 0);
                if key == "." { entries.extend(targets) } else { exports.push((key.clone(), targets)) }
            }
        }
        Some(value) => strings(value, &mut entries, 0),
        None => {}
    }
    let imports = named_targets(json.get("imports"));
    Some(Package { name, directory: directory.to_owned(), entries, exports, imports })
}

fn compiler_aliases(directory: &str, json: &Value) -> Option<Aliases> {
    let options = json.get("compilerOptions")?;
    let base_url = options.get("baseUrl").and_then(Value::as_str);
    let patterns = named_targets(options.get("paths"));
    if patterns.is_empty() && base_url.is_none() {
        return None;
    }
    let base = joined(directory, base_url.unwrap_or("."));
    Some(Aliases { scope: directory.to_owned(), base, has_base_url: base_url.is_some(), patterns })
}

fn deno_aliases(directory: &str, json: &Value) -> Option<Aliases> {
    let patterns = named_targets(json.get("imports"));
    let directory = directory.to_owned();
    (!patterns.is_empty()).then(|| Aliases { scope: directory.clone(), base: directory, has_base_url: false, patterns })
}

/// An object of names with a target, a list of targets, or targets by condition.
fn named_targets(value: Option<&Value>) -> Vec<(String, Vec<String>)> {
    let Some(Value::Object(map)) = value else { return Vec::new() };
    let pairs = map.iter().map(|(name, value)| {
        let mut targets = Vec::new();
        strings(value, &mut targets, 0);
        (name.clone(), targets)
    });
    pairs.collect()
}

/// Every string of conditional exports, in their order.
fn strings(value: &Value, into: &mut Vec<String>, depth: usize) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(items) if depth < 8 => items.iter().for_each(|item| strings(item, into, depth + 1)),
        Value::Object(map) if depth < 8 => map.values().for_each(|item| strings(item, into, depth + 1)),
        _ => {}
    }
}
