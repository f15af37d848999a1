//! I/O in: what is outside becomes a snapshot.
