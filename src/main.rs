//! Arguments → gather → judge → report → publish → exit code.

use clap::Parser;
use mx_prod_gate::cli::{self, Cli};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Syntax trees of source are walked by recursion; memory that is not touched costs nothing.
const STACK: usize = 64 << 20;

fn main() -> ExitCode {
    let arguments = Cli::parse();
    // Where the pool is there already, it stays as it is.
    let _ = rayon::ThreadPoolBuilder::new().stack_size(STACK).build_global();
    let run = move || {
        cli::run(&arguments).unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            2
        })
    };
    let worker = std::thread::Builder::new().stack_size(STACK).spawn(run);
    ExitCode::from(worker.ok().and_then(|worker| worker.join().ok()).unwrap_or(2))
}
