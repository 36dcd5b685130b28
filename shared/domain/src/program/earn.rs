//! Earn rules: what an order gives, and when.
//!
//! To add a kind of formula, add a variant to [`Formula`] and follow the compiler to
//! the one `match` in `award/formula.rs`.

use crate::{
    birthday::NearBirthday,
    expression::Expression,
    ids::MemberId,
    money::Currency,
    order_state::OrderState,
    points::Points,
    program::{Expiry, Pending},
    ratio::{Ratio, RoundingMode},
    reason::Reason,
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
    /// What it listens to.
    pub on: Trigger,
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
    /// When its points become spendable, where that is not as for the currency.
    pub pending: Option<Pending>,
    /// When its points end, where that is not as for the currency.
    pub expiry: Option<Expiry>,
}

/// What a rule listens to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Orders.
    Order,
    /// Activities of one kind, by the word that the shop sends them under.
    Activity(String),
}

impl Trigger {
    /// Whether it is about an order (`None`) or an activity of this kind.
    pub fn hears(&self, activity: Option<&str>) -> bool {
        match self {
            Trigger::Order => activity.is_none(),
            Trigger::Activity(kind) => activity == Some(kind.as_str()),
        }
    }
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
    /// Gives nothing by itself: says what counts towards a goal.
    Counts,
}

/// How an award is computed. Amounts of money are minor units, points are smallest
/// units.
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
    /// So many points for each piece that was bought, or each unit of an activity.
    PerItem {
        /// The points.
        points: Points,
    },
    /// A share of what other rules give for the same order before multipliers.
    ShareOf {
        /// Their positions in [`crate::program::Program::earn`].
        rules: Vec<usize>,
        /// 1/10 is ten percent.
        share: Ratio,
    },
    /// A draw: what it gives follows from the seed that the order was recorded with.
    Chance(Vec<Prize>),
    /// One of several, by the member's level before the order.
    ByTier(Vec<(String, Formula)>),
    /// One of several, by the money that the order is paid in.
    ByMoney(Vec<(Currency, Formula)>),
}

/// One prize of a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prize {
    /// So many …
    pub wins: u32,
    /// … of so many win it.
    pub of: u32,
    /// The points.
    pub points: Points,
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
    /// What the shop has marked the member with.
    pub labels: Vec<String>,
    /// What an activity is about.
    pub subjects: Vec<String>,
    /// Days of the week, 1 is Monday.
    pub weekdays: Vec<u8>,
    /// Single days.
    pub days: Vec<Day>,
    /// It is the first order that the member is known to have placed.
    pub first_order: bool,
    /// It is the order of a friend whom a member brought.
    pub referred: bool,
    /// The day is that near to the member's birthday.
    pub birthday: Option<NearBirthday>,
    /// Only the first so many of the lines that hold count.
    pub lines_at_most: Option<u16>,
    /// What the other fields cannot say.
    pub expression: Option<Expression>,
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
    /// At most this much …
    pub most: Most,
    /// … in each of these.
    pub per: LimitPer,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Most {
    /// The points that the rule gives.
    Points(Points),
    /// The orders or activities for which it gives anything.
    Times(u32),
}

/// What is counted against a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// Points that a rule gave.
    Points,
    /// Orders or activities for which it gave anything.
    Times,
}

impl Counts {
    /// What an award counts.
    pub fn of(self, points: Points) -> i64 {
        match self {
            Counts::Points => crate::account::signed(points),
            Counts::Times => i64::from(!points.is_zero()),
        }
    }
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
    /// January to March, and so on.
    Quarter,
    /// A calendar year.
    Year,
    /// For ever.
    Lifetime,
    /// For ever, for each thing that activities are about: a product, a network, a code.
    Subject,
    /// For ever, for all members together: a budget with a hard stop.
    Everybody,
    /// A calendar month, for whoever gives: an allowance. What goes beyond it is refused.
    GiverMonth,
    /// Any so many days in a row: a cool-down. At most [`LimitPer::DAYS_MAX`].
    Days(u16),
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
            && self.labels.is_empty()
            && self.subjects.is_empty()
            && self.weekdays.is_empty()
            && self.days.is_empty()
            && !self.first_order
            && !self.referred
            && self.lines_at_most.is_none()
            && self.birthday.is_none()
            && self.expression.is_none()
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
    /// The longest cool-down, in days.
    pub const DAYS_MAX: u16 = 366;

