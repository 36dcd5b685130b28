//! A checkout session that was completed: an order.

use domain::fact::{Fact, Line, Order};
use serde::Deserialize;

use super::{Envelope, amount::minor};
use crate::{
    Delivered, Nothing, Person, Personal, Refused,
    codes::{self, Loose},
    json,
    json::Exact,
};

#[derive(Deserialize)]
pub(super) struct Session {
    id: Option<Exact>,
    payment_intent: Option<Exact>,
    payment_status: Option<String>,
    created: Option<i64>,
    currency: Option<String>,
    amount_subtotal: Option<i64>,
    amount_total: Option<i64>,
    total_details: Option<TotalDetails>,
    customer: Option<String>,
    customer_email: Option<String>,
    customer_details: Option<CustomerDetails>,
    metadata: Loose,
}

#[derive(Default, Deserialize)]
struct TotalDetails {
    amount_discount: Option<i64>,
    amount_shipping: Option<i64>,
    amount_tax: Option<i64>,
}

#[derive(Deserialize)]
struct CustomerDetails {
    email: Option<String>,
    phone: Option<String>,
}

/// The amounts of an order of one line.
struct Amounts {
    goods: i64,
    discount: i64,
    tax: i64,
    shipping: i64,
    prices_include_tax: bool,
}

pub(super) fn read(envelope: &Envelope<'_>, session: Session) -> Result<Vec<Delivered>, Refused> {
    if session.payment_status.as_deref() != Some("paid") {
        return Ok(Delivered::nothing(Nothing::NotPaid));
    }
    // The session's own id where nothing else will ever be said about the payment.
    let name = session.payment_intent.as_ref().or(session.id.as_ref());
    let id = name.ok_or_else(|| Refused::missing("data.object.id"))?.id("data.object.id")?;
    let created = session.created.or(envelope.created);
    let created = created.ok_or_else(|| Refused::missing("data.object.created"))?;
    let code = session.currency.as_deref();
    let code = code.ok_or_else(|| Refused::missing("data.object.currency"))?;
    let currency = json::currency(code, "data.object.currency")?;
    let amounts = session.amounts()?;
    let iso = |name: &str, amount| minor(amount, &format!("data.object.{name}"), currency);
    let line = Line {
        id: None,
        product: None,
        category: None,
        brand: None,
        quantity: 1,
        unit_price: iso("amount_subtotal", amounts.goods)?,
        discount: iso("total_details.amount_discount", amounts.discount)?,
        tax: iso("total_details.amount_tax", amounts.tax)?,
    };
    let order = Order {
        id,
        version: None,
        placed_at: Some(json::seconds(created, "data.object.created")?),
        currency,
        channel: Some("web".to_owned()),
        store: None,
        status: Some("paid".to_owned()),
        test: envelope.livemode == Some(false),
        prices_include_tax: amounts.prices_include_tax,
        lines: vec![line],
        discount: 0,
        tax: 0,
        shipping: iso("total_details.amount_shipping", amounts.shipping)?,
        tip: 0,
        tenders: Vec::new(),
    };
    Ok(vec![Delivered::fact(Fact::Order(order), Some(session.person()))])
}

impl Session {
    /// Stripe does not say whether tax is inside the prices: the total does. Where the parts
    /// do not make the total, it alone counts.
    fn amounts(&self) -> Result<Amounts, Refused> {
        let total =
            self.amount_total.ok_or_else(|| Refused::missing("data.object.amount_total"))?;
        let goods = self.amount_subtotal.unwrap_or(total);
        let details = self.total_details.as_ref();
        let part = |of: fn(&TotalDetails) -> Option<i64>| details.and_then(of).unwrap_or(0);
        let discount = part(|details| details.amount_discount);
        let shipping = part(|details| details.amount_shipping);
        let tax = part(|details| details.amount_tax);
        let without_tax = goods.saturating_sub(discount).saturating_add(shipping);
        let prices_include_tax = without_tax == total;
        if prices_include_tax || without_tax.saturating_add(tax) == total {
            return Ok(Amounts { goods, discount, tax, shipping, prices_include_tax });
        }
        let prices_include_tax = true;
        Ok(Amounts { goods: total, discount: 0, tax: 0, shipping: 0, prices_include_tax })
    }

    fn person(&self) -> Person {
        let details = self.customer_details.as_ref();
        let of_details = details.and_then(|details| details.email.as_deref());
        Person {
            id: self.customer.as_deref().and_then(Personal::new),
            email: Personal::first([of_details, self.customer_email.as_deref()]),
            phone: Personal::first([details.and_then(|details| details.phone.as_deref())]),
            codes: codes::usable(codes::in_map(&self.metadata)),
        }
    }
}
