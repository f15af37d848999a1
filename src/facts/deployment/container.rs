//! Whether the repository builds a container that runs in production.

use super::{Life, Platform, Workload};
use crate::evidence::Span;
use crate::facts::Facts;

/// What shows that a container is built for production: an image's recipe, or a manifest that runs one of ours.
pub fn built_container(facts: &Facts) -> Option<Span> {
    let dockerfiles = facts.dockerfiles();
    let image = dockerfiles.production().find_map(|image| image.chain().first().map(|stage| stage.from.clone()));
    let builder = || dockerfiles.builders().first().map(|builder| builder.span.clone());
    let run = || facts.deployment().production().find(|workload| runs_container(workload));
    image.or_else(builder).or_else(|| run().map(|workload| workload.span.clone()))
}

/// A workload that runs an image of ours, rather than a function or another project's image.
pub fn runs_container(workload: &Workload) -> bool {
    let is_container_platform = !matches!(
        workload.platform,
        Platform::CloudFunctions
            | Platform::Workers
            | Platform::Vercel
            | Platform::Supabase
            | Platform::Systemd
            | Platform::Heroku
            | Platform::AppService
            | Platform::Lambda
    );
    // These run source as well, by a runtime of their own.
    let may_run_source = matches!(workload.platform, Platform::AppEngine | Platform::Render);
    let runs_image =
        || workload.containers.iter().any(|container| container.build.is_some() || container.image.is_some());
    is_container_platform
        && (!may_run_source || runs_image())
        && workload.life != Life::Function
        && workload.containers.iter().any(|container| !container.foreign)
}
