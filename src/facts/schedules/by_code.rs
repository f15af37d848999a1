//! Schedules that the program sets itself, in the libraries of every language.

use super::statement::{MAX_LEVELS, Place, TAKE_CRON, is_literal, is_mark};
use super::targets::Targets;
use super::{Schedule, interval};
use crate::facts::code::{Call, Code, Kind, Language, Node, NodeKey, Unit};

/// The keys under which they take one.
const CRON_KEYS: [&str; 8] =
    ["pattern", "cron", "cronTime", "schedule", "schedule_interval", "rule", "cronExpression", "expression"];
/// Methods whose name is the time between two runs, without case. Source: the documentation of Laravel, Coravel and
/// Hangfire.
const NAMED: [(&str, f64); 24] = [
    ("everysecond", 1.0),
    ("everyminute", 60.0),
    ("minutely", 60.0),
    ("everytwominutes", 120.0),
    ("everythreeminutes", 180.0),
    ("everyfourminutes", 240.0),
    ("everyfiveminutes", 300.0),
    ("everytenminutes", 600.0),
    ("everyfifteenminutes", 900.0),
    ("everythirtyminutes", 1_800.0),
    ("hourly", 3_600.0),
    ("hourlyat", 3_600.0),
    ("everyoddhour", 7_200.0),
    ("everytwohours", 7_200.0),
    ("everythreehours", 10_800.0),
    ("everyfourhours", 14_400.0),
    ("everysixhours", 21_600.0),
    ("daily", 86_400.0),
    ("dailyat", 86_400.0),
    ("dailyathour", 86_400.0),
    ("twicedaily", 43_200.0),
    ("weekly", 604_800.0),
    ("weeklyon", 604_800.0),
    ("monthly", 2_678_400.0),
];

pub(super) fn read(code: &Code, targets: &Targets) -> Vec<Schedule> {
    let mut found: Vec<(NodeKey, Schedule)> = Vec::new();
    for node in code.nodes() {
        let timed = match node.kind() {
            Kind::Str(text) => written(node, text),
            Kind::Call(call) => timed(code, call),
            // Celery's table of jobs: `{"task": "app.sync", "schedule": 300.0}`.
            Kind::Pair { key, value } if key.leaf() == "schedule" => {
                let is_job = node.parent().is_some_and(|object| object.get("task").is_some());
                is_job.then(|| code.seconds(value, Unit::Seconds).map(Some)).flatten()
            }
            _ => None,
        };
        let Some(every) = timed else { continue };
        let place = Place::of(node);
        let Some(schedule) = place.schedule(code, node, every, targets) else { continue };
        match found.iter_mut().find(|(key, _)| *key == place.node.key()) {
            // Of two times in one statement, that which is known counts.
            Some((_, known)) if known.every.is_none() => *known = schedule,
            Some(_) => {}
            None => found.push((place.node.key(), schedule)),
        }
    }
    found.into_iter().map(|(_, schedule)| schedule).collect()
}

/// A cron expression that stands among the arguments of a call.
fn written(node: Node<'_>, text: &str) -> Option<Option<f64>> {
    let text = without_setting(text);
    let is_time = interval::is_cron(text) || ["@every ", "rate(", "cron("].iter().any(|start| text.starts_with(start));
    let is_macro = matches!(text, "@hourly" | "@daily" | "@midnight" | "@weekly" | "@monthly");
    let is_handed = node
        .ancestors()
        .take(MAX_LEVELS)
        .find(|outer| !is_literal(*outer))
        .is_some_and(|outer| outer.as_call().is_some());
    let is_job = || node.ancestors().take(MAX_LEVELS).any(|outer| outer.get("task").is_some());
    ((is_time || is_macro) && (is_handed || is_job())).then(|| interval::seconds(text))
}

/// Spring's `${sync.cron:0 0 3 * * *}` says what holds where nothing is set.
fn without_setting(text: &str) -> &str {
    let inner = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    inner.and_then(|inner| inner.split_once(':')).map_or(text, |(_, default)| default)
}

