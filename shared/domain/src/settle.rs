//! Settling: everything that the passing of time implies, in the order in which it
//! became true.
//!
//! Each event is booked as of its own instant, never as of the instant at which
//! somebody noticed, so settling at noon and again at midnight ends exactly as settling
//! once at midnight does.

use crate::{
    account::{Account, Hold, Lapsed, Lot, PendingLot, Purse},
    change::{Change, Impossible, Place},
    decide::{
        Taking,
        goals::{credit_goal, deciding_goal},
    },
    draft::Draft,
    goal::worth_of,
    notice,
    order_state::Credit,
    points::Points,
    program::{Expiry, Goal, OnDowngrade, Program, Rulebook},
    row::Row,
    tier,
    time::{Day, Instant, Period},
};

/// How long lapsed points are remembered, and qualifying amounts at least.
const REMEMBERED: Period = Period::Months(24);

/// Something that time alone brings about. The order of variants is the order in which
/// events of one instant happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A hold releases itself.
    Release { hold: u64 },
    /// Pending points become spendable.
    Mature { currency: usize, matures_on: Day, expires_on: Day },
    /// Points end that wait for their order's status in vain.
    GiveUp { currency: usize, expires_on: Day },
    /// A lot ends.
    Expire { currency: usize, expires_on: Day, on: Day },
    /// All points of a currency end because the member was inactive.
    Lapse { currency: usize, on: Day },
    /// The level is reviewed.
    Review { on: Day },
    /// A goal whose span is over is credited.
    Credit { progress: usize, on: Day },
}

/// Brings an account up to `now`, which is on the day `today` of the version in force
/// then, from `since`, at which it was settled.
///
/// # Errors
///
/// [`Impossible`] only when the account is inconsistent.
pub(crate) fn settle(
    rulebook: &Rulebook,
    draft: &mut Draft,
    since: Option<Instant>,
    (now, today): (Instant, Day),
) -> Result<(), Impossible> {
    // Each stretch of time is settled under the version that was in force in it.
    let since = since.unwrap_or(now);
    for (start, times) in rulebook.following(since, now) {
        let before = start.plus_millis(-1);
        settle_under(rulebook, draft, (before, today_at(rulebook, before)))?;
        redenominate(draft, times)?;
    }
    settle_under(rulebook, draft, (now, today))
}

/// Counts every point of the account in those of a version that comes into force, of which
/// one before is `times`.
fn redenominate(draft: &mut Draft, times: u32) -> Result<(), Impossible> {
    let Some(more) = times.checked_sub(1).filter(|more| *more > 0) else {
        return Ok(());
    };
    let extra = |points: Points| {
        let extra = points.units().checked_mul(u64::from(more)).and_then(Points::new);
        extra.ok_or(Impossible::Overflow)
    };
    let Purse { pending, lots, debt, .. } = draft.purse(0).clone();
    for Lot { expires_on, points } in lots {
        draft.take(0, Place::Issued, Place::Available { expires_on }, extra(points)?)?;
    }
    for PendingLot { matures_on, expires_on, points } in pending {
        let to = Place::Pending { matures_on, expires_on };
        draft.take(0, Place::Issued, to, extra(points)?)?;
    }
    for Hold { sequence: hold, lots, .. } in draft.account.holds.clone() {
        for Lot { expires_on, points } in lots {
            draft.take(0, Place::Issued, Place::Held { hold, expires_on }, extra(points)?)?;
        }
    }
    draft.take(0, Place::Debt, Place::Issued, extra(debt)?)?;
    draft.make(Change::Redenominated { times })
}

/// The day of an instant, for the version in force then.
pub(crate) fn today_at(rulebook: &Rulebook, now: Instant) -> Day {
    Day::of(now, &rulebook.in_force(now).time_zone)
}

fn settle_under(
    rulebook: &Rulebook,
    draft: &mut Draft,
    (now, today): (Instant, Day),
) -> Result<(), Impossible> {
    let program = rulebook.in_force(now);
    loop {
        // Days alone are in the same order wherever they start.
        let by_day = draft.account.holds.is_empty();
        let due = |event: Due| match event {
            Due::At(at) => (at <= now).then_some(at),
            Due::On(day) if day > today => None,
            Due::On(day) if by_day => Some(day.starts_in_utc()),
            Due::On(day) => Some(day.starts_at(&program.time_zone)),
        };
        let Some((_, event)) = next_event(rulebook, program, &draft.account, due) else {
            return notice::give(program, draft, today);
        };
        happen(rulebook, program, draft, event)?;
    }
}

/// When an event is due.
#[derive(Clone, Copy)]
enum Due {
    At(Instant),
    On(Day),
}

