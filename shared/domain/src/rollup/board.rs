//! Leaderboards: how far members are with the goals that rank them.

use serde::{Deserialize, Serialize};

use crate::{
    account::Progress,
    change::Change,
    goal::{completed, gathered_of},
    program::{Goal, Leaderboard, Program, Rulebook},
    row::Row,
    settle::is_over,
    time::{Day, Instant},
};

/// How far a row has brought its member with a goal that ranks members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The goal.
    pub goal: String,
    /// The day its span began.
    pub start: Day,
    /// How much was gathered of its first step, net of refunds.
    pub gathered: i64,
    /// How often it is completed.
    pub completed: u32,
    /// The row.
    pub sequence: u64,
    /// When the row was recorded, which nobody can date back.
    pub at: Instant,
}

/// What a leaderboard keeps of a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranked {
    /// How much was gathered of the goal's first step, net of refunds.
    pub gathered: i64,
    /// Since when it is so much.
    pub gathered_at: Instant,
    /// How often the goal is completed.
    pub completed: u32,
    /// Since when it is.
    pub completed_at: Option<Instant>,
    /// The newest row that moved it.
    pub sequence: u64,
}

impl Ranked {
    /// Takes in what a row says, if it is newer than all before.
    pub fn take(&mut self, reached: &Reached) {
        if reached.sequence <= self.sequence {
            return;
        }
        if self.sequence == 0 || reached.gathered != self.gathered {
            self.gathered_at = reached.at;
        }
        self.completed_at = match reached.completed {
            0 => None,
            _ => self.completed_at.or(Some(reached.at)),
        };
        self.gathered = reached.gathered;
        self.completed = reached.completed;
        self.sequence = reached.sequence;
    }
}

impl Reached {
    /// What a row says of the goals that rank members: of each in which it gathered
    /// something or took it back. The newest row of a member in a goal says it all, as its
    /// account holds what all before it came to.
    pub fn by(row: &Row, rulebook: &Rulebook) -> Vec<Reached> {
        let mut touched: Vec<(&str, Day, u32)> = Vec::new();
        for change in &row.changes {
            let Change::Tallied { goal, start, program_version, .. } = change else { continue };
            touched.retain(|(known, since, _)| (*known, *since) != (goal.as_str(), *start));
            touched.push((goal, *start, *program_version));
        }
        let reached = |(goal, start, version): (&str, Day, u32)| {
            let program = rulebook.version(version)?;
            let goal = program.goal(goal).filter(|goal| goal.leaderboard == Leaderboard::OptIn)?;
            let progress = row.account.progress(&goal.id, start);
            if progress.is_none() && is_dropped(rulebook, (program, goal), start, row.recorded_at) {
                return None;
            }
            let first = |progress: &Progress| gathered_of(goal, progress).first().copied();
            Some(Reached {
                goal: goal.id.clone(),
                start,
                // What came to nothing leaves no progress.
                gathered: progress.and_then(first).unwrap_or(0),
                completed: progress.map_or(0, |progress| completed(goal, progress)),
                sequence: row.sequence,
                at: row.recorded_at,
            })
        };
        touched.into_iter().filter_map(reached).collect()
    }
}

/// Whether the account has dropped the span for its age, so that it says nothing of it: its
/// ranks stay as they are.
fn is_dropped(
    rulebook: &Rulebook,
    (program, goal): (&Program, &Goal),
    start: Day,
    now: Instant,
) -> bool {
    let present = rulebook.in_force(now);
    let before = present.late_by_at_most.window_start(Day::of(now, &present.time_zone));
    is_over((program, goal), start, goal.credited_on(start, &program.time_zone), before)
}
