//! The few greatest of many.

/// How many are kept.
pub(crate) const TOP: usize = 10;

/// The ten greatest by cost, of equal ones those that `T` puts first: the same whatever
/// the order in which they come.
#[derive(Clone, Debug)]
pub(crate) struct Top<T> {
    /// Greatest first.
    kept: Vec<(i64, T)>,
}

impl<T> Default for Top<T> {
    fn default() -> Top<T> {
        Top { kept: Vec::new() }
    }
}

impl<T: Ord> Top<T> {
    /// Whether something of this cost may be among them.
    pub fn admits(&self, cost: i64) -> bool {
        self.kept.len() < TOP || self.kept.last().is_some_and(|(least, _)| cost >= *least)
    }

    pub fn offer(&mut self, cost: i64, item: T) {
        if !self.admits(cost) {
            return;
        }
        let before = |(known, other): &(i64, T)| *known > cost || (*known == cost && *other < item);
        let at = self.kept.partition_point(before);
        self.kept.insert(at, (cost, item));
        self.kept.truncate(TOP);
    }

    pub fn merge(&mut self, other: Top<T>) {
        for (cost, item) in other.kept {
            self.offer(cost, item);
        }
    }

    pub fn into_items(self) -> impl Iterator<Item = (i64, T)> {
        self.kept.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_in_whatever_order_they_come() {
        let items: Vec<(i64, u32)> = (0..40).map(|n| (i64::from(n % 7), n)).collect();
        let kept = |items: &mut dyn Iterator<Item = &(i64, u32)>| {
            let mut top = Top::default();
            items.for_each(|(cost, item)| top.offer(*cost, *item));
            top.into_items().collect::<Vec<_>>()
        };
        let forwards = kept(&mut items.iter());
        assert_eq!(forwards, kept(&mut items.iter().rev()));
        assert_eq!(forwards[0], (6, 6));
        assert_eq!(forwards.len(), TOP);
    }
}
