//! Members as callers send and see them.

use domain::{
    fact::{Consent, Enrolment, IdentityKind},
    ids::MemberId,
    order_state::OrderState,
    referral::{Referral, Stage},
    time::Day,
    time::Instant,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BadgeAnswer, GoalAnswer, TierAnswer, id};
use crate::{IdentityHasher, NewBirthday, Problem};

/// A person who joins.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// The shop's id of the person; it never changes.
    pub id: String,
    /// When they joined, if not now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub enrolled_at: Option<Instant>,
    /// What they can be found by. Only keyed hashes are kept.
    #[serde(default)]
    pub identities: NewIdentities,
    /// Whether the shop has seen that the email address is theirs. Only then orders that were
    /// placed with it before are taken over, where the program does that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub email_verified: bool,
    /// The code of the member who brought them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral_code: Option<String>,
    /// Their postal address, by which alone nobody is found: it tells whether a friend is
    /// somebody else. Only a keyed hash is kept, and only where the program has referrals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What they agreed to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<NewConsent>,
    /// The month and day they were born on, such as `02-29`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthday: Option<NewBirthday>,
}

/// When a member was born.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BirthdayTold {
    /// The month and day, such as `02-29`; none forgets it.
    pub birthday: Option<NewBirthday>,
}

/// What a member can be found by.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIdentities {
    /// A membership card's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// An email address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// Whether the member agreed to a purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConsent {
    /// What for: `marketing`, `profiling` …; `leaderboard` lets others see how far the
    /// member is with challenges that rank members.
    pub purpose: String,
    /// Whether they did.
    pub granted: bool,
}

/// What a member agrees to from now on.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentsTold {
    /// Purposes that are not named stay as they are.
    pub consents: Vec<NewConsent>,
}

/// A member.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MemberAnswer {
    /// The shop's id of the person.
    pub id: String,
    /// The day they joined.
    pub since: String,
    /// Their level, where the program has levels.
    pub tier: Option<TierAnswer>,
    /// What the shop has marked them with.
    pub labels: Vec<String>,
    /// What they have completed that gives a badge.
    pub badges: Vec<BadgeAnswer>,
    /// Challenges and bonuses, and how far they are.
    pub goals: Vec<GoalAnswer>,
    /// Who brought them, and how far that is.
    pub referral: Option<ReferralAnswer>,
    /// What they agreed to.
    pub consents: Vec<NewConsent>,
}

/// Who brought a member, and how far that is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ReferralAnswer {
    /// Who.
    pub by: String,
    /// The day on which it was claimed.
    pub claimed_on: String,
    /// `claimed`, `rejected`, `qualified` by an order, `matured` once the wait is over,
    /// `rewarded` with points for who brought them, or `reversed` because the order was given
    /// back.
    pub state: &'static str,
    /// Why it was rejected, or why it matured and nothing is given for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
}

impl ReferralAnswer {
    /// The referral of a friend, and what has come of it for the member who brought them.
    pub fn of(referral: &Referral, credited: Option<(&OrderState, Day)>) -> ReferralAnswer {
        let state = referral.state;
        let stage =
            credited.map_or(state.stage(), |(credited, day)| state.stage_with(credited, day));
        let not_given = || credited?.0.awards.iter().find_map(|award| award.reason);
        let reason = match stage {
            Stage::Matured => not_given(),
            _ => state.reason(),
        };
        ReferralAnswer {
            by: referral.by.to_string(),
            claimed_on: referral.on.to_string(),
            state: stage.as_str(),
            code: reason.map(|reason| reason.code()),
        }
    }
}

/// A code by which a member brings friends.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ReferralCode {
    /// The code.
    pub code: String,
    /// The address that friends follow, where the program has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// A member says who brought them.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReferral {
    /// The code of who brought them.
    pub code: String,
}

/// The claims that were set aside.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ReferralsSetAside {
    /// One for each friend.
    pub referrals: Vec<ReferralSetAside>,
}

/// A claim that was set aside, for the shop to look at.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ReferralSetAside {
    /// The friend.
    pub member: String,
    /// Who says to have brought them.
    pub by: String,
    /// The reason code.
    pub code: String,
    /// When it was claimed.
    #[schemars(with = "String")]
    pub claimed_at: Instant,
}

/// The most purposes of one member.
const CONSENTS_MAX: usize = 20;
/// The longest identity, in bytes.
const IDENTITY_BYTES_MAX: usize = 320;

impl NewMember {
    /// The member and the enrolment as a fact.
    ///
    /// # Errors
    ///
    /// A problem that names the field.
    pub fn into_fact(self, hasher: &IdentityHasher) -> Result<(MemberId, Enrolment), Problem> {
        let NewIdentities { card, email, phone } = self.identities;
        let kinds = [
            (IdentityKind::Card, card),
            (IdentityKind::Email, email),
            (IdentityKind::Phone, phone),
        ];
        let mut identities = Vec::new();
        for (kind, value) in kinds {
            let Some(value) = value else { continue };
            is_identity(&format!("identities.{}", kind.as_str()), &value)?;
            identities.push(hasher.hash(kind, &value));
        }
        let consents = consents(self.consents)?;
        let enrolled_at = self.enrolled_at;
        let enrolment = Enrolment { enrolled_at, identities, consents, referral: None };
        Ok((id("id", self.id)?, enrolment))
    }
}

/// Looks at what somebody is to be found by.
pub(super) fn is_identity(path: &str, value: &str) -> Result<(), Problem> {
    if value.trim().is_empty() || value.len() > IDENTITY_BYTES_MAX {
        let detail = format!("{path} is empty or too long");
        return Err(Problem::unprocessable("IDENTITY", detail).with("path", path));
    }
    Ok(())
}

fn consents(told: Vec<NewConsent>) -> Result<Vec<Consent>, Problem> {
    if told.len() > CONSENTS_MAX {
        return Err(too_many_consents());
    }
    let consent = |consent: NewConsent| {
        id::<domain::ids::SourceId>("consents.purpose", consent.purpose)
            .map(|purpose| Consent { purpose: purpose.into(), granted: consent.granted })
    };
    told.into_iter().map(consent).collect()
}

fn too_many_consents() -> Problem {
    Problem::unprocessable("CONSENTS", format!("at most {CONSENTS_MAX} consents"))
}

impl ConsentsTold {
    /// Looks at it without a member.
    ///
    /// # Errors
    ///
    /// A problem that names the field.
    pub fn check(&self) -> Result<(), Problem> {
        consents(self.consents.clone()).map(|_| ())
    }

    /// Puts it in the place of what was told before.
    ///
    /// # Errors
    ///
    /// A problem when that makes too many purposes.
    pub fn replace(&self, known: &mut Vec<NewConsent>) -> Result<(), Problem> {
        for told in &self.consents {
            let same = known.iter_mut().filter(|known| known.purpose == told.purpose);
            if same.map(|known| known.granted = told.granted).count() == 0 {
                known.push(told.clone());
            }
        }
        if known.len() > CONSENTS_MAX { Err(too_many_consents()) } else { Ok(()) }
    }
}
