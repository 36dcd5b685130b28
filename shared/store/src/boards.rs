//! Leaderboards as they are kept: how far members are with a challenge, written by the
//! ledger's stream; and which members agreed to be seen, written with their profiles.
//!
//! Members who did not agree are kept too, as they may agree later; only who agreed is
//! ever read out.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ids::ProgramId,
    rollup::{Ranked, Reached},
    row::Chain,
    time::Day,
};
use serde::{Deserialize, Serialize};

use crate::{
    item::{Item, Table, Value},
    registry::{self, Address},
    tables::{Condition, Consistency, Failure, Put, Query, Tables},
};

/// The most members of one leaderboard that are read, and the most that agreed to be seen
/// among them.
pub const MEMBERS_MAX: usize = 5_000;

/// The number that keeps older rows from changing an entry.
const SEQUENCE: &str = "sequence";

/// The entry of a member.
fn entry(chain: &Chain, goal: &str, start: Day) -> Address {
    Address::new(entries_of(&chain.program, goal, start), chain.member.as_str())
}

fn entries_of(program: &ProgramId, goal: &str, start: Day) -> String {
    format!("board#{program}#{goal}#{start}")
}

fn seen_of(program: &ProgramId) -> String {
    format!("seen#{program}")
}

/// What rows say of some members, oldest first of each.
#[derive(Default)]
pub(crate) struct Moves(BTreeMap<(Chain, String, Day), Vec<Reached>>);

impl Moves {
    /// Adds what a row says.
    pub fn add(&mut self, chain: &Chain, reached: Vec<Reached>) {
        for reached in reached {
            let key = (chain.clone(), reached.goal.clone(), reached.start);
            self.0.entry(key).or_default().push(reached);
        }
    }

    /// Brings the entries up to these rows. What an entry knows already changes nothing.
    pub async fn write<T: Tables>(&self, tables: &T) -> Result<(), Failure> {
        for ((chain, goal, start), moves) in &self.0 {
            let address = entry(chain, goal, *start);
            let known = registry::read(tables, &address, Consistency::Strong).await?;
            let mut ranked: Ranked = known.unwrap_or_default();
            let before = ranked.sequence;
            moves.iter().for_each(|reached| ranked.take(reached));
            if ranked.sequence > before {
                let mut put = registry::put_of(&address, &ranked, Condition::Grows(SEQUENCE))?;
                put.item = put.item.number(SEQUENCE, ranked.sequence);
                // Refused: another reader has got further with the same rows.
                tables.put(put).await?;
            }
        }
        Ok(())
    }
}

/// Whether a member is seen on leaderboards.
#[derive(Serialize, Deserialize)]
struct Seen {
    seen: bool,
}

/// The put that lets a member be seen on leaderboards, or no more: for the same
/// transaction as the profile that says so.
///
/// # Errors
///
/// As [`registry::put_of`].
pub fn put_of_seen(chain: &Chain, seen: bool) -> Result<Put, Failure> {
    let address = Address::new(seen_of(&chain.program), chain.member.as_str());
    registry::put_of(&address, &Seen { seen }, Condition::Any)
}

/// The members of a leaderboard who agreed to be seen.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Board {
    /// Each member's id and how far they are, in the order of ids.
    pub members: Vec<(String, Ranked)>,
    /// Whether there are more than were read.
    pub is_truncated: bool,
}

/// Reads the leaderboard of a goal's span that began on `start`: two ranges in the order
/// of ids, of at most [`MEMBERS_MAX`] members each.
///
/// # Errors
///
/// The tables' [`Failure`], or an entry of another shape.
pub async fn read<T: Tables>(
    tables: &T,
    program: &ProgramId,
    goal: &str,
    start: Day,
) -> Result<Board, Failure> {
    let entries = entries_of(program, goal, start);
    let (entries, more_entries) =
        range::<T, Ranked>(tables, &entries, None, Consistency::Eventual).await?;
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return Ok(Board::default());
    };
    let within = Some((first.0.as_str(), last.0.as_str()));
    // Strongly: who has just withdrawn is not shown again.
    let (seen, more_seen) =
        range::<T, Seen>(tables, &seen_of(program), within, Consistency::Strong).await?;
    let agreed = seen.into_iter().filter(|(_, said)| said.seen).map(|(member, _)| member);
    let agreed: BTreeSet<String> = agreed.collect();
    let members = entries.into_iter().filter(|(member, _)| agreed.contains(member));
    Ok(Board { members: members.collect(), is_truncated: more_entries || more_seen })
}

/// The first documents of a partition, by their sort keys, and whether there are more.
async fn range<T: Tables, D: serde::de::DeserializeOwned>(
    tables: &T,
    partition: &str,
    within: Option<(&str, &str)>,
    consistency: Consistency,
) -> Result<(Vec<(String, D)>, bool), Failure> {
    let query = Query {
        table: Table::Registry,
        partition: partition.to_owned(),
        from: within.map(|(first, _)| Value::S(first.to_owned())),
        to: within.map(|(_, last)| Value::S(last.to_owned())),
        descending: false,
        limit: MEMBERS_MAX + 1,
        consistency,
    };
    let mut items = tables.query(&query).await?;
    let more = items.len() > MEMBERS_MAX;
    items.truncate(MEMBERS_MAX);
    let read = |item: &Item| {
        let sort = item.get_text("sort").unwrap_or_default().to_owned();
        registry::document(&Address::new(partition, &sort), item).map(|read| (sort, read))
    };
    Ok((items.iter().map(read).collect::<Result<_, _>>()?, more))
}
