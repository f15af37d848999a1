//! What a process keeps to itself: sets, maps and caches that end with it.

use super::guard::Sign;
use crate::facts::code::{Call, Code, Declared, Definition, Kind, Node, Operator, Origin, Value};

/// What makes something that lives in the process. Source: the standard libraries, and the manuals of the caches.
const MAKERS: [&str; 46] = [
    "Set",
    "Map",
    "WeakMap",
    "set",
    "dict",
    "defaultdict",
    "OrderedDict",
    "deque",
    "list",
    "LRUCache",
    "LRU",
    "TTLCache",
    "lru-cache",
    "node-cache",
    "NodeCache",
    "quick-lru",
    "QuickLRU",
    "TTLCache",
    "ttlcache",
    "cachetools",
    "HashSet",
    "HashMap",
    "LinkedHashMap",
    "LinkedHashSet",
    "ConcurrentHashMap",
    "newKeySet",
    "synchronizedSet",
    "synchronizedMap",
    "mutableSetOf",
    "mutableMapOf",
    "hashSetOf",
    "Caffeine",
    "CacheBuilder",
    "ConcurrentDictionary",
    "Dictionary",
    "ConcurrentBag",
    "IMemoryCache",
    "MemoryCache",
    "golang-lru",
    "expirable",
    "go-cache",
    "ristretto",
    "bigcache",
    "sync.Map",
    "Concurrent",
    "SplObjectStorage",
];
/// Calls that ask for a key or take it.
const ASKS: [&str; 30] = [
    "has",
    "add",
    "get",
    "includes",
    "contains",
    "Contains",
    "ContainsKey",
    "containsKey",
    "TryAdd",
    "TryGetValue",
    "Add",
    "putIfAbsent",
    "put_if_absent",
    "LoadOrStore",
    "Load",
    "Get",
    "ContainsOrAdd",
    "include?",
    "key?",
    "member?",
    "add?",
    "getIfPresent",
    "asMap",
    "isset",
    "put",
    "set",
    "Set",
    "setdefault",
    "compute_if_absent",
    "computeIfAbsent",
];

/// The use of something in the process, with the place where it is made.
#[derive(Debug, Clone)]
pub struct Memory {
    pub used: Sign,
    pub home: Option<Sign>,
}

/// `seen.has(key)`, `key in seen`, `seen[key]`, where `seen` outlives a request and ends with the process.
pub(super) fn memory(code: &Code, node: Node<'_>) -> Option<Memory> {
    let store = match node.kind() {
        Kind::Call(call) if ASKS.contains(&call.method()) && !call.arguments.is_empty() => call.receiver()?,
        Kind::Binary { operator: Operator::In | Operator::NotIn, right, .. } => right,
        Kind::Index { object, index } if index.as_str().is_none() && !matches!(index.kind(), Kind::Number(_)) => object,
        _ => return None,
    };
    let home = home(code, store)?;
    let text = |node: Node<'_>| node.text().lines().next().unwrap_or_default().chars().take(60).collect();
    Some(Memory {
        used: Sign { span: node.span(), text: text(node) },
        home: Some(Sign { span: home.span(), text: text(home) }),
    })
}

/// The declaration of such a store: of a file or of a class, never of a function.
fn home<'a>(code: &'a Code, store: Node<'a>) -> Option<Node<'a>> {
    if !is_in_process(code, store) {
        return None;
    }
    if let Some(name) = store.as_name() {
        let declared = code.define(store, name).into_iter().find_map(|definition| match definition {
            Definition::Declared(Declared::Variable(leaf)) => Some(leaf),
            _ => None,
        });
        if let Some(leaf) = declared {
            return leaf
                .enclosing_function()
                .filter(|function| !function.marks.is_constructor)
                .is_none()
                .then_some(leaf);
        }
    }
    // A field: where its object is made.
    code.origins(store)
        .into_iter()
        .find_map(|origin| match origin {
            Origin::Library(_, Some(maker)) => Some(maker.node),
            Origin::Own(Value::Literal(node)) => Some(node),
            _ => None,
        })
        .filter(|made| made.enclosing_function().is_none_or(|function| function.marks.is_constructor))
        .or_else(|| matches!(store.kind(), Kind::Member { .. }).then_some(store))
}

pub(super) fn is_in_process(code: &Code, store: Node<'_>) -> bool {
    code.origins(store).iter().any(|origin| match origin {
        Origin::Library(path, maker) => names_maker(path) || maker.is_some_and(|maker| made_by(maker)),
        Origin::Own(Value::Literal(node)) => matches!(node.kind(), Kind::Object(_) | Kind::List(_)),
        Origin::Unknown(node) => declared_type(*node).is_some_and(names_maker),
        Origin::Own(Value::Instance(class, _)) => class.bases.iter().any(|base| names_maker(base.text())),
        _ => false,
    })
}

fn made_by(maker: Call<'_>) -> bool {
    maker.is_new && names_maker(maker.callee.text())
}

fn names_maker(path: &str) -> bool {
    let parts = path.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
    let is_go_map = path.starts_with("map[");
    is_go_map || path.contains("sync.Map") || parts.into_iter().any(|part| MAKERS.contains(&part))
}

/// The type that a field or variable is declared with: C#'s `ConcurrentDictionary<string, byte> Seen = new()`.
fn declared_type(node: Node<'_>) -> Option<&str> {
    let around = std::iter::once(node).chain(node.ancestors()).take(3);
    around.into_iter().find_map(|outer| outer.as_let().and_then(|declared| declared.annotation)).map(Node::text)
}
