//! Health checks of load balancers, which no container holds: they decide who gets requests.

use super::parsed;
use super::{Deployment, Environment, Probe, ProbeKind, Reach, places, values::probe_path};
use crate::evidence::Blob;
use crate::facts::Facts;
use crate::facts::terraform::Value;
use regex::Regex;
use std::sync::LazyLock;

/// `health_check=elbv2.HealthCheck(path="/health"` and `healthCheck: { path: '/health'`.
static PROGRAM_PATH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"[hH]ealth_?[cC]heck\s*[=:(][^)}]{0,300}?\bpath\s*[=:]\s*["'](/[^"']{0,200})["']"#)
        .expect("a fixed pattern")
});
/// `health_check=ecs.HealthCheck(command=["CMD-SHELL", "curl -f http://localhost/health"]`.
static PROGRAM_COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[hH]ealth_?[cC]heck\s*[=:(][^)}\]]{0,300}?\bcommand\s*[=:]\s*\[([^\]]{0,400})\]")
        .expect("a fixed pattern")
});

pub fn read(facts: &Facts, deployment: &mut Deployment) {
    let found = &mut deployment.balancers;
    for resource in facts.terraform().resources() {
        let (block, key) = match resource.kind.as_str() {
            "aws_lb_target_group" | "aws_alb_target_group" => (resource.body.block("health_check"), "path"),
            "google_compute_health_check" | "google_compute_region_health_check" => {
                let kinds = ["http_health_check", "https_health_check"];
                (kinds.iter().find_map(|kind| resource.body.block(kind)), "request_path")
            }
            _ => continue,
        };
        let Some(path) = block.and_then(|block| block.body.get(key)) else { continue };
        found.extend(path.shown().map(|asked| probe(asked, path.span.clone())));
    }
    for blob in facts.snapshot.blobs() {
        let (path, text) = (blob.path(), blob.text());
        if !places::is_own(path) || text.len() > 1 << 20 {
            continue;
        }
        let is_yaml = [".yml", ".yaml", ".template"].iter().any(|end| path.ends_with(end));
        if is_yaml && text.contains("HealthCheckPath") {
            for document in parsed::yaml(blob).unwrap_or_default() {
                target_groups(&document, found);
            }
        } else if ["aws-cdk", "aws_cdk", "Amazon.CDK", "awscdk"].iter().any(|word| text.contains(word)) {
            program(blob, found);
        }
    }
    found.retain(|probe| places::environment_of(probe.span.path()) == Environment::Production);
}

fn target_groups(document: &Value, found: &mut Vec<Probe>) {
    for (_, resource) in document.get("Resources").map(Value::entries).unwrap_or_default() {
        if let Some(path) = parsed::at(resource, &["Properties", "HealthCheckPath"]) {
            found.extend(path.shown().map(|asked| probe(asked, path.span.clone())));
        }
    }
}

fn program(blob: &Blob, found: &mut Vec<Probe>) {
    let paths = PROGRAM_PATH.captures_iter(blob.text()).filter_map(|captures| captures.get(1));
    found.extend(paths.map(|path| probe(path.as_str().to_owned(), blob.span(path.range()))));
    let commands = PROGRAM_COMMAND.captures_iter(blob.text()).filter_map(|captures| captures.get(1));
    found.extend(commands.filter_map(|command| Some(probe(probe_path(command.as_str())?, blob.span(command.range())))));
}

fn probe(path: String, span: crate::evidence::Span) -> Probe {
    Probe { kind: ProbeKind::Health, reach: Reach::Http, path: Some(path), span }
}
