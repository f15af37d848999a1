//! One live run as it goes: the clients, the record of what was said, and the pace.

use super::clean_up::patience;
use super::client::Client;
use super::heard::{Heard, cut, wait_for_quota, wait_told};
use super::key::Key;
use super::plan::Plan;
use super::requests::{Request, Requests};
use super::{Event, World};
use crate::transcript::{Cause, Exchange, Transcript, Unasked};
use serde_json::{Map, Value};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// A read is tried so often when the server fails or is silent.
const TRIES: u32 = 3;
/// More exchanges than a run can have; beyond it none is kept.
const MAX_EXCHANGES: usize = 1_000;
/// What an exchange says until its answer is there: also the last word where the run is cut.
const IN_FLIGHT: &str = "the run ended before an answer";

/// Everything that the steps of a run share.
pub(super) struct Session {
    pub(super) plan: Plan,
    pub(super) run: String,
    pub(super) world: World,
    api: Option<Client>,
    services: Client,
    key: Option<Key>,
    transcript: Mutex<Transcript>,
    /// Set when the run is to end: nothing may take longer.
    deadline: Mutex<Option<Instant>>,
    /// The task that asks for the order.
    pending: Mutex<Option<JoinHandle<()>>>,
    /// Whoever watches has ended two tasks by a panic and is told nothing more.
    hushed: AtomicBool,
    /// Until when the quota of the API is used up.
    quota: Mutex<Option<Instant>>,
}

impl Session {
    pub(super) fn new(plan: Plan, key: Option<Key>, world: World) -> anyhow::Result<Self> {
        let api = key.as_ref().map(|key| Client::for_api(&plan, key, &world.lookup)).transpose()?;
        let services = Client::for_services(&plan, &world.lookup)?;
        let now = (world.now)();
        let run = super::plan::run_mark(now, world.random);
        let transcript = Transcript {
            schema: 1,
            run: run.clone(),
            began: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            api: plan.api_url.origin().ascii_serialization(),
            organization: plan.organization,
            key: key.as_ref().map(|key| key.facts(now)),
            counters: plan.counters.clone(),
            expected_version: plan.expected_version.clone(),
            ..Transcript::default()
        };
        Ok(Self {
            plan,
            run,
            world,
            api,
            services,
            key,
            transcript: Mutex::new(transcript),
            deadline: Mutex::new(None),
            pending: Mutex::new(None),
            hushed: AtomicBool::new(false),
            quota: Mutex::new(None),
        })
    }

