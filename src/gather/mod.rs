//! I/O in: what is outside becomes a snapshot.

mod git;
pub mod live;
mod read;
pub mod tree;
