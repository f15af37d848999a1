//! Settings files, good and bad: every mistake is told with its line, what is allowed and what was probably meant.

use mx_prod_gate::settings::problem::Problems;
use mx_prod_gate::settings::{FailOn, Settings, read, schema};
use serde_json::json;

const CHECKS: [&str; 4] = ["autoscaling", "key-rotation", "non-root-user", "secret-manager"];

const GOOD: &str = r#"
# what a project decides about its gate
fail-on: P1
manual: block
integration: maintainx
parts:
  - path: services/sync
    shape: service
  - path: packages/sdk
ignore: ["fixtures/**"]
checks:
  autoscaling: off
  non-root-user: P0
  key-rotation: { priority: P2, days: 60 }
client:
  hosts: [maintainx.internal]
  variables: [CMMS_TOKEN]
  files: [src/client/**]
waivers:
  - check: non-root-user
    path: "deploy/legacy/**"
    reason: the old image needs port 80 until the move
    owner: ops@example.com
    expires: 2026-12-31
attestations:
  - check: key-rotation
    by: Ada
    on: 2026-10-01
    evidence: https://example.com/tickets/7
"#;

fn settings(text: &str) -> Result<Settings, Problems> {
    read::read(".mx-prod-gate.yml", text, &CHECKS)
}

fn told(text: &str) -> String {
    settings(text).expect_err("a mistake").render(false)
}

#[test]
fn a_good_file_is_taken_over() {
    let settings = settings(GOOD).map_err(|problems| problems.render(false)).unwrap();
    assert_eq!(settings.fail_on, FailOn::P1);
    assert!(settings.is_off("autoscaling"));
    assert_eq!(settings.number("key-rotation", "days"), 60.0);
    assert!(settings.ignores("fixtures/a/b.yaml"));
    assert_eq!(settings.waivers[0].span.as_ref().unwrap().to_string(), ".mx-prod-gate.yml:20");
    assert_eq!(settings.attestation("key-rotation", "2026-11-01".parse().unwrap()).unwrap().by, "Ada");
    assert!(settings.attestation("key-rotation", "2026-09-01".parse().unwrap()).is_none(), "not yet");
}

#[test]
fn an_empty_file_and_empty_settings_are_the_defaults() {
    for text in ["", "\n", "# nothing\n", "{}", "waivers:\nchecks:\n", "---\n", "\u{feff}fail-on: P0\n"] {
        assert!(settings(text).is_ok(), "{text:?}: {}", told(text));
    }
    assert_eq!(Settings::default().number("key-rotation", "days"), 90.0);
}

#[test]
fn every_mistake_is_told_at_once() {
    insta::assert_snapshot!(told(
        "fail_on: P3\nfail-on: P3\nmanual: true\nignore: docs\nparts: [{path: ../x}, {path: a, shape: sevice}]\n\
         checks:\n  autoscalling: off\n  autoscaling: none\n  key-rotation: { days: 900, day: 3 }\n\
         waivers:\n  - check: non-root\n    path: 'a['\n    expires: 31.12.2026\n  - text\n\
         attestations:\n  - {check: key-rotation, by: ' ', on: 2026-02-30, evidence: see the wiki}\n"
    ));
}

#[test]
fn what_is_no_settings_file_is_told_with_its_line() {
    let cases = [
        "fail-on: [P0\n",
        "a: b: c\n",
        "fail-on: P0\nfail-on: P1\n",
        "- P0\n",
        "just words\n",
        "waivers: &a [*a]\n",
        "fail-on: *nowhere\n",
        "fail-on: P0\n---\nfail-on: P1\n",
        "fail-on: \"\u{1b}[31mP0\u{202e}\"\n",
    ];
    let told: Vec<String> = cases.iter().map(|text| told(text)).collect();
    insta::assert_snapshot!(told.join("\n\n---\n\n"));
}

#[test]
fn a_bomb_or_an_abyss_is_refused_quickly() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        bomb.push_str(&format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", ")));
    }
    assert!(settings(&bomb).is_err());
    assert!(settings(&"[".repeat(10_000)).is_err());
    assert!(settings(&format!("{}x", "a: {".repeat(10_000))).is_err());
    assert!(settings(&(0..10_000).map(|n| format!("{}a{n}:\n", " ".repeat(n))).collect::<String>()).is_err());
}

#[test]
fn our_reader_agrees_with_json_schema() {
    let validator = jsonschema::validator_for(&schema::schema(&CHECKS)).unwrap();
    let agree = |text: &str| {
        let json: serde_json::Value =
            serde_saphyr::from_str_with_options(text, serde_saphyr::options! { strict_booleans: true }).unwrap();
        assert_eq!(validator.is_valid(&json), settings(text).is_ok(), "{text}");
    };
    agree(GOOD);
    let values = [
        json!("P0"),
        json!("off"),
        json!("x"),
        json!(""),
        json!(7),
        json!(-1),
        json!(true),
        json!([]),
        json!({}),
        json!(["a/**"]),
        json!([3]),
        json!([{}]),
        json!({"path": "a"}),
        json!([{"path": "a"}]),
        json!({"autoscaling": "off"}),
        json!({"key-rotation": {"days": 12.5}}),
        json!({"key-rotation": {"days": "12"}}),
        json!({"hosts": ["a"]}),
        json!([{"check": "autoscaling", "path": "**", "reason": "r", "owner": "o", "expires": "2026-12-31"}]),
        json!([{"check": "autoscaling", "path": "**", "reason": " ", "owner": "o", "expires": "2026-12-31"}]),
        json!([{"check": "autoscaling", "path": "**", "reason": "r", "owner": "o"}]),
        json!([{"check": "autoscaling", "by": "b", "on": "2026-12-31", "evidence": "x"}]),
        json!([{"check": "other", "by": "b", "on": "2026-12-31", "evidence": "x"}]),
        json!([{"check": "autoscaling", "by": "b", "on": "2026-12-31", "evidence": "x", "more": 1}]),
    ];
    for name in
        ["fail-on", "manual", "integration", "parts", "ignore", "checks", "client", "waivers", "attestations", "z"]
    {
        for value in &values {
            agree(&json!({ name: value }).to_string());
        }
    }
}
