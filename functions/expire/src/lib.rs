//! Booking what has become true for members whom nobody touched.
//!
//! The schedule finds who is due by the markers of each day and puts them on a queue;
//! the queue settles each. Both may run late, twice or not at all: balances are settled
//! on every read, so nobody gains or loses a point by it.

mod schedule;
mod settle;

pub use schedule::{Swept, sweep, sweep_each};
pub use settle::settle_batch;
