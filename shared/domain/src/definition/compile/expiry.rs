//! When points end.

use std::ops::Range;

use super::{
    super::{
        file::ExpiryTable,
        problem::{Mistakes, Wrong},
        times::{Expires, Wait},
        words::ExpiryRounding,
        written::{Either, Units, Written},
    },
    all, known_tier, list,
};
use crate::{
    fact::is_activity_kind,
    program::{Expiry, ExpiryByTier, OnDowngrade, Pending},
    time::{Day, Instant, Period},
};

/// When all points end, and on which levels otherwise; by default twelve months after
/// their order, with that month.
pub fn of_points(
    expiry: Option<&Either<Expires, ExpiryTable>>,
    tiers: &[String],
    units: &Units,
    in_force_from: Instant,
    mistakes: &mut Mistakes,
) -> Option<(Expiry, Option<ExpiryByTier>)> {
    match expiry {
        None => {
            let year = Expiry::After { period: Period::Months(12), to_end_of_month: true };
            Some((year, None))
        }
        Some(Either::Long(table, at)) if table.by_tier.is_some() => {
            let by_tier = by_tier(table, at, tiers, units, in_force_from, mistakes)?;
            // Members without a level are as those of the lowest on which points end.
            let ends = by_tier.ends.iter().map(|(_, expiry)| *expiry);
            let first = ends.into_iter().find(|expiry| *expiry != Expiry::Never);
            Some((first.unwrap_or(Expiry::Never), Some(by_tier)))
        }
        Some(other) => {
            if let Either::Long(ExpiryTable { on_downgrade: Some(written), .. }, _) = other {
                let wrong = Wrong::new("is read by nothing", "it to stand beside by_tier");
                mistakes.blame(written, wrong);
            }
            Some((ends(other, units, in_force_from, mistakes)?, None))
        }
    }
}

/// When the points of one rule end, where that is not as for all points.
pub fn of_rule(
    expiry: &Either<Expires, ExpiryTable>,
    units: &Units,
    in_force_from: Instant,
    mistakes: &mut Mistakes,
) -> Option<Expiry> {
    only_a_date(expiry, "it for all points, in [points]", mistakes);
    ends(expiry, units, in_force_from, mistakes)
}

/// Notes keys of a table that speak of more than when points end.
fn only_a_date(expiry: &Either<Expires, ExpiryTable>, instead: &str, mistakes: &mut Mistakes) {
    let Either::Long(table, at) = expiry else { return };
    let ExpiryTable {
        after: _,
        round: _,
        yearly: _,
        on: _,
        inactive,
        kept_alive_by,
        by,
        reinstated_within,
        by_tier,
        on_downgrade,
    } = table;
    let wrong = Wrong::new("is not read here", instead);
    for word in kept_alive_by.iter().flat_map(|words| words.all()).take(1) {
        mistakes.blame(word, wrong.clone());
    }
    for length in [inactive, by, reinstated_within].into_iter().flatten() {
        mistakes.blame(length, wrong.clone());
    }
    if by_tier.is_some() {
        mistakes.add(at.clone(), "by_tier", wrong.clone());
    }
    if let Some(written) = on_downgrade {
        mistakes.blame(written, wrong);
    }
}

/// One of the forms in which points end.
fn ends(
    expiry: &Either<Expires, ExpiryTable>,
    units: &Units,
    in_force_from: Instant,
    mistakes: &mut Mistakes,
) -> Option<Expiry> {
    let (table, at) = match expiry {
        Either::Short(short) => return mistakes.read(short, units),
        Either::Long(table, at) => (table, at),
    };
    if let (Some(round), None) = (&table.round, &table.after) {
        let wrong = Wrong::new("rounds nothing", "round to stand beside after");
        mistakes.blame(round, wrong);
    }
    match table {
        ExpiryTable { after: Some(after), inactive: None, yearly: None, on: None, .. } => {
            let round = table.round.as_ref();
            let round = mistakes.read_or(round, units, ExpiryRounding::EndOfMonth);
            let period = mistakes.read(after, units);
            let to_end_of_month = round? == ExpiryRounding::EndOfMonth;
            Some(Expiry::After { period: period?, to_end_of_month })
        }
        ExpiryTable { inactive: Some(length), after: None, yearly: None, on: None, .. } => {
            Some(Expiry::Inactive { period: mistakes.read(length, units)? })
        }
        ExpiryTable { yearly: Some(of_year), after: None, inactive: None, on: None, .. } => {
            let (month, day) = mistakes.read(of_year, units)?;
            Some(Expiry::Yearly { month, day })
        }
        ExpiryTable { on: Some(on), after: None, inactive: None, yearly: None, .. } => {
            let day = mistakes.read(on, units)?;
            if day.starts_at(&units.zone) <= in_force_from {
                let wrong = Wrong::new("is over when the program starts", "a later day");
                mistakes.blame(on, wrong);
            }
            Some(Expiry::On(day))
        }
        _ => {
            let wrong = Wrong::new(
                "does not say when points end",
                "exactly one of \"after\", \"inactive\", \"yearly\", \"on\" and, for all points, \"by_tier\"",
            );
            mistakes.add(at.clone(), "expiry", wrong);
            None
        }
    }
}

