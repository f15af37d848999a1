//! Every pattern of the catalogue against tokens that are made from its own shape: found when whole, not when cut,
//! lengthened or hidden in a word, and shown by four characters at most. No secret has to be written down for that.

use super::catalogue::{Catalogue, Pattern, Proof};
use super::checksum::base62;
use super::shape::{Part, alphabet, parts, prefix};
use super::{Confidence, Hit, Salt, Scanner};

/// A small generator: the tests are the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }
}

/// A token of a shape; a UUID where the shape is one, a right checksum where the provider has one.
fn token(pattern: &Pattern, dice: &mut Dice) -> String {
    let mut text = String::new();
    for part in parts(pattern.shape) {
        match part {
            Part::Text(literal) => text.push_str(std::str::from_utf8(literal).unwrap()),
            Part::Run { class: b'U', .. } => {
                let digits = b"0123456789abcdef";
                for at in 0..36 {
                    let mark = matches!(at, 8 | 13 | 18 | 23);
                    text.push(if mark { '-' } else { digits[dice.roll(16)] as char });
                }
            }
            Part::Run { class, least, most } => {
                let letters = alphabet(class);
                let length = least + dice.roll((most - least).min(20) + 1);
                (0..length).for_each(|_| text.push(letters[dice.roll(letters.len())] as char));
            }
        }
    }
    if !pattern.holds.is_empty() {
        let middle = text.len() - 24;
        text.replace_range(middle..middle + pattern.holds.len(), pattern.holds);
    }
    if pattern.proof == Proof::Crc62 {
        let start = prefix(pattern.shape).len();
        let end = text.len() - 6;
        let sum = base62(crc32fast::hash(&text.as_bytes()[start..end]));
        text.replace_range(end.., std::str::from_utf8(&sum).unwrap());
    }
    text
}

fn line(pattern: &Pattern, token: &str) -> String {
    format!("{} = \"{token}\"\n", pattern.near.first().unwrap_or(&"x"))
}

fn scan(text: &str) -> Vec<Hit> {
    Scanner::new(Salt::default(), 0).scan("src/settings.txt", text.as_bytes())
}

#[test]
fn every_pattern_finds_its_tokens_and_shows_little_of_them() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut missed = Vec::new();
    for pattern in &Catalogue::get().patterns {
        let mut found = 0;
        for _ in 0..8 {
            let token = token(pattern, &mut dice);
            let hits = scan(&line(pattern, &token));
            found += usize::from(hits.iter().any(|hit| hit.confidence > Confidence::Low || hit.rule == pattern.id));
            for hit in hits.into_iter().map(|hit| Hit { fingerprint: String::new(), ..hit }) {
                assert_shows_little(&token, &serde_json::to_string(&hit).unwrap());
                assert_shows_little(&token, &format!("{hit:?}"));
            }
        }
        // A token that happens to read as words or to count is refused: rare, but it happens.
        if found < 6 {
            missed.push((pattern.id, found));
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

/// No five characters in a row past the four that may be shown.
fn assert_shows_little(token: &str, shown: &str) {
    for at in 4..token.len().saturating_sub(4) {
        if let Some(part) = token.get(at..at + 5) {
            let known =
                ["apikey", "token", "secret", "https"].iter().any(|word| word.contains(part) || part.contains(word));
            assert!(
                known || part.bytes().all(|byte| !byte.is_ascii_digit()) || !shown.contains(part),
                "{part} of a token is shown in {shown}"
            );
        }
    }
}

#[test]
fn a_token_inside_a_longer_word_is_none() {
    let mut dice = Dice(42);
    let fixed = Catalogue::get().patterns.iter().filter(|pattern| {
        let exact = parts(pattern.shape).all(|part| !matches!(part, Part::Run { least, most, .. } if least != most));
        exact && !pattern.floating && pattern.near.is_empty() && prefix(pattern.shape).len() >= 4
    });
    for pattern in fixed {
        let token = token(pattern, &mut dice);
        for hidden in [format!("word{token}"), format!("{token}Ab9"), token[..token.len() - 3].to_owned()] {
            let hits = scan(&hidden);
            assert!(hits.iter().all(|hit| hit.rule != pattern.id), "{}: {hidden}", pattern.id);
        }
    }
}

#[test]
fn the_catalogue_is_whole() {
    let catalogue = Catalogue::get();
    assert!(catalogue.patterns.len() >= 400, "{}", catalogue.patterns.len());
    let mut ids: Vec<&str> = catalogue.patterns.iter().map(|pattern| pattern.id).collect();
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(count, ids.len(), "an id is used twice");
    for pattern in &catalogue.patterns {
        assert!(parts(pattern.shape).count() > 0 && !pattern.what.is_empty(), "{}", pattern.id);
        assert!(
            pattern.provider.revoke.starts_with("https://") && pattern.provider.source.starts_with("https://"),
            "{}",
            pattern.id
        );
        let written: String = pattern.shape.matches('<').collect();
        let read = parts(pattern.shape).filter(|part| matches!(part, Part::Run { .. })).count();
        assert_eq!(written.len(), read, "{}: a part of its shape cannot be read", pattern.id);
    }
}

#[test]
fn hostile_texts_end_soon_and_quietly() {
    let near = "password = \"".repeat(20_000);
    let tokens = "ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ".repeat(20_000);
    let run = "A1b2".repeat(300_000);
    let nested = "eyJhbGciOiJIUzI1NiJ9.".repeat(20_000);
    let urls = "://:@".repeat(100_000);
    let quotes = "key='\\".repeat(60_000);
    let zeros = "\0".repeat(100_000);
    let keys = "-----BEGIN PRIVATE KEY-----".repeat(20_000);
    for text in [near, tokens, run, nested, urls, quotes, zeros, keys] {
        assert!(scan(&text).len() <= 1000);
    }
    let wide: Vec<u8> = "API_TOKEN=\"s8Kq2ZtXv5RnW1bYcD3e\"\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked: Vec<u8> = [0xff, 0xfe].into_iter().chain(wide).collect();
    assert_eq!(Scanner::default().scan("a.txt", &marked).len(), 1, "UTF-16 is read");
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_scanned_without_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        let _ = Scanner::default().scan("a.py", &bytes);
    }

    #[test]
    fn any_words_are_scanned_without_panic(text in "((password|token|key|://|:|=|\"|'|`|\\\\|Bearer |eyJ|-----BEGIN| |\n|é|[a-z0-9]{1,20})){0,40}") {
        let _ = Scanner::default().scan("a.yml", text.as_bytes());
    }

    #[test]
    fn a_password_is_never_shown(secret in "[A-Za-z0-9!#%^*]{8,40}") {
        for text in [format!("password: {secret}\n"), format!("url = \"https://me:{secret}@host.test/x\"\n"), format!("Authorization: Bearer {secret}\n")] {
            for hit in Scanner::default().scan("a.yml", text.as_bytes()) {
                let shown = format!("{:?}", Hit { fingerprint: String::new(), ..hit });
                for at in 4..secret.len().saturating_sub(4) {
                    proptest::prop_assert!(!shown.contains(&secret[at..at + 5]));
                }
            }
        }
    }
}
