//! I/O in: what is outside becomes a snapshot.

mod git;
mod read;
pub mod tree;