/// The time between two runs that a call sets; a schedule whose time is set elsewhere has none.
fn timed(code: &Code, call: Call<'_>) -> Option<Option<f64>> {
    let method = call.method();
    let lower = method.to_ascii_lowercase();
    if let Some((_, every)) = NAMED.iter().find(|(name, _)| *name == lower) {
        let is_chained = call.receiver().is_some_and(|receiver| {
            receiver.as_call().is_some_and(|inner| {
                ["command", "job", "call", "exec", "Schedule", "ScheduleAsync", "invokable"].contains(&inner.method())
            }) || matches!(receiver.leaf(), "Cron")
        });
        return is_chained.then_some(Some(*every));
    }
    let at = |position: usize, unit: Unit| call.argument(position).and_then(|argument| code.seconds(argument, unit));
    match method {
        "setInterval" => Some(at(1, Unit::Milliseconds)),
        "Interval" if is_mark(call.node) => Some(at(call.arguments.len().saturating_sub(1), Unit::Milliseconds)),
        "Scheduled" if is_mark(call.node) => Some(annotated(code, call)),
        "scheduleAtFixedRate" | "scheduleWithFixedDelay" => {
            let unit = call.argument(3).and_then(|unit| code.seconds_of_unit(unit));
            let plain = call.argument(2).and_then(|period| code.number(period));
            Some(
                unit.zip(plain)
                    .map(|(unit, plain)| unit * plain)
                    .or_else(|| at(2, Unit::Milliseconds))
                    .or_else(|| at(1, Unit::Milliseconds)),
            )
        }
        "fixedRateTimer" => Some(call.option("period").and_then(|period| code.seconds(period, Unit::Milliseconds))),
        "add_job" | "scheduled_job" | "IntervalTrigger" | "CronTrigger" | "crontab" | "repeat_every"
        | "SimpleIntervalJob" | "Period" => {
            let every = fields(code, call);
            let is_job = matches!(method, "add_job" | "scheduled_job" | "repeat_every" | "SimpleIntervalJob");
            (every.is_some() || is_job).then_some(every)
        }
        "every" | "Every" => chained(code, call),
        "DurationJob" | "rate" => at(0, Unit::Seconds).map(Some),
        "add_periodic_task" => Some(at(0, Unit::Seconds)),
        "withIntervalInSeconds" | "WithIntervalInSeconds" => at(0, Unit::Seconds).map(Some),
        "withIntervalInMinutes" | "WithIntervalInMinutes" => at(0, Unit::Seconds).map(|count| Some(count * 60.0)),
        "withIntervalInHours" | "WithIntervalInHours" | "HourInterval" => {
            at(0, Unit::Seconds).map(|count| Some(count * 3_600.0))
        }
        "MinuteInterval" => at(0, Unit::Seconds).map(|count| Some(count * 60.0)),
        "Timer" if call.is_new && call.node.source().language() == Language::CSharp => {
            at(3, Unit::Milliseconds).map(Some)
        }
        "setTimeout" => again(code, call).then(|| at(1, Unit::Milliseconds)),
        _ => handed(code, call),
    }
}

/// `@Scheduled(fixedDelay = 15, timeUnit = TimeUnit.MINUTES)`, `@Scheduled(every = "15m")`.
fn annotated(code: &Code, call: Call<'_>) -> Option<f64> {
    let value = ["fixedDelay", "fixedRate", "fixedDelayString", "fixedRateString", "every", "cron"]
        .iter()
        .find_map(|name| call.option(name))?;
    let text = code.text(value).map(|text| without_setting(&text).to_owned());
    if let Some(every) = text
        .as_deref()
        .and_then(|text| interval::seconds(text).or_else(|| interval::length(text).map(|days| days * 86_400.0)))
    {
        return Some(every);
    }
    let unit = call.option("timeUnit").and_then(|unit| code.seconds_of_unit(unit)).unwrap_or(1e-3);
    text.and_then(|text| text.parse::<f64>().ok())
        .or_else(|| code.number(value))
        .map(|count| count * unit)
        .or_else(|| code.seconds(value, Unit::Milliseconds))
}

/// Keywords that are fields of a time: `minutes=15`, `hour=3`, `minute="*/15"`.
fn fields(code: &Code, call: Call<'_>) -> Option<f64> {
    let lengths = [("seconds", 1.0), ("minutes", 60.0), ("hours", 3_600.0), ("days", 86_400.0), ("weeks", 604_800.0)];
    let mut total = None;
    for (name, unit) in lengths {
        let count = call.option(name).and_then(|value| code.number(value));
        total = count.map_or(total, |count| Some(total.unwrap_or(0.0) + count * unit));
    }
    if total.is_some() {
        return total;
    }
    let field = |name: &str| {
        call.option(name).map(|value| {
            code.text(value)
                .or_else(|| code.number(value).map(|number| number.to_string()))
                .unwrap_or_else(|| "*".to_owned())
        })
    };
    let (minute, hour) = (field("minute"), field("hour"));
    let (day, weekday) = (field("day").or_else(|| field("day_of_month")), field("day_of_week"));
    if minute.is_none() && hour.is_none() && day.is_none() && weekday.is_none() {
        return None;
    }
    // What is finer than the finest that is named happens at its start.
    let or_any = |field: Option<String>| field.unwrap_or_else(|| "*".to_owned());
    let minute = minute.unwrap_or_else(|| "0".to_owned());
    interval::seconds(&format!("{minute} {} {} * {}", or_any(hour), or_any(day), or_any(weekday)))
}

