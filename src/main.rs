//! Arguments → gather → judge → report → publish → exit code.

fn main() {}
