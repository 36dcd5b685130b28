//! Identifiers: checked once, where they come in.

use std::{borrow::Borrow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The longest identifier from outside, in bytes of UTF-8.
pub const ID_BYTES_MAX: usize = 256;
/// The longest identifier in a definition, in bytes.
pub const SLUG_BYTES_MAX: usize = 64;

/// Why a text is no identifier.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum BadId {
    /// Nothing in it.
    #[error("an id must not be empty")]
    Empty,
    /// Longer than [`ID_BYTES_MAX`] or [`SLUG_BYTES_MAX`].
    #[error("an id has at most {limit} bytes, this one has {bytes}")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
        /// The most it may have.
        limit: usize,
    },
    /// A control character, which no shop sends on purpose and which forges log lines.
    #[error("an id must not contain control characters")]
    Control,
    /// An identifier of a definition is a slug.
    #[error("an id consists of a-z, 0-9, - and _, and starts with a letter or a digit")]
    NotASlug,
}

fn check_opaque(text: &str) -> Result<(), BadId> {
    if text.is_empty() {
        return Err(BadId::Empty);
    }
    if text.len() > ID_BYTES_MAX {
        return Err(BadId::TooLong { bytes: text.len(), limit: ID_BYTES_MAX });
    }
    if text.chars().any(char::is_control) {
        return Err(BadId::Control);
    }
    Ok(())
}

fn check_slug(text: &str) -> Result<(), BadId> {
    if text.len() > SLUG_BYTES_MAX {
        return Err(BadId::TooLong { bytes: text.len(), limit: SLUG_BYTES_MAX });
    }
    let Some(first) = text.bytes().next() else {
        return Err(BadId::Empty);
    };
    let of_slug = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    if !of_slug(first) || first == b'-' || first == b'_' || !text.bytes().all(of_slug) {
        return Err(BadId::NotASlug);
    }
    Ok(())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $check:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text as it came.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                $check(&text)?;
                Ok($name(text))
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                $name::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

id!(
    /// A program: `house`.
    ProgramId,
    check_slug
);
id!(
    /// Where facts come from: `shop`, `till`. Part of every key.
    SourceId,
    check_slug
);
id!(
    /// A member, opaque to the ledger. Two ids are the same only when their bytes are.
    MemberId,
    check_opaque
);
id!(
    /// An order, a refund or a request, as its source names it.
    ExternalId,
    check_opaque
);

impl SourceId {
    /// The source of facts that follow from rows.
    pub fn guerdon() -> SourceId {
        SourceId("guerdon".to_owned())
    }
}

/// What the ids of guests' chains begin with.
const GUEST: &str = "guest:";

impl MemberId {
    /// The chain of a guest who is known by the keyed hash of an identity only.
    pub fn guest(hash: &str) -> MemberId {
        MemberId(format!("{GUEST}{hash}"))
    }

    /// The keyed hash that a guest is known by; `None` for a member.
    pub fn guest_hash(&self) -> Option<&str> {
        self.0.strip_prefix(GUEST)
    }

    /// Whether this is a guest's chain, which nobody joins under.
    pub fn is_guest(&self) -> bool {
        self.0.starts_with(GUEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_from_outside_may_be_odd_but_not_empty_huge_or_forging() {
        for good in ["m-1", "ada@example", "مريم", "e\u{301}", "é", "a b", "🦀", "#1:2@3%"] {
            assert!(good.parse::<MemberId>().is_ok(), "{good}");
        }
        let long = "x".repeat(257);
        for bad in ["", "a\0b", "a\nb", "\u{85}", long.as_str()] {
            assert!(bad.parse::<MemberId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn twins_of_unicode_normalisation_stay_different() {
        assert_ne!("é".parse::<MemberId>(), "e\u{301}".parse::<MemberId>());
    }

    #[test]
    fn ids_of_a_definition_are_slugs() {
        assert!("black-friday_2".parse::<ProgramId>().is_ok());
        for bad in ["", "Spend", "a:b", "a/b", "-a", "a b"] {
            assert!(bad.parse::<ProgramId>().is_err(), "{bad:?}");
        }
    }
}
