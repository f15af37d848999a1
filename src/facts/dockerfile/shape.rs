//! What an image is made like: what its deployed stage does itself, what it copies, and who it runs as.

use super::base::{self, ImageUser, Interpreted};
use super::packages::{self, Setting};
use super::{Base, Copied, Dockerfile, Image, Stage, StepKind};
use crate::evidence::Span;

/// How the deployed stage comes about.
#[derive(Debug, Default)]
pub struct Shape {
    /// It builds the program itself: the line of it.
    pub builds: Option<Span>,
    /// It starts from a stage that builds the program: that stage's name.
    pub from_builder: Option<String>,
    /// What it copies from stages that are not part of it.
    pub copies: Vec<(Span, String)>,
    /// It copies the whole file system of another stage.
    pub copies_everything: Option<Span>,
    /// Dependencies of development come in.
    pub development: Option<Span>,
    /// A compiler is installed and stays.
    pub compiler: Option<Span>,
    /// Output of a build that took place outside is copied in.
    pub prebuilt: Option<Span>,
    /// Its programs run from their source.
    pub interpreted: bool,
    pub slim: bool,
    /// Nothing in it but what is copied: scratch, distroless.
    pub bare: bool,
}

/// Who the image runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum User {
    NonRoot(Span, String),
    Root(Span, String),
    Unknown(Span, String),
}

impl Image<'_> {
    /// The line that opens the deployed stage.
    pub fn from(&self) -> Option<&Span> {
        self.chain().first().map(|stage| &stage.from)
    }

    pub fn shape(&self) -> Shape {
        let chain = self.chain();
        let image = self.base().unwrap_or_default();
        let mut shape = Shape { slim: base::is_slim(image), bare: base::is_bare(image), ..Shape::default() };
        let language = base::interpreted(image);
        shape.interpreted = language.is_some_and(|language| language != Interpreted::Plain || is_web_server(image));
        let mut setting = Setting { none_listed: !self.development_listed, ..Setting::default() };
        // From the root of the chain on, so that what is set early holds later.
        for (depth, stage) in chain.iter().enumerate().rev() {
            let inherited = depth > 0;
            for step in &stage.steps {
                match &step.kind {
                    StepKind::Variable { name, production: true, .. } => setting.learn(name),
                    StepKind::Run(command) => {
                        if packages::builds(command) && inherited {
                            shape.from_builder.get_or_insert(stage.name.clone().unwrap_or_else(|| "before".to_owned()));
                        } else if packages::builds(command) {
                            shape.builds.get_or_insert(step.span.clone());
                        }
                        if packages::installs_development(command, setting) {
                            shape.development.get_or_insert(step.span.clone());
                        }
                        if packages::leaves_compiler(command) {
                            shape.compiler.get_or_insert(step.span.clone());
                        }
                        shape.interpreted |= packages::installs_interpreter(command);
                    }
                    StepKind::Copy { from: Some(Copied::Stage(index)), sources, target } if !self.is_own(*index) => {
                        let name = self
                            .file
                            .stages
                            .get(*index)
                            .and_then(|stage| stage.name.clone())
                            .unwrap_or_else(|| index.to_string());
                        if target == "/" && sources.iter().any(|source| source == "/") && does_build(self.file, *index)
                        {
                            shape.copies_everything.get_or_insert(step.span.clone());
                        } else if does_work(self.file, *index) {
                            shape.copies.push((step.span.clone(), name));
                        }
                    }
                    StepKind::Copy { from: None, sources, .. }
                        if sources.iter().any(|source| is_build_output(source)) =>
                    {
                        shape.prebuilt.get_or_insert(step.span.clone());
                    }
                    _ => {}
                }
            }
        }
        shape
    }

    fn is_own(&self, index: usize) -> bool {
        let Some(stage) = self.file.stages.get(index) else { return false };
        self.chain().iter().any(|own| std::ptr::eq(*own, stage))
    }

    /// The user of the last `USER` on the way to the deployed stage, or of the base image.
    pub fn user(&self) -> Option<User> {
        let chain = self.chain();
        let first = chain.first()?;
        for stage in &chain {
            let users = stage.steps.iter().rev().filter_map(|step| match &step.kind {
                StepKind::User(user) => Some((step.span.clone(), user)),
                _ => None,
            });
            match users.into_iter().next() {
                Some((span, Some(user))) if is_root(user) => {
                    return Some(User::Root(span, format!("the last USER is {}", shown(user))));
                }
                Some((span, Some(user))) => return Some(User::NonRoot(span, format!("the last USER is {user}"))),
                Some((span, None)) => {
                    return Some(User::Unknown(
                        span,
                        "the last USER comes from a build argument without a default".to_owned(),
                    ));
                }
                None => {}
            }
        }
        Some(of_base(chain.last()?, first.from.clone()))
    }
}

fn of_base(root: &Stage, from: Span) -> User {
    match &root.base {
        Base::Image(image) => match base::user(image) {
            ImageUser::NonRoot(reason) => User::NonRoot(root.from.clone(), reason),
            ImageUser::Root => User::Root(from, format!("no USER, and {image} runs as root")),
            ImageUser::Unknown => User::Unknown(
                root.from.clone(),
                format!("no USER, and {image} is not a public image that is known here"),
            ),
        },
        Base::Unknown(name) => {
            User::Unknown(root.from.clone(), format!("no USER, and {name} is a build argument without a default"))
        }
        Base::Stage(_) => User::Unknown(from, "no USER".to_owned()),
    }
}

/// Root by its name or number, with or without a group.
pub fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default().trim();
    let is_zero = !name.is_empty() && name.bytes().all(|byte| byte == b'0');
    is_zero
        || name.is_empty()
        || name.eq_ignore_ascii_case("root")
        || name.eq_ignore_ascii_case("ContainerAdministrator")
}

fn shown(user: &str) -> &str {
    if user.is_empty() { "empty" } else { user }
}

/// A stage that a program could come from: it runs something, or takes in files.
fn does_work(file: &Dockerfile, index: usize) -> bool {
    let works =
        |stage: &Stage| stage.steps.iter().any(|step| matches!(step.kind, StepKind::Run(_) | StepKind::Copy { .. }));
    file.chain(index).into_iter().any(works)
}

fn does_build(file: &Dockerfile, index: usize) -> bool {
    let builds = |stage: &Stage| {
        stage.steps.iter().any(|step| matches!(&step.kind, StepKind::Run(command) if packages::builds(command) || packages::leaves_compiler(command)))
    };
    file.chain(index).into_iter().any(builds)
}

fn is_web_server(image: &str) -> bool {
    ["nginx", "httpd", "caddy"].iter().any(|name| image.contains(name))
}

/// `dist`, `target/*.jar`, `bin/app`: made by a build before the image.
fn is_build_output(source: &str) -> bool {
    let first = source.trim_start_matches("./").trim_start_matches('/');
    let ends = [".jar", ".war", ".exe", ".whl"];
    let folder = first.split('/').next().unwrap_or_default();
    matches!(folder, "dist" | "build" | "target" | "out" | "publish" | ".next" | ".output")
        || ends.iter().any(|end| first.ends_with(end))
}
