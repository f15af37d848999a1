//! Routes that take deliveries, as the frameworks of each language write them.

use super::Receiver;
use crate::evidence::Span;
use crate::facts::code::{Call, Code, Function, Kind, Node, Operator};

/// What registers a handler for a request that carries a body.
const REGISTERS: [&str; 14] = [
    "post",
    "all",
    "Post",
    "POST",
    "MapPost",
    "HandleFunc",
    "Handle",
    "handle",
    "add_url_rule",
    "add_api_route",
    "add_post",
    "path",
    "re_path",
    "route",
];
/// Decorators, annotations and attributes that do so.
const MARKS: [&str; 9] =
    ["post", "route", "PostMapping", "RequestMapping", "HttpPost", "Post", "Path", "api_view", "csrf_exempt"];
/// What platforms that route by files call in such a file.
const ENTRIES: [&str; 6] = ["POST", "handler", "main", "fetch", "default", "onRequestPost"];

/// A function that serves a route.
pub(super) struct Served<'a> {
    pub node: Node<'a>,
    pub span: Span,
    pub name: String,
    /// The route, the file or the function is called a webhook.
    pub is_named: bool,
    /// What runs before it on that route.
    pub before: Vec<Node<'a>>,
}

pub(super) fn served(code: &Code) -> Vec<Served<'_>> {
    let mut found: Vec<Served<'_>> = code.calls().flat_map(|call| registered(code, call)).collect();
    found.extend(code.functions().filter_map(|function| marked(code, function)));
    found.extend(code.functions().filter_map(by_file));
    found.extend(code.functions().filter_map(|function| in_controller(code, function)));
    let mut seen = std::collections::HashSet::new();
    found.retain(|served| seen.insert((served.node.source().path().to_owned(), served.node.id())));
    found
}

/// `app.post("/webhooks/maintainx", verify, handler)`.
fn registered<'a>(code: &'a Code, call: Call<'a>) -> Vec<Served<'a>> {
    let Some(path) = call.argument(0).filter(|_| REGISTERS.contains(&call.method())) else { return Vec::new() };
    let Some(path) = code.texts(path).into_iter().find(|text| is_route(text)) else { return Vec::new() };
    let mut functions: Vec<Function<'a>> = Vec::new();
    for argument in call.arguments.iter().skip(1) {
        let own = argument.walk_own().chain(argument.as_function().map(|function| function.node));
        let found = own.filter_map(|node| node.as_function().or_else(|| function_of(code, node)));
        functions.extend(found.take(1));
    }
    let Some((last, before)) = functions.split_last() else { return Vec::new() };
    let is_named = is_hook(&path) || is_hook(last.known_as()) || is_hook(call.node.source().path());
    let before = before.iter().map(|function| function.node).chain(used_before(call)).collect();
    vec![Served { node: last.node, span: call.node.span(), name: path, is_named, before }]
}

/// A route of deliveries by its path alone: registered for what is not here, or compared by hand with the path of a
/// request.
pub(super) fn receiver<'a>(code: &'a Code, node: Node<'a>) -> Option<Receiver> {
    let name = match node.kind() {
        Kind::Call(call) if REGISTERS.contains(&call.method()) && call.arguments.len() > 1 => {
            let path = call.argument(0)?;
            code.texts(path).into_iter().find(|text| is_route(text) && is_hook(text))?
        }
        Kind::Binary { operator: Operator::Equal | Operator::NotEqual, left, right } => {
            let is_path = |side: Node<'_>| match side.kind() {
                Kind::Str(text) => text.starts_with('/') && is_hook(text),
                _ => {
                    let leaf = side.leaf().to_ascii_lowercase().replace('_', "");
                    leaf.ends_with("webhookpath") || leaf.ends_with("webhookroute") || leaf.ends_with("hookpath")
                }
            };
            let asked = |side: Node<'_>| {
                ["path", "pathname", "url", "route"].iter().any(|word| side.leaf().to_ascii_lowercase().ends_with(word))
            };
            let (path, _) =
                [(left, right), (right, left)].into_iter().find(|(path, other)| is_path(*path) && asked(*other))?;
            path.as_str().unwrap_or(path.leaf()).to_owned()
        }
        _ => return None,
    };
    Some(Receiver { span: node.span(), name: short(&name) })
}

