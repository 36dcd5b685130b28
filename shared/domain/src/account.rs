//! An account: what a member's chain of rows adds up to.

use serde::{Deserialize, Serialize};

use crate::{
    fact::Refund,
    ids::MemberId,
    key::KeyDigest,
    order_state::Credit,
    points::Points,
    program::{Counts, LimitPer},
    referral::Referral,
    time::{Day, Instant},
    window::KeyWindow,
};

/// The most open holds an account may have.
pub const HOLDS_MAX: usize = 8;
/// The most refunds that may wait for their orders.
pub const PARKED_MAX: usize = 8;

/// A member's account after a row. Nothing in it grows with the number of orders: lots
/// and pending points are kept per day, holds and waiting refunds are bounded by count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Whether the person takes part.
    pub standing: Standing,
    /// One for each of the program's currencies that ever held something.
    pub purses: Vec<Purse>,
    /// Points set aside for checkouts.
    pub holds: Vec<Hold>,
    /// Refunds whose orders have not come yet.
    pub parked: Vec<ParkedRefund>,
    /// The level, where the program has levels.
    pub tier: Option<TierState>,
    /// Qualifying amounts, ascending by the day they are kept under and the measure.
    pub qualified: Vec<Qualified>,
    /// What limited rules have given in the spans that are not over.
    pub used: Vec<LimitUse>,
    /// What was gathered towards goals.
    pub progress: Vec<Progress>,
    /// The badges by their goals, and in how many spans each was won.
    pub badges: Vec<(String, u32)>,
    /// The day of the last order or redemption, or of whatever else counts as activity.
    pub active_on: Option<Day>,
    /// Whether an order was ever recorded.
    pub has_ordered: bool,
    /// What the shop has marked the member with.
    pub labels: Vec<String>,
    /// Who brought the member, and how far that is.
    pub referral: Option<Referral>,
    /// The latest day on which a notice was due that was given.
    pub noticed: Option<Day>,
    /// The earliest instant at which time alone will change something worth a row.
    pub next_due: Option<Instant>,
    /// The keys of the last rows.
    pub window: KeyWindow,
}

/// Whether a person takes part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Not enrolled: the chain is empty, or a guest's.
    #[default]
    Guest,
    /// Enrolled since that day.
    Member {
        /// The day.
        since: Day,
    },
    /// A guest who became a member: the chain has ended.
    Moved {
        /// The member.
        to: MemberId,
    },
}

/// The points of one currency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purse {
    /// Earned and not yet spendable, ascending by maturity and end.
    pub pending: Vec<PendingLot>,
    /// Spendable, ascending by end.
    pub lots: Vec<Lot>,
    /// No lot ends before this day: a level or the member's activity keeps them.
    pub kept_until: Day,
    /// Taken back after it was spent.
    pub debt: Points,
    /// What ended unspent lately: a later refund of the order that it came from counts it
    /// as taken back.
    pub lapsed: Vec<Lapsed>,
}

/// Spendable points with one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// The day at whose start they end; [`Day::NEVER`] when they do not.
    pub expires_on: Day,
    /// How many.
    pub points: Points,
}

/// Points that become spendable on one day and then have one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingLot {
    /// The day at whose start they become spendable; [`Day::NEVER`] when they wait for
    /// their order's status.
    pub matures_on: Day,
    /// The end of the lot that they become.
    pub expires_on: Day,
    /// How many.
    pub points: Points,
}

/// Points that ended unspent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lapsed {
    /// The end that their lot had.
    pub expires_on: Day,
    /// The day on which they ended, which differs where inactivity ended them.
    pub lapsed_on: Day,
    /// How many, less those that a refund has counted since.
    pub points: Points,
}

/// Points set aside for a checkout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The sequence of the row that made it, which names it.
    pub sequence: u64,
    /// The reward.
    pub reward: String,
    /// When it releases itself.
    pub deadline: Instant,
    /// The lots it pins, ascending by end.
    pub lots: Vec<Lot>,
}

/// A refund whose order has not come yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedRefund {
    /// The key of its order.
    pub order: KeyDigest,
    /// What was paid back.
    pub what: crate::fact::RefundedWhat,
}

/// A member's level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierState {
    /// The level's identifier.
    pub level: String,
    /// The day it was reached or last confirmed.
    pub since: Day,
    /// The day at whose start it is reviewed; [`Day::NEVER`] when it lasts.
    pub ends_on: Day,
}

/// An amount that counts towards a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Qualified {
    /// The day it is kept under.
    pub on: Day,
    /// Of which measure, by its number.
    pub measure: u8,
    /// How much.
    pub amount: i64,
}

/// What a limited rule has given in one span.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitUse {
    /// The rule.
    pub rule: String,
    /// What is counted.
    pub counts: Counts,
    /// The kind of span.
    pub per: LimitPer,
    /// The day it began.
    pub start: Day,
    /// How much, net of clawbacks: smallest units of points, or a number of times.
    pub amount: u64,
}

/// What was gathered towards one goal in one span.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The goal.
    pub goal: String,
    /// The day its span began; [`Day::FIRST`] for a span that comes once.
    pub start: Day,
    /// The program version that decides it for ever.
    pub program_version: u32,
    /// When the member took it up.
    pub taken_up_at: Option<Instant>,
    /// What was gathered, ascending by step and mark.
    pub tallies: Vec<Tally>,
    /// What it gave.
    pub credit: Option<Credit>,
    /// Whether its badge was won.
    pub won: bool,
    /// How many of the points now one point of the deciding version is.
    pub denomination: u64,
}

