//! Guests: who buys before they join. Their orders wait on a chain of their own, which ends
//! when they become a member.

use std::collections::BTreeSet;

use crate::{
    change::Change,
    fact::{Fact, KeyedFact, Refund},
    ids::ExternalId,
    key::FactKey,
    row::Row,
    time::Day,
};

/// What the chain of the member takes over from a guest's, whose rows these are, oldest
/// first: orders placed on `since` or later, each as its newest row has it, and refunds that
/// still wait for their orders. Each is told by the key that the guest's row has.
pub fn claims(rows: &[Row], since: Day) -> Vec<KeyedFact> {
    let mut seen: BTreeSet<&FactKey> = BTreeSet::new();
    let mut claims = Vec::new();
    for row in rows.iter().rev() {
        let Some(order) = row.order_key.as_ref().or(row.key.as_ref()) else { continue };
        match &row.order {
            Some(state) if seen.insert(order) && state.placed_on >= since => {
                claims.extend(order_of(row, order));
            }
            Some(_) => {}
            None => claims.extend(waiting_refund(row, rows.last(), order)),
        }
    }
    claims.reverse();
    claims
}

/// The order of a row as a fact for another chain.
fn order_of(row: &Row, order: &FactKey) -> Option<KeyedFact> {
    let state = row.order.clone()?;
    let key = order.version_of_order(state.version);
    let order_key = state.version.is_some().then(|| order.clone());
    let fact = Fact::Claimed(Box::new(state));
    let carried = KeyedFact { fact, key: Some(key), order_key, ..KeyedFact::passing(&row.actor) };
    Some(KeyedFact { fingerprint: row.fingerprint, ..carried })
}

/// The refund of a row, where it still waits in the newest one.
fn waiting_refund(row: &Row, newest: Option<&Row>, order: &FactKey) -> Option<KeyedFact> {
    let parked = row.changes.iter().find_map(|change| match change {
        Change::Parked(parked) => Some(parked),
        _ => None,
    })?;
    if !newest?.account.parked.contains(parked) {
        return None;
    }
    // It is known by the key of its row, not by these.
    let name: ExternalId = "carried".parse().ok()?;
    let what = parked.what.clone();
    let refund = Refund { id: name.clone(), order: name, refunded_at: None, what };
    let (key, order_key) = (row.key.clone(), Some(order.clone()));
    let fact = Fact::Refund(refund);
    let carried = KeyedFact { fact, key, order_key, ..KeyedFact::passing(&row.actor) };
    Some(KeyedFact { fingerprint: row.fingerprint, ..carried })
}
