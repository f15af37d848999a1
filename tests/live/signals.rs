//! The promise, kept by the real process: signals at every request, a full disk, and a run that was killed outright.

use crate::fake::{Fake, key};
use crate::faults::{Fault, Kind, Point, SENT, SEQUENCE};
use crate::run::no_key_in;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The runner waits so long before it kills.
const GRACE: Duration = Duration::from_secs(10);
const AT_ONCE: usize = 6;

fn program(fake: &Fake, sub_command: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mx-prod-gate"));
    command.env_clear().env("MAINTAINX_API_KEY", key()).env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
    command.args([sub_command, "--api-url", &fake.url("/v1"), "--status-url", &fake.url("/status"), "--timeout", "2s"]);
    if sub_command == "verify" {
        command.args(["--service-url", &fake.url("/health"), "--metrics-url", &fake.url("/metrics")]);
        command.args(["--counter", "api_calls", "--allow-private", "--format", "json"]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

struct Done {
    code: Option<i32>,
    report: serde_json::Value,
    errors: String,
}

/// Waits for the process, and looks for the key in all that it said.
async fn done(mut child: Child) -> Done {
    let (mut out, mut errors) = (String::new(), String::new());
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (_, _, status) =
        tokio::join!(stdout.read_to_string(&mut out), stderr.read_to_string(&mut errors), child.wait());
    no_key_in(&[&out, &errors]);
    let report = serde_json::from_str(&out).unwrap_or_default();
    Done { code: status.unwrap().code(), report, errors }
}

async fn send(signal: &str, child: &Child) {
    // A process that has ended needs no signal.
    let Some(id) = child.id() else { return };
    Command::new("kill").args([signal, &id.to_string()]).status().await.unwrap();
}

/// Nothing is left that was not told.
fn holds(fake: &Fake, done: &Done, name: &str) {
    let orders = fake.test_orders();
    assert!(orders.len() <= 1, "{name}: two orders");
    for (id, order) in orders.iter().filter(|(_, order)| !order.deleted) {
        let told = &done.report["live"]["order"];
        let is_told = told["removal"].is_string() && told["title"] == order.title.as_str();
        assert!(is_told, "{name}: order {id} is left and not told: {told}\n{}", done.errors);
        assert!(done.errors.contains("Remove it: mx-prod-gate sweep"), "{name}: {}", done.errors);
    }
}

async fn cut(signal: &'static str, fault: Fault) -> String {
    let name = format!("{signal} at {fault:?}");
    let (stop, mut told) = watch::channel(None);
    let fake = Fake::start(vec![fault.clone()], stop.clone()).await;
    fake.state().behind = 7200;
    let child = program(&fake, "verify").spawn().unwrap();
    told.wait_for(Option::is_some).await.unwrap();
    let began = Instant::now();
    send(signal, &child).await;
    stop.send_replace(Some(SENT.to_owned()));
    let first = done(child).await;
    assert!(began.elapsed() < GRACE, "{name}: {:?}\n{}", began.elapsed(), first.errors);
    if signal != "-KILL" {
        assert_eq!(first.code, Some(130), "{name}: {}", first.errors);
        holds(&fake, &first, &name);
        return name;
    }
    assert_eq!(first.code, None, "{name}");
    let orders = fake.test_orders();
    let is_named = orders.iter().all(|(_, order)| first.errors.contains(&order.title));
    assert!(is_named, "{name}: the title is told before the order is made\n{}", first.errors);
    // The next run heals it.
    let second = done(program(&fake, "verify").spawn().unwrap()).await;
    assert_eq!(second.code, Some(0), "{name}: {}\n{}", second.errors, second.report);
    let left: Vec<_> = fake.test_orders().into_iter().filter(|(_, order)| !order.deleted).collect();
    assert!(left.is_empty(), "{name}: {left:?}");
    name
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_at_any_request_ends_in_a_clean_up() {
    let mut running = JoinSet::new();
    let mut count = 0;
    for signal in ["-INT", "-TERM", "-KILL"] {
        for point in SEQUENCE {
            let is_write = matches!(point, Point::Create | Point::Close | Point::Delete);
            for (kind, acts) in
                [(Kind::StopUnanswered, false), (Kind::StopUnanswered, true), (Kind::StopAcknowledged, true)]
            {
                if !is_write && !acts {
                    continue;
                }
                if running.len() >= AT_ONCE {
                    running.join_next().await.unwrap().expect("the promise holds");
                }
                running.spawn(cut(signal, Fault { point, kind, acts, once: true }));
                count += 1;
            }
        }
    }
    while let Some(one) = running.join_next().await {
        one.expect("the promise holds");
    }
    println!("{count} signals, each to a process of its own");
    assert!(count >= 60);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_does_not_end_the_clean_up() {
    let fault = Fault { point: Point::Read, kind: Kind::StopUnanswered, acts: true, once: true };
    let slow = Fault { point: Point::Delete, kind: Kind::Silence, acts: false, once: true };
    let (stop, mut told) = watch::channel(None);
    let fake = Fake::start(vec![fault, slow], stop).await;
    let child = program(&fake, "verify").spawn().unwrap();
    told.wait_for(Option::is_some).await.unwrap();
    for signal in ["-INT", "-TERM", "-INT", "-HUP"] {
        send(signal, &child).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let done = done(child).await;
    assert_eq!(done.code, Some(130), "{}", done.errors);
    assert_eq!(done.report["live"]["order"]["state"], "gone", "{}", done.errors);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_ends_in_a_clean_up() {
    let fake = Fake::start(Vec::new(), watch::channel(None).0).await;
    let full = || Stdio::from(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let mut command = program(&fake, "verify");
    command.args(["--report", "json=/dev/full"]).env("GITHUB_OUTPUT", "/dev/full").stdout(full()).stderr(full());
    let status = command.status().await.unwrap();
    assert_eq!(status.code(), Some(2), "the report is missing");
    assert!(fake.test_orders().iter().all(|(_, order)| order.deleted) && fake.test_orders().len() == 1);
}

#[tokio::test]
async fn a_sweep_alone_says_what_it_removed() {
    let fake = Fake::start(Vec::new(), watch::channel(None).0).await;
    fake.state().behind = 7200;
    let delete = Fault { point: Point::Delete, kind: Kind::Status(403), acts: false, once: false };
    fake.state().faults.push(delete);
    let left = done(program(&fake, "verify").spawn().unwrap()).await;
    assert_eq!(left.code, Some(1), "{}", left.errors);
    let id = fake.test_orders()[0].0;
    assert!(left.errors.contains(&format!("mx-prod-gate sweep --order {id} --api-url")), "{}", left.errors);
    fake.state().faults.clear();
    let swept = done(program(&fake, "sweep").args(["--order", &id.to_string()]).spawn().unwrap()).await;
    assert_eq!(swept.code, Some(0), "{}", swept.errors);
    assert!(fake.test_orders()[0].1.deleted && swept.errors.contains(&format!("removed: {id}")), "{}", swept.errors);
    let again = done(program(&fake, "sweep").args(["--older-than", "0s"]).spawn().unwrap()).await;
    assert_eq!(again.code, Some(0), "{}", again.errors);
}

#[tokio::test]
async fn exit_codes_and_refusals_of_bad_use() {
    let fake = Fake::start(Vec::new(), watch::channel(None).0).await;
    let code = |arguments: &'static [&'static str], with_key: bool| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mx-prod-gate"));
        command.env_clear().args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if with_key {
            command.env("MAINTAINX_API_KEY", key());
        }
        async move { done(command.spawn().unwrap()).await.code }
    };
    assert_eq!(code(&["verify", "--api-url", "http://api.getmaintainx.com/v1"], true).await, Some(2), "no TLS");
    assert_eq!(code(&["verify", "--wait", "soon"], true).await, Some(2));
    assert_eq!(code(&["verify", "--api-key", "x"], true).await, Some(2), "there is no such flag");
    assert_eq!(code(&["verify", "--api-key-file", "/nonexistent"], false).await, Some(2));
    assert_eq!(code(&["verify"], false).await, Some(2), "without a key nothing can be told");
    assert_eq!(code(&["sweep"], false).await, Some(2));
    assert_eq!(code(&["verify", "--dry-run"], false).await, Some(0));
    assert!(fake.state().asked.is_empty());
}

/// The action, with the inputs that a workflow gives it.
fn action(fake: &Fake, mode: &str, folder: &std::path::Path) -> Command {
    std::fs::write(folder.join("README.md"), "# x\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mx-prod-gate"));
    command.arg("action").env_clear().env("MAINTAINX_API_KEY", key()).env("GITHUB_WORKSPACE", folder);
    command.env("INPUT_MODE", mode).env("INPUT_API-URL", fake.url("/v1")).env("INPUT_ALLOW-PRIVATE", "true");
    command.env("INPUT_SERVICE-URL", fake.url("/health")).env("INPUT_JSON-FILE", "out.json");
    command.env("GITHUB_OUTPUT", folder.join("outputs")).env("GITHUB_STEP_SUMMARY", folder.join("summary"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

fn read(folder: &std::path::Path, name: &str) -> String {
    let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    no_key_in(&[&text]);
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_action_verifies_a_deploy() {
    let fake = Fake::start(Vec::new(), watch::channel(None).0).await;
    let folder = tempfile::tempdir().unwrap();
    let verified = done(action(&fake, "verify", folder.path()).spawn().unwrap()).await;
    assert_eq!(verified.code, Some(0), "{}", verified.errors);
    let report: serde_json::Value = serde_json::from_str(&read(folder.path(), "out.json")).unwrap();
    assert_eq!((report["rows"].as_array().unwrap().len(), &report["verdict"]), (6, &serde_json::json!("ready")));
    assert!(read(folder.path(), "summary").contains("What was asked and heard"));
    assert!(read(folder.path(), "outputs").contains("work-order-state=gone\n"));
    let all = done(action(&fake, "all", folder.path()).spawn().unwrap()).await;
    assert_eq!(all.code, Some(1), "the repository has nothing to be ready with: {}", all.errors);
    let report: serde_json::Value = serde_json::from_str(&read(folder.path(), "out.json")).unwrap();
    assert!(report["rows"].as_array().unwrap().len() > 6);
    let other = done(action(&fake, "verfy", folder.path()).spawn().unwrap()).await;
    assert_eq!(other.code, Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_action_cleans_up_and_tells_what_it_could_not() {
    for kind in [Kind::Status(403), Kind::StopAnswered] {
        let read_fault = Fault { point: Point::Read, kind: Kind::StopUnanswered, acts: true, once: true };
        let delete = Fault { point: Point::Delete, kind, acts: kind == Kind::StopAnswered, once: false };
        let (stop, mut told) = watch::channel(None);
        let fake = Fake::start(vec![read_fault, delete], stop).await;
        let folder = tempfile::tempdir().unwrap();
        let child = action(&fake, "verify", folder.path()).spawn().unwrap();
        told.wait_for(Option::is_some).await.unwrap();
        send("-INT", &child).await;
        let done = done(child).await;
        assert_eq!(done.code, Some(130), "{}", done.errors);
        let (id, order) = fake.test_orders()[0].clone();
        let is_told =
            |text: &str| text.contains(&format!("mx-prod-gate sweep --order {id}")) && text.contains(&order.title);
        let (outputs, summary) = (read(folder.path(), "outputs"), read(folder.path(), "summary"));
        assert_eq!(
            [is_told(&done.errors), is_told(&outputs), is_told(&summary)],
            [!order.deleted; 3],
            "{outputs}\n{summary}"
        );
    }
}

/// A fork's run reaches nobody, with or without a key; Dependabot's says why it has none.
#[tokio::test]
async fn on_a_fork_nothing_is_asked_and_nothing_fails() {
    let fake = Fake::start(Vec::new(), watch::channel(None).0).await;
    let folder = tempfile::tempdir().unwrap();
    let event = |repository: &str, user: &str| {
        let text =
            serde_json::json!({"pull_request": {"head": {"repo": {"full_name": repository}}, "user": {"login": user}}});
        std::fs::write(folder.path().join("event.json"), text.to_string()).unwrap();
    };
    event("evil/r", "x");
    let mut command = action(&fake, "verify", folder.path());
    command.env("GITHUB_EVENT_PATH", folder.path().join("event.json")).env("GITHUB_REPOSITORY", "o/r");
    let forked = done(command.spawn().unwrap()).await;
    assert_eq!((forked.code, fake.state().asked.len()), (Some(0), 0), "{}", forked.errors);
    event("o/r", "dependabot[bot]");
    command.env_remove("MAINTAINX_API_KEY");
    let bot = done(command.spawn().unwrap()).await;
    assert_eq!(bot.code, Some(0), "{}", bot.errors);
    assert!(fake.state().asked.iter().all(|asked| asked.path == "/health"));
    event("o/r", "x");
    assert_eq!(done(command.spawn().unwrap()).await.code, Some(2), "a key that is missing is told");
}
