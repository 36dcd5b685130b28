//! Facts: what happened outside, as far as the rules need it.
//!
//! To add a kind of fact, write it in a file of its own, add a variant, and follow the
//! compiler to the one `match` in `decide.rs`.

mod activity;
mod enrolment;
mod marking;
mod order;
mod redemption;
mod refund;

pub use activity::{Activity, UNITS_MAX, is_activity_kind};
pub use enrolment::{Consent, Enrolment, Identity, IdentityKind, ReferralClaim};
pub use marking::{Grant, LABELS_MAX, Marking};
pub use order::{LINES_MAX, Line, Order, QUANTITY_MAX, TENDERS_MAX, Tender};
pub use redemption::{Adjustment, Capture, HOLD_MINUTES_DEFAULT, HOLD_MINUTES_MAX, Redemption};
pub use refund::{Refund, RefundLine, RefundedWhat};

use serde::Serialize;
use thiserror::Error;

use crate::{
    birthday::Birthday,
    ids::{ExternalId, MemberId, SourceId},
    key::{FactKey, Fingerprint, time_inside},
    order_state::OrderState,
    time::Instant,
};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// A person became a member.
    Enrolled(Enrolment),
    /// An order was placed, or changed.
    Order(Order),
    /// The member did something besides buying, or what is known of it changed.
    Activity(Activity),
    /// Some or all of an order was paid back.
    Refund(Refund),
    /// A member wants a reward, at once or held for a checkout.
    Redemption(Redemption),
    /// A held reward is spent, in full or in part.
    Capture(Capture),
    /// A held reward is given back.
    Release {
        /// The hold: the sequence of the row that made it.
        hold: u64,
    },
    /// A redemption is undone.
    Undoing {
        /// The redemption, or the capture: the sequence of its row.
        redemption: u64,
    },
    /// A person of the shop gives or takes points.
    Adjustment(Adjustment),
    /// The shop marks the member with words, or takes such marks away.
    Marking(Marking),
    /// The shop gives the member a level.
    Grant(Grant),
    /// The member takes up a challenge.
    Joining {
        /// Which.
        challenge: String,
    },
    /// The member says who brought them.
    Referred(ReferralClaim),
    /// An order that the member placed as a guest is theirs now, as it stands.
    Claimed(Box<OrderState>),
    /// The guest became a member.
    MovedOn {
        /// Who.
        to: MemberId,
    },
    /// Time passed.
    Passing,
}

/// Where a fact came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name, which is part of every key.
    pub id: SourceId,
    /// Whether the time that this source gives with a fact never changes when it sends
    /// the fact again. Only such a time may prove that a fact is new.
    pub has_key_times: bool,
}

/// A fact that was checked, with the key and the fingerprint it is known by.
#[derive(Clone, Debug)]
pub struct KeyedFact {
    /// What happened.
    pub fact: Fact,
    /// What it is; the passing of time has no key.
    pub key: Option<FactKey>,
    /// The key of the order it is about, when that is another one.
    pub order_key: Option<FactKey>,
    /// For an activity, the key of what it is about.
    pub subject_key: Option<FactKey>,
    /// When the source says the fact was made, if that is a fixed property of its key.
    pub key_time: Option<Instant>,
    /// The hash of its content.
    pub fingerprint: Fingerprint,
    /// Who caused it: the name of an API key, a connection or a schedule.
    pub actor: String,
    /// When it was taken in, where it waited on a queue since: a fact without a time of its
    /// own happened then, and what must come in time came then.
    pub accepted_at: Option<Instant>,
    /// What draws follow from, where the program draws.
    pub seed: u64,
    /// The member's birthday, where the program asks for it. It decides and is not kept.
    pub birthday: Option<Birthday>,
}

