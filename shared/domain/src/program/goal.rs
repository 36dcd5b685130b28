//! Goals: what several orders or activities together give. A challenge that members take
//! up and a bonus for a whole month are both of them.
//!
//! What a goal gives is a function of what was gathered in its span, net of refunds, so it
//! is the same in whatever order things come.

use crate::{
    points::Points,
    program::LimitPer,
    ratio::Ratio,
    time::{Day, Instant, Period},
};

/// The most goals of a program.
pub const GOALS_MAX: usize = 64;
/// The most marks of one goal: different words, days of a streak.
pub const MARKS_MAX: usize = 64;

/// One goal.
#[derive(Clone, Debug)]
pub struct Goal {
    /// Its identifier.
    pub id: String,
    /// What members call it.
    pub name: String,
    /// What it is to members.
    pub kind: GoalKind,
    /// The time over which it gathers.
    pub span: Span,
    /// Whether members take it up.
    pub joining: Joining,
    /// What is gathered; at least one.
    pub steps: Vec<Step>,
    /// How many of the steps complete it.
    pub needs: usize,
    /// What it gives.
    pub gives: Gives,
    /// The badge for completing it.
    pub badge: Option<String>,
    /// How long after the end of its span it is credited; at once without.
    pub credited_after: Option<Period>,
    /// Only what was handed over and recorded before the end counts.
    pub synced_before_end: bool,
    /// Only so many members, those who complete it first, are given anything.
    pub first: Option<u32>,
    /// Whom it ranks.
    pub leaderboard: Leaderboard,
}

impl Goal {
    /// What a goal for the first members is counted under, which no rule is called.
    pub fn counted_as(&self) -> String {
        format!("goal:{}", self.id)
    }
}

/// What a goal is to members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoalKind {
    /// Something that members set out to do.
    Challenge,
    /// Something that they are given on top.
    Bonus,
}

/// The time over which a goal gathers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Each week, month, quarter or year, or for ever.
    Each(LimitPer),
    /// Once, between two instants.
    Between {
        /// From then on.
        from: Instant,
        /// Before then.
        to: Instant,
    },
}

/// Whether members take a goal up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joining {
    /// Everybody is in.
    Automatic,
    /// What a member does counts after the member has taken it up.
    Activated,
    /// As [`Joining::Activated`], and that must be before it starts.
    ActivatedBeforeStart,
}

/// Whom a goal ranks by what they gathered of its first step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaderboard {
    /// Nobody.
    None,
    /// Who agreed to be seen by others.
    OptIn,
}

/// One thing that is gathered.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its identifier within the goal.
    pub id: String,
    /// The rule that says what counts: its position in
    /// [`crate::program::Program::earn`].
    pub rule: usize,
    /// What is counted.
    pub measure: StepMeasure,
    /// How much of it reaches the step: a number, minor units of money, or thousandths of
    /// units.
    pub at_least: i64,
    /// What the step alone gives.
    pub points: Points,
}

/// What a step counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepMeasure {
    /// Orders or activities.
    Times,
    /// Their eligible amount, in minor units.
    Spend,
    /// Pieces bought, or units of an activity, in thousandths.
    Quantity,
    /// Different words.
    Different(Word),
    /// Spans in a row with at least one.
    InARow(LimitPer),
    /// What some rules gave, in smallest units of points.
    PointsOf(Vec<usize>),
}

/// A word that lines, orders and activities have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// A line's product.
    Product,
    /// A line's category.
    Category,
    /// A line's brand.
    Brand,
    /// The store.
    Store,
    /// The channel.
    Channel,
    /// What an activity is about.
    Subject,
}

/// What a goal gives, in all, of the program's first currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gives {
    /// So many points each time it is completed, at most so often.
    Each {
        /// The points.
        points: Points,
        /// How often.
        times: u32,
    },
    /// By how much was gathered of the first step, ascending.
    Total(Vec<(i64, Points)>),
    /// Once the first step is reached, a share of what the second gathered.
    Share {
        /// 3 is three hundred percent.
        share: Ratio,
        /// No more than this.
        at_most: Option<Points>,
    },
}

impl Span {
    /// The first day of the span that something of this time falls in; none outside it.
    pub fn start(&self, at: Instant, day: Day) -> Option<Day> {
        match *self {
            Span::Each(per) => Some(per.start(day)),
            Span::Between { from, to } => (from <= at && at < to).then_some(Day::FIRST),
        }
    }
}

impl Goal {
    /// The first day after the span that began on `start`.
    pub fn ends_on(&self, start: Day, zone: &jiff::tz::TimeZone) -> Day {
        match self.span {
            Span::Each(per) => per.end(start),
            Span::Between { to, .. } => Day::of(to.plus_millis(-1), zone).plus_days(1),
        }
    }

    /// The day on which what was gathered since `start` is credited; none at once.
    pub fn credited_on(&self, start: Day, zone: &jiff::tz::TimeZone) -> Option<Day> {
        let period = self.credited_after?;
        // The last day of the span, and that much later.
        Some(period.after(self.ends_on(start, zone).plus_days(-1)).plus_days(1))
    }
}
