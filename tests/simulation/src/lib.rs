//! The real read-decide-append loop over tables that hurt, and the proof that the
//! simulated tables and DynamoDB are the same port.
//!
//! `SEED=n` replays one seed, `SEEDS=n` runs that many of each kind.
#![cfg(test)]

mod contract;
mod embedded;
