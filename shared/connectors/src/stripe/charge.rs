//! A charge that was refunded, or lost in a dispute.

use domain::{
    fact::{Fact, Refund, RefundedWhat},
    ids::ExternalId,
};
use serde::Deserialize;

use super::{Envelope, amount::minor};
use crate::{Delivered, Nothing, Person, Personal, Refused, json, json::Exact};

#[derive(Deserialize)]
pub(super) struct Charge {
    id: Option<Exact>,
    payment_intent: Option<Exact>,
    currency: Option<String>,
    amount_refunded: Option<i64>,
    customer: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Dispute {
    id: Option<Exact>,
    charge: Option<Exact>,
    payment_intent: Option<Exact>,
    currency: Option<String>,
    amount: Option<i64>,
    status: Option<String>,
}

/// `amount_refunded` is what all refunds of the charge come to so far, and webhooks come in
/// any order: it is recorded as an amount to date, of which the greatest counts. Each webhook
/// is a fact of its own, known by Stripe's id of it, which is the same when it comes again.
pub(super) fn refunded(
    envelope: &Envelope<'_>,
    charge: &Charge,
) -> Result<Vec<Delivered>, Refused> {
    let to_date = charge.amount_refunded;
    let to_date = to_date.ok_or_else(|| Refused::missing("data.object.amount_refunded"))?;
    if to_date == 0 {
        return Ok(Delivered::nothing(Nothing::NoMoneyBack));
    }
    let currency = currency(charge.currency.as_deref())?;
    let to_date = minor(to_date, "data.object.amount_refunded", currency)?;
    let id = envelope.id.as_deref().ok_or_else(|| Refused::missing("id"))?;
    let id = id.parse().map_err(|_| Refused::id("id"))?;
    let order = order(charge.payment_intent.as_ref(), charge.id.as_ref())?;
    let person = charge.customer.as_deref().and_then(Personal::new);
    let person = person.map(|id| Person { id: Some(id), ..Person::default() });
    refund(envelope, (id, order), RefundedWhat::AmountToDate(to_date), person)
}

/// A dispute takes back what it is about when it is lost, and once.
pub(super) fn disputed(
    envelope: &Envelope<'_>,
    dispute: &Dispute,
) -> Result<Vec<Delivered>, Refused> {
    if dispute.status.as_deref() != Some("lost") {
        return Ok(Delivered::nothing(Nothing::DisputeNotLost));
    }
    let currency = currency(dispute.currency.as_deref())?;
    let amount = dispute.amount.ok_or_else(|| Refused::missing("data.object.amount"))?;
    let amount = minor(amount, "data.object.amount", currency)?;
    let id = dispute.id.as_ref().ok_or_else(|| Refused::missing("data.object.id"))?;
    let order = order(dispute.payment_intent.as_ref(), dispute.charge.as_ref())?;
    let what = RefundedWhat::Amount(amount);
    refund(envelope, (id.id("data.object.id")?, order), what, None)
}

fn refund(
    envelope: &Envelope<'_>,
    (id, order): (ExternalId, ExternalId),
    what: RefundedWhat,
    person: Option<Person>,
) -> Result<Vec<Delivered>, Refused> {
    let created = envelope.created.ok_or_else(|| Refused::missing("created"))?;
    let refunded_at = Some(json::seconds(created, "created")?);
    let refund = Refund { id, order, refunded_at, what };
    Ok(vec![Delivered::fact(Fact::Refund(refund), person)])
}

/// The order of a charge: its payment intent, or where there is none, itself.
fn order(intent: Option<&Exact>, charge: Option<&Exact>) -> Result<ExternalId, Refused> {
    let field = "data.object.payment_intent";
    intent.or(charge).ok_or_else(|| Refused::missing(field))?.id(field)
}

fn currency(code: Option<&str>) -> Result<domain::money::Currency, Refused> {
    let field = "data.object.currency";
    json::currency(code.ok_or_else(|| Refused::missing(field))?, field)
}