/// Why a fact cannot be one, whatever the account.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Malformed {
    /// More lines than [`LINES_MAX`], or none.
    #[error("{what} must have 1 to {max} lines, this one has {lines}")]
    Lines {
        /// `an order` or `a refund`.
        what: &'static str,
        /// How many it has.
        lines: usize,
        /// The most it may have.
        max: usize,
    },
    /// An amount that is negative or absurd.
    #[error("{field} must be between 0 and {max}, this one is {amount}")]
    Amount {
        /// Its path in the body.
        field: String,
        /// The amount.
        amount: i64,
        /// The most it may be.
        max: i64,
    },
    /// A quantity that is zero or absurd.
    #[error("{field} must be between 1 and {max}, this one is {quantity}")]
    Quantity {
        /// Its path in the body.
        field: String,
        /// The quantity.
        quantity: u64,
        /// The most it may be.
        max: u64,
    },
    /// A discount beyond the price.
    #[error("{field} is more than what it is taken from")]
    Discount {
        /// Its path in the body.
        field: String,
    },
    /// Two lines with one id.
    #[error("two lines have the id {id:?}")]
    LineIdTwice {
        /// The id.
        id: String,
    },
    /// A text that is too long or has control characters.
    #[error("{field} is no valid text: {problem}")]
    Text {
        /// Its path in the body.
        field: String,
        /// What is wrong.
        problem: crate::ids::BadId,
    },
    /// A points amount of zero or beyond the limit.
    #[error("{field} must be between 1 and 9007199254740991 smallest units")]
    Points {
        /// Its path in the body.
        field: String,
    },
    /// A word that names no kind of activity.
    #[error("an activity is named by lower-case letters, digits, - and _, and is no order")]
    ActivityKind,
    /// No label, or too many.
    #[error("a member is marked with 1 to {max} labels at a time")]
    Labels {
        /// The most.
        max: usize,
    },
    /// A hold that is too short or too long.
    #[error("a hold lasts 1 to {max} minutes, this one {minutes}")]
    HoldMinutes {
        /// The minutes asked for.
        minutes: u32,
        /// The most there may be.
        max: u32,
    },
}

impl Malformed {
    /// The stable reason code.
    pub fn code(&self) -> &'static str {
        match self {
            Malformed::Lines { .. } => "LINES",
            Malformed::Amount { .. } => "AMOUNT",
            Malformed::Quantity { .. } => "QUANTITY",
            Malformed::Discount { .. } => "DISCOUNT",
            Malformed::LineIdTwice { .. } => "LINE_ID_TWICE",
            Malformed::Text { .. } => "TEXT",
            Malformed::Points { .. } => "POINTS",
            Malformed::ActivityKind => "ACTIVITY_KIND",
            Malformed::Labels { .. } => "LABELS",
            Malformed::HoldMinutes { .. } => "HOLD_MINUTES",
        }
    }
}

impl KeyedFact {
    /// Checks a fact and gives it its key. `request` is the caller's idempotency key,
    /// which facts without an id of their own are known by.
    ///
    /// # Errors
    ///
    /// [`Malformed`] when the fact cannot be one.
    pub fn new(
        fact: Fact,
        source: &Source,
        request: &ExternalId,
        actor: String,
    ) -> Result<KeyedFact, Malformed> {
        fact.check()?;
        let keyed = |key: FactKey, order_key, key_time| (Some(key), order_key, key_time);
        let (key, order_key, key_time) = match &fact {
            Fact::Passing => (None, None, None),
            Fact::Enrolled(_) => keyed(FactKey::enrolment(), None, None),
            Fact::Order(order) => {
                let key = FactKey::order_version(&source.id, &order.id, order.version);
                let whole = FactKey::order(&source.id, &order.id);
                let order_key = order.version.is_some().then_some(whole);
                keyed(key, order_key, key_time(source, order.placed_at, &order.id))
            }
            Fact::Refund(refund) => {
                let order_key = FactKey::order(&source.id, &refund.order);
                let time = key_time(source, refund.refunded_at, &refund.id);
                keyed(FactKey::refund(&source.id, &refund.id), Some(order_key), time)
            }
            Fact::Activity(activity) => {
                let (id, version) = (&activity.id, activity.version);
                let key = FactKey::activity_version(&source.id, id, version);
                let whole = FactKey::activity_version(&source.id, id, None);
                let order_key = version.is_some().then_some(whole);
                keyed(key, order_key, key_time(source, activity.done_at, id))
            }
            // Made by [`crate::guest::claims`], with the keys of the guest's row.
            Fact::Claimed(_) => (None, None, None),
            Fact::MovedOn { .. } => keyed(FactKey::moving_on(), None, None),
            // A redemption is undone once, whoever asks.
            Fact::Undoing { redemption } => keyed(FactKey::undoing(*redemption), None, None),
            Fact::Redemption(_)
            | Fact::Capture(_)
            | Fact::Release { .. }
            | Fact::Adjustment(_)
            | Fact::Marking(_)
            | Fact::Grant(_)
            | Fact::Referred(_)
            | Fact::Joining { .. } => {
                let key = FactKey::request(&source.id, request);
                keyed(key, None, time_inside(request.as_str()))
            }
        };
        // JSON of our own types: a field that is absent leaves no trace in it, so that a
        // later release with one more optional field makes the same fingerprints.
        let content = serde_json::to_vec(&fact).unwrap_or_default();
        let fingerprint = Fingerprint::of(&content);
        let subject_key = match &fact {
            Fact::Activity(Activity { activity, subject: Some(subject), .. }) => {
                Some(FactKey::subject(activity, subject))
            }
            _ => None,
        };
        Ok(KeyedFact {
            fact,
            key,
            order_key,
            subject_key,
            key_time,
            fingerprint,
            actor,
            accepted_at: None,
            seed: 0,
            birthday: None,
        })
    }