/// The earliest event for which `due` gives an instant.
fn next_event(
    rulebook: &Rulebook,
    program: &Program,
    account: &Account,
    due: impl Fn(Due) -> Option<Instant>,
) -> Option<(Instant, Event)> {
    let mut earliest: Option<(Instant, Event)> = None;
    let mut consider = |when: Due, event: Event| {
        if let Some(at) = due(when) {
            let candidate = (at, event);
            earliest = Some(earliest.map_or(candidate, |found| found.min(candidate)));
        }
    };
    for hold in &account.holds {
        consider(Due::At(hold.deadline), Event::Release { hold: hold.sequence });
    }
    for (currency, purse) in account.purses.iter().enumerate() {
        let timed = purse.pending.iter().filter(|lot| lot.matures_on != Day::NEVER);
        for &PendingLot { matures_on, expires_on, .. } in timed {
            consider(Due::On(matures_on), Event::Mature { currency, matures_on, expires_on });
        }
        let waiting = purse.pending.iter().filter(|lot| lot.matures_on == Day::NEVER);
        for expires_on in purse.lots.iter().map(|lot| lot.expires_on) {
            let on = purse.end_of(expires_on);
            if on != Day::NEVER {
                consider(Due::On(on), Event::Expire { currency, expires_on, on });
            }
        }
        // What waits for a status in vain ends on its own day: nothing keeps it.
        for expires_on in waiting.map(|lot| lot.expires_on).filter(|on| *on != Day::NEVER) {
            consider(Due::On(expires_on), Event::GiveUp { currency, expires_on });
        }
        if let Some(on) = inactive_on(program, account, currency)
            && !purse.lots.is_empty()
        {
            consider(Due::On(on), Event::Lapse { currency, on });
        }
    }
    if let Some(tier) = account.tier.as_ref().filter(|tier| tier.ends_on != Day::NEVER) {
        consider(Due::On(tier.ends_on), Event::Review { on: tier.ends_on });
    }
    for (progress, on) in to_credit(rulebook, account) {
        consider(Due::On(on), Event::Credit { progress, on });
    }
    earliest
}

/// What was gathered in spans that are credited late and gave nothing yet, and when they
/// do.
fn to_credit<'a>(
    rulebook: &'a Rulebook,
    account: &'a Account,
) -> impl Iterator<Item = (usize, Day)> + 'a {
    account.progress.iter().enumerate().filter_map(|(at, progress)| {
        let (_, goal, on) = deciding_goal(rulebook, progress)?;
        let given = progress.credit.as_ref().map_or(Points::ZERO, Credit::net);
        (worth_of(goal, progress) != given).then_some((at, on?))
    })
}

/// The day on which inactivity ends all points of a currency.
pub fn inactive_on(program: &Program, account: &Account, currency: usize) -> Option<Day> {
    match program.currencies.get(currency)?.expiry {
        Expiry::Inactive { period } => account.active_on.map(|day| period.after(day)),
        _ => None,
    }
}

fn happen(
    rulebook: &Rulebook,
    program: &Program,
    draft: &mut Draft,
    event: Event,
) -> Result<(), Impossible> {
    match event {
        Event::Release { hold } => {
            let deadline = draft.account.holds.iter().find(|h| h.sequence == hold);
            let deadline = deadline.map_or(Instant::default(), |h| h.deadline);
            release(program, draft, hold, deadline)
        }
        Event::Mature { currency, matures_on, expires_on } => {
            let from = Place::Pending { matures_on, expires_on };
            let points = draft.pending(currency, matures_on, expires_on);
            draft.give(currency, from, expires_on, points).map(|_| ())
        }
        Event::GiveUp { currency, expires_on } => {
            let waiting = Place::Pending { matures_on: Day::NEVER, expires_on };
            let points = draft.pending(currency, Day::NEVER, expires_on);
            end(draft, currency, waiting, points, (expires_on, expires_on))
        }
        Event::Expire { currency, expires_on, on } => end_lot(draft, currency, expires_on, on),
        Event::Lapse { currency, on } => {
            let lots = draft.purse(currency).lots.clone();
            lots.iter().try_for_each(|lot| end_lot(draft, currency, lot.expires_on, on))
        }
        Event::Review { on } => tier::review(program, draft, on),
        Event::Credit { progress, on } => {
            let Some(progress) = draft.account.progress.get(progress) else { return Ok(()) };
            let (goal, start) = (progress.goal.clone(), progress.start);
            credit_goal(rulebook, draft, (&goal, start), on, Taking::Back)
        }
    }
}

fn end_lot(draft: &mut Draft, currency: usize, expires_on: Day, on: Day) -> Result<(), Impossible> {
    let points = draft.lot(currency, expires_on);
    end(draft, currency, Place::Available { expires_on }, points, (expires_on, on))
}

