//! What points buy.

use crate::{money::Currency, points::Points, program::LimitPer, time::Instant};

/// One thing that members spend points on.
#[derive(Clone, Debug)]
pub struct Reward {
    /// Its identifier.
    pub id: String,
    /// What members call it.
    pub name: String,
    /// What it is.
    pub kind: RewardKind,
    /// What it costs.
    pub price: Price,
    /// The money that its worth and its baskets are in: the program's, or another that the
    /// program takes.
    pub money: Currency,
    /// The levels that may have it; empty is every one.
    pub tiers: Vec<String>,
    /// The least basket that it may be used on, in minor units of its money.
    pub basket_at_least: Option<i64>,
    /// The greatest share of a basket that it may pay, in thousandths.
    pub basket_share_thousandths: Option<u16>,
    /// What the shop has marked members with that may have it; empty is every one.
    pub labels: Vec<String>,
    /// From when on it may be had.
    pub from: Option<Instant>,
    /// Until when.
    pub to: Option<Instant>,
    /// How often a member may have it.
    pub limits: Vec<(u32, LimitPer)>,
    /// The greatest value of the thing, in minor units of its money.
    pub worth_up_to: Option<i64>,
    /// What it costs the shop, in minor units of the program's money, where that is known.
    pub cost: Option<i64>,
    /// Whether it can be undone.
    pub undone: Undone,
}

/// Whether a reward that was had can be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undone {
    /// Its points come back.
    PointsBack,
    /// It is final.
    Never,
}

/// The kinds of reward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RewardKind {
    /// Money off an order.
    OrderCredit,
    /// A thing that the shop hands over.
    FreeProduct,
    /// Anything else that the shop does for the member.
    Benefit,
    /// A share off a price.
    PercentOff,
    /// Money off delivery.
    Delivery,
    /// Something to take part in.
    Experience,
    /// The right to buy or see what others cannot.
    Access,
    /// A ticket for a draw.
    PrizeDraw,
    /// Money for a cause: the points go there.
    Donation,
}

impl RewardKind {
    /// Whether it is worth an amount of money.
    pub fn is_money(self) -> bool {
        matches!(self, RewardKind::OrderCredit | RewardKind::Delivery | RewardKind::Donation)
    }
}

/// What a reward costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Price {
    /// Always the same; an order credit states its value in minor units.
    Fixed {
        /// Points.
        points: Points,
        /// Minor units, for an order credit.
        value: Option<i64>,
    },
    /// Any amount, in steps.
    Variable {
        /// Points a step; at least 1.
        points: Points,
        /// Minor units a step; at least 1.
        value: i64,
    },
}
