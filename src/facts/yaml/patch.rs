//! Trees made of other trees: an override laid over a base, a patch applied, a placeholder filled in. Every node
//! of the result keeps the file and line it came from.

use super::{Node, Value, Yaml, is_text};
use std::sync::Arc;

/// More nodes than this are not touched in one go: aliases may make a small file stand for an endless tree.
const BUDGET: usize = 200_000;

/// What becomes of a list that both sides have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    /// Items with the same `name` are merged, others added (Kubernetes).
    ByName,
    /// The items of both (Compose).
    Append,
    /// The overriding list alone (Helm values).
    Replace,
}

impl Yaml {
    /// This tree with another laid over it: mappings are merged, `null` and `$patch: delete` take away.
    pub fn overlaid(&self, over: &Yaml, lists: Lists) -> Yaml {
        let mut budget = BUDGET;
        Yaml { node: overlay(&self.node, &over.node, lists, &mut budget) }
    }

    /// This tree after one operation of a JSON patch (RFC 6902); unchanged where the path leads nowhere.
    pub fn edited(&self, op: &str, path: &str, value: Option<&Yaml>) -> Yaml {
        let steps: Vec<String> =
            path.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        let edit = match (op, value) {
            ("remove", _) => None,
            ("add" | "replace", Some(value)) => Some(&value.node),
            _ => return self.clone(),
        };
        Yaml { node: edited(&self.node, &steps, op == "add", edit) }
    }

    /// This tree with every scalar that is a placeholder replaced by what stands for it. A placeholder that is a
    /// whole entry (`x: x`) or a list item is replaced by the entries or items of what stands for it.
    pub fn filled(&self, stands_for: &dyn Fn(&str) -> Option<Filling>) -> Yaml {
        let mut budget = BUDGET;
        Yaml { node: filled(&self.node, stands_for, &mut budget) }
    }

    /// This tree with one entry set at its top.
    pub fn with_entry(&self, key: &str, value: &Yaml) -> Yaml {
        let Value::Mapping(pairs) = &self.node.value else { return self.clone() };
        let mut pairs = pairs.clone();
        pairs.retain(|(name, _)| !is_text(name, key));
        pairs.push((value.scalar(key).node, value.node.clone()));
        Yaml { node: remade(&self.node, Value::Mapping(pairs)) }
    }

    /// A scalar that stands where this node does.
    pub fn scalar(&self, text: &str) -> Yaml {
        Yaml { node: remade(&self.node, Value::Scalar(text.to_owned(), true)) }
    }
}

/// What a placeholder stands for.
pub enum Filling {
    Node(Yaml),
    /// A scalar in the place of the placeholder.
    Text(String),
    /// Nobody knows without rendering: what the template says.
    Unknown(String),
    Nothing,
}

fn remade(like: &Arc<Node>, value: Value) -> Arc<Node> {
    Arc::new(Node { value, blob: like.blob.clone(), lines: like.lines })
}

fn overlay(base: &Arc<Node>, over: &Arc<Node>, lists: Lists, budget: &mut usize) -> Arc<Node> {
    if *budget == 0 {
        return over.clone();
    }
    *budget -= 1;
    match (&base.value, &over.value) {
        (Value::Mapping(_), Value::Mapping(_)) => overlay_mapping(base, over, lists, budget),
        (Value::Scalar(own, _), Value::Scalar(new, _)) if own == new => base.clone(),
        (Value::Sequence(base_items), Value::Sequence(items)) => match lists {
            Lists::Replace => over.clone(),
            Lists::Append => remade(over, Value::Sequence(base_items.iter().chain(items).cloned().collect())),
            Lists::ByName => remade(over, Value::Sequence(overlay_items(base_items, items, budget))),
        },
        _ => over.clone(),
    }
}

fn overlay_mapping(base: &Arc<Node>, over: &Arc<Node>, lists: Lists, budget: &mut usize) -> Arc<Node> {
    let own = |node: &Arc<Node>| Yaml::of(node).entries();
    let mut pairs: Vec<(Arc<Node>, Arc<Node>)> = own(base).into_iter().map(|(k, v)| (k.node, v.node)).collect();
    for (key, value) in own(over) {
        let Some(name) = key.text() else { continue };
        let place = pairs.iter().position(|(there, _)| is_text(there, name));
        match place {
            _ if name.starts_with("$patch") => {}
            Some(at) if value.is_null() || is_deletion(&value) => {
                pairs.remove(at);
            }
            Some(at) => {
                let merged = overlay(&pairs[at].1, &value.node, lists, budget);
                // The key's line follows the value: it is where a reader finds what counts.
                pairs[at] = (if Arc::ptr_eq(&merged, &value.node) { key.node } else { pairs[at].0.clone() }, merged);
            }
            None if value.is_null() || is_deletion(&value) => {}
            None => pairs.push((key.node, value.node)),
        }
        if pairs.len() > *budget {
            break;
        }
        *budget -= pairs.len().min(*budget) / 64;
    }
    remade(base, Value::Mapping(pairs))
}

fn is_deletion(value: &Yaml) -> bool {
    value.get("$patch").is_some_and(|word| word.text() == Some("delete"))
}

