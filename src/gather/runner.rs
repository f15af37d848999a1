//! What the runner of a workflow says: its inputs and its own variables, read once.

use std::ffi::OsString;
use std::path::PathBuf;

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
    inputs: Vec<(String, String)>,
}

/// How the runner begins the name of an input. The rest is the input's name in capitals, hyphens kept.
const INPUT: &str = "INPUT_";

impl Runner {
    /// Of this process.
    pub fn of_process() -> Self {
        Self::new(std::env::vars_os())
    }

    /// Of any list of variables. What is not valid Unicode is passed over, except in paths.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut runner = Self::default();
        let (mut server, mut repository, mut commit) = (String::new(), String::new(), String::new());
        for (name, value) in variables {
            let Some(name) = name.to_str() else { continue };
            let text = || value.to_str().unwrap_or_default().trim().to_owned();
            match name {
                "GITHUB_WORKSPACE" => runner.workspace = PathBuf::from(&value),
                "GITHUB_OUTPUT" => runner.output = path(value),
                "GITHUB_STEP_SUMMARY" => runner.summary = path(value),
                "GITHUB_SERVER_URL" => server = text(),
                "GITHUB_REPOSITORY" => repository = text(),
                "GITHUB_SHA" => commit = text(),
                _ => {
                    if let Some(input) = name.strip_prefix(INPUT) {
                        runner.inputs.push((input.to_owned(), text()));
                    }
                }
            }
        }
        if runner.workspace.as_os_str().is_empty() {
            runner.workspace = PathBuf::from(".");
        }
        runner.files = files(&server, &repository, &commit);
        runner
    }

    /// An input by the name that the action gives it; empty where it is not set.
    pub fn input(&self, name: &str) -> &str {
        let name = name.replace(' ', "_").to_uppercase();
        self.inputs.iter().find(|(each, _)| *each == name).map_or("", |(_, value)| value)
    }
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
}
