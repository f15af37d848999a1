//! Our figures against those of the tools themselves, on the reports in `tests/tools`, and commands of hostile projects.

use mx_prod_gate::snapshot::Snapshot;
use mx_prod_gate::verdict::{Row, Verdict};
use std::path::{Path, PathBuf};

mod hostile;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools")
}

/// A project of `tests/tools` with one of its reports.
fn judged(project: &str, gate: &str, report: &str) -> Verdict {
    let mut snapshot = Snapshot::default();
    add(&folder().join(project), "", &mut snapshot);
    let text = std::fs::read_to_string(folder().join(project).join("reports").join(report)).unwrap();
    snapshot.insert_text(&format!("@tools/{gate}/{report}"), &text);
    let settings = mx_prod_gate::settings::Settings::default();
    mx_prod_gate::judge(&snapshot, &settings, "2026-11-01".parse().unwrap())
}

fn add(folder: &Path, below: &str, snapshot: &mut Snapshot) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let (path, name) = (entry.path(), format!("{below}{}", entry.file_name().to_string_lossy()));
        if path.is_dir() && name != "reports" {
            add(&path, &format!("{name}/"), snapshot);
        } else if let (true, Ok(text)) = (path.is_file(), std::fs::read_to_string(&path)) {
            snapshot.insert_text(&name, &text);
        }
    }
}

fn row<'a>(verdict: &'a Verdict, check: &str) -> &'a Row {
    verdict.rows.iter().find(|row| row.check == check).unwrap()
}

#[test]
fn percentages_are_those_of_the_tools() {
    // Branches, lines, functions, statements, as the tool prints them (`.said`).
    let jest = "branches 55.55 %, lines 78.94 %, functions 60.00 %, statements 75.00 %";
    let without_statements = "branches 55.55 %, lines 78.94 %, functions 60.00 %";
    let c8 = "branches 73.33 %, lines 82.50 %, functions 60.00 %";
    let vitest = "branches 71.42 %, lines 82.85 %, functions 60.00 %";
    let cases = [
        ("js", "jest-coverage-final.json", jest),
        ("js", "jest-lcov.info", without_statements),
        // It lists 17 of the 18 branches that it counts (55.55 %): the 18th is on a line without a statement.
        ("js", "jest-cobertura-coverage.xml", "branches 52.94 %, lines 78.94 %"),
        ("js", "jest-clover.xml", "branches 55.55 %"),
        ("js", "jest-coverage-summary.json", "branches 55.55 %, lines 78.94 %, functions 60.00 %, statements 75.00 %"),
        ("js", "nyc-coverage-final.json", jest),
        ("js", "nyc-lcov.info", without_statements),
        ("js", "c8-coverage-final.json", c8),
        ("js", "c8-lcov.info", c8),
        ("js", "vitest-coverage-final.json", vitest),
        ("js", "vitest-lcov.info", vitest),
        ("py", "coverage.json", "branches 80.00 %, lines 81.25 %"),
        ("py", "coverage.xml", "branches 80.00 %, lines 81.25 %"),
        ("py", "lcov.info", "branches 80.00 %, lines 81.25 %"),
        ("py", "lines-coverage.json", "lines 81.25 %; branches were left out of the measurement, so lines are judged"),
        ("go", "coverage.out", "statements 69.23 %; no branches were counted, so statements are judged"),
        ("c", "lcov.info", "branches 58.33 %, lines 70.00 %, functions 66.66 %"),
        ("ruby", ".resultset.json", "branches 66.66 %, lines 87.50 %"),
        ("ruby", ".last_run.json", "branches 66.66 %, lines 87.50 %"),
        ("php", "clover.xml", "lines 50.00 %, functions 0.00 %, statements 50.00 %"),
        ("php", "cobertura.xml", "lines 50.00 %"),
    ];
    let mut wrong = Vec::new();
    for (project, report, expected) in cases {
        let verdict = judged(project, "coverage", report);
        let row = row(&verdict, "coverage");
        let said = row.remark.clone().unwrap_or_default();
        if !said.contains(expected) {
            wrong.push(format!(
                "{project}/{report}: {} {said}, expected {expected} {:?}",
                row.outcome.word(),
                row.evidence
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn errors_are_as_many_as_the_tools_count_each_on_its_line() {
    type Case = (&'static str, &'static str, &'static str, usize, &'static str, &'static [u32]);
    let cases: &[Case] = &[
        ("js", "lint", "eslint.json", 4, "bad.js", &[2, 3, 3, 4]),
        ("js", "types", "tsc.log", 3, "bad.ts", &[1, 4, 7]),
        ("js", "types", "tsc-pretty.log", 3, "bad.ts", &[1, 4, 7]),
        ("py", "lint", "ruff.json", 4, "bad.py", &[1, 2, 6, 11]),
        ("py", "lint", "ruff.sarif", 4, "bad.py", &[1, 2, 6, 11]),
        ("py", "lint", "flake8.txt", 4, "bad.py", &[1, 2, 6, 11]),
        ("py", "lint", "flake8.json", 4, "bad.py", &[1, 2, 6, 11]),
        ("py", "types", "mypy.txt", 3, "bad.py", &[7, 14, 14]),
        ("py", "types", "mypy.json", 3, "bad.py", &[7, 14, 14]),
        ("py", "types", "pyright.json", 4, "bad.py", &[7, 11, 14, 14]),
        ("go-vet", "lint", "vet.txt", 3, "bad.go", &[7, 9, 10]),
        ("ruby", "lint", "rubocop.json", 2, "lib/orders.rb", &[]),
    ];
    let mut wrong = Vec::new();
    for (project, gate, report, count, path, lines) in cases {
        let verdict = judged(project, gate, report);
        let row = row(&verdict, gate);
        let mut seen: Vec<u32> = Vec::new();
        let mut paths = row.findings.iter().filter_map(|finding| finding.path());
        let is_there = paths.all(|found| found == *path);
        for finding in &row.findings {
            let gist = finding.gist();
            let line: Option<u32> =
                gist.strip_prefix(&format!("{path}:")).and_then(|rest| rest.split(' ').next()?.parse().ok());
            seen.extend(line);
        }
        if row.findings.len() != *count || !is_there || (!lines.is_empty() && seen != *lines) {
            wrong.push(format!("{project}/{report}: {} {seen:?} {:?}", row.findings.len(), row.evidence));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
