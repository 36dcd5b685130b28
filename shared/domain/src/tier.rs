//! Levels: reached at once, lost only at a review.

use std::iter;

use crate::{
    account::{Account, TierState},
    change::{Change, Impossible},
    draft::Draft,
    fact::Grant,
    program::{Measure, OnRefund, Program, Tiers, Validity, Window},
    refusal::Refusal,
    settle::follow_level,
    time::Day,
};

/// The position of the level that the member's labels and what they have gathered in the
/// window that ends with `day` reach.
fn reached(tiers: &Tiers, account: &Account, day: Day) -> usize {
    let span = (tiers.window.start(day), day);
    tiers.level_for(|measure| measured_in(tiers, account, measure, span), &account.labels)
}

/// What the member has gathered of a measure in the window that ends with `day`.
pub fn measured(tiers: &Tiers, account: &Account, measure: Measure, day: Day) -> i64 {
    measured_in(tiers, account, measure, (tiers.window.start(day), day))
}

fn measured_in(
    tiers: &Tiers,
    account: &Account,
    measure: Measure,
    (start, day): (Day, Day),
) -> i64 {
    let counts = |kept: Day| match tiers.window {
        Window::CalendarYear => kept == start,
        Window::Rolling(_) => (start..=day).contains(&kept),
        Window::Lifetime => true,
    };
    let of_measure = account.qualified.iter().filter(|kept| kept.measure == measure.number());
    let counted = of_measure.filter(|kept| counts(kept.on));
    counted.fold(0, |sum: i64, kept| sum.saturating_add(kept.amount))
}

/// The member's level, which is the first of a program's for who was a member before it
/// had levels.
pub fn level<'a>(program: &'a Program, account: &'a Account) -> Option<&'a str> {
    let first = || program.tiers.as_ref().map(|tiers| tiers.levels[0].id.as_str());
    account.tier.as_ref().map(|tier| tier.level.as_str()).or_else(first)
}

/// Puts a new member on the first level.
pub(crate) fn join(program: &Program, draft: &mut Draft, day: Day) -> Result<(), Impossible> {
    let Some(tiers) = &program.tiers else {
        return Ok(());
    };
    set(program, tiers, draft, (0, day, Day::NEVER), day)
}

/// Gives a level by the shop's word.
pub(crate) fn grant(
    program: &Program,
    draft: &mut Draft,
    grant: &Grant,
    day: Day,
) -> Result<(), Refusal> {
    let unknown = || Refusal::TierUnknown { level: grant.level.clone() };
    let tiers = program.tiers.as_ref().ok_or_else(unknown)?;
    let at = tiers.levels.iter().position(|level| level.id == grant.level);
    let at = at.ok_or_else(unknown)?;
    let until = grant.until.unwrap_or_else(|| ends(tiers, at, day));
    if until <= day {
        return Err(Refusal::UntilPast);
    }
    Ok(set(program, tiers, draft, (at, day, until), day)?)
}

/// Raises the level when an amount of `day` brings some window that holds it, up to
/// `today`, to a higher one, and confirms the present one for as long as that is worth.
pub(crate) fn raise(
    program: &Program,
    draft: &mut Draft,
    day: Day,
    today: Day,
) -> Result<(), Impossible> {
    let Some(tiers) = &program.tiers else {
        return Ok(());
    };
    for day in iter::once(day).chain(later_windows(tiers, &draft.account, day, today)) {
        let now = current(tiers, &draft.account);
        let reached = reached(tiers, &draft.account, day);
        if reached < now || reached == 0 {
            continue;
        }
        let ends_on = ends(tiers, reached, day);
        let tier = draft.account.tier.as_ref();
        let ends_now = tier.map_or(Day::NEVER, |tier| tier.ends_on);
        // A level that lasts for a time of its own is confirmed at its review only, one
        // that follows the calendar as soon as the year earns it again.
        let by_calendar = matches!(tiers.validity, Validity::NextYear { .. });
        if reached > now || (reached == now && now > 0 && by_calendar && ends_on > ends_now) {
            set(program, tiers, draft, (reached, day, ends_on), day)?;
        }
    }
    Ok(())
}

/// The ends of the windows to look at besides that of `day` for what an amount of that day
/// reached until `today`: a window that moves with the days reaches most on a day that adds
/// to it.
fn later_windows(tiers: &Tiers, account: &Account, day: Day, today: Day) -> Vec<Day> {
    let Window::Rolling(_) = tiers.window else {
        return Vec::new();
    };
    let kept = account.qualified.iter().map(|kept| kept.on);
    kept.filter(|kept| *kept > day && *kept <= today).collect()
}

/// Looks at the level again when a refund took something from what supported it
/// `before`; `today` is the program's day now.
pub(crate) fn after_refund(
    program: &Program,
    draft: &mut Draft,
    before: Option<Support>,
    today: Day,
) -> Result<(), Impossible> {
    let (Some(tiers), Some(tier)) = (&program.tiers, &draft.account.tier) else {
        return Ok(());
    };
    let (since, ends_on) = (tier.since, tier.ends_on);
    let support = support(program, &draft.account, today);
    let Some(Support { level, until }) = support.filter(|_| support != before) else {
        return Ok(());
    };
    let now = current(tiers, &draft.account);
    let lost = level < now;
    match tiers.on_refund {
        OnRefund::Keep => Ok(()),
        OnRefund::Recompute if lost => set(program, tiers, draft, (level, today, until), today),
        OnRefund::Recompute => set(program, tiers, draft, (now, since, until.min(ends_on)), today),
        OnRefund::AtReview => {
            let new_year = today.year_start().plus_months(12);
            let review = if lost { new_year } else { until.max(new_year) };
            set(program, tiers, draft, (now, since, review.min(ends_on)), today)
        }
    }
}

