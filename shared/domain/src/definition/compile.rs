//! From what a file says to the program it means.

mod base;
mod conditions;
mod currencies;
mod earn;
mod expiry;
mod fitting;
mod formula;
mod goals;
mod notices;
mod referral;
mod rewards;
mod sharing;
mod targets;
mod tiers;

use std::{collections::BTreeSet, ops::Range};

use jiff::tz::TimeZone;

use super::{
    file::{Definition, Identity},
    names::{Id, Reference, Title},
    problem::{Mistakes, Wrong},
    written::{Kind, OneOrMany, Units, Written},
};
use crate::{
    money::Currency,
    program::{Base, Expiry, MultiplierMode, Origin, Pending, Program, Stacking},
    time::{Instant, Period},
};

/// The most items of one list.
const LIST_MAX: usize = 1_000;

/// What sections refer to in each other.
struct Known {
    /// The units of each currency, the program's points first.
    units: Vec<Units>,
    currencies: Vec<String>,
    tiers: Vec<String>,
    groups: Vec<String>,
    rules: Vec<sharing::KnownRule>,
    /// All money that orders may be paid in.
    money: Vec<Currency>,
    multipliers: MultiplierMode,
    bases: Vec<Base>,
    /// When points wait and end, unless a rule says otherwise.
    terms: (Option<Pending>, Option<Expiry>),
    in_force_from: Instant,
}

impl Known {
    /// The units of the points that members spend.
    fn points(&self) -> &Units {
        &self.units[0]
    }
}

/// The program, or `None` when there are mistakes.
pub(super) fn program(
    file: &Definition,
    version: u32,
    in_force_from: Instant,
    mistakes: &mut Mistakes,
) -> Option<Program> {
    let (ground, money) = ground_units(&file.program, mistakes);
    let units = currencies::units(file, &ground, mistakes);
    let currencies = currencies::currencies(file, &units, in_force_from, mistakes);
    let points = currencies.as_ref().and_then(|currencies| currencies.first());
    let points_terms = points.map(|points| (points.pending.clone(), points.expiry)).unzip();
    let base = base::program_base(file.base.as_ref(), &ground, mistakes);
    let stacking = file.stacking.as_ref().and_then(|stacking| stacking.multipliers.as_ref());
    let multipliers = mistakes.read_or(stacking, &ground, MultiplierMode::Multiply);
    let mut known = Known {
        units,
        currencies: currencies::ids(file),
        tiers: tiers::ids(file),
        groups: file.group.iter().map(|group| group.id.text.clone()).collect(),
        rules: sharing::known_rules(file),
        money,
        terms: points_terms,
        in_force_from,
        multipliers: multipliers.unwrap_or(MultiplierMode::Multiply),
        bases: vec![base.unwrap_or_default()],
    };
    let groups = earn::groups(file, &known, mistakes);
    let earn = earn::rules(file, &mut known, mistakes);
    let mut earn = earn;
    let goals = goals::goals(file, &known, earn.get_or_insert_default(), mistakes);
    let referral = referral::referral(file, &known, earn.get_or_insert_default(), mistakes);
    let notices = notices::notices(file, &known, mistakes);
    let tiers = file.tiers.as_ref().map(|tiers| tiers::tiers(tiers, &known, mistakes));
    let rewards = rewards::rewards(file, &known, mistakes);
    let targets = file.targets.as_ref();
    let targets = targets.map(|targets| targets::targets(targets, known.points(), mistakes));
    let targets = targets.unwrap_or_default();
    let late = file.program.late_by_at_most.as_ref();
    let late_by_at_most = mistakes.read_or(late, &ground, Period::Months(12));
    let guest_orders = file.program.guest_orders.as_ref();
    let guest_orders = guest_orders.and_then(|length| mistakes.read(length, &ground));
    let redenominated = file.points.redenominated.as_ref();
    let redenomination = mistakes.read_or(redenominated, &ground, 1);
    match (redenominated, redenomination) {
        (Some(written), Some(0 | 1_000_001..)) => {
            let wrong = Wrong::new("is no sensible number of points", "2 to 1000000");
            mistakes.blame(written, wrong);
        }
        (Some(written), Some(1)) => {
            mistakes.blame(written, Wrong::new("changes nothing", "2 to 1000000"));
        }
        _ => {}
    }
    let id = mistakes.read(&file.program.id, &ground);
    let name = mistakes.read(&file.program.name, &ground);
    let origin = Origin {
        as_of: file.program.as_of.as_ref().and_then(|day| mistakes.read(day, &ground)),
        source: file.program.source.as_ref().and_then(|note| mistakes.read(note, &ground)),
    };
    Some(Program {
        id: id?,
        version,
        in_force_from,
        name: name?,
        time_zone: ground.zone,
        money: ground.money?,
        other_money: known.money.iter().skip(1).copied().collect(),
        origin,
        late_by_at_most: late_by_at_most?,
        guest_orders,
        notices: notices?,
        referral,
        currencies: currencies?,
        bases: known.bases,
        earn: earn?,
        groups: groups?,
        goals: goals?,
        stacking: Stacking { multipliers: multipliers? },
        tiers: match tiers {
            Some(tiers) => Some(tiers?),
            None => None,
        },
        rewards: rewards?,
        redenomination: redenomination?,
        targets,
    })
}

