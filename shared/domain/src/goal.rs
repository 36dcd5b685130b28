//! Gathering towards goals, and what they give.

use crate::{
    account::{Account, Mark, Progress, Tally, signed},
    award::Worth,
    order_state::{Gathered, OrderState},
    points::Points,
    program::{Gives, Goal, Joining, LimitPer, MARKS_MAX, Program, Span, Step, StepMeasure},
    ratio::{Ratio, RoundingMode},
    reason::Reason,
    time::{Day, Instant},
};

/// What an order or activity adds to the goals of its pinned version.
pub(crate) fn gathered(program: &Program, order: &OrderState, worth: &Worth) -> Vec<Gathered> {
    let mut gathered = Vec::new();
    for (at, goal) in program.goals.iter().enumerate() {
        let Some(start) = goal.span.start(order.placed_at, order.placed_on) else { continue };
        for (position, step) in goal.steps.iter().enumerate() {
            let (Ok(goal), Ok(number)) = (u8::try_from(at), u8::try_from(position)) else {
                continue;
            };
            let parts = parts_of(program, step, order, worth).into_iter();
            let parts = parts.filter(|(_, amount)| *amount != 0);
            gathered.extend(parts.map(|(mark, amount)| Gathered {
                goal,
                start,
                tally: Tally { step: number, mark, amount },
            }));
        }
    }
    gathered
}

fn parts_of(program: &Program, step: &Step, order: &OrderState, worth: &Worth) -> Vec<(Mark, i64)> {
    let rule = &program.earn[step.rule];
    if order.barred.is_some() || !rule.on.hears(order.activity.as_deref()) {
        return Vec::new();
    }
    let left = order.remaining(rule.base);
    let lines = order.lines.iter().zip(left).enumerate();
    let held = lines.filter(|(_, (line, left))| line.held >> step.rule & 1 == 1 && *left > 0);
    let eligible: i64 = held.clone().map(|(_, (_, left))| left).sum();
    let least = rule.when.order_at_least.unwrap_or(1);
    if eligible < 1 || order.remaining(0).iter().sum::<i64>() < least {
        return Vec::new();
    }
    match &step.measure {
        StepMeasure::Times => vec![(Mark::All, 1)],
        StepMeasure::Spend => vec![(Mark::All, eligible)],
        StepMeasure::Quantity => {
            let pieces = held.map(|(_, (line, _))| line.pieces_left(order.is_activity()));
            let pieces = pieces.fold(0_u64, u64::saturating_add);
            vec![(Mark::All, i64::try_from(pieces).unwrap_or(i64::MAX))]
        }
        StepMeasure::InARow(per) => vec![(Mark::Span(per.start(order.placed_on)), 1)],
        StepMeasure::Different(_) => {
            let of_rule = order.words.iter().filter(|(at, ..)| usize::from(*at) == step.rule);
            let still = |line: u16| held.clone().any(|(at, _)| at == usize::from(line));
            let mut words: Vec<&String> =
                of_rule.filter(|(_, line, _)| still(*line)).map(|(_, _, word)| word).collect();
            words.sort_unstable();
            words.dedup();
            words.into_iter().map(|word| (Mark::Word(word.clone()), 1)).collect()
        }
        StepMeasure::PointsOf(rules) => {
            let of_rules = worth.awards.iter().filter(|a| rules.contains(&usize::from(a.rule)));
            let points: i64 = of_rules.map(|award| signed(award.points)).sum();
            let denomination = i64::try_from(order.denomination).unwrap_or(i64::MAX).max(1);
            vec![(Mark::All, points / denomination)]
        }
    }
}

/// Why what a member does at `at`, in a goal's span, does not count towards it, as far as
/// taking it up and handing it over in time goes.
pub(crate) fn why_uncounted(
    goal: &Goal,
    account: &Account,
    (at, day): (Instant, Day),
    (synced_at, now): (Option<Instant>, Instant),
) -> Option<Reason> {
    let start = goal.span.start(at, day)?;
    let taken_up = account.progress(&goal.id, start).and_then(|known| known.taken_up_at);
    let joined = match goal.joining {
        Joining::Automatic => true,
        Joining::Activated => taken_up.is_some_and(|taken_up| taken_up <= at),
        Joining::ActivatedBeforeStart => taken_up.is_some(),
    };
    let in_time = match goal.span {
        Span::Between { to, .. } if goal.synced_before_end => {
            now < to && synced_at.is_none_or(|synced| synced < to)
        }
        _ => true,
    };
    match (joined, in_time) {
        (false, _) => Some(Reason::NotTakenUp),
        (true, false) => Some(Reason::TooLate),
        (true, true) => None,
    }
}

