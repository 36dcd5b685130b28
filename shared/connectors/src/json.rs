//! Values of shops' JSON, read from their text: an id may exceed 2^53 and money is exact, so
//! neither may become a float on its way.

use domain::{
    ids::{ExternalId, ID_BYTES_MAX},
    money::{Currency, MONEY_MAX},
    time::Instant,
};
use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::value::RawValue;

use crate::Refused;

/// The text of a JSON string or number.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Exact {
    text: String,
    is_number: bool,
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        match raw.as_bytes().first() {
            Some(b'"') => {
                let text = serde_json::from_str(raw).map_err(D::Error::custom)?;
                Ok(Exact { text, is_number: false })
            }
            Some(b'-' | b'0'..=b'9') => Ok(Exact { text: raw.to_owned(), is_number: true }),
            _ => Err(D::Error::custom("neither a text nor a number")),
        }
    }
}

impl Exact {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// An id: a whole number of any size, or a text.
    pub(crate) fn id(&self, field: &str) -> Result<ExternalId, Refused> {
        // A number that was a float somewhere is no longer the id that it was.
        if self.is_number && !self.text.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(Refused::id(field));
        }
        self.text.parse().map_err(|_| Refused::id(field))
    }

    /// Decimal money in minor units, rounded half away from zero where the shop keeps more
    /// digits than the currency has.
    pub(crate) fn minor(&self, field: &str, currency: Currency) -> Result<i64, Refused> {
        decimal(&self.text, currency.minor_digits()).ok_or_else(|| Refused::amount(field))
    }

    /// A whole number.
    pub(crate) fn whole(&self) -> Option<i64> {
        self.text.parse().ok()
    }
}

/// An amount that may be absent and not negative.
pub(crate) fn not_negative(
    amount: Option<&Exact>,
    field: &str,
    currency: Currency,
) -> Result<i64, Refused> {
    let minor = amount.map_or(Ok(0), |amount| amount.minor(field, currency))?;
    if minor < 0 { Err(Refused::amount(field)) } else { Ok(minor) }
}

/// `text` times ten to the power of `digits`, as far as it is money.
fn decimal(text: &str, digits: u8) -> Option<i64> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let numeric = |part: &str| {
        (1..=18).contains(&part.len()) && part.bytes().all(|digit| digit.is_ascii_digit())
    };
    if !numeric(whole) || !numeric(fraction) {
        return None;
    }
    let scale = |power: usize| 10_i128.checked_pow(u32::try_from(power).ok()?);
    let exact = format!("{whole}{fraction}").parse::<i128>().ok()?;
    let (given, wanted) = (fraction.len(), usize::from(digits));
    let rounded = if given <= wanted {
        exact.checked_mul(scale(wanted - given)?)?
    } else {
        let divisor = scale(given - wanted)?;
        (exact + divisor / 2) / divisor
    };
    let minor = i64::try_from(rounded).ok().filter(|minor| *minor <= MONEY_MAX)?;
    Some(if negative { -minor } else { minor })
}

/// A time with its offset, or in UTC where the shop writes none.
pub(crate) fn time(text: &str, field: &str) -> Result<Instant, Refused> {
    let stamp = text.parse::<Timestamp>().ok().or_else(|| {
        let local = text.parse::<civil::DateTime>().ok()?;
        TimeZone::UTC.to_timestamp(local).ok()
    });
    stamp.map(Instant::from_timestamp).ok_or_else(|| Refused::time(field))
}

/// A time that must be there.
pub(crate) fn required_time(text: Option<&str>, field: &str) -> Result<Instant, Refused> {
    time(text.ok_or_else(|| Refused::missing(field))?, field)
}

/// A time in seconds since 1970.
pub(crate) fn seconds(seconds: i64, field: &str) -> Result<Instant, Refused> {
    let stamp = Timestamp::from_second(seconds).map_err(|_| Refused::time(field))?;
    Ok(Instant::from_timestamp(stamp))
}

/// A currency code in any case.
pub(crate) fn currency(text: &str, field: &str) -> Result<Currency, Refused> {
    let upper = text.to_ascii_uppercase();
    upper.parse().map_err(|_| Refused::Wrong {
        code: "CURRENCY",
        field: field.to_owned(),
        expected: "currency code",
    })
}

/// A name that rules may ask for; one that no definition could write is left out, since it
/// must not cost a person their order.
pub(crate) fn name(text: Option<&str>) -> Option<String> {
    let proper = |text: &&str| {
        !text.is_empty() && text.len() <= ID_BYTES_MAX && !text.chars().any(char::is_control)
    };
    text.map(str::trim).filter(proper).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_exact_and_rounded_once() {
        let cases = [
            ("19.99", 2, Some(1999)),
            ("-10.00", 2, Some(-1000)),
            ("0.1", 2, Some(10)),
            ("500", 0, Some(500)),
            ("500.00", 0, Some(500)),
            ("1.2345", 3, Some(1235)),
            ("0.005", 2, Some(1)),
            ("-0.005", 2, Some(-1)),
            ("9007199254740993", 0, None),
            ("10000000000000", 0, Some(10_000_000_000_000)),
            ("100000000000.00", 2, Some(10_000_000_000_000)),
            ("1e3", 2, None),
            ("1,99", 2, None),
            ("", 2, None),
            (".5", 2, None),
            ("5.", 2, None),
            ("--5", 2, None),
            ("NaN", 2, None),
            ("0.3333333333333333333", 2, None),
        ];
        for (text, digits, expected) in cases {
            assert_eq!(decimal(text, digits), expected, "{text}");
        }
    }

    #[test]
    fn ids_are_texts_and_never_floats() {
        let id = |json: &str| {
            let exact = serde_json::from_str::<Exact>(json).ok()?;
            exact.id("id").ok().map(String::from)
        };
        assert_eq!(id("820982911946154508").as_deref(), Some("820982911946154508"));
        assert_eq!(id("18446744073709551615").as_deref(), Some("18446744073709551615"));
        assert_eq!(id("\"cs_1\"").as_deref(), Some("cs_1"));
        for bad in ["8.2e17", "1.0", "\"\"", "\"a\\u0000\"", "true", "null", "{}", "[1]"] {
            assert_eq!(id(bad), None, "{bad}");
        }
    }

    #[test]
    fn times_are_read_with_and_without_an_offset() {
        let read = |text: &str| time(text, "at").ok().map(|at| at.to_string());
        assert_eq!(read("2021-12-31T19:00:00-05:00").as_deref(), Some("2022-01-01T00:00:00Z"));
        assert_eq!(read("2016-05-17T04:14:36-00:00").as_deref(), Some("2016-05-17T04:14:36Z"));
        assert_eq!(read("2017-03-22T19:28:02").as_deref(), Some("2017-03-22T19:28:02Z"));
        assert_eq!(read("yesterday"), None);
    }
}
