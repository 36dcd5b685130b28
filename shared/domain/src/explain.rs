//! Explaining: what a row did and how its order came to its points, in fields for
//! machines and sentences for people.
//!
//! An explanation is a function of the rows and the programs alone. Nothing in it is
//! kept: whoever asks computes it again and gets the same bytes.

mod goal;
mod movement;
mod order;
mod rule;
mod total;
mod words;

pub use goal::{ExplainedGoal, ExplainedStep};
pub use movement::ExplainedMovement;
pub use order::{ExplainedLine, ExplainedOrder};
pub use rule::{ExplainedRule, Factor, Lines};
pub use total::ExplainedTotal;

use schemars::JsonSchema;
use serde::Serialize;
use thiserror::Error;

use crate::{
    award::Overflow,
    change::Change,
    money::display_minor,
    program::{Program, Rulebook},
    reason::Reason,
    referral::{Referral, ReferralState},
    row::{Row, RowKind},
};

/// What a row did and why. Points are smallest units, money is minor units, ratios are
/// exact decimals (`1.25`) or fractions (`1/3`), days are those of the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Explanation {
    /// All of it in one sentence.
    pub sentence: String,
    /// What became of the fact, where that needs saying.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Because>,
    /// The reward that was had, reserved or captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reward: Option<ExplainedReward>,
    /// Who brought the member, where the row is about that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral: Option<ExplainedReferral>,
    /// Why a person of the shop gave or took points, in their words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The points that moved, in order.
    pub movements: Vec<ExplainedMovement>,
    /// How the level changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<ExplainedTier>,
    /// The goals that the row gathered for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goals: Vec<ExplainedGoal>,
    /// The order that the row is about, as it is after the row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<ExplainedOrder>,
}

/// A reason: the stable code and its sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Because {
    /// The code.
    pub code: String,
    /// The sentence.
    pub sentence: String,
}

/// Who brought the member, and how far that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExplainedReferral {
    /// Who.
    pub by: String,
    /// `claimed`, `rejected`, `qualified` or `reversed`.
    pub state: String,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Because>,
    /// One sentence.
    pub sentence: String,
}

/// A reward and what it is worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExplainedReward {
    /// The reward's id.
    pub reward: String,
    /// What it is worth, in minor units of the program's money; nothing for what is no
    /// money.
    pub value: i64,
    /// The same in words.
    pub sentence: String,
}

/// A level that was reached, confirmed or lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExplainedTier {
    /// The level before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The level since.
    pub to: String,
    /// The day at whose start it is looked at again; none when it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The same in words.
    pub sentence: String,
}

/// Why a row cannot be explained.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Unexplained {
    /// A version that the row refers to is not among those at hand.
    #[error("program version {version} is not loaded")]
    VersionNotLoaded {
        /// The version.
        version: u32,
    },
    /// The order's amounts cannot be computed with, although they once were.
    #[error("the order of the row cannot be computed again")]
    Overflow,
}

impl From<Overflow> for Unexplained {
    fn from(_: Overflow) -> Unexplained {
        Unexplained::Overflow
    }
}

/// Explains a row.
///
/// # Errors
///
/// [`Unexplained`] when the rulebook is not the one that the row was decided under.
pub fn explain(rulebook: &Rulebook, row: &Row) -> Result<Explanation, Unexplained> {
    let version = |version: u32| {
        let found = rulebook.version(version).map(AsRef::as_ref);
        found.ok_or(Unexplained::VersionNotLoaded { version })
    };
    let program: &Program = version(row.program_version)?;
    let order = match &row.order {
        Some(order) => Some(order::explain(
            version(order.program_version)?,
            rulebook.in_force(row.recorded_at),
            row,
            order,
        )?),
        None => None,
    };
    let movements: Vec<ExplainedMovement> =
        row.movements().map(|movement| movement::explain(program, movement)).collect();
    let tiers: Vec<ExplainedTier> =
        row.changes.iter().filter_map(|change| explain_tier(program, change)).collect();
    let reward = row.changes.iter().find_map(|change| explain_reward(program, change));
    let referral = row.changes.iter().rev().find_map(explain_referral);
    let reason = row.changes.iter().find_map(|change| match change {
        Change::Because { reason } => Some(reason.clone()),
        _ => None,
    });
    let mut explained = Explanation {
        sentence: String::new(),
        note: row.note.map(|note| {
            let activity = row.order.as_ref().and_then(|order| order.activity.as_deref());
            Because { code: note.code_for(activity), ..Because::from(note) }
        }),
        reward,
        referral,
        reason,
        movements,
        tiers,
        goals: goal::explain(rulebook, row),
        order,
    };
    explained.sentence = explained.in_one_sentence(row.kind);
    Ok(explained)
}

