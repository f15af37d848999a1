//! Routes whose handlers are methods of classes: controllers, views, servlets.

use super::Found;
use super::vocabulary::Verb;
use crate::facts::code::{Class, Code, Function, Kind, Language, Node};

/// Methods that a framework calls for a request, with what their class is derived from.
const METHODS: [(&str, &[&str], Verb); 14] = [
    ("doGet", &["HttpServlet"], Verb::Read),
    ("doPost", &["HttpServlet"], Verb::Write),
    ("doPut", &["HttpServlet"], Verb::Write),
    ("doDelete", &["HttpServlet"], Verb::Write),
    ("service", &["HttpFunction"], Verb::Any),
    ("HandleAsync", &["Endpoint", "IHttpFunction"], Verb::Any),
    ("get", VIEWS, Verb::Read),
    ("post", VIEWS, Verb::Write),
    ("put", VIEWS, Verb::Write),
    ("patch", VIEWS, Verb::Write),
    ("delete", VIEWS, Verb::Write),
    ("create", &["ViewSet", "ModelViewSet", "GenericViewSet"], Verb::Write),
    ("on_post", &[""], Verb::Write),
    ("handleRequest", &["RequestHandler"], Verb::Any),
];
const VIEWS: &[&str] = &[
    "View",
    "APIView",
    "GenericAPIView",
    "MethodView",
    "Resource",
    "RequestHandler",
    "HTTPEndpoint",
    "HTTPMethodView",
];

/// `class Hook(APIView): def post(self, request)`, and the public actions of controllers.
pub(super) fn method(function: Function<'_>) -> Option<Found<'_>> {
    let class = function.node.enclosing_class().filter(|_| !function.name.is_empty())?;
    let known = METHODS.iter().find(|(name, bases, _)| *name == function.name && is_derived(class, bases));
    if let Some((_, _, verb)) = known {
        let before = class.decorators.iter().chain(function.decorators.iter()).chain(guards(class)).collect();
        return Some(found(function, class, *verb, before));
    }
    controller_action(function, class)
}

fn found<'a>(function: Function<'a>, class: Class<'a>, verb: Verb, before: Vec<Node<'a>>) -> Found<'a> {
    let path = format!("{}.{}", class.name, function.name);
    Found { handler: function.node, before, at: function.node, path, verb }
}

/// The last name of a base class ends with one of these; an empty one stands for any class.
fn is_derived(class: Class<'_>, bases: &[&str]) -> bool {
    let name = |base: Node<'_>| {
        let text = base.text();
        let text = text.split(['<', '(', '[']).next().unwrap_or(text).trim();
        text.rsplit(['.', ':', '\\']).next().unwrap_or(text).to_owned()
    };
    bases.contains(&"") || class.bases.iter().map(name).any(|own| bases.iter().any(|base| own == *base))
}

/// What a class says of the guards of its views: `permission_classes`, `authentication_classes`.
fn guards<'a>(class: Class<'a>) -> impl Iterator<Item = Node<'a>> {
    class.fields().filter(|field| field.target.leaf().ends_with("_classes")).filter_map(|field| field.value)
}

/// A public action of a Rails or Laravel controller: routes name it by words that are often out of sight.
fn controller_action<'a>(function: Function<'a>, class: Class<'a>) -> Option<Found<'a>> {
    let language = function.node.source().language();
    let is_controller = matches!(language, Language::Ruby | Language::Php) && class.name.ends_with("Controller");
    if !is_controller || function.marks.is_private || function.name.starts_with("__c") || is_hidden(function, class) {
        return None;
    }
    let is_filter = filters(class).any(|name| name == function.name);
    let reads = function.node.walk().any(|node| matches!(node.leaf(), "request" | "params" | "$request"));
    (reads && !is_filter).then(|| {
        let before = filters(class).filter_map(|name| class.method(name)).map(|method| method.node).collect();
        let verb = match function.name {
            "index" | "show" | "new" | "edit" => Verb::Read,
            "create" | "update" | "destroy" | "store" => Verb::Write,
            _ => Verb::Any,
        };
        found(function, class, verb, before)
    })
}

/// Ruby: below the word `private` or `protected` on its own line.
fn is_hidden(function: Function<'_>, class: Class<'_>) -> bool {
    let start = class.node.range().start;
    let before = class.node.text().get(..function.node.range().start.saturating_sub(start)).unwrap_or_default();
    before.lines().any(|line| matches!(line.trim(), "private" | "protected"))
}

fn filters<'a>(class: Class<'a>) -> impl Iterator<Item = &'a str> {
    let calls = class.node.walk_own().filter_map(Node::as_call);
    let filters =
        calls.filter(|call| matches!(call.method(), "before_action" | "prepend_before_action" | "around_action"));
    filters.flat_map(|call| call.arguments.iter()).filter_map(Node::as_str)
}

/// Laravel: `[HookController::class, 'store']`.
pub(super) fn action<'a>(code: &'a Code, list: Node<'a>) -> Option<Function<'a>> {
    let Kind::List(items) = list.kind() else { return None };
    let (class, name) = (items.get(0)?, items.get(1)?.as_str()?);
    let class = class_named(code, class)?;
    class.method(name)
}

/// Rails: `to: "hooks#create"`; Laravel and Slim: `HookController::class`, `Receive::class`.
pub(super) fn named_action<'a>(code: &'a Code, argument: Node<'a>) -> Option<Function<'a>> {
    let text = match argument.kind() {
        Kind::Named { value, .. } => value.as_str(),
        Kind::Object(pairs) => pairs.iter().find_map(|pair| match pair.kind() {
            Kind::Pair { value, .. } => value.as_str().filter(|text| text.contains('#')),
            _ => None,
        }),
        Kind::Pair { value, .. } => value.as_str(),
        Kind::Str(text) => Some(text),
        _ => None,
    };
    if let Some((controller, name)) = text.and_then(|text| text.split_once(['#', '@', ':'])) {
        let own = format!("{}controller", controller.rsplit(['/', '\\']).next()?.replace('_', "").to_ascii_lowercase());
        let own = own.replace("controllercontroller", "controller");
        return code
            .classes()
            .find(|class| class.name.to_ascii_lowercase() == own)?
            .method(name.trim_start_matches(':'));
    }
    if argument.source().language() == Language::Php {
        let class = class_named(code, argument)?;
        return class.method("__invoke").or_else(|| class.method("handle"));
    }
    None
}

/// `Receive::class`.
fn class_named<'a>(code: &'a Code, node: Node<'a>) -> Option<Class<'a>> {
    let Kind::Member { object, property: "class" } = node.kind() else { return None };
    super::class_of(code, object)
}
