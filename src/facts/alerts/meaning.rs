//! What a rule watches and where it draws the line, by the words and units of its expression.

use super::clause::{self, Clause};
use super::{AlertRule, Bound, Comparator, Signal, Threshold, Topic, Unit};
use regex::Regex;
use std::sync::LazyLock;

/// What waits to be synced, in the words of metrics (joined by `_`, in lower case).
/// Sources: CloudWatch's and Pub/Sub's names of metrics, Kafka exporters, and the usual names of one's own.
const LAG: [&str; 24] = [
    "_lag_",
    "_lagging",
    "_stale",
    "_fresh",
    "_behind_",
    "_oldest",
    "_overdue",
    "_outdated",
    "_iterator_age_",
    "_message_age",
    "_since_last",
    "_seconds_since",
    "_minutes_since",
    "_last_sync",
    "_last_success",
    "_last_poll",
    "_last_run",
    "_last_completed",
    "_last_update",
    "_sync_age",
    "_data_age",
    "_sync_delay",
    "_cursor_age",
    "_watermark",
];
const LATENCY: [&str; 11] = [
    "_latency",
    "_latencies",
    "_duration",
    "_response_time",
    "_responsetime",
    "_request_time",
    "_round_trip",
    "_roundtrip",
    "_elapsed",
    "_request_seconds",
    "_processing_time",
];
/// Metrics of the machines, the run time and the databases: what they watch is not the integration.
static INFRASTRUCTURE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x)(?:event_?loop|_gc_|_scrape_|_evaluation_|_cert_|certificate|_ssl_|_tls_|_backup|_ntp_|_disk_|_cpu_|_fsync_|error_budget|burn_rate)
        | ^_(?:sum_|avg_|max_|min_|rate_|increase_|irate_|by_|histogram_quantile_|[0-9]+_)*
          (?:node|container|kubelet|kube|etcd|apiserver|coredns|alertmanager|prometheus|pg|mysql|redis|postgresql|mongodb)_",
    )
});
static FAILURE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"error|5xx|4xx|_err_|_errs_|exception|fail(?:ed|ure|ing|s|_)|unsuccessful|5\.\.|5\*|\[45\]|5\\+d|5\[0-9\]|!~?\s*"2|[=:]\s*"?5\d\d\b|>=?\s*500"#,
    )
});
static SUCCESS: LazyLock<Regex> = LazyLock::new(|| pattern(r#"success|availability|_2xx|"2\.\.|"2xx|_ok_|succeeded"#));
static QUANTILE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"quantile|percentile|\bp(?:50|75|9\d|99\d?)(?:\b|_|:)|_p(?:50|75|9\d)\b"));
static MEAN: LazyLock<Regex> = LazyLock::new(|| pattern(r"_sum\b[^/]*/.*_count\b"));
/// A metric that is a share by its name; `rate(` is a function, and `:rate5m` is one a second.
static SHARE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"ratio|percent(?:age)?_|pct|(?:err|errors?|failures?|failed|success|5xx)_rate_|availability")
});
static PERCENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\*\s*100(?:\.0*)?\b|\b100(?:\.0*)?\s*\*"));
static LABELS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\{[^{}]*\}|\[[^\[\]]*\]"));
static TIME_SINCE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:time|now)\(\)[^-]{0,12}-"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
}

impl Signal {
    /// The rule as it is understood: one for each of its comparisons that watches something of interest.
    pub fn rules(&self) -> Vec<AlertRule> {
        let clauses = match self.threshold {
            Some(threshold) => vec![Clause { text: self.expression.clone(), threshold }],
            None => clause::clauses(&self.expression),
        };
        let mut rules: Vec<AlertRule> =
            clauses.iter().map(|clause| self.rule(&Words::of(&clause.text), clause)).collect();
        if rules.iter().any(|rule| rule.topic != Topic::Other) {
            rules.retain(|rule| rule.topic != Topic::Other);
            return rules;
        }
        rules.truncate(1);
        let told = Words::of(&format!("{} {}", self.context, self.expression));
        let retold = clauses.first().map(|clause| self.rule(&told, clause)).filter(|rule| rule.topic != Topic::Other);
        // The name speaks for an expression that says nothing itself.
        let named = || clauses.first().map(|clause| self.named(clause));
        retold.or_else(named).map_or_else(|| vec![self.made(Topic::Other, Bound::Unknown)], |rule| vec![rule])
    }

