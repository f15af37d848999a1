//! The container runs as a user other than root.

use crate::check::{Area, Check};
use crate::evidence::Evidence;
use crate::facts::deployment::{Container, RunAs};
use crate::facts::dockerfile::base::ImageUser;
use crate::facts::dockerfile::{Image, User};
use crate::facts::{Facts, Store};
use crate::outcome::{Outcome, Priority};

pub static CHECK: Check = Check {
    id: "non-root-user",
    title: "The container runs as a user other than root",
    area: Area::Deployment,
    priority: Priority::P1,
    reads: &[Store::Dockerfiles, Store::Deployment],
    page: include_str!("non_root_user.md"),
    judge,
};

fn judge(facts: &Facts) -> Outcome {
    let dockerfiles = facts.dockerfiles();
    if !dockerfiles.builds_production_container() {
        return Outcome::not_applicable("the repository builds no container that runs in production");
    }
    let images: Vec<Image> = dockerfiles.production().collect();
    let mut said = Said::default();
    for image in &images {
        if let Some(user) = image.user() {
            said.weigh(user, &containers_of(facts, image, images.len()));
        }
    }
    for builder in dockerfiles.builders() {
        let (span, tool) = (builder.span.clone(), builder.kind.word());
        let user = match &builder.user {
            ImageUser::NonRoot(reason) => User::NonRoot(span, reason.clone()),
            ImageUser::Root => User::Root(span, format!("{tool} makes an image that runs as root")),
            ImageUser::Unknown => User::Unknown(span, format!("{tool} starts from an image that is not known here")),
        };
        said.weigh(user, &own_containers(facts));
    }
    said.conclude()
}

#[derive(Default)]
struct Said {
    findings: Vec<Evidence>,
    unknown: Vec<Evidence>,
    evidence: Vec<Evidence>,
}

impl Said {
    /// A manifest overrides the image, both ways.
    fn weigh(&mut self, user: User, containers: &[&Container]) {
        let roots = containers.iter().filter_map(|container| match &container.user {
            RunAs::Root(span) => Some(Evidence::at(span.clone(), format!("{} is made to run as root", container.title()))),
            _ => None,
        });
        let roots: Vec<Evidence> = roots.collect();
        let others: Vec<Evidence> = (containers.iter())
            .filter_map(|container| match &container.user {
                RunAs::NonRoot(span) => Some(Evidence::at(span.clone(), format!("{} is made to run as another user", container.title()))),
                _ => None,
            })
            .collect();
        let all_others = !containers.is_empty() && others.len() == containers.len();
        match user {
            _ if !roots.is_empty() => self.findings.extend(roots),
            User::NonRoot(span, note) => self.evidence.push(Evidence::at(span, note)),
            _ if all_others => self.evidence.extend(others),
            User::Root(span, note) => self.findings.push(Evidence::at(span, note)),
            User::Unknown(span, note) => self.unknown.push(Evidence::at(span, note)),
        }
    }

    fn conclude(mut self) -> Outcome {
        for list in [&mut self.findings, &mut self.unknown, &mut self.evidence] {
            let mut seen = Vec::new();
            list.retain(|evidence| !seen.contains(evidence) && { seen.push(evidence.clone()); true });
        }
        if !self.findings.is_empty() {
            return Outcome::fail(self.findings).with_evidence(self.unknown).with_evidence(self.evidence);
        }
        if !self.unknown.is_empty() {
            let reason = "nothing in the repository says who the image runs as";
            return Outcome::manual(reason, self.unknown.into_iter().chain(self.evidence));
        }
        Outcome::pass(self.evidence)
    }
}

fn own_containers<'a>(facts: &'a Facts) -> Vec<&'a Container> {
    let containers = facts.deployment().production().flat_map(|workload| &workload.containers);
    containers.filter(|container| !container.foreign).collect()
}

/// The containers that run an image: those that build it, or those of its name, or, for an only image, all.
fn containers_of<'a>(facts: &'a Facts, image: &Image, images: usize) -> Vec<&'a Container> {
    let own = own_containers(facts);
    let path = image.file.path();
    let builds_another = |container: &&Container| container.build.as_ref().is_some_and(|build| build.dockerfile != path);
    let own: Vec<&Container> = own.into_iter().filter(|container| !builds_another(container)).collect();
    if images == 1 {
        return own;
    }
    let folder = path.rsplit('/').nth(1).unwrap_or_default();
    let named = |container: &&Container| {
        let image = container.image.as_deref().unwrap_or(&container.name);
        let name = image.rsplit('/').next().unwrap_or_default().split([':', '@']).next().unwrap_or_default();
        container.build.is_some() || !folder.is_empty() && (name.contains(folder) || container.name.contains(folder))
    };
    let matching: Vec<&Container> = own.iter().copied().filter(named).collect();
    if matching.is_empty() { own } else { matching }
}
