//! A program: the merchant's definition, checked and ready to decide with.
//!
//! [`Program`] is what a definition file becomes after [`crate::definition`] has parsed
//! and checked it. Every reference in it is an index into this same program, so a
//! decision never looks a name up. It never changes: an edit is a new version.

mod earn;
mod expiry;
mod goal;
mod reward;
mod rulebook;
mod targets;
mod tiers;

pub use earn::{
    Base, Conditions, Counts, EarnRule, Effect, Formula, Group, GroupMode, Limit, LimitPer, Most,
    MultiplierMode, PartialRefund, Prize, RULES_MAX, Rounding, RoundingScope, Stacking, Trigger,
};
pub use expiry::{Expiry, Pending};
pub use goal::{
    GOALS_MAX, Gives, Goal, GoalKind, Joining, Leaderboard, MARKS_MAX, Span, Step, StepMeasure,
    Word,
};
pub use reward::{Price, Reward, RewardKind, Undone};
pub use rulebook::{Rulebook, WINDOW_ROWS};
pub use targets::Targets;
pub use tiers::{Level, Measure, OnRefund, Requirement, Tiers, Validity, Window};

use jiff::tz::TimeZone;

use crate::{
    ids::ProgramId,
    money::Currency,
    points::Points,
    ratio::Ratio,
    time::{Day, Instant, Period},
};

/// One version of a merchant's program.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its identifier, the same in every version.
    pub id: ProgramId,
    /// 1, 2, 3 …; given when it is published.
    pub version: u32,
    /// When this version comes into force.
    pub in_force_from: Instant,
    /// What members call it.
    pub name: String,
    /// The one zone in which its days begin and end.
    pub time_zone: TimeZone,
    /// The money that the program counts in.
    pub money: Currency,
    /// Further money that orders may be paid in.
    pub other_money: Vec<Currency>,
    /// The day as of which it imitates something, and where that was read.
    pub origin: Origin,
    /// How late a fact may still be dated by its own time; older ones are dated at this
    /// distance from now.
    pub late_by_at_most: Period,
    /// For how long before joining the orders that somebody placed as a guest count when
    /// they join; `None` where none does.
    pub guest_orders: Option<Period>,
    /// What members are told before it happens.
    pub notices: Notices,
    /// What counts as bringing a friend, where the program gives anything for that.
    pub referral: Option<Referrals>,
    /// The points; the first is the one that members spend, the others only qualify.
    pub currencies: Vec<PointsCurrency>,
    /// The distinct ways in which an order's eligible amount is measured. The first is
    /// the program's default, which spend is measured by.
    pub bases: Vec<Base>,
    /// The earn rules, in the order of the file.
    pub earn: Vec<EarnRule>,
    /// The groups that rules refer to.
    pub groups: Vec<Group>,
    /// What several orders or activities together give.
    pub goals: Vec<Goal>,
    /// How multipliers combine.
    pub stacking: Stacking,
    /// The levels, if there are any.
    pub tiers: Option<Tiers>,
    /// What points buy.
    pub rewards: Vec<Reward>,
    /// How many of its points one point of the version before becomes, when it comes into
    /// force; 1 where nothing changes.
    pub redenomination: u32,
    /// What the shop wants of it.
    pub targets: Targets,
}

/// Where a definition's numbers come from. Nothing is decided by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The day as of which they are right.
    pub as_of: Option<Day>,
    /// Where they were read.
    pub source: Option<String>,
}

/// One kind of points.
#[derive(Clone, Debug)]
pub struct PointsCurrency {
    /// `points`, or the id of a further currency.
    pub id: String,
    /// The name of one: `point`.
    pub one: String,
    /// The name of several: `points`.
    pub other: String,
    /// Decimals kept, 0 to 3: the smallest unit is 10^-decimals.
    pub decimals: u8,
    /// What one smallest unit costs the shop when spent, in minor units of
    /// [`Program::money`].
    pub cost: Ratio,
    /// When earned points become spendable.
    pub pending: Pending,
    /// When spendable points end.
    pub expiry: Expiry,
    /// How exact awards become whole units.
    pub rounding: Rounding,
    /// What happens when a refund takes back more than is there.
    pub debt: DebtPolicy,
    /// Points given back live at least this long from then.
    pub returned_live_at_least: Period,
    /// What counts as activity, where inactivity ends points or activity keeps them:
    /// `order`, `redemption`, and kinds of activity.
    pub kept_alive_by: Vec<String>,
    /// All points live at least this long from the member's last activity.
    pub extended_by: Option<Period>,
    /// Points that ended come back when the member is active again within this time.
    pub reinstated_within: Option<Period>,
    /// When points end on each level, where that differs.
    pub by_tier: Option<ExpiryByTier>,
}

/// When points end on each level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpiryByTier {
    /// By level; one that is not named is as the currency has it.
    pub ends: Vec<(String, Expiry)>,
    /// What becomes of points that did not end when the member comes to a level on which
    /// they do.
    pub on_downgrade: OnDowngrade,
}

/// What becomes of points that did not end, when they do from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDowngrade {
    /// They live as long as if they were earned on that day, at least.
    Rebase,
    /// They never end.
    Keep,
}

/// What happens to a clawback beyond what the member still has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DebtPolicy {
    /// All of it becomes debt, which new awards repay first.
    Allow,
    /// It becomes debt up to this amount; the rest is written off.
    UpTo(Points),
    /// It is written off.
    WriteOff,
    /// Only the order's own pending points are taken back.
    PendingOnly,
}

