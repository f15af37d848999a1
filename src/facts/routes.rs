//! The paths that the program answers on, in every framework: registered, decorated, compared or given by a file.

mod by_file;
mod code;

pub use by_file::file_route;

use super::{Facet, Facts};
use crate::evidence::{Blob, Span};
use crate::facts::code::Language;
use crate::facts::tree::is_source;
use regex::Regex;
use std::sync::LazyLock;

/// More paths than this are not kept from one repository.
const MAX_ROUTES: usize = 5_000;

/// A path that the program serves.
#[derive(Debug, Clone)]
pub struct Route {
    /// As written, with a slash in front and what is known of its prefix.
    pub path: String,
    pub span: Span,
    /// It is there only where a platform or a setting turns it on: a probe may ask it, but it proves nothing alone.
    pub is_conditional: bool,
}

/// All paths, and where the image opens a port.
#[derive(Debug, Default)]
pub struct Routes {
    pub all: Vec<Route>,
    /// `EXPOSE` of a Dockerfile of production.
    pub exposed: Option<Span>,
}

/// Last words of a path that says whether the program is ready.
const READY: [&str; 10] = [
    "ready",
    "readyz",
    "readiness",
    "readinessz",
    "_ready",
    "is-ready",
    "is_ready",
    "isready",
    "readycheck",
    "ready-check",
];
/// What may stand in front of them: `/orders/ready` lists orders.
const BEFORE: [&str; 22] = [
    "api",
    "actuator",
    "health",
    "healthz",
    "healthcheck",
    "health-check",
    "health_check",
    "q",
    "_",
    "-",
    "internal",
    "management",
    "manage",
    "ops",
    "status",
    "system",
    "probe",
    "probes",
    "k8s",
    "ht",
    "monitoring",
    "public",
];
/// A path in a line that registers a route, in languages whose syntax is not read.
static LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:\b(?:route|get|path|scope|service|resource|at|any)\b!?\s*[(\["]|#\[get\(|=>)\s*\(?"?(/[A-Za-z0-9_/.-]{0,80})""#)
        .expect("a fixed pattern")
});
static EXPOSE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?mi)^[ \t]*EXPOSE[ \t]+\S").expect("a fixed pattern"));
static PROBES_ENABLED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"health\.probes\.enabled\s*[=:]\s*true|(?m)^\s+probes:\s*\n\s+enabled:\s*true")
        .expect("a fixed pattern")
});

impl Route {
    /// Whether its name says that it tells when the program is ready.
    pub fn is_readiness(&self) -> bool {
        let lower = self.path.to_ascii_lowercase();
        let mut parts: Vec<&str> = segments(&lower).collect();
        let is_version = |part: &str| part.strip_prefix('v').is_some_and(|rest| rest.parse::<u8>().is_ok());
        let last = parts.pop().unwrap_or_default();
        !self.is_conditional
            && READY.contains(&last)
            && parts.iter().all(|part| BEFORE.contains(part) || is_version(part))
    }

    /// Whether a request of this path is answered here; what stands in front may be where it is mounted.
    fn serves(&self, asked: &str) -> bool {
        let own: Vec<&str> = segments(&self.path).collect();
        let asked: Vec<&str> = segments(asked).collect();
        let tail = asked.len().checked_sub(own.len()).and_then(|start| asked.get(start..));
        !own.is_empty() && tail == Some(own.as_slice()) || own.is_empty() && asked.is_empty()
    }
}

impl Routes {
    /// The route that answers a path, query and host apart.
    pub fn serving(&self, path: &str) -> Option<&Route> {
        let path = path.split(['?', '#']).next().unwrap_or(path);
        let depth = |route: &Route| {
            (segments(path).count() - segments(&route.path).count(), segments(route.span.path()).count())
        };
        // The one that needs no prefix, and of several the one nearest to the root.
        self.all.iter().filter(|route| route.serves(path)).min_by_key(|route| depth(route))
    }

    pub fn readiness(&self) -> impl Iterator<Item = &Route> {
        self.all.iter().filter(|route| route.is_readiness())
    }

