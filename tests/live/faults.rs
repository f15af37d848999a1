//! The faults: where in the sequence, whether the server acts before, and what becomes of the answer.

use crate::wire::{self, Reply};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::watch;

/// The requests of the sequence, in its order; the last ones only arise after a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    Health,
    Metrics,
    Users,
    Create,
    Read,
    Close,
    Delete,
    Gone,
    MetricsAfter,
    Sweep,
    LookUp,
    SweepDelete,
    StatusPage,
}

/// The points of a run in which everything holds: the n-th connection carries the n-th.
pub const SEQUENCE: [Point; 10] = [
    Point::Health,
    Point::Metrics,
    Point::Users,
    Point::Create,
    Point::Read,
    Point::Close,
    Point::Delete,
    Point::Gone,
    Point::MetricsAfter,
    Point::Sweep,
];

/// The forms in which a 429 says how long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    Reset,
    RetryAfter,
    Date,
    Both,
    Epoch,
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Refused,
    Reset,
    Silence,
    Limited(Told),
    Status(u16),
    Html,
    Redirect,
    Truncated,
    Huge,
    WrongJson,
    NoJson,
    Drip,
    /// The run is told to end; the answer never comes.
    StopUnanswered,
    /// The run is told to end; the answer comes a little later.
    StopAnswered,
    /// The answer comes once the signal is on its way: for runs in a process of their own.
    StopAcknowledged,
}

/// What the one who sends the signal says to the fault when it is sent.
pub const SENT: &str = "sent";

#[derive(Debug, Clone)]
pub struct Fault {
    pub point: Point,
    pub kind: Kind,
    /// The server does what it was asked to before the fault happens.
    pub acts: bool,
    pub once: bool,
}

impl Fault {
    pub fn is_refusal(&self) -> bool {
        self.kind == Kind::Refused
    }

    /// How long the connection of that number is refused, if it is; `Some(None)` for ever.
    pub fn refuses(&self, connection: usize) -> Option<Option<Duration>> {
        let at = SEQUENCE.iter().position(|point| *point == self.point)? + 1;
        (self.is_refusal() && at == connection).then(|| self.once.then_some(Duration::from_millis(10)))
    }

    pub async fn happen(&self, mut stream: TcpStream, reply: Reply, stop: &watch::Sender<Option<String>>) {
        let json = |status: u16, text: &str| Reply::text(status, "application/json", text);
        // Whoever is gone misses the fault, too.
        let _ = match self.kind {
            Kind::Refused => Ok(()),
            Kind::Reset => {
                wire::reset(stream);
                Ok(())
            }
            Kind::Silence => return tokio::time::sleep(Duration::from_secs(60)).await,
            Kind::Limited(told) => wire::write(&mut stream, &limited(told)).await,
            Kind::Status(401) => wire::write(&mut stream, &json(401, r#"{"error":"Invalid token"}"#)).await,
            Kind::Status(status) => {
                let echo = format!(r#"{{"error":"Internal error for {}"}}"#, crate::fake::key());
                wire::write(&mut stream, &json(status, &echo)).await
            }
            Kind::Html => {
                let page = format!("<html><head><title>Bad Gateway {}</title></head></html>", crate::fake::key());
                wire::write(&mut stream, &Reply::text(502, "text/html", &page)).await
            }
            Kind::Redirect => {
                let reply = Reply::text(302, "text/html", "").with("location", "http://127.0.0.1:9/steal");
                wire::write(&mut stream, &reply).await
            }
            Kind::Truncated => wire::write_half(&mut stream, &reply).await,
            Kind::Huge => wire::write_without_end(&mut stream, &reply).await,
            Kind::WrongJson => {
                wire::write(&mut stream, &json(200, r#"{"id":"?","users":7,"workOrder":[],"workOrders":{}}"#)).await
            }
            Kind::NoJson => wire::write(&mut stream, &json(200, "{\"id\":")).await,
            Kind::Drip => wire::write_slowly(&mut stream, &reply).await,
            Kind::StopUnanswered => {
                stop.send_replace(Some("SIGINT".to_owned()));
                return tokio::time::sleep(Duration::from_secs(60)).await;
            }
            Kind::StopAnswered => {
                stop.send_replace(Some("SIGTERM".to_owned()));
                tokio::time::sleep(Duration::from_millis(30)).await;
                wire::write(&mut stream, &reply).await
            }
            Kind::StopAcknowledged => {
                let mut told = stop.subscribe();
                stop.send_replace(Some("SIGTERM".to_owned()));
                let _ = told.wait_for(|said| said.as_deref() == Some(SENT)).await;
                tokio::time::sleep(Duration::from_millis(50)).await;
                wire::write(&mut stream, &reply).await
            }
        };
    }
}

fn limited(told: Told) -> Reply {
    let reply = Reply::text(429, "application/json", r#"{"error":"Too many requests"}"#);
    let soon = || jiff::Timestamp::from_second(jiff::Timestamp::now().as_second() + 2).unwrap();
    let date = || soon().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    match told {
        Told::Reset => reply.with("X-Rate-Limit-Reset", 2).with("X-Rate-Limit-Remaining", 0),
        Told::RetryAfter => reply.with("Retry-After", 2),
        Told::Date => reply.with("Retry-After", date()),
        Told::Both => reply.with("Retry-After", 40).with("x-rate-limit-reset", 1),
        Told::Epoch => reply.with("X-Rate-Limit-Reset", soon().as_second()),
        Told::Nothing => reply,
    }
}
