//! What the text of a repository says, typed, read on demand and without judgement.
//!
//! Each store is read at most once, from the thread that judges. A store may read its files in parallel, but must
//! ask for the other stores it needs before it does: a pool thread that waits for a store would wait for itself.

pub mod alerts;
pub mod caches;
pub mod clients;
pub mod code;
pub mod contract;
pub mod credentials;
pub mod deployment;
pub mod deploys;
pub mod dockerfile;
pub mod docs;
pub mod effects;
pub mod endpoints;
pub mod gitignore;
pub mod health;
pub mod hooks;
pub mod integration;
pub mod json;
pub mod live;
pub mod logs;
pub mod manifests;
pub mod metrics;
pub mod quality;
pub mod recipe;
pub mod rehearsal;
pub mod rotation;
pub mod routes;
pub mod schedules;
pub mod secret_value;
pub mod secrets;
pub mod shape;
pub mod shell;
pub mod sieve;
pub mod statuses;
pub mod sync;
pub mod terraform;
pub mod toolchain;
pub mod tree;
pub mod webhooks;
pub mod workflow;
pub mod xml;
pub mod yaml;

use crate::evidence::Evidence;
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use jiff::civil::Date;
use std::sync::OnceLock;

/// A file that a store had to read and could not, with the place and the reason.
#[derive(Debug, Clone)]
pub struct Unread(pub Evidence);

/// One kind of fact, made from the snapshot.
pub trait Facet: Sized {
    fn read(facts: &Facts) -> Self;

    /// The files that belong to this store and could not be read.
    fn unread(&self) -> &[Unread] {
        &[]
    }
}

macro_rules! stores {
    ($($(#[$doc:meta])* $name:ident, $variant:ident: $kind:ty;)*) => {
        /// The stores of facts, as a check names those it looks into.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Store { $($(#[$doc])* $variant,)* }

        /// Everything a check may look at.
        pub struct Facts<'a> {
            pub(in crate::facts) snapshot: &'a Snapshot,
            settings: &'a Settings,
            today: Date,
            $($name: OnceLock<$kind>,)*
        }

        impl<'a> Facts<'a> {
            pub fn new(snapshot: &'a Snapshot, settings: &'a Settings, today: Date) -> Self {
                Self { snapshot, settings, today, $($name: OnceLock::new(),)* }
            }

            $($(#[$doc])* pub fn $name(&self) -> &$kind {
                self.$name.get_or_init(|| <$kind as Facet>::read(self))
            })*

            /// What could not be read in a store.
            pub fn unread(&self, store: Store) -> &[Unread] {
                match store { $(Store::$variant => self.$name().unread(),)* }
            }
        }
    };
}

stores! {
    /// Which files there are, and which of them are production source.
    tree, Tree: tree::Tree;
    /// Packages, their dependencies, scripts and runtimes.
    manifests, Manifests: manifests::Manifests;
    /// What the repository integrates with.
    integration, Integration: integration::Integration;
    /// Credentials that stand in the tree.
    secrets, Secrets: secrets::Secrets;
    /// What git would ignore.
    gitignore, Gitignore: gitignore::Gitignore;
    /// What looks for secrets when somebody commits.
    hooks, Hooks: hooks::Hooks;
    /// Dockerfiles, and the images that are made without one.
    dockerfiles, Dockerfiles: dockerfile::Dockerfiles;
    /// What Terraform and OpenTofu make.
    terraform, Terraform: terraform::Terraform;
    /// Alert rules as code.
    alerts, Alerts: alerts::Alerts;
    /// Named pieces of work: package scripts, make targets, script files.
    recipes, Recipes: recipe::Recipes;
    /// Whether the repository deploys something, and how it would be taken back.
    deploys, Deploys: deploys::Deploys;
    /// Headings, sections and code blocks of the documents.
    docs, Docs: docs::Docs;
    /// Pipelines: triggers, jobs, steps and what they do.
    workflows, Workflows: workflow::Workflows;
    /// What runs in production, on every platform.
    deployment, Deployment: deployment::Deployment;
    /// API credentials: used, handed over, lying open.
    credentials, Credentials: credentials::Credentials;
    /// Schedules that rotate API keys.
    rotations, Rotations: rotation::Rotations;
    /// What production source does, in every language that is read.
    code, Code: code::Code;
    /// Which outbound calls go to the API that the repository integrates with.
    clients, Clients: clients::Clients;
    /// What kind of life the code leads.
    shapes, Shapes: shape::Shapes;
    /// How production source logs.
    logs, Logs: logs::Logs;
    /// What a service says about its health.
    health, Health: health::Health;
    /// The paths that the program answers on.
    routes, Routes: routes::Routes;
    /// Where requests come in, with the code that answers them.
    endpoints, Endpoints: endpoints::Endpoints;
    /// What production source changes outside itself.
    effects, Effects: effects::Effects;
    /// Changes of the status of remote objects.
    statuses, Statuses: statuses::Statuses;
    /// Which of them read a collection, page by page or not.
    lists, Lists: clients::Lists;
    /// How the calls agree with the published API of MaintainX.
    contract, Contract: contract::Contract;
    /// What is done about each request when the API fails.
    rehearsals, Rehearsals: rehearsal::Rehearsals;
    /// Handlers that a remote system calls with events.
    webhooks, Webhooks: webhooks::Webhooks;
    /// What runs again and again.
    schedules, Schedules: schedules::Schedules;
    /// Data that is copied again and again.
    sync, Sync: sync::Sync;
    /// Whether calls to APIs are counted and timed.
    metrics, Metrics: metrics::Metrics;
    /// How reference data is cached that is read from an API.
    caches, Caches: caches::Caches;
    /// What a live run heard.
    live, Live: live::Live;
    /// The commands that test, lint and check the types of this project.
    toolchain, Toolchain: toolchain::Toolchain;
    /// What the reports of the project's own tools say.
    quality, Quality: quality::Quality;
}

impl Facts<'_> {
    pub fn settings(&self) -> &Settings {
        self.settings
    }

    /// The day of the judgement: an argument, never the clock.
    pub fn today(&self) -> Date {
        self.today
    }
}
