//! The published MaintainX API as a table, and how the calls of the repository differ from it.

mod answer;
mod request;

use super::clients::{Site, ways_of};
use super::code::{Call, Code};
use super::{Facet, Facts};
use crate::evidence::Span;
use std::sync::LazyLock;

/// Made from the vendor's document by `tests/contract.rs`.
static TABLE: LazyLock<Vec<Entry>> = LazyLock::new(|| parse(include_str!("table.txt")));

/// One call that the API offers.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub method: &'static str,
    pub path: &'static str,
    pub query: Vec<Name>,
    pub body: Vec<Name>,
    pub answer: Vec<Name>,
}

/// A name with what its value may be.
#[derive(Debug)]
pub(super) struct Name {
    pub name: &'static str,
    /// `A|B` or `1..200`; empty where anything goes.
    pub values: &'static str,
}

impl Name {
    /// Whether a literal value is one of those that the API knows.
    pub(super) fn allows(&self, value: &str) -> bool {
        match self.values.split_once("..") {
            _ if self.values.is_empty() => true,
            Some((least, most)) => {
                let bounds = (least.parse::<f64>(), most.parse::<f64>());
                let (Ok(least), Ok(most)) = bounds else { return true };
                value.parse::<f64>().is_ok_and(|number| (least..=most).contains(&number))
            }
            None => self.values.split('|').any(|known| known == value),
        }
    }
}

fn parse(text: &'static str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((head, rest)) = line.trim_start().split_once(' ') else { continue };
        if !line.starts_with(' ') {
            entries.push(Entry { method: head, path: rest, ..Entry::default() });
            continue;
        }
        let Some(entry) = entries.last_mut() else { continue };
        let names = rest.split(' ').map(|word| {
            // `updatedAt[gte]` and the like hold no sign of equality.
            let (name, values) = word.split_once('=').unwrap_or((word, ""));
            Name { name, values }
        });
        match head {
            "query" => entry.query = names.collect(),
            "body" => entry.body = names.collect(),
            _ => entry.answer = names.collect(),
        }
    }
    entries
}

/// A difference between a call and the published API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub span: Span,
    pub note: String,
}

/// How the calls agree with the published API.
#[derive(Debug, Default)]
pub struct Contract {
    /// Calls that agree in all that is written down, with what they call.
    pub agreeing: Vec<(Span, String)>,
    pub differences: Vec<Difference>,
}

impl Facet for Contract {
    fn read(facts: &Facts) -> Self {
        let (code, mut contract) = (facts.code(), Self::default());
        for site in facts.clients().sites.iter().filter(|site| site.is_maintainx) {
            for (leaf, texts) in ways_of(code, site) {
                contract.compare(code, site, leaf, &texts);
            }
        }
        contract.differences.sort_by_key(|one| one.span.clone());
        contract.differences.dedup();
        contract
    }
}

impl Contract {
    fn compare(&mut self, code: &Code, site: &Site, leaf: Call<'_>, texts: &[String]) {
        let Some(text) = texts.iter().find(|text| request::literal_path(text).is_some()) else { return };
        let Some(path) = request::literal_path(text) else { return };
        let at = |note: String| Difference { span: leaf.node.span(), note };
        let entries: Vec<&Entry> = TABLE.iter().filter(|entry| request::is_at(entry.path, &path)).collect();
        if text.contains("getmaintainx.com/") && !text.contains("getmaintainx.com/v1") {
            self.differences.push(at("the API is at https://api.getmaintainx.com/v1".to_owned()));
            return;
        }
        if entries.is_empty() {
            self.differences.push(at(format!("the API has no {path}")));
            return;
        }
        let method = request::method(code, site, leaf);
        let Some(entry) = method.as_deref().map(|method| entries.iter().find(|entry| entry.method == method)) else {
            return;
        };
        let Some(entry) = entry else {
            let known: Vec<&str> = entries.iter().map(|entry| entry.method).collect();
            let note = format!("the API has no {} {path}, only {}", method.unwrap_or_default(), known.join(", "));
            self.differences.push(at(note));
            return;
        };
        let mut found = request::differences(code, entry, leaf, site, text);
        found.extend(answer::differences(code, entry, leaf, site));
        if found.is_empty() {
            self.agreeing.push((leaf.node.span(), format!("{} {}", entry.method, entry.path)));
        }
        self.differences.extend(found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_what_the_checks_rest_on() {
        let find = |method: &str, path: &str| {
            TABLE.iter().find(|entry| entry.method == method && entry.path == path).expect("an entry")
        };
        let list = find("GET", "/workorders");
        let limit = list.query.iter().find(|name| name.name == "limit").expect("a limit");
        assert!(limit.allows("200") && !limit.allows("250") && !limit.allows("0"));
        assert!(list.answer.iter().any(|name| name.name == "nextCursor"));
        let status =
            find("PATCH", "/workorders/{id}/status").body.iter().find(|name| name.name == "status").expect("a status");
        assert!(status.allows("DONE") && !status.allows("COMPLETED"));
        assert!(find("PATCH", "/workorders/{id}").body.iter().all(|name| name.name != "status"));
    }
}
