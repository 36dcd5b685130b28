//! What a condition is asked about, as plain values. Amounts are minor units of the
//! program's money; a text that is absent is empty.

/// Everything a condition can see. What its environment does not offer stays empty.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Values<'a> {
    /// The order.
    pub order: OrderValues<'a>,
    /// The member, before the fact.
    pub member: MemberValues<'a>,
    /// The activity.
    pub activity: ActivityValues<'a>,
}

/// An order; [`Environment::ORDER`](super::Environment::ORDER) says what each means.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(serde::Serialize))]
#[allow(missing_docs)] // The environment's table says it.
pub struct OrderValues<'a> {
    pub total: i64,
    pub eligible: i64,
    pub shipping: i64,
    pub tax: i64,
    pub tip: i64,
    pub discount: i64,
    pub currency: &'a str,
    pub channel: &'a str,
    pub store: &'a str,
    pub status: &'a str,
    pub tender_kinds: Vec<&'a str>,
    pub first: bool,
    pub month: i64,
    pub day: i64,
    pub weekday: i64,
    pub hour: i64,
    pub lines: Vec<LineValues<'a>>,
}

/// One line of an order.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(serde::Serialize))]
#[allow(missing_docs)] // The environment's table says it.
pub struct LineValues<'a> {
    pub product: &'a str,
    pub category: &'a str,
    pub brand: &'a str,
    pub quantity: i64,
    pub unit_price: i64,
    pub paid: i64,
}

/// A member. Nothing that says who it is.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(serde::Serialize))]
#[allow(missing_docs)] // The environment's table says it.
pub struct MemberValues<'a> {
    pub tier: &'a str,
    pub months: i64,
    pub labels: Vec<&'a str>,
}

/// An activity.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(serde::Serialize))]
#[allow(missing_docs)] // The environment's table says it.
pub struct ActivityValues<'a> {
    pub kind: &'a str,
    pub subject: &'a str,
    pub quantity: i64,
    pub amount: i64,
}

/// Stands where no line is asked about.
pub(super) static NO_LINE: LineValues<'static> =
    LineValues { product: "", category: "", brand: "", quantity: 0, unit_price: 0, paid: 0 };
