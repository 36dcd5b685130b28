//! Sums by key, without the zeros.

use std::collections::{BTreeMap, btree_map};

use serde::{Deserialize, Serialize};

/// A signed sum for each key; a key that is not there has the sum 0.
///
/// Sums wrap, so that they are the same in whatever order their parts come. No program
/// comes near 2^63: a thousand accounts at the limit of points would have to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[serde(bound(deserialize = "K: Ord + Deserialize<'de>"))]
pub struct Sums<K>(BTreeMap<K, i64>);

impl<K> Default for Sums<K> {
    fn default() -> Sums<K> {
        Sums(BTreeMap::new())
    }
}

impl<K: Ord> Sums<K> {
    /// Adds to the sum of a key.
    pub fn add(&mut self, key: K, amount: i64) {
        if amount == 0 {
            return;
        }
        match self.0.entry(key) {
            btree_map::Entry::Vacant(entry) => {
                entry.insert(amount);
            }
            btree_map::Entry::Occupied(mut entry) => {
                let sum = entry.get().wrapping_add(amount);
                entry.insert(sum);
                if sum == 0 {
                    entry.remove();
                }
            }
        }
    }

    /// The sum of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> i64
    where
        K: std::borrow::Borrow<Q>,
    {
        self.0.get(key).copied().unwrap_or(0)
    }

    /// Whether all sums are 0.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sums that are not 0, ascending by key.
    pub fn iter(&self) -> impl Iterator<Item = (&K, i64)> {
        self.0.iter().map(|(key, sum)| (key, *sum))
    }
}

impl<K: Ord + Clone> Sums<K> {
    /// Adds other sums, key by key.
    pub fn add_all(&mut self, other: &Sums<K>) {
        for (key, amount) in other.iter() {
            self.add(key.clone(), amount);
        }
    }
}

impl<K: Ord> FromIterator<(K, i64)> for Sums<K> {
    fn from_iter<I: IntoIterator<Item = (K, i64)>>(parts: I) -> Sums<K> {
        let mut sums = Sums::default();
        parts.into_iter().for_each(|(key, amount)| sums.add(key, amount));
        sums
    }
}
