//! A backtest: a program over an order history, without any store.
//!
//! Each member's facts go through the same decisions as in the ledger, on an account in
//! memory. Members are independent of each other, so they run in parallel; what comes out
//! is the same for any number of threads, byte by byte.

mod against;
mod backtest;
mod clock;
mod csv;
mod history;
mod html;
mod life;
mod model;
mod months;
mod numbers;
mod report;
mod run;
mod sections;
mod table;
mod tally;
mod targets;
mod top;

pub use against::{Against, Difference};
pub use backtest::{
    Backtest, ByRule, CostlyMember, CostlyOrder, FirstReward, LevelCount, Month, Totals,
};
pub use csv::csv;
pub use history::{BadHistory, History};
pub use html::html;
pub use model::{NotAModel, RedemptionModel};
pub use report::{Report, Timing};
pub use run::{Failure, Run, couples_members, run, run_in_time_order};
pub use table::table;
pub use targets::Target;
