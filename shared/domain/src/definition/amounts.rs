//! Amounts: points, money and plain numbers, each exact.

use super::{
    problem::Wrong,
    written::{Kind, Units},
};
use crate::{
    money::{Currency, MONEY_MAX},
    points::Points,
    program::DebtPolicy,
    ratio::Ratio,
};

/// The greatest multiplier.
const TIMES_MAX: u64 = 1_000;

/// The digits of a decimal text scaled by 10^`digits`: `1.5` at two digits is 150.
pub(super) fn scaled(text: &str, digits: u8) -> Result<u64, NotScaled> {
    text.parse::<Ratio>().map_err(|_| NotScaled::NotADecimal)?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let missing = usize::from(digits).checked_sub(fraction.len()).ok_or(NotScaled::TooFine)?;
    format!("{whole}{fraction}{}", "0".repeat(missing)).parse().map_err(|_| NotScaled::NotADecimal)
}

/// Why a text cannot be scaled.
pub(super) enum NotScaled {
    NotADecimal,
    TooFine,
}

/// A number of points with or without their name: `25`, `1.5 Stars`.
fn points<K: Kind>(text: &str, units: &Units) -> Result<Points, Wrong> {
    let (number, name) = text.split_once(' ').unwrap_or((text, ""));
    if !name.is_empty() && !is_name(name, units) {
        return Err(K::misread());
    }
    match scaled(number, units.decimals) {
        Ok(scaled) => Points::new(scaled).ok_or_else(K::misread),
        Err(NotScaled::NotADecimal) => Err(K::misread()),
        Err(NotScaled::TooFine) => Err(Wrong::new(
            "has more decimals than these points keep",
            format!("at most {} decimals", units.decimals),
        )),
    }
}

pub(super) fn is_name(name: &str, units: &Units) -> bool {
    let known = ["point", "points", &units.names[0], &units.names[1]];
    known.iter().any(|known| known.to_lowercase() == name.to_lowercase())
}

/// More than no points at all.
pub(super) fn some_points<K: Kind>(text: &str, units: &Units) -> Result<Points, Wrong> {
    match points::<K>(text, units)? {
        Points::ZERO => Err(Wrong::new("is nothing", "more than 0 points")),
        some => Ok(some),
    }
}

/// The decimal and the currency of `1.00 GBP`.
fn money_parts<'t>(text: &'t str, units: &Units) -> Option<Result<(&'t str, Currency), Wrong>> {
    let (number, code) = text.split_once(' ')?;
    number.parse::<Ratio>().ok()?;
    let currency = code.parse::<Currency>().ok()?;
    Some(match units.money {
        Some(money) if money != currency => {
            Err(Wrong::new("is other money than the program's", format!("an amount in {money}")))
        }
        _ => Ok((number, currency)),
    })
}

/// Minor units of money; `K` is what the text was meant to be.
fn money<K: Kind>(text: &str, units: &Units) -> Result<i64, Wrong> {
    let (number, currency) = money_parts(text, units).ok_or_else(K::misread)??;
    let minor = scaled(number, currency.minor_digits()).map_err(|why| match why {
        NotScaled::NotADecimal => K::misread(),
        NotScaled::TooFine => Wrong::new(
            format!("has more decimals than {currency}"),
            format!("at most {} decimals", currency.minor_digits()),
        ),
    })?;
    let minor = i64::try_from(minor).ok().filter(|minor| *minor <= MONEY_MAX);
    minor.ok_or_else(|| Wrong::new("is too much money", "at most 10^13 of the smallest coin"))
}

/// More than no money at all.
pub(super) fn some_money<K: Kind>(text: &str, units: &Units) -> Result<i64, Wrong> {
    match money::<K>(text, units)? {
        0 => Err(Wrong::new("is no money", "more than zero")),
        minor => Ok(minor),
    }
}

/// Money, in minor units.
pub struct Money;

impl Kind for Money {
    type Value = i64;
    const WHAT: &'static str = "an amount of money";
    const EXAMPLES: &'static [&'static str] = &["10.00 GBP"];

    fn read(text: &str, units: &Units) -> Result<i64, Wrong> {
        some_money::<Self>(text, units)
    }
}

/// What one point costs, in minor units for each smallest unit of points.
pub struct Cost;

impl Kind for Cost {
    type Value = Ratio;
    const WHAT: &'static str = "an amount of money";
    const EXAMPLES: &'static [&'static str] = &["0.01 GBP"];

    fn read(text: &str, units: &Units) -> Result<Ratio, Wrong> {
        let (number, currency) = money_parts(text, units).ok_or_else(Self::misread)??;
        let number: Ratio = number.parse().map_err(|_| Self::misread())?;
        let minor_units = 10_u64.pow(u32::from(currency.minor_digits()));
        let points_units = 10_u128.pow(u32::from(units.decimals));
        let scale = Ratio::new(u128::from(minor_units), points_units);
        scale.and_then(|scale| number.checked_mul(scale)).ok_or_else(Self::misread)
    }
}

