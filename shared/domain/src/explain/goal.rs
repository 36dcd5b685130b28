//! Goals in words: what was gathered, and what it gave.

use schemars::JsonSchema;
use serde::Serialize;

use super::words;
use crate::{
    account::Progress,
    change::Change,
    goal::{completed, gathered_of},
    program::{Goal, Program, Rulebook, StepMeasure},
    row::Row,
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
    touched.into_iter().filter_map(|(goal, start)| of(rulebook, row, goal, start)).collect()
}

fn of(rulebook: &Rulebook, row: &Row, id: &str, start: Day) -> Option<ExplainedGoal> {
    let nothing = || Progress::nothing(id, start, row.program_version);
    let progress = row.account.progress(id, start).cloned().unwrap_or_else(nothing);
    let program: &Program = rulebook.version(progress.program_version)?;
    let goal = program.goal(id)?;
    let gathered = gathered_of(goal, &progress);
    let steps = goal.steps.iter().zip(&gathered).map(|(step, gathered)| ExplainedStep {
        step: step.id.clone(),
        gathered: *gathered,
        at_least: step.at_least,
    });
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
    let mut explained = ExplainedGoal {
        goal: id.to_owned(),
        name: goal.name.clone(),
        since: (start != Day::FIRST).then(|| start.to_string()),
        steps: steps.collect(),
        completed: completed(goal, &progress),
        points,
        badge,
        sentence: String::new(),
    };
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
        format!("{}: {}{gives}{badge}", self.name, steps.join(", "))
    }
}
