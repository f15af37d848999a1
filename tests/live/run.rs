//! One run of the probes against the fake, and what has to hold after every run, whatever happened.

use crate::fake::{DECOYS, Fake, key};
use mx_prod_gate::gather::live::{self, Event, Key, Observer, Plan, Timing, World};
use mx_prod_gate::outcome::Conclusion;
use mx_prod_gate::settings::Settings;
use mx_prod_gate::snapshot::Snapshot;
use mx_prod_gate::transcript::{PATH, Step, Transcript};
use mx_prod_gate::verdict::Verdict;
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;
use tokio::sync::watch;

/// Times so short that hundreds of runs are done in a minute, and long enough for a busy machine.
pub const TIMING: Timing = Timing {
    request: Duration::from_millis(1000),
    connect: Duration::from_millis(1000),
    second: Duration::from_millis(8),
    poll: Duration::from_millis(20),
    grace: Duration::from_millis(3000),
    longest: Duration::from_secs(30),
};

/// Watches a run; ends it by a panic where it is told to.
#[derive(Default)]
pub struct Watch {
    pub log: Mutex<String>,
    pub panic_at: Option<(Step, bool)>,
    pub panics_for_ever: bool,
    pub panicked: Mutex<bool>,
}

impl Observer for Watch {
    fn sees(&self, event: Event<'_>) {
        self.log.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push_str(&format!("{event:?}\n"));
        let here = match event {
            Event::Before(exchange) => (exchange.step, false),
            Event::After(exchange) => (exchange.step, true),
            Event::Note(_) => return,
        };
        if self.panic_at == Some(here) {
            let mut panicked = self.panicked.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if self.panics_for_ever || !*panicked {
                *panicked = true;
                drop(panicked);
                panic!("the one who watches fails at {here:?}");
            }
        }
    }
}

/// Sets up TLS once, and hides the panics that are wanted.
pub fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
        log::set_logger(&Logs).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        let subscriber =
            tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false).with_writer(|| Heard);
        tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |told| {
            let is_wanted =
                told.payload().downcast_ref::<String>().is_some_and(|text| text.starts_with("the one who watches"));
            if !is_wanted {
                usual(told);
            }
        }));
    });
}

/// What the libraries log at the highest level: every run looks for the key in it.
static LOGGED: Mutex<String> = Mutex::new(String::new());

fn logged() -> std::sync::MutexGuard<'static, String> {
    LOGGED.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

struct Logs;

impl log::Log for Logs {
    fn enabled(&self, _: &log::Metadata) -> bool {
        true
    }
    fn log(&self, record: &log::Record) {
        logged().push_str(&format!("{} {}\n", record.target(), record.args()));
    }
    fn flush(&self) {}
}

struct Heard;

impl std::io::Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        logged().push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// How much was logged so far, for the one who wants to know that there was something to look through.
pub static LOOKED_THROUGH: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

pub fn plan(fake: &Fake) -> Plan {
    let mut plan = Plan::new(live::api_url(&fake.url("/v1")).unwrap());
    plan.status_url = fake.url("/status").parse().unwrap();
    plan.service_url = Some(fake.url("/health").parse().unwrap());
    plan.metrics_url = Some(fake.url("/metrics").parse().unwrap());
    plan.counters = vec!["api_calls".to_owned()];
    plan.allow_private = true;
    plan.use_system_proxy = false;
    plan.timing = TIMING;
    plan
}

pub fn world(watch: Arc<Watch>) -> World {
    use std::sync::atomic::{AtomicU64, Ordering};
    static RUN: AtomicU64 = AtomicU64::new(1);
    World {
        now: Arc::new(jiff::Timestamp::now),
        random: RUN.fetch_add(1, Ordering::Relaxed),
        lookup: live::system_lookup(),
        observer: watch,
    }
}

pub fn some_key() -> Key {
    Key::parse(zeroize::Zeroizing::new(key())).unwrap().unwrap()
}

