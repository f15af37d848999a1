//! I/O in: what is outside becomes a snapshot.

mod git;
pub mod history;
mod large;
pub mod live;
pub mod policy;
mod read;
pub mod runner;
pub mod tree;
