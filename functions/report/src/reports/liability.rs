//! Liability: what members still have, when it ends, and what it would cost.

use std::collections::BTreeMap;

use domain::{
    program::Program,
    ratio::{Ratio, RoundingMode, split_by_largest_remainder},
    rollup::{DayRollup, Figure, Sums},
    time::Day,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{csv, month};

/// What members have at the end of a day.
///
/// Points that are spendable, waiting or held are outstanding. Points whose end has come
/// by the day are not, and waiting points whose date has come are spendable, whether or
/// not either was booked. (Where points end by inactivity, only the booking says so: such
/// points count until then.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Liability {
    /// The program's id.
    pub program: String,
    /// The day, in the program's time zone.
    #[schemars(with = "String")]
    pub at: Day,
    /// The decimals of points: 10^decimals smallest units are one point.
    pub decimals: u8,
    /// The ISO 4217 code of the money.
    pub currency: String,
    /// What one smallest unit of points costs the shop when it is spent, in minor units,
    /// exactly: a decimal, or a fraction where none is exact.
    pub cost_per_unit: String,
    /// All outstanding points. Its cost is exact, rounded once, a half to the even
    /// neighbour; the costs of its parts add up to it.
    pub outstanding: Worth,
    /// The part of it that is set aside for checkouts. It has no end while it is.
    pub held: Worth,
    /// The rest by the month in which it ends, soonest first, what never ends last.
    pub ending: Vec<Ending>,
    /// The waiting part of the rest by the month in which it becomes spendable, soonest
    /// first, what waits for an order's status last.
    pub maturing: Vec<Maturing>,
    /// Points that members owe. They are not taken off what is outstanding.
    pub debt: i64,
    /// How it came to this: what came less what went is what is outstanding less debt.
    pub since_start: SinceStart,
}

/// Points and their cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Worth {
    /// Smallest units.
    pub points: i64,
    /// Minor units.
    pub cost: i64,
}

/// Points that end in one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Ending {
    /// The month of the last day on which they can be spent, as `2027-02`; null when they
    /// never end.
    pub month: Option<String>,
    /// The spendable ones.
    pub available: i64,
    /// The waiting ones.
    pub pending: i64,
    /// Both.
    pub points: i64,
    /// Their cost in minor units.
    pub cost: i64,
}

/// Points that become spendable in one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Maturing {
    /// The month of the day on which they do, as `2026-12`; null when they wait for their
    /// order's status.
    pub month: Option<String>,
    /// How many.
    pub points: i64,
}

/// What moved from the program's first day to the end of the report's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SinceStart {
    /// Came: given by the rules.
    pub issued: i64,
    /// Came: given by hand.
    pub adjusted_in: i64,
    /// Came: had from other members.
    pub transferred_in: i64,
    /// Went: spent, less what came back.
    pub redeemed: i64,
    /// Went: ended unspent.
    pub expired: i64,
    /// The part of `expired` that nobody has booked yet.
    pub expired_unbooked: i64,
    /// Went: taken back after refunds.
    pub clawed_back: i64,
    /// Went: taken by hand.
    pub adjusted_out: i64,
    /// Went: given to causes.
    pub donated: i64,
    /// Went: given to other members.
    pub transferred_out: i64,
    /// Neither: what refunds could not take back because it was spent, and nobody owes.
    pub written_off: i64,
}

/// What members have at the end of the day `at`, given the roll-ups of all days up to it.
pub fn liability(days: &[(Day, DayRollup)], program: &Program, at: Day) -> Liability {
    let mut total = DayRollup::default();
    days.iter().filter(|(day, _)| *day <= at).for_each(|(_, rollup)| total.add(rollup));
    let lots = Lots::at(&total, at);
    let points = program.points();
    let held = total.get(Figure::Held);
    let mut ending = lots.ending();
    let of_months: i64 = ending.iter().map(|ending| ending.points).sum();
    let parts: Vec<i64> = ending.iter().map(|ending| ending.points).chain([held]).collect();
    let costs = costs(points.cost, &parts);
    for (ending, cost) in ending.iter_mut().zip(&costs) {
        ending.cost = *cost;
    }
    let of_held = costs.last().copied().unwrap_or(0);
    Liability {
        program: program.id.to_string(),
        at,
        decimals: points.decimals,
        currency: program.money.code().to_owned(),
        cost_per_unit: points.cost.to_string(),
        outstanding: Worth { points: of_months + held, cost: costs.iter().sum() },
        held: Worth { points: held, cost: of_held },
        ending,
        maturing: lots.maturing(),
        debt: total.get(Figure::DebtIncreased) - total.get(Figure::DebtRepaid),
        since_start: SinceStart::of(&total, lots.ended),
    }
}