/// How much was gathered of one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The position of the step.
    pub step: u8,
    /// What tells it from others.
    pub mark: Mark,
    /// How much, net of refunds.
    pub amount: i64,
}

/// What tells parts of a tally from each other, where it counts different things.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Mark {
    /// Nothing.
    All,
    /// A word.
    Word(String),
    /// The first day of a span.
    Span(Day),
}

impl LimitUse {
    fn is_of(&self, rule: &str, counts: Counts, per: LimitPer) -> bool {
        self.rule == rule && (self.counts, self.per) == (counts, per)
    }
}

impl Progress {
    /// Nothing gathered yet.
    pub fn nothing(goal: &str, start: Day, program_version: u32) -> Progress {
        Progress {
            goal: goal.to_owned(),
            start,
            program_version,
            taken_up_at: None,
            tallies: Vec::new(),
            credit: None,
            won: false,
            denomination: 1,
        }
    }

    /// Whether nothing was gathered, given or taken up.
    pub fn is_empty(&self) -> bool {
        let given = self.credit.is_some() || self.won;
        self.tallies.is_empty() && !given && self.taken_up_at.is_none()
    }
}

impl Account {
    /// What a limit has counted in the span of a day; nothing where that is forgotten. Of
    /// days in a row, what those have counted that hold the day and counted most.
    pub fn used(&self, rule: &str, counts: Counts, per: LimitPer, day: Day) -> u64 {
        let first = per.start(day);
        if per.kept_under(day) == first {
            return self.used_under(rule, counts, per, first);
        }
        let kept = || self.used.iter().filter(|it| it.is_of(rule, counts, per));
        let since = |start: Day| -> u64 {
            let span = start..per.end(start);
            kept().filter(|used| span.contains(&used.start)).map(|used| used.amount).sum()
        };
        // A span that begins between two of them counts no more than one that begins later.
        let starts = kept().map(|used| used.start).filter(|start| (first..=day).contains(start));
        starts.chain([day]).map(since).max().unwrap_or(0)
    }

    /// What is kept of a limit under a day.
    pub fn used_under(&self, rule: &str, counts: Counts, per: LimitPer, start: Day) -> u64 {
        let mut kept = self.used.iter().filter(|it| it.is_of(rule, counts, per));
        kept.find(|used| used.start == start).map_or(0, |used| used.amount)
    }

    /// What was gathered towards a goal in the span that began on `start`.
    pub fn progress(&self, goal: &str, start: Day) -> Option<&Progress> {
        self.progress.iter().find(|known| known.goal == goal && known.start == start)
    }

    /// The purse of a currency; an empty one where it never held anything.
    pub fn purse(&self, currency: usize) -> std::borrow::Cow<'_, Purse> {
        match self.purses.get(currency) {
            Some(purse) => std::borrow::Cow::Borrowed(purse),
            None => std::borrow::Cow::Owned(Purse::default()),
        }
    }

    /// The day on which the member joined.
    pub fn since(&self) -> Option<Day> {
        match self.standing {
            Standing::Guest | Standing::Moved { .. } => None,
            Standing::Member { since } => Some(since),
        }
    }

    /// Whether this is an enrolled member.
    pub fn is_member(&self) -> bool {
        matches!(self.standing, Standing::Member { .. })
    }

    /// The member that a guest became.
    pub fn moved_to(&self) -> Option<&MemberId> {
        match &self.standing {
            Standing::Moved { to } => Some(to),
            Standing::Guest | Standing::Member { .. } => None,
        }
    }

    /// Points of a currency that are set aside. Only the first currency is spent.
    pub fn held(&self, currency: usize) -> Points {
        let lots = self.holds.iter().filter(|_| currency == 0).flat_map(|hold| &hold.lots);
        sum(lots.map(|lot| lot.points))
    }
}

impl Purse {
    /// All spendable points.
    pub fn available(&self) -> Points {
        sum(self.lots.iter().map(|lot| lot.points))
    }

    /// All points that are earned and not yet spendable.
    pub fn pending(&self) -> Points {
        sum(self.pending.iter().map(|lot| lot.points))
    }

    /// The day at whose start a lot ends that was dated so; [`Day::NEVER`] when it does
    /// not.
    pub fn end_of(&self, expires_on: Day) -> Day {
        expires_on.max(self.kept_until)
    }

    /// What a member sees: spendable points less debt.
    pub fn balance(&self) -> i64 {
        signed(self.available()) - signed(self.debt)
    }
}

impl Hold {
    /// All points of the hold.
    pub fn points(&self) -> Points {
        sum(self.lots.iter().map(|lot| lot.points))
    }
}

impl Refund {
    /// The refund as it waits for the order with this key.
    pub fn parked(&self, order: KeyDigest) -> ParkedRefund {
        ParkedRefund { order, what: self.what.clone() }
    }
}

/// The sum of parts of one account, which [`crate::change`] keeps below the limit.
pub(crate) fn sum(points: impl Iterator<Item = Points>) -> Points {
    Points::checked_sum(points).unwrap_or(Points::MAX)
}

/// Points as a signed number.
pub fn signed(points: Points) -> i64 {
    i64::try_from(points.units()).unwrap_or(i64::MAX)
}
