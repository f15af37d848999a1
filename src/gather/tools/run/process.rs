//! One process and everything that comes of it: started apart, watched, and ended as a whole.

use super::output::Shown;
use super::{Yard, descendants, environment, is_cancelled};
use crate::tools::Ended;
use std::io::{self, Read};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// What a process said and how it ended.
pub struct Ran {
    pub ended: Ended,
    pub output: String,
}

/// Bytes of output that are kept; of more, the beginning.
const KEPT: usize = 16 << 20;
const GLANCE: Duration = Duration::from_millis(50);
/// How often a sign of life is given.
const STILL: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes this process the heir of all orphans below it, and closes its memory to other processes of its user.
pub fn prepare_self() {
    #[cfg(target_os = "linux")]
    // SAFETY: both take plain numbers and change nothing but how the kernel treats this process.
    unsafe {
        libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0);
    }
}

/// Runs one program with its arguments.
pub fn run(yard: &Yard, folder: &str, words: &[String], command: &str) -> Ran {
    let known = descendants::own();
    let begun = Instant::now();
    yard.voice.begin(command);
    let ran = match start(yard, folder, words) {
        Ok(child) => Watch { yard, child, command, begun }.followed(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ran { ended: Ended::NotFound, output: String::new() },
        Err(error) => Ran { ended: Ended::Failed(error.to_string()), output: String::new() },
    };
    // Daemons included: nothing that it started sees what comes after.
    let is_over = descendants::end(&known, PATIENCE);
    let ended = if is_over { ran.ended } else { Ended::Failed("it left processes that do not end".to_owned()) };
    yard.voice.end(command, &ended.to_string(), begun.elapsed().as_secs_f64());
    Ran { ended, output: ran.output }
}

fn start(yard: &Yard, folder: &str, words: &[String]) -> io::Result<Child> {
    let (program, rest) = words.split_first().ok_or(io::ErrorKind::NotFound)?;
    let folder = yard.root.join(folder).canonicalize()?;
    if !folder.starts_with(&yard.root) {
        return Err(io::Error::other("its folder leads out of the repository"));
    }
    let mut command = Command::new(program);
    command.args(rest).current_dir(folder).env_clear();
    command.envs(environment::scrubbed(std::env::vars_os(), yard.home()));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some((user, group)) = yard.owner.to {
        // The other groups of root are dropped with it.
        command.uid(user).gid(group);
    }
    // SAFETY: only calls that are allowed between fork and exec are made, and nothing is allocated.
    unsafe { command.pre_exec(restrict) };
    command.spawn()
}

/// In the new process, before it becomes the program.
fn restrict() -> io::Result<()> {
    // SAFETY: plain system calls with numbers and a structure of our own.
    unsafe {
        if libc::setsid() == -1 {
            return Err(io::Error::last_os_error());
        }
        #[cfg(target_os = "linux")]
        if libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1
            || libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0) == -1
        {
            return Err(io::Error::last_os_error());
        }
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        libc::setrlimit(libc::RLIMIT_CORE, &none);
    }
    Ok(())
}

/// A process that is being watched.
struct Watch<'a> {
    yard: &'a Yard,
    child: Child,
    command: &'a str,
    begun: Instant,
}

/// A part of what is printed; true for the standard error.
type Part = (bool, Vec<u8>);

