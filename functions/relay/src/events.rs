//! What a row tells the outside: from its changes to events.
//!
//! A pure function of the row and the program. Every movement of points is in exactly one
//! event, so what events say adds up to what the ledger says. To add a type of event, add a
//! variant to [`EventType`] and follow the compiler to the one `match` over changes here.

mod challenges;
#[cfg(test)]
mod tests;

use domain::{
    account::signed,
    change::{Change, Movement, Place},
    notice::Notice,
    program::{PointsCurrency, Program, Rulebook},
    referral::{self, ReferralState},
    row::Row,
    time::Day,
};
use store::codec::{RowHash, StoredRow};

use crate::event::{About, Data, Decimal, Event, EventType, Moved};

/// Why a row's events cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("program version {version} is not loaded")]
pub struct VersionNotLoaded {
    /// The version that the row was decided under.
    pub version: u32,
}

/// The events of a row, in the order of its changes. Who is no member has none: a guest has
/// agreed to nothing.
///
/// # Errors
///
/// [`VersionNotLoaded`] when the rulebook is older than the row.
pub fn events_of(stored: &StoredRow, rulebook: &Rulebook) -> Result<Vec<Event>, VersionNotLoaded> {
    let row = &stored.row;
    if !row.account.is_member() {
        return Ok(Vec::new());
    }
    let version = row.program_version;
    rulebook.version(version).ok_or(VersionNotLoaded { version })?;
    // Points are counted as they are when the row is recorded, however late the fact.
    let program = rulebook.in_force(row.recorded_at);
    let mut telling = Telling { row, program, told: Vec::new() };
    for (at, change) in row.changes.iter().enumerate() {
        telling.tell(at, change, rulebook);
    }
    telling.tell_rewarded();
    Ok(telling.events(&stored.hash))
}

/// What is to be told of a row so far.
struct Telling<'a> {
    row: &'a Row,
    program: &'a Program,
    told: Vec<Told<'a>>,
}

struct Told<'a> {
    kind: EventType,
    currency: u8,
    movements: Vec<&'a Movement>,
    about: Option<About>,
}

impl<'a> Telling<'a> {
    fn tell(&mut self, at: usize, change: &'a Change, rulebook: &Rulebook) {
        match change {
            Change::Moved(movement) => {
                let kind = match is_redenomination(&self.row.changes, at) {
                    true => EventType::PointsRedenominated,
                    false => type_of(movement.from, movement.to),
                };
                self.moved(kind, movement);
            }
            Change::Joined { since } => {
                self.about(EventType::MemberEnrolled, About::Joined { since: *since });
            }
            Change::TierSet { from, to } if from.as_ref() != Some(&to.level) => {
                let until = (to.ends_on != Day::NEVER).then_some(to.ends_on);
                let tier = About::Tier { from: from.clone(), to: to.level.clone(), until };
                self.about(EventType::TierChanged, tier);
            }
            Change::Rewarded { reward, value } => {
                let money = self.program.reward_money(reward).code().to_owned();
                let reward = About::Reward { reward: reward.clone(), value: *value, money };
                self.about(EventType::RewardIssued, reward);
            }
            Change::Tallied { goal, start, .. } => {
                if let Some(completed) = challenges::completed(self.row, rulebook, at, goal, *start)
                {
                    self.about(EventType::ChallengeCompleted, completed);
                }
            }
            Change::Badge { goal, start, won } => {
                let kind = if *won { EventType::BadgeWon } else { EventType::BadgeLost };
                self.about(kind, challenges::badge(self.row, rulebook, goal, *start));
            }
            Change::Noticed { notices, .. } => notices.iter().for_each(|it| self.notice(it)),
            Change::Referral(referral) => {
                let kind = match referral.state {
                    ReferralState::Qualified { .. } => EventType::ReferralQualified,
                    ReferralState::Reversed { .. } => EventType::ReferralReversed,
                    ReferralState::Claimed | ReferralState::Rejected(_) => return,
                };
                let friend = self.row.chain.member.clone();
                self.about(kind, About::Referral { friend, by: referral.by.clone() });
            }
            // A level that stays; and what only the account is interested in.
            Change::TierSet { .. }
            | Change::HoldOpened { .. }
            | Change::HoldClosed { .. }
            | Change::Parked(_)
            | Change::Unparked { .. }
            | Change::Qualified { .. }
            | Change::LimitUsed { .. }
            | Change::Active { .. }
            | Change::LapsedCounted { .. }
            | Change::LapsedKept { .. }
            | Change::Forgotten { .. }
            | Change::NextDue { .. }
            | Change::Because { .. }
            | Change::TakenUp { .. }
            | Change::GoalCredited { .. }
            | Change::ProgressForgotten { .. }
            | Change::KeptUntil { .. }
            | Change::Redenominated { .. }
            | Change::BudgetUsed { .. }
            | Change::FirstOrdered
            | Change::Labelled { .. }
            | Change::Unlabelled { .. }
            | Change::SpansForgotten { .. }
            | Change::MovedOn { .. } => {}
        }
    }

    fn notice(&mut self, notice: &Notice) {
        match notice.clone() {
            Notice::Expiring { ends_on, points } => {
                let points = Decimal::new(signed(points), self.program.points().decimals);
                self.about(EventType::PointsExpiring, About::Expiring { ends_on, points });
            }
            Notice::TierAtRisk { level, ends_on, falls_to } => {
                let about = About::AtRisk { level, ends_on, falls_to };
                self.about(EventType::TierAtRisk, about);
            }
        }
    }

