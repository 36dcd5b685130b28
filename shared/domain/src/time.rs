//! Instants and days: the two measures of time that points are dated by.

use std::fmt;

use jiff::{
    Timestamp,
    civil::Date,
    tz::{AmbiguousOffset, TimeZone},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A moment in time, to the millisecond. RFC 3339 in JSON, epoch milliseconds in
/// binary.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

const MILLIS_A_DAY: i64 = 86_400_000;

impl Instant {
    /// The instant `millis` milliseconds after 1970-01-01T00:00:00Z.
    pub const fn from_millis(millis: i64) -> Instant {
        Instant(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Cuts a timestamp to its millisecond.
    pub fn from_timestamp(timestamp: Timestamp) -> Instant {
        Instant(timestamp.as_millisecond())
    }

    /// The same instant as a timestamp; instants beyond the year 9999 end there.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::MAX)
    }

    /// This instant, `days` times 24 hours later (earlier when negative).
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Instant {
        self.plus_millis(days.saturating_mul(MILLIS_A_DAY))
    }

    /// This instant, `millis` milliseconds later (earlier when negative).
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Instant {
        Instant(self.0.saturating_add(millis))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            let parsed = text.parse::<Timestamp>().map_err(|_| {
                D::Error::custom(format!(
                    "{:?} is not an RFC 3339 time such as \"2026-11-22T10:15:00Z\"",
                    text.chars().take(40).collect::<String>()
                ))
            })?;
            Ok(Instant::from_timestamp(parsed))
        } else {
            i64::deserialize(deserializer).map(Instant)
        }
    }
}

/// A calendar day in the program's time zone, from 2000-01-01 to 2179-06-06. Two bytes
/// in binary until 2044.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(u16);

/// Days from 1970-01-01 to 2000-01-01.
const DAY_ZERO_SINCE_1970: i64 = 10_957;

impl Day {
    /// 2000-01-01; earlier days are this one.
    pub const FIRST: Day = Day(0);
    /// 2179-06-06; later days are this one. A lot that ends on it never ends, and points
    /// that mature on it wait for something other than time.
    pub const NEVER: Day = Day(u16::MAX);

    /// The day on which `instant` falls in `zone`.
    pub fn of(instant: Instant, zone: &TimeZone) -> Day {
        let offset = i64::from(zone.to_offset(instant.timestamp()).seconds());
        let local = instant.0.saturating_add(offset * 1000);
        let days = local.div_euclid(MILLIS_A_DAY) - DAY_ZERO_SINCE_1970;
        Day(u16::try_from(days.max(0)).unwrap_or(u16::MAX))
    }

    /// The nearest day to a calendar date.
    pub fn from_date(date: Date) -> Day {
        let (year, month, day) = (date.year(), date.month(), date.day());
        Day::nearest(days_of(i32::from(year), i32::from(month), i32::from(day)))
    }

    fn nearest(days: i32) -> Day {
        Day(u16::try_from(days.max(0)).unwrap_or(u16::MAX))
    }

    /// The calendar date.
    pub fn date(self) -> Date {
        let (year, month, day) = self.civil();
        let small = |number: i32| i8::try_from(number).unwrap_or(1);
        let year = i16::try_from(year).unwrap_or(i16::MAX);
        Date::new(year, small(month), small(day)).unwrap_or(Date::MAX)
    }

    /// Year, month and day of the month.
    fn civil(self) -> (i32, i32, i32) {
        // Hinnant's civil_from_days, counted from 2000-03-01: a year that begins in March
        // has its odd day at the end.
        let days = i32::from(self.0) - 60;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = 2000 + era * 400 + year_of_era + i32::from(month <= 2);
        (year, month, day)
    }

    /// The first instant of this day in UTC.
    pub fn starts_in_utc(self) -> Instant {
        Instant((i64::from(self.0) + DAY_ZERO_SINCE_1970) * MILLIS_A_DAY)
    }

    /// The first instant of this day in `zone`, which is not midnight where a clock
    /// change skips it.
    pub fn starts_at(self, zone: &TimeZone) -> Instant {
        let midnight = self.date().at(0, 0, 0, 0);
        if let AmbiguousOffset::Unambiguous { offset } =
            zone.to_ambiguous_timestamp(midnight).offset()
        {
            return self.starts_in_utc().plus_millis(i64::from(offset.seconds()) * -1000);
        }
        let start = midnight.to_zoned(zone.clone()).and_then(|zoned| zoned.start_of_day());
        start.map_or(Instant(i64::MAX), |zoned| Instant::from_timestamp(zoned.timestamp()))
    }

    /// This day, `days` later (earlier when negative), within the calendar.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Day {
        let day = i32::from(self.0).saturating_add(days).clamp(0, i32::from(u16::MAX));
        Day(u16::try_from(day).unwrap_or(u16::MAX))
    }

    /// This day, `months` later; the 31st becomes the last day of a shorter month.
    #[must_use]
    pub fn plus_months(self, months: u16) -> Day {
        self.months_away(i32::from(months))
    }

    fn months_away(self, months: i32) -> Day {
        let (year, month, day) = self.civil();
        let month = year * 12 + month - 1 + months;
        let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        let last = match month {
            4 | 6 | 9 | 11 => 30,
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            _ => 31,
        };
        Day::nearest(days_of(year, month, day.min(last)))
    }

    /// The first day of the month after this day's.
    #[must_use]
    pub fn next_month(self) -> Day {
        let (_, _, day) = self.civil();
        self.plus_days(1 - day).plus_months(1)
    }

    /// The first of January of this day's year.
    #[must_use]
    pub fn year_start(self) -> Day {
        Day::nearest(days_of(self.civil().0, 1, 1))
    }

    /// Days since 2000-01-01.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The day `number` days after 2000-01-01.
    pub const fn from_number(number: u16) -> Day {
        Day(number)
    }
}

