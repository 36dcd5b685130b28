//! The loyalty rules as functions over data: no clock, no network, no randomness, no
//! floats. The same inputs give the same row, always and everywhere.

#![deny(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::float_arithmetic,
    clippy::unwrap_used
)]

pub mod account;
pub mod award;
pub mod birthday;
pub mod change;
mod decide;
pub mod definition;
mod draft;
pub mod eligible;
pub mod explain;
pub mod expression;
pub mod fact;
pub mod goal;
pub mod guest;
pub mod ids;
pub mod key;
pub mod matching;
pub mod money;
pub mod notice;
pub mod order_state;
#[cfg(feature = "planted")]
pub mod planted;
pub mod points;
pub mod program;
pub mod ratio;
pub mod reason;
pub mod referral;
pub mod refusal;
pub mod rollup;
pub mod row;
pub mod settle;
pub mod tier;
pub mod time;
pub mod window;

pub use decide::{AHEAD_DAYS_MAX, Prior, Spent, Trial, decide};
