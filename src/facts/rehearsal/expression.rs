//! Expressions, with what is known of their worth.

use super::machine::{Machine, SOME};
use super::value::{Closure, Step, Value};
use crate::facts::code::{Kind, Language, Node, Operator};
use std::collections::BTreeMap;
use std::rc::Rc;

impl<'a> Machine<'a, '_> {
    pub fn eval_here(&mut self, node: Node<'a>) -> Step<'a> {
        match node.kind() {
            Kind::Null => Ok(Value::Null),
            Kind::Bool(value) => Ok(Value::Bool(value)),
            Kind::Number(number) => Ok(Value::Number(number)),
            Kind::Str(text) => Ok(Value::text(text)),
            Kind::Regex(pattern) => Ok(Value::Regex(pattern)),
            Kind::Template(parts) => {
                let mut text = String::new();
                for part in parts.iter() {
                    text.push_str(&self.eval(part)?.words());
                }
                Ok(Value::text(text))
            }
            Kind::Name(name) => self.name(node, name),
            Kind::This => Ok(self.frame.this.clone().unwrap_or(Value::Unknown)),
            Kind::Member { object, property } => {
                if let Some(status) = super::status::named(property).filter(|_| is_constant(object, property)) {
                    return Ok(Value::Number(status));
                }
                let object = self.eval(object)?;
                self.member(object, property, node)
            }
            Kind::Index { object, index } => {
                let (object, index) = (self.eval(object)?, self.eval(index)?);
                self.index(object, &index, node)
            }
            Kind::Call(call) => self.call(call),
            Kind::Named { value, .. } | Kind::Spread(value) | Kind::Await(value) => self.eval(value),
            Kind::Object(entries) => {
                let mut map = BTreeMap::new();
                for entry in entries.iter() {
                    match entry.kind() {
                        Kind::Pair { key, value } => {
                            let name = match key.kind() {
                                Kind::Str(name) => name.to_owned(),
                                _ => self.eval(key)?.words(),
                            };
                            let value = self.eval(value)?;
                            map.insert(name, value);
                        }
                        _ => {
                            if let Value::Map(inner) = self.eval(entry)? {
                                map.extend(inner.borrow().clone());
                            }
                        }
                    }
                }
                Ok(Value::map(map))
            }
            Kind::List(items) => {
                let mut list = Vec::new();
                for item in items.iter() {
                    let value = self.eval(item)?;
                    match (item.kind(), &value) {
                        (Kind::Spread(_), Value::List(inner)) => list.extend(inner.borrow().iter().cloned()),
                        _ => list.push(value),
                    }
                }
                Ok(Value::list(list))
            }
            Kind::Function(function) => {
                let this = self.frame.this.clone();
                let closure = Rc::new(Closure { function, frame: Some(self.frame.clone()), this, is_bare: false });
                if !function.name.is_empty() {
                    self.set_here(function.name, Value::Function(closure.clone()));
                }
                Ok(Value::Function(closure))
            }
            Kind::Class(class) => Ok(Value::Class(class)),
            Kind::Binary { operator, left, right } => self.binary(node, operator, left, right),
            Kind::Unary { operator, operand } => self.unary(operator, operand),
            Kind::Assign { operator, target, value } => {
                let value = match operator {
                    Some(operator) => self.binary(node, operator, target, value)?,
                    None => self.eval(value)?,
                };
                self.assign(target, value.clone())?;
                Ok(value)
            }
            Kind::Conditional { test, then, otherwise } => {
                let worth = self.eval(test)?;
                let is_true = self.outcome(test, &worth, true);
                self.eval(if is_true { then } else { otherwise })
            }
            Kind::Yield(value) => {
                value.map_or(Ok(Value::Null), |value| self.eval(value))?;
                Ok(Value::Unknown)
            }
            Kind::Type(_) => Ok(self.constant(node)),
            Kind::Decorated { item, .. } => self.eval(item),
            _ => self.statement(node),
        }
    }

    /// How a test comes out.
    pub fn outcome(&mut self, test: Node<'a>, worth: &Value<'a>, usual: bool) -> bool {
        match worth.truth() {
            Some(known) => match worth {
                // `while (tries--)`, `if (retriesLeft)`.
                Value::Number(number) => self.compared(test, *number, 0.0, known),
                _ => known,
            },
            None => self.decide(test, usual, worth),
        }
    }

    fn unary(&mut self, operator: Operator, operand: Node<'a>) -> Step<'a> {
        if matches!(operator, Operator::Defer | Operator::Delete | Operator::TypeOf) {
            return Ok(Value::Unknown);
        }
        let value = self.eval(operand)?;
        Ok(match (operator, &value) {
            (Operator::Not, _) => match value.truth() {
                Some(known) => Value::Bool(!known),
                None => value,
            },
            (Operator::Minus, Value::Number(number)) => Value::Number(-number),
            (Operator::Minus, Value::Duration(seconds)) => Value::Duration(-seconds),
            (Operator::Plus, value) => value.number().map_or(Value::Unknown, Value::Number),
            _ => value,
        })
    }

    fn binary(&mut self, node: Node<'a>, operator: Operator, left: Node<'a>, right: Node<'a>) -> Step<'a> {
        match operator {
            Operator::And | Operator::Or => return self.joined(operator, left, right),
            Operator::Coalesce => {
                let first = self.eval(left)?;
                return match first {
                    Value::Null | Value::Unknown | Value::Library(_) => {
                        let second = self.eval(right)?;
                        Ok(if matches!((&first, &second), (Value::Unknown, Value::Null)) { first } else { second })
                    }
                    // What a header holds is known; another part of the answer may be missing.
                    Value::Part => {
                        let second = self.eval(right)?;
                        Ok(if matches!(second, Value::Null) { first } else { second })
                    }
                    known => Ok(known),
                };
            }
            Operator::InstanceOf => {
                let value = self.eval(left)?;
                return Ok(self.is_a(&value, right));
            }
            _ => {}
        }
        let (a, b) = (self.eval(left)?, self.eval(right)?);
        let value = self.combined(node, operator, &a, &b);
        if matches!((&a, &b), (Value::Status(_), _) | (_, Value::Status(_))) && !self.seen.tests.contains(&node) {
            self.seen.tests.push(node);
        }
        Ok(value)
    }

    fn joined(&mut self, operator: Operator, left: Node<'a>, right: Node<'a>) -> Step<'a> {
        let first = self.eval(left)?;
        let decides = operator == Operator::Or;
        match first.truth() {
            Some(known) if known == decides => {
                let is_number = matches!(first, Value::Number(_));
                Ok(if is_number && !self.outcome(left, &first, known) { self.eval(right)? } else { first })
            }
            Some(_) => self.eval(right),
            None => {
                let second = self.eval(right)?;
                Ok(match second.truth() {
                    Some(known) if known == decides => second,
                    // `process.env.LIMIT || 5`: the value that is written down is the one that is known.
                    Some(_) if decides && !matches!(second, Value::Bool(_) | Value::Null) => second,
                    _ => first,
                })
            }
        }
    }

    /// Arithmetic and comparison of what is known.
    pub fn combined(&mut self, node: Node<'a>, operator: Operator, a: &Value<'a>, b: &Value<'a>) -> Value<'a> {
        use Operator as O;
        match operator {
            O::Equal | O::NotEqual => {
                let Some(same) = a.equals(b) else { return unknown_of(a, b) };
                let numbers = (matches!(a, Value::Number(_)) && matches!(b, Value::Number(_)))
                    .then(|| a.number().zip(b.number()))
                    .flatten();
                let same = numbers.map_or(same, |(x, y)| self.compared(node, x, y, same));
                return Value::Bool(same == (operator == O::Equal));
            }
            O::Less | O::LessOrEqual | O::Greater | O::GreaterOrEqual => {
                let Some((x, y)) = ordered(a, b) else { return unknown_of(a, b) };
                let result = match operator {
                    O::Less => x < y,
                    O::LessOrEqual => x <= y,
                    O::Greater => x > y,
                    _ => x >= y,
                };
                return Value::Bool(self.compared(node, x, y, result));
            }
            O::In | O::NotIn => {
                let Some(held) = holds(b, a) else { return unknown_of(a, b) };
                return Value::Bool(held == (operator == O::In));
            }
            O::Range => {
                return match (a.number(), b.number()) {
                    (Some(x), Some(y)) => Value::Range(x, y),
                    (Some(x), None) => Value::Range(x, x + SOME),
                    _ => Value::Unknown,
                };
            }
            O::Match => return matched(b, a).or_else(|| matched(a, b)).map_or(unknown_of(a, b), Value::Bool),
            _ => {}
        }
        if let (O::Add, true) = (operator, matches!(a, Value::Text(_)) || matches!(b, Value::Text(_))) {
            return Value::text(format!("{}{}", a.words(), b.words()));
        }
        arithmetic(node, operator, a, b)
    }
}

/// `HttpStatus.X`, `http.X`: what such a constant is looked up in.
fn is_constant(object: Node<'_>, property: &str) -> bool {
    let name = super::value::plain(object.leaf());
    // `response.ok` is none; Python's `requests.codes.too_many_requests` is.
    let is_written_so = property.starts_with(|c: char| c.is_ascii_uppercase()) || name == "codes";
    is_written_so && ["status", "http", "codes", "response"].iter().any(|word| name.contains(word)) || name.is_empty()
}

fn unknown_of<'a>(a: &Value<'a>, b: &Value<'a>) -> Value<'a> {
    let is_part = matches!(a, Value::Part) || matches!(b, Value::Part);
    if is_part { Value::Part } else { Value::Unknown }
}

/// Two numbers to compare; an unknown one is taken for a small one, as limits on attempts are.
fn ordered(a: &Value<'_>, b: &Value<'_>) -> Option<(f64, f64)> {
    let worth = |value: &Value<'_>| match value {
        Value::Duration(seconds) | Value::Moment(seconds) => Some(*seconds),
        other => other.number(),
    };
    match (worth(a), worth(b)) {
        (Some(x), Some(y)) => Some((x, y)),
        (Some(x), None) if matches!(b, Value::Unknown | Value::Library(_)) && x.abs() < 50.0 => Some((x, SOME)),
        (None, Some(y)) if matches!(a, Value::Unknown | Value::Library(_)) && y.abs() < 50.0 => Some((SOME, y)),
        _ => None,
    }
}

/// Whether something is among others.
pub(super) fn holds<'a>(many: &Value<'a>, one: &Value<'a>) -> Option<bool> {
    match many {
        Value::List(list) => {
            let list = list.borrow();
            let mut is_sure = !one.is_unknown();
            for item in list.iter() {
                let found = match item {
                    Value::Range(from, to) => one.number().map(|number| (*from..=*to).contains(&number)),
                    item => item.equals(one),
                };
                match found {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => is_sure = false,
                }
            }
            is_sure.then_some(false)
        }
        Value::Range(from, to) => one.number().map(|number| (*from..=*to).contains(&number)),
        Value::Map(map) if !one.is_unknown() => Some(map.borrow().contains_key(&one.words())),
        Value::Text(text) => match one {
            Value::Text(inner) => Some(text.contains(&**inner)),
            Value::Status(number) | Value::Number(number) => Some(text.contains(&number.to_string())),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a pattern is found in a text.
pub(super) fn matched(pattern: &Value<'_>, text: &Value<'_>) -> Option<bool> {
    let Value::Regex(pattern) = pattern else { return None };
    if text.is_unknown() {
        return None;
    }
    let pattern = pattern.trim_start_matches('/');
    let pattern = pattern.rsplit_once('/').map_or(pattern, |(body, _)| body);
    let regex = regex::RegexBuilder::new(pattern).case_insensitive(true).size_limit(1 << 20).build().ok()?;
    Some(regex.is_match(&text.words()))
}

fn arithmetic<'a>(node: Node<'a>, operator: Operator, a: &Value<'a>, b: &Value<'a>) -> Value<'a> {
    use Operator as O;
    let apply = |x: f64, y: f64| match operator {
        O::Add => Some(x + y),
        O::Subtract => Some(x - y),
        O::Multiply => Some(x * y),
        O::Divide if y != 0.0 => Some(x / y),
        O::Remainder if y != 0.0 => Some(x % y),
        O::Power => Some(x.powf(y)),
        // JavaScript's `^` on whole numbers is no power: whoever writes `2 ^ n` gets 3, 0, 1.
        O::BitXor => Some(((x as i64) ^ (y as i64)) as f64),
        O::BitOr => Some(((x as i64) | (y as i64)) as f64),
        O::BitAnd => Some(((x as i64) & (y as i64)) as f64),
        O::ShiftLeft => Some(x * 2_f64.powf(y)),
        O::ShiftRight => Some((x / 2_f64.powf(y)).floor()),
        _ => None,
    };
    let made = match (a, b) {
        (Value::Duration(x), Value::Duration(y)) if operator == O::Divide => apply(*x, *y).map(Value::Number),
        (Value::Duration(x), Value::Duration(y)) => apply(*x, *y).map(Value::Duration),
        (Value::Moment(x), Value::Moment(y)) if operator == O::Subtract => {
            let difference = x - y;
            // JavaScript's dates are numbers of milliseconds as soon as they are reckoned with.
            Some(match node.source().language().is_script() {
                true => Value::Number(difference * 1_000.0),
                false => Value::Duration(difference),
            })
        }
        (Value::Moment(x), Value::Number(y)) | (Value::Number(y), Value::Moment(x))
            if node.source().language().is_script() =>
        {
            let (x, y) = if matches!(a, Value::Moment(_)) { (x * 1_000.0, *y) } else { (*y, x * 1_000.0) };
            apply(x, y).map(Value::Number)
        }
        (Value::Moment(x), Value::Duration(y)) => apply(*x, *y).map(Value::Moment),
        (Value::Duration(x), other) => other.number().and_then(|y| apply(*x, y)).map(Value::Duration),
        (other, Value::Duration(y)) => other.number().and_then(|x| apply(x, *y)).map(Value::Duration),
        _ => a.number().zip(b.number()).and_then(|(x, y)| apply(x, y)).map(Value::Number),
    };
    match made {
        Some(Value::Number(number)) if operator == O::Divide && is_whole(node, a, b) => Value::Number(number.floor()),
        Some(value) => value,
        None => unknown_of(a, b),
    }
}

/// Whether a division drops the rest.
fn is_whole<'a>(node: Node<'a>, a: &Value<'a>, b: &Value<'a>) -> bool {
    let integers = [a, b].iter().all(|side| side.number().is_some_and(|number| number.fract() == 0.0));
    let language = node.source().language();
    let by_language =
        matches!(language, Language::Java | Language::Kotlin | Language::Go | Language::CSharp | Language::Ruby);
    integers && (by_language || (language == Language::Python && node.text().contains("//")))
}
