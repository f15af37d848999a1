//! The command line from outside: formats, files, flags, bad use, and readers that leave early.

use assert_cmd::Command;
use std::path::Path;

fn gate(folder: &Path, words: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("mx-prod-gate").unwrap().current_dir(folder).args(words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    folder
}

const IGNORED: (&str, &str) = (".gitignore", ".env\n.env.*\n!.env.example\n*.key\n");
const ONLY: [&str; 4] = ["check", ".", "--only", "ignored-key-files"];

#[test]
fn the_exit_code_is_the_verdict_in_every_format() {
    let (good, bad) = (tree(&[IGNORED]), tree(&[("a", "")]));
    for format in ["terminal", "json", "sarif", "markdown", "html", "annotations"] {
        let words = [&ONLY[..], &["--format", format]].concat();
        assert_eq!(gate(good.path(), &words).0, 0, "{format}");
        assert_eq!(gate(bad.path(), &words).0, 1, "{format}");
    }
    assert_eq!(gate(bad.path(), &[&ONLY[..], &["--fail-on", "never"]].concat()).0, 0);
}

#[test]
fn several_reports_are_written_in_one_run() {
    let folder = tree(&[IGNORED]);
    let words = [&ONLY[..], &["--report", "sarif=a.sarif", "--report", "json=a.json", "-o", "a.txt"]].concat();
    let (code, out, _) = gate(folder.path(), &words);
    assert_eq!((code, out.as_str()), (0, ""));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("a.sarif").contains("2.1.0") && read("a.json").contains("\"schema\": 1"));
    assert!(read("a.txt").starts_with("READY") && !read("a.txt").contains('\u{1b}'));
}

#[test]
fn colour_is_for_terminals_unless_it_is_asked_for() {
    let folder = tree(&[IGNORED]);
    assert!(!gate(folder.path(), &ONLY).1.contains('\u{1b}'));
    assert!(gate(folder.path(), &[&ONLY[..], &["--color", "always"]].concat()).1.contains('\u{1b}'));
    let json = [&ONLY[..], &["--color", "always", "--format", "json"]].concat();
    assert!(!gate(folder.path(), &json).1.contains('\u{1b}'));
}

#[test]
fn bad_use_ends_with_two_and_says_what_was_meant() {
    let folder = tree(&[IGNORED, ("b/.mx-prod-gate.yml", "fail_on: P0\n"), ("c/.mx-prod-gate.yaml", "")]);
    for path in ["d/.mx-prod-gate.yml", "d/.github/.mx-prod-gate.yml"] {
        std::fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
        std::fs::write(folder.path().join(path), "").unwrap();
    }
    let cases: [(&[&str], &str); 13] = [
        (&["check", "nowhere"], "nowhere cannot be opened"),
        (&["check", ".gitignore"], "is not a folder"),
        (&["check", "--only", "ignored-key-file"], "did you mean `ignored-key-files`?"),
        (&["check", "--skip", "zzz"], "there is no check `zzz`"),
        (&["check", "--format", "yaml"], "possible values"),
        (&["check", "--fail-on", "P3"], "P0, P1, P2, never"),
        (&["check", "--report", "serif=x"], "did you mean `sarif`?"),
        (&["check", "--today", "tomorrow"], "tomorrow"),
        (&["check", "--config", "none.yml"], "none.yml does not exist"),
        (&["check", "b"], "did you mean `fail-on`?"),
        (&["check", "c"], "name it .mx-prod-gate.yml"),
        (&["check", "d"], "both exist: keep one of them"),
        (&["explain", "ignored-keys"], "did you mean `ignored-key-files`?"),
    ];
    for (words, said) in cases {
        let (code, out, err) = gate(folder.path(), words);
        assert_eq!(code, 2, "{words:?}");
        assert!(err.contains(said) && out.is_empty(), "{words:?}: {err}");
    }
}

#[test]
fn settings_decide_and_today_ends_waivers() {
    let waiver = "waivers:\n  - {check: ignored-key-files, path: '**', reason: r, owner: Ada, expires: 2026-12-31}\n";
    let folder = tree(&[("a", ""), (".mx-prod-gate.yml", waiver)]);
    assert_eq!(gate(folder.path(), &[&ONLY[..], &["--today", "2026-12-31"]].concat()).0, 0);
    let (code, out, _) = gate(folder.path(), &[&ONLY[..], &["--today", "2027-01-01"]].concat());
    assert_eq!(code, 1);
    assert!(out.contains("the waiver of Ada ended on 2026-12-31"), "{out}");
    let off = tree(&[("a", ""), (".github/.mx-prod-gate.yml", "checks: {ignored-key-files: off}\n")]);
    let (_, out, _) = gate(off.path(), &["check", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(report["rows"].as_array().unwrap().iter().all(|row| row["check"] != "ignored-key-files"));
    assert!(report["left_out"].as_array().unwrap().iter().any(|left| left["check"] == "ignored-key-files"));
    // What is ignored is not judged, and the report says so.
    let ignoring = tree(&[IGNORED, ("Dockerfile", "FROM node:22\n"), (".mx-prod-gate.yml", "ignore: [Dockerfile]\n")]);
    let (_, out, _) = gate(ignoring.path(), &["check", "--only", "non-root-user"]);
    assert!(out.contains("not applicable") && out.contains("1 file is not judged"), "{out}");
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let program = assert_cmd::cargo::cargo_bin("mx-prod-gate");
    let line = format!("{0} list | head -1; {0} check . --only auth --format json | head -1", program.display());
    let output = std::process::Command::new("sh").args(["-c", &line]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn explain_list_schema_completions_and_man_are_there() {
    let folder = tree(&[]);
    let out = |words: &[&str]| {
        let (code, out, err) = gate(folder.path(), words);
        assert_eq!(code, 0, "{words:?}: {err}");
        out
    };
    assert!(out(&["explain", "ignored-key-files"]).contains("## Why"));
    assert!(out(&["explain"]).contains("ignored-key-files"));
    let list: serde_json::Value = serde_json::from_str(&out(&["list", "--format", "json"])).unwrap();
    assert!(list.as_array().unwrap().iter().any(|check| check["check"] == "ignored-key-files"));
    for of in ["settings", "report"] {
        let schema: serde_json::Value = serde_json::from_str(&out(&["schema", of])).unwrap();
        assert!(jsonschema::validator_for(&schema).is_ok());
    }
    assert!(out(&["completions", "bash"]).contains("mx-prod-gate"));
    assert!(out(&["man"]).contains(".TH mx-prod-gate"));
    assert!(out(&["explain", "ignored-key-files", "--color", "always"]).contains('\u{1b}'));
}
