//! What kind of life the repository's code leads: services, functions, jobs, libraries, client apps.

use super::code::{Call, Code, Language, Source};
use super::deployment::Life;
use super::{Facet, Facts};
use crate::evidence::Evidence;
pub use crate::settings::Shape;

/// Calls that make a process listen or loop until it is stopped: language family, the end of what is called, and
/// the module that it needs to come from (empty: any). Source: each framework's getting-started page.
const LISTENS: [(&[Language], &str, &str); 39] = [
    (JS, "listen", ""),
    (JS, "serve", "@hono/node-server"),
    (JS, "Deno.serve", ""),
    (JS, "Bun.serve", ""),
    (JS, "setInterval", ""),
    (JS, "cron.schedule", "node-cron"),
    (JS, "scheduleJob", "node-schedule"),
    (JS, "Cron", "croner"),
    (JS, "CronJob", "cron"),
    (JS, "Worker", "bullmq"),
    (JS, "app.start", ""),
    (PY, "uvicorn.run", ""),
    (PY, "app.run", ""),
    (PY, "run_app", "aiohttp"),
    (PY, "serve_forever", ""),
    (PY, "FastAPI", "fastapi"),
    (PY, "Flask", "flask"),
    (PY, "Starlette", "starlette"),
    (PY, "get_wsgi_application", "django"),
    (PY, "get_asgi_application", "django"),
    (PY, "Celery", "celery"),
    (PY, "loop_forever", ""),
    (PY, "BlockingScheduler", "apscheduler"),
    (PY, "run_pending", ""),
    (GO, "ListenAndServe", ""),
    (GO, "ListenAndServeTLS", ""),
    (GO, "Run", "github.com/gin-gonic/gin"),
    (GO, "Start", "github.com/labstack/echo"),
    (GO, "Listen", "github.com/gofiber/fiber"),
    (GO, "time.NewTicker", ""),
    (GO, "time.Tick", ""),
    (GO, "cron.New", ""),
    (JVM, "SpringApplication.run", ""),
    (JVM, "embeddedServer", ""),
    (JVM, "Javalin.create", ""),
    (JVM, "scheduleAtFixedRate", ""),
    (CS, "WebApplication.CreateBuilder", ""),
    (CS, "Host.CreateDefaultBuilder", ""),
    (CS, "Host.CreateApplicationBuilder", ""),
];
const JS: &[Language] = &[Language::JavaScript, Language::TypeScript];
const PY: &[Language] = &[Language::Python];
const GO: &[Language] = &[Language::Go];
const JVM: &[Language] = &[Language::Java, Language::Kotlin];
const CS: &[Language] = &[Language::CSharp];
/// Dependencies whose very presence makes a package a service: the framework starts the process.
const FRAMEWORKS: [&str; 12] = [
    "next",
    "nuxt",
    "rails",
    "sinatra",
    "puma",
    "laravel/framework",
    "symfony/framework-bundle",
    "slim/slim",
    "@nestjs/core",
    "@sveltejs/kit",
    "io.quarkus:quarkus-core",
    "django",
];
/// Dependencies of applications that run at their user's.
const CLIENTS: [&str; 12] = [
    "react",
    "vue",
    "svelte",
    "@angular/core",
    "react-native",
    "expo",
    "electron",
    "solid-js",
    "preact",
    "flutter",
    "homeassistant",
    "streamlit-desktop",
];

/// The shapes that were found, each with what shows it.
#[derive(Debug, Default)]
pub struct Shapes {
    pub found: Vec<(Shape, Evidence)>,
    told: Vec<Shape>,
}

impl Shapes {
    pub fn has(&self, shape: Shape) -> bool {
        self.told.contains(&shape) || (self.told.is_empty() && self.found.iter().any(|(own, _)| *own == shape))
    }

    /// Something runs with nobody watching: a service, a function or a job.
    pub fn runs_unattended(&self) -> bool {
        [Shape::Service, Shape::Serverless, Shape::Job].into_iter().any(|shape| self.has(shape))
    }

    /// A job that something starts again and again, as far as the repository shows.
    pub fn is_scheduled(&self, facts: &Facts) -> bool {
        let by_platform =
            facts.deployment().production().any(|workload| workload.life == Life::Job || workload.schedule.is_some());
        let by_pipeline = facts.workflows().all().iter().any(|workflow| workflow.trigger("schedule").is_some());
        let by_table = facts.tree().files().any(|path| {
            let name = path.rsplit('/').next().unwrap_or(path);
            name.contains("crontab") || name.ends_with(".timer") || path.contains("cron.d/")
        });
        self.told.contains(&Shape::Job) || by_platform || by_pipeline || by_table
    }

