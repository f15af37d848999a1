//! Runs every example on every check's page: a fenced block marked `repo` is a whole repository, its last file
//! `expect` the outcome. `UPDATE_EXPECT=1 cargo test --test pages` rewrites the expectations.

use mx_prod_gate::check::Check;
use mx_prod_gate::checks::CHECKS;
use mx_prod_gate::settings::Settings;
use mx_prod_gate::snapshot::Snapshot;
use mx_prod_gate::verdict::Row;

const TODAY: &str = "2026-11-01";
const EXPECT: &str = "-- expect --\n";

#[test]
fn every_example_is_judged_as_its_page_says() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let only = std::env::var("PAGE").ok();
    let mut wrong = Vec::new();
    for check in CHECKS.iter().filter(|check| only.as_deref().is_none_or(|id| id == check.id)) {
        let (page, differences) = rewritten(check);
        if update && page != check.page {
            std::fs::write(path_of(check), page).expect("the page can be written");
        }
        wrong.extend(differences);
    }
    assert!(update || wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_page_says_why_and_how_and_shows_a_pass_and_a_fail() {
    for check in CHECKS {
        assert!(std::path::Path::new(&path_of(check)).exists(), "{}: its file is named after it", check.id);
        assert!(check.page.starts_with(&format!("# {}\n", check.id)), "{}: the page begins with its name", check.id);
        for heading in ["Why", "Fix"] {
            assert!(!check.section(heading).is_empty(), "{}: no section {heading}", check.id);
        }
        for outcome in ["pass", "fail"] {
            let shown = check.page.contains(&format!("{EXPECT}{outcome}\n"));
            assert!(shown, "{}: no example with the outcome {outcome}", check.id);
        }
    }
}

fn path_of(check: &Check) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    format!("{root}/src/checks/{}/{}.md", check.area.word(), check.id.replace('-', "_"))
}

/// The page with every expectation as it is now, and a message for each that differs.
fn rewritten(check: &Check) -> (String, Vec<String>) {
    let (mut page, mut wrong) = (String::new(), Vec::new());
    let (mut title, mut example) = ("", None::<String>);
    for line in check.page.split_inclusive('\n') {
        match (&mut example, line.trim_end()) {
            (None, "```repo") => {
                page.push_str(line);
                example = Some(String::new());
            }
            (Some(text), "```") => {
                let (tree, expected) = text.split_once(EXPECT).unwrap_or((text, ""));
                let said = said(check, tree);
                if said != expected {
                    wrong.push(format!("{}: {title}\nthe page says:\n{expected}the gate says:\n{said}", check.id));
                }
                page.push_str(&format!("{tree}{EXPECT}{said}{line}"));
                example = None;
            }
            (Some(text), _) => text.push_str(line),
            (None, bare) => {
                title = bare.strip_prefix("### ").unwrap_or(title);
                page.push_str(line);
            }
        }
    }
    (page, wrong)
}

/// The outcome of one check on a tree, as the lines of an expectation.
fn said(check: &Check, tree: &str) -> String {
    let snapshot = Snapshot::from_text(tree);
    let settings = Settings::default();
    let verdict = mx_prod_gate::judge(&snapshot, &settings, TODAY.parse().expect("a date"));
    let row = verdict.rows.iter().find(|row| row.check == check.id).expect("every check has a row");
    lines(row)
}

fn lines(row: &Row) -> String {
    let mut text = format!("{}\n", row.outcome.word());
    for (word, list) in [("finding", &row.findings), ("evidence", &row.evidence), ("advice", &row.advice)] {
        for evidence in list {
            text.push_str(&format!("{word} {} {}\n", evidence.place, evidence.note));
        }
    }
    if let Some(remark) = &row.remark {
        text.push_str(&format!("remark {remark}\n"));
    }
    text
}