impl Watch<'_> {
    fn followed(mut self) -> Ran {
        let (tell, told) = channel();
        let (out, err) = (self.child.stdout.take(), self.child.stderr.take());
        let read = AtomicU64::new(0);
        std::thread::scope(|scope| {
            let pipes =
                [(false, out.map(|pipe| Box::new(pipe) as Pipe)), (true, err.map(|pipe| Box::new(pipe) as Pipe))];
            for (is_error, pipe) in pipes.into_iter().filter_map(|(is_error, pipe)| Some((is_error, pipe?))) {
                let (tell, read, most) = (tell.clone(), &read, self.yard.limits.output);
                scope.spawn(move || forward(pipe, is_error, &tell, read, most));
            }
            drop(tell);
            self.listen(&told, &read)
        })
    }

    /// Takes in what is printed until the process is over, or has to be.
    fn listen(&mut self, told: &Receiver<Part>, read: &AtomicU64) -> Ran {
        let known: Vec<i32> = Vec::new();
        let (mut heard, mut shown, mut next) = (Heard::default(), Shown::default(), self.begun + STILL);
        let mut glances = 0u32;
        let ended = loop {
            match told.recv_timeout(GLANCE) {
                Ok((is_error, part)) => {
                    shown.add(&part);
                    heard.add(is_error, &part);
                    if Instant::now() < next
                        && read.load(Ordering::Relaxed) <= self.yard.limits.output
                        && !is_cancelled()
                        && self.begun.elapsed() < self.yard.limits.time
                    {
                        continue;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                // Its pipes are closed, though it may live on.
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(GLANCE),
            }
            // Whoever prints on when nobody reads any more is ended by that.
            if read.load(Ordering::Relaxed) > self.yard.limits.output {
                break Ended::TooMuchOutput;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                break ended(status);
            }
            glances += 1;
            let is_crowd = glances.is_multiple_of(10) && descendants::all(&known).len() > self.yard.limits.processes;
            if self.begun.elapsed() > self.yard.limits.time || is_cancelled() {
                break Ended::TooLong;
            }
            if is_crowd {
                break Ended::Failed("it started too many processes".to_owned());
            }
            if Instant::now() >= next {
                self.yard.voice.still(self.command, self.begun.elapsed().as_secs());
                next += STILL;
            }
        };
        self.finish(told, &mut heard, &mut shown);
        Ran { ended, output: heard.text() }
    }

    /// Ends what is left, and takes in what it has printed up to then.
    fn finish(&mut self, told: &Receiver<Part>, heard: &mut Heard, shown: &mut Shown) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // Whoever still holds the pipes would hold the readers.
        descendants::end(&[], PATIENCE);
        let until = Instant::now() + Duration::from_secs(2);
        while let Ok((is_error, part)) = told.recv_timeout(until.saturating_duration_since(Instant::now())) {
            shown.add(&part);
            heard.add(is_error, &part);
        }
        shown.end();
    }
}

type Pipe = Box<dyn Read + Send>;

fn forward(mut pipe: Pipe, is_error: bool, tell: &Sender<Part>, read: &AtomicU64, most: u64) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count) = pipe.read(&mut buffer) {
        let part = buffer.get(..count).unwrap_or_default();
        // Beyond the limit nothing is kept, and soon nothing is there that prints.
        let is_within = read.fetch_add(count as u64, Ordering::Relaxed) <= most;
        if count == 0 || !is_within || tell.send((is_error, part.to_vec())).is_err() {
            return;
        }
    }
}

fn ended(status: ExitStatus) -> Ended {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ended::Code(code),
        (None, signal) => Ended::Signal(signal.unwrap_or(0)),
    }
}

/// What was printed.
#[derive(Default)]
struct Heard {
    out: Vec<u8>,
    /// Both streams, as they came.
    both: Vec<u8>,
}

impl Heard {
    fn add(&mut self, is_error: bool, part: &[u8]) {
        let room = |have: &Vec<u8>| KEPT.saturating_sub(have.len()).min(part.len());
        let cut = part.get(..room(&self.both)).unwrap_or_default();
        self.both.extend_from_slice(cut);
        if !is_error {
            let cut = part.get(..room(&self.out)).unwrap_or_default();
            self.out.extend_from_slice(cut);
        }
    }

    /// The standard output where that is a report in itself; else everything.
    fn text(&self) -> String {
        let begins = self.out.trim_ascii_start().first().copied();
        let is_report = matches!(begins, Some(b'{' | b'[' | b'<'));
        String::from_utf8_lossy(if is_report { &self.out } else { &self.both }).into_owned()
    }
}
