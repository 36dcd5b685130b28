//! Reads a file of orders and refunds into one list in time order.
#![doc = include_str!("../README.md")]

mod error;
mod layout;
mod matching;
mod money;
mod online_retail;
mod rows;
mod source;
mod summary;

use std::collections::HashSet;
use std::io::Read;
use std::path::Path;

use jiff::Timestamp;

use error::Fault;
pub use error::ReadError;
use rows::Rows;
pub use summary::FileSummary;

/// What a file holds, ready to be sent in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFile {
    /// By time; at the same instant orders before refunds, then as in the file.
    pub facts: Vec<FileFact>,
    /// Returned lines that match no earlier order line. They take nothing.
    pub orphans: Vec<Orphan>,
    /// What was read, kept and left out.
    pub summary: FileSummary,
}

/// One thing that happened to one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFact {
    /// The member bought something.
    Order(FileOrder),
    /// The member gave back some of an order.
    Refund(FileRefund),
}

/// An order of a member. Orders without a member are counted, not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOrder {
    /// The shop's id, unique among the file's orders.
    pub id: String,
    /// The shop's id of the member, never empty.
    pub member: String,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// The ISO 4217 code of every amount of its lines.
    pub currency: String,
    /// Where it was placed, such as `online`.
    pub channel: Option<String>,
    /// Which shop it was placed in.
    pub store: Option<String>,
    /// At least one line, as in the file.
    pub lines: Vec<FileLine>,
}

/// One product of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileLine {
    /// Unique within its order.
    pub id: String,
    /// The shop's id of the product.
    pub product: String,
    /// What kind of product it is.
    pub category: Option<String>,
    /// Who makes the product.
    pub brand: Option<String>,
    /// How many, at least one.
    pub quantity: u32,
    /// The price of one, in minor units of the order's currency, not negative.
    pub unit_price: i64,
    /// What is taken off the whole line, in minor units, at most the line's price.
    pub discount: i64,
}

/// What a member gave back of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRefund {
    /// Unique among the file's refunds and the same at every reading.
    pub id: String,
    /// The shop's id of the member, never empty.
    pub member: String,
    /// When it was given back.
    pub refunded_at: Timestamp,
    /// The id of the order.
    pub order: String,
    /// At least one line, each of the order's lines at most once.
    pub lines: Vec<RefundLine>,
}

/// How much of one order line was given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundLine {
    /// The id of the order's line.
    pub line: String,
    /// How many, at least one.
    pub quantity: u32,
}

/// A returned line whose order is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// The cancellation and the line's position in it, such as `C489449#1`.
    pub id: String,
    /// The shop's id of the member, never empty.
    pub member: String,
    /// When it was given back.
    pub refunded_at: Timestamp,
    /// The shop's id of the product.
    pub product: String,
    /// How many, at least one.
    pub quantity: u32,
}

impl FileFact {
    /// When it happened.
    pub fn at(&self) -> Timestamp {
        match self {
            FileFact::Order(order) => order.placed_at,
            FileFact::Refund(refund) => refund.refunded_at,
        }
    }

    /// Whose it is.
    pub fn member(&self) -> &str {
        match self {
            FileFact::Order(order) => &order.member,
            FileFact::Refund(refund) => &refund.member,
        }
    }
}

/// Reads a file in either of the two formats, plain or zstd-compressed; both
/// are told by the content, not by the name.
///
/// # Errors
///
/// The file cannot be read, its columns are of neither format, or a line does
/// not hold what its column asks for. Nothing is kept of a file with an error.
pub fn read(path: &Path) -> Result<OrderFile, ReadError> {
    source::open(path).map_err(Fault::from).and_then(read_text).map_err(|fault| fault.of(path))
}

fn read_text(text: impl Read) -> Result<OrderFile, Fault> {
    let mut rows = Rows::new(text)?;
    if rows.columns() == online_retail::COLUMNS[..] {
        online_retail::read(&mut rows)
    } else {
        layout::read(&mut rows)
    }
}

impl OrderFile {
    /// Puts the facts in order and completes the summary with their numbers.
    fn new(mut facts: Vec<FileFact>, orphans: Vec<Orphan>, mut summary: FileSummary) -> OrderFile {
        facts.sort_by_key(|fact| (fact.at(), matches!(fact, FileFact::Refund(_))));
        for fact in &facts {
            match fact {
                FileFact::Order(order) => {
                    summary.orders += 1;
                    summary.order_lines += order.lines.len();
                }
                FileFact::Refund(refund) => {
                    summary.refunds += 1;
                    summary.refund_lines += refund.lines.len();
                }
            }
        }
        summary.members = facts.iter().map(FileFact::member).collect::<HashSet<_>>().len();
        summary.orphan_lines = orphans.len();
        OrderFile { facts, orphans, summary }
    }
}
