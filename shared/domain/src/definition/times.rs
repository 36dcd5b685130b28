//! Time: lengths, moments and days, and the sentences made of them.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};

use super::{
    problem::{Wrong, one_of},
    written::{Kind, Units},
};
use crate::{
    program::{Expiry, Pending, Validity, Window},
    time::{Day, Instant, Period},
};

/// The longest length of time: ten years.
const MONTHS_MAX: u16 = 120;
const DAYS_MAX: u16 = 3_660;
/// The longest wait: pending points are kept for each day of maturity.
const PENDING_DAYS_MAX: u16 = 120;
const PENDING_MONTHS_MAX: u16 = 3;

/// A length of time.
pub struct Length;

impl Kind for Length {
    type Value = Period;
    const WHAT: &'static str = "a length of time";
    const EXAMPLES: &'static [&'static str] = &["14 days", "2 weeks", "12 months", "1 year"];

    fn read(text: &str, _: &Units) -> Result<Period, Wrong> {
        length(text).ok_or_else(Self::misread)?.ok_or_else(|| {
            Wrong::new("is not a sensible length of time", "at least 1 day and at most 10 years")
        })
    }
}

/// A length of time, `Some(None)` when it is out of bounds, `None` when it is none.
fn length(text: &str) -> Option<Option<Period>> {
    let (number, unit) = text.split_once(' ')?;
    let whole = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let (period, each): (fn(u16) -> Period, u16) = match unit {
        "day" | "days" => (Period::Days, 1),
        "week" | "weeks" => (Period::Days, 7),
        "month" | "months" => (Period::Months, 1),
        "year" | "years" => (Period::Months, 12),
        _ => return None,
    };
    if !whole {
        return None;
    }
    let period = number.parse::<u16>().ok().and_then(|n| n.checked_mul(each)).map(period);
    Some(period.filter(|period| match *period {
        Period::Days(days) => (1..=DAYS_MAX).contains(&days),
        Period::Months(months) => (1..=MONTHS_MAX).contains(&months),
    }))
}

/// A moment: a date is its first instant in the program's zone.
pub struct Moment;

impl Kind for Moment {
    type Value = Instant;
    const WHAT: &'static str = "a date or a time";
    const EXAMPLES: &'static [&'static str] =
        &["2026-11-27", "2026-11-27T09:00:00", "2026-11-27T09:00:00Z"];

    fn read(text: &str, units: &Units) -> Result<Instant, Wrong> {
        let local = || text.parse::<DateTime>().ok();
        let zoned = || local()?.to_zoned(units.zone.clone()).ok();
        // A local time would be read without its offset: so the offset is tried first.
        let timestamp = text.parse::<Timestamp>().ok();
        let timestamp = timestamp.or_else(|| zoned().map(|zoned| zoned.timestamp()));
        let instant = timestamp.map(Instant::from_timestamp).ok_or_else(Self::misread)?;
        let day = Day::of(instant, &units.zone);
        match day > Day::FIRST && day < Day::NEVER {
            true => Ok(instant),
            false => Err(Wrong::new("is too far away", "a time between 2000 and 2179")),
        }
    }
}

/// A calendar day.
pub struct CalendarDay;

impl Kind for CalendarDay {
    type Value = Day;
    const WHAT: &'static str = "a date";
    const EXAMPLES: &'static [&'static str] = &["2027-01-01"];

    fn read(text: &str, _: &Units) -> Result<Day, Wrong> {
        let written_as_date = text.len() == "2027-01-01".len();
        let date = text.parse::<Date>().ok().filter(|_| written_as_date);
        let day = date.map(Day::from_date).ok_or_else(Self::misread)?;
        match Some(day.date()) == date {
            true => Ok(day),
            false => Err(Wrong::new("is too far away", "a date between 2000 and 2179")),
        }
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A day of every year, as its month and its day.
pub struct DayOfYear;

impl Kind for DayOfYear {
    type Value = (i8, i8);
    const WHAT: &'static str = "a day of the year";
    const EXAMPLES: &'static [&'static str] = &["1 January"];

    fn read(text: &str, _: &Units) -> Result<(i8, i8), Wrong> {
        let (day, name) = text.split_once(' ').ok_or_else(Self::misread)?;
        let day = day.parse().map_err(|_| Self::misread())?;
        let month = (1..).zip(MONTHS).find(|(_, month)| *month == name).map(|(number, _)| number);
        let month = month.ok_or_else(|| Wrong {
            complaint: Self::misread().complaint,
            ..Wrong::unknown(name, MONTHS)
        })?;
        // 2024 is a leap year: 29 February is a day of the year.
        match Date::new(2024, month, day) {
            Ok(_) => Ok((month, day)),
            Err(_) => Err(Self::misread()),
        }
    }
}