    fn add(&mut self, path: &str, span: Span) {
        if self.all.len() < MAX_ROUTES {
            self.all.push(Route { path: format!("/{}", path.trim_matches('/')), span, is_conditional: false });
        }
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

impl Facet for Routes {
    fn read(facts: &Facts) -> Self {
        let mut routes = Self::default();
        for node in facts.code().nodes() {
            code::read(node, &mut routes);
        }
        let tree = facts.tree();
        for blob in facts.snapshot.blobs().filter(|blob| is_source(blob.path()) && tree.is_production(blob.path())) {
            routes.all.extend(file_route(blob).map(|(path, span)| Route { path, span, is_conditional: false }));
            if Language::of(blob.path()).is_none() {
                by_line(blob, &mut routes);
            }
        }
        libraries(facts, &mut routes);
        let images = facts.dockerfiles().production();
        let files = images.filter_map(|image| facts.snapshot.blob(image.file.path()));
        routes.exposed = files.filter_map(|blob| Some(blob.span(EXPOSE.find(blob.text())?.range()))).next();
        routes
    }
}

fn by_line(blob: &Blob, routes: &mut Routes) {
    let can_hold = |line: &str| line.len() < 500 && line.contains('"') && line.contains('/');
    for (number, line) in blob.lines().filter(|(_, line)| can_hold(line)) {
        let is_comment = ["//", "--", ";", "* "].iter().any(|mark| line.trim_start().starts_with(mark));
        if let (false, Some(found)) = (is_comment, LINE.captures(line).and_then(|found| found.get(1))) {
            routes.add(found.as_str(), blob.line(number));
        }
    }
}

/// Libraries that serve paths by being there, as their manuals list them.
const LIBRARIES: [(&str, &[&str]); 4] = [
    (
        "org.springframework.boot:spring-boot-starter-actuator",
        &["/actuator/health", "/actuator/health/readiness", "/actuator/health/liveness"],
    ),
    ("io.quarkus:quarkus-smallrye-health", &["/q/health", "/q/health/ready", "/q/health/live", "/q/health/started"]),
    ("io.micronaut:micronaut-management", &["/health", "/health/readiness", "/health/liveness"]),
    ("django-health-check", &["/ht"]),
];

fn libraries(facts: &Facts, routes: &mut Routes) {
    for (name, paths) in LIBRARIES {
        let Some(dependency) = facts.manifests().dependency(name).filter(|dependency| !dependency.development) else {
            continue;
        };
        let told = || {
            facts.snapshot.blobs().find(|blob| is_spring_setting(blob.path()) && PROBES_ENABLED.is_match(blob.text()))
        };
        let enabled = if name.contains("actuator") { told() } else { None };
        for path in paths {
            let place = enabled.and_then(|blob| Some(blob.span(PROBES_ENABLED.find(blob.text())?.range())));
            let is_conditional = place.is_none();
            let span = place.unwrap_or_else(|| dependency.span.clone());
            routes.all.push(Route { path: (*path).to_owned(), span, is_conditional });
        }
    }
}

fn is_spring_setting(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("application")
        && [".properties", ".yml", ".yaml"].iter().any(|end| name.ends_with(end))
        && !path.contains("src/test/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use crate::snapshot::Snapshot;

    fn paths(text: &str) -> Vec<String> {
        let snapshot = Snapshot::from_text(text);
        let settings = Settings::default();
        let facts = Facts::new(&snapshot, &settings, jiff::civil::date(2026, 11, 1));
        let mut paths: Vec<String> = facts.routes().all.iter().map(|route| route.path.clone()).collect();
        paths.sort();
        paths
    }

    #[test]
    fn routes_of_every_framework_are_found() {
        assert_eq!(
            paths(
                "-- a.js --\napp.get('/ready', (req, res) => res.end());\nconst x = axios.get('/nope', { timeout: 1 });\nemitter.on('ready', go);\n"
            ),
            ["/ready"]
        );
        assert_eq!(
            paths(
                "-- a.ts --\nfastify.get('/health', { handler: async () => 1 });\nfastify.route({ method: 'GET', url: '/readyz', handler });\n"
            ),
            ["/health", "/readyz"]
        );
        assert_eq!(paths("-- a.ts --\nif (request.method === 'GET' && path === '/readyz') { ok(); }\n"), ["/readyz"]);
        assert_eq!(
            paths("-- a.ts --\n@Controller('health')\nclass H {\n  @Get('ready')\n  ready() { return 1 }\n}\n"),
            ["/health/ready"]
        );
        assert_eq!(
            paths(
                "-- a.py --\n@router.get(\"/health/ready\")\nasync def ready():\n    return {}\nclient.get(\"/nope\", timeout=3)\n"
            ),
            ["/health/ready"]
        );
        assert_eq!(
            paths(
                "-- a.go --\npackage main\nfunc main() {\n\thttp.HandleFunc(\"GET /readyz\", ready)\n\tr.GET(\"/live\", live)\n}\n"
            ),
            ["/live", "/readyz"]
        );
        assert_eq!(
            paths(
                "-- A.java --\n@RestController\n@RequestMapping(\"/api\")\nclass A {\n  @GetMapping(\"/ready\")\n  String ready() { return \"\"; }\n}\n"
            ),
            ["/api/ready"]
        );
        assert_eq!(
            paths(
                "-- config/routes.rb --\nRails.application.routes.draw do\n  get \"up\" => \"rails/health#show\", as: :x\n  get \"/ready\", to: \"h#r\"\nend\n"
            ),
            ["/ready", "/up"]
        );
        assert_eq!(
            paths("-- Program.cs --\nvar app = b.Build();\napp.MapHealthChecks(\"/health/ready\");\n"),
            ["/health/ready"]
        );
        assert_eq!(paths("-- src/main.rs --\nlet app = Router::new().route(\"/ready\", get(ready));\n"), ["/ready"]);
    }

    #[test]
    fn names_and_mounts_are_told_apart() {
        let blob = Blob::new("a", "x");
        let route = |path: &str| Route { path: path.to_owned(), span: blob.line(1), is_conditional: false };
        assert!(route("/api/v1/health/ready").is_readiness() && route("/readyz").is_readiness());
        assert!(!route("/orders/ready").is_readiness() && !route("/health").is_readiness());
        assert!(route("/health").serves("/api/v1/health") && !route("/health").serves("/healthz"));
        assert!(!route("/").serves("/health") && route("/").serves("/"));
    }
}
