//! Proofs that tokens carry in themselves.

use super::catalogue::Proof;
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD_NO_PAD};

/// Base64 that minds neither padding nor spare bits, with both alphabets folded into one.
const LAX: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Decodes base64 of either alphabet, padded or not.
pub fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let folded: Vec<u8> = text
        .iter()
        .filter(|&&byte| byte != b'=')
        .map(|&byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        })
        .collect();
    if folded.len() % 4 == 1 {
        return None;
    }
    LAX.decode(&folded).or_else(|_| STANDARD_NO_PAD.decode(&folded)).ok()
}

/// Whether a token's own proof holds; `None` where it has none.
pub fn proven(proof: Proof, prefix: usize, token: &[u8]) -> Option<bool> {
    let body = token.get(prefix..)?;
    match proof {
        Proof::None => None,
        Proof::Crc62 => {
            let (text, sum) = body.split_at_checked(body.len().checked_sub(6)?)?;
            Some(base62(crc32fast::hash(text)) == sum)
        }
        Proof::Crc62First50 => Some(base62(crc32fast::hash(body.get(..50)?)) == body.get(50..)?),
        Proof::CrcHex => {
            let (text, sum) = body.split_at_checked(body.len().checked_sub(9)?)?;
            Some(format!("_{:08x}", crc32fast::hash(text)).as_bytes() == sum)
        }
        Proof::Grafana => {
            let (text, sum) = token.split_at_checked(token.len().checked_sub(9)?)?;
            let hex = format!("_{:08x}", crc32fast::hash(text).swap_bytes());
            Some(hex.as_bytes() == sum.to_ascii_lowercase())
        }
        Proof::Atlassian => {
            let (text, sum) = token.split_at_checked(token.len().checked_sub(8)?)?;
            Some(format!("{:08X}", crc32fast::hash(text)).as_bytes() == sum)
        }
        Proof::Discord => {
            let first = token.split(|&byte| byte == b'.').next()?;
            let id = base64(first)?;
            Some(id.len() > 14 && id.iter().all(u8::is_ascii_digit))
        }
        Proof::Sentry => {
            let middle = body.split(|&byte| byte == b'_').next()?;
            Some(base64(middle).is_some_and(|json| json.starts_with(b"{")))
        }
    }
}

/// Six digits of base 62, in the order that GitHub uses: `0-9A-Za-z`.
pub fn base62(mut number: u32) -> [u8; 6] {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut text = [b'0'; 6];
    for place in text.iter_mut().rev() {
        *place = DIGITS[(number % 62) as usize];
        number /= 62;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_proves_a_token() {
        let body = b"0123456789abcdefghijABCDEFGHIJ";
        let mut token = b"ghp_".to_vec();
        token.extend_from_slice(body);
        token.extend_from_slice(&base62(crc32fast::hash(body)));
        assert_eq!(proven(Proof::Crc62, 4, &token), Some(true));
        token[8] = b'_';
        assert_eq!(proven(Proof::Crc62, 4, &token), Some(false));
        assert_eq!(base64(b"SGk_"), Some(b"Hi?".to_vec()));
    }
}
