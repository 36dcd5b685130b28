//! The csv layout of orders and refunds that the README documents.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use csv::StringRecord;
use jiff::Timestamp;
use serde::Deserialize;

use crate::error::Fault;
use crate::rows::Rows;
use crate::{FileFact, FileLine, FileOrder, FileRefund, FileSummary, OrderFile, RefundLine, money};

const REQUIRED: [&str; 9] =
    ["kind", "order", "member", "at", "line", "product", "quantity", "unit_price", "currency"];
const OPTIONAL: [&str; 6] = ["category", "brand", "discount", "channel", "store", "refund"];

/// One row, its fields found by the names of the columns.
#[derive(Deserialize)]
struct Row<'a> {
    kind: &'a str,
    order: &'a str,
    member: &'a str,
    at: &'a str,
    line: &'a str,
    product: &'a str,
    quantity: &'a str,
    unit_price: &'a str,
    currency: &'a str,
    #[serde(default)]
    category: &'a str,
    #[serde(default)]
    brand: &'a str,
    #[serde(default)]
    discount: &'a str,
    #[serde(default)]
    channel: &'a str,
    #[serde(default)]
    store: &'a str,
    #[serde(default)]
    refund: &'a str,
}

pub(crate) fn read(rows: &mut Rows<impl Read>) -> Result<OrderFile, Fault> {
    let columns = rows.columns().clone();
    check_columns(&columns).map_err(|reason| Fault::at(1, reason))?;
    let mut drafts = Drafts::default();
    while let Some((line, record)) = rows.advance()? {
        let row = record.deserialize(Some(&columns))?;
        drafts.add(&row).map_err(|reason| Fault::at(line, reason))?;
    }
    Ok(drafts.finish(rows.read()))
}

fn check_columns(columns: &StringRecord) -> Result<(), String> {
    let mut seen = HashSet::new();
    for column in columns {
        if !REQUIRED.contains(&column) && !OPTIONAL.contains(&column) {
            let known = [&REQUIRED[..], &OPTIONAL[..]].concat().join(", ");
            return Err(format!("unknown column `{column}`; the columns are {known}"));
        }
        if !seen.insert(column) {
            return Err(format!("column `{column}` appears twice"));
        }
    }
    match REQUIRED.iter().find(|column| !seen.contains(**column)) {
        Some(column) => Err(format!("column `{column}` is missing")),
        None => Ok(()),
    }
}

/// Orders and refunds while their rows are being read, guests' among them.
#[derive(Default)]
struct Drafts {
    orders: Vec<FileOrder>,
    refunds: Vec<FileRefund>,
    order_by_id: HashMap<String, usize>,
    refund_by_id: HashMap<String, usize>,
}

impl Drafts {
    fn add(&mut self, row: &Row) -> Result<(), String> {
        match row.kind {
            "order" => self.add_order(row),
            "refund" => self.add_refund(row),
            other => Err(format!("`kind` is `{other}`, not order or refund")),
        }
    }

    fn add_order(&mut self, row: &Row) -> Result<(), String> {
        let begun = order(row)?;
        let line = order_line(row, &begun.currency)?;
        let order = find_or_push(
            &mut self.orders,
            &mut self.order_by_id,
            row.order,
            begun,
            |known, new| {
                first_difference(&[
                    ("member", known.member == new.member),
                    ("at", known.placed_at == new.placed_at),
                    ("currency", known.currency == new.currency),
                    ("channel", known.channel == new.channel),
                    ("store", known.store == new.store),
                ])
            },
        )?;
        if order.lines.iter().any(|known| known.id == line.id) {
            return Err(format!("order {} has line {} twice", order.id, line.id));
        }
        order.lines.push(line);
        Ok(())
    }

    fn add_refund(&mut self, row: &Row) -> Result<(), String> {
        let begun = refund(row)?;
        let line =
            RefundLine { line: filled("line", row.line)?, quantity: quantity(row.quantity)? };
        let refund = find_or_push(
            &mut self.refunds,
            &mut self.refund_by_id,
            row.refund,
            begun,
            |known, new| {
                first_difference(&[
                    ("order", known.order == new.order),
                    ("member", known.member == new.member),
                    ("at", known.refunded_at == new.refunded_at),
                ])
            },
        )?;
        if refund.lines.iter().any(|known| known.line == line.line) {
            return Err(format!("refund {} has line {} twice", refund.id, line.line));
        }
        refund.lines.push(line);
        Ok(())
    }

