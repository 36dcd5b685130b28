//! What one program's rows of one recorded day add up to.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Figure, Sums};
use crate::{
    account::signed,
    change::{Change, Movement, Place},
    row::{Row, RowKind},
    time::{Day, Instant},
    window::RowKeys,
};

/// What rows add up to. Points are smallest units of the program's first currency.
///
/// Where points became spendable is not in it: the date at which they do is, and a report
/// compares it with its own. So a booked maturity and one that nobody has booked yet
/// look the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DayRollup {
    /// The single numbers.
    #[serde(skip_serializing_if = "Sums::is_empty")]
    pub figures: Sums<Figure>,
    /// By how much spendable points grew, by the day at whose start they end. In JSON
    /// pairs of a day's number and the points.
    #[serde(skip_serializing_if = "Sums::is_empty", with = "ends")]
    pub available: Sums<Day>,
    /// By how much waiting points grew, by the day at whose start they become spendable
    /// and the end that they then have. In JSON triples.
    #[serde(skip_serializing_if = "Sums::is_empty", with = "maturities")]
    pub pending: Sums<(Day, Day)>,
    /// By how much the members of each level grew.
    #[serde(skip_serializing_if = "Sums::is_empty")]
    pub tiers: Sums<String>,
}

impl DayRollup {
    /// What one row adds, and the day in `zone` on which it was recorded.
    pub fn of(row: &Row, zone: &TimeZone) -> (Day, DayRollup) {
        let day = Day::of(row.recorded_at, zone);
        let mut rollup = DayRollup::default();
        rollup.count(row, day, zone);
        for change in &row.changes {
            match change {
                Change::Moved(movement) if movement.currency == 0 => rollup.moved(movement, day),
                Change::Joined { .. } => rollup.figure(Figure::Enrolled, 1),
                Change::TierSet { from, to } => {
                    from.iter().for_each(|level| rollup.tiers.add(level.clone(), -1));
                    rollup.tiers.add(to.level.clone(), 1);
                }
                _ => {}
            }
        }
        (day, rollup)
    }

    /// Adds what other rows add up to.
    pub fn add(&mut self, other: &DayRollup) {
        self.figures.add_all(&other.figures);
        self.available.add_all(&other.available);
        self.pending.add_all(&other.pending);
        self.tiers.add_all(&other.tiers);
    }

    /// One of the single numbers.
    pub fn get(&self, figure: Figure) -> i64 {
        self.figures.get(&figure)
    }

    fn figure(&mut self, figure: Figure, amount: i64) {
        self.figures.add(figure, amount);
    }

    fn count(&mut self, row: &Row, day: Day, zone: &TimeZone) {
        self.figure(Figure::Rows, 1);
        match row.kind {
            RowKind::Refund if row.account.is_member() => self.figure(Figure::Refunds, 1),
            RowKind::Redeemed | RowKind::Captured => self.figure(Figure::Redemptions, 1),
            RowKind::Undone => self.figure(Figure::Redemptions, -1),
            _ => {}
        }
        if let Some(order) = &row.order {
            let is_new = order.left_before.is_none() && order.barred.is_none();
            self.figure(Figure::Orders, i64::from(is_new));
            self.figure(Figure::Spend, order.left() - order.left_before.unwrap_or(0));
        }
        if row.kind != RowKind::Settled && row.account.is_member() {
            let before = heard_before(row).map(|at| Day::of(at, zone));
            let month = |day: Day| day.date().first_of_month();
            let of_month = before.is_none_or(|before| month(before) < month(day));
            self.figure(Figure::ActiveOnDay, i64::from(before.is_none_or(|before| before < day)));
            self.figure(Figure::ActiveInMonth, i64::from(of_month));
        }
    }

    fn moved(&mut self, movement: &Movement, day: Day) {
        let points = signed(movement.points);
        match (movement.from, movement.to) {
            (Place::Issued, Place::ClawedBack) => self.figure(Figure::WrittenOff, points),
            (Place::ClawedBack, Place::Issued) => self.figure(Figure::WrittenOff, -points),
            (Place::Pending { matures_on, expires_on }, Place::Available { expires_on: end })
                if matures_on <= day && expires_on == end => {}
            (from, to) => {
                self.left(from, points);
                self.came(to, points);
            }
        }
    }

    fn left(&mut self, place: Place, points: i64) {
        match place {
            Place::Issued => self.figure(Figure::Issued, points),
            Place::Adjusted => self.figure(Figure::AdjustedIn, points),
            Place::Transferred => self.figure(Figure::TransferredIn, points),
            Place::Debt => self.figure(Figure::DebtIncreased, points),
            other => self.came(other, -points),
        }
    }

    fn came(&mut self, place: Place, points: i64) {
        match place {
            Place::Pending { matures_on, expires_on } => {
                self.pending.add((matures_on, expires_on), points);
            }
            Place::Available { expires_on } => self.available.add(expires_on, points),
            Place::Held { .. } => self.figure(Figure::Held, points),
            Place::Debt => self.figure(Figure::DebtRepaid, points),
            Place::Issued => self.figure(Figure::Issued, -points),
            Place::Redeemed => self.figure(Figure::Redeemed, points),
            Place::Expired => self.figure(Figure::Expired, points),
            Place::ClawedBack => self.figure(Figure::ClawedBack, points),
            Place::Donated => self.figure(Figure::Donated, points),
            Place::Adjusted => self.figure(Figure::AdjustedOut, points),
            Place::Transferred => self.figure(Figure::TransferredOut, points),
        }
    }
}

/// When the member was last heard of before a row: when the row before it was recorded,
/// but where that only booked the passing of time, the last that did not, to the hour.
fn heard_before(row: &Row) -> Option<Instant> {
    let window = &row.account.window;
    match window.keys(row.sequence).nth(1) {
        Some((_, RowKeys::None)) => window.hour_before().map(|hour| hour.instant().plus_millis(-1)),
        _ => row.previous_at,
    }
}

/// Sums by day as pairs of numbers.
mod ends {
    use super::{Day, Deserialize, Serialize, Sums};

    pub fn serialize<S: serde::Serializer>(sums: &Sums<Day>, to: S) -> Result<S::Ok, S::Error> {
        let pairs = sums.iter().map(|(end, points)| (end.number(), points));
        pairs.collect::<Vec<_>>().serialize(to)
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Sums<Day>, D::Error> {
        let pairs = Vec::<(u16, i64)>::deserialize(from)?;
        Ok(pairs.into_iter().map(|(end, points)| (Day::from_number(end), points)).collect())
    }
}

/// Sums by two days as triples of numbers.
mod maturities {
    use super::{Day, Deserialize, Serialize, Sums};

    pub fn serialize<S: serde::Serializer>(
        sums: &Sums<(Day, Day)>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let triples = sums.iter().map(|((on, end), points)| (on.number(), end.number(), points));
        triples.collect::<Vec<_>>().serialize(to)
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(
        from: D,
    ) -> Result<Sums<(Day, Day)>, D::Error> {
        let triples = Vec::<(u16, u16, i64)>::deserialize(from)?;
        let key = |on, end| (Day::from_number(on), Day::from_number(end));
        Ok(triples.into_iter().map(|(on, end, points)| (key(on, end), points)).collect())
    }
}
