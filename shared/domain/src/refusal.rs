//! Refusals: what the rules do not allow. Nothing is recorded, nothing changes.

use thiserror::Error;

use crate::{change::Impossible, ids::MemberId, points::Points, program::LimitPer, time::Instant};

/// Why a fact was not recorded. Points are smallest units, money is minor units.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody enrolled under that id.
    #[error("there is no such member")]
    MemberUnknown,
    /// Nobody is given anything by themselves.
    #[error("nobody gives to themselves")]
    GivenToSelf,
    /// The activity is limited for each giver, and none is named.
    #[error("this activity needs who gives it")]
    GiverRequired,
    /// The giver has less left of this month's allowance.
    #[error("the giver has {} points left this month", .left.units())]
    Allowance {
        /// What is left.
        left: Points,
    },
    /// The program has no referrals.
    #[error("the program gives nothing for bringing friends")]
    NoReferrals,
    /// Somebody else brought the member, or it was said before.
    #[error("who brought the member is known")]
    AlreadyReferred,
    /// Nobody brings themselves, or who brought them: no approval makes that right.
    #[error("nobody brings themselves, or those who brought them")]
    NeverAFriend,
    /// The guest became a member: what comes belongs to that chain.
    #[error("the guest became a member")]
    MovedOn {
        /// The member.
        to: MemberId,
    },
    /// The fact is dated too far ahead.
    #[error("{occurred_at} is more than a day in the future")]
    InTheFuture {
        /// What it says.
        occurred_at: Instant,
    },
    /// The order is not in the program's money.
    #[error("the order is in {given}, the program's money is {expected}")]
    Currency {
        /// The order's.
        given: crate::money::Currency,
        /// The program's.
        expected: crate::money::Currency,
    },
    /// More points than there are.
    #[error("{} points requested but only {} available", .requested.units(), .available.units())]
    Insufficient {
        /// What was asked for.
        requested: Points,
        /// What is there.
        available: Points,
    },
    /// The program has no such reward.
    #[error("the program has no reward {reward:?}")]
    RewardUnknown {
        /// What was asked for.
        reward: String,
    },
    /// The reward is for other levels.
    #[error("the reward is for {}", .levels.join(", "))]
    RewardTier {
        /// The levels that may have it.
        levels: Vec<String>,
    },
    /// The reward needs a basket.
    #[error("the reward is used on a basket: say its value")]
    BasketRequired,
    /// The basket is too small.
    #[error("the reward needs a basket of at least {least} minor units, this one is {basket}")]
    MinPurchase {
        /// The least.
        least: i64,
        /// The basket.
        basket: i64,
    },
    /// The reward would pay too much of the basket.
    #[error("the reward may pay at most {most} minor units of this basket, this would be {value}")]
    BasketShare {
        /// The most it may pay.
        most: i64,
        /// What it would pay.
        value: i64,
    },
    /// A reward of variable price needs the points to spend.
    #[error("the reward has no fixed price: say how many points to spend")]
    PointsRequired,
    /// The points are no whole number of steps.
    #[error("the reward is sold in steps of {} points", .step.units())]
    NotAStep {
        /// The points of one step.
        step: Points,
    },
    /// The points are not the reward's price.
    #[error("the reward costs {} points", .price.units())]
    PriceIsFixed {
        /// Its price.
        price: Points,
    },
    /// The reward cannot be had at this time.
    #[error("the reward cannot be had now")]
    RewardNotNow {
        /// From when on it can.
        from: Option<Instant>,
        /// Until when it could.
        to: Option<Instant>,
    },
    /// The reward is for members whom the shop has marked.
    #[error("the reward is for members marked {}", .labels.join(" or "))]
    RewardLabel {
        /// With one of these.
        labels: Vec<String>,
    },
    /// The member had the reward as often as they may.
    #[error("a member may have the reward {most} times at most in this time")]
    RewardLimit {
        /// How often.
        most: u32,
        /// In which span.
        per: LimitPer,
    },
    /// The row is no redemption.
    #[error("row {redemption} spent nothing on a reward")]
    RedemptionUnknown {
        /// The row's sequence.
        redemption: u64,
    },
    /// The reward is final.
    #[error("the reward is final: its points do not come back")]
    Final,
    /// Too many labels.
    #[error("a member may have at most {max} labels")]
    TooManyLabels {
        /// The most.
        max: usize,
    },
    /// The program has no such level.
    #[error("the program has no level {level:?}")]
    TierUnknown {
        /// What was asked for.
        level: String,
    },
    /// The level would end before it begins.
    #[error("the level would end before today")]
    UntilPast,
    /// The program has no such challenge.
    #[error("the program has no challenge {challenge:?}")]
    ChallengeUnknown {
        /// What was asked for.
        challenge: String,
    },
    /// The challenge cannot be taken up at this time.
    #[error("the challenge cannot be taken up: {why}")]
    ChallengeClosed {
        /// Why.
        why: &'static str,
    },
    /// Too many open holds.
    #[error("a member may have at most {max} open holds")]
    TooManyHolds {
        /// The most.
        max: usize,
    },
    /// The hold's deadline has passed: its points went back.
    #[error("the hold released itself at {deadline}")]
    HoldExpired {
        /// The deadline.
        deadline: Instant,
    },
    /// There is no such open hold.
    #[error("there is no open hold {hold}: it was captured, released, or never made")]
    HoldUnknown {
        /// What was asked for.
        hold: u64,
    },
    /// More was captured than is held.
    #[error("{} points are held, {} cannot be captured", .held.units(), .requested.units())]
    CaptureTooMuch {
        /// What was asked for.
        requested: Points,
        /// What is held.
        held: Points,
    },
    /// Too many refunds wait for their orders.
    #[error("{max} refunds already wait for their orders: send those orders first")]
    TooManyParked {
        /// The most.
        max: usize,
    },
    /// The order has no such line.
    #[error("the order has no line {line:?}")]
    LineUnknown {
        /// What was asked for.
        line: String,
    },
    /// Numbers beyond what is kept.
    #[error("the points would exceed 9007199254740991")]
    TooManyPoints,
    /// Time has changed nothing.
    #[error("nothing is due before {next_due:?}")]
    NothingDue {
        /// When something will be.
        next_due: Option<Instant>,
    },
    /// A version that rows refer to is not among those at hand.
    #[error("program version {version} is not loaded")]
    VersionNotLoaded {
        /// The version.
        version: u32,
    },
    /// The account contradicts itself; `guerdon verify` names the row.
    #[error("the account is inconsistent: {0}")]
    Inconsistent(Impossible),
}

