//! A refund: what it paid back, which its lines need not say.

use domain::{
    eligible::SHIPPING,
    fact::{self, Fact, RefundLine, RefundedWhat},
    ids::ExternalId,
    money::Currency,
};
use serde::Deserialize;

use super::set::Set;
use crate::{
    Delivered, Nothing, Refused, What,
    json::{self, Exact},
};

#[derive(Deserialize)]
pub(super) struct Refund {
    id: Option<Exact>,
    order_id: Option<Exact>,
    created_at: Option<String>,
    #[serde(default)]
    refund_line_items: Vec<LineBack>,
    #[serde(default)]
    transactions: Vec<Transaction>,
    refund_shipping_lines: Option<Vec<ShippingBack>>,
    order_adjustments: Option<Vec<Adjustment>>,
    total_duties_set: Option<Set>,
}

#[derive(Deserialize)]
struct LineBack {
    line_item_id: Option<Exact>,
    quantity: Option<Exact>,
    subtotal: Option<Exact>,
    total_tax: Option<Exact>,
    subtotal_set: Option<Set>,
    total_tax_set: Option<Set>,
}

#[derive(Deserialize)]
struct Transaction {
    kind: Option<String>,
    status: Option<String>,
    amount: Option<Exact>,
    currency: Option<String>,
}

#[derive(Deserialize)]
struct ShippingBack {
    subtotal_amount_set: Option<Set>,
}

#[derive(Deserialize)]
struct Adjustment {
    kind: Option<String>,
    amount: Option<Exact>,
    tax_amount: Option<Exact>,
    amount_set: Option<Set>,
    tax_amount_set: Option<Set>,
}

impl Transaction {
    fn is_refund(&self, status: &str) -> bool {
        self.kind.as_deref() == Some("refund") && self.status.as_deref() == Some(status)
    }

    fn amount(&self, path: &str, currency: Currency) -> Result<i64, Refused> {
        let field = format!("{path}transactions.amount");
        let amount = self.amount.as_ref().ok_or_else(|| Refused::missing(&field))?;
        Ok(amount.minor(&field, currency)?.max(0))
    }
}

impl Refund {
    /// What the refund says; `currency` is its order's, when it comes inside one, and `path`
    /// where it stands there.
    pub(super) fn read(
        &self,
        path: &str,
        currency: Option<Currency>,
    ) -> Result<Delivered, Refused> {
        let field = |name: &str| format!("{path}{name}");
        let refund = id(self.id.as_ref(), &field("id"))?;
        let order = id(self.order_id.as_ref(), &field("order_id"))?;
        if self.is_pending() {
            return Ok(nothing(Nothing::RefundPending));
        }
        if !self.pays() {
            return Ok(nothing(Nothing::NoMoneyBack));
        }
        let what = self.what(path, self.currency(path, currency)?)?;
        if what == RefundedWhat::Amount(0) {
            return Ok(nothing(Nothing::NoMoneyBack));
        }
        let at = self.created_at.as_deref();
        let refunded_at = at.map(|at| json::time(at, &field("created_at"))).transpose()?;
        let refund = fact::Refund { id: refund, order, refunded_at, what };
        Ok(Delivered::fact(Fact::Refund(refund), None))
    }

    /// Whether any money went back.
    pub(super) fn pays(&self) -> bool {
        self.paid_back().next().is_some()
    }

    /// Whether its money may still go back.
    pub(super) fn is_pending(&self) -> bool {
        self.transactions.iter().any(|transaction| transaction.is_refund("pending"))
    }

    /// Whether it names goods.
    pub(super) fn names_lines(&self) -> bool {
        !self.refund_line_items.is_empty()
    }

    /// How many it takes back of which lines.
    pub(super) fn quantities(&self) -> impl Iterator<Item = (&str, u32)> {
        self.refund_line_items.iter().filter_map(|line| {
            let quantity = line.quantity.as_ref()?.whole()?;
            Some((line.line_item_id.as_ref()?.text(), u32::try_from(quantity).ok()?))
        })
    }

    /// Its amounts in the shop's money and in the buyer's.
    fn sets(&self) -> impl Iterator<Item = &Set> {
        let of_lines = self.refund_line_items.iter();
        let of_lines = of_lines.flat_map(|line| [&line.subtotal_set, &line.total_tax_set]);
        let of_shipping = self.refund_shipping_lines.iter().flatten();
        let of_shipping = of_shipping.map(|line| &line.subtotal_amount_set);
        let adjusted = self.order_adjustments.iter().flatten();
        let adjusted = adjusted.flat_map(|one| [&one.amount_set, &one.tax_amount_set]);
        [&self.total_duties_set]
            .into_iter()
            .chain(of_lines)
            .chain(of_shipping)
            .chain(adjusted)
            .flatten()
    }

    fn paid_back(&self) -> impl Iterator<Item = &Transaction> {
        self.transactions.iter().filter(|transaction| transaction.is_refund("success"))
    }

