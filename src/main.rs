//! Arguments → gather → judge → report → publish → exit code.

use mx_prod_gate::evidence::Blob;
use mx_prod_gate::settings::Settings;
use mx_prod_gate::snapshot::{Content, Entry, Snapshot};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let root = words.get(1).map_or(".", String::as_str);
    let snapshot = gather(Path::new(root));
    let verdict = mx_prod_gate::judge(
        &snapshot,
        &Settings::default(),
        jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date(),
    );
    match serde_json::to_string_pretty(&verdict) {
        Ok(text) => println!("{text}"),
        Err(_) => return ExitCode::from(2),
    }
    match verdict.verdict {
        mx_prod_gate::verdict::Decision::Ready => ExitCode::SUCCESS,
        mx_prod_gate::verdict::Decision::NotReady => ExitCode::from(1),
        mx_prod_gate::verdict::Decision::Unknown => ExitCode::from(2),
    }
}

/// A plain walk, until the gather stage reads the tree as git sees it.
fn gather(root: &Path) -> Snapshot {
    let mut snapshot = Snapshot::default();
    snapshot.is_repository = root.join(".git").exists();
    let walk = ignore::WalkBuilder::new(root).standard_filters(false).filter_entry(|e| e.file_name() != ".git").build();
    for entry in walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file())) {
        let Ok(path) = entry.path().strip_prefix(root) else { continue };
        let path = path.to_string_lossy().into_owned();
        let content = match std::fs::read_to_string(entry.path()) {
            Ok(text) => Content::Text(Arc::new(Blob::new(path.as_str(), text))),
            Err(_) => Content::Binary,
        };
        snapshot.insert(path, Entry { content, tracked: true, executable: false });
    }
    snapshot
}
