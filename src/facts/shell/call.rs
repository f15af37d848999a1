//! Which program a command really runs, below `sudo`, `npx`, `poetry run`, `docker compose exec` and the like.

/// A program by its bare name, with its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call<'a> {
    /// The last part of the program's path.
    pub program: &'a str,
    /// The program as it is written: a path names a file of the repository.
    pub written: &'a str,
    pub args: &'a [String],
}

/// Programs that run the command behind them: name, words that must follow, options that take a value.
const WRAPPERS: &[(&str, &[&str], &[&str])] = &[
    ("sudo", &[], &["-u", "-g", "-C"]),
    ("env", &[], &["-u", "-C"]),
    ("time", &[], &["-o", "-f"]),
    ("nice", &[], &["-n"]),
    ("nohup", &[], &[]),
    ("command", &[], &[]),
    ("exec", &[], &[]),
    ("eval", &[], &[]),
    ("xvfb-run", &[], &["-s", "-n"]),
    ("cross-env", &[], &[]),
    ("dotenv", &[], &["-e", "-f"]),
    ("npx", &[], &["-p", "--package"]),
    ("bunx", &[], &[]),
    ("uvx", &[], &["--from", "--with"]),
    ("npm", &["exec"], &["-p", "--package", "-w", "--workspace"]),
    ("npm", &["x"], &["-p", "--package"]),
    ("pnpm", &["exec"], &["--filter", "-F", "-C"]),
    ("pnpm", &["dlx"], &["--package"]),
    ("yarn", &["exec"], &[]),
    ("yarn", &["dlx"], &["-p"]),
    ("bun", &["x"], &[]),
    ("uv", &["run"], &["--with", "--extra", "--group", "-p", "--python", "--project", "--directory", "--package"]),
    ("uv", &["tool", "run"], &["--from", "--with"]),
    ("poetry", &["run"], &["-C", "-P"]),
    ("pipenv", &["run"], &[]),
    ("rye", &["run"], &[]),
    ("pipx", &["run"], &["--spec"]),
    ("micromamba", &["run"], &["-n"]),
    ("conda", &["run"], &["-n", "-p"]),
    ("bundle", &["exec"], &[]),
    ("mise", &["exec"], &[]),
    ("mise", &["x"], &[]),
    ("doppler", &["run"], &["-p", "-c", "--project", "--config", "-t"]),
    ("op", &["run"], &[]),
    ("infisical", &["run"], &[]),
    ("direnv", &["exec"], &[]),
    ("nix", &["develop", "-c"], &[]),
    ("coverage", &["run", "-m"], &["--source"]),
    ("nyc", &[], &["--reporter"]),
    ("c8", &[], &["--reporter", "-r"]),
    ("dotenvx", &["run"], &["-f"]),
    ("composer", &["exec"], &[]),
    ("rtx", &["exec"], &[]),
    ("devcontainer", &["exec"], &["--workspace-folder"]),
];

/// How many wrappers may stand around one another.
const MAX_WRAPPERS: usize = 8;

impl<'a> Call<'a> {
    /// The call that a command's words make; none for an empty command.
    pub fn of(words: &'a [String]) -> Option<Self> {
        let mut call = Self::plain(words)?;
        for _ in 0..MAX_WRAPPERS {
            match call.inner() {
                Some(inner) => call = inner,
                None => break,
            }
        }
        Some(call)
    }

    fn plain(words: &'a [String]) -> Option<Self> {
        let (written, args) = words.split_first()?;
        let program = written.rsplit('/').next().unwrap_or(written);
        Some(Self { program: program.trim_end_matches(".exe").trim_end_matches(".cmd"), written, args })
    }

    fn inner(self) -> Option<Self> {
        match self.program {
            "timeout" => Self::plain(skip_options(self.args, &["-k", "-s"]).get(1..)?),
            "python" | "python3" | "py" if self.args.first().is_some_and(|arg| arg == "-m") => {
                Self::plain(self.args.get(1..)?)
            }
            "docker" | "docker-compose" | "podman" => self.in_container(),
            "hatch" => {
                // `hatch run env:script` names a script and is resolved elsewhere.
                let rest = self.args.strip_prefix(&["run".to_owned()])?;
                rest.first().filter(|word| !word.contains(':'))?;
                Self::plain(rest)
            }
            _ => self.wrapped(),
        }
    }