    /// Who brought a friend was given points for it.
    fn tell_rewarded(&mut self) {
        let Some(friend) = referral::friend_of(self.row) else { return };
        let given = |told: &Told<'_>| {
            matches!(told.kind, EventType::PointsPending | EventType::PointsEarned)
        };
        if self.told.iter().any(given) {
            let by = self.row.chain.member.clone();
            self.about(EventType::ReferralRewarded, About::Referral { friend, by });
        }
    }

    /// Movements of one type and currency are one event.
    fn moved(&mut self, kind: EventType, movement: &'a Movement) {
        let currency = movement.currency;
        let same = |told: &&mut Told<'_>| told.kind == kind && told.currency == currency;
        match self.told.iter_mut().find(same) {
            Some(told) => told.movements.push(movement),
            None => {
                self.told.push(Told { kind, currency, movements: vec![movement], about: None });
            }
        }
    }

    fn about(&mut self, kind: EventType, about: About) {
        let about = Some(about);
        self.told.push(Told { kind, currency: 0, movements: Vec::new(), about });
    }

    fn events(self, hash: &RowHash) -> Vec<Event> {
        let event = |(at, told): (usize, &Told<'_>)| {
            let kind = told.kind;
            let number = 1 + self.told[..at].iter().filter(|told| told.kind == kind).count();
            Event::new(id(hash, kind, number), kind, self.row.recorded_at, self.data(told))
        };
        self.told.iter().enumerate().map(event).collect()
    }

    fn data(&self, told: &Told<'_>) -> Data {
        let index = usize::from(told.currency);
        let currency = self.program.currencies.get(index).unwrap_or(self.program.points());
        let decimal = |units| Decimal::new(units, currency.decimals);
        let purse = self.row.account.purse(index);
        let points = told.movements.iter().map(|movement| signed(movement.points));
        let points = points.fold(0_i64, i64::saturating_add);
        Data {
            program: self.row.chain.program.clone(),
            member: self.row.chain.member.clone(),
            sequence: self.row.sequence,
            row: self.row.kind.as_str().to_owned(),
            key: self.row.key.as_ref().map(|key| key.as_str().to_owned()),
            points_name: currency.other.clone(),
            currency: (index > 0).then(|| currency.id.clone()),
            points: (!told.movements.is_empty()).then(|| decimal(points)),
            moved: by_buckets(&told.movements, currency),
            balance: decimal(purse.balance()),
            pending: decimal(signed(purse.pending())),
            tier: self.row.account.tier.as_ref().map(|tier| tier.level.clone()),
            about: told.about.clone(),
        }
    }
}

/// The id of a row's event. Without a full stop, which the signed content of a webhook is
/// parted by.
fn id(hash: &RowHash, kind: EventType, number: usize) -> String {
    let word = kind.as_str().replace('.', "-");
    match number {
        1 => format!("{}-{word}", hash.hex()),
        number => format!("{}-{word}-{number}", hash.hex()),
    }
}

/// What a movement means to whoever is told.
fn type_of(from: Place, to: Place) -> EventType {
    use Place::{
        Adjusted, Available, ClawedBack, Debt, Donated, Expired, Held, Issued, Pending, Redeemed,
        Transferred,
    };
    match (from, to) {
        (_, Redeemed) => EventType::PointsRedeemed,
        (_, Donated) => EventType::PointsDonated,
        (_, Expired) => EventType::PointsExpired,
        (_, ClawedBack) => EventType::PointsClawedBack,
        (_, Adjusted) | (Adjusted, _) => EventType::PointsAdjusted,
        (_, Transferred) | (Transferred, _) => EventType::PointsTransferred,
        (_, Held { .. }) => EventType::PointsHeld,
        (Held { .. }, _) => EventType::PointsReleased,
        (Redeemed | Donated | Expired | ClawedBack, _) | (_, Issued) => EventType::PointsReturned,
        (Issued, Pending { .. }) => EventType::PointsPending,
        (Issued | Pending { .. }, Available { .. } | Debt) => EventType::PointsEarned,
        (Pending { .. } | Available { .. } | Debt, Pending { .. } | Available { .. } | Debt) => {
            EventType::PointsRedated
        }
    }
}

/// Whether a movement is of those that count every point anew: they come right before the
/// change that says so, out of nothing but [`Place::Issued`], and debt into it.
fn is_redenomination(changes: &[Change], at: usize) -> bool {
    let of_it = |change: &&Change| {
        matches!(
            change,
            Change::Moved(Movement { currency: 0, from: Place::Issued, .. })
                | Change::Moved(Movement { currency: 0, from: Place::Debt, to: Place::Issued, .. })
        )
    };
    let rest = changes.get(at..).unwrap_or_default();
    let next = rest.iter().find(|change| !of_it(change));
    rest.first().as_ref().is_some_and(of_it) && matches!(next, Some(Change::Redenominated { .. }))
}

/// Movements, summed by the buckets that they leave and come to.
fn by_buckets(movements: &[&Movement], currency: &PointsCurrency) -> Vec<Moved> {
    let mut sums: Vec<(&str, &str, i64)> = Vec::new();
    for movement in movements {
        let (from, to) = (movement.from.bucket(), movement.to.bucket());
        let points = signed(movement.points);
        match sums
            .iter_mut()
            .find(|(known_from, known_to, _)| (*known_from, *known_to) == (from, to))
        {
            Some((.., sum)) => *sum = sum.saturating_add(points),
            None => sums.push((from, to, points)),
        }
    }
    let moved = |(from, to, points): (&str, &str, i64)| Moved {
        from: from.to_owned(),
        to: to.to_owned(),
        points: Decimal::new(points, currency.decimals),
    };
    sums.into_iter().map(moved).collect()
}