fn explain_reward(program: &Program, change: &Change) -> Option<ExplainedReward> {
    let Change::Rewarded { reward, value } = change else {
        return None;
    };
    let sentence = match value {
        0 => format!("the reward {reward}"),
        value => format!(
            "the reward {reward}, worth {}",
            display_minor(*value, program.reward_money(reward))
        ),
    };
    Some(ExplainedReward { reward: reward.clone(), value: *value, sentence })
}

fn explain_referral(change: &Change) -> Option<ExplainedReferral> {
    let Change::Referral(Referral { by, state, .. }) = change else { return None };
    let sentence = match state {
        ReferralState::Claimed => format!("{by} brought the member"),
        ReferralState::Rejected(reason) => {
            format!("{by} is set aside as who brought the member: {}", reason.sentence())
        }
        ReferralState::Qualified { .. } => format!("the order counts for {by}, who brought them"),
        ReferralState::Reversed { .. } => {
            format!("the order counts no more for {by}, who brought them")
        }
    };
    Some(ExplainedReferral {
        by: by.to_string(),
        state: state.stage().as_str().to_owned(),
        reason: state.reason().map(Because::from),
        sentence,
    })
}

fn explain_tier(program: &Program, change: &Change) -> Option<ExplainedTier> {
    let Change::TierSet { from, to } = change else {
        return None;
    };
    let until = words::unless_never(to.ends_on);
    // A level of another version may have no name in this one.
    let name = |id: &str| {
        let levels = program.tiers.iter().flat_map(|tiers| &tiers.levels);
        let named = levels.into_iter().find(|level| level.id == id);
        named.map_or_else(|| id.to_owned(), |level| level.name.clone())
    };
    let now = name(&to.level);
    let change = match from {
        Some(from) if *from == to.level => format!("the level stays {now}"),
        Some(from) => format!("the level goes from {} to {now}", name(from)),
        None => format!("the level is {now}"),
    };
    let sentence = match &until {
        Some(until) => format!("{change} until {until}"),
        None => change,
    };
    Some(ExplainedTier { from: from.clone(), to: to.level.clone(), until, sentence })
}

impl Explanation {
    fn in_one_sentence(&self, kind: RowKind) -> String {
        let reward = self.reward.iter().map(|reward| reward.sentence.clone());
        let moved = self.movements.iter().map(|movement| movement.sentence.clone());
        let tiers = self.tiers.iter().map(|tier| tier.sentence.clone());
        let goals = self.goals.iter().map(|goal| goal.sentence.clone());
        let referral = self.referral.iter().map(|referral| referral.sentence.clone());
        let reason = self.reason.iter().map(|reason| format!("because of {reason}"));
        let all: Vec<String> =
            reward.chain(moved).chain(tiers).chain(goals).chain(referral).chain(reason).collect();
        let what = if all.is_empty() { "no points moved".to_owned() } else { all.join("; ") };
        let note = self.note.as_ref().map(|note| format!(" ({})", note.sentence));
        format!("{}: {what}{}", words::of_kind(kind), note.unwrap_or_default())
    }
}

impl From<Reason> for Because {
    fn from(reason: Reason) -> Because {
        Because { code: reason.code().to_owned(), sentence: reason.sentence().to_owned() }
    }
}
