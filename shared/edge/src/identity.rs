//! Identities: found by a keyed hash, never kept as they are.

use domain::fact::{Identity, IdentityKind};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Hashes identities with the installation's secret.
#[derive(Clone)]
pub struct IdentityHasher(Hmac<Sha256>);

impl IdentityHasher {
    /// A hasher with this secret.
    pub fn new(secret: &str) -> IdentityHasher {
        let mac = Hmac::new_from_slice(secret.as_bytes());
        IdentityHasher(mac.expect("HMAC takes a key of any length (RFC 2104)"))
    }

    /// The keyed hash of a text for one purpose.
    pub fn digest(&self, purpose: &str, text: &str) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(purpose.as_bytes());
        mac.update(b":");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// The keyed hash of an identity in its normal form, in hexadecimal.
    pub fn hash(&self, kind: IdentityKind, value: &str) -> Identity {
        let bytes = self.digest(kind.as_str(), &normal(kind, value));
        let hash = bytes.iter().take(20).map(|byte| format!("{byte:02x}")).collect();
        Identity { kind, hash }
    }
}

/// One person writes one address in several ways.
fn normal(kind: IdentityKind, value: &str) -> String {
    match kind {
        IdentityKind::Email => value.trim().to_lowercase(),
        IdentityKind::Phone => {
            let digits = value.chars().filter(|c| c.is_ascii_digit() || *c == '+');
            digits.collect::<String>()
        }
        IdentityKind::Card => value.chars().filter(|c| !c.is_whitespace() && *c != '-').collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_identity_hash_alike_and_kinds_do_not() {
        let hasher = IdentityHasher::new("a secret of at least thirty-two characters");
        let hash = |kind, value| hasher.hash(kind, value).hash;
        use IdentityKind::*;
        assert_eq!(hash(Email, " Ada@Example.org "), hash(Email, "ada@example.org"));
        assert_eq!(hash(Phone, "+44 20 7946-0018"), hash(Phone, "+442079460018"));
        assert_ne!(hash(Card, "4420"), hash(Phone, "4420"));
        let other = IdentityHasher::new("another secret of at least thirty-two");
        assert_ne!(hash(Card, "4420"), other.hash(Card, "4420").hash);
    }
}
