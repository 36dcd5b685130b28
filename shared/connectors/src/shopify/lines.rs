//! What was bought and what it cost, line by line.

use std::collections::BTreeMap;

use domain::{
    eligible::GIFT_CARD,
    fact::{Line, QUANTITY_MAX},
    money::Currency,
};
use serde::Deserialize;

use super::order::Order;
use crate::{
    Refused,
    json::{self, Exact, not_negative as minor},
};

#[derive(Deserialize)]
pub(super) struct LineItem {
    id: Option<Exact>,
    product_id: Option<Exact>,
    sku: Option<String>,
    vendor: Option<String>,
    quantity: Option<Exact>,
    price: Option<Exact>,
    total_discount: Option<Exact>,
    discount_allocations: Option<Vec<Allocation>>,
    tax_lines: Option<Vec<TaxLine>>,
    gift_card: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct ShippingLine {
    price: Option<Exact>,
    discounted_price: Option<Exact>,
    discount_allocations: Option<Vec<Allocation>>,
    tax_lines: Option<Vec<TaxLine>>,
    is_removed: Option<bool>,
}

#[derive(Deserialize)]
struct Allocation {
    amount: Option<Exact>,
}

#[derive(Deserialize)]
struct TaxLine {
    price: Option<Exact>,
}

/// What an order comes to, in minor units.
pub(super) struct Amounts {
    pub(super) lines: Vec<Line>,
    pub(super) discount: i64,
    pub(super) tax: i64,
    pub(super) shipping: i64,
    pub(super) tip: i64,
}

impl Amounts {
    /// The amounts of an order; nothing where nothing is left to buy.
    pub(super) fn of(order: &Order, currency: Currency) -> Result<Option<Amounts>, Refused> {
        let unpaid = removed_before_paid(order);
        let (mut lines, mut allocated) = (Vec::new(), 0_i64);
        for (at, item) in order.line_items.iter().enumerate() {
            let removed = item.id.as_ref().and_then(|id| unpaid.get(id.text()));
            let (line, discount) = item.line(at, currency, removed.copied().unwrap_or(0))?;
            allocated = allocated.saturating_add(discount);
            lines.extend(line);
        }
        if lines.is_empty() {
            return Ok(None);
        }
        let (mut shipping, mut tax) = (0_i64, 0_i64);
        let shipped = order.shipping_lines.iter().flatten();
        for (at, line) in shipped.enumerate().filter(|(_, line)| line.is_removed != Some(true)) {
            let path = format!("shipping_lines[{at}]");
            let (price, discount) = line.price(&path, currency)?;
            shipping = shipping.saturating_add(price);
            allocated = allocated.saturating_add(discount);
            if order.taxes_included != Some(true) {
                tax = tax.saturating_add(taxes(line.tax_lines.as_deref(), &path, currency)?);
            }
        }
        // What older versions say of the order alone; newer ones have it in the lines.
        let all = minor(order.total_discounts.as_ref(), "total_discounts", currency)?;
        let goods = lines.iter().map(|line| line.gross() - line.discount);
        let goods = goods.fold(0_i64, i64::saturating_add);
        let discount = all.saturating_sub(allocated).clamp(0, goods.max(0));
        let tip = minor(order.total_tip_received.as_ref(), "total_tip_received", currency)?;
        Ok(Some(Amounts { lines, discount, tax, shipping, tip }))
    }
}

/// How many of each line were taken off the order before anybody paid for them. An edit of
/// an order is a refund without money. So is the first half of one that was paid: then the
/// shop owes the money, or has paid it back by itself, and that refund is what counts.
fn removed_before_paid(order: &Order) -> BTreeMap<&str, u32> {
    let owes = order.total_outstanding.as_ref().is_some_and(|left| left.text().starts_with('-'));
    let paid_back_apart = order.refunds.iter().any(|refund| refund.pays() && !refund.names_lines());
    let mut removed = BTreeMap::new();
    if owes || paid_back_apart {
        return removed;
    }
    let without_money = |refund: &&super::refund::Refund| !refund.pays() && !refund.is_pending();
    for refund in order.refunds.iter().filter(without_money) {
        for (line, quantity) in refund.quantities() {
            let sum: &mut u32 = removed.entry(line).or_default();
            *sum = sum.saturating_add(quantity);
        }
    }
    removed
}

impl LineItem {
    /// The line, unless all of it was removed, and the whole discount that the shop gave it.
    fn line(
        &self,
        at: usize,
        currency: Currency,
        removed: u32,
    ) -> Result<(Option<Line>, i64), Refused> {
        let path = format!("line_items[{at}]");
        let field = |name: &str| format!("{path}.{name}");
        let id = self.id.as_ref().map(|id| id.id(&field("id"))).transpose()?;
        let bought = self.quantity.as_ref().ok_or_else(|| Refused::missing(field("quantity")))?;
        let bought = bought.whole().and_then(|bought| u32::try_from(bought).ok());
        let bought = bought.filter(|bought| *bought <= QUANTITY_MAX);
        let bought = bought.ok_or_else(|| Refused::quantity(field("quantity")))?;
        let discount = self.discount(&path, currency)?;
        let quantity = bought.saturating_sub(removed);
        if quantity == 0 {
            return Ok((None, discount));
        }
        let price = self.price.as_ref().ok_or_else(|| Refused::missing(field("price")))?;
        let tax = taxes(self.tax_lines.as_deref(), &path, currency)?;
        let line = Line {
            id: id.map(String::from),
            product: self.product(),
            category: (self.gift_card == Some(true)).then(|| GIFT_CARD.to_owned()),
            brand: json::name(self.vendor.as_deref()),
            quantity,
            unit_price: minor(Some(price), &field("price"), currency)?,
            discount: 0,
            tax: share(tax, quantity, bought),
        };
        let discount_left = share(discount, quantity, bought).min(line.gross());
        Ok((Some(Line { discount: discount_left, ..line }), discount))
    }

