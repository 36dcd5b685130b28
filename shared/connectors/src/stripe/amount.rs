//! Stripe's amounts: whole numbers of what Stripe takes for a currency's smallest unit,
//! which is not everywhere what ISO 4217 does.

use domain::money::{Currency, MONEY_MAX};

use crate::Refused;

/// Digits after the point in Stripe's amounts (docs.stripe.com/currencies, "Zero-decimal
/// currencies" and "Special cases"): Iceland's króna and Uganda's shilling have none any
/// more and are still written with two; Madagascar's ariary has none.
fn digits(currency: Currency) -> u8 {
    match currency.code() {
        "ISK" | "UGX" => 2,
        "MGA" => 0,
        _ => currency.minor_digits(),
    }
}

/// An amount in minor units as ISO 4217 has them.
pub(super) fn minor(amount: i64, field: &str, currency: Currency) -> Result<i64, Refused> {
    let (given, wanted) = (digits(currency), currency.minor_digits());
    let up = amount.checked_mul(10_i64.pow(u32::from(wanted.saturating_sub(given))));
    let down = 10_i64.pow(u32::from(given.saturating_sub(wanted)));
    let minor = up.map(|amount| amount / down);
    minor.filter(|minor| (0..=MONEY_MAX).contains(minor)).ok_or_else(|| Refused::amount(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_odd_currencies_become_what_iso_4217_says() {
        let cases = [
            ("USD", 1999, Some(1999)),
            ("JPY", 500, Some(500)),
            ("KWD", 1230, Some(1230)),
            ("ISK", 50_000, Some(500)),
            ("UGX", 50_000, Some(500)),
            ("MGA", 500, Some(50_000)),
            ("USD", -1, None),
            ("USD", i64::MAX, None),
            ("MGA", i64::MAX, None),
        ];
        for (code, amount, expected) in cases {
            let currency = code.parse().expect("a currency");
            assert_eq!(minor(amount, "amount", currency).ok(), expected, "{amount} {code}");
        }
    }
}
