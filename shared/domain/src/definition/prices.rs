//! Prices: what a reward costs, and how much of a basket it pays.

use super::{
    amounts::{scaled, some_money, some_points},
    awards::days,
    problem::Wrong,
    written::{Kind, Units},
};
use crate::program::{LimitPer, Price};

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

/// A cap on a reward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RewardLimit {
    /// The greatest share of a basket that it may pay, in thousandths.
    Basket(u16),
    /// How often a member may have it in a span.
    Times(u32, LimitPer),
}

const SPANS: [(&str, LimitPer); 7] = [
    ("member", LimitPer::Lifetime),
    ("lifetime", LimitPer::Lifetime),
    ("day", LimitPer::Day),
    ("week", LimitPer::Week),
    ("month", LimitPer::Month),
    ("quarter", LimitPer::Quarter),
    ("year", LimitPer::Year),
];

impl Kind for RewardLimit {
    type Value = RewardLimit;
    const WHAT: &'static str = "a limit";
    const EXAMPLES: &'static [&'static str] = &["50% of the basket", "1 per member", "2 per month"];

    fn read(text: &str, _: &Units) -> Result<RewardLimit, Wrong> {
        if let Some((times, span)) = text.split_once(" per ") {
            let per = SPANS.iter().find(|(word, _)| *word == span).map(|(_, per)| Ok(*per));
            let words = SPANS.map(|(word, _)| word);
            let per =
                per.or_else(|| days(span)).unwrap_or_else(|| Err(Wrong::unknown(span, words)))?;
            let times = times.parse().ok().filter(|times| *times > 0);
            return Ok(RewardLimit::Times(times.ok_or_else(Self::misread)?, per));
        }
        let percent = text.strip_suffix("% of the basket").ok_or_else(Self::misread)?;
        let thousandths = scaled(percent, 1).ok().and_then(|share| u16::try_from(share).ok());
        let share = thousandths.filter(|share| (1..=1_000).contains(share));
        share.map(RewardLimit::Basket).ok_or_else(|| {
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
        check::<RewardLimit>(
            0,
            &[
                ("50% of the basket", "Basket(500)"),
                ("12.5% of the basket", "Basket(125)"),
                ("100% of the basket", "Basket(1000)"),
                ("0% of the basket", no_share),
                ("101% of the basket", no_share),
                ("0.25% of the basket", no_share),
                ("1 per member", "Times(1, Lifetime)"),
                ("2 per month", "Times(2, Month)"),
                ("1 per 30 days", "Times(1, Days(30))"),
                (
                    "0 per month",
                    "is not a limit: a limit such as \"50% of the basket\", \"1 per member\" or \"2 per \
                     month\"",
                ),
            ],
        );
    }
}