    /// All shapes: those of the settings, or else those found.
    pub fn all(&self) -> Vec<Shape> {
        let mut all: Vec<Shape> = match self.told.is_empty() {
            true => self.found.iter().map(|(shape, _)| *shape).collect(),
            false => self.told.clone(),
        };
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl Facet for Shapes {
    fn read(facts: &Facts) -> Self {
        let told = facts.settings().parts.iter().filter_map(|part| part.shape).collect();
        let mut shapes = Self { found: Vec::new(), told };
        shapes.deployed(facts);
        for source in facts.code().sources() {
            if let Some(evidence) = listens(facts.code(), source) {
                shapes.found.push((Shape::Service, evidence));
            }
            if let Some(evidence) = handles_events(source) {
                shapes.found.push((Shape::Serverless, evidence));
            }
        }
        shapes.listed(facts);
        if !shapes.runs_unattended() && !shapes.has(Shape::Library) && !shapes.has(Shape::ClientApp) {
            shapes.jobs(facts);
        }
        shapes
    }
}

impl Shapes {
    fn deployed(&mut self, facts: &Facts) {
        for workload in facts.deployment().production() {
            let shape = match workload.life {
                Life::Service => Shape::Service,
                Life::Job => Shape::Job,
                Life::Function => Shape::Serverless,
            };
            self.found.push((shape, Evidence::at(workload.span.clone(), format!("deploys {}", workload.name))));
        }
    }

    /// What the manifests say by the frameworks they ask for, and by being made for others to use.
    fn listed(&mut self, facts: &Facts) {
        for package in facts.manifests().packages() {
            let find = |names: &[&str]| {
                names
                    .iter()
                    .find_map(|name| package.dependency(name))
                    .filter(|dependency| !dependency.development)
                    .cloned()
            };
            if let Some(framework) = find(&FRAMEWORKS) {
                let note = format!("runs on {}", framework.name);
                self.found.push((Shape::Service, Evidence::at(framework.span, note)));
            }
            if let Some(client) = find(&CLIENTS) {
                let note = format!("an application of {}", client.name);
                self.found.push((Shape::ClientApp, Evidence::at(client.span, note)));
            }
        }
        for path in facts.tree().files().filter(|path| facts.tree().is_production(path)) {
            if let (true, Some(blob)) = (path.ends_with("custom_components/manifest.json"), facts.snapshot.blob(path)) {
                self.found.push((Shape::ClientApp, Evidence::at(blob.line(1), "a Home Assistant component")));
            }
        }
    }

    /// What neither listens nor is a function: a package that is made to be published is a library, code that is
    /// run is a job.
    fn jobs(&mut self, facts: &Facts) {
        let published = facts.manifests().packages().iter().find(|package| package.is_library);
        if let Some(package) = published {
            self.found.push((Shape::Library, Evidence::at(package.span.clone(), "a package for others to build on")));
            return;
        }
        let runs = facts.code().sources().find_map(runs_by_itself);
        self.found.extend(runs.map(|evidence| (Shape::Job, evidence)));
    }
}

/// The first call of a file that keeps the process running.
fn listens(code: &Code, source: &Source) -> Option<Evidence> {
    let calls = || source.nodes().filter_map(|node| node.as_call());
    calls().find(|call| keeps_running(code, *call)).map(|call| {
        let note = format!("keeps running: {}", call.path().unwrap_or_else(|| call.method().to_owned()));
        Evidence::at(call.node.span(), note)
    })
}

fn keeps_running(code: &Code, call: Call) -> bool {
    let source = call.node.source();
    let path = call.path().unwrap_or_else(|| call.method().to_owned());
    LISTENS.iter().any(|(languages, end, module)| {
        let is_named = path == *end || path.strip_suffix(end).is_some_and(|before| before.ends_with('.'));
        languages.contains(&source.language()) && is_named && (module.is_empty() || code.imports(source, module))
    })
}

/// A file that a platform calls for each event: its handler.
fn handles_events(source: &Source) -> Option<Evidence> {
    let functions = source.nodes().filter_map(|node| node.as_function());
    let is_lambda = |name: &str| matches!(name, "lambda_handler" | "handleRequest" | "FunctionHandler");
    let by_name = functions.filter(|function| is_lambda(function.known_as())).map(|function| function.node).next();
    let exported = source.exports().filter(|export| export.exported == "handler").find_map(|export| export.node);
    let node = by_name.or(exported)?;
    Some(Evidence::at(node.span(), "handles the events of a platform"))
}

/// A file that does something when it is run: its entry point.
fn runs_by_itself(source: &Source) -> Option<Evidence> {
    let functions = source.nodes().filter_map(|node| node.as_function());
    let main =
        functions.filter(|function| matches!(function.name, "main" | "Main")).map(|function| function.node).next();
    let node = main.or_else(|| source.root().parts().into_iter().find(|node| node.unawaited().as_call().is_some()))?;
    Some(Evidence::at(node.span(), "runs and ends"))
}