    fn finish(self, lines: usize) -> OrderFile {
        let mut summary = FileSummary { lines, ..FileSummary::default() };
        let (guests, orders): (Vec<_>, Vec<_>) =
            self.orders.into_iter().partition(|order| order.member.is_empty());
        summary.guest_orders = guests.len();
        let (guests, refunds): (Vec<_>, Vec<_>) =
            self.refunds.into_iter().partition(|refund| refund.member.is_empty());
        summary.guest_refunds = guests.len();
        let orders = orders.into_iter().map(FileFact::Order);
        let facts = orders.chain(refunds.into_iter().map(FileFact::Refund)).collect();
        OrderFile::new(facts, Vec::new(), summary)
    }
}

/// The draft with this id: the one begun by an earlier row, if this row says the
/// same of it, or the one this row begins.
fn find_or_push<'a, T>(
    drafts: &'a mut Vec<T>,
    by_id: &mut HashMap<String, usize>,
    id: &str,
    begun: T,
    difference: impl Fn(&T, &T) -> Option<&'static str>,
) -> Result<&'a mut T, String> {
    if let Some(&index) = by_id.get(id) {
        let known = &mut drafts[index];
        return match difference(known, &begun) {
            Some(column) => Err(format!("`{column}` differs from the first row of `{id}`")),
            None => Ok(known),
        };
    }
    let index = drafts.len();
    by_id.insert(id.to_owned(), index);
    drafts.push(begun);
    Ok(&mut drafts[index])
}

fn first_difference(columns: &[(&'static str, bool)]) -> Option<&'static str> {
    columns.iter().find(|(_, same)| !same).map(|(column, _)| *column)
}

fn order(row: &Row) -> Result<FileOrder, String> {
    Ok(FileOrder {
        id: filled("order", row.order)?,
        member: row.member.to_owned(),
        placed_at: instant(row.at)?,
        currency: filled("currency", row.currency)?,
        channel: optional(row.channel),
        store: optional(row.store),
        lines: Vec::new(),
    })
}

fn refund(row: &Row) -> Result<FileRefund, String> {
    Ok(FileRefund {
        id: filled("refund", row.refund)?,
        member: row.member.to_owned(),
        refunded_at: instant(row.at)?,
        order: filled("order", row.order)?,
        lines: Vec::new(),
    })
}

fn order_line(row: &Row, currency: &str) -> Result<FileLine, String> {
    let decimals = money::decimals(currency).map_err(|reason| format!("currency: {reason}"))?;
    let quantity = quantity(row.quantity)?;
    let unit_price = amount("unit_price", row.unit_price, decimals)?;
    let discount = match row.discount {
        "" => 0,
        text => amount("discount", text, decimals)?,
    };
    let price = unit_price
        .checked_mul(i64::from(quantity))
        .ok_or("unit_price: the line's price is too large")?;
    if discount > price {
        return Err(format!("discount: `{}` is more than the line's price", row.discount));
    }
    Ok(FileLine {
        id: filled("line", row.line)?,
        product: filled("product", row.product)?,
        category: optional(row.category),
        brand: optional(row.brand),
        quantity,
        unit_price,
        discount,
    })
}

fn amount(column: &str, text: &str, decimals: usize) -> Result<i64, String> {
    match money::parse(text, decimals) {
        Ok(amount) if amount < 0 => Err(format!("{column}: `{text}` is negative")),
        other => other.map_err(|reason| format!("{column}: {reason}")),
    }
}

fn quantity(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err(format!("quantity: `{text}` is not a whole number above zero")),
        Ok(quantity) => Ok(quantity),
    }
}

fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("at: `{text}` is not an instant such as 2026-01-10T09:30:00Z"))
}

fn filled(column: &str, text: &str) -> Result<String, String> {
    optional(text).ok_or_else(|| format!("`{column}` is empty"))
}

