//! Rotation as infrastructure declares it: Terraform, CloudFormation, Config Connector, CDK and Pulumi programs.

use super::{Rotation, is_another_secret};
use crate::evidence::Blob;
use crate::facts::schedules::interval;
use crate::facts::terraform::{Resource, Terraform, Value};
use crate::facts::{Facts, yaml};
use regex::Regex;
use std::sync::{Arc, LazyLock};

pub(super) fn read(facts: &Facts, all: &mut Vec<Rotation>) {
    let terraform = facts.terraform();
    for resource in terraform.resources() {
        all.extend(of_resource(terraform, resource));
    }
    for blob in facts.snapshot.blobs() {
        let path = blob.path();
        if [".yml", ".yaml", ".json", ".template"].iter().any(|end| path.ends_with(end)) && may_declare(blob.text()) {
            for document in yaml::documents(blob).unwrap_or_default() {
                declared(&document, all);
            }
        }
        if [".ts", ".js", ".py", ".go", ".java", ".cs", ".kt"].iter().any(|end| path.ends_with(end))
            && facts.tree().is_production(path)
        {
            programmed(blob, all);
        }
    }
}

fn may_declare(text: &str) -> bool {
    text.len() < 1 << 20
        && ["RotationSchedule", "rotationPeriod", "RotationRules"].iter().any(|word| text.contains(word))
}

fn of_resource(terraform: &Terraform, resource: &Resource) -> Option<Rotation> {
    let secret = resource.body.get("secret_id").and_then(Value::shown).unwrap_or_default();
    let named = terraform
        .referenced(&secret)
        .and_then(|secret| secret.body.get("name").and_then(Value::shown))
        .unwrap_or_default();
    if is_another_secret(&format!("{} {secret} {named}", resource.name)) {
        return None;
    }
    let (value, days, what) = match resource.kind.as_str() {
        "aws_secretsmanager_secret_rotation" | "aws_secretsmanager_secret" => {
            let rules = resource.body.block("rotation_rules")?;
            match (rules.body.get("automatically_after_days"), rules.body.get("schedule_expression")) {
                (Some(value), _) => (value, value.number(), "Secrets Manager rotates it"),
                (None, Some(value)) => {
                    (value, value.text().and_then(|text| interval::days(&text)), "Secrets Manager rotates it")
                }
                (None, None) => return None,
            }
        }
        "google_secret_manager_secret" | "google_secret_manager_regional_secret" => {
            let value = resource.body.block("rotation")?.body.get("rotation_period")?;
            (value, value.text().and_then(|text| interval::length(&text)), "Secret Manager rotates it")
        }
        "time_rotating" => {
            let (unit, value) = [
                ("rotation_days", 1.0),
                ("rotation_hours", 1.0 / 24.0),
                ("rotation_months", 31.0),
                ("rotation_years", 366.0),
                ("rotation_minutes", 1.0 / 1440.0),
            ]
            .iter()
            .find_map(|(name, unit)| Some((*unit, resource.body.get(name)?)))?;
            (value, value.number().map(|number| number * unit), "a rotating time renews it")
        }
        kind if kind.starts_with("vault_") && !kind.contains("database") => {
            let value = resource.body.get("rotation_period")?;
            (
                value,
                value
                    .number()
                    .map(|seconds| seconds / 86_400.0)
                    .or_else(|| value.text().and_then(|text| interval::length(&text))),
                "Vault rotates it",
            )
        }
        "aws_cloudwatch_event_rule" | "aws_scheduler_schedule" if says_rotation(&resource.name, resource) => {
            let value = resource.body.get("schedule_expression")?;
            (value, value.text().and_then(|text| interval::days(&text)), "a schedule runs the rotation")
        }
        "google_cloud_scheduler_job" if says_rotation(&resource.name, resource) => {
            let value = resource.body.get("schedule")?;
            (value, value.text().and_then(|text| interval::days(&text)), "a schedule runs the rotation")
        }
        _ => return None,
    };
    Some(Rotation { span: value.span.clone(), days, what })
}

fn says_rotation(name: &str, resource: &Resource) -> bool {
    let given = resource.body.get("name").and_then(Value::shown).unwrap_or_default();
    let text = format!("{name} {given}").to_lowercase();
    text.contains("rotat") && !["log", "kms", "cert", "database", "backup"].iter().any(|word| text.contains(word))
}

