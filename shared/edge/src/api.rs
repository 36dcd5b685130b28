//! The shapes of HTTP: what callers send and what they get.
//!
//! Money is minor units with an ISO 4217 code, points are the program's smallest units,
//! times are RFC 3339. Unknown fields are errors.

mod activities;
mod answers;
mod enrolment;
mod goals;
mod marking;
mod orders;
mod spending;

pub use activities::{
    ACTIVITIES_MAX, Accepted, AcceptedActivity, NewActivities, NewActivity, Quantity, WouldBe,
};
pub use answers::{
    Balance, Ending, HistoryPage, Moved, NextLevel, Outcome, PendingPoints, PointsName, Recorded,
    RewardAnswer, RowSummary, Statement, TierAnswer,
};
pub use enrolment::{
    BirthdayTold, ConsentsTold, MemberAnswer, NewConsent, NewIdentities, NewMember, NewReferral,
    ReferralAnswer, ReferralCode, ReferralSetAside, ReferralsSetAside,
};
pub use goals::{BadgeAnswer, GoalAnswer, StepAnswer, counts};
pub use marking::{NewGrant, NewJoining, NewMarking, day};
pub use orders::{Buyer, NewGuest, NewLine, NewOrder, NewRefund, NewRefundLine, NewTender};
pub use spending::{NewAdjustment, NewCapture, NewRedemption};

use domain::money::{Currency, MONEY_MAX};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Problem;

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units: 1999 is £19.99.
    pub amount: i64,
    /// The ISO 4217 code: `GBP`.
    pub currency: String,
}

impl Money {
    /// An amount.
    pub fn new(amount: i64, currency: Currency) -> Money {
        Money { amount, currency: currency.code().to_owned() }
    }

    /// The amount in minor units, if it is in `currency`.
    ///
    /// # Errors
    ///
    /// A problem that names `field` when it is in another currency or absurd.
    pub fn minor(&self, field: &str, currency: Currency) -> Result<i64, Problem> {
        let given: Currency = self.code(field)?;
        if given != currency {
            let detail = format!("{field} is in {given}, expected {currency}");
            return Err(Problem::unprocessable("CURRENCY", detail));
        }
        if !(0..=MONEY_MAX).contains(&self.amount) {
            let detail = format!("{field} must be between 0 and {MONEY_MAX}, not {}", self.amount);
            return Err(Problem::unprocessable("AMOUNT", detail));
        }
        Ok(self.amount)
    }

    /// The currency.
    ///
    /// # Errors
    ///
    /// A problem that names `field` when the code is none.
    pub fn code(&self, field: &str) -> Result<Currency, Problem> {
        self.currency
            .parse()
            .map_err(|error| Problem::unprocessable("CURRENCY", format!("{field}: {error}")))
    }
}

/// Reads an id.
pub(crate) fn id<T>(field: &str, text: String) -> Result<T, Problem>
where
    T: TryFrom<String, Error = domain::ids::BadId>,
{
    T::try_from(text).map_err(|error| Problem::bad_request("ID", format!("{field}: {error}")))
}
