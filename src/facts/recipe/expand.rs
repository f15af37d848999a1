//! Follows a command through the recipes it asks for, down to what is really run.

use super::calls::{Place, Wish, wish};
use super::{Recipe, Recipes, Runner};
use crate::evidence::Span;
use crate::facts::shell::call::Call;
use crate::facts::shell::role::{Role, roles};
use crate::facts::shell::{Command, Strictness, commands, joined};

/// One thing that is run, with what it is for.
#[derive(Debug, Clone)]
pub struct Act {
    pub roles: Vec<Role>,
    /// When it fails, nothing after it is run.
    pub stops: bool,
    pub words: Vec<String>,
    pub variables: Vec<(String, String)>,
    /// Where it runs, from the root of the repository.
    pub folder: String,
    /// The line that starts it in the file that was asked about.
    pub span: Span,
    /// The line of the recipe that holds it, where it came through one.
    pub via: Option<Span>,
}

/// How far recipes may lead to one another.
const MAX_HOPS: usize = 12;
/// More acts than this behind one command are not followed.
const MAX_ACTS: usize = 2_000;

impl Recipes {
    /// What a command does in the end. `folder` is where its script starts, `span` the line that stands for it.
    pub fn expand(&self, command: &Command, folder: &str, span: &Span) -> Vec<Act> {
        let mut acts = Vec::new();
        let from = From { folder, span, via: None, stops: true, hops: 0 };
        self.follow(command, &from, &mut acts);
        acts
    }

    fn follow(&self, command: &Command, from: &From, acts: &mut Vec<Act>) {
        if from.hops > MAX_HOPS || acts.len() >= MAX_ACTS {
            return;
        }
        let folder = joined(from.folder, &command.folder);
        let from = From { folder: &folder, stops: from.stops && command.stops, ..*from };
        let Some(call) = Call::of(&command.words) else { return acts.push(from.act(command, Vec::new())) };
        if let Some(script) = inline_script(call) {
            let inner = commands(script, Strictness::LENIENT);
            return inner.iter().for_each(|inner| self.follow(inner, &from.deeper(), acts));
        }
        match wish(call, &folder) {
            Some(wish) => self.grant(&wish, command, call, &from, acts),
            None => self.run(command, call, &from, acts),
        }
    }

    /// A command that is no recipe.
    fn run(&self, command: &Command, call: Call, from: &From, acts: &mut Vec<Act>) {
        let mut found = roles(call);
        if let Some(image) = self.image_of(call, from.folder) {
            self.image(image, from, acts);
        }
        if found.contains(&Role::PublishesPackage) && matches!(call.program, "npm" | "pnpm" | "yarn" | "bun") {
            for name in ["prepublishOnly", "prepare", "prepack"] {
                let hook = Wish {
                    runner: Runner::Package,
                    names: vec![name.to_owned()],
                    place: Place::Here,
                    or_command: true,
                };
                self.matching(&hook, from.folder).iter().for_each(|recipe| self.recipe(recipe, from, acts));
            }
        }
        if found.contains(&Role::Tests) && self.lifecycle_lints(call, from.folder) {
            found.push(Role::Lints);
        }
        if found.is_empty() {
            found = role_of_program(call).into_iter().collect();
        }
        acts.push(from.act(command, found));
    }

    /// What the building of an image checks on its way; what else it runs stays inside the image.
    fn image(&self, image: &Recipe, from: &From, acts: &mut Vec<Act>) {
        let mut inside = Vec::new();
        self.recipe(image, from, &mut inside);
        let checks = |act: &Act| act.roles.iter().any(|role| matches!(role, Role::Tests | Role::Lints | Role::Types));
        acts.extend(inside.into_iter().filter(checks).map(|mut act| {
            act.roles.retain(|role| matches!(role, Role::Tests | Role::Lints | Role::Types));
            act
        }));
    }

