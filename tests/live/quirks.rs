//! The quirks of the real API, one by one, and the roll-outs and metrics of services.

use crate::fake::{Fake, Order};
use crate::faults::{Fault, Kind, Point};
use crate::run::{Ran, Watch, plan, ran, some_key, verify, world};
use crate::wire::Reply;
use mx_prod_gate::gather::live::{self, Plan, Sweep};
use mx_prod_gate::outcome::Conclusion::{self, Error, Fail, NotApplicable, Pass};
use mx_prod_gate::transcript::{OrderState, Step};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

async fn fake() -> Fake {
    Fake::start(Vec::new(), watch::channel(None).0).await
}

async fn run(fake: &Fake, plan: Plan) -> Ran {
    // The sender is gone: nobody ends the run.
    verify(fake, plan, Watch::default(), watch::channel(None).1).await
}

fn state(ran: &Ran) -> OrderState {
    ran.transcript.order.as_ref().unwrap().state
}

#[tokio::test]
async fn a_run_in_which_everything_holds_asks_ten_times() {
    let fake = fake().await;
    let ran = run(&fake, plan(&fake)).await;
    assert_eq!(ran.outcomes(), [Pass; 6], "{}", ran.transcript.to_text());
    assert_eq!(ran.transcript.exchanges.len(), 10);
    let sent: Vec<String> = fake.state().asked.iter().map(|asked| format!("{} {}", asked.method, asked.path)).collect();
    assert_eq!(
        sent,
        [
            "GET /health",
            "GET /metrics",
            "GET /v1/users",
            "POST /v1/workorders",
            "GET /v1/workorders/100",
            "PATCH /v1/workorders/100/status",
            "DELETE /v1/workorders/100",
            "GET /v1/workorders/100",
            "GET /metrics",
            "GET /v1/workorders",
        ]
    );
    let logged = crate::run::LOOKED_THROUGH.load(std::sync::atomic::Ordering::Relaxed);
    assert!(logged > 1000, "the libraries log something at the highest level");
    let organization = fake.state().asked.iter().any(|asked| asked.header("x-organization-id").is_some());
    assert!(!organization, "the header is only sent where it is configured");
}

#[tokio::test]
async fn what_a_dry_run_shows_is_what_a_run_sends() {
    let fake = fake().await;
    let plan = plan(&fake);
    let ran = run(&fake, plan.clone()).await;
    let shown = live::Requests::new(&plan, &ran.transcript.run).all();
    let sent: Vec<_> = ran.transcript.exchanges.iter().map(|exchange| exchange.request.clone()).collect();
    let shown_lines: Vec<_> = shown.iter().map(|request| request.line().replace("{id}", "100")).collect();
    assert_eq!(sent, shown_lines);
    for (request, asked) in shown.iter().zip(&fake.state().asked) {
        assert_eq!(request.body.as_ref().map(ToString::to_string).unwrap_or_default(), asked.body);
    }
}

#[tokio::test]
async fn an_organization_is_sent_where_it_is_configured() {
    let fake = fake().await;
    fake.state().needs_organization = true;
    let without = run(&fake, plan(&fake)).await;
    assert_eq!(without.outcome("api-access"), Fail);
    let row = without.verdict.rows.iter().find(|row| row.check == "api-access").unwrap();
    assert!(row.findings[0].note.contains("several organizations"), "{:?}", row.findings);
    let with = run(&fake, Plan { organization: Some(15), ..plan(&fake) }).await;
    assert_eq!(with.outcomes(), [Pass; 6]);
    let other = run(&fake, Plan { organization: Some(16), ..plan(&fake) }).await;
    assert_eq!(other.outcome("api-access"), Fail);
}

#[tokio::test]
async fn an_order_that_is_only_marked_as_deleted_is_gone() {
    let fake = fake().await;
    fake.state().marks_deleted = true;
    let ran = run(&fake, plan(&fake)).await;
    assert_eq!((ran.outcomes(), state(&ran)), (vec![Pass; 6], OrderState::Gone));
}

#[tokio::test]
async fn a_search_that_lags_is_asked_again() {
    let lost = Fault { point: Point::Create, kind: Kind::Reset, acts: true, once: true };
    let fake = Fake::start(vec![lost], watch::channel(None).0).await;
    fake.state().search_lags = 50;
    let ran = run(&fake, plan(&fake)).await;
    assert_eq!((ran.outcome("work-order-create"), state(&ran)), (Fail, OrderState::Gone));
}

