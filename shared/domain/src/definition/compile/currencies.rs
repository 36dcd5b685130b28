//! The points and the further currencies.

use std::collections::BTreeSet;

use super::{
    super::{
        file::{Definition, ExpiryTable, NameTable, PointsSection, RoundingTable},
        problem::{Mistakes, Wrong},
        times::Length,
        written::{Either, Units, Written},
    },
    all, expiry, new_id,
};
use crate::{
    program::{DebtPolicy, Expiry, Pending, PointsCurrency, Rounding, RoundingScope},
    ratio::{Ratio, RoundingMode},
    time::{Instant, Period},
};

/// The id by which rules call the program's points.
pub const POINTS: &str = "points";
/// The most currencies.
const CURRENCIES_MAX: usize = 8;

/// What currencies are called in the file, the program's points first.
pub fn ids(file: &Definition) -> Vec<String> {
    let further = file.currency.iter().map(|currency| currency.id.text.clone());
    std::iter::once(POINTS.to_owned()).chain(further).collect()
}

/// The units of each currency, the program's points first.
pub fn units(file: &Definition, ground: &Units, mistakes: &mut Mistakes) -> Vec<Units> {
    let points = (file.points.name.as_ref(), file.points.decimals.as_ref());
    let further = file.currency.iter().map(|it| (Some(&it.name), it.decimals.as_ref()));
    let units = std::iter::once(points).chain(further).map(|(name, decimals)| {
        // Decimals that cannot be read are taken for the most, to blame nothing else.
        let decimals = mistakes.read_or(decimals, ground, 0).unwrap_or(3);
        Units { decimals, names: names(name, ground, mistakes), ..ground.clone() }
    });
    units.collect()
}

fn names(name: Option<&NameTable>, ground: &Units, mistakes: &mut Mistakes) -> [String; 2] {
    let Some(name) = name else { return ground.names.clone() };
    let mut read = |title| mistakes.read(title, ground).unwrap_or_default();
    [read(&name.one), read(&name.other)]
}

/// The currencies, the program's points first.
pub fn currencies(
    file: &Definition,
    units: &[Units],
    in_force_from: Instant,
    mistakes: &mut Mistakes,
) -> Option<Vec<PointsCurrency>> {
    if let Some(surplus) = file.currency.get(CURRENCIES_MAX - 1) {
        let most = format!("at most {CURRENCIES_MAX}, points included");
        mistakes.blame(&surplus.id, Wrong::new("is one currency too many", most));
    }
    let mut units = units.iter();
    let tiers = super::tiers::ids(file);
    let points = spendable(&file.points, units.next()?, &tiers, in_force_from, mistakes);
    let mut seen = BTreeSet::from([POINTS, "spend", "orders"]);
    let further = all(file.currency.iter().zip(units).map(|(currency, units)| {
        let id = new_id(&currency.id, &mut seen, units, mistakes);
        let rounding = rounding(currency.rounding.as_ref(), units, mistakes);
        let given = file.earn.iter().filter_map(|rule| rule.currency.as_ref());
        if !given.into_iter().any(|given| given.text == currency.id.text) {
            let wrong = Wrong::new("is a currency that no earn rule gives", "a rule with it");
            mistakes.blame(&currency.id, wrong);
        }
        Some(qualifying(id?, units, rounding?))
    }));
    Some(std::iter::once(points?).chain(further?).collect())
}

/// The points that members spend.
fn spendable(
    points: &PointsSection,
    units: &Units,
    tiers: &[String],
    in_force_from: Instant,
    mistakes: &mut Mistakes,
) -> Option<PointsCurrency> {
    let cost = mistakes.read(&points.cost, units);
    let pending = mistakes.read_or(points.pending.as_ref(), units, Pending::Never);
    let written = points.expiry.as_ref();
    let ends = expiry::of_points(written, tiers, units, in_force_from, mistakes);
    if let (Some(pending), Some((expiry, _))) = (&pending, &ends) {
        expiry::leaves_time(points.pending.as_ref(), pending, *expiry, mistakes);
        expiry::nothing_to_keep_alive(written, *expiry, mistakes);
    }
    let rounding = rounding(points.rounding.as_ref(), units, mistakes);
    let refund = points.refund.as_ref();
    let clawback = refund.and_then(|refund| refund.clawback.as_ref());
    let debt = mistakes.read_or(clawback, units, DebtPolicy::Allow);
    let returned = refund.and_then(|refund| refund.returned_points_live_at_least.as_ref());
    let read_length = |of: fn(&ExpiryTable) -> Option<&Written<Length>>,
                       mistakes: &mut Mistakes| {
        let table = written.and_then(|expiry| match expiry {
            Either::Long(table, _) => Some(table),
            Either::Short(_) => None,
        });
        match table.and_then(of) {
            Some(length) => mistakes.read(length, units).map(Some),
            None => Some(None),
        }
    };
    let kept_alive_by = expiry::kept_alive_by(written, units, mistakes);
    let returned_live_at_least = mistakes.read_or(returned, units, Period::Days(30));
    let (expiry, by_tier) = ends?;
    Some(PointsCurrency {
        cost: cost?,
        pending: pending?,
        expiry,
        debt: debt?,
        returned_live_at_least: returned_live_at_least?,
        kept_alive_by: kept_alive_by?,
        extended_by: read_length(|table| table.by.as_ref(), mistakes)?,
        reinstated_within: read_length(|table| table.reinstated_within.as_ref(), mistakes)?,
        by_tier,
        ..qualifying(POINTS.into(), units, rounding?)
    })
}

/// Points that only count: worth nothing, at once and for ever.
fn qualifying(id: String, units: &Units, rounding: Rounding) -> PointsCurrency {
    let [one, other] = units.names.clone();
    PointsCurrency {
        id,
        one,
        other,
        decimals: units.decimals,
        cost: Ratio::ZERO,
        pending: Pending::Never,
        expiry: Expiry::Never,
        rounding,
        debt: DebtPolicy::Allow,
        returned_live_at_least: Period::Days(30),
        kept_alive_by: Vec::new(),
        extended_by: None,
        reinstated_within: None,
        by_tier: None,
    }
}

fn rounding(
    table: Option<&RoundingTable>,
    units: &Units,
    mistakes: &mut Mistakes,
) -> Option<Rounding> {
    let mode = table.and_then(|table| table.mode.as_ref());
    let mode = mistakes.read_or(mode, units, RoundingMode::Floor);
    let scope = table.and_then(|table| table.scope.as_ref());
    let scope = mistakes.read_or(scope, units, RoundingScope::Order);
    Some(Rounding { mode: mode?, scope: scope? })
}
