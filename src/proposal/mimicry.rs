//! Files that look like another one: settings in a place or under a name that is not read, and paths in letters that
//! only look like those of a path that the settings excuse.

use super::{Change, ChangeKind, Sides, whole};
use crate::settings::{Choice, PATHS, choose};

/// Letters of other scripts that look like one of ours. Source: Unicode's confusables, the small letters that most fonts
/// draw alike.
const LOOK_ALIKE: &[(char, char)] = &[
    ('а', 'a'),
    ('с', 'c'),
    ('ԁ', 'd'),
    ('е', 'e'),
    ('ё', 'e'),
    ('һ', 'h'),
    ('і', 'i'),
    ('ј', 'j'),
    ('ӏ', 'l'),
    ('м', 'm'),
    ('о', 'o'),
    ('р', 'p'),
    ('ԛ', 'q'),
    ('ѕ', 's'),
    ('т', 't'),
    ('υ', 'u'),
    ('ѵ', 'v'),
    ('ԝ', 'w'),
    ('х', 'x'),
    ('у', 'y'),
    ('α', 'a'),
    ('ε', 'e'),
    ('ι', 'i'),
    ('ο', 'o'),
    ('ρ', 'p'),
    ('ν', 'v'),
    ('χ', 'x'),
    ('ı', 'i'),
    ('ɡ', 'g'),
    ('ο', 'o'),
    ('‐', '-'),
    ('‑', '-'),
    ('‒', '-'),
    ('–', '-'),
    ('—', '-'),
    ('−', '-'),
    ('․', '.'),
    ('·', '.'),
    ('⁄', '/'),
    ('∕', '/'),
    ('／', '/'),
];

/// So many of them are told.
const MOST: usize = 20;

pub(super) fn changes<'p>(sides: Sides, paths: impl Iterator<Item = &'p str>) -> Vec<Change> {
    let read = match choose(sides.head, sides.below, sides.config) {
        Choice::File(path, _) | Choice::Refused(path, _) => path,
        Choice::None => String::new(),
    };
    let change = |path: &str, what: &str, like: &str| Change {
        kind: ChangeKind::Mimicry,
        path: path.to_owned(),
        what: what.to_owned(),
        difference: whole("file", None, Some(like)),
    };
    let mut told = Vec::new();
    let all: Vec<&str> = paths.collect();
    for path in &all {
        let plain = plain(path);
        let below = format!("{}{path}", sides.below);
        if is_settings(&plain) && below != read && *path != read {
            told.push(change(path, "a settings file that is not read there", PATHS[0]));
        } else if plain != **path && all.binary_search(&plain.as_str()).is_ok() {
            told.push(change(path, "a path that looks like another one", &plain));
        }
    }
    told.truncate(MOST);
    told
}

/// A path that ends like the settings file, in whatever spelling.
fn is_settings(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    matches!(letters.to_ascii_lowercase().as_str(), "mxprodgateyml" | "mxprodgateyaml")
}

/// The path in the letters that it looks like, without what is not seen.
fn plain(path: &str) -> String {
    let seen = path.chars().filter(|letter| {
        !matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
    });
    let ours = |letter: char| {
        let small = letter.to_lowercase().next().unwrap_or(letter);
        LOOK_ALIKE.iter().find(|(other, _)| *other == small).map_or(letter, |(_, ours)| *ours)
    };
    seen.map(ours).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_look_alike_are_seen_through() {
        assert_eq!(plain("srс/сlient.ts"), "src/client.ts");
        assert_eq!(plain("src/cli\u{200b}ent.ts"), "src/client.ts");
        assert!(is_settings(&plain("app/.mx‐prod‐gate.yml")) && is_settings(".MX_PROD_GATE.yaml"));
        assert!(!is_settings("docs/mx-prod-gate.md"));
    }
}
