//! The fake as a server of its own, for judges outside this crate: see `bench/live-prism.sh`.

use crate::fake::Fake;
use tokio::sync::watch;

/// Serves until it is killed. `FAKE_AT` is the address.
#[tokio::test]
#[ignore = "a server, not a test"]
async fn serve_fake() {
    let address = std::env::var("FAKE_AT").unwrap_or_else(|_| "127.0.0.1:4030".to_owned());
    let fake = Fake::start_at(&address, Vec::new(), watch::channel(None).0).await;
    println!("serving on {}", fake.address);
    std::future::pending::<()>().await;
}
