//! The real read-decide-append loop over tables that hurt, and the proof that the
//! simulated tables and DynamoDB are the same port.
//!
//! `SEED=n` replays one seed, `SEEDS=n` runs that many of each kind.
#![cfg(test)]
#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it stands on")]

mod answers;
mod arrivals;
mod budgets;
mod case;
mod contract;
mod desk;
mod embedded;
mod exactly_once;
mod invariants;
mod kills;
mod outages;
mod people;
mod planted;
mod program;
mod races;
mod referrals;
mod rollups;
mod schedule;
mod schema;
mod seeds;
mod shop;
mod simulation;
mod stream;
mod sweeper;
mod tampering;
mod traces;