impl Program {
    /// The currency that members spend.
    pub fn points(&self) -> &PointsCurrency {
        &self.currencies[0]
    }

    /// When points of a currency end that a member earns on a level. Where they do not end
    /// on it, they are dated as on the lowest level on which they do: what keeps them is
    /// the level, and not their date.
    pub fn expiry(&self, currency: usize, tier: Option<&str>) -> Expiry {
        let of = &self.currencies[currency];
        let Some(by_tier) = &of.by_tier else { return of.expiry };
        let found = by_tier.ends.iter().find(|(level, _)| Some(level.as_str()) == tier);
        match found.map_or(of.expiry, |(_, expiry)| *expiry) {
            Expiry::Never => {
                let ends = by_tier.ends.iter().map(|(_, expiry)| *expiry);
                let first = ends.chain([of.expiry]).find(|expiry| *expiry != Expiry::Never);
                first.unwrap_or(Expiry::Never)
            }
            expiry => expiry,
        }
    }

    /// Whether points of a currency never end on a level.
    pub fn never_ends(&self, currency: usize, tier: &str) -> bool {
        let by_tier = self.currencies[currency].by_tier.as_ref();
        by_tier.is_some_and(|by_tier| {
            let found = by_tier.ends.iter().find(|(level, _)| level == tier);
            found.is_some_and(|(_, expiry)| *expiry == Expiry::Never)
        })
    }

    /// Whether doing this counts as activity.
    pub fn keeps_alive(&self, word: &str) -> bool {
        self.points().kept_alive_by.iter().any(|known| known == word)
    }

    /// How many of its smallest units one of the version `before` becomes: by its own word,
    /// and by the decimals that it keeps more.
    pub fn redenominated_from(&self, before: &Program) -> u32 {
        let more = self.points().decimals.saturating_sub(before.points().decimals);
        self.redenomination.saturating_mul(10_u32.pow(u32::from(more.min(3))))
    }

    /// Whether orders may be paid in this money.
    pub fn takes(&self, money: Currency) -> bool {
        money == self.money || self.other_money.contains(&money)
    }

    /// The first of the rules whose points wait and end as those of the rule at `at` do,
    /// where that is not as for the currency.
    pub fn terms_of(&self, at: usize) -> Option<u8> {
        let rule = &self.earn[at];
        if rule.pending.is_none() && rule.expiry.is_none() {
            return None;
        }
        let same =
            |other: &EarnRule| (&other.pending, other.expiry) == (&rule.pending, rule.expiry);
        let first = self.earn.iter().position(same).unwrap_or(at);
        u8::try_from(first).ok()
    }

    /// The currency that the rule at `at` gives, if it gives any.
    pub fn gives(&self, at: usize) -> Option<usize> {
        match self.earn.get(at)?.effect {
            Effect::Points { currency, .. } => Some(currency),
            Effect::Times(_) | Effect::Counts => None,
        }
    }

    /// What all members share and that listens to `activity`, or to orders: the ids of rules
    /// with a budget, and what goals for the first members are counted under.
    pub fn budgets(&self, activity: Option<&str>) -> Vec<String> {
        let heard = |rule: &EarnRule| rule.on.hears(activity);
        let shared = |rule: &EarnRule| rule.limits.iter().any(|it| it.per == LimitPer::Everybody);
        let rules = self.earn.iter().filter(|rule| shared(rule) && heard(rule));
        let goals = self.goals.iter().filter(|goal| {
            goal.first.is_some() && goal.steps.iter().any(|step| heard(&self.earn[step.rule]))
        });
        rules.map(|rule| rule.id.clone()).chain(goals.map(Goal::counted_as)).collect()
    }

    /// Whether some rule asks for the member's birthday.
    pub fn asks_for_birthdays(&self) -> bool {
        let mut rules = self.earn.iter();
        rules.any(|rule| rule.when.birthday.is_some() || rule.unless.birthday.is_some())
    }

    /// Whether some rule draws.
    pub fn draws(&self) -> bool {
        fn drawing(formula: &Formula) -> bool {
            match formula {
                Formula::Chance(_) => true,
                Formula::ByTier(by_tier) => by_tier.iter().any(|(_, each)| drawing(each)),
                _ => false,
            }
        }
        self.earn.iter().any(|rule| match &rule.effect {
            Effect::Points { formula, .. } => drawing(formula),
            Effect::Times(_) | Effect::Counts => false,
        })
    }

    /// A goal.
    pub fn goal(&self, id: &str) -> Option<&Goal> {
        self.goals.iter().find(|goal| goal.id == id)
    }

    /// The position of a reward in [`Program::rewards`].
    pub fn reward(&self, id: &str) -> Option<&Reward> {
        self.rewards.iter().find(|reward| reward.id == id)
    }

    /// The money that a reward's worth and its baskets are in.
    pub fn reward_money(&self, id: &str) -> Currency {
        self.reward(id).map_or(self.money, |reward| reward.money)
    }
}

/// When members are told of what will happen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    /// How long before points end, longest first.
    pub points: Vec<Period>,
    /// How long before the review of a level that would not be kept.
    pub tier: Option<Period>,
}

impl Notices {
    /// Whether nobody is told of anything.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty() && self.tier.is_none()
    }
}

/// What counts as bringing a friend.
#[derive(Clone, Debug)]
pub struct Referrals {
    /// The position of the rule that says what the friend has to buy.
    pub rule: usize,
    /// How soon after coming by the member's code; `None` is ever.
    pub within: Option<Period>,
    /// The address that a friend follows, with `{code}` where the code goes.
    pub link: Option<String>,
}
