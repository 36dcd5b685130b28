//! The lines of Online Retail II as orders, refunds and orphans.

use std::collections::HashMap;
use std::io::Read;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::error::Fault;
use crate::matching::match_cancellations;
use crate::rows::Rows;
use crate::{FileFact, FileLine, FileOrder, FileSummary, OrderFile, money};

/// The first line of the file, which also tells the format.
pub(crate) const COLUMNS: [&str; 9] = [
    "sheet",
    "Invoice",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "Price",
    "Customer ID",
    "Country",
];

/// One line of the file, its fields in the order of [`COLUMNS`].
#[derive(Deserialize)]
struct Row<'a> {
    sheet: &'a str,
    invoice: &'a str,
    stock_code: &'a str,
    _description: &'a str,
    quantity: &'a str,
    invoice_date: &'a str,
    price: &'a str,
    customer_id: &'a str,
    _country: &'a str,
}

/// A sale or a cancellation with those of its lines that are worth something.
pub(crate) struct Invoice {
    pub number: String,
    /// Empty for a guest.
    pub member: String,
    pub at: Timestamp,
    /// Quantities are positive here, on cancellations too.
    pub lines: Vec<FileLine>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sale,
    Cancellation,
    Adjustment,
}

/// An invoice while its lines are being read.
struct Draft {
    invoice: Invoice,
    kind: Kind,
    sheet: String,
    worthless_lines: usize,
}

pub(crate) fn read(rows: &mut Rows<impl Read>) -> Result<OrderFile, Fault> {
    let mut book = Book::new()?;
    while let Some((line, record)) = rows.advance()? {
        let row = record.deserialize(None)?;
        book.add(&row).map_err(|reason| Fault::at(line, reason))?;
    }
    book.summary.lines = rows.read();
    Ok(book.close())
}

/// Every invoice so far, in the order their first lines came.
struct Book {
    london: TimeZone,
    drafts: Vec<Draft>,
    by_number: HashMap<String, usize>,
    summary: FileSummary,
}

impl Book {
    fn new() -> Result<Book, Fault> {
        let london = TimeZone::get("Europe/London")
            .map_err(|error| Fault { line: None, reason: error.to_string() })?;
        Ok(Book {
            london,
            drafts: Vec::new(),
            by_number: HashMap::new(),
            summary: FileSummary::default(),
        })
    }

    fn add(&mut self, row: &Row) -> Result<(), String> {
        let index = match self.by_number.get(row.invoice) {
            Some(&index) => index,
            None => self.begin(row)?,
        };
        let draft = &mut self.drafts[index];
        if draft.sheet != row.sheet {
            self.summary.overlap_lines += 1;
            return Ok(());
        }
        let rounded = draft.add(row)?;
        self.summary.rounded_prices += usize::from(rounded);
        Ok(())
    }

    fn begin(&mut self, row: &Row) -> Result<usize, String> {
        let index = self.drafts.len();
        self.drafts.push(Draft::new(row, &self.london)?);
        self.by_number.insert(row.invoice.to_owned(), index);
        Ok(index)
    }

    fn close(self) -> OrderFile {
        let Book { drafts, mut summary, .. } = self;
        let (mut sales, mut cancellations) = (Vec::new(), Vec::new());
        for Draft { invoice, kind, worthless_lines, .. } in drafts {
            let is_guest = invoice.member.is_empty();
            let is_worthless = invoice.lines.is_empty();
            match kind {
                Kind::Adjustment => summary.adjustments += 1,
                Kind::Sale if is_worthless => summary.nonpositive_invoices += 1,
                Kind::Sale if is_guest => summary.guest_orders += 1,
                Kind::Sale => {
                    summary.worthless_lines += worthless_lines;
                    sales.push(invoice);
                }
                Kind::Cancellation => {
                    summary.cancellations += 1;
                    if is_guest {
                        summary.guest_refunds += 1;
                    } else {
                        cancellations.push(invoice);
                    }
                }
            }
        }
        sales.sort_by_key(|sale| sale.at);
        cancellations.sort_by_key(|cancellation| cancellation.at);
        let matched = match_cancellations(&sales, &cancellations);
        summary.matched_lines = matched.lines;
        let orders = sales.into_iter().map(|sale| FileFact::Order(sale.into()));
        let refunds = matched.refunds.into_iter().map(FileFact::Refund);
        OrderFile::new(orders.chain(refunds).collect(), matched.orphans, summary)
    }
}

