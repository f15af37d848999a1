//! Azure Pipelines: stages, jobs and steps of `azure-pipelines.yml`.

use super::condition::Condition;
use super::gitlab::script_step;
use super::resolve::step;
use super::{Job, Provider, Step, Workflow};
use crate::evidence::{Blob, Evidence};
use crate::facts::recipe::{Act, Recipes};
use crate::facts::shell::role::Role;
use crate::facts::yaml::{Yaml, documents};
use std::sync::Arc;

pub(super) fn workflow(blob: &Arc<Blob>, recipes: &Recipes) -> Result<Vec<Workflow>, Evidence> {
    let Some(root) = documents(blob)?.into_iter().next().filter(Yaml::is_mapping) else { return Ok(Vec::new()) };
    Ok(vec![Workflow::on_push(Provider::Azure, blob, root.span(), jobs_of(&root, recipes))])
}

fn jobs_of(root: &Yaml, recipes: &Recipes) -> Vec<Job> {
    let mut jobs: Vec<Job> = Vec::new();
    let mut staged: Vec<(String, Vec<String>)> = Vec::new();
    for stage in root.get("stages").map(|stages| stages.items()).unwrap_or_default() {
        let name = text(&stage, "stage").unwrap_or_default();
        // Without `dependsOn` a stage follows the one before it.
        let depends = match stage.get("dependsOn") {
            Some(list) => list.items_or_self().iter().filter_map(|item| item.text().map(str::to_owned)).collect(),
            None => staged.last().map(|(name, _)| vec![name.clone()]).unwrap_or_default(),
        };
        let before: Vec<String> =
            staged.iter().filter(|(name, _)| depends.contains(name)).flat_map(|(_, ids)| ids.clone()).collect();
        let made = members(&stage, &name, &before, condition(&stage), recipes);
        staged.push((name, made.iter().map(|job| job.id.clone()).collect()));
        jobs.extend(made);
    }
    if jobs.is_empty() {
        jobs = members(root, "", &[], None, recipes);
    }
    jobs
}

/// The jobs of a stage, or the file's own steps as one job.
fn members(stage: &Yaml, name: &str, before: &[String], outer: Option<Condition>, recipes: &Recipes) -> Vec<Job> {
    let listed = stage.get("jobs").map(|jobs| jobs.items()).unwrap_or_default();
    if listed.is_empty() {
        let steps = stage.get("steps");
        let made =
            steps.map(|list| Job { needs: before.to_vec(), ..Job::new(name, list.span(), steps_of(&list, recipes)) });
        return made.into_iter().collect();
    }
    let id = |job: &Yaml| text(job, "job").or_else(|| text(job, "deployment")).unwrap_or_default();
    let made = listed.iter().map(|job| {
        let depends = job.get("dependsOn").map(|list| list.items_or_self()).unwrap_or_default();
        let own = depends.iter().filter_map(|item| item.text()).map(|other| format!("{name}/{other}"));
        let steps = job.get("steps").or_else(|| {
            let strategies = job.get("strategy")?.entries();
            strategies.into_iter().find_map(|(_, strategy)| strategy.at(&["deploy", "steps"]))
        });
        Job {
            needs: before.iter().cloned().chain(own).collect(),
            condition: condition(job).or_else(|| outer.clone()),
            environment: job.get("environment").and_then(|value| {
                let name = value.get("name").unwrap_or(value);
                Some((name.text()?.to_owned(), name.span()))
            }),
            tolerated: job.get("continueOnError").and_then(|value| value.truth()) == Some(true),
            ..Job::new(
                &format!("{name}/{}", id(job)),
                job.span(),
                steps.map(|list| steps_of(&list, recipes)).unwrap_or_default(),
            )
        }
    });
    made.collect()
}

fn text(yaml: &Yaml, key: &str) -> Option<String> {
    yaml.get(key).and_then(|value| value.text().map(str::to_owned))
}

/// Azure's functions are GitHub's by other names.
fn condition(yaml: &Yaml) -> Option<Condition> {
    let written = text(yaml, "condition")?;
    let asks_success =
        written.contains("succeeded()") && !written.contains("or(") && !written.contains("succeededOrFailed");
    let calls = if asks_success {
        "success() && other"
    } else if written.contains("always()") || written.contains("Failed") {
        "always()"
    } else {
        "other"
    };
    // A condition without succeeded() replaces the default one.
    Some(Condition::read(if calls == "other" { "always() && other" } else { calls }))
}

/// Tasks of the marketplace, by the head of their name.
const TASKS: &[(&str, Role)] = &[
    ("AzureWebApp", Role::Deploys),
    ("AzureRmWebAppDeployment", Role::Deploys),
    ("AzureFunctionApp", Role::Deploys),
    ("AzureContainerApps", Role::Deploys),
    ("AzureStaticWebApp", Role::Deploys),
    ("AzureResourceManagerTemplateDeployment", Role::Deploys),
    ("KubernetesManifest", Role::Deploys),
    ("HelmDeploy", Role::Deploys),
    ("AzureSpringCloud", Role::Deploys),
    ("CopyFilesOverSSH", Role::Deploys),
    ("SSH@", Role::Deploys),
    ("DotNetCoreCLI", Role::Tests),
    ("VSTest", Role::Tests),
    ("Maven", Role::Tests),
    ("Gradle", Role::Tests),
    ("Docker@", Role::PublishesImage),
    ("NuGetCommand", Role::PublishesPackage),
];

fn steps_of(list: &Yaml, recipes: &Recipes) -> Vec<Step> {
    list.items().iter().map(|item| step_of(item, recipes)).collect()
}

fn step_of(item: &Yaml, recipes: &Recipes) -> Step {
    let script = ["script", "bash", "powershell", "pwsh"].iter().find_map(|key| item.get(key));
    let inline = || item.at(&["inputs", "script"]).or_else(|| item.at(&["inputs", "inlineScript"]));
    let mut made = match script.or_else(inline) {
        Some(script) => script_step(&script, recipes),
        None => step(item.span()),
    };
    made.span = item.span();
    made.name = text(item, "displayName");
    made.tolerated = item.get("continueOnError").and_then(|value| value.truth()) == Some(true);
    made.condition = condition(item);
    made.uses = text(item, "task");
    let command = item.at(&["inputs", "command"]).and_then(|value| value.text().map(str::to_ascii_lowercase));
    let role = made
        .uses
        .as_deref()
        .and_then(|task| TASKS.iter().find(|(head, _)| task.starts_with(head)))
        .map(|(_, role)| *role);
    let fits = match (made.uses.as_deref().unwrap_or_default(), command.as_deref()) {
        (task, Some(command)) if task.starts_with("DotNetCoreCLI") => command == "test",
        (task, command) if task.starts_with("DotNetCoreCLI") => command.is_some(),
        (task, Some(command)) if task.starts_with("Docker@") => command.contains("push"),
        (task, Some(command)) if task.starts_with("NuGetCommand") => command == "push",
        (task, Some(command)) if task.starts_with("HelmDeploy") => matches!(command, "upgrade" | "install"),
        _ => true,
    };
    if let Some(role) = role.filter(|_| fits) {
        let words = made.uses.clone().into_iter().collect();
        let (span, folder) = (made.span.clone(), String::new());
        made.acts.push(Act { roles: vec![role], stops: true, words, variables: Vec::new(), folder, span, via: None });
    }
    made
}
