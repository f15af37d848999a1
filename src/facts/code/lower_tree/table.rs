//! A language's table: what each kind of node of its grammar is in the common tree, and where its parts are.
//!
//! A line of `nodes.toml` is `kind = "construct"` or `kind = { is = "construct", part = "selector" }`; several kinds
//! that are the same stand in one quoted key, apart by spaces, and a token is written in quotes of its own. A part
//! without a selector is looked for in the field of that name. A selector is a list of alternatives:
//!
//! | written | selects |
//! |---|---|
//! | `body` | the children in that field |
//! | `@block` | the named children of that kind |
//! | `#0`, `#-1` | a named child by its number, from the front or the back |
//! | `*`, `*1` | the named children that no other part of the rule selects, or one of them |
//! | `.` | the node itself |

use std::collections::HashMap;
use toml_edit::{DocumentMut, Item, Value};
use tree_sitter::{Language, Node};

macro_rules! words {
    ($(#[$doc:meta])* $kind:ident { $($variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $kind { $($variant,)* }

        impl $kind {
            const WORDS: &'static [(&'static str, $kind)] = &[$(($word, $kind::$variant),)*];

            fn named(word: &str) -> Option<Self> {
                Self::WORDS.iter().find(|(own, _)| *own == word).map(|(_, kind)| *kind)
            }
        }
    };
}

words! {
    /// What a kind of node is. Those without a part of their own are named after the shape they become.
    Construct {
        Argument = "argument", Array = "array", Assign = "assign", Await = "await", Binary = "binary",
        Block = "block", Break = "break", Call = "call", Case = "case", Catch = "catch", Class = "class",
        Compare = "compare", Comprehension = "comprehension", Conditional = "conditional", Continue = "continue",
        DoWhile = "do-while", Each = "each", Fields = "fields", For = "for", Forever = "forever", Heredoc = "heredoc",
        Function = "function", Group = "group", If = "if", Import = "import", Index = "index", Infix = "infix",
        Initializer = "initializer", Inside = "inside", Joined = "joined", Lambda = "lambda", Let = "let",
        List = "list", Literal = "literal", LooseObject = "loose-object", Member = "member", Name = "name",
        Named = "named", New = "new", Null = "null", Number = "number", Object = "object", Own = "own",
        Package = "package", Pair = "pair", Parameter = "parameter", Pattern = "pattern", Return = "return",
        Skip = "skip", Spread = "spread", String = "string", Super = "super", Switch = "switch", Symbol = "symbol",
        This = "this", Throw = "throw", True = "true", False = "false", Boolean = "boolean", Try = "try", Type = "type",
        Typed = "typed", Unary = "unary", While = "while", With = "with", Words = "words", Yield = "yield",
        Decorated = "decorated", Retry = "retry", Spawn = "spawn", Defer = "defer", Embedded = "embedded",
    }
}

words! {
    /// The parts that constructs have.
    Part {
        Alias = "alias", Arguments = "arguments", Bases = "bases", Block = "block", Body = "body",
        Callee = "callee", Cases = "cases", Catches = "catches", Condition = "condition", Decorators = "decorators",
        Finally = "finally", Index = "index", Init = "init", Items = "items", Iterable = "iterable", Key = "key",
        Left = "left", Modifiers = "modifiers", Name = "name", Object = "object", Operator = "operator",
        Otherwise = "otherwise", Parameters = "parameters", Receiver = "receiver", Returns = "returns",
        Right = "right", Target = "target", Then = "then", Type = "type", Update = "update", Value = "value",
    }
}

/// How a part is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pick {
    Field(u16),
    Kind(u16),
    Nth(isize),
    Rest(Option<usize>),
    Itself,
}

/// What to do with one kind of node.
#[derive(Debug)]
pub struct Rule {
    pub construct: Construct,
    parts: Vec<(Part, Vec<Pick>)>,
    /// What a construct is told besides: `kind = "struct"`, `not = "true"`.
    options: Vec<(String, String)>,
}

/// The table of one language.
#[derive(Debug)]
pub struct Table {
    rules: Vec<Option<Rule>>,
    settings: HashMap<String, Vec<String>>,
}

impl Table {
    /// Reads the table; a mistake in it is a bug that the tests of the languages find.
    pub fn new(text: &str, language: &Language) -> Result<Self, String> {
        let document: DocumentMut = text.parse().map_err(|error| format!("{error}"))?;
        let mut rules: Vec<Option<Rule>> = (0..language.node_kind_count()).map(|_| None).collect();
        let nodes = document.get("nodes").and_then(Item::as_table).ok_or("no [nodes]")?;
        for (kinds, item) in nodes {
            for kind in kinds.split(' ') {
                let (name, is_named) = match kind.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
                    Some(token) => (token, false),
                    None => (kind, true),
                };
                let ids = ids_of(language, name, is_named);
                if ids.is_empty() {
                    return Err(format!("the grammar has no node {kind}"));
                }
                for id in ids {
                    rules[id as usize] = Some(rule(item, language).map_err(|error| format!("{kind}: {error}"))?);
                }
            }
        }
        let words = document.get("words").and_then(Item::as_table).into_iter().flatten();
        let settings = words.map(|(key, item)| (key.to_owned(), strings(item))).collect();
        Ok(Self { rules, settings })
    }

    pub fn rule(&self, node: Node) -> Option<&Rule> {
        self.rules.get(node.kind_id() as usize)?.as_ref()
    }

    /// Whether a word is in one of the table's lists.
    pub fn has(&self, list: &str, word: &str) -> bool {
        self.settings.get(list).is_some_and(|words| words.iter().any(|own| own == word))
    }
}

