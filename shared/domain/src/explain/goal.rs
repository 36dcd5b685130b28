//! Goals in words: what was gathered, and what it gave.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Because, words};
use crate::{
    account::Progress,
    change::Change,
    goal::{completed, gathered_of},
    program::{Goal, Program, Rulebook, Step, StepMeasure},
    reason::Reason,
    row::{Row, RowKind},
    time::Day,
};

/// A goal that the row gathered for, took something back from, or took up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExplainedGoal {
    /// The goal's id.
    pub goal: String,
    /// What members call it.
    pub name: String,
    /// The day its span began, where it comes again and again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Its steps.
    pub steps: Vec<ExplainedStep>,
    /// How often it is completed.
    pub completed: u32,
    /// The points that this row moved for it; less than zero when they were taken back.
    pub points: i64,
    /// Whether this row won its badge, or lost it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge: Option<bool>,
    /// Why what was done does not count for it, or is given nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Because>,
    /// The same in words.
    pub sentence: String,
}

/// How far a step is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExplainedStep {
    /// The step's id.
    pub step: String,
    /// How much was gathered: a number, minor units of money, or thousandths of units.
    pub gathered: i64,
    /// How much is asked for.
    pub at_least: i64,
}

/// Every goal that the row is about, in the order in which it came to them.
pub(super) fn explain(rulebook: &Rulebook, row: &Row) -> Vec<ExplainedGoal> {
    let mut touched: Vec<(&str, Day)> = Vec::new();
    for change in &row.changes {
        let goal = match change {
            Change::Tallied { goal, start, .. }
            | Change::GoalCredited { goal, start, .. }
            | Change::Badge { goal, start, .. }
            | Change::TakenUp { goal, start, .. } => (goal.as_str(), *start),
            _ => continue,
        };
        if !touched.contains(&goal) {
            touched.push(goal);
        }
    }
    let touched = touched.into_iter().filter_map(|(goal, start)| of(rulebook, row, goal, start));
    touched.chain(uncounted(rulebook, row)).collect()
}

/// The goals that an order or activity would count for, had it been taken up or handed
/// over in time.
fn uncounted(rulebook: &Rulebook, row: &Row) -> Vec<ExplainedGoal> {
    let Some(order) = row.order.as_ref().filter(|_| row.kind != RowKind::Refund) else {
        return Vec::new();
    };
    let Some(program) = rulebook.version(order.program_version) else { return Vec::new() };
    let explained = order.uncounted.iter().filter_map(|(at, reason)| {
        let goal = program.goals.get(usize::from(*at))?;
        let start = goal.span.start(order.placed_at, order.placed_on)?;
        let counts = |step: &Step| order.lines.iter().any(|line| line.held >> step.rule & 1 == 1);
        let goal = goal.steps.iter().any(counts).then_some(goal)?;
        let progress = row.account.progress(&goal.id, start).cloned();
        let progress =
            progress.unwrap_or_else(|| Progress::nothing(&goal.id, start, program.version));
        let reason = Because::from(*reason);
        let sentence = format!("{}: does not count, {}", goal.name, reason.sentence);
        Some(ExplainedGoal { reason: Some(reason), sentence, ..so_far(goal, &progress) })
    });
    explained.collect()
}

/// How far a goal is, with nothing moved for it.
fn so_far(goal: &Goal, progress: &Progress) -> ExplainedGoal {
    let gathered = gathered_of(goal, progress);
    let steps = goal.steps.iter().zip(&gathered).map(|(step, gathered)| ExplainedStep {
        step: step.id.clone(),
        gathered: *gathered,
        at_least: step.at_least,
    });
    ExplainedGoal {
        goal: goal.id.clone(),
        name: goal.name.clone(),
        since: (progress.start != Day::FIRST).then(|| progress.start.to_string()),
        steps: steps.collect(),
        completed: completed(goal, progress),
        points: 0,
        badge: None,
        reason: None,
        sentence: String::new(),
    }
}

fn of(rulebook: &Rulebook, row: &Row, id: &str, start: Day) -> Option<ExplainedGoal> {
    let nothing = || Progress::nothing(id, start, row.program_version);
    let progress = row.account.progress(id, start).cloned().unwrap_or_else(nothing);
    let program: &Program = rulebook.version(progress.program_version)?;
    let goal = program.goal(id)?;
    let points = row.changes.iter().map(|change| match change {
        Change::GoalCredited { goal, start: of, points, .. } if goal == id && *of == start => {
            *points
        }
        _ => 0,
    });
    let badge = row.changes.iter().find_map(|change| match change {
        Change::Badge { goal, start: of, won } if goal == id && *of == start => Some(*won),
        _ => None,
    });
    let points = points.fold(0_i64, i64::saturating_add);
    let given = progress.credit.as_ref().is_some_and(|credit| !credit.net().is_zero());
    let mut explained = ExplainedGoal { points, badge, ..so_far(goal, &progress) };
    // Completed by this row, when as many others had been first as may be.
    let at_once = goal.first.is_some() && goal.credited_after.is_none();
    let late = at_once && explained.completed > 0 && !given && !progress.won;
    explained.reason = late.then(|| Because::from(Reason::BudgetSpent));
    explained.sentence = explained.in_one_sentence(program, goal);
    Some(explained)
}

impl ExplainedGoal {
    fn in_one_sentence(&self, program: &Program, goal: &Goal) -> String {
        let steps = self.steps.iter().zip(&goal.steps).map(|(explained, step)| {
            let shown = |amount: i64| match step.measure {
                StepMeasure::Spend => crate::money::display_minor(amount, program.money),
                StepMeasure::Quantity => words::thousandths(amount),
                _ => amount.to_string(),
            };
            match explained.at_least {
                0 => shown(explained.gathered),
                at_least => format!("{} of {}", shown(explained.gathered), shown(at_least)),
            }
        });
        let steps: Vec<String> = steps.collect();
        let currency = program.points();
        let amount = |points: i64| {
            let points = crate::points::Points::new(points.unsigned_abs()).unwrap_or_default();
            words::points(currency, points)
        };
        let gives = match self.points {
            0 => String::new(),
            points if points > 0 => format!(", which gives {}", amount(points)),
            points => format!(", which takes {} back", amount(points)),
        };
        let badge = match self.badge {
            Some(true) => " and its badge",
            Some(false) => "; its badge is lost",
            None => "",
        };
        let reason = self.reason.iter().map(|reason| format!(", {}", reason.sentence));
        let reason: String = reason.collect();
        format!("{}: {}{gives}{badge}{reason}", self.name, steps.join(", "))
    }
}
