//! Blobs out of git: what is staged, what a branch adds, and all that was ever committed. Each blob is read once.

use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, HashSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, sync_channel};

/// Blobs above this size are generated or binary: they are told, not read.
const LARGEST: usize = 32 << 20;
/// How many blobs are handed to a reader at a time, and how many such batches may wait.
const BATCH: usize = 128;
const WAITING: usize = 8;
const READERS: usize = 2;

/// Where a blob was first seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    pub path: String,
    pub commit: Option<String>,
    /// When its author wrote it, in the form of RFC 3339.
    pub date: Option<String>,
    /// The lines that are new, where only those count.
    pub added: Option<Vec<RangeInclusive<u32>>>,
}

impl Origin {
    pub fn counts(&self, line: u32) -> bool {
        self.added.as_ref().is_none_or(|ranges| ranges.iter().any(|range| range.contains(&line)))
    }
}

/// What is done with each blob.
pub type Visit<'a> = &'a (dyn Fn(&Origin, &[u8]) + Sync);

/// Git in a folder, without anybody's settings for colours, pagers, filters and helpers.
fn git(root: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args([
        "-c",
        "core.quotePath=false",
        "-c",
        "diff.external=",
        "--no-pager",
        "--no-optional-locks",
    ]);
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command
}

fn output(root: &Path, words: &[&str]) -> Result<Vec<u8>> {
    let answer = git(root).args(words).output().context("git could not be run")?;
    if !answer.status.success() {
        bail!("git {} failed: is it a repository, and is the revision there", words.first().unwrap_or(&""));
    }
    Ok(answer.stdout)
}

/// Whether the history is cut off, so that a scan of it is partial.
pub fn is_shallow(root: &Path) -> bool {
    output(root, &["rev-parse", "--is-shallow-repository"]).is_ok_and(|answer| answer.starts_with(b"true"))
}

/// The lines that the index adds to the last commit.
pub fn staged(root: &Path, visit: Visit) -> Result<usize> {
    added(root, &["diff", "--cached"], "", visit)
}

/// The lines that the last commit adds to what it has in common with a revision.
pub fn since(root: &Path, revision: &str, visit: Visit) -> Result<usize> {
    if revision.starts_with('-') {
        bail!("{revision} is no revision");
    }
    let range = format!("{revision}...HEAD");
    added(root, &["diff", &range], "HEAD", visit)
}

fn added(root: &Path, diff: &[&str], tree: &str, visit: Visit) -> Result<usize> {
    let mut words = diff.to_vec();
    words.extend([
        "-U0",
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        "--no-renames",
        "--diff-filter=ACM",
        "--src-prefix=a/",
        "--dst-prefix=b/",
    ]);
    let ranges = added_ranges(&output(root, &words)?);
    let mut reader = Blobs::open(root)?;
    let mut count = 0;
    for (path, added) in ranges {
        let origin = Origin { path, added: Some(added), ..Origin::default() };
        if let Some(bytes) = reader.read(&format!("{tree}:{}", origin.path))? {
            visit(&origin, bytes);
            count += 1;
        }
    }
    Ok(count)
}

/// The added lines of each file, out of a diff without context.
fn added_ranges(diff: &[u8]) -> BTreeMap<String, Vec<RangeInclusive<u32>>> {
    let mut files: BTreeMap<String, Vec<RangeInclusive<u32>>> = BTreeMap::new();
    let mut open = None;
    for line in diff.split(|&byte| byte == b'\n') {
        if let Some(path) = line.strip_prefix(b"+++ b/") {
            open = Some(String::from_utf8_lossy(path).trim_end_matches('\t').to_owned());
        } else if line.starts_with(b"diff --git ") {
            open = None;
        } else if let (Some(path), Some(range)) = (&open, line.strip_prefix(b"@@ ").and_then(added_range)) {
            files.entry(path.clone()).or_default().push(range);
        }
    }
    files
}

/// `-1,2 +3,4 @@`: the lines 3 to 6.
fn added_range(hunk: &[u8]) -> Option<RangeInclusive<u32>> {
    let text = std::str::from_utf8(hunk.split(|&byte| byte == b'@').next()?).ok()?;
    let part = text.split_whitespace().find_map(|part| part.strip_prefix('+'))?;
    let (start, count) = part.split_once(',').unwrap_or((part, "1"));
    let (start, count): (u32, u32) = (start.parse().ok()?, count.parse().ok()?);
    (count > 0).then(|| start..=start.saturating_add(count - 1))
}

/// Every blob of every commit, each once, with the oldest commit that has it.
pub fn all(root: &Path, visit: Visit) -> Result<usize> {
    let format = "--format=%x01%H %aI";
    let words = [
        "log",
        "--all",
        "--reverse",
        "--raw",
        "-z",
        "-m",
        "--root",
        "--no-abbrev",
        "--no-renames",
        "--diff-filter=AMT",
        "--no-color",
        format,
    ];
    let mut log = git(root).args(words).stdout(Stdio::piped()).spawn().context("git could not be run")?;
    let stream = log.stdout.take().context("git says nothing")?;
    let (sender, receiver) = sync_channel(WAITING);
    let receiver = Mutex::new(receiver);
    let failures = Mutex::new(Vec::new());
    let count = std::thread::scope(|scope| -> Result<usize> {
        for _ in 0..READERS {
            scope.spawn(|| {
                if let Err(error) = read_batches(root, &receiver, visit) {
                    failures.lock().unwrap_or_else(|poison| poison.into_inner()).push(error);
                    // The log must not wait for a reader that is gone.
                    while next_batch(&receiver).is_some() {}
                }
            });
        }
        let mut batch = Vec::with_capacity(BATCH);
        let count = each_blob(stream, |name, origin| {
            batch.push((name, origin));
            if batch.len() == BATCH {
                let _ = sender.send(std::mem::take(&mut batch));
            }
        })?;
        let _ = sender.send(batch);
        drop(sender);
        Ok(count)
    })?;
    let ended = log.wait().context("git log did not end")?;
    if let Some(error) = failures.into_inner().unwrap_or_default().pop() {
        return Err(error);
    }
    if !ended.success() {
        bail!("git log failed: is it a repository");
    }
    Ok(count)
}

