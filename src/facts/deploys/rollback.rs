//! What takes a deployment back by itself: workflows, scripts, and switches of the platforms.

use super::Sign;
use crate::evidence::Blob;
use crate::facts::Facts;
use crate::facts::recipe::{Act, Recipe, role_of_name};
use crate::facts::shell::role::Role;
use crate::facts::tree::Role as FileRole;
use crate::facts::workflow::Workflow;

/// Jobs that roll back, or that deploy in a workflow or job which is named so.
pub(super) fn by_workflow(workflow: &Workflow) -> Vec<Sign> {
    let mut found = Vec::new();
    for (job, step, act) in workflow.acts() {
        if job.never_runs() || step.never_runs() {
            continue;
        }
        let named = [
            workflow.name.as_str(),
            job.id.as_str(),
            job.name.as_deref().unwrap_or_default(),
            step.name.as_deref().unwrap_or_default(),
        ];
        let named = named.iter().any(|name| says_rollback(name)) || says_rollback(&workflow.path);
        let rolls_back = act.roles.contains(&Role::RollsBack);
        if rolls_back || (named && act.roles.iter().any(|role| role.is_deployment())) {
            found.push(Sign { span: act.span.clone(), note: format!("job {} rolls back", job.id) });
        } else if undoes_itself(act) {
            found.push(Sign { span: act.span.clone(), note: "a failed upgrade is rolled back".to_owned() });
        }
    }
    found
}

/// `rollback`, `roll back`, `revert release`, however it is spelt.
pub(super) fn says_rollback(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
    let follows = words.windows(2).any(|pair| pair == ["roll", "back"] || pair[0] == "revert");
    follows || words.iter().any(|word| matches!(*word, "rollback" | "rollbacks" | "revert"))
}

/// Helm takes a failed upgrade back when told so.
fn undoes_itself(act: &Act) -> bool {
    let is_helm = act.words.iter().any(|word| word.ends_with("helm") || word.ends_with("helmfile"));
    is_helm
        && act.roles.contains(&Role::Deploys)
        && act.words.iter().any(|word| matches!(word.as_str(), "--atomic" | "--rollback-on-failure"))
}

/// Programs that put an earlier version in place when a script named after rolling back runs them.
const PROGRAMS: &[&str] =
    &["git", "docker", "docker-compose", "kubectl", "helm", "ssh", "aws", "gcloud", "az", "systemctl", "pm2", "ln"];

/// A script that rolls back: by what it runs, or by its name and what it runs.
pub(super) fn by_recipe(recipe: &Recipe, acts: &[Act]) -> Option<Sign> {
    let direct = acts
        .iter()
        .find(|act| act.roles.contains(&Role::RollsBack) && act.words.first().is_some_and(|word| word != "git"));
    let name = recipe.name.rsplit('/').next().unwrap_or_default();
    let named = role_of_name(name) == Some(Role::RollsBack) || says_rollback(name);
    let database = ["db", "database", "migration", "migrations", "migrate", "schema"].iter().any(|word| {
        name.to_ascii_lowercase().split(|letter: char| !letter.is_ascii_alphanumeric()).any(|part| part == *word)
    });
    let by_name = acts.iter().filter(|_| named && !database).find(|act| {
        let program = act.words.first().map_or("", String::as_str);
        act.roles.iter().any(|role| role.is_deployment()) || PROGRAMS.contains(&program)
    });
    let act = direct.or(by_name)?;
    Some(Sign { span: act.span.clone(), note: "a script that rolls back".to_owned() })
}

/// A line that turns it on: a word that the line holds, and one that must stand near it.
struct Switch {
    word: &'static str,
    near: &'static [&'static str],
    /// How many lines before and after are near.
    reach: (usize, usize),
    note: &'static str,
}

