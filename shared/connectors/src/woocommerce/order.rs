//! An order as WooCommerce has it, with its refunds inside.

use domain::{
    fact::{Fact, Line, Order as OrderFact, QUANTITY_MAX, Refund, RefundedWhat, Tender},
    ids::ExternalId,
    money::Currency,
};
use serde::Deserialize;

use super::Billing;
use crate::{
    Delivered, Nothing, Person, Personal, Refused,
    codes::{self, Loose},
    json::{self, Exact, not_negative as minor},
    progress::Progress,
};

#[derive(Deserialize)]
pub(super) struct Order {
    id: Option<Exact>,
    status: Option<String>,
    currency: Option<String>,
    date_created_gmt: Option<String>,
    date_modified_gmt: Option<String>,
    date_paid_gmt: Option<String>,
    created_via: Option<String>,
    customer_id: Option<Exact>,
    billing: Option<Billing>,
    meta_data: Loose,
    coupon_lines: Loose,
    payment_method: Option<String>,
    total: Option<Exact>,
    shipping_total: Option<Exact>,
    shipping_tax: Option<Exact>,
    #[serde(default)]
    line_items: Vec<LineItem>,
    #[serde(default)]
    fee_lines: Vec<FeeLine>,
    #[serde(default)]
    refunds: Vec<RefundInside>,
}

#[derive(Deserialize)]
struct LineItem {
    id: Option<Exact>,
    product_id: Option<Exact>,
    sku: Option<String>,
    quantity: Option<Exact>,
    subtotal: Option<Exact>,
    total: Option<Exact>,
    total_tax: Option<Exact>,
}

#[derive(Deserialize)]
struct FeeLine {
    total: Option<Exact>,
    total_tax: Option<Exact>,
}

#[derive(Deserialize)]
struct RefundInside {
    id: Option<Exact>,
    total: Option<Exact>,
}

pub(super) fn read(order: &Order) -> Result<Vec<Delivered>, Refused> {
    let id = order.id.as_ref().ok_or_else(|| Refused::missing("id"))?.id("id")?;
    let status = order.status.as_deref().ok_or_else(|| Refused::missing("status"))?;
    let code = order.currency.as_deref().ok_or_else(|| Refused::missing("currency"))?;
    let currency = json::currency(code, "currency")?;
    if !order.was_paid(status) {
        return Ok(Delivered::nothing(Nothing::NotPaid));
    }
    let Some(fact) = order.fact(&id, status, currency)? else {
        return Ok(Delivered::nothing(Nothing::NoLines));
    };
    let mut delivered = vec![Delivered::fact(Fact::Order(fact), Some(order.person()))];
    for (at, refund) in order.refunds.iter().enumerate() {
        let Some(refund) = refund.fact(&id, at, currency).transpose() else { continue };
        let refund = refund.map(|refund| Delivered::fact(Fact::Refund(refund), None));
        let person = Some(order.person());
        delivered.push(Delivered { person, ..Delivered::part(refund) });
    }
    Ok(delivered)
}

impl Order {
    /// Whether it ever was paid. Cash on delivery is `processing` without a date until it is
    /// paid; what was never paid is no fact even when it is cancelled, for it would count as
    /// the person's first order.
    fn was_paid(&self, status: &str) -> bool {
        self.date_paid_gmt.is_some() || matches!(status, "completed" | "refunded")
    }

    fn fact(
        &self,
        id: &ExternalId,
        status: &str,
        currency: Currency,
    ) -> Result<Option<OrderFact>, Refused> {
        let progress = match status {
            "cancelled" | "failed" | "trash" => Progress::Cancelled,
            "completed" => Progress::Shipped,
            _ => Progress::Paid,
        };
        let mut lines = Vec::new();
        for (at, item) in self.line_items.iter().enumerate() {
            lines.extend(item.line(at, currency)?);
        }
        if lines.is_empty() {
            return Ok(None);
        }
        let fees = self.fees(currency)?;
        let goods = lines.iter().map(|line| line.gross() - line.discount);
        let goods = goods.fold(0_i64, i64::saturating_add).max(0);
        let shipping = minor(self.shipping_total.as_ref(), "shipping_total", currency)?;
        let shipping_tax = minor(self.shipping_tax.as_ref(), "shipping_tax", currency)?;
        let modified_at = self.date_modified_gmt.as_deref();
        let modified_at = json::required_time(modified_at, "date_modified_gmt")?;
        let created_at = self.date_created_gmt.as_deref();
        let created_at = json::required_time(created_at, "date_created_gmt")?;
        let version = progress.version(modified_at);
        Ok(Some(OrderFact {
            id: id.clone(),
            version: Some(version.ok_or_else(|| Refused::time("date_modified_gmt"))?),
            placed_at: Some(created_at),
            currency,
            channel: self.channel(),
            store: None,
            status: word(progress, status),
            test: false,
            // The lines of an order are without tax, however prices were typed in.
            prices_include_tax: false,
            lines,
            discount: fees.discount.min(goods),
            tax: shipping_tax.saturating_add(fees.tax),
            shipping: shipping.saturating_add(fees.charged),
            tip: 0,
            tenders: self.tenders(currency)?,
        }))
    }

