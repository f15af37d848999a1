//! Whether a section of a document holds steps that someone could follow, or only promises them.

use super::{Block, Document, Kind};
use crate::evidence::Span;
use crate::facts::shell::call::Call;
use crate::facts::shell::{Strictness, commands};

/// What the section below a heading is worth as a procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Procedure {
    /// Steps that can be followed, with the first of them.
    Steps(Span),
    /// They concern the database alone.
    DatabaseOnly,
    /// A stub, or words without a step.
    Words,
}

/// Programs that change a database's schema or data: taking those back takes back no deployment.
const DATABASE: &[&str] = &[
    "psql",
    "mysql",
    "pg_restore",
    "pg_dump",
    "alembic",
    "prisma",
    "knex",
    "sequelize",
    "sequelize-cli",
    "typeorm",
    "flyway",
    "liquibase",
    "goose",
    "dbmate",
    "drizzle-kit",
    "diesel",
    "sqlx",
    "migrate",
    "mongorestore",
    "sqlite3",
    "yoyo",
    "atlas",
];
/// Words by which a task of a general tool concerns the database.
const DATABASE_TASKS: &[&str] = &["db:", "migrate", "migration", "database", "ROLLBACK", "ROLLBACK;"];

/// Words that say the text is still to be written.
const STUBS: &[&str] = &[
    "todo",
    "tbd",
    "coming soon",
    "to be written",
    "to be documented",
    "to be defined",
    "not yet",
    "placeholder",
    "fixme",
    "wip",
];

/// Verbs with which a step of a procedure begins.
const VERBS: &[&str] = &[
    "revert",
    "redeploy",
    "re-deploy",
    "deploy",
    "promote",
    "rerun",
    "re-run",
    "run",
    "switch",
    "restore",
    "click",
    "select",
    "set",
    "open",
    "choose",
    "push",
    "roll",
    "check",
    "checkout",
    "stop",
    "start",
    "restart",
    "pull",
    "go",
    "find",
    "pick",
    "scale",
    "trigger",
    "execute",
    "use",
    "change",
    "update",
    "point",
    "identify",
    "cherry-pick",
    "disable",
    "enable",
    "merge",
    "tag",
    "repeat",
    "retag",
    "upload",
    "apply",
    "verify",
    "confirm",
    "delete",
    "remove",
    "log",
    "navigate",
    "wait",
    "note",
    "copy",
    "edit",
    "press",
];
/// What one goes back to.
const TARGETS: &[&str] = &[
    "previous",
    "earlier",
    "last good",
    "last known",
    "prior",
    "older",
    "old version",
    "known-good",
    "known good",
    "last working",
    "last stable",
    "before it",
];

impl Document {
    /// What the section of that index holds, its sub-sections included.
    pub fn procedure(&self, index: usize) -> Procedure {
        let blocks: Vec<&Block> = self.below(index).collect();
        let is_stub = blocks.iter().any(|block| block.kind != Kind::Code && is_stub(&block.text));
        let mut database = false;
        for block in blocks.iter().filter(|block| block.kind == Kind::Code || !is_stub) {
            match command_in(block) {
                Some(true) => return Procedure::Steps(block.span.clone()),
                Some(false) => database = true,
                None => {}
            }
        }
        if database {
            return Procedure::DatabaseOnly;
        }
        let steps: Vec<&&Block> = blocks.iter().filter(|block| is_step(block)).collect();
        let told = blocks.iter().find(|block| is_told(block));
        let first = if steps.len() >= 2 { steps.first().copied() } else { told };
        match first.filter(|_| !is_stub) {
            Some(block) => Procedure::Steps(block.span.clone()),
            None => Procedure::Words,
        }
    }
}

fn is_stub(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let whole = |word: &str| {
        lower.match_indices(word).any(|(at, _)| {
            let before = lower[..at].chars().next_back().is_none_or(|letter| !letter.is_alphanumeric());
            before && lower[at + word.len()..].chars().next().is_none_or(|letter| !letter.is_alphanumeric())
        })
    };
    STUBS.iter().any(|stub| whole(stub))
}

/// Whether a block holds a command: true for one that concerns the deployment, false for the database's.
fn command_in(block: &Block) -> Option<bool> {
    let scripts: Vec<String> = match block.kind {
        Kind::Code => vec![block.text.lines().map(prompted).collect::<Vec<_>>().join("\n")],
        _ => block.code.iter().filter(|code| code.trim().contains(' ')).cloned().collect(),
    };
    let found: Vec<bool> = scripts
        .iter()
        .flat_map(|script| commands(script, Strictness::ERREXIT))
        .filter_map(|command| {
            let call = Call::of(&command.words)?;
            let named = call.program.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
            let says =
                named && !call.args.is_empty() && !matches!(call.program, "echo" | "cd" | "export" | "cat" | "todo");
            says.then(|| !is_database(call))
        })
        .collect();
    if found.is_empty() { None } else { Some(found.contains(&true)) }
}

/// A line without the prompt before it.
fn prompted(line: &str) -> &str {
    let bare = line.trim_start();
    bare.strip_prefix("$ ").or_else(|| bare.strip_prefix("> ")).or_else(|| bare.strip_prefix("% ")).unwrap_or(line)
}

fn is_database(call: Call) -> bool {
    DATABASE.contains(&call.program)
        || call.program.eq_ignore_ascii_case("rollback")
        || call.args.iter().any(|arg| DATABASE_TASKS.iter().any(|task| arg.contains(task)))
}

fn words(text: &str) -> Vec<String> {
    let split = text.split(|letter: char| !(letter.is_alphanumeric() || letter == '-'));
    split.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// An item of a list that begins with a verb, or is numbered and long enough to say something.
fn is_step(block: &Block) -> bool {
    let words = words(&block.text);
    let verb = words.iter().take(4).any(|word| VERBS.contains(&word.as_str()));
    match block.kind {
        Kind::Step => words.len() >= 4 || (verb && words.len() >= 2),
        Kind::Item => verb && words.len() >= 3,
        _ => false,
    }
}

/// A paragraph that says what to do and what to go back to.
fn is_told(block: &Block) -> bool {
    let lower = block.text.to_lowercase();
    let words = words(&lower);
    let verb = words.iter().any(|word| VERBS.contains(&word.as_str()));
    block.kind != Kind::Code && words.len() >= 8 && verb && TARGETS.iter().any(|target| lower.contains(target))
}
