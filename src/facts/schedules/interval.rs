//! How much time lies between two runs of a schedule, at most.

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// Four years and a day more: every combination of day, month and weekday that matters comes up.
const SIMULATED_DAYS: i32 = 1_470;

const DAY: f64 = 86_400.0;

/// The longest time between two runs, in seconds; none where the expression is not understood.
pub fn seconds(expression: &str) -> Option<f64> {
    let text = expression.trim().to_lowercase();
    let days = days(&text)?;
    // Runs on every day: what lies between them is told by the hours and minutes.
    let within = if days == 1.0 { within_day(&text) } else { None };
    Some(within.unwrap_or(days * DAY))
}

/// Whether a text is a cron expression, and no other row of words and numbers.
pub fn is_cron(text: &str) -> bool {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let is_field = |field: &&str| {
        let mut letters = field.bytes();
        letters.all(|byte| byte.is_ascii_alphanumeric() || b"*/,-?#".contains(&byte)) && field.len() < 40
    };
    let is_number =
        |field: &&str| field.starts_with(|first: char| first == '*' || first == '?' || first.is_ascii_digit());
    matches!(fields.len(), 5..=7)
        && fields.iter().all(is_field)
        && fields.iter().take(2).all(is_number)
        && fields.iter().any(|field| field.starts_with(['*', '?']))
        && days(text).is_some()
}

/// The longest time between two runs on days that all have some.
fn within_day(text: &str) -> Option<f64> {
    let text = text.strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(text);
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, ..] = *without_seconds(&fields)? else { return None };
    let minutes = values(minute, 0, 59, &[])?;
    let hours = values(hour, 0, 23, &[])?;
    let mut runs: Vec<u32> =
        hours.iter().flat_map(|hour| minutes.iter().map(move |minute| hour * 60 + minute)).collect();
    runs.sort_unstable();
    let (first, last) = (*runs.first()?, *runs.last()?);
    let between = runs.windows(2).filter_map(|pair| Some(pair.get(1)? - pair.first()?)).max().unwrap_or(0);
    Some(f64::from(between.max(first + 1_440 - last)) * 60.0)
}

/// The longest time between two runs, in days; none where the expression is not understood.
pub fn days(expression: &str) -> Option<f64> {
    let text = expression.trim().to_lowercase();
    if let Some(inner) = text.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')) {
        return length(inner);
    }
    if let Some(inner) = text.strip_prefix("every ").or_else(|| text.strip_prefix("@every ")) {
        return length(inner);
    }
    if let Some(inner) = text.strip_prefix("pt") {
        return length(inner);
    }
    let text = text.strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(&text);
    match text {
        "@hourly" | "hourly" => return Some(1.0 / 24.0),
        "@daily" | "@midnight" | "daily" => return Some(1.0),
        "@weekly" | "weekly" => return Some(7.0),
        "@monthly" | "monthly" => return Some(31.0),
        "@quarterly" => return Some(92.0),
        "@yearly" | "@annually" => return Some(366.0),
        _ => {}
    }
    cron(text)
}

/// `30 days`, `12 hours`, `2160h`.
pub fn length(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    // `every hour` is every one.
    let number: f64 = if end == 0 { 1.0 } else { text.get(..end)?.parse().ok()? };
    let unit = text.get(end..)?.trim().trim_end_matches('s');
    let days = match unit {
        "" if text.ends_with('s') => number / 86_400.0,
        "m" | "min" | "minute" => number / 1_440.0,
        "h" | "hr" | "hour" => number / 24.0,
        "d" | "day" => number,
        "w" | "week" => number * 7.0,
        "month" => number * 31.0,
        _ => return None,
    };
    Some(days)
}

/// Minute, hour, day, month and weekday. Of six fields AWS has the year last and asks for a `?`, the others have the
/// second first; Quartz has both.
fn without_seconds<'t, 'f>(fields: &'f [&'t str]) -> Option<&'f [&'t str]> {
    let is_year = |field: &str| field.len() == 4 && field.bytes().all(|byte| byte.is_ascii_digit());
    match fields {
        [_, _, _, _, _] => Some(fields),
        [_, _, day, _, weekday, year] if *day == "?" || *weekday == "?" || is_year(year) => fields.get(..5),
        [_, _, _, _, _, _] => fields.get(1..),
        [_, _, _, _, _, _, _] => fields.get(1..6),
        _ => None,
    }
}