    /// The passing of time, as `actor` noticed it.
    pub fn passing(actor: &str) -> KeyedFact {
        KeyedFact {
            fact: Fact::Passing,
            key: None,
            order_key: None,
            subject_key: None,
            key_time: None,
            fingerprint: Fingerprint::of(b"passing"),
            actor: actor.to_owned(),
            accepted_at: None,
            seed: 0,
            birthday: None,
        }
    }

    /// The key of the order or activity that this fact is about.
    pub fn about_order(&self) -> Option<&FactKey> {
        match &self.fact {
            Fact::Order(_) | Fact::Activity(_) | Fact::Refund(_) | Fact::Claimed(_) => {
                self.order_key.as_ref().or(self.key.as_ref())
            }
            _ => None,
        }
    }
}

fn key_time(source: &Source, given: Option<Instant>, id: &ExternalId) -> Option<Instant> {
    given.filter(|_| source.has_key_times).or_else(|| time_inside(id.as_str()))
}

impl Fact {
    /// When the fact says it happened.
    pub fn occurred_at(&self) -> Option<Instant> {
        match self {
            Fact::Enrolled(enrolment) => enrolment.enrolled_at,
            Fact::Order(order) => order.placed_at,
            Fact::Activity(activity) => activity.done_at,
            Fact::Refund(refund) => refund.refunded_at,
            Fact::Claimed(order) => Some(order.placed_at),
            _ => None,
        }
    }

    /// Whether the fact takes points that must be there, so that a stale head must not
    /// decide it.
    pub fn spends(&self) -> bool {
        matches!(
            self,
            Fact::Redemption(_)
                | Fact::Capture(_)
                | Fact::Release { .. }
                | Fact::Adjustment(_)
                | Fact::Undoing { .. }
                | Fact::Passing
        )
    }

    fn check(&self) -> Result<(), Malformed> {
        match self {
            Fact::Enrolled(_)
            | Fact::Release { .. }
            | Fact::Passing
            | Fact::Referred(_)
            | Fact::Claimed(_)
            | Fact::MovedOn { .. }
            | Fact::Joining { .. }
            | Fact::Undoing { .. } => Ok(()),
            Fact::Activity(activity) => activity.check(),
            Fact::Marking(marking) => marking.check(),
            Fact::Grant(grant) => grant.check(),
            Fact::Order(order) => order.check(),
            Fact::Refund(refund) => refund.check(),
            Fact::Redemption(redemption) => redemption.check(),
            Fact::Capture(capture) => capture.check(),
            Fact::Adjustment(adjustment) => adjustment.check(),
        }
    }
}

/// Checks an amount of money that may not be negative.
fn check_amount(field: impl Into<String>, amount: i64) -> Result<(), Malformed> {
    let max = crate::money::MONEY_MAX;
    if (0..=max).contains(&amount) {
        return Ok(());
    }
    Err(Malformed::Amount { field: field.into(), amount, max })
}
