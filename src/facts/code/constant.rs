//! What expressions are worth when written: numbers, durations, and texts with holes for what is not known.

use super::Code;
use super::model::{Call, Kind, Node, Operator};
use super::origin::{Origin, Value};

const MAX_DEPTH: usize = 16;
/// As many texts of one expression are told apart.
const MAX_TEXTS: usize = 8;

/// What a plain number of a duration counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Nanoseconds,
    Milliseconds,
    Seconds,
}

impl Unit {
    fn seconds(self, number: f64) -> f64 {
        match self {
            Self::Nanoseconds => number / 1e9,
            Self::Milliseconds => number / 1e3,
            Self::Seconds => number,
        }
    }
}

/// A number, or a duration that says its unit; kept in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Quantity {
    Plain(f64),
    Seconds(f64),
}

impl Code {
    /// The number that an expression is worth: `30_000`, `30 * 1000`, a constant here or in another file, the
    /// default of a setting.
    pub fn number(&self, node: Node<'_>) -> Option<f64> {
        match self.quantity(node, 0)? {
            Quantity::Plain(number) => Some(number),
            Quantity::Seconds(_) => None,
        }
    }

    /// The duration of an expression in seconds; a plain number counts `unit`s.
    ///
    /// ```ignore
    /// // timeout: 30 * 1000        Duration.ofSeconds(30)        30 * time.Second        timedelta(minutes=1)
    /// assert_eq!(code.seconds(value, Unit::Milliseconds), Some(30.0));
    /// ```
    pub fn seconds(&self, node: Node<'_>, unit: Unit) -> Option<f64> {
        Some(match self.quantity(node, 0)? {
            Quantity::Plain(number) => unit.seconds(number),
            Quantity::Seconds(seconds) => seconds,
        })
    }

    /// The seconds of a unit that is handed over beside a number: `TimeUnit.SECONDS`.
    pub fn seconds_of_unit(&self, node: Node<'_>) -> Option<f64> {
        unit_seconds(node.leaf())
    }

    fn quantity(&self, node: Node<'_>, depth: usize) -> Option<Quantity> {
        if depth > MAX_DEPTH {
            return None;
        }
        let plain = |number: f64| Some(Quantity::Plain(number));
        match node.kind() {
            Kind::Number(number) => plain(number),
            Kind::Str(text) => text_quantity(text),
            Kind::Binary { operator, left, right } => self.combined(operator, left, right, depth),
            Kind::Unary { operator: Operator::Minus, operand } => match self.quantity(operand, depth + 1)? {
                Quantity::Plain(number) => plain(-number),
                Quantity::Seconds(seconds) => Some(Quantity::Seconds(-seconds)),
            },
            Kind::Conditional { then, otherwise, .. } => {
                let sides = [self.quantity(then, depth + 1)?, self.quantity(otherwise, depth + 1)?];
                (sides[0] == sides[1]).then_some(sides[0])
            }
            Kind::Call(call) => self.called_quantity(call, depth),
            Kind::Member { object, property } => {
                if let Some(seconds) = unit_seconds(property) {
                    // Go's `time.Second`, Kotlin's and Ruby's `30.seconds`.
                    if object.as_name() == Some("time") {
                        return Some(Quantity::Seconds(seconds));
                    }
                    if let Some(Quantity::Plain(number)) = self.quantity(object, depth + 1) {
                        return Some(Quantity::Seconds(number * seconds));
                    }
                }
                self.traced_quantity(node, depth)
            }
            Kind::Await(inner) => self.quantity(inner, depth + 1),
            Kind::Name(_) => self.traced_quantity(node, depth),
            _ => None,
        }
    }

