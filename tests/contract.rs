//! The table of the published API is what the vendor's document says, where that lies beside the project.
//! `UPDATE_EXPECT=1 cargo test --test contract` makes the table anew.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

const TABLE: &str = "src/facts/contract/table.txt";

#[test]
fn the_table_is_what_the_published_document_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = ["../shared/maintainx/openapi.json", "../../shared/maintainx/openapi.json"];
    let Some(text) = places.iter().find_map(|place| std::fs::read_to_string(root.join(place)).ok()) else { return };
    let document: Value = serde_json::from_str(&text).expect("the document is JSON");
    let made = table(&document);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(root.join(TABLE), &made).expect("the table can be written");
    }
    let committed = std::fs::read_to_string(root.join(TABLE)).expect("there is a table");
    assert_eq!(committed, made, "{TABLE} differs from the published document");
}

/// One paragraph a call: method and path, then its query, body and answer.
fn table(document: &Value) -> String {
    let version = document.pointer("/info/version").and_then(Value::as_str).unwrap_or("?");
    let mut text = format!(
        "# The MaintainX API {version} as published (GET https://api.getmaintainx.com/v1/openapi.json), made by tests/contract.rs.\n"
    );
    for (path, calls) in document["paths"].as_object().expect("paths") {
        for method in ["get", "post", "put", "patch", "delete"] {
            let Some(call) = calls.get(method) else { continue };
            text.push_str(&format!("{} {path}\n", method.to_uppercase()));
            let parameters = call["parameters"].as_array().into_iter().flatten().map(|one| resolved(document, one));
            let query = parameters.filter(|one| one["in"] == "query").map(|one| {
                let name = one["name"].as_str().unwrap_or_default();
                format!("{name}{}", values(document, &one["schema"]))
            });
            line(&mut text, "query", query.collect());
            let body = resolved(document, &call["requestBody"]);
            line(&mut text, "body", properties(document, schema_of(document, body)));
            let answers = call["responses"].as_object().expect("answers");
            let good =
                answers.iter().find(|(code, _)| code.starts_with('2')).map(|(_, answer)| resolved(document, answer));
            let keys = good.map(|answer| properties(document, schema_of(document, answer))).unwrap_or_default();
            line(
                &mut text,
                "answer",
                keys.into_iter().map(|key| key.split('=').next().unwrap_or_default().to_owned()).collect(),
            );
        }
    }
    text
}

fn line(text: &mut String, head: &str, words: BTreeSet<String>) {
    if !words.is_empty() {
        let words: Vec<String> = words.into_iter().collect();
        text.push_str(&format!("  {head} {}\n", words.join(" ")));
    }
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str().and_then(|name| document.pointer(name.trim_start_matches('#'))) {
        Some(other) => resolved(document, other),
        None => value,
    }
}

fn schema_of<'a>(document: &'a Value, holder: &'a Value) -> &'a Value {
    resolved(document, &holder["content"]["application/json"]["schema"])
}

/// The names at the top of a schema, with their values where they are a closed list.
fn properties(document: &Value, schema: &Value) -> BTreeSet<String> {
    let schema = resolved(document, schema);
    let own = schema["properties"].as_object().into_iter().flatten();
    let mut names: BTreeSet<String> = own.map(|(name, value)| format!("{name}{}", values(document, value))).collect();
    for part in ["allOf", "oneOf", "anyOf"] {
        names.extend(schema[part].as_array().into_iter().flatten().flat_map(|inner| properties(document, inner)));
    }
    names
}

/// `=A|B` for a closed list, `=1..200` for a range.
fn values(document: &Value, schema: &Value) -> String {
    let schema = resolved(document, schema);
    let list = schema["enum"].as_array().or(resolved(document, &schema["items"])["enum"].as_array());
    if let Some(list) = list {
        let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
        return if words.is_empty() { String::new() } else { format!("={}", words.join("|")) };
    }
    match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
        (Some(least), Some(most)) => format!("={least}..{most}"),
        _ => String::new(),
    }
}
