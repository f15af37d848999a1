//! Where a probe connects to, and where it does not: private addresses, rebinding names, redirects.

use crate::fake::Fake;
use crate::faults::{Fault, Kind, Point};
use crate::run::{Ran, Watch, plan, ran, some_key, world};
use crate::wire::Reply;
use mx_prod_gate::gather::live::{self, Lookup, Plan};
use mx_prod_gate::outcome::Conclusion::{Fail, Pass};
use mx_prod_gate::transcript::Step;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::watch;

/// Names as a test wants them: the n-th question gets the n-th answer, and the last one for ever.
fn names(answers: &'static [&'static str]) -> (Lookup, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let lookup: Lookup = Arc::new(move |_| {
        let at = counter.fetch_add(1, Ordering::Relaxed).min(answers.len() - 1);
        let addresses: Vec<SocketAddr> =
            answers[at].split(',').map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect();
        Box::pin(async move { Ok(addresses) })
    });
    (lookup, asked)
}

async fn fake() -> Fake {
    Fake::start(Vec::new(), watch::channel(None).0).await
}

async fn run(fake: &Fake, plan: Plan, lookup: Option<Lookup>) -> Ran {
    crate::run::prepare();
    let watch = Arc::new(Watch::default());
    let mut world = world(watch.clone());
    world.lookup = lookup.unwrap_or(world.lookup);
    let told = live::verify(plan, Some(some_key()), world, watch::channel(None).1).await.unwrap();
    let ran = ran(told, &watch);
    crate::run::holds(fake, &ran);
    ran
}

fn trouble(ran: &Ran) -> String {
    let health = ran.transcript.exchanges.iter().find(|exchange| exchange.step == Step::ServiceHealth).unwrap();
    health.trouble.clone().unwrap_or_default()
}

async fn probed(fake: &Fake, host: &str, allow_private: bool, lookup: Option<Lookup>) -> Ran {
    let url = format!("http://{host}:{}/health", fake.address.port());
    let plan = Plan { service_url: Some(url.parse().unwrap()), metrics_url: None, allow_private, ..plan(fake) };
    run(fake, plan, lookup).await
}

fn health_calls(fake: &Fake) -> usize {
    fake.state().points.iter().filter(|point| **point == Point::Health).count()
}

#[tokio::test]
async fn inner_addresses_are_not_probed_without_the_switch() {
    let fake = fake().await;
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "localhost",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
        "[fd00:ec2::254]",
    ] {
        let ran = probed(&fake, host, false, None).await;
        assert!(
            ran.outcome("service-health") == Fail && trouble(&ran).contains("refused by the probe"),
            "{host}: {}",
            trouble(&ran)
        );
    }
    assert_eq!(health_calls(&fake), 0);
    assert_eq!(probed(&fake, "127.0.0.1", true, None).await.outcome("service-health"), Pass);
}

#[tokio::test]
async fn a_name_that_rebinds_gains_nothing() {
    let fake = fake().await;
    for answers in [
        &["127.0.0.1"][..],
        &["203.0.112.7", "127.0.0.1"],
        &["203.0.112.7,127.0.0.1"],
        &["203.0.112.7", "203.0.112.7,169.254.169.254"],
    ] {
        let (lookup, asked) = names(answers);
        let ran = probed(&fake, "rebinds.example", false, Some(lookup)).await;
        assert!(trouble(&ran).contains("refused by the probe"), "{answers:?}: {}", trouble(&ran));
        assert!(asked.load(Ordering::Relaxed) >= answers.len());
    }
    assert_eq!(health_calls(&fake), 0);
    let (lookup, _) = names(&["127.0.0.1"]);
    assert_eq!(probed(&fake, "inner.example", true, Some(lookup)).await.outcome("service-health"), Pass);
}

#[tokio::test]
async fn localhost_that_is_not_this_machine_gets_no_key() {
    let fake = fake().await;
    let (lookup, _) = names(&["203.0.112.7"]);
    let api_url = live::api_url(&format!("http://localhost:{}/v1", fake.address.port())).unwrap();
    let ran = run(&fake, Plan { api_url, ..plan(&fake) }, Some(lookup)).await;
    assert_eq!(ran.outcome("api-access"), Fail);
    let access = ran.transcript.exchanges.iter().find(|exchange| exchange.step == Step::ApiAccess).unwrap();
    assert!(access.trouble.as_deref().unwrap_or_default().contains("is not on this machine"), "{access:?}");
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let trap = fake().await;
    let fake = Fake::start(Vec::new(), watch::channel(None).0).await;
    let moved = |path: &str| Reply::text(307, "text/html", "").with("location", trap.url(path));
    fake.state().health = vec![moved("/health")];
    fake.state().metrics = Some(moved("/metrics"));
    let ran = run(&fake, plan(&fake), None).await;
    assert_eq!((ran.outcome("service-health"), ran.outcome("service-metrics")), (Fail, Fail));
    for point in [Point::Users, Point::Create, Point::Read, Point::Delete] {
        let fault = Fault { point, kind: Kind::Redirect, acts: false, once: false };
        let fake = Fake::start(vec![fault], watch::channel(None).0).await;
        run(&fake, plan(&fake), None).await;
    }
    assert!(trap.state().asked.is_empty());
}
