//! For people at a terminal: first what blocks and what to do about it, then every check in one line.

use super::escape::line;
use super::{Standing, counted};
use crate::check::Area;
use crate::verdict::{Decision, Row, Sighting, Spot, Verdict};
use anstyle::{AnsiColor, Style};
use std::borrow::Cow;
use std::fmt::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What the terminal is like.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    /// In columns.
    pub width: usize,
    /// Only the verdict and what blocks.
    pub quiet: bool,
}

impl Default for Terminal {
    fn default() -> Self {
        Self { width: 100, quiet: false }
    }
}

const NARROWEST: usize = 40;
const WIDEST: usize = 160;
/// More findings of one check than this are only counted.
const SHOWN: usize = 5;

const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

const fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(anstyle::Color::Ansi(colour)))
}

fn style(standing: Standing) -> Style {
    match standing {
        Standing::Blocks => colour(AnsiColor::Red).bold(),
        Standing::Fails => colour(AnsiColor::Red),
        Standing::Error | Standing::Waived => colour(AnsiColor::Yellow),
        Standing::Manual => colour(AnsiColor::Cyan),
        Standing::Attested | Standing::Passes => colour(AnsiColor::Green),
        Standing::NotApplicable => FAINT,
    }
}

fn painted(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// The report.
pub fn render(verdict: &Verdict, terminal: Terminal) -> String {
    let mut page = Page { text: String::new(), width: terminal.width.clamp(NARROWEST, WIDEST) };
    page.head(verdict);
    let open = verdict.open_rows();
    let shown = open.iter().filter(|row| !terminal.quiet || Standing::of(row) == Standing::Blocks);
    shown.for_each(|row| page.open(row));
    if !terminal.quiet {
        page.proposal(verdict);
        page.table(verdict);
        if let Some(transcript) = &verdict.live {
            page.put(&super::live::terminal(transcript));
        }
        page.manual(verdict);
        page.advice(verdict);
        page.notices(verdict);
        page.unread(verdict);
        page.foot(verdict);
    }
    page.text
}

struct Page {
    text: String,
    width: usize,
}

impl Page {
    fn put(&mut self, text: &str) {
        self.text.push_str(&uncommanding(text));
        self.text.push('\n');
    }

    fn head(&mut self, verdict: &Verdict) {
        let decided = match verdict.verdict {
            Decision::Ready => colour(AnsiColor::Green),
            Decision::NotReady => colour(AnsiColor::Red),
            Decision::Unknown => colour(AnsiColor::Yellow),
        };
        let headline = painted(decided.bold(), &verdict.headline().to_uppercase());
        let commit =
            verdict.commit.as_deref().map(|commit| format!(" · {}", commit.chars().take(9).collect::<String>()));
        self.put(&format!(
            "{headline}  {}  {}",
            verdict.reason(),
            painted(FAINT, &format!("(fail-on {})", verdict.fail_on.word()))
        ));
        let about = format!("{} · {}{}", verdict.subject(), verdict.date, commit.unwrap_or_default());
        self.put(&painted(FAINT, &about));
    }

    /// A row that somebody has to act on: where, what is to be seen there, and what to do.
    fn open(&mut self, row: &Row) {
        let standing = Standing::of(row);
        let mark = painted(style(standing), standing.mark());
        self.put("");
        self.put(&format!("{mark} {} {}  {}", row.priority.word(), painted(BOLD, row.check), line(row.title)));
        let open: Vec<&Sighting> = row.findings.iter().filter(|finding| !finding.waived).collect();
        open.iter().take(SHOWN).for_each(|finding| self.sighting(finding));
        if open.len() > SHOWN {
            self.put(&painted(FAINT, &format!("    and {} more", open.len() - SHOWN)));
        }
        if standing == Standing::Error {
            row.evidence.iter().take(SHOWN).for_each(|seen| self.sighting(seen));
        }
        if let Some(remark) = &row.remark {
            self.wrapped("    ", &line(remark), Style::new());
        }
        if let Some(waiver) = &row.waiver {
            self.wrapped("    ", &line(&waiver.sentence()), colour(AnsiColor::Yellow));
        }
        if standing != Standing::Error && !row.fix.is_empty() {
            self.wrapped("    fix: ", &line(&row.fix), colour(AnsiColor::Cyan));
        }
    }

    fn sighting(&mut self, seen: &Sighting) {
        match &seen.place {
            Spot::At { path, line: number, column, .. } => {
                let place = format!("{}:{number}:{column}", line(path));
                self.put(&format!("    {}  {}", painted(BOLD, &place), line(&seen.note)));
                if let Some(excerpt) = &seen.excerpt {
                    let room = self.width.saturating_sub(9 + digits(*number));
                    self.put(&painted(FAINT, &format!("      {number} │ {}", cut(&line(excerpt), room))));
                }
            }
            Spot::Nowhere { looked_in, .. } => {
                let looked = looked_in.iter().take(SHOWN).map(|path| line(path)).collect::<Vec<_>>().join(", ");
                let more = if looked_in.len() > SHOWN { ", …" } else { "" };
                self.put(&format!(
                    "    {}  {}",
                    line(&seen.note),
                    painted(FAINT, &format!("(looked in {looked}{more})"))
                ));
            }
        }
    }

    fn proposal(&mut self, verdict: &Verdict) {
        let Some(proposal) = verdict.proposal.as_ref().filter(|proposal| !proposal.changes.is_empty()) else { return };
        self.put("");
        self.put(&painted(BOLD, "what this change proposes about its own gate"));
        self.wrapped("  ", &line(&super::proposal::head(verdict, proposal)), colour(AnsiColor::Yellow));
        let told = proposal.mistakes.iter().cloned().chain(proposal.changes.iter().map(super::proposal::sentence));
        for text in told {
            self.put(&cut(&format!("  {}", line(&text)), self.width));
        }
    }

    /// Every check in one line, by area.
    fn table(&mut self, verdict: &Verdict) {
        let widest = verdict.rows.iter().map(|row| row.check.len()).max().unwrap_or_default();
        let mut area: Option<Area> = None;
        for row in &verdict.rows {
            if area != Some(row.area) {
                area = Some(row.area);
                self.put("");
                self.put(&painted(BOLD, row.area.word()));
            }
            let standing = Standing::of(row);
            let mark = painted(style(standing), standing.mark());
            let room = self.width.saturating_sub(widest + 9);
            let gist = painted(FAINT, &cut(&line(&row.standing_sentence()), room));
            self.put(&format!("  {mark} {} {:widest$}  {gist}", row.priority.word(), row.check));
        }
    }

    fn manual(&mut self, verdict: &Verdict) {
        let manual: Vec<&str> =
            verdict.rows.iter().filter(|row| Standing::of(row) == Standing::Manual).map(|row| row.check).collect();
        if !manual.is_empty() {
            let text = format!("only a person can tell: {} (attest in .mx-prod-gate.yml)", manual.join(", "));
            self.put("");
            self.wrapped("? ", &text, colour(AnsiColor::Cyan));
        }
    }

    fn advice(&mut self, verdict: &Verdict) {
        let rows = verdict.rows.iter().filter(|row| !row.advice.is_empty());
        let told: Vec<(&str, &Sighting)> =
            rows.flat_map(|row| row.advice.iter().take(2).map(|advice| (row.check, advice))).collect();
        if told.is_empty() {
            return;
        }
        self.put("");
        self.put(&painted(BOLD, "worth knowing"));
        for (check, advice) in told {
            self.put(&cut(&format!("  {check}: {}", line(&advice.gist())), self.width));
        }
    }

    fn notices(&mut self, verdict: &Verdict) {
        if verdict.notices.is_empty() {
            return;
        }
        self.put("");
        self.put(&painted(BOLD, "waivers and attestations"));
        for notice in &verdict.notices {
            let text = format!("{}:{} {}: {}", notice.path, notice.line, notice.check, notice.message);
            self.wrapped("  ", &line(&text), colour(AnsiColor::Yellow));
        }
    }

    fn unread(&mut self, verdict: &Verdict) {
        if verdict.unread.is_empty() && verdict.limits.is_empty() {
            return;
        }
        self.put("");
        self.put(&painted(BOLD, "not taken into account"));
        for seen in verdict.unread.iter().take(2 * SHOWN) {
            self.put(&cut(&format!("  {}", line(&seen.gist())), self.width));
        }
        if verdict.unread.len() > 2 * SHOWN {
            self.put(&format!("  and {} more", verdict.unread.len() - 2 * SHOWN));
        }
        for limit in &verdict.limits {
            self.wrapped("  ", &line(limit), Style::new());
        }
    }

    fn foot(&mut self, verdict: &Verdict) {
        let counts = &verdict.counts;
        let mut parts = vec![format!("{} pass", counts.pass), format!("{} fail", counts.fail)];
        let rest = [
            (counts.waived, "of them waived"),
            (counts.manual, "manual"),
            (counts.attested, "of them attested"),
            (counts.not_applicable, "not applicable"),
            (counts.error, "not read"),
            (verdict.left_out.len(), "left out"),
        ];
        parts.extend(rest.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")));
        self.put("");
        let mut foot = format!("{}: {}", counted(verdict.rows.len(), "check"), parts.join(", "));
        if let Some(row) = verdict.open_rows().first() {
            let _ = write!(foot, " · mx-prod-gate explain {}", row.check);
        }
        self.put(&painted(FAINT, &foot));
    }

    /// Words broken at blanks, later lines below the first word.
    fn wrapped(&mut self, lead: &str, text: &str, style: Style) {
        let indent = " ".repeat(lead.width());
        let mut current = lead.to_owned();
        for word in text.split(' ') {
            let is_first = current.width() == lead.width() && current.trim() == lead.trim();
            if !is_first && current.width() + 1 + word.width() > self.width {
                self.put(&painted(style, &current));
                current = format!("{indent}{word}");
            } else {
                current.push_str(if is_first { "" } else { " " });
                current.push_str(word);
            }
        }
        self.put(&painted(style, &current));
    }
}

fn digits(number: u32) -> usize {
    number.checked_ilog10().unwrap_or_default() as usize + 1
}

/// Cut to so many columns.
fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for letter in text.chars() {
        used += letter.width().unwrap_or_default();
        if used > room {
            break;
        }
        kept.push(letter);
    }
    format!("{}…", kept.trim_end())
}

/// A line that the log of a workflow takes for text: its runner obeys lines that begin with `::`, and `##[` anywhere.
fn uncommanding(text: &str) -> Cow<'_, str> {
    let begins = || anstream::adapter::strip_str(text).to_string().trim_start().starts_with("::");
    if !text.contains("::") && !text.contains("##[") {
        return Cow::Borrowed(text);
    }
    let text = text.replace("##[", "##\\u{5b}");
    Cow::Owned(if begins() { text.replacen("::", "\\u{3a}:", 1) } else { text })
}