/// CloudFormation templates and Config Connector objects.
fn declared(document: &yaml::Yaml, all: &mut Vec<Rotation>) {
    let resources = document.get("Resources").map(|resources| resources.entries()).unwrap_or_default();
    for (name, resource) in resources {
        let kind = resource.get("Type");
        if kind.as_ref().and_then(|kind| kind.text()) != Some("AWS::SecretsManager::RotationSchedule") {
            continue;
        }
        let Some(properties) = resource.get("Properties") else { continue };
        let secret = properties
            .get("SecretId")
            .map(|secret| format!("{:?}", secret.get("Ref").and_then(|text| text.text().map(str::to_owned))))
            .unwrap_or_default();
        let Some(rules) = properties.get("RotationRules") else { continue };
        if is_another_secret(&format!("{} {secret}", name.text().unwrap_or_default())) {
            continue;
        }
        let after = rules.get("AutomaticallyAfterDays").map(|value| resolved(document, &value));
        let (value, days) = match (after, rules.get("ScheduleExpression").map(|value| resolved(document, &value))) {
            (Some(value), _) => (value.0, value.1.and_then(|text| text.parse().ok())),
            (None, Some(value)) => (value.0, value.1.and_then(|text| interval::days(&text))),
            (None, None) => continue,
        };
        all.push(Rotation { span: value.span(), days, what: "Secrets Manager rotates it" });
    }
    let kind = document.get("kind").and_then(|kind| kind.text().map(str::to_owned));
    let period = document.at(&["spec", "rotation", "rotationPeriod"]);
    if let (Some("SecretManagerSecret"), Some(period)) = (kind.as_deref(), period) {
        let days = period.text().and_then(interval::length);
        all.push(Rotation { span: period.span(), days, what: "Secret Manager rotates it" });
    }
}

/// A value, or the default of the parameter that it refers to; the place is that of the use.
fn resolved(document: &yaml::Yaml, value: &yaml::Yaml) -> (yaml::Yaml, Option<String>) {
    if let Some(text) = value.text() {
        // `!Ref Days` is read as the plain name of the parameter.
        let default =
            document.at(&["Parameters", text, "Default"]).and_then(|default| default.text().map(str::to_owned));
        return (value.clone(), default.or_else(|| Some(text.to_owned())));
    }
    let name = value.get("Ref").and_then(|name| name.text().map(str::to_owned));
    let default = name.and_then(|name| document.at(&["Parameters", &name, "Default"])?.text().map(str::to_owned));
    (value.clone(), default)
}

static PROGRAM: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"(?i)(?:automatically_?after(?:_?days)?|rotation_?period)["']?\s*[:=(]+\s*(?:cdk\.|core\.)?(?:Duration\.(days|hours|weeks)\(\s*(\d+)|["'](\d+s)["']|pulumi\.String\("(\d+s)"|pulumi\.Int\((\d+)|(\d+))"#;
    Regex::new(pattern).expect("a fixed pattern")
});

fn programmed(blob: &Arc<Blob>, all: &mut Vec<Rotation>) {
    let infrastructure =
        ["aws-cdk", "aws_cdk", "awscdk", "Amazon.CDK", "pulumi", "cdktf"].iter().any(|word| blob.text().contains(word));
    if !infrastructure {
        return;
    }
    let lines: Vec<(u32, &str)> = blob.lines().collect();
    for (at, (number, line)) in lines.iter().enumerate() {
        if ["//", "#", "*", "--"].iter().any(|mark| line.trim_start().starts_with(mark)) {
            continue;
        }
        let Some(found) = PROGRAM.captures(line) else { continue };
        let before = lines
            .get(at.saturating_sub(8)..at)
            .unwrap_or_default()
            .iter()
            .map(|(_, line)| *line)
            .collect::<Vec<_>>()
            .join(" ");
        let is_key = ["cryptokey", "crypto_key", "kms.key"].iter().any(|word| before.to_lowercase().contains(word));
        if is_key || is_another_secret(&before) {
            continue;
        }
        let number_of = |index: usize| found.get(index).map(|text| text.as_str());
        let days = match (number_of(1), number_of(2)) {
            (Some(unit), Some(number)) => interval::length(&format!("{number} {}", unit.to_lowercase())),
            _ => number_of(3)
                .or(number_of(4))
                .and_then(interval::length)
                .or_else(|| number_of(5).or(number_of(6))?.parse().ok()),
        };
        all.push(Rotation { span: blob.line(*number), days, what: "the infrastructure program rotates it" });
    }
}
