//! Routes that answer whether a service is well, in the shapes that frameworks give them.

use super::depends::functions;
use crate::evidence::Span;
use crate::facts::code::{Call, Class, Code, Function, Kind, Node, Operator};

/// Last parts of the paths of health routes. Source: Kubernetes, Rails, Spring and ASP.NET documentation.
const NAMES: [&str; 11] = [
    "health",
    "healthz",
    "healthcheck",
    "health-check",
    "health_check",
    "_health",
    "livez",
    "up",
    "liveness",
    "healthy",
    "heartbeat",
];
/// Calls that mount a handler at a path.
const MOUNTS: [&str; 26] = [
    "get",
    "all",
    "use",
    "route",
    "head",
    "any",
    "match",
    "map",
    "add",
    "GET",
    "Get",
    "HandleFunc",
    "Handle",
    "Any",
    "All",
    "HEAD",
    "Route",
    "MapGet",
    "MapHealthChecks",
    "path",
    "re_path",
    "add_route",
    "add_url_rule",
    "add_api_route",
    "add_get",
    "on",
];
/// Classes that a framework asks for the health of a part: by what they extend.
const INDICATORS: [&str; 7] = [
    "HealthIndicator",
    "AbstractHealthIndicator",
    "ReactiveHealthIndicator",
    "AbstractReactiveHealthIndicator",
    "IHealthCheck",
    "BaseHealthCheckBackend",
    "HealthCheck",
];

/// A route, and the code that answers it, as far as it could be found.
pub struct Route<'a> {
    pub path: String,
    pub span: Span,
    pub handlers: Vec<Node<'a>>,
}

/// All health routes of the code.
pub fn routes(code: &Code) -> Vec<Route<'_>> {
    let mut found = Vec::new();
    for node in code.nodes() {
        match node.kind() {
            Kind::Call(call) => found.extend(mounted(code, call)),
            Kind::Function(function) => found.extend(marked(function)),
            Kind::Class(class) => found.extend(asked_by_framework(class)),
            Kind::If { test, then, .. } => found.extend(compared(test, then)),
            Kind::Case { tests, body } => {
                let path =
                    tests.iter().find_map(|test| test.as_str().filter(|path| path.starts_with('/') && is_health(path)));
                found.extend(path.map(|path| route(path, node, vec![body])));
            }
            _ => {}
        }
    }
    for source in code.sources() {
        found.extend(by_file(source.path()).into_iter().map(|path| route(path, source.root(), vec![source.root()])));
    }
    found
}

fn route<'a>(path: &str, node: Node<'a>, handlers: Vec<Node<'a>>) -> Route<'a> {
    Route { path: format!("/{}", path.trim_matches('/')), span: node.span(), handlers }
}

fn is_health(path: &str) -> bool {
    let trimmed = path.trim_start_matches("GET ").trim_end_matches(['/', '$']).trim_start_matches('^');
    let mut parts = trimmed.rsplit('/');
    let last = parts.next().unwrap_or_default().to_ascii_lowercase();
    let before = parts.next().unwrap_or_default().to_ascii_lowercase();
    NAMES.contains(&last.as_str())
        || (before.starts_with("health") && matches!(last.as_str(), "live" | "check" | "status"))
}

fn mounted<'a>(code: &'a Code, call: Call<'a>) -> Option<Route<'a>> {
    if !MOUNTS.contains(&call.method()) {
        return None;
    }
    if let Some(path) = call.argument(0).and_then(Node::as_str).filter(|path| is_health(path)) {
        let rest: Vec<Node<'a>> = call.arguments.iter().skip(1).collect();
        let handlers: Vec<Node<'a>> = rest.iter().flat_map(|node| handlers(code, *node)).collect();
        let is_foreign =
            handlers.is_empty() && rest.iter().all(|node| matches!(node.kind(), Kind::Object(_) | Kind::Str(_)));
        // `http.get("/health", { timeout })` asks somebody else.
        return (!is_foreign || call.method() == "MapHealthChecks").then(|| route(path, call.node, handlers));
    }
    // Rails: `get "up" => "rails/health#show"`; fastify: `route({ url: "/health", handler })`.
    let pairs = call.arguments.iter().flat_map(|node| node.walk());
    let rails = pairs.into_iter().find_map(|node| match node.kind() {
        Kind::Pair { key, value } if value.as_str().is_some_and(|action| action.contains('#')) => {
            key.as_str().zip(Some(value))
        }
        _ => None,
    });
    if let Some((path, action)) = rails.filter(|(path, _)| is_health(path)) {
        return Some(route(path, call.node, action_of(code, action.as_str().unwrap_or_default(), action)));
    }
    let path = call.option("url").and_then(Node::as_str).filter(|path| is_health(path) && call.method() == "route")?;
    let handler = call.option("handler")?;
    Some(route(path, call.node, handlers(code, handler)))
}

