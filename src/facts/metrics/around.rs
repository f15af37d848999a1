//! What is recorded around a call to an API: on the way to it, and by what its client was set up with.

use super::record::Record;
use crate::facts::clients::Site;
use crate::facts::code::{Call, Class, Code, Function, Kind, Language, Node, NodeKey, Origin, Value};
use std::collections::{HashMap, HashSet, VecDeque};

/// As many callers above a request are looked at.
const LEVELS: usize = 4;
/// As many functions are gone through for one place.
const MAX_FUNCTIONS: usize = 60;
/// As many calls deep is looked for what records.
const MAX_HOPS: usize = 3;
/// As many callers of one function.
const MAX_CALLERS: usize = 40;
/// Calls that set a client up after it was made.
const SET_UPS: [&str; 24] = [
    "use",
    "mount",
    "append",
    "add",
    "push",
    "unshift",
    "addInterceptor",
    "addNetworkInterceptor",
    "interceptors",
    "setInterceptors",
    "filter",
    "install",
    "on",
    "before",
    "after",
    "hook",
    "register",
    "eventListener",
    "eventListenerFactory",
    "OnAfterResponse",
    "OnBeforeRequest",
    "SetTransport",
    "intercept",
    "addAll",
];
/// .NET, and JVM frameworks that inject clients: set-up calls that are not on the client itself.
const REGISTERED: [&str; 14] = [
    "AddHttpMessageHandler",
    "AddInterceptor",
    "addInterceptor",
    "addNetworkInterceptor",
    "eventListenerFactory",
    "eventListener",
    "additionalInterceptors",
    "interceptors",
    "requestInterceptor",
    "setInterceptors",
    "filter",
    "ConfigureAdditionalHttpMessageHandlers",
    "additionalMessageConverters",
    "install",
];
/// Events that libraries raise for each request. Source: undici, faraday, Laravel.
const EVENTS: [&str; 7] = [
    "undici:request:create",
    "undici:request:headers",
    "undici:request:trailers",
    "undici:request:error",
    "request.faraday",
    "http.client.request.start",
    "http.client.response.finish",
];

/// What records, by node.
pub(super) struct Records<'a> {
    pub all: HashMap<NodeKey, Record<'a>>,
}

pub(super) struct Around<'a, 'r> {
    pub code: &'a Code,
    pub records: &'r Records<'a>,
}

