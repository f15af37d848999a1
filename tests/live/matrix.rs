//! The fault matrix: every fault at every request of the sequence, one run each.

use crate::fake::Fake;
use crate::faults::{Fault, Kind, Point, SEQUENCE, Told};
use crate::run::{Ran, Watch, plan, verify};
use mx_prod_gate::outcome::Conclusion;
use mx_prod_gate::transcript::{OrderState, Step};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Runs at the same time: as many as a machine of two cores serves without missing its own time-outs.
const AT_ONCE: usize = 12;

const KINDS: [Kind; 19] = [
    Kind::Refused,
    Kind::Reset,
    Kind::Silence,
    Kind::Limited(Told::Reset),
    Kind::Limited(Told::RetryAfter),
    Kind::Limited(Told::Date),
    Kind::Limited(Told::Both),
    Kind::Limited(Told::Epoch),
    Kind::Limited(Told::Nothing),
    Kind::Status(500),
    Kind::Html,
    Kind::Status(401),
    Kind::Status(403),
    Kind::Redirect,
    Kind::Truncated,
    Kind::Huge,
    Kind::WrongJson,
    Kind::NoJson,
    Kind::Drip,
];

const STOPS: [Kind; 2] = [Kind::StopUnanswered, Kind::StopAnswered];

fn is_write(point: Point) -> bool {
    matches!(point, Point::Create | Point::Close | Point::Delete)
}

/// Every fault at every point: once and for ever; before and, at a write, after the server acted.
fn faults() -> Vec<Fault> {
    let mut faults = Vec::new();
    for point in SEQUENCE {
        for kind in KINDS.into_iter().chain(STOPS) {
            let befores = if is_write(point) && kind != Kind::Refused { &[false, true][..] } else { &[true][..] };
            let times = if STOPS.contains(&kind) { &[true][..] } else { &[true, false][..] };
            for &acts in befores {
                faults.extend(times.iter().map(|&once| Fault { point, kind, acts, once }));
            }
        }
    }
    faults
}

type Case = Pin<Box<dyn Future<Output = (String, Ran)> + Send>>;

async fn all(cases: Vec<Case>) -> Vec<(String, Ran)> {
    let (mut running, mut done) = (JoinSet::new(), Vec::new());
    for case in cases {
        if running.len() >= AT_ONCE {
            done.push(running.join_next().await.unwrap().expect("the promise holds"));
        }
        running.spawn(case);
    }
    while let Some(one) = running.join_next().await {
        done.push(one.expect("the promise holds"));
    }
    done
}

fn case(faults: Vec<Fault>, watch: Watch, name: String) -> Case {
    Box::pin(async move {
        let (stop, told) = watch::channel(None);
        let fake = Fake::start(faults, stop).await;
        let plan = plan(&fake);
        println!("begins: {name}");
        let ran = verify(&fake, plan, watch, told).await;
        println!(
            "{name}: {} {:?}",
            ran.transcript.exchanges.len(),
            ran.outcomes().iter().map(|one| one.word()).collect::<Vec<_>>()
        );
        (name, ran)
    })
}

/// What has to come of it beside the promise: a fault that passes leaves nothing behind.
fn expected(fault: &Fault, name: &str, ran: &Ran) {
    let state = ran.transcript.order.as_ref().map_or(OrderState::NeverMade, |order| order.state);
    let is_for_ever_refused = matches!(fault.kind, Kind::Status(401 | 403) | Kind::Redirect) && fault.once;
    if fault.once && !is_for_ever_refused {
        let is_lost =
            fault.point == Point::Create && !fault.acts && !matches!(fault.kind, Kind::Refused | Kind::Limited(_));
        let is_settled = state.is_settled() || (is_lost && state == OrderState::Unknown);
        assert!(is_settled, "{name}: {state:?}\n{}", ran.transcript.to_text());
    }
    let is_stop = STOPS.contains(&fault.kind);
    assert_eq!(ran.transcript.cut_short.is_some(), is_stop, "{name}");
    let is_ready = ran.outcomes().iter().all(|outcome| *outcome == Conclusion::Pass);
    let should_pass = match fault.kind {
        Kind::Limited(_) => fault.once && is_limited_patiently(fault.point),
        Kind::Status(500)
        | Kind::Html
        | Kind::Reset
        | Kind::Silence
        | Kind::Refused
        | Kind::Truncated
        | Kind::Huge
        | Kind::Drip => {
            fault.once && !matches!(fault.point, Point::Create | Point::Health | Point::Metrics | Point::MetricsAfter)
        }
        _ => false,
    };
    assert!(!should_pass || is_ready, "{name}: {:?}\n{}", ran.outcomes(), ran.transcript.to_text());
    // An order that is gone is gone, whatever the deletion answered.
    let is_told_by_status = matches!(fault.kind, Kind::Truncated | Kind::Huge | Kind::Drip);
    let is_gone = match fault.point {
        Point::Delete => fault.acts,
        Point::Gone => is_told_by_status,
        // Success and a body without a status is health enough.
        Point::Health => fault.kind == Kind::WrongJson,
        _ => false,
    };
    let breaks = !fault.once && !is_gone && !matches!(fault.point, Point::Sweep | Point::Close);
    assert!(!(breaks && is_ready && !fault.is_refusal()), "{name} passes\n{}", ran.transcript.to_text());
}

