//! The JSON Schema of the settings, made from the types and the table of parameters.

use super::parameters::{Kind, PARAMETERS};
use super::{FailOn, Level, Settings};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The address under which the schema is published, for the editors of our users.
pub const ID: &str = "https://raw.githubusercontent.com/mx-prod-gate/mx-prod-gate/main/schemas/settings.json";

/// The schema, knowing the names of the checks.
pub fn schema(checks: &[&str]) -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Settings>().to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("$id".to_owned(), ID.into());
        root.insert("title".to_owned(), "Settings of mx-prod-gate".into());
    }
    let of_checks = json!({
        "type": "object",
        "title": "check",
        "description": "A priority, `off` or parameters, by the name of the check.",
        "properties": checks.iter().map(|check| ((*check).to_owned(), setting(check))).collect::<Map<_, _>>(),
        "additionalProperties": false,
    });
    put(&mut schema, "/properties/checks", of_checks);
    for kind in ["Waiver", "Attestation"] {
        let named = json!({ "type": "string", "title": "check", "description": "The check.", "enum": checks });
        put(&mut schema, &format!("/$defs/{kind}/properties/check"), named);
    }
    schema
}

fn put(schema: &mut Value, pointer: &str, value: Value) {
    if let Some(place) = schema.pointer_mut(pointer) {
        *place = value;
    }
}

/// What may stand below the name of one check.
fn setting(check: &str) -> Value {
    let level = json!({ "type": "string", "title": "priority", "enum": Level::ALL.map(Level::word) });
    let mut properties = Map::new();
    properties.insert("priority".to_owned(), level.clone());
    for parameter in PARAMETERS.iter().filter(|parameter| parameter.check == check) {
        let mut rule = match parameter.kind {
            Kind::Number { default, least, most } => {
                json!({ "type": "number", "default": default, "minimum": least, "maximum": most })
            }
            Kind::Words => json!({ "type": "array", "items": { "type": "string", "minLength": 1 } }),
        };
        rule["description"] = parameter.about.into();
        properties.insert(parameter.name.to_owned(), rule);
    }
    let detailed = json!({
        "type": "object",
        "title": "parameter",
        "properties": properties,
        "additionalProperties": false,
    });
    json!({ "anyOf": [level, detailed] })
}

/// The words of `fail-on`, for the flag of that name.
pub fn fail_on_words() -> [&'static str; 4] {
    FailOn::ALL.map(FailOn::word)
}
