//! An order as Shopify has it. Every order topic sends the whole order, so all are read
//! alike: the body and not the topic says how far it is.

use domain::{
    fact::{Fact, Order as OrderFact, Tender},
    ids::ExternalId,
    money::Currency,
};
use serde::Deserialize;

use super::{
    lines::{Amounts, LineItem, ShippingLine},
    person::Customer,
    refund::Refund,
};
use crate::{
    Delivered, Nothing, Person, Personal, Refused, What,
    codes::{self, Loose},
    json::{self, Exact},
    progress::Progress,
};

#[derive(Deserialize)]
pub(super) struct Order {
    id: Option<Exact>,
    test: Option<bool>,
    currency: Option<String>,
    created_at: Option<String>,
    updated_at: Option<String>,
    cancelled_at: Option<String>,
    financial_status: Option<String>,
    fulfillment_status: Option<String>,
    source_name: Option<String>,
    location_id: Option<Exact>,
    payment_gateway_names: Option<Vec<Option<String>>>,
    customer: Option<Customer>,
    email: Option<String>,
    contact_email: Option<String>,
    phone: Option<String>,
    note_attributes: Loose,
    discount_codes: Loose,
    total_price: Option<Exact>,
    pub(super) taxes_included: Option<bool>,
    pub(super) total_discounts: Option<Exact>,
    pub(super) total_tip_received: Option<Exact>,
    pub(super) total_outstanding: Option<Exact>,
    #[serde(default)]
    pub(super) line_items: Vec<LineItem>,
    pub(super) shipping_lines: Option<Vec<ShippingLine>>,
    #[serde(default)]
    pub(super) refunds: Vec<Refund>,
}

pub(super) fn read(order: &Order) -> Result<Vec<Delivered>, Refused> {
    let id = order.id.as_ref().ok_or_else(|| Refused::missing("id"))?.id("id")?;
    let code = order.currency.as_deref().ok_or_else(|| Refused::missing("currency"))?;
    let currency = json::currency(code, "currency")?;
    let progress = match order.progress() {
        Ok(progress) => progress,
        Err(why) => return Ok(Delivered::nothing(why)),
    };
    let Some(amounts) = Amounts::of(order, currency)? else {
        return Ok(Delivered::nothing(Nothing::NoLines));
    };
    let fact = order.fact(id, progress, (currency, amounts))?;
    let mut delivered = vec![Delivered::fact(Fact::Order(fact), Some(order.person()))];
    // Its refunds stand in it too: one whose own webhook was lost, or came while its money
    // was on its way, is found here. A copy of it is told by its key.
    for (at, refund) in order.refunds.iter().enumerate() {
        let refund = Delivered::part(refund.read(&format!("refunds[{at}]."), Some(currency)));
        if !matches!(refund.what, What::Nothing(_)) {
            delivered.push(Delivered { person: Some(order.person()), ..refund });
        }
    }
    Ok(delivered)
}

impl Order {
    /// An order that was never paid is no fact, not even a cancelled one: it would count as
    /// the person's first. A test order is one, so that a developer finds it with its reason.
    fn progress(&self) -> Result<Progress, Nothing> {
        let cancelled = self.cancelled_at.is_some();
        let voided = self.financial_status.as_deref() == Some("voided");
        let earns = match self.financial_status.as_deref() {
            Some("paid" | "partially_refunded" | "refunded") => true,
            // Some of it was paid, and was perhaps all once.
            Some("partially_paid") => cancelled,
            _ => false,
        };
        if self.test != Some(true) && !earns {
            return Err(if voided { Nothing::Voided } else { Nothing::NotPaid });
        }
        if cancelled || voided {
            return Ok(Progress::Cancelled);
        }
        let shipped = self.fulfillment_status.as_deref() == Some("fulfilled");
        Ok(if shipped { Progress::Shipped } else { Progress::Paid })
    }

    fn fact(
        &self,
        id: ExternalId,
        progress: Progress,
        (currency, amounts): (Currency, Amounts),
    ) -> Result<OrderFact, Refused> {
        let updated_at = json::required_time(self.updated_at.as_deref(), "updated_at")?;
        let created_at = json::required_time(self.created_at.as_deref(), "created_at")?;
        let version = progress.version(updated_at);
        Ok(OrderFact {
            id,
            version: Some(version.ok_or_else(|| Refused::time("updated_at"))?),
            // Not `processed_at`, which an import sets: it is part of what makes copies known.
            placed_at: Some(created_at),
            currency,
            channel: self.channel(),
            store: self.location_id.as_ref().and_then(|id| json::name(Some(id.text()))),
            status: Some(progress.word().to_owned()),
            test: self.test == Some(true),
            prices_include_tax: self.taxes_included == Some(true),
            lines: amounts.lines,
            discount: amounts.discount,
            tax: amounts.tax,
            shipping: amounts.shipping,
            tip: amounts.tip,
            tenders: self.tenders(currency),
        })
    }

    /// Our word for where it was placed, or Shopify's own.
    fn channel(&self) -> Option<String> {
        let name = json::name(self.source_name.as_deref())?;
        let word = match name.as_str() {
            "pos" => "store",
            "iphone" | "android" => "app",
            other => other,
        };
        Some(word.to_owned())
    }

    /// What it was paid with, where that was one thing: Shopify names several without saying
    /// how much each paid.
    fn tenders(&self, currency: Currency) -> Vec<Tender> {
        let names = self.payment_gateway_names.iter().flatten().flatten();
        let mut names = names.filter_map(|name| json::name(Some(name)));
        let (Some(kind), None) = (names.next(), names.next()) else { return Vec::new() };
        let total = self.total_price.as_ref().and_then(|total| total.minor("", currency).ok());
        let amount = total.filter(|amount| *amount > 0);
        amount.map(|amount| Tender { kind, amount }).into_iter().collect()
    }

    fn person(&self) -> Person {
        let customer = self.customer.as_ref();
        let email = self.email.as_deref();
        let of_customer = customer.and_then(Customer::email);
        let phone = customer.and_then(Customer::phone);
        Person {
            id: customer.and_then(Customer::id),
            email: Personal::first([of_customer, email, self.contact_email.as_deref()]),
            phone: Personal::first([phone, self.phone.as_deref()]),
            codes: codes::usable(
                codes::in_pairs(&self.note_attributes)
                    .into_iter()
                    .chain(codes::of_discounts(&self.discount_codes)),
            ),
        }
    }
}
