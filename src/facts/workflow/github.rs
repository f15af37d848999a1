//! GitHub's workflows, with the composite actions of the repository in place of the steps that use them.

use super::condition::Condition;
use super::resolve::{pairs, script_acts, step};
use super::{Job, Provider, Step, Trigger, Workflow, actions};
use crate::evidence::{Blob, Evidence, Span};
use crate::facts::recipe::{Act, Recipes};
use crate::facts::shell::role::Role;
use crate::facts::shell::{Strictness, call::Call, commands, joined};
use crate::facts::yaml::{Yaml, documents};
use crate::snapshot::Snapshot;
use std::sync::Arc;

/// Only files right in this folder are workflows.
pub(super) fn is_workflow(path: &str) -> bool {
    let name = path.strip_prefix(".github/workflows/").unwrap_or_default();
    !name.contains('/') && (name.ends_with(".yml") || name.ends_with(".yaml"))
}

/// How deep composite actions may use one another.
const MAX_NESTING: usize = 8;

pub(super) fn workflow(blob: &Arc<Blob>, snapshot: &Snapshot, recipes: &Recipes) -> Result<Vec<Workflow>, Evidence> {
    let Some(root) = documents(blob)?.into_iter().next().filter(Yaml::is_mapping) else { return Ok(Vec::new()) };
    let reader = Reader {
        snapshot,
        recipes,
        environment: pairs(root.get("env")),
        defaults: Defaults::of(&root, &Defaults::default()),
    };
    let jobs = root.get("jobs").map(|jobs| jobs.entries()).unwrap_or_default();
    let name = root.get("name").and_then(|name| name.text().map(str::to_owned));
    Ok(vec![Workflow {
        provider: Provider::GitHub,
        path: blob.path().to_owned(),
        name: name.unwrap_or_else(|| blob.path().to_owned()),
        span: root.span(),
        triggers: triggers(&root),
        jobs: jobs.iter().filter_map(|(key, job)| reader.job(key, job)).collect(),
    }])
}

/// `on:` as a word, a list or a mapping.
fn triggers(root: &Yaml) -> Vec<Trigger> {
    let Some(on) = root.get("on") else { return Vec::new() };
    if on.is_mapping() {
        return on.entries().iter().filter_map(|(key, value)| Some(trigger(key.text()?, key, Some(value)))).collect();
    }
    on.items_or_self().iter().filter_map(|item| Some(trigger(item.text()?, item, None))).collect()
}

fn trigger(event: &str, at: &Yaml, value: Option<&Yaml>) -> Trigger {
    let texts = |key: &str| -> Vec<String> {
        let list = value.and_then(|value| value.get(key)).map(|list| list.items_or_self()).unwrap_or_default();
        list.iter().filter_map(|item| item.text().map(str::to_owned)).collect()
    };
    let schedules = value.map(|value| value.items()).unwrap_or_default();
    let cron = |entry: &Yaml| entry.get("cron").and_then(|cron| Some((cron.text()?.to_owned(), cron.span())));
    Trigger {
        event: event.to_owned(),
        span: at.span(),
        crons: schedules.iter().filter_map(cron).collect(),
        workflows: texts("workflows"),
        types: texts("types"),
        paths: texts("paths"),
    }
}

/// `defaults.run`.
#[derive(Debug, Clone, Default)]
struct Defaults {
    folder: String,
    shell: Option<String>,
}

impl Defaults {
    fn of(yaml: &Yaml, outer: &Self) -> Self {
        let run = yaml.at(&["defaults", "run"]);
        let text = |key: &str| run.as_ref().and_then(|run| run.get(key)?.text().map(str::to_owned));
        Self {
            folder: text("working-directory").map_or(outer.folder.clone(), |folder| joined("", &folder)),
            shell: text("shell").or(outer.shell.clone()),
        }
    }
}

struct Reader<'a> {
    snapshot: &'a Snapshot,
    recipes: &'a Recipes,
    environment: Vec<(String, String, Span)>,
    defaults: Defaults,
}

