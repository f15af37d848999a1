//! `Authorization` headers: `Bearer …` and `Basic …`.

use super::checksum::base64;
use std::ops::Range;

/// The token after `Bearer `.
pub fn bearer(text: &[u8], after: usize) -> Option<Range<usize>> {
    let rest = text.get(after..text.len().min(after + 2048))?;
    let length = rest
        .iter()
        .position(|b| {
            !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'~' | b'+' | b'/' | b'=' | b':' | b'|'))
        })
        .unwrap_or(rest.len());
    (length >= 8).then_some(after..after + length)
}

/// The base64 after `Basic ` with the password that it holds.
pub fn basic(text: &[u8], after: usize) -> Option<(Range<usize>, Vec<u8>)> {
    let rest = text.get(after..text.len().min(after + 1024))?;
    let length = rest
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'_' | b'-')))
        .unwrap_or(rest.len());
    if length < 8 {
        return None;
    }
    let decoded = base64(rest.get(..length)?)?;
    let colon = memchr::memchr(b':', &decoded)?;
    let readable = decoded.iter().all(|byte| (32..127).contains(byte));
    let password = decoded.get(colon + 1..)?;
    (readable && (!password.is_empty() || colon >= 16)).then(|| {
        let secret = if password.is_empty() { decoded.get(..colon).unwrap_or_default() } else { password };
        (after..after + length, secret.to_vec())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basic_header_holds_a_password() {
        assert_eq!(basic(b"Basic dXNlcjpwNHNzdzByZA==", 6).map(|found| found.1), Some(b"p4ssw0rd".to_vec()));
        assert_eq!(basic(b"Basic realm=\"x\"", 6), None);
        assert_eq!(bearer(b"Bearer abcdefgh.ijk\"", 7), Some(7..19));
    }
}
