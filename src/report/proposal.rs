//! What a proposal would alter about its own gate, as every report tells it.

use super::escape::{code, command_data, command_property, html, line, markdown};
use crate::proposal::Change;
use crate::verdict::{Decision, Proposal, Verdict};

/// The sentence at the head.
pub fn head(verdict: &Verdict, proposal: &Proposal) -> String {
    let what = if proposal.changes.is_empty() {
        "the gate of this change"
    } else {
        "what this change proposes about its own gate"
    };
    let base = proposal.base.get(..9).unwrap_or(&proposal.base);
    let under = match &proposal.under_it {
        _ if !proposal.mistakes.is_empty() => "; after the merge no settings could be read".to_owned(),
        Some(under) if under.verdict == verdict.verdict => "; under it the verdict would be the same".to_owned(),
        Some(under) => format!("; under it the verdict would be: {}", word(under.verdict)),
        None => String::new(),
    };
    if proposal.changes.is_empty() {
        return format!("the settings are those of the base branch ({base})");
    }
    format!("{what} counts after the merge; until then the settings of the base branch do ({base}){under}")
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Ready => "ready",
        Decision::NotReady => "not ready",
        Decision::Unknown => "could not tell",
    }
}

/// One change in one line, unescaped.
pub fn sentence(change: &Change) -> String {
    let place = if change.difference.line > 0 {
        format!("{}:{}", change.path, change.difference.line)
    } else {
        change.path.clone()
    };
    let key = &change.difference.key;
    let told = match (&change.difference.before, &change.difference.after) {
        (Some(before), Some(after)) => format!("{key}: {before} → {after}"),
        (None, Some(after)) => format!("{key}: + {after}"),
        (Some(before), None) => format!("{key}: − {before}"),
        (None, None) => key.clone(),
    };
    format!("{place} {}: {told}", change.what)
}

/// The section of a Markdown report: the head, and the changes as a difference.
pub fn section(verdict: &Verdict) -> Option<String> {
    let proposal = verdict.proposal.as_ref().filter(|proposal| !proposal.changes.is_empty())?;
    let mut text = format!(
        "### What this change proposes about its own gate\n\n{}.\n",
        markdown(&capital(&head(verdict, proposal)))
    );
    if let Some(under) = proposal.under_it.as_ref().filter(|under| !under.blocking.is_empty()) {
        let blocking: Vec<String> = under.blocking.iter().map(|check| code(check)).collect();
        text.push_str(&format!("Under it these would block: {}.\n", blocking.join(", ")));
    }
    for mistake in &proposal.mistakes {
        text.push_str(&format!("- {}\n", markdown(mistake)));
    }
    if !proposal.owners.is_empty() {
        let owners: Vec<String> = proposal.owners.iter().map(|owner| code(owner)).collect();
        text.push_str(&format!("A change of the settings has to be approved by {}.\n", owners.join(" or ")));
    }
    text.push('\n');
    let mut path = "";
    for change in &proposal.changes {
        if change.path != path {
            text.push_str(if path.is_empty() { "" } else { "\n" });
            path = &change.path;
            text.push_str(&format!("{}\n", code(path)));
        }
        let (key, what) = (code(&change.difference.key), markdown(&change.what));
        let value = |value: &Option<String>| value.as_deref().map(code);
        let told = match (value(&change.difference.before), value(&change.difference.after)) {
            (Some(before), Some(after)) => format!("{before} → {after}"),
            (None, Some(after)) => format!("➕ {after}"),
            (Some(before), None) => format!("➖ {before}"),
            (None, None) => String::new(),
        };
        text.push_str(&format!("- {key} {told} · {what}\n"));
    }
    Some(text)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

/// The section of the page in HTML.
pub fn page(verdict: &Verdict) -> String {
    let Some(proposal) = verdict.proposal.as_ref().filter(|proposal| !proposal.changes.is_empty()) else {
        return String::new();
    };
    let items: String =
        proposal.changes.iter().map(|change| format!("<li>{}</li>\n", html(&sentence(change)))).collect();
    let head = html(&capital(&head(verdict, proposal)));
    format!("<h2>What this change proposes about its own gate</h2>\n<p>{head}.</p>\n<ul>\n{items}</ul>\n")
}

/// One workflow command a change: those of the settings and workflows of the gate are warnings.
pub fn commands(verdict: &Verdict) -> Vec<String> {
    let changes = verdict.proposal.iter().flat_map(|proposal| &proposal.changes);
    changes
        .map(|change| {
            let place = if change.difference.line > 0 {
                format!(" file={},line={},", command_property(&change.path), change.difference.line)
            } else {
                " ".to_owned()
            };
            let title = command_property(&format!("proposes: {}", change.kind.word()));
            format!("::notice{place}title={title}::{}\n", command_data(&line(&sentence(change))))
        })
        .collect()
}
