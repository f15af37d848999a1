//! Terraform and OpenTofu: resources with their attributes evaluated as far as the files say.
//!
//! Variables take the production `.tfvars` or their defaults, locals and local modules are followed, `count` and
//! `for_each` drop what is not made. What only a plan could tell stays a [`Kind::Reference`] or unknown.

mod eval;
mod functions;
mod modules;
mod value;

use super::{Facet, Facts, Unread};
use crate::evidence::{Blob, Evidence, Span};
use std::sync::Arc;

pub use functions::{of_yaml, structured_text};
pub use value::{Block, Body, Kind, Value};

/// A `resource` or `data` block that the configuration makes.
#[derive(Debug, Clone)]
pub struct Resource {
    /// `google_cloud_run_v2_service`, …
    pub kind: String,
    pub name: String,
    /// A `data` block: read, not made.
    pub is_data: bool,
    /// The folder of the root module that makes it.
    pub root: String,
    /// The first line of the block.
    pub span: Span,
    pub body: Body,
}

impl Resource {
    /// How other blocks refer to it.
    pub fn address(&self) -> String {
        let data = if self.is_data { "data." } else { "" };
        format!("{data}{}.{}", self.kind, self.name)
    }
}

/// Everything that the configurations make.
#[derive(Debug, Default)]
pub struct Terraform {
    resources: Vec<Resource>,
    /// Calls of modules that are not in the repository, as a resource of the module's source.
    remote_modules: Vec<Resource>,
    unread: Vec<Unread>,
}

impl Terraform {
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter().filter(|resource| !resource.is_data)
    }

    /// Resources of one kind.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.resources().filter(move |resource| resource.kind == kind)
    }

    pub fn data(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter().filter(|resource| resource.is_data)
    }

    /// Calls of modules that are not in the repository; their kind is the module's source.
    pub fn remote_modules(&self) -> &[Resource] {
        &self.remote_modules
    }

    /// The resource that a reference names: `aws_ecs_service.api.name` → `aws_ecs_service.api`.
    pub fn referenced(&self, reference: &str) -> Option<&Resource> {
        let parts: Vec<&str> = reference.split(['.', '[']).collect();
        let (is_data, kind, name) = match parts.as_slice() {
            ["data", kind, name, ..] => (true, kind, name),
            [kind, name, ..] => (false, kind, name),
            _ => return None,
        };
        self.resources
            .iter()
            .find(|resource| resource.is_data == is_data && resource.kind == **kind && resource.name == **name)
    }
}

/// Another file in HCL (Nomad, Waypoint), evaluated without variables from outside.
pub fn body_of(blob: &Arc<Blob>) -> Result<Body, Evidence> {
    let raw = hcl_edit::parser::parse_body(blob.text())
        .map_err(|error| Evidence::at(blob.line(error.location().line() as u32), "no valid HCL"))?;
    let none = |_: &str| None;
    Ok(eval::Scope::new("", &none).body(blob, &raw, &Vec::new()))
}

impl Facet for Terraform {
    fn read(facts: &Facts) -> Self {
        modules::read(facts)
    }

    fn unread(&self) -> &[Unread] {
        &self.unread
    }
}
