//! Routes that a call registers: `app.post("/x", check, handler)`, `http.HandleFunc("POST /x", receive)`.

use super::vocabulary::{self, Verb};
use super::{Found, functions, is_path};
use crate::facts::code::{Call, Code, Function, Kind, Language, Node};

pub(super) fn registered<'a>(code: &'a Code, call: Call<'a>) -> Vec<Found<'a>> {
    if let Some(found) = server(code, call) {
        return super::by_file::divided(found);
    }
    let Some(verb) = vocabulary::registers(call.method()) else { return Vec::new() };
    let Some((path, verb, skip)) = path_of(code, call, verb) else { return Vec::new() };
    let given = given(call, skip);
    let mut answering: Vec<Function<'a>> = Vec::new();
    let mut before: Vec<Node<'a>> = Vec::new();
    for argument in given {
        before.push(argument);
        answering.extend(functions(code, argument, 0));
        if let Some(action) = super::by_class::named_action(code, argument) {
            answering.push(action);
        }
    }
    // A mount of a router or of a middleware answers nothing by itself.
    if matches!(call.method(), "use" | "on" | "add" | "map" | "match") && !is_answering(call, &answering) {
        return Vec::new();
    }
    let Some(last) = answering.pop() else { return Vec::new() };
    before.retain(|node| !last.node.contains(*node));
    before.extend(call.receiver().filter(|receiver| receiver.walk().any(|node| node.as_call().is_some())));
    before.extend(later(call));
    before.extend(used_before(call));
    vec![Found { handler: last.node, before, at: call.node, path, verb }]
}

/// The path that a call registers, the verb where it says so, and how many arguments stand before the handlers.
fn path_of<'a>(code: &'a Code, call: Call<'a>, verb: Verb) -> Option<(String, Verb, usize)> {
    let method = call.method();
    // `fastify.route({ method, url, handler })`.
    if let Some(url) = call.option("url").or_else(|| call.option("path")).filter(|_| call.option("handler").is_some()) {
        let verb = call.option("method").and_then(Node::as_str).map_or(Verb::Any, vocabulary::verb);
        return Some((code.text(url).unwrap_or_else(|| url.text().to_owned()), verb, 0));
    }
    // `router.route("/x").post(handler)`.
    let chained = call.receiver().and_then(Node::as_call).filter(|inner| matches!(inner.method(), "route" | "path"));
    if let Some(path) = chained.and_then(|inner| inner.argument(0)).and_then(Node::as_str) {
        return Some((path.to_owned(), verb, 0));
    }
    let first = call.argument(0).or_else(|| call.arguments.first())?;
    let first = key_of(first);
    // `r.Method("POST", "/x", handler)`, `app.on("POST", "/x", handler)`.
    let is_word = first.as_str().is_some_and(|word| vocabulary::verb(word) != Verb::Any);
    let second = call.argument(1).filter(|_| is_word && call.arguments.len() > 2);
    let place = second.unwrap_or(first);
    let text = code.texts(place).into_iter().find(|text| !text.starts_with("{}") || text.contains('/'))?;
    // Go: `"POST /x"`.
    let (word, path) = text
        .split_once(" /")
        .map_or(("", text.as_str()), |(word, _)| (word, text.get(word.len() + 1..).unwrap_or_default()));
    let verb = match (second.is_some(), word) {
        (true, _) => first.as_str().map_or(verb, vocabulary::verb),
        (_, "") => said_later(call).unwrap_or(verb),
        (_, word) => vocabulary::verb(word),
    };
    let language = call.node.source().language();
    let may_be_relative =
        matches!(language, Language::Python | Language::Ruby | Language::Php | Language::Kotlin | Language::CSharp)
            || method == "http";
    let is_rooted = path.starts_with('/') || path.starts_with("^") || path == "*" || path.starts_with("{}/");
    let is_registering = is_rooted || may_be_relative && !is_anyones(call);
    let skip = if second.is_some() { 2 } else { 1 };
    (is_path(path) && is_registering).then(|| (path.to_owned(), verb, skip))
}

/// `get("x")` of anything is no route, except where a framework's own words stand before it.
fn is_anyones(call: Call<'_>) -> bool {
    const SHORT: [&str; 11] = ["get", "on", "add", "map", "match", "use", "delete", "put", "url", "path", "patch"];
    let receiver = call.receiver().map(|receiver| receiver.leaf());
    let is_bare = receiver.is_none() && matches!(call.node.source().language(), Language::Python | Language::Ruby);
    SHORT.contains(&call.method()) && receiver != Some("Route") && !is_bare
}

