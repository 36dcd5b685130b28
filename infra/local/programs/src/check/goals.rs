//! Challenges and bonuses that nobody reaches.

use domain::{
    program::{Goal, GoalKind, LimitPer, Span, Step, StepMeasure},
    time::Day,
};

use super::{Checking, Code, rules};
use crate::words::each;

pub(super) fn check(checking: &mut Checking<'_>) {
    let (mut challenges, mut bonuses) = (0, 0);
    for goal in &checking.program.goals {
        let (section, count) = match goal.kind {
            GoalKind::Challenge => ("challenge", &mut challenges),
            GoalKind::Bonus => ("bonus", &mut bonuses),
        };
        let path = format!("{section}[{count}]");
        *count += 1;
        if let Span::Between { to, .. } = goal.span
            && to <= checking.at
        {
            let since = checking.words.day(Day::of(to, &checking.program.time_zone));
            let sentence = format!("gives nothing any more: its time was over on {since}");
            checking.find_of(Code::GoalOver, format!("{path}.to"), &goal.id, sentence);
        }
        let why: Vec<String> =
            goal.steps.iter().filter_map(|step| why_never(checking, goal, step)).collect();
        if goal.steps.len() - why.len() < goal.needs {
            let sentence = format!("can never be completed: {}", why.join(", and "));
            checking.find_of(Code::GoalUnreachable, path, &goal.id, sentence);
        }
    }
}

/// Why a step can never be done.
fn why_never(checking: &Checking<'_>, goal: &Goal, step: &Step) -> Option<String> {
    let rule = checking.program.earn.get(step.rule)?;
    if let Some((_, why)) = rules::why_never(checking.program, rule) {
        return Some(why);
    }
    let StepMeasure::InARow(per) = step.measure else { return None };
    let most = spans_in(checking, goal.span, per)?;
    let asked = step.at_least.unsigned_abs();
    let per = each(per);
    (asked > most).then(|| format!("it asks for {asked} {per}s in a row and has {most}"))
}

/// How many days, weeks or months the span of a goal touches at most.
fn spans_in(checking: &Checking<'_>, span: Span, per: LimitPer) -> Option<u64> {
    let [days, weeks, months] = match span {
        Span::Each(LimitPer::Day) => [1, 1, 1],
        Span::Each(LimitPer::Week) => [7, 1, 2],
        Span::Each(LimitPer::Month) => [31, 6, 1],
        Span::Each(LimitPer::Quarter) => [92, 15, 3],
        Span::Each(LimitPer::Year) => [366, 54, 12],
        Span::Each(_) => return None,
        Span::Between { from, to } => {
            let day = |at| u64::from(Day::of(at, &checking.program.time_zone).number());
            let days = (day(to.plus_millis(-1)) + 1).saturating_sub(day(from));
            [days, days / 7 + 2, days / 28 + 2]
        }
    };
    match per {
        LimitPer::Day => Some(days),
        LimitPer::Week => Some(weeks),
        LimitPer::Month => Some(months),
        _ => None,
    }
}
