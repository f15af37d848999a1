//! Compose files: services with their limits, variables and health checks, and which of the files is for production.

use super::images::is_foreign;
use super::kubernetes::pod::literal;
use super::places::{file_name, folder, is_own, named_environment, resolve};
use super::{
    Build, Container, Deployment, Environment, Life, Limit, Platform, Probe, ProbeKind, Reach, RunAs, Scaling, Source,
    Variable, Workload, probe_path,
};
use crate::evidence::Blob;
use crate::facts::yaml::{self, Lists, Yaml};
use crate::facts::{Facts, Unread};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Services that extend services further than this are not followed.
const MAX_EXTENDS: usize = 10;
/// More services than this are not read from one file.
const MAX_SERVICES: usize = 300;

/// Reads every compose file and adds its services.
pub fn read(facts: &Facts, deployment: &mut Deployment) {
    let mut files = BTreeMap::new();
    for blob in facts.snapshot.blobs().filter(|blob| is_candidate(blob) && is_own(blob.path())) {
        match yaml::documents(blob) {
            Ok(documents) => {
                let is_named_so = is_named_so(blob.path());
                if let Some(root) = documents.into_iter().find(|root| is_compose(root, is_named_so)) {
                    files.insert(blob.path().to_owned(), root);
                }
            }
            Err(reason) if is_named_so(blob.path()) => deployment.unread.push(Unread(reason)),
            Err(_) => {}
        }
    }
    let has_platform = deployment.production().next().is_some();
    for (path, root) in stacks(&files) {
        let environment = environment(&path, &root, has_platform);
        deployment.workloads.extend(services(&path, &root, &files, environment));
    }
}

fn is_named_so(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    ["compose", "docker-stack", "stack.y", "swarm"].iter().any(|word| name.contains(word))
}

fn is_candidate(blob: &Arc<Blob>) -> bool {
    let is_yaml = blob.path().ends_with(".yml") || blob.path().ends_with(".yaml");
    is_yaml && blob.text().contains("services:") && !blob.path().starts_with(".github/")
}

/// A mapping of services of which one has an image or a build; a file that is named so may leave that to another.
fn is_compose(root: &Yaml, is_named_so: bool) -> bool {
    let services = root.get("services").map(|services| services.entries()).unwrap_or_default();
    root.get("apiVersion").is_none()
        && root.get("jobs").is_none()
        && root.get("functions").is_none()
        && services.iter().any(|(_, service)| {
            let says_what_runs = ["image", "build", "extends"].iter().any(|key| service.get(key).is_some());
            says_what_runs || is_named_so && service.is_mapping()
        })
}

/// What is run together: each file, but a production override laid over the file that it completes, and no override
/// for development.
fn stacks(files: &BTreeMap<String, Yaml>) -> Vec<(String, Yaml)> {
    let base_of = |path: &str| {
        let base = ["docker-compose.yml", "docker-compose.yaml", "compose.yaml", "compose.yml"];
        let folder = folder(path);
        let in_folder = |name: &&str| if folder.is_empty() { (*name).to_owned() } else { format!("{folder}/{name}") };
        base.iter().map(in_folder).find(|base| base != path && files.contains_key(base))
    };
    let completes = |path: &str, root: &Yaml| {
        let base = base_of(path)?;
        // An override leaves out what its base says: some service has neither image nor build of its own.
        let services = root.get("services")?.entries();
        let lacks = |service: &Yaml| ["image", "build", "extends"].iter().all(|key| service.get(key).is_none());
        services.iter().any(|(_, service)| lacks(service)).then_some(base)
    };
    let mut completed = Vec::new();
    let mut stacks: Vec<(String, Yaml)> = Vec::new();
    for (path, root) in files {
        let is_production = named_environment(path) == Some(Environment::Production);
        match completes(path, root) {
            Some(base) if is_production => {
                if let Some(under) = files.get(&base) {
                    stacks.push((path.clone(), under.overlaid(root, Lists::Append)));
                    completed.push(base);
                }
            }
            Some(_) => {}
            None => stacks.push((path.clone(), root.clone())),
        }
    }
    let is_fragment = |path: &String| is_extended(files, path) && !is_named_so(path);
    stacks.retain(|(path, _)| !completed.contains(path) && !is_fragment(path));
    stacks
}

