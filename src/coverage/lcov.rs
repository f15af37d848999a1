//! lcov's tracefile, by the man page of geninfo (1.x and 2.x).

use super::source::Lines;
use super::{Count, Draft, FileDraft, Flaw, Format, Metric, Report};
use std::collections::HashMap;

/// Reads a tracefile. A record that is not ended was cut off.
pub fn read(input: &mut dyn std::io::BufRead) -> Result<Report, Flaw> {
    let mut reader = Reader { draft: Draft::new(Format::Lcov), path: None, file: Record::default() };
    let mut lines = Lines::new(input);
    while let Some(line) = lines.next()? {
        let taken = reader.take(line);
        if let Err(message) = taken {
            return Err(Flaw::new(lines.number(), message));
        }
        if let Some((what, stated, counted)) = reader.file.disagreement.take() {
            reader.draft.agree(lines.number(), what, stated, counted);
        }
    }
    match reader.path {
        Some(_) => Err(Flaw::new(lines.number(), "it is cut off: the last record has no end_of_record")),
        None => Ok(reader.draft.finish(lines.number())),
    }
}

struct Reader {
    draft: Draft,
    path: Option<String>,
    file: Record,
}

/// What a record holds beside the units.
#[derive(Default)]
struct Record {
    draft: FileDraft,
    functions: Vec<Function>,
    by_name: HashMap<Vec<u8>, usize>,
    stated: [(Option<u64>, Option<u64>); 3],
    disagreement: Option<(&'static str, Count, Count)>,
}

struct Function {
    /// Of lcov 2 the number, which its aliases share.
    name: Vec<u8>,
    line: u32,
    hit: bool,
}

/// The metrics with totals, in the order of `Record::stated`.
const STATED: [(Metric, &str); 3] =
    [(Metric::Lines, "lines"), (Metric::Branches, "branches"), (Metric::Functions, "functions")];

impl Reader {
    fn take(&mut self, line: &[u8]) -> Result<(), String> {
        if let Some(rest) = line.strip_prefix(b"DA:") {
            return self.file.line(rest);
        }
        if line == b"end_of_record" {
            return self.end();
        }
        let Some(at) = memchr::memchr(b':', line) else {
            let is_nothing = line.is_empty() || line.starts_with(b"#");
            return if is_nothing { Ok(()) } else { Err(format!("no record of lcov: {}", shown(line))) };
        };
        let (word, rest) = (line.get(..at).unwrap_or_default(), line.get(at + 1..).unwrap_or_default());
        match word {
            b"SF" if self.path.is_some() => Err("a record begins before the last one has ended".to_owned()),
            b"SF" => {
                self.path = Some(String::from_utf8_lossy(rest).into_owned());
                Ok(())
            }
            b"BRDA" => self.file.branch(rest),
            b"FN" => self.file.function(rest),
            b"FNDA" => self.file.called(rest),
            b"FNL" => self.file.numbered(rest),
            b"FNA" => self.file.alias(rest),
            b"LF" => self.file.stated(0, false, rest),
            b"LH" => self.file.stated(0, true, rest),
            b"BRF" => self.file.stated(1, false, rest),
            b"BRH" => self.file.stated(1, true, rest),
            b"FNF" => self.file.stated(2, false, rest),
            b"FNH" => self.file.stated(2, true, rest),
            b"TN" | b"VER" | b"MCDC" | b"MCF" | b"MCH" => Ok(()),
            _ if word.starts_with(b"#") => Ok(()),
            _ => Err(format!("no record of lcov: {}", shown(line))),
        }
    }

    fn end(&mut self) -> Result<(), String> {
        let path = self.path.take().ok_or("a record ends that did not begin")?;
        let record = std::mem::take(&mut self.file);
        let Record { mut draft, functions, stated, .. } = record;
        for function in functions {
            draft.function(function.line, &String::from_utf8_lossy(&function.name), function.hit);
        }
        for ((metric, _), (all, hit)) in STATED.into_iter().zip(stated) {
            draft.stated[metric as usize] = all.zip(hit).map(|(all, hit)| Count::new(hit, all));
        }
        let file = draft.finish(path);
        for (metric, word) in STATED {
            let stated = file.stated[metric as usize];
            let counted = (!file.of(metric).is_empty()).then(|| file.of(metric).count());
            if let (Some(stated), Some(counted)) = (stated, counted)
                && is_better(stated, counted)
            {
                self.file.disagreement.get_or_insert((word, stated, counted));
            }
            if stated.is_some_and(|stated| stated.hit > stated.all) {
                return Err(format!("more {word} were run than there are"));
            }
        }
        self.draft.add(file)
    }
}

/// Tools count functions and lines of macros and generics each in a way of their own; what matters is whether the
/// totals claim more than the lines show.
fn is_better(stated: Count, counted: Count) -> bool {
    stated.percent().unwrap_or(0.0) > counted.percent().unwrap_or(0.0) + 0.01
}

impl Record {
    fn line(&mut self, rest: &[u8]) -> Result<(), String> {
        let mut parts = rest.split(|byte| *byte == b',');
        let line = place(parts.next())?;
        let hit = hits(parts.next())? > 0;
        self.draft.line(line, hit);
        Ok(())
    }

