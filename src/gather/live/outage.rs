//! The vendor's status page, asked only where the API answered with errors: is the fault there or here?

use super::session::Session;
use serde_json::{Map, Value};

/// A status page has tens of components; more are not told.
const MAX_TOLD: usize = 5;

/// Asks the status page where a request to the API failed in a way that an outage explains.
pub(super) async fn look(session: &Session) {
    let has_failed = {
        let transcript = session.transcript();
        transcript.exchanges.iter().any(|exchange| is_of_api(exchange.step) && exchange.may_be_outage())
    };
    if !has_failed {
        return;
    }
    let request = session.requests().status_page();
    let heard = session.ask(&request, |heard| {
        let told = heard.json.as_ref().filter(|_| heard.is_success()).map(troubled);
        // No page, or a page that is none: that says nothing about the API.
        let told =
            told.map_or(Value::from("unknown"), |troubled| Value::from(troubled.unwrap_or("operational".to_owned())));
        Map::from_iter([("says".to_owned(), told)])
    });
    let heard = heard.await;
    let said = heard.json.as_ref().filter(|_| heard.is_success()).and_then(troubled);
    if let Some(said) = said {
        session.transcript().outage = Some(session.clean(&said));
    }
}

fn is_of_api(step: crate::transcript::Step) -> bool {
    use crate::transcript::Step;
    !matches!(step, Step::ServiceHealth | Step::ServiceMetrics | Step::MetricsBefore | Step::StatusPage)
}

/// The components that are not up, in words. Words that the page does not define say nothing.
fn troubled(page: &Value) -> Option<String> {
    let parts = page.get("included")?.as_array()?;
    let told = parts.iter().filter_map(|part| {
        let attributes = part.get("attributes")?;
        let status = attributes.get("status")?.as_str()?;
        let name = attributes.get("public_name").and_then(Value::as_str).unwrap_or("a component");
        matches!(status, "degraded" | "downtime").then(|| format!("{name}: {status}"))
    });
    let told: Vec<String> = told.take(MAX_TOLD).collect();
    (!told.is_empty()).then(|| told.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_the_page_admits_is_an_outage() {
        let page = |status: &str| {
            json!({"data": {}, "included": [
            {"attributes": {"public_name": "API", "status": status}}, {"attributes": {"public_name": "Web", "status": "operational"}}, {}]})
        };
        assert_eq!(troubled(&page("downtime")).as_deref(), Some("API: downtime"));
        assert_eq!(troubled(&page("degraded")).as_deref(), Some("API: degraded"));
        assert_eq!(troubled(&page("operational")), None);
        assert_eq!(troubled(&page("maintenance")), None);
        assert_eq!(troubled(&json!({"status": {"indicator": "critical"}})), None);
    }
}