fn overlay_items(base: &[Arc<Node>], over: &[Arc<Node>], budget: &mut usize) -> Vec<Arc<Node>> {
    let mut items = base.to_vec();
    for item in over {
        let name = Yaml::of(item).get("name");
        let Some(name) = name.as_ref().and_then(Yaml::text) else {
            // A list of plain values is replaced as a whole, which its first item does.
            if item.is_scalar() && base.iter().all(|node| node.is_scalar()) {
                return over.to_vec();
            }
            items.push(item.clone());
            continue;
        };
        let same = |node: &Arc<Node>| Yaml::of(node).get("name").is_some_and(|own| own.text() == Some(name));
        match items.iter().position(same) {
            Some(at) if is_deletion(&Yaml::of(item)) => {
                items.remove(at);
            }
            Some(at) => items[at] = overlay(&items[at], item, Lists::ByName, budget),
            None => items.push(item.clone()),
        }
        if items.len() > *budget {
            break;
        }
        *budget -= items.len() / 64;
    }
    items
}

impl Node {
    fn is_scalar(&self) -> bool {
        matches!(self.value, Value::Scalar(..))
    }
}

/// The tree with the value at a path set, or removed where there is none to set.
fn edited(node: &Arc<Node>, path: &[&str], insert: bool, value: Option<&Arc<Node>>) -> Arc<Node> {
    let Some((step, rest)) = path.split_first() else { return value.unwrap_or(node).clone() };
    match &node.value {
        Value::Mapping(pairs) => {
            let mut pairs = pairs.clone();
            let place = pairs.iter().position(|(key, _)| is_text(key, step));
            match (place, value) {
                (Some(at), None) if rest.is_empty() => {
                    pairs.remove(at);
                }
                (Some(at), _) => pairs[at].1 = edited(&pairs[at].1, rest, insert, value),
                (None, Some(value)) if rest.is_empty() => {
                    pairs.push((remade(value, Value::Scalar((*step).to_owned(), true)), value.clone()));
                }
                (None, _) => {}
            }
            remade(node, Value::Mapping(pairs))
        }
        Value::Sequence(items) => {
            let mut items = items.clone();
            let place = if *step == "-" { Some(items.len()) } else { step.parse::<usize>().ok() };
            let Some(at) = place.filter(|at| *at <= items.len()) else { return node.clone() };
            match value {
                Some(value) if rest.is_empty() && (insert || at == items.len()) => items.insert(at, value.clone()),
                None if rest.is_empty() && at < items.len() => {
                    items.remove(at);
                }
                _ if at < items.len() => items[at] = edited(&items[at], rest, insert, value),
                _ => {}
            }
            remade(node, Value::Sequence(items))
        }
        _ => node.clone(),
    }
}

fn filled(node: &Arc<Node>, stands_for: &dyn Fn(&str) -> Option<Filling>, budget: &mut usize) -> Arc<Node> {
    if *budget == 0 {
        return node.clone();
    }
    *budget -= 1;
    match &node.value {
        Value::Scalar(..) => splice(node, stands_for).unwrap_or_else(|| node.clone()),
        Value::Sequence(items) => {
            let items = items.iter().flat_map(|item| match splice(item, stands_for) {
                Some(inner) => match &inner.value {
                    Value::Sequence(items) => items.clone(),
                    _ => vec![inner],
                },
                None => vec![filled(item, stands_for, budget)],
            });
            remade(node, Value::Sequence(items.collect()))
        }
        Value::Mapping(pairs) => filled_mapping(node, pairs, stands_for, budget),
        Value::Unknown(_) => node.clone(),
    }
}

fn filled_mapping(
    node: &Arc<Node>,
    pairs: &[(Arc<Node>, Arc<Node>)],
    stands_for: &dyn Fn(&str) -> Option<Filling>,
    budget: &mut usize,
) -> Arc<Node> {
    let mut out = Vec::new();
    for (key, value) in pairs {
        match splice(key, stands_for) {
            // The whole node was one placeholder: it is what it stands for.
            Some(inner) if pairs.len() == 1 => return inner,
            Some(inner) => match &inner.value {
                Value::Mapping(inner) => out.extend(inner.iter().cloned()),
                Value::Scalar(text, _) if text.is_empty() => {}
                Value::Scalar(..) => out.push((inner, filled(value, stands_for, budget))),
                _ => out.push((remade(&inner, Value::Scalar(String::from("<unknown>"), true)), inner)),
            },
            None => out.push((key.clone(), filled(value, stands_for, budget))),
        }
    }
    remade(node, Value::Mapping(out))
}

/// What a placeholder stands for; none where the node is no placeholder.
fn splice(node: &Arc<Node>, stands_for: &dyn Fn(&str) -> Option<Filling>) -> Option<Arc<Node>> {
    let Value::Scalar(text, _) = &node.value else { return None };
    Some(match stands_for(text)? {
        Filling::Node(yaml) => yaml.node,
        Filling::Text(text) => remade(node, Value::Scalar(text, false)),
        Filling::Unknown(action) => remade(node, Value::Unknown(action)),
        Filling::Nothing => remade(node, Value::Scalar(String::new(), false)),
    })
}
