//! Reads the tokens of a shell script into commands: lists, pipelines and compound commands.

use super::tokens::{Token, Word, tokens};
use super::{Command, Strictness, joined};

/// Substitutions and compound commands nested deeper are not read.
const MAX_DEPTH: usize = 30;
/// More commands than this in one script are not read.
const MAX_COMMANDS: usize = 5_000;

/// The simple commands of a script in their order.
pub fn commands(script: &str, strictness: Strictness) -> Vec<Command> {
    let mut parser = Parser { strictness, ..Parser::new(tokens(script), 0) };
    parser.shebang(script);
    let mut all = parser.list(&[], true);
    while parser.at < parser.tokens.len() && all.len() < MAX_COMMANDS {
        // A stray closing word: step over it and read on.
        parser.at += 1;
        all.extend(parser.list(&[], true));
    }
    all
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    strictness: Strictness,
    folder: String,
}

/// Words that begin or divide a compound command.
const CLOSERS: [&str; 7] = ["then", "elif", "else", "fi", "do", "done", "esac"];

impl Parser {
    fn new(tokens: Vec<Token>, depth: usize) -> Self {
        Self { tokens, at: 0, depth, strictness: Strictness::LENIENT, folder: String::new() }
    }

    fn shebang(&mut self, script: &str) {
        let first = script.lines().next().unwrap_or_default();
        let options = first.strip_prefix("#!").map(|line| line.split_whitespace().skip(1)).into_iter().flatten();
        options.filter(|option| option.starts_with('-')).for_each(|option| self.option(option, ""));
    }

    fn option(&mut self, option: &str, value: &str) {
        let on = option.starts_with('-');
        let letters = option.trim_start_matches(['-', '+']);
        if letters.contains('e') || (letters.ends_with('o') && value == "errexit") {
            self.strictness.errexit = on;
        }
        if letters.ends_with('o') && value == "pipefail" {
            self.strictness.pipefail = on;
        }
    }

