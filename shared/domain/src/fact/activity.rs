//! Activities: what members do besides buying.

use serde::{Deserialize, Serialize};

use super::{Line, Malformed, Order, check_amount, order::check_text};
use crate::{
    ids::{ExternalId, MemberId},
    money::Currency,
    time::Instant,
};

/// The longest word for a kind of activity.
const KIND_BYTES_MAX: usize = 64;
/// The most units of one activity, in thousandths.
pub const UNITS_MAX: u32 = 1_000_000_000;

/// Something that a member did: a review, a visit, a workout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// The source's id, which makes it count once.
    pub id: ExternalId,
    /// The source's version, where what it says of an activity changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The shop's word for what was done: `review`, `wish_list`, `run`.
    pub activity: String,
    /// What it is about: a product, a network, a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The member who gives it, such as who thanks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_by: Option<MemberId>,
    /// When it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_at: Option<Instant>,
    /// When whatever measured it handed it over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synced_at: Option<Instant>,
    /// How much of it, in thousandths: 5.2 km are 5200.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<u32>,
    /// What was paid, such as for a card that was loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<(i64, Currency)>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// In which store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// How far it is: what its points may wait for, such as `verified`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Whether it does not count any more.
    pub withdrawn: bool,
}

/// Whether a word can name a kind of activity.
pub fn is_activity_kind(text: &str) -> bool {
    let proper = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    let taken = ["order", "refund", "redemption", "adjustment"];
    !text.is_empty()
        && text.len() <= KIND_BYTES_MAX
        && text.bytes().all(proper)
        && !taken.contains(&text)
}

impl Activity {
    /// The activity as an order of one line, which is how rules see it: what was paid, or
    /// one of the smallest coin where nothing was.
    pub fn as_order(&self, money: Currency) -> Order {
        let (amount, currency) = self.amount.unwrap_or((1, money));
        Order {
            id: self.id.clone(),
            version: self.version,
            placed_at: self.done_at,
            currency,
            channel: self.channel.clone(),
            store: self.store.clone(),
            status: self.status.clone(),
            test: false,
            prices_include_tax: false,
            lines: vec![Line {
                id: None,
                product: self.subject.clone(),
                category: None,
                brand: None,
                quantity: 1,
                unit_price: amount,
                discount: 0,
                tax: 0,
            }],
            discount: 0,
            tax: 0,
            shipping: 0,
            tip: 0,
            tenders: Vec::new(),
        }
    }

    pub(super) fn check(&self) -> Result<(), Malformed> {
        if !is_activity_kind(&self.activity) {
            return Err(Malformed::ActivityKind);
        }
        if let Some((amount, _)) = self.amount {
            check_amount("amount", amount)?;
        }
        if let Some(units) = self.units.filter(|units| !(1..=UNITS_MAX).contains(units)) {
            let (quantity, max) = (u64::from(units), u64::from(UNITS_MAX));
            return Err(Malformed::Quantity { field: "quantity".into(), quantity, max });
        }
        let texts = [
            ("subject", &self.subject),
            ("channel", &self.channel),
            ("store", &self.store),
            ("status", &self.status),
        ];
        texts.iter().try_for_each(|(name, text)| check_text(name, text.as_deref()))
    }
}
