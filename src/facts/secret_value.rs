//! Whether a literal stands for a real secret. The literal itself goes no further than this module.

use super::deployment::Source;
use regex::Regex;
use std::sync::LazyLock;

/// What a literal in a manifest, an image or an env file is, without keeping it.
pub fn source(value: &str) -> Source {
    let value = value.trim().trim_matches(['"', '\'']).trim();
    match value {
        "" => Source::Literal { placeholder: false, empty: true },
        _ => match reference(value) {
            Some(name) => Source::Substituted(name),
            None => Source::Literal { placeholder: is_placeholder(value), empty: false },
        },
    }
}

/// `$NAME`, `${NAME}`, `${NAME:-}`, `{{ .Values.x }}`, `%NAME%`, `__NAME__`, `#{NAME}#`: filled in by someone else.
fn reference(value: &str) -> Option<String> {
    static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r"^(?:\$\{?([A-Za-z_]\w*)(?::?[-?][^}]*)?\}?|\$?\{\{-?\s*(.+?)\s*-?\}\}|\$\{(.+)\}|%(\w+)%|__(\w+)__|#\{([\w.]+)\}#?|\$\(([\w.]+)\))$";
        Regex::new(pattern).expect("a fixed pattern")
    });
    let found = REFERENCE.captures(value)?;
    if let Some(default) = value.strip_prefix("${").and_then(|rest| rest.split_once(":-")) {
        let default = default.1.trim_end_matches('}');
        if !default.is_empty() && !is_placeholder(default) {
            return None;
        }
    }
    found.iter().skip(1).flatten().next().map(|name| name.as_str().to_owned())
}

/// Words and shapes that no real key has: examples, instructions to the reader, one letter repeated.
pub fn is_placeholder(value: &str) -> bool {
    static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
        let words = "change[-_ ]?(?:me|it|this)|replace[-_ ]?(?:me|with|this|by)?|your[-_ ]|_your|<[^>]*>|example|placeholder|dummy|sample|insert|todo|fixme|fill[-_ ]?(?:me|in)|set[-_ ]?me|redacted|secret[-_ ]?here|key[-_ ]?here|token[-_ ]?here|goes[-_ ]here|to[-_ ]be|not[-_ ]?set|unset|\\.\\.\\.|…|foo ?bar|xxx|\\*\\*\\*|injected|from[-_ ]secret|managed[-_ ]by|put[-_ ]";
        let whole = "(?:test|fake|mock|none|null|nil|undefined|n/?a|empty|secret|password|token|key|(?:api|secret)[-_]?key|(?:client|shared)[-_]?secret|(?:access|auth|api)[-_]?token|tbd|abc|abc123|12345\\d*|true|false|dev|local|build|stub|noop|unused|ci|-+|_+|x+|0+|\\.+)";
        Regex::new(&format!("(?i)(?:{words})|^{whole}$|^(?:test|fake|mock|dummy)[-_]|[-_](?:test|fake|mock|dummy)$"))
            .expect("a fixed pattern")
    });
    PLACEHOLDER.is_match(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_references_and_literals_are_told_apart() {
        for text in [
            "your-api-key-here",
            "<key>",
            "changeme",
            "xxxx",
            "replace-me",
            "test",
            "REPLACE_WITH_REAL_KEY",
            "clientsecret",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in
            ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJSRVNUX0FQSV9BVVRIIn0.c2ln", "sk_live_4eC39HqLyjWD", "hunter2hunter2"]
        {
            assert_eq!(source(text), Source::Literal { placeholder: false, empty: false }, "{text}");
        }
        assert_eq!(source("${MAINTAINX_API_KEY:-}"), Source::Substituted("MAINTAINX_API_KEY".into()));
        assert_eq!(source("$MX_TOKEN"), Source::Substituted("MX_TOKEN".into()));
        assert_eq!(source("{{ .Values.key }}"), Source::Substituted(".Values.key".into()));
        assert_eq!(source("${X:-sk_live_4eC39HqLyjWD}"), Source::Literal { placeholder: false, empty: false });
        assert_eq!(source("''"), Source::Literal { placeholder: false, empty: true });
    }
}
