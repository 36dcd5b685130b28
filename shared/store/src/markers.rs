//! Due markers: who must be settled on which day, found without a scan.
//!
//! A marker is put before the row that makes it needed, so a crash in between leaves a
//! marker without a row, which costs a visit, never a row without a marker. Nothing
//! deletes markers: they age out.

use domain::{
    ids::{MemberId, ProgramId},
    row::{Chain, Row, RowKind},
    time::{Day, Instant},
};
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use crate::{
    item::{Item, Table, Value},
    tables::{Condition, Consistency, Failure, Put, Query, Tables},
};

/// Over how many partitions the markers of one day are spread.
pub const SHARDS: u8 = 4;
/// How long a marker is kept beyond its day.
const KEPT_DAYS: i64 = 90;

/// The marker that must be put before `row`, where the account was due at `before`: when
/// it becomes due earlier than that, and whenever time itself was booked. (A visit that
/// finds nothing to book puts the [`marker`] of the next one.)
pub fn needed(zone: &TimeZone, before: Option<Instant>, row: &Row) -> Option<Put> {
    let due = row.account.next_due?;
    let earlier = before.is_none_or(|before| due < before);
    (earlier || row.kind == RowKind::Settled).then(|| marker(zone, &row.chain, due))
}

/// The marker of an account that is due at `due`.
pub fn marker(zone: &TimeZone, chain: &Chain, due: Instant) -> Put {
    let day = Day::of(due, zone);
    let item = Item::default()
        .text("key", partition(&chain.program, day, shard(&chain.member)))
        .text("sort", chain.member.as_str())
        .number("expires", due.plus_days(KEPT_DAYS).millis() / 1000);
    Put { table: Table::Registry, item, condition: Condition::Any }
}

fn partition(program: &ProgramId, day: Day, shard: u8) -> String {
    format!("due#{program}#{day}#{shard}")
}

fn shard(member: &MemberId) -> u8 {
    Sha256::digest(member.as_str().as_bytes())[0] % SHARDS
}

/// A page of the members that are marked for a day in a shard, after `after`.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn marked<T: Tables>(
    tables: &T,
    program: &ProgramId,
    day: Day,
    shard: u8,
    after: Option<&MemberId>,
    limit: usize,
) -> Result<Vec<MemberId>, Failure> {
    let query = Query {
        table: Table::Registry,
        partition: partition(program, day, shard),
        // The smallest text after an id is the id with a NUL, which no id contains.
        from: after.map(|member| Value::S(format!("{member}\0"))),
        to: None,
        descending: false,
        limit,
        consistency: Consistency::Eventual,
    };
    let items = tables.query(&query).await?;
    let member = |item: &Item| item.get_text("sort").and_then(|member| member.parse().ok());
    Ok(items.iter().filter_map(member).collect())
}
