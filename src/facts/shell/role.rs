//! What a command is for: testing, linting, deploying and so on, by tables of programs.

use super::call::Call;

/// What a command or an action does for a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Tests,
    Lints,
    /// Type checks; a compiler that does so on its way.
    Types,
    /// Runs this gate.
    Gates,
    /// Changes a running environment.
    Deploys,
    /// Pushes an image.
    PublishesImage,
    /// Publishes a package or a release.
    PublishesPackage,
    /// Publishes a site of documentation or pages.
    PublishesSite,
    /// Takes an environment back to an earlier release.
    RollsBack,
    /// Sends the traffic to another release: forth or back.
    ShiftsTraffic,
    /// Starts a cluster of its own: what is applied to it is a test.
    StartsCluster,
}

impl Role {
    /// It changes what others run, or what runs.
    pub fn is_release(self) -> bool {
        self.is_deployment() || matches!(self, Self::PublishesImage | Self::PublishesPackage | Self::PublishesSite)
    }

    /// It changes a running environment.
    pub fn is_deployment(self) -> bool {
        matches!(self, Self::Deploys | Self::ShiftsTraffic)
    }
}

use super::programs::{COMMANDS, REHEARSALS, REMOTE_ACTS, SKIPPED_TESTS};
use Role::{Deploys, RollsBack, Tests};

/// What a command is for, by its program and arguments alone.
pub fn roles(call: Call) -> Vec<Role> {
    let rehearsal = call.args.iter().any(|arg| REHEARSALS.iter().any(|word| is_option(arg, word)));
    let skips_tests = call.args.iter().any(|arg| SKIPPED_TESTS.contains(&arg.as_str()))
        || call.args.windows(2).any(|pair| pair[0] == "-x" && pair[1] == "test");
    let mut found: Vec<Role> = Vec::new();
    for (role, pattern) in COMMANDS {
        let downloads = *role == Deploys && copies_from_bucket(call);
        let drops =
            downloads || (rehearsal && (role.is_release() || *role == Tests)) || (skips_tests && *role == Tests);
        let decided = found.iter().any(|seen| *seen == *role || seen.is_release() && role.is_release())
            || (*role == Deploys && found.contains(&RollsBack));
        if !drops && !decided && fits(call, pattern) {
            found.push(*role);
        }
    }
    if found.is_empty() && deploys_by_remote_shell(call) {
        found.push(Deploys);
    }
    found
}

fn is_option(arg: &str, word: &str) -> bool {
    arg.strip_prefix(word)
        .is_some_and(|rest| rest.is_empty() || (rest.starts_with('=') && rest != "=none" && rest != "=false"))
}

fn fits(call: Call, pattern: &str) -> bool {
    let mut words = pattern.split(' ');
    let Some(programs) = words.next() else { return false };
    if !programs.split('|').any(|program| program == call.program) {
        return false;
    }
    let mut args = call.args.iter();
    words.all(|word| args.any(|arg| word.split('|').any(|choice| is_choice(arg, choice))))
}

fn is_choice(arg: &str, choice: &str) -> bool {
    match (choice.strip_prefix('*'), choice.strip_suffix('*')) {
        (Some(rest), Some(_)) => arg.contains(rest.trim_end_matches('*')),
        (Some(tail), None) => arg.len() > tail.len() && arg.ends_with(tail),
        (None, Some(head)) => arg.starts_with(head) || last_task(arg).starts_with(head),
        (None, None) => {
            arg == choice || (choice.starts_with("--") && is_option(arg, choice)) || last_task(arg) == choice
        }
    }
}

/// The task behind its project: `test` of `:app:test` (Gradle), of `app/test` (sbt).
fn last_task(arg: &str) -> &str {
    if arg.starts_with(':') { arg.rsplit(':').next().unwrap_or(arg) } else { arg }
}

/// `aws s3 sync` and `cp` towards this machine.
fn copies_from_bucket(call: Call) -> bool {
    let words: Vec<&str> = call.positionals().collect();
    let at = words.iter().position(|word| matches!(*word, "sync" | "cp")).filter(|_| words.contains(&"s3"));
    at.and_then(|at| words.get(at + 2)).is_some_and(|target| !target.starts_with("s3://") && !target.starts_with('$'))
}

fn deploys_by_remote_shell(call: Call) -> bool {
    match call.program {
        "ssh" | "sshpass" | "plink" => {
            let line = call.args.join(" ");
            REMOTE_ACTS.iter().any(|act| line.contains(act))
        }
        // A copy to a host: `user@host:path` or `rsync … host:path`.
        "scp" | "rsync" | "sftp" | "lftp" => {
            let target = call.positionals().last().unwrap_or_default();
            target.split_once(':').is_some_and(|(host, path)| !host.is_empty() && !path.starts_with("//"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::shell::{Strictness, commands};
    use Role::{Lints, PublishesImage, PublishesPackage};

    fn of(line: &str) -> Vec<Role> {
        let all = commands(line, Strictness::ERREXIT);
        all.iter().filter_map(|command| Call::of(&command.words)).flat_map(roles).collect()
    }

    #[test]
    fn commands_are_known_by_their_program_and_words() {
        assert_eq!(of("kubectl -n prod apply -f k8s/"), [Deploys]);
        assert_eq!(of("terraform -chdir=infra apply -auto-approve"), [Deploys]);
        assert_eq!(of("terraform plan"), []);
        assert_eq!(of("helm rollback app 3"), [RollsBack]);
        assert_eq!(of("kubectl rollout undo deploy/app"), [RollsBack]);
        assert_eq!(of("docker buildx build --push -t x ."), [PublishesImage]);
        assert_eq!(of("docker build -t x ."), []);
        assert_eq!(of("npx wrangler deploy --dry-run"), []);
        assert_eq!(of("npm publish --access public"), [PublishesPackage]);
        assert_eq!(of("./mvnw -B deploy"), [PublishesPackage, Tests]);
        assert_eq!(of("mvn deploy -DskipTests"), [PublishesPackage]);
        assert_eq!(of("./gradlew :app:test detektMain"), [Lints, Tests]);
        assert_eq!(of("uv run ruff format --check"), []);
        assert_eq!(of("uv run ruff check app"), [Lints]);
        assert_eq!(of("ssh deploy@host 'docker compose pull && docker compose up -d'"), [Deploys]);
        assert_eq!(of("ssh-keyscan host"), []);
        assert_eq!(of("aws s3 cp x.json s3://b/x.json"), []);
        assert_eq!(of("aws s3 sync s3://b/models ./models"), []);
        assert_eq!(of("aws s3 sync ./ s3://b/ --exclude '*' --delete"), [Deploys]);
        assert_eq!(of("kubectl rollout status deploy/app"), []);
        assert_eq!(of("gcloud container clusters get-credentials c"), []);
        assert_eq!(of("git push heroku main"), [Deploys]);
        assert_eq!(of("git push origin main"), []);
    }
}
