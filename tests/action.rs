//! The action, run as the runner runs it: inputs in the environment, outputs in files.

use assert_cmd::Command;
use std::path::{Path, PathBuf};

struct Job {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Job {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let file = folder.path().join("workspace").join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        std::fs::create_dir_all(folder.path().join("workspace")).unwrap();
        let mut job = Self { folder, variables: Vec::new() };
        job.set("GITHUB_WORKSPACE", &job.at("workspace").display().to_string());
        job.set("GITHUB_OUTPUT", &job.at("output").display().to_string());
        job.set("GITHUB_STEP_SUMMARY", &job.at("summary").display().to_string());
        job.set("GITHUB_SERVER_URL", "https://github.com");
        job.set("GITHUB_REPOSITORY", "o/r");
        job.set("GITHUB_SHA", &"a".repeat(40));
        job
    }

    fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    fn input(mut self, name: &str, value: &str) -> Self {
        self.set(&format!("INPUT_{}", name.to_uppercase()), value);
        self
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.at(path)).unwrap_or_default()
    }

    /// The exit code and the log.
    fn run(&self) -> (i32, String) {
        let mut command = Command::cargo_bin("mx-prod-gate").unwrap();
        command.arg("action").env_clear().current_dir(Path::new("/"));
        let output = command.envs(self.variables.iter().cloned()).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    }

    fn output(&self, name: &str) -> Option<String> {
        let text = self.read("output");
        let (_, rest) = text.split_once(&format!("{name}<<"))?;
        let (delimiter, rest) = rest.split_once('\n')?;
        Some(rest.split_once(&format!("\n{delimiter}\n"))?.0.to_owned())
    }
}

const IGNORED: &str = ".env\n.env.*\n!.env.example\n*.key\n";

#[test]
fn a_failing_check_fails_the_step_and_is_told_everywhere() {
    let job = Job::new(&[("README.md", "# x\n")]).input("only", "ignored-key-files").input("sarif-file", "out.sarif");
    let (code, log) = job.run();
    assert_eq!(code, 1, "{log}");
    assert!(log.starts_with("::group::mx-prod-gate: not ready, 1 check blocks\n"), "{log}");
    assert!(log.contains("::endgroup::\n::error title=P0 ignored-key-files::"), "{log}");
    assert_eq!(job.output("verdict").as_deref(), Some("not-ready"));
    assert_eq!(job.output("blocking").as_deref(), Some("ignored-key-files"));
    assert_eq!(job.output("sarif-file").as_deref(), Some("out.sarif"));
    assert!(job.read("summary").contains("mx-prod-gate: not ready"));
    assert!(job.read("workspace/out.sarif").contains("\"2.1.0\""));
}

#[test]
fn a_ready_repository_passes_and_flags_are_heeded() {
    let job = Job::new(&[(".gitignore", IGNORED)]).input("only", "ignored-key-files").input("summary", "false");
    assert_eq!(job.run().0, 0);
    assert_eq!(job.output("verdict").as_deref(), Some("ready"));
    assert_eq!(job.read("summary"), "");
    let job = Job::new(&[("a", "")]).input("only", "auth").input("fail-on", "never").input("annotations", "false");
    let (code, log) = job.run();
    assert_eq!(code, 0);
    assert!(!log.contains("::error"));
}

#[test]
fn paths_are_those_of_the_workspace_and_lines_are_links() {
    let files =
        [("app/.gitignore", IGNORED), ("app/Dockerfile", "FROM node:22\nUSER root\nCMD [\"node\", \"a.js\"]\n")];
    let job = Job::new(&files).input("path", "app").input("only", "non-root-user").input("fail-on", "P1");
    let (code, log) = job.run();
    assert_eq!(code, 1, "{log}");
    assert!(log.contains("::error file=app/Dockerfile,line=2,"), "{log}");
    let link = format!("https://github.com/o/r/blob/{}/app/Dockerfile#L2", "a".repeat(40));
    assert!(job.read("summary").contains(&link), "{}", job.read("summary"));
}

#[test]
fn bad_inputs_and_settings_are_errors_of_the_step() {
    let cases: [(&str, &str, &str); 6] = [
        ("fail-on", "P9", "allowed are P0, P1, P2, never"),
        ("only", "ignored-key-file", "did you mean `ignored-key-files`?"),
        ("path", "nowhere", "the path nowhere cannot be opened"),
        ("path", "..", "the path .. leaves the workspace"),
        ("summary", "yes", "allowed are true, false"),
        ("config", "none.yml", "none.yml does not exist"),
    ];
    for (input, value, said) in cases {
        let job = Job::new(&[(".gitignore", IGNORED)]).input(input, value);
        let (code, log) = job.run();
        assert_eq!(code, 2, "{log}");
        assert!(log.lines().any(|line| line.starts_with("::error") && line.contains(said)), "{input}: {log}");
    }
    let job = Job::new(&[(".mx-prod-gate.yml", "fail-on: P0\nfail_on: P0\n")]);
    let (code, log) = job.run();
    assert_eq!(code, 2);
    assert!(log.contains("::error file=.mx-prod-gate.yml,line=2,col=1,"), "{log}");
    assert_eq!(job.output("verdict").as_deref(), Some("unknown"));
}

