//! The keys of a definition file. What is said of them here is what editors show.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    amounts::{
        Amount, Clawback, Cost, Count, Decimals, Money, Percent, Quantity, SomePoints, Threshold,
        Times,
    },
    awards::{Award, Cap, LongAward, Odds},
    names::{Cel, Id, MoneyCode, Note, Reference, Title, Word, Zone},
    prices::{RewardLimit, RewardPrice},
    targets::{AtLeastShare, AtMostMoney, AtMostShare, WithinDays},
    times::{CalendarDay, Counted, Credited, DayOfYear, Expires, Lasts, Length, Moment, Wait},
    words::{
        Discounts, Downgrade, EachSpan, ExpiryRounding, FirstMembers, Joined, Needs, On, Only,
        Part, Ranked, Repeat, Synced, Weekday,
    },
    written::{Either, OneOrMany, Written},
};
use crate::{
    birthday::NearBirthday,
    program::{
        GroupMode, MultiplierMode, OnDowngrade, OnRefund, PartialRefund, RewardKind, RoundingScope,
        Undone,
    },
    ratio::RoundingMode,
};

/// A loyalty program.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a definition")]
pub struct Definition {
    /// What the program is.
    pub program: Identity,
    /// What its points are.
    pub points: PointsSection,
    /// Further currencies that cannot be spent and only count towards a level, such as
    /// nights.
    #[serde(default)]
    pub currency: Vec<CurrencySection>,
    /// Which part of an order earns, and counts as spend. By default: what is paid for
    /// goods, net of discounts, without tax, shipping, tips, gift cards and the part
    /// paid with points.
    pub base: Option<BaseTable>,
    /// How members earn, rule by rule.
    #[serde(default)]
    pub earn: Vec<EarnSection>,
    /// Rules that compete.
    #[serde(default)]
    pub group: Vec<GroupSection>,
    /// How rules combine.
    pub stacking: Option<StackingSection>,
    /// The levels.
    pub tiers: Option<TiersSection>,
    /// What members set out to do, in several steps or more than once.
    #[serde(default)]
    pub challenge: Vec<ChallengeSection>,
    /// What several orders or activities together give on top.
    #[serde(default)]
    pub bonus: Vec<BonusSection>,
    /// What counts as bringing a friend.
    pub referral: Option<ReferralSection>,
    /// What members are told before it happens. By default nothing: each notice is a row.
    pub notices: Option<NoticesSection>,
    /// What points buy.
    #[serde(default)]
    pub reward: Vec<RewardSection>,
    /// What the shop wants of the program: a backtest says whether it is met.
    pub targets: Option<TargetsSection>,
}

/// What members are told before it happens.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as [notices]")]
pub struct NoticesSection {
    /// How long before points end: one or several lengths.
    pub points: Option<OneOrMany<Length>>,
    /// How long before a level ends that has not been earned again.
    pub tier: Option<Written<Length>>,
}

/// What counts as bringing a friend. What that gives is said by rules: the member's by one on
/// "referral", the friend's by one on orders that asks for only = "a friend's order".
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as [referral]")]
pub struct ReferralSection {
    /// How soon after coming by the member's code the friend has to buy. By default ever.
    pub within: Option<Written<Length>>,
    /// The address that friends follow, with {code} where the member's code goes.
    pub link: Option<Written<Note>>,
    /// What the friend's order must be.
    pub when: Option<WhenTable>,
    /// What it must not be.
    pub unless: Option<WhenTable>,
}

/// What the shop wants of the program. Nothing is decided by it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as [targets]")]
pub struct TargetsSection {
    /// The most that the program costs, as a share of the revenue.
    pub cost: Option<Written<AtMostShare>>,
    /// The least share of the members who can have a reward some day.
    pub in_reach: Option<Written<AtLeastShare>>,
    /// How soon after joining half of those who can have a reward first can.
    pub first_reward: Option<Written<WithinDays>>,
    /// The most that outstanding points cost at the end of any month.
    pub liability: Option<Written<AtMostMoney>>,
}

