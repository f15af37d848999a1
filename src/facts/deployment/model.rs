//! The words for what runs: workloads, containers, limits, probes, variables, scaling.

use crate::evidence::Span;

/// Where a workload runs. The name is the platform's own, as a report says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    Kubernetes,
    Helm,
    Compose,
    CloudRun,
    Ecs,
    AppRunner,
    AppService,
    ContainerApps,
    AppEngine,
    Lambda,
    CloudFunctions,
    Workers,
    Vercel,
    Supabase,
    Fly,
    Nomad,
    Kamal,
    Render,
    Heroku,
    Systemd,
}

/// What kind of life it leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Runs until it is stopped.
    Service,
    /// Runs and ends; may be scheduled.
    Job,
    /// Started by the platform for each event.
    Function,
}

/// Which environment a manifest is for, by its path, name, profile or overlay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    Production,
    /// Staging, test, preview: deployed, but not what goes live.
    Other,
    /// A developer's own machine.
    Development,
}

/// Something that the repository deploys.
#[derive(Debug, Clone)]
pub struct Workload {
    pub platform: Platform,
    pub life: Life,
    pub environment: Environment,
    pub name: String,
    /// The head of its definition.
    pub span: Span,
    /// Every container of it, with the init containers and sidecars.
    pub containers: Vec<Container>,
    pub scaling: Scaling,
    /// Something sends it requests: it has a port, a route, a service or an ingress of the platform.
    pub listens: bool,
    /// A schedule of the platform's own (CronJob, EventBridge rule, cron trigger).
    pub schedule: Option<Schedule>,
}

impl Workload {
    /// Its name for a note.
    pub fn title(&self) -> String {
        spoken(&self.name)
    }
}

impl Container {
    /// Its name for a note.
    pub fn title(&self) -> String {
        spoken(&self.name)
    }
}

/// A name without the actions of a template, of which only the name that they look up says something:
/// `orders-worker` of `{{ include "orders.fullname" . }}-worker`.
fn spoken(name: &str) -> String {
    let mut said = String::new();
    let mut rest = name;
    while let Some((before, action, after)) = rest
        .split_once("{{")
        .and_then(|(before, rest)| rest.split_once("}}").map(|(inner, after)| (before, inner, after)))
    {
        let quoted = action.split('"').nth(1).and_then(|text| text.split('.').next());
        said.push_str(before);
        said.push_str(quoted.filter(|text| !text.is_empty()).unwrap_or("…"));
        rest = after;
    }
    said.push_str(rest);
    if !name.is_empty() && said.trim_matches(['…', '-']).is_empty() {
        "the workload of the chart".to_owned()
    } else {
        said
    }
}

/// A container of a workload, or the function's own sandbox.
#[derive(Debug, Clone)]
pub struct Container {
    pub name: String,
    pub image: Option<String>,
    /// How the manifest builds the image, where it does.
    pub build: Option<Build>,
    /// The image is another project's (a database, a proxy beside ours), not built here.
    pub foreign: bool,
    pub span: Span,
    pub cpu: Limit,
    pub memory: Limit,
    pub user: RunAs,
    pub environment: Vec<Variable>,
    pub probes: Vec<Probe>,
}

/// A container image that a manifest builds: paths relative to the root of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    pub context: String,
    pub dockerfile: String,
    /// The stage that is built, where it is not the last one.
    pub target: Option<String>,
}

/// A limit on a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Limit {
    Set(Span),
    /// The platform gives each its fixed size, or a namespace default applies: the reason.
    Inherent(String),
    Missing,
    /// Only rendering or another file that is not here could tell: the place.
    Unknown(Span),
}

/// The user a manifest makes a container run as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunAs {
    NonRoot(Span),
    Root(Span),
    /// Whatever the image says.
    Image,
}

/// An environment variable that a manifest hands over, or a source of many.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Empty where a whole source is handed over (`envFrom`, `env_file`).
    pub name: String,
    pub source: Source,
    pub span: Span,
}

/// Where a variable's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A secret store or secret object of the platform: its name.
    Secret(String),
    /// A literal in the manifest. The value itself is not kept: only whether it looks like a placeholder.
    Literal { placeholder: bool, empty: bool },
    /// A reference to the deployer's own environment or a template variable.
    Substituted(String),
    /// An env file, by its path.
    EnvFile(String),
    /// A config map or other plain configuration.
    Config(String),
}

/// A probe of the platform or of compose.
#[derive(Debug, Clone)]
pub struct Probe {
    pub kind: ProbeKind,
    pub reach: Reach,
    /// The HTTP path that it asks, also where a command (`curl …/health`) does; none for other probes.
    pub path: Option<String>,
    pub span: Span,
}

/// How a probe asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Http,
    /// Only that a port is open.
    Tcp,
    Grpc,
    /// A command inside the container.
    Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeKind {
    Readiness,
    Startup,
    Liveness,
    /// A health check of compose, ECS, Fly, a load balancer: it decides who gets traffic.
    Health,
}

/// How many copies run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scaling {
    /// A scaler with its bounds. A default of the platform is written here; none means that only rendering could
    /// tell the lower bound, or that there is no upper one.
    Automatic {
        minimum: Option<u32>,
        maximum: Option<u32>,
        span: Span,
    },
    /// A number of copies that nothing changes.
    Fixed {
        copies: Option<u32>,
        span: Span,
    },
    /// The platform scales by itself, with nothing to set.
    Inherent,
    Unknown(Span),
}

/// A cron expression or rate, with what it means where that is known.
#[derive(Debug, Clone)]
pub struct Schedule {
    pub expression: String,
    pub span: Span,
}

/// An object of the platform that holds or fetches secrets.
#[derive(Debug, Clone)]
pub struct SecretObject {
    pub name: String,
    pub kind: SecretKind,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretKind {
    /// Filled from a secret manager (ExternalSecret, SecretProviderClass, a Vault or 1Password operator).
    External,
    /// Encrypted in the repository (SealedSecret, SOPS).
    Sealed,
    /// In clear in the repository; a placeholder holds no real value.
    Plain { placeholder: bool },
}

/// A scaler whose workload is nowhere in the repository.
#[derive(Debug, Clone)]
pub struct StrayScaler {
    pub target: String,
    pub span: Span,
}

#[cfg(test)]
mod tests {
    use super::spoken;

    #[test]
    fn a_template_s_name_is_said_as_far_as_it_tells() {
        let cases = [
            ("orders", "orders"),
            ("{{ include \"orders.fullname\" . }}-worker", "orders-worker"),
            ("{{ .Release.Name }}-api", "…-api"),
            ("{{ .Release.Name }}", "the workload of the chart"),
            ("", ""),
        ];
        for (written, said) in cases {
            assert_eq!(spoken(written), said, "{written}");
        }
    }
}
