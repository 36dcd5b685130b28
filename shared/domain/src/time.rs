//! Instants and days: the two measures of time that points are dated by.

use std::fmt;

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, date},
    tz::TimeZone,
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

const DAY_ZERO: Date = date(2000, 1, 1);

impl Day {
    /// 2000-01-01; earlier days are this one.
    pub const FIRST: Day = Day(0);
    /// 2179-06-06; later days are this one. A lot that ends on it never ends, and points
    /// that mature on it wait for something other than time.
    pub const NEVER: Day = Day(u16::MAX);

    /// The day on which `instant` falls in `zone`.
    pub fn of(instant: Instant, zone: &TimeZone) -> Day {
        Day::from_date(zone.to_datetime(instant.timestamp()).date())
    }

    /// The nearest day to a calendar date.
    pub fn from_date(date: Date) -> Day {
        let days = date.duration_since(DAY_ZERO).as_hours() / 24;
        Day(u16::try_from(days.max(0)).unwrap_or(u16::MAX))
    }

    /// The calendar date.
    pub fn date(self) -> Date {
        DAY_ZERO
            .checked_add(SignedDuration::from_hours(i64::from(self.0) * 24))
            .unwrap_or(Date::MAX)
    }

    /// The first instant of this day in `zone`, which is not midnight where a clock
    /// change skips it.
    pub fn starts_at(self, zone: &TimeZone) -> Instant {
        let start = self.date().to_zoned(zone.clone()).and_then(|zoned| zoned.start_of_day());
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
        let span = jiff::Span::new().try_months(months);
        let date = span.and_then(|span| self.date().checked_add(span));
        date.map_or(Day::NEVER, Day::from_date)
    }

    /// The first day of the month after this day's.
    #[must_use]
    pub fn next_month(self) -> Day {
        Day::from_date(self.date().first_of_month()).plus_months(1)
    }

    /// The first of January of this day's year.
    #[must_use]
    pub fn year_start(self) -> Day {
        Day::from_date(self.date().first_of_year())
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

    /// The first day of the window of this length that ends with `day`: a window of one
    /// day is that day itself.
    pub fn window_start(self, day: Day) -> Day {
        match self {
            Period::Days(days) => day.plus_days(1 - i32::from(days)),
            Period::Months(months) => {
                let next = day.plus_days(1).date();
                let span = jiff::Span::new().try_months(months);
                span.and_then(|span| next.checked_sub(span)).map_or(Day::FIRST, Day::from_date)
            }
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
