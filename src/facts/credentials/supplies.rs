//! Lines of deploy scripts, workflows, runbooks and infrastructure programs that hand over credentials from a secret manager.

use super::{Credentials, Name, Supply};
use crate::evidence::Blob;
use crate::facts::Facts;
use crate::facts::rotation::is_another_secret;
use aho_corasick::AhoCorasick;
use regex::Regex;
use std::sync::{Arc, LazyLock};

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
}

/// What a line must hold to be of interest.
pub const WORDS: &[&str] = &[
    "secret",
    "vault",
    "aws ssm",
    "vercel",
    "op run",
    "doppler",
    "infisical",
    "chamber",
    "sops",
    "teller",
    "envconsul",
    "berglas",
    "securestring",
    "{{resolve",
];
static SIGNS: LazyLock<AhoCorasick> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(WORDS).expect("fixed words"));

pub(super) fn read(facts: &Facts, into: &mut Credentials) {
    let tree = facts.tree();
    let names: Vec<String> = tree.files().map(str::to_owned).collect();
    let blobs = facts.snapshot.blobs().filter(|blob| blob.text().len() < 1 << 20 && is_read(blob.path()));
    for blob in blobs.filter(|blob| SIGNS.is_match(blob.text())) {
        for (number, line) in blob.lines().filter(|(_, line)| SIGNS.is_match(*line)) {
            if !is_comment(blob.path(), line) {
                commands(blob, number, line, &names, into);
                infrastructure(blob, number, line, into);
            }
        }
    }
    workflows(facts, into);
}

/// Scripts, pipelines, runbooks and programs that describe infrastructure; no tests, no committed dependencies.
pub fn is_read(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let ends = [
        ".sh", ".bash", ".ps1", ".yml", ".yaml", ".md", ".ts", ".js", ".mjs", ".py", ".go", ".java", ".cs", ".kt",
        ".json", ".toml", ".rb",
    ];
    let named = matches!(name, "Makefile" | "justfile" | "Justfile" | "Jenkinsfile" | "Procfile" | "Taskfile");
    let left_out =
        ["node_modules/", "vendor/", "/test/", "/tests/", "__tests__", "/fixtures/", ".test.", ".spec.", "_test."];
    let looked = format!("/{path}");
    (named || ends.iter().any(|end| name.ends_with(end))) && !left_out.iter().any(|part| looked.contains(part))
}

fn is_comment(path: &str, line: &str) -> bool {
    let line = line.trim_start();
    let prose = path.ends_with(".md");
    line.starts_with("//")
        || line.starts_with("<!--")
        || line.starts_with('#') && !prose
        || prose && line.starts_with("# ")
}

/// A command that puts named secrets into a platform's own store: pattern, what it is, and a file that shows the
/// platform is the one in use.
static PLATFORM: LazyLock<Vec<(Regex, &str, &[&str])>> = LazyLock::new(|| {
    vec![
        (
            pattern(r"\bwrangler\s+(?:(?:pages|versions|worker)\s+)?secret(?::bulk|\s+(?:put|bulk))\b(.*)"),
            "wrangler puts it into Cloudflare's secrets",
            &["wrangler.toml", "wrangler.json", "wrangler.jsonc"],
        ),
        (
            pattern(r"\b(?:fly|flyctl)\s+secrets\s+(?:set|import)\b(.*)"),
            "fly puts it into its secrets",
            &["fly.toml", "fly."],
        ),
        (
            pattern(r"\bvercel\s+(?:env\s+(?:add|pull)|secrets?\s+add|--env|-e)\b(.*)"),
            "vercel holds it as an environment secret",
            &["vercel.json", "next.config", ".vercel", "api/"],
        ),
        (pattern(r"\bsupabase\s+secrets\s+set\b(.*)"), "supabase holds it as a secret", &["supabase/"]),
    ]
});

/// Commands and options that take secrets from a manager by name.
static MANAGER: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    vec![
        (pattern(r"--(?:set|update)-secrets[= ]\s*(.*)"), "Cloud Run takes it from Secret Manager"),
        (pattern(r"\bgcloud\s+secrets\s+versions\s+access\b(.*)"), "the deployment reads it from Secret Manager"),
        (pattern(r"\baws\s+secretsmanager\s+get-secret-value\b(.*)"), "the deployment reads it from Secrets Manager"),
        (
            pattern(r"\baws\s+ssm\s+get-parameters?\b(.*--with-decryption.*)"),
            "the deployment reads it from Parameter Store",
        ),
        (pattern(r"\baz\s+keyvault\s+secret\s+show\b(.*)"), "the deployment reads it from Key Vault"),
        (pattern(r"\bvault\s+kv\s+get\b(.*)"), "the deployment reads it from Vault"),
        (pattern(r"@Microsoft\.KeyVault\((.*)"), "App Service takes it from Key Vault"),
        (pattern(r"\bkeyvaultref:(.*)"), "Container Apps take it from Key Vault"),
        (pattern(r"\baz\s+containerapp\s+secret\s+set\b(.*)"), "Container Apps hold it as a secret"),
        (
            pattern(r"(?:^|[\s;&|`])(?:op|doppler|infisical)\s+run\b(.*)"),
            "a secret manager's own runner starts the program",
        ),
        (
            pattern(
                r"(?:^|[\s;&|])(?:chamber\s+exec|sops\s+exec-env|teller\s+run|aws-vault\s+exec|envconsul|berglas\s+exec)\b(.*)",
            ),
            "a secret manager's own runner starts the program",
        ),
        (pattern(r"\bfirebase\s+functions:secrets:set\b(.*)"), "Firebase takes it from Secret Manager"),
    ]
});

