//! SQL statements that write, as texts of the source.

use super::Again;
use crate::facts::code::{Call, Code, Kind, Node, Origin};

/// Calls that are handed a statement, or run one that was prepared.
const RUNS: [&str; 44] = [
    "query",
    "execute",
    "exec",
    "run",
    "all",
    "get",
    "first",
    "prepare",
    "raw",
    "unsafe",
    "sql",
    "fetch",
    "fetchrow",
    "fetchval",
    "fetch_one",
    "fetch_val",
    "executemany",
    "Exec",
    "ExecContext",
    "Query",
    "QueryRow",
    "QueryContext",
    "QueryRowContext",
    "QueryRowxContext",
    "NamedExec",
    "NamedExecContext",
    "Prepare",
    "update",
    "batchUpdate",
    "queryForObject",
    "prepareStatement",
    "createNativeQuery",
    "ExecuteAsync",
    "Execute",
    "ExecuteScalarAsync",
    "QueryAsync",
    "QuerySingleOrDefaultAsync",
    "ExecuteSqlInterpolatedAsync",
    "ExecuteSqlRawAsync",
    "exec_query",
    "exec_params",
    "statement",
    "text",
    "bind",
];

/// A statement that writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The table, in lower case without quotes and schema.
    pub table: String,
    pub verb: &'static str,
    pub again: Again,
    /// It does nothing where the row is there, and says so.
    pub claims: bool,
}

/// Reads a text as a statement that writes.
pub fn statement(text: &str) -> Option<Statement> {
    let folded = text.trim_start_matches(['(', '"', ' ', '\n', '\r', '\t']).to_ascii_lowercase();
    let words: Vec<&str> =
        folded.split(|c: char| c.is_whitespace() || c == '(').filter(|word| !word.is_empty()).take(4_000).collect();
    // `WITH moved AS (DELETE …) INSERT …`: the first writing verb decides.
    let first = *words.first()?;
    let at = match first {
        "insert" | "update" | "delete" | "merge" | "replace" | "upsert" => 0,
        "with" | "begin" | "explain" => {
            words.iter().position(|word| matches!(*word, "insert" | "update" | "delete" | "merge"))?
        }
        _ => return None,
    };
    let rest = words.get(at..)?;
    let has = |wanted: &[&str]| {
        rest.windows(wanted.len())
            .any(|window| window.iter().zip(wanted).all(|(own, word)| own.trim_matches([',', ';', ')', '`']) == *word))
    };
    let table_after =
        |word: &str| rest.iter().position(|own| *own == word).and_then(|at| rest.get(at + 1)).map(|name| table(name));
    let counts = counts_on(&folded);
    let (verb, table, again, claims) = match *rest.first()? {
        "insert" => {
            let table = table_after("into").or_else(|| rest.get(1).map(|name| table(name)))?;
            let ignores = has(&["insert", "ignore"])
                || has(&["or", "ignore"])
                || (has(&["on", "conflict"]) && has(&["do", "nothing"]));
            let replaces = has(&["do", "update"]) || has(&["duplicate", "key", "update"]) || has(&["or", "replace"]);
            if !has(&["values"]) && !has(&["select"]) && !has(&["default"]) && !has(&["set"]) && !has(&["into"]) {
                return None;
            }
            let again = if (ignores || replaces) && !counts { Again::Same } else { Again::Repeats };
            ("insert into", table, again, ignores)
        }
        "update" => {
            let table = rest.get(1).map(|name| table(name))?;
            if !has(&["set"]) {
                return None;
            }
            ("update", table, if counts { Again::Repeats } else { Again::Same }, false)
        }
        "delete" => ("delete from", table_after("from")?, Again::Same, false),
        "merge" => {
            let updates = has(&["when", "matched"]);
            let table = table_after("into").or_else(|| rest.get(1).map(|name| table(name)))?;
            ("merge into", table, Again::Same, !updates)
        }
        "replace" => ("replace into", table_after("into")?, Again::Same, false),
        "upsert" => ("upsert into", table_after("into")?, Again::Same, false),
        _ => return None,
    };
    Some(Statement { table, verb, again, claims })
}

