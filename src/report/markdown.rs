//! For a step summary or a comment: the verdict, what blocks, the go-live table, and the rest folded away.

use super::escape::{code, markdown, url_path};
use super::{Standing, counted};
use crate::verdict::{Decision, Row, Sighting, Spot, Verdict};

/// So many blocking checks are shown above the table.
const FIRST: usize = 5;
/// So many findings of one check are shown above the table, and so many below it.
const ABOVE: usize = 3;
const BELOW: usize = 50;
/// A step summary above 1 MiB is not shown at all.
const SUMMARY_BYTES: usize = 1_048_576;
/// A comment may have 65,536 characters; some are left for what goes around it.
const COMMENT_BYTES: usize = 60_000;
/// A check run's summary and text may have 65,535 characters each.
const CHECK_BYTES: usize = 65_000;
/// Kept for what closes a report that was cut.
const CLOSING_BYTES: usize = 400;

/// Where a Markdown report goes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place<'a> {
    /// The address below which the files are shown.
    pub files: Option<&'a str>,
    /// The address of the run, whose summary has what does not fit elsewhere.
    pub run: Option<&'a str>,
}

/// The report within what a step summary may hold. The base is the address below which the files are shown.
pub fn summary(verdict: &Verdict, base: Option<&str>) -> String {
    cut(&page(verdict, base, false), SUMMARY_BYTES, None)
}

/// The report within what a comment may hold: what blocks and what changed first, the rest folded where all is well.
pub fn comment(verdict: &Verdict, place: Place) -> String {
    cut(&page(verdict, place.files, true), COMMENT_BYTES, place.run)
}

/// A check run's summary and its text, each within what it may hold.
pub fn check_run(verdict: &Verdict, place: Place) -> (String, String) {
    let mut page = Page { text: String::new(), base: place.files };
    page.head(verdict);
    page.blocking(verdict);
    page.proposal(verdict);
    let summary = cut(&std::mem::take(&mut page.text), CHECK_BYTES, place.run);
    page.table(verdict, false);
    page.rest(verdict);
    (summary, cut(&page.text, CHECK_BYTES, place.run))
}

fn page(verdict: &Verdict, base: Option<&str>, is_comment: bool) -> String {
    let mut page = Page { text: String::new(), base };
    page.head(verdict);
    page.blocking(verdict);
    page.proposal(verdict);
    page.table(verdict, is_comment && verdict.open_rows().is_empty());
    page.rest(verdict);
    page.text
}

struct Page<'a> {
    text: String,
    base: Option<&'a str>,
}

