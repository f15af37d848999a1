//! Runs commands of the repository, which are hostile until proven otherwise: without the gate's environment, as the
//! owner of the workspace, within limits of time and output, and with everything that they started ended with them.

mod descendants;
mod environment;
mod guard;
mod output;
mod owner;
mod process;

use crate::tools::{Ended, Gate};
use guard::FileCommands;
use output::Voice;
use owner::Owner;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// One thing to run.
#[derive(Debug, Clone)]
pub struct Errand {
    /// Relative to the root.
    pub folder: String,
    pub steps: Vec<Vec<String>>,
    /// As a person would type it.
    pub command: String,
}

/// What came of an errand.
#[derive(Debug)]
pub struct Done {
    pub ended: Ended,
    pub seconds: f64,
    /// What its last step printed: its standard output, or both where that is no report in itself.
    pub output: String,
    /// The report that it was asked to write, where it did.
    pub report: Option<String>,
}

/// The word of a command that stands for the file to write a report to.
pub const REPORT: &str = "mx-prod-gate-report.json";

/// A text of many lines without anything that a terminal or the runner obeys.
pub fn shown(text: &str) -> String {
    text.lines().map(|line| output::plain(line.as_bytes()) + "\n").collect()
}

/// Limits of one command.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub time: Duration,
    /// Bytes of output that are read; with more it is ended.
    pub output: u64,
    /// Processes at a time; with more it is ended.
    pub processes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(15 * 60), output: 64 << 20, processes: 2_000 }
    }
}

/// The run was cancelled: what runs is to end, and nothing more is begun.
static CANCELLED: AtomicBool = AtomicBool::new(false);
/// There is a yard, with what has to be put back at its end.
static IS_OPEN: AtomicBool = AtomicBool::new(false);

/// Ends what runs, and waits until it has ended.
pub fn cancel() {
    CANCELLED.store(true, Ordering::SeqCst);
    let patience = Instant::now() + Duration::from_secs(6);
    while IS_OPEN.load(Ordering::SeqCst) && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn is_cancelled() -> bool {
    CANCELLED.load(Ordering::SeqCst)
}

/// A place to run commands in.
pub struct Yard {
    root: PathBuf,
    owner: Owner,
    /// Home and temporary files of the commands, gone at the end.
    home: Option<tempfile::TempDir>,
    limits: Limits,
    voice: Voice,
    file_commands: Option<FileCommands>,
}

impl Drop for Yard {
    fn drop(&mut self) {
        self.home.take();
        self.file_commands.take();
        IS_OPEN.store(false, Ordering::SeqCst);
    }
}

impl Yard {
    /// Prepares for commands of a folder. Nothing is run as root where somebody else could own it.
    pub fn new(root: &Path, limits: Limits) -> Result<Self, String> {
        let owner = Owner::of(root)?;
        let home = tempfile::Builder::new().prefix("mx-prod-gate-").tempdir().map_err(|error| error.to_string())?;
        owner.give(home.path())?;
        process::prepare_self();
        IS_OPEN.store(true, Ordering::SeqCst);
        let (home, file_commands) = (Some(home), Some(FileCommands::of_process()));
        Ok(Self { root: root.to_owned(), owner, home, limits, voice: Voice::of_process(), file_commands })
    }

    /// Home and temporary files of the commands.
    fn home(&self) -> &Path {
        self.home.as_ref().map_or(Path::new("/nonexistent"), |home| home.path())
    }

    /// Runs the steps of an errand one after the other.
    pub fn run(&self, errand: &Errand) -> Done {
        let report = self.home().join(REPORT);
        let _ = std::fs::remove_file(&report);
        let begun = Instant::now();
        let mut done = Done { ended: Ended::Code(0), seconds: 0.0, output: String::new(), report: None };
        for step in &errand.steps {
            let words: Vec<String> = step.iter().map(|word| word.replace(REPORT, &report.to_string_lossy())).collect();
            let ran = process::run(self, &errand.folder, &words, &errand.command);
            done.output = ran.output;
            // A later step writes down what an earlier one measured, failing tests or not; the first failing is told.
            if done.ended == Ended::Code(0) {
                done.ended = ran.ended.clone();
            }
            if !matches!(ran.ended, Ended::Code(_)) || is_cancelled() {
                break;
            }
        }
        done.seconds = begun.elapsed().as_secs_f64();
        done.report = super::read::read(&report, Gate::Lint).ok().map(|read| read.text);
        done
    }
}
