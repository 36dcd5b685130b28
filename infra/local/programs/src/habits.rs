//! How members of a shop buy: how often, and how much in a time.

use std::collections::BTreeMap;

use domain::time::Day;

/// When each member bought, and for how much.
#[derive(Clone, Debug, Default)]
pub struct Habits {
    /// By member, the days with an order in their order, and what was spent on each in
    /// minor units.
    members: BTreeMap<String, Vec<(Day, i64)>>,
}

impl Habits {
    /// From every order: whose it is, its day, and its amount in minor units.
    pub fn new(orders: impl IntoIterator<Item = (String, Day, i64)>) -> Habits {
        let mut members: BTreeMap<String, Vec<(Day, i64)>> = BTreeMap::new();
        for (member, day, amount) in orders {
            members.entry(member).or_default().push((day, amount));
        }
        members.values_mut().for_each(|orders| orders.sort_unstable());
        Habits { members }
    }

    /// The middle of the days between two orders of a member, of those on different days.
    pub fn typical_gap_days(&self) -> Option<u32> {
        let pairs = self.members.values().flat_map(|orders| orders.windows(2));
        let gaps = pairs.map(|pair| u32::from(pair[1].0.number() - pair[0].0.number()));
        middle(gaps.filter(|gap| *gap > 0).collect())
    }

    /// What the middle member spends in the best time of so many days, in minor units, and
    /// in how many orders.
    pub fn typical_spend(&self, days: u32) -> Option<(i64, u64)> {
        let best: Vec<(i64, u64)> =
            self.members.values().map(|orders| best_within(orders, days)).collect();
        middle(best)
    }
}

/// The greatest sum of orders within so many days, and their number.
fn best_within(orders: &[(Day, i64)], days: u32) -> (i64, u64) {
    let (mut best, mut sum, mut first) = ((0, 0), 0_i64, 0);
    for (last, (day, amount)) in orders.iter().enumerate() {
        sum = sum.saturating_add(*amount);
        while u32::from(day.number() - orders[first].0.number()) >= days {
            sum = sum.saturating_sub(orders[first].1);
            first += 1;
        }
        best = best.max((sum, (last - first + 1) as u64));
    }
    best
}

/// The lower of the two in the middle.
fn middle<T: Ord + Copy>(mut all: Vec<T>) -> Option<T> {
    all.sort_unstable();
    all.get(all.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_gaps_and_of_spends() {
        let day = |number| Day::from_number(number);
        let orders = [("a", 0, 10), ("a", 10, 20), ("a", 40, 30), ("b", 5, 7), ("b", 5, 8)];
        let habits =
            Habits::new(orders.map(|(member, on, amount)| (member.to_owned(), day(on), amount)));
        assert_eq!(habits.typical_gap_days(), Some(10), "10 and 30; one day is no gap");
        assert_eq!(habits.typical_spend(15), Some((15, 2)), "of 30 and 15 the lower");
        assert_eq!(Habits::default().typical_spend(15), None);
    }
}
