//! Passwords in URLs: `scheme://user:password@host`.

use std::ops::Range;

const LONGEST: usize = 400;

/// The parts of the user information of a URL.
#[derive(Debug, PartialEq, Eq)]
pub struct Login {
    pub scheme: Range<usize>,
    pub user: Range<usize>,
    pub password: Range<usize>,
    pub host: Range<usize>,
}

/// The login of the URL whose `://` begins at a position.
pub fn login(text: &[u8], colon: usize) -> Option<Login> {
    let mut start = colon;
    while start > 0
        && colon - start < 24
        && text.get(start - 1).is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-'))
    {
        start -= 1;
    }
    let from = colon + 3;
    let rest = text.get(from..text.len().min(from + LONGEST))?;
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\');
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    let whole = rest.get(..length)?;
    // The last `@` before a path begins; passwords are often written with a raw `@`, seldom with a raw `/`.
    let authority = whole.iter().position(|&b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(whole.len());
    let sign = memchr::memrchr(b'@', whole.get(..authority)?).or_else(|| {
        let sign = memchr::memchr(b'@', whole)?;
        // A raw `/` in the password: only where no host and port can end before it.
        let before = whole.get(..authority)?;
        let port = before.rsplit(|&b| b == b':').next()?;
        (before.contains(&b':') && !port.iter().all(u8::is_ascii_digit) && port.len() >= 4).then_some(sign)
    })?;
    let split = memchr::memchr(b':', whole.get(..sign)?)?;
    let host = whole.get(sign + 1..)?;
    let host_length =
        host.iter().position(|b| matches!(b, b'/' | b'?' | b'#' | b')' | b',' | b';')).unwrap_or(host.len());
    Some(Login {
        scheme: start..colon,
        user: from..from + split,
        password: from + split + 1..from + sign,
        host: from + sign + 1..from + sign + 1 + host_length,
    })
}

/// The user of a URL that has no password, and the host.
pub fn token(text: &[u8], colon: usize) -> Option<(Range<usize>, Range<usize>)> {
    let from = colon + 3;
    let rest = text.get(from..text.len().min(from + LONGEST))?;
    let length = rest.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'~')))?;
    if rest.get(length) != Some(&b'@') || length < 16 {
        return None;
    }
    let host = rest.get(length + 1..)?;
    let end = host.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))).unwrap_or(host.len());
    Some((from..from + length, from + length + 1..from + length + 1 + end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<(&str, &str, &str)> {
        let login = login(text.as_bytes(), text.find("://")?)?;
        Some((&text[login.user], &text[login.password], &text[login.host]))
    }

    #[test]
    fn a_login_is_found_in_a_url() {
        assert_eq!(parts("postgres://me:p4ss@db.local:5432/x"), Some(("me", "p4ss", "db.local:5432")));
        assert_eq!(parts("\"postgres://me:p4@ss@db/x\""), Some(("me", "p4@ss", "db")));
        assert_eq!(parts("redis://:p4ss@db"), Some(("", "p4ss", "db")));
        assert_eq!(parts("https://url:8000 @something"), None);
        assert_eq!(parts("https://a.example/@scope/name:1"), None);
        assert_eq!(parts("https://host:8000/a@b"), None);
    }
}