fn cron(text: &str) -> Option<f64> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [_, _, day, month, weekday] = *without_seconds(&fields)? else { return None };
    let months =
        values(month, 1, 12, &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])?;
    let days = if day == "l" { vec![28] } else { values(day, 1, 31, &[])? };
    let weekdays = values(weekday, 0, 7, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"])?;
    let (any_day, any_weekday) = (matches!(day, "*" | "?"), matches!(weekday, "*" | "?"));
    let runs = |today: Date| {
        let by_day = days.contains(&u32::from(today.day().unsigned_abs()));
        let number = u32::from(today.weekday().to_sunday_zero_offset().unsigned_abs());
        let by_weekday = weekdays.contains(&number) || number == 0 && weekdays.contains(&7);
        let fits = match (any_day, any_weekday) {
            (true, true) => true,
            (false, true) => by_day,
            (true, false) => by_weekday,
            (false, false) => by_day || by_weekday,
        };
        fits && months.contains(&u32::from(today.month().unsigned_abs()))
    };
    let start = date(2025, 1, 1);
    let hits = (0..SIMULATED_DAYS).filter(|offset| start.checked_add(offset.days()).is_ok_and(runs));
    let (mut last, mut longest) = (None, None::<i32>);
    for hit in hits {
        if let Some(last) = last {
            longest = longest.max(Some(hit - last));
        }
        last = Some(hit);
    }
    longest.map(f64::from)
}

/// The numbers of one field: `*`, `*/3`, `1,15`, `1-5`, `JAN`.
fn values(field: &str, first: u32, last: u32, names: &[&str]) -> Option<Vec<u32>> {
    let number = |text: &str| {
        let named = names.iter().position(|name| *name == text).map(|at| at as u32 + first);
        named.or_else(|| text.parse().ok())
    };
    let mut all = Vec::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<usize>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range {
            "*" | "?" => (first, last),
            _ => match range.split_once('-') {
                Some((from, to)) => (number(from)?, number(to)?),
                None if step > 1 => (number(range)?, last),
                None => (number(range)?, number(range)?),
            },
        };
        all.extend((from..=to.min(last)).step_by(step));
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_every_day_are_told_by_the_minute() {
        assert_eq!(seconds("*/15 * * * *"), Some(900.0));
        assert_eq!(seconds("0 */2 * * *"), Some(7_200.0));
        assert_eq!(seconds("0 3 * * *"), Some(86_400.0));
        assert_eq!(seconds("0 0,12 * * *"), Some(43_200.0));
        assert_eq!(seconds("0 */5 * * * *"), Some(300.0));
        assert_eq!(seconds("0 0 3 * * *"), Some(86_400.0));
        assert_eq!(seconds("0 30 2 * * ?"), Some(86_400.0));
        assert_eq!(seconds("cron(0/10 * * * ? *)"), Some(600.0));
        assert_eq!(seconds("0 3 * * 1"), Some(604_800.0));
        assert_eq!(seconds("@every 15m"), Some(900.0));
        assert_eq!(seconds("rate(5 minutes)"), Some(300.0));
        assert!(is_cron("*/5 * * * *") && is_cron("0 0 3 * * ?") && !is_cron("1 2 3 4 5") && !is_cron("* a b c d"));
    }

    #[test]
    fn the_longest_gap_counts() {
        assert_eq!(days("0 3 1 */2 *"), Some(62.0));
        assert_eq!(days("0 3 1 */3 *"), Some(92.0));
        assert_eq!(days("0 3 * * 1"), Some(7.0));
        assert_eq!(days("0 0 1 1 *"), Some(366.0));
        assert_eq!(days("rate(30 days)"), Some(30.0));
        assert_eq!(days("cron(0 2 1 * ? *)"), Some(31.0));
        assert_eq!(days("cron(0 2 ? JAN,JUL MON *)").map(|days| days > 150.0), Some(true));
        assert_eq!(days("every monday"), None);
        assert_eq!(length("7776000s"), Some(90.0));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[0-9*/,? a-z@()-]{0,40}") {
            let _ = days(&text);
        }
    }
}
