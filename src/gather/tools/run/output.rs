//! What a command prints: shown as it comes, without anything that a terminal or the runner would obey, and kept.

use std::io::Write as _;

/// Bytes of one command that are shown. The report has what counts.
const SHOWN: u64 = 1 << 20;

/// Where the output of commands is shown.
#[derive(Debug)]
pub struct Voice {
    /// A word that nobody can guess, which ends the runner's deafness to commands; none outside a workflow.
    token: Option<String>,
}

impl Voice {
    /// For this process, in a workflow or not.
    pub fn of_process() -> Self {
        let is_workflow = std::env::var_os("GITHUB_ACTIONS").is_some();
        Self { token: is_workflow.then(|| uuid::Uuid::new_v4().simple().to_string()) }
    }

    /// Says that a command begins; from here on the runner obeys nothing.
    pub fn begin(&self, command: &str) {
        say(&format!("· running {}", plain(command.as_bytes())));
        if let Some(token) = &self.token {
            say(&format!("::stop-commands::{token}"));
        }
    }

    /// Lets the runner listen again.
    pub fn end(&self, command: &str, how: &str, seconds: f64) {
        if let Some(token) = &self.token {
            say(&format!("::{token}::"));
        }
        say(&format!("· {} {how} after {seconds:.0} s", plain(command.as_bytes())));
    }

    /// Says how long it has taken so far.
    pub fn still(&self, command: &str, seconds: u64) {
        say(&format!(
            "· {} has been running for {} min {:02} s",
            plain(command.as_bytes()),
            seconds / 60,
            seconds % 60
        ));
    }
}

/// Shows lines of a command as they become whole, up to a limit.
#[derive(Debug, Default)]
pub struct Shown {
    rest: Vec<u8>,
    bytes: u64,
}

impl Shown {
    pub fn add(&mut self, part: &[u8]) {
        if self.bytes > SHOWN {
            return;
        }
        self.rest.extend_from_slice(part);
        while let Some(at) = memchr::memchr(b'\n', &self.rest) {
            let line: Vec<u8> = self.rest.drain(..=at).collect();
            self.line(&line);
        }
        if self.rest.len() > 16 << 10 {
            let line = std::mem::take(&mut self.rest);
            self.line(&line);
        }
    }

    fn line(&mut self, line: &[u8]) {
        self.bytes += line.len() as u64;
        if self.bytes > SHOWN {
            return say("  … more is not shown");
        }
        say(&format!("  {}", plain(line)));
    }

    pub fn end(&mut self) {
        let line = std::mem::take(&mut self.rest);
        if !line.is_empty() {
            self.line(&line);
        }
    }
}

/// The text without sequences and letters that a terminal obeys, and with no command of the runner's old form.
pub fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let (mut plain, mut letters) = (String::with_capacity(text.len()), text.trim_end().chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => skip_sequence(&mut letters),
            '\t' => plain.push(' '),
            // The marks that turn the direction of writing hide what stands in a line.
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            letter if letter.is_control() => {}
            letter => plain.push(letter),
        }
    }
    plain.replace("##[", "# #[").replace("::", ":\u{200b}:")
}

fn skip_sequence(letters: &mut std::iter::Peekable<std::str::Chars>) {
    // A control sequence ends with a letter, a command of the operating system with a bell or an escape.
    let _ = match letters.next() {
        Some('[') => letters.by_ref().find(|letter| ('\u{40}'..='\u{7e}').contains(letter)),
        Some(']' | 'P' | '_' | '^' | 'X') => {
            letters.by_ref().find(|letter| matches!(letter, '\u{7}' | '\\' | '\u{9c}'))
        }
        _ => None,
    };
}

/// One line on the standard error; a closed pipe loses it.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_obeyed_comes_through() {
        assert_eq!(plain(b"\x1b[31mred\x1b[0m\x1b]0;title\x07 \x1b]8;;http://x\x1b\\link\r\x08\n"), "red link");
        assert!(!plain(b"::error::x ##[error]y").contains("::error"));
        assert!(!plain(b"a\x1b[2J::set-output name=x::y").contains("::set"));
        assert!(!plain("a\u{202e}b".as_bytes()).contains('\u{202e}'));
        assert_eq!(plain(b"\xff\x00a"), "\u{fffd}a");
    }
}
