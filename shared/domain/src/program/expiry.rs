//! When points become spendable and when they end.

use crate::time::{Day, Period};

/// When earned points become spendable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pending {
    /// At once.
    Never,
    /// At the start of the day this long after the order's day.
    For(Period),
    /// At the start of this day.
    Until(Day),
    /// When the order reaches this status.
    UntilStatus {
        /// The status.
        status: String,
        /// How long after the order's day they end that have waited for it in vain.
        cancelled_after: Option<Period>,
    },
}

/// When spendable points end. Points always end at the start of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// They do not.
    Never,
    /// Each lot, this long after the day of its order.
    After {
        /// How long.
        period: Period,
        /// Whether it lives on to the end of that month.
        to_end_of_month: bool,
    },
    /// All at once, this long after the member's last order or redemption.
    Inactive {
        /// How long.
        period: Period,
    },
    /// All on the same day of each year.
    Yearly {
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
    },
    /// All on one day.
    On(Day),
}

impl Expiry {
    /// The day at whose start points of an order of `day` end, as far as that is known
    /// when they are earned; otherwise [`Day::NEVER`].
    pub fn of_lot(&self, day: Day) -> Day {
        match *self {
            Expiry::Never | Expiry::Inactive { .. } => Day::NEVER,
            Expiry::After { period, to_end_of_month: false } => period.after(day),
            Expiry::After { period, to_end_of_month: true } => period.after(day).next_month(),
            Expiry::Yearly { month, day: of_month } => next_yearly(day, month, of_month),
            Expiry::On(end) => end,
        }
    }
}

/// The first date with this month and day after `day`; 29 February is the 28th in
/// common years.
fn next_yearly(day: Day, month: i8, of_month: i8) -> Day {
    let year = day.date().year();
    let in_year = |year: i16| {
        let first = jiff::civil::Date::new(year, month, 1).unwrap_or(day.date());
        let of_month = of_month.min(first.days_in_month());
        jiff::civil::Date::new(year, month, of_month).map_or(Day::NEVER, Day::from_date)
    };
    let this_year = in_year(year);
    if this_year > day { this_year } else { in_year(year + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::from_date(text.parse().expect("a date"))
    }

    #[test]
    fn lots_end_where_published_examples_say() {
        let six_months = Expiry::After { period: Period::Months(6), to_end_of_month: true };
        assert_eq!(six_months.of_lot(day("2020-12-15")), day("2021-07-01"));
        let eighteen = Expiry::After { period: Period::Months(18), to_end_of_month: false };
        assert_eq!(eighteen.of_lot(day("2025-06-12")), day("2026-12-12"));
        let yearly = Expiry::Yearly { month: 2, day: 29 };
        assert_eq!(yearly.of_lot(day("2026-01-01")), day("2026-02-28"));
        assert_eq!(yearly.of_lot(day("2026-02-28")), day("2027-02-28"));
    }
}
