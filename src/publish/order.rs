//! Tells the runner about a test order that may be left: in the outputs and in the summary of the step.

use crate::transcript::Transcript;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

/// Appends the order to the runner's files, where there are any. What cannot be written is lost: the log has it, too.
pub fn tell(transcript: &Transcript, outputs: Option<&Path>, summary: Option<&Path>) {
    let Some(order) = &transcript.order else { return };
    let id = order.id.map(|id| id.to_string()).unwrap_or_default();
    let removal = order.removal.as_deref().unwrap_or_default();
    let pairs = [
        ("work-order-state", order.state.word()),
        ("work-order-id", &id),
        ("work-order-title", &order.title),
        ("work-order-removal", removal),
    ];
    // None of these values can hold a line break: they are our own words, numbers and titles.
    let lines: String = pairs.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    append(outputs, &lines);
    if order.removal.is_some() {
        let title = order.title.replace('`', "'");
        let id = if id.is_empty() { "of unknown number" } else { &id };
        let state = order.state.word();
        append(
            summary,
            &format!(
                "\n> [!CAUTION]\n> Work order {id}, titled `{title}`, may be left ({state}). Remove it: `{removal}`\n\n"
            ),
        );
    }
}

fn append(file: Option<&Path>, text: &str) {
    let Some(file) = file.filter(|file| !file.as_os_str().is_empty()) else { return };
    if let Ok(mut file) = OpenOptions::new().append(true).create(true).open(file) {
        let _ = file.write_all(text.as_bytes());
    }
}