fn commands(blob: &Arc<Blob>, number: u32, line: &str, files: &[String], into: &mut Credentials) {
    for (pattern, note, signs) in PLATFORM.iter() {
        let used = || files.iter().any(|file| signs.iter().any(|sign| file.contains(sign)));
        // The look at all files comes last: few lines name a platform.
        if let Some(found) = pattern.captures(line)
            && used()
        {
            let names = named_in(found.get(1).map_or("", |rest| rest.as_str()));
            // A command without a name reads a file of them.
            into.supplies.push(Supply { span: blob.line(number), note: (*note).to_owned(), names, partial: false });
        }
    }
    if blob.path().ends_with(".md") {
        return;
    }
    for (pattern, note) in MANAGER.iter() {
        if let Some(found) = pattern.captures(line) {
            let mut names = named_in(found.get(1).map_or("", |rest| rest.as_str()));
            if names.is_empty() && is_another_secret(line) {
                continue;
            }
            names.extend(names_in(line.split(found.get(0).map_or("", |all| all.as_str())).next().unwrap_or_default()));
            into.supplies.push(Supply { span: blob.line(number), note: (*note).to_owned(), names, partial: false });
        }
    }
}

static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Za-z][\w-]{2,}"));

/// Words that are names of credentials.
pub(super) fn names_in(text: &str) -> Vec<Name> {
    let mut names: Vec<Name> =
        WORD.find_iter(text).map(|word| Name::new(word.as_str())).filter(Name::is_api_credential).collect();
    names.sort();
    names.dedup();
    names
}

/// Every variable that is named, and words that are names of credentials.
fn named_in(text: &str) -> Vec<Name> {
    let is_variable =
        |word: &str| word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let mut names = names_in(text);
    names.extend(WORD.find_iter(text).map(|word| word.as_str()).filter(|word| is_variable(word)).map(Name::new));
    names
}

/// CDK, Pulumi and the like: a secret of a manager handed to a container or function.
static WIRED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:ecs\.)?Secret\.(?:from_?[sS]ecrets_?[mM]anager|from_?[sS]sm_?[pP]arameter|from_secrets_manager\w*|fromSecretsManager\w*)|\bSecret_From(?:SecretsManager|SsmParameter)|\bSecretValue\.(?:secrets_?[mM]anager|ssm_?[sS]ecure)|\bvalueForSecureStringParameter|\bfromSecretNameV2\b|\bfrom_secret_name_v2\b|\bsecretKeyRef\b|\brequireSecret\(|\brequire_secret\(|\bsecret_key_ref\b|\{\{resolve:(?:secretsmanager|ssm-secure):",
    )
});

fn infrastructure(blob: &Arc<Blob>, number: u32, line: &str, into: &mut Credentials) {
    let is_program =
        [".ts", ".js", ".mjs", ".py", ".go", ".java", ".cs", ".kt"].iter().any(|end| blob.path().ends_with(end));
    if !is_program || !WIRED.is_match(line) {
        return;
    }
    let near: Vec<&str> = blob.lines().filter(|(at, _)| at.abs_diff(number) <= 2).map(|(_, line)| line).collect();
    let own = names_in(line);
    let names = if own.is_empty() { names_in(&near.join("\n")) } else { own };
    if !names.is_empty() {
        into.supplies.push(Supply {
            span: blob.line(number),
            note: "the deployment takes it from a secret manager".to_owned(),
            names,
            partial: false,
        });
    }
}

/// Pipelines that deploy, or whose schedule is the operation, and hand over `${{ secrets.… }}`.
fn workflows(facts: &Facts, into: &mut Credentials) {
    for workflow in facts.workflows().all().iter().filter(|workflow| !workflow.is_preview()) {
        let scheduled = workflow.trigger("schedule").is_some();
        for job in workflow.jobs.iter().filter(|job| !job.never_runs()) {
            let deploys = job.deploys();
            if !deploys && !scheduled {
                continue;
            }
            for step in job.steps.iter().filter(|step| !step.never_runs()) {
                let given = step.environment.iter().map(|(name, value, span)| (name, value, span));
                let inputs = step.inputs.iter().map(|(name, value)| (name, value, &step.span));
                for (name, value, span) in given.chain(inputs).filter(|(_, value, _)| value.contains("secrets.")) {
                    let mut names = names_in(value);
                    names.extend(names_in(name));
                    if !names.is_empty() {
                        let note = if deploys {
                            "the deploying workflow hands over its secret"
                        } else {
                            "the scheduled workflow hands over its secret"
                        };
                        into.supplies.push(Supply {
                            span: span.clone(),
                            note: note.to_owned(),
                            names,
                            partial: !deploys,
                        });
                    }
                }
            }
        }
    }
    inline(facts, into);
}

static INLINE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\$\{\{\s*secrets\.([A-Za-z_]\w*)\s*\}\}"));

/// `${{ secrets.NAME }}` inside the commands of a workflow that deploys.
fn inline(facts: &Facts, into: &mut Credentials) {
    for workflow in
        facts.workflows().all().iter().filter(|workflow| workflow.jobs.iter().any(crate::facts::workflow::Job::deploys))
    {
        let Some(blob) = facts.snapshot.blob(&workflow.path) else { continue };
        for (number, line) in blob.lines().filter(|(_, line)| !line.trim_start().starts_with('#')) {
            let names: Vec<Name> =
                INLINE.captures_iter(line).map(|found| Name::new(&found[1])).filter(Name::is_api_credential).collect();
            let known =
                into.supplies.iter().any(|supply| supply.span.path() == workflow.path && supply.span.line() == number);
            if !names.is_empty() && !known && !workflow.is_preview() {
                into.supplies.push(Supply {
                    span: blob.line(number),
                    note: "the deploying workflow hands over its secret".to_owned(),
                    names,
                    partial: false,
                });
            }
        }
    }
}