impl Reader<'_> {
    fn job(&self, key: &Yaml, job: &Yaml) -> Option<Job> {
        let texts = |name: &str| -> Vec<String> {
            let list = job.get(name).map(|list| list.items_or_self()).unwrap_or_default();
            list.iter().filter_map(|item| item.text().map(str::to_owned)).collect()
        };
        let environment = job.get("environment").and_then(|value| {
            let name = if value.is_mapping() { value.get("name")? } else { value };
            Some((name.text()?.to_owned(), name.span()))
        });
        let inherited = self.environment.iter().cloned().chain(pairs(job.get("env"))).collect::<Vec<_>>();
        let defaults = Defaults::of(job, &self.defaults);
        let written = job.get("steps").map(|steps| steps.items()).unwrap_or_default();
        let calls = job.get("uses").and_then(|uses| Some((uses.text()?.to_owned(), uses.span())));
        let permissions = job.get("permissions").map(|value| match value.text() {
            Some(all) => vec![all.to_owned()],
            None => pairs(Some(value)).into_iter().map(|(scope, access, _)| format!("{scope}: {access}")).collect(),
        });
        Some(Job {
            id: key.text()?.to_owned(),
            name: job.get("name").and_then(|name| name.text().map(str::to_owned)),
            span: key.span(),
            needs: texts("needs"),
            condition: condition(job),
            environment,
            tolerated: is_tolerated(job),
            manual: false,
            calls,
            steps: written.iter().flat_map(|step| self.steps(step, &inherited, &defaults, None, 0)).collect(),
            permissions: permissions.unwrap_or_default(),
        })
    }

    /// A step, or those of the composite action that it uses. `outer` is the step in the workflow itself.
    fn steps(
        &self,
        yaml: &Yaml,
        inherited: &[(String, String, Span)],
        defaults: &Defaults,
        outer: Option<&Step>,
        nesting: usize,
    ) -> Vec<Step> {
        let mut made = step(outer.map_or_else(|| yaml.span(), |outer| outer.span.clone()));
        made.name = yaml.get("name").and_then(|name| name.text().map(str::to_owned));
        made.condition = match (condition(yaml), outer.and_then(|outer| outer.condition.clone())) {
            (Some(own), Some(outer)) => Some(Condition::All(Box::new(own), Box::new(outer))),
            (own, outer) => own.or(outer),
        };
        made.tolerated = is_tolerated(yaml) || outer.is_some_and(|outer| outer.tolerated);
        made.inputs =
            pairs(yaml.get("with")).into_iter().map(|(key, value, _)| (key.to_ascii_lowercase(), value)).collect();
        made.environment = inherited.iter().cloned().chain(pairs(yaml.get("env"))).collect();
        made.uses = yaml.get("uses").and_then(|uses| uses.text().map(str::to_owned));
        let folder = yaml.get("working-directory").and_then(|folder| folder.text().map(|folder| joined("", folder)));
        let defaults = Defaults { folder: folder.unwrap_or_else(|| defaults.folder.clone()), ..defaults.clone() };
        if let Some(run) = yaml.get("run") {
            let shell = yaml.get("shell").and_then(|shell| shell.text().map(str::to_owned)).or(defaults.shell.clone());
            made.acts = script_acts(&run, &defaults.folder, strictness(shell.as_deref()), self.recipes);
            if let Some(outer) = outer {
                made.acts.iter_mut().for_each(|act| {
                    act.via = Some(std::mem::replace(&mut act.span, outer.span.clone()));
                });
            }
        }
        told_by_words(&mut made);
        match made.uses.clone().as_deref().and_then(local) {
            Some(folder) => self.composite(&folder, made, &defaults, nesting),
            None => {
                self.act_of_action(&mut made, &defaults);
                vec![made]
            }
        }
    }

    /// The steps of a composite action of this repository.
    fn composite(&self, folder: &str, mut outer: Step, defaults: &Defaults, nesting: usize) -> Vec<Step> {
        let names = ["action.yml", "action.yaml"].map(|name| joined(folder, name));
        let blob = names.iter().find_map(|path| self.snapshot.blob(path));
        let steps = blob.and_then(|blob| documents(blob).ok()?.first()?.at(&["runs", "steps"]));
        let Some(steps) = steps.filter(|_| nesting < MAX_NESTING) else {
            outer.opaque = blob.is_none();
            return vec![outer];
        };
        let inner = Defaults { folder: String::new(), shell: defaults.shell.clone() };
        let environment = outer.environment.clone();
        steps
            .items()
            .iter()
            .flat_map(|step| self.steps(step, &environment, &inner, Some(&outer), nesting + 1))
            .collect()
    }

    fn act_of_action(&self, made: &mut Step, defaults: &Defaults) {
        let Some(action) = made.action() else { return };
        let inputs = made.inputs.clone();
        let input = |name: &str| inputs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        if let Some(script) = actions::script(&action, &input) {
            let folder = ["working-directory", "workingdirectory"].iter().find_map(|name| input(name));
            let folder = folder.map_or(defaults.folder.clone(), |folder| joined("", &folder));
            let read = commands(&script, Strictness::ERREXIT);
            let acts = read.iter().flat_map(|command| self.recipes.expand(command, &folder, &made.span));
            made.acts = acts.collect();
            return;
        }
        let roles = actions::roles(&action, &input);
        if let Some(script) = actions::image_build(&action, &input) {
            let read = commands(&script, Strictness::ERREXIT);
            made.acts = read.iter().flat_map(|command| self.recipes.expand(command, "", &made.span)).collect();
        }
        made.opaque = roles.is_empty();
        if !roles.is_empty() {
            made.acts.push(act(made, roles, &defaults.folder));
        }
    }
}

