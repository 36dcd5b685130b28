//! Seeds: which are run, and which one failed.

use std::{env, panic};

/// Checks so many seeds, or the one in `SEED`, or as many as `SEEDS` says. A failure
/// names the seed that replays it.
pub fn each_seed(usual: u64, check: impl Fn(u64)) {
    let number = |name: &str| env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("SEED") {
        Some(seed) => seed..=seed,
        None => 1..=number("SEEDS").unwrap_or(usual),
    };
    for seed in seeds {
        let failing = NamedOnPanic(seed);
        check(seed);
        std::mem::forget(failing);
    }
}

/// The first of so many seeds under which the check fails.
pub fn first_caught(seeds: u64, check: impl Fn(u64) + panic::RefUnwindSafe) -> Option<u64> {
    (1..=seeds).find(|seed| panic::catch_unwind(|| check(*seed)).is_err())
}

struct NamedOnPanic(u64);

impl Drop for NamedOnPanic {
    fn drop(&mut self) {
        eprintln!("SEED={} replays this failure", self.0);
    }
}
