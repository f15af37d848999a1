//! Every report of one verdict that has everything in it, and of one whose every word is hostile.

use mx_prod_gate::check::{Area, Check};
use mx_prod_gate::evidence::Evidence;
use mx_prod_gate::facts::Facts;
use mx_prod_gate::outcome::{Outcome, Priority};
use mx_prod_gate::report::{Format, Place, Terminal, annotations, comment, render, schema, summary};
use mx_prod_gate::settings::{IntegrationKind, Settings, Shape, read};
use mx_prod_gate::snapshot::Snapshot;
use mx_prod_gate::verdict::{Case, Decision, LeftOut, LeftOutBy, Repository, Verdict, decide};
use proptest::prelude::*;

const PAGE: &str = "# x\n\n## Why\n\nA key in a `repository` belongs to everyone.\n\n## Fix\n\nTake it out, and make a new one.\n\n## Examples\n\nnone\n";

const fn check(id: &'static str, title: &'static str, area: Area, priority: Priority) -> Check {
    Check { id, title, area, priority, reads: &[], page: PAGE, judge: never }
}

fn never(_: &Facts) -> Outcome {
    Outcome::not_applicable("not asked")
}

static SECRETS: Check = check("secret-manager", "The API key comes from a secret manager", Area::Auth, Priority::P0);
static IGNORED: Check = check("ignored-key-files", "Key files cannot be committed", Area::Auth, Priority::P0);
static ROTATION: Check = check("key-rotation", "API keys are rotated every 90 days", Area::Auth, Priority::P1);
static ROLLBACK: Check = check("rollback", "There is a rollback procedure", Area::Recovery, Priority::P2);
static ALERTS: Check = check("alerts", "Alerts watch errors, latency and lag", Area::Observability, Priority::P1);
static ROOT: Check =
    check("non-root-user", "The container runs as a user other than root", Area::Deployment, Priority::P1);
static LIMITS: Check = check("resource-limits", "CPU and memory are limited", Area::Deployment, Priority::P1);
static SCALING: Check = check("autoscaling", "It scales, and never to zero", Area::Deployment, Priority::P1);

const TREE: &str = "-- README.md --\n# app\n-- .gitignore --\n.env\n-- Dockerfile --\nFROM node:22\nUSER root\n\
    -- old/Dockerfile --\nFROM node:18\nUSER 0\n-- k8s/app.yaml --\nkind: Deployment\n  password: hunter2hunter2\n";

const SETTINGS: &str = "waivers:\n  - {check: non-root-user, path: 'old/**', reason: moves in May, owner: Ada, expires: 2026-11-09}\n\
    \x20 - {check: resource-limits, path: '**', reason: test cluster, owner: Bo, expires: 2026-12-31}\n\
    \x20 - {check: autoscaling, path: 'x/**', reason: r, owner: Cy, expires: 2026-12-31}\n\
    attestations:\n  - {check: key-rotation, by: Ada, on: 2026-10-01, evidence: 'https://example.com/7'}\n\
    \x20 - {check: rollback, by: Bo, on: 2026-01-01, evidence: docs/drill.md}\n";

const IDS: [&str; 8] = [
    "secret-manager",
    "ignored-key-files",
    "key-rotation",
    "rollback",
    "alerts",
    "non-root-user",
    "resource-limits",
    "autoscaling",
];

fn verdict() -> Verdict {
    let snapshot = Snapshot::from_text(TREE);
    let settings = read::read(".mx-prod-gate.yml", SETTINGS, &IDS).map_err(|problems| problems.render(false)).unwrap();
    let line = |path: &str, number| snapshot.blob(path).unwrap().line(number);
    let root = [
        Evidence::at(line("Dockerfile", 2), "the last USER is root"),
        Evidence::at(line("old/Dockerfile", 2), "the last USER is 0"),
    ];
    let rulings = vec![
        (&SECRETS, Outcome::fail([Evidence::at(line("k8s/app.yaml", 2), "a literal password")])),
        (
            &IGNORED,
            Outcome::fail([Evidence::absent([".gitignore"], "no pattern ignores server.key")])
                .with_remark("both are needed"),
        ),
        (&ROTATION, Outcome::manual("nothing in the repository rotates the key", [])),
        (&ROLLBACK, Outcome::manual("a drill is needed", [])),
        (
            &ALERTS,
            Outcome::error("a file that had to be read could not be")
                .with_evidence([Evidence::at(line("k8s/app.yaml", 1), "no valid YAML: x")]),
        ),
        (&ROOT, Outcome::fail(root)),
        (&LIMITS, Outcome::fail([Evidence::absent(["k8s/**"], "no limit on memory")])),
        (
            &SCALING,
            Outcome::pass([Evidence::at(line("k8s/app.yaml", 1), "at least 2 copies")])
                .with_advice([Evidence::at(line("README.md", 1), "a near miss")]),
        ),
    ];
    let repository = Repository {
        integration: IntegrationKind::Maintainx,
        shows: vec![Evidence::at(line("README.md", 1), "names MaintainX")],
        shape: vec![Shape::Service, Shape::Job],
        unread: vec![Evidence::at(line("k8s/app.yaml", 1), "no valid YAML: x")],
    };
    let case = Case { snapshot: &snapshot, settings: &settings, today: jiff::civil::date(2026, 11, 1) };
    decide(case, repository, rulings, vec![LeftOut { check: "pagination", by: LeftOutBy::Flag }])
}