/// Lots as time alone has made them by the end of a day.
#[derive(Default)]
struct Lots {
    available: Sums<Day>,
    /// By maturity and end.
    pending: Sums<(Day, Day)>,
    /// What has ended and was not booked.
    ended: i64,
}

impl Lots {
    fn at(total: &DayRollup, at: Day) -> Lots {
        let mut lots = Lots::default();
        for (end, points) in total.available.iter() {
            lots.spendable(*end, points, at);
        }
        for ((matures_on, end), points) in total.pending.iter() {
            if *matures_on <= at || *end <= at {
                lots.spendable(*end, points, at);
            } else {
                lots.pending.add((*matures_on, *end), points);
            }
        }
        lots
    }

    fn spendable(&mut self, end: Day, points: i64, at: Day) {
        if end <= at {
            self.ended += points;
        } else {
            self.available.add(end, points);
        }
    }

    fn ending(&self) -> Vec<Ending> {
        // Points end at the start of a day; the day before is the last of their use.
        let last_day = |end: Day| if end == Day::NEVER { end } else { end.plus_days(-1) };
        let mut months = BTreeMap::<Day, Ending>::new();
        let mut add = |end: Day, available: i64, pending: i64| {
            let month = month(last_day(end));
            let empty = Ending { month, available: 0, pending: 0, points: 0, cost: 0 };
            let ending = months.entry(first_of_month(last_day(end))).or_insert(empty);
            ending.available += available;
            ending.pending += pending;
            ending.points += available + pending;
        };
        self.available.iter().for_each(|(end, points)| add(*end, points, 0));
        self.pending.iter().for_each(|((_, end), points)| add(*end, 0, points));
        months.into_values().collect()
    }

    fn maturing(&self) -> Vec<Maturing> {
        let months = self.pending.iter().map(|((on, _), points)| (first_of_month(*on), points));
        let months: Sums<Day> = months.collect();
        months.iter().map(|(on, points)| Maturing { month: month(*on), points }).collect()
    }
}

fn first_of_month(day: Day) -> Day {
    if day == Day::NEVER { day } else { Day::from_date(day.date().first_of_month()) }
}

/// The cost of the sum of parts, rounded once and split over them.
fn costs(cost: Ratio, parts: &[i64]) -> Vec<i64> {
    let weights: Vec<u64> =
        parts.iter().map(|points| u64::try_from(*points).unwrap_or(0)).collect();
    let points = weights.iter().fold(0_u64, |sum, points| sum.saturating_add(*points));
    let exact = Ratio::whole(points).checked_mul(cost);
    let total = exact.and_then(|exact| exact.round(RoundingMode::HalfEven)).unwrap_or(u64::MAX);
    let split = split_by_largest_remainder(total, &weights).into_iter();
    split.map(|part| i64::try_from(part).unwrap_or(i64::MAX)).collect()
}

impl SinceStart {
    fn of(total: &DayRollup, ended: i64) -> SinceStart {
        let get = |figure| total.get(figure);
        SinceStart {
            issued: get(Figure::Issued),
            adjusted_in: get(Figure::AdjustedIn),
            transferred_in: get(Figure::TransferredIn),
            redeemed: get(Figure::Redeemed),
            expired: get(Figure::Expired) + ended,
            expired_unbooked: ended,
            clawed_back: get(Figure::ClawedBack),
            adjusted_out: get(Figure::AdjustedOut),
            donated: get(Figure::Donated),
            transferred_out: get(Figure::TransferredOut),
            written_off: get(Figure::WrittenOff),
        }
    }
}

impl Liability {
    /// The outstanding points as comma-separated values: a line for each month in which
    /// some end (`ends` is the month or `never`), one for the held ones (`held`) and one
    /// for all (`total`).
    pub fn csv(&self) -> String {
        let names = ["ends", "available", "pending", "held", "points", "cost_minor", "currency"];
        let line = |ends: &str, parts: [i64; 3], worth: Worth| {
            let [available, pending, held] = parts.map(|part| part.to_string());
            let (points, cost) = (worth.points.to_string(), worth.cost.to_string());
            [ends.to_owned(), available, pending, held, points, cost, self.currency.clone()]
        };
        let of_month = |ending: &Ending| {
            let ends = ending.month.as_deref().unwrap_or("never");
            let worth = Worth { points: ending.points, cost: ending.cost };
            line(ends, [ending.available, ending.pending, 0], worth)
        };
        let sum = |part: fn(&Ending) -> i64| self.ending.iter().map(part).sum::<i64>();
        let parts =
            [sum(|ending| ending.available), sum(|ending| ending.pending), self.held.points];
        let mut lines = vec![names.map(str::to_owned)];
        lines.extend(self.ending.iter().map(of_month));
        lines.push(line("held", [0, 0, self.held.points], self.held));
        lines.push(line("total", parts, self.outstanding));
        csv(lines)
    }
}
