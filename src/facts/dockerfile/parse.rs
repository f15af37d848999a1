//! One Dockerfile as stages and steps, with build arguments expanded as Docker expands them.

use super::{Base, Copied, Dockerfile, Stage, Step, StepKind, packages, words};
use crate::evidence::{Blob, Evidence, Span};
use crate::facts::secret_value;
use parse_dockerfile::{Command, Flag, Instruction, RunInstruction, Source};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Values by name, as far as the file says them.
pub type Values = BTreeMap<String, String>;

/// More instructions than this are not read: real files stay below 300.
const MAX_INSTRUCTIONS: usize = 20_000;
/// A value that expands beyond this is an attack.
const MAX_EXPANSION: usize = 64 * 1024;

/// Reads a file, or says at which line it cannot be read.
pub fn parse(blob: &Arc<Blob>) -> Result<Dockerfile, Evidence> {
    let start = if blob.text().starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let text = blob.text().get(start..).unwrap_or_default();
    let mut reader =
        Reader { blob, start, escape: '\\', arguments: Values::new(), scopes: Vec::new(), stages: Vec::new() };
    if escape_is_backtick(text) {
        reader.escape = '`';
    }
    let instructions = parse_dockerfile::parse_iter(text).map_err(|error| unreadable(blob, &error))?;
    for instruction in instructions.take(MAX_INSTRUCTIONS) {
        reader.take(instruction.map_err(|error| unreadable(blob, &error))?);
    }
    Ok(Dockerfile { blob: blob.clone(), stages: reader.stages })
}

fn unreadable(blob: &Blob, error: &parse_dockerfile::Error) -> Evidence {
    Evidence::at(blob.line(error.line() as u32), format!("no valid Dockerfile: {error:#}"))
}

/// The `# escape=` directive stands before everything else.
fn escape_is_backtick(text: &str) -> bool {
    let directives = text.lines().map_while(|line| line.trim_start().strip_prefix('#'));
    directives.map(|line| line.to_lowercase().replace(' ', "")).any(|line| line.trim() == "escape=`")
}

struct Reader<'a> {
    blob: &'a Arc<Blob>,
    /// Where the text starts that the spans of the parser count from.
    start: usize,
    escape: char,
    /// `ARG`s before the first `FROM`.
    arguments: Values,
    /// What is known in each stage: its own and inherited `ENV`, and its `ARG`s.
    scopes: Vec<Values>,
    stages: Vec<Stage>,
}

