//! Where a call keeps something: in a database, a shared store, a file, or the memory of the process.

use super::vocabulary::{BY_NAME, BY_PATH, FILES, MODELS, READS, WRITES};
use crate::facts::code::{Call, Class, Code, Kind, Node, Origin, Value};

/// What keeps a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keeper {
    /// It outlives the process: its name.
    Lasting(&'static str),
    /// A file; whether it lasts depends on where it lies.
    File,
    /// It ends with the process.
    Process(&'static str),
    /// The framework's cache, which settings place.
    Cache(Framework),
}

/// A framework whose cache may be anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Framework {
    Rails,
    Django,
    Laravel,
}

/// A call that keeps something or reads what was kept.
#[derive(Debug, Clone, Copy)]
pub struct Touch<'a> {
    pub call: Call<'a>,
    pub keeper: Keeper,
    pub reads: bool,
    pub writes: bool,
}

/// What a call does to what keeps, where it does.
pub fn touch<'a>(code: &'a Code, call: Call<'a>) -> Option<Touch<'a>> {
    let method = call.method().trim_end_matches(['!', '?']);
    let lower = method.to_ascii_lowercase();
    let bare = lower.trim_end_matches("async");
    let is_named =
        |names: &[&str]| names.iter().any(|name| bare == *name || (name.len() > 3 && bare.starts_with(name)));
    let (mut reads, mut writes) = (is_named(&READS), is_named(&WRITES));
    if lower == "send" {
        let command = call.argument(0).and_then(Node::as_call).map(|command| command.method()).unwrap_or_default();
        (reads, writes) = (
            command.starts_with("Get") || command.starts_with("Query"),
            ["Put", "Update", "Delete", "Batch", "Transact"].iter().any(|verb| command.starts_with(verb)),
        );
    }
    let text = statement(code, call);
    if let Some(text) = &text {
        let selects = text.trim_start().get(..6).is_some_and(|start| {
            start.eq_ignore_ascii_case("select") || start.to_ascii_lowercase().starts_with("with")
        });
        (reads, writes) = (selects || text.to_ascii_lowercase().contains("returning"), !selects);
    } else if !reads && !writes {
        return None;
    }
    let keeper = keeper(code, call, &lower).or_else(|| text.is_some().then_some(Keeper::Lasting("a database")))?;
    if keeper == Keeper::File && lower == "open" {
        let is_write = call.arguments.iter().filter_map(|argument| match argument.kind() {
            Kind::Named { name: "mode", value } => value.as_str(),
            _ => argument.as_str(),
        });
        writes = is_write.skip(1).any(|mode| mode.len() < 4 && mode.contains(['w', 'a', '+', 'x']));
        reads = !writes;
    }
    Some(Touch { call, keeper, reads, writes })
}

/// The statement of SQL that a call is handed.
pub(super) fn statement(code: &Code, call: Call<'_>) -> Option<String> {
    let is_sql = |text: &str| {
        let start: String = text.trim_start().chars().take(12).collect::<String>().to_ascii_lowercase();
        [
            "select ",
            "select\n",
            "insert ",
            "insert\n",
            "update ",
            "delete ",
            "merge ",
            "upsert ",
            "replace ",
            "with ",
            "truncate ",
            "copy ",
        ]
        .iter()
        .any(|verb| start.starts_with(verb))
    };
    let tagged = |node: Node<'_>| {
        matches!(
            node.kind(),
            Kind::Str(_)
                | Kind::Template(_)
                | Kind::Name(_)
                | Kind::Member { .. }
                | Kind::Binary { .. }
                | Kind::Call(_)
        )
    };
    let arguments = call.arguments.iter().map(|argument| match argument.kind() {
        Kind::Named { value, .. } => value,
        _ => argument,
    });
    arguments.take(3).filter(|argument| tagged(*argument)).find_map(|argument| {
        let inner = argument.as_call().and_then(|wrap| wrap.argument(0)).unwrap_or(argument);
        code.texts(inner).into_iter().find(|text| is_sql(text))
    })
}

fn keeper(code: &Code, call: Call<'_>, method: &str) -> Option<Keeper> {
    let origins = code.origins(call.callee);
    for origin in &origins {
        match origin {
            Origin::Library(path, maker) => {
                let path = path.to_ascii_lowercase().replace("::", ".");
                if let Some((_, keeper)) = BY_PATH.iter().find(|(part, _)| path.contains(part)) {
                    return Some(refined(code, *keeper, *maker));
                }
                if path == "open"
                    || path.ends_with("io.open")
                    || path.starts_with("open()")
                    || path == "file.read"
                    || path == "file.write"
                {
                    return Some(Keeper::File);
                }
            }
            // A function of the repository is looked into, not taken by its name.
            Origin::Own(Value::Function(function)) if function.body.is_some() => return None,
            _ => {}
        }
    }
    if call.receiver().is_some_and(|receiver| code.origins(receiver).iter().any(|origin| is_row(code, origin))) {
        return Some(Keeper::Lasting("a database"));
    }
    let chain = call.receiver()?;
    let names: Vec<&str> = chain
        .walk_own()
        .filter_map(|node| match node.kind() {
            Kind::Name(name) | Kind::Member { property: name, .. } => Some(name),
            _ => None,
        })
        .collect();
    if FILES.contains(&method) {
        return Some(Keeper::File);
    }
    let is_binding = names.contains(&"env") && matches!(method, "get" | "put" | "list" | "delete" | "getwithmetadata");
    if is_binding {
        return Some(Keeper::Lasting("a key-value store of the platform"));
    }
    names
        .iter()
        .flat_map(|name| parts(name))
        .find_map(|part| BY_NAME.iter().find(|(own, _)| *own == part).map(|(_, keeper)| *keeper))
}

/// A library for many databases is a file where it opens one.
fn refined(code: &Code, keeper: Keeper, maker: Option<Call<'_>>) -> Keeper {
    let texts = maker.into_iter().flat_map(|maker| maker.arguments.iter()).flat_map(|argument| code.texts(argument));
    let is_file =
        texts.into_iter().any(|text| text.contains("sqlite") || text.contains("Data Source=") && text.contains(".db"));
    if is_file && keeper == Keeper::Lasting("a database") { Keeper::File } else { keeper }
}

/// A class of rows, or an object of one.
fn is_row(code: &Code, origin: &Origin<'_>) -> bool {
    let class = match origin {
        Origin::Own(Value::Class(class)) | Origin::Own(Value::Instance(class, _)) => *class,
        _ => return false,
    };
    is_model(code, class, 0)
}

fn is_model(code: &Code, class: Class<'_>, depth: usize) -> bool {
    let is_marked = class.decorators.iter().any(|mark| mark.text().contains("Entity") || mark.text().contains("Table"));
    let named = class.bases.iter().any(|base| {
        let text = base.text();
        let name = text.split(['<', '(', '[']).next().unwrap_or(text).rsplit(['.', ':', '\\']).next().unwrap_or(text);
        MODELS.contains(&name) || text.contains("Repository<")
    });
    is_marked
        || named
        || (depth < 4 && code.base_classes(class).into_iter().any(|base| is_model(code, base, depth + 1)))
}

/// The words of a name in lower case.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut previous_lower = false;
    for letter in name.chars().take(80) {
        if (letter.is_uppercase() && previous_lower) || !letter.is_alphanumeric() {
            parts.push(String::new());
        }
        previous_lower = letter.is_lowercase();
        if let (true, Some(last)) = (letter.is_alphanumeric(), parts.last_mut()) {
            last.extend(letter.to_lowercase());
        }
    }
    parts.push(name.to_lowercase());
    parts
}
