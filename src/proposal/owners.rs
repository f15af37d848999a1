//! Who owns a path, by a CODEOWNERS file.

use crate::settings::PathGlob;

/// The owners of a path: those of the last line whose pattern matches it. Patterns are those of `.gitignore`.
pub fn of(text: &str, path: &str) -> Vec<String> {
    let lines =
        text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()).filter(|line| !line.is_empty());
    let mut last = lines.filter_map(|line| {
        let mut words = line.split_whitespace();
        matches(words.next()?, path).then(|| words.map(str::to_owned).collect())
    });
    last.next_back().unwrap_or_default()
}

/// A pattern with a slash before its end is rooted; without, it matches at any depth.
fn matches(pattern: &str, path: &str) -> bool {
    let bare = pattern.trim_end_matches('/');
    let is_rooted = bare.contains('/');
    let rooted = bare.trim_start_matches('/');
    let glob = if is_rooted { rooted.to_owned() } else { format!("**/{rooted}") };
    PathGlob::new(&glob).is_ok_and(|glob| glob.matches(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_matches_counts() {
        let text = "* @all\n/.mx-prod-gate.yml @gate @lead # policy\n/docs/ @writers\n*.md\n";
        assert_eq!(of(text, ".mx-prod-gate.yml"), ["@gate", "@lead"]);
        assert_eq!(of(text, "src/a.ts"), ["@all"]);
        assert_eq!(of(text, "docs/a/b.txt"), ["@writers"]);
        assert!(of(text, "docs/a.md").is_empty());
        assert!(of("", "a").is_empty());
    }
}