/// Whether services of another file extend those of this one.
fn is_extended(files: &BTreeMap<String, Yaml>, path: &str) -> bool {
    files.iter().any(|(other, root)| {
        let services = root.get("services").map(|services| services.entries()).unwrap_or_default();
        services.iter().any(|(_, service)| {
            let file = service.at(&["extends", "file"]);
            file.and_then(|file| resolve(folder(other), file.text()?)).is_some_and(|file| file == path)
        })
    })
}

/// Production, unless the name or the content says otherwise.
fn environment(path: &str, root: &Yaml, has_platform: bool) -> Environment {
    let name = file_name(path).to_ascii_lowercase();
    if name.contains("override") || name.contains("example") || name.contains("sample") {
        return Environment::Development;
    }
    if let Some(named) = named_environment(path) {
        return named;
    }
    let services: Vec<Yaml> = root
        .get("services")
        .map(|all| all.entries().into_iter().map(|(_, service)| service).collect())
        .unwrap_or_default();
    let own: Vec<&Yaml> = services.iter().filter(|service| !runs_foreign_image(service)).collect();
    let is_development = own.is_empty() || own.iter().any(|service| is_for_development(service));
    // Where a platform runs it in production, a compose file that only builds is a developer's convenience.
    let only_builds = own.iter().all(|service| service.get("restart").is_none() && service.get("deploy").is_none());
    match is_development || has_platform && only_builds {
        true => Environment::Development,
        false => Environment::Production,
    }
}

fn runs_foreign_image(service: &Yaml) -> bool {
    let image = service.get("image");
    service.get("build").is_none() && image.as_ref().and_then(Yaml::text).is_some_and(is_foreign)
}

/// Sources mounted from the work tree, a reloading server, an environment that says so.
fn is_for_development(service: &Yaml) -> bool {
    let is_built = service.get("build").is_some();
    let mounts_source = service.get("volumes").iter().flat_map(Yaml::items).any(|volume| is_source_mount(&volume));
    let words = |key: &str| {
        let items = service.get(key).map(|command| command.items_or_self()).unwrap_or_default();
        items.iter().filter_map(Yaml::text).collect::<Vec<_>>().join(" ")
    };
    let command = words("command") + " " + &words("entrypoint");
    let reloads = [
        "--reload",
        "nodemon",
        "run dev",
        ":dev",
        "yarn dev",
        "pnpm dev",
        "watch",
        "start-dev",
        "start:dev",
        "runserver",
        "flask run",
        "air ",
        "--debug",
        "debugpy",
    ];
    let says_so = variables(service).iter().any(|(name, value)| {
        let is_mode = name.ends_with("ENV") || name.ends_with("ENVIRONMENT") || name.ends_with("MODE");
        is_mode && value.to_ascii_lowercase().contains("dev")
    });
    let target = service.at(&["build", "target"]);
    let builds_for_development =
        target.as_ref().and_then(Yaml::text).and_then(named_environment) == Some(Environment::Development);
    service.get("develop").is_some()
        || says_so
        || builds_for_development
        || mounts_source && (is_built || service.get("image").is_some())
        || reloads.iter().any(|word| command.contains(word))
}

/// `.:/app` or `./src:/app/src`, not a file of configuration, not data.
fn is_source_mount(volume: &Yaml) -> bool {
    let (source, is_read_only) = match volume.text() {
        Some(text) => (text.split(':').next().unwrap_or_default().to_owned(), text.ends_with(":ro")),
        None => {
            let source = volume.get("source").and_then(|source| source.text().map(str::to_owned));
            (source.unwrap_or_default(), volume.get("read_only").is_some_and(|flag| flag.truth() == Some(true)))
        }
    };
    let inside = source.trim_end_matches('/');
    let is_relative = inside == "." || inside == ".." || inside.starts_with("./") || inside.starts_with("../");
    let name = file_name(inside);
    let is_data = [
        "data",
        "logs",
        "log",
        "certs",
        "ssl",
        "secrets",
        "config",
        "conf",
        "backups",
        "uploads",
        "storage",
        "state",
        "output",
        "tmp",
        "letsencrypt",
        "nginx",
        "keys",
        "db",
        "volumes",
    ]
    .iter()
    .any(|word| name.contains(word));
    let is_file = name.len() > 2 && name.trim_start_matches('.').contains('.');
    is_relative && !is_file && !is_data && !is_read_only
}