    /// The money that prices are in: the order's own, or what the refund says of it.
    fn currency(&self, path: &str, order: Option<Currency>) -> Result<Currency, Refused> {
        let paid = self.paid_back().find_map(|paid| paid.currency.as_deref());
        let code = self.sets().find_map(Set::shop_code).or(paid);
        let field = format!("{path}transactions.currency");
        let of_code = || json::currency(code.ok_or_else(|| Refused::missing(&field))?, &field);
        order.map_or_else(of_code, Ok)
    }

    /// A refund is worth the money that went back: a fee may have been kept, a present
    /// given. Only where that is exactly what its lines and its shipping come to is it known
    /// to be for them.
    fn what(&self, path: &str, currency: Currency) -> Result<RefundedWhat, Refused> {
        let field = format!("{path}transactions.currency");
        let (mut money, mut abroad) = (0_i64, None);
        for paid in self.paid_back() {
            let code = paid.currency.as_deref().unwrap_or(currency.code());
            let paid_in = json::currency(code, &field)?;
            let amount = paid.amount(path, paid_in)?;
            if paid_in == currency {
                money = money.saturating_add(amount);
            } else {
                let (known, sum) = abroad.unwrap_or((paid_in, 0_i64));
                if known != paid_in {
                    return Err(Refused::currency(field));
                }
                abroad = Some((known, sum.saturating_add(amount)));
            }
        }
        if let Some((buyer, amount)) = abroad {
            let at_home = self.converted(amount, currency, buyer);
            money = money.saturating_add(at_home.ok_or_else(|| Refused::currency(field))?);
        }
        Ok(self.by_lines(money, currency).unwrap_or(RefundedWhat::Amount(money)))
    }

    /// What the buyer got back, in the shop's money, at the rate that the refund itself has
    /// for its amounts. Only this refund is asked: it says the same wherever it comes.
    fn converted(&self, amount: i64, shop: Currency, buyer: Currency) -> Option<i64> {
        let both = self.sets().filter_map(|set| set.both(shop, buyer));
        let (of_shop, of_buyer) = both.fold((0_i128, 0_i128), |(of_shop, of_buyer), (a, b)| {
            (of_shop + i128::from(a.unsigned_abs()), of_buyer + i128::from(b.unsigned_abs()))
        });
        let exact = i128::from(amount).checked_mul(of_shop)?.checked_add(of_buyer / 2)?;
        i64::try_from(exact.checked_div(of_buyer)?).ok()
    }

    fn by_lines(&self, money: i64, currency: Currency) -> Option<RefundedWhat> {
        let minor = |amount: &Option<Exact>| amount.as_ref()?.minor("", currency).ok();
        let (mut prices, mut taxes, mut lines) = (0_i64, 0_i64, Vec::new());
        for back in &self.refund_line_items {
            prices = prices.saturating_add(minor(&back.subtotal)?);
            taxes = taxes.saturating_add(minor(&back.total_tax).unwrap_or(0));
            let quantity = u32::try_from(back.quantity.as_ref()?.whole()?).ok()?;
            let line = back.line_item_id.as_ref()?.id("").ok()?.into();
            lines.push(RefundLine { line, quantity, amount: 0 });
        }
        lines.retain(|line| line.quantity > 0);
        let shipping = self.shipping(currency)?;
        // A shop whose prices include tax has it in the subtotals already.
        let with_shipping = prices.saturating_add(shipping);
        let exact = money == with_shipping || money == with_shipping.saturating_add(taxes);
        if shipping > 0 {
            lines.push(RefundLine { line: SHIPPING.to_owned(), quantity: 0, amount: shipping });
        }
        (exact && !lines.is_empty()).then_some(RefundedWhat::Lines(lines))
    }

    /// What of the shipping went back. Older versions say it as an adjustment.
    fn shipping(&self, currency: Currency) -> Option<i64> {
        let minor = |amount: &Option<Exact>| amount.as_ref()?.minor("", currency).ok();
        let named: Vec<&ShippingBack> = self.refund_shipping_lines.iter().flatten().collect();
        if !named.is_empty() {
            let of_line = |line: &&ShippingBack| line.subtotal_amount_set.as_ref()?.shop(currency);
            return named.iter().map(of_line).sum();
        }
        let adjustments = self.order_adjustments.iter().flatten();
        let of_shipping =
            |adjustment: &&Adjustment| adjustment.kind.as_deref() == Some("shipping_refund");
        let amount = |adjustment: &Adjustment| {
            Some(-minor(&adjustment.amount)? - minor(&adjustment.tax_amount).unwrap_or(0))
        };
        adjustments.filter(of_shipping).map(amount).sum()
    }
}

fn nothing(why: Nothing) -> Delivered {
    Delivered { what: What::Nothing(why), person: None }
}

fn id(given: Option<&Exact>, field: &str) -> Result<ExternalId, Refused> {
    given.ok_or_else(|| Refused::missing(field))?.id(field)
}
