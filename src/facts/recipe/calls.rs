//! Which recipes a command asks for: `npm run x`, `make x`, `tox -e x`, `./script.sh`.

use super::Runner;
use crate::facts::shell::call::Call;
use crate::facts::shell::joined;

/// What a command asks to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    pub runner: Runner,
    pub names: Vec<String>,
    pub place: Place,
    /// Without such a recipe the words are a command of their own (`yarn eslint .`).
    pub or_command: bool,
}

/// Which of the recipes of that name are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Those of the current folder, or of the nearest one above it.
    Here,
    Folder(String),
    /// Those of every package.
    Everywhere,
    /// Those of a package by its name or folder.
    Package(String),
}

impl Wish {
    fn new(runner: Runner, names: Vec<String>, place: Place) -> Self {
        Self { runner, names, place, or_command: false }
    }
}

/// What a call asks for; `folder` is where it is made.
pub(super) fn wish(call: Call, folder: &str) -> Option<Wish> {
    match call.program {
        "npm" | "pnpm" | "yarn" | "bun" | "cnpm" => package_manager(call, folder),
        "npm-run-all" | "run-s" | "run-p" | "npm-run-all2" => {
            let names = call.positionals().map(str::to_owned).collect();
            Some(Wish::new(Runner::Package, names, Place::Here))
        }
        "node" => Some(Wish::new(Runner::Package, vec![call.option("--run")?.to_owned()], Place::Here)),
        "turbo" | "lerna" | "wsrun" | "ultra" => {
            let names: Vec<String> = call.positionals().filter(|word| *word != "run").map(str::to_owned).collect();
            Some(Wish::new(Runner::Package, names, Place::Everywhere))
        }
        "nx" => nx(call),
        "make" | "gmake" => {
            let place = call
                .option("-C")
                .or(call.option("--directory"))
                .map_or(Place::Here, |to| Place::Folder(joined(folder, to)));
            let names =
                bare(call, &["-C", "--directory", "-f", "-j"]).filter(|word| !word.contains('=')).map(str::to_owned);
            Some(Wish::new(Runner::Make, names.collect(), place))
        }
        "just" => Some(Wish::new(
            Runner::Just,
            bare(call, &["-f", "-d", "--justfile"]).map(str::to_owned).collect(),
            Place::Here,
        )),
        "task" | "go-task" => {
            Some(Wish::new(Runner::Task, bare(call, &["-d", "-t"]).map(str::to_owned).collect(), Place::Here))
        }
        "tox" => {
            let listed = call.option("-e").unwrap_or_default();
            let names: Vec<String> = listed.split(',').map(|name| name.trim().to_owned()).collect();
            Some(Wish::new(Runner::Tox, names, Place::Here))
        }
        "nox" => {
            let at = call.args.iter().position(|arg| matches!(arg.as_str(), "-s" | "--session" | "--sessions" | "-e"));
            let listed = at.map_or(&[][..], |at| &call.args[at + 1..]);
            let names = listed.iter().take_while(|word| !word.starts_with('-')).cloned().collect();
            Some(Wish::new(Runner::Nox, names, Place::Here))
        }
        "poe" | "taskipy" => Some(Wish::new(Runner::Python, vec![call.positionals().next()?.to_owned()], Place::Here)),
        "pdm" | "hatch" | "rye" => {
            let name = call.positionals().find(|word| *word != "run")?;
            let name = name.rsplit(':').next().unwrap_or(name);
            Some(Wish { or_command: true, ..Wish::new(Runner::Python, vec![name.to_owned()], Place::Here) })
        }
        "composer" => {
            let name = call.positionals().find(|word| !matches!(*word, "run" | "run-script"))?;
            let built_in = matches!(name, "install" | "update" | "validate" | "audit" | "require" | "dump-autoload");
            (!built_in).then(|| Wish::new(Runner::Composer, vec![name.to_owned()], Place::Here))
        }
        "deno" => {
            let name = call.args.strip_prefix(&["task".to_owned()])?.iter().find(|word| !word.starts_with('-'))?;
            Some(Wish::new(Runner::Deno, vec![name.clone()], Place::Here))
        }
        "rake" => {
            Some(Wish::new(Runner::Rake, vec![call.positionals().next().unwrap_or("default").to_owned()], Place::Here))
        }
        "pre-commit" | "prek" => {
            (call.positionals().next()? == "run").then(|| Wish::new(Runner::Hooks, vec![String::new()], Place::Here))
        }
        "bash" | "sh" | "zsh" | "dash" | "source" | "." => script(call.positionals().next()?, folder),
        _ if call.written.contains('/') || call.written.ends_with(".sh") => script(call.written, folder),
        _ => None,
    }
}

/// A path that leads through a variable for the root (`$GITHUB_WORKSPACE/…`) starts at the root.
fn script(path: &str, folder: &str) -> Option<Wish> {
    let from_root = ["$GITHUB_WORKSPACE/", "${GITHUB_WORKSPACE}/", "${{ github.workspace }}/", "$CI_PROJECT_DIR/"];
    let path = match from_root.iter().find_map(|root| path.strip_prefix(root)) {
        Some(rest) => rest.to_owned(),
        None if path.starts_with(['/', '$', '~']) => return None,
        None => joined(folder, path),
    };
    Some(Wish::new(Runner::Script, vec![path], Place::Folder(String::new())))
}

/// The arguments that are neither options nor values of these options.
fn bare<'a>(call: Call<'a>, valued: &'static [&'static str]) -> impl Iterator<Item = &'a str> {
    let mut skip = false;
    call.args.iter().map(String::as_str).filter(move |arg| {
        let is_value = std::mem::replace(&mut skip, valued.contains(arg));
        !is_value && !arg.starts_with('-')
    })
}