fn ids_of(language: &Language, name: &str, is_named: bool) -> Vec<u16> {
    let all = 0..language.node_kind_count() as u16;
    all.filter(|id| language.node_kind_for_id(*id) == Some(name) && language.node_kind_is_named(*id) == is_named)
        .collect()
}

fn strings(item: &Item) -> Vec<String> {
    let values = item.as_array().into_iter().flatten();
    values.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn rule(item: &Item, language: &Language) -> Result<Rule, String> {
    let mut written: Vec<(&str, &str)> = Vec::new();
    match item.as_value() {
        Some(Value::String(word)) => written.push(("is", word.value())),
        Some(Value::InlineTable(table)) => {
            for (key, value) in table {
                written.push((key, value.as_str().ok_or("a part is a text")?));
            }
        }
        _ => return Err("neither a construct nor a table".into()),
    }
    let is = written.iter().find(|(key, _)| *key == "is").ok_or("no construct")?.1;
    let construct = Construct::named(is).ok_or_else(|| format!("no construct {is}"))?;
    let mut rule = Rule { construct, parts: Vec::new(), options: Vec::new() };
    for (key, value) in written.into_iter().filter(|(key, _)| *key != "is") {
        match Part::named(key) {
            Some(part) => rule.parts.push((part, picks(value, language)?)),
            None => rule.options.push((key.to_owned(), value.to_owned())),
        }
    }
    for (word, part) in Part::WORDS {
        let field = language.field_id_for_name(word);
        if let (Some(field), true) = (field, rule.parts.iter().all(|(own, _)| own != part)) {
            rule.parts.push((*part, vec![Pick::Field(field.get())]));
        }
    }
    Ok(rule)
}

fn picks(selector: &str, language: &Language) -> Result<Vec<Pick>, String> {
    let mut picks = Vec::new();
    for written in selector.split('|') {
        if let Some(kind) = written.strip_prefix('@') {
            let ids = ids_of(language, kind, true);
            if ids.is_empty() {
                return Err(format!("the grammar has no node {kind}"));
            }
            picks.extend(ids.into_iter().map(Pick::Kind));
        } else if let Some(number) = written.strip_prefix('#') {
            picks.push(Pick::Nth(number.parse().map_err(|_| format!("no number: {written}"))?));
        } else if let Some(number) = written.strip_prefix('*') {
            picks.push(Pick::Rest(number.parse().ok()));
        } else if written == "." {
            picks.push(Pick::Itself);
        } else {
            let field =
                language.field_id_for_name(written).ok_or_else(|| format!("the grammar has no field {written}"))?;
            picks.push(Pick::Field(field.get()));
        }
    }
    Ok(picks)
}

impl Rule {
    /// The nodes of a part, by the first alternative that selects any.
    pub fn all<'t>(&self, node: Node<'t>, part: Part) -> Vec<Node<'t>> {
        let Some((_, picks)) = self.parts.iter().find(|(own, _)| *own == part) else { return Vec::new() };
        let mut found = Vec::new();
        for pick in picks {
            match pick {
                Pick::Field(field) => {
                    let mut cursor = node.walk();
                    let Some(field) = std::num::NonZeroU16::new(*field) else { continue };
                    found.extend(node.children_by_field_id(field, &mut cursor));
                }
                // Alternatives by kind are alike: a list may hold either.
                Pick::Kind(_) => found = self.by_kinds(node, picks),
                Pick::Nth(number) => found.extend(nth(node, *number)),
                Pick::Rest(None) => found = self.rest(node, part),
                Pick::Rest(Some(number)) => found.extend(self.rest(node, part).get(*number)),
                Pick::Itself => found.push(node),
            }
            if !found.is_empty() {
                break;
            }
        }
        found
    }

    pub fn one<'t>(&self, node: Node<'t>, part: Part) -> Option<Node<'t>> {
        self.all(node, part).into_iter().next()
    }

    fn by_kinds<'t>(&self, node: Node<'t>, picks: &[Pick]) -> Vec<Node<'t>> {
        named(node).into_iter().filter(|child| picks.contains(&Pick::Kind(child.kind_id()))).collect()
    }

    /// The named children that no other part names by its field or kind.
    fn rest<'t>(&self, node: Node<'t>, part: Part) -> Vec<Node<'t>> {
        let others = || self.parts.iter().filter(|(own, _)| *own != part).flat_map(|(_, picks)| picks);
        let mut cursor = node.walk();
        let mut rest = Vec::new();
        let mut more = cursor.goto_first_child();
        while more {
            let child = cursor.node();
            let field = cursor.field_id().map(std::num::NonZeroU16::get);
            let is_claimed = others().any(|pick| match pick {
                Pick::Field(own) => field == Some(*own),
                Pick::Kind(kind) => child.kind_id() == *kind,
                _ => false,
            });
            if child.is_named() && !child.is_extra() && !is_claimed {
                rest.push(child);
            }
            more = cursor.goto_next_sibling();
        }
        rest
    }

    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// The named children of a node, comments left out.
pub fn named(node: Node) -> Vec<Node> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !child.is_extra()).collect()
}

fn nth(node: Node, number: isize) -> Option<Node> {
    let children = named(node);
    let index = if number < 0 { children.len().checked_sub(number.unsigned_abs())? } else { number as usize };
    children.get(index).copied()
}
