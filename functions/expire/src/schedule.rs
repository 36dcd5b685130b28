//! The schedule's part: from due markers to messages.

use domain::{
    ids::{MemberId, ProgramId},
    time::Day,
};
use edge::{App, Problem};
use serde::{Deserialize, Serialize};
use store::{
    markers::{self, SHARDS},
    registry::{self, Address},
    tables::{Consistency, Failure},
};

/// Members of one message.
const MEMBERS_A_MESSAGE: usize = 25;
/// Markers of one page.
const PAGE: usize = 500;

/// Up to which day a shard has been swept twice.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    done: Day,
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Days looked at, over all shards.
    pub days: u64,
    /// Members put on the queue.
    pub members: u64,
}

/// A message: members of one program to settle.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ToSettle {
    pub program: ProgramId,
    pub members: Vec<MemberId>,
}

/// Sweeps each of some programs, also after one that failed.
///
/// # Errors
///
/// The first problem of [`sweep`], after all were tried.
pub async fn sweep_each(app: &App, programs: &[ProgramId]) -> Result<Swept, Problem> {
    let mut all = Swept::default();
    let mut failed = None;
    for program in programs {
        match sweep(app, program).await {
            Ok(swept) => {
                all.days += swept.days;
                all.members += swept.members;
            }
            Err(problem) => {
                tracing::error!(%program, code = problem.code(), "a program was not swept");
                failed.get_or_insert(problem);
            }
        }
    }
    failed.map_or(Ok(all), Err)
}

/// Puts everybody who is due by today on the settling queue.
///
/// Each day is swept again a day later, for markers that were put while it was swept the
/// first time; only then it counts as done.
///
/// # Errors
///
/// A problem when the tables or the queue fail: the next run goes on from the same day.
pub async fn sweep(app: &App, program: &ProgramId) -> Result<Swept, Problem> {
    let rulebook = app.rulebook(program).await?;
    let now = app.clock().now();
    let today = Day::of(now, &rulebook.in_force(now).time_zone);
    let mut swept = Swept::default();
    for shard in 0..SHARDS {
        let address = Address::new(format!("cursor#due#{program}"), shard.to_string());
        let cursor: Option<Cursor> =
            registry::read(app.tables(), &address, Consistency::Strong).await?;
        let mut day = match cursor {
            Some(cursor) => cursor.done.plus_days(1),
            None => first_day(app, program, today).await?,
        };
        while day <= today {
            swept.days += 1;
            swept.members += sweep_day(app, program, day, shard).await?;
            if day < today {
                registry::write(app.tables(), &address, &Cursor { done: day }).await?;
            }
            day = day.plus_days(1);
        }
    }
    Ok(swept)
}

/// No marker is older than the program's first version.
async fn first_day(app: &App, program: &ProgramId, today: Day) -> Result<Day, Problem> {
    let rulebook = app.rulebook(program).await?;
    let first = rulebook.versions().map(|version| version.in_force_from).min();
    let zone = &rulebook.in_force(app.clock().now()).time_zone;
    Ok(first.map_or(today, |first| Day::of(first, zone).min(today)))
}

async fn sweep_day(app: &App, program: &ProgramId, day: Day, shard: u8) -> Result<u64, Failure> {
    let mut found = 0;
    let mut after: Option<MemberId> = None;
    loop {
        let tables = app.tables();
        let page = markers::marked(tables, program, day, shard, after.as_ref(), PAGE).await?;
        let messages: Vec<String> =
            page.chunks(MEMBERS_A_MESSAGE).map(|members| message(program, members)).collect();
        app.settle_queue().send(&messages).await?;
        found += page.len() as u64;
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.clone()),
            _ => return Ok(found),
        }
    }
}

fn message(program: &ProgramId, members: &[MemberId]) -> String {
    let message = ToSettle { program: program.clone(), members: members.to_vec() };
    serde_json::to_string(&message).unwrap_or_default()
}
