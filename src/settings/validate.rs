//! Holds a settings file against the schema of the types, and tells every mistake at once.
//!
//! Only what our own schema says is understood here; `tests/settings.rs` holds this reader against a complete
//! implementation of JSON Schema.

use super::PathGlob;
use super::node::{Key, Node, Value};
use super::problem::{Problem, nearest};
use jiff::civil::Date;
use serde_json::Value as Json;

/// More choices than this are not listed in a message.
const LISTED: usize = 8;
/// More mistakes than this are not told: the file is something else.
const TOLD: usize = 50;

/// Every mistake of a file, in the order of its lines.
pub fn mistakes(node: &Node, schema: &Json) -> Vec<Problem> {
    let mut validator = Validator { root: schema, problems: Vec::new() };
    if !matches!(node.value, Value::Null) {
        validator.value(node, schema);
    }
    validator.problems.sort_by_key(|problem| problem.at.start);
    validator.problems.truncate(TOLD);
    validator.problems
}

struct Validator<'a> {
    root: &'a Json,
    problems: Vec<Problem>,
}

impl<'a> Validator<'a> {
    fn value(&mut self, node: &Node, schema: &'a Json) {
        let mut choices = Vec::new();
        self.choices(schema, &mut choices);
        let words: Vec<&str> = choices.iter().flat_map(|choice| words_of(choice)).collect();
        let fitting = choices.iter().find(|choice| fits(&node.value, choice));
        match (&node.value, fitting) {
            (Value::Text(text), _) if !words.is_empty() => {
                if !words.contains(&text.as_str()) {
                    let said = match title(choices.first().copied()) {
                        Some(what) => format!("`{text}` is no {what}"),
                        None => format!("`{text}` is not allowed here"),
                    };
                    let problem = Problem::new(node.at.clone(), said);
                    self.problems.push(problem.with_help(allowed(text, &words)));
                }
            }
            (Value::Map(pairs), Some(choice)) => self.map(node, pairs, choice),
            (Value::List(items), Some(choice)) => {
                if let Some(rule) = choice.get("items") {
                    items.iter().for_each(|item| self.value(item, rule));
                }
            }
            (Value::Text(text), Some(choice)) => self.text(node, text, choice),
            (Value::Number(number), Some(choice)) => self.number(node, number, choice),
            (_, Some(_)) => {}
            (found, None) => {
                let message = format!("{} is expected here, not {}", expected(&choices, &words), kind(found));
                self.problems.push(Problem::new(pointed(node), message));
            }
        }
    }

