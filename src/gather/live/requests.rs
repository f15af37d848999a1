//! Every request of a live run as data: what a dry run prints is what a run sends.

use super::plan::Plan;
use crate::transcript::Step;
use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

/// How the title of a test order begins and ends; the mark of the run stands between.
const TITLE: (&str, &str) = ("[mx-prod-gate ", "] safe to delete");
/// Stands for an order's number where there is none yet.
const ID: &str = "{id}";

/// A request, complete but for the key.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub step: Step,
    pub method: &'static str,
    pub url: Url,
    pub body: Option<Value>,
    /// It goes to the API with the key; all others never get it.
    pub with_key: bool,
    pub organization: Option<u64>,
}

impl Request {
    /// Method and URL as they may be shown: without user, password and foreign queries.
    pub fn line(&self) -> String {
        let shown = if self.with_key { self.url.as_str().replace("%7Bid%7D", ID) } else { without_secrets(&self.url) };
        format!("{} {shown}", self.method)
    }
}

/// The URL of a service may carry a password or a token; they are not ours to show.
fn without_secrets(url: &Url) -> String {
    let mut bare = url.clone();
    let has_query = bare.query().is_some();
    bare.set_query(None);
    bare.set_fragment(None);
    // A URL that cannot have a user has none to remove.
    let _ = bare.set_username("").and_then(|()| bare.set_password(None));
    if has_query { format!("{bare}?…") } else { bare.into() }
}

/// The title of this run's test order.
pub fn title(run: &str) -> String {
    format!("{}{run}{}", TITLE.0, TITLE.1)
}

/// The title is one that a run of ours has given: this, and nothing looser, is what a sweep may remove.
pub fn is_ours(title: &str) -> bool {
    let mark = title.strip_prefix(TITLE.0).and_then(|rest| rest.strip_suffix(TITLE.1));
    mark.is_some_and(|mark| !mark.is_empty() && mark.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

/// The moment in the title of one of our orders.
pub fn moment_in(title: &str) -> Option<Timestamp> {
    title.strip_prefix(TITLE.0)?.get(..16)?.parse().ok()
}

/// The requests to the API that a plan allows.
#[derive(Debug, Clone)]
pub struct Requests<'a> {
    plan: &'a Plan,
    run: &'a str,
}

impl<'a> Requests<'a> {
    pub fn new(plan: &'a Plan, run: &'a str) -> Self {
        Self { plan, run }
    }

    fn api(
        &self,
        step: Step,
        method: &'static str,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Value>,
    ) -> Request {
        let mut url = self.plan.api_url.clone();
        url.set_path(&format!("{}{path}", url.path().trim_end_matches('/')));
        if !query.is_empty() {
            let pairs = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
            // A blank as %20 is read alike by every server; a plus is not.
            url.set_query(Some(&pairs.replace('+', "%20")));
        }
        Request { step, method, url, body, with_key: true, organization: self.plan.organization }
    }

    fn outside(&self, step: Step, url: &Url) -> Request {
        Request { step, method: "GET", url: url.clone(), body: None, with_key: false, organization: None }
    }

    pub fn health(&self) -> Option<Request> {
        self.plan.service_url.as_ref().map(|url| self.outside(Step::ServiceHealth, url))
    }

    pub fn metrics(&self, step: Step) -> Option<Request> {
        self.plan.metrics_url.as_ref().map(|url| self.outside(step, url))
    }

    pub fn status_page(&self) -> Request {
        self.outside(Step::StatusPage, &self.plan.status_url)
    }

    pub fn users(&self) -> Request {
        self.api(Step::ApiAccess, "GET", "/users", &[("limit", "1")], None)
    }

    pub fn create(&self) -> Request {
        let body = json!({"title": title(self.run), "priority": "LOW"});
        self.api(Step::OrderCreate, "POST", "/workorders", &[("skipWebhook", "true")], Some(body))
    }

    /// The orders with this run's title.
    pub fn look_up(&self) -> Request {
        self.api(Step::OrderLookUp, "GET", "/workorders", &[("title", &title(self.run)), ("limit", "200")], None)
    }

    /// The newest orders, whatever their titles: for a search by title that lags behind.
    pub fn newest(&self) -> Request {
        self.api(Step::OrderLookUp, "GET", "/workorders", &[("sort", "-createdAt"), ("limit", "200")], None)
    }

    pub fn read(&self, step: Step, id: &str) -> Request {
        self.api(step, "GET", &format!("/workorders/{id}"), &[], None)
    }

    pub fn set_status(&self, id: &str, status: &str) -> Request {
        let path = format!("/workorders/{id}/status");
        self.api(Step::OrderClose, "PATCH", &path, &[("skipWebhook", "true")], Some(json!({"status": status})))
    }

    pub fn delete(&self, step: Step, id: &str) -> Request {
        self.api(step, "DELETE", &format!("/workorders/{id}"), &[("skipWebhook", "true")], None)
    }

    pub fn sweep(&self, cursor: Option<&str>) -> Request {
        let mut query = vec![("title", TITLE.0.trim_end()), ("limit", "200")];
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        self.api(Step::SweepList, "GET", "/workorders", &query, None)
    }

    /// All of them, in the order of a run in which everything holds.
    pub fn all(&self) -> Vec<Request> {
        let before = if self.plan.counters.is_empty() { None } else { self.metrics(Step::MetricsBefore) };
        let services = [self.health(), before];
        let api = [
            self.users(),
            self.create(),
            self.read(Step::OrderRead, ID),
            self.set_status(ID, "DONE"),
            self.delete(Step::OrderDelete, ID),
            self.read(Step::OrderGone, ID),
        ];
        let metrics = self.metrics(Step::ServiceMetrics);
        services.into_iter().flatten().chain(api).chain(metrics).chain([self.sweep(None)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_those_of_the_published_api() {
        let mut plan = Plan::new(super::super::plan::api_url(super::super::plan::API).unwrap());
        plan.service_url = Some(Url::parse("https://user:pw@app.example/health?token=sekret").unwrap());
        let lines: Vec<String> = Requests::new(&plan, "R1").all().iter().map(Request::line).collect();
        assert_eq!(
            lines,
            [
                "GET https://app.example/health?…",
                "GET https://api.getmaintainx.com/v1/users?limit=1",
                "POST https://api.getmaintainx.com/v1/workorders?skipWebhook=true",
                "GET https://api.getmaintainx.com/v1/workorders/{id}",
                "PATCH https://api.getmaintainx.com/v1/workorders/{id}/status?skipWebhook=true",
                "DELETE https://api.getmaintainx.com/v1/workorders/{id}?skipWebhook=true",
                "GET https://api.getmaintainx.com/v1/workorders/{id}",
                "GET https://api.getmaintainx.com/v1/workorders?title=%5Bmx-prod-gate&limit=200",
            ]
        );
    }

    #[test]
    fn only_exact_titles_are_ours() {
        let title = title("20261124T000654Z-beef00001234");
        assert!(is_ours(&title));
        assert_eq!(moment_in(&title).unwrap().to_string(), "2026-11-24T00:06:54Z");
        for other in [
            "[mx-prod-gate 1] safe to delete!",
            "fix [mx-prod-gate 1] safe to delete",
            "[mx-prod-gate ] safe to delete",
            "[mx-prod-gate a b] safe to delete",
            "[mx-prod-gate-x] safe to delete",
        ] {
            assert!(!is_ours(other), "{other}");
        }
        assert_eq!(moment_in("[mx-prod-gate 1] safe to delete"), None);
        assert_eq!(moment_in("[mx-prod-gate éééééééééééééééé"), None);
    }
}