    pub(super) fn requests(&self) -> Requests<'_> {
        Requests::new(&self.plan, &self.run)
    }

    pub(super) fn has_key(&self) -> bool {
        self.api.is_some()
    }

    /// The record. A panic elsewhere does not make it unreadable: it is what the clean-up goes by.
    pub(super) fn transcript(&self) -> MutexGuard<'_, Transcript> {
        self.transcript.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn unasked(&self, check: &str, cause: Cause, reason: impl Into<String>) {
        let mut transcript = self.transcript();
        if transcript.unasked.iter().all(|known| known.check != check) {
            transcript.unasked.push(Unasked { check: check.to_owned(), cause, reason: reason.into() });
        }
    }

    /// A text from outside, as it may be kept: without the key, on one line, bounded.
    pub(super) fn clean(&self, text: &str) -> String {
        cut(&self.without_key(text))
    }

    /// Tells the one who watches.
    pub(super) fn note(&self, text: &str) {
        self.tell(Event::Note(&self.clean(text)));
    }

    fn tell(&self, event: Event<'_>) {
        if !self.hushed.load(Ordering::Relaxed) {
            self.world.observer.sees(event);
        }
    }

    pub(super) fn hush(&self, is_hushed: bool) {
        self.hushed.store(is_hushed, Ordering::Relaxed);
    }

    pub(super) fn keep_pending(&self, task: JoinHandle<()>) {
        *self.pending.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
    }

    /// Waits for the answer to the creation, should it still be on its way.
    pub(super) async fn end_of_pending(&self) {
        let task = self.pending.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            // However it ends, the record says what is known.
            let _ = timeout(patience(self.left(), self.plan.timing.request), task).await;
        }
    }

    pub(super) fn hurry(&self, until: Instant) {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    /// What is left of the time, where there is a limit.
    pub(super) fn left(&self) -> Option<Duration> {
        let deadline = *self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    pub(super) fn out_of_time(&self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }

    /// Waits, but never so long that a last try would have no time.
    pub(super) async fn pause(&self, told: Duration) {
        let longest = self.left().map_or(told, |left| (left / 4).min(self.plan.timing.second));
        sleep(told.min(longest)).await;
    }

    pub(super) async fn pause_seconds(&self, seconds: u64) {
        self.pause(self.plan.timing.second.saturating_mul(u32::try_from(seconds).unwrap_or(u32::MAX))).await;
    }

    /// One request, one answer, one line in the record.
    pub(super) async fn ask(&self, request: &Request, judged: impl FnOnce(&Heard) -> Map<String, Value>) -> Heard {
        let mut exchange = self.opened(request);
        self.tell(Event::Before(&exchange));
        let began = Instant::now();
        let client = if request.with_key { self.api.as_ref() } else { Some(&self.services) };
        let outcome = match client {
            Some(client) => client.send(request, self.time_for_one()).await,
            None => Err(super::client::Silence { reason: "there is no key".to_owned(), unsent: true }),
        };
        let heard = Heard::new(outcome);
        exchange.ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        exchange.status = heard.status();
        exchange.trouble = heard.trouble().map(|text| self.clean(&text));
        exchange.error = heard.error(|text| self.without_key(text));
        exchange.seen = judged(&heard).into_iter().map(|(name, value)| (name, self.cleaned(value))).collect();
        self.closed(&exchange);
        if request.with_key {
            self.keep_quota(&heard);
        }
        self.tell(Event::After(&exchange));
        heard
    }

    /// The same, with patience: for requests that may be repeated. Waits once when told to, and tries thrice.
    pub(super) async fn ask_patiently(
        &self,
        request: &Request,
        judged: impl Fn(&Heard) -> Map<String, Value>,
    ) -> Heard {
        let (mut tries, mut has_waited) = (1, false);
        loop {
            self.wait_for_quota().await;
            let heard = self.ask(request, &judged).await;
            let is_limited = heard.status() == Some(429);
            if self.out_of_time() {
                return heard;
            } else if is_limited && !has_waited {
                has_waited = true;
                self.wait_as_told(&heard).await;
            } else if heard.is_passing() && tries < TRIES {
                self.pause_seconds(u64::from(tries)).await;
                tries += 1;
            } else {
                return heard;
            }
        }
    }

    /// Waits as long as a 429 asks.
    pub(super) async fn wait_as_told(&self, heard: &Heard) {
        let Some(headers) = heard.headers() else { return };
        let seconds = wait_told(headers, (self.world.now)());
        self.note(&format!("the API asks to wait: going on in {seconds} s"));
        self.pause_seconds(seconds).await;
        *self.quota.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Before an order is made there has to be quota enough to remove it.
    fn keep_quota(&self, heard: &Heard) {
        let Some(seconds) = heard.headers().and_then(|headers| wait_for_quota(headers, 1)) else { return };
        let wait = self.plan.timing.second.saturating_mul(u32::try_from(seconds).unwrap_or(u32::MAX));
        *self.quota.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + wait);
    }

    async fn wait_for_quota(&self) {
        let until = self.quota.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(wait) = until.map(|until| until.saturating_duration_since(Instant::now())) else { return };
        self.note(&format!("the quota of the API is used up: going on in {} s", wait.as_secs()));
        self.pause(wait).await;
    }

    /// In a hurry no single request may eat what a second try needs.
    fn time_for_one(&self) -> Duration {
        let usual = self.plan.timing.request;
        self.left().map_or(usual, |left| usual.min(left / 3).max(Duration::from_millis(100)))
    }

    fn opened(&self, request: &Request) -> Exchange {
        let mut transcript = self.transcript();
        let exchange = Exchange {
            n: transcript.exchanges.last().map_or(1, |last| last.n + 1),
            step: request.step,
            request: self.without_key(&request.line()),
            status: None,
            ms: 0,
            trouble: Some(IN_FLIGHT.to_owned()),
            error: None,
            seen: Map::new(),
        };
        if transcript.exchanges.len() < MAX_EXCHANGES {
            transcript.exchanges.push(exchange.clone());
        }
        exchange
    }

    fn without_key(&self, text: &str) -> String {
        self.key.as_ref().map_or_else(|| text.to_owned(), |key| key.out_of(text))
    }

    fn closed(&self, exchange: &Exchange) {
        let mut transcript = self.transcript();
        if let Some(open) = transcript.exchanges.iter_mut().find(|open| open.n == exchange.n) {
            *open = exchange.clone();
        }
    }

    fn cleaned(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.clean(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.cleaned(item)).collect(),
            Value::Object(fields) => {
                fields.into_iter().map(|(name, value)| (self.clean(&name), self.cleaned(value))).collect()
            }
            plain => plain,
        }
    }
}