    /// The first day of the span that `day` falls in; of days in a row, of those that end on
    /// it.
    pub fn start(self, day: Day) -> Day {
        match self {
            LimitPer::Order | LimitPer::Day => day,
            LimitPer::Week => {
                day.plus_days(-i32::from(day.date().weekday().to_monday_zero_offset()))
            }
            LimitPer::Month | LimitPer::GiverMonth => Day::from_date(day.date().first_of_month()),
            LimitPer::Quarter => {
                let first = Day::from_date(day.date().first_of_month());
                let into = u16::from(first.date().month().unsigned_abs() - 1) % 3;
                (0..into)
                    .fold(first, |day, _| Day::from_date(day.plus_days(-1).date().first_of_month()))
            }
            LimitPer::Year => day.year_start(),
            LimitPer::Lifetime | LimitPer::Subject | LimitPer::Everybody => Day::FIRST,
            LimitPer::Days(days) => day.plus_days(1 - i32::from(days)),
        }
    }

    /// The day under which it is kept what something on `day` counts.
    pub fn kept_under(self, day: Day) -> Day {
        match self {
            // They begin anew with every day.
            LimitPer::Days(_) => day,
            _ => self.start(day),
        }
    }

    /// The first day after the span that began on `start`.
    pub fn end(self, start: Day) -> Day {
        match self {
            LimitPer::Order | LimitPer::Day => start.plus_days(1),
            LimitPer::Week => start.plus_days(7),
            LimitPer::Month | LimitPer::GiverMonth => start.plus_months(1),
            LimitPer::Quarter => start.plus_months(3),
            LimitPer::Year => start.plus_months(12),
            LimitPer::Lifetime | LimitPer::Subject | LimitPer::Everybody => Day::NEVER,
            LimitPer::Days(days) => start.plus_days(i32::from(days)),
        }
    }
}

impl EarnRule {
    /// What the allowance of a giver is counted under in the month of a day; none for a rule
    /// without one.
    pub fn allowance(&self, giver: &MemberId, day: Day) -> Option<String> {
        let has = self.limits.iter().any(|limit| limit.per == LimitPer::GiverMonth);
        let month = LimitPer::GiverMonth.start(day);
        // A rule's id has no slash, and a day has none: the giver's may.
        has.then(|| format!("{}/{month}/{giver}", self.id))
    }
}

impl Limit {
    /// At most so many points in each span.
    pub fn points(points: Points, per: LimitPer) -> Limit {
        Limit { most: Most::Points(points), per }
    }

    /// What it counts.
    pub fn counts(&self) -> Counts {
        match self.most {
            Most::Points(_) => Counts::Points,
            Most::Times(_) => Counts::Times,
        }
    }

    /// Whether the account keeps what it counts.
    pub fn is_kept(&self) -> bool {
        let elsewhere = [LimitPer::Order, LimitPer::Subject, LimitPer::Everybody];
        !elsewhere.contains(&self.per) && self.per != LimitPer::GiverMonth
    }
}

impl Formula {
    /// The formula that counts for an order: by its level and its money.
    ///
    /// # Errors
    ///
    /// The reason why there is none.
    pub fn of<'f>(&'f self, order: &OrderState, money: Currency) -> Result<&'f Formula, Reason> {
        match self {
            Formula::ByTier(by_tier) => {
                let tier = order.tier.as_deref();
                let found = by_tier.iter().find(|(level, _)| Some(level.as_str()) == tier);
                found.ok_or(Reason::Tier).and_then(|(_, formula)| formula.of(order, money))
            }
            Formula::ByMoney(by_money) => {
                let paid = order.money.unwrap_or(money);
                let found = by_money.iter().find(|(of, _)| *of == paid);
                found.map(|(_, formula)| formula).ok_or(Reason::Currency)
            }
            Formula::Rate { .. } | Formula::Steps { .. } | Formula::Bands { .. } => {
                order.money.is_none_or(|paid| paid == money).then_some(self).ok_or(Reason::Currency)
            }
            Formula::Flat { .. }
            | Formula::PerItem { .. }
            | Formula::ShareOf { .. }
            | Formula::Chance(_) => Ok(self),
        }
    }
}