/// Ruby: `post "/x" => "hooks#create"`.
fn key_of(first: Node<'_>) -> Node<'_> {
    match first.kind() {
        Kind::Pair { key, .. } => key,
        Kind::Object(pairs) if first.source().language() == Language::Ruby => match pairs.first().map(Node::kind) {
            Some(Kind::Pair { key, .. }) => key,
            _ => first,
        },
        _ => first,
    }
}

/// What stands behind the path.
fn given<'a>(call: Call<'a>, skip: usize) -> Vec<Node<'a>> {
    let mut given: Vec<Node<'a>> = call.arguments.iter().collect();
    let is_arrow = given.first().is_some_and(|first| key_of(*first) != *first);
    let start = if is_arrow { 0 } else { skip.min(given.len()) };
    given.drain(..start);
    given
}

/// `r.HandleFunc("/x", receive).Methods("POST")`, `methods=["POST"]`.
fn said_later(call: Call<'_>) -> Option<Verb> {
    let listed = call.option("methods").or_else(|| call.option("method"));
    let chained = call
        .node
        .parent()
        .and_then(Node::parent)
        .and_then(Node::as_call)
        .filter(|outer| matches!(outer.method(), "Methods" | "methods") && outer.receiver() == Some(call.node));
    let words = listed.into_iter().chain(chained.into_iter().flat_map(|outer| outer.arguments.iter()));
    let mut verbs = words.flat_map(Node::walk).filter_map(Node::as_str).map(vocabulary::verb);
    let first = verbs.next()?;
    Some(if verbs.all(|verb| verb == first) { first } else { Verb::Any })
}

/// What is added to a route after it was made: `app.MapPost(…).AddEndpointFilter<X>()`, `$app->post(…)->add(X::class)`.
fn later<'a>(call: Call<'a>) -> Vec<Node<'a>> {
    let mut added = Vec::new();
    let mut node = call.node;
    while let Some(outer) = node.parent().and_then(Node::parent).and_then(Node::as_call)
        && outer.receiver() == Some(node)
        && added.len() < 20
    {
        added.extend(outer.arguments.iter());
        node = outer.node;
    }
    added
}

/// What a router runs before all of its routes: `router.use(verify)`.
fn used_before<'a>(call: Call<'a>) -> impl Iterator<Item = Node<'a>> {
    let receiver = call.receiver().map(|receiver| receiver.text()).unwrap_or_default();
    let root = call.node.source().root();
    let uses = root.walk().filter_map(Node::as_call).filter(move |other| {
        matches!(other.method(), "use" | "Use" | "addHook" | "UseMiddleware" | "before_request")
            && other.receiver().is_some_and(|own| own.text() == receiver)
            && other.node != call.node
    });
    uses.take(20).flat_map(|other| other.arguments.iter())
}

/// Whether a function takes a request: `app.use("/hooks", (req, res) => …)` and not `(req, res, next)`.
fn is_answering<'a>(call: Call<'a>, functions: &[Function<'a>]) -> bool {
    let has_next = |function: &Function<'a>| {
        function.parameters.iter().filter_map(Node::as_parameter).any(|parameter| parameter.name().starts_with("next"))
    };
    let is_event = call.method() == "on"
        && !call
            .argument(0)
            .and_then(Node::as_str)
            .is_some_and(|word| vocabulary::verb(word) != Verb::Any || word.starts_with('/'));
    !is_event && functions.last().is_some_and(|last| last.marks.is_lambda && !has_next(last))
}

/// `Deno.serve(fn)`, `http.createServer(fn)`, `functions.http("name", fn)`, `lambda.Start(fn)`.
fn server<'a>(code: &'a Code, call: Call<'a>) -> Option<Found<'a>> {
    if !vocabulary::SERVERS.contains(&call.method()) {
        return None;
    }
    let is_other = call.method() == "http" && call.argument(0).and_then(Node::as_str).is_none();
    let handler = call.arguments.iter().rev().find_map(|argument| functions(code, argument, 0).pop())?;
    let takes = !handler.parameters.is_empty();
    let verb = call.arguments.iter().find_map(|argument| argument.get("methods")).map_or(Verb::Any, |methods| {
        let mut verbs = methods.walk().filter_map(Node::as_str).map(vocabulary::verb);
        verbs.next().filter(|first| verbs.all(|verb| verb == *first)).unwrap_or(Verb::Any)
    });
    let path = super::by_file::asked_path(handler.node).unwrap_or_else(|| call.node.source().path().to_owned());
    let before: Vec<Node<'a>> = call.arguments.iter().filter(|argument| !handler.node.contains(*argument)).collect();
    (takes && !is_other).then_some(Found { handler: handler.node, before, at: call.node, path, verb })
}