/// When earned points become spendable.
pub struct Wait;

impl Kind for Wait {
    type Value = Pending;
    const WHAT: &'static str = "when earned points can be spent";
    const EXAMPLES: &'static [&'static str] =
        &["at once", "14 days", "until shipped", "until 2027-01-01"];

    fn read(text: &str, units: &Units) -> Result<Pending, Wrong> {
        if text == "at once" {
            return Ok(Pending::Never);
        }
        if let Some(until) = text.strip_prefix("until ") {
            if let Ok(day) = CalendarDay::read(until, units) {
                return Ok(Pending::Until(day));
            }
            let (status, cancelled_after) = match until.split_once(", cancelled after ") {
                Some((status, after)) => (status, Some(waiting_time(after, units)?)),
                None => (until, None),
            };
            let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
            let proper = !status.is_empty() && status.len() <= 64 && status.bytes().all(word);
            return match proper {
                true => Ok(Pending::UntilStatus { status: status.to_owned(), cancelled_after }),
                false => Err(Self::misread()),
            };
        }
        waiting_time(text, units).map(Pending::For)
    }
}

fn waiting_time(text: &str, units: &Units) -> Result<Period, Wrong> {
    if length(text).is_none() {
        return Err(Wait::misread());
    }
    match Length::read(text, units)? {
        Period::Days(days) if days > PENDING_DAYS_MAX => Err(too_long_a_wait()),
        Period::Months(months) if months > PENDING_MONTHS_MAX => Err(too_long_a_wait()),
        period => Ok(period),
    }
}

fn too_long_a_wait() -> Wrong {
    let most = format!("at most {PENDING_DAYS_MAX} days or {PENDING_MONTHS_MAX} months");
    Wrong::new("is too long a wait", most)
}

/// An expiry that needs no table.
pub struct Expires;

impl Kind for Expires {
    type Value = Expiry;
    const WHAT: &'static str = "an expiry";
    const EXAMPLES: &'static [&'static str] = &["never"];

    fn expected() -> String {
        "\"never\" or a table such as { after = \"12 months\" }".into()
    }

    fn read(text: &str, _: &Units) -> Result<Expiry, Wrong> {
        if text == "never" { Ok(Expiry::Never) } else { Err(Self::misread()) }
    }
}

/// When something is credited that is so only when its span is over.
#[derive(Debug)]
pub struct Credited(pub Period);

impl Kind for Credited {
    type Value = Credited;
    const WHAT: &'static str = "when it is credited";
    const EXAMPLES: &'static [&'static str] = &["4 weeks later", "1 day later"];

    fn read(text: &str, units: &Units) -> Result<Credited, Wrong> {
        let length = text.strip_suffix(" later").ok_or_else(Self::misread)?;
        waiting_time(length, units).map(Credited).map_err(|wrong| match length_of(length) {
            true => wrong,
            false => Self::misread(),
        })
    }
}

fn length_of(text: &str) -> bool {
    length(text).is_some()
}

/// The time over which a measure counts.
pub struct Counted;

impl Kind for Counted {
    type Value = Window;
    const WHAT: &'static str = "a window";
    const EXAMPLES: &'static [&'static str] = &["calendar year", "last 12 months", "lifetime"];

    fn read(text: &str, units: &Units) -> Result<Window, Wrong> {
        match text {
            "calendar year" => Ok(Window::CalendarYear),
            "lifetime" => Ok(Window::Lifetime),
            _ => {
                let length = text.strip_prefix("last ").ok_or_else(Self::misread)?;
                Length::read(length, units).map(Window::Rolling)
            }
        }
    }
}

/// How long a level lasts.
pub struct Lasts;

const NEXT_YEAR: &str = "rest of this year and all of next";