fn services(path: &str, root: &Yaml, files: &BTreeMap<String, Yaml>, environment: Environment) -> Vec<Workload> {
    let entries = root.get("services").map(|services| services.entries()).unwrap_or_default();
    let mut workloads = Vec::new();
    for (key, service) in entries.into_iter().take(MAX_SERVICES) {
        let service = extended(service, path, root, files, 0);
        if is_optional_tool(&service) {
            continue;
        }
        workloads.push(workload(&key, &service, path, environment));
    }
    workloads
}

/// A service that only starts with a profile for development or tools.
fn is_optional_tool(service: &Yaml) -> bool {
    let profiles = service.get("profiles").map(|profiles| profiles.items()).unwrap_or_default();
    let is_production = |profile: &Yaml| profile.text().and_then(named_environment) == Some(Environment::Production);
    !profiles.is_empty()
        && !profiles.iter().any(is_production)
        && profiles.iter().filter_map(Yaml::text).all(|name| {
            matches!(named_environment(name), Some(Environment::Development | Environment::Other))
                || ["tool", "debug", "migrat", "seed", "admin", "monitoring"].iter().any(|word| name.contains(word))
        })
}

/// The service laid over the one that it extends, in this file or another.
fn extended(service: Yaml, path: &str, root: &Yaml, files: &BTreeMap<String, Yaml>, depth: usize) -> Yaml {
    let Some(extends) = service.get("extends").filter(|_| depth < MAX_EXTENDS) else { return service };
    let name = extends.get("service").unwrap_or_else(|| extends.clone());
    let other = extends.get("file").and_then(|file| resolve(folder(path), file.text()?));
    let (path, root) = match &other {
        Some(other) => match files.get(other) {
            Some(root) => (other.as_str(), root),
            None => return service,
        },
        None => (path, root),
    };
    let base = name.text().and_then(|name| root.at(&["services", name]));
    match base {
        Some(base) => extended(base, path, root, files, depth + 1).overlaid(&service, Lists::Append),
        None => service,
    }
}

fn workload(key: &Yaml, service: &Yaml, path: &str, environment: Environment) -> Workload {
    let name = key.text().unwrap_or_default().to_owned();
    let image = service.get("image").and_then(|image| image.text().map(str::to_owned));
    let build = service.get("build").and_then(|build| read_build(&build, path));
    let container = Container {
        name: name.clone(),
        foreign: build.is_none() && image.as_deref().is_some_and(is_foreign),
        image,
        build,
        span: key.span(),
        cpu: limit(service, &[&["deploy", "resources", "limits", "cpus"], &["cpus"], &["cpu_quota"]]),
        memory: limit(service, &[&["deploy", "resources", "limits", "memory"], &["mem_limit"]]),
        user: user(service),
        environment: environment_variables(service),
        probes: probe(service).into_iter().collect(),
    };
    let replicas = service.at(&["deploy", "replicas"]).or_else(|| service.get("scale"));
    let copies = replicas.as_ref().map_or(Some(1.0), Yaml::number).map(|number| number.max(0.0) as u32);
    let is_job = service.get("restart").is_some_and(|restart| matches!(restart.text(), Some("no" | "on-failure")))
        && service.get("ports").is_none();
    Workload {
        platform: Platform::Compose,
        life: if is_job { Life::Job } else { Life::Service },
        environment,
        name,
        span: key.span(),
        listens: service.get("ports").is_some() || service.get("expose").is_some() || has_route(service),
        scaling: Scaling::Fixed { copies, span: replicas.map_or_else(|| key.span(), |replicas| replicas.span()) },
        schedule: None,
        containers: vec![container],
    }
}

