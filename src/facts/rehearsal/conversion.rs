//! Conversions between texts and numbers, with what each language does where there is no number.

use super::library::error;
use super::machine::Machine;
use super::value::{Arguments, Step, Stop, Value, plain};
use crate::facts::code::{Call, Language};

impl<'a> Machine<'a, '_> {
    /// A number out of a text, and the like.
    pub fn converted(&mut self, leaf: &str, path: &str, arguments: &Arguments<'a>, call: Call<'a>) -> Option<Step<'a>> {
        let first = arguments.get(0);
        let language = call.node.source().language();
        let name = plain(leaf);
        let is_number = matches!(
            name.as_str(),
            "number"
                | "parseint"
                | "parsefloat"
                | "int"
                | "float"
                | "integer"
                | "intval"
                | "floatval"
                | "atoi"
                | "int64"
                | "float64"
                | "uint"
                | "uint64"
                | "int32"
                | "parselong"
                | "parsedouble"
                | "toint32"
                | "todouble"
                | "long"
                | "abs"
                | "decimal"
                | "uint32"
        ) || (name == "parse"
            && matches!(path.rsplit('.').nth(1).unwrap_or(""), "int" | "double" | "long" | "Int32" | "Double"))
            || (name == "valueof" && path.contains("Long") | path.contains("Integer") | path.contains("Double"))
            || path == "time.Duration";
        if matches!(name.as_str(), "isnan" | "isfinite" | "isinteger" | "issafeinteger") {
            let number = first.number()?;
            let is_nan = number.is_nan() || !number.is_finite();
            return Some(Ok(Value::Bool(is_nan == (name == "isnan"))));
        }
        if matches!(name.as_str(), "tryparse" | "trygetvalue") {
            let number = first.number();
            if let Some(out) = call.argument(1) {
                self.set_out(out, number.map_or(Value::Number(0.0), Value::Number));
            }
            return Some(Ok(if first.is_unknown() { Value::Unknown } else { Value::Bool(number.is_some()) }));
        }
        if matches!(name.as_str(), "string" | "str" | "tostring") && arguments.listed.len() == 1 {
            return Some(Ok(if first.is_unknown() { first } else { Value::text(first.words()) }));
        }
        if matches!(name.as_str(), "sprintf" | "format" | "stringify") {
            return Some(Ok(Value::text(formatted(arguments))));
        }
        if matches!(name.as_str(), "bool" | "boolean") {
            return Some(Ok(first.truth().map_or(first, Value::Bool)));
        }
        if !is_number {
            return None;
        }
        let pairs = language == Language::Go && matches!(leaf, "Atoi" | "ParseInt" | "ParseFloat");
        let known = match &first {
            Value::Duration(_) | Value::Status(_) => first.clone(),
            Value::Moment(at) => Value::Number(at * 1_000.0),
            Value::Text(text) => {
                let digits: String = text.trim().chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
                let whole = text.trim().parse::<f64>().ok();
                match whole.or_else(|| digits.parse().ok().filter(|_| name.starts_with("parse"))) {
                    Some(number) => Value::Number(number),
                    None if language.is_script() => Value::Number(f64::NAN),
                    None if pairs => return Some(Ok(Value::list(vec![Value::Number(0.0), error(path, arguments)]))),
                    None if matches!(language, Language::Ruby | Language::Php) => Value::Number(0.0),
                    None => return Some(Err(Stop::Throw(error("ValueError", arguments)))),
                }
            }
            Value::Null => match language {
                Language::JavaScript | Language::TypeScript if name == "number" => Value::Number(0.0),
                Language::JavaScript | Language::TypeScript => Value::Number(f64::NAN),
                Language::Ruby | Language::Php => Value::Number(0.0),
                Language::Go if pairs => {
                    return Some(Ok(Value::list(vec![Value::Number(0.0), error(path, arguments)])));
                }
                _ if arguments.listed.is_empty() => Value::Number(0.0),
                _ => return Some(Err(Stop::Throw(error("TypeError", arguments)))),
            },
            other => other.number().map_or(other.clone(), Value::Number),
        };
        Some(Ok(if pairs { Value::list(vec![known, Value::Null]) } else { known }))
    }
}

pub(super) fn formatted(arguments: &Arguments<'_>) -> String {
    arguments.listed.iter().map(Value::words).collect::<Vec<_>>().join(" ")
}
