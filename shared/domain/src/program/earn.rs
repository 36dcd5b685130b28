//! Earn rules: what an order gives, and when.
//!
//! To add a kind of formula, add a variant to [`Formula`] and follow the compiler to
//! the one `match` in `award/formula.rs`.

use crate::{
    points::Points,
    ratio::{Ratio, RoundingMode},
    time::{Day, Instant},
};

/// The most earn rules a program may have: which rules held is kept per line as one bit
/// each.
pub const RULES_MAX: usize = 128;

/// One way to earn.
#[derive(Clone, Debug)]
pub struct EarnRule {
    /// Its identifier, which explanations, caps and reports speak of for ever.
    pub id: String,
    /// What it does.
    pub effect: Effect,
    /// What must hold.
    pub when: Conditions,
    /// What must not hold: a line for which any of these holds is left out.
    pub unless: Conditions,
    /// How the eligible amount is measured: an index into
    /// [`crate::program::Program::bases`].
    pub base: usize,
    /// The group it competes in: an index into [`crate::program::Program::groups`].
    pub group: Option<usize>,
    /// How much it may give.
    pub limits: Vec<Limit>,
}

/// What a rule does.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Gives points of one currency (an index into
    /// [`crate::program::Program::currencies`]).
    Points {
        /// Which currency.
        currency: usize,
        /// How many.
        formula: Formula,
    },
    /// Multiplies what the other rules give for the lines on which it holds.
    Times(Ratio),
}

/// How an award is computed. Amounts of money are minor units of the program's money,
/// points are smallest units.
#[derive(Clone, Debug)]
pub enum Formula {
    /// So many points per minor unit of the eligible amount, exactly.
    Rate {
        /// Points per minor unit.
        per_minor: Ratio,
    },
    /// So many points for each *full* step.
    Steps {
        /// Points a step.
        points: Points,
        /// The size of a step in minor units; at least 1.
        step: i64,
    },
    /// So many points by the band that the eligible amount falls in.
    Bands {
        /// Inclusive upper bounds in minor units, ascending, and the points of each.
        bands: Vec<(i64, Points)>,
        /// The points above the last bound.
        above: Points,
    },
    /// The same for every order with something eligible.
    Flat {
        /// The points.
        points: Points,
        /// What a partial refund does to them.
        on_partial_refund: PartialRefund,
    },
}

/// What a partial refund does to a flat award. A full refund always takes it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartialRefund {
    /// It stays while something eligible is left.
    Keep,
    /// It shrinks with the eligible amount.
    Proportional,
}

/// Typed conditions; an empty list or `None` asks nothing. Several fields must all
/// hold; of one list any.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// The line's product.
    pub products: Vec<String>,
    /// The line's category.
    pub categories: Vec<String>,
    /// The line's brand.
    pub brands: Vec<String>,
    /// The order's channel.
    pub channels: Vec<String>,
    /// The order's store.
    pub stores: Vec<String>,
    /// The whole order is paid with tenders of these kinds. (A rule that applies only to
    /// the part paid by some tender says so in its [`Base`].)
    pub sole_tenders: Vec<String>,
    /// The member's level before the order.
    pub tiers: Vec<String>,
    /// The order is placed at or after this instant.
    pub from: Option<Instant>,
    /// The order is placed before this instant.
    pub to: Option<Instant>,
    /// The default base's eligible amount of the whole order is at least this, in minor
    /// units.
    pub order_at_least: Option<i64>,
}

/// How the eligible amount of a line is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// Whether the line's discounts are ignored.
    pub before_discounts: bool,
    /// Whether tax counts.
    pub with_tax: bool,
    /// Whether shipping counts.
    pub with_shipping: bool,
    /// Whether a tip counts.
    pub with_tip: bool,
    /// Categories of lines that never count (`gift_card`, `alcohol`, `card_load` …).
    pub without_categories: Vec<String>,
    /// Only the share of the order paid with these tenders counts; `None` is all.
    pub only_tenders: Option<Vec<String>>,
    /// The share of the order paid with these tenders does not count (`points` …).
    pub without_tenders: Vec<String>,
}

/// Rules that compete.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its identifier.
    pub id: String,
    /// Who wins.
    pub mode: GroupMode,
}

/// Which rules of a group count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupMode {
    /// All of them.
    Sum,
    /// The one that gives most; of equal ones the first in the file.
    Max,
    /// The first in the file that gives anything.
    First,
}

/// How multipliers that hold together combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MultiplierMode {
    /// 2 and 3 make 6.
    Multiply,
    /// 2 and 3 make 4: each adds what it is above one.
    Add,
    /// 2 and 3 make 3.
    Max,
}

/// How rules combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stacking {
    /// How multipliers combine.
    pub multipliers: MultiplierMode,
}

/// How much a rule may give to one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// At most this many points …
    pub points: Points,
    /// … in each of these.
    pub per: LimitPer,
}

/// The span that a limit counts over. Spans follow the day on which the order was
/// placed, in the program's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitPer {
    /// Each order by itself.
    Order,
    /// A calendar day.
    Day,
    /// An ISO 8601 week, Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
    /// For ever.
    Lifetime,
}

/// When and how exact awards become whole units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rounding {
    /// Which way.
    pub mode: RoundingMode,
    /// Over what.
    pub scope: RoundingScope,
}

/// What is rounded as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RoundingScope {
    /// The whole order, once.
    #[default]
    Order,
    /// Each line by itself.
    Line,
}

impl Conditions {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
            && self.categories.is_empty()
            && self.brands.is_empty()
            && self.channels.is_empty()
            && self.stores.is_empty()
            && self.sole_tenders.is_empty()
            && self.tiers.is_empty()
            && self.from.is_none()
            && self.to.is_none()
            && self.order_at_least.is_none()
    }
}

impl Default for Base {
    /// What a small careful shop wants: net of discounts, without tax, shipping, tips,
    /// gift-card purchases and the part paid with points.
    fn default() -> Self {
        Base {
            before_discounts: false,
            with_tax: false,
            with_shipping: false,
            with_tip: false,
            without_categories: vec!["gift_card".into()],
            only_tenders: None,
            without_tenders: vec!["points".into()],
        }
    }
}

impl LimitPer {
    /// The first day of the span that `day` falls in.
    pub fn start(self, day: Day) -> Day {
        match self {
            LimitPer::Order | LimitPer::Day => day,
            LimitPer::Week => {
                day.plus_days(-i32::from(day.date().weekday().to_monday_zero_offset()))
            }
            LimitPer::Month => Day::from_date(day.date().first_of_month()),
            LimitPer::Year => day.year_start(),
            LimitPer::Lifetime => Day::FIRST,
        }
    }
}
