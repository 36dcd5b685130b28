//! Leaderboards: who has gathered most of a challenge, among those who agreed to be seen.

use domain::{
    program::Goal,
    rollup::Ranked,
    time::{Day, Instant},
};
use edge::api::counts;
use schemars::JsonSchema;
use serde::Serialize;
use store::boards::Board;

use super::csv;

/// The ranks of one span of a challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Leaderboard {
    /// The program's id.
    pub program: String,
    /// The challenge's id.
    pub challenge: String,
    /// What members call it.
    pub name: String,
    /// What of the first step is counted: `times`, `different` things or times `in_a_row`;
    /// `spend` in minor units; `quantity` in thousandths of units.
    pub counts: String,
    /// The first day of the span; none of a challenge that comes once or never ends.
    #[schemars(with = "Option<String>")]
    pub span: Option<Day>,
    /// The best, in order.
    pub ranks: Vec<Rank>,
    /// How many members have a rank.
    pub members: usize,
    /// Whether there are more members than a leaderboard reads (5,000, in the order of
    /// their ids), so that some are missing.
    pub truncated: bool,
}

/// A member's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Rank {
    /// 1 is the best. Who has gathered the same shares a rank, and the next one is as far
    /// behind as there are members ahead.
    pub rank: usize,
    /// The member's id.
    pub member: String,
    /// How much was gathered of the first step, net of refunds.
    pub gathered: i64,
    /// Since when it is so much: who got there first is named first.
    #[schemars(with = "String")]
    pub gathered_at: Instant,
    /// How often the challenge is completed.
    pub completed: u32,
    /// Since when it is.
    #[schemars(with = "Option<String>")]
    pub completed_at: Option<Instant>,
}

/// Ranks the members of a board, and names the first `limit`.
pub fn leaderboard(
    program: &str,
    goal: &Goal,
    start: Day,
    board: Board,
    limit: usize,
) -> Leaderboard {
    let mut members = board.members;
    members.retain(|(_, ranked)| ranked.gathered > 0);
    // They come in the order of ids, which decides where nothing else does.
    members.sort_by_key(|(_, ranked)| (std::cmp::Reverse(ranked.gathered), ranked.gathered_at));
    let all = members.len();
    let mut ranks: Vec<Rank> = Vec::new();
    for (at, (member, ranked)) in members.into_iter().take(limit).enumerate() {
        let tied = ranks.last().filter(|before| before.gathered == ranked.gathered);
        let rank = tied.map_or(at + 1, |before| before.rank);
        ranks.push(Rank::of(rank, member, ranked));
    }
    Leaderboard {
        program: program.to_owned(),
        challenge: goal.id.clone(),
        name: goal.name.clone(),
        counts: goal.steps.first().map_or("", |step| counts(&step.measure)).to_owned(),
        span: (start != Day::FIRST).then_some(start),
        ranks,
        members: all,
        truncated: board.is_truncated,
    }
}

impl Rank {
    fn of(rank: usize, member: String, ranked: Ranked) -> Rank {
        let Ranked { gathered, gathered_at, completed, completed_at, sequence: _ } = ranked;
        Rank { rank, member, gathered, gathered_at, completed, completed_at }
    }
}

impl Leaderboard {
    /// The ranks as comma-separated values, one a line.
    pub fn csv(&self) -> String {
        const NAMES: [&str; 6] =
            ["rank", "member", "gathered", "gathered_at", "completed", "completed_at"];
        let line = |rank: &Rank| {
            [
                rank.rank.to_string(),
                rank.member.clone(),
                rank.gathered.to_string(),
                rank.gathered_at.to_string(),
                rank.completed.to_string(),
                rank.completed_at.map(|at| at.to_string()).unwrap_or_default(),
            ]
        };
        csv(std::iter::once(NAMES.map(str::to_owned)).chain(self.ranks.iter().map(line)))
    }
}
