//! What a scan prints: for people, and for code scanning.

use super::{Finding, Report};
use crate::facts::secrets::revocation;
use crate::report::escape;
use crate::secret::Confidence;
use anyhow::Result;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// One line a finding, and one that sums up.
pub fn terminal(report: &Report) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        text.push_str(&line(finding));
    }
    for note in &report.notes {
        text.push_str(&format!("note: {}\n", escape::line(note)));
    }
    let failing = report.findings.iter().filter(|finding| finding.fails()).count();
    let allowed = report.findings.iter().filter(|finding| finding.hit.allowed.is_some()).count();
    let advice = report.findings.len() - failing - allowed;
    text.push_str(&format!(
        "{failing} secrets, {advice} to look at, {allowed} allowed by a mark, {} known",
        report.known
    ));
    if report.stale > 0 {
        text.push_str(&format!("; {} entries of the baseline match nothing any more", report.stale));
    }
    text
}

fn line(finding: &Finding) -> String {
    let hit = &finding.hit;
    let mut text = format!(
        "{}:{}:{}: {} {} {} [{}] {} ({})",
        escape::line(&finding.path),
        hit.line,
        hit.column,
        if hit.allowed.is_some() { "allowed" } else { hit.confidence.word() },
        hit.what,
        escape::line(&hit.redacted),
        hit.rule,
        hit.fingerprint,
        hit.reasons.join(", ")
    );
    if let Some(commit) = &finding.commit {
        let stands = if finding.stands == Some(true) { "stands" } else { "is gone from the tree" };
        let date = finding.date.as_deref().unwrap_or_default();
        text.push_str(&format!(" commit {} of {date}, {stands}", commit.get(..12).unwrap_or(commit)));
    }
    if let Some((revoke, _)) = revocation(hit.rule) {
        text.push_str(&format!(" revoke: {revoke}"));
    }
    text.push('\n');
    text
}

/// SARIF 2.1.0.
pub fn sarif(report: &Report) -> Result<String> {
    let rules: BTreeSet<&str> = report.findings.iter().map(|finding| finding.hit.rule).collect();
    let rules: Vec<Value> = rules.into_iter().map(|rule| json!({ "id": rule, "helpUri": revocation(rule).map_or("https://owasp.org/www-community/vulnerabilities/Use_of_hard-coded_password", |found| found.0) })).collect();
    let results: Vec<Value> = report.findings.iter().map(result).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "mx-prod-gate secrets", "informationUri": env!("CARGO_PKG_REPOSITORY"), "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    Ok(serde_json::to_string(&document)?)
}

fn result(finding: &Finding) -> Value {
    let hit = &finding.hit;
    let level = match hit.confidence {
        Confidence::High => "error",
        Confidence::Medium => "warning",
        Confidence::Low => "note",
    };
    let mut result = json!({
        "ruleId": hit.rule,
        "level": level,
        "message": { "text": format!("{} {} ({})", hit.what, hit.redacted, hit.reasons.join(", ")) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": escape::url_path(&finding.path) },
            "region": { "startLine": hit.line, "startColumn": hit.column },
        } }],
        "partialFingerprints": { "secret/v1": hit.fingerprint },
    });
    if let (Some(allowance), Some(object)) = (&hit.allowed, result.as_object_mut()) {
        object.insert("suppressions".to_owned(), json!([{ "kind": "inSource", "justification": allowance.reason }]));
    }
    result
}