/// What the program is.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as [program]")]
pub struct Identity {
    /// Its id: lower-case letters, digits, - and _. It never changes.
    pub id: Written<Id>,
    /// What members call it.
    pub name: Written<Title>,
    /// The zone in which its days begin and end, by its IANA name.
    pub time_zone: Written<Zone>,
    /// The money that orders are paid in, by its ISO 4217 code; where there are several,
    /// the first is the one that the program counts spend and costs in.
    pub money: OneOrMany<MoneyCode>,
    /// The day as of which the numbers of this file are right.
    pub as_of: Option<Written<CalendarDay>>,
    /// Where they were read.
    pub source: Option<Written<Note>>,
    /// How late an order may be told and still be dated by its own time. By default 12
    /// months.
    pub late_by_at_most: Option<Written<Length>>,
    /// For how long before joining the orders that somebody placed as a guest count when
    /// they join with the same email address. By default none does.
    pub guest_orders: Option<Written<Length>>,
}

/// What the program's points are.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as [points]")]
pub struct PointsSection {
    /// What they are called. By default point and points.
    pub name: Option<NameTable>,
    /// How many decimals are kept, 0 to 3. By default 0.
    pub decimals: Option<Written<Decimals>>,
    /// What one point costs the shop when it is spent; reports value what is outstanding
    /// by it.
    pub cost: Written<Cost>,
    /// When earned points can be spent: after a time such as the return window, at a
    /// status of the order, or by default at once.
    pub pending: Option<Written<Wait>>,
    /// When points end. By default 12 months after their order, at the end of that month.
    pub expiry: Option<Either<Expires, ExpiryTable>>,
    /// How fractions of a point are rounded. By default down, once for each order.
    pub rounding: Option<RoundingTable>,
    /// What a refund does.
    pub refund: Option<RefundTable>,
    /// How many of these points one point of the version before becomes. By default one.
    pub redenominated: Option<Written<Count>>,
}

/// A further currency, which counts towards a level and cannot be spent.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as [[currency]]")]
pub struct CurrencySection {
    /// Its id, which rules and levels refer to.
    pub id: Written<Id>,
    /// What it is called.
    pub name: NameTable,
    /// How many decimals are kept, 0 to 3. By default 0.
    pub decimals: Option<Written<Decimals>>,
    /// How fractions are rounded. By default down, once for each order.
    pub rounding: Option<RoundingTable>,
}

/// What points are called.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as { one = \"point\", other = \"points\" }")]
pub struct NameTable {
    /// One of them.
    pub one: Written<Title>,
    /// Several of them.
    pub other: Written<Title>,
}

/// When points end. They end as a day begins in the program's zone. Exactly one of
/// `after`, `inactive`, `yearly`, `on` and `by_tier`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as { after = \"12 months\" }")]
pub struct ExpiryTable {
    /// This long after the day of their order.
    pub after: Option<Written<Length>>,
    /// Whether points that end `after` a time live on to the end of that month, as by
    /// default.
    pub round: Option<Written<ExpiryRounding>>,
    /// All at once, this long after the member was last active.
    pub inactive: Option<Written<Length>>,
    /// What counts as being active: order, redemption, and kinds of activity. By default
    /// order and redemption.
    pub kept_alive_by: Option<OneOrMany<Word>>,
    /// All points live at least this long from when the member was last active.
    pub by: Option<Written<Length>>,
    /// Points that ended come back when the member is active again within this time.
    pub reinstated_within: Option<Written<Length>>,
    /// When points end on each level, lowest first: never, or a table such as this one.
    pub by_tier: Option<BTreeMap<String, Either<Expires, ExpiryTable>>>,
    /// What becomes of points that do not end when the member comes to a level on which
    /// they do: by default rebase, as if they were earned on that day.
    pub on_downgrade: Option<Written<OnDowngrade>>,
    /// All on this day of every year.
    pub yearly: Option<Written<DayOfYear>>,
    /// All on this day.
    pub on: Option<Written<CalendarDay>>,
}

/// How fractions of a point are rounded.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as { mode = \"down\", scope = \"order\" }")]
pub struct RoundingTable {
    /// Which way. By default down.
    pub mode: Option<Written<RoundingMode>>,
    /// Over what. By default the whole order, once.
    pub scope: Option<Written<RoundingScope>>,
}

/// What a refund does.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as { clawback = \"allow debt\" }")]
pub struct RefundTable {
    /// What happens to earned points that are taken back when they are spent already. By
    /// default they become debt, which new points repay first.
    pub clawback: Option<Written<Clawback>>,
    /// How long spent points that come back can be spent again, whatever their expiry. By
    /// default 30 days.
    pub returned_points_live_at_least: Option<Written<Length>>,
}

