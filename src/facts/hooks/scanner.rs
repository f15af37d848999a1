//! Secret scanners, by the names of their programs, hooks, images and actions.

use crate::facts::shell::call::Call;

/// Program names; hooks and images are called the same. The first column is what a report says.
const SCANNERS: &[(&str, &[&str])] = &[
    ("gitleaks", &["gitleaks"]),       // gitleaks/gitleaks, .pre-commit-hooks.yaml
    ("betterleaks", &["betterleaks"]), // betterleaks/betterleaks
    ("detect-secrets", &["detect-secrets-hook", "detect-secrets"]), // Yelp/detect-secrets
    ("trufflehog", &["trufflehog", "trufflehog3"]), // trufflesecurity/trufflehog
    ("ggshield", &["ggshield"]),       // GitGuardian/ggshield
    ("kingfisher", &["kingfisher"]),   // mongodb/kingfisher
    ("talisman", &["talisman"]),       // thoughtworks/talisman
    ("git-secrets", &["git-secrets"]), // awslabs/git-secrets
    ("secretlint", &["secretlint"]),   // secretlint/secretlint
    ("ripsecrets", &["ripsecrets"]),   // sirwart/ripsecrets
    ("detect-private-key", &["detect-private-key"]), // pre-commit/pre-commit-hooks
    ("noseyparker", &["noseyparker"]), // praetorian-inc/noseyparker
    ("mx-prod-gate", &["mx-prod-gate"]),
];

/// Actions that scan, by owner and name.
const ACTIONS: &[(&str, &str)] = &[
    ("gitleaks/gitleaks-action", "gitleaks"),
    ("trufflesecurity/trufflehog", "trufflehog"),
    ("gitguardian/ggshield-action", "ggshield"),
    ("gitguardian/ggshield/actions/secret", "ggshield"),
    ("zricethezav/gitleaks-action", "gitleaks"),
    ("reviewdog/action-detect-secrets", "detect-secrets"),
];

/// Without one of their words these print their help and end.
const NEED_WORDS: &[&str] = &["gitleaks", "betterleaks", "trufflehog", "ggshield", "kingfisher", "noseyparker"];
/// Words with which a scanner does something else.
const IDLE: &[&str] = &[
    "version",
    "--version",
    "-V",
    "help",
    "--help",
    "-h",
    "install",
    "auth",
    "login",
    "completion",
    "update",
    "--install",
];
/// Options with which it never fails.
const MILD: &[&str] = &["--exit-code=0", "--exit-zero"];

/// The scanner that a command runs.
pub fn scanner_of(words: &[String]) -> Option<&'static str> {
    // `command -v gitleaks` asks whether it is there.
    if words.iter().any(|word| word == "command") && words.iter().any(|word| matches!(word.as_str(), "-v" | "-V")) {
        return None;
    }
    let call = Call::of(words)?;
    let found = match call.program {
        "git" if call.args.first().is_some_and(|word| word == "secrets") => Some("git-secrets"),
        program => named(program),
    };
    let found = found.or_else(|| in_container(words))?;
    let args: Vec<&str> = call.args.iter().map(String::as_str).collect();
    let is_idle = args.iter().any(|arg| IDLE.contains(arg));
    let is_empty = args.is_empty() && NEED_WORDS.contains(&call.program);
    (!is_idle && !is_empty && !is_mild(&args)).then_some(found)
}

fn is_mild(args: &[&str]) -> bool {
    args.iter().any(|arg| MILD.contains(arg)) || args.windows(2).any(|pair| pair == ["--exit-code", "0"])
}

/// The scanner of exactly that program name.
fn named(program: &str) -> Option<&'static str> {
    SCANNERS.iter().find(|(_, programs)| programs.contains(&program)).map(|(name, _)| *name)
}

/// `docker run … zricethezav/gitleaks:v8 protect`.
fn in_container(words: &[String]) -> Option<&'static str> {
    let runner = words.first()?;
    if !matches!(runner.as_str(), "docker" | "podman" | "nerdctl" | "sudo") {
        return None;
    }
    words.iter().skip(1).filter(|word| !word.starts_with('-') && !word.starts_with('/')).find_map(|word| image(word))
}

/// The scanner of an image.
pub fn image(word: &str) -> Option<&'static str> {
    let name = word.rsplit('/').next()?.split([':', '@']).next()?;
    named(name)
}

/// The scanner of a published hook by its id: `gitleaks-docker`, `talisman-commit`, `trufflehog`.
pub fn hook(id: &str) -> Option<&'static str> {
    let id = id.to_ascii_lowercase();
    let is_of = |name: &str| id.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']));
    let docker = id.strip_prefix("docker-").and_then(named);
    SCANNERS.iter().find(|(_, programs)| programs.iter().any(|name| is_of(name))).map(|(name, _)| *name).or(docker)
}

/// The scanner that a variable sets up: `GITLEAKS_CONFIGURATION_FILE`.
pub fn setting(variable: &str) -> Option<&'static str> {
    let variable = variable.to_ascii_lowercase().replace('_', "-");
    let is_of = |name: &str| variable.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'));
    SCANNERS.iter().find(|(name, _)| is_of(name)).map(|(name, _)| *name)
}

/// The scanner whose name somebody gave a hook in his own spelling: `GitLeaks`, `TruffleHog`.
pub fn spelled(name: &str) -> Option<&'static str> {
    let plain = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let wanted = plain(name);
    SCANNERS.iter().find(|(name, _)| plain(name) == wanted).map(|(name, _)| *name)
}

/// The scanner that an action runs, by its owner and name in lower case.
pub fn action(name: &str) -> Option<&'static str> {
    ACTIONS.iter().find(|(action, _)| *action == name).map(|(_, scanner)| *scanner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<&'static str> {
        scanner_of(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn scanners_are_known_by_what_is_run() {
        for (line, name) in [
            ("gitleaks protect --staged", "gitleaks"),
            ("npx secretlint --no-glob", "secretlint"),
            ("git secrets --pre_commit_hook -- a", "git-secrets"),
            ("docker run --rm -v .:/repo zricethezav/gitleaks:v8.21 protect", "gitleaks"),
            ("uvx ggshield secret scan pre-commit", "ggshield"),
            ("poetry run detect-secrets-hook --baseline .secrets.baseline", "detect-secrets"),
            ("ripsecrets", "ripsecrets"),
        ] {
            assert_eq!(of(line), Some(name), "{line}");
        }
        for line in [
            "gitleaks version",
            "command -v gitleaks",
            "echo gitleaks",
            "which trufflehog",
            "gitleaks",
            "git secrets --install",
            "gitleaks detect --exit-code 0",
            "brew install gitleaks",
        ] {
            assert_eq!(of(line), None, "{line}");
        }
        assert_eq!(hook("talisman-commit"), Some("talisman"));
        assert_eq!(hook("detect-aws-credentials"), None);
        assert_eq!(spelled("TruffleHog"), Some("trufflehog"));
    }
}
