//! What a live run asked and heard: the record that the live checks judge and that every report shows.
//!
//! It names fields that were judged, never bodies, and no value in it can hold the key: the recorder takes it out.

use crate::outcome::Outcome;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Where a transcript stands in a snapshot.
pub const PATH: &str = "@live/transcript.json";

/// One live run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Transcript {
    pub schema: u32,
    /// The mark of the run: it stands in the title of the test order.
    pub run: String,
    /// When it began, in UTC.
    pub began: String,
    /// The host that got the key.
    pub api: String,
    /// The organisation that the settings name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<u64>,
    /// What the key says about itself; read without a network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyFacts>,
    /// The counters of the service that have to move.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub counters: Vec<String>,
    /// The version that has to answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_version: Option<String>,
    /// The checks whose question was not put, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unasked: Vec<Unasked>,
    /// What ended the run before its time: a signal, a time limit, a panic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_short: Option<String>,
    /// What the vendor's status page says, where the API answered with errors and the page admits an outage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outage: Option<String>,
    /// The test order, once its creation was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// Test orders of earlier runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub swept: Vec<Swept>,
    pub exchanges: Vec<Exchange>,
}

/// The claims of the key that may be told: nothing else of it is kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeyFacts {
    /// It has the form of a MaintainX key.
    pub recognised: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_on: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_days: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<u64>,
}

/// A check whose question was not put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unasked {
    pub check: String,
    pub cause: Cause,
    pub reason: String,
}

impl Unasked {
    /// What follows for the check: the question does not arise, or its answer could not be had.
    pub fn outcome(&self) -> Outcome {
        let reason = format!("not asked: {}", self.reason);
        match self.cause {
            Cause::NotConfigured | Cause::NotAllowed => Outcome::not_applicable(reason),
            Cause::Missing | Cause::Earlier | Cause::CutShort => Outcome::error(reason),
        }
    }
}

/// Why a question was not put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Nobody asked for it: nothing is configured.
    NotConfigured,
    /// A run that may not reach out: a fork, Dependabot, a dry run.
    NotAllowed,
    /// Something it needs is missing: the key.
    Missing,
    /// An earlier step did not hold.
    Earlier,
    /// The run ended before.
    CutShort,
}

/// The test order of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    pub state: OrderState,
    /// The command that removes it, where it may still be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removal: Option<String>,
}

/// What is known of the test order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OrderState {
    /// The request to make it was refused or never left: there is none.
    NeverMade,
    /// The request to make it was sent; whether it was made is not known.
    Unknown,
    Open,
    /// Its status is final, but it is still there.
    Closed,
    /// The API took the deletion, but nothing proves yet that it is gone.
    Deleted,
    /// The API says that there is no such order.
    Gone,
}

impl OrderState {
    /// There is nothing left to remove.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::NeverMade | Self::Gone)
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::NeverMade => "never made",
            Self::Unknown => "unknown",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Deleted => "deleted, but not proven gone",
            Self::Gone => "gone",
        }
    }
}

/// A test order that an earlier run left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Swept {
    pub id: u64,
    pub title: String,
    pub removed: bool,
}

/// The steps of a run, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    ServiceHealth,
    /// The metrics before the round trip, where counters have to move.
    MetricsBefore,
    ApiAccess,
    OrderCreate,
    /// Looking for the order by its title, after an answer to the creation was lost.
    OrderLookUp,
    OrderRead,
    OrderClose,
    OrderDelete,
    OrderGone,
    ServiceMetrics,
    SweepList,
    SweepDelete,
    StatusPage,
}

impl Step {
    pub fn word(self) -> &'static str {
        match self {
            Self::ServiceHealth => "service-health",
            Self::MetricsBefore => "metrics-before",
            Self::ApiAccess => "api-access",
            Self::OrderCreate => "order-create",
            Self::OrderLookUp => "order-look-up",
            Self::OrderRead => "order-read",
            Self::OrderClose => "order-close",
            Self::OrderDelete => "order-delete",
            Self::OrderGone => "order-gone",
            Self::ServiceMetrics => "service-metrics",
            Self::SweepList => "sweep-list",
            Self::SweepDelete => "sweep-delete",
            Self::StatusPage => "status-page",
        }
    }
}

/// One request and what came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Exchange {
    pub n: u32,
    pub step: Step,
    /// Method and URL, without credentials.
    pub request: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(default)]
    pub ms: u64,
    /// Why there is no whole answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// The error of the answer, in the server's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The fields of the answer that are judged.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(with = "std::collections::BTreeMap<String, Value>")]
    pub seen: Map<String, Value>,
}

impl Exchange {
    pub fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// The answer failed in a way that an outage explains: none at all, or a server's error.
    pub fn may_be_outage(&self) -> bool {
        self.status.is_none_or(|status| status >= 500)
    }
}

/// The words of a body that call it healthy; `true` and a status of success do so too.
pub fn is_healthy(status: &Value) -> bool {
    match status {
        Value::String(word) => ["ok", "healthy", "up", "pass"].iter().any(|good| word.eq_ignore_ascii_case(good)),
        Value::Bool(good) => *good,
        Value::Number(number) => number.as_u64().is_some_and(|number| (200..300).contains(&number)),
        _ => false,
    }
}

/// Whether the expected version answered; nothing where none is expected or the answer names none.
pub fn is_version(answer: &Exchange, expected: Option<&str>) -> Option<bool> {
    let expected = expected?.trim_start_matches('v');
    let told = answer.seen.get("versions")?.as_array()?;
    let is_same = |version: &str| {
        let version = version.trim_start_matches('v');
        let (short, long) = if version.len() < expected.len() { (version, expected) } else { (expected, version) };
        // A commit is often shortened; seven digits are git's own measure.
        let is_commit = short.len() >= 7 && long.bytes().all(|byte| byte.is_ascii_hexdigit());
        version == expected || (is_commit && long.starts_with(short))
    };
    Some(told.iter().filter_map(Value::as_str).any(is_same))
}

impl Transcript {
    /// The text of the snapshot's entry: JSON with one exchange a line, so that a line can be pointed at.
    pub fn to_text(&self) -> String {
        let head = Self { exchanges: Vec::new(), ..self.clone() };
        let mut text = String::from("{\n");
        if let Ok(Value::Object(fields)) = serde_json::to_value(&head) {
            for (name, value) in fields.iter().filter(|(name, _)| *name != "exchanges") {
                text.push_str(&format!("{}: {value},\n", Value::from(name.as_str())));
            }
        }
        let lines: Vec<String> = self.exchanges.iter().filter_map(|one| serde_json::to_string(one).ok()).collect();
        text.push_str(&format!("\"exchanges\": [\n{}\n]\n}}\n", lines.join(",\n")));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_json_with_one_exchange_a_line() {
        let exchange = Exchange {
            n: 1,
            step: Step::ApiAccess,
            request: "GET https://api.getmaintainx.com/v1/users?limit=1".into(),
            status: Some(200),
            ms: 12,
            trouble: None,
            error: None,
            seen: Map::new(),
        };
        let transcript = Transcript { schema: 1, exchanges: vec![exchange; 2], ..Transcript::default() };
        let text = transcript.to_text();
        assert_eq!(serde_json::from_str::<Transcript>(&text).unwrap(), transcript);
        assert_eq!(text.lines().filter(|line| line.starts_with("{\"n\":1,")).count(), 2);
    }
}