/// Which part of an order counts. What a rule leaves out is as in the program's [base].
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as { with = [\"tax\"] }")]
pub struct BaseTable {
    /// What becomes of discounts. By default they are deducted.
    pub discounts: Option<Written<Discounts>>,
    /// What counts beside the goods. By default nothing.
    pub with: Option<OneOrMany<Part>>,
    /// All categories of lines that never count. By default gift_card.
    pub without_categories: Option<OneOrMany<Word>>,
    /// Only the share of the order paid with these tenders counts. By default all of it.
    pub only_tenders: Option<OneOrMany<Word>>,
    /// All tenders whose share of the order does not count. By default points.
    pub without_tenders: Option<OneOrMany<Word>>,
}

/// One way to earn: either points or a multiplier.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as [[earn]]")]
pub struct EarnSection {
    /// Its id, which explanations and reports speak of for ever.
    pub id: Written<Id>,
    /// What it listens to.
    pub on: Written<On>,
    /// What it gives: points per money, per full step, or a number of points for the
    /// order.
    pub points: Option<Either<Award, LongAward>>,
    /// What it multiplies everything else by that the lines earn on which it holds.
    pub times: Option<Written<Times>>,
    /// The currency that it gives. By default the program's points.
    pub currency: Option<Written<Reference>>,
    /// What must hold: all of these.
    pub when: Option<WhenTable>,
    /// What must not hold: none of these. Here `from` and `to` together are the time between
    /// them.
    pub unless: Option<WhenTable>,
    /// Which part of the order counts, where that is not as in [base].
    pub base: Option<BaseTable>,
    /// The group in which it competes.
    pub group: Option<Written<Reference>>,
    /// The most that it gives to a member, by order, day, week (Monday to Sunday), month,
    /// quarter, year or lifetime: points, or a number alone for how often it gives
    /// anything. For activities also how often for the same product, network, code or
    /// event. Points "per program" are a budget that all members share.
    pub limit: Option<OneOrMany<Cap>>,
    /// When its points can be spent, where that is not as for all points.
    pub pending: Option<Written<Wait>>,
    /// When its points end, where that is not as for all points.
    pub expiry: Option<Either<Expires, ExpiryTable>>,
}

/// What a rule gives, at length: a number of points, bands, a share of what other rules
/// give, or an award for each level.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as { flat = 25 }")]
pub struct AwardTable {
    /// So many points for an order.
    pub flat: Option<Written<SomePoints>>,
    /// Whether a partial refund leaves a `flat` number of points alone, as by default, or
    /// takes its share back.
    pub on_partial_refund: Option<Written<PartialRefund>>,
    /// Points by what the order comes to: up to and including each amount, ascending.
    pub bands: Option<Vec<(Written<Money>, Written<Amount>)>>,
    /// Points above the last of the `bands`.
    pub above: Option<Written<Amount>>,
    /// The rules of which it gives a share, before multipliers.
    pub share_of: Option<OneOrMany<Reference>>,
    /// How many percent of them.
    pub percent: Option<Written<Percent>>,
    /// A draw: odds such as 1 in 10, and what they win; the first that is won counts.
    pub chance: Option<Vec<(Written<Odds>, Written<SomePoints>)>>,
    /// An award for each level; the others get nothing.
    pub by_tier: Option<BTreeMap<String, Either<Award, LongAward>>>,
}

/// Conditions. Of a list any is enough.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as { category = \"coffee\" }")]
pub struct WhenTable {
    /// The line's product.
    pub product: Option<OneOrMany<Word>>,
    /// The line's category.
    pub category: Option<OneOrMany<Word>>,
    /// The line's brand.
    pub brand: Option<OneOrMany<Word>>,
    /// The order's channel.
    pub channel: Option<OneOrMany<Word>>,
    /// The order's store.
    pub store: Option<OneOrMany<Word>>,
    /// The whole order is paid with these tenders.
    pub paid_only_with: Option<OneOrMany<Word>>,
    /// The member's level before the order.
    pub tier: Option<OneOrMany<Reference>>,
    /// What the shop has marked the member with.
    pub label: Option<OneOrMany<Word>>,
    /// What an activity is about.
    pub subject: Option<OneOrMany<Word>>,
    /// Days of the week.
    pub weekday: Option<OneOrMany<Weekday>>,
    /// Single days.
    pub day: Option<OneOrMany<CalendarDay>>,
    /// Only the member's first order; or only the orders of who was brought by a member, until
    /// one of them counts for that.
    pub only: Option<OneOrMany<Only>>,
    /// How near to the member's birthday it is: on the day, within 7 days, in the month.
    pub birthday: Option<Written<NearBirthday>>,
    /// Only the first so many lines that all the rest holds for.
    pub lines_at_most: Option<Written<Count>>,
    /// A condition in CEL, for what the other keys cannot say. One that mentions `line`
    /// holds for each line by itself.
    pub cel: Option<Written<Cel>>,
    /// The order is placed at this time or later.
    pub from: Option<Written<Moment>>,
    /// The order is placed before this time.
    pub to: Option<Written<Moment>>,
    /// The eligible amount of the whole order is at least this.
    pub order_at_least: Option<Written<Money>>,
}

