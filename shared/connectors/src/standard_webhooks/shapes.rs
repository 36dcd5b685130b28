//! Orders, refunds and people as our own API has them. Amounts are minor units.

use domain::{
    fact::{self, Fact, RefundLine, RefundedWhat},
    ids::ExternalId,
    money::{Currency, MONEY_MAX},
    time::Instant,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    Delivered, Nothing, Person, Personal, Privacy, Refused, What, codes,
    json::{self, Exact},
    progress::Progress,
};

#[derive(Deserialize)]
struct Envelope<'a> {
    r#type: Option<String>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Money {
    amount: i64,
    currency: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Customer {
    id: Option<Exact>,
    email: Option<String>,
    phone: Option<String>,
    created_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    id: Exact,
    customer: Option<Customer>,
    version: Option<u64>,
    placed_at: Option<String>,
    channel: Option<String>,
    store: Option<String>,
    status: Option<String>,
    #[serde(default)]
    test: bool,
    prices_include_tax: Option<bool>,
    lines: Vec<Line>,
    discount: Option<Money>,
    tax: Option<Money>,
    shipping: Option<Money>,
    tip: Option<Money>,
    #[serde(default)]
    tenders: Vec<Tender>,
    referral_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: Option<Exact>,
    product: Option<String>,
    category: Option<String>,
    brand: Option<String>,
    quantity: Option<u32>,
    unit_price: Money,
    discount: Option<Money>,
    tax: Option<Money>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tender {
    kind: String,
    amount: Money,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refund {
    id: Exact,
    order: Exact,
    customer: Option<Customer>,
    refunded_at: Option<String>,
    lines: Option<Vec<LineBack>>,
    amount: Option<Money>,
    amount_to_date: Option<Money>,
    #[serde(default)]
    everything: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineBack {
    line: Exact,
    quantity: Option<u32>,
    amount: Option<Money>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asking {
    customer: Customer,
    request: Option<Exact>,
    #[serde(default)]
    orders: Vec<Exact>,
}

pub(super) fn read(body: &[u8]) -> Result<Vec<Delivered>, Refused> {
    let envelope: Envelope = serde_json::from_slice(body)?;
    let kind = envelope.r#type.ok_or_else(|| Refused::missing("type"))?;
    let data = || envelope.data.map(RawValue::get).ok_or_else(|| Refused::missing("data"));
    let delivered = match kind.as_str() {
        "order.paid" | "order.updated" | "order.cancelled" => {
            let mut changed: Order = serde_json::from_str(data()?)?;
            match kind.as_str() {
                "order.cancelled" => changed.status = Some(Progress::Cancelled.word().to_owned()),
                "order.paid" if changed.status.is_none() => {
                    changed.status = Some(Progress::Paid.word().to_owned())
                }
                _ => {}
            }
            order(changed)?
        }
        "refund.created" => refund(serde_json::from_str(data()?)?)?,
        "customer.created" => created(&serde_json::from_str(data()?)?)?,
        "customer.data_request" => {
            let asking: Asking = serde_json::from_str(data()?)?;
            let request = asking.request.map(|request| request.id("data.request")).transpose()?;
            privacy(Privacy::Export { request }, &asking.customer)
        }
        "customer.redact" => {
            let asking: Asking = serde_json::from_str(data()?)?;
            let orders = asking.orders.iter().map(|order| order.id("data.orders"));
            let orders: Result<Vec<ExternalId>, Refused> = orders.collect();
            privacy(Privacy::Erase { orders: orders? }, &asking.customer)
        }
        _ => return Ok(Delivered::nothing(Nothing::TopicUnused)),
    };
    Ok(vec![delivered])
}

fn privacy(asked: Privacy, customer: &Customer) -> Delivered {
    Delivered { what: What::Privacy(asked), person: Some(customer.person()) }
}

fn created(customer: &Customer) -> Result<Delivered, Refused> {
    if customer.id.is_none() {
        return Err(Refused::missing("data.id"));
    }
    let created_at = at(customer.created_at.as_deref(), "data.created_at")?;
    Ok(Delivered { what: What::PersonCreated { created_at }, person: Some(customer.person()) })
}

fn order(order: Order) -> Result<Delivered, Refused> {
    let first = order.lines.first().ok_or_else(|| Refused::missing("data.lines"))?;
    let currency = json::currency(&first.unit_price.currency, "data.lines[0].unit_price")?;
    let minor = |field: &str, money: Option<&Money>| minor(field, money, currency);
    let line = |(at, line): (usize, &Line)| {
        let field = |name: &str| format!("data.lines[{at}].{name}");
        Ok(fact::Line {
            id: line.id.as_ref().map(|id| id.id(&field("id"))).transpose()?.map(String::from),
            product: line.product.clone(),
            category: line.category.clone(),
            brand: line.brand.clone(),
            quantity: line.quantity.unwrap_or(1),
            unit_price: minor(&field("unit_price"), Some(&line.unit_price))?,
            discount: minor(&field("discount"), line.discount.as_ref())?,
            tax: minor(&field("tax"), line.tax.as_ref())?,
        })
    };
    let lines: Result<Vec<fact::Line>, Refused> =
        order.lines.iter().enumerate().map(line).collect();
    let tender = |tender: &Tender| {
        let amount = minor("data.tenders", Some(&tender.amount))?;
        Ok(fact::Tender { kind: tender.kind.clone(), amount })
    };
    let tenders: Result<Vec<fact::Tender>, Refused> = order.tenders.iter().map(tender).collect();
    let codes = codes::usable(order.referral_code.clone());
    let person = order.customer.as_ref().map(|customer| Person { codes, ..customer.person() });
    let recorded = fact::Order {
        id: order.id.id("data.id")?,
        version: order.version,
        placed_at: at(order.placed_at.as_deref(), "data.placed_at")?,
        currency,
        status: order.status,
        test: order.test,
        prices_include_tax: order.prices_include_tax.unwrap_or(true),
        lines: lines?,
        discount: minor("data.discount", order.discount.as_ref())?,
        tax: minor("data.tax", order.tax.as_ref())?,
        shipping: minor("data.shipping", order.shipping.as_ref())?,
        tip: minor("data.tip", order.tip.as_ref())?,
        tenders: tenders?,
        channel: order.channel,
        store: order.store,
    };
    Ok(Delivered::fact(Fact::Order(recorded), person))
}

fn refund(refund: Refund) -> Result<Delivered, Refused> {
    let everything = refund.everything.then_some(RefundedWhat::Everything);
    let amount = |field: &str, money: Option<&Money>| {
        // Refunds are in the order's currency; another one shows when they are decided.
        let Some(money) = money else { return Ok(None) };
        let currency = json::currency(&money.currency, field)?;
        minor(field, Some(money), currency).map(Some)
    };
    let by_amount = amount("data.amount", refund.amount.as_ref())?.map(RefundedWhat::Amount);
    let to_date = amount("data.amount_to_date", refund.amount_to_date.as_ref())?;
    let line = |line: &LineBack| {
        let amount = amount("data.lines", line.amount.as_ref())?.unwrap_or(0);
        let quantity = line.quantity.unwrap_or(0);
        Ok(RefundLine { line: line.line.id("data.lines")?.into(), quantity, amount })
    };
    let by_lines = refund.lines.map(|lines| lines.iter().map(line).collect::<Result<_, Refused>>());
    let by_lines = by_lines.transpose()?.map(RefundedWhat::Lines);
    let to_date = to_date.map(RefundedWhat::AmountToDate);
    let mut said = [everything, by_amount, to_date, by_lines].into_iter().flatten();
    let (Some(what), None) = (said.next(), said.next()) else {
        return Err(Refused::Wrong {
            code: "REFUND_WHAT",
            field: "data".to_owned(),
            expected: "refund of exactly one of lines, amount, amount_to_date and everything",
        });
    };
    let recorded = fact::Refund {
        id: refund.id.id("data.id")?,
        order: refund.order.id("data.order")?,
        refunded_at: at(refund.refunded_at.as_deref(), "data.refunded_at")?,
        what,
    };
    let person = refund.customer.as_ref().map(Customer::person);
    Ok(Delivered::fact(Fact::Refund(recorded), person))
}

fn at(text: Option<&str>, field: &str) -> Result<Option<Instant>, Refused> {
    text.map(|text| json::time(text, field)).transpose()
}

fn minor(field: &str, money: Option<&Money>, currency: Currency) -> Result<i64, Refused> {
    let Some(money) = money else { return Ok(0) };
    if json::currency(&money.currency, field)? != currency {
        return Err(Refused::currency(field));
    }
    let within = (0..=MONEY_MAX).contains(&money.amount);
    within.then_some(money.amount).ok_or_else(|| Refused::amount(field))
}

impl Customer {
    fn person(&self) -> Person {
        Person {
            id: self.id.as_ref().and_then(|id| Personal::new(id.text())),
            email: self.email.as_deref().and_then(Personal::new),
            phone: self.phone.as_deref().and_then(Personal::new),
            codes: Vec::new(),
        }
    }
}
