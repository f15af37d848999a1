//! Paths put together.

/// A path with `.`, `..` and empty parts resolved. What leads out of the repository stays at its root.
pub fn normal(path: &str) -> String {
    joined("", path)
}

/// A path relative to a folder, resolved likewise.
pub fn joined(folder: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(relative.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_resolved() {
        assert_eq!(normal("./a//b/../c"), "a/c");
        assert_eq!(joined("src/jobs", "../lib/x.ts"), "src/lib/x.ts");
        assert_eq!(joined("", "../../x"), "x");
    }
}
