//! Routes that a decorator, an annotation or an attribute makes: `@app.post("/x")`, `[HttpPost("x")]`.

use super::Found;
use super::vocabulary::{self, Verb};
use crate::facts::code::{Call, Code, Function, Kind, Node};

pub(super) fn marked<'a>(code: &'a Code, function: Function<'a>) -> Option<Found<'a>> {
    let (mark, verb) = function.decorators.iter().find_map(|mark| Some((mark, verb_of(mark)?)))?;
    let class = code.class_of(function.node);
    let prefix = class.and_then(|class| {
        let marks = class.decorators.iter().filter_map(Node::as_call);
        marks.filter(|mark| vocabulary::PREFIXES.contains(&mark.method())).find_map(path)
    });
    // JAX-RS names the path beside the verb.
    let marks = std::iter::once(mark).chain(function.decorators.iter()).filter_map(Node::as_call);
    let own = marks.filter(|call| verb_of(call.node).is_some() || call.method() == "Path").find_map(path);
    let parts = [prefix, own].into_iter().flatten().map(|part| part.trim_matches('/').to_owned());
    let path = format!("/{}", parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/"));
    let mut before: Vec<Node<'a>> = function.decorators.iter().filter(|other| *other != mark).collect();
    // FastAPI: `dependencies=[Depends(check)]`.
    before.extend(mark.as_call().into_iter().flat_map(|call| call.arguments.iter()));
    before.extend(function.parameters.iter());
    before.extend(class.into_iter().flat_map(|class| class.decorators.iter()));
    Some(Found { handler: function.node, before, at: function.node, path, verb })
}

/// The verb of a mark that makes a route.
fn verb_of(mark: Node<'_>) -> Option<Verb> {
    let call = mark.as_call();
    let name = call.map_or(mark, |call| call.callee).leaf();
    // Azure Functions and Google's framework mark the function itself.
    if matches!(name, "Function" | "FunctionName" | "http") {
        return is_http(mark).then_some(Verb::Any);
    }
    let verb = vocabulary::mark(name)?;
    // Python: `@app.get("/x")` is one, `@get` and `@lru.get` without a path are none.
    let is_plain = call.is_none_or(|call| call.arguments.is_empty());
    let is_lower = name.starts_with(char::is_lowercase) && name != "api_view";
    if is_plain && is_lower {
        return None;
    }
    let listed = call.and_then(|call| call.option("methods").or_else(|| call.option("method")));
    let listed = listed.or_else(|| call.filter(|call| call.method() == "api_view").and_then(|call| call.argument(0)));
    let words = listed.map(|listed| listed.text().to_ascii_uppercase()).unwrap_or_default();
    let writes = ["POST", "PUT", "PATCH", "DELETE"].iter().any(|word| words.contains(word));
    Some(match (writes, words.contains("GET")) {
        (true, false) => Verb::Write,
        (false, true) => Verb::Read,
        _ => verb,
    })
}

/// `[Function("x")]` with a parameter `[HttpTrigger]`, `@functions_framework.http`.
fn is_http(mark: Node<'_>) -> bool {
    let owner = mark.parent().map(Node::text).unwrap_or_default();
    owner.contains("HttpTrigger") || mark.text().contains("functions_framework") || mark.text().contains("https_fn")
}

/// The path that a mark names: its first argument, or `value`, `path`, one or a list.
fn path(call: Call<'_>) -> Option<String> {
    let given = call.argument(0).or_else(|| call.option("value")).or_else(|| call.option("path"))?;
    match given.kind() {
        Kind::List(items) | Kind::Object(items) | Kind::Unknown(items) => items.iter().find_map(Node::as_str),
        _ => given.as_str(),
    }
    .map(str::to_owned)
}
