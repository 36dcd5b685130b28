//! What members are told before it happens.

use super::{
    super::{
        file::Definition,
        problem::{Mistakes, Wrong},
    },
    Known, list,
};
use crate::{program::Notices, time::Day};

/// When members are told; never without the table.
pub fn notices(file: &Definition, known: &Known, mistakes: &mut Mistakes) -> Option<Notices> {
    let Some(table) = &file.notices else { return Some(Notices::default()) };
    let points = list(table.points.as_ref(), known.points(), mistakes);
    let tier = table.tier.as_ref().map(|length| mistakes.read(length, known.points()));
    if let (Some(written), None) = (&table.tier, &file.tiers) {
        let wrong = Wrong::new("is about levels, and there are none", "a table [tiers]");
        mistakes.blame(written, wrong);
    }
    let mut points = points?;
    // The longest first, and none twice: by the days that they come on before any one day.
    let some_day = Day::from_number(30_000);
    points.sort_by_key(|length| length.before(some_day));
    points.dedup();
    Some(Notices { points, tier: tier.flatten() })
}