/// A label of a reverse proxy that sends requests here.
fn has_route(service: &Yaml) -> bool {
    let labels = service.get("labels");
    let texts = labels.iter().flat_map(|labels| {
        let keys = labels.entries().into_iter().map(|(key, _)| key);
        labels.items().into_iter().chain(keys).collect::<Vec<_>>()
    });
    texts.into_iter().any(|label| label.text().is_some_and(|text| text.contains("traefik.") || text.contains("caddy")))
}

fn read_build(build: &Yaml, path: &str) -> Option<Build> {
    let text = |key: &str| build.get(key).and_then(|value| value.text().map(str::to_owned));
    let context = build.text().map(str::to_owned).or_else(|| text("context")).unwrap_or_else(|| String::from("."));
    let context = resolve(folder(path), &context)?;
    let dockerfile = text("dockerfile").unwrap_or_else(|| String::from("Dockerfile"));
    Some(Build { dockerfile: resolve(&context, &dockerfile)?, context, target: text("target") })
}

fn limit(service: &Yaml, paths: &[&[&str]]) -> Limit {
    let found =
        paths.iter().find_map(|path| service.at(path)).filter(|value| value.text().is_some_and(|text| text != "0"));
    found.map_or(Limit::Missing, |value| Limit::Set(value.span()))
}

fn user(service: &Yaml) -> RunAs {
    let Some(user) = service.get("user") else { return RunAs::Image };
    match user.text().unwrap_or_default().split(':').next() {
        Some("root" | "0") => RunAs::Root(user.span()),
        Some("") | None => RunAs::Image,
        Some(name) if name.starts_with('$') => RunAs::Image,
        Some(_) => RunAs::NonRoot(user.span()),
    }
}

/// Names and values in clear, of the map and of the list form.
fn variables(service: &Yaml) -> Vec<(String, String)> {
    let Some(environment) = service.get("environment") else { return Vec::new() };
    let pair = |text: &str| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        (name.to_owned(), value.to_owned())
    };
    let list = environment.items().into_iter().filter_map(|item| item.text().map(pair));
    let map = environment
        .entries()
        .into_iter()
        .filter_map(|(key, value)| Some((key.text()?.to_owned(), value.text().unwrap_or_default().to_owned())));
    list.chain(map).collect()
}

fn environment_variables(service: &Yaml) -> Vec<Variable> {
    let mut variables = Vec::new();
    if let Some(environment) = service.get("environment") {
        for item in environment.items() {
            let Some((name, value)) = item.text().map(|text| text.split_once('=').unwrap_or((text, "$INHERITED")))
            else {
                continue;
            };
            variables.push(Variable { name: name.to_owned(), source: literal(&item.scalar(value)), span: item.span() });
        }
        for (key, value) in environment.entries() {
            let source = if value.is_null() { Source::Substituted(String::new()) } else { literal(&value) };
            variables.push(Variable { name: key.text().unwrap_or_default().to_owned(), source, span: key.span() });
        }
    }
    for file in service.get("env_file").iter().flat_map(Yaml::items_or_self) {
        let path = file.get("path").unwrap_or_else(|| file.clone());
        if let Some(path_text) = path.text() {
            let source = Source::EnvFile(path_text.to_owned());
            variables.push(Variable { name: String::new(), source, span: path.span() });
        }
    }
    for secret in service.get("secrets").iter().flat_map(Yaml::items) {
        let name = secret.get("source").unwrap_or_else(|| secret.clone());
        if let Some(text) = name.text() {
            let source = Source::Secret(text.to_owned());
            variables.push(Variable { name: String::new(), source, span: secret.span() });
        }
    }
    variables
}

/// The health check of a service; one that is turned off is none.
fn probe(service: &Yaml) -> Option<Probe> {
    let check = service.get("healthcheck")?;
    let test = check.get("test")?;
    let words: Vec<String> = test.items_or_self().iter().filter_map(|word| word.text().map(str::to_owned)).collect();
    let is_off = words.first().is_some_and(|word| word == "NONE")
        || check.get("disable").is_some_and(|flag| flag.truth() == Some(true));
    let span = check.key("test")?.span();
    (!is_off).then(|| Probe {
        kind: ProbeKind::Health,
        reach: Reach::Command,
        path: probe_path(&words.join(" ")),
        span,
    })
}
