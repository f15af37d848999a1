//! The API key comes from a secret manager.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::credentials::{Credentials, Name, Supply};
use crate::facts::deployment::{Environment, SecretKind, Source, Variable, Workload};
use crate::facts::dockerfile::StepKind;
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "secret-manager",
    title: "The API key comes from a secret manager",
    area: Area::Auth,
    priority: Priority::P0,
    reads: &[Store::Tree, Store::Deployment, Store::Dockerfiles, Store::Workflows],
    page: include_str!("secret_manager.md"),
    judge,
};

/// More places of use than these tell nothing new.
const SHOWN: usize = 5;

fn judge(facts: &Facts) -> Outcome {
    let credentials = facts.credentials();
    let mut wiring = Wiring::default();
    wiring.findings.extend(credentials.faults.iter().map(|fault| Evidence::at(fault.span.clone(), fault.note.clone())));
    wiring.images(facts);
    wiring.deployments(facts);
    for supply in credentials.supplies.iter().filter(|supply| reaches(credentials, supply)) {
        wiring.supplies.push(Evidence::at(supply.span.clone(), supply.note.clone()));
    }
    if credentials.uses.is_empty() && wiring.findings.is_empty() {
        return Outcome::not_applicable("production source uses no API credential");
    }
    wiring.conclude(credentials)
}

/// A supply counts for the credentials it names, or for all where it names none.
fn reaches(credentials: &Credentials, supply: &Supply) -> bool {
    let deciding = credentials.deciding();
    if supply.partial {
        let given: Vec<&Name> = credentials.supplies.iter().flat_map(|supply| &supply.names).collect();
        return !deciding.is_empty() && deciding.iter().all(|name| given.contains(name));
    }
    supply.names.is_empty() || deciding.is_empty() || supply.names.iter().any(|name| credentials.decides(name.shown()))
}

/// What the files around the code show of the way a credential takes.
#[derive(Default)]
struct Wiring {
    findings: Vec<Evidence>,
    supplies: Vec<Evidence>,
    /// Env files that a production manifest loads.
    env_files: Vec<Evidence>,
    /// Handed over, and nothing says from where.
    open: Vec<Evidence>,
}

impl Wiring {
    /// `ENV` and `ARG` stay in the image.
    fn images(&mut self, facts: &Facts) {
        for image in facts.dockerfiles().production() {
            for step in image.file.stages.iter().flat_map(|stage| &stage.steps) {
                let StepKind::Variable { name, source, build, .. } = &step.kind else { continue };
                if !facts.credentials().decides(name) {
                    continue;
                }
                let note = match source {
                    Some(Source::Literal { placeholder: false, empty: false }) => format!("{name} is baked into the image"),
                    Some(Source::Substituted(_)) if !build => format!("{name} is kept in the image"),
                    None => format!("{name} is a build argument, which stays in the image's history"),
                    _ => continue,
                };
                self.findings.push(Evidence::at(step.span.clone(), note));
            }
        }
    }

    fn deployments(&mut self, facts: &Facts) {
        let deployment = facts.deployment();
        let deployed = deployment.workloads.iter().filter(|workload| workload.environment != Environment::Development);
        for workload in deployed {
            let own = workload.containers.iter().filter(|container| !container.foreign);
            for variable in own.flat_map(|container| &container.environment) {
                self.variable(facts.credentials(), workload, variable);
            }
        }
        for secret in &deployment.secrets {
            let is_other = ["db", "postgres", "mysql", "redis", "tls", "regcred", "pull"].iter().any(|word| secret.name.to_lowercase().contains(word));
            if secret.kind == (SecretKind::Plain { placeholder: false }) && !is_other {
                self.findings.push(Evidence::at(secret.span.clone(), format!("the secret {} lies in clear in the repository", secret.name)));
            }
        }
    }

    fn variable(&mut self, credentials: &Credentials, workload: &Workload, variable: &Variable) {
        let span = variable.span.clone();
        let name = &variable.name;
        let decides = credentials.decides(name);
        let in_production = workload.environment == Environment::Production;
        match &variable.source {
            Source::Secret(secret) if in_production && name.is_empty() => {
                self.supplies.push(Evidence::at(span, format!("{} takes its environment from the secret {secret}", workload.name)));
            }
            Source::Secret(_) if in_production && decides => self.supplies.push(Evidence::at(span, format!("{name} comes from a secret"))),
            Source::Literal { placeholder: false, empty: false } if decides => {
                self.findings.push(Evidence::at(span, format!("{name} is a literal in the manifest")));
            }
            Source::EnvFile(file) if in_production => self.env_files.push(Evidence::at(span, format!("{} loads {file}", workload.name))),
            Source::Substituted(_) if decides => self.open.push(Evidence::at(span, format!("{name} is filled in by whoever deploys"))),
            _ => {}
        }
    }

    fn conclude(mut self, credentials: &Credentials) -> Outcome {
        if self.findings.is_empty() && self.supplies.is_empty() {
            self.findings.append(&mut self.env_files);
        }
        let uses = credentials.uses.iter().filter(|used| used.name.is_empty() || credentials.decides(used.name.shown()));
        let uses = uses.take(SHOWN).map(|used| match used.name.shown() {
            "" => Evidence::at(used.span.clone(), "sends a credential"),
            name => Evidence::at(used.span.clone(), format!("reads {name}")),
        });
        if !self.findings.is_empty() {
            return Outcome::fail(self.findings).with_evidence(self.supplies);
        }
        if !self.supplies.is_empty() {
            return Outcome::pass(self.supplies);
        }
        let reason = "the key is read from the environment or settings, and nothing in the repository says who puts it there";
        Outcome::manual(reason, uses.chain(self.open))
    }
}
