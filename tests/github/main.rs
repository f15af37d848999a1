//! The gate on GitHub: whose settings count, what is told, and what reaches the people who decide.

mod fake;
mod publish;
mod repository;
mod talk_round;
