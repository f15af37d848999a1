//! What reaches GitHub: the check run in batches, the one comment, the upload; and what happens where it may not.

use super::fake::Fake;
use super::repository::{Repository, Seen};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn published(repository: Repository, fake: &Fake) -> Repository {
    let mut repository = repository.input("github-token", "ghs_token");
    repository.set("GITHUB_API_URL", &fake.url);
    repository.set("GITHUB_RUN_ID", "1000");
    repository.set("GITHUB_RUN_ATTEMPT", "1");
    repository
}

/// A proposal that fails at so many lines: each call has no timeout.
fn with_findings(count: usize) -> Repository {
    let repository = Repository::new(&[("README.md", "# x\n"), (".mx-prod-gate.yml", "fail-on: P1\n")]);
    let call =
        |number| format!("export const f{number} = () => fetch('https://api.getmaintainx.com/v1/users/{number}');\n");
    let text: String = (0..count).map(call).collect();
    repository.write("src/calls.ts", &format!("export {{}};\n{text}"));
    repository.propose().input("only", "request-timeouts")
}

/// The check runs keep to the limits that GitHub documents.
fn keeps_limits(fake: &Fake) {
    for (method, path, body) in fake.state().asked.iter().filter(|(_, path, _)| path.contains("/check-runs")) {
        let annotations = body.pointer("/output/annotations").and_then(Value::as_array).cloned().unwrap_or_default();
        assert!(annotations.len() <= 50, "{method} {path} has {}", annotations.len());
        for text in ["summary", "text"] {
            let length =
                body.pointer(&format!("/output/{text}")).and_then(Value::as_str).unwrap_or_default().chars().count();
            assert!(length <= 65_535, "{text} has {length}");
        }
        for one in &annotations {
            assert!(one["start_line"].as_u64() >= Some(1) && one["end_line"].as_u64() >= one["start_line"].as_u64());
            assert!(
                one["title"].as_str().unwrap().chars().count() <= 255
                    && one["message"].as_str().unwrap().len() <= 65_536
            );
            assert!(!one["path"].as_str().unwrap().starts_with('/'));
        }
    }
    for (_, _, body) in
        fake.state().asked.iter().filter(|(method, path, _)| method != "GET" && path.contains("comments"))
    {
        assert!(body["body"].as_str().unwrap_or_default().chars().count() <= 65_536);
    }
}

fn step(repository: &Repository) -> Seen {
    let seen = repository.run();
    assert!(!seen.log.contains("ghs_token") && !seen.summary.contains("ghs_token"));
    seen
}

#[test]
fn a_check_run_has_every_finding_in_batches_of_fifty() {
    for count in [0, 1, 49, 50, 51, 500] {
        let fake = Fake::start();
        let repository = published(with_findings(count), &fake);
        let seen = step(&repository);
        assert_eq!(seen.code, i32::from(count > 0), "{}", seen.log);
        keeps_limits(&fake);
        let state = fake.state();
        let found = seen.findings("request-timeouts").len();
        assert_eq!(found, count);
        assert_eq!(state.annotations.len(), found.min(500));
        assert_eq!(state.runs.len(), 1);
        let run = &state.runs[0];
        assert_eq!(
            (run["status"].as_str(), run["head_sha"].as_str()),
            (Some("completed"), Some(repository.head.as_str()))
        );
        assert_eq!(run["conclusion"], if count > 0 { "failure" } else { "success" });
        assert_eq!(run["name"], "mx-prod-gate report");
        let writes =
            state.asked.iter().filter(|(method, path, _)| method == "PATCH" && path.contains("/check-runs/")).count();
        assert_eq!(writes, found.min(500).div_ceil(50).max(1));
        assert_eq!(state.comments.len(), 1);
        assert!(!seen.log.contains("::error"), "the check run has them: {}", seen.log);
        assert!(seen.output("check-run-url").is_some_and(|url| url.starts_with("https://")));
        assert!(seen.output("comment-url").is_some_and(|url| url.contains("issuecomment")));
    }
}

