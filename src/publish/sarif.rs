//! Hands a SARIF report to code scanning.

use crate::github::{Client, Method, Trouble, limits};
use base64::Engine as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::io::Write as _;

/// Uploads the report for a commit and its reference; the result is the upload's number.
pub fn upload(client: &Client, commit: &str, reference: &str, report: &str) -> Result<String, Trouble> {
    let packed = packed(report).map_err(|error| Trouble::Odd(error.to_string()))?;
    if packed.len() > limits::SARIF {
        return Err(Trouble::Refused(413, format!("the report has {} bytes once it is compressed", packed.len())));
    }
    let sarif = base64::engine::general_purpose::STANDARD.encode(packed);
    let body = json!({ "commit_sha": commit, "ref": reference, "sarif": sarif, "tool_name": "mx-prod-gate" });
    // A second upload of the same report replaces the first.
    let answer = client.write(Method::Post, "/code-scanning/sarifs", &body, || Some(Value::Null))?;
    Ok(answer["id"].as_str().unwrap_or_default().to_owned())
}

fn packed(report: &str) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(report.as_bytes())?;
    encoder.finish()
}
