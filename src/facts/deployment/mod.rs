//! What runs in production, and how: one model for every platform, so that a check is written once.
//!
//! Each platform is a module that reads its own files into [`Workload`]s; no check knows which one it was.

mod amazon;
mod balancer;
mod commands;
mod compose;
mod container;
mod draft;
mod fly;
pub(in crate::facts) mod helm;
mod hosts;
mod images;
mod kubernetes;
mod kustomize;
mod model;
pub(in crate::facts) mod parsed;
pub(in crate::facts) mod places;
mod secret_objects;
mod serverless;
mod terraform;
mod values;

pub use container::{built_container, runs_container};
pub use model::*;
pub use values::probe_path;

use super::{Facet, Facts, Unread};

/// Reads one family of manifests and adds what it finds.
type Reader = fn(&Facts, &mut Deployment);

/// The platforms, one reader each. A later one may look at what the earlier ones found.
const READERS: &[Reader] = &[
    kubernetes::read,
    terraform::read,
    fly::read,
    serverless::read,
    hosts::read,
    amazon::read,
    commands::read,
    // A compose file that only builds is for development where another platform runs the image.
    compose::read,
    balancer::read,
];

/// All workloads, and the manifests that could not be read.
#[derive(Debug, Default)]
pub struct Deployment {
    pub workloads: Vec<Workload>,
    pub secrets: Vec<SecretObject>,
    pub stray_scalers: Vec<StrayScaler>,
    /// Health checks of load balancers, which no container holds.
    pub balancers: Vec<Probe>,
    pub unread: Vec<Unread>,
}

impl Deployment {
    /// What is deployed to production.
    pub fn production(&self) -> impl Iterator<Item = &Workload> {
        self.workloads.iter().filter(|workload| workload.environment == Environment::Production)
    }
}

impl Facet for Deployment {
    fn read(facts: &Facts) -> Self {
        let mut deployment = Self::default();
        for reader in READERS {
            reader(facts, &mut deployment);
        }
        deployment
    }

    fn unread(&self) -> &[Unread] {
        &self.unread
    }
}