/// A number of points.
pub struct Amount;

impl Kind for Amount {
    type Value = Points;
    const WHAT: &'static str = "a number of points";
    const EXAMPLES: &'static [&'static str] = &["25"];
    const NUMBER: bool = true;

    fn read(text: &str, units: &Units) -> Result<Points, Wrong> {
        points::<Self>(text, units)
    }
}

/// A number of points that is not 0.
pub struct SomePoints;

impl Kind for SomePoints {
    type Value = Points;
    const WHAT: &'static str = "a number of points";
    const EXAMPLES: &'static [&'static str] = &["25"];
    const NUMBER: bool = true;

    fn read(text: &str, units: &Units) -> Result<Points, Wrong> {
        some_points::<Self>(text, units)
    }
}

/// A multiplier.
pub struct Times;

impl Kind for Times {
    type Value = Ratio;
    const WHAT: &'static str = "a multiplier";
    const EXAMPLES: &'static [&'static str] = &["1.25", "2"];
    const NUMBER: bool = true;

    fn read(text: &str, _: &Units) -> Result<Ratio, Wrong> {
        let times: Ratio = text.parse().map_err(|_| Self::misread())?;
        match times.is_zero() || times > Ratio::whole(TIMES_MAX) {
            true => Err(Wrong::new(
                "is no sensible multiplier",
                format!("more than 0 and at most {TIMES_MAX}"),
            )),
            false => Ok(times),
        }
    }
}

/// A share in percent, as a fraction of one.
pub struct Percent;

impl Kind for Percent {
    type Value = Ratio;
    const WHAT: &'static str = "a number of percent";
    const EXAMPLES: &'static [&'static str] = &["10", "300"];
    const NUMBER: bool = true;

    fn read(text: &str, _: &Units) -> Result<Ratio, Wrong> {
        let percent: Ratio = text.parse().map_err(|_| Self::misread())?;
        let share = percent.checked_div(Ratio::whole(100)).ok_or_else(Self::misread)?;
        match share.is_zero() || share > Ratio::whole(TIMES_MAX) {
            true => Err(Wrong::new("is no sensible share", "more than 0 percent")),
            false => Ok(share),
        }
    }
}

/// What happens to a clawback beyond what the member still has.
pub struct Clawback;

impl Kind for Clawback {
    type Value = DebtPolicy;
    const WHAT: &'static str = "a way to take points back";
    const EXAMPLES: &'static [&'static str] =
        &["allow debt", "debt up to 500 points", "write off", "pending only"];

    fn read(text: &str, units: &Units) -> Result<DebtPolicy, Wrong> {
        match text {
            "allow debt" => Ok(DebtPolicy::Allow),
            "write off" => Ok(DebtPolicy::WriteOff),
            "pending only" => Ok(DebtPolicy::PendingOnly),
            _ => match text.strip_prefix("debt up to ") {
                Some(most) => some_points::<Self>(most, units).map(DebtPolicy::UpTo),
                None => {
                    Err(Wrong { expected: Self::expected(), ..Wrong::unknown(text, CLAWBACKS) })
                }
            },
        }
    }
}

const CLAWBACKS: [&str; 3] = ["allow debt", "write off", "pending only"];

/// What a level is reached at; what it counts follows from the measure.
pub struct Threshold;

impl Kind for Threshold {
    type Value = String;
    const WHAT: &'static str = "what must be reached";
    const EXAMPLES: &'static [&'static str] = &["0", "300.00 GBP", "500"];
    const NUMBER: bool = true;

    fn read(text: &str, _: &Units) -> Result<String, Wrong> {
        Ok(text.to_owned())
    }
}

/// A threshold of a level that counts money, in minor units.
pub struct Spent;

impl Kind for Spent {
    type Value = i64;
    const WHAT: &'static str = "an amount of money";
    const EXAMPLES: &'static [&'static str] = &["300.00 GBP"];

    fn read(text: &str, units: &Units) -> Result<i64, Wrong> {
        if text == "0" { Ok(0) } else { money::<Self>(text, units) }
    }
}

/// A whole number.
pub struct Count;

impl Kind for Count {
    type Value = u32;
    const WHAT: &'static str = "a whole number";
    const EXAMPLES: &'static [&'static str] = &["3"];
    const NUMBER: bool = true;

    fn read(text: &str, _: &Units) -> Result<u32, Wrong> {
        text.parse().map_err(|_| Self::misread())
    }
}

/// A quantity, in thousandths.
pub struct Quantity;

