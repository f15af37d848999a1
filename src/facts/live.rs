//! What a live run heard, from its transcript: each exchange with its line.

mod words;

use super::{Facet, Facts, Unread};
use crate::evidence::{Blob, Evidence};
use crate::transcript::{Cause, Exchange, PATH, Step, Transcript, Unasked};
use std::sync::Arc;

/// The transcript of a live run, if there was one.
#[derive(Debug, Default)]
pub struct Live {
    run: Option<Run>,
    unread: Vec<Unread>,
}

#[derive(Debug)]
struct Run {
    blob: Arc<Blob>,
    transcript: Transcript,
    /// The line of each exchange.
    lines: Vec<u32>,
}

/// One exchange of the run.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    run: &'a Run,
    pub exchange: &'a Exchange,
    line: u32,
}

impl Live {
    pub fn transcript(&self) -> Option<&Transcript> {
        self.run.as_ref().map(|run| &run.transcript)
    }

    /// The last exchange of a step.
    pub fn last(&self, step: Step) -> Option<Said<'_>> {
        let run = self.run.as_ref()?;
        let mut pairs = run.transcript.exchanges.iter().zip(&run.lines).rev();
        pairs.find(|(exchange, _)| exchange.step == step).map(|(exchange, line)| Said { run, exchange, line: *line })
    }

    /// The last exchange of the step that answers a check's question, or why it was not put.
    pub fn answer(&self, check: &str, step: Step) -> Result<Said<'_>, Unasked> {
        self.last(step).ok_or_else(|| self.unasked(check))
    }

    /// Why a check's question was not put.
    pub fn unasked(&self, check: &str) -> Unasked {
        let transcript = self.transcript();
        let told = transcript.and_then(|transcript| transcript.unasked.iter().find(|unasked| unasked.check == check));
        told.cloned().unwrap_or_else(|| {
            let by = transcript.and_then(|transcript| transcript.cut_short.as_deref());
            let reason = by.map_or("the run did not come so far".to_owned(), |by| format!("the run was ended by {by}"));
            Unasked { check: check.to_owned(), cause: Cause::CutShort, reason }
        })
    }

    /// A line of the transcript that says something other than an exchange does.
    pub fn line_of(&self, field: &str, note: impl Into<String>) -> Option<Evidence> {
        let run = self.run.as_ref()?;
        let start = format!("\"{field}\"");
        let (number, _) = run.blob.lines().find(|(_, line)| line.trim_start().starts_with(&start))?;
        Some(Evidence::at(run.blob.line(number), note))
    }
}

impl Said<'_> {
    /// The exchange's line, with what is to be seen there.
    pub fn evidence(&self, note: impl Into<String>) -> Evidence {
        Evidence::at(self.run.blob.line(self.line), note)
    }

    /// What the answer means where it is none of success.
    pub fn meaning(&self) -> String {
        words::meaning(self.exchange, &self.run.transcript)
    }

    /// Why nothing follows from it about this integration: the vendor admits an outage, or the run was ended.
    pub fn inconclusive(&self) -> Option<String> {
        let transcript = &self.run.transcript;
        match (&transcript.outage, &transcript.cut_short) {
            (Some(outage), _) if self.exchange.may_be_outage() => {
                Some(format!("inconclusive: the vendor's status page admits an outage ({outage})"))
            }
            (_, Some(by)) if self.exchange.status.is_none() => Some(format!("inconclusive: the run was ended by {by}")),
            _ => None,
        }
    }
}

impl Facet for Live {
    fn read(facts: &Facts) -> Self {
        let Some(blob) = facts.snapshot.blob(PATH) else { return Self::default() };
        match serde_json::from_str::<Transcript>(blob.text()) {
            Ok(transcript) => {
                let lines = lines(blob, transcript.exchanges.len());
                let run = Run { blob: blob.clone(), transcript, lines };
                Self { run: Some(run), unread: Vec::new() }
            }
            Err(error) => {
                let line = blob.line(u32::try_from(error.line()).unwrap_or(1));
                Self { run: None, unread: vec![Unread(Evidence::at(line, "no transcript of a live run"))] }
            }
        }
    }

    fn unread(&self) -> &[Unread] {
        &self.unread
    }
}

/// The lines on which the exchanges begin: our own form has one exchange a line.
fn lines(blob: &Blob, count: usize) -> Vec<u32> {
    let below = blob.lines().skip_while(|(_, line)| !line.trim_start().starts_with("\"exchanges\""));
    let starts = below.filter(|(_, line)| line.trim_start().starts_with("{\"n\""));
    let mut lines: Vec<u32> = starts.map(|(number, _)| number).collect();
    lines.resize(count, 1);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use crate::snapshot::Snapshot;

    fn with<T>(text: &str, ask: impl FnOnce(&Live) -> T) -> T {
        let mut snapshot = Snapshot::default();
        snapshot.insert_text(PATH, text);
        let settings = Settings::default();
        ask(Facts::new(&snapshot, &settings, "2026-11-01".parse().unwrap()).live())
    }

    #[test]
    fn each_exchange_has_its_line() {
        let text = "{\n\"run\": \"r\",\n\"exchanges\": [\n{\"n\": 1, \"step\": \"api-access\", \"request\": \"GET /\"},\n{\"n\": 2, \"step\": \"order-create\", \"request\": \"POST /\", \"status\": 200}\n]\n}\n";
        with(text, |live| {
            let said = live.last(Step::OrderCreate).unwrap();
            assert_eq!(said.evidence("x").span().unwrap().line(), 5);
            assert!(live.answer("work-order-read", Step::OrderRead).is_err());
            assert_eq!(live.line_of("run", "x").unwrap().span().unwrap().line(), 2);
        });
    }

    #[test]
    fn what_is_no_transcript_is_unread() {
        for text in ["", "no", "{\n\"exchanges\": 1}", "7"] {
            assert_eq!(with(text, |live| live.unread().len()), 1, "{text}");
        }
    }
}