impl<'a> Around<'a, '_> {
    /// All that is recorded around a request.
    pub fn of(&self, site: &Site) -> Vec<Record<'a>> {
        let Some(call) = site.call(self.code) else { return Vec::new() };
        let mut found = self.on_the_way(call.node);
        found.extend(self.by_set_up(site, call));
        found.extend(self.by_registration(site, call));
        found.extend(self.by_event(call));
        found.sort_by_key(|record| record.node);
        found.dedup_by_key(|record| record.node);
        found
    }

    /// In the functions that hold the request, in the wrappers that it is handed to, and in those that call them.
    fn on_the_way(&self, start: Node<'a>) -> Vec<Record<'a>> {
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        let mut open = VecDeque::from([(start, 0)]);
        while let Some((node, level)) = open.pop_front() {
            let function = self.climb(node, level, &mut found);
            let Some(function) = function.filter(|function| level < LEVELS && seen.insert(function.node)) else {
                continue;
            };
            let callers = self.code.callers_of(function);
            open.extend(callers.into_iter().take(MAX_CALLERS).map(|caller| (caller.node, level + 1)));
        }
        found
    }

    /// From a node up to the named function that holds it, which is answered with.
    fn climb(&self, start: Node<'a>, level: usize, found: &mut Vec<Record<'a>>) -> Option<Function<'a>> {
        let mut below = start;
        for node in start.ancestors() {
            match node.kind() {
                Kind::Call(call) if call.callee != below => {
                    found.extend(self.records.all.get(&node.key()).copied());
                    // A wrapper that the request is handed to as a function.
                    if below.as_function().is_some() {
                        for wrapper in self.code.callees(call) {
                            found.extend(self.reached(wrapper.node, MAX_HOPS));
                        }
                    }
                }
                Kind::Function(function) => {
                    if level == 0 || !is_handler(function) {
                        found.extend(self.in_function(function, start, level));
                    }
                    if !function.known_as().is_empty() || !is_run_in_place(node) {
                        return Some(function);
                    }
                }
                _ => {}
            }
            below = node;
        }
        // Code at the top of a file.
        if level == 0 && start.enclosing_function().is_none() {
            found
                .extend(start.source().root().walk_own().filter_map(|node| self.records.all.get(&node.key()).copied()));
        }
        None
    }

    /// What a function records: near the request all of it, further up only what is named after an API or passes a
    /// method of the same name on.
    fn in_function(&self, function: Function<'a>, start: Node<'a>, level: usize) -> Vec<Record<'a>> {
        if level == 0 {
            return self.reached(function.node, MAX_HOPS);
        }
        let passes_on = start.as_call().is_some_and(|call| call.method() == function.known_as());
        let mut found = self.reached(function.node, 1);
        found.retain(|record| passes_on || record.is_of_api);
        found
    }

    /// What a piece of code records, by itself and in what it calls.
    fn reached(&self, start: Node<'a>, hops: usize) -> Vec<Record<'a>> {
        let (mut found, mut seen) = (Vec::new(), HashSet::from([start]));
        let mut open = VecDeque::from([(start, 0)]);
        while let Some((node, hop)) = open.pop_front() {
            for inner in node.walk() {
                found.extend(self.records.all.get(&inner.key()).copied());
                if hop >= hops || seen.len() > MAX_FUNCTIONS {
                    continue;
                }
                let mut functions = match inner.kind() {
                    Kind::Call(call) => self.code.callees(call),
                    _ => Vec::new(),
                };
                if let Kind::Function(function) = inner.kind() {
                    functions.extend(self.decorating(function));
                }
                let new = functions.into_iter().filter(|function| seen.insert(function.node));
                open.extend(new.map(|function| (function.node, hop + 1)));
            }
        }
        found
    }

    /// Functions of the repository that stand as decorators without a call: `@timed`.
    fn decorating(&self, function: Function<'a>) -> Vec<Function<'a>> {
        let bare = function.decorators.iter().filter(|mark| mark.as_call().is_none());
        let origins = bare.flat_map(|mark| self.code.origins(mark));
        origins
            .filter_map(|origin| match origin {
                Origin::Own(Value::Function(function)) => Some(function),
                _ => None,
            })
            .collect()
    }

    /// By what the client was made with, and by what was added to it: interceptors, hooks, transports, adapters.
    fn by_set_up(&self, site: &Site, call: Call<'a>) -> Vec<Record<'a>> {
        let makers = self.makers(site.maker(self.code));
        let mut found: Vec<Record<'a>> = makers.iter().flat_map(|maker| self.held(maker.node)).collect();
        let mut sources = vec![call.node.source()];
        sources.extend(makers.iter().map(|maker| maker.node.source()));
        sources.sort_by_key(|source| source.path());
        sources.dedup_by_key(|source| source.path());
        for source in sources {
            for set_up in source.nodes().filter_map(Node::as_call).filter(|call| SET_UPS.contains(&call.method())) {
                let Some(receiver) = set_up.receiver() else { continue };
                if self.is_of(receiver, &makers, site) {
                    found.extend(set_up.arguments.iter().flat_map(|argument| self.held(argument)));
                }
            }
            for assign in self.code.member_writes(source) {
                let Kind::Assign { target, value, .. } = assign.kind() else { continue };
                let (Kind::Member { object, .. } | Kind::Index { object, .. }) = target.kind() else { continue };
                if self.is_of(object, &makers, site) {
                    found.extend(self.held(value));
                }
            }
        }
        found
    }

    /// The call that made a client, and those that made what it was handed.
    fn makers(&self, maker: Option<Call<'a>>) -> Vec<Call<'a>> {
        let mut makers: Vec<Call<'a>> = maker.into_iter().collect();
        let mut at = 0;
        while let Some(maker) = makers.get(at).copied().filter(|_| makers.len() < 12) {
            at += 1;
            for node in maker.node.walk().filter(|node| matches!(node.kind(), Kind::Name(_) | Kind::Member { .. })) {
                for origin in self.code.origins(node) {
                    if let Origin::Library(_, Some(made)) = origin
                        && !makers.contains(&made)
                    {
                        makers.push(made);
                    }
                }
            }
        }
        makers
    }

    /// Whether an expression is the client, or a part of it.
    fn is_of(&self, node: Node<'a>, makers: &[Call<'a>], site: &Site) -> bool {
        self.code.origins(node).iter().any(|origin| match origin {
            Origin::Library(_, Some(made)) => makers.contains(made),
            Origin::Library(path, None) => {
                makers.is_empty() && path.split('.').next() == Some(site.library.name) && path.contains("nterceptor")
            }
            _ => false,
        })
    }

    /// What is recorded by the functions and classes that a piece of set-up names.
    fn held(&self, start: Node<'a>) -> Vec<Record<'a>> {
        let (mut found, mut seen) = (Vec::new(), HashSet::from([start]));
        let mut open = VecDeque::from([(start, 0)]);
        while let Some((node, hop)) = open.pop_front() {
            found.extend(self.reached(node, MAX_HOPS));
            if hop >= MAX_HOPS || seen.len() > MAX_FUNCTIONS {
                continue;
            }
            for inner in node.walk() {
                let expression = match inner.kind() {
                    Kind::Call(call) => call.callee,
                    Kind::Name(_) | Kind::Member { .. } | Kind::Type(_) => inner,
                    _ => continue,
                };
                for part in self.code.origins(expression).into_iter().flat_map(|origin| self.parts(origin)) {
                    if seen.insert(part) {
                        open.push_back((part, hop + 1));
                    }
                }
            }
        }
        found
    }

    /// The code behind a value.
    fn parts(&self, origin: Origin<'a>) -> Vec<Node<'a>> {
        match origin {
            Origin::Own(Value::Function(function)) => vec![function.node],
            Origin::Own(Value::Class(class) | Value::Instance(class, _)) => self.methods(class),
            Origin::Own(Value::Literal(node)) if matches!(node.kind(), Kind::Object(_) | Kind::List(_)) => vec![node],
            Origin::Library(_, Some(made)) => vec![made.node],
            _ => Vec::new(),
        }
    }

    /// The methods of a class; Go writes them beside it.
    fn methods(&self, class: Class<'a>) -> Vec<Node<'a>> {
        if class.node.source().language() != Language::Go {
            return vec![class.node];
        }
        let methods = self.code.functions().filter(|function| function.receiver.is_some());
        let own = methods.filter(|method| self.code.class_of(method.node).is_some_and(|own| own == class));
        own.map(|method| method.node).collect()
    }

    /// Where a framework hands the client over: handlers and interceptors that are registered for it.
    fn by_registration(&self, site: &Site, call: Call<'a>) -> Vec<Record<'a>> {
        let language = call.node.source().language();
        if !matches!(language, Language::CSharp | Language::Java | Language::Kotlin) || site.maker(self.code).is_some()
        {
            return Vec::new();
        }
        let registered = self.code.calls().filter(|call| REGISTERED.contains(&call.method()));
        let of_language = registered.filter(|call| call.node.source().language() == language);
        of_language
            .flat_map(|call| {
                let mut found: Vec<Record<'a>> = call.arguments.iter().flat_map(|node| self.held(node)).collect();
                let named = type_argument(call).into_iter().flat_map(|name| self.classes_named(name));
                found.extend(named.flat_map(|class| self.held(class.node)));
                found
            })
            .collect()
    }

    fn classes_named(&self, name: &str) -> Vec<Class<'a>> {
        self.code.classes().filter(|class| class.name == name).collect()
    }

    /// By listening to what the library tells of each request.
    fn by_event(&self, call: Call<'a>) -> Vec<Record<'a>> {
        let language = call.node.source().language();
        let is_near = |other: &Call<'a>| {
            let own = other.node.source().language();
            own == language || (own.is_script() && language.is_script())
        };
        let listening = self.code.calls().filter(is_near).filter(|call| {
            let text = call.argument(0).map(|first| first.as_str().unwrap_or(first.text())).unwrap_or_default();
            EVENTS.contains(&text) || text.contains("Events\\ResponseReceived") || text == "ResponseReceived::class"
        });
        listening.flat_map(|call| call.arguments.iter()).flat_map(|argument| self.held(argument)).collect()
    }
}

/// `MetricsHandler` of `AddHttpMessageHandler<MetricsHandler>()`.
fn type_argument(call: Call<'_>) -> Option<&str> {
    let text = call.node.text();
    let at = text.rfind(&format!("{}<", call.method()))? + call.method().len() + 1;
    text.get(at..)?.split(['>', ',']).next().map(str::trim)
}

/// A function that is handed to something whose answer is used: it runs there and then.
fn is_run_in_place(lambda: Node<'_>) -> bool {
    let Some(call) = lambda
        .ancestors()
        .find(|node| !matches!(node.kind(), Kind::Named { .. } | Kind::Pair { .. } | Kind::Object(_)))
    else {
        return false;
    };
    if call.as_call().is_none() {
        return false;
    }
    !call.parent().is_some_and(|parent| matches!(parent.kind(), Kind::Block(_)))
        || matches!(call.source().language(), Language::Python | Language::Kotlin | Language::Ruby)
}

/// What answers requests of others: what it records of them says nothing of the calls that it makes.
fn is_handler(function: Function<'_>) -> bool {
    let mut names = function.parameters.iter().filter_map(Node::as_parameter).map(|parameter| parameter.name());
    let by_name = names.any(|name| matches!(name, "req" | "res" | "reply" | "ctx" | "w" | "event" | "context"));
    let routes = [
        "route",
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "GetMapping",
        "PostMapping",
        "HttpGet",
        "HttpPost",
        "RequestMapping",
        "Get",
        "Post",
    ];
    let mut marks = function.decorators.iter();
    let by_mark = marks.any(|mark| {
        let name = mark.as_call().map_or(mark, |call| call.callee).leaf();
        routes.contains(&name)
    });
    // Go hands every function a `ctx`: it is no sign there.
    let is_go = function.node.source().language() == Language::Go;
    let writes = || function.parameters.iter().any(|node| node.text().contains("ResponseWriter"));
    by_mark || (by_name && (!is_go || writes()))
}