#[tokio::test]
async fn another_orders_number_is_never_touched() {
    let fake = fake().await;
    fake.state().wrong_number = Some(11);
    let ran = run(&fake, plan(&fake)).await;
    // The promise, that somebody's order was not touched, is held by the run itself.
    assert_eq!((ran.outcome("work-order-read"), state(&ran)), (Fail, OrderState::Gone));
}

#[tokio::test]
async fn a_quota_that_runs_out_is_waited_for() {
    let fake = fake().await;
    fake.state().remaining = Some(2);
    let ran = run(&fake, plan(&fake)).await;
    assert_eq!(ran.outcomes(), [Pass; 6]);
    assert!(ran.log.contains("the quota of the API is used up"), "{}", ran.log);
}

#[tokio::test]
async fn an_outage_there_is_told_apart_from_a_fault_here() {
    let down = || vec![Fault { point: Point::Users, kind: Kind::Html, acts: false, once: false }];
    let fake = Fake::start(down(), watch::channel(None).0).await;
    assert_eq!(run(&fake, plan(&fake)).await.outcome("api-access"), Fail, "the page says that all is well");
    let page = json!({"included": [{"attributes": {"public_name": "API", "status": "downtime"}}]});
    fake.state().status_page = Reply::json(200, &page);
    let ran = run(&fake, plan(&fake)).await;
    assert_eq!((ran.outcome("api-access"), ran.transcript.outage.as_deref()), (Error, Some("API: downtime")));
    for page in [
        Reply::text(200, "text/html", "<html>down</html>"),
        Reply::text(500, "text/plain", "x"),
        Reply::json(200, &json!([])),
    ] {
        fake.state().status_page = page;
        assert_eq!(run(&fake, plan(&fake)).await.transcript.outage, None, "unknown is no outage");
    }
}

#[tokio::test]
async fn a_sweep_heals_what_was_left_and_nothing_else() {
    let fake = fake().await;
    let left = |created: &str, status: &str, title: &str| Order {
        title: title.into(),
        status: status.into(),
        created: created.into(),
        deleted: false,
    };
    let now = jiff::Timestamp::now().to_string();
    {
        let mut state = fake.state();
        state
            .orders
            .insert(50, left("2026-01-01T00:00:00Z", "OPEN", "[mx-prod-gate 20260101T000000Z-old1] safe to delete"));
        state
            .orders
            .insert(51, left("2026-01-01T00:00:00Z", "DONE", "[mx-prod-gate 20260101T000000Z-old2] safe to delete"));
        state.orders.insert(52, left(&now, "OPEN", "[mx-prod-gate 20991231T235959Z-old3] safe to delete"));
    }
    let ran = run(&fake, plan(&fake)).await;
    assert_eq!(
        ran.transcript.swept.iter().map(|swept| (swept.id, swept.removed)).collect::<Vec<_>>(),
        [(50, true), (51, true)]
    );
    assert!(!fake.state().orders[&52].deleted, "a young order may be of a run that goes on");
    assert_eq!(ran.outcomes(), [Pass; 6]);

    let alone = |what, older_than| {
        let plan = Plan { older_than, ..plan(&fake) };
        let watch = Arc::new(Watch::default());
        async move {
            let told = live::sweep(plan, some_key(), world(watch.clone()), what, watch::channel(None).1).await.unwrap();
            self::ran(told, &watch).transcript.swept
        }
    };
    assert_eq!(alone(Sweep::One(11), Duration::ZERO).await, [], "somebody's order");
    assert!(!fake.state().orders[&11].deleted);
    assert_eq!(alone(Sweep::One(4711), Duration::ZERO).await, []);
    assert_eq!(alone(Sweep::One(52), Duration::ZERO).await.len(), 1);
    fake.state().orders.insert(53, left(&now, "OPEN", "[mx-prod-gate 20260101T000000Z-old4] safe to delete"));
    assert_eq!(alone(Sweep::Old, Duration::from_secs(3600)).await, []);
    assert_eq!(alone(Sweep::Old, Duration::ZERO).await.len(), 1);
    crate::run::holds(&fake, &ran);
}

#[tokio::test]
async fn a_sweep_follows_the_cursor() {
    let fake = fake().await;
    for id in 1000..1205 {
        let title = format!("[mx-prod-gate 20260101T000000Z-old{id}] safe to delete");
        let order = Order { title, status: "OPEN".into(), created: "2026-01-01T00:00:00Z".into(), deleted: id < 1190 };
        fake.state().orders.insert(id, order);
    }
    for id in 400..700 {
        let order = Order {
            title: format!("[mx-prod-gate of {id}"),
            status: "OPEN".into(),
            created: "2026-01-01T00:00:00Z".into(),
            deleted: false,
        };
        fake.state().orders.insert(id, order);
    }
    let ran = run(&fake, plan(&fake)).await;
    assert_eq!(ran.transcript.swept.len(), 15);
}

