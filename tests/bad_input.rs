//! What nobody should give the gate, through the program as it is started: a clear word, the right exit code, no
//! panic, and nothing in a report that could hurt its reader.

use assert_cmd::Command;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// A folder that is gone with the test.
struct Folder(PathBuf, #[expect(dead_code, reason = "it deletes the folder when it is dropped")] tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        Self(folder.path().to_owned(), folder)
    }

    fn with(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        let file = self.0.join(path);
        fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
        fs::write(file, bytes).expect("a file");
        self
    }
}

/// Exit code, standard output and standard error.
fn gate(arguments: &[&str], path: &Path) -> (i32, String, String) {
    let mut command = Command::cargo_bin("mx-prod-gate").expect("the program was built");
    let output =
        command.arg("check").arg(path).args(["--color", "never", "--today", "2026-11-01"]).args(arguments).output();
    let output = output.expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(!err.contains("panicked") && !out.contains("bug of the gate"), "{err}\n{out}");
    (output.status.code().unwrap_or(-1), out, err)
}

/// The row of one check in the JSON report.
fn row(folder: &Folder, check: &str) -> serde_json::Value {
    let (code, out, err) = gate(&["--format", "json", "--only", check], &folder.0);
    assert!((0..=2).contains(&code), "{code} {err}");
    let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    report["rows"][0].clone()
}

const IGNORE: &str = ".env\n.env.*\n*.key\n";

#[test]
fn a_path_that_is_no_folder_is_bad_use() {
    let (code, out, err) = gate(&[], Path::new("/nonexistent/mx"));
    assert!(code == 2 && out.is_empty() && err.contains("/nonexistent/mx"), "{code} {out} {err}");
    let folder = Folder::new().with("a.txt", "x");
    let (code, out, err) = gate(&[], &folder.0.join("a.txt"));
    assert!(code == 2 && out.is_empty() && err.contains("a.txt"), "{code} {out} {err}");
}

#[test]
fn an_empty_folder_is_judged() {
    let folder = Folder::new();
    let row = row(&folder, "ignored-key-files");
    assert_eq!(row["outcome"], "fail", "{row}");
}

#[test]
fn a_broken_file_is_told_and_every_other_one_is_judged() {
    let bombs = [
        ("broken", "repos: [\n".to_owned()),
        ("deep", format!("repos: {}", "[".repeat(10_000))),
        ("deep-closed", format!("repos: {}{}", "[".repeat(10_000), "]".repeat(10_000))),
    ];
    for (name, text) in bombs {
        let folder = Folder::new().with(".pre-commit-config.yaml", text).with(".gitignore", IGNORE);
        let broken = row(&folder, "secret-commit-hook");
        assert_eq!(broken["outcome"], "error", "{name}: {broken}");
        assert_eq!(broken["evidence"][0]["path"], ".pre-commit-config.yaml", "{name}: {broken}");
        assert_eq!(row(&folder, "ignored-key-files")["outcome"], "pass", "{name}");
    }
}

#[test]
fn aliases_that_stand_for_billions_end_at_once() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    text.push_str("repos: *a29\n");
    let folder = Folder::new().with(".pre-commit-config.yaml", &text).with("k8s/app.yaml", &text);
    let (code, _, err) = gate(&["--quiet"], &folder.0);
    assert!((1..=2).contains(&code), "{code} {err}");
}

#[test]
fn nesting_of_every_format_ends_at_its_bound() {
    let deep = 10_000;
    let folder = Folder::new()
        .with("package.json", format!("{}{}", "{\"a\":".repeat(deep), "}".repeat(deep)))
        .with("Cargo.toml", format!("a = {}{}", "[".repeat(deep), "]".repeat(deep)))
        .with("pom.xml", "<a>".repeat(deep))
        .with("main.tf", format!("a = {}{}", "[".repeat(deep), "]".repeat(deep)))
        .with("run.sh", "$(".repeat(deep))
        .with("src/a.py", format!("a = {}{}", "(".repeat(deep), ")".repeat(deep)))
        .with("src/a.ts", format!("const a = {}{}", "[".repeat(deep), "]".repeat(deep)))
        .with("README.md", "> ".repeat(deep));
    let (code, _, err) = gate(&["--quiet"], &folder.0);
    assert!((1..=2).contains(&code), "{code} {err}");
}

fn in_utf_16(text: &str) -> [Vec<u8>; 2] {
    let wide = |mark: [u8; 2], order: fn(u16) -> [u8; 2]| {
        mark.into_iter().chain(text.encode_utf16().flat_map(order)).collect()
    };
    [wide([0xff, 0xfe], u16::to_le_bytes), wide([0xfe, 0xff], u16::to_be_bytes)]
}

#[test]
fn every_encoding_is_read() {
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("mark", [b"\xef\xbb\xbf", IGNORE.as_bytes()].concat()),
        ("crlf", IGNORE.replace('\n', "\r\n").into_bytes()),
        ("invalid", [b"# \xff\xc3\x28\n", IGNORE.as_bytes()].concat()),
        ("unended", IGNORE.trim_end().as_bytes().to_vec()),
    ];
    for (name, bytes) in cases {
        let folder = Folder::new().with(".gitignore", bytes);
        let row = row(&folder, "ignored-key-files");
        assert_eq!(row["outcome"], "pass", "{name}: {row}");
    }
    for bytes in in_utf_16("FROM node:22-alpine\nUSER node\nCMD [\"node\", \"a.js\"]\n") {
        let row = row(&Folder::new().with("Dockerfile", bytes), "non-root-user");
        assert_eq!(row["outcome"], "pass", "{row}");
    }
}

