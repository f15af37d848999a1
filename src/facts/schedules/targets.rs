//! What a schedule names: a file, a class, a function, a job that was registered under a name, a route.

use crate::facts::Facts;
use crate::facts::code::{Code, Kind, Node, NodeKey};
use crate::facts::routes::file_route;
use std::collections::HashMap;

/// As many places may share a name before it says nothing.
const MAX_SHARED: usize = 6;
/// Words of manifests and commands that are names of files and functions by accident.
const EVERYDAY: [&str; 60] = [
    "main",
    "index",
    "app",
    "apps",
    "run",
    "node",
    "python",
    "python3",
    "server",
    "worker",
    "name",
    "image",
    "schedule",
    "cron",
    "spec",
    "template",
    "metadata",
    "command",
    "args",
    "start",
    "exec",
    "bash",
    "true",
    "false",
    "container",
    "containers",
    "config",
    "default",
    "handler",
    "kind",
    "batch",
    "jobs",
    "type",
    "method",
    "http",
    "https",
    "target",
    "post",
    "with",
    "uses",
    "steps",
    "checkout",
    "setup",
    "install",
    "build",
    "test",
    "client",
    "data",
    "latest",
    "resources",
    "limits",
    "requests",
    "memory",
    "restart",
    "secret",
    "secrets",
    "value",
    "description",
    "rails",
    "bundle",
];

/// The names under which code can be asked for.
pub(super) struct Targets {
    named: HashMap<String, Vec<NodeKey>>,
    scripts: Vec<(String, String)>,
}

impl Targets {
    pub(super) fn of(facts: &Facts, code: &Code) -> Self {
        let mut named: HashMap<String, Vec<NodeKey>> = HashMap::new();
        let mut add = |name: &str, node: Node<'_>| {
            if name.len() >= 3 {
                let keys = named.entry(folded(name)).or_default();
                if !keys.contains(&node.key()) {
                    keys.push(node.key());
                }
            }
        };
        for source in code.sources() {
            add(stem(source.path()), source.root());
            if let Some((path, _)) = file_route(source.blob()) {
                add(&path, source.root());
            }
            for node in source.nodes() {
                match node.kind() {
                    Kind::Class(class) => add(class.name, node),
                    Kind::Function(function) => add(function.known_as(), node),
                    Kind::Call(call) => registered(call.argument(0), node).into_iter().for_each(|name| add(name, node)),
                    Kind::Let(declared) if declared.target.leaf() == "signature" => {
                        let command =
                            declared.value.and_then(Node::as_str).and_then(|text| text.split_whitespace().next());
                        let class = node.enclosing_class();
                        class.into_iter().zip(command).for_each(|(class, command)| add(command, class.node));
                    }
                    _ => {}
                }
            }
        }
        let packages = facts.manifests().packages();
        let scripts = packages.iter().flat_map(|package| &package.scripts);
        Self { named, scripts: scripts.map(|script| (script.name.clone(), script.command.clone())).collect() }
    }

    /// The code that the words of a text name.
    pub(super) fn in_text(&self, text: &str) -> Vec<NodeKey> {
        let mut found = Vec::new();
        for (name, command) in &self.scripts {
            let runs = ["npm run ", "yarn ", "pnpm ", "npm run-script ", "bun run ", "composer "];
            let is_run = runs.iter().any(|run| text.contains(&format!("{run}{name}")))
                || (name == "start" && text.contains("npm start"));
            if is_run {
                words(command).for_each(|word| found.extend(self.by_word(word)));
            }
        }
        words(text).for_each(|word| found.extend(self.by_word(word)));
        found.sort_unstable();
        found.dedup();
        found
    }

    fn by_word(&self, word: &str) -> Vec<NodeKey> {
        let word = word.trim_end_matches(['.', ':']);
        let path =
            word.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..))).unwrap_or(word);
        let path = path.split(['?', '#']).next().unwrap_or(path);
        let last = path.rsplit(['/', '.', ':', '#']).next().unwrap_or(path);
        // A route or the name of a job as a whole, a file, the end of a dotted path.
        let names = [path, stem(path), last];
        let found = names.iter().find_map(|name| self.named.get(&folded(name)).filter(|_| says_something(name)));
        found.filter(|keys| keys.len() <= MAX_SHARED).cloned().unwrap_or_default()
    }
}

/// The name that a job or route is registered under: `queue.process("sync", run)`, `task reconcile: :environment do`.
fn registered<'a>(first: Option<Node<'a>>, call: Node<'a>) -> Option<&'a str> {
    let view = call.as_call()?;
    let runs = view.arguments.iter().any(|argument| {
        matches!(argument.kind(), Kind::Function(_))
            || (matches!(argument.kind(), Kind::Name(_) | Kind::Member { .. }) && Some(argument) != first)
    });
    let registers = [
        "process",
        "Worker",
        "define",
        "work",
        "task",
        "post",
        "get",
        "all",
        "timer",
        "register",
        "add_url_rule",
        "HandleFunc",
        "Post",
        "Get",
        "MapPost",
        "MapGet",
        "Route",
        "command",
    ];
    if !runs || !registers.contains(&view.method()) {
        return None;
    }
    // Ruby's `task reconcile: :environment do` names it by a key.
    let by_key = || {
        view.arguments.iter().find_map(|argument| match argument.kind() {
            Kind::Named { name, .. } if view.method() == "task" => Some(name),
            Kind::Object(pairs) if view.method() == "task" => pairs.first().and_then(|pair| match pair.kind() {
                Kind::Pair { key, .. } => Some(key.leaf()),
                _ => None,
            }),
            _ => None,
        })
    };
    first.and_then(Node::as_str).or_else(by_key)
}

fn says_something(name: &str) -> bool {
    let lower = name.trim_matches('-').to_ascii_lowercase();
    lower.len() >= 4 && !EVERYDAY.contains(&lower.as_str()) && !lower.bytes().all(|byte| byte.is_ascii_digit())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_end = |letter: char| letter.is_whitespace() || "\"'`,;()[]{}=<>|&".contains(letter);
    text.split(is_end).filter(|word| !word.is_empty())
}

/// A name without case, hyphens and underscores: `parts-sync`, `PartsSync` and `parts_sync` are one.
fn folded(name: &str) -> String {
    name.chars().filter(|letter| !matches!(letter, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// The name of a file without its folders and its ending.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split_once('.').map_or(name, |(stem, _)| stem)
}
