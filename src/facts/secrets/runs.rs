//! Finds the long runs of token characters in a text, by looking at every sixteenth byte first.

use super::letters::is_run;

/// No token is shorter, and few words of source code are longer.
pub const LEAST: usize = 16;

/// Calls back with each run of at least [`LEAST`] letters, digits, `_` and `-`, in order.
pub fn each(text: &[u8], mut found: impl FnMut(usize, usize)) {
    let mut start = 0;
    'next: while let Some(window) = text.get(start..start + LEAST) {
        for (offset, &byte) in window.iter().enumerate().rev() {
            if !is_run(byte) {
                start += offset + 1;
                continue 'next;
            }
        }
        let rest = text.get(start + LEAST..).unwrap_or_default();
        let more = rest.iter().position(|&byte| !is_run(byte)).unwrap_or(rest.len());
        let end = start + LEAST + more;
        found(start, end);
        start = end + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn the_same_runs_as_by_splitting(text in "[a-c \\-_.]{0,200}") {
            let mut runs = Vec::new();
            each(text.as_bytes(), |start, end| runs.push(text[start..end].to_owned()));
            let split = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'));
            let expected: Vec<String> = split.filter(|run| run.len() >= LEAST).map(str::to_owned).collect();
            proptest::prop_assert_eq!(runs, expected);
        }
    }
}