    fn combined(&self, operator: Operator, left: Node<'_>, right: Node<'_>, depth: usize) -> Option<Quantity> {
        let (left, right) = (self.quantity(left, depth + 1), self.quantity(right, depth + 1));
        if matches!(operator, Operator::Or | Operator::Coalesce) {
            return left.or(right);
        }
        let apply = |a: f64, b: f64| match operator {
            Operator::Add => Some(a + b),
            Operator::Subtract => Some(a - b),
            Operator::Multiply => Some(a * b),
            Operator::Divide if b != 0.0 => Some(a / b),
            Operator::Power => Some(a.powf(b)),
            Operator::ShiftLeft if (0.0..63.0).contains(&b) => Some(a * 2_f64.powf(b)),
            _ => None,
        };
        match (left?, right?) {
            (Quantity::Plain(a), Quantity::Plain(b)) => apply(a, b).map(Quantity::Plain),
            (Quantity::Seconds(a), Quantity::Plain(b)) | (Quantity::Plain(a), Quantity::Seconds(b)) => {
                matches!(operator, Operator::Multiply | Operator::Divide).then(|| apply(a, b).map(Quantity::Seconds))?
            }
            (Quantity::Seconds(a), Quantity::Seconds(b)) => apply(a, b).map(Quantity::Seconds),
        }
    }

    /// `Duration.ofSeconds(30)`, `timedelta(seconds=30)`, `Number(process.env.X ?? 30)`, `os.getenv("X", 30)`.
    fn called_quantity(&self, call: Call<'_>, depth: usize) -> Option<Quantity> {
        let method = call.method();
        let first = call.argument(0);
        if matches!(method, "timedelta" | "Duration" | "TimeSpan") && !call.arguments.is_empty() {
            let mut total = None;
            for argument in call.arguments.iter() {
                let Kind::Named { name, value } = argument.kind() else { continue };
                let (Some(unit), Some(Quantity::Plain(number))) = (unit_seconds(name), self.quantity(value, depth + 1))
                else {
                    continue;
                };
                total = Some(total.unwrap_or(0.0) + number * unit);
            }
            return total.map(Quantity::Seconds).or_else(|| self.quantity(first?, depth + 1));
        }
        if matches!(method, "min" | "Min") && call.arguments.len() == 2 {
            let sides = call.arguments.iter().filter_map(|side| self.quantity(side, depth + 1));
            return sides.reduce(|a, b| if value_of(a) <= value_of(b) { a } else { b });
        }
        if let Some(unit) = unit_seconds(method) {
            let number = first.or(call.receiver()).and_then(|value| self.quantity(value, depth + 1))?;
            return match number {
                Quantity::Plain(number) => Some(Quantity::Seconds(number * unit)),
                Quantity::Seconds(_) => Some(number),
            };
        }
        if matches!(method, "ms" | "parseDuration" | "parse" | "ParseDuration")
            && let Some(Kind::Str(text)) = first.map(Node::kind)
        {
            return text_quantity(text);
        }
        const SETTINGS: [&str; 12] = [
            "getenv",
            "get",
            "fetch",
            "env",
            "getOrDefault",
            "getInt",
            "getLong",
            "config",
            "getNumber",
            "GetValue",
            "asInt",
            "value",
        ];
        if SETTINGS.contains(&method) && call.arguments.len() >= 2 {
            return self.quantity(call.argument(1)?, depth + 1);
        }
        const CONVERSIONS: [&str; 14] = [
            "Number",
            "parseInt",
            "parseFloat",
            "int",
            "float",
            "Integer",
            "Float",
            "intval",
            "valueOf",
            "toLong",
            "toInt",
            "parseLong",
            "Parse",
            "to_i",
        ];
        if CONVERSIONS.contains(&method) || method == "Duration" {
            return self.quantity(first.or(call.receiver())?, depth + 1);
        }
        self.traced_quantity(call.node, depth)
    }

    fn traced_quantity(&self, node: Node<'_>, depth: usize) -> Option<Quantity> {
        let mut known = None;
        for expression in self.expressions(node) {
            if expression == node {
                continue;
            }
            let Some(quantity) = self.quantity(expression, depth + 4) else { continue };
            match known {
                Some(before) if before != quantity => return None,
                _ => known = Some(quantity),
            }
        }
        known
    }

