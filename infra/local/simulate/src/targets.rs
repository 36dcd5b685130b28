//! Whether the shop's targets are met.

use domain::{program::Program, ratio::Ratio};
use serde::Serialize;

use crate::{
    backtest::{FirstReward, Month, Totals},
    numbers::{Style, percent},
};

/// A target of the program, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Target {
    /// The key of the definition, such as `cost`.
    pub target: &'static str,
    /// What was wanted, in words.
    pub wanted: String,
    /// What it came to, in words.
    pub found: String,
    /// Whether that is met.
    pub is_met: bool,
}

/// The targets of a program, in the order of the definition.
pub(crate) fn targets(
    program: &Program,
    totals: &Totals,
    months: &[Month],
    first: &FirstReward,
) -> Vec<Target> {
    let wanted = &program.targets;
    let style = Style { decimals: program.points().decimals, currency: program.money };
    let mut targets = Vec::new();
    if let Some(most) = wanted.cost {
        targets.push(Target {
            target: "cost",
            wanted: format!("{} of the revenue at most", of_hundred(most)),
            found: percent(totals.cost_share_basis_points),
            is_met: Ratio::whole(clipped(totals.cost)) <= of(most, totals.revenue),
        });
    }
    if let Some(least) = wanted.in_reach {
        targets.push(Target {
            target: "in_reach",
            wanted: format!("a reward for {} of the members at least", of_hundred(least)),
            found: percent(first.reached_basis_points),
            is_met: Ratio::whole(clipped(first.reached)) >= of(least, first.members),
        });
    }
    if let Some(most) = wanted.first_reward_days {
        let found = first.days_half;
        targets.push(Target {
            target: "first_reward",
            wanted: format!("half of the first rewards within {most} days"),
            found: found.map_or("nobody had one".to_owned(), |days| format!("{days} days")),
            is_met: found.is_some_and(|days| days <= i64::from(most)),
        });
    }
    if let Some(most) = wanted.liability {
        let found = months.iter().map(|month| month.liability).max().unwrap_or(0);
        let money = |minor| format!("{} {}", style.money_read(minor), program.money);
        targets.push(Target {
            target: "liability",
            wanted: format!("{} at most at the end of a month", money(most)),
            found: money(found),
            is_met: found <= most,
        });
    }
    targets
}

fn clipped(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn of(share: Ratio, whole: i64) -> Ratio {
    share.checked_mul(Ratio::whole(clipped(whole))).unwrap_or(Ratio::ZERO)
}

fn of_hundred(share: Ratio) -> String {
    let percent = share.checked_mul(Ratio::whole(100));
    percent.map_or_else(String::new, |percent| format!("{percent} %"))
}
