//! Choices: the words of the language and what each of them means.

use super::{
    problem::{Wrong, one_of},
    written::{Kind, Units},
};
use crate::{
    birthday::NearBirthday,
    program::{
        GroupMode, Joining, Leaderboard, LimitPer, MultiplierMode, OnDowngrade, OnRefund,
        PartialRefund, RewardKind, RoundingScope, Trigger, Undone,
    },
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

/// What an earn rule listens to: orders, or activities of a kind that the shop names.
pub struct On;

/// What happens to a member otherwise than by an order or an activity.
const NO_ACTIVITIES: [&str; 4] = ["refund", "redemption", "adjustment", "transfer"];

impl Kind for On {
    type Value = Trigger;
    const WHAT: &'static str = "what a rule listens to";
    const EXAMPLES: &'static [&'static str] = &["order", "review", "wish_list"];

    fn read(text: &str, _: &Units) -> Result<Trigger, Wrong> {
        if text == "order" {
            return Ok(Trigger::Order);
        }
        if NO_ACTIVITIES.contains(&text) {
            return Err(Wrong::new("earns nothing", "\"order\" or a kind of activity"));
        }
        if nearly("order", text) {
            return Err(Wrong {
                nearest: Some("order".to_owned()),
                ..Wrong::new("is not known", "\"order\" or a kind of activity")
            });
        }
        match crate::fact::is_activity_kind(text) {
            true => Ok(Trigger::Activity(text.to_owned())),
            false => Err(Self::misread()),
        }
    }
}

/// Whether a text is a word but for one letter, or for two that changed places. A kind of
/// activity may have any name, and no shop means one that is an order but for a slip.
fn nearly(word: &str, text: &str) -> bool {
    let sorted = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    super::problem::distance(word, text) == 1 || (word != text && sorted(word) == sorted(text))
}

/// Which of a member's orders a rule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// The first that is known.
    FirstOrder,
    /// Those of who was brought by a member, until one of them counts for that.
    FriendsOrder,
}

impl Only {
    /// What is written for the orders of friends.
    pub const FRIENDS_ORDER: &'static str = "a friend's order";
}

impl Choice for Only {
    const WHAT: &'static str = "which orders count";
    const WORDS: &'static [(&'static str, Only)] =
        &[("the first order", Only::FirstOrder), (Only::FRIENDS_ORDER, Only::FriendsOrder)];
}

/// The span over which a goal counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EachSpan(pub LimitPer);

impl Choice for EachSpan {
    const WHAT: &'static str = "a span";
    const WORDS: &'static [(&'static str, EachSpan)] = &[
        ("day", EachSpan(LimitPer::Day)),
        ("week", EachSpan(LimitPer::Week)),
        ("month", EachSpan(LimitPer::Month)),
        ("quarter", EachSpan(LimitPer::Quarter)),
        ("year", EachSpan(LimitPer::Year)),
        ("lifetime", EachSpan(LimitPer::Lifetime)),
    ];
}

/// Whether members take a challenge up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined(pub Joining);

impl Choice for Joined {
    const WHAT: &'static str = "whether members take a challenge up";
    const WORDS: &'static [(&'static str, Joined)] = &[
        ("automatic", Joined(Joining::Automatic)),
        ("activated by the member", Joined(Joining::Activated)),
        ("activated before it starts", Joined(Joining::ActivatedBeforeStart)),
    ];
}

/// By when what was done must be handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synced {
    /// Before the end.
    BeforeTheEnd,
}

impl Choice for Synced {
    const WHAT: &'static str = "by when it must be handed over";
    const WORDS: &'static [(&'static str, Synced)] = &[("before the end", Synced::BeforeTheEnd)];
}

/// Whom a challenge ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranked(pub Leaderboard);

impl Choice for Ranked {
    const WHAT: &'static str = "whom a leaderboard shows";
    const WORDS: &'static [(&'static str, Ranked)] =
        &[("none", Ranked(Leaderboard::None)), ("opt in", Ranked(Leaderboard::OptIn))];
}

impl Choice for crate::program::Word {
    const WHAT: &'static str = "what differs";
    const WORDS: &'static [(&'static str, crate::program::Word)] = &[
        ("product", crate::program::Word::Product),
        ("category", crate::program::Word::Category),
        ("brand", crate::program::Word::Brand),
        ("store", crate::program::Word::Store),
        ("channel", crate::program::Word::Channel),
        ("subject", crate::program::Word::Subject),
    ];
}