/// Days from 2000-01-01 to a date (Hinnant's days_from_civil).
fn days_of(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    days - 730_425
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            let date: Date = text.parse().map_err(D::Error::custom)?;
            Ok(Day::from_date(date))
        } else {
            u16::deserialize(deserializer).map(Day)
        }
    }
}

/// A length of calendar time, as a definition states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Whole days.
    Days(u16),
    /// Whole months; years are twelve of them.
    Months(u16),
}

impl Period {
    /// The day this period after `day`.
    pub fn after(self, day: Day) -> Day {
        match self {
            Period::Days(days) => day.plus_days(i32::from(days)),
            Period::Months(months) => day.plus_months(months),
        }
    }

    /// The day this period before `day`.
    pub fn before(self, day: Day) -> Day {
        match self {
            Period::Days(days) => day.plus_days(-i32::from(days)),
            Period::Months(months) => day.months_away(-i32::from(months)),
        }
    }

    /// The first day of the window of this length that ends with `day`: a window of one
    /// day is that day itself.
    pub fn window_start(self, day: Day) -> Day {
        match self {
            Period::Days(days) => day.plus_days(1 - i32::from(days)),
            Period::Months(months) => day.plus_days(1).months_away(-i32::from(months)),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match self {
            Period::Days(days) => (days, "day"),
            Period::Months(months) => (months, "month"),
        };
        write!(f, "{number} {unit}{}", if *number == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::from_date(text.parse().expect("a date"))
    }

    #[test]
    fn every_day_is_the_calendars() {
        let day_zero = jiff::civil::date(2000, 1, 1);
        for number in 0..=u16::MAX {
            let day = Day::from_number(number);
            let span = jiff::Span::new().days(i64::from(number));
            assert_eq!(day.date(), day_zero.checked_add(span).expect("a date"), "{number}");
            assert_eq!(Day::from_date(day.date()), day);
            assert_eq!(day.year_start().date(), day.date().first_of_year());
            for months in [1, 5, 12, 25] {
                let later = jiff::Span::new().months(i64::from(months));
                let later = day.date().checked_add(later).map(Day::from_date);
                assert_eq!(day.plus_months(months), later.expect("a date"), "{day}");
                let next = day.plus_days(1).date();
                let since = next.checked_sub(jiff::Span::new().months(i64::from(months)));
                let start = Period::Months(months).window_start(day);
                assert_eq!(start, Day::from_date(since.expect("a date")), "{day}");
            }
        }
    }

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).expect("a zone of the bundled database")
    }

    #[test]
    fn months_end_where_the_calendar_says() {
        assert_eq!(day("2024-01-31").plus_months(1), day("2024-02-29"));
        assert_eq!(day("2025-01-31").plus_months(1), day("2025-02-28"));
        assert_eq!(day("2024-02-29").plus_months(12), day("2025-02-28"));
        assert_eq!(day("2026-12-15").next_month(), day("2027-01-01"));
        assert_eq!(Period::Months(12).window_start(day("2027-04-19")), day("2026-04-20"));
        assert_eq!(Period::Days(1).window_start(day("2026-04-20")), day("2026-04-20"));
    }

    #[test]
    fn a_day_starts_at_its_zones_midnight_and_later_where_that_is_skipped() {
        let starts = |text: &str, name: &str| day(text).starts_at(&zone(name)).to_string();
        assert_eq!(starts("2026-07-01", "Europe/London"), "2026-06-30T23:00:00Z");
        assert_eq!(starts("2026-01-01", "America/New_York"), "2026-01-01T05:00:00Z");
        // Chile put its clocks forward at midnight: the day began at 01:00.
        assert_eq!(starts("2022-09-11", "America/Santiago"), "2022-09-11T04:00:00Z");
    }

    #[test]
    fn every_instant_falls_on_the_day_that_started_last() {
        let london = zone("Europe/London");
        for text in ["2026-03-29", "2026-10-25", "2024-02-29", "2000-01-01"] {
            let start = day(text).starts_at(&london);
            assert_eq!(Day::of(start, &london), day(text));
            if day(text) > Day::FIRST {
                assert_eq!(Day::of(start.plus_millis(-1), &london), day(text).plus_days(-1));
            }
        }
    }
}
