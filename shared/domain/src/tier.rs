//! Levels: reached at once, lost only at a review.

use crate::{
    account::{Account, TierState},
    change::{Change, Impossible},
    draft::Draft,
    program::{OnRefund, Program, Tiers, Validity, Window},
    time::Day,
};

/// What the member has gathered in the window that ends with `day`.
pub fn measured(tiers: &Tiers, account: &Account, day: Day) -> i64 {
    let start = tiers.window.start(day);
    let counts = |kept: Day| match tiers.window {
        Window::CalendarYear => kept == start,
        Window::Rolling(_) => (start..=day).contains(&kept),
        Window::Lifetime => true,
    };
    let counted = account.qualified.iter().filter(|(kept, _)| counts(*kept));
    counted.fold(0, |sum: i64, (_, amount)| sum.saturating_add(*amount))
}

/// Puts a new member on the first level.
pub(crate) fn join(program: &Program, draft: &mut Draft, day: Day) -> Result<(), Impossible> {
    let Some(tiers) = &program.tiers else {
        return Ok(());
    };
    set(tiers, draft, 0, day, Day::NEVER)
}

/// Raises the level when what was gathered up to `day` reaches a higher one, and
/// confirms the present one for as long as that is worth. `day` is the day on which the
/// amount counts.
pub(crate) fn raise(program: &Program, draft: &mut Draft, day: Day) -> Result<(), Impossible> {
    let Some(tiers) = &program.tiers else {
        return Ok(());
    };
    let now = current(tiers, &draft.account);
    let reached = tiers.level_for(measured(tiers, &draft.account, day));
    let ends_on = ends(tiers, reached, day);
    let ends_now = draft.account.tier.as_ref().map_or(Day::NEVER, |tier| tier.ends_on);
    // A level that lasts for a time of its own is confirmed at its review only, one that
    // follows the calendar as soon as the year earns it again.
    let by_calendar = matches!(tiers.validity, Validity::NextYear { .. });
    if reached > now || (reached == now && now > 0 && by_calendar && ends_on > ends_now) {
        return set(tiers, draft, reached, day, ends_on);
    }
    Ok(())
}

/// Looks at the level again after a refund, as the program says; `today` is the
/// program's day now.
pub(crate) fn after_refund(
    program: &Program,
    draft: &mut Draft,
    today: Day,
) -> Result<(), Impossible> {
    let Some(tiers) = &program.tiers else {
        return Ok(());
    };
    let now = current(tiers, &draft.account);
    let supported = supported(tiers, &draft.account, today);
    if now == 0 || supported >= now {
        return Ok(());
    }
    match tiers.on_refund {
        OnRefund::Keep => Ok(()),
        OnRefund::Recompute => set(tiers, draft, supported, today, ends(tiers, supported, today)),
        OnRefund::AtReview => {
            let review = today.year_start().plus_months(12);
            let Some(tier) = draft.account.tier.clone() else {
                return Ok(());
            };
            match tiers.window {
                Window::CalendarYear if tier.ends_on > review => {
                    set(tiers, draft, now, tier.since, review)
                }
                _ => Ok(()),
            }
        }
    }
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
    let before = day.plus_days(-1);
    let earned = supported(tiers, &draft.account, before);
    let next = match earned < now {
        true if tiers.one_step_down => now - 1,
        _ => earned,
    };
    // A calendar level that the year before earned is worth that year and the next.
    let ends_on = match tiers.validity {
        Validity::NextYear { .. } if next > earned => day.plus_months(12),
        Validity::NextYear { .. } => ends(tiers, next, before),
        Validity::For(_) | Validity::Lifetime => ends(tiers, next, day),
    };
    set(tiers, draft, next, day, ends_on)
}

/// The level that what was gathered supports on `day`: by the window that ends then,
/// and for calendar years also by the year before, whose level lasts through this one.
fn supported(tiers: &Tiers, account: &Account, day: Day) -> usize {
    let by_window = tiers.level_for(measured(tiers, account, day));
    match (tiers.window, tiers.validity) {
        (Window::CalendarYear, Validity::NextYear { .. }) => {
            let last_year = day.year_start().plus_days(-1);
            let still_lasts = tiers.validity.ends_on(last_year).is_none_or(|end| end > day);
            let by_last_year = tiers.level_for(measured(tiers, account, last_year));
            if still_lasts { by_window.max(by_last_year) } else { by_window }
        }
        _ => by_window,
    }
}

fn current(tiers: &Tiers, account: &Account) -> usize {
    account.tier.as_ref().map_or(0, |tier| tiers.position(&tier.level))
}

fn ends(tiers: &Tiers, level: usize, day: Day) -> Day {
    if level == 0 { Day::NEVER } else { tiers.validity.ends_on(day).unwrap_or(Day::NEVER) }
}

fn set(
    tiers: &Tiers,
    draft: &mut Draft,
    level: usize,
    since: Day,
    ends_on: Day,
) -> Result<(), Impossible> {
    let from = draft.account.tier.as_ref().map(|tier| tier.level.clone());
    let to = TierState { level: tiers.levels[level].id.clone(), since, ends_on };
    draft.make(Change::TierSet { from, to })
}
