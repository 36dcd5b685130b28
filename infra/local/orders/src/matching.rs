//! Which sale a cancellation takes back, when it does not say.
//!
//! Each line of a cancellation takes back the latest earlier sale line of the
//! same member and product that has its whole quantity left. "Earlier" includes
//! the same instant: invoices are stamped to the minute.

use std::collections::HashMap;

use crate::online_retail::Invoice;
use crate::{FileLine, FileRefund, Orphan, RefundLine};

/// What became of the lines of all cancellations.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Matched {
    pub refunds: Vec<FileRefund>,
    pub orphans: Vec<Orphan>,
    /// Cancelled lines behind the refunds.
    pub lines: usize,
}

/// Matches cancellations to sales, both in time order.
pub(crate) fn match_cancellations(sales: &[Invoice], cancellations: &[Invoice]) -> Matched {
    let mut matched = Matched::default();
    let mut sold = Sold::default();
    let mut sales = sales.iter().peekable();
    for cancellation in cancellations {
        while let Some(sale) = sales.next_if(|sale| sale.at <= cancellation.at) {
            sold.add(sale);
        }
        let mut refunds = Vec::new();
        for line in &cancellation.lines {
            match sold.take(&cancellation.member, line) {
                Some((sale, sale_line)) => {
                    refund(&mut refunds, cancellation, sale, sale_line, line.quantity);
                    matched.lines += 1;
                }
                None => matched.orphans.push(orphan(cancellation, line)),
            }
        }
        matched.refunds.append(&mut refunds);
    }
    matched
}

/// The sale lines so far by member and product, the latest last.
#[derive(Default)]
struct Sold<'a>(HashMap<(&'a str, &'a str), Vec<SoldLine<'a>>>);

struct SoldLine<'a> {
    sale: &'a Invoice,
    line: &'a FileLine,
    /// How many may still be given back.
    left: u32,
}

impl<'a> Sold<'a> {
    fn add(&mut self, sale: &'a Invoice) {
        for line in &sale.lines {
            let lines = self.0.entry((&sale.member, &line.product)).or_default();
            lines.push(SoldLine { sale, line, left: line.quantity });
        }
    }

    /// Takes a cancelled line's quantity from the latest sale line that has it.
    fn take(
        &mut self,
        member: &'a str,
        cancelled: &'a FileLine,
    ) -> Option<(&'a Invoice, &'a FileLine)> {
        let lines = self.0.get_mut(&(member, cancelled.product.as_str()))?;
        let sold = lines.iter_mut().rev().find(|sold| sold.left >= cancelled.quantity)?;
        sold.left -= cancelled.quantity;
        Some((sold.sale, sold.line))
    }
}

/// Adds to the cancellation's refund of this sale, or begins it.
fn refund(
    refunds: &mut Vec<FileRefund>,
    cancellation: &Invoice,
    sale: &Invoice,
    line: &FileLine,
    quantity: u32,
) {
    let known = refunds.iter().position(|refund| refund.order == sale.number);
    let index = known.unwrap_or_else(|| {
        refunds.push(FileRefund {
            id: format!("{}:{}", cancellation.number, sale.number),
            member: cancellation.member.clone(),
            refunded_at: cancellation.at,
            order: sale.number.clone(),
            lines: Vec::new(),
        });
        refunds.len() - 1
    });
    let lines = &mut refunds[index].lines;
    match lines.iter_mut().find(|known| known.line == line.id) {
        // Cannot exceed the line's quantity, which was a u32: `take` saw to it.
        Some(known) => known.quantity += quantity,
        None => lines.push(RefundLine { line: line.id.clone(), quantity }),
    }
}

