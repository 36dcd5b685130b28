//! Joining: what is written beside the row of somebody who becomes a member.

use domain::{
    fact::{Enrolment, Identity, IdentityKind},
    ids::{MemberId, ProgramId},
    row::Chain,
};
use serde::{Deserialize, Serialize};
use store::{
    registry::{self, Address},
    tables::{Condition, Consistency, Failure, Put, Tables},
};

use crate::{Recorder, Takeover};

/// Which member an identity belongs to.
#[derive(Debug, Serialize, Deserialize)]
struct BelongsTo {
    member: MemberId,
    /// Whether the shop has seen that it is theirs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    verified: bool,
}

/// Somebody who joins, and what they can be found by.
#[derive(Clone, Copy, Debug)]
pub struct Joining<'a> {
    /// Their chain.
    pub chain: &'a Chain,
    /// What they tell.
    pub enrolment: &'a Enrolment,
    /// Whether the shop has seen that the email address is theirs.
    pub email_verified: bool,
}

impl Joining<'_> {
    /// The puts that reserve their identities: nobody else may have one of them.
    ///
    /// # Errors
    ///
    /// As [`registry::put_of`].
    pub fn puts(&self) -> Result<Vec<Put>, Failure> {
        let put = |identity: &Identity| {
            let verified = identity.kind == IdentityKind::Email && self.email_verified;
            let belongs = BelongsTo { member: self.chain.member.clone(), verified };
            registry::put_of(&address(&self.chain.program, identity), &belongs, Condition::Absent)
        };
        self.enrolment.identities.iter().map(put).collect()
    }

    /// Asks for the orders that they placed as a guest, if there are any, after they joined:
    /// only an address that the shop has seen to be theirs proves whose they are.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`], or the queue's. Joining again asks again.
    pub async fn ask_for_guest_orders(&self, recorder: &impl Recorder) -> Result<(), Failure> {
        let guest = guest_of(&self.enrolment.identities).filter(|_| self.email_verified);
        let Some(guest) = guest else { return Ok(()) };
        let program = self.chain.program.clone();
        let takeover = Takeover { program, guest, member: self.chain.member.clone() };
        let (guest, _) = takeover.chains();
        match recorder.ledger().head(&guest, Consistency::Strong).await? {
            Some(_) => recorder.queue_credits(&[takeover.message()]).await,
            None => Ok(()),
        }
    }
}

/// The chain of a guest who has these identities: an email address's.
pub fn guest_of(identities: &[Identity]) -> Option<MemberId> {
    let email = identities.iter().find(|identity| identity.kind == IdentityKind::Email)?;
    Some(MemberId::guest(&email.hash))
}

/// The member whose email address this is, as the shop has seen.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn member_with_email(
    tables: &impl Tables,
    program: &ProgramId,
    identities: &[Identity],
    consistency: Consistency,
) -> Result<Option<MemberId>, Failure> {
    let email = identities.iter().find(|identity| identity.kind == IdentityKind::Email);
    let Some(email) = email else { return Ok(None) };
    let found: Option<BelongsTo> =
        registry::read(tables, &address(program, email), consistency).await?;
    Ok(found.filter(|belongs| belongs.verified).map(|belongs| belongs.member))
}

fn address(program: &ProgramId, identity: &Identity) -> Address {
    Address::identity(program, identity.kind.as_str(), &identity.hash)
}
