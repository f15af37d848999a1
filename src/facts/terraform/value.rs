//! Evaluated values and bodies, each with the line it stands at.

use crate::evidence::Span;

/// What an expression comes to.
#[derive(Debug, Clone)]
pub struct Value {
    pub kind: Kind,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum Kind {
    Text(String),
    Number(f64),
    Truth(bool),
    Null,
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
    /// Something that exists only after a plan or comes from outside: `aws_secretsmanager_secret.x.arn`, `var.key`.
    Reference(String),
    /// A text with such references in it, as written.
    Template(String),
    Unknown,
}

impl Value {
    pub fn text(&self) -> Option<String> {
        match &self.kind {
            Kind::Text(text) => Some(text.clone()),
            Kind::Number(number) => Some(number.to_string()),
            Kind::Truth(truth) => Some(truth.to_string()),
            _ => None,
        }
    }

    /// The text, with what is not known as it was written.
    pub fn shown(&self) -> Option<String> {
        match &self.kind {
            Kind::Reference(text) | Kind::Template(text) => Some(text.clone()),
            _ => self.text(),
        }
    }

    /// A number, or a text that is one.
    pub fn number(&self) -> Option<f64> {
        match &self.kind {
            Kind::Number(number) => Some(*number),
            Kind::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    pub fn truth(&self) -> Option<bool> {
        match &self.kind {
            Kind::Truth(truth) => Some(*truth),
            Kind::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    pub fn items(&self) -> &[Value] {
        if let Kind::List(items) = &self.kind { items } else { &[] }
    }

    pub fn entries(&self) -> &[(String, Value)] {
        if let Kind::Map(entries) = &self.kind { entries } else { &[] }
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries().iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Only a plan could tell.
    pub fn is_open(&self) -> bool {
        matches!(self.kind, Kind::Reference(_) | Kind::Template(_) | Kind::Unknown)
    }

    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }
}

/// The inside of a block.
#[derive(Debug, Clone, Default)]
pub struct Body {
    pub attributes: Vec<(String, Value)>,
    pub blocks: Vec<Block>,
}

/// A nested block; what a `dynamic` block makes is here too.
#[derive(Debug, Clone)]
pub struct Block {
    pub name: String,
    pub labels: Vec<String>,
    pub span: Span,
    pub body: Body,
}

impl Body {
    /// An attribute that is set; null is not set.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value).filter(|value| !value.is_null())
    }

    pub fn blocks<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| block.name == name)
    }

    pub fn block(&self, name: &str) -> Option<&Block> {
        self.blocks.iter().find(|block| block.name == name)
    }

    /// The block at the end of a path of names.
    pub fn block_at(&self, path: &[&str]) -> Option<&Block> {
        let (first, rest) = path.split_first()?;
        let block = self.block(first)?;
        if rest.is_empty() { Some(block) } else { block.body.block_at(rest) }
    }

    /// Every block of that name, at any depth.
    pub fn all_blocks<'a>(&'a self, name: &str) -> Vec<&'a Block> {
        let mut found = Vec::new();
        for block in &self.blocks {
            if block.name == name {
                found.push(block);
            }
            found.extend(block.body.all_blocks(name));
        }
        found
    }
}
