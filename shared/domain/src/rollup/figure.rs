//! The figures of a day that are single numbers.

use serde::{Deserialize, Serialize};

/// One number that the rows of a day add up to. Points are smallest units of the
/// program's first currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Rows.
    Rows,
    /// Orders that came, in whichever version came first; test orders are none.
    Orders,
    /// Refunds, those that wait for their order included.
    Refunds,
    /// By how much what members paid for orders and did not get back grew, in minor
    /// units: a new order adds all that was paid for it (tax, shipping and tip included),
    /// a later version the difference, a refund takes back what was paid back. Test
    /// orders add nothing.
    Spend,
    /// Rewards that were spent, at once or by capturing a hold, less those undone.
    Redemptions,
    /// Members who joined.
    Enrolled,
    /// Members heard of on the day: counted in their first row of the day that is not
    /// merely the passing of time.
    ActiveOnDay,
    /// Members heard of in the calendar month: counted in their first such row of the
    /// month.
    ActiveInMonth,
    /// Points that members were given by the rules.
    Issued,
    /// Points spent, less those that came back.
    Redeemed,
    /// Points that were booked as ended unspent.
    Expired,
    /// Points taken back from members.
    ClawedBack,
    /// Points that were to be taken back, were gone and are not owed, less those that
    /// their orders earned again since: they moved no member's points.
    WrittenOff,
    /// Points given by hand.
    AdjustedIn,
    /// Points taken by hand.
    AdjustedOut,
    /// Points given to causes.
    Donated,
    /// Points that members had from other members.
    TransferredIn,
    /// Points that members gave to other members.
    TransferredOut,
    /// Points that members came to owe.
    DebtIncreased,
    /// Points that repaid what members owed.
    DebtRepaid,
    /// By how much the points set aside for checkouts grew.
    Held,
}
