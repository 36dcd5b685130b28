//! How far a member is with what takes several orders or activities.

use domain::{
    account::{Account, Progress},
    goal::{completed, gathered_of},
    program::{Goal, GoalKind, Joining, Program, Rulebook, Span, StepMeasure},
    time::{Day, Instant},
};
use schemars::JsonSchema;
use serde::Serialize;

/// How far a member is with a challenge or a bonus.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct GoalAnswer {
    /// Its id.
    pub goal: String,
    /// What members call it.
    pub name: String,
    /// `challenge` or `bonus`.
    pub kind: String,
    /// `automatic` where everybody is in it, otherwise `activated` or
    /// `activated_before_start`.
    pub joining: String,
    /// When the member took it up.
    #[schemars(with = "Option<String>")]
    pub taken_up_at: Option<Instant>,
    /// From when on it counts.
    #[schemars(with = "Option<String>")]
    pub from: Option<Instant>,
    /// When it is over.
    #[schemars(with = "Option<String>")]
    pub ends_at: Option<Instant>,
    /// What is gathered.
    pub steps: Vec<StepAnswer>,
    /// How many of the steps complete it.
    pub needs: usize,
    /// How often it is completed so far.
    pub completed: u32,
    /// The points that it has given, less what refunds took back.
    pub given: u64,
    /// The day on which it is credited; none where that is at once.
    pub credited_on: Option<String>,
    /// The badge for completing it.
    pub badge: Option<String>,
}

/// How far a member is with one step.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct StepAnswer {
    /// Its id within the goal.
    pub step: String,
    /// What is counted: `times`, `different` things or times `in_a_row`; `spend` in minor
    /// units; `quantity` in thousandths of units; `points` in smallest units.
    pub counts: String,
    /// How much of it there is.
    pub gathered: i64,
    /// How much reaches the step.
    pub needed: i64,
    /// Whether it is reached.
    pub reached: bool,
}

/// A badge that a member has.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct BadgeAnswer {
    /// The goal that was completed for it.
    pub goal: String,
    /// What members call it.
    pub badge: String,
    /// In how many spans it was won.
    pub times: u32,
}

impl GoalAnswer {
    /// The goals that are open or ahead at `at`, and those that still wait to be credited
    /// or looked at again.
    pub fn all(rulebook: &Rulebook, account: &Account, at: Instant) -> Vec<GoalAnswer> {
        let present = rulebook.in_force(at);
        let today = Day::of(at, &present.time_zone);
        let start = |goal: &Goal| match goal.span {
            Span::Each(per) => Some(per.start(today)),
            Span::Between { to, .. } => (at < to).then_some(Day::FIRST),
        };
        let open = present.goals.iter().filter_map(|goal| Some((goal.id.as_str(), start(goal)?)));
        let mut all: Vec<(&str, Day)> = open.collect();
        for known in &account.progress {
            let known = (known.goal.as_str(), known.start);
            if !all.contains(&known) {
                all.push(known);
            }
        }
        let of = |(goal, start): (&str, Day)| {
            let progress = account.progress(goal, start);
            // The version in which it was begun decides it for ever.
            let program = match progress {
                Some(progress) => rulebook.version(progress.program_version)?,
                None => present,
            };
            Some(GoalAnswer::of(program, program.goal(goal)?, start, progress))
        };
        all.into_iter().filter_map(of).collect()
    }

    fn of(program: &Program, goal: &Goal, start: Day, progress: Option<&Progress>) -> GoalAnswer {
        let zone = &program.time_zone;
        let limit = |day: Day| (Day::FIRST < day && day < Day::NEVER).then(|| day.starts_at(zone));
        let (from, ends_at) = match goal.span {
            Span::Each(per) => (limit(start), limit(per.end(start))),
            Span::Between { from, to } => (Some(from), Some(to)),
        };
        let nothing = || vec![0; goal.steps.len()];
        let gathered = progress.map_or_else(nothing, |progress| gathered_of(goal, progress));
        let steps = goal.steps.iter().zip(gathered);
        let steps = steps.map(|(step, gathered)| StepAnswer {
            step: step.id.clone(),
            counts: counts(&step.measure).to_owned(),
            gathered,
            needed: step.at_least,
            reached: gathered >= step.at_least,
        });
        let kind = match goal.kind {
            GoalKind::Challenge => "challenge",
            GoalKind::Bonus => "bonus",
        };
        let joining = match goal.joining {
            Joining::Automatic => "automatic",
            Joining::Activated => "activated",
            Joining::ActivatedBeforeStart => "activated_before_start",
        };
        let credit = progress.and_then(|progress| progress.credit.as_ref());
        GoalAnswer {
            goal: goal.id.clone(),
            name: goal.name.clone(),
            kind: kind.to_owned(),
            joining: joining.to_owned(),
            taken_up_at: progress.and_then(|progress| progress.taken_up_at),
            from,
            ends_at,
            steps: steps.collect(),
            needs: goal.needs,
            completed: progress.map_or(0, |progress| completed(goal, progress)),
            given: credit.map_or(0, |credit| credit.net().units()),
            credited_on: goal.credited_on(start, zone).map(|day| day.to_string()),
            badge: goal.badge.clone(),
        }
    }
}

/// What a step counts, in a word.
pub fn counts(measure: &StepMeasure) -> &'static str {
    match measure {
        StepMeasure::Times => "times",
        StepMeasure::Spend => "spend",
        StepMeasure::Quantity => "quantity",
        StepMeasure::Different(_) => "different",
        StepMeasure::InARow(_) => "in_a_row",
        StepMeasure::PointsOf(_) => "points",
    }
}

impl BadgeAnswer {
    /// A member's badges, by the newest name of each.
    pub fn all(rulebook: &Rulebook, account: &Account) -> Vec<BadgeAnswer> {
        let versions: Vec<_> = rulebook.versions().collect();
        let name = |goal: &String| {
            let mut named = versions.iter().rev().filter_map(|version| version.goal(goal));
            named.find_map(|goal| goal.badge.clone()).unwrap_or_else(|| goal.clone())
        };
        let badges = account.badges.iter();
        let badge = |(goal, times): &(String, u32)| BadgeAnswer {
            goal: goal.clone(),
            badge: name(goal),
            times: *times,
        };
        badges.map(badge).collect()
    }
}
