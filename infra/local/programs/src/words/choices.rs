//! Choices, in the words of the program language.

use domain::{
    program::{
        GroupMode, Joining, MultiplierMode, OnDowngrade, OnRefund, RewardKind, Rounding,
        RoundingScope, Undone,
    },
    ratio::RoundingMode,
};

pub fn on_refund(choice: OnRefund) -> &'static str {
    match choice {
        OnRefund::Keep => "keep",
        OnRefund::Recompute => "recompute",
        OnRefund::AtReview => "at review",
    }
}

pub fn on_downgrade(choice: OnDowngrade) -> &'static str {
    match choice {
        OnDowngrade::Rebase => "rebase",
        OnDowngrade::Keep => "keep",
    }
}

pub fn rounding(Rounding { mode, scope }: Rounding) -> String {
    let mode = match mode {
        RoundingMode::Floor => "down",
        RoundingMode::Ceil => "up",
        RoundingMode::HalfUp => "half up",
        RoundingMode::HalfEven => "half even",
    };
    let scope = match scope {
        RoundingScope::Order => "order",
        RoundingScope::Line => "line",
    };
    format!("{mode}, by {scope}")
}

pub fn group_mode(choice: GroupMode) -> &'static str {
    match choice {
        GroupMode::Sum => "sum",
        GroupMode::Max => "max",
        GroupMode::First => "first",
    }
}

pub fn multipliers(choice: MultiplierMode) -> &'static str {
    match choice {
        MultiplierMode::Multiply => "multiply",
        MultiplierMode::Add => "add",
        MultiplierMode::Max => "max",
    }
}

pub fn joining(choice: Joining) -> &'static str {
    match choice {
        Joining::Automatic => "automatic",
        Joining::Activated => "activated by the member",
        Joining::ActivatedBeforeStart => "activated before it starts",
    }
}

pub fn undone(choice: Undone) -> &'static str {
    match choice {
        Undone::PointsBack => "points come back",
        Undone::Never => "never",
    }
}

pub fn reward_kind(choice: RewardKind) -> &'static str {
    match choice {
        RewardKind::OrderCredit => "order credit",
        RewardKind::FreeProduct => "free product",
        RewardKind::Benefit => "benefit",
        RewardKind::PercentOff => "percent off",
        RewardKind::Delivery => "delivery",
        RewardKind::Experience => "experience",
        RewardKind::Access => "access",
        RewardKind::PrizeDraw => "prize draw",
        RewardKind::Donation => "donation",
    }
}

/// `12.5% of the basket`.
pub fn basket_share(thousandths: u16) -> String {
    let percent = format!("{}.{}", thousandths / 10, thousandths % 10);
    format!("{}% of the basket", percent.trim_end_matches(".0"))
}
