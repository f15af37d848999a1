//! The fake as a server of its own, for judges outside this crate: see `bench/live-prism.sh`.

use crate::fake::Fake;
use crate::faults::{Fault, Kind, Point};
use tokio::sync::watch;

/// Serves until it is killed. `FAKE_AT` is the address; `FAKE_FAULT` says what becomes of the answer to the
/// first creation: `loses` or `hangs`.
#[tokio::test]
#[ignore = "a server, not a test"]
async fn serve_fake() {
    let address = std::env::var("FAKE_AT").unwrap_or_else(|_| "127.0.0.1:4030".to_owned());
    let fault = |point, kind| vec![Fault { point, kind, acts: true, once: true }];
    let faults = match std::env::var("FAKE_FAULT").as_deref() {
        Ok("loses") => fault(Point::Create, Kind::Reset),
        Ok("hangs") => fault(Point::Create, Kind::Silence),
        _ => Vec::new(),
    };
    let fake = Fake::start_at(&address, faults, watch::channel(None).0).await;
    println!("serving on {}", fake.address);
    std::future::pending::<()>().await;
}