type Batch = Vec<(String, Origin)>;

fn next_batch(receiver: &Mutex<Receiver<Batch>>) -> Option<Batch> {
    receiver.lock().unwrap_or_else(|poison| poison.into_inner()).recv().ok()
}

fn read_batches(root: &Path, receiver: &Mutex<Receiver<Batch>>, visit: Visit) -> Result<()> {
    let mut blobs = Blobs::open(root)?;
    while let Some(batch) = next_batch(receiver) {
        for (name, origin) in batch {
            if let Some(bytes) = blobs.read(&name)? {
                visit(&origin, bytes);
            }
        }
    }
    Ok(())
}

/// The blobs that a raw log names, each once, in its order.
fn each_blob(stream: impl Read, mut found: impl FnMut(String, Origin)) -> Result<usize> {
    let mut reader = BufReader::with_capacity(1 << 18, stream);
    let mut seen: HashSet<[u8; 20]> = HashSet::new();
    let (mut commit, mut date, mut field) = (String::new(), String::new(), Vec::new());
    loop {
        field.clear();
        if reader.read_until(0, &mut field)? == 0 {
            return Ok(seen.len());
        }
        let text = field.strip_suffix(&[0]).unwrap_or(&field);
        let text = text.strip_prefix(b"\n").unwrap_or(text);
        if let Some(head) = text.strip_prefix(&[1]) {
            let head = String::from_utf8_lossy(head);
            let mut words = head.split_whitespace();
            commit = words.next().unwrap_or_default().to_owned();
            date = words.next().unwrap_or_default().to_owned();
            continue;
        }
        // `:100644 100644 <old> <new> M`, then the path.
        let Some(raw) = text.strip_prefix(b":") else { continue };
        let raw = String::from_utf8_lossy(raw).into_owned();
        let mut words = raw.split(' ');
        let (mode, name) = (words.nth(1).unwrap_or_default(), words.nth(1).unwrap_or_default());
        field.clear();
        reader.read_until(0, &mut field)?;
        let is_file = mode.starts_with("100");
        let Some(key) = key(name).filter(|key| is_file && seen.insert(*key)) else { continue };
        debug_assert!(key.len() == 20);
        let path = String::from_utf8_lossy(field.strip_suffix(&[0]).unwrap_or(&field)).into_owned();
        found(name.to_owned(), Origin { path, commit: Some(commit.clone()), date: Some(date.clone()), added: None });
    }
}

/// The first 20 bytes of an object's name.
fn key(name: &str) -> Option<[u8; 20]> {
    let mut key = [0; 20];
    for (place, pair) in key.iter_mut().zip(name.as_bytes().chunks(2)) {
        *place = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    (name.len() >= 40).then_some(key)
}

/// One `git cat-file --batch` that answers again and again.
struct Blobs {
    process: Child,
    ask: ChildStdin,
    answer: BufReader<ChildStdout>,
    bytes: Vec<u8>,
}

impl Blobs {
    fn open(root: &Path) -> Result<Self> {
        let mut command = git(root);
        let mut process = command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let ask = process.stdin.take().context("git cat-file takes nothing")?;
        let answer = BufReader::with_capacity(1 << 17, process.stdout.take().context("git cat-file says nothing")?);
        Ok(Self { process, ask, answer, bytes: Vec::new() })
    }

    /// The bytes of an object; `None` where it is missing (a partial clone), no blob, or too large.
    fn read(&mut self, name: &str) -> Result<Option<&[u8]>> {
        if name.contains('\n') {
            return Ok(None);
        }
        writeln!(self.ask, "{name}")?;
        let mut head = String::new();
        self.answer.read_line(&mut head)?;
        let mut words = head.trim_end().rsplitn(3, ' ');
        let (size, kind) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let Ok(size) = size.parse::<usize>() else { return Ok(None) };
        let wanted = kind == "blob" && size <= LARGEST;
        if !wanted {
            std::io::copy(&mut (&mut self.answer).take(size as u64 + 1), &mut std::io::sink())?;
            return Ok(None);
        }
        self.bytes.clear();
        (&mut self.answer).take(size as u64 + 1).read_to_end(&mut self.bytes)?;
        self.bytes.truncate(size);
        Ok(Some(&self.bytes))
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_tells_its_added_lines() {
        let diff =
            b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +3,2 @@ fn\n+a\n+b\n@@ -9 +12 @@\n+c\n@@ -20,2 +0,0 @@\n";
        assert_eq!(added_ranges(diff).get("x"), Some(&vec![3..=4, 12..=12]));
    }

    #[test]
    fn a_raw_log_tells_each_blob_once() {
        let name = "a".repeat(40);
        let log = format!(
            "\x01c1 2026-01-01T00:00:00Z\0\n:000000 100644 {0} {name} A\0a.txt\0\x01c2 2026-01-02T00:00:00Z\0\n:000000 100644 {0} {name} A\0b.txt\0",
            "0".repeat(40)
        );
        let mut seen = Vec::new();
        let count = each_blob(log.as_bytes(), |_, origin| seen.push((origin.path, origin.commit))).unwrap();
        assert_eq!((count, seen), (1, vec![("a.txt".to_owned(), Some("c1".to_owned()))]));
    }
}
