//! Objects of Kubernetes that hold or fetch secrets.

use super::kubernetes::pod::written;
use super::values::{is_placeholder, substitution};
use super::{SecretKind, SecretObject};
use crate::facts::yaml::Yaml;

/// Kinds that fetch from a secret manager: External Secrets, the CSI driver, Vault, 1Password, Infisical, Doppler,
/// AWS and GCP and Azure operators.
const FETCHING: &[&str] = &[
    "ExternalSecret",
    "ClusterExternalSecret",
    "SecretProviderClass",
    "VaultStaticSecret",
    "VaultDynamicSecret",
    "VaultSecret",
    "OnePasswordItem",
    "InfisicalSecret",
    "DopplerSecret",
    "AzureKeyVaultSecret",
    "AWSSecret",
    "GSMSecret",
    "BitwardenSecret",
];
/// Kinds whose values are encrypted in the repository.
const SEALED: &[&str] = &["SealedSecret", "SopsSecret", "EncryptedSecret"];

/// The secret object that a document is, if it is one.
pub fn secret_object(object: &Yaml) -> Option<SecretObject> {
    let kind = match object.get("kind")?.text()? {
        word if FETCHING.contains(&word) => SecretKind::External,
        word if SEALED.contains(&word) => SecretKind::Sealed,
        "Secret" if object.get("sops").is_some() => SecretKind::Sealed,
        "Secret" => SecretKind::Plain { placeholder: holds_nothing(object) },
        _ => return None,
    };
    let name = object.at(&["metadata", "name"]);
    let span = name.as_ref().unwrap_or(object).span();
    Some(SecretObject { name: name.map(|name| written(&name)).unwrap_or_default(), kind, span })
}

/// Every value is a placeholder, empty, a reference to the deployer's environment, or rendered.
fn holds_nothing(object: &Yaml) -> bool {
    let values = |key: &str| object.get(key).map(|values| values.entries()).unwrap_or_default();
    let clear = values("stringData").into_iter().all(|(_, value)| is_harmless(&value));
    clear && values("data").into_iter().all(|(_, value)| is_harmless(&value) || decodes_to_placeholder(&value))
}

fn is_harmless(value: &Yaml) -> bool {
    let Some(text) = value.text() else { return true };
    is_placeholder(text) || substitution(text).is_some()
}

fn decodes_to_placeholder(value: &Yaml) -> bool {
    use base64::Engine;
    let text = value.text().unwrap_or_default();
    let decoded = base64::engine::general_purpose::STANDARD.decode(text.trim());
    decoded.ok().and_then(|bytes| String::from_utf8(bytes).ok()).is_some_and(|text| is_placeholder(&text))
}