/// `schedule.every(15).minutes.do(run)`, `s.Every(1).Hour().Do(run)`, `every 15.minutes do`, `agenda.every("1 hour", "x")`.
fn chained(code: &Code, call: Call<'_>) -> Option<Option<f64>> {
    let first = call.argument(0);
    if let Some(text) = first.and_then(|first| code.text(first)).filter(|text| is_length(text)) {
        return Some(interval::length(&text).map(|days| days * 86_400.0).or_else(|| interval::seconds(&text)));
    }
    let unit = call.node.parent().map(Node::leaf).unwrap_or_default().to_ascii_lowercase();
    let unit = match unit.trim_end_matches('s') {
        "second" => Some(1.0),
        "minute" => Some(60.0),
        "hour" => Some(3_600.0),
        "day" => Some(86_400.0),
        "week" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday" => Some(604_800.0),
        _ => None,
    };
    let count = first.map_or(Some(1.0), |first| code.number(first));
    if let Some(unit) = unit {
        return Some(count.map(|count| count * unit));
    }
    let word = first.and_then(Node::as_str).and_then(interval::length).map(|days| days * 86_400.0);
    word.or_else(|| code.seconds(first?, Unit::Seconds)).map(Some)
}

/// `15 minutes`, `30m`, `*/5 * * * *`, and no plain number.
fn is_length(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit() || first == '*')
        && text.bytes().any(|byte| byte.is_ascii_alphabetic() || byte == b'*')
}

/// A function that calls itself later: `async function tick() { …; setTimeout(tick, 60_000) }`.
fn again(code: &Code, call: Call<'_>) -> bool {
    let Some(first) = call.argument(0) else { return false };
    let around: Vec<Node<'_>> = call.node.ancestors().filter(|outer| outer.as_function().is_some()).collect();
    let named = first.walk().filter_map(|node| match node.kind() {
        Kind::Name(name) | Kind::Member { property: name, .. } => Some(name),
        _ => None,
    });
    let names: Vec<&str> = named.collect();
    let is_retry = |outer: &Node<'_>| {
        outer.walk_own().any(|node| matches!(node.leaf(), "attempt" | "attempts" | "retries" | "retryCount"))
    };
    let _ = code;
    around.iter().filter_map(|outer| outer.as_function()).any(|outer| {
        let own = outer.known_as();
        !own.is_empty() && names.contains(&own) && !is_retry(&outer.node)
    })
}

/// A cron expression or a time between that is handed over by name.
fn handed(code: &Code, call: Call<'_>) -> Option<Option<f64>> {
    if !TAKE_CRON.contains(&call.method()) {
        return None;
    }
    let pairs = call.arguments.iter().flat_map(Node::walk_own).filter_map(|node| match node.kind() {
        Kind::Pair { key, value } => Some((key.leaf(), value)),
        Kind::Named { name, value } => Some((name, value)),
        _ => None,
    });
    let pairs: Vec<(&str, Node<'_>)> = pairs.collect();
    let by_key = pairs.iter().filter(|(name, _)| CRON_KEYS.contains(name)).map(|(_, value)| *value);
    let plain = call.arguments.iter().filter(|node| {
        !matches!(node.kind(), Kind::Str(_) | Kind::Function(_) | Kind::Object(_) | Kind::Named { .. } | Kind::Call(_))
    });
    for value in by_key.chain(plain) {
        if let Some(text) = code.texts(value).into_iter().find(|text| interval::is_cron(without_setting(text))) {
            return Some(interval::seconds(without_setting(&text)));
        }
        if matches!(value.leaf(), name if name.starts_with("EVERY_")) {
            return Some(expressed(value.leaf()));
        }
    }
    let every = pairs.iter().find(|(name, _)| *name == "every").map(|(_, value)| *value)?;
    matches!(call.method(), "add" | "upsertJobScheduler" | "NewJob").then(|| code.seconds(every, Unit::Milliseconds))
}

/// Nest's `CronExpression.EVERY_10_MINUTES`.
fn expressed(name: &str) -> Option<f64> {
    let words: Vec<&str> = name.split('_').skip(1).collect();
    let (count, unit) = match words.as_slice() {
        [count, unit, ..] if count.parse::<f64>().is_ok() => (count.parse().unwrap_or(1.0), *unit),
        [unit, ..] => (1.0, *unit),
        [] => return None,
    };
    Some(count * interval::length(&format!("1 {}", unit.to_ascii_lowercase()))? * 86_400.0)
}