    fn rule(&self, words: &Words, clause: &Clause) -> AlertRule {
        let topic = words.topic(clause.threshold.comparator);
        self.made(topic, words.bound(topic, &clause.threshold))
    }

    fn named(&self, clause: &Clause) -> AlertRule {
        let own = Words::of(&clause.text);
        if own.is_infrastructure() {
            return self.made(Topic::Other, Bound::Unknown);
        }
        let topic = Words::of(&self.name).topic(clause.threshold.comparator);
        self.made(topic, Words::of(&format!("{} {}", clause.text, self.name)).bound(topic, &clause.threshold))
    }

    fn made(&self, topic: Topic, bound: Bound) -> AlertRule {
        let (name, span) = (self.name.clone(), self.span.clone());
        AlertRule { name, span, topic, bound, enabled: self.enabled, notifies: self.notifies }
    }
}

/// A text in the forms in which it is asked.
struct Words {
    lower: String,
    /// Names without labels and windows, joined by `_` and between two of them.
    names: String,
    divides: bool,
    is_percent: bool,
    since: bool,
    has_anomaly: bool,
}

impl Words {
    fn of(text: &str) -> Self {
        let lower = text.to_lowercase();
        let bare = LABELS.replace_all(text, " ").into_owned();
        let names = joined(&bare);
        let is_percent =
            PERCENT.is_match(&bare) || ["_percent_", "_percentage_", "_pct_"].iter().any(|word| names.contains(word));
        let divides = is_quotient(&bare);
        let has_anomaly = ["anomal", "outlier", "forecast"].iter().any(|word| lower.contains(word));
        Self { since: TIME_SINCE.is_match(&bare), lower, names, divides, is_percent, has_anomaly }
    }

