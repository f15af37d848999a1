//! Finds secrets in the bytes of a file: candidates, judgement, redaction. What leaves this module holds no secret.

mod around;
mod assign;
mod catalogue;
mod checksum;
mod commands;
#[cfg(test)]
mod examples;
mod files;
mod generic;
mod header;
mod jwt;
mod keys;
mod letters;
mod name;
mod page;
mod pairs;
mod pem;
mod redact;
mod runs;
mod scan;
mod shape;
mod store;
mod url;
mod value;
// Lists of words: packed, they can be read at a glance.
#[rustfmt::skip]
mod vocabulary;
mod words;

pub use crate::secret::{Allowance, Confidence, Hit};
pub use redact::Salt;
pub use scan::Scanner;
pub use store::{Found, Secrets};

/// Where one takes a secret of this rule back, and where its form is documented.
pub fn revocation(rule: &str) -> Option<(&'static str, &'static str)> {
    let catalogue = catalogue::Catalogue::get();
    let pattern = catalogue.patterns.iter().find(|pattern| pattern.id == rule)?;
    // A group of providers shares one line of the table: its link is that of the first, and would mislead for the others.
    let is_one = !pattern.provider.name.contains(',') && !pattern.provider.name.starts_with("Other");
    is_one.then_some((pattern.provider.revoke, pattern.provider.source))
}