    /// The expressions that a name may stand for: literals, and sums, templates and calls that are not followed.
    pub fn expressions<'a>(&'a self, node: Node<'a>) -> Vec<Node<'a>> {
        let origins = self.origins(node).into_iter().filter_map(|origin| match origin {
            Origin::Own(Value::Literal(node)) => Some(node),
            Origin::Library(_, Some(call)) => Some(call.node),
            Origin::Unknown(node) => Some(node),
            _ => None,
        });
        origins.collect()
    }

    /// The text of an expression where it is the only possible one; `{}` stands for what is not known.
    pub fn text(&self, node: Node<'_>) -> Option<String> {
        let mut texts = self.texts(node);
        if texts.len() == 1 { texts.pop() } else { None }
    }

    /// The texts that an expression may be, with `{}` for what is not known.
    ///
    /// ```ignore
    /// // `${BASE}/workorders/${id}/status` with BASE = process.env.BASE || 'https://api.getmaintainx.com/v1'
    /// assert_eq!(code.texts(node), ["https://api.getmaintainx.com/v1/workorders/{}/status"]);
    /// ```
    pub fn texts(&self, node: Node<'_>) -> Vec<String> {
        let mut texts = self.texts_at(node, 0);
        texts.sort_unstable();
        texts.dedup();
        texts
    }

    fn texts_at(&self, node: Node<'_>, depth: usize) -> Vec<String> {
        let hole = || vec!["{}".to_owned()];
        if depth > MAX_DEPTH {
            return hole();
        }
        match node.kind() {
            Kind::Str(text) => vec![text.to_owned()],
            Kind::Number(number) => vec![number.to_string()],
            Kind::Template(parts) => self.joined(parts.iter(), depth),
            Kind::Binary { operator: Operator::Add, left, right } => self.joined([left, right].into_iter(), depth),
            // `"%s/workorders" % base`, PHP's `.` is an addition.
            Kind::Binary { operator: Operator::Remainder, left, .. } => {
                self.texts_at(left, depth + 1).iter().map(|text| without_verbs(text)).collect()
            }
            Kind::Binary { operator: Operator::Or | Operator::Coalesce, left, right } => {
                let known = [left, right].map(|side| self.texts_at(side, depth + 1));
                let known: Vec<String> = known.into_iter().flatten().filter(|text| text != "{}").collect();
                if known.is_empty() { hole() } else { known }
            }
            Kind::Call(call) => self.called_text(call, depth),
            Kind::Await(inner) | Kind::Named { value: inner, .. } => self.texts_at(inner, depth + 1),
            Kind::Name(_) | Kind::Member { .. } | Kind::Conditional { .. } | Kind::Index { .. } => {
                let mut texts = Vec::new();
                for expression in
                    self.expressions(node).into_iter().filter(|expression| *expression != node).take(MAX_TEXTS)
                {
                    texts.extend(self.texts_at(expression, depth + 4));
                }
                texts.retain(|text| text != "{}");
                if texts.is_empty() { hole() } else { texts }
            }
            _ => hole(),
        }
    }