fn act(step: &Step, roles: Vec<Role>, folder: &str) -> Act {
    Act {
        roles,
        stops: true,
        words: step.uses.clone().into_iter().collect(),
        variables: Vec::new(),
        folder: folder.to_owned(),
        span: step.span.clone(),
        via: None,
    }
}

/// The folder of an action of this repository: `./path`, or `$/path`, which is the same at the running commit.
pub(super) fn local(uses: &str) -> Option<String> {
    let path = uses.strip_prefix("./").or_else(|| uses.strip_prefix("$/"))?;
    Some(joined("", path.split('@').next().unwrap_or(path)))
}

fn condition(yaml: &Yaml) -> Option<Condition> {
    yaml.get("if").and_then(|value| value.text().map(Condition::read))
}

/// `continue-on-error`, unless an expression decides it for some legs of a matrix only.
fn is_tolerated(yaml: &Yaml) -> bool {
    yaml.get("continue-on-error").and_then(|value| value.truth()) == Some(true)
        || yaml
            .get("continue-on-error")
            .is_some_and(|value| value.text().is_some_and(|text| text.replace(' ', "") == "${{true}}"))
}

/// `bash` named is `bash -eo pipefail`; not named it is `bash -e`.
fn strictness(shell: Option<&str>) -> Strictness {
    match shell {
        Some("bash") => Strictness::STRICT,
        Some(custom) if custom.contains("{0}") => Strictness {
            errexit: custom
                .split_whitespace()
                .any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains('e')),
            pipefail: custom.contains("pipefail"),
        },
        _ => Strictness::ERREXIT,
    }
}

/// What no table of programs knows: a deploy hook, or a step that is called a deployment.
fn told_by_words(made: &mut Step) {
    let hooks: Vec<bool> = made.acts.iter().map(|act| calls_deploy_hook(made, act)).collect();
    for (act, _) in made.acts.iter_mut().zip(hooks).filter(|(act, is_hook)| *is_hook && act.roles.is_empty()) {
        act.roles.push(Role::Deploys);
    }
    if deploys_by_name(made)
        && let Some(last) = made.acts.last_mut()
    {
        last.roles.push(Role::Deploys);
    }
}

/// A deploy hook: a request to an address whose name, or whose variable's value, says that it deploys.
fn calls_deploy_hook(step: &Step, act: &Act) -> bool {
    let Some(call) = Call::of(&act.words) else { return false };
    if !matches!(call.program, "curl" | "wget" | "http" | "https" | "Invoke-WebRequest" | "Invoke-RestMethod") {
        return false;
    }
    let mut skip = false;
    let addresses = call.args.iter().filter(|arg| {
        let is_value = std::mem::replace(
            &mut skip,
            matches!(
                arg.as_str(),
                "-d" | "--data" | "-H" | "--header" | "-o" | "-F" | "--data-raw" | "-X" | "--request" | "-u"
            ),
        );
        !is_value && !arg.starts_with('-')
    });
    let valued = |arg: &String| {
        let name = arg.trim_start_matches('$').trim_matches(['{', '}', '"']);
        let set = step.environment.iter().rev().find(|(key, _, _)| arg.starts_with('$') && key == name);
        set.map_or_else(|| arg.clone(), |(key, value, _)| format!("{key} {value}")).to_ascii_lowercase()
    };
    let asks = ["status", "health", "deployments?", "/logs"];
    addresses.map(valued).any(|address| {
        ["deploy", "build_hooks", "buildhook"].iter().any(|word| address.contains(word))
            && !asks.iter().any(|word| address.contains(word))
    })
}

/// A step that is called a deployment, and runs something that no table knows.
fn deploys_by_name(step: &Step) -> bool {
    let name = step.name.as_deref().unwrap_or_default().to_ascii_lowercase();
    let says = name.starts_with("deploy ") || name == "deploy" || name.starts_with("trigger deploy");
    let silent = [
        "echo", "cat", "cd", "mkdir", "sleep", "curl", "cp", "export", "set", "exit", "test", "[", "[[", "jq", "sed",
        "printf",
    ];
    let unknown =
        |act: &Act| act.roles.is_empty() && act.words.first().is_some_and(|word| !silent.contains(&word.as_str()));
    says && !step.acts.is_empty() && step.acts.iter().all(|act| act.roles.is_empty()) && step.acts.iter().any(unknown)
}
