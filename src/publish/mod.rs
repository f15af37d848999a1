//! I/O out: what is reported reaches the people who decide.

pub mod order;
pub mod runner;
