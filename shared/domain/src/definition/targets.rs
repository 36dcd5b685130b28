//! Targets: a bound in words.

use super::{
    amounts::some_money,
    problem::Wrong,
    written::{Kind, Units},
};
use crate::ratio::Ratio;

/// A share with its bound before it, of one at most.
fn share<K: Kind>(text: &str, bound: &str) -> Result<Ratio, Wrong> {
    let percent = text.strip_prefix(bound).and_then(|rest| rest.strip_suffix('%'));
    let percent: Option<Ratio> = percent.and_then(|percent| percent.trim().parse().ok());
    let share = percent.and_then(|percent| percent.checked_div(Ratio::whole(100)));
    match share.ok_or_else(K::misread)? {
        share if share.is_zero() || share > Ratio::ONE => {
            Err(Wrong::new("is no sensible share", "more than 0% and 100% at most"))
        }
        share => Ok(share),
    }
}

/// A share that is not to be exceeded.
pub struct AtMostShare;

impl Kind for AtMostShare {
    type Value = Ratio;
    const WHAT: &'static str = "a share at most";
    const EXAMPLES: &'static [&'static str] = &["at most 3%"];

    fn read(text: &str, _: &Units) -> Result<Ratio, Wrong> {
        share::<Self>(text, "at most ")
    }
}

/// A share that is to be reached.
pub struct AtLeastShare;

impl Kind for AtLeastShare {
    type Value = Ratio;
    const WHAT: &'static str = "a share at least";
    const EXAMPLES: &'static [&'static str] = &["at least 40%"];

    fn read(text: &str, _: &Units) -> Result<Ratio, Wrong> {
        share::<Self>(text, "at least ")
    }
}

/// A number of days.
pub struct WithinDays;

impl Kind for WithinDays {
    type Value = u32;
    const WHAT: &'static str = "a number of days";
    const EXAMPLES: &'static [&'static str] = &["within 90 days"];

    fn read(text: &str, _: &Units) -> Result<u32, Wrong> {
        let rest = text.strip_prefix("within ").ok_or_else(Self::misread)?;
        let days = rest.strip_suffix(" days").or_else(|| rest.strip_suffix(" day"));
        let days: u32 = days.and_then(|days| days.parse().ok()).ok_or_else(Self::misread)?;
        match days {
            1..=3_660 => Ok(days),
            _ => Err(Wrong::new("is no sensible time", "1 day to 3660 days")),
        }
    }
}

/// Money that is not to be exceeded, in minor units.
pub struct AtMostMoney;

impl Kind for AtMostMoney {
    type Value = i64;
    const WHAT: &'static str = "an amount of money at most";
    const EXAMPLES: &'static [&'static str] = &["at most 5000.00 GBP"];

    fn read(text: &str, units: &Units) -> Result<i64, Wrong> {
        some_money::<Self>(text.strip_prefix("at most ").ok_or_else(Self::misread)?, units)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::written::check, *};

    #[test]
    fn a_target_is_a_bound_and_an_amount() {
        check::<AtMostShare>(
            0,
            &[
                ("at most 3%", "Ratio { numerator: 3, denominator: 100 }"),
                ("at most 2.5 %", "Ratio { numerator: 1, denominator: 40 }"),
                ("at most 0%", "is no sensible share: more than 0% and 100% at most"),
                ("at most 101%", "is no sensible share: more than 0% and 100% at most"),
                ("at least 3%", "is not a share at most: a share at most such as \"at most 3%\""),
                ("3%", "is not a share at most: a share at most such as \"at most 3%\""),
            ],
        );
        check::<WithinDays>(
            0,
            &[
                ("within 1 day", "1"),
                ("within 90 days", "90"),
                ("within 0 days", "is no sensible time: 1 day to 3660 days"),
                ("90 days", "is not a number of days: a number of days such as \"within 90 days\""),
            ],
        );
        check::<AtMostMoney>(
            0,
            &[
                ("at most 5000.00 GBP", "500000"),
                ("at most 5000.00 EUR", "is other money than the program's: an amount in GBP"),
            ],
        );
    }
}
