//! Changes: what a row did to the account, in steps that anyone can repeat.
//!
//! [`apply`] is the only code that alters an account. Deciding a fact makes changes and
//! applies each as it goes; proving a chain applies the changes of every row again and
//! compares. So the account in a row *is* the fold of the rows up to it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    account::{
        Account, Hold, Lapsed, LimitUse, Lot, ParkedRefund, PendingLot, Progress, Purse, Qualified,
        Standing, Tally, TierState,
    },
    ids::MemberId,
    key::KeyDigest,
    notice::Notice,
    order_state::Credit,
    points::Points,
    program::{Counts, LimitPer},
    referral::Referral,
    time::{Day, Instant},
};

/// A place where points are: a bucket, and within the member's buckets which part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The program's side: where awards come from.
    Issued,
    /// Earned, not yet spendable.
    Pending {
        /// When they become so.
        matures_on: Day,
        /// The end of the lot they become.
        expires_on: Day,
    },
    /// Spendable.
    Available {
        /// The end of the lot.
        expires_on: Day,
    },
    /// Set aside.
    Held {
        /// By which hold.
        hold: u64,
        /// The end of the lot it pinned.
        expires_on: Day,
    },
    /// Owed. Points moving here repay it, points moving from here increase it.
    Debt,
    /// Spent.
    Redeemed,
    /// Ended unspent.
    Expired,
    /// Taken back.
    ClawedBack,
    /// Given to a cause.
    Donated,
    /// Given or taken by hand.
    Adjusted,
    /// Given to or had from another member.
    Transferred,
}

impl Place {
    /// The word for its bucket.
    pub fn bucket(self) -> &'static str {
        match self {
            Place::Issued => "issued",
            Place::Pending { .. } => "pending",
            Place::Available { .. } => "available",
            Place::Held { .. } => "held",
            Place::Debt => "debt",
            Place::Redeemed => "redeemed",
            Place::Expired => "expired",
            Place::ClawedBack => "clawed_back",
            Place::Donated => "donated",
            Place::Adjusted => "adjusted",
            Place::Transferred => "transferred",
        }
    }
}

/// Points going from one place to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// Which of the program's currencies.
    pub currency: u8,
    /// Where they were.
    pub from: Place,
    /// Where they are now.
    pub to: Place,
    /// How many.
    pub points: Points,
}

