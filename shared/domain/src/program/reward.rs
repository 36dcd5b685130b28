//! What points buy.

use crate::points::Points;

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
    /// The levels that may have it; empty is every one.
    pub tiers: Vec<String>,
    /// The least basket that it may be used on, in minor units.
    pub basket_at_least: Option<i64>,
    /// The greatest share of a basket that it may pay, in thousandths.
    pub basket_share_thousandths: Option<u16>,
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
