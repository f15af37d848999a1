//! Whether a file outlives the process: where it is written, and what the deployment keeps of that place.

use super::keepers::Touch;
use crate::evidence::Span;
use crate::facts::code::{Code, Kind, Node, Origin};
use crate::facts::deployment::{Life, Platform, built_container};
use crate::facts::{Facts, tree::Role};
use regex::Regex;
use std::sync::LazyLock;

/// What becomes of a file.
#[derive(Debug, Clone)]
pub enum Fate {
    /// It lies on a volume, or is committed or kept by other means: the line that shows it.
    Kept(Span),
    /// The machine keeps it: nothing says that it runs in a container.
    OnHost,
    /// It ends with what it lies in, as a report says it.
    Lost(&'static str),
    /// Its place is set where it cannot be seen.
    Unknown,
}

/// A place that outlives what is mounted there.
struct Mount {
    path: String,
    span: Span,
    is_lasting: bool,
}

static MOUNT: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"(?x)
        (?:mountPath|mount_path|containerPath|container_path|destination|target|mountpoint)["']?\s*[:=]\s*["']?(?P<one>/[\w./-]+)
      | --add-volume-mount[= ]["']?(?:[\w-]+=[^,\s]*,)*mount-path=(?P<two>/[\w./-]+)
      | ^\s*-\s*["']?(?P<from>[\w.${}/-]+):(?P<three>/[\w./-]+?)(?::(?:rw|ro|z|Z))?["']?\s*$
      | (?:-v|--volume|--mount)[= ]["']?(?:[\w.$/{}-]+:|[^"'\s]*(?:target|dst|destination)=)(?P<four>/[\w./-]+)"#;
    Regex::new(pattern).expect("a fixed pattern")
});

pub(super) fn fate(facts: &Facts, code: &Code, touch: Touch<'_>) -> Fate {
    let paths = paths(facts, code, touch);
    if let Some(span) = committed(facts) {
        return Fate::Kept(span);
    }
    let mounts = mounts(facts);
    let below = |path: &str, mount: &Mount| {
        path.strip_prefix(mount.path.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || mount.path.ends_with('/'))
    };
    for path in &paths {
        if let Some(mount) =
            mounts.iter().filter(|mount| below(&absolute(facts, path), mount)).max_by_key(|mount| mount.path.len())
        {
            return if mount.is_lasting {
                Fate::Kept(mount.span.clone())
            } else {
                Fate::Lost("a volume that ends with its pod")
            };
        }
    }
    let is_temporary =
        |path: &String| ["/tmp", "/var/tmp", "/dev/shm", "{tmp}"].iter().any(|start| path.starts_with(start));
    if paths.iter().any(is_temporary) {
        return Fate::Lost("a folder for temporary files");
    }
    let production: Vec<_> = facts.deployment().production().collect();
    let is_function = production.iter().any(|workload| {
        workload.life == Life::Function
            || matches!(workload.platform, Platform::Heroku | Platform::Render | Platform::Vercel | Platform::Workers)
    });
    if is_function {
        return Fate::Lost("the platform's own file system, which ends with the instance");
    }
    if facts.schedules().all.iter().any(|schedule| schedule.what == "a scheduled workflow") {
        return Fate::Lost("the runner of a scheduled workflow, which is new each time");
    }
    let in_container =
        built_container(facts).is_some() || production.iter().any(|workload| workload.platform != Platform::Systemd);
    match (in_container, paths.iter().all(|path| path.contains("{}"))) {
        // What a setting says may be a volume, where there is one.
        (true, true) if !mounts.is_empty() => Fate::Unknown,
        (true, _) => Fate::Lost("the container's own file system, where no volume is mounted"),
        (false, _) => Fate::OnHost,
    }
}

/// The possible paths of the file, with `{}` for what is not known.
fn paths(facts: &Facts, code: &Code, touch: Touch<'_>) -> Vec<String> {
    let mut nodes: Vec<Node<'_>> = touch.call.argument(0).into_iter().collect();
    nodes.extend(touch.call.receiver());
    for origin in code.origins(touch.call.callee) {
        if let Origin::Library(_, Some(maker)) = origin {
            nodes.extend(maker.arguments.iter());
            nodes.extend(maker.receiver().filter(|receiver| receiver.as_call().is_some()));
        }
    }
    let mut paths = Vec::new();
    for node in nodes.iter().flat_map(|node| std::iter::once(*node).chain(code.expressions(*node))) {
        let parts = node.walk_own().filter(|part| {
            matches!(part.kind(), Kind::Str(_) | Kind::Template(_) | Kind::Name(_) | Kind::Member { .. })
        });
        for part in parts {
            paths.extend(code.texts(part).into_iter().filter(|text| is_path(text)));
            paths.extend(setting(part).into_iter().flat_map(|name| set(facts, name)));
            let inner =
                code.expressions(part).into_iter().flat_map(|expression| expression.walk_own().collect::<Vec<_>>());
            for deeper in inner {
                paths.extend(deeper.as_str().filter(|text| is_path(text)).map(str::to_owned));
                paths.extend(setting(deeper).into_iter().flat_map(|name| set(facts, name)));
            }
            if matches!(
                part.leaf(),
                "tmpdir" | "gettempdir" | "TempDir" | "GetTempPath" | "temp_dir" | "sys_get_temp_dir"
            ) {
                paths.push("{tmp}".to_owned());
            }
        }
    }
    paths.sort_unstable();
    paths.dedup();
    paths.truncate(24);
    paths
}

fn is_path(text: &str) -> bool {
    let text = text.strip_prefix("Data Source=").unwrap_or(text);
    (text.contains('/')
        || text.contains(".json")
        || text.contains(".db")
        || text.contains(".txt")
        || text.contains(".sqlite"))
        && !text.contains("://")
        && text.len() < 300
        && !text.contains('\n')
        && !text.contains(' ')
}

/// The name of a setting that a place is read from.
fn setting(node: Node<'_>) -> Option<&str> {
    let name = match node.kind() {
        Kind::Str(text) => text,
        Kind::Member { property, .. } => property,
        _ => return None,
    };
    let is_name =
        name.len() > 3 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    is_name.then_some(name)
}

/// What the manifests and images set a setting to, where that is a path.
fn set(facts: &Facts, name: &str) -> Vec<String> {
    let Ok(pattern) = Regex::new(&format!(
        r#"(?m)\b{name}\b["']?\s*(?:[:=]|\n\s*value:|["']?,\s*["']?value["']?\s*[:=]|\s)\s*["']?(/[\w./-]+)"#
    )) else {
        return Vec::new();
    };
    let is_manifest = |path: &str| {
        crate::facts::code::Language::of(path).is_none()
            && matches!(facts.tree().role(path), Role::Production | Role::Config | Role::Script)
    };
    let blobs = facts
        .snapshot
        .blobs()
        .filter(|blob| is_manifest(blob.path()) && blob.text().len() < 1 << 20 && blob.text().contains(name));
    blobs
        .flat_map(|blob| {
            pattern
                .captures_iter(blob.text())
                .filter_map(|found| found.get(1))
                .map(|found| found.as_str().to_owned())
                .collect::<Vec<_>>()
        })
        .take(8)
        .collect()
}

/// A relative path as it lies in the container: below the folder that the image works in.
fn absolute(facts: &Facts, path: &str) -> String {
    let path = path.strip_prefix("Data Source=").unwrap_or(path).split(';').next().unwrap_or(path);
    if path.starts_with('/') {
        return path.to_owned();
    }
    let images = facts.dockerfiles().production();
    let folder = images.filter_map(|image| image.chain().first().map(|stage| stage.from.path().to_owned())).next();
    let text =
        folder.and_then(|file| facts.snapshot.blob(&file).map(|blob| blob.text().to_owned())).unwrap_or_default();
    let work = text
        .lines()
        .rev()
        .find_map(|line| line.trim().strip_prefix("WORKDIR ").map(|folder| folder.trim().to_owned()))
        .unwrap_or_default();
    format!("/{}", crate::facts::tree::joined(&work, path))
}

fn mounts(facts: &Facts) -> Vec<Mount> {
    let mut found = Vec::new();
    let is_manifest = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let ends = [".yml", ".yaml", ".toml", ".tf", ".sh", ".json", ".nomad", ".hcl"];
        ends.iter().any(|end| name.ends_with(end))
            && matches!(facts.tree().role(path), Role::Production | Role::Config | Role::Script)
    };
    for blob in facts.snapshot.blobs().filter(|blob| is_manifest(blob.path()) && blob.text().len() < 1 << 20) {
        for (number, line) in blob.lines().filter(|(_, line)| line.len() < 1_000 && !line.trim_start().starts_with('#'))
        {
            let Some(captures) = MOUNT.captures(line) else { continue };
            let Some(path) = ["one", "two", "three", "four"].iter().find_map(|name| captures.name(name)) else {
                continue;
            };
            let is_empty = ["emptyDir", "tmpfs"].iter().any(|kind| blob.text().contains(kind))
                && !["persistentVolumeClaim", "volumeClaimTemplates", "hostPath", "ephemeral", "csi", "nfs"]
                    .iter()
                    .any(|kind| blob.text().contains(kind));
            let is_config = path.as_str().starts_with("/etc") || path.as_str().contains("secret");
            if !is_config {
                found.push(Mount {
                    path: path.as_str().trim_end_matches('/').to_owned(),
                    span: blob.line(number),
                    is_lasting: !is_empty,
                });
            }
        }
    }
    found
}

/// A pipeline that commits or caches what a run leaves: the line.
fn committed(facts: &Facts) -> Option<Span> {
    let scheduled = facts.workflows().all().iter().filter(|workflow| workflow.trigger("schedule").is_some());
    let blobs = scheduled.filter_map(|workflow| facts.snapshot.blob(&workflow.path));
    let keeps = ["git push", "git-auto-commit", "actions/cache", "add-and-commit"];
    blobs.into_iter().find_map(|blob| {
        let mut lines = blob.lines();
        lines.find(|(_, line)| keeps.iter().any(|word| line.contains(word))).map(|(number, _)| blob.line(number))
    })
}
