//! A hostile project: each thing that its test script tries, and what came of it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

const SECRET: &str = "s3cr3t-value-of-the-job";

struct Job {
    folder: tempfile::TempDir,
    settings: &'static str,
}

impl Job {
    /// A workspace whose linter is this script. As root, as in the action's container, it belongs to somebody else.
    fn new(script: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("hostile-").tempdir_in("/tmp").unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let job = Self { folder, settings: "tools:\n  timeout: 20s\n  lint:\n    command: sh ./hostile.sh\n" };
        std::fs::create_dir(job.at("workspace")).unwrap();
        for (name, text) in [
            ("workspace/hostile.sh", script),
            ("workspace/a.js", "let x;\n"),
            ("output", ""),
            ("summary", ""),
            ("path", ""),
            ("env", ""),
        ] {
            std::fs::write(job.at(name), text).unwrap();
        }
        std::fs::write(job.at("workspace/.mx-prod-gate.yml"), job.settings).unwrap();
        for name in [
            "workspace",
            "workspace/hostile.sh",
            "workspace/a.js",
            "workspace/.mx-prod-gate.yml",
            "output",
            "summary",
            "path",
            "env",
        ] {
            if is_root() {
                std::os::unix::fs::chown(job.at(name), Some(1001), Some(1001)).unwrap();
            }
        }
        job
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.at(name)).unwrap_or_default()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mx-prod-gate"));
        command.args(["check", ".", "--only", "lint", "--run-tools=lint", "--format", "json"]);
        command.current_dir(self.at("workspace")).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command.env("GITHUB_ACTIONS", "true").env("INPUT_TOKEN", SECRET).env("GITHUB_TOKEN", SECRET);
        command.env("ACTIONS_RUNTIME_TOKEN", SECRET).env("MAINTAINX_API_KEY", SECRET);
        for (name, file) in [("OUTPUT", "output"), ("STEP_SUMMARY", "summary"), ("PATH", "path"), ("ENV", "env")] {
            command.env(format!("GITHUB_{name}"), self.at(file));
        }
        command
    }

    fn run(&self) -> (String, String) {
        let Output { stdout, stderr, .. } = self.command().output().unwrap();
        (String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr).into_owned())
    }
}

fn is_root() -> bool {
    std::process::Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

/// Whether a process with that word in its command line lives.
fn lives(word: &str) -> bool {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.into_iter().any(|line| String::from_utf8_lossy(&line).contains(word))
}

fn without_files(path: &Path, owner: u32) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let entries = std::fs::read_dir(path).unwrap().flatten();
    entries.into_iter().all(|entry| entry.metadata().is_ok_and(|about| about.uid() != owner))
}

#[test]
fn no_secret_is_read_from_the_environment_or_from_the_parents() {
    let job = Job::new(
        "env > seen; cat /proc/$PPID/environ >> seen 2>>refused; cat /proc/$PPID/mem >> seen 2>>refused\n\
         p=$PPID; while [ \"$p\" -gt 1 ]; do cat /proc/$p/environ >> parents 2>>refused; p=$(awk '/PPid/{print $2}' /proc/$p/status); [ -z \"$p\" ] && break; done\n\
         id -u > user; touch made; ls /proc/self/fd > fds; cat /var/run/docker.sock 2>>refused; exit 0\n",
    );
    let (out, log) = job.run();
    let seen = job.read("workspace/seen");
    assert!(seen.contains("HOME=") && !seen.contains(SECRET), "{seen}\n{log}");
    assert!(!seen.contains("GITHUB_") && !seen.contains("INPUT_"), "{seen}");
    assert!(job.read("workspace/refused").contains("ermission denied"), "{}", job.read("workspace/refused"));
    assert!(!out.contains(SECRET) && !log.contains(SECRET));
    assert!(!job.read("workspace/parents").contains(SECRET));
    if is_root() {
        assert_eq!(job.read("workspace/user"), "1001\n");
        assert!(without_files(&job.at("workspace"), 0), "nothing in the workspace belongs to root");
    }
}

