//! What a formula gives for an eligible amount.

use crate::{
    points::Points,
    program::{Formula, PartialRefund, Prize},
    ratio::Ratio,
    reason::Reason,
};

/// What a rule counts.
pub(super) struct Counting<I, O, D> {
    /// The eligible amount, at least 1.
    pub eligible: i64,
    /// How many pieces are left, in thousandths.
    pub items: I,
    /// The eligible amount before any refund.
    pub originally: O,
    /// What a draw gives.
    pub drawn: D,
}

/// What a formula gives for what it counts, and why that is nothing.
pub(super) fn formula_gives<I: Fn() -> u64, O: Fn() -> i64, D: Fn(&[Prize]) -> Points>(
    formula: &Formula,
    counting: &Counting<I, O, D>,
) -> (Option<Ratio>, Option<Reason>) {
    let Counting { eligible, items, originally, drawn } = counting;
    let (eligible, amount) = (*eligible, eligible.unsigned_abs());
    let unless_zero = |points: Points| points.is_zero().then_some(Reason::BelowStep);
    match formula {
        Formula::Rate { per_minor } => (per_minor.checked_mul(Ratio::whole(amount)), None),
        Formula::Steps { points, step } => {
            let steps = amount / step.unsigned_abs().max(1);
            let gives = Ratio::whole(points.units()).checked_mul(Ratio::whole(steps));
            (gives, (steps == 0).then_some(Reason::BelowStep))
        }
        Formula::Bands { bands, above } => {
            let band = bands.iter().find(|(up_to, _)| eligible <= *up_to);
            let points = band.map_or(*above, |(_, points)| *points);
            (Some(Ratio::whole(points.units())), unless_zero(points))
        }
        Formula::Flat { points, on_partial_refund } => {
            let whole = Ratio::whole(points.units());
            let gives = match on_partial_refund {
                PartialRefund::Keep => Some(whole),
                PartialRefund::Proportional => {
                    part_of(whole, amount, originally().max(eligible).unsigned_abs())
                }
            };
            (gives, None)
        }
        Formula::PerItem { points } => {
            let items = Ratio::new(u128::from(items()), 1_000);
            let gives = items.and_then(|items| items.checked_mul(Ratio::whole(points.units())));
            (gives, None)
        }
        Formula::Chance(prizes) => {
            let points = drawn(prizes);
            let nothing = points.is_zero().then_some(Reason::NotDrawn);
            (Some(Ratio::whole(points.units())), nothing)
        }
        // A share is added when it is known what there is to share.
        Formula::ShareOf { .. } | Formula::ByTier(_) | Formula::ByMoney(_) => {
            (Some(Ratio::ZERO), None)
        }
    }
}

fn part_of(whole: Ratio, amount: u64, of: u64) -> Option<Ratio> {
    whole.checked_mul(Ratio::new(u128::from(amount), u128::from(of))?)
}
