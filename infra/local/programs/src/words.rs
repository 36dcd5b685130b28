//! How amounts, times and lists read.

pub mod choices;
mod conditions;
pub mod formulas;

use std::borrow::Cow;

use domain::{
    money::{Currency, display_minor},
    points::Points,
    program::{Limit, LimitPer, Most, Program},
    ratio::Ratio,
    time::{Day, Instant},
};

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The program's members.
    Customers,
    /// Those who run it.
    Staff,
}

/// The words of one program for one audience.
#[derive(Clone, Copy)]
pub struct Words<'p> {
    pub program: &'p Program,
    pub audience: Audience,
}

impl Words<'_> {
    /// `80 points`.
    pub fn points(&self, currency: usize, points: Points) -> String {
        self.number_of(currency, points.display(self.program.currencies[currency].decimals))
    }

    /// An exact number of smallest units, as points.
    pub fn exact_points(&self, currency: usize, units: Ratio) -> String {
        let decimals = u32::from(self.program.currencies[currency].decimals);
        let shown = units.checked_div(Ratio::whole(10_u64.pow(decimals))).unwrap_or(units);
        self.number_of(currency, shown.to_string())
    }

    fn number_of(&self, currency: usize, number: String) -> String {
        let of = &self.program.currencies[currency];
        let name = if number == "1" { &of.one } else { &of.other };
        format!("{number} {name}")
    }

    /// What several points of a currency are called.
    pub fn name(&self, currency: usize) -> &str {
        &self.program.currencies[currency].other
    }

    /// An amount of money, with a sign that customers know.
    pub fn money_in(&self, minor: i64, currency: Currency) -> String {
        let shown = display_minor(minor, currency);
        let sign = match (self.audience, currency.code()) {
            (Audience::Customers, "GBP") => "£",
            (Audience::Customers, "EUR") => "€",
            (Audience::Customers, "USD") => "$",
            _ => return shown,
        };
        format!("{sign}{}", shown.trim_end_matches(&format!(" {currency}")))
    }

    /// An amount of the program's money.
    pub fn money(&self, minor: i64) -> String {
        self.money_in(minor, self.program.money)
    }

    /// What one point costs, exactly, by the cost of its smallest unit in minor units.
    pub fn cost(&self, of_unit: Ratio) -> String {
        let points = Ratio::whole(10_u64.pow(u32::from(self.program.points().decimals)));
        let minor = Ratio::whole(10_u64.pow(u32::from(self.program.money.minor_digits())));
        let each = of_unit.checked_mul(points).and_then(|of_one| of_one.checked_div(minor));
        format!("{} {}", each.unwrap_or(of_unit), self.program.money)
    }

    /// `27 November 2026`.
    pub fn day(&self, day: Day) -> String {
        day.date().strftime("%-d %B %Y").to_string()
    }

    /// A day, with the time of day where that is not midnight.
    pub fn instant(&self, at: Instant) -> String {
        let local = self.program.time_zone.to_datetime(at.timestamp());
        let day = Day::from_date(local.date());
        match day.starts_at(&self.program.time_zone) == at {
            true => self.day(day),
            false => format!("{}, {}", self.day(day), local.strftime("%H:%M")),
        }
    }

    /// `from 27 November 2026 to the end of 30 November 2026`.
    pub fn span(&self, from: Option<Instant>, to: Option<Instant>) -> Option<String> {
        let from = from.map(|from| format!("from {}", self.instant(from)));
        let to = to.map(|to| {
            let day = Day::of(to, &self.program.time_zone);
            match day.starts_at(&self.program.time_zone) == to {
                true => format!("to the end of {}", self.day(day.plus_days(-1))),
                false => format!("to {}", self.instant(to)),
            }
        });
        let both: Vec<String> = from.into_iter().chain(to).collect();
        (!both.is_empty()).then(|| both.join(" "))
    }

    /// What members call a level.
    pub fn level<'t>(&'t self, id: &'t str) -> &'t str {
        let mut levels = self.program.tiers.iter().flat_map(|tiers| &tiers.levels);
        match levels.find(|level| level.id == id) {
            Some(level) if self.audience == Audience::Customers => &level.name,
            _ => id,
        }
    }

    /// `at most 100 points per month`.
    pub fn limit(&self, currency: usize, limit: &Limit) -> String {
        let times = |times: u32| match times {
            1 => "once".to_owned(),
            2 => "at most twice".to_owned(),
            times => format!("at most {times} times"),
        };
        let most = match limit.most {
            Most::Points(points) => format!("at most {}", self.points(currency, points)),
            Most::Times(number) => times(number),
        };
        format!("{most} {}", per(limit.per))
    }
}

/// The span of a limit.
pub fn per(per: LimitPer) -> Cow<'static, str> {
    let word = match per {
        LimitPer::Days(days) => return format!("in any {days} days").into(),
        LimitPer::Order => "per order",
        LimitPer::Day => "per day",
        LimitPer::Week => "per week",
        LimitPer::Month => "per month",
        LimitPer::Quarter => "per quarter",
        LimitPer::Year => "per year",
        LimitPer::Lifetime => "in all",
        LimitPer::Subject => "for the same thing",
        LimitPer::Everybody => "for all members together",
        LimitPer::GiverMonth => "per giver and month",
    };
    word.into()
}

/// The span of a goal.
pub fn each(per: LimitPer) -> Cow<'static, str> {
    let word = match per {
        LimitPer::Days(days) => return format!("{days} days").into(),
        LimitPer::Order => "order",
        LimitPer::Day => "day",
        LimitPer::Week => "week",
        LimitPer::Month => "month",
        LimitPer::Quarter => "quarter",
        LimitPer::Year => "year",
        LimitPer::Lifetime => "lifetime",
        LimitPer::Subject => "thing",
        LimitPer::Everybody => "program",
        LimitPer::GiverMonth => "giver and month",
    };
    word.into()
}

/// `a, b and c`.
pub fn all_of<S: AsRef<str>>(words: &[S]) -> String {
    joined(words, "and")
}

/// `a, b or c`.
pub fn any_of<S: AsRef<str>>(words: &[S]) -> String {
    joined(words, "or")
}

fn joined<S: AsRef<str>>(words: &[S], last: &str) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

/// A word of the shop's own, as a person reads it: `wish_list` is `wish list`.
pub fn spoken(word: &str) -> String {
    word.replace(['_', '-'], " ")
}

/// With a capital.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
