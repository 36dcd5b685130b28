//! How an award is computed.

use std::ops::Range;

use super::{
    super::{
        awards::{Award, LongAward},
        file::AwardTable,
        problem::{Mistakes, Wrong, one_of},
        written::{Either, Units, Written},
    },
    Known, all, known_tier, list,
    sharing::{Sharer, shared},
};
use crate::{
    money::Currency,
    program::{Formula, PartialRefund, Prize},
};

/// The most bands of an award.
const BANDS_MAX: usize = 100;

/// The formula of a short award, a list or a table.
pub fn formula(
    award: &Either<Award, LongAward>,
    units: &Units,
    sharer: &Sharer<'_>,
    known: &Known,
    mistakes: &mut Mistakes,
) -> Option<Formula> {
    match award {
        Either::Short(award) => match money_of(&award.text, known) {
            Some(paid) if Some(paid) != units.money => {
                by_money(std::slice::from_ref(award), units, known, mistakes)
            }
            _ => mistakes.read(award, units),
        },
        Either::Long(LongAward::List(awards), _) => by_money(awards, units, known, mistakes),
        Either::Long(LongAward::Table(table), at) => {
            of_table(table, at, (units, sharer), known, mistakes)
        }
    }
}

fn of_table(
    table: &AwardTable,
    at: &Range<usize>,
    (units, sharer): (&Units, &Sharer<'_>),
    known: &Known,
    mistakes: &mut Mistakes,
) -> Option<Formula> {
    let AwardTable { flat, on_partial_refund, bands, above, .. } = table;
    let AwardTable { share_of, percent, chance, by_tier, .. } = table;
    let shape = (flat, bands, above, share_of, percent, chance, by_tier);
    let of_flat = on_partial_refund.is_none() || flat.is_some();
    match shape {
        (Some(flat), None, None, None, None, None, None) => {
            let points = mistakes.read(flat, units);
            let on_partial_refund = on_partial_refund.as_ref();
            let on_partial_refund = mistakes.read_or(on_partial_refund, units, PartialRefund::Keep);
            Some(Formula::Flat { points: points?, on_partial_refund: on_partial_refund? })
        }
        (None, Some(_), Some(_), None, None, None, None) if of_flat => {
            bands_of(table, at, units, mistakes)
        }
        (None, None, None, Some(rules), Some(percent), None, None) if of_flat => {
            let rules = list(Some(rules), units, mistakes).and(Some(rules))?;
            let rules = all(rules.all().iter().map(|id| shared(id, sharer, known, mistakes)));
            let share = mistakes.read(percent, units);
            Some(Formula::ShareOf { rules: rules?, share: share? })
        }
        (None, None, None, None, None, Some(prizes), None) if of_flat => {
            let prizes = all(prizes.iter().map(|(odds, points)| {
                let odds = mistakes.read(odds, units);
                let points = mistakes.read(points, units);
                let super::super::awards::Odds(wins, of) = odds?;
                Some(Prize { wins, of, points: points? })
            }))?;
            sensible_draw(&prizes, at, mistakes);
            Some(Formula::Chance(prizes))
        }
        (None, None, None, None, None, None, Some(by_tier)) if of_flat => {
            if by_tier.is_empty() {
                let wrong = Wrong::new("names no level", "an award for a level at least");
                mistakes.add(at.clone(), "by_tier", wrong);
            }
            let by_tier = by_tier.iter().map(|(tier, award)| {
                known_tier(tier, at, &known.tiers, mistakes);
                if let Either::Long(LongAward::Table(table), at) = award
                    && table.by_tier.is_some()
                {
                    let wrong = Wrong::new("asks for the level again", "an award of the level");
                    mistakes.add(at.clone(), "by_tier", wrong);
                    return None;
                }
                Some((tier.clone(), formula(award, units, sharer, known, mistakes)?))
            });
            all(by_tier).map(Formula::ByTier)
        }
        _ => {
            let wrong = Wrong::new(
                "is not an award",
                "one of \"flat\" (with \"on_partial_refund\" if need be), \"bands\" and \"above\", \
                 \"share_of\" and \"percent\", \"chance\", or \"by_tier\"",
            );
            mistakes.add(at.clone(), "points", wrong);
            None
        }
    }
}

/// Notes a draw without prizes, and prizes behind one that everybody wins.
fn sensible_draw(prizes: &[Prize], at: &Range<usize>, mistakes: &mut Mistakes) {
    if prizes.is_empty() {
        mistakes.add(at.clone(), "chance", Wrong::new("wins nothing", "at least one prize"));
    }
    let certain = prizes.iter().position(|prize| prize.wins == prize.of);
    if certain.is_some_and(|certain| certain + 1 < prizes.len()) {
        let wrong = Wrong::new("has a prize that nobody can win", "what everybody wins to be last");
        mistakes.add(at.clone(), "chance", wrong);
    }
}

/// The money that an award or a price ends with, where the program takes it.
pub(super) fn money_of(text: &str, known: &Known) -> Option<Currency> {
    let code = text.rsplit(' ').next()?.parse().ok()?;
    known.money.contains(&code).then_some(code)
}

/// An award for each money.
fn by_money(
    awards: &[Written<Award>],
    units: &Units,
    known: &Known,
    mistakes: &mut Mistakes,
) -> Option<Formula> {
    let mut by_money: Vec<(Currency, Formula)> = Vec::new();
    for award in awards {
        let Some(paid) = money_of(&award.text, known) else {
            let moneys = known.money.iter().map(|money| format!("1 per 1.00 {money}"));
            let moneys: Vec<String> = moneys.collect();
            let expected =
                format!("an award such as {}", one_of(moneys.iter().map(String::as_str)));
            let wrong = Wrong::new("is for no money of the program's", expected);
            mistakes.blame(award, wrong);
            return None;
        };
        if by_money.iter().any(|(known, _)| *known == paid) {
            mistakes.blame(award, Wrong::new("is for the same money again", "each money once"));
        }
        let units = Units { money: Some(paid), ..units.clone() };
        by_money.push((paid, mistakes.read(award, &units)?));
    }
    Some(Formula::ByMoney(by_money))
}

fn bands_of(
    table: &AwardTable,
    at: &Range<usize>,
    units: &Units,
    mistakes: &mut Mistakes,
) -> Option<Formula> {
    let above = mistakes.read(table.above.as_ref()?, units);
    let written = table.bands.as_ref()?;
    if let Some((surplus, _)) = written.get(BANDS_MAX) {
        let most = format!("at most {BANDS_MAX}");
        mistakes.blame(surplus, Wrong::new("is one band too many", most));
        return None;
    }
    let bands = all(written.iter().map(|(up_to, points)| {
        let up_to = mistakes.read(up_to, units);
        let points = mistakes.read(points, units);
        Some((up_to?, points?))
    }))?;
    for (pair, (up_to, _)) in bands.windows(2).zip(written.iter().skip(1)) {
        if pair[1].0 <= pair[0].0 {
            mistakes.blame(up_to, Wrong::new("is not above the band before", "ascending amounts"));
        }
    }
    let above = above?;
    if bands.is_empty() || bands.iter().all(|(_, points)| *points == above) {
        let wrong = Wrong::new("are no bands", "bands that differ");
        mistakes.add(at.clone(), "bands", wrong);
    }
    Some(Formula::Bands { bands, above })
}