impl Kind for Quantity {
    type Value = i64;
    const WHAT: &'static str = "a quantity";
    const EXAMPLES: &'static [&'static str] = &["20", "5.5"];
    const NUMBER: bool = true;

    fn read(text: &str, _: &Units) -> Result<i64, Wrong> {
        let thousandths = scaled(text, 3).ok().and_then(|it| i64::try_from(it).ok());
        thousandths.filter(|it| *it > 0).ok_or_else(Self::misread)
    }
}

/// How many decimals points keep.
pub struct Decimals;

impl Kind for Decimals {
    type Value = u8;
    const WHAT: &'static str = "a number of decimals";
    const EXAMPLES: &'static [&'static str] = &["0", "3"];
    const NUMBER: bool = true;

    fn read(text: &str, _: &Units) -> Result<u8, Wrong> {
        let decimals = text.parse().ok().filter(|decimals| *decimals <= 3);
        decimals.ok_or_else(|| Wrong::new("is not a number of decimals", "0, 1, 2 or 3"))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::written::check, *};

    #[test]
    fn money_is_read_to_the_penny_and_no_further() {
        check::<Money>(
            0,
            &[
                ("10.00 GBP", "1000"),
                ("10 GBP", "1000"),
                ("0.5 GBP", "50"),
                ("1.005 GBP", "has more decimals than GBP: at most 2 decimals"),
                ("0.00 GBP", "is no money: more than zero"),
                ("1.00 EUR", "is other money than the program's: an amount in GBP"),
                ("100000000000.01 GBP", "is too much money: at most 10^13 of the smallest coin"),
                ("10.00", "is not an amount of money: an amount of money such as \"10.00 GBP\""),
                (
                    "-1.00 GBP",
                    "is not an amount of money: an amount of money such as \"10.00 GBP\"",
                ),
                ("£1", "is not an amount of money: an amount of money such as \"10.00 GBP\""),
            ],
        );
        check::<Spent>(0, &[("0", "0"), ("0.00 GBP", "0"), ("300.00 GBP", "30000")]);
    }

    #[test]
    fn money_without_pennies_has_none() {
        let yen = Units { money: "JPY".parse().ok(), ..Units::for_tests(0) };
        assert_eq!(Money::read("500 JPY", &yen), Ok(500));
        assert!(Money::read("500.5 JPY", &yen).is_err());
    }

    #[test]
    fn points_are_read_in_the_smallest_unit() {
        check::<Amount>(
            3,
            &[
                ("1.2", "Points(1200)"),
                ("25 Stars", "Points(25000)"),
                ("1 star", "Points(1000)"),
                ("0", "Points(0)"),
                ("1.0005", "has more decimals than these points keep: at most 3 decimals"),
                ("25 miles", "is not a number of points: a number of points such as \"25\""),
                ("9007199254741", "is not a number of points: a number of points such as \"25\""),
                ("1e3", "is not a number of points: a number of points such as \"25\""),
            ],
        );
        check::<SomePoints>(0, &[("25", "Points(25)"), ("0", "is nothing: more than 0 points")]);
    }

    #[test]
    fn a_cost_may_be_finer_than_a_penny() {
        let cost = |text, decimals| Cost::read(text, &Units::for_tests(decimals)).map_err(drop);
        assert_eq!(cost("0.01 GBP", 0), Ok(Ratio::ONE));
        assert_eq!(cost("0.005 GBP", 0), Ratio::new(1, 2).ok_or(()));
        assert_eq!(cost("0.04 GBP", 3), Ratio::new(4, 1000).ok_or(()));
        assert_eq!(cost("0.04 USD", 3), Err(()));
    }

    #[test]
    fn multipliers_are_exact_and_sensible() {
        let times = |text| Times::read(text, &Units::for_tests(0)).ok();
        assert_eq!(times("1.25"), Ratio::new(5, 4));
        for refused in ["0", "0.0", "1001", "inf", "nan", "1e2", "-2", "twice"] {
            assert_eq!(times(refused), None, "{refused}");
        }
    }

    #[test]
    fn a_clawback_ends_in_debt_or_not() {
        check::<Clawback>(
            0,
            &[
                ("allow debt", "Allow"),
                ("debt up to 500 points", "UpTo(Points(500))"),
                ("write off", "WriteOff"),
                ("pending only", "PendingOnly"),
                ("debt up to 0", "is nothing: more than 0 points"),
            ],
        );
        let wrong = Clawback::read("alow debt", &Units::for_tests(0)).map_err(|it| it.nearest);
        assert_eq!(wrong, Err(Some("allow debt".into())));
    }

    #[test]
    fn decimals_are_three_at_most() {
        let refused = "is not a number of decimals: 0, 1, 2 or 3";
        check::<Decimals>(0, &[("0", "0"), ("3", "3"), ("4", refused), ("-1", refused)]);
    }
}