#[tokio::test]
async fn a_roll_out_is_waited_for_until_the_expected_version_answers() {
    let fake = fake().await;
    let health = |status: u16, body: serde_json::Value| Reply::json(status, &body);
    fake.state().health = vec![
        health(503, json!({"status": "DOWN"})),
        Reply::text(502, "text/html", "<html>"),
        health(200, json!({"status": "UP", "version": "1.4.2"})),
        health(200, json!({"status": "UP"})).with("x-app-version", "v1.5.0"),
    ];
    let patient = || Plan { wait: Duration::from_secs(20), expected_version: Some("1.5.0".into()), ..plan(&fake) };
    let ran = run(&fake, patient()).await;
    assert_eq!(ran.outcome("service-health"), Pass);
    assert!(ran.log.contains("waiting for the roll-out") && ran.log.contains("not yet version 1.5.0"), "{}", ran.log);
    let health: Vec<_> = ran.transcript.exchanges.iter().filter(|one| one.step == Step::ServiceHealth).collect();
    assert_eq!((health.len(), &health[0].seen["look"]), (1, &json!(4)));
    fake.state().health = vec![Reply::json(200, &json!({"status": "ok", "commit": "0a1b2c3d4e"}))];
    let hasty = Plan { wait: Duration::from_millis(60), ..patient() };
    assert_eq!(run(&fake, hasty).await.outcome("service-health"), Fail);
}

async fn with_health(reply: Reply) -> Conclusion {
    let fake = fake().await;
    fake.state().health = vec![reply];
    run(&fake, plan(&fake)).await.outcome("service-health")
}

#[tokio::test]
async fn each_form_of_health_is_understood() {
    let json = |status, body| with_health(Reply::json(status, &body));
    assert_eq!(json(200, json!({"status": "UP", "components": {"db": {"status": "UP"}}})).await, Pass);
    assert_eq!(json(503, json!({"status": "OUT_OF_SERVICE"})).await, Fail);
    assert_eq!(json(200, json!({"status": "error", "info": {}, "error": {"api": {"status": "down"}}})).await, Fail);
    assert_eq!(json(200, json!({"status": "pass", "checks": {}})).await, Pass);
    assert_eq!(json(200, json!({"status": "warn"})).await, Fail);
    assert_eq!(json(200, json!({"status": true})).await, Pass);
    assert_eq!(json(204, json!(null)).await, Pass);
    assert_eq!(with_health(Reply::text(200, "text/plain", "Healthy")).await, Pass);
    assert_eq!(with_health(Reply::text(200, "text/plain", "Degraded")).await, Fail);
    assert_eq!(with_health(Reply::text(200, "text/plain", "all is well")).await, Pass);
    assert_eq!(with_health(Reply::text(301, "text/html", "").with("location", "/login")).await, Fail);
}

#[tokio::test]
async fn metrics_have_to_be_metrics_and_counters_have_to_count() {
    let fake = fake().await;
    let mut verdicts = Vec::new();
    for metrics in [
        Reply::text(200, "text/plain", "up 1\n"),
        Reply::text(200, "text/plain", "api_calls_total 7\n"),
        Reply::text(200, "text/html", "<html></html>\n"),
        Reply::text(200, "application/openmetrics-text; version=1.0.0", "api_calls_total 7\n"),
        Reply::text(200, "text/plain", ""),
        Reply::text(404, "text/plain", "no"),
    ] {
        fake.state().metrics = Some(metrics);
        verdicts.push(run(&fake, plan(&fake)).await.outcome("service-metrics"));
    }
    assert_eq!(verdicts, [Fail; 6]);
    fake.state().metrics = Some(Reply::text(200, "text/plain", "up 1\n"));
    let none = Plan { counters: Vec::new(), ..plan(&fake) };
    assert_eq!(run(&fake, none).await.outcome("service-metrics"), Pass);
}

#[tokio::test]
async fn without_a_key_or_a_url_the_rows_say_so_and_nothing_is_asked() {
    let fake = fake().await;
    let withheld = live::Withheld { cause: mx_prod_gate::transcript::Cause::NotAllowed, reason: "a fork".into() };
    let plan = Plan { without_api: Some(withheld.clone()), without_service: Some(withheld), ..plan(&fake) };
    let watch = Arc::new(Watch::default());
    crate::run::prepare();
    let told = live::verify(plan, None, world(watch.clone()), watch::channel(None).1).await.unwrap();
    assert_eq!(ran(told, &watch).outcomes(), [NotApplicable; 6]);
    assert!(fake.state().asked.is_empty());
}