    /// `line,[e]block,branch,taken`: the branch may be an expression with commas of its own.
    fn branch(&mut self, rest: &[u8]) -> Result<(), String> {
        let first = memchr::memchr(b',', rest).ok_or("a branch without its number")?;
        let last = memchr::memrchr(b',', rest).filter(|last| *last > first).ok_or("a branch without its count")?;
        let line = place(rest.get(..first))?;
        let taken = rest.get(last + 1..).unwrap_or_default();
        let name = rest.get(first + 1..last).unwrap_or_default();
        let hit = taken != b"-" && hits(Some(taken))? > 0;
        self.draft.branch(line, super::key(&String::from_utf8_lossy(name)).max(1), hit);
        Ok(())
    }

    /// `line,name` or `line,end,name`.
    fn function(&mut self, rest: &[u8]) -> Result<(), String> {
        let (line, name) = cut(rest).ok_or("a function without a name")?;
        let line = place(Some(line))?;
        let name = match cut(name) {
            Some((end, name)) if !end.is_empty() && end.iter().all(u8::is_ascii_digit) => name,
            _ => name,
        };
        self.declare(Function { name: name.to_vec(), line, hit: false });
        Ok(())
    }

    fn declare(&mut self, function: Function) {
        self.by_name.insert(function.name.clone(), self.functions.len());
        self.functions.push(function);
    }

    fn called(&mut self, rest: &[u8]) -> Result<(), String> {
        let (count, name) = cut(rest).ok_or("a function without a name")?;
        let hit = hits(Some(count))? > 0;
        match self.by_name.get(name).and_then(|at| self.functions.get_mut(*at)) {
            Some(function) => function.hit |= hit,
            None => self.declare(Function { name: name.to_vec(), line: 0, hit }),
        }
        Ok(())
    }

    fn numbered(&mut self, rest: &[u8]) -> Result<(), String> {
        let (number, places) = cut(rest).ok_or("a function without its line")?;
        let line = place(places.split(|byte| *byte == b',').next())?;
        hits(Some(number))?;
        self.declare(Function { name: number.to_vec(), line, hit: false });
        Ok(())
    }

    fn alias(&mut self, rest: &[u8]) -> Result<(), String> {
        let (number, rest) = cut(rest).ok_or("a function without its count")?;
        let hit = hits(rest.split(|byte| *byte == b',').next())? > 0;
        let function = self.by_name.get(number).and_then(|at| self.functions.get_mut(*at));
        function.ok_or("a function that is not declared")?.hit |= hit;
        Ok(())
    }

    fn stated(&mut self, metric: usize, is_hit: bool, rest: &[u8]) -> Result<(), String> {
        let number = hits(Some(rest))?;
        if let Some((all, hit)) = self.stated.get_mut(metric) {
            *(if is_hit { hit } else { all }) = Some(number);
        }
        Ok(())
    }
}

fn cut(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(b',', text)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

fn place(digits: Option<&[u8]>) -> Result<u32, String> {
    let digits = digits.unwrap_or_default();
    number(digits).and_then(|line| u32::try_from(line).ok()).ok_or_else(|| format!("no line number: {}", shown(digits)))
}

/// How often something was run. A negative number is the mark of a counter that ran over, and tells nothing.
fn hits(digits: Option<&[u8]>) -> Result<u64, String> {
    let digits = digits.unwrap_or_default().trim_ascii();
    if digits.starts_with(b"-") {
        return Err(format!("a negative count: {}", shown(digits)));
    }
    if let Some(found) = number(digits) {
        return Ok(found);
    }
    let text = String::from_utf8_lossy(digits);
    let float = text.parse::<f64>().ok().filter(|found| found.is_finite() && *found >= 0.0);
    float.map(|found| found.ceil() as u64).ok_or_else(|| format!("no count: {}", shown(digits)))
}

fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |number, byte| {
        if !byte.is_ascii_digit() {
            return None;
        }
        number.checked_mul(10)?.checked_add(u64::from(byte - b'0'))
    })
}

/// What stands in a line, cut, for a message.
fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text.get(..text.len().min(40)).unwrap_or_default()).into_owned();
    format!("`{}`", text.escape_debug())
}
