//! What may be shown of a secret, and what stands for it.

use sha2::{Digest as _, Sha256};

/// Shown of a secret of at least [`SHORT`] bytes.
const SHOWN: usize = 4;
/// Of anything shorter nothing is shown.
const SHORT: usize = 16;
/// Makes each guess at a short secret cost something.
const ROUNDS: usize = 512;

/// What is hashed together with each secret, so that equal fingerprints of two repositories mean nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salt(pub Vec<u8>);

impl Default for Salt {
    fn default() -> Self {
        Self(b"mx-prod-gate".to_vec())
    }
}

/// The first four characters at most, and the length.
pub fn redacted(secret: &[u8]) -> String {
    let text = String::from_utf8_lossy(secret);
    let length = text.chars().count();
    let shown: String =
        if length >= SHORT { text.chars().take(SHOWN).filter(|c| !c.is_control()).collect() } else { String::new() };
    format!("{shown}\u{2026} ({length} characters)")
}

/// 16 hexadecimal digits that stand for a secret of one rule.
pub fn fingerprint(salt: &Salt, rule: &str, secret: &[u8]) -> String {
    let mut sum = Sha256::new()
        .chain_update(&salt.0)
        .chain_update([0])
        .chain_update(rule)
        .chain_update([0])
        .chain_update(secret)
        .finalize();
    for _ in 0..ROUNDS {
        sum = Sha256::new().chain_update(&salt.0).chain_update(sum).finalize();
    }
    sum.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_shown_and_nothing_of_short_ones() {
        assert_eq!(redacted(b"hunter2"), "\u{2026} (7 characters)");
        assert_eq!(redacted(b"abcdefghijklmnop"), "abcd\u{2026} (16 characters)");
        let (salt, other) = (Salt::default(), Salt(vec![1]));
        assert_eq!(fingerprint(&salt, "r", b"s"), fingerprint(&salt, "r", b"s"));
        assert_ne!(fingerprint(&salt, "r", b"s"), fingerprint(&other, "r", b"s"));
    }
}