    /// Fees go with shipping: both are charged for something else than goods. A negative fee
    /// is how shops and plug-ins write a discount.
    fn fees(&self, currency: Currency) -> Result<Fees, Refused> {
        let mut fees = Fees::default();
        for (at, line) in self.fee_lines.iter().enumerate() {
            let total = signed(line.total.as_ref(), &format!("fee_lines[{at}].total"), currency)?;
            let field = format!("fee_lines[{at}].total_tax");
            let tax = signed(line.total_tax.as_ref(), &field, currency)?;
            if total < 0 {
                fees.discount = fees.discount.saturating_sub(total);
            } else {
                fees.charged = fees.charged.saturating_add(total);
                fees.tax = fees.tax.saturating_add(tax.max(0));
            }
        }
        Ok(fees)
    }

    /// Our word for where it was placed, or WooCommerce's own.
    fn channel(&self) -> Option<String> {
        let name = json::name(self.created_via.as_deref())?;
        let word = match name.as_str() {
            "checkout" | "store-api" => "web",
            other => other,
        };
        Some(word.to_owned())
    }

    fn tenders(&self, currency: Currency) -> Result<Vec<Tender>, Refused> {
        let Some(kind) = json::name(self.payment_method.as_deref()) else { return Ok(Vec::new()) };
        let amount = minor(self.total.as_ref(), "total", currency)?;
        Ok(if amount > 0 { vec![Tender { kind, amount }] } else { Vec::new() })
    }

    /// Number 0 is a guest.
    fn person(&self) -> Person {
        let id = self.customer_id.as_ref().map(Exact::text).filter(|id| *id != "0");
        let billing = self.billing.as_ref();
        let email = billing.and_then(|billing| billing.email.as_deref());
        let phone = billing.and_then(|billing| billing.phone.as_deref());
        Person {
            id: id.and_then(Personal::new),
            email: email.and_then(Personal::new),
            phone: phone.and_then(Personal::new),
            codes: codes::usable(
                codes::in_pairs(&self.meta_data)
                    .into_iter()
                    .chain(codes::of_discounts(&self.coupon_lines)),
            ),
        }
    }
}

#[derive(Default)]
struct Fees {
    charged: i64,
    tax: i64,
    discount: i64,
}

impl LineItem {
    /// The line, unless nothing of it is left. WooCommerce rounds a line as a whole, so a
    /// price of one is made that is enough for all, and what is too much is a discount.
    fn line(&self, at: usize, currency: Currency) -> Result<Option<Line>, Refused> {
        let path = format!("line_items[{at}]");
        let field = |name: &str| format!("{path}.{name}");
        let id = self.id.as_ref().map(|id| id.id(&field("id"))).transpose()?;
        let quantity = self.quantity.as_ref().ok_or_else(|| Refused::missing(field("quantity")))?;
        let quantity = match quantity.whole() {
            Some(whole) => whole,
            // Goods that are weighed: the line is one piece.
            None => quantity.minor(&field("quantity"), currency)?.signum(),
        };
        if quantity == 0 {
            return Ok(None);
        }
        let quantity = u32::try_from(quantity).ok().filter(|quantity| *quantity <= QUANTITY_MAX);
        let quantity = quantity.ok_or_else(|| Refused::quantity(field("quantity")))?;
        let before = minor(self.subtotal.as_ref(), &field("subtotal"), currency)?;
        let paid = self.total.as_ref().ok_or_else(|| Refused::missing(field("total")))?;
        let paid = minor(Some(paid), &field("total"), currency)?;
        let pieces = i64::from(quantity);
        let unit_price = before.max(paid).saturating_add(pieces - 1) / pieces;
        let tax = minor(self.total_tax.as_ref(), &field("total_tax"), currency)?;
        let number = || json::name(self.product_id.as_ref().map(Exact::text));
        Ok(Some(Line {
            id: id.map(String::from),
            product: json::name(self.sku.as_deref()).or_else(number),
            category: None,
            brand: None,
            quantity,
            unit_price,
            discount: unit_price.saturating_mul(pieces) - paid,
            tax,
        }))
    }
}

impl RefundInside {
    /// The refund: its total is negative, and no date stands by it. One without money, such
    /// as of goods only, is none.
    fn fact(
        &self,
        order: &ExternalId,
        at: usize,
        currency: Currency,
    ) -> Result<Option<Refund>, Refused> {
        let field = |name: &str| format!("refunds[{at}].{name}");
        let id = self.id.as_ref().ok_or_else(|| Refused::missing(field("id")))?.id(&field("id"))?;
        let total = self.total.as_ref().ok_or_else(|| Refused::missing(field("total")))?;
        let amount = total.minor(&field("total"), currency)?.saturating_abs();
        let what = RefundedWhat::Amount(amount);
        let refund = Refund { id, order: order.clone(), refunded_at: None, what };
        Ok((amount > 0).then_some(refund))
    }
}

/// Our word, or the word of a shop that has statuses of its own.
fn word(progress: Progress, status: &str) -> Option<String> {
    let own = !matches!(status, "processing" | "refunded" | "on-hold" | "pending");
    let word = if progress == Progress::Paid && own { status } else { progress.word() };
    json::name(Some(word))
}

fn signed(amount: Option<&Exact>, field: &str, currency: Currency) -> Result<i64, Refused> {
    amount.map_or(Ok(0), |amount| amount.minor(field, currency))
}
