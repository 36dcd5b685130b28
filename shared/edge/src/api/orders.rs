//! Orders and refunds as callers send them.

use domain::{
    fact::{Line, Order, Refund, RefundLine, RefundedWhat, Tender},
    ids::MemberId,
    money::Currency,
    time::Instant,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Money, enrolment::is_identity, id};
use crate::Problem;

/// An order.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrder {
    /// The shop's id of the order. The same id with the same content counts once, for ever.
    pub id: String,
    /// Who bought; of `member` and `guest` exactly one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// Who bought, where the shop knows an email address only. It earns nothing until they
    /// join with that address, verified, as far back as the program's `guest_orders` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<NewGuest>,
    /// Grows with each change of the order, where the shop counts changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// When it was placed, if not now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub placed_at: Option<Instant>,
    /// Where: `web`, `app`, `store` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Which store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// How far it is: `paid`, `shipped`, `cancelled` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Whether it is a test order, which earns nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub test: bool,
    /// Whether line prices include their tax; they do unless this says otherwise.
    #[serde(default = "yes")]
    pub prices_include_tax: bool,
    /// What was bought, 1 to 2,000 lines.
    pub lines: Vec<NewLine>,
    /// A discount on the whole order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Money>,
    /// Tax that belongs to no line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Money>,
    /// Shipping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping: Option<Money>,
    /// Tip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tip: Option<Money>,
    /// What it was paid with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tenders: Vec<NewTender>,
    /// The code of the member who brought the buyer, given at the checkout. Where it is known
    /// who brought them it changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral_code: Option<String>,
}

/// Somebody who is no member.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGuest {
    /// Their email address. Only a keyed hash is kept.
    pub email: String,
}

/// Whose an order or a refund is.
#[derive(Clone, PartialEq, Eq)]
pub enum Buyer {
    /// A member's.
    Member(MemberId),
    /// A guest's with this email address.
    Guest(String),
}

/// One line of an order.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLine {
    /// The shop's id of the line; without one it is known by its position from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What was bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Its category; `gift_card` earns nothing by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Its brand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// How many, 1 to 1,000,000; one unless said.
    #[serde(default = "one")]
    pub quantity: u64,
    /// The price of one before discounts.
    pub unit_price: Money,
    /// The discount on the whole line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Money>,
    /// The tax on the whole line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Money>,
}

/// A means of payment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTender {
    /// What: `card`, `gift_card`, `points` …
    pub kind: String,
    /// How much was paid with it.
    pub amount: Money,
}

/// A refund: exactly one of `lines`, `amount`, `amount_to_date` and `everything`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRefund {
    /// The shop's id of the refund.
    pub id: String,
    /// The shop's id of the order.
    pub order: String,
    /// Who bought; of `member` and `guest` exactly one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// Who bought, where the order was a guest's; it leads to the order's chain, even where
    /// they are a member by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<NewGuest>,
    /// When, if not now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub refunded_at: Option<Instant>,
    /// These lines, by quantity or by amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<NewRefundLine>>,
    /// This much, whatever it was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// This much in all refunds of the order so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_to_date: Option<Money>,
    /// All that is left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everything: bool,
}

/// What was paid back of one line.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRefundLine {
    /// The line's id, or its position from 1.
    pub line: String,
    /// How many of it.
    #[serde(default)]
    pub quantity: u64,
    /// How much beyond the price of those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
}

fn yes() -> bool {
    true
}

fn one() -> u64 {
    1
}

fn minor(field: &str, money: Option<&Money>, currency: Currency) -> Result<i64, Problem> {
    money.map_or(Ok(0), |money| money.minor(field, currency))
}

fn buyer(member: Option<String>, guest: Option<NewGuest>) -> Result<Buyer, Problem> {
    match (member, guest) {
        (Some(member), None) => Ok(Buyer::Member(id("member", member)?)),
        (None, Some(NewGuest { email })) => {
            is_identity("guest.email", &email)?;
            Ok(Buyer::Guest(email))
        }
        _ => {
            let detail = "say exactly one of member and guest";
            Err(Problem::unprocessable("BUYER", detail).with("path", "member"))
        }
    }
}

/// A quantity as the domain counts it; what is beyond its limit is refused there.
fn quantity(quantity: u64) -> u32 {
    u32::try_from(quantity).unwrap_or(u32::MAX)
}

