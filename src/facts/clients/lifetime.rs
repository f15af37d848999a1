//! How often a client is made: once for the process, or again for each call, request or run.

use crate::evidence::Span;
use crate::facts::code::{Call, Class, Code, Function, Kind, Language, Node, Operator, Origin, Value, simple_name};

/// As many makers of makers are followed.
const MAX_DEPTH: usize = 8;
/// As many callers of one function are asked.
const MAX_CALLERS: usize = 40;
/// Decorators and annotations of what is made once.
const KEPT: [&str; 24] = [
    "lru_cache",
    "cache",
    "cached_property",
    "cached",
    "singleton",
    "Bean",
    "Provides",
    "Singleton",
    "ApplicationScoped",
    "asynccontextmanager",
    "contextmanager",
    "on_event",
    "fixture",
    "memoize",
    "once",
    "Produces",
    "Injectable",
    "Service",
    "Component",
    "Configuration",
    "Repository",
    "st.cache_resource",
    "cache_resource",
    "Module",
];
/// Annotations of classes that a framework makes one object of.
const BEANS: [&str; 10] = [
    "Injectable",
    "Service",
    "Component",
    "Configuration",
    "Repository",
    "Singleton",
    "ApplicationScoped",
    "RestController",
    "Controller",
    "Module",
];
/// Functions that run once, when the process starts.
const STARTS: [&str; 34] = [
    "main",
    "Main",
    "bootstrap",
    "create_app",
    "createApp",
    "lifespan",
    "setup",
    "init",
    "__init__",
    "configure",
    "configureServices",
    "ConfigureServices",
    "onModuleInit",
    "onApplicationBootstrap",
    "StartAsync",
    "ExecuteAsync",
    "startup",
    "on_startup",
    "__aenter__",
    "__enter__",
    "setUp",
    "initialize",
    "register",
    "boot",
    "module",
    "run_forever",
    "buildServer",
    "build_app",
    "makeApp",
    "createServer",
    "start_server",
    "async_setup_entry",
    "connect",
    "open",
];
/// Calls that run what they are handed once.
const ONCE: [&str; 24] = [
    "AddSingleton",
    "addSingleton",
    "singleton",
    "single",
    "lazy",
    "Do",
    "OnceValue",
    "OnceFunc",
    "OnceValues",
    "once",
    "memoize",
    "computeIfAbsent",
    "remember",
    "provide",
    "useFactory",
    "decorate",
    "AddHttpClient",
    "bind",
    "share",
    "define_singleton",
    "getOrPut",
    "setdefault",
    "GetOrAdd",
    "GetOrCreate",
];
/// Calls that run what they are handed again and again, or for each request.
const AGAIN: [&str; 28] = [
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "all",
    "use",
    "route",
    "on",
    "schedule",
    "setInterval",
    "AddTransient",
    "AddScoped",
    "MapGet",
    "MapPost",
    "MapPut",
    "MapDelete",
    "HandleFunc",
    "Handle",
    "GET",
    "POST",
    "factory",
    "every",
    "map",
    "forEach",
    "flatMap",
    "process",
    "addJob",
];

/// How often something is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Made {
    Once,
    /// Again and again: the place where that is decided, and what is to be seen there.
    Again(Span, &'static str),
}

/// How often a call runs that makes a client.
pub(super) fn of(code: &Code, maker: Call<'_>) -> Made {
    Lifetime { code, open: Vec::new() }.of(maker.node)
}

struct Lifetime<'a> {
    code: &'a Code,
    open: Vec<Node<'a>>,
}

impl<'a> Lifetime<'a> {
    fn of(&mut self, made: Node<'a>) -> Made {
        if self.open.len() >= MAX_DEPTH || self.open.contains(&made) {
            return Made::Once;
        }
        self.open.push(made);
        let answer = self.climb(made);
        self.open.pop();
        answer
    }

    fn climb(&mut self, made: Node<'a>) -> Made {
        if is_remembered(made) {
            return Made::Once;
        }
        let mut below = made;
        for node in made.ancestors() {
            match node.kind() {
                Kind::Loop(repeat) if repeat.body.contains(below) => return again(made, "a client made in a loop"),
                Kind::Call(call) if call.callee != below => {
                    if let (Some(_), Some(answer)) = (below.as_function(), self.handed(call, made)) {
                        return answer;
                    }
                }
                Kind::Function(function) => {
                    if let Some(answer) = self.in_function(function, made) {
                        return answer;
                    }
                }
                // A field: made with each object of the class.
                Kind::Class(class) => {
                    let is_static = made
                        .ancestors()
                        .take_while(|around| *around != node)
                        .any(|around| matches!(around.kind(), Kind::Let(declared) if declared.is_static));
                    let is_shared =
                        matches!(class.node.source().language(), Language::Python | Language::Ruby) || is_object(class);
                    return if is_static || is_shared { Made::Once } else { self.of_class(class) };
                }
                _ => {}
            }
            below = node;
        }
        Made::Once
    }

    /// What is made in a function that is handed to a call.
    fn handed(&self, call: Call<'a>, made: Node<'a>) -> Option<Made> {
        let method = call.method();
        if ONCE.contains(&method) {
            return Some(Made::Once);
        }
        AGAIN.contains(&method).then(|| again(made, "a client made for each run of this"))
    }

