//! Facts that arrive from shops: it is still to be found out whose they are.

use domain::{
    fact::{Fact, Identity, KeyedFact, Malformed, Order, Refund, Source},
    ids::{ExternalId, MemberId, ProgramId, SourceId},
    row::Chain,
    time::Instant,
};
use serde::{Deserialize, Serialize};

use crate::{credit::ascii, referral::Likeness};

/// The version of the shapes below; a message of version 1 is a [`crate::Credit`].
pub(crate) const VERSION: u32 = 2;

/// A fact of a shop. It holds ids, keyed hashes and what the rules ask for, nothing personal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arrival {
    /// Of which program.
    pub program: ProgramId,
    /// Where it came from.
    pub source: SourceId,
    /// Whether the times of its facts never change when they are sent again.
    pub has_key_times: bool,
    /// Who sent it, as rows name them.
    pub actor: String,
    /// When it was taken in.
    pub accepted_at: Instant,
    /// Whether a person with an account at the shop becomes a member by it.
    pub enrols: bool,
    /// Whether the shop has seen that email addresses belong to who gives them.
    pub emails_verified: bool,
    /// Who it is about, as far as the shop says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<KnownPerson>,
    /// What happened.
    pub fact: ArrivedFact,
}

/// A person as a shop knows them, without anything personal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownPerson {
    /// The shop's id of their account, which is the id that a member has who joins by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<MemberId>,
    /// What they can be found by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<Identity>,
    /// What they are told apart from other people by.
    #[serde(default, skip_serializing_if = "Likeness::is_empty")]
    pub likeness: Likeness,
    /// Codes they gave at the checkout; one may be that of the member who brought them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
}

/// What happened at a shop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ArrivedFact {
    /// An order was placed, or changed.
    Order(Order),
    /// Some or all of an order was paid back.
    Refund(Refund),
    /// A person has an account at the shop now.
    Person {
        /// Since when.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        created_at: Option<Instant>,
    },
}

/// The orders of a guest are to be taken over by the member that they became.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Takeover {
    /// Of which program.
    pub program: ProgramId,
    /// The guest's chain.
    pub guest: MemberId,
    /// Who they are now.
    pub member: MemberId,
}

#[derive(Serialize)]
struct Versioned<'a, T> {
    v: u32,
    kind: &'static str,
    #[serde(flatten)]
    content: &'a T,
}

impl Arrival {
    /// The message that carries it.
    pub fn message(&self) -> String {
        ascii(&Versioned { v: VERSION, kind: "arrival", content: self })
    }

    /// The source of its facts.
    pub fn source(&self) -> Source {
        Source { id: self.source.clone(), has_key_times: self.has_key_times }
    }

    /// The order or refund with its key; `None` for a person.
    ///
    /// # Errors
    ///
    /// [`Malformed`] when it cannot be one.
    pub fn keyed(&self) -> Result<Option<KeyedFact>, Malformed> {
        let (fact, id): (Fact, ExternalId) = match &self.fact {
            ArrivedFact::Order(order) => (Fact::Order(order.clone()), order.id.clone()),
            ArrivedFact::Refund(refund) => (Fact::Refund(refund.clone()), refund.id.clone()),
            ArrivedFact::Person { .. } => return Ok(None),
        };
        let keyed = KeyedFact::new(fact, &self.source(), &id, self.actor.clone())?;
        Ok(Some(KeyedFact { accepted_at: Some(self.accepted_at), ..keyed }))
    }
}

impl Takeover {
    /// The message that asks for it.
    pub fn message(&self) -> String {
        ascii(&Versioned { v: VERSION, kind: "takeover", content: self })
    }

    /// The guest's chain and the member's.
    pub fn chains(&self) -> (Chain, Chain) {
        let chain =
            |member: &MemberId| Chain { program: self.program.clone(), member: member.clone() };
        (chain(&self.guest), chain(&self.member))
    }
}
