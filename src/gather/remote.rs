//! What GitHub says of the repository: trees and blobs of the base branch, the pull request, the lines it changes.

use super::base::{Bytes, LARGEST, Source};
use super::event::{Base, Event, PullRequest, commit};
use super::git::objects::{Id, hex, id};
use super::git::tree::{Leaf, Mode};
use crate::github::{Client, Trouble};
use base64::Engine as _;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Mutex;

/// Trees and blobs, each asked for once.
pub struct Remote<'a> {
    client: &'a Client,
    known: Mutex<BTreeMap<String, Value>>,
}

impl<'a> Remote<'a> {
    pub fn new(client: &'a Client) -> Self {
        Self { client, known: Mutex::default() }
    }

    fn get(&self, path: String) -> Result<Option<Value>, String> {
        if let Some(value) = self.known.lock().ok().and_then(|known| known.get(&path).cloned()) {
            return Ok(Some(value));
        }
        match self.client.get(&path) {
            Ok(value) => {
                if let Ok(mut known) = self.known.lock() {
                    known.insert(path, value.clone());
                }
                Ok(Some(value))
            }
            Err(Trouble::Missing(_)) => Ok(None),
            Err(trouble) => Err(trouble.to_string()),
        }
    }
}

impl Source for Remote<'_> {
    /// GitHub gives the tree of a commit by the commit's own name.
    fn root(&self, commit: &str) -> Result<Option<Id>, String> {
        let id = id(commit).ok_or_else(|| format!("{commit} is no commit"))?;
        Ok(self.get(format!("/git/trees/{commit}"))?.map(|_| id))
    }

    fn tree(&self, id: &Id) -> Result<Option<Vec<Leaf>>, String> {
        let Some(answer) = self.get(format!("/git/trees/{}", hex(id)))? else { return Ok(None) };
        if answer["truncated"] == true {
            return Err("a folder has more names than GitHub tells".to_owned());
        }
        let list = answer["tree"].as_array().ok_or("GitHub's answer is no tree")?;
        let leaf = |entry: &Value| {
            let mode = Mode::of(entry["mode"].as_str()?)?;
            let name = entry["path"].as_str()?.as_bytes().to_vec();
            Some(Leaf { mode, name, id: super::git::objects::id(entry["sha"].as_str()?)? })
        };
        list.iter()
            .map(|entry| leaf(entry).ok_or("GitHub's answer is no tree".to_owned()))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    fn blob(&self, id: &Id) -> Result<Bytes, String> {
        let answer = self.get(format!("/git/blobs/{}", hex(id)))?.ok_or("a file of the base branch is not there")?;
        if let Some(size) = answer["size"].as_u64().filter(|size| *size > LARGEST) {
            return Ok(Bytes::TooLarge(size));
        }
        let text: String = answer["content"].as_str().unwrap_or_default().split_whitespace().collect();
        let bytes = base64::engine::general_purpose::STANDARD.decode(text);
        bytes.map(Bytes::Whole).map_err(|_| "a file of the base branch is not written in base64".to_owned())
    }
}

/// The event with what GitHub knows of its pull request, where the event itself does not say all of it.
pub fn completed(event: Event, client: &Client, repository: &str) -> Result<Event, String> {
    let is_whole = event.base.as_ref().is_some_and(|base| base.commit.is_some());
    if !event.is_proposal || event.name == "merge_group" || (is_whole && event.number().is_some()) {
        return Ok(event);
    }
    let told = |trouble: Trouble| format!("the pull request cannot be looked up: {trouble}");
    let pull = match (event.number(), &event.head) {
        (Some(number), _) => Some(client.get(&format!("/pulls/{number}")).map_err(told)?),
        (None, Some(head)) => {
            let pulls = client.get(&format!("/commits/{head}/pulls")).map_err(told)?;
            let open = |pull: &&Value| {
                pull["state"] == "open" && pull.pointer("/head/sha").and_then(Value::as_str) == Some(head)
            };
            pulls.as_array().and_then(|pulls| pulls.iter().find(open)).cloned()
        }
        (None, None) => None,
    };
    let Some(pull) = pull else { return Ok(event) };
    let text = |pointer: &str| pull.pointer(pointer).and_then(Value::as_str);
    let head = text("/head/sha").and_then(commit);
    if let (Some(of_run), Some(now)) = (&event.head, &head)
        && of_run != now
    {
        return Err(format!(
            "the pull request is at {now} and this run about {of_run}: a run of its own reports on it"
        ));
    }
    let is_fork = text("/head/repo/full_name").is_none_or(|name| !name.eq_ignore_ascii_case(repository));
    let is_dependabot = text("/user/login") == Some("dependabot[bot]");
    Ok(Event {
        head: event.head.or(head),
        base: Some(Base { commit: text("/base/sha").and_then(commit), branch: text("/base/ref").map(str::to_owned) }),
        pull_request: Some(PullRequest { number: pull["number"].as_u64().unwrap_or_default(), is_fork, is_dependabot }),
        ..event
    })
}

/// The lines that a pull request changes, by path; a file without a difference of text has all of them.
pub fn changed(client: &Client, number: u64) -> Result<BTreeMap<String, Vec<RangeInclusive<u32>>>, Trouble> {
    let files = client.list(&format!("/pulls/{number}/files"), None)?;
    let named = files.iter().filter_map(|file| Some((file["filename"].as_str()?.to_owned(), file)));
    Ok(named.map(|(path, file)| (path, file["patch"].as_str().map_or(vec![1..=u32::MAX], added))).collect())
}

/// The lines that a patch adds, in the new file.
fn added(patch: &str) -> Vec<RangeInclusive<u32>> {
    let (mut ranges, mut line) = (Vec::<RangeInclusive<u32>>::new(), 0_u32);
    for text in patch.lines() {
        if let Some(hunk) = text.strip_prefix("@@ ") {
            let start = hunk.split(' ').find_map(|word| word.strip_prefix('+')?.split(',').next()?.parse().ok());
            line = start.unwrap_or(line);
        } else if text.starts_with('+') {
            match ranges.last_mut() {
                Some(last) if last.end() + 1 == line => *last = *last.start()..=line,
                _ => ranges.push(line..=line),
            }
            line = line.saturating_add(1);
        } else if !text.starts_with(['-', '\\']) {
            line = line.saturating_add(1);
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_added_lines_of_a_patch() {
        let patch = "@@ -1,3 +1,4 @@ fn a\n a\n+b\n+c\n-d\n e\n@@ -10 +11,2 @@\n x\n+y\n\\ No newline at end of file";
        assert_eq!(added(patch), [2..=3, 12..=12]);
        assert!(added("").is_empty());
    }
}