#[test]
fn git_reads_no_pattern_in_utf_16_and_the_report_says_so() {
    for bytes in in_utf_16(IGNORE) {
        let folder = Folder::new().with(".gitignore", bytes);
        assert_eq!(row(&folder, "ignored-key-files")["outcome"], "fail");
        let (_, out, err) = gate(&[], &folder.0);
        assert!(format!("{out}{err}").contains("git finds no pattern in it"), "{out}{err}");
    }
}

#[test]
fn what_cannot_be_read_is_told_and_keeps_from_nothing_else() {
    let folder = Folder::new().with(".gitignore", IGNORE).with("lefthook.yml", "a: b\n");
    fs::set_permissions(folder.0.join("lefthook.yml"), fs::Permissions::from_mode(0o000)).expect("a mode");
    assert_eq!(row(&folder, "ignored-key-files")["outcome"], "pass");
}

#[test]
fn a_huge_file_costs_nothing() {
    let folder = Folder::new().with(".gitignore", IGNORE);
    let file = fs::File::create(folder.0.join("dump.sql")).expect("a file");
    file.set_len(1 << 30).expect("a sparse file");
    assert_eq!(row(&folder, "ignored-key-files")["outcome"], "pass");
}

#[test]
fn links_are_never_followed() {
    let outside = Folder::new().with("server.key", "0123");
    let folder = Folder::new().with(".gitignore", IGNORE);
    symlink(&outside.0, folder.0.join("out")).expect("a link");
    symlink(&folder.0, folder.0.join("loop")).expect("a link");
    symlink("itself", folder.0.join("itself")).expect("a link");
    symlink("/dev/zero", folder.0.join("Dockerfile")).expect("a link");
    let (code, out, err) = gate(&["--format", "json"], &folder.0);
    assert!((0..=2).contains(&code) && !out.contains("out/server.key"), "{code} {err}");
}

/// Paths that would act on a terminal, a workflow's log or a page.
const HOSTILE: [&str; 7] = [
    "a\nb.key",
    "::error::x.key",
    "<script>alert(1)<#script>.key",
    "\u{1b}[31mred.key",
    "q\"uo'te.key",
    "](javascript:x).key",
    "\u{202e}kcab.key",
];

#[test]
fn a_hostile_path_is_harmless_in_every_report() {
    let mut folder = Folder::new().with(".gitignore", ".env\n");
    for name in HOSTILE {
        folder = folder.with(name, "0123");
    }
    let odd = std::ffi::OsStr::from_bytes(b"\xff\xfe.key");
    fs::write(folder.0.join(odd), "0123").expect("a file");
    for format in ["terminal", "markdown", "sarif", "html", "json"] {
        let (code, out, err) = gate(&["--only", "ignored-key-files", "--format", format], &folder.0);
        assert_eq!(code, 1, "{format}: {err}");
        let letters = out.chars().filter(|letter| letter.is_control() && *letter != '\n' && *letter != '\t');
        assert_eq!(letters.count(), 0, "{format}: a control character in\n{out}");
        assert!(!out.contains('\u{202e}') || matches!(format, "sarif" | "json"), "{format}: text that runs backwards");
        assert!(!out.lines().any(|line| line.trim_start().starts_with("::")), "{format}: a workflow command");
        // Between backticks Markdown takes nothing for markup.
        let markup: String = if format == "markdown" { out.split('`').step_by(2).collect() } else { out.clone() };
        if matches!(format, "markdown" | "html") {
            assert!(!markup.contains("<script>alert"), "{format}: a script");
        }
        assert!(format != "markdown" || !markup.contains("](javascript"), "{format}: a link");
        if matches!(format, "sarif" | "json") {
            serde_json::from_str::<serde_json::Value>(&out).expect(format);
        }
    }
}

#[test]
fn twenty_thousand_files_are_judged() {
    let folder = Folder::new().with(".gitignore", IGNORE);
    for index in 0..200 {
        let below = folder.0.join(format!("d{index}"));
        fs::create_dir(&below).expect("a folder");
        (0..100).for_each(|file| fs::write(below.join(format!("f{file}.txt")), "x\n").expect("a file"));
    }
    assert_eq!(row(&folder, "ignored-key-files")["outcome"], "pass");
}

#[test]
fn a_bad_setting_is_bad_use_with_its_line() {
    for (text, told) in [
        ("fail-no: P1\n", "fail-on"),
        ("fail-on: P7\n", "P7"),
        ("checks:\n  ignored-keyfiles: off\n", "ignored-key-files"),
        ("waivers:\n  - check: rollback\n", "owner"),
        ("a: [\n", ".mx-prod-gate.yml"),
        ("- a list\n", ".mx-prod-gate.yml"),
    ] {
        let folder = Folder::new().with(".mx-prod-gate.yml", text);
        let (code, out, err) = gate(&[], &folder.0);
        assert!(code == 2 && out.is_empty() && err.contains(told), "{text}: {code} {out} {err}");
        assert!(err.contains(".mx-prod-gate.yml"), "{text}: {err}");
    }
}
