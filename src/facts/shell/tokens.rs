//! The words and operators of a shell script, with the line each begins on.

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(Word),
    /// `;`, `&&`, `||`, `|`, `&`, `(`, `)` or a newline.
    Operator(&'static str),
}

/// A word without its quotes. Variables and `${{ … }}` expressions stay as they are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Word {
    pub text: String,
    /// The line it begins on, from 0.
    pub line: u32,
    /// The scripts of its command substitutions.
    pub substitutions: Vec<String>,
    /// It holds a quoted part, so it is no keyword.
    pub quoted: bool,
}

/// Longer scripts are not read: real ones stay below 100 kB.
const MAX_BYTES: usize = 400_000;

/// The tokens of a script. Comments and the bodies of here-documents are left out.
pub(super) fn tokens(script: &str) -> Vec<Token> {
    let mut reader = Reader { rest: script.chars().take(MAX_BYTES).collect(), ..Reader::default() };
    reader.run();
    reader.tokens
}

#[derive(Default)]
struct Reader {
    rest: Vec<char>,
    at: usize,
    line: u32,
    tokens: Vec<Token>,
    word: Option<Word>,
    /// The ends of here-documents whose bodies follow the current line.
    heredocs: Vec<String>,
    /// The next word names the end of a here-document.
    expects_heredoc: bool,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek(0)?;
        self.at += 1;
        self.line += u32::from(next == '\n');
        Some(next)
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, expected)| self.peek(index) == Some(expected))
    }

    fn run(&mut self) {
        while let Some(here) = self.peek(0) {
            match here {
                '\\' => self.escape(),
                '\'' => self.single_quoted(),
                '"' => self.double_quoted(),
                '$' | '`' => self.expansion(),
                '#' if self.word.is_none() => self.comment(),
                ' ' | '\t' | '\r' => {
                    self.next();
                    self.end_word();
                }
                '\n' | ';' | '&' | '|' | '(' | ')' => self.operator(),
                '<' | '>' => self.redirection(),
                _ => {
                    self.next();
                    self.push(here);
                }
            }
        }
        self.end_word();
    }

    fn push(&mut self, letter: char) {
        self.open_word().text.push(letter);
    }

    fn open_word(&mut self) -> &mut Word {
        let line = self.line;
        self.word.get_or_insert_with(|| Word { line, ..Word::default() })
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        if std::mem::take(&mut self.expects_heredoc) {
            self.heredocs.push(word.text);
        } else {
            self.tokens.push(Token::Word(word));
        }
    }

    fn escape(&mut self) {
        self.next();
        match self.next() {
            // A continued line: neither a letter nor the end of a command.
            Some('\n') => {}
            Some('\r') if self.peek(0) == Some('\n') => {
                self.next();
            }
            Some(letter) => self.push(letter),
            None => {}
        }
    }

    fn single_quoted(&mut self) {
        self.open_word().quoted = true;
        self.next();
        while let Some(letter) = self.next() {
            if letter == '\'' {
                return;
            }
            self.push(letter);
        }
    }

    fn double_quoted(&mut self) {
        self.open_word().quoted = true;
        self.next();
        while let Some(letter) = self.peek(0) {
            match letter {
                '"' => {
                    self.next();
                    return;
                }
                '\\' => self.escape(),
                '$' | '`' => self.expansion(),
                _ => {
                    self.next();
                    self.push(letter);
                }
            }
        }
    }

    /// `$(…)` and backticks give a script of their own; `${…}` and `${{ … }}` stay one word whatever they hold.
    fn expansion(&mut self) {
        if self.starts_with("${{") {
            self.copy_until("}}");
        } else if self.starts_with("${") {
            self.copy_until("}");
        } else if self.starts_with("$(") && !self.starts_with("$((") {
            self.open_word();
            self.at += 2;
            let script = self.enclosed();
            self.substitution(script);
        } else if self.peek(0) == Some('`') {
            self.open_word();
            self.next();
            let mut script = String::new();
            while let Some(letter) = self.next().filter(|letter| *letter != '`') {
                script.push(letter);
            }
            self.substitution(script);
        } else if let Some(letter) = self.next() {
            self.push(letter);
        }
    }

    fn substitution(&mut self, script: String) {
        let word = self.open_word();
        word.text.push_str("$(…)");
        word.substitutions.push(script);
    }

    fn copy_until(&mut self, end: &str) {
        while self.peek(0).is_some() && !self.starts_with(end) {
            if let Some(letter) = self.next() {
                self.push(letter);
            }
        }
        for _ in 0..end.len() {
            if let Some(letter) = self.next() {
                self.push(letter);
            }
        }
    }

    /// The text up to the parenthesis that closes the one that was just read.
    fn enclosed(&mut self) -> String {
        let (mut text, mut depth, mut quote) = (String::new(), 1, None);
        while let Some(letter) = self.next() {
            match (quote, letter) {
                (None, '(') => depth += 1,
                (None, ')') => depth -= 1,
                (None, '\'' | '"') => quote = Some(letter),
                (Some(open), close) if open == close => quote = None,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            text.push(letter);
        }
        text
    }

    fn comment(&mut self) {
        while self.peek(0).is_some_and(|letter| letter != '\n') {
            self.next();
        }
    }

    fn operator(&mut self) {
        self.end_word();
        let Some(operator) =
            ["&&", "||", ";;", "\n", ";", "&", "|", "(", ")"].into_iter().find(|operator| self.starts_with(operator))
        else {
            return;
        };
        for _ in 0..operator.len() {
            self.next();
        }
        self.tokens.push(Token::Operator(if operator == ";;" { ";" } else { operator }));
        if operator == "\n" {
            self.skip_heredocs();
        }
    }

    /// A redirection ends a word and is a word of its own, which the parser drops with its target.
    fn redirection(&mut self) {
        let is_descriptor = self.word.as_ref().is_some_and(|word| word.text.parse::<u8>().is_ok());
        if is_descriptor {
            self.word = None;
        }
        self.end_word();
        let heredoc = self.starts_with("<<") && !self.starts_with("<<<");
        let mut sign = String::new();
        while let Some(letter) = self.peek(0).filter(|letter| matches!(letter, '<' | '>' | '&' | '-') && sign.len() < 3)
        {
            // `>-` is no sign: the hyphen begins the target, except in `<<-`.
            if letter == '-' && sign != "<<" {
                break;
            }
            sign.push(letter);
            self.next();
        }
        if self.peek(0) == Some('|') {
            self.next();
        }
        if heredoc {
            self.expects_heredoc = true;
        } else {
            self.tokens.push(Token::Word(Word { text: sign, line: self.line, ..Word::default() }));
        }
        while matches!(self.peek(0), Some(' ' | '\t')) {
            self.next();
        }
    }

    fn skip_heredocs(&mut self) {
        for end in std::mem::take(&mut self.heredocs) {
            loop {
                let mut line = String::new();
                let mut ended = true;
                while let Some(letter) = self.next() {
                    if letter == '\n' {
                        ended = false;
                        break;
                    }
                    line.push(letter);
                }
                if line.trim() == end || ended {
                    break;
                }
            }
        }
    }
}