/// Ends points, and remembers the end that their lot had and the day on which they did.
fn end(
    draft: &mut Draft,
    currency: usize,
    from: Place,
    points: Points,
    (expires_on, lapsed_on): (Day, Day),
) -> Result<(), Impossible> {
    if points.is_zero() {
        return Ok(());
    }
    draft.take(currency, from, Place::Expired, points)?;
    let currency = u8::try_from(currency).map_err(|_| Impossible::Overflow)?;
    draft.make(Change::LapsedKept { currency, expires_on, lapsed_on, points })
}

/// Whether an account keeps anything that [`forget`] may drop, told without a calendar.
fn has_old(account: &Account, today: Day) -> bool {
    // Well within the shortest time that anything is remembered for.
    let old = today.plus_days(-700);
    account.qualified.iter().any(|kept| kept.on < old && kept.on != Day::FIRST)
        || account.purses.iter().flat_map(|purse| &purse.lapsed).any(|it| it.lapsed_on < old)
        || !account.used.is_empty()
        || !account.progress.is_empty()
}

/// Drops what can no longer matter on `today`, so that no account grows with its age.
pub(crate) fn forget(
    rulebook: &Rulebook,
    draft: &mut Draft,
    (now, today): (Instant, Day),
) -> Result<(), Impossible> {
    if !has_old(&draft.account, today) {
        return Ok(());
    }
    let program = rulebook.in_force(now);
    let lapsed_before = REMEMBERED.window_start(today);
    let before = match &program.tiers {
        Some(tiers) => tiers.remembered_from(today).min(lapsed_before),
        None => lapsed_before,
    };
    let account = &draft.account;
    let old_amount = account.qualified.iter().any(|kept| kept.on < before && kept.on != Day::FIRST);
    let old_lapse = account.purses.iter().flat_map(|p| &p.lapsed).any(|l| l.lapsed_on < before);
    if old_amount || old_lapse {
        draft.make(Change::Forgotten { before })?;
    }
    // No order can be dated before this day any more.
    let before = program.late_by_at_most.window_start(today);
    if draft.account.used.iter().any(|used| used.start < used.per.start(before)) {
        draft.make(Change::SpansForgotten { before })?;
    }
    let over: Vec<(String, Day)> = draft
        .account
        .progress
        .iter()
        .filter(|progress| {
            deciding_goal(rulebook, progress).is_none_or(|(of, goal, credited_on)| {
                is_over((of, goal), progress.start, credited_on, before)
            })
        })
        .map(|progress| (progress.goal.clone(), progress.start))
        .collect();
    for (goal, start) in over {
        draft.make(Change::ProgressForgotten { goal, start })?;
    }
    Ok(())
}

/// Whether a goal's span ended and was credited before the day.
pub(crate) fn is_over(
    (of, goal): (&Program, &Goal),
    start: Day,
    credited_on: Option<Day>,
    before: Day,
) -> bool {
    let end = goal.ends_on(start, &of.time_zone);
    end.max(credited_on.unwrap_or(end)) < before
}

/// Gives a hold's points back to the lots they came from; a lot that has ended or soon
/// will lives the program's grace from `at`.
pub(crate) fn release(
    program: &Program,
    draft: &mut Draft,
    hold: u64,
    at: Instant,
) -> Result<(), Impossible> {
    let found = draft.account.holds.iter().find(|h| h.sequence == hold);
    let lots = found.map(|hold| hold.lots.clone()).unwrap_or_default();
    for lot in lots {
        let expires_on = not_before_grace(program, lot.expires_on, at);
        let from = Place::Held { hold, expires_on: lot.expires_on };
        draft.give(0, from, expires_on, lot.points)?;
    }
    draft.make(Change::HoldClosed { hold })
}

pub(crate) fn not_before_grace(program: &Program, expires_on: Day, at: Instant) -> Day {
    let today = Day::of(at, &program.time_zone);
    expires_on.max(program.points().returned_live_at_least.after(today))
}

/// The earliest instant at which settling would book a row worth having: an end, a
/// review, a notice, a hold's deadline. Maturity alone is not: reports know it by its date.
pub(crate) fn next_due(
    rulebook: &Rulebook,
    program: &Program,
    account: &Account,
) -> Option<Instant> {
    let zone = &program.time_zone;
    let lots = account.purses.iter().flat_map(|purse| {
        let ends = purse.lots.iter().map(|lot| purse.end_of(lot.expires_on));
        ends.chain(purse.pending.iter().map(|lot| end_of_waiting(purse, lot)))
    });
    let inactive = account.purses.iter().enumerate().filter_map(|(currency, purse)| {
        let spendable_on = spendable_on(purse)?;
        inactive_on(program, account, currency).map(|on| on.max(spendable_on))
    });
    let review = account.tier.as_ref().map(|tier| tier.ends_on);
    let credited = to_credit(rulebook, account).map(|(_, on)| on);
    let noticed = notice::next_on(program, account);
    let day = lots
        .chain(inactive)
        .chain(review)
        .chain(credited)
        .chain(noticed)
        .filter(|day| *day != Day::NEVER)
        .min();
    let deadline = account.holds.iter().map(|hold| hold.deadline).min();
    day.map(|day| day.starts_at(zone)).into_iter().chain(deadline).min()
}