    /// Maven's `verify` and Gradle's `check` run the linters that are plugged into them.
    fn lifecycle_lints(&self, call: Call, folder: &str) -> bool {
        let goals = ["verify", "install", "deploy", "check", "build"];
        let runs = call.positionals().any(|word| goals.contains(&word.rsplit(':').next().unwrap_or(word)));
        let builds = matches!(call.program, "mvn" | "mvnw" | "gradle" | "gradlew");
        builds
            && runs
            && self.linting_builds.iter().any(|build| build.starts_with(folder) || folder.starts_with(build.as_str()))
    }

    fn grant(&self, wish: &Wish, command: &Command, call: Call, from: &From, acts: &mut Vec<Act>) {
        let granted = self.matching(wish, from.folder);
        if granted.is_empty() && wish.or_command && wish.runner == Runner::Package {
            let rest = Command { words: call.args.to_vec(), folder: String::new(), ..command.clone() };
            return self.follow(&rest, &from.deeper(), acts);
        }
        if granted.is_empty() && wish.runner == Runner::Script {
            return self.run(command, call, from, acts);
        }
        let before = acts.len();
        for recipe in granted.iter().take(MAX_ACTS) {
            self.recipe(recipe, from, acts);
        }
        let silent = acts[before.min(acts.len())..].iter().all(|act| act.roles.is_empty());
        if silent {
            // What is run says nothing; what it is called may, unless there is nothing behind the name.
            let stub = !granted.is_empty() && acts[before.min(acts.len())..].iter().all(is_stub);
            let missing = granted.is_empty() && self.recipes.iter().any(|recipe| recipe.runner == wish.runner);
            let inferred = wish.place == Place::Everywhere;
            let by_name = wish.names.iter().filter_map(|name| role_of_name(name));
            let named = by_name.filter(|_| !stub && (!missing || inferred)).collect::<Vec<_>>();
            let own = if granted.is_empty() && wish.runner != Runner::Package { roles(call) } else { Vec::new() };
            acts.push(from.act(command, if own.is_empty() { named } else { own }));
        }
    }

    fn recipe(&self, recipe: &Recipe, from: &From, acts: &mut Vec<Act>) {
        if from.hops > MAX_HOPS || acts.len() >= MAX_ACTS {
            return;
        }
        let start = if recipe.runner == Runner::Script { from.folder } else { &recipe.folder };
        let siblings = |name: &str| {
            let same =
                |other: &&Recipe| other.runner == recipe.runner && other.folder == recipe.folder && other.name == name;
            self.recipes.iter().find(same)
        };
        let deeper = From { folder: start, ..from.deeper() };
        let mut hooks = [None, None];
        if recipe.runner == Runner::Package {
            hooks = [format!("pre{}", recipe.name), format!("post{}", recipe.name)].map(|name| siblings(&name));
        }
        let needs = recipe.needs.iter().filter_map(|name| siblings(name));
        for earlier in needs.chain(hooks[0]).filter(|other| other.name != recipe.name) {
            self.recipe(earlier, &deeper, acts);
        }
        for command in &recipe.commands {
            let via = recipe.span_of(command);
            self.follow(command, &From { via: from.via.or(Some(&via)), ..deeper }, acts);
        }
        if let Some(later) = hooks[1] {
            self.recipe(later, &deeper, acts);
        }
    }

    /// The recipes that a wish means.
    fn matching(&self, wish: &Wish, folder: &str) -> Vec<&Recipe> {
        let named = |recipe: &&Recipe| {
            recipe.runner == wish.runner && wish.names.iter().any(|name| is_named(&recipe.name, name))
        };
        let in_folder = |folder: &str| -> Vec<&Recipe> {
            let all = self.recipes.iter().filter(|recipe| recipe.runner == wish.runner && recipe.folder == folder);
            // Without a name: the first one of make, just and task, or all of nox.
            match wish.names.is_empty() {
                true if wish.runner == Runner::Nox => all.collect(),
                true => all.take(1).collect(),
                false => all.filter(named).collect(),
            }
        };
        match &wish.place {
            Place::Folder(folder) => in_folder(folder),
            Place::Everywhere => self.recipes.iter().filter(named).collect(),
            Place::Package(package) => {
                let wanted = package.trim_matches(['.', '{', '}', '/', '*', '!', '^']).trim_end_matches("...");
                let of =
                    |recipe: &&Recipe| recipe.package.as_deref() == Some(wanted) || recipe.folder.ends_with(wanted);
                self.recipes.iter().filter(named).filter(of).collect()
            }
            Place::Here => {
                let above = std::iter::successors(Some(folder), |folder| match folder.rsplit_once('/') {
                    Some((up, _)) => Some(up),
                    None if folder.is_empty() => None,
                    None => Some(""),
                });
                above.map(in_folder).find(|found| !found.is_empty()).unwrap_or_default()
            }
        }
    }
}