    /// The schemas of which one has to hold, references followed.
    fn choices(&self, schema: &'a Json, into: &mut Vec<&'a Json>) {
        if let Some(name) = schema.get("$ref").and_then(Json::as_str) {
            if let Some(target) = name.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer)) {
                self.choices(target, into);
            }
            return;
        }
        let alternatives = ["anyOf", "oneOf"].into_iter().filter_map(|name| schema.get(name)?.as_array());
        let before = into.len();
        alternatives.flatten().for_each(|each| self.choices(each, into));
        if into.len() == before {
            into.push(schema);
        }
    }

    fn map(&mut self, node: &Node, pairs: &[(Key, Node)], schema: &'a Json) {
        let properties = schema.get("properties").and_then(Json::as_object);
        for (key, value) in pairs {
            match properties.and_then(|known| known.get(&key.name)) {
                Some(_) if matches!(value.value, Value::Null) => {}
                Some(rule) => self.value(value, rule),
                None => {
                    let names: Vec<&str> =
                        properties.into_iter().flat_map(|known| known.keys()).map(|s| &**s).collect();
                    let message = format!("`{}` is no {}", key.name, title(Some(schema)).unwrap_or("setting"));
                    let problem = Problem::new(key.at.clone(), message).with_help(allowed(&key.name, &names));
                    self.problems.push(problem);
                }
            }
        }
        self.required(node, schema);
    }

    fn required(&mut self, node: &Node, schema: &Json) {
        let needed: Vec<&str> = list(schema, "required").collect();
        let missing = |name: &&&str| node.get(name).is_none_or(|value| matches!(value.value, Value::Null));
        let absent: Vec<String> = needed.iter().filter(missing).map(|name| format!("`{name}`")).collect();
        if !absent.is_empty() {
            let verb = if absent.len() == 1 { "is" } else { "are" };
            let problem = Problem::new(pointed(node), format!("{} {verb} missing", absent.join(", ")));
            self.problems.push(problem.with_help(format!("needed: {}", needed.join(", "))));
        }
    }

    fn text(&mut self, node: &Node, text: &str, schema: &Json) {
        let wrong = match schema.get("format").and_then(Json::as_str) {
            Some("date") if text.parse::<Date>().is_err() || text.len() != 10 => {
                Some((format!("`{text}` is no date"), "a date is written as year-month-day: 2027-01-31".to_owned()))
            }
            Some("glob") => PathGlob::new(text).err().map(|reason| {
                (format!("`{text}` is no glob: {reason}"), "such as `deploy/legacy/**` or `**/*.yaml`".to_owned())
            }),
            Some("folder") if text.starts_with('/') || text.split('/').any(|part| part == "..") => {
                let help = "a folder is written relative to the root of the repository: services/sync";
                Some((format!("`{text}` leaves the repository"), help.to_owned()))
            }
            _ => None,
        };
        let wrong = wrong.or_else(|| {
            let pattern = schema.get("pattern").and_then(Json::as_str)?;
            let holds = regex::Regex::new(pattern).is_ok_and(|regex| regex.is_match(text));
            (!holds).then(|| (format!("`{text}` cannot stand here"), about(schema)))
        });
        let short = schema.get("minLength").is_some() && text.is_empty();
        let wrong = wrong.or_else(|| short.then(|| ("a text is expected here".to_owned(), about(schema))));
        if let Some((message, help)) = wrong {
            self.problems.push(Problem::new(node.at.clone(), message).with_help(help));
        }
    }

    fn number(&mut self, node: &Node, number: &serde_json::Number, schema: &Json) {
        let bound = |name: &str| schema.get(name).and_then(Json::as_f64);
        let (least, most) = (bound("minimum").unwrap_or(f64::MIN), bound("maximum").unwrap_or(f64::MAX));
        if !number.as_f64().is_some_and(|value| (least..=most).contains(&value)) {
            let help = format!("allowed: {least} to {most}");
            self.problems.push(Problem::new(node.at.clone(), format!("{number} is out of range")).with_help(help));
        }
    }
}

/// Where a message about a whole value points: the first key of a mapping, not the lines of all of it.
fn pointed(node: &Node) -> std::ops::Range<usize> {
    match &node.value {
        Value::Map(pairs) => pairs.first().map_or(node.at.clone(), |(key, _)| key.at.clone()),
        _ => node.at.clone(),
    }
}

fn list<'j>(schema: &'j Json, name: &str) -> impl Iterator<Item = &'j str> {
    schema.get(name).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
}

fn words_of(schema: &Json) -> impl Iterator<Item = &str> {
    list(schema, "enum").chain(schema.get("const").and_then(Json::as_str))
}

fn fits(value: &Value, schema: &Json) -> bool {
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::Text(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    };
    let types = schema.get("type");
    types.and_then(Json::as_str) == Some(name) || list(schema, "type").any(|each| each == name)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::Text(_) => "a text",
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
    }
}

fn expected(choices: &[&Json], words: &[&str]) -> String {
    let mut kinds: Vec<String> = Vec::new();
    if !words.is_empty() {
        kinds.push(format!("one of {}", words.join(", ")));
    }
    let others = choices.iter().filter(|choice| words_of(choice).next().is_none());
    for name in others.flat_map(|choice| list(choice, "type").chain(choice.get("type").and_then(Json::as_str))) {
        let said = match name {
            "object" => "a mapping",
            "array" => "a list",
            "string" => "a text",
            "number" | "integer" => "a number",
            "boolean" => "true or false",
            _ => continue,
        };
        kinds.push(said.to_owned());
    }
    kinds.join(" or ")
}

/// What such a thing is called, where the schema says so in one word.
fn title(schema: Option<&Json>) -> Option<&str> {
    let own = schema.and_then(|schema| schema.get("title")).and_then(Json::as_str);
    own.filter(|title| !title.contains(' '))
}

fn about(schema: &Json) -> String {
    let said = schema.get("description").and_then(Json::as_str).unwrap_or("it must not be empty");
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn allowed(word: &str, words: &[&str]) -> String {
    let near = nearest(word, words.iter().copied()).map(|near| format!("did you mean `{near}`? "));
    let shown = words.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
    let more = if words.len() > LISTED { format!(" and {} more", words.len() - LISTED) } else { String::new() };
    format!("{}allowed: {shown}{more}", near.unwrap_or_default())
}
