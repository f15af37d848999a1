//! A small language for the form of a token, matched from its first byte without going back.
//!
//! `ghp_<n36>` is the text `ghp_` and 36 letters or digits; `<u20,300>` takes as many as there are, from 20 to 300.

/// Which bytes one part of a shape takes.
fn takes(class: u8, byte: u8) -> bool {
    match class {
        b'd' => byte.is_ascii_digit(),
        b'x' => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        b'X' => byte.is_ascii_hexdigit(),
        b'l' => byte.is_ascii_lowercase(),
        b'L' => byte.is_ascii_alphabetic(),
        b'a' => byte.is_ascii_lowercase() || byte.is_ascii_digit(),
        b'A' => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        b'n' => byte.is_ascii_alphanumeric(),
        b'w' => byte.is_ascii_alphanumeric() || byte == b'_',
        b'u' => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
        b'v' => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'='),
        b'b' => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-'),
        b'q' => byte.is_ascii_alphanumeric() || matches!(byte, b'%' | b'_' | b'-'),
        b't' => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'~'),
        b'2' => byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte),
        b'3' => byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte),
        // The alphabet of django.core.management.utils.get_random_secret_key.
        b'k' => byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!@#$%^&*(-_=+)".contains(&byte),
        b'U' => byte.is_ascii_hexdigit() || byte == b'-',
        _ => false,
    }
}

/// The bytes of a class, for the making of examples.
#[cfg(test)]
pub fn alphabet(class: u8) -> Vec<u8> {
    (0..=127).filter(|&byte| takes(class, byte) && byte != b'=').collect()
}

/// One part of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    Text(&'a [u8]),
    Run { class: u8, least: usize, most: usize },
}

/// The parts of a shape, in order. A part that is not well formed is left out; a test reads every shape.
pub fn parts(shape: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = shape.as_bytes();
    std::iter::from_fn(move || {
        let first = *rest.first()?;
        if first != b'<' {
            let end = memchr::memchr(b'<', rest).unwrap_or(rest.len());
            let (text, after) = rest.split_at(end);
            rest = after;
            return Some(Part::Text(text));
        }
        let end = memchr::memchr(b'>', rest)?;
        let inner = rest.get(1..end)?;
        rest = rest.get(end + 1..)?;
        let (&class, counts) = inner.split_first()?;
        let counts = std::str::from_utf8(counts).ok()?;
        let (least, most) = match counts.split_once(',') {
            Some((least, most)) => (least.parse().ok()?, most.parse().ok()?),
            None => (counts.parse().ok()?, counts.parse().ok()?),
        };
        Some(Part::Run { class, least, most })
    })
}

/// The text that every token of the shape begins with.
pub fn prefix(shape: &str) -> &str {
    shape.split('<').next().unwrap_or_default()
}

/// Every part has one length only.
pub fn is_fixed(shape: &[Part]) -> bool {
    shape.iter().all(|part| !matches!(part, Part::Run { least, most, .. } if least != most))
}

/// The length of the token at the start of `text`, if it is one and ends there.
pub fn matched(shape: &[Part], text: &[u8]) -> Option<usize> {
    let (mut at, mut last) = (0, b'n');
    for part in shape {
        match *part {
            Part::Text(literal) => {
                if !text.get(at..)?.starts_with(literal) {
                    return None;
                }
                at += literal.len();
                last = b'u';
            }
            Part::Run { class, least, most } => {
                let run = text.get(at..)?.iter().take(most).take_while(|&&byte| takes(class, byte)).count();
                if run < least {
                    return None;
                }
                at += run;
                last = class;
            }
        }
    }
    let goes_on = text.get(at).is_some_and(|&byte| takes(last, byte) || byte.is_ascii_alphanumeric() || byte == b'_');
    (!goes_on).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_matched_to_its_end() {
        assert_eq!(matched(&parts("k_<n3>").collect::<Vec<_>>(), b"k_a1B"), Some(5));
        assert_eq!(matched(&parts("k_<n3>").collect::<Vec<_>>(), b"k_a1B\""), Some(5));
        assert_eq!(matched(&parts("k_<n3>").collect::<Vec<_>>(), b"k_a1Bc"), None);
        assert_eq!(matched(&parts("k_<n3,5>-<d2>").collect::<Vec<_>>(), b"k_abcd-12."), Some(9));
        assert_eq!(matched(&parts("k_<n3>").collect::<Vec<_>>(), b"k_a"), None);
        assert_eq!(prefix("k_<n3>"), "k_");
    }
}
