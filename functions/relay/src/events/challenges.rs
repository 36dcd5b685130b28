//! What a row tells of challenges: which it completed, which badges came and went.

use domain::{
    account::{Progress, Tally},
    change::Change,
    goal,
    program::{Goal, GoalKind, Rulebook},
    row::Row,
    time::Day,
};

use crate::event::About;

/// The challenge that the tally at a position of the row's changes belongs to, if it is more
/// often completed after the row than before. Said at its first tally only.
pub(super) fn completed(
    row: &Row,
    rulebook: &Rulebook,
    at: usize,
    goal: &str,
    start: Day,
) -> Option<About> {
    let tallies = || {
        row.changes.iter().enumerate().filter_map(|(at, change)| match change {
            Change::Tallied { goal: of, start: since, tally, .. }
                if of == goal && *since == start =>
            {
                Some((at, tally))
            }
            _ => None,
        })
    };
    if tallies().next().map(|(first, _)| first) != Some(at) {
        return None;
    }
    let after = row.account.progress(goal, start)?;
    let definition = definition(rulebook, after)?;
    if definition.kind != GoalKind::Challenge {
        return None;
    }
    let before = without(after, tallies().map(|(_, tally)| tally));
    let times = goal::completed(definition, after);
    (times > goal::completed(definition, &before)).then(|| about(definition, start, times))
}

/// The challenge whose badge came or went.
pub(super) fn badge(row: &Row, rulebook: &Rulebook, goal: &str, start: Day) -> About {
    let nothing = Progress::nothing(goal, start, row.program_version);
    let progress = row.account.progress(goal, start).unwrap_or(&nothing);
    match definition(rulebook, progress) {
        Some(definition) => about(definition, start, goal::completed(definition, progress)),
        None => named(goal, goal, start, 0),
    }
}

fn definition<'r>(rulebook: &'r Rulebook, progress: &Progress) -> Option<&'r Goal> {
    rulebook.version(progress.program_version)?.goal(&progress.goal)
}

fn about(goal: &Goal, start: Day, times: u32) -> About {
    named(&goal.id, &goal.name, start, times)
}

fn named(id: &str, name: &str, start: Day, times: u32) -> About {
    About::Challenge {
        challenge: id.to_owned(),
        name: name.to_owned(),
        since: (start != Day::FIRST).then_some(start),
        times,
    }
}

/// What was gathered before these tallies.
fn without<'a>(after: &Progress, tallies: impl Iterator<Item = &'a Tally>) -> Progress {
    let mut before = after.clone();
    for tally in tallies {
        let same = |known: &&mut Tally| (known.step, &known.mark) == (tally.step, &tally.mark);
        match before.tallies.iter_mut().find(same) {
            Some(known) => known.amount = known.amount.saturating_sub(tally.amount),
            None => before
                .tallies
                .push(Tally { amount: tally.amount.saturating_neg(), ..tally.clone() }),
        }
    }
    before.tallies.retain(|tally| tally.amount != 0);
    before.tallies.sort_by(|one, other| (one.step, &one.mark).cmp(&(other.step, &other.mark)));
    before
}