/// One step of what a row did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Points moved.
    Moved(Movement),
    /// The person became a member.
    Joined {
        /// On that day.
        since: Day,
    },
    /// A hold was opened; its points move in by movements.
    HoldOpened {
        /// Its name: the sequence of this row.
        hold: u64,
        /// The reward.
        reward: String,
        /// When it releases itself.
        deadline: Instant,
    },
    /// A hold that has no points left was closed.
    HoldClosed {
        /// Its name.
        hold: u64,
    },
    /// A refund came before its order.
    Parked(ParkedRefund),
    /// The order came: its refunds no longer wait.
    Unparked {
        /// The order's key.
        order: KeyDigest,
    },
    /// A qualifying amount was added.
    Qualified {
        /// The day it is kept under.
        on: Day,
        /// Of which measure, by its number.
        measure: u8,
        /// How much; less than zero after a refund.
        amount: i64,
    },
    /// The level changed or was confirmed.
    TierSet {
        /// The level before.
        from: Option<String>,
        /// The level now.
        to: TierState,
    },
    /// A limited rule gave points, or a refund took them back.
    LimitUsed {
        /// The rule.
        rule: String,
        /// What is counted.
        counts: Counts,
        /// The kind of span.
        per: LimitPer,
        /// The day the span began.
        start: Day,
        /// How much; less than zero after a refund.
        amount: i64,
    },
    /// The member did something that counts as activity.
    Active {
        /// On that day.
        on: Day,
    },
    /// Points that had ended unspent were counted as taken back.
    LapsedCounted {
        /// The currency.
        currency: u8,
        /// The end that their lot had.
        expires_on: Day,
        /// The day they ended.
        lapsed_on: Day,
        /// How many.
        points: Points,
    },
    /// Points ended unspent and are remembered for late refunds.
    LapsedKept {
        /// The currency.
        currency: u8,
        /// The end that their lot had.
        expires_on: Day,
        /// The day they ended.
        lapsed_on: Day,
        /// How many.
        points: Points,
    },
    /// What can no longer matter was dropped: qualifying amounts and lapsed points before
    /// the day.
    Forgotten {
        /// The day.
        before: Day,
    },
    /// The next instant at which time alone changes something.
    NextDue {
        /// The instant; `None` when there is none.
        at: Option<Instant>,
    },
    /// Points were given or taken by hand for a reason of the shop's. Alters nothing.
    Because {
        /// The shop's code.
        reason: String,
    },
    /// A reward was had. Alters nothing.
    Rewarded {
        /// Which.
        reward: String,
        /// What it is worth in minor units of the program's money.
        value: i64,
    },
    /// The member took a goal up.
    TakenUp {
        /// The goal.
        goal: String,
        /// The day its span began.
        start: Day,
        /// The program version that decides it.
        program_version: u32,
        /// When.
        at: Instant,
    },
    /// Something was gathered towards a goal, or a refund took it back.
    Tallied {
        /// The goal.
        goal: String,
        /// The day its span began.
        start: Day,
        /// The program version that decides it.
        program_version: u32,
        /// How many of the points now one point of that version is.
        denomination: u64,
        /// Which step, which part of it, and how much.
        tally: Tally,
    },
    /// What a goal gave changed; the points moved by movements.
    GoalCredited {
        /// The goal.
        goal: String,
        /// The day its span began.
        start: Day,
        /// What it gave, after the change.
        credit: Credit,
        /// How many points it gave more than before; less than zero when they were taken
        /// back. Alters nothing.
        points: i64,
    },
    /// A badge was won, or lost by a refund.
    Badge {
        /// The goal.
        goal: String,
        /// The day its span began.
        start: Day,
        /// Whether it was won.
        won: bool,
    },
    /// What was gathered in a span that can no longer change was dropped.
    ProgressForgotten {
        /// The goal.
        goal: String,
        /// The day its span began.
        start: Day,
    },
    /// No lot of a currency ends before the day.
    KeptUntil {
        /// The currency.
        currency: u8,
        /// The day.
        until: Day,
    },
    /// Every point became several: what is remembered of points is counted so too. The
    /// points themselves moved by movements.
    Redenominated {
        /// How many.
        times: u32,
    },
    /// A rule with a budget gave something, or a refund took it back. The budget is not in
    /// the account.
    BudgetUsed {
        /// The rule.
        rule: String,
        /// The points; less than zero after a refund.
        points: i64,
        /// How often; less than zero after a refund.
        times: i64,
    },
    /// The first order was recorded.
    FirstOrdered,
    /// The shop marked the member with a word.
    Labelled {
        /// The word.
        label: String,
    },
    /// The shop took a mark away.
    Unlabelled {
        /// The word.
        label: String,
    },
    /// What limited rules gave in spans that ended before the day was dropped.
    SpansForgotten {
        /// The day.
        before: Day,
    },
    /// Somebody brought the member, or how far that is has changed.
    Referral(Referral),
    /// The member was told of what will happen.
    Noticed {
        /// The latest day on which one of the notices was due.
        on: Day,
        /// What; nothing where all is well.
        notices: Vec<Notice>,
    },
    /// The guest became a member, and the chain ends.
    MovedOn {
        /// The member.
        to: MemberId,
    },
}

/// A change that cannot be made: the account does not have what it takes, or a sum would
/// exceed the limit.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Impossible {
    /// A place has fewer points than are to leave it.
    #[error("{place:?} does not have {points} points", points = .points.units())]
    NotThere {
        /// The place.
        place: Place,
        /// The points that were to leave.
        points: Points,
    },
    /// A sum would exceed [`Points::MAX`].
    #[error("more points than an account can hold")]
    Overflow,
    /// A goal that nothing was gathered for.
    #[error("nothing was gathered towards the goal")]
    NoProgress,
    /// A hold that does not exist, or still has points.
    #[error("hold {hold} is not there or not empty")]
    Hold {
        /// The hold.
        hold: u64,
    },
}