    fn operator(&self) -> Option<&'static str> {
        match self.tokens.get(self.at) {
            Some(Token::Operator(operator)) => Some(operator),
            _ => None,
        }
    }

    fn keyword(&self) -> Option<&str> {
        match self.tokens.get(self.at) {
            Some(Token::Word(word)) if !word.quoted => Some(&word.text),
            _ => None,
        }
    }

    fn skip_separators(&mut self) {
        while matches!(self.operator(), Some("\n" | ";" | "&")) {
            self.at += 1;
        }
    }

    /// Commands up to one of these words, a closing parenthesis or the end. `stops` tells of the list's own status.
    fn list(&mut self, until: &[&str], stops: bool) -> Vec<Command> {
        let mut items: Vec<Vec<Command>> = Vec::new();
        let mut strict = Vec::new();
        while items.len() < MAX_COMMANDS {
            self.skip_separators();
            let ends =
                self.keyword().is_some_and(|word| until.contains(&word) || CLOSERS.contains(&word) || word == "}");
            if self.at >= self.tokens.len() || self.operator() == Some(")") || ends {
                break;
            }
            let before = self.at;
            strict.push(self.strictness.errexit);
            let mut item = self.and_or();
            if self.operator() == Some("&") {
                item.iter_mut().for_each(|command| command.stops = false);
            }
            items.push(item);
            if self.at == before {
                self.at += 1;
            }
        }
        let last = items.len().saturating_sub(1);
        for (index, item) in items.iter_mut().enumerate() {
            let kept = if index == last { stops } else { strict[index] && stops };
            if !kept {
                item.iter_mut().for_each(|command| command.stops = false);
            }
        }
        items.into_iter().flatten().collect()
    }

    fn and_or(&mut self) -> Vec<Command> {
        let mut all = self.pipeline();
        while let Some(operator @ ("&&" | "||")) = self.operator() {
            self.at += 1;
            while self.operator() == Some("\n") {
                self.at += 1;
            }
            let right = self.pipeline();
            // `a || exit 1` stops as `a` alone would; after any other `||` the failure is forgotten.
            if operator == "||" && !gives_up(&right) {
                all.iter_mut().for_each(|command| command.stops = false);
            }
            all.extend(right);
        }
        all
    }

    fn pipeline(&mut self) -> Vec<Command> {
        let negated = self.keyword() == Some("!");
        if negated {
            self.at += 1;
        }
        let mut all = self.command();
        while self.operator() == Some("|") {
            self.at += 1;
            while self.operator() == Some("\n") {
                self.at += 1;
            }
            if !self.strictness.pipefail {
                all.iter_mut().for_each(|command| command.stops = false);
            }
            all.extend(self.command());
        }
        if negated {
            all.iter_mut().for_each(|command| command.stops = false);
        }
        all
    }

    fn command(&mut self) -> Vec<Command> {
        if self.depth > MAX_DEPTH {
            self.at = self.tokens.len();
            return Vec::new();
        }
        self.depth += 1;
        let all = self.compound();
        self.depth -= 1;
        all
    }

    fn compound(&mut self) -> Vec<Command> {
        if self.operator() == Some("(") {
            self.at += 1;
            let (folder, strictness) = (self.folder.clone(), self.strictness);
            let all = self.list(&[], true);
            (self.folder, self.strictness) = (folder, strictness);
            self.at += usize::from(self.operator() == Some(")"));
            return all;
        }
        match self.keyword().unwrap_or_default() {
            "{" => {
                self.at += 1;
                let all = self.list(&["}"], true);
                self.at += usize::from(self.keyword() == Some("}"));
                all
            }
            "if" => self.conditional(),
            "while" | "until" => {
                self.at += 1;
                let mut all = self.list(&["do"], false);
                all.extend(self.body());
                all
            }
            "for" | "select" => {
                while self.at < self.tokens.len() && self.keyword() != Some("do") {
                    self.at += 1;
                }
                self.body()
            }
            "case" => self.case(),
            "function" => {
                self.at += 2;
                self.after_function_name()
            }
            _ if self.is_function() => {
                self.at += 1;
                self.after_function_name()
            }
            _ => self.simple(),
        }
    }

    fn is_function(&self) -> bool {
        let opens = matches!(self.tokens.get(self.at + 1), Some(Token::Operator("(")));
        opens && matches!(self.tokens.get(self.at + 2), Some(Token::Operator(")")))
    }

    /// The body of a function is read where it is defined.
    fn after_function_name(&mut self) -> Vec<Command> {
        while matches!(self.operator(), Some("(" | ")" | "\n")) {
            self.at += 1;
        }
        self.command()
    }

    fn body(&mut self) -> Vec<Command> {
        if self.keyword() == Some("do") {
            self.at += 1;
        }
        let all = self.list(&["done"], true);
        self.at += usize::from(self.keyword() == Some("done"));
        all
    }

    fn conditional(&mut self) -> Vec<Command> {
        self.at += 1;
        let negated = self.keyword() == Some("!");
        let mut condition = self.list(&["then"], true);
        self.at += usize::from(self.keyword() == Some("then"));
        let mut all = self.list(&["else", "elif", "fi"], true);
        let gives_up_then = gives_up(&all);
        let mut otherwise = Vec::new();
        match self.keyword() {
            Some("elif") => otherwise = self.conditional(),
            Some("else") => {
                self.at += 1;
                otherwise = self.list(&["fi"], true);
                self.at += usize::from(self.keyword() == Some("fi"));
            }
            Some("fi") => self.at += 1,
            _ => {}
        }
        let stops = if negated { gives_up_then } else { otherwise.is_empty() || gives_up(&otherwise) };
        condition.iter_mut().for_each(|command| command.stops = stops);
        all.extend(otherwise);
        condition.extend(all);
        condition
    }

    fn case(&mut self) -> Vec<Command> {
        let mut all = Vec::new();
        while self.at < self.tokens.len() && self.keyword() != Some("in") {
            self.at += 1;
        }
        self.at += 1;
        while self.at < self.tokens.len() && self.keyword() != Some("esac") {
            // The pattern, up to its parenthesis.
            while self.at < self.tokens.len() && self.operator() != Some(")") && self.keyword() != Some("esac") {
                self.at += 1;
            }
            self.at += usize::from(self.operator() == Some(")"));
            all.extend(self.branch());
        }
        self.at += usize::from(self.keyword() == Some("esac"));
        all
    }

    /// The commands of one branch of a `case`: up to the word before the next parenthesis.
    fn branch(&mut self) -> Vec<Command> {
        let mut all = Vec::new();
        loop {
            self.skip_separators();
            let next_is_pattern = matches!(self.tokens.get(self.at + 1), Some(Token::Operator(")" | "|")))
                && !matches!(self.tokens.get(self.at + 1), Some(Token::Operator("|")) if self.pipes());
            if self.at >= self.tokens.len() || self.keyword() == Some("esac") || next_is_pattern {
                return all;
            }
            let before = self.at;
            all.extend(self.and_or());
            if self.at == before {
                return all;
            }
        }
    }

    /// After `word |` comes a command rather than a further pattern and its parenthesis.
    fn pipes(&self) -> bool {
        !matches!(self.tokens.get(self.at + 3), Some(Token::Operator(")" | "|")))
    }

    fn simple(&mut self) -> Vec<Command> {
        let mut words: Vec<Word> = Vec::new();
        while let Some(Token::Word(word)) = self.tokens.get(self.at) {
            self.at += 1;
            if !word.quoted && word.text.starts_with(['<', '>']) {
                // The target of the redirection.
                self.at += usize::from(matches!(self.tokens.get(self.at), Some(Token::Word(_))));
                continue;
            }
            words.push(word.clone());
        }
        let Some(first) = words.first() else { return Vec::new() };
        let line = first.line;
        let mut all = self.substituted(&words);
        let assigned = words.iter().take_while(|word| is_assignment(&word.text)).count();
        let variables: Vec<_> =
            words[..assigned].iter().filter_map(|word| word.text.split_once('=')).map(owned).collect();
        let words: Vec<String> = words[assigned..].iter().map(|word| word.text.clone()).collect();
        self.obey(&words);
        let folder = self.folder.clone();
        if !words.is_empty() || !variables.is_empty() {
            all.push(Command { words, variables, line, stops: true, folder });
        }
        all
    }

    /// The commands inside `$(…)`. One whose answer is only assigned ends the script as if it stood alone.
    fn substituted(&mut self, words: &[Word]) -> Vec<Command> {
        let stops = words.iter().all(|word| is_assignment(&word.text));
        let mut all = Vec::new();
        for word in words.iter().filter(|_| self.depth < MAX_DEPTH) {
            for script in &word.substitutions {
                let mut inner = Parser { strictness: self.strictness, ..Parser::new(tokens(script), self.depth + 1) };
                inner.folder.clone_from(&self.folder);
                let commands = inner.list(&[], stops).into_iter();
                all.extend(commands.map(|command| Command { line: word.line + command.line, ..command }));
            }
        }
        all
    }

    /// What a command does to the shell itself: `cd`, `set`.
    fn obey(&mut self, words: &[String]) {
        match words.first().map(String::as_str) {
            Some("cd" | "pushd") => {
                let target = words.iter().skip(1).find(|word| !word.starts_with('-'));
                self.folder = joined(&self.folder, target.map_or("", String::as_str));
            }
            Some("popd") => self.folder.clear(),
            Some("set") => {
                for (index, option) in words.iter().enumerate().skip(1).filter(|(_, word)| word.starts_with(['-', '+']))
                {
                    self.option(option, words.get(index + 1).map_or("", String::as_str));
                }
            }
            _ => {}
        }
    }
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// These commands end in `exit 1` or the like.
fn gives_up(commands: &[Command]) -> bool {
    commands.iter().any(|command| {
        let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
        matches!(words.as_slice(), ["false"] | ["exit" | "return"])
            || matches!(words.as_slice(), ["exit" | "return", code, ..] if *code != "0")
    })
}
