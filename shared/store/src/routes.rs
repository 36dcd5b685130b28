//! Routes: which chain an order belongs to, where its source may move it between members, or
//! sends refunds that name the order only.
//!
//! A route is put before the row, on the condition that there is none, and never changes: the
//! first one decides for ever. A route without a row is harmless. Nothing in it is personal.

#[cfg(feature = "planted")]
use domain::planted::{Bug, is_planted};
use domain::{
    ids::{MemberId, ProgramId},
    key::{FactKey, KeyDigest},
};
use serde::{Deserialize, Serialize};

use crate::{
    registry::{self, Address},
    tables::{Condition, Consistency, Failure, Tables},
};

/// How many days a refund waits for its order's route.
const WAITING_DAYS: i64 = 400;

#[derive(Debug, Serialize, Deserialize)]
struct Route {
    member: MemberId,
}

/// Which chain an order belongs to, as far as anybody knows.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn find(
    tables: &impl Tables,
    program: &ProgramId,
    order: &FactKey,
    consistency: Consistency,
) -> Result<Option<MemberId>, Failure> {
    let route: Option<Route> =
        registry::read(tables, &address(program, order), consistency).await?;
    Ok(route.map(|route| route.member))
}

/// Leads an order to a member's chain, unless it is led to another already. Returns whose
/// chain it is.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn lead(
    tables: &impl Tables,
    program: &ProgramId,
    order: &FactKey,
    member: &MemberId,
) -> Result<MemberId, Failure> {
    let route = Route { member: member.clone() };
    #[cfg(feature = "planted")]
    if is_planted(Bug::RouteOverwritten) {
        registry::write(tables, &address(program, order), &route).await?;
        return Ok(member.clone());
    }
    let there = registry::write_new(tables, &address(program, order), &route).await?;
    Ok(there.map_or_else(|| member.clone(), |there| there.member))
}

/// Keeps a fact about an order that no route leads to yet: `message`, as a queue would carry
/// it, under the fact's own key.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn wait(
    tables: &impl Tables,
    program: &ProgramId,
    (order, fact): (&FactKey, &FactKey),
    message: &str,
    now: domain::time::Instant,
) -> Result<(), Failure> {
    let address = Address::new(waiting_for(program, order), hex(fact.digest()));
    let mut put = registry::put_of(&address, &message, Condition::Any)?;
    let expires = now.plus_days(WAITING_DAYS).millis() / 1000;
    put.item = put.item.number("expires", expires);
    tables.put(put).await.map(|_| ())
}

/// What waits for an order's route.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn waiting(
    tables: &impl Tables,
    program: &ProgramId,
    order: &FactKey,
) -> Result<Vec<String>, Failure> {
    let found = registry::list(tables, &waiting_for(program, order), None, None).await?;
    Ok(found.into_iter().map(|(_, message)| message).collect())
}

fn address(program: &ProgramId, order: &FactKey) -> Address {
    Address::new(format!("route#{program}#{}", hex(order.digest())), "-")
}

fn waiting_for(program: &ProgramId, order: &FactKey) -> String {
    format!("waiting#{program}#{}", hex(order.digest()))
}

fn hex(KeyDigest(bytes): KeyDigest) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