impl Draft {
    fn new(row: &Row, zone: &TimeZone) -> Result<Draft, String> {
        let invoice = Invoice {
            number: filled("Invoice", row.invoice)?.to_owned(),
            member: row.customer_id.to_owned(),
            at: instant(row.invoice_date, zone)?,
            lines: Vec::new(),
        };
        let kind = Kind::of(row.invoice);
        Ok(Draft { invoice, kind, sheet: row.sheet.to_owned(), worthless_lines: 0 })
    }

    /// Adds a line if it is worth something, and says whether its price was rounded.
    fn add(&mut self, row: &Row) -> Result<bool, String> {
        let Invoice { number, member, lines, .. } = &mut self.invoice;
        if member != row.customer_id {
            return Err(format!("invoice {number} has another `Customer ID` on its first line"));
        }
        let quantity: i32 = row
            .quantity
            .parse()
            .map_err(|_| format!("Quantity: `{}` is not a whole number", row.quantity))?;
        let (unit_price, rounded) =
            pence(row.price).map_err(|reason| format!("Price: {reason}"))?;
        if self.kind.counts(quantity) && unit_price > 0 {
            lines.push(FileLine {
                id: (lines.len() + 1).to_string(),
                product: filled("StockCode", row.stock_code)?.to_owned(),
                category: category(row.stock_code).map(str::to_owned),
                brand: None,
                quantity: quantity.unsigned_abs(),
                unit_price,
                discount: 0,
            });
        } else {
            self.worthless_lines += 1;
        }
        Ok(rounded)
    }
}

impl Kind {
    fn of(number: &str) -> Kind {
        match number.as_bytes().first() {
            Some(b'C') => Kind::Cancellation,
            Some(b'A') => Kind::Adjustment,
            _ => Kind::Sale,
        }
    }

    /// Whether a line of this quantity goes the way its invoice goes.
    fn counts(self, quantity: i32) -> bool {
        match self {
            Kind::Sale => quantity > 0,
            Kind::Cancellation => quantity < 0,
            Kind::Adjustment => false,
        }
    }
}

impl From<Invoice> for FileOrder {
    fn from(invoice: Invoice) -> FileOrder {
        FileOrder {
            id: invoice.number,
            member: invoice.member,
            placed_at: invoice.at,
            currency: "GBP".to_owned(),
            channel: Some("online".to_owned()),
            store: None,
            lines: invoice.lines,
        }
    }
}

fn filled<'a>(column: &str, text: &'a str) -> Result<&'a str, String> {
    if text.is_empty() { Err(format!("`{column}` is empty")) } else { Ok(text) }
}

/// A price in pence, half a penny rounded up, and whether it was rounded: a few
/// prices have a tenth of a penny.
fn pence(text: &str) -> Result<(i64, bool), String> {
    let tenths = money::parse(text, 3)?;
    let up = i64::from(tenths.rem_euclid(10) >= 5);
    Ok((tenths.div_euclid(10) + up, tenths % 10 != 0))
}

/// The instant of a local time such as `2009-12-01 07:45:00`. Where a change of
/// the clocks makes it ambiguous the earlier is meant, where it skips it, the
/// time after the gap.
fn instant(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let local: DateTime = text
        .parse()
        .map_err(|_| format!("InvoiceDate: `{text}` is not a time such as 2009-12-01 07:45:00"))?;
    zone.to_timestamp(local).map_err(|error| format!("InvoiceDate: {error}"))
}