impl Reader<'_> {
    fn span(&self, range: Range<usize>) -> Span {
        self.blob.span(self.start + range.start..self.start + range.end)
    }

    fn take(&mut self, instruction: Instruction<'_>) {
        match instruction {
            Instruction::From(from) => {
                let span =
                    from.from.span.start..from.as_.as_ref().map_or(from.image.span.end, |(_, name)| name.span.end);
                let name = from.as_.map(|(_, name)| name.value.to_lowercase());
                self.open(&from.image.value, name, self.span(span));
            }
            Instruction::Arg(arg) => self.variables(arg.arguments.span, true),
            Instruction::Env(env) => self.variables(env.arguments.span, false),
            Instruction::User(user) => {
                let known = self.scopes.last().and_then(|scope| expand(&user.arguments.value, scope));
                self.step(user.user.span.start..user.arguments.span.end, StepKind::User(known));
            }
            Instruction::Copy(copy) => {
                let from = copy.options.iter().find(|flag| flag.name.value.eq_ignore_ascii_case("from"));
                let sources = paths(&copy.src);
                let from = from.and_then(|flag| self.copied(flag_value(flag)));
                let kind = StepKind::Copy { from, sources, target: copy.dest.value.to_string() };
                self.step(copy.copy.span.start..copy.dest.span.end, kind);
            }
            Instruction::Add(add) => {
                let kind = StepKind::Copy { from: None, sources: paths(&add.src), target: add.dest.value.to_string() };
                self.step(add.add.span.start..add.dest.span.end, kind);
            }
            Instruction::Run(run) => self.run(&run),
            Instruction::Cmd(cmd) => self.command(cmd.cmd.span.start, &cmd.arguments, StepKind::Command),
            Instruction::Entrypoint(entry) => {
                self.command(entry.entrypoint.span.start, &entry.arguments, StepKind::Entrypoint);
            }
            Instruction::Healthcheck(check) => self.step(check.healthcheck.span, StepKind::Healthcheck),
            _ => {}
        }
    }

    fn step(&mut self, range: Range<usize>, kind: StepKind) {
        let span = self.span(range);
        if let Some(stage) = self.stages.last_mut() {
            stage.steps.push(Step { span, kind });
        }
    }

    fn open(&mut self, image: &str, name: Option<String>, from: Span) {
        let expanded = expand(image, &self.arguments);
        let known = expanded.clone().unwrap_or_else(|| image.to_owned());
        let parent = self.stages.iter().rposition(|stage| stage.name.as_deref() == Some(&known.to_lowercase()));
        let base = match (parent, expanded) {
            (Some(index), _) => Base::Stage(index),
            (None, Some(image)) => Base::Image(image),
            (None, None) => Base::Unknown(known),
        };
        let scope = match &base {
            Base::Stage(index) => self.scopes.get(*index).cloned().unwrap_or_default(),
            Base::Image(image) => super::base::environment(image),
            Base::Unknown(_) => Values::new(),
        };
        self.scopes.push(scope);
        self.stages.push(Stage { name, from, base, steps: Vec::new() });
    }

    /// `ARG a b=1` and `ENV a=1 b=2` or `ENV a 1`, each name with its own line.
    fn variables(&mut self, range: Range<usize>, build: bool) {
        let text = self.blob.text().get(self.start + range.start..self.start + range.end).unwrap_or_default();
        for pair in words::pairs(text, self.escape, !build) {
            let scope = self.scopes.last().unwrap_or(&self.arguments);
            let value = match &pair.value {
                Some(value) => expand(value, scope),
                // `ARG NAME` in a stage takes over what stands before the first FROM.
                None => self.arguments.get(&pair.name).cloned(),
            };
            let source = pair.value.as_deref().map(secret_value::source);
            let production = value.as_deref().is_some_and(|value| packages::leaves_out_development(&pair.name, value));
            let kind = StepKind::Variable { name: pair.name.clone(), source, build, production };
            self.step(range.start + pair.range.start..range.start + pair.range.end, kind);
            let Some(value) = value else { continue };
            let scope = self.scopes.last_mut().unwrap_or(&mut self.arguments);
            scope.insert(pair.name, value);
        }
    }

    fn run(&mut self, run: &RunInstruction<'_>) {
        for flag in run.options.iter().filter(|flag| flag.name.value.eq_ignore_ascii_case("mount")) {
            let options = flag_value(flag).split(',');
            let from = options.filter_map(|option| option.split_once('=')).find(|(key, _)| *key == "from");
            if let Some(from) = from.and_then(|(_, name)| self.copied(name)) {
                let kind = StepKind::Copy { from: Some(from), sources: Vec::new(), target: String::new() };
                self.step(flag.span(), kind);
            }
        }
        let (mut text, mut end) = shown(&run.arguments);
        for document in &run.here_docs {
            text.push('\n');
            text.push_str(&document.value);
            end = end.max(document.span.end);
        }
        self.step(run.run.span.start..end, StepKind::Run(words::joined(&text, self.escape)));
    }

    fn command(&mut self, start: usize, command: &Command<'_>, kind: fn(String) -> StepKind) {
        let (text, end) = shown(command);
        self.step(start..end, kind(words::joined(&text, self.escape)));
    }

    fn copied(&self, name: &str) -> Option<Copied> {
        let name = self.scopes.last().and_then(|scope| expand(name, scope)).unwrap_or_else(|| name.to_owned());
        let current = self.stages.len().saturating_sub(1);
        let by_name =
            self.stages.iter().take(current).rposition(|stage| stage.name.as_deref() == Some(&name.to_lowercase()));
        let by_number = name.parse::<usize>().ok().filter(|index| *index < current);
        Some(by_name.or(by_number).map_or(Copied::Image(name), Copied::Stage))
    }
}

fn flag_value<'a>(flag: &'a Flag<'_>) -> &'a str {
    flag.value.as_ref().map_or("", |value| &value.value)
}

fn paths(sources: &[Source<'_>]) -> Vec<String> {
    let paths = sources.iter().filter_map(|source| match source {
        Source::Path(path) => Some(path.value.to_string()),
        _ => None,
    });
    paths.collect()
}

/// The words of a command in one line each, and where it ends.
fn shown(command: &Command<'_>) -> (String, usize) {
    match command {
        Command::Exec(words) => {
            let list: Vec<&str> = words.value.iter().map(|word| &*word.value).collect();
            (list.join(" "), words.span.end)
        }
        Command::Shell(text) => (text.value.to_owned(), text.span.end),
        _ => (String::new(), 0),
    }
}

/// Replaces `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+other}`; none where a name has no value.
pub fn expand(text: &str, values: &Values) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        if out.len() > MAX_EXPANSION {
            return None;
        }
        rest = &rest[at + 1..];
        if let Some(inner) = rest.strip_prefix('{') {
            let end = inner.find('}')?;
            out.push_str(&expand_braced(&inner[..end], values)?);
            rest = &inner[end + 1..];
        } else {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            if end == 0 {
                out.push('$');
            } else {
                out.push_str(values.get(&rest[..end])?);
            }
            rest = &rest[end..];
        }
    }
    out.push_str(rest);
    Some(out.trim_matches(['"', '\'']).to_owned())
}