/// The first day on which time has made some points spendable; inactivity ends no others.
fn spendable_on(purse: &Purse) -> Option<Day> {
    let timed = purse.pending.iter().map(|lot| lot.matures_on).filter(|on| *on != Day::NEVER);
    let now = (!purse.lots.is_empty()).then_some(Day::FIRST);
    timed.chain(now).min()
}

/// The day on which settling ends points that wait, unless they are spent before.
fn end_of_waiting(purse: &Purse, lot: &PendingLot) -> Day {
    match lot.matures_on {
        Day::NEVER => lot.expires_on,
        matures_on => purse.end_of(lot.expires_on).max(matures_on),
    }
}

/// The account of a row as it is at `now`, whether or not anything was booked since.
///
/// # Errors
///
/// [`Impossible`] only when the account is inconsistent.
pub fn settled(rulebook: &Rulebook, row: &Row, now: Instant) -> Result<Account, Impossible> {
    settling(rulebook, row, now).map(|(account, _)| account)
}

/// The account of a row as it is at `now`, and what time has changed since the row.
///
/// # Errors
///
/// [`Impossible`] only when the account is inconsistent.
pub fn settling(
    rulebook: &Rulebook,
    row: &Row,
    now: Instant,
) -> Result<(Account, Vec<Change>), Impossible> {
    let mut draft = Draft::of(row.account.clone());
    settle(rulebook, &mut draft, Some(row.recorded_at), (now, today_at(rulebook, now)))?;
    Ok((draft.account, draft.changes))
}

/// The points of a currency that end by the end of each day on which some do.
pub fn ending(account: &Account, currency: usize) -> Vec<(Day, Points)> {
    let purse = account.purse(currency);
    purse.lots.iter().map(|lot| (purse.end_of(lot.expires_on), lot.points)).collect()
}

/// Books that the member was active on `day`: that may keep points, and bring back what
/// ended lately.
pub(crate) fn be_active(program: &Program, draft: &mut Draft, day: Day) -> Result<(), Impossible> {
    draft.make(Change::Active { on: day })?;
    let points = program.points();
    if let Some(period) = points.extended_by {
        keep_until(draft, 0, period.after(day))?;
    }
    let Some(period) = points.reinstated_within else { return Ok(()) };
    let lately = |lapsed: &&Lapsed| period.after(lapsed.lapsed_on) >= day;
    let lapsed: Vec<Lapsed> = draft.purse(0).lapsed.iter().filter(lately).copied().collect();
    for Lapsed { expires_on, lapsed_on, points } in lapsed {
        draft.make(Change::LapsedCounted { currency: 0, expires_on, lapsed_on, points })?;
        let grace = program.points().returned_live_at_least.after(day);
        draft.give(0, Place::Expired, expires_on.max(grace), points)?;
    }
    Ok(())
}

/// Keeps all lots of a currency until a day; a day that is not later changes nothing.
fn keep_until(draft: &mut Draft, currency: u8, until: Day) -> Result<(), Impossible> {
    if draft.purse(usize::from(currency)).kept_until >= until {
        return Ok(());
    }
    draft.make(Change::KeptUntil { currency, until })
}

/// Follows a change of the level on `day`: points that end on the one may not on the
/// other.
pub(crate) fn follow_level(
    program: &Program,
    draft: &mut Draft,
    (from, to): (Option<&str>, &str),
    day: Day,
) -> Result<(), Impossible> {
    let Some(by_tier) = &program.points().by_tier else { return Ok(()) };
    let kept = from.is_some_and(|from| program.never_ends(0, from));
    if program.never_ends(0, to) {
        return keep_until(draft, 0, Day::NEVER);
    }
    if !kept {
        return Ok(());
    }
    let until = match by_tier.on_downgrade {
        OnDowngrade::Rebase => program.expiry(0, Some(to)).of_lot(day),
        OnDowngrade::Keep => {
            for lot in draft.purse(0).lots.clone() {
                let (from, to) = (lot.expires_on, Day::NEVER);
                let place = |expires_on| Place::Available { expires_on };
                if from != to {
                    draft.take(0, place(from), place(to), lot.points)?;
                }
            }
            Day::FIRST
        }
    };
    draft.make(Change::KeptUntil { currency: 0, until })
}
