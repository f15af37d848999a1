//! The transcript of a live run as a table: for the terminal, and as Markdown.

use super::escape::{code, html, line};
use crate::transcript::{Exchange, Transcript};

/// One line an exchange: step, status, duration, request, and what was judged or went wrong.
pub fn terminal(transcript: &Transcript) -> String {
    let width = transcript.exchanges.iter().map(|exchange| exchange.step.word().len()).max().unwrap_or(0);
    let mut text = String::new();
    for exchange in &transcript.exchanges {
        let step = exchange.step.word();
        let (status, request) = (status(exchange), line(&exchange.request));
        text.push_str(&format!("  {step:width$}  {status:>3}  {:>6} ms  {request}\n", exchange.ms));
        let judged = line(&judged(exchange));
        if !judged.is_empty() {
            text.push_str(&format!("  {:width$}  {:>3}  {:>6}     {judged}\n", "", "", ""));
        }
    }
    text
}

/// The same as a table of Markdown. What came from outside cannot end a cell, open a tag or name anybody.
pub fn markdown(transcript: &Transcript) -> String {
    let mut text = String::from("| step | request | status | ms | judged |\n| --- | --- | ---: | ---: | --- |\n");
    for exchange in &transcript.exchanges {
        let cells = [
            exchange.step.word().to_owned(),
            code(&exchange.request),
            status(exchange),
            exchange.ms.to_string(),
            code(&judged(exchange)),
        ];
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text
}

fn status(exchange: &Exchange) -> String {
    exchange.status.map_or("–".to_owned(), |status| status.to_string())
}

fn judged(exchange: &Exchange) -> String {
    let fields = exchange.seen.iter().map(|(name, value)| format!("{name}={value}"));
    let words = exchange.error.iter().chain(&exchange.trouble).cloned();
    fields.chain(words).collect::<Vec<_>>().join(", ")
}

/// The same as a table of HTML.
pub fn table(transcript: &Transcript) -> String {
    let rows = transcript.exchanges.iter().map(|exchange| {
        let (request, judged) = (html(&exchange.request), html(&judged(exchange)));
        let (step, status, ms) = (exchange.step.word(), status(exchange), exchange.ms);
        format!("<tr><td>{step}</td><td><code>{request}</code></td><td>{status}</td><td>{ms} ms</td><td>{judged}</td></tr>\n")
    });
    let head = "<tr><th>step</th><th>request</th><th>status</th><th>time</th><th>judged</th></tr>";
    format!("<h2>What was asked and heard</h2>\n<table>\n{head}\n{}</table>", rows.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Step;

    #[test]
    fn what_came_from_outside_stays_in_its_cell() {
        let exchange = Exchange {
            n: 1,
            step: Step::ApiAccess,
            request: "GET https://api.getmaintainx.com/v1/users?limit=1".into(),
            status: Some(502),
            ms: 7,
            trouble: None,
            error: Some("a `b` | @team <script>".into()),
            seen: serde_json::Map::new(),
        };
        let transcript = Transcript { exchanges: vec![exchange], ..Transcript::default() };
        let line = markdown(&transcript).lines().nth(2).unwrap().to_owned();
        assert!(line.ends_with("| 502 | 7 | ``a `b` \\| @team <script>`` |"), "{line}");
        assert!(table(&transcript).contains("&lt;script&gt;"));
        assert!(terminal(&transcript).contains("502       7 ms"));
    }
}
