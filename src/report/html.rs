//! One page that needs nothing else: no script, no font, no picture from elsewhere.

use super::Standing;
use super::escape::html;
use crate::verdict::{Decision, Row, Sighting, Spot, Verdict};
use std::fmt::Write;

const STYLE: &str = "\
:root{color-scheme:light dark;--red:#c62828;--amber:#b26a00;--green:#2e7d32;--blue:#1565c0;--grey:#6b7280;--line:#8884}
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}p{margin:.3rem 0}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}pre{margin:.2rem 0;padding:.4rem .6rem;background:#8881;overflow-x:auto}
.badge{display:inline-block;padding:0 .5rem;border-radius:.7rem;color:#fff;font-size:.85em;white-space:nowrap}
.red{background:var(--red)}.amber{background:var(--amber)}.green{background:var(--green)}.blue{background:var(--blue)}.grey{background:var(--grey)}
.faint{color:var(--grey)}details{border-bottom:1px solid var(--line);padding:.4rem 0}summary{cursor:pointer}";

/// The report.
pub fn render(verdict: &Verdict) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write_page(&mut page, verdict);
    page
}

fn write_page(page: &mut String, verdict: &Verdict) -> std::fmt::Result {
    let colour = match verdict.verdict {
        Decision::Ready => "green",
        Decision::NotReady => "red",
        Decision::Unknown => "amber",
    };
    writeln!(page, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(page, "<meta name=\"viewport\" content=\"width=device-width\">")?;
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    writeln!(page, "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")?;
    writeln!(page, "<title>mx-prod-gate: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>", verdict.headline())?;
    writeln!(
        page,
        "<h1><span class=\"badge {colour}\">{}</span> {}</h1>",
        verdict.headline(),
        html(&verdict.reason())
    )?;
    let commit =
        verdict.commit.as_deref().map(|commit| format!(" · <code>{}</code>", html(commit))).unwrap_or_default();
    let (subject, date, fail_on) = (html(&verdict.subject()), verdict.date, verdict.fail_on.word());
    writeln!(page, "<p class=\"faint\">{subject} · {date} · fail-on {fail_on}{commit}</p>")?;
    write_open(page, verdict)?;
    page.push_str(&super::proposal::page(verdict));
    write_table(page, verdict)?;
    if let Some(transcript) = &verdict.live {
        writeln!(page, "{}", super::live::table(transcript))?;
    }
    write_rest(page, verdict)?;
    writeln!(page, "<p class=\"faint\">{} {}</p>\n</body>\n</html>", verdict.tool.name, verdict.tool.version)
}

fn write_open(page: &mut String, verdict: &Verdict) -> std::fmt::Result {
    let rows = verdict.open_rows();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(page, "<h2>What to act on</h2>")?;
    for row in rows {
        let open = if row.blocks { " open" } else { "" };
        let title = html(row.title);
        writeln!(
            page,
            "<details{open}><summary>{} {} <b>{title}</b> <code>{}</code></summary>",
            badge(row),
            row.priority.word(),
            row.check
        )?;
        writeln!(page, "<p>{}</p>", html(&row.why))?;
        writeln!(page, "<ul>")?;
        for seen in if row.findings.is_empty() { &row.evidence } else { &row.findings } {
            writeln!(page, "<li>{}</li>", sighting(seen))?;
        }
        writeln!(page, "</ul>")?;
        let waiver = row.waiver.as_ref().map(|waiver| waiver.sentence());
        for sentence in [row.remark.clone(), waiver].into_iter().flatten() {
            writeln!(page, "<p>{}</p>", html(&sentence))?;
        }
        writeln!(page, "<p><b>Fix:</b> {}</p>\n</details>", html(&row.fix))?;
    }
    Ok(())
}

fn write_table(page: &mut String, verdict: &Verdict) -> std::fmt::Result {
    writeln!(page, "<h2>Go-live checklist</h2>\n<table>")?;
    writeln!(page, "<tr><th>Area</th><th></th><th>Priority</th><th>Check</th><th>What shows it</th></tr>")?;
    let mut area = None;
    for row in &verdict.rows {
        let named = if area == Some(row.area) { "" } else { row.area.word() };
        area = Some(row.area);
        let check = format!("<code>{}</code><br>{}", row.check, html(row.title));
        let shown = html(&row.standing_sentence());
        let (priority, badge) = (row.priority.word(), badge(row));
        writeln!(page, "<tr><td>{named}</td><td>{badge}</td><td>{priority}</td><td>{check}</td><td>{shown}</td></tr>")?;
    }
    writeln!(page, "</table>")
}

fn write_rest(page: &mut String, verdict: &Verdict) -> std::fmt::Result {
    let advice = verdict.rows.iter().flat_map(|row| row.advice.iter().map(move |seen| (row.check, seen)));
    let advice: Vec<String> = advice.map(|(check, seen)| format!("<code>{check}</code>: {}", sighting(seen))).collect();
    write_list(page, "Worth knowing", &advice)?;
    let notice = |notice: &crate::waiver::Notice| {
        let place = format!("<code>{}:{}</code>", html(&notice.path), notice.line);
        format!("{place} <code>{}</code>: {}", html(&notice.check), html(&notice.message))
    };
    write_list(page, "Waivers and attestations", &verdict.notices.iter().map(notice).collect::<Vec<_>>())?;
    let unread = verdict.unread.iter().map(sighting).chain(verdict.limits.iter().map(|limit| html(limit)));
    write_list(page, "Not taken into account", &unread.collect::<Vec<_>>())
}

fn write_list(page: &mut String, title: &str, items: &[String]) -> std::fmt::Result {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(page, "<h2>{title}</h2>\n<ul>")?;
    items.iter().try_for_each(|item| writeln!(page, "<li>{item}</li>"))?;
    writeln!(page, "</ul>")
}

fn badge(row: &Row) -> String {
    let standing = Standing::of(row);
    let colour = match standing {
        Standing::Blocks => "red",
        Standing::Fails | Standing::Error | Standing::Waived => "amber",
        Standing::Manual => "blue",
        Standing::Attested | Standing::Passes => "green",
        Standing::NotApplicable => "grey",
    };
    format!("<span class=\"badge {colour}\">{}</span>", standing.word())
}

fn sighting(seen: &Sighting) -> String {
    let excerpt = seen.excerpt.as_deref().map(|line| format!("<pre><code>{}</code></pre>", html(line)));
    match &seen.place {
        Spot::At { path, line, .. } => {
            format!("<code>{}:{line}</code> {}{}", html(path), html(&seen.note), excerpt.unwrap_or_default())
        }
        Spot::Nowhere { looked_in, .. } => {
            let looked = html(&looked_in.join(", "));
            format!("{} <span class=\"faint\">(looked in {looked})</span>", html(&seen.note))
        }
    }
}
