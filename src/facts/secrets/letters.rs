//! Kinds of bytes, and how surprising a text is as a word that a person would write.

/// How often one character follows another in names and words of public code, as bits of surprise times 16.
/// Rows and columns are `a-z`, `A-Z`, `0-9`, `_`, `-`, `.`, `/`, the edge of a word, and everything else.
static PAIRS: &[u8; SYMBOLS * SYMBOLS] = include_bytes!("pairs.bin");
const SYMBOLS: usize = 68;
const EDGE: usize = 66;
const OTHER: usize = 67;

const SYMBOL: [u8; 256] = symbols();

const fn symbols() -> [u8; 256] {
    let mut table = [OTHER as u8; 256];
    let mut i = 0;
    while i < 26 {
        table[b'a' as usize + i] = i as u8;
        table[b'A' as usize + i] = 26 + i as u8;
        i += 1;
    }
    i = 0;
    while i < 10 {
        table[b'0' as usize + i] = 52 + i as u8;
        i += 1;
    }
    table[b'_' as usize] = 62;
    table[b'-' as usize] = 63;
    table[b'.' as usize] = 64;
    table[b'/' as usize] = 65;
    table[b' ' as usize] = EDGE as u8;
    table
}

/// Bits of surprise per character: below 5.5 for words and names, above 6.4 for what a machine made up.
pub fn surprise(text: &[u8]) -> f32 {
    if text.is_empty() {
        return 0.0;
    }
    let (mut before, mut sum) = (EDGE, 0u32);
    for &byte in text {
        let symbol = usize::from(SYMBOL[usize::from(byte)]);
        sum += u32::from(PAIRS[before * SYMBOLS + symbol]);
        before = symbol;
    }
    sum as f32 / 16.0 / text.len() as f32
}

/// Shannon entropy in bits per character.
pub fn entropy(text: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    for &byte in text {
        counts[usize::from(byte)] += 1;
    }
    let length = text.len().max(1) as f32;
    let parts = counts.iter().filter(|&&count| count > 0).map(|&count| {
        let share = count as f32 / length;
        -share * share.log2()
    });
    parts.sum()
}

/// What a text is made of.
#[derive(Debug, Default, Clone, Copy)]
pub struct Makeup {
    pub length: usize,
    pub lower: usize,
    pub upper: usize,
    pub digits: usize,
    /// Everything that is neither a letter nor a digit.
    pub marks: usize,
    pub hex: usize,
    pub blanks: usize,
    /// How many different bytes there are.
    pub distinct: usize,
}

impl Makeup {
    pub fn of(text: &[u8]) -> Self {
        let mut made = Self { length: text.len(), ..Self::default() };
        let mut seen = [false; 256];
        for &byte in text {
            seen[usize::from(byte)] = true;
            match byte {
                b'a'..=b'z' => made.lower += 1,
                b'A'..=b'Z' => made.upper += 1,
                b'0'..=b'9' => made.digits += 1,
                _ => made.marks += 1,
            }
            made.hex += usize::from(byte.is_ascii_hexdigit());
            made.blanks += usize::from(byte.is_ascii_whitespace());
        }
        made.distinct = seen.iter().filter(|&&is| is).count();
        made
    }

    pub fn letters(&self) -> usize {
        self.lower + self.upper
    }

    /// Only hexadecimal digits of one case.
    pub fn is_hex(&self) -> bool {
        self.hex == self.length && self.length > 0 && (self.lower == 0 || self.upper == 0)
    }

    /// How many of lower case, upper case, digits and marks occur.
    pub fn kinds(&self) -> usize {
        [self.lower, self.upper, self.digits, self.marks].iter().filter(|&&count| count > 0).count()
    }
}

/// A byte of a token run: what most providers build their tokens of.
pub const fn is_run(byte: u8) -> bool {
    RUN[byte as usize]
}

static RUN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        byte += 1;
    }
    table
};

/// 8-4-4-4-12 hexadecimal digits.
pub fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether a list has a word; length and first letter tell most of them apart.
pub fn is_one_of(list: &[&str], word: &str) -> bool {
    let first = word.as_bytes().first();
    list.iter().any(|each| each.len() == word.len() && each.as_bytes().first() == first && *each == word)
}

/// The words of a name: split at marks, at changes of case and around digits, in lower case.
pub fn words(name: &[u8]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = String::new();
    for (at, &byte) in name.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|i| name.get(i)).copied().unwrap_or(0);
        let after = name.get(at + 1).copied().unwrap_or(0);
        let hump = byte.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || (before.is_ascii_uppercase() && after.is_ascii_lowercase()));
        let digit = byte.is_ascii_digit() != before.is_ascii_digit();
        if (hump || digit || !byte.is_ascii_alphanumeric()) && !open.is_empty() {
            words.push(std::mem::take(&mut open));
        }
        if byte.is_ascii_alphanumeric() {
            open.push(byte.to_ascii_lowercase() as char);
        }
    }
    if !open.is_empty() {
        words.push(open);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_surprise_less_than_noise() {
        for word in ["password", "clientSecretName", "open-sesame", "createUserFromRequest2", "en_US.UTF-8"] {
            assert!(surprise(word.as_bytes()) < 6.0, "{word}");
        }
        for noise in ["qkzrwvbp", "xT7qLp0VzR9w", "38bb7b318cc6898c80317decb34525844bc9db55"] {
            assert!(surprise(noise.as_bytes()) > 6.4, "{noise}");
        }
    }

    #[test]
    fn names_fall_into_words() {
        assert_eq!(words(b"dbPassword2"), ["db", "password", "2"]);
        assert_eq!(words(b"AWS_SECRET-access.key"), ["aws", "secret", "access", "key"]);
        assert_eq!(words(b"XMLHttpToken"), ["xml", "http", "token"]);
    }
}
