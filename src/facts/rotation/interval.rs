//! How many days lie between two runs of a schedule, at most.

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// Four years and a day more: every combination of day, month and weekday that matters comes up.
const SIMULATED_DAYS: i32 = 1_470;

/// The longest time between two runs, in days; none where the expression is not understood.
pub fn days(expression: &str) -> Option<f64> {
    let text = expression.trim().to_lowercase();
    if let Some(inner) = text.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')) {
        return length(inner);
    }
    if let Some(inner) = text.strip_prefix("every ") {
        return length(inner);
    }
    let text = text.strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(&text);
    match text {
        "@hourly" => return Some(1.0 / 24.0),
        "@daily" | "@midnight" => return Some(1.0),
        "@weekly" => return Some(7.0),
        "@monthly" => return Some(31.0),
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
    let number: f64 = text.get(..end)?.parse().ok()?;
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

fn cron(text: &str) -> Option<f64> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let (day, month, weekday) = match fields.as_slice() {
        [_, _, day, month, weekday] => (*day, *month, *weekday),
        // Six fields: AWS puts the year last, others the second first.
        [_, _, day, month, weekday, year] if *year == "*" || year.len() == 4 || *day == "?" || *weekday == "?" => {
            (*day, *month, *weekday)
        }
        [_, _, _, day, month, weekday] => (*day, *month, *weekday),
        _ => return None,
    };
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