fn optional(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_text;

    const COLUMNS: &str =
        "kind,order,member,at,line,product,quantity,unit_price,currency,discount,refund";

    /// A row after the two good ones, on line four.
    #[track_caller]
    fn check_row(row: &str, reason: &str) {
        let text = format!(
            "{COLUMNS}
order,1,anna,2026-01-10T09:30:00Z,1,cup,2,12.50,GBP,,
refund,1,anna,2026-01-11T09:30:00Z,1,,1,,,,r1
{row}
"
        );
        assert_eq!(read_text(text.as_bytes()), Err(Fault::at(4, reason)));
    }

    #[track_caller]
    fn check_header(header: &str, reason: &str) {
        assert_eq!(read_text(header.as_bytes()), Err(Fault::at(1, reason)));
    }

    #[test]
    fn a_bad_row_is_named_with_its_line() {
        for (row, reason) in [
            (
                "sale,2,anna,2026-01-10T09:30:00Z,1,cup,2,12.50,GBP,,",
                "`kind` is `sale`, not order or refund",
            ),
            ("order,,anna,2026-01-10T09:30:00Z,1,cup,2,12.50,GBP,,", "`order` is empty"),
            (
                "order,2,anna,2026-01-10,1,cup,2,12.50,GBP,,",
                "at: `2026-01-10` is not an instant such as 2026-01-10T09:30:00Z",
            ),
            ("order,2,anna,2026-01-10T09:30:00Z,,cup,2,12.50,GBP,,", "`line` is empty"),
            ("order,2,anna,2026-01-10T09:30:00Z,1,,2,12.50,GBP,,", "`product` is empty"),
            (
                "order,2,anna,2026-01-10T09:30:00Z,1,cup,0,12.50,GBP,,",
                "quantity: `0` is not a whole number above zero",
            ),
            (
                "order,2,anna,2026-01-10T09:30:00Z,1,cup,2,,GBP,,",
                "unit_price: `` is not an amount such as 12.50",
            ),
            (
                "order,2,anna,2026-01-10T09:30:00Z,1,cup,2,12.505,GBP,,",
                "unit_price: `12.505` has more than 2 decimals",
            ),
            (
                "order,2,anna,2026-01-10T09:30:00Z,1,cup,2,12.50,JPY,,",
                "unit_price: `12.50` has more than 0 decimals",
            ),
            ("order,2,anna,2026-01-10T09:30:00Z,1,cup,2,-1,GBP,,", "unit_price: `-1` is negative"),
            (
                "order,2,anna,2026-01-10T09:30:00Z,1,cup,2,12.50,pound,,",
                "currency: `pound` is not a currency code such as GBP",
            ),
            (
                "order,2,anna,2026-01-10T09:30:00Z,1,cup,2,12.50,GBP,25.01,",
                "discount: `25.01` is more than the line's price",
            ),
            (
                "order,1,bert,2026-01-10T09:30:00Z,2,cup,2,12.50,GBP,,",
                "`member` differs from the first row of `1`",
            ),
            (
                "order,1,anna,2026-01-10T09:31:00Z,2,cup,2,12.50,GBP,,",
                "`at` differs from the first row of `1`",
            ),
            ("order,1,anna,2026-01-10T09:30:00Z,1,pan,2,12.50,GBP,,", "order 1 has line 1 twice"),
            ("order,2,anna", "3 fields, but the first line names 11 columns"),
            ("refund,1,anna,2026-01-11T09:30:00Z,1,,1,,,,", "`refund` is empty"),
            ("refund,,anna,2026-01-11T09:30:00Z,1,,1,,,,r2", "`order` is empty"),
            (
                "refund,2,anna,2026-01-11T09:30:00Z,1,,1,,,,r1",
                "`order` differs from the first row of `r1`",
            ),
            ("refund,1,anna,2026-01-11T09:30:00Z,1,,1,,,,r1", "refund r1 has line 1 twice"),
        ] {
            check_row(row, reason);
        }
    }

    #[test]
    fn a_bad_header_is_named() {
        check_header(
            "kind,colour",
            "unknown column `colour`; the columns are kind, order, member, at, line, product, quantity, unit_price, \
             currency, category, brand, discount, channel, store, refund",
        );
        check_header("kind,kind", "column `kind` appears twice");
        check_header("kind,order", "column `member` is missing");
        check_header("", "column `kind` is missing");
    }
}