    /// The SKU, which people write in rules, or Shopify's number of the product.
    fn product(&self) -> Option<String> {
        let number = || json::name(self.product_id.as_ref().map(Exact::text));
        json::name(self.sku.as_deref()).or_else(number)
    }

    fn discount(&self, path: &str, currency: Currency) -> Result<i64, Refused> {
        match self.discount_allocations.as_deref() {
            Some(given) if !given.is_empty() => allocations(given, path, currency),
            _ => minor(self.total_discount.as_ref(), &format!("{path}.total_discount"), currency),
        }
    }
}

impl ShippingLine {
    /// What was paid, and the discount in it.
    fn price(&self, path: &str, currency: Currency) -> Result<(i64, i64), Refused> {
        let price = minor(self.price.as_ref(), &format!("{path}.price"), currency)?;
        let discount = match (self.discount_allocations.as_deref(), &self.discounted_price) {
            (Some(given), _) if !given.is_empty() => allocations(given, path, currency)?,
            (_, Some(left)) => {
                let left = minor(Some(left), &format!("{path}.discounted_price"), currency)?;
                price.saturating_sub(left)
            }
            _ => 0,
        };
        let discount = discount.clamp(0, price);
        Ok((price - discount, discount))
    }
}

fn allocations(given: &[Allocation], path: &str, currency: Currency) -> Result<i64, Refused> {
    let field = format!("{path}.discount_allocations");
    let mut amounts = given.iter().map(|one| minor(one.amount.as_ref(), &field, currency));
    amounts.try_fold(0_i64, |sum, amount| Ok(sum.saturating_add(amount?)))
}

fn taxes(lines: Option<&[TaxLine]>, path: &str, currency: Currency) -> Result<i64, Refused> {
    let field = format!("{path}.tax_lines");
    let lines = lines.unwrap_or_default().iter();
    let mut amounts = lines.map(|tax| minor(tax.price.as_ref(), &field, currency));
    amounts.try_fold(0_i64, |sum, amount| Ok(sum.saturating_add(amount?)))
}

/// The share of `quantity` out of `bought`, rounded down.
fn share(amount: i64, quantity: u32, bought: u32) -> i64 {
    let exact = i128::from(amount) * i128::from(quantity) / i128::from(bought.max(1));
    i64::try_from(exact).unwrap_or(amount)
}
