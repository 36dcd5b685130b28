//! Properties of every life.

mod any;
mod arithmetic;
mod conservation;
mod guests;
mod order_of_arrival;
mod program_versions;
mod time;

use proptest::test_runner::{Config, RngSeed};

/// So many cases, the same in every run; `PROPTEST_RNG_SEED` chooses others and
/// `PROPTEST_CASES` how many.
fn cases(cases: u32) -> Config {
    let given = Config::default();
    let chosen = std::env::var_os("PROPTEST_CASES").is_some();
    let rng_seed = match given.rng_seed {
        RngSeed::Random => RngSeed::Fixed(2026),
        chosen => chosen,
    };
    Config {
        cases: if chosen { given.cases } else { cases },
        rng_seed,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..given
    }
}