#[test]
fn an_empty_workspace_says_what_to_do_and_missing_files_are_no_crash() {
    let (code, log) = Job::new(&[]).run();
    assert_eq!(code, 2);
    assert!(log.contains("actions/checkout has to come first"), "{log}");
    let mut job = Job::new(&[(".gitignore", IGNORED)]).input("only", "ignored-key-files");
    job.variables.retain(|(name, _)| name != "GITHUB_OUTPUT" && name != "GITHUB_STEP_SUMMARY");
    job.set("GITHUB_OUTPUT", "");
    assert_eq!(job.run().0, 0);
}

#[test]
fn reports_stay_below_the_workspace() {
    for file in ["../out.json", "/etc/out.json", "nowhere/out.json"] {
        let job = Job::new(&[(".gitignore", IGNORED)]).input("only", "ignored-key-files").input("json-file", file);
        assert_eq!(job.run().0, 2, "{file}");
        assert!(!job.at("out.json").exists());
    }
}

#[test]
fn what_the_repository_says_is_no_command() {
    let evil = "a\n::error::x\u{1b}[31m ##[group]y,z:%0A<script>alert(1)</script>/.env";
    let job = Job::new(&[(evil, "A=1\n"), (".gitignore", IGNORED)]).input("only", "ignored-key-files");
    let (_, log) = job.run();
    for line in log.lines() {
        let is_ours = ["::group::mx-prod-gate", "::endgroup::", "::error ", "::warning ", "::notice "];
        let has_command = line.contains("::") || line.contains("##[");
        assert!(!has_command || is_ours.iter().any(|start| line.starts_with(start)), "{line}");
    }
    assert!(!job.read("summary").contains("<script"));
}

#[test]
fn a_cancelled_job_ends_the_process() {
    // A tree that takes a while, so that the signal finds the process at work.
    let many: Vec<(String, String)> =
        (0..3_000).map(|n| (format!("src/{n}.ts"), "export const a = () => fetch('x');\n".repeat(300))).collect();
    let files: Vec<(&str, &str)> = many.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    for (signal, name) in [(libc::SIGINT, "INT"), (libc::SIGTERM, "TERM")] {
        let job = Job::new(&files);
        let program = assert_cmd::cargo::cargo_bin("mx-prod-gate");
        let mut child = std::process::Command::new(program)
            .arg("action")
            .envs(job.variables.iter().cloned())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        await_handler(child.id(), signal);
        let kill = std::process::Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).status();
        assert!(kill.is_ok());
        let status = child.wait().unwrap();
        // A fast machine may have been done before the signal came: then it is the verdict's code.
        assert!(matches!(status.code(), Some(130 | 0 | 1)), "{signal} {status}");
    }
}

/// Waits until the process catches that signal, or has ended.
fn await_handler(id: u32, signal: i32) {
    let caught = |status: String| {
        let mask = status
            .lines()
            .find_map(|line| line.strip_prefix("SigCgt:"))
            .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        // One that has ended and is not waited for has no mask any more.
        mask.is_none_or(|mask| mask & (1 << (signal - 1)) != 0 || status.contains("State:\tZ"))
    };
    while !std::fs::read_to_string(format!("/proc/{id}/status")).map_or(true, caught) {
        std::thread::yield_now();
    }
}

#[test]
fn every_input_and_output_is_described_and_known() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/action.yml")).unwrap();
    let action: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
    let sources = [
        "src/action.rs",
        "src/action/desk.rs",
        "src/action/live.rs",
        "src/action/tools.rs",
        "src/gather/runner.rs",
        "src/publish/order.rs",
    ];
    let source: String = sources.map(|path| std::fs::read_to_string(path).unwrap()).concat();
    for section in ["inputs", "outputs"] {
        for (name, said) in action[section].as_object().unwrap() {
            assert!(said["description"].as_str().is_some_and(|text| text.ends_with('.')), "{name}");
            let is_known =
                source.contains(&format!("\"{name}\"")) || source.contains(&format!("\"{}\"", name.to_uppercase()));
            assert!(is_known, "{name} is not read");
        }
    }
}