/// Whence a command is followed.
#[derive(Clone, Copy)]
struct From<'a> {
    folder: &'a str,
    span: &'a Span,
    via: Option<&'a Span>,
    stops: bool,
    hops: usize,
}

impl From<'_> {
    fn deeper(&self) -> Self {
        Self { hops: self.hops + 1, ..*self }
    }

    fn act(&self, command: &Command, roles: Vec<Role>) -> Act {
        Act {
            roles,
            stops: self.stops,
            words: command.words.clone(),
            variables: command.variables.clone(),
            folder: self.folder.to_owned(),
            span: self.span.clone(),
            via: self.via.cloned(),
        }
    }
}

/// A name, or a pattern such as `lint:*`.
fn is_named(name: &str, wanted: &str) -> bool {
    wanted.strip_suffix('*').map_or(name == wanted, |head| name.starts_with(head))
}

/// The script of `bash -c '…'`, `sh -ec '…'`, and the first one of `concurrently`.
fn inline_script(call: Call<'_>) -> Option<&str> {
    let shell = matches!(call.program, "bash" | "sh" | "zsh" | "dash" | "ash");
    let at = call.args.iter().position(|arg| arg.starts_with('-') && arg.ends_with('c') && !arg.starts_with("--"))?;
    call.args.get(at + 1).map(String::as_str).filter(|_| shell)
}

/// It only says something, or does nothing.
fn is_stub(act: &Act) -> bool {
    let program = act.words.first().map_or("", String::as_str);
    matches!(program, "" | "echo" | "printf" | "exit" | "true" | ":" | "@echo")
}

/// What a name alone promises: `test:unit`, `lint-all`, `deploy:prod`.
pub fn role_of_name(name: &str) -> Option<Role> {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> =
        lower.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
    if has(&[
        "dry", "plan", "preview", "diff", "docs", "report", "setup", "prepare", "status", "wait", "notify", "dev",
        "local",
    ]) {
        return None;
    }
    if has(&["rollback"]) {
        return Some(Role::RollsBack);
    }
    if has(&["deploy", "redeploy"]) {
        return Some(Role::Deploys);
    }
    if has(&["publish"]) {
        return Some(Role::PublishesPackage);
    }
    if has(&["lint", "linter", "lints", "eslint"]) {
        return Some(Role::Lints);
    }
    if has(&["test", "tests", "spec", "specs", "e2e", "pytest", "unittest"]) {
        return Some(Role::Tests);
    }
    has(&["typecheck", "types", "tsc"]).then_some(Role::Types)
}

/// What a program that no table knows promises by its file's name: `python scripts/deploy.py`, `./deploy`.
fn role_of_program(call: Call) -> Option<Role> {
    let interpreters = [
        "python",
        "python3",
        "node",
        "ruby",
        "php",
        "tsx",
        "ts-node",
        "perl",
        "pwsh",
        "powershell",
        "bun",
        "bash",
        "sh",
        "source",
        ".",
    ];
    let path = if interpreters.contains(&call.program) { call.positionals().next()? } else { call.written };
    let is_path = path.contains('/') || path.contains('.');
    let name = path.rsplit('/').next()?;
    is_path.then(|| role_of_name(name)).flatten()
}