fn expand_braced(inner: &str, values: &Values) -> Option<String> {
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
    let (name, operator) = inner.split_at(end);
    let value = values.get(name).filter(|value| !value.is_empty());
    let default = operator.strip_prefix(":-").or_else(|| operator.strip_prefix('-'));
    let other = operator.strip_prefix(":+").or_else(|| operator.strip_prefix('+'));
    match (value, default, other) {
        (_, _, Some(other)) => Some(if value.is_some() { other.to_owned() } else { String::new() }),
        (Some(value), _, _) => Some(value.clone()),
        (None, Some(default), _) => Some(default.to_owned()),
        (None, None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Dockerfile {
        parse(&Arc::new(Blob::new("Dockerfile", text))).unwrap()
    }

    #[test]
    fn stages_arguments_and_copies_are_read() {
        let file = file(
            "ARG V=22\nfrom node:${V}-alpine as Base\nFROM base AS build\nRUN <<EOF\nnpm ci\nEOF\nFROM base\nCOPY --from=BUILD /a /b\nCOPY --from=ghcr.io/x/uv /uv /bin/\nRUN --mount=type=bind,from=1,target=/x ls \\\n  -l\n",
        );
        assert_eq!(file.stages.len(), 3);
        assert!(matches!(&file.stages[0].base, Base::Image(image) if image == "node:22-alpine"));
        assert!(matches!(file.stages[2].base, Base::Stage(0)));
        let run = &file.stages[1].steps[0];
        assert!(matches!(&run.kind, StepKind::Run(text) if text.contains("npm ci")));
        assert_eq!(run.span.line(), 4);
        let copies: Vec<_> = file.stages[2].copies().map(|(_, from)| from.clone()).collect();
        assert_eq!(copies, [Copied::Stage(1), Copied::Image("ghcr.io/x/uv".into()), Copied::Stage(1)]);
    }

    #[test]
    fn variables_know_their_own_line_and_users_are_expanded() {
        let file = file(
            "FROM scratch\nARG UID=1000\nENV A=1 \\\n    B=\"two words\" \\\n    # why\n    C=3\nENV OLD style value\nUSER ${UID}:$GROUP\nUSER $UID\nUSER ${NOBODY:-65534}\n",
        );
        let lines: Vec<_> = (file.stages[0].steps.iter())
            .filter_map(|step| match &step.kind {
                StepKind::Variable { name, .. } => Some((name.as_str(), step.span.line())),
                _ => None,
            })
            .collect();
        assert_eq!(lines, [("UID", 2), ("A", 3), ("B", 4), ("C", 6), ("OLD", 7)]);
        let users: Vec<_> = (file.stages[0].steps.iter())
            .filter_map(|step| if let StepKind::User(user) = &step.kind { Some(user.clone()) } else { None })
            .collect();
        assert_eq!(users, [None, Some("1000".into()), Some("65534".into())]);
    }

    #[test]
    fn windows_escapes_byte_order_marks_and_repeated_names_are_read() {
        let windows =
            file("# escape=`\nFROM mcr.microsoft.com/windows/nanoserver AS a\nENV X=1 `\n  Y=2\nFROM a AS a\n");
        assert_eq!(windows.stages.len(), 2);
        assert!(matches!(windows.stages[1].base, Base::Stage(0)));
        let marked = file("\u{feff}FROM scratch\nUSER 1\n");
        assert_eq!(marked.stages[0].steps[0].span.line(), 2);
    }

    #[test]
    fn what_is_no_dockerfile_has_a_line() {
        let error = parse(&Arc::new(Blob::new("Dockerfile", "FROM a\nRUNN x\n"))).unwrap_err();
        assert_eq!(error.span().unwrap().line(), 2);
        assert!(parse(&Arc::new(Blob::new("Dockerfile", ""))).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(FROM|ARG|ENV|USER|RUN|COPY|[ -~\n\\\\$\\{\\}=\"'])*") {
            let _ = parse(&Arc::new(Blob::new("Dockerfile", format!("FROM a AS b\n{text}"))));
        }
    }
}