fn orphan(cancellation: &Invoice, line: &FileLine) -> Orphan {
    Orphan {
        id: format!("{}#{}", cancellation.number, line.id),
        member: cancellation.member.clone(),
        refunded_at: cancellation.at,
        product: line.product.clone(),
        quantity: line.quantity,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    /// `minute number member product×quantity …`, an invoice a line; the numbers
    /// of cancellations start with C.
    fn invoice(text: &str) -> Invoice {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [minute, number, member, lines @ ..] = &words[..] else { panic!("{text}") };
        let minute: i64 = minute.parse().expect("a minute");
        let mut invoice = Invoice {
            number: (*number).to_owned(),
            member: (*member).to_owned(),
            at: Timestamp::from_second(minute * 60).expect("a time"),
            lines: Vec::new(),
        };
        for (index, line) in lines.iter().enumerate() {
            let (product, quantity) = line.split_once('x').expect("a product and a quantity");
            invoice.lines.push(FileLine {
                id: (index + 1).to_string(),
                product: product.to_owned(),
                category: None,
                brand: None,
                quantity: quantity.parse().expect("a quantity"),
                unit_price: 100,
                discount: 0,
            });
        }
        invoice
    }

    /// Refunds as `id line×quantity …`, then orphans as `id product×quantity`.
    #[track_caller]
    fn check(invoices: &str, expected: &str) {
        let invoices = invoices.lines().map(str::trim).filter(|line| !line.is_empty()).map(invoice);
        let (cancellations, sales): (Vec<_>, Vec<_>) =
            invoices.partition(|invoice| invoice.number.starts_with('C'));
        let matched = match_cancellations(&sales, &cancellations);
        let refunds = matched.refunds.iter().map(|refund| {
            let lines = refund.lines.iter().map(|line| format!(" {}x{}", line.line, line.quantity));
            refund.id.clone() + &lines.collect::<String>()
        });
        let orphans = matched
            .orphans
            .iter()
            .map(|orphan| format!("{} {}x{}", orphan.id, orphan.product, orphan.quantity));
        let expected: Vec<&str> =
            expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(refunds.chain(orphans).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_latest_earlier_sale_is_taken() {
        check(
            "
            1 A  anna cupx5
            2 B  anna cupx5
            3 C1 anna cupx2
            4 D  anna cupx5
            ",
            "C1:B 1x2",
        );
    }

    #[test]
    fn a_sale_at_the_same_minute_is_earlier() {
        check(
            "
            1 C1 anna cupx1
            1 A  anna cupx1
            ",
            "C1:A 1x1",
        );
    }

    #[test]
    fn the_latest_without_enough_left_is_passed_over() {
        check(
            "
            1 A  anna cupx5
            2 B  anna cupx3
            3 C1 anna cupx4
            4 C2 anna cupx3
            5 C3 anna cupx1
            ",
            "
            C1:A 1x4
            C2:B 1x3
            C3:A 1x1
            ",
        );
    }

    #[test]
    fn several_cancellations_use_a_line_up() {
        check(
            "
            1 A  anna cupx5
            2 C1 anna cupx2
            3 C2 anna cupx3
            4 C3 anna cupx1
            ",
            "
            C1:A 1x2
            C2:A 1x3
            C3#1 cupx1
            ",
        );
    }

    #[test]
    fn a_line_is_not_split_over_sales() {
        check(
            "
            1 A  anna cupx5
            2 B  anna cupx5
            3 C1 anna cupx6
            ",
            "C1#1 cupx6",
        );
    }

    #[test]
    fn a_cancellation_becomes_one_refund_for_each_order() {
        check(
            "
            1 A  anna cupx5 panx1 cupx2
            2 B  anna potx1
            3 C1 anna potx1 cupx1 canx9 panx1 cupx1 cupx5
            ",
            "
            C1:B 1x1
            C1:A 3x2 2x1 1x5
            C1#3 canx9
            ",
        );
    }

    #[test]
    fn other_members_and_products_match_nothing() {
        check(
            "
            1 A  anna cupx5
            2 C1 bert cupx1
            3 C2 anna Cupx1
            ",
            "
            C1#1 cupx1
            C2#1 Cupx1
            ",
        );
    }
}