/// What a router runs before all of its routes: `router.use(verify)`.
fn used_before<'a>(call: Call<'a>) -> impl Iterator<Item = Node<'a>> {
    let root = call.node.source().root();
    let uses = root.walk().filter_map(Node::as_call).filter(|other| other.method() == "use");
    uses.flat_map(|other| other.arguments.iter())
}

fn function_of<'a>(code: &'a Code, node: Node<'a>) -> Option<Function<'a>> {
    use crate::facts::code::{Origin, Value};
    if !matches!(node.kind(), Kind::Name(_) | Kind::Member { .. }) {
        return None;
    }
    code.origins(node).into_iter().find_map(|origin| match origin {
        Origin::Own(Value::Function(function)) => Some(function),
        _ => None,
    })
}

/// `@app.post("/webhooks/maintainx")`, `@PostMapping("/webhook")`, `[HttpPost("hooks")]`.
fn marked<'a>(code: &'a Code, function: Function<'a>) -> Option<Served<'a>> {
    let marks = function.decorators.iter().filter(|mark| MARKS.contains(&mark_name(*mark)));
    let texts: Vec<&str> = marks.map(Node::text).collect();
    let first = texts.first()?;
    let class = code.class_of(function.node);
    let around =
        class.is_some_and(|class| is_hook(class.name) || class.decorators.iter().any(|mark| is_hook(mark.text())));
    let is_named = around
        || texts.iter().any(|text| is_hook(text))
        || is_hook(function.name)
        || is_hook(function.node.source().path());
    let before = function.decorators.iter().chain(function.parameters.iter()).collect();
    Some(Served { node: function.node, span: function.node.span(), name: short(first), is_named, before })
}

fn mark_name(mark: Node<'_>) -> &str {
    match mark.kind() {
        Kind::Call(call) => call.method(),
        _ => mark.leaf(),
    }
}

/// `app/api/webhooks/route.ts`, `functions/maintainx-webhook/index.ts`.
fn by_file(function: Function<'_>) -> Option<Served<'_>> {
    let path = function.node.source().path();
    let is_routed = ["api/", "functions/", "lambda", "netlify/", "workers/"].iter().any(|part| path.contains(part));
    let is_entry = ENTRIES.contains(&function.known_as()) || is_served_inline(function);
    (is_hook(path) && is_routed && is_entry).then(|| Served {
        node: function.node,
        span: function.node.span(),
        name: short(path),
        is_named: true,
        before: Vec::new(),
    })
}

/// `Deno.serve(async (req) => …)`.
fn is_served_inline(function: Function<'_>) -> bool {
    let call = function.node.parent().and_then(Node::as_call);
    call.is_some_and(|call| matches!(call.method(), "serve") && call.callee != function.node)
}

/// A public action of a Rails or Laravel controller that is called after webhooks.
fn in_controller<'a>(code: &'a Code, function: Function<'a>) -> Option<Served<'a>> {
    use crate::facts::code::Language;
    let class = function.node.enclosing_class().filter(|_| !function.name.is_empty())?;
    let path = function.node.source().path();
    let language = function.node.source().language();
    let is_controller = matches!(language, Language::Ruby | Language::Php) && class.name.ends_with("Controller");
    let text = class.node.text();
    let hidden = text.find("\n    private\n").or(text.find("\n  private\n")).map(|at| class.node.range().start + at);
    let is_public = hidden.is_none_or(|at| function.node.range().start < at) && function.name != "__construct";
    let reads = function.node.walk().any(|node| matches!(node.leaf(), "request" | "params" | "$request"));
    if !(is_controller && is_public && is_hook(path) && reads) {
        return None;
    }
    let filters = class.node.walk_own().filter_map(Node::as_call).filter(|call| call.method() == "before_action");
    let methods = filters.flat_map(|call| call.arguments.iter()).filter_map(Node::as_str);
    let before = methods.filter_map(|name| class.method(name)).map(|method| method.node).collect();
    let _ = code;
    Some(Served {
        node: function.node,
        span: function.node.span(),
        name: function.name.to_owned(),
        is_named: true,
        before,
    })
}

fn is_route(text: &str) -> bool {
    text.contains('/') && !text.contains("://") && !text.contains(' ') || text.starts_with("POST /") || is_hook(text)
}

fn is_hook(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("webhook") || lower.contains("/hooks") || lower.contains("/hook/")
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}
