//! What the name of a variable, a field or a flag says of its value.

use super::catalogue::Catalogue;
use super::letters;
use super::vocabulary::{KEY_KINDS, KEYS, NOT_KEYS, NOT_TOKENS, PASSWORDS, SECRETS, TAILS, TOKENS, WEAK};

/// How strongly a name says that its value is secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// It says nothing, or that the value is none.
    None,
    /// `key`, `auth`, `id` of a known provider: only a value that looks like a token counts.
    Weak,
    Token,
    Key,
    Secret,
    Password,
}

/// A name, read.
#[derive(Debug)]
pub struct Name {
    pub strength: Strength,
    /// A word of it names a provider.
    pub provider: bool,
    /// Its last word does.
    pub ends_in_provider: bool,
    pub words: Vec<String>,
}

fn of_noun(words: &[String]) -> Strength {
    let Some((noun, before)) = words.split_last() else { return Strength::None };
    let noun = noun.as_str();
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    let kind = before.last().copied().unwrap_or_default();
    if letters::is_one_of(PASSWORDS, noun)
        || noun.ends_with("password")
        || noun.ends_with("passwd")
        || noun.ends_with("passphrase")
    {
        let by = matches!(
            kind,
            "by" | "no"
                | "without"
                | "forgot"
                | "reset"
                | "change"
                | "show"
                | "hide"
                | "has"
                | "is"
                | "all"
                | "first"
                | "encrypted"
                | "hashed"
        );
        return if by { Strength::None } else { Strength::Password };
    }
    if letters::is_one_of(SECRETS, noun) || noun.ends_with("secret") {
        return Strength::Secret;
    }
    if letters::is_one_of(TOKENS, noun) || noun.ends_with("token") {
        return if before.iter().any(|word| letters::is_one_of(NOT_TOKENS, word)) {
            Strength::None
        } else {
            Strength::Token
        };
    }
    if letters::is_one_of(KEYS, noun) || noun.ends_with("apikey") || noun.ends_with("secretkey") {
        return if before.iter().any(|word| matches!(*word, "public" | "publishable")) {
            Strength::Weak
        } else {
            Strength::Key
        };
    }
    if matches!(noun, "key" | "keys") {
        if before.iter().any(|word| letters::is_one_of(NOT_KEYS, word)) {
            return Strength::None;
        }
        return if letters::is_one_of(KEY_KINDS, kind) || before.contains(&"secret") {
            Strength::Key
        } else {
            Strength::Weak
        };
    }
    if matches!(noun, "base" | "id" | "hash") && before.contains(&"secret") {
        return if noun == "hash" { Strength::None } else { Strength::Key };
    }
    if letters::is_one_of(WEAK, noun) { Strength::Weak } else { Strength::None }
}

impl Name {
    pub fn read(name: &[u8]) -> Self {
        let words = letters::words(name.get(name.len().saturating_sub(96)..).unwrap_or(name));
        let catalogue = Catalogue::get();
        let known = |end: usize| {
            let one =
                end.checked_sub(1).and_then(|at| words.get(at)).is_some_and(|word| catalogue.names_provider(word));
            let two = end
                .checked_sub(2)
                .and_then(|at| words.get(at..end))
                .is_some_and(|pair| catalogue.names_provider(&pair.concat()));
            one || two
        };
        let kind = words.last().is_some_and(|word| {
            matches!(word.as_str(), "access" | "private" | "priv" | "hec" | "api" | "code" | "accessy" | "rest")
        });
        let ends_in_provider = known(words.len()) || kind && known(words.len().saturating_sub(1));
        let pairs = words.windows(2).map(|pair| pair.concat());
        let provider = words.iter().any(|word| catalogue.names_provider(word))
            || pairs.into_iter().any(|pair| catalogue.names_provider(&pair));
        let mut strength = Strength::None;
        let mut end = words.len();
        while end > 0 {
            let head = words.get(..end).unwrap_or_default();
            strength = of_noun(head);
            let tail = head.last().map(String::as_str).unwrap_or_default();
            let skips = letters::is_one_of(TAILS, tail) || tail.bytes().all(|byte| byte.is_ascii_digit());
            if strength != Strength::None || !skips {
                break;
            }
            end -= 1;
        }
        Self { strength, provider, ends_in_provider, words }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_noun_of_a_name_decides() {
        let cases: &[(&str, Strength)] = &[
            ("password", Strength::Password),
            ("DB_PASSWORD_PROD", Strength::Password),
            ("password_field", Strength::None),
            ("passwordLabel", Strength::None),
            ("aws_secret_access_key", Strength::Key),
            ("clientSecret", Strength::Secret),
            ("secretName", Strength::None),
            ("nextPageToken", Strength::None),
            ("access_token", Strength::Token),
            ("token_type", Strength::None),
            ("publicKey", Strength::None),
            ("cacheKey", Strength::None),
            ("key", Strength::Weak),
            ("apiKey2", Strength::Key),
        ];
        for (name, strength) in cases {
            assert_eq!(Name::read(name.as_bytes()).strength, *strength, "{name}");
        }
        assert!(Name::read(b"MAILGUN_KEY").provider);
    }
}