/// Makes one change to an account.
///
/// # Errors
///
/// [`Impossible`] when the change does not fit the account, which is then unusable: a
/// decision fails as a whole, a chain is broken at that row.
pub fn apply(account: &mut Account, change: &Change) -> Result<(), Impossible> {
    match change {
        Change::Moved(movement) => {
            let currency = usize::from(movement.currency);
            take(account, currency, movement.from, movement.points)?;
            put(account, currency, movement.to, movement.points)
        }
        Change::Joined { since } => {
            account.standing = Standing::Member { since: *since };
            Ok(())
        }
        Change::Noticed { on, .. } => {
            account.noticed = account.noticed.max(Some(*on));
            Ok(())
        }
        Change::Referral(referral) => {
            account.referral = Some(referral.clone());
            Ok(())
        }
        Change::MovedOn { to } => {
            account.standing = Standing::Moved { to: to.clone() };
            Ok(())
        }
        Change::HoldOpened { hold, reward, deadline } => {
            account.holds.push(Hold {
                sequence: *hold,
                reward: reward.clone(),
                deadline: *deadline,
                lots: Vec::new(),
            });
            Ok(())
        }
        Change::HoldClosed { hold } => {
            let at = account.holds.iter().position(|h| h.sequence == *hold && h.lots.is_empty());
            account.holds.remove(at.ok_or(Impossible::Hold { hold: *hold })?);
            Ok(())
        }
        Change::Parked(refund) => {
            account.parked.push(refund.clone());
            Ok(())
        }
        Change::Unparked { order } => {
            account.parked.retain(|refund| refund.order != *order);
            Ok(())
        }
        Change::Qualified { on, measure, amount } => {
            qualify(account, Qualified { on: *on, measure: *measure, amount: *amount })
        }
        Change::TierSet { from: _, to } => {
            account.tier = Some(to.clone());
            Ok(())
        }
        Change::LimitUsed { rule, counts, per, start, amount } => {
            use_limit(account, rule, (*counts, *per, *start), *amount)
        }
        Change::Active { on } => {
            account.active_on = account.active_on.max(Some(*on));
            Ok(())
        }
        Change::LapsedCounted { currency, expires_on, lapsed_on, points } => count_lapsed(
            purse_mut(account, usize::from(*currency)),
            *expires_on,
            *lapsed_on,
            *points,
        ),
        Change::LapsedKept { currency, expires_on, lapsed_on, points } => {
            let lapsed = Lapsed { expires_on: *expires_on, lapsed_on: *lapsed_on, points: *points };
            keep_lapsed(purse_mut(account, usize::from(*currency)), lapsed);
            Ok(())
        }
        Change::Forgotten { before } => {
            account.qualified.retain(|kept| kept.on >= *before || kept.on == Day::FIRST);
            for purse in &mut account.purses {
                purse.lapsed.retain(|lapsed| lapsed.lapsed_on >= *before);
            }
            Ok(())
        }
        Change::NextDue { at } => {
            account.next_due = *at;
            Ok(())
        }
        Change::TakenUp { goal, start, program_version, at } => {
            progress_mut(account, goal, *start, *program_version).taken_up_at = Some(*at);
            Ok(())
        }
        Change::Tallied { goal, start, program_version, denomination, tally } => {
            let progress = progress_mut(account, goal, *start, *program_version);
            progress.denomination = *denomination;
            tallied(progress, tally)
        }
        Change::GoalCredited { goal, start, credit, points: _ } => {
            let same = |known: &&mut Progress| known.goal == *goal && known.start == *start;
            let found = account.progress.iter_mut().find(same);
            found.ok_or(Impossible::NoProgress)?.credit = Some(credit.clone());
            Ok(())
        }
        Change::Badge { goal, start, won } => {
            let same = |known: &&mut Progress| known.goal == *goal && known.start == *start;
            let found = account.progress.iter_mut().find(same);
            found.ok_or(Impossible::NoProgress)?.won = *won;
            count_badge(account, goal, *won)
        }
        Change::ProgressForgotten { goal, start } => {
            account.progress.retain(|known| known.goal != *goal || known.start != *start);
            Ok(())
        }
        Change::KeptUntil { currency, until } => {
            purse_mut(account, usize::from(*currency)).kept_until = *until;
            Ok(())
        }
        Change::Redenominated { times } => redenominated(account, *times),
        Change::FirstOrdered => {
            account.has_ordered = true;
            Ok(())
        }
        Change::Labelled { label } => {
            account.labels.push(label.clone());
            Ok(())
        }
        Change::Unlabelled { label } => {
            account.labels.retain(|known| known != label);
            Ok(())
        }
        // What people want to know of a row; the account does not.
        Change::Because { .. } | Change::Rewarded { .. } | Change::BudgetUsed { .. } => Ok(()),
        Change::SpansForgotten { before } => {
            account.used.retain(|used| used.start >= used.per.start(*before));
            Ok(())
        }
    }
}

fn purse_mut(account: &mut Account, currency: usize) -> &mut Purse {
    while account.purses.len() <= currency {
        account.purses.push(Purse::default());
    }
    &mut account.purses[currency]
}