const MANAGER_VALUES: &[&str] = &["--prefix", "-C", "--dir", "--cwd", "-w", "--workspace", "--filter", "-F"];
/// Sub-commands of the package managers that are no scripts.
const BUILT_IN: &[&str] = &[
    "install",
    "i",
    "ci",
    "add",
    "remove",
    "exec",
    "dlx",
    "x",
    "audit",
    "publish",
    "pack",
    "version",
    "link",
    "login",
    "config",
    "cache",
    "outdated",
    "update",
    "up",
    "store",
    "fetch",
    "init",
    "create",
    "why",
    "list",
    "ls",
    "info",
    "npm",
    "set",
    "view",
    "whoami",
    "rebuild",
    "prune",
    "dedupe",
    "import",
    "patch",
    "setup",
    "env",
    "self-update",
    "build",
];

fn package_manager(call: Call, folder: &str) -> Option<Wish> {
    let words: Vec<&str> = bare(call, MANAGER_VALUES).collect();
    let mut place = manager_place(call, folder);
    let mut words = words.as_slice();
    match words {
        ["workspace", package, rest @ ..] if call.program == "yarn" => {
            place = Place::Package((*package).to_owned());
            words = rest;
        }
        ["workspaces", "foreach" | "run", rest @ ..] | ["recursive", rest @ ..] => {
            place = Place::Everywhere;
            words = rest;
        }
        _ => {}
    }
    let explicit = matches!(words.first(), Some(&("run" | "run-script" | "rum" | "urn")));
    let name = if explicit { *words.get(1)? } else { *words.first()? };
    let name = match name {
        "t" | "tst" if call.program == "npm" => "test",
        name => name,
    };
    let shorthand = match call.program {
        "npm" => matches!(name, "test" | "start" | "stop" | "restart"),
        // `bun test` is bun's own runner; `yarn build` and `pnpm x` are scripts.
        "bun" => false,
        "yarn" if name == "build" => true,
        _ => !BUILT_IN.contains(&name),
    };
    let or_command = !explicit && call.program != "npm";
    (explicit || shorthand).then(|| Wish { or_command, ..Wish::new(Runner::Package, vec![name.to_owned()], place) })
}

fn manager_place(call: Call, folder: &str) -> Place {
    let to = ["--prefix", "-C", "--dir", "--cwd"].iter().find_map(|name| call.option(name));
    let package = ["--workspace", "--filter", "-F"].iter().find_map(|name| call.option(name));
    let package = package.or(call.option("-w").filter(|_| call.program == "npm"));
    match (to, package) {
        (Some(to), _) => Place::Folder(joined(folder, to)),
        (_, Some(package)) => Place::Package(package.to_owned()),
        _ if ["--workspaces", "-ws", "-r", "--recursive"].iter().any(|flag| call.has(flag)) => Place::Everywhere,
        _ => Place::Here,
    }
}

fn nx(call: Call) -> Option<Wish> {
    let words: Vec<&str> = call.positionals().collect();
    let listed = ["-t", "--target", "--targets"].iter().find_map(|name| {
        let first = call.option(name)?;
        // `-t lint test build` goes on to the next option.
        let at = call.args.iter().position(|arg| arg == name || arg.starts_with(&format!("{name}=")))?;
        let more = call.args[at + 1..].iter().take_while(|arg| !arg.starts_with('-')).map(String::as_str);
        Some(first.split(',').chain(more).map(str::to_owned).collect::<Vec<_>>())
    });
    let names = match (words.first()?, listed) {
        (&("run-many" | "affected"), Some(names)) => names,
        (&"run", _) => vec![words.get(1)?.rsplit(':').next()?.to_owned()],
        (&("release" | "reset" | "format:check" | "graph"), _) => return None,
        (name, _) => vec![name.trim_start_matches("affected:").to_owned()],
    };
    Some(Wish::new(Runner::Package, names, Place::Everywhere))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Option<(Runner, String, Place)> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let wish = wish(Call::of(&words)?, "app")?;
        Some((wish.runner, wish.names.join("+"), wish.place))
    }

    #[test]
    fn recipes_are_asked_for_in_many_ways() {
        use Runner::*;
        let wished = |line| names(line).unwrap();
        assert_eq!(wished("npm --prefix web run lint"), (Package, "lint".into(), Place::Folder("app/web".into())));
        assert_eq!(wished("npm t"), (Package, "test".into(), Place::Here));
        assert_eq!(wished("pnpm --filter @a/b test"), (Package, "test".into(), Place::Package("@a/b".into())));
        assert_eq!(wished("pnpm -r lint"), (Package, "lint".into(), Place::Everywhere));
        assert_eq!(wished("yarn workspace web lint"), (Package, "lint".into(), Place::Package("web".into())));
        assert_eq!(
            wished("nx run-many -t lint test --parallel=3"),
            (Package, "lint+lint+test".into(), Place::Everywhere)
        );
        assert_eq!(wished("npx turbo run lint test --filter=web"), (Package, "lint+test".into(), Place::Everywhere));
        assert_eq!(wished("make -C .. check CI=1"), (Make, "check".into(), Place::Folder(String::new())));
        assert_eq!(wished("tox -e lint,py312"), (Tox, "lint+py312".into(), Place::Here));
        assert_eq!(wished("../ci/test.sh --fast").1, "ci/test.sh");
        assert_eq!(names("npm ci"), None);
        assert_eq!(names("npm publish"), None);
    }
}