/// What counts as being active; by default orders and redemptions.
pub fn kept_alive_by(
    expiry: Option<&Either<Expires, ExpiryTable>>,
    units: &Units,
    mistakes: &mut Mistakes,
) -> Option<Vec<String>> {
    let default = || vec!["order".to_owned(), "redemption".to_owned()];
    let Some(Either::Long(
        ExpiryTable { kept_alive_by: Some(words), inactive, by, reinstated_within, .. },
        _,
    )) = expiry
    else {
        return Some(default());
    };
    if inactive.is_none() && by.is_none() && reinstated_within.is_none() {
        let wrong = Wrong::new(
            "keeps nothing alive",
            "it to stand beside inactive, by or reinstated_within",
        );
        words.all().iter().take(1).for_each(|word| mistakes.blame(word, wrong.clone()));
    }
    let keeps = |word: &str| default().iter().any(|it| it == word) || is_activity_kind(word);
    for word in words.all().iter().filter(|word| !keeps(&word.text)) {
        let wrong = Wrong::new(
            "is nothing that a member does",
            "\"order\", \"redemption\" or a kind of activity such as \"review\"",
        );
        mistakes.blame(word, wrong);
    }
    list(Some(words), units, mistakes)
}

/// Notes what keeps points alive that do not end.
pub fn nothing_to_keep_alive(
    expiry: Option<&Either<Expires, ExpiryTable>>,
    ends: Expiry,
    mistakes: &mut Mistakes,
) {
    let Some(Either::Long(table, _)) = expiry else { return };
    for length in [&table.by, &table.reinstated_within].into_iter().flatten() {
        if ends == Expiry::Never {
            mistakes.blame(length, Wrong::new("is for points that never end", "points that end"));
        }
    }
}

/// When points end on each level.
fn by_tier(
    table: &ExpiryTable,
    at: &Range<usize>,
    tiers: &[String],
    units: &Units,
    in_force_from: Instant,
    mistakes: &mut Mistakes,
) -> Option<ExpiryByTier> {
    let ExpiryTable { after, round, inactive, yearly, on, by_tier, on_downgrade, .. } = table;
    let by_tier = by_tier.as_ref()?;
    let twice = after.is_some() || inactive.is_some() || yearly.is_some() || on.is_some();
    if twice || round.is_some() {
        mistakes.add(
            at.clone(),
            "expiry",
            Wrong::new("says twice when points end", "by_tier alone"),
        );
    }
    if by_tier.is_empty() {
        mistakes.add(at.clone(), "by_tier", Wrong::new("names no level", "a level at least"));
    }
    for tier in by_tier.keys() {
        known_tier(tier, at, tiers, mistakes);
    }
    let on_downgrade = mistakes.read_or(on_downgrade.as_ref(), units, OnDowngrade::Rebase);
    // In the order of the levels, so that the lowest comes first.
    let named = tiers.iter().filter_map(|tier| by_tier.get_key_value(tier));
    let ends = all(named.map(|(tier, written)| {
        only_a_date(
            written,
            "\"after\", \"yearly\" or \"on\", and all else beside by_tier",
            mistakes,
        );
        Some((tier.clone(), ends(written, units, in_force_from, mistakes)?))
    }));
    Some(ExpiryByTier { ends: ends?, on_downgrade: on_downgrade? })
}

/// Notes a wait that is over only when the points it is for have ended.
pub fn leaves_time(
    written: Option<&Written<Wait>>,
    pending: &Pending,
    expiry: Expiry,
    mistakes: &mut Mistakes,
) {
    // Any first of March: no month after it is short.
    let day = Day::from_date(jiff::civil::date(2026, 3, 1));
    let too_long = match (pending, expiry) {
        (Pending::For(wait), Expiry::After { .. }) => expiry.of_lot(day) <= wait.after(day),
        (Pending::Until(until), Expiry::On(end)) => end <= *until,
        _ => false,
    };
    if let Some(written) = written.filter(|_| too_long) {
        mistakes.blame(written, Wrong::new("is no shorter than points live", "a shorter wait"));
    }
}
