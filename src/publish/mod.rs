//! I/O out: what is reported reaches the people who decide.

pub mod check_run;
pub mod comment;
pub mod order;
pub mod runner;
pub mod sarif;
