//! What each id of a program stands for, as far as histories rely on it.

use std::{collections::BTreeMap, fmt};

use domain::program::{Effect, GoalKind, Program, StepMeasure, Trigger};

use crate::words::choices::reward_kind;

/// What an id belongs to, and the id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    of: &'static str,
    id: String,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.of, self.id)
    }
}

/// What each id stands for: `gives points for orders`.
pub fn meanings(program: &Program) -> BTreeMap<Id, String> {
    let mut meanings = BTreeMap::new();
    let mut mean = |of: &'static str, id: &str, meaning: String| {
        meanings.insert(Id { of, id: id.to_owned() }, meaning);
    };
    for rule in &program.earn {
        let does = match &rule.effect {
            Effect::Points { currency, .. } => {
                format!("gives {}", program.currencies[*currency].id)
            }
            Effect::Times(_) => "multiplies".to_owned(),
            // It belongs to a goal.
            Effect::Counts => continue,
        };
        let on = match &rule.on {
            Trigger::Order => "orders".to_owned(),
            Trigger::Activity(kind) => format!("{kind:?}"),
        };
        mean("rule or goal", &rule.id, format!("{does} for {on}"));
    }
    for goal in &program.goals {
        let is = match goal.kind {
            GoalKind::Challenge => "is a challenge",
            GoalKind::Bonus => "is a bonus",
        };
        mean("rule or goal", &goal.id, is.to_owned());
        for step in &goal.steps {
            let id = format!("{}.{}", goal.id, step.id);
            mean("step", &id, format!("counts {}", counted(&step.measure)));
        }
    }
    for reward in &program.rewards {
        mean("reward", &reward.id, format!("is of the kind {:?}", reward_kind(reward.kind)));
    }
    meanings
}

fn counted(measure: &StepMeasure) -> &'static str {
    match measure {
        StepMeasure::Times => "how often",
        StepMeasure::Spend => "what is spent",
        StepMeasure::Quantity => "how many",
        StepMeasure::Different(_) => "what differs",
        StepMeasure::InARow(_) => "spans in a row",
        StepMeasure::PointsOf(_) => "points of rules",
    }
}
