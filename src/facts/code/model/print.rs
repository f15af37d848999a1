//! Prints a tree as nested lists, for tests and for looking at what a file was read as.

use super::*;
use std::fmt::Write;

impl Source {
    /// The whole tree, one statement of the top a line.
    pub fn outline(&self) -> String {
        let lines: Vec<String> = self.root().parts().into_iter().map(Node::outline).collect();
        lines.join("\n")
    }
}

impl Node<'_> {
    /// `(call (name fetch) (str "/x"))`. What is nested deeper than 60 levels is left out.
    pub fn outline(self) -> String {
        let mut text = String::new();
        write_node(self, &mut text, 0);
        text
    }
}

fn write_node(node: Node<'_>, into: &mut String, depth: usize) {
    if depth > 60 {
        return into.push('…');
    }
    into.push('(');
    into.push_str(&head(node.kind()));
    for part in node.parts() {
        into.push(' ');
        write_node(part, into, depth + 1);
    }
    into.push(')');
}

/// The word for a kind, with what belongs to the node itself.
fn head(kind: Kind<'_>) -> String {
    match kind {
        Kind::Null => "null".to_owned(),
        Kind::Bool(value) => value.to_string(),
        Kind::Number(number) => number.to_string(),
        Kind::Str(text) => format!("str {text:?}"),
        Kind::Regex(text) => format!("regex {text:?}"),
        Kind::Template(_) => "template".to_owned(),
        Kind::Name(name) => format!("name {name}"),
        Kind::This => "this".to_owned(),
        Kind::Super => "super".to_owned(),
        Kind::Member { property, .. } => format!("member {property}"),
        Kind::Index { .. } => "index".to_owned(),
        Kind::Call(call) => if call.is_new { "new" } else { "call" }.to_owned(),
        Kind::Named { name, .. } => format!("named {name}"),
        Kind::Spread(_) => "spread".to_owned(),
        Kind::Object(_) => "object".to_owned(),
        Kind::Pair { .. } => "pair".to_owned(),
        Kind::List(_) => "list".to_owned(),
        Kind::Function(function) => function_head(function),
        Kind::Class(class) => format!("{} {}", format!("{:?}", class.kind).to_lowercase(), class.name),
        Kind::Binary { operator, .. } | Kind::Unary { operator, .. } => word(operator),
        Kind::Assign { operator, .. } => operator.map_or("assign".to_owned(), |op| format!("assign-{}", word(op))),
        Kind::Conditional { .. } => "conditional".to_owned(),
        Kind::Await(_) => "await".to_owned(),
        Kind::Yield(_) => "yield".to_owned(),
        Kind::Type(name) => format!("type {name}"),
        Kind::Let(declared) => if declared.is_static { "static-let" } else { "let" }.to_owned(),
        Kind::Block(_) => "block".to_owned(),
        Kind::If { .. } => "if".to_owned(),
        Kind::Loop(repeat) => format!("{:?}", repeat.kind).to_lowercase(),
        Kind::Try { .. } => "try".to_owned(),
        Kind::Catch { .. } => "catch".to_owned(),
        Kind::Switch { .. } => "switch".to_owned(),
        Kind::Case { tests, .. } => if tests.is_empty() { "default" } else { "case" }.to_owned(),
        Kind::Return(_) => "return".to_owned(),
        Kind::Throw(_) => "throw".to_owned(),
        Kind::Break => "break".to_owned(),
        Kind::Continue => "continue".to_owned(),
        Kind::Import(import) => import_head(import),
        Kind::Parameter(parameter) => if parameter.is_field { "field-parameter" } else { "parameter" }.to_owned(),
        Kind::Decorated { .. } => "decorated".to_owned(),
        Kind::Unknown(_) => "unknown".to_owned(),
    }
}

fn function_head(function: Function<'_>) -> String {
    let marks = function.marks;
    let mut text = String::new();
    let words = [(marks.is_async, "async "), (marks.is_generator, "generator "), (marks.is_static, "static ")];
    words.iter().filter(|(is, _)| *is).for_each(|(_, word)| text.push_str(word));
    let word = match marks {
        FunctionMarks { is_constructor: true, .. } => "constructor",
        FunctionMarks { is_getter: true, .. } => "getter",
        FunctionMarks { is_lambda: true, .. } => "lambda",
        _ => "function",
    };
    let _ = write!(text, "{word} {}", function.name);
    text.trim_end().to_owned()
}

fn import_head(import: Import<'_>) -> String {
    let mut text = format!("import {:?}", import.module);
    for (name, local) in import.names() {
        let _ = if name == local { write!(text, " {name}") } else { write!(text, " {name}={local}") };
    }
    text
}

/// `LessOrEqual` as `less-or-equal`.
fn word(operator: Operator) -> String {
    let mut text = String::new();
    for letter in format!("{operator:?}").chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.extend(letter.to_lowercase());
    }
    text
}