#[test]
fn the_files_of_the_runner_stay_as_they_were() {
    let job = Job::new(
        "cd ..; for f in output summary path env; do echo evil=1 >> $f; done; rm summary; ln -s /etc/passwd summary; exit 0\n",
    );
    job.run();
    for name in ["output", "summary", "path", "env"] {
        assert_eq!(job.read(name), "", "{name}");
    }
}

#[test]
fn what_it_prints_is_obeyed_by_nobody() {
    let job = Job::new(
        "printf '::error::evil\\n::set-output name=verdict::ready\\n##[error]evil\\n\\033[2J\\033]0;evil\\007clear\\n::add-mask::a\\n'; exit 0\n",
    );
    let (_, log) = job.run();
    let (_, rest) = log.split_once("::stop-commands::").expect(&log);
    let token = rest.lines().next().unwrap();
    assert!(token.len() >= 32 && rest.contains(&format!("::{token}::")));
    let inside = rest.split(&format!("::{token}::")).next().unwrap().split_once('\n').unwrap().1;
    assert!(!inside.contains("::error") && !inside.contains("##[") && !inside.contains('\u{1b}'), "{inside:?}");
    assert!(inside.contains("clear"));
}

#[test]
fn megabytes_end_it() {
    let job = Job::new("exec yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n");
    let (out, log) = job.run();
    assert!(log.len() < 3 << 20, "{} bytes of log", log.len());
    assert!(out.contains("wrote too much") && !out.contains("\"outcome\": \"pass\""), "{out}");
}

#[test]
fn nothing_outlives_it_and_what_it_does_later_comes_too_late() {
    let word = format!("hostile-daemon-{}", std::process::id());
    let job = Job::new(&format!(
        "setsid sh -c 'while :; do sleep 1; echo evil=1 >> ../output; done; : {word}' >/dev/null 2>&1 &\n\
         (setsid setsid sh -c 'sleep 300; : {word}' &) ; sleep 1; exit 0\n"
    ));
    job.run();
    assert!(!lives(&word));
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(job.read("output"), "");
}

#[test]
fn a_bomb_of_forks_is_ended() {
    let word = format!("30.000{}", std::process::id());
    // Bounded, so that a machine that runs these tests lives on whatever becomes of them.
    let job = Job::new(&format!("i=0; while [ $i -lt 2600 ]; do sleep {word} & i=$((i+1)); done; sleep 60\n"));
    let begun = Instant::now();
    let (out, log) = job.run();
    assert!(begun.elapsed() < Duration::from_secs(50), "{:?} {log}", begun.elapsed());
    assert!(out.contains("too many processes") || out.contains("took too long"), "{out}");
    assert!(!lives(&word));
}

#[test]
fn settings_that_are_changed_by_the_run_change_nothing() {
    let job = Job::new(
        "printf 'checks:\\n  lint: off\\n' > .mx-prod-gate.yml; echo '[]' > eslint.json; rm a.js; echo no; exit 1\n",
    );
    let (out, _) = job.run();
    assert!(out.contains("ended with 1") && out.contains("\"outcome\": \"fail\""), "{out}");
}

#[test]
fn a_report_that_is_a_link_is_not_followed() {
    let job = Job::new("exit 0\n");
    std::fs::write(job.at("secret"), "[]").unwrap();
    std::os::unix::fs::symlink(job.at("secret"), job.at("workspace/eslint.json")).unwrap();
    std::fs::write(job.at("workspace/package.json"), "{}").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mx-prod-gate"));
    let output =
        command.args(["check", "--only", "lint", "--format", "json"]).arg(job.at("workspace")).output().unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(out.contains("symbolic link") && out.contains("\"outcome\": \"error\""), "{out}");
}

#[test]
fn a_cancelled_run_leaves_nothing() {
    let word = format!("hostile-sleeper-{}", std::process::id());
    let job = Job::new(&format!("setsid sh -c 'sleep 300; : {word}' & sleep 300; : {word}\n"));
    let mut child =
        job.command().stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !lives(&word) && begun.elapsed() < Duration::from_secs(15) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let kill = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let status = child.wait().unwrap();
    assert!(matches!(status.code(), Some(130 | 2)), "{status}");
    assert!(!lives(&word));
}
