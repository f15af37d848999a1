//! What stands between a client and the server: interceptors, handlers, transports of the repository.

use super::member::method_of;
use crate::facts::code::{Call, Class, Code, Function, Kind, Language, Node, Origin, Value as Traced};

/// `client.interceptors.response.use(ok, failed)` on the client of a call.
pub(super) fn response_handlers<'a>(code: &'a Code, call: Call<'a>, maker: Option<Call<'a>>) -> Vec<Node<'a>> {
    let uses = code.calls().filter(|one| one.method() == "use" || one.method() == "onRejected");
    let mut found = Vec::new();
    for one in uses {
        let Some(receiver) = one.receiver().filter(|receiver| receiver.text().ends_with("interceptors.response"))
        else {
            continue;
        };
        let Kind::Member { object: interceptors, .. } = receiver.kind() else { continue };
        let Kind::Member { object: client, .. } = interceptors.kind() else { continue };
        let is_same = code.origins(client).iter().any(|origin| match (origin, maker) {
            (Origin::Library(_, Some(made)), Some(maker)) => *made == maker,
            (Origin::Library(path, None), None) => path == "axios",
            _ => false,
        });
        // Without an import of its own, the client may be one that is handed over.
        if let (true, Some(handler)) =
            (is_same || client.text() == call.receiver().map_or("", Node::text), one.argument(1))
        {
            found.push(handler);
        }
    }
    found
}

/// Classes of the repository that the client was made with, or that is one of them.
pub(super) fn classes_between<'a>(code: &'a Code, call: Call<'a>, maker: Option<Call<'a>>) -> Vec<Class<'a>> {
    let mut found: Vec<Class<'a>> = Vec::new();
    let Some(maker) = maker else { return on_the_builder(code, call) };
    for inner in maker.node.walk() {
        let handed: Vec<Node<'a>> = match inner.kind() {
            Kind::Call(one) if one.node == maker.node || is_adding(one.method()) => one.arguments.iter().collect(),
            Kind::Assign { target, value, .. } if is_slot(target.leaf()) => vec![value],
            _ => continue,
        };
        for node in handed.into_iter().flat_map(parts_of) {
            found.extend(own_classes(code, node));
        }
    }
    // What is set or mounted later on the same object.
    let around = maker.node.enclosing_function().map_or(maker.node.source().root(), |function| function.node);
    for inner in around.walk() {
        match inner.kind() {
            Kind::Call(one) if is_adding(one.method()) => {
                found.extend(one.arguments.iter().flat_map(parts_of).flat_map(|node| own_classes(code, node)));
            }
            Kind::Assign { target, value, .. } if is_slot(target.leaf()) => found.extend(own_classes(code, value)),
            _ => {}
        }
    }
    found.extend(own_classes(code, maker.node));
    found.extend(on_the_builder(code, call));
    found.retain(|class| !class.node.contains(call.node));
    found.dedup();
    found
}

fn parts_of(node: Node<'_>) -> Vec<Node<'_>> {
    match node.kind() {
        Kind::Named { name, value } if is_slot(name) => vec![value],
        Kind::Object(pairs) => pairs
            .iter()
            .filter_map(|pair| match pair.kind() {
                Kind::Pair { key, value } if is_slot(key.leaf()) => Some(value),
                _ => None,
            })
            .collect(),
        Kind::Named { .. } => Vec::new(),
        Kind::List(items) => items.iter().collect(),
        Kind::Call(call) if matches!(call.method(), "of" | "asList" | "listOf") => call.arguments.iter().collect(),
        _ => vec![node],
    }
}

fn is_adding(method: &str) -> bool {
    matches!(
        method,
        "addInterceptor"
            | "addNetworkInterceptor"
            | "mount"
            | "interceptors"
            | "additionalInterceptors"
            | "setInterceptors"
            | "requestInterceptor"
            | "use"
            | "SetTransport"
            | "filter"
    )
}

fn is_slot(name: &str) -> bool {
    matches!(name, "Transport" | "transport" | "InnerHandler" | "handler" | "HttpMessageHandler" | "interceptors")
}

fn own_classes<'a>(code: &'a Code, node: Node<'a>) -> Vec<Class<'a>> {
    let origins = code.origins(node).into_iter();
    let found = origins.filter_map(|origin| match origin {
        Origin::Own(Traced::Instance(class, _) | Traced::Class(class)) => Some(class),
        _ => None,
    });
    found.collect()
}

/// .NET registers handlers by their type: `.AddHttpMessageHandler<RetryHandler>()`.
fn on_the_builder<'a>(code: &'a Code, call: Call<'a>) -> Vec<Class<'a>> {
    if call.node.source().language() != Language::CSharp {
        return Vec::new();
    }
    let adding = code.calls().filter(|one| one.method().starts_with("AddHttpMessageHandler"));
    let texts: Vec<&str> = adding.filter(|one| is_for(code, *one, call)).map(|one| one.node.text()).collect();
    let named = |class: &Class<'_>| {
        texts
            .iter()
            .any(|text| text.contains(&format!("<{}>", class.name)) || text.contains(&format!("new {}(", class.name)))
    };
    let handlers = code.classes().filter(|class| method_of(code, *class, "SendAsync").is_some());
    handlers.filter(named).collect()
}

/// Whether a registration is of the client that a call goes through: it names its class, or none of the repository.
pub(super) fn is_for(code: &Code, registration: Call<'_>, call: Call<'_>) -> bool {
    let text = registration.node.text();
    let Some(typed) = text.split("AddHttpClient<").nth(1).and_then(|rest| rest.split('>').next()) else { return true };
    let own = code.class_of(call.node).map(|class| class.name).unwrap_or_default();
    let names: Vec<&str> = typed.split(',').map(str::trim).collect();
    names.contains(&own)
        || !names.iter().any(|name| code.classes().any(|class| class.name == *name && has_client(class)))
}

fn has_client(class: Class<'_>) -> bool {
    class.node.text().contains("HttpClient")
}

/// Lambdas that are handed over as interceptors.
pub(super) fn functions_between<'a>(maker: Option<Call<'a>>) -> Vec<Function<'a>> {
    let Some(maker) = maker else { return Vec::new() };
    let adding = maker.node.walk().filter_map(Node::as_call).filter(|one| {
        matches!(one.method(), "addInterceptor" | "addNetworkInterceptor" | "requestInterceptor" | "intercept")
    });
    adding.flat_map(|one| one.arguments.iter().filter_map(Node::as_function).collect::<Vec<_>>()).collect()
}

/// Whether a call stands in the handler of an axios interceptor.
pub(super) fn is_in_interceptor<'a>(code: &'a Code, node: Node<'a>) -> bool {
    let uses = |function: Function<'a>| code.uses_of(function).into_iter().chain([function.node]);
    let is_handed = |handed: Node<'a>| {
        let call = handed.parent().and_then(Node::as_call).filter(|call| call.method() == "use");
        call.and_then(Call::receiver).is_some_and(|receiver| receiver.text().ends_with("interceptors.response"))
    };
    node.ancestors().filter_map(Node::as_function).flat_map(uses).any(is_handed)
}
