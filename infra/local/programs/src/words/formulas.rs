//! How awards read.

use domain::{
    money::Currency,
    points::Points,
    program::{Formula, PartialRefund, Trigger},
    ratio::Ratio,
};

use super::{Words, all_of};

impl Words<'_> {
    /// `1 point for each 1.00 GBP`.
    pub fn formula(&self, currency: usize, formula: &Formula, on: &Trigger) -> String {
        self.formula_for(currency, formula, on, self.program.money)
    }

    fn formula_for(
        &self,
        currency: usize,
        formula: &Formula,
        on: &Trigger,
        paid: Currency,
    ) -> String {
        let points = |points: &Points| self.points(currency, *points);
        match formula {
            Formula::Rate { per_minor } => {
                let (units, minor) = rate(*per_minor, paid);
                let units = self.exact_points(currency, units);
                format!("{units} for each {}", self.money_in(minor, paid))
            }
            Formula::Steps { points: each, step } => {
                format!("{} for each full {}", points(each), self.money_in(*step, paid))
            }
            Formula::Bands { bands, above } => {
                let band = |(up_to, of_band): &(i64, Points)| {
                    format!("{} up to {}", points(of_band), self.money_in(*up_to, paid))
                };
                let bands: Vec<String> = bands.iter().map(band).collect();
                format!("{}, and {} above that", bands.join(", "), points(above))
            }
            Formula::Flat { points: all, on_partial_refund } => {
                let shrinking = match on_partial_refund {
                    PartialRefund::Keep => "",
                    PartialRefund::Proportional => " (less where some of it is given back)",
                };
                format!("{}{shrinking}", points(all))
            }
            Formula::PerItem { points: each } => {
                let of = match on {
                    Trigger::Order => "item",
                    Trigger::Activity(_) => "unit",
                };
                format!("{} for each {of}", points(each))
            }
            Formula::ShareOf { rules, share } => {
                format!("{} of what {}", percent(*share), self.rules_give(rules))
            }
            Formula::Chance(prizes) => {
                let prize = |prize: &domain::program::Prize| {
                    format!("{} for {} in {}", points(&prize.points), prize.wins, prize.of)
                };
                let prizes: Vec<String> = prizes.iter().map(prize).collect();
                format!("by a draw {}", prizes.join(", else "))
            }
            Formula::ByTier(by_tier) => {
                let level = |(level, of): &(String, Formula)| {
                    let of = self.formula_for(currency, of, on, paid);
                    format!("{of} ({})", self.level(level))
                };
                all_of(&self.lowest_first(by_tier).into_iter().map(level).collect::<Vec<_>>())
            }
            Formula::ByMoney(by_money) => {
                let money = by_money.iter();
                let money = money.map(|(paid, of)| self.formula_for(currency, of, on, *paid));
                super::any_of(&money.collect::<Vec<_>>())
            }
        }
    }

    /// What differs by level, in the order of the levels.
    pub fn lowest_first<'t, T>(&self, by_tier: &'t [(String, T)]) -> Vec<&'t (String, T)> {
        let mut by_tier: Vec<&(String, T)> = by_tier.iter().collect();
        let tiers = self.program.tiers.as_ref();
        by_tier.sort_by_key(|(level, _)| tiers.map(|tiers| tiers.position(level)));
        by_tier
    }

    /// `base and bonus give`.
    pub fn rules_give(&self, rules: &[usize]) -> String {
        let ids = rules.iter().filter_map(|rule| self.program.earn.get(*rule));
        let ids: Vec<&str> = ids.map(|rule| rule.id.as_str()).collect();
        let give = if ids.len() == 1 { "gives" } else { "give" };
        format!("{} {give}", all_of(&ids))
    }
}

/// A rate as a number of smallest units for an amount of money: of the smallest whole
/// amount for which the number is a decimal.
fn rate(per_minor: Ratio, paid: Currency) -> (Ratio, i64) {
    let one = 10_i64.pow(u32::from(paid.minor_digits()));
    let of = |amount: i64| per_minor.checked_mul(Ratio::whole(amount.unsigned_abs()));
    let exact = (1..=100).find_map(|times| {
        let units = of(one * times)?;
        (!units.to_string().contains('/')).then_some((units, one * times))
    });
    exact.unwrap_or((of(one).unwrap_or(per_minor), one))
}

/// `10%`.
pub fn percent(share: Ratio) -> String {
    let percent = share.checked_mul(Ratio::whole(100)).unwrap_or(share);
    format!("{percent}%")
}