/// What the amounts gathered so far support.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Support {
    /// The position of the highest level.
    level: usize,
    /// The day at whose start that ends.
    until: Day,
}

/// What was gathered supports on `today`: by the calendar the best of every year whose
/// level still lasts, otherwise the best of every window since the present level was
/// reached or last confirmed.
pub(crate) fn support(program: &Program, account: &Account, today: Day) -> Option<Support> {
    let (tiers, tier) = (program.tiers.as_ref()?, account.tier.as_ref()?);
    if let Validity::NextYear { .. } = tiers.validity {
        return Some(best_of_calendar(tiers, account, today));
    }
    let confirmed_by = tier.since.plus_days(-1);
    if tiers.window.start(confirmed_by) < tiers.remembered_from(today) {
        // What is forgotten cannot be judged again.
        return None;
    }
    let windows = later_windows(tiers, account, tier.since, today).into_iter();
    let days = windows.chain([tier.since, confirmed_by, today]);
    let level = days.map(|end| reached(tiers, account, end)).max()?;
    let until =
        if level == current(tiers, account) { tier.ends_on } else { ends(tiers, level, today) };
    Some(Support { level, until })
}

fn best_of_calendar(tiers: &Tiers, account: &Account, day: Day) -> Support {
    let kept = account.qualified.iter().map(|kept| kept.on);
    let windows = kept.filter(|kept| *kept < day).chain([day]);
    let worth = windows.filter_map(|end| {
        let ends_on = tiers.validity.ends_on(end);
        let still_lasts = end == day || ends_on.is_none_or(|ends_on| ends_on > day);
        let level = still_lasts.then(|| reached(tiers, account, end))?;
        Some(Support { level, until: with_grace(tiers, level, ends_on) })
    });
    worth.max().unwrap_or(Support { level: 0, until: Day::NEVER })
}

/// Decides anew at the start of `day`, the day on which the level ends.
pub(crate) fn review(program: &Program, draft: &mut Draft, day: Day) -> Result<(), Impossible> {
    let Some(tiers) = &program.tiers else {
        // The level's program has no levels any more.
        let Some(mut tier) = draft.account.tier.clone() else {
            return Ok(());
        };
        tier.ends_on = Day::NEVER;
        let from = Some(tier.level.clone());
        return draft.make(Change::TierSet { from, to: tier });
    };
    let now = current(tiers, &draft.account);
    let Support { level, until } = earned(tiers, &draft.account, day);
    if tiers.one_step_down && level + 1 < now {
        let until = match tiers.validity {
            Validity::NextYear { .. } => day.plus_months(12),
            Validity::For(_) | Validity::Lifetime => ends(tiers, now - 1, day),
        };
        return set(program, tiers, draft, (now - 1, day, until), day);
    }
    set(program, tiers, draft, (level, day, until), day)
}

/// The level that a review on `day` finds, and when that ends: by the calendar what a
/// year earned that still lasts, otherwise what the window until then reached.
fn earned(tiers: &Tiers, account: &Account, day: Day) -> Support {
    match tiers.validity {
        Validity::NextYear { .. } => best_of_calendar(tiers, account, day),
        Validity::For(_) | Validity::Lifetime => {
            let level = reached(tiers, account, day.plus_days(-1));
            Support { level, until: ends(tiers, level, day) }
        }
    }
}

/// The member's level and the one that the review on `day` would find, if that is lower, by
/// what has been gathered so far.
pub(crate) fn falls_to(program: &Program, account: &Account, day: Day) -> Option<(String, String)> {
    let tiers = program.tiers.as_ref()?;
    let (now, earned) = (current(tiers, account), earned(tiers, account, day).level);
    let earned = if tiers.one_step_down { earned.max(now.saturating_sub(1)) } else { earned };
    let id = |level: usize| tiers.levels[level].id.clone();
    (earned < now).then(|| (id(now), id(earned)))
}

fn current(tiers: &Tiers, account: &Account) -> usize {
    account.tier.as_ref().map_or(0, |tier| tiers.position(&tier.level))
}

fn ends(tiers: &Tiers, level: usize, day: Day) -> Day {
    with_grace(tiers, level, tiers.validity.ends_on(day))
}

fn with_grace(tiers: &Tiers, level: usize, ends_on: Option<Day>) -> Day {
    match ends_on {
        Some(end) if level > 0 => tiers.grace.map_or(end, |grace| grace.after(end)),
        _ => Day::NEVER,
    }
}

fn set(
    program: &Program,
    tiers: &Tiers,
    draft: &mut Draft,
    (level, since, ends_on): (usize, Day, Day),
    on: Day,
) -> Result<(), Impossible> {
    let from = draft.account.tier.as_ref().map(|tier| tier.level.clone());
    let to = TierState { level: tiers.levels[level].id.clone(), since, ends_on };
    let (before, after) = (from.clone(), to.level.clone());
    draft.make(Change::TierSet { from, to })?;
    if before.as_deref() == Some(after.as_str()) {
        return Ok(());
    }
    follow_level(program, draft, (before.as_deref(), &after), on)
}
