//! Two programs over one history: who gains and who loses.

use serde::Serialize;

use crate::{backtest::Backtest, history::History, numbers::percentile, top::Top};

/// What a program is to members compared with another one.
#[derive(Clone, Debug, Serialize)]
pub struct Against {
    /// The other program over the same history.
    pub other: Backtest,
    /// Members who have more of this program than of the other.
    pub gain: i64,
    /// Members who have less of it.
    pub lose: i64,
    /// Members who have the same of both.
    pub same: i64,
    /// What all members together gain, in minor units; less than zero is a loss.
    pub difference: i64,
    /// What a member gains at the least, at each tenth of the members, and at the most:
    /// eleven amounts in minor units, ascending.
    pub deciles: Vec<i64>,
    /// The ten who gain most.
    pub greatest_gains: Vec<Difference>,
    /// The ten who lose most.
    pub greatest_losses: Vec<Difference>,
}

/// One member under both programs. The value is what the points cost that they spent and
/// have at the end, in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The member.
    pub member: String,
    /// The value under this program.
    pub value: i64,
    /// The value under the other.
    pub other: i64,
    /// What they gain.
    pub gain: i64,
}

impl Against {
    /// Compares two runs over one history.
    pub fn new(this: &Backtest, other: Backtest, history: &History) -> Against {
        let members = history.members.iter().zip(this.values.iter().zip(&other.values));
        let joined = members.filter(|(member, _)| !member.facts.is_empty());
        let all: Vec<Difference> = joined
            .map(|(member, (&value, &other))| Difference {
                member: member.id.to_string(),
                value,
                other,
                gain: value - other,
            })
            .collect();
        let mut gains: Vec<i64> = all.iter().map(|member| member.gain).collect();
        gains.sort_unstable();
        let count = |wanted: fn(i64) -> bool| gains.iter().filter(|gain| wanted(**gain)).count();
        Against {
            gain: count(|gain| gain > 0) as i64,
            lose: count(|gain| gain < 0) as i64,
            same: count(|gain| gain == 0) as i64,
            difference: gains.iter().sum(),
            deciles: (0..=10).filter_map(|tenth| percentile(&gains, tenth * 10)).collect(),
            greatest_gains: greatest(&all, 1),
            greatest_losses: greatest(&all, -1),
            other,
        }
    }
}

/// The ten with the greatest difference of this sign.
fn greatest(all: &[Difference], sign: i64) -> Vec<Difference> {
    let mut top = Top::default();
    for (at, member) in all.iter().enumerate().filter(|(_, member)| member.gain * sign > 0) {
        top.offer(member.gain * sign, at);
    }
    top.into_items().map(|(_, at)| all[at].clone()).collect()
}