/// What the stock codes that are not goods stand for, by their descriptions.
fn category(stock_code: &str) -> Option<&'static str> {
    match stock_code {
        "POST" | "DOT" | "C2" => Some("postage"),
        "BANK CHARGES" => Some("fee"),
        "ADJUST" | "ADJUST2" | "D" => Some("adjustment"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Fault;
    use crate::read_text;

    const HEADER: &str =
        "sheet,Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n";

    fn read(lines: &str) -> Result<OrderFile, Fault> {
        read_text(format!("{HEADER}{lines}").as_bytes())
    }

    #[track_caller]
    fn check_fault(lines: &str, line: u64, reason: &str) {
        assert_eq!(read(lines), Err(Fault::at(line, reason)));
    }

    #[test]
    fn invoices_become_orders_and_refunds() {
        let file = read(
            "\
1,500001,85048,LIGHTS,12,2010-07-01 09:45:00,6.95,13085,United Kingdom
1,500001,POST,POSTAGE,1,2010-07-01 09:46:00,18.00,13085,United Kingdom
1,500001,PADS,PADS,1,2010-07-01 09:46:00,0.001,13085,United Kingdom
1,500002,85048,LIGHTS,1,2010-07-01 09:45:00,6.95,,United Kingdom
1,500003,85048,damaged,-7,2010-07-01 09:45:00,0.0,,United Kingdom
1,C500004,85048,LIGHTS,-2,2010-07-01 09:45:00,6.95,13085,United Kingdom
1,A500005,B,Adjust bad debt,1,2010-07-01 09:45:00,-9.99,,United Kingdom
2,500001,85048,LIGHTS,12,2010-07-01 09:45:00,6.95,13085,United Kingdom
2,C500006,22423,STAND,-1,2010-07-02 09:45:00,12.75,13085,United Kingdom
",
        )
        .expect("a good file");
        let [FileFact::Order(order), FileFact::Refund(refund)] = &file.facts[..] else {
            panic!("{:?}", file.facts)
        };
        assert_eq!((order.id.as_str(), order.member.as_str()), ("500001", "13085"));
        assert_eq!(order.placed_at.to_string(), "2010-07-01T08:45:00Z");
        let lines: Vec<_> = order
            .lines
            .iter()
            .map(|line| {
                (
                    line.id.as_str(),
                    line.product.as_str(),
                    line.category.as_deref(),
                    line.quantity,
                    line.unit_price,
                )
            })
            .collect();
        assert_eq!(lines, [("1", "85048", None, 12, 695), ("2", "POST", Some("postage"), 1, 1800)]);
        assert_eq!((refund.id.as_str(), refund.order.as_str()), ("C500004:500001", "500001"));
        assert_eq!(
            file.orphans.iter().map(|orphan| orphan.id.as_str()).collect::<Vec<_>>(),
            ["C500006#1"]
        );
        let summary = FileSummary {
            lines: 9,
            overlap_lines: 1,
            orders: 1,
            order_lines: 2,
            members: 1,
            guest_orders: 1,
            worthless_lines: 1,
            rounded_prices: 1,
            nonpositive_invoices: 1,
            adjustments: 1,
            refunds: 1,
            refund_lines: 1,
            cancellations: 2,
            matched_lines: 1,
            orphan_lines: 1,
            guest_refunds: 0,
        };
        assert_eq!(file.summary, summary);
    }

    #[test]
    fn prices_are_rounded_half_up() {
        for (text, expected) in [
            ("6.95", (695, false)),
            ("2.1", (210, false)),
            ("0.004", (0, true)),
            ("0.005", (1, true)),
            ("-9.99", (-999, false)),
        ] {
            assert_eq!(pence(text), Ok(expected), "{text}");
        }
        assert!(pence("0.0001").is_err());
    }

    #[test]
    fn a_bad_field_is_named_with_its_line() {
        let good = "1,5,85048,\"two\nlines\",12,2010-07-01 09:45:00,6.95,13085,UK\n";
        for (bad, reason) in [
            (
                "1,5,85048,LIGHTS,1.5,2010-07-01 09:45:00,6.95,13085,UK",
                "Quantity: `1.5` is not a whole number",
            ),
            (
                "1,5,85048,LIGHTS,1,2010-07-01 09:45:00,6.9.5,13085,UK",
                "Price: `6.9.5` is not an amount such as 12.50",
            ),
            (
                "1,6,85048,LIGHTS,1,01/07/2010,6.95,13085,UK",
                "InvoiceDate: `01/07/2010` is not a time such as 2009-12-01 07:45:00",
            ),
            (
                "1,5,85048,LIGHTS,1,2010-07-01 09:45:00,6.95,13086,UK",
                "invoice 5 has another `Customer ID` on its first line",
            ),
            ("1,5,,LIGHTS,1,2010-07-01 09:45:00,6.95,13085,UK", "`StockCode` is empty"),
            ("1,5,85048", "3 fields, but the first line names 9 columns"),
        ] {
            check_fault(&format!("{good}{bad}\n"), 4, reason);
        }
    }
}
