//! Names that programs give to the position of a sync, and to the filter that takes only what changed since.

use regex::Regex;
use std::sync::LazyLock;

/// Words that say by themselves how far a sync has come.
const PLAIN: [&str; 8] =
    ["watermark", "checkpoint", "bookmark", "since", "highwatermark", "hwm", "highwater", "syncstate"];
/// What comes before a moment or an item that was the latest.
const LATEST: [&str; 6] = ["last", "latest", "newest", "prev", "previous", "max"];
/// What is done with such an item.
const REACHED: [&str; 48] = [
    "sync",
    "synced",
    "run",
    "poll",
    "polled",
    "fetch",
    "fetched",
    "seen",
    "updated",
    "update",
    "modified",
    "check",
    "checked",
    "processed",
    "event",
    "import",
    "imported",
    "pull",
    "pulled",
    "cursor",
    "timestamp",
    "change",
    "changed",
    "success",
    "successful",
    "read",
    "export",
    "exported",
    "ts",
    "id",
    "time",
    "at",
    "start",
    "started",
    "offset",
    "scan",
    "tick",
    "sent",
    "pushed",
    "done",
    "completed",
    "finished",
    "mirrored",
    "date",
    "handled",
    "ran",
    "query",
    "queried",
];
/// What is synced, before a word for a position.
const WORK: [&str; 13] =
    ["sync", "poll", "import", "export", "mirror", "etl", "pull", "feed", "delta", "next", "scan", "page", "start"];
const POSITION: [&str; 9] = ["state", "cursor", "position", "token", "offset", "marker", "point", "progress", "link"];
/// Words that name a position where it is clear that something is stored.
const STORED: [&str; 9] = ["cursor", "state", "marker", "position", "offset", "progress", "token", "sync", "run"];

/// Whether a name says that it holds the position of a sync.
pub(super) fn is_position(name: &str) -> bool {
    let words = words(name);
    let is_plain = words.iter().any(|word| PLAIN.contains(&word.as_str()));
    let is_latest = words
        .iter()
        .position(|word| LATEST.contains(&word.as_str()))
        .is_some_and(|at| words.iter().skip(at + 1).any(|word| REACHED.contains(&word.as_str())));
    let is_pair = words.windows(2).any(|pair| match pair {
        [first, second] => {
            (WORK.contains(&first.as_str())
                && first != "page"
                && first != "start"
                && POSITION.contains(&second.as_str())
                && !(first == "next" && second != "link" && second != "token"))
                || (matches!(first.as_str(), "updated" | "modified" | "changed")
                    && matches!(second.as_str(), "since" | "after" | "from"))
        }
        _ => false,
    });
    is_plain || is_latest || is_pair
}

/// Whether a name in a text that is handed to a store says so, where shorter names are clear enough.
pub(super) fn is_stored_position(name: &str) -> bool {
    is_position(name) || words(name).iter().any(|word| STORED.contains(&word.as_str()))
}

/// The lower-case words of a name: `lastSyncAt`, `LAST_SYNC_AT` and `last-sync-at` have the same.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous_lower = false;
    for letter in name.chars().take(200) {
        if !letter.is_alphanumeric() {
            previous_lower = false;
            words.push(String::new());
            continue;
        }
        if words.is_empty() || (letter.is_uppercase() && previous_lower) {
            words.push(String::new());
        }
        previous_lower = letter.is_lowercase() || letter.is_ascii_digit();
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Identifiers of a text: of SQL, of a key, of a path.
pub(super) fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '-')
        .filter(|part| !part.is_empty())
}

static FILTER: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?x)^(?:
          [\w.$]*(?:updat|modif|chang|creat|occur|edit|date|time|stamp)\w*(?:\[(?:gte?|after|from)\]|[_.]{1,2}(?:gte?|after|since|min|from|start)|\.(?:after|since))
        | (?:updat|modif|chang|creat|edit)\w*_?(?:after|since|from|min|gte)(?:_?(?:date|time|timestamp|utc))?
        | (?:if-modified-|modified_?|updated_?|changed_?)?since(?:_?(?:id|date|time|timestamp))?
        | \$?(?:sync|delta|change|next_?sync)_?(?:token|link|cursor)
        | min_?(?:updated|modified|created)\w* | starting_after_?event | min_id | last_?event_?id | ending_before
        )$";
    Regex::new(pattern).expect("a fixed pattern")
});
/// Names that other things than requests have, too.
static WINDOW: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(?:(?:after|from|start|begin)_?(?:date|time|timestamp|datetime|ts|id|event_?id)|(?:date|time)_?from)$",
    )
    .expect("a fixed pattern")
});
static QUERY: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"(?i)\b(?:updated|modified|changed|last_?modified\w*|last_?updated\w*|updated_?(?:at|on|date)|systemmodstamp|lastmodifieddate|modified_?(?:at|on)|sys_updated_on|lastUpdateTime|hs_lastmodifieddate)\b["']?\s*(?:>=?|\bgt\b|\bge\b)"#;
    Regex::new(pattern).expect("a fixed pattern")
});
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[?&]([\w.$\[\]%-]+)=$").expect("a fixed pattern"));

/// Whether a parameter of a request takes only what changed since.
pub(super) fn is_filter(name: &str) -> bool {
    let name = name.replace("%5B", "[").replace("%5D", "]").to_ascii_lowercase();
    FILTER.is_match(&name)
}

/// Whether a name does so where it is a parameter of a request.
pub(super) fn is_window(name: &str) -> bool {
    WINDOW.is_match(&name.to_ascii_lowercase())
}

/// Whether a condition in a query language does.
pub(super) fn is_condition(text: &str) -> bool {
    QUERY.is_match(text)
}

/// Whether the part of an address before a hole ends with such a parameter: `/workorders?updatedAt[gte]=`.
pub(super) fn ends_with_filter(text: &str) -> bool {
    ADDRESS.captures(text).and_then(|found| found.get(1)).is_some_and(|name| is_filter(name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_told_from_other_names() {
        for name in [
            "lastSyncAt",
            "LAST_SYNC",
            "sync_state",
            "watermark",
            "lastSeenId",
            "pollCursor",
            "since",
            "_lastPolledAt",
            "maxUpdatedAt",
            "deltaLink",
            "updatedAfter",
        ] {
            assert!(is_position(name), "{name}");
        }
        for name in [
            "cursor",
            "nextCursor",
            "page",
            "lastName",
            "startPage",
            "pageToken",
            "offset",
            "nextPageToken",
            "result",
            "maxRetries",
        ] {
            assert!(!is_position(name), "{name}");
        }
    }

    #[test]
    fn filters_are_told_from_other_parameters() {
        for name in [
            "updatedAt[gte]",
            "updated_since",
            "since",
            "updated_after",
            "modifiedSince",
            "updated_at_min",
            "If-Modified-Since",
            "syncToken",
            "updatedAt__gte",
            "createdAt[gt]",
            "updatedAfter",
        ] {
            assert!(is_filter(name), "{name}");
        }
        for name in ["limit", "cursor", "status", "sort", "updatedAt", "created", "start", "page"] {
            assert!(!is_filter(name), "{name}");
        }
        assert!(
            is_condition("project = X AND updated >= '2024'")
                && ends_with_filter("/workorders?limit=100&updatedAt[gte]=")
        );
    }
}