impl NewOrder {
    /// Whose it is, and the order as a fact. All amounts must be in one currency.
    ///
    /// # Errors
    ///
    /// A problem that names the field.
    pub fn into_fact(self) -> Result<(Buyer, Order), Problem> {
        let buyer = buyer(self.member, self.guest)?;
        let first = self.lines.first().map(|line| &line.unit_price);
        let currency = match first {
            Some(money) => money.code("lines[0].unit_price")?,
            None => {
                return Err(Problem::unprocessable("LINES", "an order must have 1 to 2000 lines"));
            }
        };
        let order = Order {
            id: id("id", self.id)?,
            version: self.version,
            placed_at: self.placed_at,
            currency,
            channel: self.channel,
            store: self.store,
            status: self.status,
            test: self.test,
            prices_include_tax: self.prices_include_tax,
            lines: lines(self.lines, currency)?,
            discount: minor("discount", self.discount.as_ref(), currency)?,
            tax: minor("tax", self.tax.as_ref(), currency)?,
            shipping: minor("shipping", self.shipping.as_ref(), currency)?,
            tip: minor("tip", self.tip.as_ref(), currency)?,
            tenders: tenders(self.tenders, currency)?,
        };
        Ok((buyer, order))
    }
}

fn lines(lines: Vec<NewLine>, currency: Currency) -> Result<Vec<Line>, Problem> {
    let line = |(at, line): (usize, NewLine)| {
        let field = |name: &str| format!("lines[{at}].{name}");
        Ok(Line {
            quantity: quantity(line.quantity),
            unit_price: line.unit_price.minor(&field("unit_price"), currency)?,
            discount: minor(&field("discount"), line.discount.as_ref(), currency)?,
            tax: minor(&field("tax"), line.tax.as_ref(), currency)?,
            id: line.id,
            product: line.product,
            category: line.category,
            brand: line.brand,
        })
    };
    lines.into_iter().enumerate().map(line).collect()
}

fn tenders(tenders: Vec<NewTender>, currency: Currency) -> Result<Vec<Tender>, Problem> {
    let tender = |(at, tender): (usize, NewTender)| {
        let amount = tender.amount.minor(&format!("tenders[{at}].amount"), currency)?;
        Ok(Tender { kind: tender.kind, amount })
    };
    tenders.into_iter().enumerate().map(tender).collect()
}

impl NewRefund {
    /// The member and the refund as a fact, in the program's money.
    ///
    /// # Errors
    ///
    /// A problem that names the field.
    pub fn into_fact(self, currency: Currency) -> Result<(Buyer, Refund), Problem> {
        let buyer = buyer(self.member, self.guest)?;
        let everything = self.everything.then_some(RefundedWhat::Everything);
        let amount = |field: &str, money: Option<Money>| {
            money.map(|money| money.minor(field, currency)).transpose()
        };
        let by_amount = amount("amount", self.amount)?.map(RefundedWhat::Amount);
        let to_date =
            amount("amount_to_date", self.amount_to_date)?.map(RefundedWhat::AmountToDate);
        let by_lines = self.lines.map(|lines| refund_lines(lines, currency)).transpose()?;
        let mut given = [everything, by_amount, to_date, by_lines].into_iter().flatten();
        let (Some(what), None) = (given.next(), given.next()) else {
            let detail = "say exactly one of lines, amount, amount_to_date and everything";
            return Err(Problem::unprocessable("REFUND_WHAT", detail));
        };
        let refund = Refund {
            id: id("id", self.id)?,
            order: id("order", self.order)?,
            refunded_at: self.refunded_at,
            what,
        };
        Ok((buyer, refund))
    }
}

fn refund_lines(lines: Vec<NewRefundLine>, currency: Currency) -> Result<RefundedWhat, Problem> {
    let line = |(at, line): (usize, NewRefundLine)| {
        let amount = minor(&format!("lines[{at}].amount"), line.amount.as_ref(), currency)?;
        Ok(RefundLine { line: line.line, quantity: quantity(line.quantity), amount })
    };
    let lines: Result<Vec<_>, Problem> = lines.into_iter().enumerate().map(line).collect();
    Ok(RefundedWhat::Lines(lines?))
}
