//! What the languages' libraries reckon: least and most, powers, dice, lengths of time, many values as one.

use super::machine::SOME;
use super::value::{Arguments, Value, plain};

/// What dice show, of what they can show at most: little, so that what is added at random hides no growth.
const DICE: f64 = 0.01;

pub(super) fn reckoned<'a>(leaf: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let list: Vec<Value<'a>> = match (arguments.listed.as_slice(), leaf) {
        ([Value::List(list)], "min" | "max") => list.borrow().clone(),
        (many, _) => many.to_vec(),
    };
    let worth = |value: &Value<'_>| match value {
        Value::Duration(seconds) => Some(*seconds),
        other => other.number(),
    };
    let as_given = |number: f64| match list.iter().any(|value| matches!(value, Value::Duration(_))) {
        true => Value::Duration(number),
        false => Value::Number(number),
    };
    let name = plain(leaf);
    match name.as_str() {
        "min" | "max" | "minof" | "maxof" | "coerceatmost" => {
            let known: Vec<f64> = list.iter().filter_map(worth).collect();
            // The one that is not known is taken for the other one.
            let chosen = known.iter().copied().reduce(if name.starts_with("max") { f64::max } else { f64::min })?;
            Some(as_given(chosen))
        }
        "clamp" | "constrain" => {
            let [value, low, high] = [list.first()?, list.get(1)?, list.get(2)?].map(worth);
            Some(as_given(value?.max(low?).min(high?)))
        }
        "pow" | "power" => Some(Value::Number(worth(list.first()?)?.powf(worth(list.get(1)?)?))),
        "exp" => Some(Value::Number(worth(list.first()?)?.exp())),
        "exp2" => Some(Value::Number(2_f64.powf(worth(list.first()?)?))),
        "floor" | "ceil" | "ceiling" | "round" | "trunc" | "truncate" if list.len() == 1 => {
            let number = worth(list.first()?)?;
            Some(as_given(match name.as_str() {
                "floor" | "trunc" | "truncate" => number.floor(),
                "round" => number.round(),
                _ => number.ceil(),
            }))
        }
        _ => None,
    }
}

pub(super) fn thrown_dice<'a>(leaf: &str, path: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let name = plain(leaf);
    let is_dice = matches!(
        name.as_str(),
        "random"
            | "uniform"
            | "randint"
            | "randrange"
            | "rand"
            | "mtrand"
            | "randomint"
            | "lcgvalue"
            | "intn"
            | "int63n"
            | "int31n"
            | "int64n"
            | "n"
            | "float64"
            | "nextint"
            | "nextlong"
            | "nextdouble"
            | "next"
            | "nextint64"
            | "nextsingle"
            | "jitter"
            | "getrandominteger"
    );
    let is_random =
        path.to_ascii_lowercase().contains("rand") || name == "uniform" || name == "jitter" || name.contains("lcg");
    if !is_dice || !is_random {
        return None;
    }
    let worth = |position: usize| match arguments.listed.get(position) {
        Some(Value::Duration(seconds)) => Some(*seconds),
        Some(Value::Range(_, to)) => Some(*to),
        other => other.and_then(|value| value.number()),
    };
    let shown = match (worth(0), worth(1)) {
        (Some(low), Some(high)) => low + (high - low) * DICE,
        (Some(high), None) => high * DICE,
        _ => DICE,
    };
    let is_duration = arguments.listed.iter().any(|value| matches!(value, Value::Duration(_)));
    Some(if is_duration { Value::Duration(shown) } else { Value::Number(shown) })
}

/// `Duration.ofSeconds(n)`, `TimeSpan.FromMilliseconds(n)`, `timedelta(seconds=n)`.
pub(super) fn length<'a>(leaf: &str, path: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let name = plain(leaf);
    if matches!(name.as_str(), "timedelta" | "timespan" | "duration") && !path.starts_with("time.") {
        let mut total = None;
        for (name, value) in &arguments.named {
            let unit = super::member::unit(name)?;
            total = Some(total.unwrap_or(0.0) + value.number()? * unit);
        }
        return total.map(Value::Duration);
    }
    let unit = ["of", "from"].iter().find_map(|word| name.strip_prefix(word)).and_then(|unit| match unit {
        "millis" => Some(1e-3),
        "nanos" => Some(1e-9),
        other => super::member::unit(other),
    })?;
    match arguments.get(0) {
        Value::Duration(seconds) => Some(Value::Duration(seconds)),
        value => value.number().map(|number| Value::Duration(number * unit)),
    }
}

/// Many values as one.
pub(super) fn gathered<'a>(leaf: &str, path: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let first = arguments.get(0);
    let is_many = ["List", "Set", "Stream", "Array"].iter().any(|word| path.contains(word));
    Some(match leaf {
        "of" | "Create" | "from" if !is_many => return None,
        "Set" | "HashSet" | "set" | "frozenset" | "list" | "tuple" | "Array.from" | "from" | "to_set" | "toSet"
        | "all" | "gather" | "asList" | "ToHashSet" | "copyOf" | "unmodifiableSet" | "freeze"
            if matches!(first, Value::List(_) | Value::Range(..)) =>
        {
            first
        }
        "setOf" | "listOf" | "arrayOf" | "asList" | "of" | "intArrayOf" | "mutableListOf" | "hashSetOf" | "Create"
        | "HashSet" | "gather" | "Set" | "all" => Value::list(arguments.listed.clone()),
        "freeze" => first,
        "range" | "IntStream.range" | "rangeClosed" => {
            let [from, to] = match arguments.listed.len() {
                0 | 1 => [0.0, first.number().unwrap_or(SOME)],
                _ => [first.number()?, arguments.get(1).number().unwrap_or(SOME)],
            };
            Value::Range(from, if leaf == "rangeClosed" { to } else { to - 1.0 })
        }
        "count" if arguments.listed.len() <= 1 && matches!(first, Value::Null | Value::Number(_)) => {
            let from = first.number().unwrap_or(0.0);
            Value::Range(from, from + 1_000.0)
        }
        "enumerate" => match &first {
            Value::List(list) => {
                let pairs = list
                    .borrow()
                    .iter()
                    .enumerate()
                    .map(|(at, item)| Value::list(vec![Value::Number(at as f64), item.clone()]))
                    .collect();
                Value::list(pairs)
            }
            _ => return None,
        },
        "Contains" | "includes" | "contains" if arguments.listed.len() == 2 => {
            super::expression::holds(&first, &arguments.get(1)).map_or(Value::Unknown, Value::Bool)
        }
        "in_array" => super::expression::holds(&arguments.get(1), &first).map_or(Value::Unknown, Value::Bool),
        "len" | "length" | "count" => match &first {
            Value::List(list) => Value::Number(list.borrow().len() as f64),
            _ => return None,
        },
        _ => return None,
    })
}
