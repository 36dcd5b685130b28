//! Roll-ups: what many rows add up to, so that a report never reads the ledger.
//!
//! Everything here is a sum that forgets the order and the grouping of its rows: rolling
//! up a batch at a time, shard by shard, or the whole ledger at once ends the same. Only
//! ranks follow the newest row of each member.

mod board;
mod buckets;
mod day;
mod figure;
mod sums;

#[cfg(test)]
mod tests;

pub use board::{Ranked, Reached};
pub use buckets::{BUCKETS, Bucket, BucketSums, bucket_of};
pub use day::DayRollup;
pub use figure::Figure;
pub use sums::Sums;
