//! Prices: what a reward costs, and how much of a basket it pays.

use super::{
    amounts::{scaled, some_money, some_points},
    problem::Wrong,
    written::{Kind, Units},
};
use crate::program::Price;

/// What a reward costs.
pub struct RewardPrice;

impl Kind for RewardPrice {
    type Value = Price;
    const WHAT: &'static str = "a price";
    const EXAMPLES: &'static [&'static str] =
        &["800 points", "100 per 1.00 GBP", "500 for 5.00 GBP"];
    const NUMBER: bool = true;

    fn read(text: &str, units: &Units) -> Result<Price, Wrong> {
        if let Some((points, value)) = text.split_once(" per ") {
            let points = some_points::<Self>(points, units)?;
            return Ok(Price::Variable { points, value: some_money::<Self>(value, units)? });
        }
        let Some((points, value)) = text.split_once(" for ") else {
            return Ok(Price::Fixed { points: some_points::<Self>(text, units)?, value: None });
        };
        let points = some_points::<Self>(points, units)?;
        Ok(Price::Fixed { points, value: Some(some_money::<Self>(value, units)?) })
    }
}

/// A cap on a reward: the greatest share of a basket that it may pay, in thousandths.
pub struct BasketShare;

impl Kind for BasketShare {
    type Value = u16;
    const WHAT: &'static str = "a limit";
    const EXAMPLES: &'static [&'static str] = &["50% of the basket"];

    fn read(text: &str, _: &Units) -> Result<u16, Wrong> {
        let percent = text.strip_suffix("% of the basket").ok_or_else(Self::misread)?;
        let thousandths = scaled(percent, 1).ok().and_then(|share| u16::try_from(share).ok());
        thousandths.filter(|share| (1..=1_000).contains(share)).ok_or_else(|| {
            Wrong::new("is no share", "more than 0% and at most 100%, with one decimal at most")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::written::check, *};

    #[test]
    fn a_price_is_fixed_or_for_any_amount() {
        check::<RewardPrice>(
            0,
            &[
                ("800", "Fixed { points: Points(800), value: None }"),
                ("800 Stars", "Fixed { points: Points(800), value: None }"),
                ("500 for 5.00 GBP", "Fixed { points: Points(500), value: Some(500) }"),
                ("100 per 1.00 GBP", "Variable { points: Points(100), value: 100 }"),
                ("0 per 1.00 GBP", "is nothing: more than 0 points"),
                ("100 per 0.00 GBP", "is no money: more than zero"),
                ("0", "is nothing: more than 0 points"),
            ],
        );
    }

    #[test]
    fn a_share_of_a_basket_is_in_thousandths() {
        let no_share = "is no share: more than 0% and at most 100%, with one decimal at most";
        check::<BasketShare>(
            0,
            &[
                ("50% of the basket", "500"),
                ("12.5% of the basket", "125"),
                ("100% of the basket", "1000"),
                ("0% of the basket", no_share),
                ("101% of the basket", no_share),
                ("0.25% of the basket", no_share),
                ("1 per member", "is not a limit: a limit such as \"50% of the basket\""),
            ],
        );
    }
}
