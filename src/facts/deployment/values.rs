//! What a literal in a manifest is, without keeping it: a placeholder, a reference to the deployer's environment, a
//! command that asks a URL.

/// Words that only stand where a value is still to be put.
const PLACEHOLDER_WORDS: &[&str] = &[
    "changeme",
    "change-me",
    "change_me",
    "replace",
    "your-",
    "your_",
    "yourapi",
    "placeholder",
    "example",
    "dummy",
    "xxxx",
    "todo",
    "fixme",
    "insert",
    "fill-me",
    "redacted",
    "<",
    "...",
    "not-a-real",
    "fake",
    "here",
];

/// Whether a value stands for one that is still to be put.
pub fn is_placeholder(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    lower.is_empty() || PLACEHOLDER_WORDS.iter().any(|word| lower.contains(word)) || lower.bytes().all(|b| b == b'*')
}

/// The name in `$NAME`, `${NAME}`, `${NAME:-default}`, `{{ … }}` or `#{NAME}#` where that is the whole value.
pub fn substitution(text: &str) -> Option<String> {
    let text = text.trim();
    let inner = text
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        .or_else(|| text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")))
        .or_else(|| text.strip_prefix("#{").and_then(|rest| rest.strip_suffix("}#")))
        .or_else(|| text.strip_prefix('$'));
    let name = inner?.split([':', '-', '?']).next()?.trim();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_. $".contains(&byte));
    is_name.then(|| name.to_owned())
}

/// The path of the first local URL in a command: `curl -f http://localhost:3000/health || exit 1`.
pub fn probe_path(command: &str) -> Option<String> {
    // A file of bash's own that opens a port: it asks for no path.
    if command.contains("/dev/tcp/") {
        return None;
    }
    let at = command.find("http://").or_else(|| command.find("https://"));
    let rest = match at {
        Some(at) => command.get(at..)?.split_once("://")?.1,
        // `curl localhost:3000/health` and `wget -qO- 127.0.0.1/health` leave the scheme out.
        None => ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"].iter().find_map(|host| {
            let at = command.find(host)?;
            command.get(at..)
        })?,
    };
    let end = rest.find(|letter: char| letter.is_whitespace() || "'\"`)|;,>&".contains(letter)).unwrap_or(rest.len());
    let url = rest.get(..end)?;
    let path = url.find('/').map_or("/", |slash| url.get(slash..).unwrap_or("/"));
    Some(path.split(['?', '#']).next().unwrap_or(path).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_show_the_path_they_ask() {
        let path = |command| probe_path(command);
        assert_eq!(path("curl -f http://localhost:3000/health || exit 1").as_deref(), Some("/health"));
        assert_eq!(path("node -e fetch('http://127.0.0.1:3000/healthz').then(r=>1)").as_deref(), Some("/healthz"));
        assert_eq!(path("wget -qO- localhost:8080/ready?x=1").as_deref(), Some("/ready"));
        assert_eq!(path("curl -f http://localhost:8080").as_deref(), Some("/"));
        assert_eq!(path("pg_isready -U app"), None);
        assert_eq!(path("bash -c echo > /dev/tcp/localhost/8080"), None);
    }

    #[test]
    fn values_are_told_apart() {
        assert!(is_placeholder("your-api-key-here") && is_placeholder("<token>") && !is_placeholder("eyJhbGciOi"));
        assert_eq!(substitution("${KEY:-x}").as_deref(), Some("KEY"));
        assert_eq!(substitution("$HUBSPOT_API_KEY").as_deref(), Some("HUBSPOT_API_KEY"));
        assert_eq!(substitution("pre${KEY}"), None);
    }
}