fn take(
    account: &mut Account,
    currency: usize,
    place: Place,
    points: Points,
) -> Result<(), Impossible> {
    let missing = || Impossible::NotThere { place, points };
    match place {
        Place::Pending { matures_on, expires_on } => {
            let pending = &mut purse_mut(account, currency).pending;
            let same =
                |lot: &PendingLot| (lot.matures_on, lot.expires_on) == (matures_on, expires_on);
            let at = pending.iter().position(same).ok_or_else(missing)?;
            pending[at].points = pending[at].points.checked_sub(points).ok_or_else(missing)?;
            pending.retain(|lot| !lot.points.is_zero());
            Ok(())
        }
        Place::Available { expires_on } => {
            take_lot(&mut purse_mut(account, currency).lots, expires_on, points).ok_or_else(missing)
        }
        Place::Held { hold, expires_on } => {
            let hold = account.holds.iter_mut().find(|h| h.sequence == hold).ok_or_else(missing)?;
            take_lot(&mut hold.lots, expires_on, points).ok_or_else(missing)
        }
        Place::Debt => {
            let debt = &mut purse_mut(account, currency).debt;
            *debt = debt.checked_add(points).ok_or(Impossible::Overflow)?;
            Ok(())
        }
        // The program's side of every movement is kept by the reports.
        Place::Issued
        | Place::Redeemed
        | Place::Expired
        | Place::ClawedBack
        | Place::Donated
        | Place::Adjusted
        | Place::Transferred => Ok(()),
    }
}

fn put(
    account: &mut Account,
    currency: usize,
    place: Place,
    points: Points,
) -> Result<(), Impossible> {
    match place {
        Place::Pending { matures_on, expires_on } => {
            let pending = &mut purse_mut(account, currency).pending;
            let key = |lot: &PendingLot| (lot.matures_on, lot.expires_on);
            match pending.binary_search_by_key(&(matures_on, expires_on), key) {
                Ok(at) => add(&mut pending[at].points, points)?,
                Err(at) => pending.insert(at, PendingLot { matures_on, expires_on, points }),
            }
            check_sum(account, currency)
        }
        Place::Available { expires_on } => {
            put_lot(&mut purse_mut(account, currency).lots, expires_on, points)?;
            check_sum(account, currency)
        }
        Place::Held { hold, expires_on } => {
            let found = account.holds.iter_mut().find(|h| h.sequence == hold);
            put_lot(&mut found.ok_or(Impossible::Hold { hold })?.lots, expires_on, points)?;
            check_sum(account, currency)
        }
        Place::Debt => {
            let debt = &mut purse_mut(account, currency).debt;
            *debt = debt.checked_sub(points).ok_or(Impossible::NotThere { place, points })?;
            Ok(())
        }
        Place::Issued
        | Place::Redeemed
        | Place::Expired
        | Place::ClawedBack
        | Place::Donated
        | Place::Adjusted
        | Place::Transferred => Ok(()),
    }
}

fn add(to: &mut Points, points: Points) -> Result<(), Impossible> {
    *to = to.checked_add(points).ok_or(Impossible::Overflow)?;
    Ok(())
}

fn take_lot(lots: &mut Vec<Lot>, expires_on: Day, points: Points) -> Option<()> {
    let at = lots.binary_search_by_key(&expires_on, |lot| lot.expires_on).ok()?;
    lots[at].points = lots[at].points.checked_sub(points)?;
    if lots[at].points.is_zero() {
        lots.remove(at);
    }
    Some(())
}

fn put_lot(lots: &mut Vec<Lot>, expires_on: Day, points: Points) -> Result<(), Impossible> {
    match lots.binary_search_by_key(&expires_on, |lot| lot.expires_on) {
        Ok(at) => add(&mut lots[at].points, points)?,
        Err(at) => lots.insert(at, Lot { expires_on, points }),
    }
    Ok(())
}

/// All points of a currency together stay within the limit, so that those which wait or
/// are held can always become spendable.
fn check_sum(account: &Account, currency: usize) -> Result<(), Impossible> {
    let purse = account.purse(currency);
    let pending = purse.pending.iter().map(|lot| lot.points);
    let available = purse.lots.iter().map(|lot| lot.points);
    let all = pending.chain(available).chain([account.held(currency)]);
    Points::checked_sum(all).map(|_| ()).ok_or(Impossible::Overflow)
}

fn qualify(account: &mut Account, added: Qualified) -> Result<(), Impossible> {
    let key = |kept: &Qualified| (kept.on, kept.measure);
    match account.qualified.binary_search_by_key(&key(&added), key) {
        Ok(at) => {
            let kept = &mut account.qualified[at].amount;
            *kept = kept.checked_add(added.amount).ok_or(Impossible::Overflow)?;
            if *kept == 0 {
                account.qualified.remove(at);
            }
        }
        Err(at) => account.qualified.insert(at, added),
    }
    Ok(())
}

