//! The live probes against a fake MaintainX with every quirk of the real one, and every fault that a network has.

mod address_cases;
mod fake;
mod faults;
mod matrix;
mod quirks;
mod relays;
mod run;
mod serve;
mod signals;
mod wire;
