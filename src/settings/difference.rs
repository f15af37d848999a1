//! What differs between two YAML files, key by key: settings as one changes them, and the workflows that run the gate.

use super::node::{self, Node, Value};
use crate::evidence::Blob;
use schemars::JsonSchema;
use serde::Serialize;

/// Longer values are cut.
const LONGEST: usize = 300;
/// So many differences of one file are told.
pub const MOST: usize = 200;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Difference {
    /// The key, with the keys above it: `checks.rollback`.
    pub key: String,
    /// The line in the new file; 0 where it is gone.
    pub line: u32,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// Every difference, in the order of the new file and then of the old one. An error where the new one is no YAML; an
/// old one that is none counts as empty.
pub fn differences(before: &str, after: &str) -> Result<Vec<Difference>, String> {
    let before = node::parse(before).unwrap_or(Node { value: Value::Null, at: 0..0 });
    let blob = Blob::new("", after);
    let after = node::parse(after).map_err(|problem| problem.message)?;
    let mut found = Found { blob, list: Vec::new() };
    found.between("", Some(&before), Some(&after));
    found.list.truncate(MOST);
    Ok(found.list)
}

struct Found {
    blob: Blob,
    list: Vec<Difference>,
}

impl Found {
    fn between(&mut self, key: &str, before: Option<&Node>, after: Option<&Node>) {
        match (before.map(|node| &node.value), after.map(|node| &node.value)) {
            (Some(Value::Map(old)), Some(Value::Map(new))) => {
                let of = |pairs: &[(node::Key, Node)], name: &str| pairs.iter().position(|(key, _)| key.name == name);
                for (name, node) in new {
                    let other = of(old, &name.name).and_then(|at| old.get(at)).map(|(_, node)| node);
                    self.between(&below(key, &name.name), other, Some(node));
                }
                for (name, node) in old.iter().filter(|(name, _)| of(new, &name.name).is_none()) {
                    self.between(&below(key, &name.name), Some(node), None);
                }
            }
            (Some(Value::List(old)), Some(Value::List(new))) => self.lists(key, old, new),
            // A mapping or list that is new or gone as a whole is told by what it holds, so that each has its line.
            (None | Some(Value::Null), Some(Value::Map(new))) if !new.is_empty() => {
                new.iter().for_each(|(name, node)| self.between(&below(key, &name.name), None, Some(node)));
            }
            (None | Some(Value::Null), Some(Value::List(new))) if !new.is_empty() => self.lists(key, &[], new),
            // An empty file has no settings, one by one.
            (Some(Value::Map(old)), None | Some(Value::Null)) if key.is_empty() => {
                old.iter().for_each(|(name, node)| self.between(&name.name, Some(node), None));
            }
            (Some(Value::List(old)), None | Some(Value::Null)) => self.lists(key, old, &[]),
            _ => self.value(key, before, after),
        }
    }

    /// Items that are the same on both sides are no difference, wherever they stand; those that mean the same thing
    /// (a waiver of the same check and path, a step of the same action) are compared.
    fn lists(&mut self, key: &str, old: &[Node], new: &[Node]) {
        let mut left: Vec<&Node> = old.iter().collect();
        let mut changed: Vec<&Node> = Vec::new();
        for item in new {
            match left.iter().position(|other| text(other) == text(item)) {
                Some(at) => drop(left.remove(at)),
                None => changed.push(item),
            }
        }
        for item in changed {
            let same =
                identity(item).and_then(|name| left.iter().position(|other| identity(other).as_ref() == Some(&name)));
            match same.map(|at| left.remove(at)) {
                Some(other) => self.between(&below(key, &identity(item).unwrap_or_default()), Some(other), Some(item)),
                None => self.value(key, None, Some(item)),
            }
        }
        left.into_iter().for_each(|gone| self.value(key, Some(gone), None));
    }

    fn value(&mut self, key: &str, before: Option<&Node>, after: Option<&Node>) {
        let (old, new) = (before.map(text), after.map(text));
        if old == new || self.list.len() > MOST {
            return;
        }
        let line = after.map_or(0, |node| self.blob.span(node.at.clone()).line());
        let cut = |text: String| text.chars().take(LONGEST).collect();
        self.list.push(Difference { key: key.to_owned(), line, before: old.map(cut), after: new.map(cut) });
    }
}

fn below(key: &str, name: &str) -> String {
    if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") }
}

/// What an item of a list is about, where it says so.
fn identity(node: &Node) -> Option<String> {
    let word = |key: &str| match &node.get(key)?.value {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    };
    if let Some(uses) = word("uses") {
        return Some(uses.split('@').next().unwrap_or(uses).to_owned());
    }
    match (word("check"), word("path")) {
        (Some(check), path) => Some(format!("{check} {}", path.unwrap_or_default()).trim_end().to_owned()),
        (None, Some(path)) => Some(path.to_owned()),
        (None, None) => word("id").or_else(|| word("name")).map(str::to_owned),
    }
}

/// A value in one line.
fn text(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::List(items) => format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(", ")),
        Value::Map(pairs) => {
            let pairs: Vec<String> = pairs.iter().map(|(key, node)| format!("{}: {}", key.name, text(node))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: &str, after: &str) -> Vec<String> {
        let shown = |value: Option<String>| value.unwrap_or("-".to_owned());
        let all = differences(before, after).unwrap();
        all.into_iter()
            .map(|one| format!("{}:{} {} > {}", one.line, one.key, shown(one.before), shown(one.after)))
            .collect()
    }

    #[test]
    fn each_key_that_differs_is_told_with_its_line() {
        let before = "fail-on: P1\nchecks:\n  rollback: P0\nignore: [a]\n";
        let after = "fail-on: never\nchecks:\n  rollback: P0\n  alerts: off\nignore: [a, 'src/**']\n";
        assert_eq!(told(before, after), ["1:fail-on P1 > never", "4:checks.alerts - > off", "5:ignore - > src/**"]);
        assert_eq!(
            told(after, "fail-on: never\n"),
            ["0:checks {rollback: P0, alerts: off} > -", "0:ignore a > -", "0:ignore src/** > -"]
        );
        assert!(told(before, "ignore: [a]\nchecks: {rollback: P0}\nfail-on: P1 # moved\n").is_empty());
    }

    #[test]
    fn a_waiver_that_is_prolonged_is_compared_with_itself() {
        let waiver = |day: &str| format!("waivers:\n- check: retries\n  path: a/**\n  expires: {day}\n");
        assert_eq!(
            told(&waiver("2026-01-01"), &waiver("2036-01-01")),
            ["4:waivers.retries a/**.expires 2026-01-01 > 2036-01-01"]
        );
        assert_eq!(
            told("", &waiver("2026-01-01")),
            ["2:waivers - > {check: retries, path: a/**, expires: 2026-01-01}"]
        );
        assert!(differences("", "a: [").is_err());
    }
}
