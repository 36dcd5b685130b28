//! Notices: what a member is told before it happens.
//!
//! A notice is a row like everything that time brings, so that it is given once, whoever
//! looks, and whoever listens hears of it by the row. Nothing is decided by it.

use serde::{Deserialize, Serialize};

use crate::{
    account::Account,
    change::{Change, Impossible},
    draft::Draft,
    points::Points,
    program::Program,
    settle::inactive_on,
    tier,
    time::Day,
};

/// What a member is told before it happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// Points will end.
    Expiring {
        /// At the start of this day.
        ends_on: Day,
        /// How many.
        points: Points,
    },
    /// The level will not be kept.
    TierAtRisk {
        /// The level.
        level: String,
        /// At the start of this day.
        ends_on: Day,
        /// What has been earned so far is enough for this one.
        falls_to: String,
    },
}

/// Gives the notices that are due on `today` and were not given yet: of each end the latest.
pub(crate) fn give(program: &Program, draft: &mut Draft, today: Day) -> Result<(), Impossible> {
    if program.notices.is_empty() {
        return Ok(());
    }
    let account = &draft.account;
    let due = |on: &Day| *on <= today && account.noticed.is_none_or(|given| *on > given);
    let mut given = None;
    let mut notices = Vec::new();
    for (ends_on, points) in ends(program, account).into_iter().filter(|(end, _)| *end > today) {
        if let Some(on) = days_before(program, ends_on).filter(due).max() {
            given = given.max(Some(on));
            notices.push(Notice::Expiring { ends_on, points });
        }
    }
    if let Some((on, ends_on)) =
        review(program, account).filter(|(on, end)| due(on) && *end > today)
    {
        given = given.max(Some(on));
        notices.extend(
            tier::falls_to(program, account, ends_on).map(|(level, falls_to)| Notice::TierAtRisk {
                level,
                ends_on,
                falls_to,
            }),
        );
    }
    match given {
        Some(on) => draft.make(Change::Noticed { on, notices }),
        None => Ok(()),
    }
}

/// The next day on which a notice is due.
pub(crate) fn next_on(program: &Program, account: &Account) -> Option<Day> {
    if program.notices.is_empty() {
        return None;
    }
    let ends = ends(program, account).into_iter();
    let of_points = ends.flat_map(|(end, _)| days_before(program, end).collect::<Vec<_>>());
    let of_tier = review(program, account).map(|(on, _)| on);
    let all = of_points.chain(of_tier);
    all.filter(|on| account.noticed.is_none_or(|given| *on > given)).min()
}

/// What ends on each day, as far as is known now.
fn ends(program: &Program, account: &Account) -> Vec<(Day, Points)> {
    if program.notices.points.is_empty() {
        return Vec::new();
    }
    let purse = account.purse(0);
    let inactive = inactive_on(program, account, 0).unwrap_or(Day::NEVER);
    let mut ends: Vec<(Day, Points)> = Vec::new();
    for lot in &purse.lots {
        let end = purse.end_of(lot.expires_on).min(inactive);
        match ends.last_mut() {
            Some((known, points)) if *known == end => {
                *points = points.checked_add(lot.points).unwrap_or(Points::MAX);
            }
            _ => ends.push((end, lot.points)),
        }
    }
    ends.retain(|(end, _)| *end != Day::NEVER);
    ends
}

fn days_before(program: &Program, end: Day) -> impl Iterator<Item = Day> + '_ {
    program.notices.points.iter().map(move |length| length.before(end))
}

/// The day on which a review is told of, and the review's.
fn review(program: &Program, account: &Account) -> Option<(Day, Day)> {
    let length = program.notices.tier?;
    let ends_on = account.tier.as_ref()?.ends_on;
    (ends_on != Day::NEVER).then(|| (length.before(ends_on), ends_on))
}