impl Refusal {
    /// The stable reason code.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::MemberUnknown => "MEMBER_UNKNOWN",
            Refusal::GivenToSelf => "GIVEN_TO_SELF",
            Refusal::GiverRequired => "GIVER_REQUIRED",
            Refusal::Allowance { .. } => "ALLOWANCE",
            Refusal::NoReferrals => "NO_REFERRALS",
            Refusal::AlreadyReferred => "ALREADY_REFERRED",
            Refusal::NeverAFriend => "NEVER_A_FRIEND",
            Refusal::MovedOn { .. } => "MOVED_ON",
            Refusal::InTheFuture { .. } => "IN_THE_FUTURE",
            Refusal::Currency { .. } => "CURRENCY",
            Refusal::Insufficient { .. } => "INSUFFICIENT_POINTS",
            Refusal::RewardUnknown { .. } => "REWARD_UNKNOWN",
            Refusal::RewardTier { .. } => "REWARD_TIER",
            Refusal::BasketRequired => "BASKET_REQUIRED",
            Refusal::MinPurchase { .. } => "MIN_PURCHASE",
            Refusal::BasketShare { .. } => "BASKET_SHARE",
            Refusal::PointsRequired => "POINTS_REQUIRED",
            Refusal::NotAStep { .. } => "NOT_A_STEP",
            Refusal::PriceIsFixed { .. } => "PRICE_IS_FIXED",
            Refusal::RewardNotNow { .. } => "REWARD_NOT_NOW",
            Refusal::RewardLabel { .. } => "REWARD_LABEL",
            Refusal::RewardLimit { .. } => "REWARD_LIMIT",
            Refusal::RedemptionUnknown { .. } => "REDEMPTION_UNKNOWN",
            Refusal::Final => "FINAL",
            Refusal::TooManyLabels { .. } => "TOO_MANY_LABELS",
            Refusal::TierUnknown { .. } => "TIER_UNKNOWN",
            Refusal::UntilPast => "UNTIL_PAST",
            Refusal::ChallengeUnknown { .. } => "CHALLENGE_UNKNOWN",
            Refusal::ChallengeClosed { .. } => "CHALLENGE_CLOSED",
            Refusal::TooManyHolds { .. } => "TOO_MANY_HOLDS",
            Refusal::HoldExpired { .. } => "HOLD_EXPIRED",
            Refusal::HoldUnknown { .. } => "HOLD_UNKNOWN",
            Refusal::CaptureTooMuch { .. } => "CAPTURE_TOO_MUCH",
            Refusal::TooManyParked { .. } => "TOO_MANY_PARKED",
            Refusal::LineUnknown { .. } => "LINE_UNKNOWN",
            Refusal::TooManyPoints => "TOO_MANY_POINTS",
            Refusal::NothingDue { .. } => "NOTHING_DUE",
            Refusal::VersionNotLoaded { .. } => "VERSION_NOT_LOADED",
            Refusal::Inconsistent(_) => "INCONSISTENT",
        }
    }
}

impl From<Impossible> for Refusal {
    fn from(impossible: Impossible) -> Refusal {
        match impossible {
            Impossible::Overflow => Refusal::TooManyPoints,
            other => Refusal::Inconsistent(other),
        }
    }
}

impl From<crate::award::Overflow> for Refusal {
    fn from(_: crate::award::Overflow) -> Refusal {
        Refusal::TooManyPoints
    }
}
