//! Places where deliveries arrive, by their path alone.

use super::{Receiver, is_hook};
use crate::facts::code::{Code, Kind, Node, Operator};
use crate::facts::endpoints::{Verb, vocabulary};

/// A route of deliveries by its path alone: registered for what is not here, or compared by hand with the path of a
/// request.
pub(super) fn receiver<'a>(code: &'a Code, node: Node<'a>) -> Option<Receiver> {
    let name = match node.kind() {
        Kind::Call(call)
            if vocabulary::registers(call.method()).is_some_and(|verb| verb != Verb::Read)
                && call.arguments.len() > 1 =>
        {
            let path = call.argument(0)?;
            code.texts(path).into_iter().find(|text| is_route(text) && is_hook(text))?
        }
        Kind::Binary { operator: Operator::Equal | Operator::NotEqual, left, right } => {
            let is_path = |side: Node<'_>| match side.kind() {
                Kind::Str(text) => text.starts_with('/') && is_hook(text),
                _ => {
                    let leaf = side.leaf().to_ascii_lowercase().replace('_', "");
                    leaf.ends_with("webhookpath") || leaf.ends_with("webhookroute") || leaf.ends_with("hookpath")
                }
            };
            let asked = |side: Node<'_>| {
                ["path", "pathname", "url", "route"].iter().any(|word| side.leaf().to_ascii_lowercase().ends_with(word))
            };
            let (path, _) =
                [(left, right), (right, left)].into_iter().find(|(path, other)| is_path(*path) && asked(*other))?;
            path.as_str().unwrap_or(path.leaf()).to_owned()
        }
        _ => return None,
    };
    Some(Receiver { span: node.span(), name: name.chars().take(60).collect() })
}

fn is_route(text: &str) -> bool {
    text.contains('/') && !text.contains("://") && !text.contains(' ') || text.starts_with("POST /") || is_hook(text)
}