#[test]
fn without_permission_the_block_is_printed_and_nothing_else_is_lost() {
    let fake = Fake::start();
    let denied = (403, "", r#"{"message":"Resource not accessible by integration"}"#);
    fake.fail(("POST", "/check-runs"), denied, 1, false);
    fake.fail(("POST", "/comments"), denied, 1, false);
    let seen = step(&published(with_findings(3), &fake));
    assert_eq!(seen.code, 1);
    assert!(
        seen.log.contains("permissions:%0A  contents: read%0A  checks: write%0A  pull-requests: write"),
        "{}",
        seen.log
    );
    assert_eq!(seen.log.matches("::error ").count(), 3, "{}", seen.log);
    assert!(seen.summary.contains("not ready") && seen.output("verdict").as_deref() == Some("not-ready"));
}

#[test]
fn a_fork_is_told_of_the_other_workflow_and_not_of_permissions() {
    let fake = Fake::start();
    let denied = (403, "", r#"{"message":"Resource not accessible by integration"}"#);
    fake.fail(("POST", ""), denied, 9, false);
    let mut repository = published(with_findings(1), &fake);
    repository.event()["pull_request"]["head"]["repo"] = Value::Null;
    let seen = step(&repository);
    assert_eq!(seen.code, 1);
    assert!(seen.log.contains("workflow_run") && !seen.log.contains("permissions:"), "{}", seen.log);
}

#[test]
fn whatever_github_answers_the_verdict_stands() {
    let html = "<html><body>Unicorn!</body></html>";
    let limit = r#"{"message":"You have exceeded a secondary rate limit"}"#;
    let answers: [(u16, &str, &str); 7] = [
        (403, "", r#"{"message":"Resource not accessible by integration"}"#),
        (404, "", r#"{"message":"Not Found"}"#),
        (422, "", r#"{"message":"Validation Failed","errors":[{"code":"custom"}]}"#),
        (500, "", ""),
        (502, "content-type: text/html\r\n", html),
        (429, "retry-after: 0\r\n", "{}"),
        (403, "retry-after: 1\r\n", limit),
    ];
    let calls = [
        ("POST", "/check-runs"),
        ("PATCH", "/check-runs/"),
        ("GET", "/pulls/7/files"),
        ("GET", "/pulls/7"),
        ("GET", "/comments"),
        ("POST", "/comments"),
    ];
    for call in calls {
        for answer in answers {
            let fake = Fake::start();
            fake.fail(call, answer, 1, false);
            let seen = step(&published(with_findings(2), &fake));
            assert_eq!(
                (seen.code, seen.output("verdict").as_deref()),
                (1, Some("not-ready")),
                "{call:?} {answer:?}: {}",
                seen.log
            );
            assert!(seen.summary.contains("not ready"));
            keeps_limits(&fake);
            let state = fake.state();
            assert!(state.runs.len() <= 1 && state.comments.len() <= 1, "{call:?} {answer:?}");
            let is_passing = matches!(answer.0, 500 | 502 | 429) || answer.1.contains("retry-after");
            if is_passing {
                assert_eq!(
                    (state.runs.len(), state.comments.len(), state.annotations.len()),
                    (1, 1, 2),
                    "{call:?} {answer:?}: {}",
                    seen.log
                );
                assert_eq!(state.runs[0]["status"], "completed", "{call:?} {answer:?}");
            }
        }
    }
}

#[test]
fn a_write_that_took_effect_is_not_repeated() {
    for call in [("POST", "/check-runs"), ("PATCH", "/check-runs/"), ("POST", "/comments")] {
        let fake = Fake::start();
        fake.fail(call, (502, "", "<html>"), 1, true);
        let seen = step(&published(with_findings(60), &fake));
        assert_eq!(seen.code, 1, "{}", seen.log);
        let state = fake.state();
        let found = seen.findings("request-timeouts").len();
        assert_eq!((state.runs.len(), state.comments.len(), state.annotations.len()), (1, 1, found), "{call:?}");
    }
}

#[test]
fn a_comment_is_updated_in_place_and_never_by_an_older_run() {
    let fake = Fake::start();
    let mut repository = published(with_findings(2), &fake);
    step(&repository);
    let first = fake.state().comments[0].clone();
    assert!(first["body"].as_str().unwrap().starts_with("<!-- mx-prod-gate:gate run=1000 attempt=1 sha="));
    repository.set("GITHUB_RUN_ID", "2000");
    step(&repository);
    let second = fake.state().comments[0].clone();
    assert_eq!(first["id"], second["id"]);
    assert!(second["body"].as_str().unwrap().contains("run=2000"));
    repository.set("GITHUB_RUN_ID", "1500");
    let seen = step(&repository);
    assert!(seen.log.contains("a newer run has the comment"), "{}", seen.log);
    assert_eq!(fake.state().comments, std::slice::from_ref(&second));
    // The pull request has moved on: whoever judges its old head has nothing to say.
    fake.state().pull = Some(json!({"number": 7, "state": "open", "head": {"sha": "f".repeat(40)}}));
    repository.set("GITHUB_RUN_ID", "3000");
    step(&repository);
    assert_eq!(fake.state().comments, [second]);
}

#[test]
fn a_comment_of_another_author_with_our_marker_is_left_alone() {
    let fake = Fake::start();
    let planted = json!({"id": 1, "body": "<!-- mx-prod-gate:gate run=9999999 attempt=9 sha=x -->\nall is well",
        "user": {"login": "mallory"}, "html_url": "https://x"});
    let quoted = json!({"id": 2, "body": "> <!-- mx-prod-gate:gate run=1 attempt=1 sha=x -->",
        "user": {"login": "github-actions[bot]"}, "html_url": "https://x"});
    fake.state().comments = vec![planted.clone(), quoted.clone()];
    // Enough others that ours would be on another page.
    let others = (3..130).map(|id| json!({"id": id, "body": "hello", "user": {"login": "dev"}, "html_url": ""}));
    fake.state().comments.extend(others);
    let repository = published(with_findings(1), &fake);
    step(&repository);
    step(&repository);
    let state = fake.state();
    assert_eq!(state.comments.len(), 130);
    assert_eq!((&state.comments[0], &state.comments[1]), (&planted, &quoted));
    assert!(state.comments.last().unwrap()["body"].as_str().unwrap().contains("not ready"));
}

#[test]
fn two_runs_at_once_leave_one_comment() {
    let fake = Fake::start();
    let one = published(with_findings(1), &fake);
    let mut two = published(with_findings(1), &fake);
    two.set("GITHUB_RUN_ID", "1001");
    // Both are about one head.
    let head = one.head.clone();
    two.event()["pull_request"]["head"]["sha"] = head.clone().into();
    for round in 0..50 {
        fake.state().comments.clear();
        std::thread::scope(|scope| {
            scope.spawn(|| one.run());
            scope.spawn(|| two.run());
        });
        let state = fake.state();
        let bodies: BTreeSet<&str> = state.comments.iter().filter_map(|one| one["body"].as_str()).collect();
        assert_eq!(bodies.len(), 1, "round {round}");
        assert_eq!(state.comments.len(), 1, "round {round}");
    }
}

#[test]
fn the_modes_of_the_comment() {
    let made = |mode: &str, count: usize| {
        let fake = Fake::start();
        let seen = step(&published(with_findings(count).input("comment", mode), &fake));
        (seen.code, fake.state().comments.len())
    };
    assert_eq!(
        [made("always", 0).1, made("on-failure", 0).1, made("on-change", 0).1, made("never", 0).1],
        [1, 0, 0, 0]
    );
    assert_eq!([made("on-failure", 1).1, made("on-change", 1).1, made("never", 1).1], [1, 1, 0]);
    assert_eq!(made("sometimes", 0).0, 2);
}

#[test]
fn code_scanning_gets_the_report_or_is_done_without() {
    let fake = Fake::start();
    let seen = step(&published(with_findings(1).input("upload-sarif", "true"), &fake));
    assert_eq!(seen.output("sarif-id").as_deref(), Some("47177e22"));
    let upload = fake.state().uploads[0].clone();
    assert_eq!(upload["ref"], "refs/pull/7/merge");
    let fake = Fake::start();
    fake.fail(("POST", "/code-scanning"), (403, "", r#"{"message":"Advanced Security must be enabled"}"#), 1, false);
    let seen = step(&published(with_findings(1).input("upload-sarif", "true"), &fake));
    assert_eq!(seen.code, 1);
    assert!(seen.log.contains("security-events: write"), "{}", seen.log);
}

#[test]
fn only_changed_lines_are_annotated_where_asked() {
    let fake = Fake::start();
    fake.state().files = vec![json!({"filename": "src/calls.ts", "patch": "@@ -0,0 +2,1 @@\n+x"})];
    let seen = step(&published(with_findings(3).input("annotations", "changed"), &fake));
    assert_eq!(seen.code, 1);
    let state = fake.state();
    assert_eq!(state.annotations.iter().map(|one| one["start_line"].clone()).collect::<Vec<_>>(), [2]);
}

#[test]
fn what_a_killed_step_left_in_progress_is_closed_after_it() {
    let fake = Fake::start();
    let repository = published(with_findings(1), &fake);
    let open = json!({"id": 5, "head_sha": repository.head, "status": "in_progress", "external_id": "1000/1/gate/"});
    let other = json!({"id": 6, "head_sha": repository.head, "status": "in_progress", "external_id": "999/1/gate/"});
    fake.state().runs = vec![open, other.clone()];
    let seen = repository.run_as("action-after");
    assert_eq!(seen.code, 0, "{}", seen.log);
    let state = fake.state();
    assert_eq!((state.runs[0]["conclusion"].as_str(), &state.runs[1]), (Some("cancelled"), &other));
}

#[test]
fn names_with_every_odd_letter_and_a_long_report() {
    let fake = Fake::start();
    let repository = Repository::new(&[("README.md", "# x\n")]);
    let odd = [
        "a b",
        "ü",
        "日本",
        "a'b",
        "a\"b",
        "a`b",
        "a|b",
        "a<b>",
        "a&b",
        "%0A",
        "a#b?",
        "@team",
        "::error::x",
        "[x](y)",
        "e\u{301}",
        "\u{202e}gnp",
        "a\nb",
        "\u{1b}[31m",
    ];
    for (number, name) in odd.iter().enumerate() {
        let digits: String = (0..16).map(|place| char::from(b'A' + ((number * 5 + place * 7) % 26) as u8)).collect();
        repository.write(
            &format!("src/{name}/k{}.ts", "x".repeat(100)),
            &format!("const k = '{}{digits}';\n", "AKIA").repeat(40),
        );
    }
    let seen = step(&published(repository.propose().input("only", "no-secrets"), &fake));
    assert_eq!(seen.code, 1, "{}", seen.log);
    keeps_limits(&fake);
    let state = fake.state();
    let body = state.comments[0]["body"].as_str().unwrap();
    assert!(!body.contains("@team") && !body.contains('\u{1b}') && !body.contains('\u{202e}'));
    assert_eq!(body.matches("<details>").count(), body.lines().filter(|line| *line == "</details>").count());
    assert_eq!(state.runs[0]["status"], "completed");
}

#[test]
fn a_run_after_a_tokenless_one_publishes_for_it() {
    let fake = Fake::start();
    let mut repository = published(with_findings(1), &fake);
    let (head, base) = (repository.head.clone(), repository.base.clone());
    *repository.event() = json!({"workflow_run": {"event": "pull_request", "head_sha": head, "pull_requests": [],
        "head_repository": {"full_name": "fork/r"}}});
    repository.set("GITHUB_EVENT_NAME", "workflow_run");
    fake.state().pull = Some(
        json!({"number": 7, "state": "open", "user": {"login": "x"}, "head": {"sha": head, "repo": {"full_name": "fork/r"}},
        "base": {"sha": base, "ref": "main"}}),
    );
    let seen = step(&repository);
    assert_eq!(seen.code, 1, "{}", seen.log);
    {
        let state = fake.state();
        assert_eq!((state.comments.len(), state.runs[0]["head_sha"].as_str()), (1, Some(head.as_str())));
    }
    // A number that somebody has put into the artifact is held against the commit of the run.
    fake.state().pull.as_mut().unwrap()["head"]["sha"] = "e".repeat(40).into();
    let seen = step(&repository.input("pull-request", "8"));
    assert_eq!(seen.code, 2, "{}", seen.log);
    assert!(seen.log.contains("a run of its own reports on it"), "{}", seen.log);
}
