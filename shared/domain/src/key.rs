//! Keys: what a fact is, so that a copy of it is recognised for ever.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    ids::{ExternalId, SourceId},
    time::Instant,
};

/// What a fact is. Different facts have different keys whatever their ids contain: the
/// separators of a key are escaped inside an id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactKey(String);

impl FactKey {
    /// A member's enrolment: one a chain.
    pub fn enrolment() -> FactKey {
        FactKey("enrolled".to_owned())
    }

    /// An order in all its versions.
    pub fn order(source: &SourceId, id: &ExternalId) -> FactKey {
        FactKey(format!("order:{source}:{}", escaped(id)))
    }

    /// One version of an order; an order without versions is its own only one.
    pub fn order_version(source: &SourceId, id: &ExternalId, version: Option<u64>) -> FactKey {
        FactKey::order(source, id).version_of_order(version)
    }

    /// A version of the order that this is the key of.
    pub(crate) fn version_of_order(&self, version: Option<u64>) -> FactKey {
        let FactKey(order) = self;
        FactKey(version.map_or(order.clone(), |version| format!("{order}@{version}")))
    }

    /// One version of an activity; `None` is the activity in all its versions, or its only
    /// one.
    pub fn activity_version(source: &SourceId, id: &ExternalId, version: Option<u64>) -> FactKey {
        let activity = format!("activity:{source}:{}", escaped(id));
        FactKey(version.map_or(activity.clone(), |version| format!("{activity}@{version}")))
    }

    /// What activities of one kind are about, whatever their source.
    pub fn subject(activity: &str, subject: &str) -> FactKey {
        FactKey(format!("about:{activity}:{subject}"))
    }

    /// That the guest of this chain became a member.
    pub fn moving_on() -> FactKey {
        FactKey("moved-on".to_owned())
    }

    /// The id in the key of an activity in all its versions, where a source told it.
    pub(crate) fn id_in(&self, source: &SourceId) -> Option<String> {
        let id = self.0.strip_prefix(&format!("activity:{source}:"))?;
        Some(id.replace("%40", "@").replace("%3A", ":").replace("%25", "%"))
    }

    /// A refund.
    pub fn refund(source: &SourceId, id: &ExternalId) -> FactKey {
        FactKey(format!("refund:{source}:{}", escaped(id)))
    }

    /// That the redemption in this row of the chain is undone.
    pub fn undoing(redemption: u64) -> FactKey {
        FactKey(format!("undone:{redemption}"))
    }

    /// Anything else that a caller asked for under an idempotency key of theirs.
    pub fn request(source: &SourceId, id: &ExternalId) -> FactKey {
        FactKey(format!("request:{source}:{}", escaped(id)))
    }

    /// A key read back from a row.
    pub fn stored(text: String) -> FactKey {
        FactKey(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The short hash that an account remembers the key by.
    pub fn hash(&self) -> KeyHash {
        let digest = Sha256::digest(self.0.as_bytes());
        KeyHash([digest[0], digest[1], digest[2], digest[3]])
    }

    /// A hash long enough to stand for the key where it is kept without its text.
    pub fn digest(&self) -> KeyDigest {
        let digest = Sha256::digest(self.0.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        KeyDigest(bytes)
    }
}

fn escaped(id: &ExternalId) -> String {
    let mut text = String::with_capacity(id.as_str().len());
    for c in id.as_str().chars() {
        match c {
            '%' => text.push_str("%25"),
            ':' => text.push_str("%3A"),
            '@' => text.push_str("%40"),
            other => text.push(other),
        }
    }
    text
}

impl fmt::Display for FactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for FactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// The first four bytes of a key's SHA-256. Two keys may share it: it says where to
/// look, never what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyHash(pub [u8; 4]);

/// The first sixteen bytes of a key's SHA-256, which stand for the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KeyDigest(pub [u8; 16]);

/// A hash of a fact's normalised content: the same key with another one is another
/// fact under a used key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub [u8; 8]);

impl Fingerprint {
    /// The fingerprint of content in its normal form.
    pub fn of(content: &[u8]) -> Fingerprint {
        let digest = Sha256::digest(content);
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&digest[..8]);
        Fingerprint(bytes)
    }
}

/// The creation time inside an id that carries one: a UUID of version 7 (RFC 9562
/// section 5.7) or a ULID, both 48 bits of epoch milliseconds.
pub fn time_inside(id: &str) -> Option<Instant> {
    let millis = uuid_v7_millis(id).or_else(|| ulid_millis(id))?;
    Some(Instant::from_millis(i64::try_from(millis).ok()?))
}

fn uuid_v7_millis(id: &str) -> Option<u64> {
    let bytes = id.as_bytes();
    let hyphens = [8, 13, 18, 23];
    let shaped = bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, b)| match hyphens.contains(&at) {
            true => *b == b'-',
            false => b.is_ascii_hexdigit(),
        });
    let variant = shaped && matches!(bytes[19].to_ascii_lowercase(), b'8' | b'9' | b'a' | b'b');
    if !variant || bytes[14] != b'7' {
        return None;
    }
    u64::from_str_radix(&[&id[..8], &id[9..13]].concat(), 16).ok()
}

fn ulid_millis(id: &str) -> Option<u64> {
    const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    if id.len() != 26 || !id.is_ascii() {
        return None;
    }
    let digit = |b: u8| {
        let upper = b.to_ascii_uppercase();
        CROCKFORD.iter().position(|&c| c == upper).map(|at| at as u64)
    };
    let digits: Option<Vec<u64>> = id.bytes().map(digit).collect();
    let digits = digits?;
    // 26 digits of 5 bits are 130: the first may not exceed 7.
    (digits[0] <= 7).then(|| digits[..10].iter().fold(0, |millis, d| millis << 5 | d))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_that_carry_a_time_give_it() {
        let cases = [
            ("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", Some("2022-02-22T19:22:22Z")),
            ("01ARZ3NDEKTSV4RRFFQ69G5FAV", Some("2016-07-30T23:54:10.259Z")),
            ("017f22e2-79b0-4cc3-98c4-dc0c0c07398f", None),
            ("81ARZ3NDEKTSV4RRFFQ69G5FAV", None),
            ("order-7", None),
        ];
        for (id, expected) in cases {
            assert_eq!(time_inside(id).map(|at| at.to_string()).as_deref(), expected, "{id}");
        }
    }

    fn id() -> impl Strategy<Value = ExternalId> {
        "[a:@%0-9é]{1,6}".prop_map(|text| text.parse().expect("an id"))
    }

    proptest! {
        #[test]
        fn failure_21_different_facts_never_share_a_key(
            a in id(), b in id(), va in proptest::option::of(0_u64..12), vb in proptest::option::of(0_u64..12)
        ) {
            let source: SourceId = "shop".parse().expect("a slug");
            let order = |id, version| FactKey::order_version(&source, id, version);
            prop_assert_eq!(order(&a, va) == order(&b, vb), (&a, va) == (&b, vb));
            prop_assert_ne!(order(&a, va), FactKey::refund(&source, &b));
            prop_assert_ne!(FactKey::request(&source, &a), FactKey::refund(&source, &b));
        }
    }
}
