//! A report in few letters: what is kept in a snapshot of one that is too large to be kept as it is.
//!
//! The first line names the form; each further line is a word and its rest. A file's line is followed by one for each
//! metric, its packed units in base 64.

use super::{Count, Draft, File, FileDraft, Flaw, Format, Metric, Report, Units};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use std::fmt::Write as _;

/// How a digest begins.
pub const HEAD: &str = "mx-prod-gate coverage digest 1\n";

/// The digest of a report, or of the reason why there is none.
pub fn write(read: Result<Report, Flaw>) -> String {
    let mut text = HEAD.to_owned();
    let report = match read {
        Ok(report) => report,
        Err(flaw) => {
            // A string takes everything that is written to it.
            let _ = writeln!(text, "flaw {} {}", flaw.line, flaw.message.escape_debug());
            return text;
        }
    };
    let _ = writeln!(text, "format {}", report.format.word());
    if let Some(made) = report.made {
        let _ = writeln!(text, "made {made}");
    }
    for source in &report.sources {
        let _ = writeln!(text, "source {}", source.escape_debug());
    }
    if report.is_without_branches {
        text.push_str("without-branches\n");
    }
    if let Some(flaw) = &report.disagreement {
        let _ = writeln!(text, "disagreement {} {}", flaw.line, flaw.message.escape_debug());
    }
    stated(&mut text, "total", &report.stated);
    // Each file is let go as it is written, into room that is there already: both forms of all of them at once, or a
    // text that is copied as it grows, would be twice the memory.
    text.reserve(report.files.iter().map(|file| file.size() * 4 / 3 + 120).sum());
    for file in report.files {
        let _ = writeln!(text, "file {}", file.path.escape_debug());
        stated(&mut text, "stated", &file.stated);
        for metric in Metric::ALL.into_iter().filter(|metric| !file.of(*metric).is_empty()) {
            let _ = write!(text, "{} ", metric.word());
            BASE64.encode_string(file.of(metric).bytes(), &mut text);
            text.push('\n');
        }
    }
    text
}

fn stated(text: &mut String, word: &str, counts: &[Option<Count>; 4]) {
    for (metric, count) in Metric::ALL.into_iter().zip(counts) {
        if let Some(count) = count {
            let _ = writeln!(text, "{word} {} {} {}", metric.word(), count.hit, count.all);
        }
    }
}

/// Reads what `write` wrote.
pub fn read(text: &str) -> Result<Report, Flaw> {
    let mut reader = Reader { draft: Draft::new(Format::Lcov), file: None };
    for (number, line) in (2..).zip(text.strip_prefix(HEAD).unwrap_or_default().lines()) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if word == "flaw" {
            return Err(flaw(rest).unwrap_or_else(|| Flaw::new(1, "it could not be read")));
        }
        reader.take(word, rest).ok_or_else(|| Flaw::new(number, "no line of a digest"))?;
    }
    reader.end_file();
    Ok(reader.draft.report)
}

struct Reader {
    draft: Draft,
    file: Option<File>,
}

impl Reader {
    fn take(&mut self, word: &str, rest: &str) -> Option<()> {
        let report = &mut self.draft.report;
        match word {
            "format" => report.format = Format::ALL.into_iter().find(|format| format.word() == rest)?,
            "made" => report.made = Some(rest.parse().ok()?),
            "source" => report.sources.push(unescaped(rest)),
            "without-branches" => report.is_without_branches = true,
            "disagreement" => report.disagreement = Some(flaw(rest)?),
            "total" => put(&mut report.stated, rest)?,
            "file" => {
                self.end_file();
                self.file = Some(FileDraft::default().finish(unescaped(rest)));
            }
            "stated" => put(&mut self.file.as_mut()?.stated, rest)?,
            _ => {
                let metric = Metric::ALL.into_iter().find(|metric| metric.word() == word)?;
                self.file.as_mut()?.units[metric as usize] = Units::from_bytes(BASE64.decode(rest).ok()?);
            }
        }
        Some(())
    }

    fn end_file(&mut self) {
        self.draft.report.files.extend(self.file.take());
    }
}

fn put(counts: &mut [Option<Count>; 4], rest: &str) -> Option<()> {
    let mut words = rest.split(' ');
    let name = words.next()?;
    let metric = Metric::ALL.into_iter().find(|metric| metric.word() == name)?;
    counts[metric as usize] = Some(Count::new(words.next()?.parse().ok()?, words.next()?.parse().ok()?));
    Some(())
}

fn flaw(rest: &str) -> Option<Flaw> {
    let (line, message) = rest.split_once(' ')?;
    Some(Flaw::new(line.parse().ok()?, unescaped(message)))
}

/// The reverse of `escape_debug`, for the few escapes that paths hold.
fn unescaped(text: &str) -> String {
    let (mut plain, mut letters) = (String::with_capacity(text.len()), text.chars());
    while let Some(letter) = letters.next() {
        match (letter, letter == '\\') {
            (_, false) => plain.push(letter),
            _ => match letters.next() {
                Some('n') => plain.push('\n'),
                Some('t') => plain.push('\t'),
                Some('r') => plain.push('\r'),
                Some('u') => {
                    let code: String = letters.by_ref().skip(1).take_while(|letter| *letter != '}').collect();
                    plain.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                }
                other => plain.extend(other),
            },
        }
    }
    plain
}