    /// What is made in a function: none where what holds the function decides.
    fn in_function(&mut self, function: Function<'a>, made: Node<'a>) -> Option<Made> {
        let mut marks = function.decorators.iter().map(|mark| mark.as_call().map_or(mark, |call| call.callee).leaf());
        if marks.any(|name| KEPT.contains(&name)) {
            return Some(Made::Once);
        }
        if function.marks.is_constructor {
            let class = self.code.class_of(function.node)?;
            return Some(self.of_class(class));
        }
        let name = function.known_as();
        if name.is_empty() {
            return None;
        }
        let callers = self.code.callers_of(function);
        let outside: Vec<Node<'a>> =
            callers.into_iter().map(|call| call.node).filter(|node| !function.node.contains(*node)).collect();
        if outside.is_empty() {
            let is_handed = !self.code.uses_of(function).is_empty();
            let is_start = STARTS.contains(&name) && !is_handed;
            let is_factory = ["create", "make", "build", "new", "New", "get_client", "getClient", "default"]
                .iter()
                .any(|word| name.starts_with(word));
            return Some(if is_start || is_factory || is_resource(function) {
                Made::Once
            } else {
                again(made, "a client made with each call")
            });
        }
        let answers = outside.into_iter().take(MAX_CALLERS).map(|caller| self.of(caller));
        let worst = answers.into_iter().find(|answer| *answer != Made::Once);
        Some(worst.map_or(Made::Once, |_| again(made, "a client made with each call")))
    }

    /// What is made with each object of a class: once, where there is one object.
    fn of_class(&mut self, class: Class<'a>) -> Made {
        let mut marks = class.decorators.iter().map(|mark| mark.as_call().map_or(mark, |call| call.callee).leaf());
        if marks.any(|name| BEANS.contains(&name)) {
            return Made::Once;
        }
        if let Some(span) = self.registered_anew(class) {
            return Made::Again(span, "an object with its own client for each use");
        }
        let is_made = |call: &Call<'a>| {
            simple_name(call.callee) == class.name
                || (call.method() == "new" && call.receiver().is_some_and(|receiver| receiver.leaf() == class.name))
        };
        let made: Vec<Node<'a>> = self
            .code
            .calls()
            .filter(is_made)
            .filter(|call| self.makes(*call, class))
            .map(|call| call.node)
            .filter(|node| !class.node.contains(*node))
            .collect();
        for node in made.into_iter().take(MAX_CALLERS) {
            if let Made::Again(span, _) = self.of(node) {
                return Made::Again(span, "an object with its own client made again and again");
            }
        }
        Made::Once
    }

    fn makes(&self, call: Call<'a>, class: Class<'a>) -> bool {
        self.code
            .origins(call.callee)
            .iter()
            .any(|origin| matches!(origin, Origin::Own(Value::Class(own)) if *own == class))
    }

    /// .NET: `AddTransient<Client>()`, `AddScoped<IClient, Client>()`.
    fn registered_anew(&self, class: Class<'a>) -> Option<Span> {
        if class.node.source().language() != Language::CSharp {
            return None;
        }
        let marker = [format!("{}>", class.name), format!("({})", class.name)];
        let mut calls = self.code.calls().filter(|call| matches!(call.method(), "AddTransient" | "AddScoped"));
        calls.find(|call| marker.iter().any(|marker| call.node.text().contains(marker))).map(|call| call.node.span())
    }
}

fn again(made: Node<'_>, note: &'static str) -> Made {
    Made::Again(made.span(), note)
}

/// Kotlin's `object` and companion.
fn is_object(class: Class<'_>) -> bool {
    let text = class.node.text();
    class.node.source().language() == Language::Kotlin
        && (text.starts_with("object ") || text.starts_with("companion "))
}

/// A generator that hands a client out and closes it: what a framework opens once.
fn is_resource(function: Function<'_>) -> bool {
    function.marks.is_generator && function.name.contains("lifespan")
}

/// Kept where the next call finds it: `this.http ??= …`, `if (!client) client = …`, `@http ||= …`, `static $c = …`.
fn is_remembered(made: Node<'_>) -> bool {
    let mut below = made;
    for node in made.ancestors().take(12) {
        match node.kind() {
            Kind::Assign { operator: Some(Operator::Or | Operator::Coalesce), .. } => return true,
            Kind::Assign { target, value, .. } if value == below => {
                return is_or_itself(target, value) || is_guarded(node, target);
            }
            Kind::Let(declared) if declared.is_static => return true,
            // Python declares where it assigns.
            Kind::Let(declared) if declared.value == Some(below) => return is_guarded(node, declared.target),
            Kind::Binary { operator: Operator::Or | Operator::Coalesce, .. } => return true,
            Kind::Function(_) | Kind::Class(_) => return false,
            _ => {}
        }
        below = node;
    }
    false
}

/// `client = client or Client()`.
fn is_or_itself(target: Node<'_>, value: Node<'_>) -> bool {
    matches!(value.kind(), Kind::Binary { operator: Operator::Or | Operator::Coalesce, left, .. } if left.text() == target.text())
}

/// Within a condition that asks for what is assigned, or after one that answers with it.
fn is_guarded(assign: Node<'_>, target: Node<'_>) -> bool {
    let name = target.leaf();
    let asks =
        |node: Node<'_>| matches!(node.kind(), Kind::If { test, .. } if test.walk().any(|inner| inner.leaf() == name));
    if name.is_empty() {
        return false;
    }
    if assign.ancestors().take_while(|node| node.as_function().is_none()).any(asks) {
        return true;
    }
    let Some(function) = assign.enclosing_function() else { return false };
    let before = function.node.walk_own().filter(|node| node.range().start < assign.range().start);
    before.into_iter().any(|node| asks(node) && node.walk().any(|inner| matches!(inner.kind(), Kind::Return(Some(_)))))
}
