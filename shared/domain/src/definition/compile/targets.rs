//! What the shop wants of its program.

use super::super::{
    file::TargetsSection,
    problem::Mistakes,
    written::{Kind, Units, Written},
};
use crate::program::Targets;

pub fn targets(section: &TargetsSection, units: &Units, mistakes: &mut Mistakes) -> Targets {
    Targets {
        cost: read(section.cost.as_ref(), units, mistakes),
        in_reach: read(section.in_reach.as_ref(), units, mistakes),
        first_reward_days: read(section.first_reward.as_ref(), units, mistakes),
        liability: read(section.liability.as_ref(), units, mistakes),
    }
}

fn read<K: Kind>(
    written: Option<&Written<K>>,
    units: &Units,
    mistakes: &mut Mistakes,
) -> Option<K::Value> {
    written.and_then(|written| mistakes.read(written, units))
}