/// In lower case, without blanks, quotes, `_` and `-`. Sources: the platforms' references.
const SWITCHES: &[Switch] = &[
    Switch {
        word: "rollback:true",
        near: &["circuitbreaker"],
        reach: (6, 0),
        note: "a failed deployment is rolled back",
    },
    Switch {
        word: "rollback=true",
        near: &["circuitbreaker"],
        reach: (6, 0),
        note: "a failed deployment is rolled back",
    },
    Switch {
        word: "autorollbackconfiguration",
        near: &["enabled=true", "enabled:true"],
        reach: (0, 6),
        note: "a failed deployment is rolled back",
    },
    Switch { word: "autorollback:{", near: &["true"], reach: (0, 6), note: "a failed deployment is rolled back" },
    Switch {
        word: "deploymentpreference:",
        near: &["alarms:"],
        reach: (0, 15),
        note: "an alarm rolls the deployment back",
    },
    Switch { word: "failureaction:rollback", near: &[], reach: (0, 0), note: "a failed update is rolled back" },
    Switch { word: "autorevert=true", near: &[], reach: (0, 0), note: "a failed deployment is reverted" },
    Switch { word: "autorollback=true", near: &[], reach: (0, 0), note: "a failed deployment is rolled back" },
    Switch {
        word: "strategy:rollback",
        near: &["remediation"],
        reach: (6, 0),
        note: "a failed upgrade is rolled back",
    },
    Switch { word: "repairrolloutrule", near: &["rollback"], reach: (0, 12), note: "a failed rollout is rolled back" },
    Switch { word: "kind:rollout", near: &["argoproj"], reach: (3, 3), note: "a rollout that is aborted goes back" },
    Switch { word: "kind:canary", near: &["flagger"], reach: (3, 3), note: "a canary that fails goes back" },
];

const KINDS: &[&str] = &[
    ".tf",
    ".ts",
    ".js",
    ".py",
    ".yml",
    ".yaml",
    ".json",
    ".toml",
    ".hcl",
    ".nomad",
    ".go",
    ".java",
    ".kt",
    ".cs",
    ".template",
];

/// Switches of the platforms, in manifests and in infrastructure code.
pub(super) fn switches(facts: &Facts) -> Vec<Sign> {
    let own = |blob: &Blob| {
        let role = facts.tree().role(blob.path());
        let read = matches!(role, FileRole::Production | FileRole::Config | FileRole::Script);
        read && KINDS.iter().any(|kind| blob.path().ends_with(kind))
    };
    facts.snapshot.blobs().filter(|blob| own(blob)).filter_map(|blob| switch(blob)).collect()
}

fn switch(blob: &Blob) -> Option<Sign> {
    let mentions = ["ollback", "revert", "DeploymentPreference", "Rollout", "rollout", "Canary", "evert"];
    if !mentions.iter().any(|word| blob.text().contains(word)) {
        return None;
    }
    let lines: Vec<String> = blob.lines().map(|(_, line)| folded(line)).collect();
    SWITCHES.iter().find_map(|switch| {
        let at = (0..lines.len()).find(|at| {
            let from = at.saturating_sub(switch.reach.0);
            let to = (at + switch.reach.1 + 1).min(lines.len());
            let near = || lines[from..to].iter().any(|line| switch.near.iter().any(|word| line.contains(word)));
            lines[*at].contains(switch.word) && (switch.near.is_empty() || near())
        })?;
        Some(Sign { span: blob.line(at as u32 + 1), note: switch.note.to_owned() })
    })
}

/// A line in lower case without blanks, quotes, hyphens and underscores; empty for a comment.
fn folded(line: &str) -> String {
    let bare = line.trim_start();
    if ["#", "//", "*", "--"].iter().any(|mark| bare.starts_with(mark)) {
        return String::new();
    }
    let code = bare.split(" #").next().unwrap_or_default().split(" //").next().unwrap_or_default();
    let kept = code.chars().filter(|letter| !letter.is_whitespace() && !"\"'_-,;".contains(*letter));
    kept.flat_map(char::to_lowercase).collect()
}
