//! Dockerfiles: stages, instructions, and which of them make the images that run in production.

pub mod base;
mod builders;
mod builds;
pub mod packages;
mod parse;
mod production;
mod shape;
mod words;

use super::{Facet, Facts, Unread};
use crate::evidence::{Blob, Span};
use std::sync::Arc;

pub use builders::{Builder, Kind};
pub use builds::{WORDS as BUILD_WORDS, is_interesting as may_name_builds};
pub use shape::{Shape, User};

/// One Dockerfile that could be read.
#[derive(Debug)]
pub struct Dockerfile {
    blob: Arc<Blob>,
    pub stages: Vec<Stage>,
}

/// What a `FROM` opens.
#[derive(Debug)]
pub struct Stage {
    /// In lower case, as Docker compares it.
    pub name: Option<String>,
    /// The `FROM` line.
    pub from: Span,
    pub base: Base,
    pub steps: Vec<Step>,
}

/// What a stage starts from, with build arguments expanded by their defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// An earlier stage of the same file.
    Stage(usize),
    Image(String),
    /// A build argument without a default decides.
    Unknown(String),
}

/// One instruction of a stage.
#[derive(Debug)]
pub struct Step {
    pub span: Span,
    pub kind: StepKind,
}

#[derive(Debug)]
pub enum StepKind {
    /// `USER`, expanded; none where a build argument without a default decides.
    User(Option<String>),
    /// `COPY`, `ADD` or a mount of `RUN`; `from` is none for the build context.
    Copy {
        from: Option<Copied>,
        sources: Vec<String>,
        target: String,
    },
    /// The commands with here-documents, continued lines joined.
    Run(String),
    /// `ENV`, or `ARG` with `build`; no value is kept. The source is none for an `ARG` without a default.
    Variable {
        name: String,
        source: Option<super::deployment::Source>,
        build: bool,
        /// It makes package managers leave out what only development needs.
        production: bool,
    },
    Entrypoint(String),
    Command(String),
    Healthcheck,
}

/// Where `--from` points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copied {
    Stage(usize),
    Image(String),
}

impl Stage {
    /// What is copied from stages and other images.
    pub fn copies(&self) -> impl Iterator<Item = (&Span, &Copied)> {
        self.steps.iter().filter_map(|step| match &step.kind {
            StepKind::Copy { from: Some(from), .. } => Some((&step.span, from)),
            _ => None,
        })
    }
}

impl Dockerfile {
    pub fn path(&self) -> &str {
        self.blob.path()
    }

    pub fn blob(&self) -> &Arc<Blob> {
        &self.blob
    }

    /// The stage with the stages that it starts from, itself first.
    pub fn chain(&self, stage: usize) -> Vec<&Stage> {
        let mut chain: Vec<&Stage> = Vec::new();
        let mut next = self.stages.get(stage);
        while let Some(stage) = next {
            chain.push(stage);
            next = match stage.base {
                // A stage can only start from an earlier one, so this ends.
                Base::Stage(index) if chain.len() <= self.stages.len() => self.stages.get(index),
                _ => None,
            };
        }
        chain
    }

    /// The stages that end up in the image of this one: those it starts from or copies from, and itself.
    pub fn used_by(&self, stage: usize) -> Vec<usize> {
        let mut used = vec![stage];
        let mut at = 0;
        while let Some(stage) = used.get(at).and_then(|index| self.stages.get(*index)) {
            let base = if let Base::Stage(index) = stage.base { Some(index) } else { None };
            let copied = stage
                .copies()
                .filter_map(|(_, from)| if let Copied::Stage(index) = from { Some(*index) } else { None });
            for index in base.into_iter().chain(copied) {
                if !used.contains(&index) {
                    used.push(index);
                }
            }
            at += 1;
        }
        used
    }
}

/// An image that runs in production: a Dockerfile and the stage that is deployed.
#[derive(Debug, Clone, Copy)]
pub struct Image<'a> {
    pub file: &'a Dockerfile,
    pub target: usize,
    /// Further dependencies of development are listed in the manifest beside it.
    pub development_listed: bool,
}

impl<'a> Image<'a> {
    /// The deployed stage and those it starts from, itself first.
    pub fn chain(&self) -> Vec<&'a Stage> {
        self.file.chain(self.target)
    }

    /// The public name of the image at the root of the chain, where it is known.
    pub fn base(&self) -> Option<&'a str> {
        match &self.chain().last()?.base {
            Base::Image(image) => Some(image),
            _ => None,
        }
    }
}

/// All Dockerfiles, and the tools that make images without one.
#[derive(Debug, Default)]
pub struct Dockerfiles {
    files: Vec<Dockerfile>,
    /// Indices of files with the deployed stage of each.
    deployed: Vec<(usize, usize, bool)>,
    builders: Vec<Builder>,
    unread: Vec<Unread>,
}

impl Dockerfiles {
    /// Every Dockerfile, whatever it is for.
    pub fn all(&self) -> impl Iterator<Item = &Dockerfile> {
        self.files.iter()
    }

    /// The images that run in production.
    pub fn production(&self) -> impl Iterator<Item = Image<'_>> {
        self.deployed.iter().filter_map(|(file, target, development_listed)| {
            Some(Image { file: self.files.get(*file)?, target: *target, development_listed: *development_listed })
        })
    }

    /// Buildpacks, jib, ko and the like, where no Dockerfile makes the image.
    pub fn builders(&self) -> &[Builder] {
        &self.builders
    }

    /// The repository makes a container that runs in production.
    pub fn builds_production_container(&self) -> bool {
        !self.deployed.is_empty() || !self.builders.is_empty()
    }
}

impl Facet for Dockerfiles {
    fn read(facts: &Facts) -> Self {
        production::read(facts)
    }

    fn unread(&self) -> &[Unread] {
        &self.unread
    }
}
