//! The levels.

use std::collections::BTreeSet;

use super::{
    super::{
        amounts::{Amount, Count, Spent, Threshold},
        file::{Definition, LevelTable, TiersSection},
        problem::{Mistakes, Wrong, one_of},
        words::Downgrade,
        written::{Kind, Written},
    },
    Known, all,
    earn::at_least_one_or_multiplied,
    list, name, new_id, position,
};
use crate::{
    money::Currency,
    program::{Level, Measure, OnRefund, Requirement, Tiers, Validity, Window},
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
    let grace = section.grace.as_ref().map(|grace| mistakes.read(grace, units));
    if let (Some(written), Some(Validity::Lifetime)) = (&section.grace, validity) {
        mistakes.blame(written, Wrong::new("is for levels that never end", "valid to be a time"));
    }
    let levels = levels(section, measure, known, mistakes);
    Some(Tiers {
        measure: measure?,
        window: window?,
        validity: validity?,
        on_refund: on_refund?,
        one_step_down: downgrade? == Downgrade::OneLevel,
        grace: match grace {
            Some(grace) => Some(grace?),
            None => None,
        },
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
    if levels[0].from != Requirement::Nothing {
        mistakes.blame(&first.from, Wrong::new("is not for everybody", "0 for the first level"));
    }
    for (level, written) in levels.windows(2).zip(section.levels.windows(2)) {
        if is_no_more(&level[1].from, &level[0].from) {
            let more = format!("more than {}", written[0].from.text);
            mistakes.blame(&written[1].from, Wrong::new("is not above the level before", more));
        }
    }
    Some(levels)
}

/// Whether a level asks for no more than the one before. Only two amounts of one measure
/// can be compared.
fn is_no_more(above: &Requirement, below: &Requirement) -> bool {
    match (above, below) {
        (Requirement::Nothing, _) => true,
        (
            Requirement::AtLeast { measure, amount },
            Requirement::AtLeast { measure: other, amount: less },
        ) => measure == other && amount <= less,
        _ => false,
    }
}

fn compiled(
    level: &LevelTable,
    measure: Measure,
    known: &Known,
    mistakes: &mut Mistakes,
) -> Option<Level> {
    let units = known.points();
    let name = name(level.name.as_ref(), &level.id, units, mistakes);
    let from = requirement(&level.from, measure, known, mistakes);
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

/// What must be reached: `500.00 GBP`, `5000 miles or label gold-card`, and so on; a bare
/// number is of the main measure. `and` binds closer than `or`.
fn requirement(
    from: &Written<Threshold>,
    main: Measure,
    known: &Known,
    mistakes: &mut Mistakes,
) -> Option<Requirement> {
    if from.text == "by grant" {
        return Some(Requirement::Grant);
    }
    let alone = !from.text.contains(" and ") && !from.text.contains(" or ");
    let part = |part: &str, mistakes: &mut Mistakes| {
        let part = part_of(part, from, main, known, mistakes)?;
        if part == Requirement::Nothing && !alone {
            mistakes.blame(from, Wrong::new("asks nothing in one part", "more than 0 in each"));
        }
        Some(part)
    };
    let of_all = |all: &str, mistakes: &mut Mistakes| {
        let parts = super::all(all.split(" and ").map(|text| part(text, mistakes)));
        parts.map(|parts| one_or(parts, Requirement::All))
    };
    let any = from.text.split(" or ").map(|part| of_all(part, mistakes));
    super::all(any).map(|parts| one_or(parts, Requirement::Any))
}

fn one_or(mut parts: Vec<Requirement>, many: fn(Vec<Requirement>) -> Requirement) -> Requirement {
    if parts.len() > 1 { many(parts) } else { parts.pop().unwrap_or(Requirement::Nothing) }
}

fn part_of(
    text: &str,
    from: &Written<Threshold>,
    main: Measure,
    known: &Known,
    mistakes: &mut Mistakes,
) -> Option<Requirement> {
    let label = |label: &str, mistakes: &mut Mistakes| match label.contains(char::is_whitespace) {
        true => {
            let wrong = Wrong::new("has a label of several words", "labels of one word");
            mistakes.blame(from, wrong);
            None
        }
        false => Some(label.to_owned()),
    };
    if let Some(word) = text.strip_prefix("no label ") {
        return label(word, mistakes).map(Requirement::NoLabel);
    }
    if let Some(word) = text.strip_prefix("label ") {
        return label(word, mistakes).map(Requirement::Label);
    }
    if text == "by grant" {
        let alone = "by grant alone: the shop may grant any level";
        mistakes.blame(from, Wrong::new("mixes by grant with what can be reached", alone));
        return None;
    }
    let (over, text) = text.strip_prefix("over ").map_or((false, text), |text| (true, text));
    let measured = measure_of(text, main, known);
    match measured.and_then(|measure| Ok((measure, amount_of(text, measure, known)?))) {
        Ok((_, 0)) if !over => Some(Requirement::Nothing),
        Ok((measure, amount)) => {
            Some(Requirement::AtLeast { measure, amount: amount + i64::from(over) })
        }
        Err(wrong) => {
            mistakes.blame(from, wrong);
            None
        }
    }
}

/// What an amount is of, by the word that stands after the number.
fn measure_of(text: &str, main: Measure, known: &Known) -> Result<Measure, Wrong> {
    let Some((_, unit)) = text.split_once(' ') else { return Ok(main) };
    if matches!(unit, "order" | "orders") {
        return Ok(Measure::Orders);
    }
    let named = known.units.iter().zip(&known.currencies).position(|(units, id)| {
        id == unit || units.names.iter().any(|name| name.eq_ignore_ascii_case(unit))
    });
    match named {
        Some(currency) => Ok(Measure::Points(currency)),
        None if unit.parse::<Currency>().is_ok() => Ok(Measure::Spend),
        None => {
            let money = known.points().money.map_or("money".into(), |money| money.to_string());
            let currencies = known.currencies.iter().map(String::as_str);
            let words = [money.as_str(), "orders"].into_iter().chain(currencies);
            let words: Vec<&str> = words.collect();
            let counted = one_of(words.iter().copied());
            Err(Wrong {
                complaint: format!("asks for {unit:?}, which nothing counts"),
                expected: format!("{counted} after the number, or a label"),
                ..Wrong::unknown(unit, words)
            })
        }
    }
}

/// The amount, in the units of its measure.
fn amount_of(text: &str, measure: Measure, known: &Known) -> Result<i64, Wrong> {
    match measure {
        Measure::Spend => Spent::read(text, known.points()),
        Measure::Orders => {
            let number = text.strip_suffix(" orders").or(text.strip_suffix(" order"));
            Count::read(number.unwrap_or(text), known.points()).map(i64::from)
        }
        Measure::Points(currency) => {
            let number = text.split_once(' ').map_or(text, |(number, _)| number);
            let points = Amount::read(number, &known.units[currency])?;
            i64::try_from(points.units()).map_err(|_| Amount::misread())
        }
    }
}