fn use_limit(
    account: &mut Account,
    rule: &str,
    (counts, per, start): (Counts, LimitPer, Day),
    amount: i64,
) -> Result<(), Impossible> {
    let of = (rule, counts, per, start);
    let same = |used: &LimitUse| (used.rule.as_str(), used.counts, used.per, used.start) == of;
    let at = account.used.iter().position(same).unwrap_or_else(|| {
        account.used.push(LimitUse { rule: rule.to_owned(), counts, per, start, amount: 0 });
        account.used.len() - 1
    });
    let used = account.used[at].amount.checked_add_signed(amount);
    let used = used.filter(|used| *used <= Points::MAX.units());
    account.used[at].amount = used.ok_or(Impossible::Overflow)?;
    account.used.retain(|used| used.amount > 0);
    Ok(())
}

fn progress_mut<'a>(
    account: &'a mut Account,
    goal: &str,
    start: Day,
    program_version: u32,
) -> &'a mut Progress {
    let same = |known: &Progress| known.goal == goal && known.start == start;
    let at = account.progress.iter().position(same).unwrap_or_else(|| {
        account.progress.push(Progress::nothing(goal, start, program_version));
        account.progress.len() - 1
    });
    &mut account.progress[at]
}

fn tallied(progress: &mut Progress, tally: &Tally) -> Result<(), Impossible> {
    let key = |tally: &Tally| (tally.step, tally.mark.clone());
    match progress.tallies.binary_search_by_key(&key(tally), key) {
        Ok(at) => {
            let known = &mut progress.tallies[at].amount;
            *known = known.checked_add(tally.amount).ok_or(Impossible::Overflow)?;
            if *known == 0 {
                progress.tallies.remove(at);
            }
        }
        Err(at) => progress.tallies.insert(at, tally.clone()),
    }
    Ok(())
}

fn count_badge(account: &mut Account, goal: &str, won: bool) -> Result<(), Impossible> {
    let at = account.badges.iter().position(|(known, _)| known == goal).unwrap_or_else(|| {
        account.badges.push((goal.to_owned(), 0));
        account.badges.len() - 1
    });
    let times = &mut account.badges[at].1;
    *times = times.checked_add_signed(if won { 1 } else { -1 }).ok_or(Impossible::NoProgress)?;
    account.badges.retain(|(_, times)| *times > 0);
    Ok(())
}

fn redenominated(account: &mut Account, times: u32) -> Result<(), Impossible> {
    let many = |points: &mut Points| {
        let units = points.units().checked_mul(u64::from(times)).and_then(Points::new);
        *points = units.ok_or(Impossible::Overflow)?;
        Ok(())
    };
    for lapsed in account.purses.iter_mut().take(1).flat_map(|purse| &mut purse.lapsed) {
        many(&mut lapsed.points)?;
    }
    for used in account.used.iter_mut().filter(|used| used.counts == Counts::Points) {
        used.amount = used.amount.checked_mul(u64::from(times)).ok_or(Impossible::Overflow)?;
    }
    // The measure of the first currency's points has the number 2.
    for kept in account.qualified.iter_mut().filter(|kept| kept.measure == 2) {
        kept.amount = kept.amount.checked_mul(i64::from(times)).ok_or(Impossible::Overflow)?;
    }
    for progress in &mut account.progress {
        let denomination = progress.denomination.checked_mul(u64::from(times));
        progress.denomination = denomination.ok_or(Impossible::Overflow)?;
        if let Some(credit) = &mut progress.credit {
            credit.redenominate(u64::from(times)).ok_or(Impossible::Overflow)?;
        }
    }
    Ok(())
}

fn keep_lapsed(purse: &mut Purse, new: Lapsed) {
    let same = |l: &&mut Lapsed| (l.expires_on, l.lapsed_on) == (new.expires_on, new.lapsed_on);
    match purse.lapsed.iter_mut().find(same) {
        Some(known) => known.points = known.points.checked_add(new.points).unwrap_or(Points::MAX),
        None => purse.lapsed.push(new),
    }
}

fn count_lapsed(
    purse: &mut Purse,
    expires_on: Day,
    lapsed_on: Day,
    points: Points,
) -> Result<(), Impossible> {
    let place = Place::Expired;
    let missing = || Impossible::NotThere { place, points };
    let same = |l: &&mut Lapsed| l.expires_on == expires_on && l.lapsed_on == lapsed_on;
    let found = purse.lapsed.iter_mut().find(same).ok_or_else(missing)?;
    found.points = found.points.checked_sub(points).ok_or_else(missing)?;
    purse.lapsed.retain(|lapsed| !lapsed.points.is_zero());
    Ok(())
}