fn plain(verdict: &Verdict, format: Format) -> String {
    anstream::adapter::strip_str(&render(verdict, format, Terminal { width: 100, quiet: false })).to_string()
}

#[test]
fn waivers_and_attestations_lie_over_outcomes() {
    let verdict = verdict();
    let row = |check: &str| verdict.rows.iter().find(|row| row.check == check).unwrap();
    assert_eq!(verdict.verdict, Decision::NotReady);
    assert!(row("resource-limits").is_waived() && !row("non-root-user").is_waived());
    assert_eq!(row("non-root-user").findings.iter().map(|finding| finding.waived).collect::<Vec<_>>(), [false, true]);
    assert!(row("key-rotation").is_attested() && !row("rollback").is_attested());
    assert_eq!((verdict.counts.waived, verdict.counts.attested, verdict.counts.blocking), (1, 1, 2));
    let notices: Vec<&str> = verdict.notices.iter().map(|notice| notice.kind.word()).collect();
    assert_eq!(notices, ["waiver that ends soon", "stale waiver", "expired attestation"]);
    assert!(!plain(&verdict, Format::Json).contains("hunter2"), "a secret is not repeated");
}

#[test]
fn the_reports_of_one_verdict() {
    for format in Format::ALL {
        insta::with_settings!({ filters => [(env!("CARGO_PKG_VERSION"), "[version]")] }, {
            insta::assert_snapshot!(format.word(), plain(&verdict(), format));
        });
    }
}

#[test]
fn quiet_tells_the_verdict_and_what_blocks() {
    let text = render(&verdict(), Format::Terminal, Terminal { width: 60, quiet: true });
    let text = anstream::adapter::strip_str(&text).to_string();
    assert!(text.contains("NOT READY") && text.contains("secret-manager") && !text.contains("autoscaling"));
}