    fn joined<'a>(&self, parts: impl Iterator<Item = Node<'a>>, depth: usize) -> Vec<String> {
        let mut texts = vec![String::new()];
        for part in parts {
            let ends = self.texts_at(part, depth + 1);
            let pairs = texts.iter().flat_map(|text| ends.iter().map(move |end| format!("{text}{end}")));
            texts = pairs.take(MAX_TEXTS).collect();
        }
        texts
    }

    fn called_text(&self, call: Call<'_>, depth: usize) -> Vec<String> {
        let first = call.argument(0);
        let hole = || vec!["{}".to_owned()];
        match call.method() {
            // Addresses made of their text, the base last or first.
            "URL" if call.arguments.len() == 2 => {
                let parts = [call.argument(1), first];
                self.joined(parts.into_iter().flatten(), depth)
            }
            "urljoin" | "URI.join" => self.joined(call.arguments.iter(), depth),
            "URL" | "Uri" | "URI" | "create" | "parse" | "String" | "str" | "from" | "Parse" | "valueOf"
            | "toHttpUrl"
                if call.arguments.len() == 1 =>
            {
                first.map_or_else(hole, |first| self.texts_at(first, depth + 1))
            }
            "format" | "sprintf" | "Sprintf" | "formatted" | "Format" => {
                let text = first.filter(|first| matches!(first.kind(), Kind::Str(_))).or(call.receiver()).or(first);
                let texts = text.map_or_else(hole, |text| self.texts_at(text, depth + 1));
                texts.iter().map(|text| without_verbs(text)).collect()
            }
            "toString" | "replace" | "trim" | "rstrip" | "strip" | "TrimEnd" | "trimEnd" | "removeSuffix" | "rtrim"
            | "TrimRight" | "TrimSuffix" | "chomp" | "concat" | "resolve" | "to_s" | "href" => {
                let text = call
                    .receiver()
                    .filter(|receiver| !matches!(receiver.as_name(), Some("strings" | "path")))
                    .or(first);
                text.map_or_else(hole, |text| self.texts_at(text, depth + 1))
            }
            "getenv" | "get" | "fetch" | "env" | "config" | "getOrDefault" if call.arguments.len() >= 2 => {
                call.argument(1).map_or_else(hole, |default| self.texts_at(default, depth + 1))
            }
            _ => {
                let mut texts = Vec::new();
                for expression in self
                    .expressions(call.node)
                    .into_iter()
                    .filter(|expression| *expression != call.node)
                    .take(MAX_TEXTS)
                {
                    texts.extend(self.texts_at(expression, depth + 4));
                }
                texts.retain(|text| text != "{}");
                if texts.is_empty() { hole() } else { texts }
            }
        }
    }
}

fn value_of(quantity: Quantity) -> f64 {
    match quantity {
        Quantity::Plain(number) | Quantity::Seconds(number) => number,
    }
}

/// How many seconds a unit has, by any of the names that libraries give it.
fn unit_seconds(name: &str) -> Option<f64> {
    Some(match name {
        "Nanosecond" | "nanoseconds" | "ofNanos" => 1e-9,
        "Microsecond" | "microseconds" => 1e-6,
        "Millisecond" | "milliseconds" | "ofMillis" | "FromMilliseconds" | "millis" | "MILLISECONDS" => 1e-3,
        "Second" | "seconds" | "second" | "ofSeconds" | "FromSeconds" | "fromSeconds" | "SECONDS" => 1.0,
        "Minute" | "minutes" | "minute" | "ofMinutes" | "FromMinutes" | "fromMinutes" | "MINUTES" => 60.0,
        "Hour" | "hours" | "hour" | "ofHours" | "FromHours" | "HOURS" => 3_600.0,
        "days" | "day" | "ofDays" | "FromDays" | "DAYS" => 86_400.0,
        _ => return None,
    })
}

/// `30`, `30s`, `500 ms`, `PT30S`.
fn text_quantity(text: &str) -> Option<Quantity> {
    let text = text.trim();
    let text = text.strip_prefix("PT").unwrap_or(text);
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(text.len());
    let number: f64 = text.get(..end)?.replace('_', "").parse().ok()?;
    let unit = match text.get(end..)?.trim().to_ascii_lowercase().as_str() {
        "" => return Some(Quantity::Plain(number)),
        "ms" => 1e-3,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3_600.0,
        _ => return None,
    };
    Some(Quantity::Seconds(number * unit))
}

/// A format with `{}` in place of `%s`, `%d`, `%(name)s`, `{0}` and `{name}`.
fn without_verbs(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '%' => {
                while let Some(next) = letters.next() {
                    if next.is_ascii_alphabetic() || next == '%' {
                        break;
                    }
                    if next == '(' {
                        letters.by_ref().find(|close| *close == ')');
                    }
                }
                plain.push_str("{}");
            }
            '{' => {
                letters.by_ref().find(|close| *close == '}');
                plain.push_str("{}");
            }
            other => plain.push(other),
        }
    }
    plain
}
