//! What the runner of a workflow says: its inputs and its own variables, read once.

use super::event::{Event, Told, Variables, commit};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The runner's environment, as a step sees it.
#[derive(Debug, Clone, Default)]
pub struct Runner {
    /// The checkout.
    pub workspace: PathBuf,
    /// Where outputs are written; none outside a runner.
    pub output: Option<PathBuf>,
    pub summary: Option<PathBuf>,
    /// The address of the commit's files, where the runner says enough to make one.
    pub files: Option<String>,
    /// The token of the job. It is in no other field.
    pub token: Option<SecretString>,
    event_file: Option<PathBuf>,
    inputs: Vec<(String, String)>,
    /// Those that begin with `GITHUB_`.
    said: BTreeMap<String, String>,
}

/// How the runner begins the name of an input. The rest is the input's name in capitals, hyphens kept.
const INPUT: &str = "INPUT_";
/// The input that hands over the token, in the runner's spelling.
const TOKEN: &str = "GITHUB-TOKEN";
/// The runner's own events have at most a few megabytes.
const LARGEST_EVENT: u64 = 32 << 20;

impl Runner {
    /// Of this process.
    pub fn of_process() -> Self {
        Self::new(std::env::vars_os())
    }

    /// Of any list of variables. What is not valid Unicode is passed over, except in paths.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut runner = Self::default();
        for (name, value) in variables {
            let Some(name) = name.to_str() else { continue };
            let text = || value.to_str().unwrap_or_default().trim().to_owned();
            match name {
                "GITHUB_WORKSPACE" => runner.workspace = PathBuf::from(&value),
                "GITHUB_OUTPUT" => runner.output = path(value),
                "GITHUB_STEP_SUMMARY" => runner.summary = path(value),
                "GITHUB_EVENT_PATH" => runner.event_file = path(value),
                // Not read by the action, which takes its token from an input alone.
                "GITHUB_TOKEN" => {}
                _ if name.starts_with("GITHUB_") => drop(runner.said.insert(name.to_owned(), text())),
                _ => match name.strip_prefix(INPUT) {
                    Some(TOKEN) => runner.token = Some(SecretString::from(text())),
                    Some(input) => runner.inputs.push((input.to_owned(), text())),
                    None => {}
                },
            }
        }
        runner.token = runner.token.filter(|token| !token.expose_secret().is_empty());
        if runner.workspace.as_os_str().is_empty() {
            runner.workspace = PathBuf::from(".");
        }
        runner.files = files(runner.said("SERVER_URL"), runner.said("REPOSITORY"), runner.said("SHA"));
        runner
    }

    /// An input by the name that the action gives it; empty where it is not set.
    pub fn input(&self, name: &str) -> &str {
        let name = name.replace(' ', "_").to_uppercase();
        self.inputs.iter().find(|(each, _)| *each == name).map_or("", |(_, value)| value)
    }

    /// The same with other inputs in place of its own: those that the base branch gives its gate.
    pub fn with_inputs(mut self, inputs: &[(String, String)]) -> Self {
        for (name, value) in inputs {
            let name = name.replace(' ', "_").to_uppercase();
            self.inputs.retain(|(each, _)| *each != name);
            self.inputs.push((name, value.trim().to_owned()));
        }
        self
    }

    /// A variable of the runner by its name without `GITHUB_`; empty where it is not set.
    pub fn said(&self, name: &str) -> &str {
        self.said.get(&format!("GITHUB_{name}")).map_or("", String::as_str)
    }

    /// The event that started the workflow, with what the inputs add to it. A missing or broken file says nothing.
    pub fn event(&self) -> Event {
        let payload = self.event_file.as_deref().map(read_payload).unwrap_or_default();
        let variables = Variables {
            name: self.said("EVENT_NAME"),
            repository: self.said("REPOSITORY"),
            actor: self.said("ACTOR"),
            commit: self.said("SHA"),
            reference: self.said("REF"),
            base_branch: self.said("BASE_REF"),
        };
        // The file is an artifact of a run that nobody has to trust: it gives a number, and the number is looked up.
        let file = self.input("event-file");
        let other = if file.is_empty() { Value::Null } else { read_payload(&self.workspace.join(file)) };
        let number = self.input("pull-request").trim_start_matches('#').parse().ok();
        let number = number.or_else(|| other.pointer("/pull_request/number")?.as_u64());
        let told = Told { pull_request: number.filter(|number| *number > 0), head: commit(self.input("sha")) };
        Event::read(&payload, variables).told(told)
    }

    /// The path of the workflow that runs, from the top of the repository: `.github/workflows/gate.yml`.
    pub fn workflow(&self) -> &str {
        let reference = self.said("WORKFLOW_REF");
        let path = reference.strip_prefix(self.said("REPOSITORY")).unwrap_or_default();
        path.split('@').next().unwrap_or_default().trim_start_matches('/')
    }
}

fn read_payload(file: &Path) -> Value {
    let is_sound = file.metadata().is_ok_and(|found| found.is_file() && found.len() <= LARGEST_EVENT);
    let text = if is_sound { std::fs::read(file).unwrap_or_default() } else { Vec::new() };
    serde_json::from_slice(&text).unwrap_or_default()
}

fn path(value: OsString) -> Option<PathBuf> {
    (!value.is_empty()).then(|| PathBuf::from(value))
}

/// Only what is certainly an address of a commit becomes a link.
fn files(server: &str, repository: &str, commit: &str) -> Option<String> {
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._/:".contains(&byte));
    let is_address = server.starts_with("https://") || server.starts_with("http://");
    let is_named = repository.split('/').filter(|part| !part.is_empty()).count() == 2;
    let is_commit = commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_sound = is_address && is_named && is_commit && is_plain(server) && is_plain(repository);
    is_sound.then(|| format!("{}/{repository}/blob/{commit}/", server.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_keep_their_hyphens_and_a_strange_address_is_no_link() {
        let variables = [("INPUT_FAIL-ON", " P1 "), ("GITHUB_WORKSPACE", "/w"), ("GITHUB_OUTPUT", "")];
        let runner = Runner::new(variables.map(|(name, value)| (name.into(), value.into())));
        assert_eq!(runner.input("fail-on"), "P1");
        assert_eq!(runner.input("skip"), "");
        assert!(runner.output.is_none() && runner.files.is_none());
        let commit = "a".repeat(40);
        assert!(
            files("https://github.com", "o/r", &commit)
                .is_some_and(|base| base.ends_with("/blob/") || base.contains(&commit))
        );
        assert!(files("https://github.com", "o/r)[x", &commit).is_none());
        assert!(files("javascript:x", "o/r", &commit).is_none());
    }

    #[test]
    fn the_token_is_in_no_other_field_and_the_workflow_has_a_path() {
        let variables = [
            ("INPUT_GITHUB-TOKEN", "ghs_secret"),
            ("GITHUB_TOKEN", "ghs_secret"),
            ("GITHUB_REPOSITORY", "o/r"),
            ("GITHUB_WORKFLOW_REF", "o/r/.github/workflows/gate.yml@refs/pull/7/merge"),
        ];
        let runner = Runner::new(variables.map(|(name, value)| (name.into(), value.into())));
        assert!(!format!("{runner:?}").contains("secret") && runner.token.is_some());
        assert_eq!(runner.workflow(), ".github/workflows/gate.yml");
        assert_eq!(runner.event(), Event::default());
        let told = runner.with_inputs(&[("fail-on".into(), "P2".into()), ("pull-request".into(), "#9".into())]);
        assert_eq!((told.input("fail-on"), told.event().number()), ("P2", Some(9)));
    }
}