impl Kind for Lasts {
    type Value = Validity;
    const WHAT: &'static str = "how long a level lasts";
    const EXAMPLES: &'static [&'static str] =
        &[NEXT_YEAR, "rest of this year, all of next and 2 months", "12 months", "lifetime"];

    fn read(text: &str, units: &Units) -> Result<Validity, Wrong> {
        match text {
            NEXT_YEAR => return Ok(Validity::NextYear { extra_months: 0 }),
            "lifetime" => return Ok(Validity::Lifetime),
            _ => {}
        }
        let Some(extra) = text.strip_prefix("rest of this year, all of next and ") else {
            length(text).ok_or_else(Self::misread)?;
            return Length::read(text, units).map(Validity::For);
        };
        match length(extra) {
            Some(Some(Period::Months(extra_months))) => Ok(Validity::NextYear { extra_months }),
            _ => Err(Wrong::new(
                "is not how long a level lasts",
                format!("a number of months at its end: {}", one_of([Self::EXAMPLES[1]])),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::written::check, *};

    const NO_LENGTH: &str = "is not a length of time: a length of time such as \"14 days\", \
                             \"2 weeks\", \"12 months\" or \"1 year\"";
    const NO_SENSE: &str = "is not a sensible length of time: at least 1 day and at most 10 years";

    #[test]
    fn lengths_of_time_are_days_or_months() {
        check::<Length>(
            0,
            &[
                ("1 day", "Days(1)"),
                ("2 weeks", "Days(14)"),
                ("12 months", "Months(12)"),
                ("1 year", "Months(12)"),
                ("0 days", NO_SENSE),
                ("11 years", NO_SENSE),
                ("99999 days", NO_SENSE),
                ("14", NO_LENGTH),
                ("14 d", NO_LENGTH),
                ("-1 days", NO_LENGTH),
                ("1.5 years", NO_LENGTH),
                ("48 hours", NO_LENGTH),
            ],
        );
    }

    #[test]
    fn a_moment_is_local_unless_it_says_otherwise() {
        check::<Moment>(
            0,
            &[
                ("2026-11-27", "2026-11-27T00:00:00Z"),
                ("2026-07-01", "2026-06-30T23:00:00Z"),
                ("2026-07-01T09:30:00", "2026-07-01T08:30:00Z"),
                ("2026-07-01 09:30:00", "2026-07-01T08:30:00Z"),
                ("2026-07-01T09:30:00-05:00", "2026-07-01T14:30:00Z"),
                ("1999-01-01", "is too far away: a time between 2000 and 2179"),
                ("2999-01-01", "is too far away: a time between 2000 and 2179"),
                (
                    "next Friday",
                    "is not a date or a time: a date or a time such as \"2026-11-27\", \
                     \"2026-11-27T09:00:00\" or \"2026-11-27T09:00:00Z\"",
                ),
            ],
        );
    }

    #[test]
    fn days_are_days_of_the_calendar() {
        let no_day = "is not a day of the year: a day of the year such as \"1 January\"";
        check::<DayOfYear>(
            0,
            &[
                ("1 January", "(1, 1)"),
                ("29 February", "(2, 29)"),
                ("31 December", "(12, 31)"),
                ("30 February", no_day),
                ("0 May", no_day),
            ],
        );
        let wrong = DayOfYear::read("1 Januar", &Units::for_tests(0)).map_err(|it| it.nearest);
        assert_eq!(wrong, Err(Some("January".into())));
        let no_date = "is not a date: a date such as \"2027-01-01\"";
        check::<CalendarDay>(
            0,
            &[
                ("2027-01-01", "2027-01-01"),
                ("2027-02-30", no_date),
                ("2027-01-01T00:00:00", no_date),
                ("1999-12-31", "is too far away: a date between 2000 and 2179"),
            ],
        );
    }

    #[test]
    fn points_wait_for_a_time_a_status_or_not() {
        let no_wait = "is not when earned points can be spent: when earned points can be spent \
                       such as \"at once\", \"14 days\", \"until shipped\" or \"until 2027-01-01\"";
        let too_long = "is too long a wait: at most 120 days or 3 months";
        check::<Wait>(
            0,
            &[
                ("at once", "Never"),
                ("14 days", "For(Days(14))"),
                ("until shipped", "UntilStatus { status: \"shipped\", cancelled_after: None }"),
                (
                    "until shipped, cancelled after 60 days",
                    "UntilStatus { status: \"shipped\", cancelled_after: Some(Days(60)) }",
                ),
                ("until 2027-01-01", "Until(2027-01-01)"),
                ("120 days", "For(Days(120))"),
                ("121 days", too_long),
                ("4 months", too_long),
                ("until", no_wait),
                ("until it is shipped", no_wait),
                ("48 hours", no_wait),
            ],
        );
    }

    #[test]
    fn windows_and_validities_read_aloud() {
        check::<Counted>(
            0,
            &[
                ("calendar year", "CalendarYear"),
                ("last 12 months", "Rolling(Months(12))"),
                ("lifetime", "Lifetime"),
                (
                    "12 months",
                    "is not a window: a window such as \"calendar year\", \"last 12 months\" or \
                     \"lifetime\"",
                ),
            ],
        );
        check::<Lasts>(
            0,
            &[
                ("rest of this year and all of next", "NextYear { extra_months: 0 }"),
                ("rest of this year, all of next and 2 months", "NextYear { extra_months: 2 }"),
                ("12 months", "For(Months(12))"),
                ("lifetime", "Lifetime"),
                (
                    "rest of this year, all of next and 2 days",
                    "is not how long a level lasts: a number of months at its end: \
                     \"rest of this year, all of next and 2 months\"",
                ),
            ],
        );
    }
}
