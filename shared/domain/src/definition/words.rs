//! Choices: the words of the language and what each of them means.

use super::{
    problem::{Wrong, one_of},
    written::{Kind, Units},
};
use crate::{
    program::{GroupMode, MultiplierMode, OnRefund, PartialRefund, RewardKind, RoundingScope},
    ratio::RoundingMode,
};

/// A choice between a few words.
pub trait Choice: Copy + 'static {
    /// What is chosen, with its article.
    const WHAT: &'static str;
    /// Every word and its meaning.
    const WORDS: &'static [(&'static str, Self)];
}

impl<C: Choice> Kind for C {
    type Value = C;
    const WHAT: &'static str = C::WHAT;
    const EXAMPLES: &'static [&'static str] = &[];

    fn words() -> Vec<&'static str> {
        C::WORDS.iter().map(|(word, _)| *word).collect()
    }

    fn expected() -> String {
        one_of(Self::words())
    }

    fn read(text: &str, _: &Units) -> Result<C, Wrong> {
        let meaning = C::WORDS.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        meaning.ok_or_else(|| Wrong::unknown(text, Self::words()))
    }
}

/// What an earn rule listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// Orders.
    Order,
}

impl Choice for On {
    const WHAT: &'static str = "what a rule listens to";
    const WORDS: &'static [(&'static str, On)] = &[("order", On::Order)];
}

/// What becomes of discounts when the eligible amount is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discounts {
    /// The amount is what is left after them.
    Deducted,
    /// The amount is what it would be without them.
    Ignored,
}

impl Choice for Discounts {
    const WHAT: &'static str = "what becomes of discounts";
    const WORDS: &'static [(&'static str, Discounts)] =
        &[("deducted", Discounts::Deducted), ("ignored", Discounts::Ignored)];
}

/// Parts of an order beside its goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Tax.
    Tax,
    /// Shipping.
    Shipping,
    /// A tip.
    Tip,
}

impl Choice for Part {
    const WHAT: &'static str = "a part of an order";
    const WORDS: &'static [(&'static str, Part)] =
        &[("tax", Part::Tax), ("shipping", Part::Shipping), ("tip", Part::Tip)];
}

/// How an expiry date is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiryRounding {
    /// Not at all.
    None,
    /// On to the end of its month.
    EndOfMonth,
}

impl Choice for ExpiryRounding {
    const WHAT: &'static str = "how an expiry date is rounded";
    const WORDS: &'static [(&'static str, ExpiryRounding)] =
        &[("end of month", ExpiryRounding::EndOfMonth), ("none", ExpiryRounding::None)];
}

/// How far a review takes a member down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Downgrade {
    /// As far as the measure says.
    ToLevelEarned,
    /// One level at most.
    OneLevel,
}

impl Choice for Downgrade {
    const WHAT: &'static str = "how far a review takes a member down";
    const WORDS: &'static [(&'static str, Downgrade)] = &[
        ("to the level earned", Downgrade::ToLevelEarned),
        ("one level at most", Downgrade::OneLevel),
    ];
}

impl Choice for RoundingMode {
    const WHAT: &'static str = "a way to round";
    const WORDS: &'static [(&'static str, RoundingMode)] = &[
        ("down", RoundingMode::Floor),
        ("up", RoundingMode::Ceil),
        ("half up", RoundingMode::HalfUp),
        ("half even", RoundingMode::HalfEven),
    ];
}

impl Choice for RoundingScope {
    const WHAT: &'static str = "what is rounded as one";
    const WORDS: &'static [(&'static str, RoundingScope)] =
        &[("order", RoundingScope::Order), ("line", RoundingScope::Line)];
}

impl Choice for PartialRefund {
    const WHAT: &'static str = "what a partial refund does";
    const WORDS: &'static [(&'static str, PartialRefund)] =
        &[("keep", PartialRefund::Keep), ("proportional", PartialRefund::Proportional)];
}

impl Choice for GroupMode {
    const WHAT: &'static str = "which rules of a group count";
    const WORDS: &'static [(&'static str, GroupMode)] =
        &[("sum", GroupMode::Sum), ("max", GroupMode::Max), ("first", GroupMode::First)];
}

impl Choice for MultiplierMode {
    const WHAT: &'static str = "how multipliers combine";
    const WORDS: &'static [(&'static str, MultiplierMode)] = &[
        ("multiply", MultiplierMode::Multiply),
        ("add", MultiplierMode::Add),
        ("max", MultiplierMode::Max),
    ];
}

impl Choice for OnRefund {
    const WHAT: &'static str = "what a refund does to a level";
    const WORDS: &'static [(&'static str, OnRefund)] = &[
        ("keep", OnRefund::Keep),
        ("recompute", OnRefund::Recompute),
        ("at review", OnRefund::AtReview),
    ];
}

impl Choice for RewardKind {
    const WHAT: &'static str = "a kind of reward";
    const WORDS: &'static [(&'static str, RewardKind)] = &[
        ("order credit", RewardKind::OrderCredit),
        ("free product", RewardKind::FreeProduct),
        ("benefit", RewardKind::Benefit),
    ];
}
