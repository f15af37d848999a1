//! The gate passes its own gate, under its own settings.

use mx_prod_gate::facts::sieve::Wanted;
use mx_prod_gate::gather::{policy, tree};
use mx_prod_gate::outcome::Conclusion;
use mx_prod_gate::settings::read;
use mx_prod_gate::verdict::Decision;
use std::path::Path;

/// The day of the judgement; waivers and attestations are held against it.
const TODAY: &str = "2026-11-24";

#[test]
fn the_gate_passes_its_own_gate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (path, text) = policy::find(root, None).expect("the settings can be read").expect("there are settings");
    let ids: Vec<&str> = mx_prod_gate::checks::CHECKS.iter().map(|check| check.id).collect();
    let settings = read::read(&path, &text, &ids).expect("the settings are valid");
    let snapshot = tree::gather(root, &Wanted::default()).expect("the tree can be read");
    let verdict = mx_prod_gate::judge(&snapshot, &settings, TODAY.parse().expect("a date"));
    let failing = verdict.rows.iter().filter(|row| matches!(row.outcome, Conclusion::Fail | Conclusion::Error));
    let told: Vec<String> = failing
        .filter(|row| !row.is_waived())
        .map(|row| format!("{}: {:#?} {:?}", row.check, row.findings, row.remark))
        .collect();
    assert!(verdict.verdict == Decision::Ready && told.is_empty(), "{}", told.join("\n"));
    assert!(verdict.notices.is_empty(), "a waiver or attestation matches nothing: {:#?}", verdict.notices);
}
