//! Private keys: PEM, OpenSSH, PGP and PuTTY.

use super::letters::{self, Makeup};
use std::ops::Range;

const LONGEST_HEADER: usize = 80;
const LONGEST_BODY: usize = 16 << 10;
/// Fewer characters of base64 than this are a stub.
const LEAST_BODY: usize = 40;

/// The header (as the place to show) and the body of a private key that begins at `start`.
pub fn private_key(text: &[u8], start: usize) -> Option<(Range<usize>, Range<usize>)> {
    let head = text.get(start..text.len().min(start + LONGEST_HEADER))?;
    let close = memchr::memmem::find(head.get(10..)?, b"-----")? + 10;
    let label = head.get(10..close)?;
    let private = memchr::memmem::find(label, b"PRIVATE KEY").is_some();
    if !private || memchr::memchr(b'\n', label).is_some() {
        return None;
    }
    let from = start + close + 5;
    let rest = text.get(from..text.len().min(from + LONGEST_BODY))?;
    let length = memchr::memmem::find(rest, b"-----").or_else(|| body_end(rest)).unwrap_or(rest.len());
    let body = rest.get(..length)?;
    is_body(body).then_some((start..from, from..from + length))
}

/// Where lines of base64 end that no footer closes.
fn body_end(rest: &[u8]) -> Option<usize> {
    rest.iter().position(|byte| {
        !(byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'+' | b'/'
                    | b'='
                    | b'\\'
                    | b'"'
                    | b'\''
                    | b','
                    | b':'
                    | b'-'
                    | b' '
                    | b'\n'
                    | b'\r'
                    | b'\t'
                    | b'.'
                    | b'|'
                    | b'#'
                    | b'*'
                    | b'>'
            ))
    })
}

fn is_body(body: &[u8]) -> bool {
    let mut letters: Vec<u8> = Vec::with_capacity(body.len());
    let mut i = 0;
    while let Some(&byte) = body.get(i) {
        if byte == b'\\' {
            i += 2;
            continue;
        }
        if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=') {
            letters.push(byte);
        }
        i += 1;
    }
    let made = Makeup::of(&letters);
    let text = String::from_utf8_lossy(body).to_ascii_lowercase();
    let stub = ["...", "${", "{{", "<your", "your-", "your_", "redacted", "\u{2026}", "xxxxxxxx"]
        .iter()
        .any(|mark| text.contains(mark));
    made.length >= LEAST_BODY && !stub && made.distinct >= 12 && letters::surprise(&letters) > 6.2
}

/// A private key in PEM that was written in base64 once more, as in Kubernetes secrets and CI settings.
pub fn encoded(text: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..text.len().min(start + LONGEST_BODY))?;
    let length =
        rest.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))).unwrap_or(rest.len());
    let decoded = super::checksum::base64(rest.get(..length - length % 4)?)?;
    private_key(&decoded, 0)?;
    Some(start..start + length)
}

/// A PuTTY key file with its private part.
pub fn putty(text: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..text.len().min(start + LONGEST_BODY))?;
    let lines = memchr::memmem::find(rest, b"Private-Lines:")?;
    let body = start + lines + 14;
    (text.len() > body + LEAST_BODY).then_some(body..text.len().min(body + 400))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(body: &str) -> String {
        format!("-----BEGIN {0} KEY-----\n{body}\n-----END {0} KEY-----\n", "PRIVATE")
    }

    #[test]
    fn a_key_has_a_body() {
        let body = "MIGlAgEBBDEA1yi+kzpV+5nUnRGzTjPPAPoMQlFu2WexPjZ4/uE97iD9024nWmdZSnji3oKRvtzl";
        assert!(private_key(key(body).as_bytes(), 0).is_some());
        assert!(private_key(key(body).replace('\n', "\\n").as_bytes(), 0).is_some());
        for stub in [
            "...",
            "***",
            "xxx",
            "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=",
            "<your private key goes here, all of it, every line>",
        ] {
            assert!(private_key(key(stub).as_bytes(), 0).is_none(), "{stub}");
        }
    }
}
