//! A fake MaintainX, its service and its status page: one listener, the quirks of MAINTAINX.md, and faults on demand.

use crate::faults::{Fault, Point};
use crate::wire::{self, Asked, Reply};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A key of the published form, for nobody.
pub fn key() -> String {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let payload = r#"{"userId":963,"organizationId":15,"iat":1793000000,"sub":"REST_API_AUTH","jti":"5f0c"}"#;
    format!(
        "{}.{}.{}",
        encode(r#"{"alg":"HS256","typ":"JWT"}"#),
        encode(payload),
        encode("no-signature-but-thirty-two-long")
    )
}

#[derive(Debug, Clone)]
pub struct Order {
    pub title: String,
    pub status: String,
    pub created: String,
    pub deleted: bool,
}

/// What the fake knows, and how it behaves.
#[derive(Debug)]
pub struct State {
    pub orders: BTreeMap<u64, Order>,
    pub asked: Vec<Asked>,
    pub points: Vec<Point>,
    pub faults: Vec<Fault>,
    next_id: u64,
    pub api_calls: u64,
    /// Deleted orders answer 200 with `deletedAt` and not 404.
    pub marks_deleted: bool,
    /// The key needs `x-organization-id`.
    pub needs_organization: bool,
    /// How far the clock of the server is behind, in seconds.
    pub behind: i64,
    /// What is left of the quota, where it is told.
    pub remaining: Option<u32>,
    pub status_page: Reply,
    pub health: Vec<Reply>,
    pub metrics: Option<Reply>,
    /// The order of a creation is found by its title only after so many look-ups.
    pub search_lags: u32,
    /// Answers the creation with another order's number.
    pub wrong_number: Option<u64>,
}

/// The fake, as long as it lives.
pub struct Fake {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Somebody's real orders: nothing may ever touch them.
pub const DECOYS: [(u64, &str); 4] = [
    (11, "Pump 3 leaks"),
    (12, "[mx-prod-gate is noisy] please fix"),
    (13, "copy of [mx-prod-gate 20200101T000000Z-000000000001] safe to delete"),
    (14, "[mx-prod-gate 20200101T000000Z-000000000001] safe to delete?"),
];

impl Fake {
    /// A fake on an address of its own. `stop` is told when a fault says so.
    pub async fn start(faults: Vec<Fault>, stop: watch::Sender<Option<String>>) -> Self {
        Self::start_at("127.0.0.1:0", faults, stop).await
    }

    pub async fn start_at(address: &str, faults: Vec<Fault>, stop: watch::Sender<Option<String>>) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let decoy = |(id, title): (u64, &str)| {
            let order = Order {
                title: title.into(),
                status: "OPEN".into(),
                created: "2020-01-01T00:00:00.000Z".into(),
                deleted: false,
            };
            (id, order)
        };
        let state = State {
            orders: DECOYS.into_iter().map(decoy).collect(),
            asked: Vec::new(),
            points: Vec::new(),
            faults,
            next_id: 100,
            api_calls: 0,
            marks_deleted: false,
            needs_organization: false,
            behind: 0,
            remaining: None,
            status_page: Reply::json(
                200,
                &json!({"included": [{"attributes": {"public_name": "API", "status": "operational"}}]}),
            ),
            health: vec![Reply::json(200, &json!({"status": "ok"}))],
            metrics: None,
            search_lags: 0,
            wrong_number: None,
        };
        let state = Arc::new(Mutex::new(state));
        let task = tokio::spawn(listen(listener, address, state.clone(), stop));
        Self { address, state, task }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The test orders that somebody has made here, and whether each is still to be seen.
    pub fn test_orders(&self) -> Vec<(u64, Order)> {
        self.state().orders.iter().filter(|(id, _)| **id >= 100).map(|(id, order)| (*id, order.clone())).collect()
    }
}

async fn listen(
    listener: TcpListener,
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    stop: watch::Sender<Option<String>>,
) {
    let mut listener = Some(listener);
    for connection in 1.. {
        let refusal = state.lock().unwrap().faults.iter().find_map(|fault| fault.refuses(connection));
        if let Some(lasts) = refusal {
            listener = None;
            match lasts {
                Some(lasts) => tokio::time::sleep(lasts).await,
                None => return,
            }
        }
        while listener.is_none() {
            listener = TcpListener::bind(address).await.ok();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let Ok((stream, _)) = listener.as_ref().unwrap().accept().await else { return };
        tokio::spawn(serve(stream, state.clone(), stop.clone()));
    }
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>, stop: watch::Sender<Option<String>>) {
    let Some(asked) = wire::read(&mut stream).await else { return };
    let (fault, reply) = {
        let mut state = state.lock().unwrap();
        let point = state.point(&asked);
        state.asked.push(asked.clone());
        state.points.push(point);
        let fault = state.fault_at(point);
        let acts = fault.as_ref().is_none_or(|fault| fault.acts);
        let reply = if acts { state.answer(&asked, point) } else { Reply::text(200, "text/plain", "") };
        (fault, reply)
    };
    match fault {
        Some(fault) => fault.happen(stream, reply, &stop).await,
        None => {
            // The client may be gone: then there is nobody to answer.
            let _ = wire::write(&mut stream, &reply).await;
        }
    }
}

impl State {
    /// The point of the sequence that a request belongs to.
    fn point(&self, asked: &Asked) -> Point {
        let id = asked.path.strip_prefix("/v1/workorders/").and_then(|rest| rest.split('/').next());
        let is_deleting = id.is_some_and(|id| {
            let path = format!("/v1/workorders/{id}");
            self.asked.iter().any(|before| before.method == "DELETE" && before.path == path)
        });
        let is_swept = id
            .and_then(|id| id.parse().ok())
            .and_then(|id: u64| self.orders.get(&id))
            .is_some_and(|order| order.title.contains("-old"));
        match (asked.method.as_str(), asked.path.as_str()) {
            (_, "/health") => Point::Health,
            (_, "/metrics") if self.points.contains(&Point::Metrics) => Point::MetricsAfter,
            (_, "/metrics") => Point::Metrics,
            (_, "/status") => Point::StatusPage,
            (_, "/v1/users") => Point::Users,
            ("POST", _) => Point::Create,
            ("PATCH", _) => Point::Close,
            ("DELETE", _) if is_swept => Point::SweepDelete,
            ("DELETE", _) => Point::Delete,
            (_, "/v1/workorders") if asked.query("title") == Some("[mx-prod-gate") => Point::Sweep,
            (_, "/v1/workorders") => Point::LookUp,
            _ if is_deleting => Point::Gone,
            _ => Point::Read,
        }
    }

    fn fault_at(&mut self, point: Point) -> Option<Fault> {
        let at = self.faults.iter().position(|fault| fault.point == point && !fault.is_refusal())?;
        if self.faults[at].once { Some(self.faults.remove(at)) } else { Some(self.faults[at].clone()) }
    }

    fn answer(&mut self, asked: &Asked, point: Point) -> Reply {
        match point {
            Point::Health => return if self.health.len() > 1 { self.health.remove(0) } else { self.health[0].clone() },
            Point::Metrics | Point::MetricsAfter => return self.metrics.clone().unwrap_or_else(|| self.exposition()),
            Point::StatusPage => return self.status_page.clone(),
            _ => {}
        }
        self.api_calls += 1;
        let reply = self.api(asked, point);
        match &mut self.remaining {
            Some(left) => {
                *left = left.saturating_sub(1);
                let reset = if *left == 0 { 1 } else { 30 };
                let told = *left;
                if *left == 0 {
                    self.remaining = None;
                }
                reply
                    .with("X-Rate-Limit-Limit", 100)
                    .with("X-Rate-Limit-Remaining", told)
                    .with("X-Rate-Limit-Reset", reset)
            }
            None => reply,
        }
    }

    fn exposition(&self) -> Reply {
        let text = format!("# TYPE api_calls counter\napi_calls_total{{code=\"200\"}} {}\nup 1\n", self.api_calls);
        Reply::text(200, "text/plain; version=0.0.4", &text)
    }

    fn api(&mut self, asked: &Asked, point: Point) -> Reply {
        let Some(authorization) = asked.header("authorization") else {
            return Reply::text(
                401,
                "text/html; charset=utf-8",
                "<html><head><title>Unauthorized</title></head></html>",
            );
        };
        if authorization != format!("Bearer {}", key()) {
            return Reply::json(401, &json!({"error": "Invalid token"}));
        }
        if self.needs_organization && asked.header("x-organization-id") != Some("15") {
            return Reply::json(400, &json!({"errors": [{"error": "Missing x-organization-id header."}]}));
        }
        let id: u64 = asked.path.split('/').nth(3).and_then(|id| id.parse().ok()).unwrap_or(0);
        match point {
            Point::Users => Reply::json(
                200,
                &json!({"users": [{"id": 963, "firstName": "A", "lastName": "B"}], "nextCursor": null}),
            ),
            Point::Create => self.create(asked),
            Point::LookUp | Point::Sweep => self.list(asked),
            Point::Close => self.set_status(id, asked),
            Point::Delete | Point::SweepDelete => match self.orders.get_mut(&id).filter(|order| !order.deleted) {
                Some(order) => {
                    order.deleted = true;
                    Reply::json(204, &Value::Null)
                }
                None => Reply::json(404, &json!({"error": "workOrder Not Found"})),
            },
            _ => match self.orders.get(&id).filter(|order| !order.deleted || self.marks_deleted) {
                Some(order) => Reply::json(200, &json!({"workOrder": shown(id, order)})),
                None => Reply::json(404, &json!({"error": "Not Found."})),
            },
        }
    }

    fn create(&mut self, asked: &Asked) -> Reply {
        let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
        let Some(title) = body["title"].as_str().filter(|_| body.get("status").is_none()) else {
            return Reply::json(400, &json!({"errors": [{"error": "Invalid body", "fieldPath": "title"}]}));
        };
        let id = self.next_id;
        self.next_id += 1;
        let now = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second() - self.behind).unwrap();
        let order = Order { title: title.into(), status: "OPEN".into(), created: now.to_string(), deleted: false };
        self.orders.insert(id, order);
        // 200 and nothing but the number, as published.
        Reply::json(200, &json!({"id": self.wrong_number.unwrap_or(id)}))
    }

    /// The status has a path of its own; the order's path takes none and closes nothing.
    fn set_status(&mut self, id: u64, asked: &Asked) -> Reply {
        let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
        let status = body["status"].as_str().unwrap_or_default().to_owned();
        // `CANCELED` exists only where the organization turned it on.
        let is_known = ["OPEN", "IN_PROGRESS", "ON_HOLD", "DONE"].contains(&status.as_str());
        if !asked.path.ends_with("/status") || !is_known {
            return Reply::json(
                400,
                &json!({"errors": [{"error": "Invalid status", "fieldPath": "status", "fieldValue": status}]}),
            );
        }
        match self.orders.get_mut(&id).filter(|order| !order.deleted) {
            Some(order) => {
                order.status = status;
                Reply::json(200, &json!({"workOrder": shown(id, order)}))
            }
            None => Reply::json(404, &json!({"error": "Work Order Not Found"})),
        }
    }

    fn list(&mut self, asked: &Asked) -> Reply {
        const KNOWN: [&str; 10] = [
            "cursor",
            "limit",
            "title",
            "sort",
            "statuses",
            "priorities",
            "assignees",
            "createdAt[gte]",
            "createdAt[lte]",
            "updatedAt[gte]",
        ];
        let limit: usize = asked.query("limit").map_or(100, |limit| limit.parse().unwrap_or(0));
        if asked.query.iter().any(|(name, _)| !KNOWN.contains(&name.as_str())) || !(1..=200).contains(&limit) {
            return Reply::json(400, &json!({"error": "Invalid query"}));
        }
        if asked.query("title").is_some() && self.search_lags > 0 {
            self.search_lags -= 1;
            return Reply::json(200, &json!({"workOrders": [], "nextCursor": null}));
        }
        let title = asked.query("title").unwrap_or_default();
        let after: u64 = asked.query("cursor").map_or(0, |cursor| cursor.parse().unwrap_or(0));
        let found: Vec<_> = self
            .orders
            .iter()
            .filter(|(id, order)| **id > after && !order.deleted && order.title.contains(title))
            .collect();
        let page: Vec<Value> = found.iter().take(limit).map(|(id, order)| shown(**id, order)).collect();
        let next = (found.len() > limit).then(|| *found[limit - 1].0);
        Reply::json(200, &json!({"workOrders": page, "nextCursor": next, "nextPageUrl": null}))
    }
}

fn shown(id: u64, order: &Order) -> Value {
    let mut shown = json!({
        "id": id, "sequentialId": id, "title": order.title, "status": order.status, "priority": "LOW", "creatorId": 963,
        "organizationId": 15, "createdAt": order.created, "updatedAt": order.created,
    });
    if order.deleted {
        shown["deletedAt"] = json!(order.created);
    }
    shown
}