    fn has(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.names.contains(word))
    }

    fn is_infrastructure(&self) -> bool {
        INFRASTRUCTURE.is_match(&self.names)
    }

    fn topic(&self, comparator: Comparator) -> Topic {
        if self.is_infrastructure() {
            return Topic::Other;
        }
        if comparator == Comparator::Below {
            let share = self.divides || SHARE.is_match(&self.names);
            return if SUCCESS.is_match(&self.lower) && share { Topic::Errors } else { Topic::Other };
        }
        let is_failing = FAILURE.is_match(&self.lower) || FAILURE.is_match(&self.names);
        let misses = SUCCESS.is_match(&self.lower) && self.lower.trim_start_matches(['(', ' ']).starts_with('1');
        let is_quantile = QUANTILE.is_match(&self.lower) || MEAN.is_match(&self.lower);
        if self.has(&LAG) || self.since {
            Topic::Lag
        } else if is_quantile && !self.names.starts_with("_errors_percentile") {
            Topic::Latency
        } else if is_failing || misses {
            Topic::Errors
        } else if self.has(&LATENCY) {
            Topic::Latency
        } else {
            Topic::Other
        }
    }

    fn bound(&self, topic: Topic, threshold: &Threshold) -> Bound {
        let Some(value) = threshold.value.filter(|_| !self.has_anomaly) else { return Bound::Unknown };
        match topic {
            Topic::Errors => self.share(value, threshold),
            Topic::Latency | Topic::Lag => self.time(topic, value, threshold.unit),
            Topic::Other => Bound::Unknown,
        }
    }

    fn share(&self, value: f64, threshold: &Threshold) -> Bound {
        let whole = match threshold.unit {
            Some(Unit::Percent) => Some(100.0),
            Some(Unit::Ratio) => Some(1.0),
            Some(Unit::Count) => None,
            _ if self.is_percent => Some(100.0),
            _ if self.divides => Some(1.0),
            // A metric that is a share by its name alone: nobody alerts at 1 % of 1 % or at more than all.
            _ if SHARE.is_match(&self.names) => Some(if value > 1.0 { 100.0 } else { 1.0 }),
            _ => None,
        };
        match (whole, threshold.comparator) {
            (Some(whole), Comparator::Above) => Bound::Share(value / whole),
            (Some(whole), Comparator::Below) => Bound::Share(1.0 - value / whole),
            // The first failure fires it.
            (None, Comparator::Above) if value <= 0.0 || (threshold.inclusive && value == 1.0) => Bound::Share(0.0),
            (None, _) => Bound::Count(value),
        }
    }

    fn time(&self, topic: Topic, value: f64, unit: Option<Unit>) -> Bound {
        if let Some(unit) = unit.or_else(|| self.unit()) {
            return unit.seconds().map_or(Bound::Count(value), |seconds| Bound::Seconds(value * seconds));
        }
        match topic {
            // Nobody waits for 100 seconds, and no call is answered within a millisecond or two.
            Topic::Latency => Bound::Seconds(if value >= 100.0 { value / 1000.0 } else { value }),
            _ if value <= 15.0 => Bound::Seconds(value * 60.0),
            _ if value > 100_000.0 => Bound::Seconds(value / 1000.0),
            _ if value > 120.0 => Bound::Seconds(value),
            _ => Bound::Unknown,
        }
    }

    /// The unit that the names say, after what is done with it.
    fn unit(&self) -> Option<Unit> {
        let named = if self.has(&["_milliseconds", "_millis_", "_ms_", "_msec"]) {
            Unit::Milliseconds
        } else if self.has(&["_minutes", "_mins_"]) {
            Unit::Minutes
        } else if self.has(&["_hours"]) {
            Unit::Hours
        } else if self.has(&["_seconds", "_secs_", "_sec_"]) || self.since {
            Unit::Seconds
        } else if self.has(&["_consumergroup", "_consumer_group", "_records_lag", "_messages_behind", "_offset"]) {
            Unit::Count
        } else {
            return None;
        };
        let squeezed: String = self.lower.chars().filter(|letter| !letter.is_whitespace()).collect();
        Some(match named {
            Unit::Seconds if squeezed.contains("*1000") || squeezed.contains("*1e3") => Unit::Milliseconds,
            Unit::Milliseconds if squeezed.contains("/1000") || squeezed.contains("/1e3") => Unit::Seconds,
            Unit::Seconds if squeezed.contains("/3600") => Unit::Hours,
            Unit::Seconds if squeezed.contains("/60") => Unit::Minutes,
            unit => unit,
        })
    }
}

/// Whether one quantity is divided by another, and not by a plain number.
fn is_quotient(text: &str) -> bool {
    text.match_indices('/').any(|(at, _)| {
        let rest = text.get(at + 1..).unwrap_or_default().trim_start_matches([' ', '(', '\n', '\t']);
        rest.starts_with(|letter: char| letter.is_alphabetic() || matches!(letter, '_' | '$' | ':' | '{'))
    })
}

/// Names as one text: `TargetResponseTime` and `target.response-time` are `_target_response_time_`.
fn joined(text: &str) -> String {
    let mut out = String::from("_");
    let letters: Vec<char> = text.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(at + 1);
        let begins = letter.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase() || (before.is_uppercase() && after.is_some_and(|after| after.is_lowercase()))
            });
        if (begins || !letter.is_alphanumeric()) && !out.ends_with('_') {
            out.push('_');
        }
        if letter.is_alphanumeric() {
            out.extend(letter.to_lowercase());
        }
    }
    if !out.ends_with('_') {
        out.push('_');
    }
    out
}
