//! A person becoming a member.

use serde::{Deserialize, Serialize};

use crate::{ids::MemberId, reason::Reason, time::Instant};

/// A person became a member. Nothing here is personal: identities are keyed hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Enrolment {
    /// When, if not now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrolled_at: Option<Instant>,
    /// What the member can be found by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<Identity>,
    /// What the member agreed to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<Consent>,
    /// Who brought them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral: Option<ReferralClaim>,
}

/// A person says who brought them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReferralClaim {
    /// Who.
    pub by: MemberId,
    /// Why it does not count, as was found out when it was claimed: no part of what was said.
    #[serde(skip)]
    pub rejected: Option<Reason>,
    /// The shop has looked at it: it counts whatever was found out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub approved: bool,
}

/// Something that a member can be found by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// What it is.
    pub kind: IdentityKind,
    /// The keyed hash of its normalised value, in hexadecimal.
    pub hash: String,
}

/// The kinds of identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// A membership card's number.
    Card,
    /// An email address.
    Email,
    /// A telephone number.
    Phone,
}

impl IdentityKind {
    /// The word for it in keys.
    pub fn as_str(self) -> &'static str {
        match self {
            IdentityKind::Card => "card",
            IdentityKind::Email => "email",
            IdentityKind::Phone => "phone",
        }
    }
}

/// Whether the member agreed to one purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// What for: `marketing`, `profiling` …
    pub purpose: String,
    /// Whether they did.
    pub granted: bool,
}