/// How much was gathered of each step.
pub fn gathered_of(goal: &Goal, progress: &Progress) -> Vec<i64> {
    let of_step = |(at, step): (usize, &Step)| {
        let tallies = progress.tallies.iter();
        let tallies = tallies.filter(|tally| usize::from(tally.step) == at && tally.amount > 0);
        match &step.measure {
            StepMeasure::Different(_) => i64::try_from(tallies.count()).unwrap_or(i64::MAX),
            StepMeasure::InARow(per) => longest_run(*per, tallies),
            _ => tallies.fold(0_i64, |sum, tally| sum.saturating_add(tally.amount)),
        }
    };
    goal.steps.iter().enumerate().map(of_step).collect()
}

fn longest_run<'a>(per: LimitPer, tallies: impl Iterator<Item = &'a Tally>) -> i64 {
    let (mut longest, mut run, mut expected) = (0, 0, None);
    for tally in tallies {
        let Mark::Span(start) = tally.mark else { continue };
        run = if expected == Some(start) { run + 1 } else { 1 };
        expected = Some(per.end(start));
        longest = longest.max(run);
    }
    longest
}

/// How often a goal is completed by what was gathered.
pub fn completed(goal: &Goal, progress: &Progress) -> u32 {
    let gathered = gathered_of(goal, progress);
    let reached = goal.steps.iter().zip(&gathered);
    let reached = reached.filter(|(step, gathered)| **gathered >= step.at_least).count();
    match (&goal.gives, goal.steps.as_slice()) {
        (Gives::Each { times, .. }, [step]) => {
            u32::try_from(gathered[0] / step.at_least.max(1)).unwrap_or(u32::MAX).min(*times)
        }
        _ => u32::from(reached >= goal.needs),
    }
}

/// What a goal gives for what was gathered, in all, in the points of today.
pub fn worth_of(goal: &Goal, progress: &Progress) -> Points {
    let gathered = gathered_of(goal, progress);
    let steps = goal.steps.iter().zip(&gathered);
    let of_steps = steps.filter(|(step, gathered)| **gathered >= step.at_least);
    let of_steps = crate::account::sum(of_steps.map(|(step, _)| step.points));
    let whole = match &goal.gives {
        Gives::Each { points, .. } => times(*points, completed(goal, progress)),
        Gives::Total(table) => {
            let reached = table.iter().rev().find(|(at_least, _)| gathered[0] >= *at_least);
            reached.map_or(Points::ZERO, |(_, points)| *points)
        }
        Gives::Share { share, at_most } if gathered[0] >= goal.steps[0].at_least => {
            let shared = gathered.get(1).copied().unwrap_or(0).unsigned_abs();
            let exact = share.checked_mul(Ratio::whole(shared));
            let units = exact.and_then(|exact| exact.round(RoundingMode::Floor));
            let points = units.and_then(Points::new).unwrap_or(Points::MAX);
            at_most.map_or(points, |most| points.min(most))
        }
        Gives::Share { .. } => Points::ZERO,
    };
    let points = of_steps.checked_add(whole).unwrap_or(Points::MAX);
    let now = points.units().checked_mul(progress.denomination).and_then(Points::new);
    now.unwrap_or(Points::MAX)
}

fn times(points: Points, times: u32) -> Points {
    points.units().checked_mul(u64::from(times)).and_then(Points::new).unwrap_or(Points::MAX)
}

/// Whether a goal has room for another mark.
pub(crate) fn has_room(progress: Option<&Progress>, tally: &Tally) -> bool {
    let Some(progress) = progress else { return true };
    let known = |other: &Tally| (other.step, &other.mark) == (tally.step, &tally.mark);
    progress.tallies.len() < MARKS_MAX || progress.tallies.iter().any(known)
}
