//! Calls of libraries that write: to databases, queues and inboxes.

use super::words as known;
use super::{Again, Effect, Target, statements_of};
use crate::facts::code::{Call, Code, Kind, Language, Node, Origin, Value};

/// The effect of a call that is no request.
pub(super) fn effect(code: &Code, call: Call<'_>) -> Option<Effect> {
    if is_declaring(call) {
        return None;
    }
    if let Some(statement) = statements_of(code, call).into_iter().min_by_key(|statement| statement.again) {
        let title = format!("{} {}", statement.verb, statement.table);
        return Some(made(call, title, Target::Database, statement.again));
    }
    let (target, again) = by_name(code, call)?;
    // What the repository does itself is followed into.
    let is_own = code.callees(call).iter().any(|function| function.body.is_some());
    (!is_own).then(|| made(call, title(call), target, again))
}

fn made(call: Call<'_>, title: String, target: Target, again: Again) -> Effect {
    Effect { key: call.node.key(), span: call.node.span(), title, target, again }
}

fn title(call: Call<'_>) -> String {
    let path = call.path().unwrap_or_else(|| call.method().to_owned());
    path.trim_start_matches("this.").chars().take(60).collect()
}

/// A decorator or annotation tells and does nothing, except for the statements that it holds.
fn is_declaring(call: Call<'_>) -> bool {
    call.node.parent().is_some_and(|owner| match owner.kind() {
        Kind::Function(function) => {
            function.decorators.iter().any(|mark| mark == call.node) && call.method() != "Query"
        }
        Kind::Class(class) => class.decorators.iter().any(|mark| mark == call.node),
        Kind::Decorated { decorators, .. } => decorators.iter().any(|mark| mark == call.node),
        _ => false,
    })
}

fn by_name(code: &Code, call: Call<'_>) -> Option<(Target, Again)> {
    let method = call.method();
    let receiver = call.receiver();
    if known::MESSAGES.contains(&method) {
        return Some((Target::Message, Again::Repeats));
    }
    let on = receiver.map(owner_text).unwrap_or_default();
    if known::QUEUES.contains(&method)
        && (receiver.is_some() || call.is_new)
        && !matches!(on.as_str(), "store" | "this")
    {
        return Some((Target::Queue, Again::Repeats));
    }
    if known::QUEUES_ON_QUEUE.contains(&method) && known::names_queue(&on) {
        return Some((Target::Queue, Again::Repeats));
    }
    if known::COMMANDS_SAME.contains(&method) {
        return Some((Target::Database, Again::Same));
    }
    let again = chained(call);
    if known::REPEATING.contains(&method) {
        return Some((Target::Database, again.unwrap_or(Again::Repeats)));
    }
    if known::SAME.contains(&method) {
        return Some((Target::Database, if counts_on(call) { Again::Repeats } else { Again::Same }));
    }
    let repeats = known::REPEATING_ON_DATABASE.contains(&method);
    let same = known::SAME_ON_DATABASE.contains(&method);
    if !(repeats || same) || !is_on_database(code, call, receiver?, &on) {
        return None;
    }
    let is_row = repeats && (keeps_its_key(code, call, receiver?) || is_asked_before(call));
    let plain = if repeats && !is_row { Again::Repeats } else { Again::Same };
    Some((Target::Database, if counts_on(call) { Again::Repeats } else { again.unwrap_or(plain) }))
}

/// The chain that a method is called on, without what it is handed: `db("orders")` is `db`.
fn owner_text(receiver: Node<'_>) -> String {
    match receiver.kind() {
        Kind::Call(call) => {
            let before = call.receiver().map(owner_text).unwrap_or_default();
            format!("{before}.{}", call.method())
        }
        Kind::Member { object, property } => format!("{}.{property}", owner_text(object)),
        Kind::Name(name) => name.to_owned(),
        Kind::This => "this".to_owned(),
        _ => String::new(),
    }
}

/// `insert(…).onConflict("key").merge()`: what the chain says of a second time.
fn chained(call: Call<'_>) -> Option<Again> {
    let names = [
        "onConflict",
        "on_conflict_do_update",
        "on_conflict_do_nothing",
        "onConflictDoUpdate",
        "onConflictDoNothing",
        "orIgnore",
        "orUpdate",
        "onDuplicateKeyUpdate",
        "onConflictDoUpdateSet",
        "Clauses",
        "onDuplicateKeyIgnore",
        "ignoreDuplicates",
        "ignore_conflicts",
        "unique_by",
    ];
    let in_arguments = call.arguments.iter().flat_map(Node::walk).any(|node| match node.kind() {
        Kind::Pair { key, .. } => names.contains(&key.leaf()),
        Kind::Named { name, .. } => names.contains(&name),
        _ => false,
    });
    (in_arguments || methods_of_chain(call).iter().any(|name| names.contains(name))).then_some(Again::Same)
}

/// The names of all methods of the chain that a call stands in.
pub(super) fn methods_of_chain(call: Call<'_>) -> Vec<&str> {
    let mut names = Vec::new();
    let mut below = call.receiver().and_then(Node::as_call);
    while let Some(inner) = below.filter(|_| names.len() < 40) {
        names.push(inner.method());
        below = inner.receiver().and_then(Node::as_call);
    }
    let mut node = call.node;
    while let Some(outer) = node.parent().and_then(Node::parent).and_then(Node::as_call)
        && outer.receiver() == Some(node)
        && names.len() < 80
    {
        names.push(outer.method());
        node = outer.node;
    }
    names
}

/// `{ $inc: … }`, `F("n") + 1`, `increment: 1`.
fn counts_on(call: Call<'_>) -> bool {
    call.arguments.iter().flat_map(Node::walk).any(|node| match node.kind() {
        Kind::Pair { key, .. } => matches!(key.leaf(), "$inc" | "$push" | "increment" | "decrement"),
        Kind::Call(inner) => matches!(inner.method(), "F" | "increment" | "Inc"),
        _ => false,
    })
}