    fn wrapped(self) -> Option<Self> {
        WRAPPERS.iter().filter(|(program, _, _)| *program == self.program).find_map(|(_, follow, valued)| {
            let (head, rest) = self.args.split_at_checked(follow.len())?;
            let follows = head.iter().zip(*follow).all(|(word, expected)| word == expected);
            let rest = skip_options(rest, valued);
            let assigned = rest.iter().take_while(|word| word.contains('=') && !word.starts_with('-')).count();
            follows.then(|| Self::plain(&rest[assigned..])).flatten()
        })
    }

    /// The command that is run inside a container: behind the service of compose, or the image of `docker run`.
    fn in_container(self) -> Option<Self> {
        let verb = self.args.iter().position(|word| word == "run" || word == "exec")?;
        let before = &self.args[..verb];
        if before.iter().any(|word| matches!(word.as_str(), "build" | "push" | "up" | "stack" | "buildx")) {
            return None;
        }
        let rest = skip_options(&self.args[verb + 1..], CONTAINER_OPTIONS);
        Self::plain(rest.get(1..)?)
    }

    /// The arguments that are no options.
    pub fn positionals(self) -> impl Iterator<Item = &'a str> {
        self.args.iter().map(String::as_str).filter(|arg| !arg.starts_with('-'))
    }

    /// The value of an option, written `--name value` or `--name=value`.
    pub fn option(self, name: &str) -> Option<&'a str> {
        self.args.iter().enumerate().find_map(|(index, arg)| match arg.strip_prefix(name)? {
            "" => self.args.get(index + 1).map(String::as_str),
            rest => rest.strip_prefix('='),
        })
    }

    pub fn has(self, flag: &str) -> bool {
        self.args.iter().any(|arg| arg == flag || arg.strip_prefix(flag).is_some_and(|rest| rest.starts_with('=')))
    }
}

/// Options of `docker run` and `docker compose run` that take a value.
const CONTAINER_OPTIONS: &[&str] = &[
    "-e",
    "--env",
    "--env-file",
    "-v",
    "--volume",
    "-w",
    "--workdir",
    "-u",
    "--user",
    "--name",
    "--network",
    "--net",
    "-p",
    "--publish",
    "--entrypoint",
    "--platform",
    "-l",
    "--label",
    "-m",
    "--memory",
    "--cpus",
    "-h",
    "--hostname",
    "--mount",
    "--index",
    "--add-host",
    "--link",
];

/// What follows the options; `--` ends them.
fn skip_options<'a>(words: &'a [String], valued: &[&str]) -> &'a [String] {
    let mut rest = words;
    while let Some((first, tail)) = rest.split_first() {
        if first == "--" {
            return tail;
        }
        if !first.starts_with('-') {
            break;
        }
        let takes_next = valued.contains(&first.as_str());
        rest = if takes_next { tail.get(1..).unwrap_or_default() } else { tail };
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(line: &str) -> String {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let call = Call::of(&words).unwrap();
        format!("{} {}", call.program, call.args.join(" ")).trim().to_owned()
    }

    #[test]
    fn wrappers_are_seen_through() {
        assert_eq!(called("sudo -u app npx --yes eslint ."), "eslint .");
        assert_eq!(called("poetry run coverage run -m pytest -q"), "pytest -q");
        assert_eq!(called("uv run --with x ruff check"), "ruff check");
        assert_eq!(called("docker compose run --rm -e A=b api npm test"), "npm test");
        assert_eq!(called("docker run -v .:/src golangci/golangci-lint golangci-lint run"), "golangci-lint run");
        assert_eq!(called("docker buildx build --push ."), "docker buildx build --push .");
        assert_eq!(called("cross-env CI=1 vitest run"), "vitest run");
        assert_eq!(called("./node_modules/.bin/jest"), "jest");
        assert_eq!(called("timeout -k 5 60 pytest"), "pytest");
        assert_eq!(called("python -m unittest"), "unittest");
    }
}
