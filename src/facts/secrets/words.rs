//! The one pass that finds the words near which secrets without a mark of their own stand.

use aho_corasick::packed::{Config, MatchKind, Searcher};
use std::sync::OnceLock;

/// What a word calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// A name that may be given a value.
    Name,
    Bearer,
    Basic,
    Url,
    Pem,
    Putty,
    /// `IDENTIFIED BY '…'`.
    Sql,
    /// A hook's address is its secret.
    Hook,
    /// A password hash as crypt writes it.
    Hash,
    /// A marker in the middle of a token.
    Middle,
    /// A command that takes a password.
    Command,
    /// A call that takes a password at a known place.
    Argument,
    /// The type of a JSON web key: its private part stands beside it.
    Jwk,
    /// `vault operator unseal …`.
    Unseal,
    /// What only the payload of a MaintainX key holds.
    MaintainX,
}

/// At most 64: as many as the vectorised search takes.
const WORDS: &[(&str, Call)] = &[
    ("pass", Call::Name),
    ("Pass", Call::Name),
    ("PASS", Call::Name),
    ("pwd", Call::Name),
    ("Pwd", Call::Name),
    ("PWD", Call::Name),
    ("ecret", Call::Name),
    ("ECRET", Call::Name),
    ("oken", Call::Name),
    ("OKEN", Call::Name),
    ("key", Call::Name),
    ("Key", Call::Name),
    ("KEY", Call::Name),
    ("auth", Call::Name),
    ("Auth", Call::Name),
    ("AUTH", Call::Name),
    ("cred", Call::Name),
    ("Cred", Call::Name),
    ("CRED", Call::Name),
    ("login", Call::Name),
    ("Login", Call::Name),
    ("earer ", Call::Bearer),
    ("EARER ", Call::Bearer),
    ("Basic ", Call::Basic),
    ("basic ", Call::Basic),
    ("://", Call::Url),
    ("-----BEGIN", Call::Pem),
    ("PuTTY-User-Key", Call::Putty),
    ("dentified by", Call::Sql),
    ("DENTIFIED BY", Call::Sql),
    ("hooks.slack.com/", Call::Hook),
    ("/api/webhooks/", Call::Hook),
    (".office.com/webhook", Call::Hook),
    ("hooks.zapier.com/", Call::Hook),
    ("/incomingwebhook/", Call::Hook),
    ("$2a$", Call::Hash),
    ("$2b$", Call::Hash),
    ("$2y$", Call::Hash),
    ("$6$", Call::Hash),
    ("$5$", Call::Hash),
    ("$1$", Call::Hash),
    ("$argon2", Call::Hash),
    ("$apr1$", Call::Hash),
    ("$y$", Call::Hash),
    ("$krb5", Call::Hash),
    (".atlasv1.", Call::Middle),
    ("sshpass", Call::Command),
    ("curl ", Call::Command),
    ("psexec", Call::Command),
    ("PSEXEC", Call::Command),
    ("PsExec", Call::Command),
    ("mysql ", Call::Command),
    ("redis-cli ", Call::Command),
    ("net use", Call::Command),
    ("SecureString", Call::Argument),
    ("NetworkCredential", Call::Argument),
    ("connect(", Call::Argument),
    ("$8$", Call::Hash),
    ("$9$", Call::Hash),
    ("kty", Call::Jwk),
    ("unseal ", Call::Unseal),
    ("UkVTVF9BUElfQVVUS", Call::MaintainX),
    ("JFU1RfQVBJX0FVVE", Call::MaintainX),
    ("SRVNUX0FQSV9BVVRI", Call::MaintainX),
];

/// Every word in the text, in order, with what it calls for.
pub fn calls(text: &[u8], mut found: impl FnMut(usize, usize, Call)) {
    static SEARCHER: OnceLock<Option<Searcher>> = OnceLock::new();
    let searcher = SEARCHER.get_or_init(|| {
        let mut builder = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
        builder.extend(WORDS.iter().map(|(word, _)| word));
        builder.build()
    });
    let Some(searcher) = searcher else { return };
    for hit in searcher.find_iter(text) {
        if let Some((_, call)) = WORDS.get(hit.pattern().as_usize()) {
            found(hit.start(), hit.end(), *call);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_fit_the_vectorised_search() {
        assert!(WORDS.len() <= 64);
        let mut seen = Vec::new();
        calls(b"PASSWORD=1 https://a -----BEGIN", |start, _, call| seen.push((start, call)));
        assert_eq!(seen, [(0, Call::Name), (16, Call::Url), (21, Call::Pem)]);
    }
}