/// What a run left behind.
pub struct Ran {
    pub transcript: Transcript,
    pub log: String,
    pub verdict: Verdict,
}

impl Ran {
    pub fn outcome(&self, check: &str) -> Conclusion {
        self.verdict.rows.iter().find(|row| row.check == check).expect("every live check has a row").outcome
    }

    pub fn outcomes(&self) -> Vec<Conclusion> {
        let live = [
            "service-health",
            "api-access",
            "work-order-create",
            "work-order-read",
            "work-order-cleanup",
            "service-metrics",
        ];
        live.into_iter().map(|check| self.outcome(check)).collect()
    }
}

pub async fn verify(fake: &Fake, plan: Plan, watch: Watch, stop: watch::Receiver<Option<String>>) -> Ran {
    prepare();
    let watch = Arc::new(watch);
    let transcript = live::verify(plan, Some(some_key()), world(watch.clone()), stop).await.unwrap();
    let ran = ran(transcript, &watch);
    holds(fake, &ran);
    ran
}

pub fn ran(transcript: Transcript, watch: &Watch) -> Ran {
    let mut snapshot = Snapshot::default();
    snapshot.insert_text(PATH, &transcript.to_text());
    let verdict = mx_prod_gate::judge(&snapshot, &Settings::default(), "2026-11-01".parse().unwrap());
    let log = watch.log.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    Ran { transcript, log, verdict }
}

/// The promise.
pub fn holds(fake: &Fake, ran: &Ran) {
    let told = ran.transcript.order.as_ref();
    let orders = fake.test_orders();
    let own: Vec<_> = orders.iter().filter(|(_, order)| told.is_some_and(|told| told.title == order.title)).collect();
    assert!(own.len() <= 1, "two orders were made: {own:?}");
    for (id, order) in own.iter().filter(|(_, order)| !order.deleted) {
        let told = told.expect("an order is told");
        assert!(!told.state.is_settled(), "order {id} is left ({}) and not told: {told:?}", order.status);
        assert!(told.id.is_none_or(|known| known == *id), "another number is told");
        assert!(told.removal.is_some(), "no command is told");
        assert_eq!(ran.outcome("work-order-cleanup"), Conclusion::Fail);
    }
    for (id, title) in DECOYS {
        let state = fake.state();
        let order = &state.orders[&id];
        assert!(!order.deleted && order.title == title && order.status == "OPEN", "somebody's order {id} was touched");
        let touched = state
            .asked
            .iter()
            .any(|asked| asked.method != "GET" && asked.path.split('/').nth(3) == Some(&id.to_string()));
        assert!(!touched, "somebody's order {id} was to be touched");
    }
    no_key_in(&[
        &ran.log,
        &ran.transcript.to_text(),
        &serde_json::to_string(&ran.verdict).unwrap(),
        &format!("{:?}", ran.transcript),
    ]);
    let logs = std::mem::take(&mut *logged());
    LOOKED_THROUGH.fetch_add(logs.len(), std::sync::atomic::Ordering::Relaxed);
    no_key_in(&[&logs]);
    for asked in &fake.state().asked {
        let is_api = asked.path.starts_with("/v1/");
        assert_eq!(asked.header("authorization").is_some(), is_api, "{} {}", asked.method, asked.path);
        let is_write = asked.method != "GET";
        assert!(!is_write || asked.query("skipWebhook") == Some("true"), "a write that fires webhooks");
    }
}

/// Neither the key nor any ten characters of it.
pub fn no_key_in(texts: &[&str]) {
    static PIECES: std::sync::OnceLock<aho_corasick::AhoCorasick> = std::sync::OnceLock::new();
    let pieces = PIECES.get_or_init(|| {
        let key = key();
        aho_corasick::AhoCorasick::new((0..=key.len() - 10).map(|at| key[at..at + 10].to_owned())).unwrap()
    });
    for text in texts {
        assert!(!pieces.is_match(text), "the key is in: {text}");
    }
}