/// How often a challenge can be completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat(pub u32);

impl Kind for Repeat {
    type Value = Repeat;
    const WHAT: &'static str = "how often";
    const EXAMPLES: &'static [&'static str] = &["once", "3 times"];

    fn read(text: &str, _: &Units) -> Result<Repeat, Wrong> {
        if text == "once" {
            return Ok(Repeat(1));
        }
        let times = text.strip_suffix(" times").and_then(|times| times.parse().ok());
        times.filter(|times| (1..=1_000).contains(times)).map(Repeat).ok_or_else(Self::misread)
    }
}

/// How many members a challenge gives something to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstMembers(pub u32);

impl Kind for FirstMembers {
    type Value = FirstMembers;
    const WHAT: &'static str = "how many members";
    const EXAMPLES: &'static [&'static str] = &["100 members", "1 member"];

    fn read(text: &str, _: &Units) -> Result<FirstMembers, Wrong> {
        let number = text.strip_suffix(" members").or(text.strip_suffix(" member"));
        let number = number.and_then(|number| number.parse().ok()).filter(|number| *number > 0);
        number.map(FirstMembers).ok_or_else(Self::misread)
    }
}

/// How many steps complete a challenge: `None` is all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs(pub Option<u8>);

impl Kind for Needs {
    type Value = Needs;
    const WHAT: &'static str = "how many steps are needed";
    const EXAMPLES: &'static [&'static str] = &["all steps", "any step", "2 steps"];

    fn read(text: &str, _: &Units) -> Result<Needs, Wrong> {
        match text {
            "all steps" => Ok(Needs(None)),
            "any step" => Ok(Needs(Some(1))),
            _ => {
                let steps = text.strip_suffix(" steps").and_then(|steps| steps.parse().ok());
                let steps = steps.filter(|steps| *steps > 0);
                steps.map(|steps| Needs(Some(steps))).ok_or_else(Self::misread)
            }
        }
    }
}

impl Kind for NearBirthday {
    type Value = NearBirthday;
    const WHAT: &'static str = "a time around the birthday";
    const EXAMPLES: &'static [&'static str] = &["on the day", "within 7 days", "in the month"];

    fn read(text: &str, _: &Units) -> Result<NearBirthday, Wrong> {
        match text {
            "on the day" => Ok(NearBirthday::Days(0)),
            "in the month" => Ok(NearBirthday::Month),
            _ => {
                let days = text.strip_prefix("within ").and_then(|it| it.strip_suffix(" days"));
                let days = days.and_then(|days| days.parse().ok());
                let days = days.filter(|days| (1..=60).contains(days));
                days.map(NearBirthday::Days).ok_or_else(Self::misread)
            }
        }
    }
}

/// A day of the week, from 1 for Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weekday(pub u8);

impl Choice for Weekday {
    const WHAT: &'static str = "a day of the week";
    const WORDS: &'static [(&'static str, Weekday)] = &[
        ("Monday", Weekday(1)),
        ("Tuesday", Weekday(2)),
        ("Wednesday", Weekday(3)),
        ("Thursday", Weekday(4)),
        ("Friday", Weekday(5)),
        ("Saturday", Weekday(6)),
        ("Sunday", Weekday(7)),
    ];
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

impl Choice for OnDowngrade {
    const WHAT: &'static str = "what becomes of points that did not end";
    const WORDS: &'static [(&'static str, OnDowngrade)] =
        &[("rebase", OnDowngrade::Rebase), ("keep", OnDowngrade::Keep)];
}

impl Choice for RewardKind {
    const WHAT: &'static str = "a kind of reward";
    const WORDS: &'static [(&'static str, RewardKind)] = &[
        ("order credit", RewardKind::OrderCredit),
        ("free product", RewardKind::FreeProduct),
        ("benefit", RewardKind::Benefit),
        ("percent off", RewardKind::PercentOff),
        ("delivery", RewardKind::Delivery),
        ("experience", RewardKind::Experience),
        ("access", RewardKind::Access),
        ("prize draw", RewardKind::PrizeDraw),
        ("donation", RewardKind::Donation),
    ];
}

impl Choice for Undone {
    const WHAT: &'static str = "whether it can be undone";
    const WORDS: &'static [(&'static str, Undone)] =
        &[("points come back", Undone::PointsBack), ("never", Undone::Never)];
}
