//! Birthdays. The ledger never knows one: a rule asks whether a day is near it, and the
//! answer is all that is kept.

use crate::time::Day;

/// A birthday, as the member's profile has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Birthday {
    /// 1 to 12.
    pub month: i8,
    /// 1 to 31; 29 February is 28 February in common years.
    pub day: i8,
    /// The day on which the member told it.
    pub told_on: Day,
}

/// How near to a birthday a day is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NearBirthday {
    /// The day itself and so many days after it.
    Days(u16),
    /// In its month.
    Month,
}

/// A birthday that was told less than this many days before counts from the next year on:
/// nobody has two in a year.
const GUARD_DAYS: i32 = 30;

impl Birthday {
    /// Whether `day` is near it.
    pub fn is_near(&self, day: Day, near: NearBirthday) -> bool {
        let years = [day.date().year() - 1, day.date().year()];
        years.into_iter().filter_map(|year| self.in_year(year)).any(|birthday| {
            let told_in_time = self.told_on.plus_days(GUARD_DAYS) <= birthday;
            let is_near = match near {
                NearBirthday::Days(days) => {
                    birthday <= day && day <= birthday.plus_days(i32::from(days))
                }
                NearBirthday::Month => {
                    let month = |day: Day| (day.date().year(), day.date().month());
                    month(birthday) == month(day)
                }
            };
            told_in_time && is_near
        })
    }

    fn in_year(&self, year: i16) -> Option<Day> {
        let first = jiff::civil::Date::new(year, self.month, 1).ok()?;
        let day = self.day.min(first.days_in_month());
        jiff::civil::Date::new(year, self.month, day).ok().map(Day::from_date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::from_date(text.parse().expect("a date"))
    }

    #[test]
    fn a_leap_day_is_the_28th_in_common_years() {
        let leap = Birthday { month: 2, day: 29, told_on: day("2020-01-01") };
        let cases = [
            ("2024-02-29", true, true),
            ("2024-02-28", false, true),
            ("2025-02-28", true, true),
            ("2025-03-01", false, false),
        ];
        for (text, on_the_day, in_the_month) in cases {
            assert_eq!(leap.is_near(day(text), NearBirthday::Days(0)), on_the_day, "{text}");
            assert_eq!(leap.is_near(day(text), NearBirthday::Month), in_the_month, "{text}");
        }
        assert!(leap.is_near(day("2025-03-07"), NearBirthday::Days(7)));
    }

    #[test]
    fn a_week_goes_on_after_new_year() {
        let late = Birthday { month: 12, day: 30, told_on: day("2020-01-01") };
        assert!(late.is_near(day("2026-01-05"), NearBirthday::Days(7)));
        assert!(!late.is_near(day("2026-01-07"), NearBirthday::Days(7)));
    }

    #[test]
    fn one_that_was_told_lately_counts_from_the_next_year_on() {
        let told = Birthday { month: 6, day: 10, told_on: day("2025-05-20") };
        assert!(!told.is_near(day("2025-06-10"), NearBirthday::Days(0)));
        assert!(told.is_near(day("2026-06-10"), NearBirthday::Days(0)));
    }
}
