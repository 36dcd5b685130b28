//! What was read from a file, kept and left out.

use std::fmt;

/// Counts of one reading. The ones that only invoices have are zero for the
/// csv layout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSummary {
    /// Lines of the file, the columns' names aside.
    pub lines: usize,
    /// Lines left out because an earlier sheet has their invoice.
    pub overlap_lines: usize,
    /// Orders kept.
    pub orders: usize,
    /// Lines of the orders kept.
    pub order_lines: usize,
    /// Members with at least one order or refund.
    pub members: usize,
    /// Orders left out because they have no member.
    pub guest_orders: usize,
    /// Lines left out of members' orders because they are worth nothing.
    pub worthless_lines: usize,
    /// Prices that were rounded to a whole penny.
    pub rounded_prices: usize,
    /// Sale invoices left out because none of their lines is worth anything.
    pub nonpositive_invoices: usize,
    /// Invoices left out because they correct the books and sell nothing.
    pub adjustments: usize,
    /// Refunds kept, each of one order.
    pub refunds: usize,
    /// Lines of the refunds kept; several cancelled lines may have become one.
    pub refund_lines: usize,
    /// Cancellation invoices, with guests'. One becomes as many refunds as it touches orders.
    pub cancellations: usize,
    /// Lines of members' cancellations that matched an order line.
    pub matched_lines: usize,
    /// Lines of members' cancellations that matched nothing.
    pub orphan_lines: usize,
    /// Refunds or cancellations left out because they have no member.
    pub guest_refunds: usize,
}

impl FileSummary {
    fn entries(&self) -> [(&'static str, usize); 16] {
        [
            ("lines read", self.lines),
            ("overlap lines dropped", self.overlap_lines),
            ("orders", self.orders),
            ("order lines", self.order_lines),
            ("members", self.members),
            ("guest orders skipped", self.guest_orders),
            ("worthless lines dropped", self.worthless_lines),
            ("prices rounded", self.rounded_prices),
            ("nonpositive invoices skipped", self.nonpositive_invoices),
            ("adjustments skipped", self.adjustments),
            ("refunds", self.refunds),
            ("refund lines", self.refund_lines),
            ("cancellations", self.cancellations),
            ("cancelled lines matched", self.matched_lines),
            ("cancelled lines orphaned", self.orphan_lines),
            ("guest refunds skipped", self.guest_refunds),
        ]
    }
}

/// One line a count, zeros left out.
impl fmt::Display for FileSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (label, count) in self.entries() {
            if count > 0 {
                writeln!(f, "{count:>9} {label}")?;
            }
        }
        Ok(())
    }
}
