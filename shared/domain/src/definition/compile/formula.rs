//! How an award is computed.

use std::ops::Range;

use super::{
    super::{
        awards::Award,
        file::AwardTable,
        problem::{Mistakes, Wrong},
        written::{Either, Units},
    },
    all,
};
use crate::program::{Formula, PartialRefund};

/// The most bands of an award.
const BANDS_MAX: usize = 100;

/// The formula of a short award or of a table.
pub fn formula(
    award: &Either<Award, AwardTable>,
    units: &Units,
    mistakes: &mut Mistakes,
) -> Option<Formula> {
    let (table, at) = match award {
        Either::Short(award) => return mistakes.read(award, units),
        Either::Long(table, at) => (table, at),
    };
    match table {
        AwardTable { flat: Some(flat), on_partial_refund, bands: None, above: None } => {
            let points = mistakes.read(flat, units);
            let on_partial_refund = on_partial_refund.as_ref();
            let on_partial_refund = mistakes.read_or(on_partial_refund, units, PartialRefund::Keep);
            Some(Formula::Flat { points: points?, on_partial_refund: on_partial_refund? })
        }
        AwardTable { bands: Some(_), above: Some(_), flat: None, on_partial_refund: None } => {
            bands(table, at, units, mistakes)
        }
        _ => {
            let wrong = Wrong::new(
                "is not an award",
                "either \"flat\", with \"on_partial_refund\" if need be, or \"bands\" and \"above\"",
            );
            mistakes.add(at.clone(), "points", wrong);
            None
        }
    }
}

fn bands(
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
