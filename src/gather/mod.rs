//! I/O in: what is outside becomes a snapshot.

pub mod base;
pub mod event;
pub mod git;
pub mod history;
mod large;
pub mod live;
pub mod policy;
mod read;
pub mod remote;
pub mod runner;
pub mod tools;
pub mod tree;
pub mod tree_of;
