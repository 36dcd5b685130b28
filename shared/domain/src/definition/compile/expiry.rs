//! When points end.

use super::{
    super::{
        file::ExpiryTable,
        problem::{Mistakes, Wrong},
        times::{Expires, Wait},
        words::ExpiryRounding,
        written::{Either, Units, Written},
    },
    all, list,
};
use crate::{
    program::{Expiry, ExpiryByTier, OnDowngrade, Pending},
    time::{Day, Instant, Period},
};

/// When points end; by default twelve months after their order, with that month.
pub fn expiry(
    expiry: Option<&Either<Expires, ExpiryTable>>,
    units: &Units,
    in_force_from: Instant,
    mistakes: &mut Mistakes,
) -> Option<Expiry> {
    let (table, at) = match expiry {
        None => return Some(Expiry::After { period: Period::Months(12), to_end_of_month: true }),
        Some(Either::Short(short)) => return mistakes.read(short, units),
        Some(Either::Long(table, at)) => (table, at),
    };
    if let (Some(round), None) = (&table.round, &table.after) {
        let wrong = Wrong::new("rounds nothing", "round to stand beside after");
        mistakes.blame(round, wrong);
    }
    match table {
        ExpiryTable { by_tier: Some(by_tier), .. } => {
            // The lowest level's is that of members without one.
            let ends = by_tier
                .values()
                .map(|each| self::expiry(Some(each), units, in_force_from, mistakes));
            let ends: Vec<Option<Expiry>> = ends.collect();
            let one = table.after.is_none() && table.inactive.is_none() && table.yearly.is_none();
            if !one || table.on.is_some() {
                let wrong = Wrong::new("says twice when points end", "by_tier alone");
                mistakes.add(at.clone(), "expiry", wrong);
            }
            ends.into_iter().flatten().find(|expiry| *expiry != Expiry::Never)
        }
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
                "exactly one of \"after\", \"inactive\", \"yearly\" and \"on\"",
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
    match expiry {
        Some(Either::Long(
            ExpiryTable { kept_alive_by: Some(words), inactive, by, reinstated_within, .. },
            _,
        )) => {
            if inactive.is_none() && by.is_none() && reinstated_within.is_none() {
                let wrong = Wrong::new(
                    "keeps nothing alive",
                    "it to stand beside inactive, by or reinstated_within",
                );
                words.all().iter().take(1).for_each(|word| mistakes.blame(word, wrong.clone()));
            }
            list(Some(words), units, mistakes)
        }
        _ => Some(default()),
    }
}

/// When points end on each level, where a table says so.
pub fn by_tier(
    expiry: Option<&Either<Expires, ExpiryTable>>,
    tiers: &[String],
    units: &Units,
    in_force_from: Instant,
    mistakes: &mut Mistakes,
) -> Option<Option<ExpiryByTier>> {
    let Some(Either::Long(table, at)) = expiry else { return Some(None) };
    let Some(by_tier) = &table.by_tier else {
        if let Some(written) = &table.on_downgrade {
            mistakes.blame(written, Wrong::new("is read by nothing", "it to stand beside by_tier"));
        }
        return Some(None);
    };
    let on_downgrade = mistakes.read_or(table.on_downgrade.as_ref(), units, OnDowngrade::Rebase)?;
    for tier in by_tier.keys().filter(|tier| !tiers.contains(tier)) {
        let levels = tiers.iter().map(String::as_str);
        mistakes.add(at.clone(), tier, Wrong::unknown(tier, levels));
    }
    // In the order of the levels, so that the lowest comes first.
    let named = tiers.iter().filter_map(|tier| by_tier.get_key_value(tier));
    let ends = all(named.map(|(tier, written)| {
        Some((tier.clone(), self::expiry(Some(written), units, in_force_from, mistakes)?))
    }))?;
    if ends.iter().any(|(_, expiry)| matches!(expiry, Expiry::Inactive { .. })) {
        let wrong = Wrong::new("ends by inactivity on a level", "inactive for all levels, or by");
        mistakes.add(at.clone(), "by_tier", wrong);
    }
    Some(Some(ExpiryByTier { ends, on_downgrade }))
}

/// Notes a wait that is over only when the points it is for have ended.
pub fn leaves_time(
    written: Option<&Written<Wait>>,
    pending: Option<&Pending>,
    expiry: Option<Expiry>,
    mistakes: &mut Mistakes,
) {
    let (Some(written), Some(Pending::For(wait)), Some(expiry)) = (written, pending, expiry) else {
        return;
    };
    // Any first of March: no month after it is short.
    let day = Day::from_date(jiff::civil::date(2026, 3, 1));
    if matches!(expiry, Expiry::After { .. }) && expiry.of_lot(day) <= wait.after(day) {
        mistakes.blame(written, Wrong::new("is no shorter than points live", "a shorter wait"));
    }
}
