//! The whole report: what was run over what, and what came of it.

use std::time::Duration;

use domain::time::Instant;
use serde::Serialize;

use crate::{
    against::Against, backtest::Backtest, history::History, model::RedemptionModel,
    numbers::grouped,
};

/// A backtest, alone or against another program.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Members with facts.
    pub members: u64,
    /// Orders of the history.
    pub orders: u64,
    /// Refunds of them.
    pub refunds: u64,
    /// The first fact.
    pub from: Instant,
    /// The last fact.
    pub to: Instant,
    /// The redemption model, as the command line takes it.
    pub redemption_model: String,
    /// The same in a sentence.
    pub redemption_sentence: String,
    /// What came of the program.
    #[serde(flatten)]
    pub backtest: Backtest,
    /// What came of the other, and the difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
}

/// How long it took: the only figures that differ from run to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Timing {
    /// Threads.
    pub threads: usize,
    /// How often the history was run.
    pub loops: u64,
    /// Orders decided for each second of processor time, refunds, redemptions and the
    /// passing of time included.
    pub orders_per_second_per_core: u64,
    /// Milliseconds on the wall, loading aside.
    pub milliseconds: u64,
}

impl Timing {
    /// What was measured: `orders` in `busy` of processor time and `wall` on the wall.
    pub fn new(threads: usize, loops: u64, orders: u64, busy: Duration, wall: Duration) -> Timing {
        let per_second = u128::from(orders) * 1_000_000 / busy.as_micros().max(1);
        Timing {
            threads,
            loops,
            orders_per_second_per_core: u64::try_from(per_second).unwrap_or(u64::MAX),
            milliseconds: u64::try_from(wall.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// The same in a sentence.
    pub fn sentence(&self) -> String {
        format!(
            "{} orders a second and core, {} ms on {} threads",
            grouped(i64::try_from(self.orders_per_second_per_core).unwrap_or(i64::MAX)),
            self.milliseconds,
            self.threads
        )
    }
}

impl Report {
    /// A report about one program, or two.
    pub fn new(
        history: &History,
        model: &RedemptionModel,
        backtest: Backtest,
        other: Option<Backtest>,
    ) -> Report {
        let members = history.members.iter().filter(|member| !member.facts.is_empty());
        Report {
            members: members.count() as u64,
            orders: history.orders,
            refunds: history.refunds,
            from: history.first,
            to: history.last,
            redemption_model: model.to_string(),
            redemption_sentence: model.sentence(),
            against: other.map(|other| Against::new(&backtest, other, history)),
            backtest,
        }
    }

    /// The report as JSON, with the timing.
    pub fn json(&self, timing: &Timing) -> String {
        #[derive(Serialize)]
        struct Timed<'a> {
            #[serde(flatten)]
            report: &'a Report,
            #[serde(flatten)]
            timing: &'a Timing,
        }
        serde_json::to_string_pretty(&Timed { report: self, timing }).unwrap_or_default()
    }
}
