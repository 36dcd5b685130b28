//! Movements in words.

use schemars::JsonSchema;
use serde::Serialize;

use super::words;
use crate::{
    change::{Movement, Place},
    program::Program,
    time::Day,
};

/// Points going from one bucket to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExplainedMovement {
    /// The currency's id.
    pub currency: String,
    /// How many.
    pub points: u64,
    /// The bucket they left.
    pub from: String,
    /// The bucket they came to.
    pub to: String,
    /// For pending points, the day on which they become spendable; none when they wait
    /// for their order's status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matures_on: Option<String>,
    /// The day at whose start the points end; none when they do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<String>,
    /// The same in words.
    pub sentence: String,
}

pub(super) fn explain(program: &Program, movement: &Movement) -> ExplainedMovement {
    let index = usize::from(movement.currency);
    let currency = program.currencies.get(index).unwrap_or(program.points());
    let amount = words::points(currency, movement.points);
    let days = days(movement.to).or(days(movement.from));
    let (matures_on, expires_on) = days.unwrap_or((None, Day::NEVER));
    ExplainedMovement {
        currency: currency.id.clone(),
        points: movement.points.units(),
        from: movement.from.bucket().to_owned(),
        to: movement.to.bucket().to_owned(),
        matures_on: matures_on.and_then(words::unless_never),
        expires_on: words::unless_never(expires_on),
        sentence: format!("{amount} {}", what(movement.from, movement.to)),
    }
}

/// The maturity and the end that a place of the member's has.
fn days(place: Place) -> Option<(Option<Day>, Day)> {
    match place {
        Place::Pending { matures_on, expires_on } => Some((Some(matures_on), expires_on)),
        Place::Available { expires_on } | Place::Held { expires_on, .. } => {
            Some((None, expires_on))
        }
        _ => None,
    }
}

fn what(from: Place, to: Place) -> String {
    use Place::{
        Adjusted, Available, ClawedBack, Debt, Donated, Expired, Held, Issued, Pending, Redeemed,
    };
    match (from, to) {
        (Issued, Pending { matures_on: Day::NEVER, .. }) => {
            "issued, pending until the order's status comes".into()
        }
        (Issued, Pending { matures_on, .. }) => format!("issued, pending until {matures_on}"),
        (Issued, Available { expires_on }) => format!("issued{}", lasting(expires_on)),
        (Issued, Debt) => "issued, which repay debt".into(),
        (Issued, ClawedBack) => "taken back that are gone: written off".into(),
        (ClawedBack, Issued) => "earned again that were written off".into(),
        (Pending { .. }, Available { expires_on }) => {
            format!("became spendable{}", lasting(expires_on))
        }
        (Pending { .. }, Debt) => "became spendable and repaid debt".into(),
        (Pending { .. }, ClawedBack) => "taken back while pending".into(),
        (Available { .. }, ClawedBack) => "taken back".into(),
        (Debt, ClawedBack) => "taken back that were spent: now owed".into(),
        (_, Expired) => "expired".into(),
        (Available { .. }, Held { .. }) => "set aside".into(),
        (Held { .. }, Available { expires_on }) => format!("given back{}", lasting(expires_on)),
        (Held { .. }, Debt) => "given back, which repay debt".into(),
        (_, Redeemed) => "spent".into(),
        (_, Donated) => "donated".into(),
        (Redeemed | Donated, Available { expires_on }) => {
            format!("given back{}", lasting(expires_on))
        }
        (Redeemed | Donated, Debt) => "given back, which repay debt".into(),
        (Expired, Available { expires_on }) => format!("came back{}", lasting(expires_on)),
        (Expired, Debt) => "came back and repaid debt".into(),
        (Adjusted, Available { expires_on }) => format!("given by hand{}", lasting(expires_on)),
        (Adjusted, Debt) => "given by hand, which repay debt".into(),
        (_, Adjusted) => "taken by hand".into(),
        (from, to) => format!("went from {} to {}", from.bucket(), to.bucket()),
    }
}

fn lasting(expires_on: Day) -> String {
    words::unless_never(expires_on).map_or(String::new(), |day| format!(", until {day}"))
}
