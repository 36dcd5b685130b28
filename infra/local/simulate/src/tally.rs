//! What members' lives add up to. Only sums and maxima, so that parts merge in any order.

use domain::{
    account::signed,
    change::{Change, Movement, Place},
    ids::{ExternalId, MemberId},
    order_state::OrderState,
    time::Instant,
};

use crate::top::Top;

/// What a part of the members adds up to.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    pub months: Vec<MonthSums>,
    /// By rule of the program, the points that it gave and that were not taken back.
    pub by_rule: Vec<i64>,
    pub orders: Top<OrderSeen>,
}

/// The sums of one month. Points are smallest units of the first currency, money is
/// minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MonthSums {
    pub moved: Moved,
    pub orders: i64,
    pub refunds: i64,
    pub redemptions: i64,
    pub joined: i64,
    /// Paid for orders less paid back.
    pub revenue: i64,
    /// What redeemed order credits took off orders.
    pub paid_with_points: i64,
    /// At its end: points that are spendable or wait.
    pub outstanding: i64,
    /// At its end: the part of those that waits.
    pub pending: i64,
    /// At its end: points owed.
    pub debt: i64,
    /// At its end: members.
    pub members: i64,
    /// At its end: members who can have some reward.
    pub can_afford: i64,
    /// At its end: members by level.
    pub levels: Vec<i64>,
}

/// Points that moved over the member's border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moved {
    pub issued: i64,
    pub redeemed: i64,
    pub expired: i64,
    pub clawed_back: i64,
}

/// One order, for the list of those that cost most; the first field orders equals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OrderSeen {
    pub id: ExternalId,
    pub member: MemberId,
    pub at: Instant,
    pub left: i64,
}

/// What a member has at some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub available: i64,
    pub pending: i64,
    pub debt: i64,
    /// The position of the level; `None` where the program has none.
    pub level: Option<usize>,
    pub can_afford: bool,
}

impl Tally {
    pub fn new(months: usize, levels: usize, rules: usize) -> Tally {
        let month = MonthSums { levels: vec![0; levels], ..MonthSums::default() };
        Tally { months: vec![month; months], by_rule: vec![0; rules], orders: Top::default() }
    }

    pub fn merge(&mut self, other: Tally) {
        for (month, other) in self.months.iter_mut().zip(&other.months) {
            month.add(other);
        }
        add_each(&mut self.by_rule, &other.by_rule);
        self.orders.merge(other.orders);
    }

    /// Counts what a member has at the end of a month.
    pub fn stands(&mut self, month: usize, standing: &Standing) {
        let sums = &mut self.months[month];
        sums.outstanding += standing.available + standing.pending;
        sums.pending += standing.pending;
        sums.debt += standing.debt;
        sums.members += 1;
        sums.can_afford += i64::from(standing.can_afford);
        if let Some(level) = standing.level {
            sums.levels[level] += 1;
        }
    }

    /// Counts what an order's rules give now and did not `before`.
    pub fn awarded(&mut self, before: Option<&OrderState>, now: &OrderState) {
        let awards = |state: Option<&OrderState>, sign: i64, by_rule: &mut Vec<i64>| {
            for award in state.iter().flat_map(|state| &state.awards) {
                by_rule[usize::from(award.rule)] += sign * signed(award.points);
            }
        };
        awards(before, -1, &mut self.by_rule);
        awards(Some(now), 1, &mut self.by_rule);
    }
}

impl MonthSums {
    fn add(&mut self, other: &MonthSums) {
        self.moved.add(&other.moved);
        for (sum, part) in [
            (&mut self.orders, other.orders),
            (&mut self.refunds, other.refunds),
            (&mut self.redemptions, other.redemptions),
            (&mut self.joined, other.joined),
            (&mut self.revenue, other.revenue),
            (&mut self.paid_with_points, other.paid_with_points),
            (&mut self.outstanding, other.outstanding),
            (&mut self.pending, other.pending),
            (&mut self.debt, other.debt),
            (&mut self.members, other.members),
            (&mut self.can_afford, other.can_afford),
        ] {
            *sum += part;
        }
        add_each(&mut self.levels, &other.levels);
    }
}

fn add_each(sums: &mut [i64], parts: &[i64]) {
    sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
}

impl Moved {
    pub fn add(&mut self, other: &Moved) {
        self.issued += other.issued;
        self.redeemed += other.redeemed;
        self.expired += other.expired;
        self.clawed_back += other.clawed_back;
    }

    /// What members have of it.
    pub fn left(&self) -> i64 {
        self.issued - self.redeemed - self.expired - self.clawed_back
    }

    /// What changes moved in the first currency.
    pub fn of(changes: &[Change]) -> Moved {
        let mut moved = Moved::default();
        for change in changes {
            match change {
                Change::Moved(movement) if movement.currency == 0 => moved.count(movement),
                _ => {}
            }
        }
        moved
    }

    fn count(&mut self, movement: &Movement) {
        let points = signed(movement.points);
        match (movement.from, movement.to) {
            // Taken back of what nobody has, and given back of that: no member sees it.
            (Place::Issued, Place::ClawedBack) | (Place::ClawedBack, Place::Issued) => {}
            (from, to) => {
                self.came(to, points);
                self.came(from, -points);
            }
        }
    }

    fn came(&mut self, place: Place, points: i64) {
        match place {
            Place::Issued => self.issued -= points,
            Place::Redeemed => self.redeemed += points,
            Place::Expired => self.expired += points,
            Place::ClawedBack => self.clawed_back += points,
            // The member's own places; no history gives by hand, donates or transfers.
            _ => {}
        }
    }
}