/// What answers: functions, what a factory makes, the body of a lambda.
fn handlers<'a>(code: &'a Code, node: Node<'a>) -> Vec<Node<'a>> {
    if let Kind::Named { value, .. } = node.kind() {
        return handlers(code, value);
    }
    if matches!(node.kind(), Kind::Function(_)) {
        return vec![node];
    }
    let mut found = functions(code, node);
    let calls = node.walk().filter_map(Node::as_call);
    found.extend(calls.flat_map(|call| code.callees(call)).map(|function| function.node));
    found.extend(node.walk().filter(|inner| matches!(inner.kind(), Kind::Function(_))));
    found
}

/// `health#show`, or the line itself where a framework has the action: its answer is always the same.
fn action_of<'a>(code: &'a Code, action: &str, node: Node<'a>) -> Vec<Node<'a>> {
    let (controller, name) = action.split_once('#').unwrap_or((action, ""));
    let class = format!("{}controller", controller.rsplit('/').next().unwrap_or_default().replace('_', ""));
    let own =
        code.classes().find(|own| own.name.to_ascii_lowercase().ends_with(&class)).and_then(|own| own.method(name));
    vec![own.map_or(node, |method| method.node)]
}

/// `@app.get("/health")`, `@GetMapping("/health")`, `[HttpGet("health")]`, `@Controller("health")` with `@Get()`.
fn marked<'a>(function: Function<'a>) -> Option<Route<'a>> {
    let path_of = |mark: Node<'a>| mark.as_call().and_then(|call| call.arguments.iter().find_map(text));
    let is_route = |mark: &Node<'a>| {
        let name = mark.as_call().map_or(*mark, |call| call.callee).leaf().to_ascii_lowercase();
        ["get", "route", "mapping", "path", "head"].iter().any(|word| name.contains(word))
    };
    let mark = function.decorators.iter().find(is_route)?;
    let own = path_of(mark).unwrap_or_default();
    let class = function.node.enclosing_class();
    let outer = class.and_then(|class| class.decorators.iter().find_map(path_of)).unwrap_or_default();
    let path = format!("{}/{}", outer.trim_end_matches('/'), own.trim_start_matches('/'));
    is_health(path.trim_end_matches('/')).then(|| route(path.trim_end_matches('/'), mark, vec![function.node]))
}

fn text(node: Node<'_>) -> Option<&str> {
    match node.kind() {
        Kind::Str(text) => Some(text),
        Kind::Named { value, .. } => text(value),
        Kind::List(items) | Kind::Object(items) => items.iter().find_map(text),
        _ => None,
    }
}

fn asked_by_framework(class: Class<'_>) -> Option<Route<'_>> {
    let asked =
        class.bases.iter().any(|base| INDICATORS.iter().any(|name| base.text().trim_end_matches("()").ends_with(name)));
    let name = class.name;
    asked.then(|| Route {
        path: format!("health indicator {name}"),
        span: class.node.span(),
        handlers: vec![class.node],
    })
}

/// `if (url.pathname === "/health") { … }`.
fn compared<'a>(test: Node<'a>, then: Node<'a>) -> Option<Route<'a>> {
    let paths = test.walk().filter_map(|node| match node.kind() {
        Kind::Binary { operator: Operator::Equal, left, right } => left.as_str().or(right.as_str()),
        _ => None,
    });
    let path = paths.into_iter().find(|path| path.starts_with('/') && is_health(path))?;
    Some(route(path, test, vec![then]))
}

/// Files that are routes by their place: Next, Nuxt, SvelteKit.
fn by_file(path: &str) -> Option<&str> {
    let (stem, _) = path.rsplit_once('.')?;
    let ends = ["/route", "/+server", "/index.get", "/index", ".get", ""];
    let stem = ends.iter().find_map(|end| stem.strip_suffix(end))?;
    let at = ["app/", "pages/api/", "server/api/", "server/routes/", "src/routes/"].iter().find_map(|root| {
        let at = stem.find(root)?;
        (at == 0 || stem.get(..at).is_some_and(|before| before.ends_with('/'))).then_some(at + root.len())
    })?;
    let is_next = path.contains("app/") && !path.contains("/route.") && !path.contains("server/");
    let path = stem.get(at..)?;
    (!is_next && is_health(&format!("/{path}"))).then_some(path)
}
