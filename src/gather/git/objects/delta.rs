//! Deltas of a pack: an object written as pieces of another and pieces of its own.

/// The size of the object that a delta makes, where the delta begins with one.
pub fn size(delta: &[u8]) -> Option<u64> {
    let (_, rest) = number(delta)?;
    number(rest).map(|(size, _)| size)
}

/// The object that a delta makes of its base.
pub fn apply(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
    let (base_size, rest) = number(delta)?;
    let (size, mut rest) = number(rest)?;
    let size = usize::try_from(size).ok()?;
    if base_size != base.len() as u64 || size as u64 > super::LARGEST {
        return None;
    }
    let mut made = Vec::with_capacity(size);
    while let Some((&code, after)) = rest.split_first() {
        if code & 0x80 == 0 {
            // A piece of its own; zero is no length.
            let length = usize::from(code);
            made.extend_from_slice(after.get(..length).filter(|piece| !piece.is_empty())?);
            rest = after.get(length..)?;
        } else {
            let (start, after) = sparse(after, code, 4)?;
            let (length, after) = sparse(after, code >> 4, 3)?;
            let length = if length == 0 { 0x1_0000 } else { length };
            made.extend_from_slice(base.get(start..start.checked_add(length)?)?);
            rest = after;
        }
        if made.len() > size {
            return None;
        }
    }
    (made.len() == size).then_some(made)
}

/// A number of up to so many bytes, of which those are there whose bit is set; the least comes first.
fn sparse(mut bytes: &[u8], bits: u8, count: u32) -> Option<(usize, &[u8])> {
    let mut number = 0;
    for place in 0..count {
        if bits & (1 << place) != 0 {
            let (&byte, rest) = bytes.split_first()?;
            number |= usize::from(byte) << (8 * place);
            bytes = rest;
        }
    }
    Some((number, bytes))
}

/// A number of seven bits a byte, the least first.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0_u64;
    for (place, &byte) in bytes.iter().enumerate().take(9) {
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(place + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pieces_of_the_base_and_of_its_own() {
        // Base of 5 bytes, result of 6: copy 3 from offset 1, then "xyz".
        let delta = [5, 6, 0x91, 1, 3, 3, b'x', b'y', b'z'];
        assert_eq!(apply(b"abcde", &delta).as_deref(), Some(&b"bcdxyz"[..]));
        assert_eq!(size(&delta), Some(6));
        assert!(apply(b"abcd", &delta).is_none(), "another base");
        assert!(apply(b"abcde", &delta[..8]).is_none(), "cut off");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_fail(base in any::<Vec<u8>>(), delta in any::<Vec<u8>>()) {
            let _ = apply(&base, &delta);
        }
    }
}
