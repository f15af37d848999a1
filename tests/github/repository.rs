//! A repository with a base branch and a proposal, and the step of the gate as the runner starts it.

use assert_cmd::Command;
use serde_json::{Value, json};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// What every test repository begins with: a blocking check that fails, and the workflow that runs the gate.
pub const BASE: &[(&str, &str)] = &[
    ("README.md", "# app\n"),
    (".mx-prod-gate.yml", "fail-on: P1\n"),
    ("Dockerfile", "FROM node:22-slim\nUSER root\nCMD [\"node\", \"a.js\"]\n"),
    (".github/workflows/gate.yml", WORKFLOW),
    ("src/a.ts", "export const a = 1;\n"),
];

pub const WORKFLOW: &str = "\
name: Gate
on:
  pull_request:
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
      - uses: mx-prod-gate/mx-prod-gate@0123456789012345678901234567890123456789
        with:
          only: ignored-key-files,non-root-user,no-secrets,request-timeouts
";

/// What was seen of a step.
pub struct Seen {
    pub code: i32,
    pub log: String,
    pub summary: String,
    pub report: Value,
    outputs: String,
}

impl Seen {
    pub fn output(&self, name: &str) -> Option<String> {
        let (_, rest) = self.outputs.split_once(&format!("{name}<<"))?;
        let (delimiter, rest) = rest.split_once('\n')?;
        Some(rest.split_once(&format!("\n{delimiter}\n"))?.0.to_owned())
    }

    /// The changes that the report tells, each in one line.
    pub fn told(&self) -> Vec<String> {
        let changes = self.report.pointer("/proposal/changes").and_then(Value::as_array).cloned().unwrap_or_default();
        let word = |change: &Value, key: &str| change[key].as_str().unwrap_or("-").to_owned();
        changes
            .iter()
            .map(|change| {
                format!(
                    "{} {}:{} {}: {} > {} ({})",
                    word(change, "kind"),
                    word(change, "path"),
                    change["line"],
                    word(change, "key"),
                    word(change, "before"),
                    word(change, "after"),
                    word(change, "what")
                )
            })
            .collect()
    }

    pub fn tells(&self, part: &str) -> bool {
        self.told().iter().any(|told| told.contains(part))
    }

    /// The findings of a check that are not accepted.
    pub fn findings(&self, check: &str) -> Vec<Value> {
        let rows = self.report["rows"].as_array().cloned().unwrap_or_default();
        let row = rows.into_iter().find(|row| row["check"] == check).unwrap_or_default();
        let findings = row["findings"].as_array().cloned().unwrap_or_default();
        findings.into_iter().filter(|finding| finding["waived"] != true).collect()
    }
}

pub struct Repository {
    folder: tempfile::TempDir,
    pub base: String,
    pub head: String,
    pub merge: String,
    variables: Vec<(String, String)>,
    event: Value,
}

impl Repository {
    /// A repository with one commit on its base branch.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("w")).unwrap();
        let mut repository = Self {
            folder,
            base: String::new(),
            head: String::new(),
            merge: String::new(),
            variables: Vec::new(),
            event: Value::Null,
        };
        repository.git(&["init", "-q", "-b", "main"]);
        files.iter().for_each(|(path, text)| repository.write(path, text));
        repository.base = repository.commit("base");
        repository
    }

    pub fn with_base() -> Self {
        Self::new(BASE)
    }

    pub fn top(&self) -> PathBuf {
        self.folder.path().join("w")
    }

    pub fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let file = self.top().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    pub fn remove(&self, path: &str) {
        std::fs::remove_file(self.top().join(path)).unwrap();
    }

    pub fn link(&self, path: &str, target: &str) {
        symlink(target, self.top().join(path)).unwrap();
    }

    pub fn git(&self, words: &[&str]) -> String {
        let mut command = std::process::Command::new("git");
        command.arg("-C").arg(self.top()).args(["-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null"]);
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.com"]).args(words);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        let output = command.output().unwrap();
        assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A", "-f"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Commits what was written as a pull request, and leaves the merge that GitHub tries checked out.
    pub fn propose(mut self) -> Self {
        self.git(&["checkout", "-q", "-b", "feature", &self.base.clone()]);
        self.head = self.commit("proposal");
        self.git(&["checkout", "-q", "--detach", &self.base.clone()]);
        self.git(&["merge", "-q", "--no-ff", "-m", "merge", &self.head.clone()]);
        self.merge = self.git(&["rev-parse", "HEAD"]);
        self.event = json!({
            "action": "synchronize",
            "number": 7,
            "pull_request": {
                "number": 7,
                "user": { "login": "dev" },
                "head": { "sha": self.head, "ref": "feature", "repo": { "full_name": "o/r" } },
                "base": { "sha": self.base, "ref": "main", "repo": { "full_name": "o/r" } },
            },
            "repository": { "full_name": "o/r", "default_branch": "main" },
        });
        let (merge, set) = (self.merge.clone(), [("GITHUB_EVENT_NAME", "pull_request"), ("GITHUB_BASE_REF", "main")]);
        set.iter().for_each(|(name, value)| self.set(name, value));
        self.set("GITHUB_REF", "refs/pull/7/merge");
        self.set("GITHUB_SHA", &merge);
        self
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(each, _)| each != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    pub fn input(mut self, name: &str, value: &str) -> Self {
        self.set(&format!("INPUT_{}", name.to_uppercase()), value);
        self
    }

    pub fn event(&mut self) -> &mut Value {
        &mut self.event
    }

    /// Runs the step.
    pub fn run(&self) -> Seen {
        self.run_as("action")
    }

    pub fn run_as(&self, word: &str) -> Seen {
        for name in ["output", "summary"] {
            std::fs::write(self.at(name), "").unwrap();
        }
        if !self.event.is_null() {
            std::fs::write(self.at("event.json"), self.event.to_string()).unwrap();
        }
        let path = |name: &str| self.at(name).display().to_string();
        let mut command = Command::cargo_bin("mx-prod-gate").unwrap();
        command.arg(word).env_clear().current_dir(Path::new("/"));
        command.env("PATH", "/nonexistent").env("GITHUB_ACTIONS", "true");
        command.env("GITHUB_WORKSPACE", self.top()).env("GITHUB_EVENT_PATH", path("event.json"));
        command.env("GITHUB_OUTPUT", path("output")).env("GITHUB_STEP_SUMMARY", path("summary"));
        command.env("GITHUB_SERVER_URL", "https://github.com").env("GITHUB_REPOSITORY", "o/r");
        command.env("GITHUB_WORKFLOW_REF", "o/r/.github/workflows/gate.yml@refs/pull/7/merge");
        command.env("GITHUB_JOB", "gate").env("INPUT_JSON-FILE", "report.json");
        let output = command.envs(self.variables.iter().cloned()).output().unwrap();
        let report = std::fs::read(self.top().join("report.json")).unwrap_or_default();
        let _ = std::fs::remove_file(self.top().join("report.json"));
        Seen {
            code: output.status.code().unwrap_or(-1),
            log: String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
            summary: std::fs::read_to_string(self.at("summary")).unwrap_or_default(),
            outputs: std::fs::read_to_string(self.at("output")).unwrap_or_default(),
            report: serde_json::from_slice(&report).unwrap_or_default(),
        }
    }
}