#[test]
fn sarif_is_valid() {
    // The official schema lies beside the project on the machines that build it.
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/rigs/sarif-2.1.0-rtm.6.json");
    let beside = ["/work/shared/rigs/sarif-2.1.0-rtm.6.json", path]
        .into_iter()
        .find_map(|path| std::fs::read_to_string(path).ok());
    let Some(text) = beside else { return };
    let validator = jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap();
    for verdict in [verdict(), hostile("a\n::error::<script>\u{1b}[31m|`@x %")] {
        let sarif = serde_json::from_str(&plain(&verdict, Format::Sarif)).unwrap();
        let errors: Vec<String> = validator.iter_errors(&sarif).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
}

#[test]
fn the_json_report_keeps_its_committed_schema() {
    let committed = committed("report", &schema());
    let validator = jsonschema::validator_for(&committed).unwrap();
    let report = serde_json::from_str(&plain(&verdict(), Format::Json)).unwrap();
    let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn the_settings_keep_their_committed_schema() {
    let schema = mx_prod_gate::settings::schema::schema(&mx_prod_gate::checks::ids());
    committed("settings", &schema);
}

/// The committed schema, which is the one that the types make. `UPDATE_EXPECT=1` writes it.
fn committed(name: &str, made: &serde_json::Value) -> serde_json::Value {
    let path = format!("{}/schemas/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = serde_json::to_string_pretty(made).unwrap() + "\n";
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(committed == text, "{path} is old: UPDATE_EXPECT=1 cargo test --test reports writes it anew");
    serde_json::from_str(&committed).unwrap()
}

#[test]
fn a_fingerprint_survives_moved_lines_and_tells_twins_apart() {
    let fingerprints = |text: &str, lines: [u32; 2]| {
        let snapshot = Snapshot::from_text(&format!("-- a --\n{text}"));
        let settings = Settings::default();
        let findings = lines.map(|number| Evidence::at(snapshot.blob("a").unwrap().line(number), "x"));
        let case = Case { snapshot: &snapshot, settings: &settings, today: jiff::civil::date(2026, 11, 1) };
        let verdict = decide(case, Repository::default(), vec![(&ROOT, Outcome::fail(findings))], Vec::new());
        verdict.rows[0].findings.iter().map(|finding| finding.fingerprint.clone()).collect::<Vec<_>>()
    };
    let before = fingerprints("get(x)\nget(x)\n", [1, 2]);
    assert_ne!(before[0], before[1]);
    assert_eq!(before, fingerprints("\n// more\n  get(x)\nput(y)\nget(x)\n", [3, 5]));
}

/// A verdict whose every word from the repository is the same hostile text.
fn hostile(text: &str) -> Verdict {
    let mut snapshot = Snapshot::default();
    // The parser of test repositories takes no line ends in paths; an entry does.
    snapshot.insert_text(text, &format!("{text}\n"));
    let settings = Settings::default();
    let here = || Evidence::at(snapshot.blob(text).unwrap().line(1), text);
    let rulings = vec![
        (&SECRETS, Outcome::fail([here(), Evidence::absent([text], text)]).with_remark(text).with_advice([here()])),
        (&ALERTS, Outcome::error(text).with_evidence([here()])),
        (&ROOT, Outcome::manual(text, [here()])),
        (&LIMITS, Outcome::pass([here()])),
    ];
    let repository = Repository { shows: vec![here()], unread: vec![here()], ..Repository::default() };
    let case = Case { snapshot: &snapshot, settings: &settings, today: jiff::civil::date(2026, 11, 1) };
    decide(case, repository, rulings, Vec::new())
}

fn nasty() -> impl Strategy<Value = String> {
    let pieces = [
        "a",
        " ",
        "\n",
        "\r",
        "\u{1b}[31m",
        "\u{1b}]0;x\u{7}",
        "\u{202e}",
        "::error::",
        "##[group]",
        "%0A",
        "@user",
        "#12",
        "`",
        "```",
        "|",
        "<script>",
        "</details>",
        "\"",
        "'",
        "&",
        "\\",
        "*",
        "_",
        "[x](y)",
        "https://x.y",
        ",",
        ":",
        "\u{0}",
        "é",
        "\u{9b}",
        "-->",
        "{{x}}",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 1..10)
        .prop_map(|pieces| format!("p{}", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn nothing_of_the_repository_escapes(text in nasty()) {
        let verdict = hostile(&text);
        for format in Format::ALL {
            let report = plain(&verdict, format);
            let unseen = |letter: char| (letter.is_control() && letter != '\n') || "\u{202e}\u{2028}".contains(letter);
            prop_assert!(!report.chars().any(unseen), "{:?}: {:?}", format, report);
        }
        prop_assert!(!plain(&verdict, Format::Html).contains("<script"));
        prop_assert!(comment(&verdict, Place::default()).len() < 65_536);
        let markdown = summary(&verdict, Some("https://github.com/o/r/blob/x/"));
        prop_assert_eq!(markdown.matches("<details>").count(), markdown.lines().filter(|line| *line == "</details>").count());
        for event in pulldown_cmark::Parser::new_ext(&markdown, pulldown_cmark::Options::ENABLE_TABLES) {
            use pulldown_cmark::{Event, Tag};
            match event {
                Event::Start(Tag::Link { dest_url, .. }) => prop_assert!(dest_url.starts_with("https://github.com/o/r/blob/x/")),
                Event::Start(Tag::Image { .. }) => prop_assert!(false, "an image"),
                Event::Html(html) | Event::InlineHtml(html) => {
                    prop_assert!(html.trim().starts_with("<details>") || html.trim() == "</details>", "{}", html);
                }
                Event::Text(text) => prop_assert!(!text.contains("@user"), "{}", text),
                _ => {}
            }
        }
        for line in annotations::render(&verdict).lines() {
            prop_assert!(line.starts_with("::error ") || line.starts_with("::warning ") || line.starts_with("::notice "), "{}", line);
            let properties = line.split("::").nth(1).unwrap_or_default();
            prop_assert!(properties.split(',').all(|each| each.contains('=')), "{}", line);
        }
    }
}

#[test]
fn annotations_stay_within_what_the_runner_keeps() {
    let snapshot = Snapshot::from_text("-- a --\nx\n");
    let settings = Settings::default();
    let findings = (0..40).map(|_| Evidence::at(snapshot.blob("a").unwrap().line(1), "x"));
    let case = Case { snapshot: &snapshot, settings: &settings, today: jiff::civil::date(2026, 11, 1) };
    let verdict = decide(case, Repository::default(), vec![(&SECRETS, Outcome::fail(findings))], Vec::new());
    let text = annotations::render(&verdict);
    assert_eq!(text.lines().filter(|line| line.starts_with("::error")).count(), 10);
    assert!(text.ends_with("::31 more are in the report\n"), "{text}");
}
