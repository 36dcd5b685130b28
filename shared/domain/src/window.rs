//! The keys of an account's last rows, and what is known of all the others.
//!
//! How a fact is known to be new without a second item: a key whose hash stands in the
//! window may belong to one of its rows, so those rows are read; a key whose own time is
//! later than [`KeyWindow::floor`] belongs to no row that left the window, because the
//! floor is at least the key time of each of them; for all other keys the chain is
//! searched.

use serde::{Deserialize, Serialize};

use crate::{key::KeyHash, time::Instant};

/// An hour since 2000-01-01T00:00Z. Key times in the window are rounded up to it, which
/// errs towards a search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hour(u32);

const EPOCH_2000_MILLIS: i64 = 946_684_800_000;
const MILLIS_AN_HOUR: i64 = 3_600_000;

impl Hour {
    /// The first full hour at or after `at`.
    pub fn at_or_after(at: Instant) -> Hour {
        let millis = (at.millis() - EPOCH_2000_MILLIS).max(0);
        let hours = (millis + MILLIS_AN_HOUR - 1) / MILLIS_AN_HOUR;
        Hour(u32::try_from(hours).unwrap_or(u32::MAX))
    }

    /// The instant it begins.
    pub fn instant(self) -> Instant {
        Instant::from_millis(EPOCH_2000_MILLIS + i64::from(self.0) * MILLIS_AN_HOUR)
    }

    /// This hour, `hours` later.
    #[must_use]
    pub fn plus(self, hours: u32) -> Hour {
        Hour(self.0.saturating_add(hours))
    }

    /// Hours from `earlier` to this one; none when it is not earlier.
    pub fn since(self, earlier: Hour) -> u32 {
        self.0.saturating_sub(earlier.0)
    }
}

/// The keys that one row is found by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowKeys {
    /// None: time passed.
    #[default]
    None,
    /// The fact's own.
    Own(KeyHash),
    /// The fact's own, and that of the order or of the thing it is about.
    OwnAndOrder(KeyHash, KeyHash),
    /// The fact's own, that of the activity it is about, and that of what this is about.
    OwnAndOrderAndSubject(KeyHash, KeyHash, KeyHash),
}

impl RowKeys {
    /// Whether a row with these keys may hold the key with this hash.
    pub fn may_hold(&self, hash: KeyHash) -> bool {
        self.hashes().any(|known| known == hash)
    }

    /// The hashes.
    pub fn hashes(&self) -> impl Iterator<Item = KeyHash> + use<> {
        let all = match *self {
            RowKeys::None => [None, None, None],
            RowKeys::Own(own) => [Some(own), None, None],
            RowKeys::OwnAndOrder(own, order) => [Some(own), Some(order), None],
            RowKeys::OwnAndOrderAndSubject(own, order, subject) => {
                [Some(own), Some(order), Some(subject)]
            }
        };
        all.into_iter().flatten()
    }
}

/// The keys of the last rows of a chain, one slot a row, and the floor below which
/// older rows' keys lie.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Packed", into = "Packed")]
pub struct KeyWindow {
    /// Oldest first; the last belongs to the newest row.
    slots: Vec<Slot>,
    floor: Hour,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    keys: RowKeys,
    hour: Hour,
}

impl KeyWindow {
    /// The latest of key time and recorded time of every keyed row that has left the
    /// window, rounded up to the hour.
    pub fn floor(&self) -> Instant {
        self.floor.instant()
    }

    /// How many rows it covers.
    pub fn rows(&self) -> usize {
        self.slots.len()
    }

    /// The sequences of rows that may hold this key, newest first, where `head` is the
    /// sequence of the newest row.
    pub fn may_hold(&self, hash: KeyHash, head: u64) -> Vec<u64> {
        let newest_first = self.slots.iter().rev().zip((0..=head).rev());
        newest_first.filter(|(slot, _)| slot.keys.may_hold(hash)).map(|(_, at)| at).collect()
    }

    /// The keys of each row covered, newest first, where `head` is the sequence of the
    /// newest row.
    pub fn keys(&self, head: u64) -> impl Iterator<Item = (u64, RowKeys)> + '_ {
        (0..=head).rev().zip(self.slots.iter().rev().map(|slot| slot.keys))
    }

    /// The hour of the newest row but the last that has a key.
    pub fn hour_before(&self) -> Option<Hour> {
        let mut before = self.slots.iter().rev().skip(1);
        before.find(|slot| slot.keys != RowKeys::None).map(|slot| slot.hour)
    }

    /// Takes in the newest row; rows beyond `limit` leave and raise the floor.
    pub fn push(&mut self, keys: RowKeys, hour: Hour, limit: usize) {
        self.slots.push(Slot { keys, hour });
        let leaving = self.slots.len().saturating_sub(limit);
        for slot in self.slots.drain(..leaving) {
            if slot.keys != RowKeys::None {
                self.floor = self.floor.max(slot.hour);
            }
        }
    }
}

/// The window as it is kept: hours as differences, which take a byte or two.
#[derive(Serialize, Deserialize)]
struct Packed {
    floor: u32,
    slots: Vec<(RowKeys, i32)>,
}

impl From<KeyWindow> for Packed {
    fn from(window: KeyWindow) -> Packed {
        let mut before = window.floor.0;
        let slots = window.slots.iter().map(|slot| {
            let difference = slot.hour.0.wrapping_sub(before).cast_signed();
            before = slot.hour.0;
            (slot.keys, difference)
        });
        Packed { floor: window.floor.0, slots: slots.collect() }
    }
}

impl From<Packed> for KeyWindow {
    fn from(packed: Packed) -> KeyWindow {
        let mut before = packed.floor;
        let slots = packed.slots.into_iter().map(|(keys, difference)| {
            before = before.wrapping_add(difference.cast_unsigned());
            Slot { keys, hour: Hour(before) }
        });
        KeyWindow { slots: slots.collect(), floor: Hour(packed.floor) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(n: u8) -> KeyHash {
        KeyHash([n; 4])
    }

    #[test]
    fn a_row_that_leaves_raises_the_floor_unless_it_had_no_key() {
        let mut window = KeyWindow::default();
        window.push(RowKeys::Own(hash(1)), Hour(100), 2);
        window.push(RowKeys::None, Hour(300), 2);
        window.push(RowKeys::OwnAndOrder(hash(2), hash(1)), Hour(200), 2);
        assert_eq!(window.floor, Hour(100));
        assert_eq!(window.may_hold(hash(1), 3), [3]);
        window.push(RowKeys::Own(hash(1)), Hour(50), 2);
        assert_eq!(window.floor, Hour(100), "the row without a key does not count");
        assert_eq!(window.may_hold(hash(1), 4), [4, 3]);
        assert_eq!(window.may_hold(hash(9), 4), [] as [u64; 0]);
    }

    #[test]
    fn it_is_the_same_after_packing() {
        let mut window = KeyWindow::default();
        for (n, hour) in [(1, 235_000), (2, 234_990), (3, 236_000)] {
            window.push(RowKeys::Own(hash(n)), Hour(hour), 2);
        }
        let packed = Packed::from(window.clone());
        assert_eq!(KeyWindow::from(packed), window);
    }

    #[test]
    fn hours_round_up() {
        let hour = Hour::at_or_after(Instant::from_millis(EPOCH_2000_MILLIS + 1));
        assert_eq!(hour, Hour(1));
        assert_eq!(Hour::at_or_after(hour.instant()), Hour(1));
    }
}
