//! The levels.

use std::collections::BTreeSet;

use super::{
    super::{
        amounts::{Amount, Count, Spent, Threshold},
        file::{Definition, LevelTable, TiersSection},
        problem::{Mistakes, Wrong},
        words::Downgrade,
        written::Written,
    },
    Known, all,
    earn::at_least_one_or_multiplied,
    list, name, new_id, position,
};
use crate::{
    program::{Level, Measure, OnRefund, Tiers, Validity, Window},
    ratio::Ratio,
};

/// The most levels.
const LEVELS_MAX: usize = 32;

/// What levels are called in the file.
pub fn ids(file: &Definition) -> Vec<String> {
    let levels = file.tiers.iter().flat_map(|tiers| &tiers.levels);
    levels.map(|level| level.id.text.clone()).collect()
}

/// The levels and how they are reached and kept.
pub fn tiers(section: &TiersSection, known: &Known, mistakes: &mut Mistakes) -> Option<Tiers> {
    let units = known.points();
    let measure = measure(section, known, mistakes);
    let window = mistakes.read_or(section.window.as_ref(), units, Window::CalendarYear);
    let next_year = Validity::NextYear { extra_months: 0 };
    let validity = mistakes.read_or(section.valid.as_ref(), units, next_year);
    let on_refund = mistakes.read_or(section.on_refund.as_ref(), units, OnRefund::AtReview);
    let downgrade = section.downgrade.as_ref();
    let downgrade = mistakes.read_or(downgrade, units, Downgrade::ToLevelEarned);
    let levels = levels(section, measure, known, mistakes);
    Some(Tiers {
        measure: measure?,
        window: window?,
        validity: validity?,
        on_refund: on_refund?,
        one_step_down: downgrade? == Downgrade::OneLevel,
        levels: levels?,
    })
}

fn measure(section: &TiersSection, known: &Known, mistakes: &mut Mistakes) -> Option<Measure> {
    match section.measure.text.as_str() {
        "spend" => Some(Measure::Spend),
        "orders" => Some(Measure::Orders),
        id if known.currencies.iter().any(|known| known == id) => {
            position(&section.measure, &known.currencies, mistakes).map(Measure::Points)
        }
        unknown => {
            let words = ["spend", "orders"].into_iter();
            let words = words.chain(known.currencies.iter().map(String::as_str));
            mistakes.blame(&section.measure, Wrong::unknown(unknown, words));
            None
        }
    }
}

fn levels(
    section: &TiersSection,
    measure: Option<Measure>,
    known: &Known,
    mistakes: &mut Mistakes,
) -> Option<Vec<Level>> {
    let Some(first) = section.levels.first() else {
        let wrong = Wrong::new("has no levels", "at least one level, from 0");
        mistakes.blame(&section.measure, wrong);
        return None;
    };
    if let Some(surplus) = section.levels.get(LEVELS_MAX) {
        let most = format!("at most {LEVELS_MAX}");
        mistakes.blame(&surplus.id, Wrong::new("is one level too many", most));
    }
    let mut seen = BTreeSet::new();
    let levels = all(section.levels.iter().map(|level| {
        let id = new_id(&level.id, &mut seen, known.points(), mistakes);
        let compiled = compiled(level, measure?, known, mistakes)?;
        Some(Level { id: id?, ..compiled })
    }))?;
    if levels[0].from != 0 {
        mistakes.blame(&first.from, Wrong::new("is not for everybody", "0 for the first level"));
    }
    for (level, written) in levels.windows(2).zip(section.levels.windows(2)) {
        if level[1].from <= level[0].from {
            let more = format!("more than {}", written[0].from.text);
            mistakes.blame(&written[1].from, Wrong::new("is not above the level before", more));
        }
    }
    Some(levels)
}

fn compiled(
    level: &LevelTable,
    measure: Measure,
    known: &Known,
    mistakes: &mut Mistakes,
) -> Option<Level> {
    let units = known.points();
    let name = name(level.name.as_ref(), &level.id, units, mistakes);
    let from = from(&level.from, measure, known, mistakes);
    let earn_times = mistakes.read_or(level.earn_times.as_ref(), units, Ratio::ONE);
    if let (Some(ratio), Some(times)) = (earn_times, &level.earn_times) {
        at_least_one_or_multiplied(ratio, times, known, mistakes);
    }
    let benefits = list(level.benefits.as_ref(), units, mistakes);
    Some(Level {
        id: String::new(),
        name: name?,
        from: from?,
        earn_times: earn_times?,
        benefits: benefits?,
    })
}

/// What must be reached, in the units of the measure.
fn from(
    from: &Written<Threshold>,
    measure: Measure,
    known: &Known,
    mistakes: &mut Mistakes,
) -> Option<i64> {
    match measure {
        Measure::Spend => mistakes.read_as::<Spent, _>(from, known.points()),
        Measure::Orders => mistakes.read_as::<Count, _>(from, known.points()).map(i64::from),
        Measure::Points(currency) => {
            let points = mistakes.read_as::<Amount, _>(from, &known.units[currency])?;
            i64::try_from(points.units()).ok()
        }
    }
}