impl Page<'_> {
    fn put(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn head(&mut self, verdict: &Verdict) {
        let picture = match verdict.verdict {
            Decision::Ready => "🟢",
            Decision::NotReady => "🔴",
            Decision::Unknown => "⚠️",
        };
        self.put(&format!("## {picture} mx-prod-gate: {}", verdict.headline()));
        self.put("");
        let commit = verdict.commit.as_deref().map(|commit| format!(" · {}", code(commit.get(..9).unwrap_or(commit))));
        let fail_on = verdict.fail_on.word();
        let about = format!("{} · {}{}", verdict.subject(), verdict.date, commit.unwrap_or_default());
        self.put(&format!("**{}** (fail-on {fail_on}) · {about}", markdown(&verdict.reason())));
        self.put("");
        if let Some(trend) = &verdict.trend {
            let base = code(trend.base.get(..9).unwrap_or(&trend.base));
            let names = |checks: &[&str]| checks.iter().map(|check| code(check)).collect::<Vec<_>>().join(", ");
            self.put(&format!("**Against the base** {base}: {}", trend.sentence()));
            for (word, checks) in [("now failing", &trend.worse), ("no longer failing", &trend.better)] {
                if !checks.is_empty() {
                    self.put(&format!("- {word}: {}", names(checks)));
                }
            }
            self.put("");
        }
    }

    fn blocking(&mut self, verdict: &Verdict) {
        let open = verdict.open_rows();
        let rows: Vec<&&Row> = open.iter().filter(|row| Standing::of(row) == Standing::Blocks).collect();
        if rows.is_empty() {
            return;
        }
        self.put("### What blocks");
        self.put("");
        for row in rows.iter().take(FIRST) {
            self.put(&format!("- **{}** {} {}", markdown(row.title), row.priority.word(), code(row.check)));
            let open: Vec<&Sighting> = row.findings.iter().filter(|finding| !finding.waived).collect();
            let new: Vec<&Sighting> = open.iter().copied().filter(|finding| !finding.known).collect();
            let open = if new.is_empty() { open } else { new };
            for finding in open.iter().take(ABOVE) {
                self.put(&format!("  - {}", self.sighting(finding)));
            }
            if open.len() > ABOVE {
                self.put(&format!("  - and {} more", open.len() - ABOVE));
            }
            if !row.fix.is_empty() {
                self.put(&format!("  - Fix: {}", prose(&row.fix)));
            }
        }
        if rows.len() > FIRST {
            self.put(&format!("- and {} more below", counted(rows.len() - FIRST, "check")));
        }
        self.put("");
    }

    fn proposal(&mut self, verdict: &Verdict) {
        if let Some(section) = super::proposal::section(verdict) {
            self.put(&section);
        }
    }

    fn rest(&mut self, verdict: &Verdict) {
        if let Some(transcript) = &verdict.live {
            self.put("### What was asked and heard");
            self.put("");
            self.put(&super::live::markdown(transcript));
        }
        self.details(verdict);
        self.notices(verdict);
        self.limits(verdict);
    }

    fn table(&mut self, verdict: &Verdict, is_folded: bool) {
        if is_folded {
            let counts = &verdict.counts;
            let told = format!("{} pass, {} do not apply", counted(counts.pass, "check"), counts.not_applicable);
            self.put(&format!("<details><summary>Go-live checklist: {told}</summary>"));
        } else {
            self.put("### Go-live checklist");
        }
        self.put("");
        self.put("| Area | | Priority | Check | What shows it |");
        self.put("|---|---|---|---|---|");
        let mut area = None;
        for row in &verdict.rows {
            let named = if area == Some(row.area) { String::new() } else { format!("**{}**", row.area.word()) };
            area = Some(row.area);
            let standing = Standing::of(row);
            let shown = format!("{} {}", standing.picture(), standing.word());
            let (priority, check) = (row.priority.word(), code(row.check));
            self.put(&format!("| {named} | {shown} | {priority} | {check} | {} |", self.gist(row, standing)));
        }
        self.put("");
        if is_folded {
            self.put("</details>");
            self.put("");
        }
    }

    /// One cell: what says most about the row, its place as a link.
    fn gist(&self, row: &Row, standing: Standing) -> String {
        let sentence = match standing {
            Standing::Waived => row.waiver.as_ref().map(|waiver| waiver.sentence()),
            Standing::Attested => row.attestation.as_ref().map(|each| each.sentence()),
            _ => None,
        };
        if let Some(sentence) = sentence {
            return markdown(&sentence);
        }
        let open = row.findings.iter().find(|finding| !finding.waived);
        let seen = open.or(if row.remark.is_none() { row.evidence.first() } else { None });
        match (seen, &row.remark) {
            (Some(seen), _) => {
                let more = row.findings.len().saturating_sub(1);
                let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
                format!("{}{more}", self.sighting_in_short(seen))
            }
            (None, Some(remark)) => markdown(remark),
            (None, None) => String::new(),
        }
    }

    fn details(&mut self, verdict: &Verdict) {
        let rows = verdict.open_rows();
        if !rows.is_empty() {
            self.put(&format!("<details><summary>{} to act on</summary>", counted(rows.len(), "check")));
            self.put("");
            rows.iter().for_each(|row| self.detail(row));
            self.put("</details>");
            self.put("");
        }
        let advised: Vec<&Row> = verdict.rows.iter().filter(|row| !row.advice.is_empty()).collect();
        if !advised.is_empty() {
            self.put("<details><summary>Worth knowing</summary>");
            self.put("");
            for row in advised {
                for advice in row.advice.iter().take(ABOVE) {
                    self.put(&format!("- {}: {}", code(row.check), self.sighting_in_short(advice)));
                }
            }
            self.put("");
            self.put("</details>");
            self.put("");
        }
    }

    fn detail(&mut self, row: &Row) {
        let picture = Standing::of(row).picture();
        self.put(&format!("#### {picture} {} {}", row.priority.word(), code(row.check)));
        self.put("");
        self.put(&format!("{}. {}", markdown(row.title), prose(&row.why)));
        self.put("");
        for finding in row.findings.iter().take(BELOW) {
            let waived = if finding.waived { " (accepted for now)" } else { "" };
            self.put(&format!("- {}{waived}", self.sighting(finding)));
        }
        if row.findings.len() > BELOW {
            self.put(&format!("- and {} more", row.findings.len() - BELOW));
        }
        let seen = row.evidence.iter().take(ABOVE).filter(|_| row.findings.is_empty());
        seen.for_each(|seen| self.put(&format!("- {}", self.sighting(seen))));
        let sentences = [row.remark.clone(), row.waiver.as_ref().map(|waiver| waiver.sentence())];
        for sentence in sentences.into_iter().flatten() {
            self.put(&format!("- {}", markdown(&sentence)));
        }
        self.put("");
    }

    fn notices(&mut self, verdict: &Verdict) {
        if verdict.notices.is_empty() {
            return;
        }
        self.put("### Waivers and attestations");
        self.put("");
        for notice in &verdict.notices {
            let place = self.place(&notice.path, notice.line);
            self.put(&format!("- {place} {}: {}", code(&notice.check), markdown(&notice.message)));
        }
        self.put("");
    }

    fn limits(&mut self, verdict: &Verdict) {
        if verdict.unread.is_empty() && verdict.limits.is_empty() {
            return;
        }
        self.put("<details><summary>Not taken into account</summary>");
        self.put("");
        for seen in verdict.unread.iter().take(BELOW) {
            self.put(&format!("- {}", self.sighting_in_short(seen)));
        }
        for limit in &verdict.limits {
            self.put(&format!("- {}", markdown(limit)));
        }
        self.put("");
        self.put("</details>");
    }

    /// Place, note and the line itself.
    fn sighting(&self, seen: &Sighting) -> String {
        let excerpt = seen.excerpt.as_deref().map(|excerpt| format!(" · {}", code(excerpt)));
        format!("{}{}", self.sighting_in_short(seen), excerpt.unwrap_or_default())
    }

    fn sighting_in_short(&self, seen: &Sighting) -> String {
        match &seen.place {
            Spot::At { path, line, .. } => format!("{} {}", self.place(path, *line), markdown(&seen.note)),
            Spot::Nowhere { looked_in, .. } => {
                let looked: Vec<String> = looked_in.iter().take(FIRST).map(|path| code(path)).collect();
                format!("{} (looked in {})", markdown(&seen.note), looked.join(", "))
            }
        }
    }

    fn place(&self, path: &str, line: u32) -> String {
        let shown = code(&format!("{path}:{line}"));
        match self.base {
            // A path from outside the tree has no page.
            Some(base) if !path.starts_with('@') => format!("[{shown}]({base}{}#L{line})", url_path(path)),
            _ => shown,
        }
    }
}

