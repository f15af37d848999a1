//! From the text of a settings file to settings, or to every mistake in it.

use super::node::{self, Node};
use super::problem::{Problem, Problems};
use super::{Settings, schema, validate};
use crate::evidence::Blob;
use std::sync::Arc;

/// Reads a settings file. The names of the checks are handed over, since settings come before checks.
pub fn read(path: &str, text: &str, checks: &[&str]) -> Result<Settings, Problems> {
    let blob = Blob::new(path, text.strip_prefix('\u{feff}').unwrap_or(text));
    match take(&blob, checks) {
        Ok((mut settings, node)) => {
            place(&mut settings, &node, &blob);
            settings.blob = Some(Arc::new(blob));
            Ok(settings)
        }
        Err(list) => Err(Problems { blob, list }),
    }
}

fn take(blob: &Blob, checks: &[&str]) -> Result<(Settings, Node), Vec<Problem>> {
    let node = node::parse(blob.text()).map_err(|problem| vec![problem])?;
    let mistakes = validate::mistakes(&node, &schema::schema(checks));
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let json = match node.to_json() {
        serde_json::Value::Null => serde_json::json!({}),
        json => json,
    };
    let settings = serde_json::from_value(json).map_err(|error| vec![Problem::new(0..0, error.to_string())])?;
    Ok((settings, node))
}

/// Gives every waiver and attestation the place where it stands.
fn place(settings: &mut Settings, node: &Node, blob: &Blob) {
    let spans = |name: &str| {
        let items = node.get(name).map(Node::items).unwrap_or_default();
        items.iter().map(|item| blob.span(item.get("check").map_or(item.at.clone(), |check| check.at.clone())))
    };
    for (waiver, span) in settings.waivers.iter_mut().zip(spans("waivers")) {
        waiver.span = Some(span);
    }
    for (attestation, span) in settings.attestations.iter_mut().zip(spans("attestations")) {
        attestation.span = Some(span);
    }
}
