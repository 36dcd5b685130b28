//! Which rules count, and for how much: groups and limits.

use super::Step;
use crate::{
    order_state::OrderState,
    program::{EarnRule, GroupMode, LimitPer, Most, Program},
    ratio::Ratio,
    reason::Reason,
};

/// Lets the winner of each group count alone. What the formulas give decides, before
/// multipliers.
pub(super) fn choose_in_groups(program: &Program, steps: &mut [Step]) {
    for (at, group) in program.groups.iter().enumerate() {
        let giving = |step: &&Step| {
            program.earn[step.rule].group == Some(at) && !step.formula_gives.is_zero()
        };
        let winner = match group.mode {
            GroupMode::Sum => continue,
            GroupMode::First => steps.iter().find(giving).map(|step| step.rule),
            GroupMode::Max => {
                // `max_by` keeps the last of equals; the first in the file is to win.
                let best = steps.iter().filter(giving).rev();
                best.max_by_key(|step| step.formula_gives).map(|step| step.rule)
            }
        };
        let losing = |step: &&mut Step| giving(&&**step) && Some(step.rule) != winner;
        for step in steps.iter_mut().filter(losing) {
            step.limited = Ratio::ZERO;
            step.reason = Some(Reason::OtherRuleCounts);
        }
    }
}

/// Cuts what a rule gives to what its limits leave. The kept order says what limits
/// beyond the order itself left when it came.
pub(super) fn limit(step: &mut Step, rule: &EarnRule, order: &OrderState) {
    let of_order = rule.limits.iter().filter_map(|limit| match (limit.per, limit.most) {
        (LimitPer::Order, Most::Points(points)) => Some((points, limit.per)),
        _ => None,
    });
    let beyond = order.caps.iter().filter(|cap| usize::from(cap.rule) == step.rule);
    let beyond = beyond.map(|cap| (cap.left, cap.per));
    for (left, per) in of_order.chain(beyond) {
        step.most = Some(step.most.map_or(left, |most| most.min(left)));
        let left = Ratio::whole(left.units());
        if step.limited > left {
            step.limited = left;
            step.reason = Some(cap_reason(per));
        }
    }
}

fn cap_reason(per: LimitPer) -> Reason {
    match per {
        LimitPer::Order => Reason::OrderCap,
        LimitPer::Day => Reason::DailyCap,
        LimitPer::Week => Reason::WeeklyCap,
        LimitPer::Month => Reason::MonthlyCap,
        LimitPer::Quarter => Reason::QuarterlyCap,
        LimitPer::Year => Reason::YearlyCap,
        LimitPer::Lifetime => Reason::LifetimeCap,
        LimitPer::Subject => Reason::SubjectCap,
        LimitPer::Days(_) => Reason::TooSoon,
        // Beyond an allowance nothing is recorded.
        LimitPer::Everybody | LimitPer::GiverMonth => Reason::BudgetSpent,
    }
}