/// The API's own requests wait once when they are told to.
fn is_limited_patiently(point: Point) -> bool {
    !matches!(point, Point::Health | Point::Metrics | Point::MetricsAfter | Point::Create)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_fails_no_order_is_left_untold_and_never_are_two_made() {
    let faults = faults();
    let named = faults.iter().map(|fault| (format!("{fault:?}"), fault.clone()));
    let by_name: BTreeMap<String, Fault> = named.collect();
    assert_eq!(by_name.len(), faults.len());
    let cases = by_name.iter().map(|(name, fault)| case(vec![fault.clone()], Watch::default(), name.clone()));
    let done = all(cases.collect()).await;
    for (name, ran) in &done {
        expected(&by_name[name], name, ran);
    }
    println!("{} faults, each in a run of its own", done.len());
    assert!(done.len() >= 450);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_anywhere_ends_in_a_clean_up() {
    let steps = [
        Step::ServiceHealth,
        Step::MetricsBefore,
        Step::ApiAccess,
        Step::OrderCreate,
        Step::OrderRead,
        Step::OrderClose,
        Step::OrderDelete,
        Step::OrderGone,
        Step::ServiceMetrics,
        Step::SweepList,
    ];
    let mut cases = Vec::new();
    for step in steps {
        for after in [false, true] {
            for panics_for_ever in [false, true] {
                let watch = Watch { panic_at: Some((step, after)), panics_for_ever, ..Watch::default() };
                cases.push(case(Vec::new(), watch, format!("{step:?} after={after} for ever={panics_for_ever}")));
            }
        }
    }
    let done = all(cases).await;
    for (name, ran) in &done {
        assert_eq!(ran.transcript.cut_short.as_deref(), Some("a panic"), "{name}");
        let state = ran.transcript.order.as_ref().map(|order| order.state);
        let is_lost = name.starts_with("OrderCreate after=false");
        assert!(is_lost || state.is_none_or(OrderState::is_settled), "{name}: {state:?}\n{}", ran.transcript.to_text());
    }
    println!("{} panics", done.len());
}

/// Two faults: the answer to the creation is lost, and then something else fails, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_faults_at_once_are_no_excuse() {
    let mut cases = Vec::new();
    for first in
        [Kind::Reset, Kind::Silence, Kind::Status(500), Kind::NoJson, Kind::Limited(Told::Reset), Kind::StopUnanswered]
    {
        for point in [Point::LookUp, Point::Delete, Point::Gone, Point::Close] {
            for second in [
                Kind::Reset,
                Kind::Status(500),
                Kind::Limited(Told::Reset),
                Kind::Status(401),
                Kind::Html,
                Kind::WrongJson,
            ] {
                for once in [true, false] {
                    let faults = vec![
                        Fault { point: Point::Create, kind: first, acts: true, once: true },
                        Fault { point, kind: second, acts: false, once },
                    ];
                    cases.push(case(
                        faults,
                        Watch::default(),
                        format!("{first:?}, then {second:?} at {point:?} once={once}"),
                    ));
                }
            }
        }
    }
    let done = all(cases).await;
    println!("{} pairs of faults", done.len());
}