/// A challenge.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as [[challenge]]")]
pub struct ChallengeSection {
    /// Its id, which histories speak of for ever.
    pub id: Written<Id>,
    /// What members call it. By default its id with a capital.
    pub name: Option<Written<Title>>,
    /// When it begins, where it comes once.
    pub from: Option<Written<Moment>>,
    /// When it is over.
    pub to: Option<Written<Moment>>,
    /// The span in which it comes again and again: week, month, quarter, year, or lifetime.
    pub each: Option<Written<EachSpan>>,
    /// The zone in which `from` and `to` are read. By default the program's.
    pub time_zone: Option<Written<Zone>>,
    /// Whether members take it up. By default everybody is in it.
    pub joining: Option<Written<Joined>>,
    /// For whom it is: tier and label.
    pub when: Option<WhenTable>,
    /// What is to be done.
    pub step: Vec<StepTable>,
    /// How many steps complete it. By default all.
    pub needs: Option<Written<Needs>>,
    /// What completing it gives.
    pub points: Option<Written<SomePoints>>,
    /// How often it can be completed. By default once.
    pub repeat: Option<Written<Repeat>>,
    /// A badge for completing it.
    pub badge: Option<Written<Title>>,
    /// When it is credited. By default at once.
    pub credited: Option<Written<Credited>>,
    /// By when what was done must be handed over and recorded. By default at any time.
    pub synced: Option<Written<Synced>>,
    /// That only the members who complete it first are given anything: 100 members.
    pub first: Option<Written<FirstMembers>>,
    /// Who is ranked by what was gathered of its first step: none, or opt in, the members
    /// who agreed to the purpose `leaderboard`. By default none.
    pub leaderboard: Option<Written<Ranked>>,
}

/// What is to be done: exactly one of `count`, `spend` and `quantity`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as { of = \"order\", count = 3 }")]
pub struct StepTable {
    /// Its id within the challenge. By default its number.
    pub id: Option<Written<Id>>,
    /// What it listens to.
    pub of: Written<On>,
    /// What must hold: all of these.
    pub when: Option<WhenTable>,
    /// What must not hold: none of these.
    pub unless: Option<WhenTable>,
    /// How often.
    pub count: Option<Written<Count>>,
    /// That `count` is of different products, categories, brands, stores, channels or
    /// subjects.
    pub different: Option<Written<crate::program::Word>>,
    /// That `count` is of days, weeks or months in a row with at least one.
    pub in_a_row: Option<Written<EachSpan>>,
    /// How much must be spent in all.
    pub spend: Option<Written<Money>>,
    /// How many pieces, or units of an activity, in all.
    pub quantity: Option<Written<Quantity>>,
    /// What the step alone gives.
    pub points: Option<Written<SomePoints>>,
}

/// What several orders or activities together give on top: either a `total` by how many
/// there were, or a share of what rules gave.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as [[bonus]]")]
pub struct BonusSection {
    /// Its id, which histories speak of for ever.
    pub id: Written<Id>,
    /// What members call it. By default its id with a capital.
    pub name: Option<Written<Title>>,
    /// The span over which it counts: day, week, month, quarter, year or lifetime.
    pub each: Written<EachSpan>,
    /// What it listens to.
    pub of: Written<On>,
    /// What must hold: all of these.
    pub when: Option<WhenTable>,
    /// What must not hold: none of these.
    pub unless: Option<WhenTable>,
    /// That different products, categories, brands, stores, channels or subjects are
    /// counted, and not how often.
    pub different: Option<Written<crate::program::Word>>,
    /// Points in all by the count, ascending.
    pub total: Option<Vec<(Written<Count>, Written<SomePoints>)>>,
    /// The rules of which it gives a share.
    pub share_of: Option<OneOrMany<Reference>>,
    /// How many percent of them.
    pub percent: Option<Written<Percent>>,
    /// How much must be spent in the span for a share.
    pub spend: Option<Written<Money>>,
    /// No more than this.
    pub at_most: Option<Written<SomePoints>>,
    /// When it is credited. By default at once.
    pub credited: Option<Written<Credited>>,
}

