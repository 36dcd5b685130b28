//! How many rows the members of each bucket have, and the sum of their hashes: a second
//! witness, by which a row that vanished from the ledger is missed.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ids::MemberId;

/// Over how many buckets the members of a program are spread.
pub const BUCKETS: usize = 64;

/// The bucket of a member, below [`BUCKETS`].
pub fn bucket_of(member: &MemberId) -> usize {
    usize::from(Sha256::digest(member.as_str().as_bytes())[0]) % BUCKETS
}

/// The rows of one bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// How many.
    pub rows: u64,
    /// The first 64 bits of their hashes, summed modulo 2^64.
    pub hash_sum: u64,
}

/// The rows of a program by member bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Packed", into = "Packed")]
pub struct BucketSums([Bucket; BUCKETS]);

impl Default for BucketSums {
    fn default() -> BucketSums {
        BucketSums([Bucket::default(); BUCKETS])
    }
}

impl Bucket {
    fn add(&mut self, other: Bucket) {
        self.rows = self.rows.wrapping_add(other.rows);
        self.hash_sum = self.hash_sum.wrapping_add(other.hash_sum);
    }
}

impl BucketSums {
    /// Counts a row of a member whose hash begins with `hash`.
    pub fn count(&mut self, member: &MemberId, hash: u64) {
        self.0[bucket_of(member)].add(Bucket { rows: 1, hash_sum: hash });
    }

    /// Adds what other rows add up to.
    pub fn add(&mut self, other: &BucketSums) {
        for (bucket, other) in self.0.iter_mut().zip(other.0) {
            bucket.add(other);
        }
    }

    /// All buckets, in order.
    pub fn buckets(&self) -> &[Bucket; BUCKETS] {
        &self.0
    }
}

/// The sums as they are kept: numbers of rows, and sums in hexadecimal, which JSON
/// readers do not round.
#[derive(Serialize, Deserialize)]
struct Packed {
    rows: Vec<u64>,
    sums: String,
}

const HEX_DIGITS: usize = 16;

impl From<BucketSums> for Packed {
    fn from(sums: BucketSums) -> Packed {
        Packed {
            rows: sums.0.iter().map(|bucket| bucket.rows).collect(),
            sums: sums.0.iter().map(|bucket| format!("{:016x}", bucket.hash_sum)).collect(),
        }
    }
}

impl TryFrom<Packed> for BucketSums {
    type Error = &'static str;
    fn try_from(packed: Packed) -> Result<BucketSums, Self::Error> {
        const ODD: &str = "not 64 counts and 64 sums of 16 hexadecimal digits";
        if packed.rows.len() != BUCKETS || packed.sums.len() != BUCKETS * HEX_DIGITS {
            return Err(ODD);
        }
        let mut sums = BucketSums::default();
        for (at, (bucket, rows)) in sums.0.iter_mut().zip(packed.rows).enumerate() {
            let digits = packed.sums.get(at * HEX_DIGITS..(at + 1) * HEX_DIGITS).ok_or(ODD)?;
            let hash_sum = u64::from_str_radix(digits, 16).map_err(|_| ODD)?;
            *bucket = Bucket { rows, hash_sum };
        }
        Ok(sums)
    }
}
