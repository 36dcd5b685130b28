//! What a program says that makes no sense although it can be read: warnings, one file for
//! each thing that is looked at.

mod compatible;
mod ends;
mod giving_back;
mod goals;
mod levels;
mod loops;
mod money;
mod reach;
mod rewards;
mod rules;

use domain::{program::Program, time::Instant};
use serde::Serialize;

use crate::{
    habits::Habits,
    words::{Audience, Words},
};

/// Something that a program says and should not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is, for machines.
    pub code: Code,
    /// The key that says so, such as `earn[2].when`.
    pub path: String,
    /// The id of the rule, level, goal or reward.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// In words.
    pub sentence: String,
}

/// The kinds of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// What a rule asks contradicts itself or the program.
    RuleNeverHolds,
    /// A rule of a group that another always beats.
    RuleShadowed,
    /// The time of a rule is over.
    RuleOver,
    /// Nobody can come to a level, or stay on it.
    LevelUnreachable,
    /// Nobody can have a reward.
    RewardUnreachable,
    /// The time of a reward is over.
    RewardOver,
    /// Nobody can complete a challenge or reach a bonus.
    GoalUnreachable,
    /// The time of a challenge is over.
    GoalOver,
    /// Earning a reward costs less than the reward is worth.
    GivesBackTooMuch,
    /// Points that are spent earn points.
    PointsEarnPoints,
    /// Gift cards earn when they are bought and when they are spent.
    GiftCardsEarnTwice,
    /// A reward is worth more than its points are valued at.
    PointsUndervalued,
    /// There is no reward.
    NothingToBuy,
    /// No rule gives points.
    NothingToEarn,
    /// Orders in some money earn nothing.
    MoneyEarnsNothing,
    /// Points end before they can be spent.
    WaitsTooLong,
    /// Points end on a day that is past.
    ExpiryOver,
    /// Points end before members typically come again.
    EndsTooSoon,
    /// Members typically cannot gather what a reward costs.
    RewardOutOfReach,
}

impl Code {
    /// Every kind.
    pub const ALL: [Code; 19] = [
        Code::RuleNeverHolds,
        Code::RuleShadowed,
        Code::RuleOver,
        Code::LevelUnreachable,
        Code::RewardUnreachable,
        Code::RewardOver,
        Code::GoalUnreachable,
        Code::GoalOver,
        Code::GivesBackTooMuch,
        Code::PointsEarnPoints,
        Code::GiftCardsEarnTwice,
        Code::PointsUndervalued,
        Code::NothingToBuy,
        Code::NothingToEarn,
        Code::MoneyEarnsNothing,
        Code::WaitsTooLong,
        Code::ExpiryOver,
        Code::EndsTooSoon,
        Code::RewardOutOfReach,
    ];
}

/// Everything that a program says and should not, as of `at`; `habits` are how members of
/// the shop buy, where that is known.
pub fn warnings(program: &Program, at: Instant, habits: Option<&Habits>) -> Vec<Finding> {
    let mut checking = Checking {
        program,
        words: Words { program, audience: Audience::Staff },
        at,
        habits,
        findings: Vec::new(),
    };
    rules::check(&mut checking);
    loops::check(&mut checking);
    money::check(&mut checking);
    goals::check(&mut checking);
    levels::check(&mut checking);
    ends::check(&mut checking);
    rewards::check(&mut checking);
    giving_back::check(&mut checking);
    checking.findings
}

/// A program that is looked at, and what was found so far.
struct Checking<'p> {
    program: &'p Program,
    words: Words<'p>,
    at: Instant,
    habits: Option<&'p Habits>,
    findings: Vec<Finding>,
}

impl Checking<'_> {
    /// Notes something about the program as a whole.
    fn find(&mut self, code: Code, path: impl Into<String>, sentence: String) {
        self.findings.push(Finding { code, path: path.into(), id: None, sentence });
    }

    /// Notes something about what has an id.
    fn find_of(&mut self, code: Code, path: impl Into<String>, id: &str, sentence: String) {
        let sentence = format!("{id} {sentence}");
        let id = Some(id.to_owned());
        self.findings.push(Finding { code, path: path.into(), id, sentence });
    }
}