/// Rules that compete.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as [[group]]")]
pub struct GroupSection {
    /// Its id, which rules refer to.
    pub id: Written<Id>,
    /// Which of its rules count: all, the one that gives most, or the first in the file
    /// that gives anything.
    pub mode: Written<GroupMode>,
}

/// How rules combine.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as [stacking]")]
pub struct StackingSection {
    /// Twice and three times make six times (multiply, as by default), four times (add)
    /// or three times (max).
    pub multipliers: Option<Written<MultiplierMode>>,
}

/// The levels.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as [tiers]")]
pub struct TiersSection {
    /// What reaches a level: spend, orders, or the id of a currency that was earned.
    pub measure: Written<Reference>,
    /// Over which time. By default the calendar year.
    pub window: Option<Written<Counted>>,
    /// How long a level lasts that was reached. By default the rest of this year and all
    /// of next.
    pub valid: Option<Written<Lasts>>,
    /// What a refund does to a level that it no longer supports. By default it is taken
    /// at the next yearly review.
    pub on_refund: Option<Written<OnRefund>>,
    /// How long a level lives on after it has ended. By default not at all.
    pub grace: Option<Written<Length>>,
    /// How far a review takes a member down. By default to the level earned.
    pub downgrade: Option<Written<Downgrade>>,
    /// The levels, ascending; the first is everybody's, from 0.
    pub levels: Vec<LevelTable>,
}

/// One level.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as { id = \"member\", from = 0 }")]
pub struct LevelTable {
    /// Its id, which rules and rewards refer to.
    pub id: Written<Id>,
    /// What members call it. By default its id with a capital.
    pub name: Option<Written<Title>>,
    /// What must be reached: an amount of the measure, such as 300.00 GBP or 5; amounts of
    /// anything that is counted (money, orders, points, a currency) and labels that the
    /// shop has marked the member with, joined by and, or; "over" before an amount asks
    /// for more than it. "by grant" is reached by the shop's word alone.
    pub from: Written<Threshold>,
    /// What its members' points are multiplied by. By default 1.
    pub earn_times: Option<Written<Times>>,
    /// What else it gives, in the shop's words.
    pub benefits: Option<OneOrMany<Word>>,
}

/// One thing that points buy.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as [[reward]]")]
pub struct RewardSection {
    /// Its id.
    pub id: Written<Id>,
    /// What members call it. By default its id with a capital.
    pub name: Option<Written<Title>>,
    /// What it is.
    pub kind: Written<RewardKind>,
    /// What it costs: a number of points; for an order credit points per money (any
    /// amount) or points for money (that amount). A price in other money that the program
    /// takes is for baskets in that money, and amounts beside it are in it too.
    pub price: Written<RewardPrice>,
    /// Who may have it, and on what.
    pub when: Option<RewardWhenTable>,
    /// The most of a basket that an order credit pays, and how often a member may have the
    /// reward: 1 per member, 2 per month.
    pub limit: Option<OneOrMany<RewardLimit>>,
    /// The greatest value of the thing.
    pub worth_up_to: Option<Written<Money>>,
    /// What it costs the shop, where that differs from what its points cost.
    pub cost: Option<Written<Money>>,
    /// Whether it can be undone: by default its points come back.
    pub undone: Option<Written<Undone>>,
}

/// Who may have a reward, and on what.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as { tier = \"gold\" }")]
pub struct RewardWhenTable {
    /// The levels that may have it. By default every one.
    pub tier: Option<OneOrMany<Reference>>,
    /// What the shop has marked the members with that may have it.
    pub label: Option<OneOrMany<Word>>,
    /// From when on it may be had.
    pub from: Option<Written<Moment>>,
    /// Until when.
    pub to: Option<Written<Moment>>,
    /// The least basket that it may be used on.
    pub basket_at_least: Option<Written<Money>>,
}
