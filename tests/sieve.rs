//! What the sieve leaves out changes no outcome: every example of every page, and every case that lies beside the
//! project, is judged with and without it.

use mx_prod_gate::checks::CHECKS;
use mx_prod_gate::facts::sieve::Wanted;
use mx_prod_gate::settings::Settings;
use mx_prod_gate::snapshot::Snapshot;
use std::path::Path;

/// What a run says of a tree, row by row, without where an absence was looked for.
fn said(snapshot: &Snapshot) -> Vec<String> {
    let verdict = mx_prod_gate::judge(snapshot, &Settings::default(), "2026-11-01".parse().expect("a date"));
    let rows = verdict.rows.iter();
    let told = rows.map(|row| format!("{}: {:?} {:?} {:?}", row.check, row.outcome, row.findings, row.evidence));
    told.collect()
}

/// The differences that the sieve makes, by name.
fn differences(name: &str, text: &str) -> Vec<String> {
    let whole = Snapshot::from_text(text);
    let sieved = whole.sieved(&Wanted::default());
    let pairs = said(&whole).into_iter().zip(said(&sieved));
    let differing = pairs.filter(|(whole, sieved)| whole != sieved);
    differing.map(|(whole, sieved)| format!("{name}\n  whole:  {whole}\n  sieved: {sieved}")).collect()
}

#[test]
fn no_outcome_of_an_example_depends_on_what_is_left_out() {
    let mut wrong = Vec::new();
    for check in CHECKS {
        for example in check.page.split("\n```repo\n").skip(1) {
            let text = example.split("\n```").next().unwrap_or_default();
            wrong.extend(differences(check.id, text.split("-- expect --").next().unwrap_or_default()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_outcome_of_a_case_depends_on_what_is_left_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = ["../shared/cases", "../../shared/cases"];
    let folders = places.iter().find_map(|place| std::fs::read_dir(root.join(place)).ok());
    let mut wrong = Vec::new();
    for case in folders
        .into_iter()
        .flatten()
        .flatten()
        .flat_map(|folder| std::fs::read_dir(folder.path()).into_iter().flatten().flatten())
    {
        let path = case.path();
        if let Ok(text) = std::fs::read_to_string(&path) {
            wrong.extend(differences(&path.display().to_string(), &text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
