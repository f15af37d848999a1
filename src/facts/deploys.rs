//! Whether the repository deploys something, by what, and how it would be taken back by itself.

mod rollback;

use super::deployment::Environment;
use super::recipe::Runner;
use super::shell::role::Role;
use super::tree::Role as FileRole;
use super::{Facet, Facts};
use crate::evidence::Span;

/// One thing that shows it.
#[derive(Debug, Clone)]
pub struct Sign {
    pub span: Span,
    pub note: String,
}

/// What deploys, and what rolls back.
#[derive(Debug, Default)]
pub struct Deploys {
    /// Workflows, scripts and manifests that change a running environment.
    signs: Vec<Sign>,
    /// What takes a deployment back: a workflow or script, or a switch of the platform.
    rollbacks: Vec<Sign>,
    /// It publishes an image, a package or a site.
    publishes: Option<Span>,
}

impl Deploys {
    pub fn signs(&self) -> &[Sign] {
        &self.signs
    }

    pub fn rollbacks(&self) -> &[Sign] {
        &self.rollbacks
    }

    pub fn publishes(&self) -> Option<&Span> {
        self.publishes.as_ref()
    }
}

impl Facet for Deploys {
    fn read(facts: &Facts) -> Self {
        let mut found = Self::default();
        found.workloads(facts);
        found.workflows(facts);
        found.recipes(facts);
        found.manifests(facts);
        found.rollbacks.extend(rollback::switches(facts));
        found
    }
}

/// Files by which a platform knows what to deploy: the end of their path, and a word that their text must hold.
const MANIFESTS: &[(&str, &str, &str)] = &[
    ("fly.toml", "app", "Fly"),
    ("wrangler.toml", "", "Cloudflare"),
    ("wrangler.json", "", "Cloudflare"),
    ("wrangler.jsonc", "", "Cloudflare"),
    ("vercel.json", "", "Vercel"),
    ("netlify.toml", "", "Netlify"),
    ("serverless.yml", "service", "Serverless"),
    ("serverless.yaml", "service", "Serverless"),
    ("serverless.ts", "service", "Serverless"),
    ("render.yaml", "services", "Render"),
    ("app.yaml", "runtime", "App Engine"),
    ("Procfile", ":", "Heroku"),
    ("heroku.yml", "", "Heroku"),
    ("config/deploy.yml", "image", "Kamal"),
    ("config/deploy.yaml", "image", "Kamal"),
    ("samconfig.toml", "", "SAM"),
    ("cdk.json", "app", "CDK"),
    ("apprunner.yaml", "", "App Runner"),
    ("amplify.yml", "", "Amplify"),
    ("railway.toml", "", "Railway"),
    ("railway.json", "", "Railway"),
    ("skaffold.yaml", "", "Skaffold"),
    ("Pulumi.yaml", "runtime", "Pulumi"),
    ("sst.config.ts", "", "SST"),
    ("kustomization.yaml", "", "Kustomize"),
    ("kustomization.yml", "", "Kustomize"),
    ("azure.yaml", "services", "Azure"),
    ("captain-definition", "", "CapRover"),
    ("copilot/manifest.yml", "", "Copilot"),
    ("nixpacks.toml", "", "Nixpacks"),
    ("zappa_settings.json", "", "Zappa"),
    (".chalice/config.json", "", "Chalice"),
    ("Chart.yaml", "name", "Helm"),
];

impl Deploys {
    fn sign(&mut self, span: Span, note: impl Into<String>) {
        self.signs.push(Sign { span, note: note.into() });
    }

    fn workloads(&mut self, facts: &Facts) {
        for workload in &facts.deployment().workloads {
            if workload.environment != Environment::Development {
                self.sign(workload.span.clone(), format!("{} is deployed", workload.name));
            }
        }
    }

    fn workflows(&mut self, facts: &Facts) {
        for release in facts.workflows().releases() {
            if release.role.is_deployment() {
                self.sign(release.at, format!("job {} deploys", release.job));
            } else {
                self.publishes.get_or_insert(release.at);
            }
        }
        for workflow in facts.workflows().all() {
            // A job may publish first and deploy later.
            for job in workflow.jobs.iter().filter(|job| job.deploys() && !job.never_runs() && !workflow.is_preview()) {
                let at =
                    job.releases().into_iter().find(|(_, _, act)| act.roles.iter().any(|role| role.is_deployment()));
                at.into_iter().for_each(|(_, _, act)| self.sign(act.span.clone(), format!("job {} deploys", job.id)));
            }
            self.rollbacks.extend(rollback::by_workflow(workflow));
        }
    }

    fn recipes(&mut self, facts: &Facts) {
        for recipe in facts.recipes().all() {
            let path = recipe.span().path().to_owned();
            if matches!(
                facts.tree().role(&path),
                FileRole::Example | FileRole::Fixture | FileRole::Test | FileRole::Vendored
            ) {
                continue;
            }
            let acts: Vec<_> = recipe
                .commands
                .iter()
                .flat_map(|command| {
                    facts.recipes().expand(
                        command,
                        if recipe.runner == Runner::Script { "" } else { &recipe.folder },
                        &recipe.span_of(command),
                    )
                })
                .collect();
            let own_cluster = acts.iter().any(|act| act.roles.contains(&Role::StartsCluster));
            let deploying = acts.iter().find(|act| act.roles.iter().any(|role| role.is_deployment()));
            if let Some(act) = deploying.filter(|_| !own_cluster) {
                self.sign(act.span.clone(), "a script that deploys");
            }
            self.rollbacks.extend(rollback::by_recipe(recipe, &acts));
        }
    }

    fn manifests(&mut self, facts: &Facts) {
        let own = facts.snapshot.blobs().filter(|blob| {
            matches!(facts.tree().role(blob.path()), FileRole::Production | FileRole::Config | FileRole::Script)
        });
        for blob in own {
            let known = MANIFESTS.iter().find(|(end, word, _)| {
                let ends = blob.path().strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
                ends && blob.text().contains(word)
            });
            if let Some((_, _, platform)) = known {
                self.sign(blob.line(1), format!("a manifest for {platform}"));
            }
        }
    }
}