/// A paragraph of a page of ours: its code stays code.
fn prose(text: &str) -> String {
    let pieces = text.split('`').enumerate();
    let shown = pieces.map(|(number, piece)| if number % 2 == 1 { code(piece) } else { markdown(piece) });
    shown.collect()
}

/// Cut after a whole line, with what was open closed, and said so.
fn cut(text: &str, limit: usize, rest: Option<&str>) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let (mut kept, mut open) = (String::new(), 0_usize);
    for line in text.split_inclusive('\n') {
        if kept.len() + line.len() + CLOSING_BYTES > limit {
            break;
        }
        open += usize::from(line.starts_with("<details>"));
        open -= usize::from(line.starts_with("</details>")).min(open);
        kept.push_str(line);
    }
    kept.push('\n');
    kept.push_str(&"</details>\n\n".repeat(open));
    let place = rest
        .map_or("the JSON report and the log have".to_owned(), |run| format!("the [summary of the run]({run}) has"));
    kept.push_str(&format!("The rest does not fit here: {place} all of it.\n"));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_report_is_cut_after_a_row_and_closed() {
        let text = format!("<details><summary>x</summary>\n\n{}</details>\n", "| é | b |\n".repeat(1000));
        let short = cut(&text, 2000, None);
        assert!(short.len() <= 2000);
        assert_eq!(short.matches("<details>").count(), short.matches("</details>").count());
        assert!(short.lines().filter(|line| line.starts_with("| ")).all(|line| line.ends_with(" |")));
        assert_eq!(cut("short\n", 2000, None), "short\n");
    }
}
