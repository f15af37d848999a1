//! Which files hold what must not be committed, by their names and, where a name says too little, by their first lines.

use super::{Role, role_of_path};
use crate::snapshot::Content;

/// What kind of secret a file is there to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyFile {
    Env,
    PrivateKey,
}

/// Words of a name that say the values are to be filled in, made for tests, or encrypted.
const HARMLESS_WORDS: &[&str] = &[
    "example",
    "examples",
    "sample",
    "samples",
    "template",
    "templates",
    "tmpl",
    "tpl",
    "dist",
    "default",
    "defaults",
    "schema",
    "spec",
    "test",
    "tests",
    "testing",
    "vault",
    "enc",
    "encrypted",
    "sops",
    "gpg",
    "age",
    "asc",
];
/// Program text and documents that are named after an env file.
const NO_ENV_ENDS: &[&str] = &[".ts", ".js", ".mjs", ".cjs", ".tsx", ".py", ".rb", ".go", ".rs", ".php", ".md", ".txt"];
/// Names that OpenSSH gives private keys.
const SSH_KEYS: &[&str] = &["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk"];
/// Containers that hold a private key with its certificate (PKCS #12, PuTTY, PKCS #8).
const CONTAINER_ENDS: &[&str] = &[".pfx", ".p12", ".ppk", ".p8"];
/// Java key stores, unless they hold what is trusted or Android's well-known debug key.
const STORE_ENDS: &[&str] = &[".jks", ".keystore"];
const HARMLESS_STORES: &[&str] = &["trust", "cacerts", "debug"];

/// What a file is there to hold; none for templates, test data and committed dependencies.
pub fn key_file(path: &str, content: &Content) -> Option<KeyFile> {
    let name = path.rsplit('/').next()?.to_ascii_lowercase();
    let kind = if is_env(&name) { KeyFile::Env } else { key(&name, content)? };
    // A link holds nothing of its own.
    let holds = matches!(
        content,
        Content::Text(_) | Content::Binary | Content::Unwanted | Content::Generated | Content::Unreadable(_)
    );
    (holds && !is_for_tests(path)).then_some(kind)
}

fn is_for_tests(path: &str) -> bool {
    // By its folders alone: the name was looked at.
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    matches!(role_of_path(&format!("{folder}/x")), Role::Test | Role::Fixture | Role::Vendored)
}

/// `.env`, `.env.local`, `.env.production.local`; neither `.envrc` nor `.env.example`.
fn is_env(name: &str) -> bool {
    let Some(rest) = name.strip_prefix(".env") else { return false };
    let is_own_word = rest.is_empty() || rest.starts_with(['.', '-', '_']);
    is_own_word && !has_harmless_word(rest) && !NO_ENV_ENDS.iter().any(|end| rest.ends_with(end))
}

fn has_harmless_word(name: &str) -> bool {
    name.split(['.', '-', '_']).any(|word| HARMLESS_WORDS.contains(&word))
}

fn key(name: &str, content: &Content) -> Option<KeyFile> {
    let text = match content {
        Content::Text(blob) => blob.text(),
        _ => "",
    };
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    let is_key = SSH_KEYS.contains(&name)
        || ends(CONTAINER_ENDS)
        || (ends(STORE_ENDS) && !HARMLESS_STORES.iter().any(|word| name.contains(word)))
        || (name.ends_with(".key") && !is_public(text))
        || (name.ends_with(".pem") && (is_private(text) || (is_named_private(name) && !is_public(text))));
    is_key.then_some(KeyFile::PrivateKey)
}

fn is_private(text: &str) -> bool {
    text.contains("PRIVATE KEY-----") || text.contains("PRIVATE KEY BLOCK-----")
}

/// Certificates and public keys are made to be handed out.
fn is_public(text: &str) -> bool {
    !is_private(text)
        && ["PUBLIC KEY", "BEGIN CERTIFICATE", "ssh-rsa ", "ssh-ed25519 "].iter().any(|mark| text.contains(mark))
}

/// `key.pem`, `server-key.pem`, `privkey.pem`, `private.pem`.
fn is_named_private(name: &str) -> bool {
    let words: Vec<&str> = name.split(['.', '-', '_']).collect();
    let is_public = words.iter().any(|word| matches!(*word, "public" | "pub"));
    !is_public && words.iter().any(|word| matches!(*word, "key" | "privkey" | "private" | "privatekey"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Blob;
    use std::sync::Arc;

    fn of(path: &str, text: &str) -> Option<KeyFile> {
        key_file(path, &Content::Text(Arc::new(Blob::new(path, text))))
    }

    #[test]
    fn names_tell_what_a_file_is_there_to_hold() {
        for path in [".env", "api/.env.local", ".env.production", ".env.development", ".ENV", ".env-prod", "docs/.env"]
        {
            assert_eq!(of(path, "A=b"), Some(KeyFile::Env), "{path}");
        }
        for path in ["server.key", "config/master.key", "id_rsa", "certs/a.p12", "release.keystore", "x-key.pem"] {
            assert_eq!(of(path, "0123"), Some(KeyFile::PrivateKey), "{path}");
        }
        for path in [
            ".env.example",
            ".env.local.example",
            ".env.sample",
            ".env.template",
            ".env.dist",
            ".env.defaults",
            ".env-example",
            ".envrc",
            ".env.d.ts",
            ".environment",
            "prod.env",
            ".env.test",
            "tests/.env",
            "test/fixtures/server.key",
            "node_modules/a/server.key",
            "debug.keystore",
            "truststore.jks",
            "id_rsa.pub",
            "keys.ts",
            "rds-bundle.pem",
            "public-key.pem",
        ] {
            assert_eq!(of(path, "A=b"), None, "{path}");
        }
    }

    #[test]
    fn a_pem_is_what_it_says_it_holds() {
        assert_eq!(of("a.pem", "-----BEGIN RSA PRIVATE KEY-----\n"), Some(KeyFile::PrivateKey));
        assert_eq!(of("a.pem", "-----BEGIN CERTIFICATE-----\n"), None);
        assert_eq!(of("apt.key", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"), None);
        assert_eq!(key_file(".env", &Content::Link(".env.example".to_owned())), None);
    }
}