/// The money and the zone that everything else is read in.
fn ground_units(program: &Identity, mistakes: &mut Mistakes) -> (Units, Vec<Currency>) {
    let nothing = Units {
        money: None,
        zone: TimeZone::UTC,
        decimals: 0,
        names: ["point".into(), "points".into()],
    };
    let money = list(Some(&program.money), &nothing, mistakes).unwrap_or_default();
    let zone = mistakes.read(&program.time_zone, &nothing);
    let zone = zone.unwrap_or(TimeZone::UTC);
    (Units { money: money.first().copied(), zone, ..nothing }, money)
}

/// Every item, or `None` when one is missing. All are looked at.
fn all<T>(items: impl IntoIterator<Item = Option<T>>) -> Option<Vec<T>> {
    let items: Vec<Option<T>> = items.into_iter().collect();
    items.into_iter().collect()
}

/// An id that none of its kind has yet.
fn new_id<'t>(
    id: &'t Written<Id>,
    seen: &mut BTreeSet<&'t str>,
    units: &Units,
    mistakes: &mut Mistakes,
) -> Option<String> {
    if !seen.insert(&id.text) {
        mistakes.blame(id, Wrong::new("is an id that is taken", "an id of its own"));
        return None;
    }
    mistakes.read(id, units).map(String::from)
}

/// A name, or what can be made of the id.
fn name(
    name: Option<&Written<Title>>,
    id: &Written<Id>,
    units: &Units,
    mistakes: &mut Mistakes,
) -> Option<String> {
    match name {
        Some(name) => mistakes.read(name, units),
        None => {
            let words = id.text.replace(['-', '_'], " ");
            let (first, rest) = words.split_at_checked(1).unwrap_or_default();
            Some(format!("{}{rest}", first.to_uppercase()))
        }
    }
}

/// The position of what a text refers to.
fn position(
    reference: &Written<Reference>,
    known: &[String],
    mistakes: &mut Mistakes,
) -> Option<usize> {
    let found = known.iter().position(|id| *id == reference.text);
    if found.is_none() && known.is_empty() {
        let wrong = Wrong::new("is not known", "what this file defines, which is none");
        mistakes.blame(reference, wrong);
    } else if found.is_none() {
        let known = known.iter().map(String::as_str);
        mistakes.blame(reference, Wrong::unknown(&reference.text, known));
    }
    found
}

/// The values of a list that is there; an empty one when it is not. A list that is there
/// and empty, or that names something twice, is a mistake.
fn list<K: Kind>(
    list: Option<&OneOrMany<K>>,
    units: &Units,
    mistakes: &mut Mistakes,
) -> Option<Vec<K::Value>> {
    let Some(list) = list else { return Some(Vec::new()) };
    if let OneOrMany::Long(many, at) = list
        && many.is_empty()
    {
        mistakes.add(at.clone(), "[]", Wrong::new("asks nothing", "at least one"));
        return None;
    }
    if let Some(surplus) = list.all().get(LIST_MAX) {
        let most = format!("at most {LIST_MAX}");
        mistakes.blame(surplus, Wrong::new("is one item too many", most));
        return None;
    }
    let mut seen = BTreeSet::new();
    for written in list.all().iter().filter(|written| !seen.insert(&written.text)) {
        mistakes.blame(written, Wrong::new("is named twice", "each once"));
    }
    all(list.all().iter().map(|written| mistakes.read(written, units)))
}

/// Levels that exist.
fn tier_list(
    tiers: Option<&OneOrMany<Reference>>,
    known: &Known,
    mistakes: &mut Mistakes,
) -> Option<Vec<String>> {
    for tier in tiers.map(OneOrMany::all).unwrap_or_default() {
        position(tier, &known.tiers, mistakes);
    }
    list(tiers, known.points(), mistakes)
}

/// Notes a level that does not exist, in a table that stands at `at`.
fn known_tier(tier: &str, at: &Range<usize>, tiers: &[String], mistakes: &mut Mistakes) {
    if tiers.is_empty() {
        let wrong = Wrong::new("is not known", "what this file defines, which is none");
        mistakes.add(at.clone(), tier, wrong);
    } else if !tiers.iter().any(|known| known == tier) {
        mistakes.add(at.clone(), tier, Wrong::unknown(tier, tiers.iter().map(String::as_str)));
    }
}
