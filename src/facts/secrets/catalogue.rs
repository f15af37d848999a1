//! The catalogue of token forms: read once from the tables below `patterns/`, and indexed by their first bytes.

use super::shape;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

const TABLES: [&str; 2] = [include_str!("patterns/clouds.txt"), include_str!("patterns/products.txt")];

/// Who gives out a kind of secret, and where it is taken back.
#[derive(Debug)]
pub struct Provider {
    pub name: &'static str,
    pub revoke: &'static str,
    pub source: &'static str,
}

/// How a token proves itself without asking its provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    None,
    /// The last 6 are the base-62 CRC32 of what is between the prefix and them.
    Crc62,
    /// As before; what is summed up is the first 50 after the prefix.
    Crc62First50,
    /// The last 8 are the hexadecimal CRC32 of the body.
    CrcHex,
    /// Grafana: the last 8 are the CRC32 of all before them and the `_`, in little-endian order.
    Grafana,
    /// Atlassian: `=` and the CRC32 of all before it, in upper-case hexadecimal digits.
    Atlassian,
    /// The first part is the base64 of a decimal number.
    Discord,
    /// The middle is base64 of JSON.
    Sentry,
}

/// How sure a form alone makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    Low,
    Medium,
    High,
}

/// One form of token.
#[derive(Debug)]
pub struct Pattern {
    pub id: &'static str,
    pub what: &'static str,
    pub shape: &'static str,
    /// The shape, read.
    pub parts: Vec<shape::Part<'static>>,
    pub provider: &'static Provider,
    pub proof: Proof,
    /// A text that every such token holds.
    pub holds: &'static str,
    /// One of these words stands before it on the line.
    pub near: Vec<&'static str>,
    pub weight: Weight,
    /// It begins with no fixed text.
    pub floating: bool,
}

/// All patterns, by the two bytes that they begin with.
#[derive(Debug)]
pub struct Catalogue {
    pub patterns: Vec<Pattern>,
    starts: HashMap<[u8; 2], Vec<usize>>,
    pub floating: Vec<usize>,
    words: HashSet<&'static str>,
    samples: HashSet<&'static [u8]>,
}

impl Catalogue {
    /// The one catalogue of this program.
    pub fn get() -> &'static Self {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE.get_or_init(Self::read)
    }

    fn read() -> Self {
        let mut catalogue = Self {
            patterns: Vec::new(),
            starts: HashMap::new(),
            floating: Vec::new(),
            words: HashSet::new(),
            samples: samples(),
        };
        for table in TABLES {
            catalogue.add(table);
        }
        for (index, pattern) in catalogue.patterns.iter().enumerate() {
            let prefix = shape::prefix(pattern.shape).as_bytes();
            match prefix.first_chunk::<2>() {
                Some(first) if !pattern.floating => catalogue.starts.entry(*first).or_default().push(index),
                Some(_) => catalogue.floating.push(index),
                None => match prefix.first() {
                    Some(&only) => {
                        for second in 33..127 {
                            catalogue.starts.entry([only, second]).or_default().push(index);
                        }
                    }
                    None => catalogue.floating.push(index),
                },
            }
        }
        catalogue
    }

    fn add(&mut self, table: &'static str) {
        let mut provider: Option<&'static Provider> = None;
        for line in table.lines() {
            if let Some(rest) = line.strip_prefix("= ") {
                let mut columns = rest.split(" | ");
                let mut next = || columns.next().unwrap_or_default();
                // Lives as long as the program does: the catalogue is made once.
                provider = Some(Box::leak(Box::new(Provider { name: next(), revoke: next(), source: next() })));
            } else if let Some(rest) = line.strip_prefix("@ ") {
                self.words.extend(rest.split(' '));
            } else if let (Some(provider), false) = (provider, line.starts_with('#')) {
                self.patterns.extend(pattern(line, provider));
            }
        }
    }

    /// The patterns that may begin with these bytes.
    pub fn starting(&self, text: &[u8]) -> impl Iterator<Item = &Pattern> {
        let found = text.first_chunk::<2>().and_then(|first| self.starts.get(first));
        found.into_iter().flatten().filter_map(|&index| self.patterns.get(index))
    }

    /// A value that begins as the tokens of one provider do, and is none of them.
    pub fn is_near_miss(&self, value: &[u8]) -> bool {
        const SHARED: [&str; 12] =
            ["sk_", "sk-", "key_", "live_", "test_", "pat_", "key-", "api-", "sk_live_", "sk_test_", "secret_", "pat-"];
        self.starting(value).any(|pattern| {
            let prefix = shape::prefix(pattern.shape);
            let marked = prefix.len() >= 4 && prefix.contains(['_', '-', '.']) && !SHARED.contains(&prefix);
            marked && pattern.near.is_empty() && pattern.weight == Weight::High && value.starts_with(prefix.as_bytes())
        })
    }

    /// A value that its documentation shows to everybody.
    pub fn is_sample(&self, value: &[u8]) -> bool {
        self.samples.contains(value)
    }

    /// A word (in lower case) that names a provider.
    pub fn names_provider(&self, word: &str) -> bool {
        self.words.contains(word)
    }
}

fn samples() -> HashSet<&'static [u8]> {
    let lines = include_str!("patterns/samples.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| Some(line.split_once(" | ")?.0.as_bytes())).collect()
}

fn pattern(line: &'static str, provider: &'static Provider) -> Option<Pattern> {
    let mut columns = line.split('|').map(str::trim);
    let (id, what, shape) = (columns.next()?, columns.next()?, columns.next()?);
    let mut pattern = Pattern {
        id,
        what,
        shape,
        parts: shape::parts(shape).collect(),
        provider,
        proof: Proof::None,
        holds: "",
        near: Vec::new(),
        weight: Weight::High,
        floating: shape.starts_with('<'),
    };
    for mark in columns.next().unwrap_or_default().split_whitespace() {
        match mark {
            "crc62" => pattern.proof = Proof::Crc62,
            "crc62p" => pattern.proof = Proof::Crc62First50,
            "crchex" => pattern.proof = Proof::CrcHex,
            "grafana" => pattern.proof = Proof::Grafana,
            "atlassian" => pattern.proof = Proof::Atlassian,
            "discord" => pattern.proof = Proof::Discord,
            "sentry" => pattern.proof = Proof::Sentry,
            "low" => pattern.weight = Weight::Low,
            "medium" => pattern.weight = Weight::Medium,
            "floating" => pattern.floating = true,
            _ => {
                if let Some(text) = mark.strip_prefix("holds=") {
                    pattern.holds = text;
                } else if let Some(words) = mark.strip_prefix("near=") {
                    pattern.near = words.split(',').collect();
                }
            }
        }
    }
    Some(pattern)
}
