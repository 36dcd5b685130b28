//! An order.

use serde::{Deserialize, Serialize};

use super::{Malformed, check_amount};
use crate::{
    ids::{BadId, ExternalId, ID_BYTES_MAX},
    money::{Currency, MONEY_MAX},
    time::Instant,
};

/// The most lines an order may have.
pub const LINES_MAX: usize = 2_000;
/// The greatest quantity of one line.
pub const QUANTITY_MAX: u32 = 1_000_000;
/// The most tenders one order may be paid with.
pub const TENDERS_MAX: usize = 20;

/// An order as its source states it. Amounts are minor units of `currency`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The source's name for it.
    pub id: ExternalId,
    /// Grows with every change of the order, where the source counts changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// When it was placed, if not now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placed_at: Option<Instant>,
    /// The currency of every amount in it.
    pub currency: Currency,
    /// Where it was placed: `web`, `app`, `store` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Which store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// How far it is: `placed`, `paid`, `shipped`, `cancelled` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Whether it is a test order, which earns nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub test: bool,
    /// Whether line prices include their tax.
    pub prices_include_tax: bool,
    /// What was bought.
    pub lines: Vec<Line>,
    /// A discount on the whole order, spread over its lines except gift cards.
    pub discount: i64,
    /// Tax on the order that belongs to no line.
    pub tax: i64,
    /// Shipping paid.
    pub shipping: i64,
    /// Tip paid.
    pub tip: i64,
    /// What it was paid with; empty when unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tenders: Vec<Tender>,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The source's name for it; a line without one is known by its position from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What was bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Its category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Its brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// How many.
    pub quantity: u32,
    /// The price of one before discounts.
    pub unit_price: i64,
    /// The discount on the whole line.
    pub discount: i64,
    /// The tax on the whole line, inside the price or on top as the order says.
    pub tax: i64,
}

/// A means of payment and how much was paid with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tender {
    /// What: `card`, `gift_card`, `points` …
    pub kind: String,
    /// How much.
    pub amount: i64,
}

impl Order {
    pub(super) fn check(&self) -> Result<(), Malformed> {
        let lines = self.lines.len();
        if !(1..=LINES_MAX).contains(&lines) {
            return Err(Malformed::Lines { what: "an order", lines, max: LINES_MAX });
        }
        let amounts = [
            ("discount", self.discount),
            ("tax", self.tax),
            ("shipping", self.shipping),
            ("tip", self.tip),
        ];
        for (field, amount) in amounts {
            check_amount(field, amount)?;
        }
        for (name, text) in
            [("channel", &self.channel), ("store", &self.store), ("status", &self.status)]
        {
            check_text(name, text.as_deref())?;
        }
        let mut sum = 0_i64;
        for (at, line) in self.lines.iter().enumerate() {
            sum = sum.saturating_add(line.check(&format!("lines[{at}]"))?);
        }
        check_amount("the sum of the lines", sum)?;
        if self.discount > sum {
            return Err(Malformed::Discount { field: "discount".into() });
        }
        self.check_line_ids()?;
        if self.tenders.len() > TENDERS_MAX {
            let (lines, max) = (self.tenders.len(), TENDERS_MAX);
            return Err(Malformed::Lines { what: "the tenders of an order", lines, max });
        }
        for (at, tender) in self.tenders.iter().enumerate() {
            check_amount(format!("tenders[{at}].amount"), tender.amount)?;
            check_text(&format!("tenders[{at}].kind"), Some(&tender.kind))?;
        }
        Ok(())
    }

    fn check_line_ids(&self) -> Result<(), Malformed> {
        let mut ids: Vec<String> =
            self.lines.iter().enumerate().map(|(at, line)| line.id_at(at)).collect();
        ids.sort_unstable();
        match ids.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(Malformed::LineIdTwice { id: pair[0].clone() }),
            None => Ok(()),
        }
    }
}

impl Line {
    /// The name the line is known by when it stands at `at`, counted from 0.
    pub fn id_at(&self, at: usize) -> String {
        self.id.clone().unwrap_or_else(|| (at + 1).to_string())
    }

    /// The price of the whole line before discounts.
    pub fn gross(&self) -> i64 {
        self.unit_price.saturating_mul(i64::from(self.quantity))
    }

    /// Returns what the line costs after its own discount.
    fn check(&self, path: &str) -> Result<i64, Malformed> {
        if !(1..=QUANTITY_MAX).contains(&self.quantity) {
            return Err(Malformed::Quantity {
                field: format!("{path}.quantity"),
                quantity: u64::from(self.quantity),
                max: u64::from(QUANTITY_MAX),
            });
        }
        check_amount(format!("{path}.unit_price"), self.unit_price)?;
        check_amount(format!("{path}.discount"), self.discount)?;
        check_amount(format!("{path}.tax"), self.tax)?;
        check_amount(format!("{path}.unit_price x quantity"), self.gross().min(MONEY_MAX + 1))?;
        if self.discount > self.gross() {
            return Err(Malformed::Discount { field: format!("{path}.discount") });
        }
        for (name, text) in [
            ("id", &self.id),
            ("product", &self.product),
            ("category", &self.category),
            ("brand", &self.brand),
        ] {
            check_text(&format!("{path}.{name}"), text.as_deref())?;
        }
        Ok(self.gross() - self.discount)
    }
}

pub(super) fn check_text(field: &str, text: Option<&str>) -> Result<(), Malformed> {
    let Some(text) = text else { return Ok(()) };
    let problem = if text.is_empty() {
        BadId::Empty
    } else if text.len() > ID_BYTES_MAX {
        BadId::TooLong { bytes: text.len(), limit: ID_BYTES_MAX }
    } else if text.chars().any(char::is_control) {
        BadId::Control
    } else {
        return Ok(());
    };
    Err(Malformed::Text { field: field.to_owned(), problem })
}
