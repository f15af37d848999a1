//! Tables that the repository declares, and whether one of their columns is unique by more than a counter.

use super::guard::Sign;
use crate::evidence::Blob;
use crate::facts::Facts;
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The head of a declaration: SQL, Prisma, Django and SQLAlchemy classes, JPA and EF entities, migrations.
static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?im)\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?([\w."`\[\]]+)\s*\(|^\s*model\s+(\w+)\s*\{|^\s*class\s+(\w+)\s*\((?:models\.Model|Base|db\.Model|SQLModel[^)]*)\)\s*:|\bcreate_table\s*\(?\s*[:"'](\w+)|Schema::create\(\s*'(\w+)'|createTable\(\s*['"](\w+)['"]|(?:pgTable|sqliteTable|mysqlTable)\(\s*['"](\w+)['"]"#)
        .expect("a fixed pattern")
});
/// An index that is made apart.
static INDEX: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)create\s+unique\s+index\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?[\w."`]*\s*on\s+([\w."`]+)|add_index\s*\(?\s*[:"'](\w+)[^\n]*unique:\s*true|alter\s+table\s+(?:only\s+)?([\w."`]+)\s+add\s+(?:constraint\s+\S+\s+)?(?:unique|primary\s+key)"#)
        .expect("a fixed pattern")
});
/// Words that make a column unique, and words of columns that count by themselves.
static UNIQUE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\bunique|primary\s*key|primary_key|primaryKey|\.primary\(|@id\b|@@id|@@unique|UniqueConstraint|id:\s*:string|id:\s*false").expect("a fixed pattern")
});
static COUNTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)serial|identity|auto_?increment|gen_random_uuid|uuid_generate|newid\(|uuid\(\)|cuid\(\)|default_factory|default=uuid|Integer,\s*primary_key|Optional\[int\]|->id\(|increments\(|defaultRandom|unique\s*=\s*False|integer\s+primary\s+key").expect("a fixed pattern")
});

/// What is known of a table.
#[derive(Debug)]
struct Table {
    sign: Sign,
    is_unique: bool,
}

/// All tables, by their folded names.
#[derive(Debug, Default)]
pub(super) struct Tables {
    by_name: BTreeMap<String, Table>,
}

impl Tables {
    pub fn of(facts: &Facts) -> Self {
        let mut tables = Self::default();
        for blob in facts.snapshot.blobs().filter(|blob| may_declare(blob)) {
            tables.read(blob);
        }
        for blob in facts.snapshot.blobs().filter(|blob| may_declare(blob)) {
            for found in INDEX.captures_iter(blob.text()) {
                let name = found.iter().skip(1).flatten().next().map(|name| fold(name.as_str()));
                if let Some(table) = name.and_then(|name| tables.by_name.get_mut(&name)) {
                    table.is_unique = true;
                }
            }
        }
        tables
    }

    fn read(&mut self, blob: &Blob) {
        for found in HEAD.captures_iter(blob.text()).take(500) {
            let (Some(whole), Some(name)) = (found.get(0), found.iter().skip(1).flatten().next()) else { continue };
            let rest = blob.text().get(whole.end()..).unwrap_or_default();
            let body = body(rest, whole.as_str());
            let is_unique = body.lines().any(|line| UNIQUE.is_match(line) && !COUNTER.is_match(line));
            let sign = Sign {
                span: blob.span(whole.range()),
                text: format!("{} has no unique column but its counter", name.as_str()),
            };
            let table = self.by_name.entry(fold(name.as_str())).or_insert(Table { sign, is_unique });
            table.is_unique |= is_unique;
        }
    }

    /// The place where a table is declared, if it is and nothing in it refuses a second row.
    pub fn without_key(&self, name: &str) -> Option<Sign> {
        self.by_name.get(&fold(name)).filter(|table| !table.is_unique).map(|table| table.sign.clone())
    }
}

fn may_declare(blob: &Blob) -> bool {
    let ends = [".sql", ".prisma", ".py", ".rb", ".php", ".ts", ".js", ".mjs", ".go", ".java", ".kt", ".cs"];
    blob.text().len() < 1 << 20 && ends.iter().any(|end| blob.path().ends_with(end))
}

/// The declaration's body: to the end of its brackets, of its indented lines, or of its block.
fn body<'t>(rest: &'t str, head: &str) -> &'t str {
    let end = match head.trim_end().chars().last() {
        Some('(') => closing(rest, '(', ')'),
        Some('{') => closing(rest, '{', '}'),
        Some(':') => rest.find("\n\n\n").or_else(|| rest.find("\nclass ")),
        _ => rest.find("\n  end").or_else(|| rest.find("});")).or_else(|| rest.find("\n)")),
    };
    let end = end.unwrap_or(rest.len()).min(4_000);
    rest.get(..rest.floor_char_boundary(end)).unwrap_or(rest)
}

fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 1_usize;
    text.char_indices().take(8_000).find_map(|(at, letter)| {
        depth = if letter == open {
            depth + 1
        } else if letter == close {
            depth - 1
        } else {
            depth
        };
        (depth == 0).then_some(at)
    })
}

/// `"public"."SeenDeliveries"` and `seen_delivery` are one name.
fn fold(name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    let letters: String = last.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let lower = letters.to_ascii_lowercase();
    let singular =
        lower.strip_suffix("ies").map(|stem| format!("{stem}y")).or_else(|| lower.strip_suffix('s').map(str::to_owned));
    singular.unwrap_or(lower)
}