fn is_on_database(code: &Code, call: Call<'_>, receiver: Node<'_>, on: &str) -> bool {
    if known::names_other(on) || matches!(receiver.kind(), Kind::Str(_) | Kind::List(_) | Kind::Object(_)) {
        return false;
    }
    let origins = code.origins(receiver);
    let is_other = |origin: &Origin<'_>| match origin {
        Origin::Library(path, _) => {
            ["crypto", "hashlib", "hmac", "Set", "Map", "set", "URLSearchParams", "Headers", "Object"]
                .iter()
                .any(|root| path.starts_with(root))
        }
        Origin::Own(Value::Literal(_)) => true,
        _ => false,
    };
    if !origins.is_empty() && origins.iter().all(is_other) {
        return false;
    }
    let by_origin = origins.iter().any(|origin| matches!(origin, Origin::Library(path, _) if known::is_database(path)));
    let is_model = is_model(call, receiver, &origins);
    by_origin || is_model || known::names_database(on)
}

/// A class that stands for a table: Ruby's and PHP's models, Python's and script's capitalised names.
fn is_model(call: Call<'_>, receiver: Node<'_>, origins: &[Origin<'_>]) -> bool {
    let language = call.node.source().language();
    let root = receiver.as_name().unwrap_or_default();
    let is_capital = root.starts_with(char::is_uppercase) && root.chars().any(char::is_lowercase);
    let by_class = origins.iter().find_map(|origin| match origin {
        Origin::Own(Value::Class(class) | Value::Instance(class, _)) => Some(*class),
        _ => None,
    });
    let bases = [
        "ApplicationRecord",
        "ActiveRecord",
        "Model",
        "Base",
        "Document",
        "DbContext",
        "SQLModel",
        "BaseModel",
        "Eloquent",
        "JpaRepository",
        "CrudRepository",
        "MongoRepository",
        "Repository",
    ];
    if let Some(class) = by_class {
        return class
            .bases
            .iter()
            .any(|base| bases.iter().any(|known| base.text().contains(known)) && !base.text().contains("pydantic"));
    }
    is_capital
        && matches!(language, Language::Ruby | Language::Php | Language::Kotlin)
        && !matches!(
            root,
            "File"
                | "Dir"
                | "Hash"
                | "Array"
                | "Set"
                | "Log"
                | "Cache"
                | "Route"
                | "Http"
                | "Str"
                | "Arr"
                | "Object"
                | "JSON"
                | "Time"
                | "Redis"
                | "Rails"
        )
}

/// `save` of an entity whose key is not made by the database writes the same row again.
fn keeps_its_key(code: &Code, call: Call<'_>, receiver: Node<'_>) -> bool {
    if !matches!(call.method(), "save" | "saveAll" | "persist") {
        return false;
    }
    let typed = code.origins(receiver).into_iter().find_map(|origin| match origin {
        Origin::Own(Value::Instance(class, _)) => class.bases.iter().map(Node::text).find(|base| base.contains('<')),
        Origin::Unknown(node) => declared_type(node),
        _ => None,
    });
    let typed = typed.or_else(|| declared_type(receiver));
    let Some(inner) = typed.and_then(|text| text.split_once('<')).map(|(_, inner)| inner) else { return false };
    let name = inner.split([',', '>']).next().unwrap_or_default().trim();
    let mut entities = code.classes().filter(|class| class.name == name);
    entities.any(|class| {
        let text = class.node.text();
        let generated =
            text.contains("GeneratedValue") || text.contains("PrimaryGeneratedColumn") || text.contains("ObjectId");
        !generated && (text.contains("@Id") || text.contains("PrimaryColumn") || text.contains("PrimaryKey"))
    })
}

fn declared_type(node: Node<'_>) -> Option<&str> {
    let around = std::iter::once(node).chain(node.ancestors()).take(3);
    around
        .into_iter()
        .find_map(|outer| match outer.kind() {
            Kind::Let(declared) => declared.annotation,
            Kind::Parameter(parameter) => parameter.annotation,
            _ => None,
        })
        .map(Node::text)
}

/// A row is made where none was found by its key, and changed where one was: an upsert by hand.
fn is_asked_before(call: Call<'_>) -> bool {
    const FINDS: [&str; 12] = [
        "FindAsync",
        "Find",
        "FirstOrDefaultAsync",
        "SingleOrDefaultAsync",
        "findUnique",
        "findOne",
        "findById",
        "find_by",
        "get_by_id",
        "findOneBy",
        "findByPk",
        "findFirst",
    ];
    let Some(function) = call.node.enclosing_function() else { return false };
    let start = call.node.range().start;
    let calls = function.node.walk_own().filter_map(Node::as_call);
    let asked = calls.filter(|other| FINDS.contains(&other.method()) && other.node.range().end < start);
    let is_tested = call
        .node
        .ancestors()
        .any(|outer| matches!(outer.kind(), Kind::If { .. } | Kind::Conditional { .. } | Kind::Binary { .. }));
    is_tested && asked.count() > 0
}

/// What a method of a vendor's SDK does; none where it reads.
pub(super) fn of_sdk(method: &str) -> Option<Again> {
    let lower = method.to_ascii_lowercase();
    let starts = |words: &[&str]| words.iter().any(|word| lower.starts_with(word));
    if starts(&["create", "add", "send", "post", "transition", "append"]) {
        return Some(Again::Repeats);
    }
    starts(&["update", "delete", "del", "set", "upsert", "put", "patch", "archive", "remove", "assign"])
        .then_some(Again::Same)
}
