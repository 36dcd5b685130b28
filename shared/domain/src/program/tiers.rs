//! Levels, the measure that reaches them, and how long they last.

use crate::{
    ratio::Ratio,
    time::{Day, Period},
};

/// A program's levels.
#[derive(Clone, Debug)]
pub struct Tiers {
    /// What is measured; levels may ask for other things as well.
    pub measure: Measure,
    /// Over which time.
    pub window: Window,
    /// How long a level that was reached lasts.
    pub validity: Validity,
    /// What a refund does to a level.
    pub on_refund: OnRefund,
    /// Whether a review takes a member down one level at most.
    pub one_step_down: bool,
    /// How long a level lives on after it has ended.
    pub grace: Option<Period>,
    /// At least one, ascending; the first is everybody's.
    pub levels: Vec<Level>,
}

/// One level.
#[derive(Clone, Debug)]
pub struct Level {
    /// Its identifier.
    pub id: String,
    /// What members call it.
    pub name: String,
    /// What must be reached.
    pub from: Requirement,
    /// What this level's members earn on everything.
    pub earn_times: Ratio,
    /// What else it gives, in the merchant's words.
    pub benefits: Vec<String>,
}

/// What reaches a level. Amounts are minor units for spend, smallest units for points, a
/// count for orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// Nothing: the level is everybody's.
    Nothing,
    /// So much of a measure, in the window.
    AtLeast {
        /// Of what.
        measure: Measure,
        /// How much.
        amount: i64,
    },
    /// The shop has marked the member with this.
    Label(String),
    /// The shop has not marked the member with this.
    NoLabel(String),
    /// Nothing but the shop's word.
    Grant,
    /// All of these.
    All(Vec<Requirement>),
    /// One of these.
    Any(Vec<Requirement>),
}

impl Requirement {
    /// Whether it is met, by what was measured and by the member's labels.
    pub fn is_met(&self, measured: &impl Fn(Measure) -> i64, labels: &[String]) -> bool {
        match self {
            Requirement::Nothing => true,
            Requirement::AtLeast { measure, amount } => measured(*measure) >= *amount,
            Requirement::Label(label) => labels.contains(label),
            Requirement::NoLabel(label) => !labels.contains(label),
            Requirement::Grant => false,
            Requirement::All(all) => all.iter().all(|each| each.is_met(measured, labels)),
            Requirement::Any(any) => any.iter().any(|each| each.is_met(measured, labels)),
        }
    }

    /// How much of a measure it asks for, where it does; of several amounts the least.
    pub fn amount_of(&self, wanted: Measure) -> Option<i64> {
        match self {
            Requirement::Nothing => Some(0),
            Requirement::AtLeast { measure, amount } => (*measure == wanted).then_some(*amount),
            Requirement::Label(_) | Requirement::NoLabel(_) | Requirement::Grant => None,
            Requirement::All(parts) | Requirement::Any(parts) => {
                parts.iter().filter_map(|part| part.amount_of(wanted)).min()
            }
        }
    }

    /// Adds the measures that it asks for.
    fn add_measures(&self, measures: &mut Vec<Measure>) {
        match self {
            Requirement::AtLeast { measure, .. } if !measures.contains(measure) => {
                measures.push(*measure);
            }
            Requirement::All(parts) | Requirement::Any(parts) => {
                parts.iter().for_each(|part| part.add_measures(measures));
            }
            _ => {}
        }
    }
}

/// What levels are reached by. Never the balance, which spending would lower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Eligible spend by the program's default base, net of refunds, in minor units.
    Spend,
    /// Points earned in a currency (an index), net of clawbacks.
    Points(usize),
    /// Orders with something eligible left.
    Orders,
}

/// The time over which a measure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// January to December.
    CalendarYear,
    /// The time of this length up to and including today.
    Rolling(Period),
    /// For ever.
    Lifetime,
}

/// How long a level lasts once it is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// The rest of this year, all of the next, and so many months more.
    NextYear {
        /// 2 is "to the end of February after".
        extra_months: u16,
    },
    /// So long from the day it was reached.
    For(Period),
    /// For ever.
    Lifetime,
}

/// What a refund does to a level that it no longer supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnRefund {
    /// Nothing: it lasts as long as it was given for.
    Keep,
    /// It goes at once.
    Recompute,
    /// It goes at the start of the next year, or when it ends if that is sooner.
    AtReview,
}

impl Tiers {
    /// The position of the highest level that is reached.
    pub fn level_for(&self, measured: impl Fn(Measure) -> i64, labels: &[String]) -> usize {
        self.levels.iter().rposition(|level| level.from.is_met(&measured, labels)).unwrap_or(0)
    }

    /// Everything that is measured, the main measure first.
    pub fn measures(&self) -> Vec<Measure> {
        let mut measures = vec![self.measure];
        self.levels.iter().for_each(|level| level.from.add_measures(&mut measures));
        measures
    }

    /// The position of the level named `id`; the first for a level that is no more.
    pub fn position(&self, id: &str) -> usize {
        self.levels.iter().position(|level| level.id == id).unwrap_or(0)
    }
}

impl Tiers {
    /// The first day whose amounts may still decide about a level on `today`: those of
    /// every window in which a level was reached that may still last.
    pub fn remembered_from(&self, today: Day) -> Day {
        let lasting = match self.validity {
            Validity::For(period) => period,
            Validity::NextYear { extra_months } => Period::Months(24 + extra_months),
            Validity::Lifetime => Period::Months(24),
        };
        let reached = lasting.window_start(today).plus_days(-1);
        match self.window {
            Window::CalendarYear => reached.year_start(),
            Window::Rolling(period) => period.window_start(reached).plus_days(-1),
            Window::Lifetime => Day::FIRST,
        }
    }
}

impl Measure {
    /// The number that it is kept under.
    pub fn number(self) -> u8 {
        match self {
            Measure::Spend => 0,
            Measure::Orders => 1,
            Measure::Points(currency) => {
                u8::try_from(currency).unwrap_or(u8::MAX).saturating_add(2)
            }
        }
    }
}

impl Window {
    /// The day that amounts of `day` are kept under: windows that move are kept by day,
    /// the others by their start.
    pub fn kept_under(&self, day: Day) -> Day {
        match self {
            Window::CalendarYear => day.year_start(),
            Window::Rolling(_) => day,
            Window::Lifetime => Day::FIRST,
        }
    }

    /// The first day that counts in the window that contains `day` and ends no later.
    pub fn start(&self, day: Day) -> Day {
        match self {
            Window::CalendarYear => day.year_start(),
            Window::Rolling(period) => period.window_start(day),
            Window::Lifetime => Day::FIRST,
        }
    }
}

impl Validity {
    /// The day at whose start a level ends that was reached on `day`; later than `day`.
    pub fn ends_on(&self, day: Day) -> Option<Day> {
        match self {
            Validity::NextYear { extra_months } => {
                Some(day.year_start().plus_months(extra_months.saturating_add(24)))
            }
            Validity::For(period) => Some(period.after(day).max(day.plus_days(1))),
            Validity::Lifetime => None,
        }
    }
}
