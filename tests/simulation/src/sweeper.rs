//! Finding who is due by the markers, as the schedule does: each day until it is over,
//! and then once more.

use domain::{ids::MemberId, program::Rulebook, time::Day};
use store::{
    markers::{SHARDS, marked},
    simulated::SimulatedTables,
    tables::Failure,
};

use crate::shop::chain;

/// How far each shard was swept.
#[derive(Clone, Debug)]
pub struct Sweeper {
    done: [Day; SHARDS as usize],
}

impl Sweeper {
    pub fn new(start: Day) -> Sweeper {
        Sweeper { done: [start; SHARDS as usize] }
    }

    /// Whether a marker will still be found: its key names its day and its shard.
    pub fn will_find(&self, marker: &str) -> Option<Day> {
        let mut parts = marker.strip_prefix("due#house#")?.split('#');
        let day = Day::from_date(parts.next()?.parse().ok()?);
        let shard: usize = parts.next()?.parse().ok()?;
        (day > self.done[shard]).then_some(day)
    }

    /// The members that are marked for the days up to today. Days that are over are done.
    pub async fn sweep(
        mut self,
        tables: SimulatedTables,
        rulebook: &Rulebook,
    ) -> Result<(Sweeper, Vec<MemberId>), Failure> {
        let program = chain(0).program;
        let now = tables.now();
        let today = Day::of(now, &rulebook.in_force(now).time_zone);
        let mut found = Vec::new();
        for (shard, done) in (0..SHARDS).zip(&mut self.done) {
            let mut day = done.plus_days(1);
            while day <= today {
                let mut after = None;
                loop {
                    let limit = 2;
                    let page = marked(&tables, &program, day, shard, after.as_ref(), limit).await?;
                    found.extend(page.iter().cloned());
                    if page.len() < limit {
                        break;
                    }
                    after = page.last().cloned();
                }
                if day < today {
                    *done = day;
                }
                day = day.plus_days(1);
            }
        }
        Ok((self, found))
    }
}