fn table(word: &str) -> String {
    let word = word.split(['(', ',', ';']).next().unwrap_or(word);
    word.rsplit('.').next().unwrap_or(word).trim_matches(['"', '`', '[', ']', '\'']).to_owned()
}

/// `n = n + 1`: adds to what is there.
fn counts_on(text: &str) -> bool {
    let Some((_, sets)) = text.split_once("set") else { return false };
    sets.split(',').filter_map(|part| part.split_once('=')).any(|(name, value)| {
        let name = name.split_whitespace().last().unwrap_or_default();
        let name = name.rsplit('.').next().unwrap_or(name).trim_matches(['"', '`']);
        let is_sum = value.contains('+') || value.contains(" - ");
        !name.is_empty() && is_sum && value.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
    })
}

/// The writing statements that a call runs: its own texts, constants, or what was prepared before.
pub fn statements_of(code: &Code, call: Call<'_>) -> Vec<Statement> {
    let mut found = Vec::new();
    for argument in call.arguments.iter().take(3) {
        found.extend(of_text(code, argument, RUNS.contains(&call.method())));
    }
    if found.is_empty()
        && RUNS.contains(&call.method())
        && let Some(receiver) = call.receiver()
    {
        let makers = code.origins(receiver).into_iter().filter_map(|origin| match origin {
            Origin::Library(_, Some(maker)) => Some(maker),
            _ => None,
        });
        let prepared = makers
            .filter(|maker| maker.method().to_ascii_lowercase().starts_with("prepare") && maker.node != call.node);
        let texts = prepared.filter_map(|maker| maker.argument(0));
        found.extend(texts.flat_map(|text| of_text(code, text, true)));
    }
    found
}

fn of_text(code: &Code, node: Node<'_>, may_follow: bool) -> Vec<Statement> {
    let texts = match node.kind() {
        Kind::Str(text) => vec![text.to_owned()],
        Kind::Template(_) | Kind::Binary { .. } => code.texts(node),
        Kind::Name(_) | Kind::Member { .. } if may_follow => code.texts(node),
        Kind::Named { value, .. } => return of_text(code, value, may_follow),
        // `text("INSERT …")`, `.trimIndent()`.
        Kind::Call(inner)
            if matches!(inner.method(), "text" | "trimIndent" | "sql" | "SQL" | "raw" | "stripIndent") =>
        {
            return inner
                .argument(0)
                .or_else(|| inner.receiver())
                .map(|text| of_text(code, text, true))
                .unwrap_or_default();
        }
        _ => return Vec::new(),
    };
    texts.iter().filter_map(|text| statement(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> String {
        statement(text).map_or("none".to_owned(), |found| {
            format!("{} {} {:?}{}", found.verb, found.table, found.again, if found.claims { " claims" } else { "" })
        })
    }

    #[test]
    fn statements_say_what_a_second_time_does() {
        assert_eq!(read("INSERT INTO app.seen (k) VALUES ($1) ON CONFLICT DO NOTHING"), "insert into seen Same claims");
        assert_eq!(read("insert or ignore into seen(k) values (?)"), "insert into seen Same claims");
        assert_eq!(read("INSERT IGNORE INTO `seen` SET k = ?"), "insert into seen Same claims");
        assert_eq!(
            read("INSERT INTO orders (id) VALUES ($1)\nON CONFLICT (id) DO UPDATE SET t = EXCLUDED.t"),
            "insert into orders Same"
        );
        assert_eq!(
            read("INSERT INTO c (id, n) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET n = c.n + 1"),
            "insert into c Repeats"
        );
        assert_eq!(read("UPDATE stock SET n = n - $1 WHERE id = $2"), "update stock Repeats");
        assert_eq!(read("UPDATE orders SET status = $1 WHERE id = $2"), "update orders Same");
        assert_eq!(read("DELETE FROM orders WHERE id = 1"), "delete from orders Same");
        assert_eq!(read("SELECT 1"), "none");
        assert_eq!(read("Update the user"), "none");
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "(insert|update|with|merge|delete|set|into|[a-z(),.=+ ]){0,12}") {
            let _ = statement(&text);
        }
    }
}
