//! SARIF 2.1.0, for code scanning: a rule a check, a result a finding.
//!
//! Code scanning refuses results without a place, so what is missing hangs on a file that is sure to stay.

use super::Standing;
use super::escape::{line, url_path};
use crate::outcome::{Conclusion, Priority};
use crate::settings::PATHS;
use crate::verdict::{Row, Sighting, Spot, Verdict};
use serde_json::{Value, json};

/// Code scanning keeps the first 5,000 results of a run.
const MOST: usize = 5_000;
/// Where the sources and pages of the checks are.
const HOME: &str = "https://github.com/mx-prod-gate/mx-prod-gate";

/// The report.
pub fn render(verdict: &Verdict) -> String {
    let rules: Vec<Value> = verdict.rows.iter().map(rule).collect();
    let numbered = verdict.rows.iter().enumerate();
    let results = numbered.flat_map(|(number, row)| results(number, row)).take(MOST);
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": verdict.tool.name,
                "semanticVersion": verdict.tool.version,
                "informationUri": HOME,
                "rules": rules,
            }},
            "automationDetails": { "id": "mx-prod-gate/" },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "ROOT": { "description": { "text": "The root of the repository." } } },
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": verdict.unread.iter().map(notification).collect::<Vec<_>>(),
            }],
            "results": results.collect::<Vec<_>>(),
            "properties": { "verdict": verdict.verdict, "failOn": verdict.fail_on },
        }],
    });
    serde_json::to_string_pretty(&log).map(|text| super::escape::json(&text) + "\n").unwrap_or_default()
}

fn rule(row: &Row) -> Value {
    let page = row.page.trim();
    json!({
        "id": row.check,
        "name": row.check,
        "shortDescription": { "text": row.title },
        "fullDescription": { "text": if row.why.is_empty() { row.title } else { &row.why } },
        "help": { "text": if row.fix.is_empty() { row.title } else { &row.fix }, "markdown": page },
        "helpUri": format!("{HOME}/blob/main/src/checks/{}/{}.md", row.area.word(), row.check.replace('-', "_")),
        "defaultConfiguration": { "level": level(row) },
        "properties": {
            "tags": [row.area.word(), row.priority.word()],
            "precision": "high",
            "problem.severity": if row.priority == Priority::P0 { "error" } else { "warning" },
        },
    })
}

fn level(row: &Row) -> &'static str {
    match row.priority {
        Priority::P0 => "error",
        Priority::P1 => "warning",
        Priority::P2 => "note",
    }
}

fn results(number: usize, row: &Row) -> Vec<Value> {
    match row.outcome {
        Conclusion::Fail => row.findings.iter().map(|finding| result(number, row, finding)).collect(),
        _ if Standing::of(row) == Standing::Blocks => {
            // A manual row that the settings let block has no finding: it is one as a whole.
            let reason = row.remark.clone().unwrap_or_else(|| "only a person can tell".to_owned());
            vec![whole(number, row, &reason)]
        }
        _ => Vec::new(),
    }
}

fn result(number: usize, row: &Row, finding: &Sighting) -> Value {
    let looked = match &finding.place {
        Spot::Nowhere { looked_in, .. } => format!(" (looked in {})", looked_in.join(", ")),
        Spot::At { .. } => String::new(),
    };
    let mut result = json!({
        "ruleId": row.check,
        "ruleIndex": number,
        "level": level(row),
        "message": { "text": line(&format!("{}{looked}", finding.note)) },
        "locations": [{ "physicalLocation": location(&finding.place) }],
        "partialFingerprints": { "mxProdGate/v1": finding.fingerprint },
    });
    if finding.waived {
        let reason = row.waiver.as_ref().map(|waiver| waiver.sentence()).unwrap_or_default();
        result["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": line(&reason) }]);
    }
    result
}

fn whole(number: usize, row: &Row, reason: &str) -> Value {
    json!({
        "ruleId": row.check,
        "ruleIndex": number,
        "level": level(row),
        "message": { "text": line(reason) },
        "locations": [{ "physicalLocation": anchor(None) }],
        "partialFingerprints": { "mxProdGate/v1": row.check },
    })
}

fn location(spot: &Spot) -> Value {
    match spot {
        Spot::At { path, line, end_line, column } => json!({
            "artifactLocation": artifact(path),
            "region": { "startLine": line, "startColumn": column, "endLine": end_line },
        }),
        Spot::Nowhere { near, .. } => anchor(near.as_deref()),
    }
}

/// What was looked for in vain hangs on a file that stays the same from run to run, so that an alert is not closed
/// and opened again; in an empty repository, on the settings that could be there.
fn anchor(path: Option<&str>) -> Value {
    json!({ "artifactLocation": artifact(path.unwrap_or(PATHS[0])), "region": { "startLine": 1 } })
}

fn artifact(path: &str) -> Value {
    json!({ "uri": url_path(path), "uriBaseId": "ROOT" })
}

fn notification(seen: &Sighting) -> Value {
    json!({
        "level": "warning",
        "message": { "text": line(&seen.note) },
        "locations": [{ "physicalLocation": location(&seen.place) }],
    })
}
